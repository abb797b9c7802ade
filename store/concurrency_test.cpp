// SPDX-License-Identifier: Apache-2.0
// One writer and several readers at once: every reader sees one consistent, durable moment. Worth
// most under ThreadSanitizer.
#include "core/merkle/proof.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fieldseal::store {
namespace {

constexpr std::uint64_t kStatements = 1200;
constexpr std::uint64_t kGroup = 40;
constexpr std::size_t kReaders = 3;

// What one reader asks, on whatever the log is now. Empty when all is as it must be.
std::string look(const Store& store, std::uint64_t turn) {
    const LogReader log = store.log(LogId::statements);
    const merkle::TreeHead head = log.head();
    if (head.size.value == 0) return {};
    const merkle::LeafIndex index{turn * 7919 % head.size.value};
    const auto record = store.statements().by_index(index);
    if (!record.ok() || !*record) return "a statement below the head is missing";
    const auto proof = log.inclusion_proof(index, head.size);
    if (!proof.ok()) return proof.error().message;
    const auto leaf = merkle::leaf_hash((*record)->entry);
    const auto verified = merkle::verify_inclusion(index, head, leaf, *proof);
    if (!verified.ok()) return verified.error().message;
    const auto found = store.statements().by_entry((*record)->entry);
    if (!found.ok() || !*found || (*found)->index != index) return "the entry index is behind";
    const auto latest = store.checkpoints(LogId::statements).latest();
    if (!latest.ok()) return latest.error().message;
    return {};
}

TEST(StoreThreads, ReadersSeeOneConsistentMomentWhileTheLogGrows) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    ASSERT_NE(store, nullptr);
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> looks{0};
    std::array<std::string, kReaders> complaints;
    std::vector<std::thread> readers;
    for (std::size_t reader = 0; reader < kReaders; ++reader) {
        readers.emplace_back([&, reader] {
            for (std::uint64_t turn = reader; !done && complaints[reader].empty(); ++turn) {
                complaints[reader] = look(*store, turn);
                ++looks;
            }
        });
    }
    for (std::uint64_t first = 0; first < kStatements; first += kGroup) {
        append_statements(*store, first, kGroup);
        Batch batch = store->begin();
        const auto log = LogId::statements;
        ASSERT_TRUE(batch.put_checkpoint(log, test_checkpoint(batch.head(log))).ok());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }
    done = true;
    for (auto& reader : readers) reader.join();
    for (const auto& complaint : complaints) EXPECT_EQ(complaint, "");
    EXPECT_GT(looks, 0U);
    EXPECT_TRUE(store->close().ok());
}

}  // namespace
}  // namespace fieldseal::store
