// SPDX-License-Identifier: Apache-2.0
// Golden bytes by ethers 6, private key 7.
#include "core/evm/transaction.h"

#include "core/ecdsa_scalar.h"
#include "core/encoding.h"
#include "core/evm/rlp.h"
#include "core/hash.h"
#include "tests/support/chain_account.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

Bytes hex(std::string_view text) {
    return hex_decode(text).value();
}
Address address(std::string_view text) {
    return parse_address(text).value();
}
TransactionSignature signature(std::string_view r, std::string_view s, std::uint8_t parity) {
    TransactionSignature made;
    Bytes rs = hex(r);
    append(rs, hex(s));
    std::copy(rs.begin(), rs.end(), made.rs.begin());
    made.y_parity = parity;
    return made;
}
Digest digest_ab() {
    Digest digest;
    digest.fill(0xab);
    return digest;
}

const Address kSender = address("0xd41c057fd1c78805aac12b0a94a405c0461a6fbb");
const Address kContract = address("0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0");

TransactionTbs fee_market_tbs() {
    return {.type = TransactionType::fee_market,
            .chain_id = 1337,
            .nonce = 300,
            .max_priority_fee = 1'000'000'000,
            .max_fee = 3'000'000'000,
            .gas_limit = 60'000,
            .to = kContract,
            .data = anchor_call(digest_ab())};
}
TransactionSignature fee_market_signature() {
    return signature("7b4409f71a81b1a9f746debb719f4365a4ab33f73d91bdb21c99199bb3e822f8",
                     "7648cefbeacb887add383af555bc5eb087a2f6392cc15683f49ec8a464a0e657", 0);
}
const Bytes kFeeMarketRaw = hex(
    "02f89282053982012c843b9aca0084b2d05e0082ea6094c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c080a4eecd"
    "f927ababababababababababababababababababababababababababababababababc080a07b4409f71a81b1a9f746"
    "debb719f4365a4ab33f73d91bdb21c99199bb3e822f8a07648cefbeacb887add383af555bc5eb087a2f6392cc15683"
    "f49ec8a464a0e657");

TransactionTbs legacy_tbs() {
    return {.type = TransactionType::legacy,
            .chain_id = 1337,
            .gas_limit = 60'000,
            .to = kSender,
            .data = anchor_note(digest_ab())};
}
const Bytes kLegacyRaw = hex(
    "f886808082ea6094d41c057fd1c78805aac12b0a94a405c0461a6fbb80a546534c3101abababababababababababab"
    "abababababababababababababababababababab820a95a01c985dda7518ea743f8876433b59e2b3fcdbfd09e06f02"
    "c8d15eca8ca9ef011ea0284085cc3e9b7319e7156ed649f0860a5aeda8a8fc422eb7756553f42bde968c");

// Type 1, chain id 2^53 - 1, an access list of one entry.
const Bytes kAccessListRaw = hex(
    "01f8c5871fffffffffffff010582ea6094c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c080a4eecdf927abababab"
    "ababababababababababababababababababababababababababababf838f794c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"
    "c0c0c0c0c0e1a0111111111111111111111111111111111111111111111111111111111111111101a05b61e2e90677"
    "be09df375cdbae3b80a30eb95ab4f21b9f22127fb54900e3a431a011d9173e24a26fa42f63a1debb1082f83998d57e"
    "c6ce8d43a6a9e60087216e1a");

TEST(Transaction, OfTheFeeMarketHasTheBytesOfOtherSoftware) {
    EXPECT_EQ(hex_encode(fee_market_tbs().preimage().value()).substr(0, 24),
              "02f84f82053982012c843b9a");
    EXPECT_EQ(assemble(fee_market_tbs(), fee_market_signature()).value(), kFeeMarketRaw);
    const auto read = parse_transaction(kFeeMarketRaw);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->type, TransactionType::fee_market);
    EXPECT_EQ(read->chain_id, 1337U);
    EXPECT_EQ(read->nonce, 300U);
    EXPECT_EQ(read->to, kContract);
    EXPECT_EQ(read->sender, kSender);
    EXPECT_EQ(digest_of_anchor_call(read->data), digest_ab());
    EXPECT_EQ(hex_encode(read->hash),
              "7a9d402fa13bca13c15bb4b838dc654af7bb4ddbd13ab28ac4d07b6e07ec1056");
}

