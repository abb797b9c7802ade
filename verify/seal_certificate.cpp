// SPDX-License-Identifier: Apache-2.0
// A certificate is judged at not-after, the latest moment at which the signature can have been made
// (FORMATS §7). What began or ended inside the interval leaves open on which side the signature
// lies: then the verdict is "cannot tell".
#include "verify/seal_certificate.h"

#include "core/encoding.h"
#include "core/pki/chain.h"
#include "core/pki/seal_rules.h"

#include <algorithm>
#include <utility>

namespace fieldseal::verify {
namespace {

SealCertificates ends(Reason reason, std::string message = {}) {
    SealCertificates out;
    out.reason = reason;
    out.message = std::move(message);
    return out;
}

struct Finding {
    Reason reason = Reason::ok;
    std::string message;
};

std::vector<pki::Certificate> parse_all(const std::vector<Bytes>& ders) {
    std::vector<pki::Certificate> all;
    for (const Bytes& der : ders) {
        auto certificate = pki::Certificate::parse(der);
        if (certificate.ok()) all.push_back(std::move(*certificate));
    }
    return all;
}

// One authority's view of one seal.
class Judge {
public:
    Judge(const SealCertificates& certificates, const std::vector<Bytes>& crls,
          const TrustedSealAuthority& authority, const ProvenTimes& times)
        : certificates_(certificates),
          crls_(crls),
          authority_(authority),
          times_(times),
          roots_(parse_all(authority.roots)) {}

    Finding judge() const {
        // Who could be meant does not depend on the time: any moment of the leaf's life will do.
        const auto& leaf = certificates_.chain.front();
        const auto known = path_at(leaf.not_before_s());
        const auto ended = path_at(leaf.not_after_s() - 1);
        const bool leads = known.finding == pki::ChainFinding::trusted ||
                           ended.finding == pki::ChainFinding::trusted;
        if (!leads && known.finding != pki::ChainFinding::out_of_time &&
            ended.finding != pki::ChainFinding::out_of_time) {
            return {Reason::seal_unknown, known.message};
        }
        const auto fits = pki::check_seal_leaf(leaf, {authority_.purposes, authority_.policies});
        if (!fits.ok()) return {Reason::certificate_purpose, fits.error().message};
        if (!times_.not_after_s) return {Reason::certificate_time_unproven, {}};
        const auto path = path_at(*times_.not_after_s);
        if (path.finding == pki::ChainFinding::out_of_time) return judge_out_of_time(path.message);
        if (path.finding != pki::ChainFinding::trusted) return {Reason::seal_unknown, path.message};
        return judge_revocation(path);
    }

private:
    pki::ChainJudgement path_at(std::int64_t at_s) const {
        const auto& chain = certificates_.chain;
        return pki::judge_chain(
            {chain.front(), std::span(chain).subspan(1), roots_, at_s, pki::LeafKey::any});
    }

    // Not valid at the end of the interval: was it at its beginning?
    Finding judge_out_of_time(const std::string& message) const {
        const bool ended = certificates_.chain.front().not_before_s() <= *times_.not_after_s;
        if (!ended) return {Reason::certificate_out_of_time, message};
        if (!times_.not_before_s) return {Reason::certificate_window, message};
        const bool began_valid =
            path_at(*times_.not_before_s).finding == pki::ChainFinding::trusted;
        return {began_valid ? Reason::certificate_window : Reason::certificate_out_of_time,
                message};
    }

