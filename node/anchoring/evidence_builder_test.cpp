// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/evidence_builder.h"

#include "anchor/target.h"
#include "core/encoding.h"
#include "tests/support/in_process_node.h"
#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;

Anchor anchor_named(const std::string& name, std::size_t bytes = 0) {
    return {"other", json::Value::object({{"type", std::string("other")},
                                          {"name", name},
                                          {"filling", std::string(bytes, 'x')}})};
}

// On a chain of `mode`, with or without the later headers that make its time certain.
Anchor evm_anchor(evm::Mode mode, bool has_later) {
    fieldseal::testing::HeaderDraft draft;
    draft.mode = mode == evm::Mode::plain ? evm::Mode::qbft : mode;
    // Any chain but Besu's may have this difficulty.
    if (mode == evm::Mode::plain) draft.difficulty_item = {0x02};
    const auto validators = fieldseal::testing::make_validators(4);
    draft.validators = fieldseal::testing::addresses_of(validators);
    draft.sealers = fieldseal::testing::first_sealers(validators, 3);
    const std::string header = base64_encode(fieldseal::testing::make_header(draft));
    auto members = json::Value::object({{"type", std::string("evm-tx")}, {"header", header}});
    if (has_later) members.set("later", json::Value::array({header}));
    return {"evm-tx", std::move(members)};
}

class EvidenceBuilderTest : public ::testing::Test {
protected:
    // A checkpoint of all that is sealed so far.
    store::CheckpointRecord checkpoint() {
        node_.checkpoint();
        return **node_.store->checkpoints(kLog).latest();
    }
    void anchored(const std::string& target, const store::CheckpointRecord& record,
                  const std::vector<Anchor>& anchors, const std::vector<Anchor>* at_hub = nullptr) {
        anchor::AnchorPieces pieces;
        pieces.note = record.note;
        if (!anchors.empty()) pieces.anchors_json = to_json(anchors);
        if (at_hub != nullptr) pieces.logged_json = to_json(Proof{0, {}, record.note, *at_hub, {}});
        const store::ProofRecord row{kLog, target, record.head.size, 0,
                                     anchor::encode_anchor_pieces(pieces)};
        ASSERT_TRUE(
            node_.sequencer->run([&](store::Batch& batch) { return batch.put_proof(row); }).ok());
    }
    Evidence build(const std::vector<std::string>& targets) {
        auto evidence = EvidenceBuilder(*node_.store).build(entry_, targets);
        EXPECT_TRUE(evidence.ok()) << evidence.error().message;
        EXPECT_TRUE(parse_evidence(to_json(*evidence)).ok());
        return std::move(*evidence);
    }

    fieldseal::testing::InProcessNode node_{{}};
    const Digest entry_ = node_.seal("permit 7")->record.entry;
};

TEST_F(EvidenceBuilderTest, WhatVouchesForACheckpointStandsInTheStatementsProofAlone) {
    anchored("chain", checkpoint(), {anchor_named("a")});
    const Evidence evidence = build({"chain"});
    ASSERT_EQ(evidence.proofs.size(), 1U);
    EXPECT_EQ(evidence.proofs[0].anchors, std::vector{anchor_named("a")});
    ASSERT_EQ(evidence.status.size(), 1U);
    EXPECT_TRUE(evidence.status[0].proofs[0].anchors.empty());
}

TEST_F(EvidenceBuilderTest, TwoTargetsOfOneCheckpointShareItsProof) {
    const auto record = checkpoint();
    anchored("chain", record, {anchor_named("a")});
    anchored("other", record, {anchor_named("b")});
    const Evidence evidence = build({"chain", "other"});
    ASSERT_EQ(evidence.proofs.size(), 1U);
    EXPECT_EQ(evidence.proofs[0].anchors.size(), 2U);
}

TEST_F(EvidenceBuilderTest, AHubsFirstAnswerIsKeptBesideTheFirstThatReachedAChain) {
    const std::vector<Anchor> none;
    const std::vector<Anchor> on_chain = {anchor_named("a")};
    anchored("hub", checkpoint(), {}, &none);
    for (const std::vector<Anchor>* anchors : {&none, &on_chain, &on_chain}) {
        ASSERT_TRUE(node_.seal("another").ok());
        anchored("hub", checkpoint(), {}, anchors);
    }
    const Evidence evidence = build({"hub"});
    ASSERT_EQ(evidence.proofs.size(), 2U);
    EXPECT_TRUE(evidence.proofs[0].logged.empty());
    ASSERT_EQ(evidence.proofs[1].logged.size(), 1U);
    EXPECT_EQ(evidence.proofs[1].logged[0].anchors, on_chain);
}

TEST_F(EvidenceBuilderTest, AnAnchorWithoutLaterHeadersBringsTheNextThatHasThem) {
    for (const evm::Mode mode : {evm::Mode::qbft, evm::Mode::ibft2}) {
        const std::string target(evm::to_string(mode));
        const std::vector<Anchor> optimistic = {evm_anchor(mode, /*has_later=*/false)};
        const std::vector<Anchor> certain = {evm_anchor(mode, /*has_later=*/true)};
        for (const std::vector<Anchor>* anchors : {&optimistic, &optimistic, &certain, &certain}) {
            ASSERT_TRUE(node_.seal("another").ok());
            anchored(target, checkpoint(), *anchors);
        }
        const Evidence evidence = build({target});
        ASSERT_EQ(evidence.proofs.size(), 2U);
        EXPECT_EQ(evidence.proofs[0].anchors, optimistic);
        EXPECT_EQ(evidence.proofs[1].anchors, certain);
    }
}

