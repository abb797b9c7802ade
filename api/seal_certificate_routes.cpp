// SPDX-License-Identifier: Apache-2.0
#include "api/seal_certificate_routes.h"

#include "api/answers.h"
#include "api/orders.h"
#include "api/problem.h"
#include "api/seal_key_routes.h"
#include "api/secret_body.h"

namespace fieldseal::api {
namespace {

constexpr std::size_t kNamePartBytesMax = 256;  // 64 characters of UTF-8
constexpr std::size_t kCrlBytesMax = 128 * 1024;

Result<json::Value> make_request(SealCertificateBackend& backend, const Request& request,
                                 const std::string& seal) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    CertificateName name;
    name.common_name = FIELDSEAL_TRY(in.required_string("common_name", kNamePartBytesMax));
    const auto organisation = FIELDSEAL_TRY(in.optional_string("organisation", kNamePartBytesMax));
    name.organisation = organisation.value_or("");
    name.country = FIELDSEAL_TRY(in.optional_string("country", kNamePartBytesMax)).value_or("");
    FIELDSEAL_TRY(in.finish());
    return backend.certificate_request(seal, name);
}

Result<json::Value> set_certificates(SealCertificateBackend& backend, const Request& request,
                                     const std::string& seal) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    const auto pem = FIELDSEAL_TRY(in.required_string("pem", kCertificateTextBytesMax));
    FIELDSEAL_TRY(in.finish());
    return backend.set_certificates(seal, pem);
}

Result<json::Value> keep_crl(SealCertificateBackend& backend, const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    const auto der = FIELDSEAL_TRY(in.required_base64("crl", kCrlBytesMax));
    FIELDSEAL_TRY(in.finish());
    return backend.keep_crl(der);
}

// A bare key only where "plain" says so.
Result<json::Value> import_key(SealCertificateBackend& backend, const Request& request) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    ImportedKey key;
    key.name = std::string(FIELDSEAL_TRY(body.required_text("name", kNameBytesMax)));
    key.pkcs8 = FIELDSEAL_TRY(body.required_text("pkcs8", kImportedKeyBytesMax));
    key.file_passphrase =
        FIELDSEAL_TRY(body.optional_text("file_passphrase", kSealPassphraseBytesMax));
    key.passphrase = FIELDSEAL_TRY(body.required_text("passphrase", kSealPassphraseBytesMax));
    key.exportable = FIELDSEAL_TRY(body.flag("exportable"));
    key.activate = FIELDSEAL_TRY(body.flag("activate"));
    const bool plain = FIELDSEAL_TRY(body.flag("plain"));
    FIELDSEAL_TRY(body.finish());
    if (plain == key.file_passphrase.has_value()) {
        return Error{Errc::invalid_argument,
                     "the body: give \"file_passphrase\" for an encrypted key, or \"plain\": true "
                     "for one that is not"};
    }
    return backend.import_key(request.caller, key);
}

}  // namespace

void add_seal_certificate_routes(Router& router, SealCertificateBackend& backend) {
    router.add("POST", "/api/v1/seals/{name}/csr",
               [&](const Request& request, const PathValues& at) {
                   return respond(make_request(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/seals/{name}/certificates",
               [&](const Request& request, const PathValues& at) {
                   return respond(set_certificates(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/crls", [&](const Request& request, const PathValues&) {
        return respond(keep_crl(backend, request));
    });
    router.add("POST", "/api/v1/imported-keys", [&](const Request& request, const PathValues&) {
        return respond(import_key(backend, request), 201);
    });
}

}  // namespace fieldseal::api
