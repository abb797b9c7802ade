// SPDX-License-Identifier: Apache-2.0
// Runs store_writer to its end, however it ends.
// THREADS: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fieldseal::store {

struct WriterEnd {
    int exit_code = -1;  // -1: killed by `signal`
    int signal = 0;
    std::string out;
    std::string err;

    // The last number of a line "<word> <number>" on stdout; `fallback` when there is none.
    std::uint64_t last(const std::string& word, std::uint64_t fallback) const;
};

// `environment`: "NAME=value", added to this process's own.
WriterEnd run_writer(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment = {});

// The environment under which `call` (failing_io.cpp) fails for files whose path has `path_part`.
std::vector<std::string> failing(const std::string& call, const std::string& path_part);

}  // namespace fieldseal::store
