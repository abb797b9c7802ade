// SPDX-License-Identifier: Apache-2.0
// Copying a directory of ours so that it survives a power cut: every file and every directory is
// synced, new files are 0600 and new directories 0700. Refuses whatever is neither a regular file
// nor a directory: a backup that holds a link or a device was not made from a data directory.
// THREADS: one. DURABLE: on return. Errors: storage_full, io, denied, invalid_argument; each names
// the file.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace fieldseal::node {

struct CopyTotals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

// Copies what is below `from` into the existing directory `to`. `wanted` sees each path relative to
// `from`; what it refuses is left out (a directory with all that is in it).
Result<CopyTotals> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to,
                             const std::function<bool(const std::filesystem::path&)>& wanted);

}  // namespace fieldseal::node