TEST(Transaction, OfTheLegacyTypeHasTheBytesOfOtherSoftware) {
    const auto made =
        assemble(legacy_tbs(),
                 signature("1c985dda7518ea743f8876433b59e2b3fcdbfd09e06f02c8d15eca8ca9ef011e",
                           "284085cc3e9b7319e7156ed649f0860a5aeda8a8fc422eb7756553f42bde968c", 0));
    EXPECT_EQ(made.value(), kLegacyRaw);
    const auto read = parse_transaction(kLegacyRaw);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->chain_id, 1337U);
    EXPECT_EQ(read->to, read->sender);
    EXPECT_EQ(digest_of_anchor_note(read->data), digest_ab());
    EXPECT_EQ(hex_encode(read->hash),
              "10c913bde0277ef4343cb6664788320e9b182e35a128a4f38327a85fe2485c19");
}

TEST(Transaction, WithAnAccessListIsReadAndNeverMade) {
    const auto read = parse_transaction(kAccessListRaw);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->type, TransactionType::access_list);
    EXPECT_EQ(read->chain_id, kChainIdMax);
    EXPECT_EQ(read->sender, kSender);
    TransactionTbs tbs = fee_market_tbs();
    tbs.type = TransactionType::access_list;
    EXPECT_EQ(tbs.preimage().error().code, Errc::invalid_argument);
}

// One in 256 signatures has an r or an s that starts with a zero byte, which RLP drops.
TEST(Transaction, DropsTheLeadingZerosOfRAndS) {
    TransactionTbs tbs = fee_market_tbs();
    tbs.max_fee = tbs.max_priority_fee = 0;
    tbs.nonce = 778;
    const auto short_r = assemble(
        tbs, signature("00890f7c3a1b6b24160efc41fcaaf5c57dd2afbca3be973c32c7f14e1edff204",
                       "77a08e5917b961f16f07e6ea1bb40b828eb4f4a83a21ebf02282245512e0f3cb", 1));
    EXPECT_EQ(hex_encode(keccak256(*short_r)),
              "ebf899f659d9ca39ec5b0980627dc5bb3f0ffab0a00d2f0e2cd8deb275814f0c");
    EXPECT_EQ(parse_transaction(*short_r)->sender, kSender);
    tbs.nonce = 48;
    const auto short_s = assemble(
        tbs, signature("b1c0cece23efb608e42c8dcad854c002478480a16c62731ad0bda64968bb4db2",
                       "00e2a75d1f8af357a45ba102b4b9854e31fd36ac7f3d91ea4d68482789a19a86", 0));
    EXPECT_EQ(hex_encode(keccak256(*short_s)),
              "aa04c2da5d980d37aa3b24b062077e478b8a6961f6cf3fd0a8fccfdb95d38d02");
    EXPECT_EQ(parse_transaction(*short_s)->sender, kSender);
}

TEST(Transaction, RoundTripsForManyValues) {
    const testing::ChainAccount account(9);
    for (std::uint64_t i = 0; i < 300; ++i) {
        TransactionTbs tbs = i % 2 == 0 ? fee_market_tbs() : legacy_tbs();
        tbs.chain_id = i * i * i + 1;
        tbs.nonce = i == 0 ? UINT64_MAX : i << (i % 50);
        tbs.data.resize(static_cast<std::size_t>(i));
        const Bytes raw = account.signed_transaction(tbs);
        const auto read = parse_transaction(raw);
        ASSERT_TRUE(read.ok()) << i << read.error().message;
        EXPECT_EQ(read->sender, account.address());
        EXPECT_EQ(read->chain_id, tbs.chain_id);
        EXPECT_EQ(read->nonce, tbs.nonce);
        EXPECT_EQ(read->data, tbs.data);
    }
}

