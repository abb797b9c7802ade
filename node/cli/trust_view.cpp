// SPDX-License-Identifier: Apache-2.0
#include "node/cli/trust_view.h"

#include "core/encoding.h"
#include "core/seal_state.h"
#include "core/status.h"
#include "node/cli/readable.h"
#include "node/cli/views.h"

#include <algorithm>
#include <optional>

namespace fieldseal::node::cli {
namespace {

// What the newest snapshot in the trust file says; nothing when there is none that verifies.
std::optional<Status> newest_snapshot(const TrustedLog& log) {
    std::optional<Status> newest;
    for (const StatusItem& item : log.status) {
        auto status = parse_status(item.statement);
        if (!status.ok() || status->snapshot.origin != log.origin) continue;
        const bool verifies =
            std::any_of(log.status_keys.begin(), log.status_keys.end(),
                        [&](const PublicKey& key) { return verify_status(*status, key).ok(); });
        if (verifies && (!newest || newest->snapshot.seq < status->snapshot.seq))
            newest = std::move(*status);
    }
    return newest;
}

json::Value party(std::string_view role, std::string_view name) {
    return json::Value::object({{"role", role}, {"name", name}});
}

json::Value log_party(const TrustedLog& log) {
    auto value = party(log.kind == LogKind::statement ? "log" : "log of checkpoints", log.origin);
    value.set("operator", log.operated_by);
    value.set("key", note::format_vkey(log.key));
    auto keys = json::Value::array();
    for (const PublicKey& key : log.status_keys) keys.push_back(hex_encode(key.kid()));
    if (!log.status_keys.empty()) value.set("status_keys", std::move(keys));
    return value;
}

json::Value seal_party(const TrustedSeal& seal, const Trust& trust) {
    auto value = party("seal", hex_encode(seal.key.kid()));
    value.set("algorithm", to_string(seal.key.algorithm()));
    if (seal.subject) value.set("subject", *seal.subject);
    for (const TrustedLog& log : trust.logs) {
        if (!seal.may_sign_for(log.origin)) continue;
        const auto newest = newest_snapshot(log);
        const SealStatus* row = newest ? newest->snapshot.find(seal.key.kid()) : nullptr;
        if (row == nullptr) continue;
        value.set("state", to_string(row->state));
        value.set("as_of_size", newest->snapshot.as_of_size);
    }
    return value;
}

std::string details_of(const json::Value& value) {
    if (text_at(value, "role") == "seal") {
        const std::string state = text_at(value, "state");
        const std::string subject = text_at(value, "subject");
        return (subject.empty() ? "" : printable(subject) + ", ") +
               (state.empty()
                    ? "its state is not said in this file"
                    : state + " as of size " + std::to_string(number_at(value, "as_of_size")));
    }
    if (const auto roots = number_at(value, "roots"); roots > 0)
        return counted(roots, "root", "roots");
    return "operator " + printable(text_at(value, "operator"));
}

}  // namespace

json::Value parties_of(const Trust& trust) {
    auto parties = json::Value::array();
    for (const auto& log : trust.logs) parties.push_back(log_party(log));
    for (const auto& seal : trust.seals) parties.push_back(seal_party(seal, trust));
    for (const auto& witness : trust.witnesses) {
        auto value = party("witness", witness.key.name);
        value.set("operator", witness.operated_by);
        value.set("key", note::format_vkey(witness.key));
        parties.push_back(std::move(value));
    }
    for (const auto& chain : trust.chains) {
        auto value = party("chain", chain.id);
        value.set("operator", chain.operated_by.value_or(chain.id));
        parties.push_back(std::move(value));
    }
    for (const auto& tsa : trust.tsas) {
        auto value = party("time-stamping authority", tsa.operated_by.value_or(""));
        value.set("roots", tsa.roots.size());
        parties.push_back(std::move(value));
    }
    return parties;
}

void add_party_rows(const json::Value& value, std::vector<std::vector<std::string>>& rows) {
    rows.push_back({text_at(value, "role"), printable(text_at(value, "name")), details_of(value)});
    if (const std::string key = text_at(value, "key"); !key.empty())
        rows.push_back({"  key", printable(key), ""});
    for (const json::Value& kid : items_at(value, "status_keys"))
        rows.push_back({"  status key", kid.is_string() ? kid.as_string() : "", ""});
}

}  // namespace fieldseal::node::cli
