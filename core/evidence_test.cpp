// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal {
namespace {

const std::string kHash = base64_encode(Bytes(32, 7));

json::Value proof(std::size_t levels = 1) {
    json::Value logged = json::Value::array();
    if (levels > 1) logged.push_back(proof(levels - 1));
    return json::Value::object({{"index", 3},
                                {"hashes", json::Value::array({kHash})},
                                {"checkpoint", "text\n\nlines\n"},
                                {"anchors", json::Value::array()},
                                {"logged", logged}});
}

json::Value minimal() {
    return json::Value::object({{"fieldseal", "evidence/v1"},
                                {"statement", "AAEC"},
                                {"certificates", json::Value::array()},
                                {"proofs", json::Value::array({proof()})}});
}

json::Value list_of(const json::Value& item, std::size_t count) {
    json::Value list = json::Value::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(item);
    return list;
}

json::Value full() {
    json::Value tree = minimal();
    const auto strange = json::Value::object(
        {{"type", "moon-stone"}, {"z", 1}, {"a", json::Value::array({nullptr, true})}});
    json::Value first = proof(3);
    first.set("anchors", json::Value::array({strange}));
    tree.set("certificates", json::Value::array({"AQID"}));
    tree.set("proofs", json::Value::array({first, proof()}));
    tree.set("floor", json::Value::object({{"chain", "office"}, {"header", "+Pk="}}));
    tree.set("status", json::Value::array({json::Value::object(
                           {{"statement", "BAUG"}, {"proofs", json::Value::array({proof()})}})}));
    tree.set("document",
             json::Value::object(
                 {{"name", "täst.pdf"}, {"size", 5}, {"media_type", "application/pdf"}}));
    return tree;
}

void expect_refused(const json::Value& tree, std::string_view reason) {
    const auto evidence = parse_evidence(json::dump(tree));
    ASSERT_FALSE(evidence.ok()) << json::dump(tree);
    EXPECT_EQ(evidence.error().code, Errc::invalid_argument);
    EXPECT_NE(evidence.error().message.find(reason), std::string::npos) << evidence.error().message;
}

TEST(Evidence, ReadsEveryMember) {
    const auto evidence = parse_evidence(json::dump(full()));
    ASSERT_TRUE(evidence.ok()) << evidence.error().message;
    EXPECT_EQ(evidence->statement, (Bytes{0, 1, 2}));
    EXPECT_EQ(evidence->certificates, (std::vector<Bytes>{{1, 2, 3}}));
    ASSERT_EQ(evidence->proofs.size(), 2U);
    const Proof& first = evidence->proofs[0];
    EXPECT_EQ(first.index, 3U);
    EXPECT_EQ(first.hashes.size(), 1U);
    EXPECT_EQ(first.anchors.at(0).type, "moon-stone");
    EXPECT_EQ(first.logged.at(0).logged.at(0).checkpoint, "text\n\nlines\n");
    EXPECT_EQ(std::get<ChainFloor>(*evidence->floor).chain, "office");
    EXPECT_EQ(evidence->status.at(0).statement, (Bytes{4, 5, 6}));
    EXPECT_EQ(evidence->document->name, "täst.pdf");
    EXPECT_EQ(evidence->document->size, 5U);
}

TEST(Evidence, WritesWhatItReadsUnchanged) {
    for (const json::Value& tree : {minimal(), full()}) {
        const auto evidence = parse_evidence(json::dump(tree));
        ASSERT_TRUE(evidence.ok());
        const std::string text = to_json(*evidence);
        EXPECT_EQ(text, json::dump(tree) + "\n");
        const auto again = parse_evidence(text);
        ASSERT_TRUE(again.ok());
        EXPECT_EQ(*again, *evidence);
    }
}

TEST(Evidence, RefusesAMissingMemberOfEachKind) {
    for (const char* name : {"fieldseal", "statement", "certificates", "proofs"}) {
        json::Value tree = json::Value::object();
        const json::Value whole = minimal();
        for (const auto& member : whole.as_object()) {
            if (member.name != name) tree.set(member.name, member.value);
        }
        expect_refused(tree, name);
    }
    for (const char* name : {"index", "hashes", "checkpoint", "anchors", "logged"}) {
        json::Value part = json::Value::object();
        const json::Value whole = proof();
        for (const auto& member : whole.as_object()) {
            if (member.name != name) part.set(member.name, member.value);
        }
        expect_refused(minimal().set("proofs", json::Value::array({part})), name);
    }
}

TEST(Evidence, RefusesUnknownMembersEverywhereButInAnchors) {
    expect_refused(minimal().set("note", 1), "note");
    expect_refused(minimal().set("proofs", json::Value::array({proof().set("size", 1)})), "size");
    expect_refused(minimal().set("document", json::Value::object({{"path", "x"}})), "path");
    expect_refused(minimal().set("status", json::Value::array({json::Value::object(
                                               {{"statement", "AA=="}, {"seq", 1}})})),
                   "status[0]");
}

TEST(Evidence, RefusesAFloorOfNoKindOrOfTwo) {
    expect_refused(minimal().set("floor", json::Value::object()), "floor");
    expect_refused(minimal().set("floor", json::Value::object({{"chain", "a"}})), "floor");
    expect_refused(minimal().set("floor", json::Value::object({{"note", "a"}, {"token", "AA=="}})),
                   "floor");
}

TEST(Evidence, TellsAnotherVersionFromAnotherFile) {
    const auto newer = parse_evidence(json::dump(minimal().set("fieldseal", "evidence/v2")));
    ASSERT_FALSE(newer.ok());
    EXPECT_EQ(newer.error().code, Errc::unsupported);
    expect_refused(minimal().set("fieldseal", "trust/v1"), "not an evidence file");
}

TEST(Evidence, HoldsTheLimitOfProofs) {
    EXPECT_TRUE(parse_evidence(json::dump(minimal().set("proofs", list_of(proof(), 16)))).ok());
    expect_refused(minimal().set("proofs", list_of(proof(), 17)), "more than 16 PROOFs");
    json::Value tree = minimal().set("proofs", list_of(proof(3), 5));
    const auto item =
        json::Value::object({{"statement", "AA=="}, {"proofs", json::Value::array({proof()})}});
    EXPECT_TRUE(parse_evidence(json::dump(tree.set("status", list_of(item, 1)))).ok());
    expect_refused(tree.set("status", list_of(item, 2)), "more than 16 PROOFs");
}

TEST(Evidence, HoldsTheLimitsOfNestingHashesAndAnchors) {
    expect_refused(minimal().set("proofs", json::Value::array({proof(4)})), "nested deeper than 3");
    const auto hashes = [](std::size_t n) {
        return minimal().set(
            "proofs", json::Value::array({proof().set("hashes", list_of(json::Value(kHash), n))}));
    };
    EXPECT_TRUE(parse_evidence(json::dump(hashes(63))).ok());
    expect_refused(hashes(64), "more than 63");
    const auto anchors = [](std::size_t n) {
        const auto anchor = json::Value::object({{"type", "x"}});
        return minimal().set("proofs", list_of(proof().set("anchors", list_of(anchor, n)), 2));
    };
    EXPECT_TRUE(parse_evidence(json::dump(anchors(16))).ok());
    expect_refused(anchors(17), "more than 32 anchors");
}

TEST(Evidence, RefusesMoreThan256KiB) {
    std::string text = json::dump(minimal());
    EXPECT_TRUE(parse_evidence(text + std::string(kEvidenceBytesMax - text.size(), ' ')).ok());
    EXPECT_FALSE(parse_evidence(text + std::string(kEvidenceBytesMax - text.size() + 1, ' ')).ok());
}

TEST(Evidence, RefusesHashesThatAreNotDigests) {
    const auto with = [](const std::string& hash) {
        return minimal().set(
            "proofs", json::Value::array({proof().set("hashes", json::Value::array({hash}))}));
    };
    expect_refused(with(base64_encode(Bytes(31, 7))), "proofs[0].hashes[0]");
    expect_refused(with(base64_encode(Bytes(33, 7))), "proofs[0].hashes[0]");
    std::string stray_bits = kHash;
    stray_bits[42] = 'd';
    expect_refused(with(stray_bits), "proofs[0].hashes[0]");
}

TEST(Evidence, RefusesIndexesBeyond53BitsAndBelowZero) {
    std::string text = json::dump(minimal());
    const auto with_index = [&](const std::string& index) {
        std::string changed = text;
        changed.replace(changed.find("\"index\":3"), 9, "\"index\":" + index);
        return parse_evidence(changed).ok();
    };
    EXPECT_TRUE(with_index("9007199254740991"));
    EXPECT_FALSE(with_index("9007199254740993"));
    EXPECT_FALSE(with_index("-1"));
    EXPECT_FALSE(with_index("3.0"));
}

TEST(Evidence, ReadsOnePROOFOnItsOwn) {
    Proof proof;
    proof.index = 3;
    proof.hashes.push_back(Digest{1});
    proof.checkpoint = "a note";
    const auto back = parse_proof(to_json(proof));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, proof);
    EXPECT_FALSE(parse_proof("[]").ok());
    EXPECT_FALSE(parse_proof(to_json(proof) + "x").ok());
}

}  // namespace
}  // namespace fieldseal
