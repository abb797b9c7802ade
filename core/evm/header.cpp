// SPDX-License-Identifier: Apache-2.0
#include "core/evm/header.h"

#include "core/evm/header_places.h"
#include "core/evm/rlp.h"
#include "core/evm/transaction.h"
#include "core/hash.h"

#include <algorithm>
#include <span>
#include <string>

namespace fieldseal::evm {
namespace {

constexpr std::size_t kVanityBytes = 32;
constexpr std::size_t kNonceBytes = 8;
constexpr std::size_t kIbftRoundBytes = 4;
constexpr std::uint64_t kRoundMax = 0x7fff'ffff;  // Besu keeps it in a signed 32-bit integer
constexpr std::uint8_t kEmptyString = 0x80;
constexpr std::uint8_t kEmptyList = 0xc0;

// Besu's constant, as it is spelled there.
constexpr std::string_view kBftMixHash = "ctical byzantine fault tolerance";
static_assert(kBftMixHash.size() == kDigestBytes);

// keccak256(rlp([])): the hash of no ommers.
constexpr Digest kEmptyOmmersHash = {
    0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
    0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47};

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "block header: " + std::string(why)};
}

// `list` with the payload of extraData replaced: what a BFT chain hashes.
Digest hash_with_extra(const rlp::Item& list, const Bytes& extra) {
    Bytes payload;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        if (i == kExtraData) {
            append(payload, rlp::encode_string(extra));
        } else {
            append(payload, list.items[i].raw);
        }
    }
    return keccak256(rlp::encode_list(ByteView(payload)));
}

// A list of the first `count` slices of `extra`, as received, and `tail`, already encoded.
Bytes spliced(const rlp::Item& extra, std::size_t count, std::initializer_list<std::uint8_t> tail) {
    Bytes payload;
    for (std::size_t i = 0; i < count; ++i) append(payload, extra.items[i].raw);
    payload.insert(payload.end(), tail);
    return rlp::encode_list(ByteView(payload));
}

struct Hashes {
    Digest block{};
    Digest commit{};  // what each seal signs
};

Hashes hashes_of(const rlp::Item& list, const rlp::Item& extra, Mode mode) {
    if (mode == Mode::qbft) {
        return {hash_with_extra(list, spliced(extra, kRound, {kEmptyString, kEmptyList})),
                hash_with_extra(list, spliced(extra, kSeals, {kEmptyList}))};
    }
    return {hash_with_extra(list, spliced(extra, kRound, {})),
            hash_with_extra(list, spliced(extra, kSeals, {}))};
}

Result<std::vector<Address>> read_validators(const rlp::Item& item) {
    if (!item.is_list() || item.items.size() > kValidatorsMax) {
        return malformed("the validators must be a list of at most 256");
    }
    std::vector<Address> validators;
    for (const rlp::Item& one : item.items) {
        validators.push_back(FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(one, "a validator")));
        const std::size_t count = validators.size();
        if (count > 1 && validators[count - 2] >= validators[count - 1]) {
            return malformed("the validators are not in ascending order");
        }
    }
    return validators;
}

// A vote is [address, add or drop]; the encodings of "none", "add" and "drop" are the mode's.
Result<bool> read_vote(const rlp::Item& item, Mode mode) {
    const bool none = mode == Mode::qbft ? item.is_list() && item.items.empty()
                                         : !item.is_list() && item.payload.empty();
    if (none) return false;
    FIELDSEAL_TRY(rlp::expect_list(item, 2, "a vote in extraData"));
    FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(item.items[0], "a vote's candidate"));
    const rlp::Item& kind = item.items[1];
    const Bytes add = {0xff};
    const Bytes drop = mode == Mode::qbft ? Bytes{} : Bytes{0x00};
    if (kind.is_list() ||
        (!std::ranges::equal(kind.payload, add) && !std::ranges::equal(kind.payload, drop))) {
        return malformed("a vote must add or drop");
    }
    return true;
}

Result<std::uint64_t> read_round(const rlp::Item& item, Mode mode) {
    std::uint64_t round = 0;
    if (mode == Mode::qbft) {
        round = FIELDSEAL_TRY(rlp::to_u64(item));
    } else {
        const auto bytes = FIELDSEAL_TRY(rlp::to_array<kIbftRoundBytes>(item, "the round"));
        round = read_u32_be(bytes);
    }
    if (round > kRoundMax) return malformed("the round is above 2^31 - 1");
    return round;
}

Result<Address> signer_of(const rlp::Item& seal, const Digest& commit_hash) {
    const auto bytes = FIELDSEAL_TRY(rlp::to_array<kSealBytes>(seal, "a seal"));
    TransactionSignature signature;
    std::copy_n(bytes.begin(), signature.rs.size(), signature.rs.begin());
    signature.y_parity = bytes.back();
    auto signer = recover_address(commit_hash, signature);
    if (!signer) return malformed("a seal gives no key");
    return signer;
}

