// SPDX-License-Identifier: Apache-2.0
// What open() notices: histories that are shorter, other or newer than they must be, and damaged
// files, each by name.
#include "store/check.h"
#include "store/database.h"
#include "store/file.h"
#include "store/schema.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace fieldseal::store {
namespace {

namespace fs = std::filesystem;

constexpr LogId kLog = LogId::statements;

class Recovery : public ::testing::Test {
protected:
    fs::path data() const { return dir_.path(); }
    fs::path db() const { return data() / "db"; }

    // The only file in the database directory with this beginning or ending; the last one by name.
    fs::path file_like(const std::string& part) const {
        fs::path found;
        for (const auto& file : fs::directory_iterator(db())) {
            const std::string name = file.path().filename().string();
            if (!name.starts_with(part) && !name.ends_with(part)) continue;
            if (found.empty() || found < file.path()) found = file.path();
        }
        EXPECT_FALSE(found.empty()) << part;
        return found;
    }

    void flip_bit(const fs::path& path, std::uint64_t offset) const {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(offset));
        const char byte = static_cast<char>(file.get() ^ 0x10);
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(byte);
        ASSERT_TRUE(file.good());
    }

    Error open_error(PinPolicy policy = PinPolicy::verify) const {
        OpenOptions options = test_options(data());
        options.pin_policy = policy;
        auto opened = Store::open(options);
        EXPECT_FALSE(opened.ok());
        return opened.ok() ? Error{} : opened.error();
    }

    void expect_damaged_and_named(const std::string& file) const {
        const Error error = open_error();
        EXPECT_EQ(error.code, Errc::corrupt) << error.message;
        EXPECT_EQ(error.problem, "") << error.message;  // not a thing to accept
        EXPECT_NE(error.message.find(file), std::string::npos) << error.message;
        const auto report = check_files(data(), test_pin_key());
        ASSERT_TRUE(report.ok());
        ASSERT_FALSE(report->findings.empty());
        EXPECT_NE(report->findings[0].place.find(file), std::string::npos)
            << report->findings[0].place;
    }

    testing::TempDirectory dir_;
};

bool mentions(const Error& error, std::string_view words) {
    return error.message.find(words) != std::string::npos;
}

TEST_F(Recovery, ReopensAfterACleanCloseWithNothingToReport) {
    append_statements(*create_and_open(data()), 0, 10);
    const auto report = check_files(data(), test_pin_key());
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->ok());
    EXPECT_GT(report->files, 3U);
    EXPECT_TRUE(reopen(data())->notices().empty());
}

TEST_F(Recovery, NoticesAShortenedWriteAheadLog) {
    {
        const auto store = create_and_open(data());
        for (std::uint64_t i = 0; i < 20; ++i) append_statements(*store, i, 1);
    }
    // The last commits cut away at a place that RocksDB takes for a torn tail.
    const fs::path wal = file_like(".log");
    fs::resize_file(wal, fs::file_size(wal) * 3 / 4);
    const Error error = open_error();
    EXPECT_EQ(error.code, Errc::corrupt);
    EXPECT_TRUE(mentions(error, "fewer than the tail pin says (20)")) << error.message;
    EXPECT_TRUE(mentions(error, "doctor --accept-rollback"));
    // It stays refused: the first look must not have made the pin forget.
    EXPECT_TRUE(mentions(open_error(), "fewer than the tail pin says (20)"));
}

TEST_F(Recovery, NoticesADatabaseDirectoryFromAnOlderCopy) {
    append_statements(*create_and_open(data()), 0, 5);
    fs::copy(db(), data() / "copy", fs::copy_options::recursive);
    append_statements(*reopen(data()), 5, 5);
    fs::remove_all(db());
    fs::rename(data() / "copy", db());
    EXPECT_TRUE(mentions(open_error(), "5 fewer than the tail pin says (10)"));

    OpenOptions options = test_options(data());
    options.pin_policy = PinPolicy::accept_rollback;
    EXPECT_EQ((*Store::open(options))->log(kLog).head().size.value, 5U);
    EXPECT_EQ(reopen(data())->log(kLog).head().size.value, 5U);
}

TEST_F(Recovery, NoticesAnotherHistoryOfTheSameOrGreaterLength) {
    append_statements(*create_and_open(data()), 0, 5);
    const testing::TempDirectory other;
    append_statements(*create_and_open(other.path()), 100, 9);
    fs::remove_all(db());
    fs::copy(fs::path(other.path()) / "db", db(), fs::copy_options::recursive);
    EXPECT_TRUE(mentions(open_error(), "another root at size 5 than the tail pin says"));
}

