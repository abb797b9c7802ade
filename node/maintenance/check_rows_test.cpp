// SPDX-License-Identifier: Apache-2.0
// What check_node says of rows that the store takes and only the node can judge: one damaged row of
// each kind beside a sound one.
#include "anchor/evm/lane.h"
#include "anchor/schedule.h"
#include "anchor/target.h"
#include "core/hash.h"
#include "node/anchoring/chain_target.h"
#include "node/maintenance/check.h"
#include "node/seals/seal_record.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

#include <functional>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

constexpr store::LogId kLog = store::LogId::statements;
constexpr std::int64_t kStoredAtS = 1'700'000'000;
const Bytes kNoRow{0x80};

// A node with two sealed documents and a checkpoint.
class CheckRows : public ::testing::Test {
protected:
    CheckRows() {
        EXPECT_TRUE(node_.seal("one").ok());
        EXPECT_TRUE(node_.seal("two").ok());
        node_.checkpoint();
    }

    // Closes the node, commits what `edit` puts, and returns every finding, one line each.
    std::string findings_after(const std::function<void(store::Batch&, const NodeKeys&)>& edit) {
        node_.close();
        const auto keys = open_keys(node_.config, *node_.identity);
        EXPECT_TRUE(keys.ok()) << keys.error().message;
        {
            const auto store = open_store(node_.config, *keys);
            EXPECT_TRUE(store.ok()) << store.error().message;
            store::Batch batch = (*store)->begin();
            edit(batch, *keys);
            EXPECT_TRUE((*store)->commit(std::move(batch)).ok());
            EXPECT_TRUE((*store)->close().ok());
        }
        const auto report = check_node(node_.config);
        if (!report.ok()) return report.error().message;
        std::string lines = report->not_opened ? report->not_opened->message + "\n" : "";
        for (const auto& finding : report->rows.findings)
            lines += finding.place + ": " + finding.what + "\n";
        return lines;
    }

    std::string findings_with_outbox(const std::string& target, std::string kind, Bytes state) {
        return findings_after([&](store::Batch& batch, const NodeKeys&) {
            EXPECT_TRUE(batch.put_outbox({kLog, target, std::move(kind), 1, state}).ok());
        });
    }

    std::string findings_with_proof(std::uint64_t size, const Bytes& proof) {
        return findings_after([&](store::Batch& batch, const NodeKeys&) {
            EXPECT_TRUE(batch.put_proof({kLog, "hub", {size}, kStoredAtS, proof}).ok());
        });
    }

    std::string findings_with_seal_row(const std::string& key, const Bytes& row) {
        return findings_after([&](store::Batch& batch, const NodeKeys&) {
            EXPECT_TRUE(batch.put_row(store::RowSpace::seals, key, row).ok());
        });
    }

    // A head of the audit log, right in all it says; `spoil` may change its signature.
    std::string findings_with_head(const std::function<void(Bytes&)>& spoil) {
        return findings_after([&](store::Batch& batch, const NodeKeys& keys) {
            const auto entry =
                encode(AuditEntry{0, std::nullopt, 1, "maria", "log-in", "", "ok", ""});
            ASSERT_TRUE(entry.ok());
            ASSERT_TRUE(batch.put_row(store::RowSpace::audit, audit_row_key(0), *entry).ok());
            AuditHead head;
            head.kid = node_.identity->status_key.kid();
            head.issued_at = kStoredAtS;
            head.origin = node_.identity->origin;
            head.count = 1;
            head.newest = sha256(*entry);
            head.as_of_size = batch.head(kLog).size.value;
            auto signed_head = keys.status->sign_audit_head(*AuditHeadTbs::from(std::move(head)));
            ASSERT_TRUE(signed_head.ok()) << signed_head.error().message;
            spoil(signed_head->object.signature);
            store::NewStatement row;
            row.kind = store::StatementKind::audit;
            row.received_at_s = kStoredAtS;
            row.cose = signed_head->cose();
            row.entry = sha256(row.cose);
            row.document = sha256(signed_head->object.payload);
            ASSERT_TRUE(batch.append_statement(row).ok());
        });
    }