TEST(Transaction, CannotBeMadeForEveryChainOrWithImpossibleFees) {
    TransactionTbs tbs = fee_market_tbs();
    tbs.chain_id = 0;
    EXPECT_EQ(tbs.preimage().error().message,
              "chain transaction: chain id 0 would make it valid on every chain");
    tbs.chain_id = kChainIdMax + 1;
    EXPECT_FALSE(tbs.preimage().ok());
    tbs = fee_market_tbs();
    tbs.max_priority_fee = tbs.max_fee + 1;
    EXPECT_FALSE(tbs.preimage().ok());
    tbs = legacy_tbs();
    tbs.max_priority_fee = 1;
    EXPECT_FALSE(tbs.preimage().ok());
    tbs = fee_market_tbs();
    tbs.data.resize(kTransactionBytesMax);
    EXPECT_FALSE(assemble(tbs, fee_market_signature()).ok());
}

TEST(Transaction, CannotBeAssembledWithASignatureThatNoChainTakes) {
    TransactionSignature wrong = fee_market_signature();
    wrong.y_parity = 2;
    EXPECT_FALSE(assemble(fee_market_tbs(), wrong).ok());
    wrong = fee_market_signature();
    std::fill_n(wrong.rs.begin(), 32, std::uint8_t{0});
    EXPECT_FALSE(assemble(fee_market_tbs(), wrong).ok());
    wrong = fee_market_signature();
    std::fill_n(wrong.rs.begin() + 32, 32, std::uint8_t{0});
    EXPECT_FALSE(assemble(fee_market_tbs(), wrong).ok());
    wrong.rs[32] = 0x80;  // above half of the group order
    EXPECT_FALSE(assemble(fee_market_tbs(), wrong).ok());
}

// The legacy transaction with some of its nine items replaced by other encoded ones.
Bytes legacy_with(std::size_t place, const Bytes& item) {
    const auto list = rlp::decode(kLegacyRaw).value();
    std::vector<Bytes> items;
    for (const rlp::Item& one : list.items) items.push_back(to_bytes(one.raw));
    items.at(place) = item;
    return rlp::encode_list(items);
}
std::string refusal_of(const Bytes& raw) {
    const auto read = parse_transaction(raw);
    return read.ok() ? "accepted" : read.error().message;
}

TEST(Transaction, WithoutAChainIdIsRefused) {
    EXPECT_EQ(refusal_of(legacy_with(6, rlp::encode_u64(27))),
              "chain transaction: v = 27 names no chain id; it would be valid on every chain");
    EXPECT_NE(refusal_of(legacy_with(6, rlp::encode_u64(28))), "accepted");
    EXPECT_NE(refusal_of(legacy_with(6, rlp::encode_u64(35))), "accepted");  // chain id 0
    EXPECT_NE(refusal_of(legacy_with(6, rlp::encode_u64(UINT64_MAX))), "accepted");
}

TEST(Transaction, WithMalformedFieldsIsRefused) {
    const Bytes list = rlp::encode_list(ByteView());
    for (std::size_t place = 0; place < 9; ++place) {
        EXPECT_NE(refusal_of(legacy_with(place, list)), "accepted") << place;
        // An integer with a leading zero, an address or data of 33 bytes' worth of list.
        if (place != 5) {
            EXPECT_NE(refusal_of(legacy_with(place, hex("820001"))), "accepted") << place;
        }
    }
    EXPECT_NE(refusal_of(legacy_with(3, rlp::encode_string(Bytes(19)))), "accepted");
    EXPECT_NE(refusal_of(legacy_with(7, rlp::encode_u64(0))), "accepted");
    EXPECT_NE(refusal_of(legacy_with(8, rlp::encode_string(Bytes(32, 0xf0)))), "accepted");
    EXPECT_NE(refusal_of(legacy_with(7, rlp::encode_string(Bytes(33, 1)))), "accepted");
    // A contract's creation has no receiver: understood, and its sender is another.
    const auto creation = parse_transaction(legacy_with(3, rlp::encode_string({})));
    if (creation.ok()) {
        EXPECT_FALSE(creation->to.has_value());
        EXPECT_NE(creation->sender, kSender);
    }
}

