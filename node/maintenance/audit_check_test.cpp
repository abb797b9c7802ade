// SPDX-License-Identifier: Apache-2.0
// A node's audit log, changed behind its back.
#include "core/hash.h"
#include "node/maintenance/check.h"
#include "node/maintenance/gates.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

constexpr store::RowSpace kSpace = store::RowSpace::audit;

AuditNote note(const std::string& action, const std::string& subject = "") {
    return {"maria", action, subject, "ok", "192.0.2.7"};
}

// Four entries, a head over them in the log, two more entries; closed. Closing signs them too.
class AuditLog : public ::testing::Test {
protected:
    AuditLog() {
        for (const char* action : {"log-in", "unlock", "lock", "log-out"})
            EXPECT_TRUE(node_.audit->append(note(action)).ok());
        EXPECT_TRUE(node_.seal("one").ok());
        node_.checkpoint();
        EXPECT_TRUE(node_.audit->append(note("log-in")).ok());
        EXPECT_TRUE(node_.audit->append(note("log-out")).ok());
        EXPECT_TRUE(node_.seal("two").ok());
        node_.close();
    }

    void change(const std::function<void(store::Batch&)>& edit) {
        const auto identity = load_identity(node_.config.data_dir);
        const auto keys = open_keys(node_.config, *identity);
        const auto store = open_store(node_.config, *keys);
        ASSERT_TRUE(store.ok()) << store.error().message;
        store::Batch batch = (*store)->begin();
        edit(batch);
        ASSERT_TRUE((*store)->commit(std::move(batch)).ok());
        ASSERT_TRUE((*store)->close().ok());
    }

    // Every finding, one line each.
    std::string findings() {
        const auto report = check_node(node_.config);
        if (!report.ok()) return report.error().message;
        std::string lines;
        for (const auto& finding : report->rows.findings)
            lines += finding.place + ": " + finding.what + "\n";
        return lines;
    }

    void expect_only(std::string_view part) {
        const std::string lines = findings();
        EXPECT_NE(lines.find(part), std::string::npos) << lines << " / " << part;
        EXPECT_EQ(lines.find('\n'), lines.size() - 1) << lines;
    }

    // The entry that follows `before` in a chain of one's own.
    static Bytes forged(std::uint64_t seq, std::optional<Digest> before,
                        const std::string& action) {
        return *encode(AuditEntry{seq, before, 1, "maria", action, "", "ok", ""});
    }

    InProcessNode node_;
};

TEST_F(AuditLog, IsSoundWhenNobodyTouchedIt) {
    EXPECT_EQ(findings(), "");
    node_.open();
    EXPECT_EQ(node_.audit->damage(), "");
    EXPECT_EQ(node_.audit->chain().count(), 6U);
}

TEST_F(AuditLog, NamesAnEntryThatWasRemoved) {
    change([](store::Batch& batch) {
        EXPECT_TRUE(batch.erase_row(kSpace, audit_row_key(1)).ok());
        EXPECT_TRUE(batch.erase_row(kSpace, audit_row_key(2)).ok());
    });
    expect_only("audit entry 1 and those up to 2 are missing");
}

TEST_F(AuditLog, NamesAnEntryThatWasEdited) {
    change([](store::Batch& batch) {
        const Bytes first = **batch.row(kSpace, audit_row_key(0));
        EXPECT_TRUE(batch.put_row(kSpace, audit_row_key(1), forged(1, sha256(first), "sync")).ok());
    });
    expect_only("audit entry 2: audit entry does not follow: it names other bytes as entry 1");
}

TEST_F(AuditLog, NamesTheFirstHeadThatAChainMadeAnewMisses) {
    change([](store::Batch& batch) {
        std::optional<Digest> before;
        for (std::uint64_t seq = 0; seq < 6; ++seq) {
            const Bytes bytes = forged(seq, before, "log-in");
            EXPECT_TRUE(batch.put_row(kSpace, audit_row_key(seq), bytes).ok());
            before = sha256(bytes);
        }
    });
    const std::string lines = findings();
    EXPECT_NE(lines.find("audit entry 3 is not the one that statement 2 of the log signs"),
              std::string::npos)
        << lines;
}

