// SPDX-License-Identifier: Apache-2.0
// A block header as what it changes in the header of an empty block behind another: a quarter of
// its length. What is read, hashed and checked is always the whole header that comes out
// (docs/formats/anchor-evm.md §4.1). THREADS: pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/evm/header.h"
#include "core/result.h"

namespace fieldseal::evm {

// Short, or header.raw where the short form is not shorter or there is none: when `header` is not
// the block behind `before`, or has other fields. REQUIRES: both of a mode with seals.
Bytes shorten_header(const Header& header, const Header& before);

// What shorten_header had, as raw RLP for parse_header; an entry that is not short is returned as
// it is. ERRORS: invalid_argument for a short form other than the one encoding of its changes.
// REQUIRES: `before` of a mode with seals.
Result<Bytes> expand_header(ByteView entry, const Header& before);

}  // namespace fieldseal::evm
