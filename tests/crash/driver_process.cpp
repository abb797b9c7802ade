// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/driver_process.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::testing {

std::ostream& operator<<(std::ostream& out, const Ended& ended) {
    if (ended.signal != 0) return out << "killed by signal " << ended.signal;
    return out << "exit code " << ended.exit_code;
}

Ended run_driver(std::string_view mode, const std::string& directory,
                 const std::vector<std::string>& environment) {
    std::vector<std::string> words{FIELDSEAL_CRASH_DRIVER, std::string(mode), directory};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<std::string> added = environment;
    std::vector<char*> variables;
    for (auto& variable : added) variables.push_back(variable.data());
    for (char** own = ::environ; *own != nullptr; ++own) variables.push_back(*own);
    variables.push_back(nullptr);

    pid_t pid = 0;
    if (::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), variables.data()) != 0) {
        std::perror(argv[0]);
        std::abort();
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) return Ended::killed_by(WTERMSIG(status));
    return Ended::exited(WEXITSTATUS(status));
}

}  // namespace fieldseal::testing
