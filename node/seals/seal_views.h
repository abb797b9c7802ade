// SPDX-License-Identifier: Apache-2.0
// The JSON values that say what a seal is (api/openapi/paths/seals.json). Pure.
#pragma once

#include "core/json/json.h"
#include "core/status.h"
#include "node/custody/pkcs11/token_info.h"
#include "node/seals/seal_record.h"
#include "node/seals/seal_use.h"

#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

// What is so about a seal beside its record.
struct SealFacts {
    std::optional<SealStatus> status;  // as published
    bool unlocked = false;
};

// "pre_active", "active", …; what is not published yet is pre_active.
std::string_view life_word(const std::optional<SealStatus>& status);

json::Value seal_view(const SealRecord& seal, const SealFacts& facts);
// A token as it is plugged in now, for who makes a seal in it.
json::Value token_view(const pkcs11::TokenInfo& token);
json::Value policy_view(const SealPolicy& policy);

struct SealDetails {
    SealUse::Counts use = {};
    std::string zone = {};  // of the policy's hours and days
    std::vector<SealChange> history = {};
};
// The same with everything else there is to say.
json::Value seal_view(const SealRecord& seal, const SealFacts& facts, const SealDetails& details);

}  // namespace fieldseal::node
