// SPDX-License-Identifier: Apache-2.0
// One process per data directory: an flock on data_dir/lock, held while the object lives. The
// kernel lets it go when the process dies, so there is no stale lock to clean up. The file names
// the holder. OWNED BY: Store. THREADS: any. Errors: conflict (held, with the holder's process id),
// io.
#pragma once

#include "core/result.h"
#include "store/file.h"

#include <filesystem>

namespace fieldseal::store {

class DataLock {
public:
    static Result<DataLock> acquire(const std::filesystem::path& data_dir);

private:
    explicit DataLock(File file) : file_(std::move(file)) {}
    File file_;
};

}  // namespace fieldseal::store
