// SPDX-License-Identifier: Apache-2.0
// One SST file by itself: every block against its checksum. For files of a database that does not
// open. THREADS: any. Errors: corrupt, io.
#pragma once

#include "core/result.h"

#include <filesystem>

namespace fieldseal::store {

Result<void> verify_table_file(const std::filesystem::path& file);

}  // namespace fieldseal::store
