// SPDX-License-Identifier: Apache-2.0
// The way of a document through a real node: sealed, checkpointed, anchored at a hub, verified by
// the verdict engine that regulators use.
#include "anchor/target.h"
#include "core/witness/add_checkpoint.h"
#include "node/custody/private_file.h"
#include "tests/support/in_process_node.h"
#include "verify/verify.h"

#include <gtest/gtest.h>

#include <thread>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

constexpr store::LogId kLog = store::LogId::statements;

verify::Report judge(const Evidence& evidence, const Trust& trust, std::string_view content) {
    const std::string text = to_json(evidence);
    verify::Input input{
        .document = verify::DocumentDigests{sha256(as_bytes(content)), sha512(as_bytes(content))},
        .evidence = text,
        .trust = trust,
        .trust_sha256 = {},
        .now_s = std::nullopt};
    return verify::verify(input);
}

TEST(Sealing, LogsTheFirstSnapshotAtEntryZero) {
    InProcessNode node;
    const auto record = node.store->statements().by_index(merkle::LeafIndex{0});
    ASSERT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->kind, store::StatementKind::status);
    const auto snapshot = parse_status((*record)->cose);
    ASSERT_TRUE(snapshot.ok());
    EXPECT_EQ(snapshot->snapshot.seq, 0U);
    EXPECT_EQ(snapshot->snapshot.seals.size(), 1U);
    EXPECT_TRUE(verify_status(*snapshot, node.identity->status_key).ok());
}

TEST(Sealing, SurvivesAReopenWithTheSameLog) {
    InProcessNode node;
    const auto sealed = node.seal("minutes of the meeting");
    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
    const auto size = node.store->log(kLog).head().size;
    node.close();
    node.open();
    // Closing made a checkpoint, which ends in a snapshot.
    EXPECT_EQ(node.store->log(kLog).head().size.value, size.value + 1);
    const auto record = node.store->statements().by_entry(sealed->record.entry);
    ASSERT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->cose, sealed->record.cose);
    EXPECT_TRUE(node.seal("another").ok());
}

TEST(Sealing, RefusesWhileTheSealIsLocked) {
    InProcessNode node;
    node.seal_keys->lock_all();
    const auto refused = node.seal("x");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::locked);
    EXPECT_EQ(node.store->log(kLog).head().size.value, 1U);
}

TEST(Sealing, RefusesAnEmptyPassphraseAndGoesOn) {
    InProcessNode node;
    node.seal_keys->lock_all();
    const auto refused = node.seal_keys->unlock("", "", node.clock.now_s());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    EXPECT_FALSE(node.seal_keys->unlocked(""));
}

TEST(Sealing, KeepsADamagedKeyFileToItsOwnSeal) {
    InProcessNode node;
    const std::string file = keys_directory(node.config.data_dir) + "/seal-default.key";
    ASSERT_TRUE(write_private_file(file, as_bytes("not a key file")).ok());
    const auto keys = SealKeys::load(*node.seals, *node.keys.keystore, *node.status);
    ASSERT_TRUE(keys.ok());
    ASSERT_EQ((*keys)->damages().size(), 1U);
    EXPECT_NE((*keys)->damages()[0].find("default"), std::string::npos);
    EXPECT_FALSE((*keys)->unlock("", "correct horse battery staple", 0).ok());
    EXPECT_FALSE((*keys)->unlocked(""));
    (*keys)->lock_all();
}

TEST(Sealing, RefusesWhileTheGateIsClosedAndSaysWhy) {
    InProcessNode node;
    node.gate.close(GateReason::storage, "make room");
    EXPECT_EQ(node.seal("x").error().code, Errc::storage_full);
    node.gate.close(GateReason::held, "restored");
    EXPECT_EQ(node.seal("x").error().message, "restored");
    node.gate.open(GateReason::held);
    node.gate.open(GateReason::storage);
    EXPECT_TRUE(node.seal("x").ok());
}

TEST(Sealing, AnswersARepeatedIdempotencyKeyWithTheSameStatement) {
    InProcessNode node;
    const auto first = node.seal("x", "key-1");
    ASSERT_TRUE(first.ok());
    const auto again = node.seal("x", "key-1");
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->record.entry, first->record.entry);
    const auto other = node.seal("y", "key-1");
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, Errc::conflict);
    EXPECT_EQ(node.store->log(kLog).head().size.value, 2U);
}

