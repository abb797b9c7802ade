// SPDX-License-Identifier: Apache-2.0
#include "core/evm/receipt.h"

#include "core/evm/rlp.h"
#include "core/hash.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

Address filled_address(std::uint8_t byte) {
    Address address;
    address.fill(byte);
    return address;
}
Digest filled_digest(std::uint8_t byte) {
    Digest digest;
    digest.fill(byte);
    return digest;
}

LogRecord anchored_log() {
    Digest submitter{};
    std::fill(submitter.begin() + 12, submitter.end(), std::uint8_t{0x55});
    return {filled_address(0xc0),
            {keccak256(as_bytes("Anchored(address,bytes32)")), submitter, filled_digest(0xab)},
            {}};
}

Bytes encode_log(const LogRecord& log) {
    std::vector<Bytes> topics;
    for (const Digest& topic : log.topics) topics.push_back(rlp::encode_string(topic));
    return rlp::encode_list(std::vector<Bytes>{
        rlp::encode_string(log.address), rlp::encode_list(topics), rlp::encode_string(log.data)});
}
std::vector<Bytes> receipt_items() {
    return {rlp::encode_u64(1), rlp::encode_u64(21'000), rlp::encode_string(Bytes(256)),
            rlp::encode_list(std::vector<Bytes>{encode_log(anchored_log())})};
}
Bytes typed(std::uint8_t type, const Bytes& list) {
    Bytes raw = {type};
    append(raw, list);
    return raw;
}
std::string refusal_of(const Bytes& raw) {
    const auto receipt = parse_receipt(raw);
    return receipt.ok() ? "accepted" : receipt.error().message;
}
// The receipt with one item replaced.
std::string refusal_with(std::size_t place, const Bytes& item) {
    auto items = receipt_items();
    items.at(place) = item;
    return refusal_of(rlp::encode_list(items));
}
std::string refusal_with_log(const LogRecord& log) {
    return refusal_with(3, rlp::encode_list(std::vector<Bytes>{encode_log(log)}));
}

TEST(Receipt, IsReadInEveryKnownType) {
    const Bytes legacy = rlp::encode_list(receipt_items());
    std::vector<Bytes> forms = {legacy};
    for (std::uint8_t type = 1; type <= 4; ++type) forms.push_back(typed(type, legacy));
    for (const Bytes& raw : forms) {
        const auto receipt = parse_receipt(raw);
        ASSERT_TRUE(receipt.ok()) << receipt.error().message;
        EXPECT_TRUE(receipt->succeeded);
        ASSERT_EQ(receipt->logs.size(), 1U);
        EXPECT_EQ(receipt->logs[0].address, filled_address(0xc0));
        EXPECT_EQ(receipt->logs[0].topics, anchored_log().topics);
        EXPECT_TRUE(receipt->logs[0].data.empty());
    }
    auto items = receipt_items();
    items[0] = rlp::encode_u64(0);
    EXPECT_FALSE(parse_receipt(rlp::encode_list(items))->succeeded);
}

TEST(Receipt, OfAnotherShapeIsRefused) {
    const Bytes legacy = rlp::encode_list(receipt_items());
    EXPECT_NE(refusal_of({}), "accepted");
    EXPECT_NE(refusal_of(typed(0, legacy)), "accepted");
    EXPECT_NE(refusal_of(typed(5, legacy)), "accepted");
    EXPECT_NE(refusal_of(typed(0x80, legacy)), "accepted");
    EXPECT_NE(refusal_of(typed(2, typed(2, legacy))), "accepted");
    EXPECT_NE(refusal_of(rlp::encode_string(typed(2, legacy))), "accepted");  // Besu's debug form
    EXPECT_NE(refusal_of(Bytes(kReceiptBytesMax + 1, 0xff)), "accepted");
    auto items = receipt_items();
    items.push_back(rlp::encode_u64(0));
    EXPECT_NE(refusal_of(rlp::encode_list(items)), "accepted");
    items.resize(3);
    EXPECT_NE(refusal_of(rlp::encode_list(items)), "accepted");
}

TEST(Receipt, WithAWrongFieldIsRefused) {
    EXPECT_EQ(refusal_with(0, rlp::encode_string(Bytes(32, 1))),
              "receipt: holds a state root instead of a status (before Byzantium)");
    EXPECT_EQ(refusal_with(0, rlp::encode_u64(2)), "receipt: status 2 is neither 0 nor 1");
    EXPECT_NE(refusal_with(0, Bytes{0x00}), "accepted");
    EXPECT_NE(refusal_with(1, Bytes{0x82, 0x00, 0x01}), "accepted");
    EXPECT_NE(refusal_with(2, rlp::encode_string(Bytes(255))), "accepted");
    EXPECT_NE(refusal_with(3, rlp::encode_string({})), "accepted");
    EXPECT_EQ(refusal_with(3, rlp::encode_list(ByteView())), "accepted");  // no logs
}

TEST(Receipt, WithAWrongLogIsRefused) {
    LogRecord log = anchored_log();
    log.topics.assign(4, Digest{});
    EXPECT_EQ(refusal_with_log(log), "accepted");
    log.topics.assign(5, Digest{});
    EXPECT_EQ(refusal_with_log(log), "receipt: a log must have a list of at most 4 topics");
    const Bytes list = rlp::encode_list(ByteView());
    const Bytes address = rlp::encode_string(filled_address(1));
    const Bytes data = rlp::encode_string({});
    const auto with = [](const std::vector<Bytes>& items) {
        return refusal_with(3, rlp::encode_list(std::vector<Bytes>{rlp::encode_list(items)}));
    };
    EXPECT_EQ(with({address, list, data}), "accepted");
    EXPECT_NE(with({address, list}), "accepted");
    EXPECT_NE(with({data, list, data}), "accepted");
    EXPECT_NE(with({address, data, data}), "accepted");
    EXPECT_NE(with({address, list, list}), "accepted");
    EXPECT_NE(with({address, rlp::encode_list(std::vector<Bytes>{data}), data}), "accepted");
}

TEST(AnchoredRoot, IsTheThirdTopicOfTheContractsEvent) {
    EXPECT_EQ(anchored_root(anchored_log(), filled_address(0xc0)), filled_digest(0xab));
}

TEST(AnchoredRoot, OfAnyOtherLogIsNone) {
    EXPECT_FALSE(anchored_root(anchored_log(), filled_address(0xc1)).has_value());
    LogRecord log = anchored_log();
    log.topics[0] = keccak256(as_bytes("Anchored(bytes32,address)"));
    EXPECT_FALSE(anchored_root(log, log.address).has_value());
    log = anchored_log();
    log.topics.pop_back();
    EXPECT_FALSE(anchored_root(log, log.address).has_value());
    log = anchored_log();
    log.topics.push_back(Digest{});
    EXPECT_FALSE(anchored_root(log, log.address).has_value());
    log = anchored_log();
    log.data = {0};
    EXPECT_FALSE(anchored_root(log, log.address).has_value());
    log = anchored_log();
    log.topics[1][11] = 1;  // no address
    EXPECT_FALSE(anchored_root(log, log.address).has_value());
    EXPECT_FALSE(anchored_root(LogRecord{}, Address{}).has_value());
}

}  // namespace
}  // namespace fieldseal::evm
