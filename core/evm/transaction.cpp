// SPDX-License-Identifier: Apache-2.0
#include "core/evm/transaction.h"

#include "core/check.h"
#include "core/ecdsa_scalar.h"
#include "core/evm/rlp.h"
#include "core/hash.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fieldseal::evm {
namespace {

constexpr std::size_t kScalarBytes = 32;
constexpr std::size_t kPointBytes = 65;
constexpr std::uint64_t kEip155Offset = 35;  // v = 2 · chain id + 35 + parity
constexpr std::size_t kSignatureItems = 3;
constexpr std::size_t kLegacyItems = 9;
constexpr std::size_t kAccessListItems = 11;
constexpr std::size_t kFeeMarketItems = 12;
constexpr std::uint8_t kListStart = 0xc0;  // first byte of a legacy transaction, at least
constexpr std::uint8_t kStringStart = 0x80;

// The first bytes of keccak256("anchor(bytes32)").
constexpr std::array<std::uint8_t, 4> kAnchorSelector = {0xee, 0xcd, 0xf9, 0x27};
constexpr std::array<std::uint8_t, 5> kNoteMagic = {'F', 'S', 'L', '1', 1};

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "chain transaction: " + std::string(why)};
}

Result<void> check_chain_id(std::uint64_t chain_id) {
    if (chain_id == 0) return malformed("chain id 0 would make it valid on every chain");
    if (chain_id > kChainIdMax) {
        return malformed("chain id " + std::to_string(chain_id) + " is above 2^53 - 1");
    }
    return {};
}

// r and s in range and s in the lower half (EIP-2); the upper bound of r is the recovery's to
// check.
Result<void> check_signature(const TransactionSignature& signature) {
    const auto zero = [](ByteView scalar) {
        return std::all_of(scalar.begin(), scalar.end(), [](std::uint8_t b) { return b == 0; });
    };
    const ByteView rs = signature.rs;
    if (zero(rs.first(kScalarBytes)) || zero(rs.subspan(kScalarBytes))) {
        return malformed("r and s must not be zero");
    }
    if (!is_low_s(Curve::secp256k1, signature.rs)) return malformed("s is in the upper half");
    if (signature.y_parity > 1) return malformed("the parity must be 0 or 1");
    return {};
}

// The fields that are signed, each encoded, without the chain id's place at the end of a legacy
// one.
Result<std::vector<Bytes>> body_of(const TransactionTbs& tbs) {
    FIELDSEAL_TRY(check_chain_id(tbs.chain_id));
    std::vector<Bytes> items;
    switch (tbs.type) {
        case TransactionType::legacy:
            if (tbs.max_priority_fee != 0) return malformed("a legacy one has no priority fee");
            items = {rlp::encode_u64(tbs.nonce), rlp::encode_u64(tbs.max_fee)};
            break;
        case TransactionType::fee_market:
            if (tbs.max_priority_fee > tbs.max_fee) {
                return malformed("the priority fee is above the highest fee");
            }
            items = {rlp::encode_u64(tbs.chain_id), rlp::encode_u64(tbs.nonce),
                     rlp::encode_u64(tbs.max_priority_fee), rlp::encode_u64(tbs.max_fee)};
            break;
        case TransactionType::access_list:
            return malformed("type 1 is read, never made");
    }
    items.push_back(rlp::encode_u64(tbs.gas_limit));
    items.push_back(rlp::encode_string(tbs.to));
    items.push_back(rlp::encode_u64(0));
    items.push_back(rlp::encode_string(tbs.data));
    if (tbs.type == TransactionType::fee_market) items.push_back(rlp::encode_list(ByteView()));
    return items;
}

Bytes with_type(TransactionType type, const Bytes& list) {
    if (type == TransactionType::legacy) return list;
    Bytes out = {static_cast<std::uint8_t>(type)};
    append(out, list);
    return out;
}

// The signed message of a received transaction: its own slices, spliced.
Bytes preimage_of_slices(TransactionType type, std::span<const rlp::Item> body,
                         std::uint64_t chain_id) {
    Bytes payload;
    for (const rlp::Item& item : body) append(payload, item.raw);
    if (type == TransactionType::legacy) {
        append(payload, rlp::encode_u64(chain_id));
        append(payload, rlp::encode_u64(0));
        append(payload, rlp::encode_u64(0));
    }
    return with_type(type, rlp::encode_list(ByteView(payload)));
}

