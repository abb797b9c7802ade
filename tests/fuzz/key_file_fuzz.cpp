// SPDX-License-Identifier: Apache-2.0
// A key file that is accepted is written and read back as the same file, and never asks for more
// work than the limits. Nothing is ever opened here: that needs a secret.
#include "core/bytes.h"
#include "core/check.h"
#include "node/custody/key_file.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = node::parse_key_file(as_text({data, size}));
    if (!file.ok()) {
        FIELDSEAL_CHECK(file.error().code == Errc::corrupt ||
                        file.error().code == Errc::unsupported);
        return 0;
    }
    FIELDSEAL_CHECK(node::purpose_allows(file->purpose, file->algorithm));
    for (const node::Wrap& wrap : file->wraps) {
        FIELDSEAL_CHECK(wrap.cost.memory_kib <= node::kArgon2idCostMax.memory_kib);
        FIELDSEAL_CHECK(wrap.cost.passes <= node::kArgon2idCostMax.passes);
    }
    const std::string written = node::to_json(*file);
    const auto again = node::parse_key_file(written);
    FIELDSEAL_CHECK(again.ok() && node::to_json(*again) == written);
    return 0;
}
