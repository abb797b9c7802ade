// SPDX-License-Identifier: Apache-2.0
// The form of an anchor's members. What anchors prove is in tests/vectors/chain.
#include "core/anchors/evm_anchor.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace fieldseal::anchors {
namespace {

EvmAnchor transaction() {
    EvmAnchor anchor;
    anchor.chain = "land";
    anchor.header = Bytes(600, 0xf9);
    anchor.index = 3;
    anchor.nodes = {Bytes(40, 1), Bytes(80, 2)};
    return anchor;
}

EvmAnchor full() {
    EvmAnchor anchor = transaction();
    anchor.later = {Bytes(10, 3), Bytes(11, 4)};
    anchor.handover = {Bytes(12, 5)};
    anchor.receipt = EvmReceiptProof{{Bytes(90, 6)}, 1};
    return anchor;
}

// The message of the refusal, empty when it is read.
std::string refusal(EvmAnchor anchor, std::string_view member, json::Value value) {
    Anchor written = to_anchor(anchor);
    written.members.set(member, std::move(value));
    const auto read = parse_evm_anchor(written);
    return read ? "" : read.error().message;
}

json::Value copies(std::size_t count) {
    json::Value list = json::Value::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(base64_encode(Bytes{0xc0}));
    return list;
}

TEST(EvmAnchor, IsReadAsItWasWritten) {
    for (const EvmAnchor& anchor : {transaction(), full()}) {
        const Anchor written = to_anchor(anchor);
        EXPECT_EQ(written.type, anchor.receipt ? "evm-receipt" : "evm-tx");
        const auto read = parse_evm_anchor(written);
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(*read, anchor);
        EXPECT_EQ(to_anchor(*read), written);
    }
}

TEST(EvmAnchor, TakesEachCountUpToItsLimit) {
    EXPECT_EQ(refusal(full(), "nodes", copies(65)), "");
    EXPECT_NE(refusal(full(), "nodes", copies(66)), "");
    EXPECT_NE(refusal(full(), "nodes", copies(0)), "");
    EXPECT_EQ(refusal(full(), "receipt_nodes", copies(65)), "");
    EXPECT_NE(refusal(full(), "receipt_nodes", copies(0)), "");
    EXPECT_EQ(refusal(full(), "later", copies(32)), "");
    EXPECT_NE(refusal(full(), "later", copies(33)), "");
    EXPECT_NE(refusal(full(), "later", copies(0)), "");
    EXPECT_EQ(refusal(full(), "handover", copies(16)), "");
    EXPECT_NE(refusal(full(), "handover", copies(17)), "");
    EXPECT_EQ(refusal(full(), "index", 65535), "");
    EXPECT_NE(refusal(full(), "index", 65536), "");
    EXPECT_EQ(refusal(full(), "log", 65535), "");
    EXPECT_NE(refusal(full(), "log", -1), "");
    const std::string long_header = base64_encode(Bytes(32 * 1024 + 1));
    EXPECT_EQ(refusal(full(), "header", base64_encode(Bytes(32 * 1024))), "");
    EXPECT_NE(refusal(full(), "header", long_header), "");
    EXPECT_NE(refusal(full(), "later", json::Value::array({long_header})), "");
}

TEST(EvmAnchor, SaysWhichMemberIsWrong) {
    EXPECT_NE(refusal(transaction(), "colour", "red").find("colour"), std::string::npos);
    EXPECT_NE(refusal(transaction(), "log", 1).find("log"), std::string::npos);
    EXPECT_NE(refusal(transaction(), "receipt_nodes", copies(1)).find("receipt_nodes"),
              std::string::npos);
    EXPECT_NE(refusal(transaction(), "nodes", json::Value::array({"?"})).find("nodes[0]"),
              std::string::npos);
    const Anchor bare{"evm-receipt", json::Value::object({{"type", "evm-receipt"}})};
    EXPECT_NE(parse_evm_anchor(bare).error().message.find("chain: missing"), std::string::npos);
}

TEST(EvmAnchor, LooksForThePinBeforeItReadsTheHeader) {
    const note::Checkpoint checkpoint{"a/b/1", {1}, Digest{}};
    Trust trust;
    const Anchor anchor = to_anchor(transaction());
    EXPECT_EQ(check_evm_anchor(anchor, checkpoint, trust).finding, Finding::chain_unknown);
    TrustedChain pin;
    pin.id = "land";
    pin.curve = ChainCurve::secp256r1;
    trust.chains = {pin};
    EXPECT_EQ(check_evm_anchor(anchor, checkpoint, trust).finding,
              Finding::chain_curve_unsupported);
    trust.chains[0].curve = ChainCurve::secp256k1;
    const AnchorResult result = check_evm_anchor(anchor, checkpoint, trust);
    EXPECT_EQ(result.finding, Finding::malformed);
    EXPECT_EQ(result.chain, std::nullopt);
}

}  // namespace
}  // namespace fieldseal::anchors
