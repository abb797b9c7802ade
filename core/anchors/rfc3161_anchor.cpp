// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/rfc3161_anchor.h"

#include "core/encoding.h"
#include "core/json/reader.h"
#include "core/pki/chain.h"

#include <algorithm>

namespace fieldseal::anchors {
namespace {

constexpr std::size_t kRootNameHexDigits = 16;

// Absent is one form, a list of at least one item the other.
Result<std::vector<Bytes>> read_list(json::Members& in, std::string_view member,
                                     std::size_t count_max, std::size_t bytes_max) {
    std::vector<Bytes> list;
    const auto at = in.optional(member);
    if (!at) return list;
    const auto items = FIELDSEAL_TRY(at->items(count_max));
    if (items.empty()) return at->error("empty: leave it out");
    for (const json::Reader& item : items) list.push_back(FIELDSEAL_TRY(item.base64(bytes_max)));
    return list;
}

json::Value list_value(const std::vector<Bytes>& list) {
    json::Value value = json::Value::array();
    for (const Bytes& item : list) value.push_back(base64_encode(item));
    return value;
}

template <class T>
Result<std::vector<T>> parse_all(std::span<const Bytes> list) {
    std::vector<T> parsed;
    for (const Bytes& der : list) parsed.push_back(FIELDSEAL_TRY(T::parse(der)));
    return parsed;
}

bool may_stamp_under(const TrustedTsa& tsa, const std::string& policy) {
    return tsa.policies.empty() ||
           std::find(tsa.policies.begin(), tsa.policies.end(), policy) != tsa.policies.end();
}

Finding finding_of(pki::ChainFinding finding) {
    switch (finding) {
        case pki::ChainFinding::trusted:
            return Finding::proven;
        case pki::ChainFinding::no_path:
            return Finding::tsa_unknown;
        case pki::ChainFinding::out_of_time:
            return Finding::tsa_certificate_expired;
        case pki::ChainFinding::weak:
            return Finding::tsa_algorithm_refused;
        case pki::ChainFinding::refused:
            break;
    }
    return Finding::tsa_chain_invalid;
}

// How one step ended; proven means "go on".
struct Step {
    Finding finding = Finding::proven;
    std::string message;
};

class TokenJudge {
public:
    TokenJudge(const TokenQuestion& question, std::span<const TrustedTsa> tsas)
        : question_(question), tsas_(tsas) {}

    JudgedToken run() && {
        Step step = judge_all();
        judged_.finding = step.finding;
        judged_.message = std::move(step.message);
        return std::move(judged_);
    }

private:
    Step judge_all() {
        Step step = read();
        if (step.finding != Finding::proven) return step;
        step = judge_signer();
        if (step.finding != Finding::proven) return step;
        step = judge_path();
        if (step.finding != Finding::proven) return step;
        step = judge_binding();
        if (step.finding != Finding::proven) return step;
        step = judge_revocation();
        if (step.finding != Finding::proven) return step;
        return judge_time();
    }

    const pki::TimeStampToken& token() const { return *token_; }

    Step read() {
        auto parsed = pki::TimeStampToken::parse(question_.token);
        if (!parsed) return {Finding::malformed, parsed.error().message};
        token_ = *std::move(parsed);
        auto beside = parse_all<pki::Certificate>(question_.certificates);
        if (!beside) return {Finding::malformed, beside.error().message};
        auto crls = parse_all<pki::Crl>(question_.crls);
        if (!crls) return {Finding::malformed, crls.error().message};
        beside_ = *std::move(beside);
        crls_ = *std::move(crls);
        if (!question_.imprint) return {};
        if (!token().imprint()) {
            return {Finding::tsa_imprint_mismatch,
                    "the token stamps a digest that is not of SHA-256"};
        }
        if (token().imprint() != question_.imprint) {
            return {Finding::tsa_imprint_mismatch,
                    "the token stamps " + hex_encode(*token().imprint()) +
                        ", not the checkpoint's digest " + hex_encode(*question_.imprint)};
        }
        return {};
    }

    Step judge_signer() {
        signer_ = token().signer(beside_);
        if (!signer_) {
            return {Finding::tsa_certificate_missing,
                    "the certificate that signed the token is not there"};
        }
        const auto strong = token().check_algorithms(*signer_);
        if (!strong) return {Finding::tsa_algorithm_refused, strong.error().message};
        const auto signed_by = token().verify_signature(*signer_);
        if (!signed_by) return {Finding::tsa_signature_invalid, signed_by.error().message};
        const auto usage = pki::check_time_stamping_usage(*signer_);
        if (!usage) return {Finding::tsa_usage_mismatch, usage.error().message};
        return {};
    }

    // The signed attribute may name the certificates above the signer's too: hence the path.
    Step judge_binding() const {
        const auto bound = token().check_signer_binding(path_);
        if (!bound) return {Finding::tsa_signer_mismatch, bound.error().message};
        return {};
    }

