// SPDX-License-Identifier: Apache-2.0
#include "node/people/audit_book.h"

#include "core/hash.h"
#include "node/views.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

#include <thread>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

constexpr store::LogId kLog = store::LogId::statements;

AuditNote note(const std::string& action, const std::string& subject = "") {
    return {"maria", action, subject, "ok", "192.0.2.7"};
}

std::vector<store::StatementKind> kinds(const InProcessNode& node) {
    store::ListQuery query;
    query.order = store::Order::oldest_first;
    std::vector<store::StatementKind> found;
    const auto records = node.store->statements().list(query);
    for (const auto& record : *records) found.push_back(record.kind);
    return found;
}

TEST(AuditBook, KeepsAChainAcrossRestarts) {
    InProcessNode node;
    ASSERT_TRUE(node.audit->append(note("log-in")).ok());
    node.close();
    node.open();
    ASSERT_TRUE(node.audit->append(note("log-out")).ok());
    AuditChain chain;
    const auto rows = node.store->rows(store::RowSpace::audit, "", "", 10);
    for (const auto& row : *rows) {
        const auto entry = chain.add(row.value);
        ASSERT_TRUE(entry.ok()) << entry.error().message;
        EXPECT_EQ(row.key, audit_row_key(entry->seq));
    }
    EXPECT_EQ(chain.count(), 2U);
    EXPECT_EQ(chain.newest(), node.audit->chain().newest());
}

TEST(AuditBook, SignsAHeadBeforeTheSnapshotOnlyWhenItGrew) {
    using enum store::StatementKind;
    InProcessNode node;
    ASSERT_TRUE(node.seal("one").ok());
    node.checkpoint();
    EXPECT_EQ(kinds(node), (std::vector{status, statement, status}));
    ASSERT_TRUE(node.audit->append(note("log-in")).ok());
    ASSERT_TRUE(node.seal("two").ok());
    node.checkpoint();
    ASSERT_TRUE(node.seal("three").ok());
    node.checkpoint();
    EXPECT_EQ(kinds(node), (std::vector{status, statement, status, statement, audit, status,
                                        statement, status}));
    const auto record = node.store->statements().by_index(merkle::LeafIndex{4});
    const auto head = parse_audit_head((*record)->cose);
    ASSERT_TRUE(head.ok()) << head.error().message;
    EXPECT_TRUE(verify_audit_head(*head, node.identity->status_key).ok());
    EXPECT_EQ(head->head.count, 1U);
    EXPECT_EQ(head->head.as_of_size, 4U);
    EXPECT_EQ(head->head.newest, *node.audit->chain().newest());
    const auto view = statement_view(**record, {}, node.seals->all());
    EXPECT_EQ(view.find("kind")->as_string(), "audit");
    EXPECT_EQ(view.find("audit")->find("entries")->as_integer(), 1);
    node.close();
    node.open();
    ASSERT_TRUE(node.seal("four").ok());
    node.checkpoint();
    EXPECT_EQ(kinds(node).size(), 10U);  // no second head over the same entries
}

TEST(AuditBook, TakesAnyTextAndCutsIt) {
    InProcessNode node;
    std::string wide(kAuditActorBytesMax - 1, 'a');
    wide += "\xc3\xa9";
    ASSERT_TRUE(node.audit->append({wide, "log-in", "a\nb\x7f", "failed", "\xff"}).ok());
    ASSERT_TRUE(node.audit->append({"", "log-in", std::string(9999, 's'), "failed", ""}).ok());
    const auto entries = node.audit->list(2, std::nullopt);
    ASSERT_TRUE(entries.ok() && entries->size() == 2);
    EXPECT_EQ((*entries)[0].actor, "nobody");
    EXPECT_EQ((*entries)[0].subject.size(), kAuditSubjectBytesMax);
    EXPECT_EQ((*entries)[1].actor, std::string(kAuditActorBytesMax - 1, 'a'));
    EXPECT_EQ((*entries)[1].subject, "a?b?");
    EXPECT_EQ((*entries)[1].remote, "?");
    EXPECT_EQ(node.audit->append({"a", "Log in", "", "ok", ""}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(node.audit->chain().count(), 2U);
}

TEST(AuditBook, ListsTheNewestFirstPageByPage) {
    InProcessNode node;
    EXPECT_TRUE(node.audit->list(10, std::nullopt)->empty());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(node.audit->append(note("sync")).ok());
    const auto seqs = [&](std::uint32_t limit, std::optional<std::uint64_t> before) {
        std::vector<std::uint64_t> found;
        const auto entries = node.audit->list(limit, before);
        for (const auto& entry : *entries) found.push_back(entry.seq);
        return found;
    };
    using Seqs = std::vector<std::uint64_t>;
    EXPECT_EQ(seqs(2, std::nullopt), (Seqs{4, 3}));
    EXPECT_EQ(seqs(2, 3), (Seqs{2, 1}));
    EXPECT_EQ(seqs(2, 1), Seqs{0});
    EXPECT_EQ(seqs(2, 0), Seqs{});
    EXPECT_EQ(seqs(9, 99), (Seqs{4, 3, 2, 1, 0}));
    const auto page = node.audit->page({2, std::nullopt});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->find("next_before")->as_integer(), 3);
    EXPECT_EQ(node.audit->page({2, 1})->find("next_before"), nullptr);
}

TEST(AuditBook, ChainsWhatManyThreadsNoteAtOnce) {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 25;
    InProcessNode node;
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < kThreads; ++t) {
            threads.emplace_back([&node] {
                for (std::size_t i = 0; i < kEach; ++i)
                    EXPECT_TRUE(node.audit->append(note("sync")).ok());
            });
        }
    }
    AuditChain chain;
    const auto rows = node.store->rows(store::RowSpace::audit, "", "", 1000);
    for (const auto& row : *rows) ASSERT_TRUE(chain.add(row.value).ok());
    EXPECT_EQ(chain.count(), kThreads * kEach);
    EXPECT_EQ(node.store->log(kLog).head().size.value, 1U);  // no statement, no checkpoint
}

}  // namespace
}  // namespace fieldseal::node