TEST(Sealing, RemembersWhoOrderedAndRefusesAnActorThatIsTooLong) {
    InProcessNode node;
    api::SealOrder order;
    order.document = sha256(as_bytes("x"));
    order.actor = "maria";
    const auto sealed = node.sealing->seal(order);
    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
    EXPECT_EQ(decode_local(sealed->record.local).actor, "maria");
    order.actor = std::string(api::kActorBytesMax + 1, 'm');
    EXPECT_EQ(node.sealing->seal(order).error().code, Errc::invalid_argument);
}

TEST(Sealing, GivesEachAccountIdempotencyKeysOfItsOwn) {
    InProcessNode node;
    const auto seal_as = [&](std::string actor, std::string_view content) {
        api::SealOrder order;
        order.document = sha256(as_bytes(content));
        order.media_type = "text/plain";
        order.idempotency_key = std::string(255, 'k');
        order.actor = std::move(actor);
        return node.sealing->seal(order);
    };
    const std::string longest(api::kActorBytesMax, 'm');
    const auto hers = seal_as(longest, "a permit");
    ASSERT_TRUE(hers.ok()) << hers.error().message;
    for (const char* other : {"erik", ""}) {
        const auto his = seal_as(other, "another permit");
        ASSERT_TRUE(his.ok()) << other << his.error().message;
        EXPECT_FALSE(his->replayed);
    }
    const auto again = seal_as(longest, "a permit");
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->record.entry, hers->record.entry);
    EXPECT_EQ(seal_as("erik", "a permit").error().code, Errc::conflict);
}

TEST(Sealing, GivesEveryThreadItsOwnIndex) {
    constexpr std::size_t kThreads = 8;
    constexpr std::size_t kEach = 20;
    InProcessNode node;
    std::vector<std::vector<std::uint64_t>> seen(kThreads);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < kEach; ++i) {
                    // Half of the orders race with another thread under one idempotency key.
                    const std::string key = i % 2 == 0 ? "" : "shared-" + std::to_string(i);
                    const auto sealed = node.seal("document " + std::to_string(i), key);
                    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
                    if (!sealed->replayed) seen[t].push_back(sealed->record.index.value);
                }
            });
        }
    }
    std::vector<std::uint64_t> all;
    for (const auto& indexes : seen) all.insert(all.end(), indexes.begin(), indexes.end());
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all.size(), kThreads * kEach / 2 + kEach / 2);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i + 1);
}

TEST(Sealing, MakesACheckpointAfterEntriesMax) {
    InProcessNode::Options options;
    options.checkpoint.entries_max = 3;
    InProcessNode node(options);
    for (const char* content : {"a", "b", "c"}) ASSERT_TRUE(node.seal(content).ok());
    const auto record = node.store->checkpoints(kLog).latest();
    ASSERT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->head.size.value, 5U);  // snapshot, three statements, snapshot
    EXPECT_TRUE(note::open_checkpoint((*record)->note, node.identity->log_key, {}).ok());
}

TEST(Sealing, GivesEvidenceThatIsGenuineButPendingWithoutATarget) {
    InProcessNode node;
    const auto sealed = node.seal("permit 7");
    ASSERT_TRUE(sealed.ok());
    const EvidenceBuilder builder(*node.store);
    EXPECT_EQ(builder.build(sealed->record.entry, {}).error().code, Errc::conflict);
    node.checkpoint();
    const auto evidence = builder.build(sealed->record.entry, {});
    ASSERT_TRUE(evidence.ok()) << evidence.error().message;
    const auto report = judge(*evidence, node.trust(), "permit 7");
    EXPECT_EQ(report.exit_code(), 3) << verify::to_text(report, verify::Explain::yes);
    EXPECT_EQ(judge(*evidence, node.trust(), "permit 8").exit_code(), 1);
}

