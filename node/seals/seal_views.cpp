// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_views.h"

#include "core/encoding.h"

namespace fieldseal::node {
namespace {

json::Value change_view(const SealChange& change) {
    json::Value view =
        json::Value::object({{"at", change.at_s}, {"what", change.what}, {"actor", change.actor}});
    if (!change.reason.empty()) view.set("reason", change.reason);
    view.set_if("index", change.index);
    view.set_if("invalid_from", change.invalid_from);
    return view;
}

json::Value certificates_view(const std::vector<Bytes>& certificates) {
    json::Value view = json::Value::array();
    for (const Bytes& certificate : certificates) view.push_back(base64_encode(certificate));
    return view;
}

}  // namespace

std::string_view life_word(const std::optional<SealStatus>& status) {
    return to_string(status ? status->state : SealState::pre_active);
}

json::Value seal_view(const SealRecord& seal, const SealFacts& facts) {
    json::Value view = json::Value::object({{"name", seal.name},
                                            {"state", facts.unlocked ? "unlocked" : "locked"},
                                            {"life", life_word(facts.status)},
                                            {"kid", hex_encode(seal.key.kid())},
                                            {"algorithm", to_string(seal.key.algorithm())},
                                            {"custody", to_string(seal.custody)}});
    if (!seal.owner.empty()) view.set("owner", seal.owner);
    if (!seal.replaces.empty()) view.set("replaces", seal.replaces);
    if (!seal.replaced_by.empty()) view.set("replaced_by", seal.replaced_by);
    return view;
}

json::Value policy_view(const SealPolicy& policy) {
    json::Value view = json::Value::object();
    if (!policy.media_types.empty()) {
        json::Value types = json::Value::array();
        for (const auto& type : policy.media_types) types.push_back(type);
        view.set("media_types", std::move(types));
    }
    view.set_if("quota_per_day", policy.quota_per_day);
    if (policy.hours) view.set("hours", to_string(*policy.hours));
    view.set_if("lock_after_statements", policy.lock_after_statements);
    view.set_if("lock_after_hours", policy.lock_after_hours);
    view.set_if("idle_lock_s", policy.idle_lock_s);
    return view;
}

json::Value seal_view(const SealRecord& seal, const SealFacts& facts, const SealDetails& details) {
    json::Value view = seal_view(seal, facts);
    view.set("key", base64_encode(seal.key.spki()));
    if (!seal.token.empty()) view.set("token", seal.token);
    view.set("certificates", certificates_view(seal.certificates));
    if (seal.created_at_s > 0) view.set("created_at", seal.created_at_s);
    if (facts.status) {
        view.set("since_index", facts.status->since_index);
        view.set_if("invalid_from", facts.status->invalid_from);
    }
    view.set("policy", policy_view(seal.policy));
    if (seal.policy.counts()) {
        view.set("use", json::Value::object(
                            {{"today", details.use.today},
                             {"unanchored", details.use.unanchored},
                             {"oldest_unanchored_age_s", details.use.oldest_unanchored_age_s}}));
    }
    view.set("time_zone", details.zone);
    json::Value history = json::Value::array();
    for (const SealChange& change : details.history) history.push_back(change_view(change));
    view.set("history", std::move(history));
    return view;
}

json::Value token_view(const pkcs11::TokenInfo& token) {
    json::Value suites = json::Value::array();
    json::Value perhaps = json::Value::array();
    for (const auto& each : token.capabilities) {
        if (each.can == pkcs11::Can::yes) suites.push_back(to_string(each.algorithm));
        if (each.can == pkcs11::Can::maybe) perhaps.push_back(to_string(each.algorithm));
    }
    json::Value said = json::Value::array();
    for (const std::string& remark : pkcs11::remarks(token.flags)) said.push_back(remark);
    return json::Value::object(
        {{"module", token.name.module},
         {"label", token.name.label},
         {"serial", token.name.serial},
         {"manufacturer", token.manufacturer},
         {"model", token.model},
         {"usable", token.flags.initialised && token.flags.pin_set && !token.flags.pin_locked &&
                        !token.flags.write_protected},
         {"pin_pad", token.flags.pin_pad},
         {"suites", std::move(suites)},
         {"suites_to_try", std::move(perhaps)},
         {"remarks", std::move(said)}});
}

}  // namespace fieldseal::node
