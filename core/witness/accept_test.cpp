// SPDX-License-Identifier: Apache-2.0
#include "core/witness/accept.h"

#include "core/merkle/frontier.h"
#include "core/merkle/proof.h"
#include "tests/support/note_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::witness {
namespace {

using ::fieldseal::testing::NoteSigner;

constexpr std::uint64_t kNow = 1700000000;

// A log of 40 entries that can be asked for its checkpoint and proofs at any size.
class WitnessRule : public ::testing::Test {
protected:
    WitnessRule() {
        merkle::Frontier frontier;
        heads_.push_back(frontier.head());
        for (int i = 0; i < 40; ++i) {
            leaves_.push_back(merkle::leaf_hash(as_bytes(std::to_string(i))));
            frontier.append(leaves_.back());
            heads_.push_back(frontier.head());
        }
    }

    merkle::Proof proof(std::uint64_t older, std::uint64_t newer) const {
        const auto reader = [this](merkle::NodeId node) -> Result<Digest> {
            return merkle::root_of(
                std::span(leaves_).subspan(node.index << node.level, std::size_t{1} << node.level));
        };
        return *merkle::consistency_proof(reader, {older}, {newer});
    }

    note::Checkpoint checkpoint(std::uint64_t size) const {
        return {"log.example", {size}, heads_[size].root};
    }

    AddCheckpoint request(std::uint64_t old_size, const note::Checkpoint& offered) const {
        AddCheckpoint request{{old_size}, {}, offered, {}, {}};
        request.signatures = *note::parse_signature_lines(log_.sign(offered.text()));
        return request;
    }
    AddCheckpoint request(std::uint64_t old_size, std::uint64_t size) const {
        AddCheckpoint made = request(old_size, checkpoint(size));
        if (old_size > 0 && old_size < size) made.proof = proof(old_size, size);
        return made;
    }

    LogState state(std::uint64_t size, std::uint64_t last_time_s = kNow - 100) const {
        return {heads_[size], last_time_s};
    }

    Decision ask(const LogState& state, const AddCheckpoint& request,
                 std::uint64_t now_s = kNow) const {
        return accept(state, request, keys_, now_s);
    }

    static std::uint16_t status(const Decision& decision) {
        const auto* refused = std::get_if<Refused>(&decision);
        return refused == nullptr ? 200 : static_cast<std::uint16_t>(refused->status);
    }

