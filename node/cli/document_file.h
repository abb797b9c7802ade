// SPDX-License-Identifier: Apache-2.0
// Reading a document once, in constant memory, into the digests a statement carries. The command
// line reads it with the rights of the person who runs it: the daemon needs none.
//
// A document that changes while it is read is an error: the digest would belong to no version of
// it. THREADS: any. ERRORS: not_found, denied, invalid_argument (a directory, a device), conflict
// (changed while reading), io. Each message names the file.
#pragma once

#include "core/hash.h"
#include "core/result.h"

#include <cstdint>
#include <functional>
#include <string>

namespace fieldseal::node::cli {

struct DocumentFacts {
    DocumentHasher::Digests digests;
    std::uint64_t size = 0;
};

// Called with (bytes read so far, size of the file) after each piece.
using ReadProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// Follows symbolic links.
Result<DocumentFacts> read_document(const std::string& path, const ReadProgress& progress = {});

// At most `bytes_max` bytes of a file, for small inputs (keys, evidence, trust files). Same errors,
// and invalid_argument when it is larger.
Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

}  // namespace fieldseal::node::cli
