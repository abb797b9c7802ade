// SPDX-License-Identifier: Apache-2.0
// Runs crash_driver as a process of its own and says how it ended.
// THREADS: any; the driver dies with the thread that started it.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

// How a process ended: its exit code, or the signal that killed it.
struct Ended {
    int exit_code = -1;
    int signal = 0;
    bool operator==(const Ended&) const = default;

    static Ended exited(int code) { return {code, 0}; }
    static Ended killed_by(int number) { return {-1, number}; }
};
std::ostream& operator<<(std::ostream& out, const Ended& ended);

// `environment`: "NAME=value", added to this process's own.
Ended run_driver(std::string_view mode, const std::string& directory,
                 const std::vector<std::string>& environment);

}  // namespace fieldseal::testing
