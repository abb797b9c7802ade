// SPDX-License-Identifier: Apache-2.0
#include "core/pki/seal_rules.h"

#include "core/encoding.h"
#include "core/pki/owned.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <vector>

namespace fieldseal::pki {
namespace {

constexpr std::size_t kOidTextBytesMax = 128;

void free_purposes(EXTENDED_KEY_USAGE* purposes) {
    sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
}
using Purposes = Owned<EXTENDED_KEY_USAGE, free_purposes>;
using Policies = Owned<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;

Error refused(const Certificate& certificate, std::string_view why) {
    return {Errc::invalid_argument, "the certificate of " +
                                        quoted(certificate.subject(), kNameTextBytesMax) + " " +
                                        std::string(why)};
}

std::string dotted(const ASN1_OBJECT* object) {
    char text[kOidTextBytesMax];
    const int size = OBJ_obj2txt(text, sizeof text, object, 1);
    return size > 0 && static_cast<std::size_t>(size) < sizeof text ? std::string(text)
                                                                    : std::string();
}

std::string joined(std::span<const std::string> texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out.empty() ? "none" : out;
}

std::vector<std::string> purposes_of(const Certificate& certificate) {
    const Purposes found(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate.handle(), NID_ext_key_usage, nullptr, nullptr)));
    std::vector<std::string> out;
    for (int i = 0; i < sk_ASN1_OBJECT_num(found.get()); ++i)
        out.push_back(dotted(sk_ASN1_OBJECT_value(found.get(), i)));
    ERR_clear_error();
    return out;
}

std::vector<std::string> policies_of(const Certificate& certificate) {
    const Policies found(static_cast<CERTIFICATEPOLICIES*>(
        X509_get_ext_d2i(certificate.handle(), NID_certificate_policies, nullptr, nullptr)));
    std::vector<std::string> out;
    for (int i = 0; i < sk_POLICYINFO_num(found.get()); ++i)
        out.push_back(dotted(sk_POLICYINFO_value(found.get(), i)->policyid));
    ERR_clear_error();
    return out;
}

bool has_one_of(const std::vector<std::string>& has, std::span<const std::string> wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
        return std::find(has.begin(), has.end(), each) != has.end();
    });
}

bool is_issued_by(const Certificate& certificate, const Certificate& issuer) {
    const bool yes = X509_check_issued(issuer.handle(), certificate.handle()) == X509_V_OK &&
                     X509_verify(certificate.handle(), X509_get0_pubkey(issuer.handle())) == 1;
    ERR_clear_error();
    return yes;
}

}  // namespace

Result<void> check_seal_leaf(const Certificate& leaf, const SealRules& rules) {
    if (leaf.is_authority()) return refused(leaf, "is an authority's, not a seal's");
    // All bits where the extension is absent.
    const std::uint32_t usage = X509_get_key_usage(leaf.handle());
    if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
        return refused(leaf,
                       "does not allow its key to sign: its key usage has neither "
                       "digitalSignature nor contentCommitment");
    }
    const auto purposes = purposes_of(leaf);
    if (!rules.purposes.empty() && !has_one_of(purposes, rules.purposes)) {
        return refused(leaf, "has the purposes " + joined(purposes) + ", and one of " +
                                 joined(rules.purposes) + " is asked for");
    }
    const auto policies = policies_of(leaf);
    if (!rules.policies.empty() && !has_one_of(policies, rules.policies)) {
        return refused(leaf, "has the policies " + joined(policies) + ", and one of " +
                                 joined(rules.policies) + " is asked for");
    }
    return {};
}

Result<void> check_seal_chain(std::span<const Certificate> chain, const PublicKey& key) {
    if (chain.empty()) return Error{Errc::invalid_argument, "there is no certificate"};
    const auto own = chain.front().public_key();
    if (!own.ok() || !(*own == key)) {
        return refused(chain.front(),
                       "has another key than the seal: the seal's own certificate comes first");
    }
    FIELDSEAL_TRY(check_seal_leaf(chain.front(), {}));
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (!chain[i].is_authority()) return refused(chain[i], "is no authority's");
        if (!is_issued_by(chain[i - 1], chain[i])) {
            return refused(chain[i],
                           "did not issue the one before it: put the seal's certificate "
                           "first, then its issuer, and so on");
        }
    }
    return {};
}

}  // namespace fieldseal::pki
