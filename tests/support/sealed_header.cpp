// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sealed_header.h"

#include "core/evm/rlp.h"
#include "core/hash.h"

#include <algorithm>

namespace fieldseal::testing {
namespace {

using evm::Mode;
namespace rlp = evm::rlp;

const Bytes kEmptyList = rlp::encode_list(ByteView());

Bytes or_else(const Bytes& wrong, Bytes right) {
    return wrong.empty() ? std::move(right) : wrong;
}

Bytes encode_addresses(std::vector<evm::Address> addresses) {
    std::sort(addresses.begin(), addresses.end());
    std::vector<Bytes> items;
    for (const auto& address : addresses) items.push_back(rlp::encode_string(address));
    return rlp::encode_list(items);
}

Bytes encode_round(const HeaderDraft& draft) {
    if (draft.mode == Mode::qbft) return rlp::encode_u64(draft.round);
    Bytes four;
    append_u32_be(four, draft.round);
    return rlp::encode_string(four);
}

// vanity, validators, vote, round: what every form of extraData starts with.
std::vector<Bytes> extra_start(const HeaderDraft& draft) {
    const Bytes no_vote = draft.mode == Mode::qbft ? kEmptyList : rlp::encode_string({});
    return {rlp::encode_string(Bytes(32)),
            or_else(draft.validators_item, encode_addresses(draft.validators)),
            or_else(draft.vote, no_vote), or_else(draft.round_item, encode_round(draft))};
}

Bytes header_with_extra(const HeaderDraft& draft, const Bytes& extra) {
    const Bytes mix_hash =
        to_bytes(as_bytes("ctical byzantine fault tolerance"));  // Besu's constant
    std::vector<Bytes> items = {
        rlp::encode_string(draft.parent_hash),
        or_else(draft.ommers_hash_item, rlp::encode_string(keccak256(kEmptyList))),
        rlp::encode_string(draft.coinbase),
        rlp::encode_string(Bytes(32)),
        rlp::encode_string(draft.transactions_root),
        rlp::encode_string(draft.receipts_root),
        rlp::encode_string(Bytes(256)),
        or_else(draft.difficulty_item, rlp::encode_u64(1)),
        rlp::encode_u64(draft.number),
        rlp::encode_u64(30'000'000),
        rlp::encode_u64(0),
        rlp::encode_u64(draft.timestamp),
        rlp::encode_string(extra),
        or_else(draft.mix_hash_item, rlp::encode_string(mix_hash)),
        or_else(draft.nonce_item, rlp::encode_string(Bytes(8)))};
    while (items.size() < draft.fields) items.push_back(rlp::encode_u64(7));
    items.resize(draft.fields);
    return rlp::encode_list(items);
}

Bytes make_seal(const ChainAccount& account, const Digest& commit_hash, std::uint8_t base) {
    const auto signature = account.sign(commit_hash);
    Bytes seal = to_bytes(signature.rs);
    seal.push_back(static_cast<std::uint8_t>(signature.y_parity + base));
    return rlp::encode_string(seal);
}

}  // namespace

Bytes make_header(const HeaderDraft& draft) {
    if (draft.mode == Mode::plain) return header_with_extra(draft, {});
    std::vector<Bytes> extra = extra_start(draft);
    std::vector<Bytes> signed_extra = extra;
    if (draft.mode == Mode::qbft) signed_extra.push_back(kEmptyList);
    const Digest commit = keccak256(header_with_extra(draft, rlp::encode_list(signed_extra)));
    std::vector<Bytes> seals;
    for (const ChainAccount* sealer : draft.sealers) {
        seals.push_back(make_seal(*sealer, commit, draft.recovery_base));
    }
    if (!draft.seal_tail.empty()) seals.push_back(draft.seal_tail);
    extra.push_back(rlp::encode_list(seals));
    if (!draft.extra_tail.empty()) extra.push_back(draft.extra_tail);
    return header_with_extra(draft, rlp::encode_list(extra));
}

std::vector<ChainAccount> make_validators(std::size_t count) {
    std::vector<ChainAccount> accounts;
    while (accounts.size() < count) {
        accounts.emplace_back(static_cast<std::uint8_t>(accounts.size() + 1));
    }
    std::sort(accounts.begin(), accounts.end(), [](const ChainAccount& a, const ChainAccount& b) {
        return a.address() < b.address();
    });
    return accounts;
}

std::vector<evm::Address> addresses_of(std::span<const ChainAccount> accounts) {
    std::vector<evm::Address> addresses;
    for (const ChainAccount& account : accounts) addresses.push_back(account.address());
    return addresses;
}

std::vector<const ChainAccount*> first_sealers(std::span<const ChainAccount> accounts,
                                               std::size_t count) {
    std::vector<const ChainAccount*> sealers;
    for (const ChainAccount& account : accounts.first(count)) sealers.push_back(&account);
    return sealers;
}

}  // namespace fieldseal::testing
