// SPDX-License-Identifier: Apache-2.0
// What a chain node answers: whatever is taken as a header or a list of items gives the hash or
// root it was asked for.
#include "anchor/evm/block.h"
#include "anchor/evm/json_fields.h"
#include "anchor/evm/json_rpc.h"
#include "core/check.h"
#include "core/evm/transaction.h"
#include "core/evm/trie.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto reply = anchor::parse_rpc_reply(as_text({data, size}), 1);
    if (!reply.ok()) {
        FIELDSEAL_CHECK(reply.error().code == Errc::corrupt);
        return 0;
    }
    if (reply->error) {
        anchor::classify(*reply->error);
        return 0;
    }
    const json::Value& result = reply->result;
    if (const auto raw = anchor::rebuild_transaction(result)) {
        const auto transaction = evm::parse_transaction(*raw);
        if (transaction.ok()) FIELDSEAL_CHECK(transaction->hash != Digest{});
    }
    ignore_error(anchor::rebuild_receipt(result), "only its bytes matter");
    for (const evm::Mode mode : {evm::Mode::qbft, evm::Mode::ibft2, evm::Mode::plain}) {
        const auto hash = anchor::JsonFields(result, "block").hash("hash");
        if (!hash.ok()) return 0;
        const auto header = anchor::read_header(result, mode, *hash);
        if (!header.ok()) continue;
        FIELDSEAL_CHECK(header->block_hash == *hash);
        const auto items = anchor::read_transactions(result, *header);
        if (items.ok()) FIELDSEAL_CHECK(evm::trie_root(*items) == header->transactions_root);
    }
    return 0;
}
