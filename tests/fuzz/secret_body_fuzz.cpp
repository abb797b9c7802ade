// SPDX-License-Identifier: Apache-2.0
// What the reader of secret bodies takes, the strict JSON parser takes too, and means the same.
#include "api/secret_body.h"
#include "core/bytes.h"
#include "core/check.h"
#include "core/json/json.h"

#include <cstdint>

using namespace fieldseal;

// The lifted text and the rest are together what the strict parser reads, or one of them fails.
void check_lift(std::string_view text) {
    std::string rest;
    auto body = api::SecretBody::lift(text, "passphrase", rest);
    if (!body.ok()) return;
    const auto others = json::parse(rest);
    if (!others.ok()) return;
    const auto whole = json::parse(text);
    if (!whole.ok()) return;  // too deep or too long for it only with that member
    FIELDSEAL_CHECK(others->find("passphrase") == nullptr);
    const auto* member = whole->find("passphrase");
    const auto lifted = body->optional_text("passphrase", text.size());
    FIELDSEAL_CHECK(lifted.ok() && lifted->has_value() == (member != nullptr));
    if (member != nullptr) FIELDSEAL_CHECK(**lifted == member->as_string());
    FIELDSEAL_CHECK(others->as_object().size() + (member != nullptr ? 1 : 0) ==
                    whole->as_object().size());
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    check_lift(text);
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
