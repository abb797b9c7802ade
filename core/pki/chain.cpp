// SPDX-License-Identifier: Apache-2.0
#include "core/pki/chain.h"

#include "core/encoding.h"
#include "core/pki/algorithms.h"
#include "core/pki/asn1_time.h"
#include "core/pki/owned.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace fieldseal::pki {
namespace {

using Store = Owned<X509_STORE, X509_STORE_free>;
using Context = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

// The stack's elements stay their owners'.
void free_stack(STACK_OF(X509) * stack) {
    sk_X509_free(stack);
}
using Stack = Owned<STACK_OF(X509), free_stack>;

ChainJudgement ends(ChainFinding finding, std::string message) {
    ERR_clear_error();
    return {finding, std::move(message), {}};
}

ChainFinding finding_of(int error) {
    switch (error) {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_UNTRUSTED:
            return ChainFinding::no_path;
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return ChainFinding::out_of_time;
        default:
            return ChainFinding::refused;
    }
}

std::string life_of(const Certificate& certificate) {
    return quoted(certificate.subject(), kNameTextBytesMax) + " is valid from " +
           rfc3339(certificate.not_before_s()) + " to " + rfc3339(certificate.not_after_s());
}

// Why OpenSSL took no path.
ChainJudgement judge_error(X509_STORE_CTX* context, std::int64_t at_s) {
    const int error = X509_STORE_CTX_get_error(context);
    const ChainFinding finding = finding_of(error);
    std::string message = X509_verify_cert_error_string(error);
    const auto at_fault = copy_of(X509_STORE_CTX_get_current_cert(context));
    if (finding == ChainFinding::out_of_time && at_fault) {
        message = "the certificate of " + life_of(*at_fault) + ", not at " + rfc3339(at_s);
    } else if (finding == ChainFinding::refused && at_fault) {
        message = "the certificate of " + quoted(at_fault->subject(), kNameTextBytesMax) +
                  " does not hold (" + message + ")";
    } else if (finding == ChainFinding::no_path) {
        message = "its certificates lead to none of the trusted roots (" + message + ")";
    }
    return ends(finding, std::move(message));
}

Result<Store> store_of(std::span<const Certificate> roots) {
    Store store(X509_STORE_new());
    bool is_filled = store != nullptr;
    for (const Certificate& root : roots) {
        is_filled = is_filled && X509_STORE_add_cert(store.get(), root.handle()) == 1;
    }
    if (!is_filled) return Error{Errc::internal, "no memory for trusted roots"};
    return store;
}

Result<Stack> stack_of(std::span<const Certificate> certificates) {
    Stack stack(sk_X509_new_null());
    bool is_filled = stack != nullptr;
    for (const Certificate& certificate : certificates) {
        is_filled = is_filled && sk_X509_push(stack.get(), certificate.handle()) > 0;
    }
    if (!is_filled) return Error{Errc::internal, "no memory for certificates"};
    return stack;
}

void set_rules(X509_STORE_CTX* context, std::int64_t at_s) {
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(at_s));
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(rules, kPathCertificatesMax - 2);  // those between the ends
    X509_VERIFY_PARAM_set_auth_level(rules, 0);                    // check_path() is stricter
}

Result<std::vector<Certificate>> path_of(X509_STORE_CTX* context) {
    std::vector<Certificate> path;
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        auto certificate = copy_of(sk_X509_value(chain, i));
        if (!certificate) return Error{Errc::internal, "a certificate cannot be copied"};
        path.push_back(*std::move(certificate));
    }
    return path;
}

// OpenSSL lets some old forms of authorities pass.
const Certificate* first_that_is_no_authority(const std::vector<Certificate>& path) {
    for (std::size_t i = 1; i < path.size(); ++i) {
        if (!path[i].is_authority()) return &path[i];
    }
    return nullptr;
}

// Whoever trusts a root does so by its bytes; its own signature proves nothing more.
Result<void> check_path(const std::vector<Certificate>& path, LeafKey leaf_key) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (i > 0 || leaf_key == LeafKey::strong) FIELDSEAL_TRY(check_key(path[i]));
        if (i + 1 < path.size()) FIELDSEAL_TRY(check_signature_algorithm(path[i]));
    }
    return {};
}

bool is_retirement(const X509_REVOKED* revoked) {
    int critical = 0;
    const Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(static_cast<ASN1_ENUMERATED*>(
        X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, &critical, nullptr)));
    if (!reason) return false;
    constexpr std::array<long, 4> kRetired = {CRL_REASON_UNSPECIFIED,
                                              CRL_REASON_AFFILIATION_CHANGED, CRL_REASON_SUPERSEDED,
                                              CRL_REASON_CESSATION_OF_OPERATION};
    return std::find(kRetired.begin(), kRetired.end(), ASN1_ENUMERATED_get(reason.get())) !=
           kRetired.end();
}