    // The size of the newest checkpoint.
    std::uint64_t checkpointed() const {
        return (*node_.store->checkpoints(kLog).latest())->head.size.value;
    }

    anchor::AnchorPieces pieces() const { return {node_.newest_checkpoint(), "", ""}; }

    InProcessNode node_;
};

void expect_one(const std::string& lines, std::string_view part) {
    EXPECT_NE(lines.find(part), std::string::npos) << lines << " / " << part;
    EXPECT_EQ(lines.find('\n'), lines.size() - 1) << lines;
}

TEST_F(CheckRows, TakeTheStateOfATargetAndOfALane) {
    EXPECT_EQ(findings_with_outbox("hub", "witness", anchor::encode_target_state({})), "");
    EXPECT_EQ(findings_with_outbox("registry", std::string(kLaneKind), anchor::encode_lane({})),
              "");
}

TEST_F(CheckRows, NameTheTargetWhoseStateIsDamaged) {
    expect_one(findings_with_outbox("hub", "witness", kNoRow), "of \"hub\"");
}

TEST_F(CheckRows, NameTheLaneThatIsDamaged) {
    expect_one(findings_with_outbox("registry", std::string(kLaneKind), kNoRow), "of \"registry\"");
}

TEST_F(CheckRows, TakeThePiecesOfATarget) {
    EXPECT_EQ(findings_with_proof(checkpointed(), anchor::encode_anchor_pieces(pieces())), "");
}

TEST_F(CheckRows, NameThePiecesThatCannotBeRead) {
    expect_one(findings_with_proof(1, kNoRow), "what \"hub\" gave for size 1");
}

TEST_F(CheckRows, NameThePiecesOfAnotherSize) {
    expect_one(findings_with_proof(checkpointed() - 1, anchor::encode_anchor_pieces(pieces())),
               "its checkpoint is of another size than its row");
}

TEST_F(CheckRows, NameThePiecesUnderAnotherKey) {
    InProcessNode stranger;
    ASSERT_TRUE(stranger.seal("one").ok());
    stranger.checkpoint();
    anchor::AnchorPieces others = pieces();
    others.note = stranger.newest_checkpoint();
    expect_one(findings_with_proof(checkpointed(), anchor::encode_anchor_pieces(others)),
               "what \"hub\" gave for size ");
}

TEST_F(CheckRows, NameThePiecesWhoseProofOrAnchorsAreNone) {
    anchor::AnchorPieces logged = pieces();
    logged.logged_json = "{}";
    anchor::AnchorPieces anchored = pieces();
    anchored.anchors_json = "{}";
    const std::uint64_t size = checkpointed();
    for (const auto& bad : {logged, anchored}) {
        expect_one(findings_with_proof(size, anchor::encode_anchor_pieces(bad)),
                   "what \"hub\" gave for size ");
    }
}

TEST_F(CheckRows, NameASealThatCannotBeRead) {
    const std::string lines = findings_with_seal_row(seal_row_key("broken"), kNoRow);
    expect_one(lines, "of the database: ");
}

TEST_F(CheckRows, NameASealUnderAnotherName) {
    const Bytes row = encode_seal(*node_.seals->all().front());
    expect_one(findings_with_seal_row(seal_row_key("other"), row), "it is about another seal");
}

TEST_F(CheckRows, NameASealInTheMakingThatNoSealCanBe) {
    expect_one(findings_with_seal_row(making_row_key("No Name"), {}), "of the database: ");
}

TEST_F(CheckRows, NameAChangeOfASealThatCannotBeRead) {
    expect_one(findings_with_seal_row(change_row_key("default", 900), kNoRow), "of the database: ");
}

TEST_F(CheckRows, TakeAHeadOfTheAuditLog) {
    EXPECT_EQ(findings_with_head([](Bytes&) {}), "");
}

TEST_F(CheckRows, NameAHeadOfTheAuditLogThatTheStatusKeyDidNotSign) {
    expect_one(findings_with_head([](Bytes& signature) { signature[7] ^= 1; }), "signature");
}

}  // namespace
}  // namespace fieldseal::node
