// SPDX-License-Identifier: Apache-2.0
// What a hub serves of its witnessed log once that is anchored on chains. (Cosigning:
// sealing_test.cpp.)
#include "node/hub.h"

#include "anchor/target.h"
#include "core/witness/add_checkpoint.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr store::LogId kWitnessed = store::LogId::checkpoints;

std::vector<Anchor> anchors_of(std::size_t count, std::size_t bytes = 0) {
    const json::Value members =
        json::Value::object({{"type", std::string("other")}, {"filling", std::string(bytes, 'x')}});
    return {count, Anchor{"other", members}};
}

class HubProofTest : public ::testing::Test {
protected:
    // Has the hub witness the office's newest checkpoint; returns its digest.
    Digest witness() {
        const auto record = office_.store->checkpoints(store::LogId::statements).latest();
        const auto size = (*record)->head.size;
        merkle::Proof proof;
        if (witnessed_size_.value != 0) {
            proof = *office_.store->log(store::LogId::statements)
                         .consistency_proof(witnessed_size_, size);
        }
        const auto reply = hub_.hub->add_checkpoint(
            witness::format_add_checkpoint(witnessed_size_, proof, (*record)->note));
        EXPECT_EQ(reply.status, 200) << reply.body;
        witnessed_size_ = size;
        return note::parse_checkpoint_note((*record)->note)->checkpoint.digest();
    }
    void witness_another() {
        ASSERT_TRUE(office_.seal("permit").ok());
        office_.checkpoint();
        witness();
    }
    void anchored(const std::string& target, const std::vector<Anchor>& anchors) {
        const auto record = **hub_.store->checkpoints(kWitnessed).latest();
        anchor::AnchorPieces pieces;
        pieces.note = record.note;
        pieces.anchors_json = to_json(anchors);
        const store::ProofRecord row{kWitnessed, target, record.head.size, 0,
                                     anchor::encode_anchor_pieces(pieces)};
        ASSERT_TRUE(
            hub_.sequencer->run([&](store::Batch& batch) { return batch.put_proof(row); }).ok());
    }
    // Verified as an office would.
    Proof served(const Digest& digest) {
        const auto text = hub_.hub->proof(digest);
        EXPECT_TRUE(text.ok()) << text.error().message;
        EXPECT_LE(text->size(), anchor::kMaxLogProofBodyBytes);
        auto proof = parse_proof(*text);
        EXPECT_TRUE(proof.ok()) << proof.error().message;
        const auto head =
            note::open_checkpoint(proof->checkpoint, hub_.identity->witnessed_log_key, {});
        EXPECT_TRUE(head.ok()) << head.error().message;
        EXPECT_TRUE(merkle::verify_inclusion(merkle::LeafIndex{proof->index},
                                             head->checkpoint.head(), merkle::leaf_hash(digest),
                                             proof->hashes)
                        .ok());
        size_ = head->checkpoint.size.value;
        return std::move(*proof);
    }

    void SetUp() override { ASSERT_TRUE(hub_.enrolment->add(office_.identity->log_key).ok()); }

    static fieldseal::testing::InProcessNode::Options hub_options() {
        fieldseal::testing::InProcessNode::Options options;
        options.name = "hub";
        options.chain_targets = {"chain", "other"};
        return options;
    }

    fieldseal::testing::InProcessNode office_{{}};
    fieldseal::testing::InProcessNode hub_{hub_options()};
    merkle::TreeSize witnessed_size_{0};
    std::uint64_t size_ = 0;  // of the checkpoint last served
};

TEST_F(HubProofTest, IsOfTheNewestCheckpointUntilOneIsOnAChain) {
    const Digest digest = witness();
    witness_another();
    EXPECT_TRUE(served(digest).anchors.empty());
    EXPECT_EQ(size_, 2U);
}

TEST_F(HubProofTest, IsOfTheFirstCheckpointThatReachedAChain) {
    const Digest digest = witness();
    anchored("chain", anchors_of(1));
    witness_another();
    anchored("chain", anchors_of(2));
    EXPECT_EQ(served(digest).anchors.size(), 1U);
    EXPECT_EQ(size_, 1U);
}

TEST_F(HubProofTest, HasTheAnchorsOfAllChainsOfThatCheckpoint) {
    const Digest digest = witness();
    anchored("chain", anchors_of(1));
    anchored("other", anchors_of(2));
    EXPECT_EQ(served(digest).anchors.size(), 3U);
}

TEST_F(HubProofTest, ServesNoMoreThanOfficesTake) {
    const Digest digest = witness();
    anchored("chain", anchors_of(3, 10'000));
    anchored("other", anchors_of(1));
    EXPECT_EQ(served(digest).anchors.size(), 4U);
    anchored("chain", anchors_of(4, 10'000));
    EXPECT_EQ(served(digest).anchors.size(), 4U) << "three large ones and the small one";
    anchored("chain", anchors_of(anchor::kMaxLoggedAnchors + 1));
    EXPECT_EQ(served(digest).anchors.size(), anchor::kMaxLoggedAnchors);
}

}  // namespace
}  // namespace fieldseal::node
