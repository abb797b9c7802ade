// SPDX-License-Identifier: Apache-2.0
// Numbers, names and durations as people read them on a terminal. Pure. THREADS: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node::cli {

// "0 B", "999 B", "1.0 KiB", "10.2 GiB".
std::string readable_bytes(std::uint64_t bytes);

// "45 s", "2 min 5 s", "3 h 4 min", "12 days".
std::string readable_duration(std::uint64_t seconds);

// "1 document", "2 documents".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

// A name from outside, safe to print: control bytes and ill-formed UTF-8 as \xNN, nothing cut. A
// file name can hold an escape sequence that rewrites the terminal.
std::string printable(std::string_view text);

// The columns a text takes on a terminal, counted as code points (wide characters count once).
std::size_t columns_of(std::string_view text);

// Columns padded to their widest cell (in code points), two spaces between them.
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace fieldseal::node::cli
