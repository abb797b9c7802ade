// SPDX-License-Identifier: Apache-2.0
// An LD_PRELOAD library that makes one call on a file fail, as a disk would.
//
//   FIELDSEAL_FAIL=<call>:<k>:<error>   call: write (also pwrite) · sync (fdatasync, fsync) ·
//   rename
//                                       k: which call fails, from 1, counted over the process
//                                       error: EIO · ENOSPC · SHORT (half of a write, then ENOSPC)
//   FIELDSEAL_FAIL=tell:0:-             fails nothing: each sync and each rename that succeeded is
//                                       a line "sync <path>" or "rename <to>" on standard output,
//                                       in order with what the process says there
//   FIELDSEAL_FAIL_PATH=<part>          only files whose path has this part (required); a part that
//                                       ends in $ is the end of the path
//
// After the k-th call every later one succeeds again: the worst disk is the one that lies
// afterwards ("fsyncgate"). Announces itself on stderr, so that a test knows whether it came to
// that, and announces a second sync of the same file, which nobody may believe.
// THREADS: any.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>

namespace {

struct Plan {
    std::string call;
    unsigned long k = 0;
    std::string error;
    std::string path;
};

Plan read_plan() {
    const char* what = std::getenv("FIELDSEAL_FAIL");
    const char* where = std::getenv("FIELDSEAL_FAIL_PATH");
    if (what == nullptr || where == nullptr) return {};
    const std::string_view text = what;
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first == text.npos || second == text.npos) std::abort();
    Plan plan;
    plan.call = text.substr(0, first);
    plan.k =
        std::strtoul(std::string(text.substr(first + 1, second - first - 1)).c_str(), nullptr, 10);
    plan.error = text.substr(second + 1);
    plan.path = where;
    return plan;
}

const Plan& plan() {
    static const Plan the_plan = read_plan();
    return the_plan;
}

std::string path_of(int descriptor) {
    char target[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t size = ::readlink(link.c_str(), target, sizeof target);
    return size < 0 ? std::string() : std::string(target, static_cast<std::size_t>(size));
}

bool is_meant(const std::string& path) {
    const std::string_view part = plan().path;
    if (!part.ends_with('$')) return path.find(part) != std::string::npos;
    return path.ends_with(part.substr(0, part.size() - 1));
}

// Whether this call is the one to fail.
bool is_due(std::string_view call, const std::string& path) {
    static std::atomic<unsigned long> calls{0};
    if (plan().call != call || !is_meant(path)) return false;
    if (++calls != plan().k) return false;
    const std::string line = "failing_io: " + std::string(call) + " " + path + "\n";
    std::fputs(line.c_str(), stderr);
    return true;
}

bool sync_fails(int descriptor) {
    if (plan().call != "sync") return false;
    static std::mutex mutex;
    static std::string failed;
    const std::string path = path_of(descriptor);
    const std::lock_guard lock(mutex);
    if (!failed.empty() && path == failed) {
        std::fputs(("failing_io: sync again " + path + "\n").c_str(), stderr);
    }
    if (!is_due("sync", path)) return false;
    failed = path;
    return true;
}

// Tells of a call that succeeded, if that is the plan; returns the call's result.
int tell(int result, std::string_view call, const std::string& path) {
    if (result != 0 || !is_meant(path)) return result;
    const std::string line = std::string(call) + " " + path + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::abort();
    return result;
}

int fail() {
    errno = plan().error == "EIO" ? EIO : ENOSPC;
    return -1;
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define FIELDSEAL_EXPORT extern "C" __attribute__((visibility("default")))

FIELDSEAL_EXPORT ssize_t write(int descriptor, const void* bytes, size_t size) {
    static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
    if (plan().call != "write" || !is_due("write", path_of(descriptor))) {
        return real(descriptor, bytes, size);
    }
    if (plan().error == "SHORT" && size > 1) real(descriptor, bytes, size / 2);
    return fail();
}

FIELDSEAL_EXPORT ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
    static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    if (plan().call != "write" || !is_due("write", path_of(descriptor))) {
        return real(descriptor, bytes, size, offset);
    }
    if (plan().error == "SHORT" && size > 1) real(descriptor, bytes, size / 2, offset);
    return fail();
}

FIELDSEAL_EXPORT ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off_t offset) {
    return pwrite(descriptor, bytes, size, offset);
}

FIELDSEAL_EXPORT int fdatasync(int descriptor) {
    static auto* const real = next<int(int)>("fdatasync");
    if (plan().call == "tell") return tell(real(descriptor), "sync", path_of(descriptor));
    return sync_fails(descriptor) ? fail() : real(descriptor);
}

FIELDSEAL_EXPORT int fsync(int descriptor) {
    static auto* const real = next<int(int)>("fsync");
    if (plan().call == "tell") return tell(real(descriptor), "sync", path_of(descriptor));
    return sync_fails(descriptor) ? fail() : real(descriptor);
}

FIELDSEAL_EXPORT int rename(const char* from, const char* to) {
    static auto* const real = next<int(const char*, const char*)>("rename");
    if (plan().call == "tell") return tell(real(from, to), "rename", to);
    if (plan().call == "rename" && is_due("rename", to)) return fail();
    return real(from, to);
}
