// SPDX-License-Identifier: Apache-2.0
// A transaction names a chain and one sender, and its data holds a digest in one form; what we
// assemble reads back as it was. Input: bytes from the network, or (first byte 0) fields of ours.
#include "core/check.h"
#include "core/evm/transaction.h"
#include "core/hash.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

constexpr std::size_t kFieldsBytes = 2 + 5 * 8 + evm::kAddressBytes + 65;

void check_received(ByteView input) {
    const auto transaction = evm::parse_transaction(input);
    if (!transaction.ok()) return;
    FIELDSEAL_CHECK(transaction->chain_id >= 1 && transaction->chain_id <= evm::kChainIdMax);
    FIELDSEAL_CHECK(transaction->hash == keccak256(input));
    if (const auto digest = evm::digest_of_anchor_call(transaction->data)) {
        FIELDSEAL_CHECK(evm::anchor_call(*digest) == transaction->data);
    }
    if (const auto digest = evm::digest_of_anchor_note(transaction->data)) {
        FIELDSEAL_CHECK(evm::anchor_note(*digest) == transaction->data);
    }
    Bytes longer = to_bytes(input);
    longer.push_back(0);
    FIELDSEAL_CHECK(!evm::parse_transaction(longer).ok());
}

void check_made(ByteView fields) {
    evm::TransactionTbs tbs;
    tbs.type = fields[1] % 2 == 0 ? evm::TransactionType::fee_market : evm::TransactionType::legacy;
    ByteView rest = fields.subspan(2);
    for (std::uint64_t* number :
         {&tbs.chain_id, &tbs.nonce, &tbs.max_priority_fee, &tbs.max_fee, &tbs.gas_limit}) {
        *number = read_u64_be(rest) >> (fields[1] % 64);
        rest = rest.subspan(8);
    }
    std::copy_n(rest.begin(), tbs.to.size(), tbs.to.begin());
    rest = rest.subspan(tbs.to.size());
    evm::TransactionSignature signature;
    std::copy_n(rest.begin(), signature.rs.size(), signature.rs.begin());
    signature.y_parity = rest[signature.rs.size()];
    tbs.data = to_bytes(fields.subspan(kFieldsBytes));
    const auto raw = evm::assemble(tbs, signature);
    if (!raw.ok()) return;
    const auto read = evm::parse_transaction(*raw);
    const auto sender = evm::recover_address(keccak256(tbs.preimage().value()), signature);
    FIELDSEAL_CHECK(read.ok() == sender.ok());
    if (!read.ok()) return;
    FIELDSEAL_CHECK(read->sender == *sender && read->type == tbs.type && read->to == tbs.to);
    FIELDSEAL_CHECK(read->chain_id == tbs.chain_id && read->nonce == tbs.nonce);
    FIELDSEAL_CHECK(read->data == tbs.data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    check_received(input);
    if (size >= kFieldsBytes && input[0] == 0) check_made(input);
    return 0;
}
