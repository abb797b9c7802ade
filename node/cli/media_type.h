// SPDX-License-Identifier: Apache-2.0
// The media type of a document by its file name's extension: a small table, no sniffing. What the
// statement says about the type is the signer's claim; --media-type overrides it. THREADS: any.
#pragma once

#include <string_view>

namespace fieldseal::node::cli {

// "application/octet-stream" for what is not in the table. Extensions are read in any case.
std::string_view media_type_of(std::string_view file_name);

// RFC 6838 §4.2: type/subtype of restricted names, without parameters.
bool is_media_type(std::string_view text);

}  // namespace fieldseal::node::cli