Result<void> check_access_list(const rlp::Item& list) {
    if (!list.is_list()) return malformed("the access list must be a list");
    for (const rlp::Item& entry : list.items) {
        FIELDSEAL_TRY(rlp::expect_list(entry, 2, "an access list entry"));
        FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(entry.items[0], "an access list address"));
        if (!entry.items[1].is_list()) return malformed("access list keys must be a list");
        for (const rlp::Item& key : entry.items[1].items) {
            FIELDSEAL_TRY(rlp::to_array<kDigestBytes>(key, "an access list key"));
        }
    }
    return {};
}

// nonce, fees, gas limit, to, value, data: the order is the same in all types.
Result<void> read_fields(std::span<const rlp::Item> fields, std::size_t fees,
                         Transaction& transaction) {
    transaction.nonce = FIELDSEAL_TRY(rlp::to_u64(fields[0]));
    for (std::size_t i = 0; i < fees; ++i) FIELDSEAL_TRY(rlp::to_integer(fields[1 + i]));
    fields = fields.subspan(1 + fees);
    FIELDSEAL_TRY(rlp::to_u64(fields[0]));
    if (fields[1].is_list() || !fields[1].payload.empty()) {
        transaction.to = FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(fields[1], "the receiver"));
    }
    FIELDSEAL_TRY(rlp::to_integer(fields[2]));
    if (fields[3].is_list()) return malformed("the data must be a string");
    transaction.data = to_bytes(fields[3].payload);
    return {};
}

Result<TransactionSignature> read_signature(std::span<const rlp::Item> rs, std::uint64_t parity) {
    if (parity > 1) return malformed("the parity must be 0 or 1");
    TransactionSignature signature;
    signature.y_parity = static_cast<std::uint8_t>(parity);
    for (std::size_t i = 0; i < 2; ++i) {
        const ByteView scalar = FIELDSEAL_TRY(rlp::to_integer(rs[i]));
        std::copy_backward(
            scalar.begin(), scalar.end(),
            signature.rs.begin() + static_cast<std::ptrdiff_t>((i + 1) * kScalarBytes));
    }
    FIELDSEAL_TRY(check_signature(signature));
    return signature;
}

Result<TransactionSignature> read_legacy(const rlp::Item& list, Transaction& transaction) {
    FIELDSEAL_TRY(rlp::expect_list(list, kLegacyItems, "a legacy transaction"));
    const std::span<const rlp::Item> items = list.items;
    FIELDSEAL_TRY(read_fields(items, 1, transaction));
    const std::uint64_t v = FIELDSEAL_TRY(rlp::to_u64(items[6]));
    if (v < kEip155Offset) {
        return malformed("v = " + std::to_string(v) +
                         " names no chain id; it would be valid on every chain");
    }
    transaction.chain_id = (v - kEip155Offset) / 2;
    return read_signature(items.last(2), (v - kEip155Offset) % 2);
}

Result<TransactionSignature> read_typed(const rlp::Item& list, Transaction& transaction) {
    const bool fee_market = transaction.type == TransactionType::fee_market;
    const std::size_t count = fee_market ? kFeeMarketItems : kAccessListItems;
    FIELDSEAL_TRY(rlp::expect_list(list, count, "a typed transaction"));
    const std::span<const rlp::Item> items = list.items;
    transaction.chain_id = FIELDSEAL_TRY(rlp::to_u64(items[0]));
    FIELDSEAL_TRY(read_fields(items.subspan(1), fee_market ? 2 : 1, transaction));
    FIELDSEAL_TRY(check_access_list(items[count - kSignatureItems - 1]));
    return read_signature(items.last(2),
                          FIELDSEAL_TRY(rlp::to_u64(items[count - kSignatureItems])));
}

Result<TransactionType> type_of(ByteView raw) {
    if (raw.empty()) return malformed("is empty");
    if (raw.size() > kTransactionBytesMax) {
        return malformed(std::to_string(raw.size()) + " bytes, the limit is 131072");
    }
    const std::uint8_t first = raw[0];
    if (first >= kListStart) return TransactionType::legacy;
    if (first == 0 || first >= kStringStart) return malformed("neither a list nor a known type");
    if (first > static_cast<std::uint8_t>(TransactionType::fee_market)) {
        return Error{Errc::unsupported, "chain transaction: type " + std::to_string(first) +
                                            " is not read by this version"};
    }
    return static_cast<TransactionType>(first);
}