    NoteSigner log_{"log.example", note::KeyType::ed25519, 0x01};
    std::vector<note::VerifierKey> keys_{log_.key()};
    std::vector<Digest> leaves_;
    std::vector<merkle::TreeHead> heads_;
};

TEST_F(WitnessRule, AcceptsFirstContact) {
    const auto decision = ask(LogState{}, request(0, 10));
    ASSERT_EQ(status(decision), 200);
    const auto& accepted = std::get<Accepted>(decision);
    EXPECT_EQ(accepted.next, (LogState{heads_[10], kNow}));
    EXPECT_EQ(accepted.checkpoint, checkpoint(10));
    EXPECT_EQ(accepted.time_s, kNow);
    EXPECT_EQ(accepted.message, note::cosignature_message(kNow, checkpoint(10).text()));
    EXPECT_TRUE(accepted.grew);
}

TEST_F(WitnessRule, AcceptsEveryGrowthAndRepetition) {
    for (std::uint64_t older = 0; older <= 40; ++older) {
        for (std::uint64_t newer = older; newer <= 40; ++newer) {
            const auto decision = ask(state(older), request(older, newer));
            ASSERT_EQ(status(decision), 200) << older << " " << newer;
            EXPECT_EQ(std::get<Accepted>(decision).next.head, heads_[newer]);
            EXPECT_EQ(std::get<Accepted>(decision).grew, newer > older);
        }
    }
}

TEST_F(WitnessRule, Answers404WithoutKeys) {
    EXPECT_EQ(status(accept(LogState{}, request(0, 10), {}, kNow)), 404);
}

TEST_F(WitnessRule, Answers403WithoutAGoodLogSignature) {
    AddCheckpoint unsigned_request = request(0, 10);
    const NoteSigner stranger("log.example", note::KeyType::ed25519, 0x66);
    unsigned_request.signatures =
        *note::parse_signature_lines(stranger.sign(checkpoint(10).text()));
    EXPECT_EQ(status(ask(LogState{}, unsigned_request)), 403);
    AddCheckpoint broken = request(0, 10);
    broken.signatures[0].signature[0] ^= 1;
    EXPECT_EQ(status(ask(LogState{}, broken)), 403);
}

TEST_F(WitnessRule, Answers403WhenOneOfTwoTrustedKeysIsBroken) {
    const NoteSigner next("log.example", note::KeyType::ed25519, 0x02);
    keys_.push_back(next.key());
    AddCheckpoint both = request(0, 10);
    EXPECT_EQ(status(ask(LogState{}, both)), 200) << "one signature of two keys is enough";
    both.signatures.push_back(
        note::parse_signature_lines(next.sign(checkpoint(10).text()))->front());
    EXPECT_EQ(status(ask(LogState{}, both)), 200);
    both.signatures[1].signature[9] ^= 1;
    EXPECT_EQ(status(ask(LogState{}, both)), 403);
}

TEST_F(WitnessRule, Answers400WhenOldIsAboveTheCheckpoint) {
    EXPECT_EQ(status(ask(state(20), request(20, 10))), 400);
    EXPECT_EQ(status(ask(LogState{}, request(1, 0))), 400);
}

TEST_F(WitnessRule, Answers409WithTheStoredSize) {
    for (const std::uint64_t old_size : {0U, 9U, 11U, 30U}) {
        const auto decision = ask(state(10), request(old_size, 30));
        ASSERT_EQ(status(decision), 409) << old_size;
        EXPECT_EQ(std::get<Refused>(decision).stored_size.value, 10U);
    }
}

TEST_F(WitnessRule, Answers422ForAFork) {
    note::Checkpoint fork = checkpoint(10);
    fork.root[0] ^= 1;
    EXPECT_EQ(status(ask(state(10), request(10, fork))), 422);
    note::Checkpoint grown_fork = checkpoint(20);
    grown_fork.root[0] ^= 1;
    AddCheckpoint forked = request(10, grown_fork);
    forked.proof = proof(10, 20);
    EXPECT_EQ(status(ask(state(10), forked)), 422);
    // A witness that stored another root for size 10 does not let the log argue.
    LogState other = state(10);
    other.head.root[0] ^= 1;
    EXPECT_EQ(status(ask(other, request(10, 20))), 422);
}

TEST_F(WitnessRule, Answers422ForEveryWrongProof) {
    AddCheckpoint missing = request(10, 20);
    missing.proof.clear();
    EXPECT_EQ(status(ask(state(10), missing)), 422);
    AddCheckpoint extra = request(10, 20);
    extra.proof.push_back(Digest{});
    EXPECT_EQ(status(ask(state(10), extra)), 422);
    AddCheckpoint first = request(0, 20);
    first.proof = {Digest{}};
    EXPECT_EQ(status(ask(LogState{}, first)), 422);
    AddCheckpoint same = request(10, 10);
    same.proof = {Digest{}};
    EXPECT_EQ(status(ask(state(10), same)), 422);
}

TEST_F(WitnessRule, Answers422ForAnEmptyTreeWithARoot) {
    EXPECT_EQ(status(ask(LogState{}, request(0, 0))), 200);
    note::Checkpoint odd = checkpoint(0);
    odd.root = Digest{};
    EXPECT_EQ(status(ask(LogState{}, request(0, odd))), 422);
}

TEST_F(WitnessRule, ChecksInTheOrderOfTheSpecification) {
    // Everything is wrong with this request; each repair uncovers the next refusal.
    note::Checkpoint fork = checkpoint(20);
    fork.root[0] ^= 1;
    AddCheckpoint bad = request(30, fork);
    bad.signatures[0].signature[0] ^= 1;
    EXPECT_EQ(status(accept(state(10), bad, {}, 0)), 404);
    EXPECT_EQ(status(ask(state(10), bad, 0)), 403);
    bad.signatures[0].signature[0] ^= 1;
    EXPECT_EQ(status(ask(state(10), bad, 0)), 400);
    bad.old_size = {5};
    EXPECT_EQ(status(ask(state(10), bad, 0)), 409);
    bad.old_size = {10};
    EXPECT_EQ(status(ask(state(10), bad, 0)), 422);
    EXPECT_EQ(status(ask(state(10), request(10, 20), 0)), 503);
    EXPECT_EQ(status(ask(state(10), request(10, 20))), 200);
}

TEST_F(WitnessRule, NeverLetsItsTimeGoBack) {
    const auto decision = ask(state(10, kNow + 50), request(10, 20));
    ASSERT_EQ(status(decision), 200);
    EXPECT_EQ(std::get<Accepted>(decision).time_s, kNow + 50);
    EXPECT_EQ(std::get<Accepted>(decision).next.last_time_s, kNow + 50);
}

TEST_F(WitnessRule, RefusesATimeNoCosignatureCanHold) {
    EXPECT_EQ(status(ask(state(10), request(10, 20), UINT64_MAX)), 503);
}

TEST_F(WitnessRule, GivesAMessageWhoseCosignatureTheLogAccepts) {
    const NoteSigner witness("w.example", note::KeyType::cosignature, 0x11);
    const auto decision = ask(LogState{}, request(0, 10));
    const auto& accepted = std::get<Accepted>(decision);
    const note::Cosignature cosignature{"w.example", witness.key().id(), accepted.time_s,
                                        witness.sign_bytes(accepted.message)};
    const auto reply = parse_reply(cosignature.line(), checkpoint(10), witness.key());
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(*reply, cosignature);
}

}  // namespace
}  // namespace fieldseal::witness
