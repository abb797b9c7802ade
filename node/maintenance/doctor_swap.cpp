// SPDX-License-Identifier: Apache-2.0
// Keys are in locked memory and never swapped; documents in flight, passphrases on their way
// through a socket and whatever else a machine does are not.
#include "node/maintenance/doctor.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;

// Of device-mapper: "CRYPT-LUKS2-…", "CRYPT-PLAIN-…".
bool is_encrypted(const std::string& device, const std::string& sys_block) {
    std::error_code error;
    const fs::path real = fs::canonical(device, error);
    const std::string name =
        error ? fs::path(device).filename().string() : real.filename().string();
    std::ifstream uuid(sys_block + "/" + name + "/dm/uuid");
    std::string text;
    return std::getline(uuid, text) && text.starts_with("CRYPT-");
}

bool is_in_memory(const std::string& device) {
    return device.starts_with("/dev/zram");
}

}  // namespace

std::vector<Diagnosis> examine_swap(const std::string& swaps_file, const std::string& sys_block) {
    std::ifstream swaps(swaps_file);
    std::string line;
    std::getline(swaps, line);  // the heading
    std::string bare;
    while (std::getline(swaps, line)) {
        std::istringstream fields(line);
        std::string device;
        fields >> device;
        if (!device.empty() && !is_in_memory(device) && !is_encrypted(device, sys_block))
            bare += (bare.empty() ? "" : ", ") + device;
    }
    if (bare.empty()) {
        return {{"swap", Health::good, "nothing is swapped to a disk unencrypted", ""}};
    }
    return {{"swap", Health::notice,
             bare + ": memory is swapped there unencrypted. Keys are locked in memory and never go "
                    "there; other things do",
             "Encrypt the swap (crypttab with a random key), or switch it off: swapoff -a."}};
}

}  // namespace fieldseal::node