std::optional<Digest> digest_after(ByteView prefix, ByteView data) {
    if (data.size() != prefix.size() + kDigestBytes ||
        !std::equal(prefix.begin(), prefix.end(), data.begin())) {
        return std::nullopt;
    }
    Digest digest;
    std::copy(data.end() - kDigestBytes, data.end(), digest.begin());
    return digest;
}

Bytes joined(ByteView prefix, const Digest& digest) {
    Bytes out = to_bytes(prefix);
    append(out, digest);
    return out;
}

}  // namespace

Result<Bytes> TransactionTbs::preimage() const {
    std::vector<Bytes> items = FIELDSEAL_TRY(body_of(*this));
    if (type == TransactionType::legacy) {
        items.push_back(rlp::encode_u64(chain_id));
        items.push_back(rlp::encode_u64(0));
        items.push_back(rlp::encode_u64(0));
    }
    return with_type(type, rlp::encode_list(items));
}

Result<Bytes> assemble(const TransactionTbs& tbs, const TransactionSignature& signature) {
    std::vector<Bytes> items = FIELDSEAL_TRY(body_of(tbs));
    FIELDSEAL_TRY(check_signature(signature));
    items.push_back(rlp::encode_u64(tbs.type == TransactionType::legacy
                                        ? 2 * tbs.chain_id + kEip155Offset + signature.y_parity
                                        : signature.y_parity));
    items.push_back(rlp::encode_integer(ByteView(signature.rs).first(kScalarBytes)));
    items.push_back(rlp::encode_integer(ByteView(signature.rs).subspan(kScalarBytes)));
    Bytes raw = with_type(tbs.type, rlp::encode_list(items));
    if (raw.size() > kTransactionBytesMax) {
        return malformed(std::to_string(raw.size()) + " bytes, the limit is 131072");
    }
    return raw;
}

Result<Transaction> parse_transaction(ByteView raw) {
    Transaction transaction;
    transaction.type = FIELDSEAL_TRY(type_of(raw));
    const bool legacy = transaction.type == TransactionType::legacy;
    const rlp::Item list = FIELDSEAL_TRY(rlp::decode(legacy ? raw : raw.subspan(1)));
    const TransactionSignature signature =
        FIELDSEAL_TRY(legacy ? read_legacy(list, transaction) : read_typed(list, transaction));
    FIELDSEAL_TRY(check_chain_id(transaction.chain_id));
    const auto body = std::span(list.items).first(list.items.size() - kSignatureItems);
    transaction.sender = FIELDSEAL_TRY(recover_address(
        keccak256(preimage_of_slices(transaction.type, body, transaction.chain_id)), signature));
    transaction.hash = keccak256(raw);
    return transaction;
}

Result<Address> recover_address(const Digest& digest, const TransactionSignature& signature) {
    static const bool kTested = (secp256k1_selftest(), true);  // aborts on a broken build
    FIELDSEAL_CHECK(kTested);
    const Error no_key{Errc::corrupt, "no secp256k1 key can have made this signature"};
    if (signature.y_parity > 1) return no_key;
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(
            secp256k1_context_static, &parsed, signature.rs.data(), signature.y_parity) != 1 ||
        secp256k1_ecdsa_recover(secp256k1_context_static, &key, &parsed, digest.data()) != 1) {
        return no_key;
    }
    std::array<std::uint8_t, kPointBytes> point;
    std::size_t size = point.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, point.data(), &size, &key,
                                  SECP256K1_EC_UNCOMPRESSED);
    return address_of_point(point);
}

Bytes anchor_call(const Digest& digest) {
    return joined(kAnchorSelector, digest);
}
Bytes anchor_note(const Digest& digest) {
    return joined(kNoteMagic, digest);
}
std::optional<Digest> digest_of_anchor_call(ByteView data) {
    return digest_after(kAnchorSelector, data);
}
std::optional<Digest> digest_of_anchor_note(ByteView data) {
    return digest_after(kNoteMagic, data);
}

Result<void> check_ours(const TransactionTbs& tbs, const Address& own) {
    const bool to_self = tbs.to == own;
    const bool is_call = digest_of_anchor_call(tbs.data).has_value();
    const bool is_note = to_self && digest_of_anchor_note(tbs.data).has_value();
    const bool is_filler = to_self && tbs.data.empty();
    const bool is_ours = is_call || is_note || is_filler;
    if (is_ours && tbs.type != TransactionType::access_list) return {};
    return Error{Errc::invalid_argument,
                 "a chain account of this node signs anchoring transactions only: an anchor call, "
                 "an anchor note to itself, or nothing to itself"};
}

}  // namespace fieldseal::evm
