// SPDX-License-Identifier: Apache-2.0
#include "store/space.h"

#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sys/mount.h>
#include <sys/stat.h>

namespace fieldseal::store {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// A file system of its own with a fixed size; unmounted at the end.
class SmallDisk {
public:
    explicit SmallDisk(std::uint64_t bytes) {
        const std::string options = "mode=0700,size=" + std::to_string(bytes);
        error_ =
            ::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, options.c_str()) == 0 ? 0 : errno;
    }
    ~SmallDisk() {
        if (mounted()) ::umount2(dir_.path().c_str(), MNT_DETACH);
    }
    bool mounted() const { return error_ == 0; }
    std::string why() const { return std::strerror(error_); }
    std::filesystem::path path() const { return dir_.path(); }
    // Writes until nothing more fits.
    void fill() const {
        std::ofstream file(path() / "filler", std::ios::binary);
        const std::string chunk(64 * 1024, 'x');
        while (file.write(chunk.data(), static_cast<std::streamsize>(chunk.size())).flush()) {
        }
    }

private:
    testing::TempDirectory dir_;
    int error_ = 0;
};

#define NEED_SMALL_DISK(disk) \
    if (!disk.mounted()) GTEST_SKIP() << "cannot mount a tmpfs here: " << disk.why()

TEST(SpaceGuard, AllocatesTheBallastForReal) {
    const testing::TempDirectory dir;
    SpaceGuard guard(dir.path(), {.low_water_bytes = 0, .ballast_bytes = 3 * kMiB});
    EXPECT_FALSE(guard.state()->ballast);
    ASSERT_TRUE(*guard.ensure_ballast());
    EXPECT_TRUE(guard.state()->ballast);
    struct stat info{};
    ASSERT_EQ(::stat((std::filesystem::path(dir.path()) / "ballast").c_str(), &info), 0);
    EXPECT_GE(static_cast<std::uint64_t>(info.st_blocks) * 512, 3 * kMiB);
    ASSERT_TRUE(*guard.ensure_ballast());  // again is fine
    ASSERT_TRUE(guard.release_ballast().ok());
    EXPECT_FALSE(guard.state()->ballast);
    EXPECT_TRUE(guard.release_ballast().ok());
}

TEST(SpaceGuard, SaysLowBelowTheLowWaterMark) {
    const testing::TempDirectory dir;
    SpaceGuard low(dir.path(), {.low_water_bytes = UINT64_MAX / 2, .ballast_bytes = kMiB});
    EXPECT_EQ(low.state()->level, SpaceLevel::low);
    EXPECT_FALSE(*low.ensure_ballast());  // no room above the mark
    const SpaceGuard enough(dir.path(), {.low_water_bytes = 1, .ballast_bytes = kMiB});
    EXPECT_EQ(enough.state()->level, SpaceLevel::enough);
    EXPECT_GT(enough.state()->free_bytes, 0U);
}

TEST(SpaceGuard, ReportsADirectoryThatIsNotThere) {
    const SpaceGuard guard("/nonexistent/fieldseal", {});
    EXPECT_EQ(guard.state().error().code, Errc::not_found);
}

TEST(Space, OpeningOnAFullDiskIsASentenceAndLosesNothing) {
    const SmallDisk disk(64 * kMiB);
    NEED_SMALL_DISK(disk);
    SpaceGuard guard(disk.path(), {.low_water_bytes = 0, .ballast_bytes = 16 * kMiB});
    {
        const auto store = create_and_open(disk.path());
        ASSERT_NE(store, nullptr);
        append_statements(*store, 0, 100);
        ASSERT_TRUE(*guard.ensure_ballast());
    }
    disk.fill();
    const auto full = Store::open(test_options(disk.path()));
    ASSERT_FALSE(full.ok());
    EXPECT_EQ(full.error().code, Errc::storage_full);
    EXPECT_NE(full.error().message.find("nothing is lost"), std::string::npos);
    ASSERT_TRUE(guard.release_ballast().ok());
    const auto store = reopen(disk.path());
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(store->log(LogId::statements).head().size.value, 100U);
}

TEST(Space, CreatingOnAFullDiskIsASentence) {
    const SmallDisk disk(4 * kMiB);
    NEED_SMALL_DISK(disk);
    EXPECT_EQ(Store::create(disk.path(), test_pin_key()).error().code, Errc::storage_full);
    EXPECT_EQ(Store::open(test_options(disk.path())).error().code, Errc::not_found);
}

TEST(Space, AFullDiskPoisonsTheStoreAndKeepsEveryAcknowledgedStatement) {
    const SmallDisk disk(24 * kMiB);
    NEED_SMALL_DISK(disk);
    std::uint64_t acknowledged = 0;
    {
        const auto store = create_and_open(disk.path());
        ASSERT_NE(store, nullptr);
        for (;; ++acknowledged) {
            NewStatement statement = test_statement(acknowledged);
            statement.local.resize(kLocalBytesMax);
            Batch batch = store->begin();
            ASSERT_TRUE(batch.append_statement(statement).ok());
            const auto committed = store->commit(std::move(batch));
            if (committed.ok()) continue;
            EXPECT_EQ(committed.error().code, Errc::storage_full) << committed.error().message;
            break;
        }
        EXPECT_TRUE(store->failure().has_value());
        EXPECT_EQ(store->log(LogId::statements).head().size.value, acknowledged);
        Batch batch = store->begin();
        ASSERT_TRUE(batch.append_statement(test_statement(acknowledged + 1)).ok());
        EXPECT_FALSE(store->commit(std::move(batch)).ok());
        EXPECT_FALSE(store->close().ok());
    }
    // In the product the process ends here. RocksDB's lock lives as long as the process, so the
    // rest of this story, a restart, is told in tests/crash.
}

}  // namespace
}  // namespace fieldseal::store
