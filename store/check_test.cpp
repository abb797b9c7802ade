// SPDX-License-Identifier: Apache-2.0
#include "store/check.h"

#include "store/database.h"
#include "store/log_file.h"
#include "store/schema.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

namespace fieldseal::store {
namespace {

namespace fs = std::filesystem;

constexpr LogId kLog = LogId::statements;
constexpr std::uint64_t kStatements = 600;

// A store with full and unfinished tiles, a checkpoint, and a row of every other kind.
class CheckTest : public ::testing::Test {
protected:
    void SetUp() override {
        const auto store = create_and_open(dir_.path());
        ASSERT_NE(store, nullptr);
        append_statements(*store, 0, kStatements);
        Batch batch = store->begin();
        const Digest entry = test_statement(0).entry;
        ASSERT_TRUE(batch.append_checkpoint_digest(entry).ok());
        ASSERT_TRUE(batch.put_checkpoint(kLog, test_checkpoint(batch.head(kLog))).ok());
        ASSERT_TRUE(batch.put_outbox({kLog, "hub", "witness", 1, {1}}).ok());
        ASSERT_TRUE(batch.put_proof({kLog, "hub", {kStatements}, 0, {1}}).ok());
        ASSERT_TRUE(batch.put_witness_state(entry, {{}, 0, "note"}).ok());
        ASSERT_TRUE(batch.put_idempotency("k", {entry, entry, 0}).ok());
        ASSERT_TRUE(batch.put_meta("m", Bytes{1}).ok());
        ASSERT_TRUE(batch.put_row(RowSpace::people, "account/anna", Bytes{1, 2}).ok());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }

    fs::path db() const { return fs::path(dir_.path()) / "db"; }

    CheckReport check_now(const CheckHooks& hooks = {}) const {
        const auto store = reopen(dir_.path());
        if (store == nullptr) return {};
        auto report = check(*store, hooks);
        EXPECT_TRUE(report.ok());
        return std::move(*report);
    }

    void change(const std::function<void(Database::Writes&)>& change) const {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        ASSERT_TRUE(database.ok());
        Database::Writes writes;
        change(writes);
        ASSERT_TRUE((*database)->write(std::move(writes)).ok());
    }
    Bytes row(const std::string& key) const {
        const auto database = Database::open(db(), Database::Mode::open_existing);
        return **(*database)->get(key);
    }

    void expect_finding(const std::string& place, const std::string& what) const {
        const CheckReport report = check_now();
        EXPECT_FALSE(report.ok());
        for (const Finding& finding : report.findings) {
            if (finding.place.find(place) == std::string::npos) continue;
            if (finding.what.find(what) != std::string::npos) return;
        }
        ADD_FAILURE() << "no finding for " << place << ": " << what << "; first of "
                      << report.findings_total << ": "
                      << (report.findings.empty()
                              ? ""
                              : report.findings[0].place + ": " + report.findings[0].what);
    }

    // The row at `key` with one bit flipped in byte `at`.
    void flip(const std::string& key, std::size_t at) const {
        Bytes bytes = row(key);
        bytes[at] ^= 1;
        change([&](Database::Writes& writes) { writes.put(key, bytes); });
    }
    void erase(const std::string& key) const {
        change([&](Database::Writes& writes) { writes.erase(key); });
    }
    void add(const std::string& key, const Bytes& value) const {
        change([&](Database::Writes& writes) { writes.put(key, value); });
    }

