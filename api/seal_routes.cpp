// SPDX-License-Identifier: Apache-2.0
#include "api/seal_routes.h"

#include "api/answers.h"
#include "api/orders.h"
#include "api/problem.h"
#include "api/secret_body.h"

#include <array>

namespace fieldseal::api {
namespace {

constexpr std::size_t kTextBytesMax = 200;  // owners and reasons
constexpr std::size_t kHoursBytesMax = 16;
constexpr std::size_t kPathBytesMax = 1024;
constexpr std::size_t kKeyIdDigitsMax = 128;
constexpr std::size_t kMediaTypesMax = 64;
constexpr std::int64_t kCountMax = 1'000'000;
constexpr std::int64_t kTimeMax = (std::int64_t{1} << 53) - 1;

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> kActions = {"activate", "suspend",    "resume",
                                                      "retire",   "compromise", "destroy"};

Result<Setting<std::uint32_t>> read_count(json::Members& in, std::string_view name) {
    const auto member = in.optional(name);
    if (!member) return Setting<std::uint32_t>();
    if (member->is_null()) return Setting<std::uint32_t>(std::optional<std::uint32_t>());
    const auto count = FIELDSEAL_TRY(member->integer(0, kCountMax));
    return Setting<std::uint32_t>(std::optional(static_cast<std::uint32_t>(count)));
}

Result<void> read_policy(json::Members& in, PolicyOrder& policy) {
    if (const auto types = in.optional("media_types")) {
        std::vector<std::string> words;
        for (const auto& type : FIELDSEAL_TRY(types->items(kMediaTypesMax)))
            words.push_back(FIELDSEAL_TRY(type.string(kMediaTypeBytesMax)));
        policy.media_types = std::move(words);
    }
    policy.quota_per_day = FIELDSEAL_TRY(read_count(in, "quota_per_day"));
    if (const auto hours = in.optional("hours")) {
        policy.hours = hours->is_null()
                           ? std::optional<std::string>()
                           : std::optional(FIELDSEAL_TRY(hours->string(kHoursBytesMax)));
    }
    policy.lock_after_statements = FIELDSEAL_TRY(read_count(in, "lock_after_statements"));
    policy.lock_after_hours = FIELDSEAL_TRY(read_count(in, "lock_after_hours"));
    policy.idle_lock_s = FIELDSEAL_TRY(read_count(in, "idle_lock_s"));
    return in.finish();
}

Result<void> read_settings(json::Members& in, SealSettings& settings) {
    settings.owner = FIELDSEAL_TRY(in.optional_string("owner", kTextBytesMax));
    if (auto policy = FIELDSEAL_TRY(in.optional_object("policy"))) {
        FIELDSEAL_TRY(read_policy(*policy, settings.policy));
    }
    return {};
}

Result<TokenPlace> read_token(json::Members in) {
    TokenPlace token;
    token.module = FIELDSEAL_TRY(in.required_string("module", kPathBytesMax));
    token.label = FIELDSEAL_TRY(in.required_string("label", kNameBytesMax));
    token.serial = FIELDSEAL_TRY(in.required_string("serial", kNameBytesMax));
    token.key_id = FIELDSEAL_TRY(in.optional_string("key_id", kKeyIdDigitsMax)).value_or("");
    token.pin_file = FIELDSEAL_TRY(in.optional_string("pin_file", kPathBytesMax)).value_or("");
    token.last_try = FIELDSEAL_TRY(in.optional_bool("last_try")).value_or(false);
    FIELDSEAL_TRY(in.finish());
    return token;
}

Result<void> read_new_seal(json::Members& in, NewSeal& order, LocalFiles files) {
    order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    order.suite = FIELDSEAL_TRY(in.optional_string("suite", kNameBytesMax)).value_or("");
    order.activate = FIELDSEAL_TRY(in.optional_bool("activate")).value_or(false);
    order.exportable = FIELDSEAL_TRY(in.optional_bool("exportable")).value_or(false);
    if (files == LocalFiles::taken) {  // else it is an unknown member like any other
        if (auto token = FIELDSEAL_TRY(in.optional_object("token")))
            order.token = FIELDSEAL_TRY(read_token(std::move(*token)));
    }
    FIELDSEAL_TRY(read_settings(in, order.settings));
    return in.finish();
}

template <class Act>
Result<json::Value> make_seal(const Request& request, LocalFiles files, NewSeal& order, Act act) {
    std::string open_members;
    auto secret = FIELDSEAL_TRY(SecretBody::lift(request.body, "passphrase", open_members));
    const auto body = FIELDSEAL_TRY(json::parse(open_members));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    FIELDSEAL_TRY(read_new_seal(in, order, files));
    order.passphrase = FIELDSEAL_TRY(secret.required_text("passphrase", kPassphraseBytesMax));
    return act(std::as_const(order));
}

template <class Act>
Response with_new_seal(const Request& request, LocalFiles files, Act act) {
    NewSeal order;
    Response response = respond(make_seal(request, files, order, act), 201);
    if (response.status == 201) {
        response.headers.emplace_back("Location", "/api/v1/seals/" + order.name);
    }
    return response;
}

// An empty body is an order without a reason.
Result<SealActionOrder> read_action(const Request& request, SealAction action) {
    SealActionOrder order{.action = action};
    if (request.body.empty()) return order;
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    order.reason = FIELDSEAL_TRY(in.optional_string("reason", kTextBytesMax)).value_or("");
    if (action == SealAction::compromise) {
        order.from = FIELDSEAL_TRY(in.optional_integer("from", 0, kTimeMax));
    }
    FIELDSEAL_TRY(in.finish());
    return order;
}

Result<SealSettings> read_settings_order(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    SealSettings settings;
    FIELDSEAL_TRY(read_settings(in, settings));
    FIELDSEAL_TRY(in.finish());
    return settings;
}

// The PIN of a token lives in `body`, for as long as the order takes.
Result<json::Value> destroy(SealBackend& seals, const Request& request, const std::string& seal) {
    SealActionOrder order{.action = SealAction::destroy};
    if (request.body.empty()) return seals.act(request.caller, seal, order);
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    order.reason = FIELDSEAL_TRY(body.optional_text("reason", kTextBytesMax)).value_or("");
    order.pin = FIELDSEAL_TRY(body.optional_text("passphrase", kPassphraseBytesMax));
    FIELDSEAL_TRY(body.finish());
    return seals.act(request.caller, seal, order);
}

void add_action(Router& router, SealBackend& seals, SealAction action) {
    const std::string pattern = "/api/v1/seals/{name}/" + std::string(to_string(action));
    Route route{"POST", pattern, Permission::seal_manage};
    route.confirm = is_irreversible(action);
    router.add(route, [&seals, action](const Request& request, const PathValues& at) {
        if (action == SealAction::destroy)
            return respond(destroy(seals, request, std::string(at.at("name"))));
        const auto order = read_action(request, action);
        return order.ok() ? respond(seals.act(request.caller, at.at("name"), *order))
                          : problem(order.error());
    });
}

Result<void> unlock_last_try(SealBackend& seals, const Request& request, const std::string& seal) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    const auto pin = FIELDSEAL_TRY(body.required_text("passphrase", kPassphraseBytesMax));
    FIELDSEAL_TRY(body.finish());
    return seals.unlock_last_try(seal, pin);
}

// What only somebody at the machine may do, who sees its tokens.
void add_token_routes(Router& router, SealBackend& seals) {
    router.add("GET", "/api/v1/pkcs11/tokens", [&seals](const Request& request, const PathValues&) {
        const auto module = request.query.find("module");
        return respond(seals.pkcs11_tokens(module == request.query.end() ? "" : module->second));
    });
    router.add("POST", "/api/v1/seals/{name}/unlock-last-try",
               [&seals](const Request& request, const PathValues& at) {
                   return respond(unlock_last_try(seals, request, at.at("name")));
               });
}

}  // namespace

