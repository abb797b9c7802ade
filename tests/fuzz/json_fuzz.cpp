// SPDX-License-Identifier: Apache-2.0
// What the door lets in, it writes out and reads back as the same tree, in both styles; and no byte
// string put into a tree makes it write what it would not read.
#include "core/check.h"
#include "core/encoding.h"
#include "core/json/json.h"

#include <cstdint>
#include <string>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    if (const auto value = json::parse(text)) {
        for (const auto style : {json::Style::compact, json::Style::pretty}) {
            const std::string written = json::dump(*value, style);
            // Indentation and escapes may outgrow the default limit; the tree may not change.
            const auto again = json::parse(written, {.bytes_max = written.size()});
            FIELDSEAL_CHECK(again.ok() && *again == *value);
            FIELDSEAL_CHECK(json::dump(*again, style) == written);
        }
    }
    const std::string quoted_text = json::dump(json::Value(text));
    const auto back = json::parse(quoted_text, {.bytes_max = quoted_text.size()});
    FIELDSEAL_CHECK(back.ok() && back->is_string());
    if (is_utf8(text)) FIELDSEAL_CHECK(back->as_string() == text);
    return 0;
}
