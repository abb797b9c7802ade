// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/authority_target.h"

#include "core/anchors/rfc3161_anchor.h"
#include "core/encoding.h"
#include "core/pki/certificate.h"
#include "node/anchoring/target_link.h"
#include "node/custody/private_file.h"

#include <sodium.h>

namespace fieldseal::node {
namespace {

// Whoever may write the roots decides which tokens this node believes.
Result<Bytes> read_roots(const std::string& path) {
    auto pem = read_private_file(path, pki::kPemBytesMax);
    if (!pem.ok() && pem.error().code == Errc::not_found) {
        return Error{Errc::not_found, "there are no root certificates " +
                                          fieldseal::quoted(path, 200) +
                                          ": put the file back, or remove its [[target]]"};
    }
    if (!pem.ok()) return pem.error().with_context("the authority's root certificates");
    return pem;
}

}  // namespace

Result<anchor::Rfc3161Settings> authority_settings(const Config::Target& target) {
    const Bytes pem = FIELDSEAL_TRY(read_roots(target.roots_file));
    auto settings = authority_settings(target, as_text(pem));
    if (!settings.ok()) {
        return settings.error().with_context(fieldseal::quoted(target.roots_file, 200));
    }
    return settings;
}

Result<anchor::Rfc3161Settings> authority_settings(const Config::Target& target,
                                                   std::string_view roots_pem) {
    anchor::Rfc3161Settings settings;
    settings.name = target.name;
    settings.url = target.url;
    for (const auto& root : FIELDSEAL_TRY(pki::parse_pem_certificates(roots_pem))) {
        settings.authority.roots.push_back(root.der());
    }
    settings.authority.policies = target.policies;
    settings.authority.accuracy_default_s = target.accuracy_default_s;
    settings.auth_headers = FIELDSEAL_TRY(read_auth_headers(target));
    settings.tls = tls_settings(target);
    settings.limits = http_limits(target);
    return settings;
}

std::string authority_roots_path(const std::string& data_dir, const std::string& target) {
    return data_dir + "/authorities/" + target + ".pem";
}

Bytes draw_stamp_nonce() {
    Bytes nonce(anchor::kStampNonceBytes);
    ::randombytes_buf(nonce.data(), nonce.size());
    return nonce;
}

std::vector<StampedToken> tokens_in(const anchor::AnchorPieces& pieces,
                                    std::int64_t accuracy_default_s) {
    std::vector<StampedToken> tokens;
    if (pieces.anchors_json.empty()) return tokens;
    const auto list = parse_anchors(pieces.anchors_json);
    if (!list.ok()) return tokens;
    for (const Anchor& anchor : *list) {
        if (anchor.type != anchors::kRfc3161Type) continue;
        auto stamped = anchors::parse_rfc3161_anchor(anchor);
        if (!stamped.ok()) continue;
        const auto token = pki::TimeStampToken::parse(stamped->token);
        if (!token.ok()) continue;
        const auto bounds = token->bounds(accuracy_default_s);
        if (bounds) tokens.push_back({TokenFloor{std::move(stamped->token)}, bounds->not_before_s});
    }
    return tokens;
}

}  // namespace fieldseal::node