TEST_F(AuditLog, NamesATailThatWasCutAndTheNodeSaysSoWhenItStarts) {
    change(
        [](store::Batch& batch) { EXPECT_TRUE(batch.erase_row(kSpace, audit_row_key(5)).ok()); });
    expect_only("it ends with 5 entries, and statement");
    node_.open();
    EXPECT_NE(node_.audit->damage().find("does not have the 6 entries"), std::string::npos);
}

// A new head signs the shorter log; the damage is said until a person accepts it.
TEST_F(AuditLog, SaysThatATailWasCutUntilAPersonAcceptsIt) {
    change(
        [](store::Batch& batch) { EXPECT_TRUE(batch.erase_row(kSpace, audit_row_key(5)).ok()); });
    node_.open();
    ASSERT_TRUE(node_.audit->append({"local", "log-in", "", "ok", ""}).ok());
    ASSERT_TRUE(node_.seal("after the cut").ok());
    node_.checkpoint();
    node_.close();
    node_.open();
    EXPECT_NE(node_.audit->damage().find("does not have the 6 entries"), std::string::npos);
    const auto page = node_.audit->page({});
    ASSERT_TRUE(page.ok());
    EXPECT_NE(page->find("damage"), nullptr);
    node_.close();
    const auto lifted = accept_rollback(node_.config, 1'800'000'000);
    ASSERT_TRUE(lifted.ok()) << lifted.error().message;
    ASSERT_EQ(lifted->size(), 1U);
    EXPECT_NE(lifted->at(0).find("audit log goes on"), std::string::npos);
    node_.open();
    EXPECT_EQ(node_.audit->damage(), "");
    node_.close();
    EXPECT_NE(findings().find("signs"), std::string::npos) << "check names it for good";
}

// Also before any head covers the shorter log.
TEST_F(AuditLog, AcceptsACutTailThatNoHeadCovers) {
    change(
        [](store::Batch& batch) { EXPECT_TRUE(batch.erase_row(kSpace, audit_row_key(5)).ok()); });
    ASSERT_EQ(accept_rollback(node_.config, 1'800'000'000).value().size(), 1U);
    node_.open();
    EXPECT_EQ(node_.audit->damage(), "");
}

TEST_F(AuditLog, NamesBytesThatAreNoEntry) {
    change([](store::Batch& batch) {
        EXPECT_TRUE(batch.put_row(kSpace, audit_row_key(5), Bytes{0x80}).ok());
        EXPECT_TRUE(batch.put_row(kSpace, "key", Bytes{0x80}).ok());
    });
    const std::string lines = findings();
    EXPECT_NE(lines.find("audit entry 5: "), std::string::npos) << lines;
    EXPECT_NE(lines.find("malformed key"), std::string::npos) << lines;
}

TEST_F(AuditLog, SaysWhatAPersonOverrode) {
    change([](store::Batch& batch) {
        EXPECT_TRUE(batch.put_meta(kHeldMetaName, as_bytes("{}")).ok());
    });
    ASSERT_TRUE(accept_rollback(node_.config, 1'800'000'000).ok());
    ASSERT_TRUE(accept_rollback(node_.config, 1'800'000'000).ok());  // nothing to lift: no entry
    node_.open();
    const auto newest = node_.audit->list(1, std::nullopt);
    ASSERT_TRUE(newest.ok() && newest->size() == 1);
    EXPECT_EQ((*newest)[0].seq, 6U);
    EXPECT_EQ((*newest)[0].action, "accept-rollback");
    EXPECT_TRUE((*newest)[0].actor.starts_with("local:uid="));
    EXPECT_NE((*newest)[0].subject.find("no longer held"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node
