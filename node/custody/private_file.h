// SPDX-License-Identifier: Apache-2.0
// Files only their owner may touch: key files, the machine secret, failure counters.
// Reading refuses what a stranger could have read or planted: group or world permission bits,
// another owner, a symbolic link, anything but a regular file, more bytes than the caller's bound.
// Writing replaces atomically: a new file beside the old one, synced, renamed over it, and the
// directory synced. A crash at any line leaves the old file or the new one, complete.
// THREADS: any; two writers of one path need a lock of their own.
// DURABLE: commit() returns after the directory is synced. Errors: not_found, denied, corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "node/custody/secret.h"

#include <string>

namespace fieldseal::node {

Result<Bytes> read_private_file(const std::string& path, std::size_t bytes_max);
// The same into locked memory. An empty file is corrupt.
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max);

// Succeeds if `path` is a directory of ours that nobody else may enter (0700).
Result<void> check_private_directory(const std::string& path);
// Makes the directory (0700) and syncs its parent; an existing private directory is fine.
Result<void> make_private_directory(const std::string& path);

// `<directory>/.<file name>.new`: where a new `path` is written before it is renamed.
std::string pending_path_of(const std::string& path);

// A complete, synced file that is not visible under its name yet. Dropped if it is not committed.
class PendingFile {
public:
    // Writes and syncs pending_path_of(path), replacing what a crash may have left there.
    static Result<PendingFile> write(const std::string& path, ByteView content);
    ~PendingFile();
    PendingFile(PendingFile&& other) noexcept;
    PendingFile& operator=(PendingFile&&) = delete;
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    // Renames it over `path`.
    Result<void> commit();
    // The same, but refuses with conflict if `path` exists already.
    Result<void> commit_new();

private:
    PendingFile(std::string path, std::string pending_path);
    std::string path_;
    std::string pending_path_;  // Empty once committed or moved from.
};

Result<void> write_private_file(const std::string& path, ByteView content);
Result<void> remove_private_file(const std::string& path);  // A missing file is fine.
// Overwrites the file in place with zeros, syncs, then removes it. A missing file is fine.
Result<void> wipe_private_file(const std::string& path);

}  // namespace fieldseal::node
