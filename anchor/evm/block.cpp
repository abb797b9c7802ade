// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/block.h"

#include "anchor/evm/json_fields.h"
#include "core/encoding.h"
#include "core/evm/rlp.h"
#include "core/evm/trie.h"

#include <array>

namespace fieldseal::anchor {
namespace {

namespace rlp = evm::rlp;

constexpr std::size_t kBloomBytes = 256;
constexpr std::size_t kNonceBytes = 8;
constexpr std::size_t kTopicsMax = 4;
constexpr std::uint64_t kTypeMax = 4;

enum class Form : std::uint8_t { integer, data };

struct Field {
    std::string_view member;
    Form form;
    std::size_t bytes;  // of data; 0 = any length
};

constexpr std::array kHeaderFields = {
    Field{"parentHash", Form::data, kDigestBytes},
    Field{"sha3Uncles", Form::data, kDigestBytes},
    Field{"miner", Form::data, evm::kAddressBytes},
    Field{"stateRoot", Form::data, kDigestBytes},
    Field{"transactionsRoot", Form::data, kDigestBytes},
    Field{"receiptsRoot", Form::data, kDigestBytes},
    Field{"logsBloom", Form::data, kBloomBytes},
    Field{"difficulty", Form::integer, 0},
    Field{"number", Form::integer, 0},
    Field{"gasLimit", Form::integer, 0},
    Field{"gasUsed", Form::integer, 0},
    Field{"timestamp", Form::integer, 0},
    Field{"extraData", Form::data, 0},
    Field{"mixHash", Form::data, kDigestBytes},
    Field{"nonce", Form::data, kNonceBytes},
};

// Each fork appended some: the first absent one ends the header.
constexpr std::array kForkFields = {
    Field{"baseFeePerGas", Form::integer, 0},
    Field{"withdrawalsRoot", Form::data, kDigestBytes},
    Field{"blobGasUsed", Form::integer, 0},
    Field{"excessBlobGas", Form::integer, 0},
    Field{"parentBeaconBlockRoot", Form::data, kDigestBytes},
    Field{"requestsHash", Form::data, kDigestBytes},
};
// After them, under either name, and last of all the slot number.
constexpr std::array kAccessListNames = {std::string_view("balHash"),
                                         std::string_view("blockAccessListHash")};
constexpr Field kSlotNumber = {"slotNumber", Form::integer, 0};

Result<Bytes> encode(const JsonFields& in, const Field& field) {
    if (field.form == Form::integer) {
        return rlp::encode_integer(FIELDSEAL_TRY(in.integer(field.member)));
    }
    if (field.bytes == 0) return rlp::encode_string(FIELDSEAL_TRY(in.data(field.member)));
    return rlp::encode_string(FIELDSEAL_TRY(in.data(field.member, field.bytes)));
}

Result<Bytes> integer(const JsonFields& in, std::string_view member) {
    return encode(in, {member, Form::integer, 0});
}

Result<Bytes> hashes(const json::Array& values, std::string_view what) {
    std::vector<Bytes> items;
    for (const json::Value& value : values) {
        items.push_back(rlp::encode_string(FIELDSEAL_TRY(read_hash(value, what))));
    }
    return rlp::encode_list(items);
}

// [[address, [storage keys]]]
Result<Bytes> access_list(const JsonFields& in) {
    std::vector<Bytes> entries;
    for (const json::Value& value : *FIELDSEAL_TRY(in.array("accessList"))) {
        const JsonFields entry(value, "accessList");
        const json::Array* keys = FIELDSEAL_TRY(entry.array("storageKeys"));
        const std::array pair = {
            rlp::encode_string(FIELDSEAL_TRY(entry.data("address", evm::kAddressBytes))),
            FIELDSEAL_TRY(hashes(*keys, "storageKeys"))};
        entries.push_back(rlp::encode_list(pair));
    }
    return rlp::encode_list(entries);
}

// [[chain id, address, nonce, y parity, r, s]] (EIP-7702)
Result<Bytes> authorization_list(const JsonFields& in) {
    std::vector<Bytes> entries;
    for (const json::Value& value : *FIELDSEAL_TRY(in.array("authorizationList"))) {
        const JsonFields entry(value, "authorizationList");
        const std::array items = {
            FIELDSEAL_TRY(integer(entry, "chainId")),
            rlp::encode_string(FIELDSEAL_TRY(entry.data("address", evm::kAddressBytes))),
            FIELDSEAL_TRY(integer(entry, "nonce")),
            FIELDSEAL_TRY(integer(entry, entry.has("yParity") ? "yParity" : "v")),
            FIELDSEAL_TRY(integer(entry, "r")),
            FIELDSEAL_TRY(integer(entry, "s"))};
        entries.push_back(rlp::encode_list(items));
    }
    return rlp::encode_list(entries);
}

Result<std::uint64_t> type_of(const JsonFields& in) {
    if (!in.has("type")) return std::uint64_t{0};
    const std::uint64_t type = FIELDSEAL_TRY(in.quantity("type"));
    if (type > kTypeMax) {
        return in.error("type", std::to_string(type) + " is not known to this version");
    }
    return type;
}

// Type byte and list; no byte for legacy ones (EIP-2718).
Bytes typed(std::uint64_t type, const std::vector<Bytes>& items) {
    Bytes bytes;
    if (type != 0) bytes.push_back(static_cast<std::uint8_t>(type));
    append(bytes, rlp::encode_list(items));
    return bytes;
}

// gasPrice, or the two fees of a fee market.
Result<void> add_fees(std::vector<Bytes>& items, const JsonFields& in, std::uint64_t type) {
    if (type <= 1) {
        items.push_back(FIELDSEAL_TRY(integer(in, "gasPrice")));
        return {};
    }
    items.push_back(FIELDSEAL_TRY(integer(in, "maxPriorityFeePerGas")));
    items.push_back(FIELDSEAL_TRY(integer(in, "maxFeePerGas")));
    return {};
}

// What stands between the call's data and the signature.
Result<void> add_lists(std::vector<Bytes>& items, const JsonFields& in, std::uint64_t type) {
    if (type >= 1) items.push_back(FIELDSEAL_TRY(access_list(in)));
    if (type == 3) {
        items.push_back(FIELDSEAL_TRY(integer(in, "maxFeePerBlobGas")));
        const json::Array* blobs = FIELDSEAL_TRY(in.array("blobVersionedHashes"));
        items.push_back(FIELDSEAL_TRY(hashes(*blobs, "blobVersionedHashes")));
    }
    if (type == 4) items.push_back(FIELDSEAL_TRY(authorization_list(in)));
    return {};
}

Result<Bytes> log_record(const json::Value& value) {
    const JsonFields in(value, "log");
    const json::Array& topics = *FIELDSEAL_TRY(in.array("topics"));
    if (topics.size() > kTopicsMax) return in.error("topics", "more than four");
    const std::array items = {
        rlp::encode_string(FIELDSEAL_TRY(in.data("address", evm::kAddressBytes))),
        FIELDSEAL_TRY(hashes(topics, "topics")),
        rlp::encode_string(FIELDSEAL_TRY(in.data("data")))};
    return rlp::encode_list(items);
}

Error wrong_root(const evm::Header& header, std::string_view what) {
    return Error{Errc::corrupt, "the " + std::string(what) + " it shows for block " +
                                    std::to_string(header.number) +
                                    " do not give the root in that block's header"};
}

Result<evm::Header> parse(const json::Value& block, evm::Mode mode) {
    auto header = evm::parse_header(FIELDSEAL_TRY(rebuild_header(block)), mode);
    if (!header.ok()) return Error{Errc::corrupt, "block header: " + header.error().message};
    return header;
}

Error wrong_hash(const evm::Header& header, const Digest& hash, evm::Mode mode) {
    return Error{Errc::corrupt, "the header it shows for block " + std::to_string(header.number) +
                                    " gives the hash 0x" + hex_encode(header.block_hash) +
                                    " by the rules of " + std::string(evm::to_string(mode)) +
                                    ", not 0x" + hex_encode(hash)};
}

}  // namespace

Result<Bytes> rebuild_header(const json::Value& block) {
    const JsonFields in(block, "block");
    std::vector<Bytes> items;
    for (const Field& field : kHeaderFields) items.push_back(FIELDSEAL_TRY(encode(in, field)));
    for (const Field& field : kForkFields) {
        if (!in.has(field.member)) return rlp::encode_list(items);
        items.push_back(FIELDSEAL_TRY(encode(in, field)));
    }
    for (const std::string_view name : kAccessListNames) {
        if (!in.has(name)) continue;
        items.push_back(FIELDSEAL_TRY(encode(in, {name, Form::data, kDigestBytes})));
        if (in.has(kSlotNumber.member)) items.push_back(FIELDSEAL_TRY(encode(in, kSlotNumber)));
        break;
    }
    return rlp::encode_list(items);
}

Result<Bytes> rebuild_transaction(const json::Value& transaction) {
    const JsonFields in(transaction, "transaction");
    const std::uint64_t type = FIELDSEAL_TRY(type_of(in));
    std::vector<Bytes> items;
    if (type != 0) items.push_back(FIELDSEAL_TRY(integer(in, "chainId")));
    items.push_back(FIELDSEAL_TRY(integer(in, "nonce")));
    FIELDSEAL_TRY(add_fees(items, in, type));
    items.push_back(FIELDSEAL_TRY(integer(in, "gas")));
    const Bytes to = in.has("to") ? FIELDSEAL_TRY(in.data("to", evm::kAddressBytes)) : Bytes();
    items.push_back(rlp::encode_string(to));
    items.push_back(FIELDSEAL_TRY(integer(in, "value")));
    items.push_back(rlp::encode_string(FIELDSEAL_TRY(in.data("input"))));
    FIELDSEAL_TRY(add_lists(items, in, type));
    const bool has_parity = type != 0 && in.has("yParity");
    items.push_back(FIELDSEAL_TRY(integer(in, has_parity ? "yParity" : "v")));
    items.push_back(FIELDSEAL_TRY(integer(in, "r")));
    items.push_back(FIELDSEAL_TRY(integer(in, "s")));
    return typed(type, items);
}

Result<Bytes> rebuild_receipt(const json::Value& receipt) {
    const JsonFields in(receipt, "receipt");
    const std::uint64_t type = FIELDSEAL_TRY(type_of(in));
    std::vector<Bytes> logs;
    for (const json::Value& log : *FIELDSEAL_TRY(in.array("logs"))) {
        logs.push_back(FIELDSEAL_TRY(log_record(log)));
    }
    // Before Byzantium a post-state stood in place of the status.
    const Field result = in.has("status") ? Field{"status", Form::integer, 0}
                                          : Field{"root", Form::data, kDigestBytes};
    const std::vector<Bytes> items = {
        FIELDSEAL_TRY(encode(in, result)), FIELDSEAL_TRY(integer(in, "cumulativeGasUsed")),
        FIELDSEAL_TRY(encode(in, {"logsBloom", Form::data, kBloomBytes})), rlp::encode_list(logs)};
    return typed(type, items);
}

Result<evm::Header> read_header(const json::Value& block, evm::Mode mode, const Digest& hash) {
    evm::Header header = FIELDSEAL_TRY(parse(block, mode));
    if (header.block_hash != hash) return wrong_hash(header, hash, mode);
    return header;
}

Result<evm::Header> read_header(const json::Value& block, evm::Mode mode, std::uint64_t number) {
    const Digest named = FIELDSEAL_TRY(JsonFields(block, "block").hash("hash"));
    evm::Header header = FIELDSEAL_TRY(read_header(block, mode, named));
    if (header.number != number) {
        return Error{Errc::corrupt, "asked for block " + std::to_string(number) +
                                        " it shows block " + std::to_string(header.number)};
    }
    return header;
}

Result<std::vector<Bytes>> read_transactions(const json::Value& block, const evm::Header& header) {
    const json::Array& served = *FIELDSEAL_TRY(JsonFields(block, "block").array("transactions"));
    if (served.size() > evm::kTrieItemsMax) {
        return Error{Errc::corrupt, "a block of " + std::to_string(served.size()) +
                                        " transactions is more than this version takes"};
    }
    std::vector<Bytes> items;
    for (const json::Value& each : served) {
        items.push_back(FIELDSEAL_TRY(rebuild_transaction(each)));
    }
    if (evm::trie_root(items) != header.transactions_root) {
        return wrong_root(header, "transactions");
    }
    return items;
}

Result<std::vector<Bytes>> read_receipts(const json::Value& receipts, const evm::Header& header) {
    if (!receipts.is_array() || receipts.as_array().size() > evm::kTrieItemsMax) {
        return Error{Errc::corrupt, "the receipts it shows are no list that fits a block"};
    }
    std::vector<Bytes> items;
    for (const json::Value& each : receipts.as_array()) {
        items.push_back(FIELDSEAL_TRY(rebuild_receipt(each)));
    }
    if (evm::trie_root(items) != header.receipts_root) return wrong_root(header, "receipts");
    return items;
}

}  // namespace fieldseal::anchor
