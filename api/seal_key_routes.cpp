// SPDX-License-Identifier: Apache-2.0
#include "api/seal_key_routes.h"

#include "api/answers.h"
#include "api/problem.h"
#include "api/secret_body.h"

namespace fieldseal::api {
namespace {

// {"passphrase"} or {"recovery_code"}, exactly one.
Result<KeyOpener> read_opener(SecretBody& body) {
    const auto passphrase =
        FIELDSEAL_TRY(body.optional_text("passphrase", kSealPassphraseBytesMax));
    const auto code = FIELDSEAL_TRY(body.optional_text("recovery_code", kRecoveryCodeBytesMax));
    if (passphrase.has_value() == code.has_value()) {
        return Error{Errc::invalid_argument,
                     "the body: give \"passphrase\" or \"recovery_code\", one of them"};
    }
    if (code) return KeyOpener{KeyOpener::Kind::recovery_code, *code};
    return KeyOpener{KeyOpener::Kind::passphrase, *passphrase};
}

Result<void> set_passphrase(SealKeyBackend& backend, const Request& request,
                            const std::string& seal) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    const auto opener = FIELDSEAL_TRY(read_opener(body));
    const auto fresh = FIELDSEAL_TRY(body.required_text("new_passphrase", kSealPassphraseBytesMax));
    FIELDSEAL_TRY(body.finish());
    return backend.set_passphrase(seal, opener, fresh);
}

Result<Response> renew_recovery(SealKeyBackend& backend, const Request& request,
                                const std::string& seal) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    const auto opener = FIELDSEAL_TRY(read_opener(body));
    FIELDSEAL_TRY(body.finish());
    Response response;
    FIELDSEAL_TRY(backend.renew_recovery(seal, opener, [&](std::string_view code) {
        response = secret_response("recovery-code", {{"seal", seal}, {"recovery_code", code}});
    }));
    return response;
}

// Without encryption only where "plain" says so: forgetting a member must not bare a key.
Result<Response> export_key(SealKeyBackend& backend, const Request& request,
                            const std::string& seal) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    const auto opener = FIELDSEAL_TRY(read_opener(body));
    const auto file_passphrase =
        FIELDSEAL_TRY(body.optional_text("file_passphrase", kSealPassphraseBytesMax));
    const bool plain = FIELDSEAL_TRY(body.flag("plain"));
    FIELDSEAL_TRY(body.finish());
    if (plain == file_passphrase.has_value()) {
        return Error{
            Errc::invalid_argument,
            "the body: give \"file_passphrase\" to encrypt the exported key, or \"plain\": "
            "true to write it bare"};
    }
    Response response;
    FIELDSEAL_TRY(backend.export_key(seal, opener, file_passphrase, [&](std::string_view pem) {
        response = secret_response("seal-key-export", {{"seal", seal}, {"pkcs8", pem}});
    }));
    return response;
}

Response answer(Result<Response> made) {
    return made.ok() ? std::move(made).value() : problem(made.error());
}

}  // namespace

void add_seal_key_routes(Router& router, SealKeyBackend& backend) {
    router.add("POST", "/api/v1/seals/{name}/passphrase",
               [&](const Request& request, const PathValues& at) {
                   return respond(set_passphrase(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/seals/{name}/recovery-code",
               [&](const Request& request, const PathValues& at) {
                   return answer(renew_recovery(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/seals/{name}/export",
               [&](const Request& request, const PathValues& at) {
                   return answer(export_key(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/seals/{name}/test", [&](const Request&, const PathValues& at) {
        return respond(backend.test_key(at.at("name")));
    });
}

}  // namespace fieldseal::api
