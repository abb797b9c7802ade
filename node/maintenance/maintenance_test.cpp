// SPDX-License-Identifier: Apache-2.0
// A real node's directory, damaged, held, restored and accepted.
#include "anchor/evm/lane.h"
#include "node/anchoring/chain_target.h"
#include "node/maintenance/check.h"
#include "node/maintenance/copy.h"
#include "node/maintenance/doctor.h"
#include "node/maintenance/gates.h"
#include "node/maintenance/restore.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;
using testing::InProcessNode;
using testing::TempDirectory;

// A node with five sealed documents and a checkpoint, closed.
class Maintenance : public ::testing::Test {
protected:
    Maintenance() {
        for (const char* content : {"one", "two", "three", "four", "five"})
            EXPECT_TRUE(node_.seal(content).ok());
        node_.checkpoint();
        node_.close();
    }

    Result<RestoreReport> restore() {
        return restore_node(node_.config.data_dir, restored_ / "data", 1'800'000'000);
    }

    InProcessNode node_;
    TempDirectory restored_;
};

const Diagnosis* find(const std::vector<Diagnosis>& found, std::string_view subject) {
    const auto at = std::find_if(found.begin(), found.end(), [subject](const Diagnosis& each) {
        return each.subject == subject;
    });
    return at == found.end() ? nullptr : &*at;
}

TEST_F(Maintenance, CheckFindsNothingInAHealthyNode) {
    const auto report = check_node(node_.config);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_TRUE(report->ok()) << (report->rows.findings.empty() ? ""
                                                                : report->rows.findings[0].what);
    EXPECT_GE(report->rows.statements, 6U);
    EXPECT_GE(report->rows.checkpoints, 1U);
    EXPECT_GT(report->files.files, 0U);
}

TEST_F(Maintenance, CheckVerifiesSignaturesUnderTheKeysOfNodeJson) {
    // The same log beside another node's identity: every signature is by a stranger.
    InProcessNode stranger;
    stranger.close();
    fs::copy_file(stranger.config.data_dir + "/node.json", node_.config.data_dir + "/node.json",
                  fs::copy_options::overwrite_existing);
    fs::remove_all(node_.config.data_dir + "/keys");
    fs::copy(stranger.config.data_dir + "/keys", node_.config.data_dir + "/keys",
             fs::copy_options::recursive);
    const auto report = check_node(node_.config);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_FALSE(report->ok());
}

TEST_F(Maintenance, CheckNamesADamagedFile) {
    std::string damaged;
    for (const auto& entry : fs::directory_iterator(node_.config.data_dir + "/db")) {
        const bool table_or_log =
            entry.path().extension() == ".log" || entry.path().extension() == ".sst";
        if (!table_or_log || entry.file_size() < 200) continue;
        damaged = entry.path().filename();
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file.put('\x5a');
        file.put('\xa5');
        break;
    }
    ASSERT_FALSE(damaged.empty());
    const auto report = check_node(node_.config);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_FALSE(report->ok());
    std::string all = report->not_opened ? report->not_opened->message : "";
    for (const auto& finding : report->files.findings) all += finding.place + " ";
    EXPECT_NE(all.find(damaged), std::string::npos) << all;
}

// A node with a second seal, statements of both, and a head of the audit log.
void seal_with_two_seals(InProcessNode& node) {
    api::NewSeal second;
    second.name = "permits";
    second.passphrase = "four or more random words";
    second.activate = true;
    api::Caller amina;
    amina.account = "amina";
    ASSERT_TRUE(node.manager->create(amina, second).ok());
    ASSERT_TRUE(node.seal_keys->unlock("permits", second.passphrase, node.clock.now_s()).ok());
    for (int i = 0; i < 12; ++i) {
        api::SealOrder order;
        order.document = sha256(as_bytes(std::to_string(i)));
        order.media_type = "text/plain";
        order.seal = i % 2 == 0 ? "permits" : "default";
        ASSERT_TRUE(node.sealing->seal(order).ok());
    }
    node.checkpoint();
}

TEST_F(Maintenance, CheckAccusesNobodyOfWhatADamagedBlockHides) {
    constexpr std::uint64_t kFlips = 24;
    node_.open();
    ASSERT_NO_FATAL_FAILURE(seal_with_two_seals(node_));
    node_.close();
    const std::string whole = node_.config.data_dir;
    // Opened once more, so that everything is in tables and nothing in the write-ahead log.
    ASSERT_TRUE(check_node(node_.config)->ok());
    unsigned damaged = 0;
    for (const auto& entry : fs::directory_iterator(whole + "/db")) {
        if (entry.path().extension() != ".sst") continue;
        const std::uint64_t step = entry.file_size() / kFlips | 1;
        for (std::uint64_t at = 0; at < entry.file_size(); at += step) {
            Config config = node_.config;
            config.data_dir = restored_ / "copy";
            fs::remove_all(config.data_dir);
            fs::copy(whole, config.data_dir, fs::copy_options::recursive);
            {
                std::fstream file(config.data_dir + "/db/" + entry.path().filename().string(),
                                  std::ios::in | std::ios::out | std::ios::binary);
                file.seekg(static_cast<std::streamoff>(at));
                const int byte = file.get();
                file.seekp(static_cast<std::streamoff>(at));
                file.put(static_cast<char>(byte ^ 1));
            }
            const auto report = check_node(config);
            ASSERT_TRUE(report.ok()) << report.error().message;
            if (report->rows.unread) ++damaged;
            for (const auto& finding : report->rows.findings) {
                for (const char* never : {"does not have", "removed", "fieldseal check"}) {
                    EXPECT_EQ(finding.what.find(never), std::string::npos)
                        << at << ": " << finding.place << ": " << finding.what;
                }
            }
        }
    }
    EXPECT_GT(damaged, 0U);
}

TEST_F(Maintenance, CheckLeavesARunningNodeAlone) {
    node_.open();
    const auto report = check_node(node_.config);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Errc::conflict);
}

