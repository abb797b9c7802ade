// SPDX-License-Identifier: Apache-2.0
// Tile paths have one text per value; a bundle that splits, joins again to the same bytes.
#include "core/check.h"
#include "core/merkle/tile.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const std::string_view text = as_text(input);
    if (const auto tile = merkle::parse_tile_path(text))
        FIELDSEAL_CHECK(merkle::path_of(*tile) == text);
    if (const auto bundle = merkle::parse_bundle_path(text)) {
        FIELDSEAL_CHECK(merkle::path_of(*bundle) == text);
    }
    if (size == 0) return 0;
    const unsigned width = data[0] + 1U;
    const ByteView bundle = input.subspan(1);
    if (const auto entries = merkle::parse_bundle(bundle, width)) {
        FIELDSEAL_CHECK(entries->size() == width);
        Bytes again;
        for (const ByteView entry : *entries) merkle::append_bundle_entry(again, entry);
        FIELDSEAL_CHECK(as_text(again) == as_text(bundle));
    }
    return 0;
}