Result<void> read_extra(const rlp::Item& list, Mode mode, Header& header) {
    const auto extra = rlp::decode(list.items[kExtraData].payload);
    if (!extra) {
        return malformed("extraData is not that of " + std::string(to_string(mode)) + " (" +
                         extra.error().message + ")");
    }
    FIELDSEAL_TRY(rlp::expect_list(*extra, kExtraItems, "extraData"));
    FIELDSEAL_TRY(rlp::to_array<kVanityBytes>(extra->items[kVanity], "the vanity in extraData"));
    header.validators = FIELDSEAL_TRY(read_validators(extra->items[kValidators]));
    const bool vote = FIELDSEAL_TRY(read_vote(extra->items[kVote], mode));
    if (header.validators.empty() && (vote || mode != Mode::qbft)) {
        return malformed("no validators beside a vote, or outside QBFT");
    }
    header.round = FIELDSEAL_TRY(read_round(extra->items[kRound], mode));
    const rlp::Item& seals = extra->items[kSeals];
    if (!seals.is_list() || seals.items.size() > kValidatorsMax) {
        return malformed("the seals must be a list of at most 256");
    }
    const Hashes hashes = hashes_of(list, *extra, mode);
    header.block_hash = hashes.block;
    for (const rlp::Item& seal : seals.items) {
        header.signers.push_back(FIELDSEAL_TRY(signer_of(seal, hashes.commit)));
    }
    return {};
}

// What Besu's header rules fix for chains with seals.
Result<void> check_constants(const rlp::Item& list, Mode mode) {
    const std::span<const rlp::Item> items = list.items;
    const auto is = [&](std::size_t place, ByteView value) {
        return std::ranges::equal(items[place].payload, value);
    };
    if (!is(kDifficulty, Bytes{1})) return malformed("the difficulty must be 1");
    if (!is(kMixHash, as_bytes(kBftMixHash)))
        return malformed("mixHash is not that of a BFT chain");
    if (mode != Mode::ibft2) return {};
    if (!is(kOmmersHash, kEmptyOmmersHash)) return malformed("there must be no ommers");
    if (!is(kNonce, Bytes(kNonceBytes))) return malformed("the nonce must be 0");
    return {};
}

Result<Header> read_fields(const rlp::Item& list) {
    const std::span<const rlp::Item> items = list.items;
    const auto digest = [&](std::size_t place, std::string_view what) {
        return rlp::to_array<kDigestBytes>(items[place], what);
    };
    Header header;
    header.parent_hash = FIELDSEAL_TRY(digest(kParentHash, "the parent's hash"));
    FIELDSEAL_TRY(digest(kOmmersHash, "the ommers' hash"));
    header.coinbase = FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(items[kCoinbase], "the coinbase"));
    FIELDSEAL_TRY(digest(kStateRoot, "the state root"));
    header.transactions_root = FIELDSEAL_TRY(digest(kTransactionsRoot, "the transactions root"));
    header.receipts_root = FIELDSEAL_TRY(digest(kReceiptsRoot, "the receipts root"));
    FIELDSEAL_TRY(rlp::to_array<kBloomBytes>(items[kBloom], "the bloom filter"));
    FIELDSEAL_TRY(rlp::to_integer(items[kDifficulty]));
    header.number = FIELDSEAL_TRY(rlp::to_u64(items[kNumber]));
    FIELDSEAL_TRY(rlp::to_u64(items[kGasLimit]));
    FIELDSEAL_TRY(rlp::to_u64(items[kGasUsed]));
    header.timestamp = FIELDSEAL_TRY(rlp::to_u64(items[kTimestamp]));
    if (header.timestamp > kHeaderTimeMax_s) return malformed("its time is after the year 9999");
    if (items[kExtraData].is_list()) return malformed("extraData must be a string");
    FIELDSEAL_TRY(digest(kMixHash, "mixHash"));
    FIELDSEAL_TRY(rlp::to_array<kNonceBytes>(items[kNonce], "the nonce"));
    if (std::ranges::any_of(items.subspan(kNonce), &rlp::Item::is_list))
        return malformed("a field of a later fork must be a string");
    return header;
}

}  // namespace

std::string_view to_string(Mode mode) {
    switch (mode) {
        case Mode::qbft:
            return "qbft";
        case Mode::ibft2:
            return "ibft2";
        case Mode::plain:
            return "plain";
    }
    return "";
}

std::optional<Mode> mode_from_name(std::string_view name) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2, Mode::plain}) {
        if (to_string(mode) == name) return mode;
    }
    return std::nullopt;
}

Result<Header> parse_header(ByteView raw, Mode mode) {
    if (raw.size() > kHeaderBytesMax) {
        return malformed(std::to_string(raw.size()) + " bytes, the limit is 32768");
    }
    const rlp::Item list = FIELDSEAL_TRY(rlp::decode(raw));
    const std::size_t count = list.items.size();
    if (!list.is_list() || count < kHeaderFieldsMin || count > kHeaderFieldsMax) {
        return malformed("must be a list of 15 to 32 fields, found " + std::to_string(count));
    }
    Header header = FIELDSEAL_TRY(read_fields(list));
    header.raw = to_bytes(raw);
    header.block_hash = keccak256(raw);
    if (mode == Mode::plain || header.number == 0) return header;
    FIELDSEAL_TRY(check_constants(list, mode));
    FIELDSEAL_TRY(read_extra(list, mode, header));
    return header;
}

}  // namespace fieldseal::evm