TEST_F(Maintenance, RestoreGivesBackEverythingAndHoldsIt) {
    const auto report = restore();
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->origin, node_.identity->origin);
    EXPECT_GE(report->log_size, 6U);
    Config config = node_.config;
    config.data_dir = restored_ / "data";
    const auto checked = check_node(config);
    ASSERT_TRUE(checked.ok()) << checked.error().message;
    EXPECT_TRUE(checked->ok());
    const auto found = examine_store(config);
    const Diagnosis* sealing = find(found, "sealing");
    ASSERT_NE(sealing, nullptr);
    EXPECT_EQ(sealing->health, Health::bad);
    EXPECT_NE(sealing->finding.find("held"), std::string::npos);
    // Its configuration names its new place.
    const auto read = load_config(config.data_dir + "/fieldseal.toml");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->data_dir, config.data_dir);
}

TEST_F(Maintenance, AcceptLiftsAHoldOnceAndSaysSo) {
    ASSERT_TRUE(restore().ok());
    Config config = node_.config;
    config.data_dir = restored_ / "data";
    const auto foreseen = foresee_rollback(config);
    ASSERT_TRUE(foreseen.ok()) << foreseen.error().message;
    ASSERT_EQ(foreseen->size(), 1U);
    EXPECT_NE(foreseen->front().find("entries and no target has confirmed"), std::string::npos);
    const auto lifted = accept_rollback(config, 1'800'000'000);
    ASSERT_TRUE(lifted.ok()) << lifted.error().message;
    ASSERT_EQ(lifted->size(), 1U);
    EXPECT_NE(lifted->front().find("held"), std::string::npos);
    EXPECT_TRUE(foresee_rollback(config)->empty());
    EXPECT_EQ(find(examine_store(config), "sealing")->health, Health::good);
    const auto again = accept_rollback(config, 1'800'000'000);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->empty());
}

TEST_F(Maintenance, AcceptTakesALogThatIsBehindItsPin) {
    // The database of an earlier moment under today's pin: what a bad disk or a partial restore
    // leaves.
    const std::string data = node_.config.data_dir;
    fs::copy(data + "/db", data + "/db.old", fs::copy_options::recursive);
    node_.open();
    ASSERT_TRUE(node_.seal("six").ok());
    node_.close();
    fs::remove_all(data + "/db");
    fs::rename(data + "/db.old", data + "/db");
    const Diagnosis* log = nullptr;
    const auto before = examine_store(node_.config);
    log = find(before, "log");
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->health, Health::bad);
    EXPECT_NE(log->fix.find("--accept-rollback"), std::string::npos);
    // It says how many are gone, changes nothing, and gives no advice to somebody who follows it.
    for (int twice = 0; twice < 2; ++twice) {
        const auto foreseen = foresee_rollback(node_.config);
        ASSERT_TRUE(foreseen.ok()) << foreseen.error().message;
        ASSERT_EQ(foreseen->size(), 1U);
        EXPECT_NE(foreseen->front().find("fewer than the tail pin says"), std::string::npos);
        EXPECT_EQ(foreseen->front().find("accept-rollback"), std::string::npos);
    }
    const auto lifted = accept_rollback(node_.config, 1'800'000'000);
    ASSERT_TRUE(lifted.ok()) << lifted.error().message;
    ASSERT_EQ(lifted->size(), 1U);
    EXPECT_EQ(lifted->front().find("accept-rollback"), std::string::npos) << lifted->front();
    EXPECT_EQ(find(examine_store(node_.config), "log")->health, Health::good);
}

TEST_F(Maintenance, AcceptTakesALogWithoutItsPin) {
    fs::remove(node_.config.data_dir + "/tail.pin");
    const auto foreseen = foresee_rollback(node_.config);
    ASSERT_TRUE(foreseen.ok()) << foreseen.error().message;
    ASSERT_EQ(foreseen->size(), 1U);
    ASSERT_TRUE(accept_rollback(node_.config, 1'800'000'000).ok());
    EXPECT_EQ(find(examine_store(node_.config), "log")->health, Health::good);
}

TEST_F(Maintenance, AcceptSaysWhatATargetHoldsAndPassesTheRowsOfAChain) {
    node_.open();
    ASSERT_TRUE(node_.seal("six").ok());
    node_.checkpoint();
    anchor::TargetState state;
    state.phase = anchor::Phase::stopped_by_proof;
    state.alarm_note = node_.newest_checkpoint();
    const store::LogId log = store::LogId::statements;
    const auto here = node_.store->log(log).head().size.value;
    store::Batch batch = node_.store->begin();
    ASSERT_TRUE(
        batch.put_outbox({log, "hub", "witness", 1, anchor::encode_target_state(state)}).ok());
    ASSERT_TRUE(
        batch.put_outbox({log, "registry", std::string(kLaneKind), 1, anchor::encode_lane({})})
            .ok());
    ASSERT_TRUE(batch.put_meta(kStoppedMetaName, as_bytes("target hub proved it")).ok());
    ASSERT_TRUE(node_.store->commit(std::move(batch)).ok());
    node_.close();
    const auto foreseen = foresee_rollback(node_.config);
    ASSERT_TRUE(foreseen.ok()) << foreseen.error().message;
    ASSERT_EQ(foreseen->size(), 1U);
    EXPECT_NE(foreseen->front().find("\"hub\" holds a checkpoint of "), std::string::npos);
    EXPECT_NE(foreseen->front().find(std::to_string(here)), std::string::npos);
    const auto found = examine_store(node_.config);
    EXPECT_EQ(find(found, "sealing")->fix, steps_when_stopped());
    const auto lifted = accept_rollback(node_.config, 1'800'000'000);
    ASSERT_TRUE(lifted.ok()) << lifted.error().message;
    EXPECT_EQ(lifted->size(), 2U);
    EXPECT_TRUE(foresee_rollback(node_.config)->empty());
}

TEST_F(Maintenance, RestoreRefusesADirectoryThatHoldsSomething) {
    fs::create_directory(restored_ / "data");
    std::ofstream(restored_ / "data/precious") << "x";
    const auto report = restore();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Errc::conflict);
    EXPECT_TRUE(fs::exists(restored_ / "data/precious"));
}

TEST_F(Maintenance, RestoreRefusesARunningNode) {
    node_.open();
    const auto report = restore();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Errc::conflict);
}

TEST_F(Maintenance, RestoreRefusesItsOwnInside) {
    const auto report = restore_node(node_.config.data_dir, node_.config.data_dir + "/inner", 0);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Errc::invalid_argument);
}

TEST_F(Maintenance, RestoreRefusesWhatIsNoNode) {
    const TempDirectory nothing;
    const auto report = restore_node(nothing.path(), restored_ / "data", 0);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Errc::not_found);
    EXPECT_NE(report.error().message.find("there is no backup in"), std::string::npos);
    EXPECT_EQ(report.error().message.find("init"), std::string::npos);
}

TEST_F(Maintenance, RestoreLeavesNoNodeBehindWhenTheBackupIsDamaged) {
    fs::remove(node_.config.data_dir + "/db/CURRENT");
    EXPECT_FALSE(restore().ok());
    EXPECT_FALSE(fs::exists(restored_ / "data/node.json"));
}

TEST_F(Maintenance, DoctorSeesOpenDoors) {
    ASSERT_EQ(::chmod(node_.config.data_dir.c_str(), 0755), 0);
    const auto found = examine_data_directory(node_.config);
    ASSERT_NE(find(found, "data directory"), nullptr);
    EXPECT_EQ(find(found, "data directory")->health, Health::bad);
    EXPECT_NE(find(found, "data directory")->fix.find("chmod 700"), std::string::npos);
}

TEST_F(Maintenance, DoctorSeesASocketTheGroupCannotReach) {
    EXPECT_EQ(examine_socket(node_.config).front().health, Health::good);
    node_.config.admin.group = "fieldseal";
    EXPECT_EQ(examine_socket(node_.config).front().health, Health::notice);
    node_.config.admin.socket = "/" + std::string(200, 'x');
    EXPECT_EQ(examine_socket(node_.config).front().health, Health::bad);
}

TEST_F(Maintenance, DoctorNamesTheFileOfTwoSealedBlocks) {
    Config config = node_.config;
    Config::Target target;
    target.name = "registry";
    target.kind = TargetKind::evm;
    config.targets = {target};
    EXPECT_TRUE(examine_chains(config).empty());
    const LanePlace place{store::LogId::statements, "registry", "registry.test", config.data_dir};
    ASSERT_TRUE(keep_sealed_twice(place, 7, Bytes{0xC1, 1}, Bytes{0xC1, 2}).ok());
    const auto found = examine_chains(config);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::notice);
    EXPECT_NE(found[0].finding.find("registry.sealed-twice"), std::string::npos);
    EXPECT_NE(found[0].fix, "");
}