    Finding judge_revocation(const pki::ChainJudgement& path) const {
        pki::RevocationReport all;
        std::optional<std::int64_t> known_s;
        std::vector<pki::Crl> lists;
        for (const Bytes& der : crls_) {
            auto crl = pki::Crl::parse(der);
            if (!crl.ok()) continue;
            // A list that belongs to nobody here is somebody else's, not an error.
            const pki::Crl one[] = {*crl};
            if (pki::read_crls(path.path, one).ok()) lists.push_back(std::move(*crl));
        }
        if (auto report = pki::read_crls(path.path, lists); report.ok()) {
            all = std::move(*report);
            known_s = all.known_as_of_s;
        }
        const auto earliest = std::min_element(
            all.revocations.begin(), all.revocations.end(),
            [](const pki::Revocation& a, const pki::Revocation& b) { return a.at_s < b.at_s; });
        if (earliest != all.revocations.end() && earliest->at_s <= *times_.not_after_s) {
            // Times are whole seconds: in the one of the floor nobody can tell which came first.
            const bool before = times_.not_before_s && earliest->at_s < *times_.not_before_s;
            return {before ? Reason::certificate_revoked : Reason::certificate_window,
                    "revoked on " + rfc3339(earliest->at_s)};
        }
        if (authority_.revocation == RevocationDemand::none) return {Reason::ok, path.message};
        if (known_s && *known_s >= *times_.not_after_s) return {Reason::ok, path.message};
        return {Reason::certificate_status_unknown,
                known_s ? "the revocation list is of " + rfc3339(*known_s) +
                              ", and the signature may be younger"
                        : "there is no revocation list of its authority"};
    }

    const SealCertificates& certificates_;
    const std::vector<Bytes>& crls_;
    const TrustedSealAuthority& authority_;
    const ProvenTimes& times_;
    const std::vector<pki::Certificate> roots_;
};

// The best view counts: an authority that knows nothing of a seal does not speak against it.
int rank(Reason reason) {
    switch (info(reason).effect) {
        case Effect::none:
            return 0;
        case Effect::pends:
            return 1;
        case Effect::misses:
            return reason == Reason::seal_unknown ? 4 : 2;
        case Effect::fails:
        case Effect::refuses:
            break;
    }
    return 3;
}

}  // namespace

SealCertificates read_seal_certificates(const Evidence& evidence, const StatementClaims& claims) {
    if (evidence.certificates.empty()) {
        return evidence.crls.empty() ? SealCertificates() : ends(Reason::certificate_unreferenced);
    }
    if (!claims.certificate) return ends(Reason::certificate_unreferenced);
    if (sha256(evidence.certificates.front()) != *claims.certificate)
        return ends(Reason::certificate_mismatch);
    SealCertificates out;
    for (const Bytes& der : evidence.certificates) {
        auto certificate = pki::Certificate::parse(der);
        if (!certificate.ok())
            return ends(Reason::certificate_malformed, certificate.error().message);
        out.chain.push_back(std::move(*certificate));
    }
    auto key = out.chain.front().public_key();
    if (!key.ok()) return ends(Reason::certificate_malformed, key.error().message);
    if (key->kid() != claims.kid) return ends(Reason::certificate_mismatch);
    out.key = std::move(*key);
    return out;
}

CertifiedSeal judge_certified_seal(const SealCertificates& certificates,
                                   const std::vector<Bytes>& crls, const Trust& trust,
                                   std::string_view origin, const ProvenTimes& times) {
    CertifiedSeal best;
    best.message = info(best.reason).meaning;
    for (std::size_t i = 0; i < trust.seal_authorities.size(); ++i) {
        const TrustedSealAuthority& authority = trust.seal_authorities[i];
        Finding found = Judge(certificates, crls, authority, times).judge();
        if (found.reason != Reason::seal_unknown && !authority.may_sign_for(origin))
            found = {Reason::seal_not_authorised, {}};
        if (found.message.empty()) found.message = info(found.reason).meaning;
        const Effect effect = info(found.reason).effect;
        const Outcome outcome = found.reason == Reason::ok ? Outcome::passed
                                : effect == Effect::fails  ? Outcome::failed
                                                           : Outcome::skipped;
        best.details.push_back({"certificates for " + quoted(authority.subject.value_or(
                                                          "authority " + std::to_string(i + 1))),
                                outcome,
                                found.reason,
                                found.message,
                                {}});
        if (rank(found.reason) >= rank(best.reason) && best.authority != nullptr) continue;
        if (rank(found.reason) > rank(best.reason)) continue;
        best.reason = found.reason;
        best.message = found.message;
        best.authority = &authority;
    }
    return best;
}

}  // namespace fieldseal::verify