    testing::TempDirectory dir_;
};

TEST_F(CheckTest, FindsNothingInASoundStoreAndCountsIt) {
    std::uint64_t judged = 0;
    std::uint64_t steps = 0;
    CheckHooks hooks;
    hooks.statement = [&](const StatementRecord&) -> Result<void> {
        return ++judged, Result<void>();
    };
    hooks.checkpoint = [&](LogId, const CheckpointRecord&) -> Result<void> { return {}; };
    std::vector<std::string> rows;
    hooks.row = [&](const SpaceRow& row) {
        rows.push_back(row.key);
        return Result<void>();
    };
    hooks.progress = [&](std::string_view, std::uint64_t, std::uint64_t) { ++steps; };
    const CheckReport report = check_now(hooks);
    EXPECT_TRUE(report.ok()) << report.findings[0].place << ": " << report.findings[0].what;
    EXPECT_EQ(report.statements, kStatements);
    EXPECT_EQ(judged, kStatements);
    EXPECT_GT(steps, 0U);
    EXPECT_EQ(rows, std::vector<std::string>{"account/anna"});
    EXPECT_EQ(report.entries, kStatements + 1);
    EXPECT_EQ(report.tiles, 3U);  // two full on level 0, one unfinished on level 1
    EXPECT_EQ(report.checkpoints, 1U);
    EXPECT_EQ(report.other_rows, 9U);
}

TEST_F(CheckTest, TurnsAHooksErrorIntoAFinding) {
    CheckHooks hooks;
    hooks.statement = [](const StatementRecord& record) -> Result<void> {
        if (record.index.value == 17) return Error{Errc::corrupt, "bad signature"};
        return {};
    };
    hooks.checkpoint = [](LogId, const CheckpointRecord&) -> Result<void> {
        return Error{Errc::corrupt, "not our key"};
    };
    const CheckReport report = check_now(hooks);
    ASSERT_EQ(report.findings_total, 2U);
    EXPECT_EQ(report.findings[0].what, "not our key");
    EXPECT_EQ(report.findings[1].place, "statement row 17");
    EXPECT_EQ(report.findings[1].what, "bad signature");
}

TEST_F(CheckTest, FindsAChangedStatement) {
    flip(schema::statement_key({17}), 100);
    expect_finding("statement row 17", "do not have the digest");
}

TEST_F(CheckTest, FindsAStatementWithTheBytesOfAnother) {
    add(schema::statement_key({17}), schema::encode(test_statement(18)));
    expect_finding("statement row 17", "not the entry the log has");
}

TEST_F(CheckTest, FindsAMissingStatement) {
    erase(schema::statement_key({17}));
    expect_finding("statement row 17", "missing");
    erase(schema::statement_key({kStatements - 1}));
    expect_finding("statement row", "for 600 entries");
}

TEST_F(CheckTest, FindsAChangedOrMissingEntry) {
    const std::string key = schema::entry_key(kLog, {17});
    flip(key, 3);
    expect_finding("tile/0/000", "hash 17");
    flip(key, 3);
    erase(key);
    expect_finding("entry row 17", "missing");
}

TEST_F(CheckTest, FindsAChangedMissingOrExtraTile) {
    flip(schema::tile_key(kLog, 0, 1), 64);
    expect_finding("tile/0/001", "hash 2");
    flip(schema::tile_key(kLog, 0, 1), 64);
    const Bytes tile = row(schema::tile_key(kLog, 0, 1));
    erase(schema::tile_key(kLog, 0, 1));
    expect_finding("tile/0/001", "missing");
    add(schema::tile_key(kLog, 0, 1), tile);
    add(schema::tile_key(kLog, 0, 7), Bytes(32));
    expect_finding("tile row", "more than the log accounts for");
}

TEST_F(CheckTest, FindsIndexesThatPointAstrayInBothDirections) {
    const NewStatement statement = test_statement(17);
    add(schema::by_entry_key(kLog, statement.entry), schema::encode_number(16));
    expect_finding("entry index row 17", "points at entry 16");
    erase(schema::by_entry_key(kLog, statement.entry));
    expect_finding("entry index row 17", "missing");
    add(schema::by_entry_key(kLog, statement.document), schema::encode_number(1));
    add(schema::by_entry_key(kLog, test_statement(9999).entry), schema::encode_number(1));
    expect_finding("entry index rows", "more than the log accounts for");
}

TEST_F(CheckTest, FindsMissingAndExtraDocumentAndTimeRows) {
    const NewStatement statement = test_statement(17);
    const auto index = merkle::LeafIndex{17};
    erase(schema::by_document_key(statement.document, index));
    expect_finding("document index row 17", "missing");
    erase(schema::by_time_key(statement.received_at_s, index));
    expect_finding("time index row 17", "missing");
    for (std::uint64_t extra : {5000U, 5001U}) {
        add(schema::by_document_key(statement.document, {extra}), {});
        add(schema::by_time_key(0, {extra}), {});
    }
    expect_finding("document index rows", "more than there are statements");
    expect_finding("time index rows", "more than there are statements");
}

TEST_F(CheckTest, FindsACheckpointThatIsNotOfThisLog) {
    flip(schema::checkpoint_key(kLog, {kStatements}), 5);
    expect_finding("checkpoint row 600", "not the root");
    CheckpointRecord beyond = test_checkpoint({{9999}, {}});
    add(schema::checkpoint_key(kLog, {9999}), schema::encode(beyond));
    expect_finding("checkpoint row 9999", "beyond the end");
}

TEST_F(CheckTest, FindsRowsItCannotReadAndRowsOfNoKind) {
    add(schema::outbox_key(kLog, "hub"), Bytes{9});
    expect_finding("of the database", "outbox row cannot be read");
    add(schema::witness_key(test_statement(0).entry), Bytes{9});
    expect_finding("of the database", "witness row cannot be read");
    add(schema::space_row_key(RowSpace::people, "account/anna"), Bytes{1});
    expect_finding("of the database", "row of a space cannot be read");
    add(std::string("R\7k", 3), schema::encode(SpaceRow{}));
    expect_finding("of the database", "row of a space has a malformed key");
    add("Zzz", Bytes{1});
    expect_finding("of the database", "no known kind");
    add(schema::proof_key(kLog, "hub", {601}),
        schema::encode(ProofRecord{kLog, "hub", {601}, 0, {1}}));
    expect_finding("of the database", "beyond the log");
    add(schema::idempotency_key("x"), schema::encode(IdempotencyRecord{}));
    expect_finding("of the database", "not in the log");
}

TEST_F(CheckTest, BoundsWhatItDescribesAndCountsTheRest) {
    change([](Database::Writes& writes) {
        for (std::uint64_t i = 0; i < 300; ++i) writes.put("Z" + std::to_string(i), {});
    });
    const CheckReport report = check_now();
    EXPECT_EQ(report.findings.size(), kFindingsMax);
    EXPECT_EQ(report.findings_total, 300U);
}

TEST_F(CheckTest, NamesTheTableWithAFlippedBit) {
    ASSERT_TRUE((*Database::open(db(), Database::Mode::open_existing))->flush().ok());
    fs::path table;
    for (const auto& file : fs::directory_iterator(db())) {
        if (file.path().extension() != ".sst") continue;
        if (table.empty() || file.file_size() > fs::file_size(table)) table = file.path();
    }
    ASSERT_FALSE(table.empty());
    // In the middle: inside a data block, which no open reads.
    std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(fs::file_size(table) / 2));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(fs::file_size(table) / 2));
    file.put(byte);
    file.close();
    expect_finding("db", table.filename().string());
    const auto report = check_files(dir_.path(), test_pin_key());
    ASSERT_TRUE(report.ok());
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings[0].place, "db/" + table.filename().string());
}

TEST(LogFile, ComputesTheChecksumOfRfc3720) {
    // RFC 3720 §B.4: 32 bytes of zeros, 32 bytes of ones.
    EXPECT_EQ(crc32c(0, Bytes(32, 0x00)), 0x8a9136aaU);
    EXPECT_EQ(crc32c(0, Bytes(32, 0xff)), 0x62a8ab43U);
}

}  // namespace
}  // namespace fieldseal::store
