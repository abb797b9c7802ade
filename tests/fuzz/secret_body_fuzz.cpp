// SPDX-License-Identifier: Apache-2.0
// What the reader of secret bodies takes, the strict JSON parser takes too, and means the same.
#include "api/secret_body.h"
#include "core/bytes.h"
#include "core/check.h"
#include "core/json/json.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    auto body = api::SecretBody::parse(text);
    if (!body.ok()) return 0;
    const auto value = json::parse(text);
    FIELDSEAL_CHECK(value.ok() && value->is_object());
    const auto* member = value->find("passphrase");
    const auto found = body->optional_text("passphrase", size);
    if (member == nullptr) {
        FIELDSEAL_CHECK(found.ok() && !*found);
    } else if (member->is_string()) {
        FIELDSEAL_CHECK(found.ok() && *found && **found == member->as_string());
    } else {
        FIELDSEAL_CHECK(!found.ok());
    }
    return 0;
}
