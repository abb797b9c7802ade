// SPDX-License-Identifier: Apache-2.0
#include "node/people/console_people.h"

#include "api/secret_text.h"

namespace fieldseal::node {

Result<json::Value> ConsolePeople::pairing_code(const api::Caller& by) {
    std::string code = FIELDSEAL_TRY(people_.make_pairing_code());
    const api::Wiped wiped(code);
    FIELDSEAL_TRY(note(by, "pairing-code", ""));
    return json::Value::object({{"code", code}});
}

Result<json::Value> ConsolePeople::add_token_for(const api::Caller& by, std::string_view account,
                                                 const api::NewToken& order) {
    auto made =
        FIELDSEAL_TRY(people_.add_token(account, {order.label, order.scopes, order.expires_at_s}));
    const api::Wiped wiped(made.text);
    const people::Token& token = made.token;
    FIELDSEAL_TRY(note(by, "add-token", token.id + " " + token.label + " of " + token.account));
    json::Value scopes = json::Value::array();
    for (const std::string& scope : token.scopes) scopes.push_back(scope);
    auto view = json::Value::object({{"id", token.id},
                                     {"account", token.account},
                                     {"label", token.label},
                                     {"scopes", std::move(scopes)},
                                     {"created_at", token.created_at_s},
                                     {"token", made.text}});
    view.set_if("expires_at", token.expires_at_s);
    return view;
}

Result<void> ConsolePeople::note(const api::Caller& by, std::string action, std::string subject) {
    auto noted =
        audit_.append({by.account, std::move(action), std::move(subject), "ok", by.remote});
    if (noted.ok()) return {};
    return std::move(noted).error().with_context(
        "this was done, and could not be written into the audit log");
}

}  // namespace fieldseal::node