TEST_F(Recovery, NoticesALostCheckpoint) {
    {
        const auto store = create_and_open(data());
        append_statements(*store, 0, 5);
        Batch batch = store->begin();
        ASSERT_TRUE(batch.put_checkpoint(kLog, test_checkpoint(batch.head(kLog))).ok());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }
    {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        Database::Writes writes;
        writes.erase(schema::checkpoint_key(kLog, {5}));
        ASSERT_TRUE((*database)->write(std::move(writes)).ok());
    }
    EXPECT_TRUE(mentions(open_error(), "lacks its checkpoint of size 5"));
    EXPECT_EQ(open_error().problem, kPinDisagrees);
}

// A hub's log, whose entries are digests: the pin watches it as it watches the office's.
void append_digests(Store& store, std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
        Batch batch = store.begin();
        ASSERT_TRUE(batch.append_checkpoint_digest(test_statement(i).entry).ok());
        ASSERT_TRUE(store.commit(std::move(batch)).ok());
    }
}

TEST_F(Recovery, NoticesAShortenedLogOfCheckpoints) {
    append_digests(*create_and_open(data()), 0, 20);
    const fs::path wal = file_like(".log");
    fs::resize_file(wal, fs::file_size(wal) * 3 / 4);
    const Error error = open_error();
    EXPECT_TRUE(mentions(error, "the checkpoints log has")) << error.message;
    EXPECT_TRUE(mentions(error, "fewer than the tail pin says (20)")) << error.message;
    EXPECT_EQ(error.problem, kPinDisagrees);
}

TEST_F(Recovery, NoticesAnotherHistoryOfTheLogOfCheckpoints) {
    append_digests(*create_and_open(data()), 0, 5);
    const testing::TempDirectory other;
    append_digests(*create_and_open(other.path()), 100, 9);
    fs::remove_all(db());
    fs::copy(fs::path(other.path()) / "db", db(), fs::copy_options::recursive);
    const Error error = open_error();
    EXPECT_TRUE(mentions(error, "the checkpoints log has another root at size 5")) << error.message;
    EXPECT_EQ(error.problem, kPinDisagrees);
}

TEST_F(Recovery, NoticesALostCheckpointOfTheLogOfCheckpoints) {
    constexpr LogId kHubLog = LogId::checkpoints;
    {
        const auto store = create_and_open(data());
        append_digests(*store, 0, 5);
        Batch batch = store->begin();
        ASSERT_TRUE(batch.put_checkpoint(kHubLog, test_checkpoint(batch.head(kHubLog))).ok());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }
    {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        Database::Writes writes;
        writes.erase(schema::checkpoint_key(kHubLog, {5}));
        ASSERT_TRUE((*database)->write(std::move(writes)).ok());
    }
    const Error error = open_error();
    EXPECT_TRUE(mentions(error, "the checkpoints log lacks its checkpoint of size 5"))
        << error.message;
    EXPECT_EQ(error.problem, kPinDisagrees);
}

TEST_F(Recovery, RefusesAMissingOrUnreadablePinUntilAPersonDecides) {
    append_statements(*create_and_open(data()), 0, 5);
    fs::remove(data() / "tail.pin");
    EXPECT_EQ(open_error().code, Errc::not_found);
    EXPECT_EQ(open_error().problem, kPinDisagrees);
    std::ofstream(data() / "tail.pin") << "not a pin";
    EXPECT_EQ(open_error().code, Errc::corrupt);
    EXPECT_EQ(open_error().problem, kPinDisagrees);
    OpenOptions options = test_options(data());
    options.pin_policy = PinPolicy::accept_rollback;
    ASSERT_TRUE(Store::open(options).ok());
    EXPECT_EQ(reopen(data())->log(kLog).head().size.value, 5U);
}

TEST_F(Recovery, ReportsATornPinSlotOnceAndRepairsIt) {
    append_statements(*create_and_open(data()), 0, 5);
    flip_bit(data() / "tail.pin", 50);
    EXPECT_EQ(reopen(data())->notices().size(), 1U);
    EXPECT_TRUE(reopen(data())->notices().empty());
}

TEST_F(Recovery, RefusesToCreateBesideThePinOfALostStore) {
    append_statements(*create_and_open(data()), 0, 5);
    fs::remove_all(db());
    const auto created = Store::create(data(), test_pin_key());
    ASSERT_FALSE(created.ok());
    EXPECT_EQ(created.error().code, Errc::conflict);
    EXPECT_TRUE(mentions(created.error(), "a store that is gone"));
}