// Hands the node's newest checkpoint to the hub and stores the answer as an anchor worker does.
void anchor_at(InProcessNode& node, InProcessNode& hub, std::uint64_t old_size) {
    const auto record = node.store->checkpoints(kLog).latest();
    ASSERT_TRUE(record.ok() && record->has_value());
    const auto size = (*record)->head.size;
    const auto proof =
        old_size == 0 ? Result<merkle::Proof>(merkle::Proof{})
                      : node.store->log(kLog).consistency_proof(merkle::TreeSize{old_size}, size);
    ASSERT_TRUE(proof.ok());
    const auto reply = hub.hub->add_checkpoint(
        witness::format_add_checkpoint(merkle::TreeSize{old_size}, *proof, (*record)->note));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto checkpoint = note::parse_checkpoint_note((*record)->note);
    const auto cosignature =
        witness::parse_reply(reply.body, checkpoint->checkpoint, hub.identity->witness_key);
    ASSERT_TRUE(cosignature.ok()) << cosignature.error().message;
    const auto lines = note::parse_signature_lines(cosignature->line());
    anchor::AnchorPieces pieces;
    pieces.note = *note::merge_signatures((*record)->note, *lines);
    const auto logged = hub.hub->proof(checkpoint->checkpoint.digest());
    ASSERT_TRUE(logged.ok()) << logged.error().message;
    pieces.logged_json = *logged;
    const store::ProofRecord row{kLog, "hub", size, 0, anchor::encode_anchor_pieces(pieces)};
    ASSERT_TRUE(
        node.sequencer->run([&](store::Batch& batch) { return batch.put_proof(row); }).ok());
    ASSERT_TRUE(node.floors->offer(checkpoint->checkpoint, *cosignature).ok());
}

TEST(Sealing, IsValidOnceAHubOfAnotherOperatorCosigned) {
    InProcessNode node;
    InProcessNode::Options hub_options;
    hub_options.organisation = "archive.example";
    hub_options.name = "hub";
    InProcessNode hub(hub_options);
    ASSERT_TRUE(hub.enrolment->add(node.identity->log_key).ok());
    const auto first = node.seal("permit 7");
    ASSERT_TRUE(first.ok());
    node.checkpoint();
    anchor_at(node, hub, 0);

    Trust trust = node.trust();
    trust.witnesses.push_back({hub.identity->witness_key, "archive.example", std::nullopt});
    const EvidenceBuilder builder(*node.store);
    const auto evidence = builder.build(first->record.entry, {"hub"});
    ASSERT_TRUE(evidence.ok()) << evidence.error().message;
    ASSERT_EQ(evidence->proofs.size(), 1U);
    EXPECT_EQ(evidence->proofs[0].logged.size(), 1U);
    const auto report = judge(*evidence, trust, "permit 7");
    EXPECT_EQ(report.exit_code(), 0) << verify::to_text(report, verify::Explain::yes);

    // The next statement refers to the hub's cosignature: not signed before it.
    const auto second = node.seal("permit 8");
    ASSERT_TRUE(second.ok());
    const auto size = node.store->checkpoints(kLog).latest();
    node.checkpoint();
    anchor_at(node, hub, (*size)->head.size.value);
    const auto later = builder.build(second->record.entry, {"hub"});
    ASSERT_TRUE(later.ok()) << later.error().message;
    ASSERT_TRUE(later->floor.has_value());
    const auto bounded = judge(*later, trust, "permit 8");
    EXPECT_EQ(bounded.exit_code(), 0) << verify::to_text(bounded, verify::Explain::yes);
    EXPECT_TRUE(bounded.interval.not_before_s.has_value());
}

// As large as the witness adapter takes it: four PROOFs and eight anchors.
Proof greedy_hub_proof(std::string checkpoint) {
    Proof outer{0, {}, std::move(checkpoint), {}, {}};
    outer.anchors.assign(2, Anchor{"other", json::Value::object({{"type", std::string("other")}})});
    Proof proof = outer;
    proof.logged.assign(3, outer);
    return proof;
}

