// SPDX-License-Identifier: Apache-2.0
// A pin that is accepted is written as a pin that means the same; every refusal is one sentence.
#include "core/bytes.h"
#include "core/chain_pin.h"
#include "core/check.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto pin = parse_chain_pin(as_text({data, size}));
    if (!pin.ok()) {
        FIELDSEAL_CHECK(pin.error().message.starts_with("chain pin"));
        FIELDSEAL_CHECK(pin.error().message.find('\n') == std::string::npos);
        return 0;
    }
    const auto again = parse_chain_pin(to_json(*pin));
    FIELDSEAL_CHECK(again.ok() && *again == *pin);
    return 0;
}
