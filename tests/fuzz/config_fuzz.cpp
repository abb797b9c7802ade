// SPDX-License-Identifier: Apache-2.0
// A configuration that is accepted is written as a file that means the same; every refusal is one
// sentence that begins with the file's name.
#include "core/bytes.h"
#include "core/check.h"
#include "core/encoding.h"
#include "node/config/config.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = node::parse_config(as_text({data, size}));
    if (!config.ok()) {
        FIELDSEAL_CHECK(config.error().code == Errc::invalid_argument);
        FIELDSEAL_CHECK(config.error().message.starts_with("fieldseal.toml"));
        FIELDSEAL_CHECK(config.error().message.find('\n') == std::string::npos);
        return 0;
    }
    const std::string written = node::to_toml(*config);
    const auto again = node::parse_config(written);
    FIELDSEAL_CHECK(again.ok() && node::to_toml(*again) == written);
    return 0;
}