TEST_F(Maintenance, DoctorHasAFixForEverythingThatIsNotGood) {
    fs::remove_all(node_.config.data_dir + "/keys");
    node_.config.sealing.low_water_mark_mib = 1024 * 1024;
    std::vector<Diagnosis> found = examine_keys(node_.config);
    for (auto more : {examine_space(node_.config), examine_clock(), examine_socket(node_.config)}) {
        found.insert(found.end(), more.begin(), more.end());
    }
    for (const Diagnosis& each : found) {
        EXPECT_EQ(each.health == Health::good, each.fix.empty())
            << each.subject << ": " << each.finding;
    }
    EXPECT_EQ(find(found, "keys")->health, Health::bad);
    EXPECT_EQ(find(found, "disk space")->health, Health::bad);
}

TEST(Copy, RefusesWhatIsNeitherFileNorDirectory) {
    const TempDirectory from;
    const TempDirectory to;
    fs::create_symlink("/etc/passwd", from / "link");
    const auto copied = copy_tree(from.path(), to.path(), [](const fs::path&) { return true; });
    ASSERT_FALSE(copied.ok());
    EXPECT_EQ(copied.error().code, Errc::invalid_argument);
    EXPECT_FALSE(fs::exists(to / "link"));
}

TEST(Copy, CopiesTreesAndLeavesOutWhatIsNotWanted) {
    const TempDirectory from;
    const TempDirectory to;
    fs::create_directory(from / "db");
    std::ofstream(from / "db/1") << "one";
    std::ofstream(from / "lock") << "7";
    const auto copied =
        copy_tree(from.path(), to.path(), [](const fs::path& name) { return name != "lock"; });
    ASSERT_TRUE(copied.ok()) << copied.error().message;
    EXPECT_EQ(copied->files, 1U);
    EXPECT_EQ(copied->bytes, 3U);
    EXPECT_TRUE(fs::exists(to / "db/1"));
    EXPECT_FALSE(fs::exists(to / "lock"));
}

}  // namespace
}  // namespace fieldseal::node