TEST_F(Recovery, CreatesAgainAfterACreateThatWasCutOff) {
    fs::create_directory(data() / "db.new");
    std::ofstream(data() / "db.new" / "CURRENT") << "half";
    EXPECT_EQ(open_error().code, Errc::not_found);
    EXPECT_EQ(create_and_open(data())->log(kLog).head().size.value, 0U);
    EXPECT_FALSE(fs::exists(data() / "db.new"));
}

TEST_F(Recovery, RefusesANewerSchemaByName) {
    ASSERT_NE(create_and_open(data()), nullptr);
    const auto set_version = [&](std::uint32_t version) {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        Database::Writes writes;
        writes.put(schema::version_key(), schema::encode_version(version));
        ASSERT_TRUE((*database)->write(std::move(writes)).ok());
    };
    set_version(schema::kVersion + 1);
    EXPECT_EQ(open_error().code, Errc::unsupported);
    EXPECT_TRUE(mentions(open_error(), "install the newer fieldseal"));
    set_version(0);
    EXPECT_EQ(open_error().code, Errc::unsupported);
    set_version(schema::kVersion);
    EXPECT_NE(reopen(data()), nullptr);
}

TEST_F(Recovery, OpensAnOlderSchemaUnchangedAndRaisesItWithTheFirstNewRow) {
    ASSERT_NE(create_and_open(data()), nullptr);
    const auto version = [&] {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        return *schema::decode_version(**(*database)->get(schema::version_key()));
    };
    {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        Database::Writes writes;
        writes.put(schema::version_key(), schema::encode_version(schema::kVersionMin));
        ASSERT_TRUE((*database)->write(std::move(writes)).ok());
    }
    append_statements(*reopen(data()), 0, 3);
    EXPECT_EQ(version(), schema::kVersionMin);
    {
        const auto store = reopen(data());
        Batch batch = store->begin();
        ASSERT_TRUE(batch.put_row(RowSpace::people, "k", Bytes{1}).ok());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }
    EXPECT_EQ(version(), schema::kVersion);
    EXPECT_EQ(**reopen(data())->row(RowSpace::people, "k"), Bytes{1});
}

TEST_F(Recovery, TellsASecondOpenerWhoOwnsTheDirectory) {
    const auto store = create_and_open(data());
    const Error error = open_error();
    EXPECT_EQ(error.code, Errc::conflict);
    EXPECT_TRUE(mentions(error, "another daemon owns"));
    EXPECT_TRUE(mentions(error, "process " + std::to_string(::getpid())));
    EXPECT_EQ(check_files(data(), std::nullopt).error().code, Errc::conflict);
    EXPECT_EQ(Store::create(data(), test_pin_key()).error().code, Errc::conflict);
}

TEST_F(Recovery, NoticesABitFlippedInTheWriteAheadLogAndNamesIt) {
    {
        const auto store = create_and_open(data());
        for (std::uint64_t i = 0; i < 20; ++i) append_statements(*store, i, 1);
    }
    flip_bit(file_like(".log"), fs::file_size(file_like(".log")) / 2);
    expect_damaged_and_named(file_like(".log").filename().string());
}

TEST_F(Recovery, NoticesABitFlippedInTheManifestAndNamesIt) {
    append_statements(*create_and_open(data()), 0, 20);
    for (const std::uint64_t offset :
         {std::uint64_t{9}, fs::file_size(file_like("MANIFEST")) / 2}) {
        flip_bit(file_like("MANIFEST"), offset);
        expect_damaged_and_named(file_like("MANIFEST").filename().string());
        flip_bit(file_like("MANIFEST"), offset);
    }
    EXPECT_NE(reopen(data()), nullptr);
}

TEST_F(Recovery, NoticesABitFlippedInCurrentAndNamesIt) {
    append_statements(*create_and_open(data()), 0, 20);
    for (std::uint64_t offset = 0; offset < fs::file_size(db() / "CURRENT"); ++offset) {
        flip_bit(db() / "CURRENT", offset);
        expect_damaged_and_named("CURRENT");
        flip_bit(db() / "CURRENT", offset);
    }
    EXPECT_NE(reopen(data()), nullptr);
}

TEST_F(Recovery, NoticesAMissingTableAndNamesIt) {
    append_statements(*create_and_open(data()), 0, 20);
    ASSERT_TRUE((*Database::open(db(), Database::Mode::open_existing))->flush().ok());
    const fs::path table = file_like(".sst");
    fs::remove(table);
    const Error error = open_error();
    EXPECT_EQ(error.code, Errc::corrupt) << error.message;
    EXPECT_TRUE(mentions(error, table.filename().string())) << error.message;
}

}  // namespace
}  // namespace fieldseal::store
