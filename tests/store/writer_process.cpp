// SPDX-License-Identifier: Apache-2.0
#include "tests/store/writer_process.h"

#include "tests/support/temp_directory.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::store {
namespace {

std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> list;
    for (auto& text : strings) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

std::vector<std::string> whole_environment(const std::vector<std::string>& more) {
    std::vector<std::string> all = more;  // first: of two with one name the first counts
    for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
    return all;
}

}  // namespace

std::uint64_t WriterEnd::last(const std::string& word, std::uint64_t fallback) const {
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(word + " ")) {
            fallback = std::strtoull(line.c_str() + word.size() + 1, nullptr, 10);
        }
    }
    return fallback;
}

WriterEnd run_writer(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment) {
    const testing::TempDirectory dir;
    const std::string out = dir / "out";
    const std::string err = dir / "err";
    std::vector<std::string> command{FIELDSEAL_STORE_WRITER};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = whole_environment(environment);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kFlags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kFlags, 0600);
    pid_t pid = 0;
    const int spawned = ::posix_spawn(&pid, FIELDSEAL_STORE_WRITER, &actions, nullptr,
                                      pointers(command).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (spawned != 0) std::abort();

    int status = 0;
    if (::waitpid(pid, &status, 0) != pid) std::abort();
    WriterEnd end;
    if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    end.out = read_all(out);
    end.err = read_all(err);
    return end;
}

std::vector<std::string> failing(const std::string& call, const std::string& path_part) {
    // A sanitizer wants to be the first library; this one only stands before libc.
    std::string sanitizer = "ASAN_OPTIONS=verify_asan_link_order=0";
    if (const char* options = std::getenv("ASAN_OPTIONS")) sanitizer += ":" + std::string(options);
    return {"LD_PRELOAD=" FIELDSEAL_FAILING_IO, "FIELDSEAL_FAIL=" + call,
            "FIELDSEAL_FAIL_PATH=" + path_part, sanitizer};
}

}  // namespace fieldseal::store
