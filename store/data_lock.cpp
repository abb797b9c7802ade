// SPDX-License-Identifier: Apache-2.0
#include "store/data_lock.h"

#include "core/encoding.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace fieldseal::store {
namespace {

constexpr std::string_view kLockFile = "lock";
constexpr std::uint64_t kLockFileBytesMax = 64;

// "process 1234", or as much as is known: the holder may not have written its number yet.
std::string holder(const std::filesystem::path& path) {
    const auto bytes = read_file(path, kLockFileBytesMax);
    if (!bytes.ok()) return "another process";
    std::string_view text = as_text(*bytes);
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto number = parse_decimal(text);
    return number.ok() ? "process " + std::to_string(*number) : "another process";
}

}  // namespace

Result<DataLock> DataLock::acquire(const std::filesystem::path& data_dir) {
    const auto path = data_dir / kLockFile;
    File file = FIELDSEAL_TRY(File::open(path, O_RDWR | O_CREAT));
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_error(errno, "lock", path);
        return Error{Errc::conflict, "another daemon owns " + shown(data_dir) + " (" +
                                         holder(path) +
                                         "): talk to it through its socket, or stop it first"};
    }
    // For the sentence above only: a full disk must not keep a lock from being taken.
    if (::ftruncate(file.descriptor(), 0) == 0) {
        const std::string pid = std::to_string(::getpid()) + "\n";
        ignore_error(file.write_at(0, as_bytes(pid)), "the number is a hint for people");
    }
    return DataLock(std::move(file));
}

}  // namespace fieldseal::store