    // The first authority whose roots and policies take the token; else the first that came
    // nearest: a path under another policy before no path.
    Step judge_path() {
        Step best{Finding::tsa_unknown, "the trust file knows no time-stamping authority that " +
                                            quoted(signer_->subject(), pki::kNameTextBytesMax) +
                                            " leads to"};
        std::vector<pki::Certificate> others = token().certificates();
        others.insert(others.end(), beside_.begin(), beside_.end());
        for (const TrustedTsa& tsa : tsas_) {
            const auto roots = roots_of(tsa);
            auto chain = pki::judge_chain({*signer_, others, roots, token().time_s()});
            Step step{finding_of(chain.finding), std::move(chain.message)};
            if (step.finding == Finding::proven && !may_stamp_under(tsa, token().policy())) {
                step = {Finding::tsa_policy_not_allowed,
                        "the token is made under the policy " + token().policy() +
                            ", which is not one of those that the trust file allows"};
            }
            if (step.finding == Finding::proven) {
                tsa_ = &tsa;
                path_ = std::move(chain.path);
                return step;
            }
            const bool is_nearer = best.finding == Finding::tsa_unknown ||
                                   (step.finding == Finding::tsa_policy_not_allowed &&
                                    best.finding != Finding::tsa_policy_not_allowed);
            if (is_nearer && step.finding != Finding::tsa_unknown) best = std::move(step);
        }
        return best;
    }

    // What is no certificate vouches for nothing.
    static std::vector<pki::Certificate> roots_of(const TrustedTsa& tsa) {
        std::vector<pki::Certificate> roots;
        for (const Bytes& der : tsa.roots) {
            auto root = pki::Certificate::parse(der);
            if (root) roots.push_back(*std::move(root));
        }
        return roots;
    }

    // RFC 3161 §4: a certificate that was retired leaves the tokens made before as they were; one
    // that was lost, or for which no reason is given, takes all of them with it.
    Step judge_revocation() const {
        const auto report = pki::read_crls(path_, crls_);
        if (!report) return {Finding::malformed, report.error().message};
        for (const pki::Revocation& revocation : report->revocations) {
            if (revocation.is_retirement && token().time_s() < revocation.at_s) continue;
            return {Finding::tsa_certificate_revoked,
                    "the certificate of " +
                        quoted(path_[revocation.place].subject(), pki::kNameTextBytesMax) +
                        " was revoked as of " + rfc3339(revocation.at_s)};
        }
        return {};
    }

    Step judge_time() {
        const auto bounds = token().bounds(tsa_->accuracy_default_s);
        if (!bounds) {
            return {Finding::tsa_accuracy_unknown,
                    token().has_accuracy()
                        ? "the token's time is less sure than a day"
                        : "neither the token nor the trust file says how sure its time is"};
        }
        judged_.time_s = token().time_s();
        judged_.not_before_s = bounds->not_before_s;
        judged_.not_after_s = bounds->not_after_s;
        judged_.source = signer_->subject();
        judged_.operated_by = counts_as(*tsa_, path_.back());
        return {Finding::proven,
                "time-stamped by " + quoted(signer_->subject(), pki::kNameTextBytesMax) + " at " +
                    rfc3339(judged_.time_s) + ", for certain by " + rfc3339(judged_.not_after_s)};
    }

    const TokenQuestion& question_;
    const std::span<const TrustedTsa> tsas_;
    std::optional<pki::TimeStampToken> token_;
    std::vector<pki::Certificate> beside_;
    std::vector<pki::Crl> crls_;
    std::optional<pki::Certificate> signer_;
    std::vector<pki::Certificate> path_;
    const TrustedTsa* tsa_ = nullptr;
    JudgedToken judged_;
};

}  // namespace

Result<Rfc3161Anchor> parse_rfc3161_anchor(const Anchor& given) {
    auto in = FIELDSEAL_TRY(json::Reader(given.members).members());
    Rfc3161Anchor anchor;
    FIELDSEAL_TRY(in.required_string("type"));
    anchor.token = FIELDSEAL_TRY(in.required_base64("token", pki::kTokenBytesMax));
    anchor.certificates = FIELDSEAL_TRY(
        read_list(in, "certificates", kRfc3161CertificatesMax, pki::kCertificateBytesMax));
    anchor.crls = FIELDSEAL_TRY(read_list(in, "crls", kRfc3161CrlsMax, pki::kCrlBytesMax));
    FIELDSEAL_TRY(in.finish());
    return anchor;
}

Anchor to_anchor(const Rfc3161Anchor& anchor) {
    json::Value members =
        json::Value::object({{"type", kRfc3161Type}, {"token", base64_encode(anchor.token)}});
    if (!anchor.certificates.empty()) members.set("certificates", list_value(anchor.certificates));
    if (!anchor.crls.empty()) members.set("crls", list_value(anchor.crls));
    return {std::string(kRfc3161Type), std::move(members)};
}

JudgedToken judge_token(const TokenQuestion& question, std::span<const TrustedTsa> tsas) {
    return TokenJudge(question, tsas).run();
}

AnchorResult check_rfc3161_anchor(const Anchor& given, const note::Checkpoint& checkpoint,
                                  const Trust& trust) {
    AnchorResult result;
    const auto anchor = parse_rfc3161_anchor(given);
    if (!anchor) {
        result.finding = Finding::malformed;
        result.message = anchor.error().message;
        return result;
    }
    JudgedToken judged = judge_token(
        {anchor->token, checkpoint.digest(), anchor->certificates, anchor->crls}, trust.tsas);
    result.finding = judged.finding;
    result.message = std::move(judged.message);
    if (judged.finding != Finding::proven) return result;
    result.not_after_s = judged.not_after_s;
    result.source = std::move(judged.source);
    result.operated_by = std::move(judged.operated_by);
    return result;
}

std::string counts_as(const TrustedTsa& tsa, const pki::Certificate& root) {
    if (tsa.operated_by) return *tsa.operated_by;
    return "tsa " + hex_encode(root.sha256()).substr(0, kRootNameHexDigits);
}

}  // namespace fieldseal::anchors