std::string_view to_string(SealAction action) {
    return kActions[static_cast<std::size_t>(action)];
}

bool is_irreversible(SealAction action) {
    return action == SealAction::retire || action == SealAction::compromise ||
           action == SealAction::destroy;
}

void add_seal_life_routes(Router& router, SealBackend& seals, LocalFiles files) {
    if (files == LocalFiles::taken) add_token_routes(router, seals);
    router.add({"GET", "/api/v1/seals", Permission::node_read},
               [&seals](const Request&, const PathValues&) { return respond(seals.seals()); });
    router.add({"GET", "/api/v1/seals/{name}", Permission::node_read},
               [&seals](const Request&, const PathValues& at) {
                   return respond(seals.seal(at.at("name")));
               });
    router.add({"POST", "/api/v1/seals", Permission::seal_manage},
               [&seals, files](const Request& request, const PathValues&) {
                   return with_new_seal(request, files, [&](const NewSeal& order) {
                       return seals.create(request.caller, order);
                   });
               });
    Route rotate{"POST", "/api/v1/seals/{name}/rotate", Permission::seal_manage};
    rotate.confirm = true;
    router.add(rotate, [&seals, files](const Request& request, const PathValues& at) {
        return with_new_seal(request, files, [&](const NewSeal& order) {
            return seals.rotate(request.caller, at.at("name"), order);
        });
    });
    router.add({"PATCH", "/api/v1/seals/{name}", Permission::seal_manage},
               [&seals](const Request& request, const PathValues& at) {
                   const auto settings = read_settings_order(request);
                   return settings.ok()
                              ? respond(seals.set(request.caller, at.at("name"), *settings))
                              : problem(settings.error());
               });
    for (const SealAction action :
         {SealAction::activate, SealAction::suspend, SealAction::resume, SealAction::retire,
          SealAction::compromise, SealAction::destroy}) {
        add_action(router, seals, action);
    }
}

}  // namespace fieldseal::api
