// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/doctor.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHeading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

class DoctorSwap : public ::testing::Test {
protected:
    Diagnosis with(const std::string& lines) {
        std::ofstream(directory_ / "swaps") << kHeading << lines;
        return examine_swap(directory_ / "swaps", directory_ / "block").front();
    }
    void device_mapper(const std::string& name, const std::string& uuid) {
        std::filesystem::create_directories(directory_ / ("block/" + name + "/dm"));
        std::ofstream(directory_ / ("block/" + name + "/dm/uuid")) << uuid << "\n";
    }

    fieldseal::testing::TempDirectory directory_;
};

TEST_F(DoctorSwap, IsWellWithoutAnyAndWithCompressedMemory) {
    EXPECT_EQ(with("").health, Health::good);
    EXPECT_EQ(with("/dev/zram0  partition 1 0 100\n").health, Health::good);
}

TEST_F(DoctorSwap, NamesWhatIsNotEncrypted) {
    device_mapper("dm-7", "CRYPT-PLAIN-swap");
    device_mapper("dm-8", "LVM-abc");
    const Diagnosis found =
        with("/dev/dm-7 partition 1 0 -2\n/dev/dm-8 partition 1 0 -3\n/swapfile file 1 0 -4\n");
    EXPECT_EQ(found.health, Health::notice);
    EXPECT_THAT(found.finding, HasSubstr("/dev/dm-8, /swapfile"));
    EXPECT_THAT(found.finding, Not(HasSubstr("dm-7")));
    EXPECT_EQ(with("/dev/dm-7 partition 1 0 -2\n").health, Health::good);
}

}  // namespace
}  // namespace fieldseal::node