TEST(Sealing, KeepsEvidenceWithinItsLimitsWhateverHubsAdd) {
    InProcessNode node;
    const auto sealed = node.seal("permit 7");
    ASSERT_TRUE(sealed.ok());
    node.checkpoint();
    const auto record = node.store->checkpoints(kLog).latest();
    ASSERT_TRUE(record.ok() && record->has_value());
    std::vector<std::string> targets;
    for (int i = 0; i < 9; ++i) {
        targets.push_back("hub" + std::to_string(i));
        anchor::AnchorPieces pieces;
        pieces.note = (*record)->note;
        Proof proof = i < 3 ? greedy_hub_proof(pieces.note) : Proof{0, {}, pieces.note, {}, {}};
        pieces.logged_json = to_json(proof);
        const store::ProofRecord row{kLog, targets.back(), (*record)->head.size, 0,
                                     anchor::encode_anchor_pieces(pieces)};
        ASSERT_TRUE(
            node.sequencer->run([&](store::Batch& batch) { return batch.put_proof(row); }).ok());
    }
    const auto evidence = EvidenceBuilder(*node.store).build(sealed->record.entry, targets);
    ASSERT_TRUE(evidence.ok()) << evidence.error().message;
    const auto read = parse_evidence(to_json(*evidence));
    ASSERT_TRUE(read.ok()) << read.error().message;
    // Statement and status take one PROOF each, a greedy hub four; the six modest hubs are all
    // there.
    EXPECT_EQ(evidence->proofs[0].logged.size(), 6U + 2U);
}

TEST(Hub, RefusesAStrangersLogAndAStaleState) {
    InProcessNode node;
    InProcessNode::Options hub_options;
    hub_options.name = "hub";
    InProcessNode hub(hub_options);
    const auto request =
        witness::format_add_checkpoint(merkle::TreeSize{0}, {}, node.newest_checkpoint());
    EXPECT_EQ(hub.hub->add_checkpoint(request).status, 404);
    ASSERT_TRUE(hub.enrolment->add(node.identity->log_key).ok());
    EXPECT_EQ(hub.hub->add_checkpoint(request).status, 200);
    // The same again: the witness has size 1 now, old 0 is stale.
    const auto stale = hub.hub->add_checkpoint(request);
    EXPECT_EQ(stale.status, 409);
    EXPECT_EQ(stale.content_type, witness::kSizeContentType);
    EXPECT_EQ(stale.body, "1\n");
    const auto same =
        witness::format_add_checkpoint(merkle::TreeSize{1}, {}, node.newest_checkpoint());
    EXPECT_EQ(hub.hub->add_checkpoint(same).status, 200);
    // Once for the same checkpoint: asked again it adds no entry.
    EXPECT_EQ(hub.store->log(store::LogId::checkpoints).head().size.value, 1U);
    EXPECT_EQ(hub.hub->add_checkpoint("nonsense").status, 400);
}

TEST(Hub, CosignsNothingWhileTheNodeIsHeld) {
    InProcessNode node;
    InProcessNode::Options hub_options;
    hub_options.name = "hub";
    InProcessNode hub(hub_options);
    ASSERT_TRUE(hub.enrolment->add(node.identity->log_key).ok());
    const auto request =
        witness::format_add_checkpoint(merkle::TreeSize{0}, {}, node.newest_checkpoint());
    hub.gate.close(GateReason::held, "restored");
    EXPECT_EQ(hub.hub->add_checkpoint(request).status, 503);
    EXPECT_EQ(hub.store->log(store::LogId::checkpoints).head().size.value, 0U);
    hub.gate.open(GateReason::held);
    EXPECT_EQ(hub.hub->add_checkpoint(request).status, 200);
}

TEST(Hub, ShowsTheLatestCosignedCheckpointAndRemembersItAfterARestart) {
    InProcessNode node;
    InProcessNode::Options hub_options;
    hub_options.name = "hub";
    InProcessNode hub(hub_options);
    ASSERT_TRUE(hub.enrolment->add(node.identity->log_key).ok());
    const auto request =
        witness::format_add_checkpoint(merkle::TreeSize{0}, {}, node.newest_checkpoint());
    ASSERT_EQ(hub.hub->add_checkpoint(request).status, 200);
    hub.close();
    hub.open();
    const Digest origin = sha256(as_bytes(node.identity->origin));
    const auto latest = hub.hub->latest(origin);
    ASSERT_TRUE(latest.ok()) << latest.error().message;
    const std::vector witnesses{hub.identity->witness_key};
    const auto opened = note::open_checkpoint(*latest, node.identity->log_key, witnesses);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->cosignatures.size(), 1U);
    EXPECT_EQ(hub.hub->latest(Digest{}).error().code, Errc::not_found);
    EXPECT_EQ(hub.hub->add_checkpoint(request).status, 409);
}

}  // namespace
}  // namespace fieldseal::node
