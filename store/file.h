// SPDX-License-Identifier: Apache-2.0
// A file descriptor that closes itself, and the few whole operations the store does on plain files.
// OWNED BY: the caller. THREADS: one thread per object. DURABLE: only after sync().
// Errors: io and storage_full, with the path and the system's own words; not_found.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::store {

// A path for a message.
std::string shown(const std::filesystem::path& path);

// The Error for errno `number`, as "cannot <doing> <path>: <words>".
Error system_error(int number, std::string_view doing, const std::filesystem::path& path);

class File {
public:
    // flags as open(2); O_CLOEXEC is added, new files get 0600.
    static Result<File> open(const std::filesystem::path& path, int flags);

    File(File&& other) noexcept
        : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&&) = delete;
    ~File();

    int descriptor() const { return descriptor_; }
    const std::filesystem::path& path() const { return path_; }

    // All of `bytes` at `offset`, in as many pwrite calls as it takes.
    Result<void> write_at(std::uint64_t offset, ByteView bytes);
    // fdatasync. An error is final: after it nobody knows what is on the disk, and a second call
    // may well return ok, so it is never repeated.
    Result<void> sync();

private:
    File(std::filesystem::path path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}
    std::filesystem::path path_;
    int descriptor_ = -1;
};

// The whole file. Errors: not_found, corrupt when it is longer than `max`.
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max);

// Whether something has this name. Errors: io when the answer cannot be known (no permission).
Result<bool> is_there(const std::filesystem::path& path);

// Everything in `dir`, in order of names.
Result<std::vector<std::filesystem::path>> list_directory(const std::filesystem::path& dir);

// Makes names created in, renamed in or removed from `dir` durable.
Result<void> sync_directory(const std::filesystem::path& dir);

}  // namespace fieldseal::store