class CrlReader {
public:
    explicit CrlReader(std::span<const Certificate> path)
        : path_(path), known_as_of_(path.empty() ? 0 : path.size() - 1) {}

    Result<void> add(const Crl& crl) {
        bool is_of_the_path = false;
        for (std::size_t i = 0; i + 1 < path_.size(); ++i) {
            if (!is_signed_by(crl, path_[i + 1])) continue;
            is_of_the_path = true;
            look_up(crl, i);
            if (!crl.is_complete()) continue;
            known_as_of_[i] = std::max(known_as_of_[i].value_or(0), crl.this_update_s());
        }
        if (is_of_the_path) return {};
        return Error{Errc::invalid_argument,
                     "a revocation list is signed by nobody on the certificate's path"};
    }

    RevocationReport finish() && {
        const bool all = std::all_of(known_as_of_.begin(), known_as_of_.end(),
                                     [](const auto& at) { return at.has_value(); });
        if (all && !known_as_of_.empty()) {
            report_.known_as_of_s = *std::min_element(known_as_of_.begin(), known_as_of_.end());
        }
        return std::move(report_);
    }

private:
    void look_up(const Crl& crl, std::size_t place) {
        X509_REVOKED* revoked = nullptr;
        if (X509_CRL_get0_by_cert(crl.handle(), &revoked, path_[place].handle()) != 1) return;
        const auto at = posix_seconds(X509_REVOKED_get0_revocationDate(revoked));
        report_.revocations.push_back({place, at.value_or(0), at && is_retirement(revoked)});
    }

    std::span<const Certificate> path_;
    std::vector<std::optional<std::int64_t>> known_as_of_;
    RevocationReport report_;
};

}  // namespace

ChainJudgement judge_chain(const ChainQuestion& question) {
    const auto store = store_of(question.roots);
    if (!store) return ends(ChainFinding::refused, store.error().message);
    const auto others = stack_of(question.others);
    if (!others) return ends(ChainFinding::refused, others.error().message);
    const Context context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), store->get(), question.leaf.handle(),
                                        others->get()) != 1) {
        return ends(ChainFinding::refused, "no memory to follow certificates");
    }
    set_rules(context.get(), question.at_s);
    if (X509_verify_cert(context.get()) != 1) return judge_error(context.get(), question.at_s);
    auto path = path_of(context.get());
    if (!path) return ends(ChainFinding::refused, path.error().message);
    if (const Certificate* other = first_that_is_no_authority(*path)) {
        return ends(ChainFinding::refused,
                    quoted(other->subject(), kNameTextBytesMax) + " is no certificate authority");
    }
    const auto strong = check_path(*path, question.leaf_key);
    if (!strong) return ends(ChainFinding::weak, strong.error().message);
    return {ChainFinding::trusted,
            quoted(question.leaf.subject(), kNameTextBytesMax) + " leads to " +
                quoted(path->back().subject(), kNameTextBytesMax),
            *std::move(path)};
}

Result<RevocationReport> read_crls(std::span<const Certificate> path, std::span<const Crl> crls) {
    CrlReader reader(path);
    for (const Crl& crl : crls) FIELDSEAL_TRY(reader.add(crl));
    return std::move(reader).finish();
}

bool is_named_by(const Crl& crl, const Certificate& issuer) {
    return X509_NAME_cmp(X509_CRL_get_issuer(crl.handle()),
                         X509_get_subject_name(issuer.handle())) == 0;
}

bool is_signed_by(const Crl& crl, const Certificate& issuer) {
    if (!is_named_by(crl, issuer)) return false;
    const bool is_signed = X509_CRL_verify(crl.handle(), X509_get0_pubkey(issuer.handle())) == 1;
    ERR_clear_error();
    return is_signed;
}

Result<void> check_key(const Certificate& certificate) {
    return check_key_of(certificate.handle());
}

Result<void> check_signature_algorithm(const Certificate& certificate) {
    const int nid = X509_get_signature_nid(certificate.handle());
    if (may_sign_certificates(nid)) return {};
    return Error{Errc::unsupported,
                 "the certificate of " + quoted(certificate.subject(), kNameTextBytesMax) +
                     " is signed with " + algorithm_name(nid) + ", which may not vouch here"};
}

}  // namespace fieldseal::pki