TEST(Transaction, OfOtherShapesIsRefused) {
    EXPECT_NE(refusal_of({}), "accepted");
    EXPECT_NE(refusal_of({0x00}), "accepted");
    EXPECT_NE(refusal_of({0x80}), "accepted");
    EXPECT_NE(refusal_of({0xc0}), "accepted");
    EXPECT_NE(refusal_of({0x02}), "accepted");
    EXPECT_EQ(parse_transaction(Bytes{0x03, 0xc0}).error().code, Errc::unsupported);
    EXPECT_EQ(parse_transaction(Bytes{0x7f, 0xc0}).error().code, Errc::unsupported);
    Bytes longer = kFeeMarketRaw;
    longer.push_back(0);
    EXPECT_NE(refusal_of(longer), "accepted");
    EXPECT_NE(refusal_of(Bytes(kTransactionBytesMax + 1, 0xff)), "accepted");
}

TEST(Transaction, EachChangedByteChangesTheSenderOrIsRefused) {
    for (const Bytes& raw : {kFeeMarketRaw, kLegacyRaw, kAccessListRaw}) {
        Bytes changed = raw;
        for (std::uint8_t& byte : changed) {
            byte ^= 1;
            const auto read = parse_transaction(changed);
            EXPECT_TRUE(!read.ok() || read->sender != kSender);
            byte ^= 1;
        }
    }
}

TEST(RecoverAddress, NeedsASignatureThatAKeyCanHaveMade) {
    const testing::ChainAccount account(3);
    const Digest digest = keccak256(as_bytes("message"));
    TransactionSignature made = account.sign(digest);
    EXPECT_EQ(recover_address(digest, made).value(), account.address());
    EXPECT_TRUE(is_low_s(Curve::secp256k1, made.rs));
    const auto other = recover_address(keccak256(as_bytes("another")), made);
    EXPECT_TRUE(!other.ok() || *other != account.address());
    made.y_parity = 2;
    EXPECT_EQ(recover_address(digest, made).error().code, Errc::corrupt);
    made.y_parity = 0;
    made.rs.fill(0xff);
    EXPECT_EQ(recover_address(digest, made).error().code, Errc::corrupt);
    made.rs.fill(0);
    EXPECT_EQ(recover_address(digest, made).error().code, Errc::corrupt);
}

TEST(AnchorData, HoldsADigestInOneForm) {
    const Digest digest = digest_ab();
    const Bytes call = anchor_call(digest);
    EXPECT_EQ(call.size(), kAnchorCallBytes);
    EXPECT_EQ(to_bytes(ByteView(call).first(4)),
              to_bytes(ByteView(keccak256(as_bytes("anchor(bytes32)"))).first(4)));
    EXPECT_EQ(digest_of_anchor_call(call), digest);
    const Bytes note = anchor_note(digest);
    EXPECT_EQ(note.size(), kAnchorNoteBytes);
    EXPECT_EQ(hex_encode(note).substr(0, 12), "46534c3101ab");
    EXPECT_EQ(digest_of_anchor_note(note), digest);
}

TEST(AnchorData, OfAnotherFormIsNone) {
    Bytes call = anchor_call(digest_ab());
    Bytes note = anchor_note(digest_ab());
    EXPECT_FALSE(digest_of_anchor_call(note).has_value());
    EXPECT_FALSE(digest_of_anchor_note(call).has_value());
    call.push_back(0);
    note.push_back(0);
    EXPECT_FALSE(digest_of_anchor_call(call).has_value());
    EXPECT_FALSE(digest_of_anchor_note(note).has_value());
    call.resize(35);
    call[0] ^= 1;
    EXPECT_FALSE(digest_of_anchor_call(call).has_value());
    EXPECT_FALSE(digest_of_anchor_call({}).has_value());
    note = anchor_note(digest_ab());
    note[4] = 2;  // a later version
    EXPECT_FALSE(digest_of_anchor_note(note).has_value());
}

}  // namespace
}  // namespace fieldseal::evm
