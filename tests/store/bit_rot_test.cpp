// SPDX-License-Identifier: Apache-2.0
// One flipped bit at places all over every file of a small store. Each time one of three things
// must hold: the store does not open and says why, or check finds it, or nothing at all has
// changed. A store that opens, passes its check and has lost or changed something fails the test.
#include "store/check.h"
#include "store/database.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace fieldseal::store {
namespace {

namespace fs = std::filesystem;

// Places per file; the step is prime to the sizes of records, so that it meets every kind of field.
constexpr std::uint64_t kFlipsPerFile = 24;
constexpr std::uint64_t kStatements = 40;

void flip_bit(const fs::path& path, std::uint64_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(file.get() ^ (1 << (offset % 8)));
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
    ASSERT_TRUE(file.good());
}

// Half of the statements in tables, half in the write-ahead log, with a checkpoint.
void make_store(const fs::path& dir) {
    append_statements(*create_and_open(dir), 0, kStatements / 2);
    ASSERT_TRUE((*Database::open(dir / "db", Database::Mode::open_existing))->flush().ok());
    const auto store = reopen(dir);
    for (std::uint64_t i = kStatements / 2; i < kStatements; ++i) append_statements(*store, i, 1);
    Batch batch = store->begin();
    const auto log = LogId::statements;
    ASSERT_TRUE(batch.put_checkpoint(log, test_checkpoint(batch.head(log))).ok());
    ASSERT_TRUE(store->commit(std::move(batch)).ok());
}

struct Outcomes {
    unsigned refused = 0;
    unsigned found = 0;
    unsigned reported = 0;
    unsigned unchanged = 0;
};

// Opens the damaged copy; counts how the damage showed.
void judge(const fs::path& dir, const merkle::TreeHead& head, Outcomes& outcomes) {
    const auto store = Store::open(test_options(dir));
    if (!store.ok()) {
        ++outcomes.refused;
        EXPECT_FALSE(store.error().message.empty());
        return;
    }
    const auto report = check(**store, {});
    ASSERT_TRUE(report.ok());
    if (!report->ok()) {
        ++outcomes.found;
        return;
    }
    EXPECT_EQ((*store)->log(LogId::statements).head(), head);
    EXPECT_TRUE((*store)->checkpoints(LogId::statements).at(head.size)->has_value());
    EXPECT_EQ(report->statements, kStatements);
    ++((*store)->notices().empty() ? outcomes.unchanged : outcomes.reported);
}

TEST(BitRot, IsNeverServedAndNeverPassedOver) {
    const testing::TempDirectory dir;
    const fs::path whole = dir / "whole";
    fs::create_directory(whole);
    ASSERT_NO_FATAL_FAILURE(make_store(whole));
    // Copied first: opening it to look would rewrite its files.
    const fs::path look = dir / "look";
    fs::copy(whole, look, fs::copy_options::recursive);
    const auto head = reopen(look)->log(LogId::statements).head();

    std::map<std::string, Outcomes> outcomes;
    for (const auto& file : fs::recursive_directory_iterator(whole)) {
        const std::string name = file.path().filename().string();
        if (!file.is_regular_file() || file.file_size() == 0) continue;
        const std::string kind = name.substr(0, name.find('-'));
        const std::string label =
            file.path().has_extension() ? file.path().extension().string() : kind;
        const std::uint64_t step = std::max<std::uint64_t>(1, file.file_size() / kFlipsPerFile) | 1;
        for (std::uint64_t offset = 0; offset < file.file_size(); offset += step) {
            const fs::path copy = dir / "copy";
            fs::remove_all(copy);
            fs::copy(whole, copy, fs::copy_options::recursive);
            flip_bit(copy / fs::relative(file.path(), whole), offset);
            SCOPED_TRACE(name + " at byte " + std::to_string(offset));
            judge(copy, head, outcomes[label]);
        }
    }
    for (const auto& [kind, seen] : outcomes) {
        std::printf("%-10s refused at open %u, found by check %u, reported %u, no effect %u\n",
                    kind.c_str(), seen.refused, seen.found, seen.reported, seen.unchanged);
    }
    for (const char* kind : {".log", ".sst", "MANIFEST", "CURRENT"}) {
        EXPECT_GT(outcomes[kind].refused + outcomes[kind].found, 0U) << kind;
        EXPECT_EQ(outcomes[kind].reported, 0U) << kind;
    }
    EXPECT_GT(outcomes[".pin"].reported, 0U);
}

}  // namespace
}  // namespace fieldseal::store
