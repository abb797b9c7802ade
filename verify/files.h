// SPDX-License-Identifier: Apache-2.0
// Reading what the command line names: small files whole and bounded, the document as a stream in
// constant memory. Part of the program, not of the library.
// ERRORS: io, with the path and the reason. THREADS: any.
#pragma once

#include "core/hash.h"
#include "core/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace fieldseal::verify {

// The whole file; of a longer one the first bytes_max + 1 bytes, which the parsers refuse as too
// long.
Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

// Bytes read so far, and of how many where the file says so (a pipe does not).
using Progress = std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)>;

Result<DocumentHasher::Digests> hash_document(const std::string& path, const Progress& progress);

}  // namespace fieldseal::verify
