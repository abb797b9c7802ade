// SPDX-License-Identifier: Apache-2.0
// Text decoders accept exactly what the encoders write: whatever decodes, encodes back to the same
// text.
#include "core/check.h"
#include "core/encoding.h"

#include <cstdint>
#include <string>
#include <string_view>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const std::string_view text = as_text(input);

    if (const auto bytes = base64_decode(text)) FIELDSEAL_CHECK(base64_encode(*bytes) == text);
    if (const auto bytes = hex_decode(text)) FIELDSEAL_CHECK(hex_encode(*bytes) == text);
    if (const auto value = parse_decimal(text)) FIELDSEAL_CHECK(std::to_string(*value) == text);

    // And every input survives the way out and back.
    const auto from_base64 = base64_decode(base64_encode(input));
    FIELDSEAL_CHECK(from_base64.ok() && as_text(*from_base64) == text);
    const auto from_hex = hex_decode(hex_encode(input));
    FIELDSEAL_CHECK(from_hex.ok() && as_text(*from_hex) == text);

    // A quotation is printable, bounded and valid UTF-8 whatever the input was.
    constexpr std::size_t kQuoteBytes = 80;
    const std::string quote = quoted(text, kQuoteBytes);
    FIELDSEAL_CHECK(is_utf8(quote));
    for (const char c : quote) FIELDSEAL_CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    return 0;
}