TEST_F(EvidenceBuilderTest, AnAnchorThatLacksNothingOrCannotBeBetteredStandsAlone) {
    const std::vector<Anchor> optimistic = {evm_anchor(evm::Mode::qbft, /*has_later=*/false)};
    const std::vector<Anchor> certain = {evm_anchor(evm::Mode::qbft, /*has_later=*/true)};
    const std::vector<Anchor> plain = {evm_anchor(evm::Mode::plain, /*has_later=*/false)};
    const std::vector<Anchor> other = {anchor_named("a")};
    struct Case {
        std::string target;
        const std::vector<Anchor>& first;
        const std::vector<Anchor>& next;
    };
    for (const Case& c : {Case{"complete", certain, certain}, Case{"plain", plain, certain},
                          Case{"other", other, certain}, Case{"worse", optimistic, optimistic}}) {
        for (const std::vector<Anchor>* anchors : {&c.first, &c.next}) {
            ASSERT_TRUE(node_.seal("another").ok());
            anchored(c.target, checkpoint(), *anchors);
        }
        const Evidence evidence = build({c.target});
        ASSERT_EQ(evidence.proofs.size(), 1U) << c.target;
        EXPECT_EQ(evidence.proofs[0].anchors, c.first) << c.target;
    }
}

TEST_F(EvidenceBuilderTest, AHubsChainIsLookedForUntilItsTimeIsCertain) {
    const std::vector<Anchor> none;
    const std::vector<Anchor> optimistic = {evm_anchor(evm::Mode::qbft, /*has_later=*/false)};
    const std::vector<Anchor> certain = {evm_anchor(evm::Mode::qbft, /*has_later=*/true)};
    for (const std::vector<Anchor>* anchors : {&none, &optimistic, &certain}) {
        ASSERT_TRUE(node_.seal("another").ok());
        anchored("hub", checkpoint(), {}, anchors);
        const Evidence evidence = build({"hub"});
        ASSERT_FALSE(evidence.proofs.back().logged.empty());
        EXPECT_EQ(evidence.proofs.back().logged[0].anchors, *anchors);
        EXPECT_EQ(evidence.proofs.size(), anchors == &none ? 1U : 2U);
    }
}

TEST_F(EvidenceBuilderTest, AChainNamedLastIsNotCrowdedOutByHubs) {
    const std::vector<Anchor> none;
    const std::vector<Anchor> on_chain = {anchor_named("a")};
    for (const std::vector<Anchor>* anchors : {&none, &on_chain}) {
        for (const char* hub : {"hub1", "hub2"}) {
            ASSERT_TRUE(node_.seal("another").ok());
            anchored(hub, checkpoint(), {}, anchors);
        }
    }
    ASSERT_TRUE(node_.seal("another").ok());
    anchored("chain", checkpoint(), {anchor_named("b")});
    // Of five checkpoints four find room: each target's place on a chain, and one hub's earliest.
    const Evidence evidence = build({"hub1", "hub2", "chain"});
    ASSERT_EQ(evidence.proofs.size(), 4U);
    EXPECT_TRUE(evidence.proofs[0].logged.empty());
    for (const std::size_t i : {1U, 2U}) {
        ASSERT_EQ(evidence.proofs[i].logged.size(), 1U);
        EXPECT_EQ(evidence.proofs[i].logged[0].anchors, on_chain);
    }
    EXPECT_EQ(evidence.proofs[3].anchors, std::vector{anchor_named("b")});
}

TEST_F(EvidenceBuilderTest, ACertainTimeGoesBeforeAnswersThatGiveNone) {
    std::vector<std::string> targets;
    for (int i = 0; i < 4; ++i) {
        targets.push_back("witness" + std::to_string(i));
        ASSERT_TRUE(node_.seal("another").ok());
        anchored(targets.back(), checkpoint(), {});
    }
    for (const bool has_later : {false, true}) {
        targets.push_back(has_later ? "certain" : "optimistic");
        ASSERT_TRUE(node_.seal("another").ok());
        anchored(targets.back(), checkpoint(), {evm_anchor(evm::Mode::qbft, has_later)});
    }
    const Evidence evidence = build(targets);
    ASSERT_EQ(evidence.proofs.size(), 4U);
    EXPECT_TRUE(evidence.proofs[0].anchors.empty());
    EXPECT_TRUE(evidence.proofs[1].anchors.empty());
    EXPECT_FALSE(evidence.proofs[2].anchors.empty());
    EXPECT_EQ(evidence.proofs[3].anchors,
              std::vector{evm_anchor(evm::Mode::qbft, /*has_later=*/true)});
}

TEST_F(EvidenceBuilderTest, AChainThatIsTooLargeForTheFileIsLeftOut) {
    const auto record = checkpoint();
    anchored("one", record, {anchor_named("a", 60'000)});
    std::vector<std::string> targets = {"one"};
    for (int i = 0; i < 5; ++i) {
        targets.push_back("more" + std::to_string(i));
        anchored(targets.back(), record, {anchor_named("b", 50'000)});
    }
    const Evidence evidence = build(targets);
    ASSERT_EQ(evidence.proofs.size(), 1U);
    EXPECT_EQ(evidence.proofs[0].anchors.size(), 5U);
    for (const Anchor& anchor : evidence.proofs[0].anchors)
        EXPECT_EQ(anchor.members.find("name")->as_string(), "b");
}

}  // namespace
}  // namespace fieldseal::node
