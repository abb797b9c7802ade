// SPDX-License-Identifier: Apache-2.0
// Verifier keys as people hand them over: the line itself, or a file that holds it. Pure but for
// reading the file. THREADS: any. ERRORS: invalid_argument (says what is wrong with the key), and
// those of read_small_file.
#pragma once

#include "core/note/vkey.h"
#include "core/result.h"

#include <string>

namespace fieldseal::node::cli {

inline constexpr std::size_t kKeyFileTextBytesMax = 16 * 1024;

// The one key in the text of a key file: empty lines and lines with # are passed over.
Result<std::string> key_line(std::string_view text);

// `given` is a key when it parses as one, else the name of a file.
Result<std::string> read_key(const std::string& given);

// Errors name `option`.
Result<std::string> require_key(const std::string& given, note::KeyType type,
                                std::string_view option);

}  // namespace fieldseal::node::cli
