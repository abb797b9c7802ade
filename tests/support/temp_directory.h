// SPDX-License-Identifier: Apache-2.0
// A directory of this test alone (0700), removed with everything in it.
// OWNED BY: the test. THREADS: any after construction.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdlib.h>
#include <string>

namespace fieldseal::testing {

class TempDirectory {
public:
    TempDirectory() {
        std::string name =
            (std::filesystem::temp_directory_path() / "fieldseal-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TempDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace fieldseal::testing
