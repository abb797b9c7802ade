// SPDX-License-Identifier: Apache-2.0
// Seals known by their certificates: what the evidence holds, when the certificate began, ended or
// was revoked, and what the trust file asks for. A vector is the ordinary day of scene.h under a
// trust file that pins no seal and believes an authority.
#include "tests/support/stamp_maker.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

using testing::CertificatePlan;
using testing::CrlPlan;
using testing::StampKey;

constexpr std::int64_t kDay_s = 86400;
constexpr std::uint64_t kSerial = 7;
constexpr std::string_view kDocumentSigning = "1.3.6.1.5.5.7.3.36";

CertificatePlan authority_plan(std::uint8_t seed = 0x71) {
    CertificatePlan plan;
    plan.subject = plan.issuer = "Works CA";
    plan.key = plan.issuer_key = StampKey::p256(seed);
    plan.from_s = kMidnight_s - 1000 * kDay_s;
    plan.until_s = kMidnight_s + 5000 * kDay_s;
    plan.is_authority = true;
    return plan;
}

CertificatePlan seal_plan() {
    CertificatePlan plan;
    plan.subject = "Permits";
    plan.issuer = "Works CA";
    plan.issuer_key = StampKey::p256(0x71);
    plan.spki = permits_seal().key().spki();
    plan.serial = kSerial;
    plan.from_s = kMidnight_s - 100 * kDay_s;
    plan.until_s = kMidnight_s + 300 * kDay_s;
    plan.usages = {kDocumentSigning};
    return plan;
}

Bytes crl(std::int64_t at_s, std::vector<testing::RevokedPlan> revoked = {}) {
    CrlPlan plan;
    plan.issuer = "Works CA";
    plan.issuer_key = StampKey::p256(0x71);
    plan.this_update_s = at_s;
    plan.revoked = std::move(revoked);
    return make_crl(plan);
}

Day unanchored_day(const Bytes& certificate) {
    const std::string note = floor_note();
    Day day = day_of([&](StatementClaims& claims) {
        claims.certificate = sha256(certificate);
        claims.floor = floor_reference(note);
    });
    day.floor = note;
    return day;
}

// Not before and not after are those of the ordinary day.
Evidence evidence_with(const CertificatePlan& plan, std::vector<Bytes> crls = {}) {
    const Bytes certificate = make_certificate(plan);
    Evidence evidence = unanchored_day(certificate).evidence();
    evidence.certificates = {certificate};
    evidence.crls = std::move(crls);
    return evidence;
}

Trust trust_with(RevocationDemand revocation = RevocationDemand::none,
                 std::uint8_t authority_seed = 0x71) {
    Trust trust = ordinary_trust();
    trust.seals.clear();
    TrustedSealAuthority authority;
    authority.roots = {make_certificate(authority_plan(authority_seed))};
    authority.origins = {std::string(kOfficeOrigin)};
    authority.revocation = revocation;
    trust.seal_authorities.push_back(std::move(authority));
    return trust;
}

Expected open_question(std::string_view reason) {
    return cannot_tell(reason, kNotBefore_s, kNotAfter_s);
}

// "Genuine as far as it goes": exit 3, as for an anchor that is missing.
Expected pending_certificate() {
    Expected expected = pending(kNotBefore_s, std::nullopt);
    expected.reason = "certificate-time-unproven";
    return expected;
}

void add_belonging(Vectors& out) {
    const Evidence good = evidence_with(seal_plan());
    out.push_back(make_vector("certificate-leads-to-the-authority",
                              "Everything is as it should be.", good, trust_with(),
                              valid(kNotBefore_s, kNotAfter_s)));
    out.push_back(make_vector(
        "certificate-of-a-pinned-seal",
        "A pinned seal is the verifier's own word; its certificate ended.",
        [] {
            CertificatePlan ended = seal_plan();
            ended.until_s = kMidnight_s - 50 * kDay_s;
            return evidence_with(ended);
        }(),
        ordinary_trust(), valid(kNotBefore_s, kNotAfter_s)));
    Evidence missing = good;
    missing.certificates.clear();
    out.push_back(make_vector("certificate-missing",
                              "The statement names a certificate, nothing brings it, no seal is "
                              "pinned.",
                              missing, trust_with(), open_question("seal-unknown")));
    Evidence exchanged = good;
    CertificatePlan other = seal_plan();
    other.serial = 8;
    exchanged.certificates = {make_certificate(other)};
    out.push_back(make_vector("certificate-exchanged",
                              "Another certificate of the same key: not the one that was signed.",
                              exchanged, trust_with(), invalid("certificate-mismatch")));
    CertificatePlan foreign = seal_plan();
    foreign.spki = status_signer().key().spki();
    out.push_back(make_vector("certificate-of-another-key",
                              "The statement names a certificate of a key that did not sign it.",
                              evidence_with(foreign), trust_with(),
                              invalid("certificate-mismatch")));
    Evidence broken = good;
    broken.certificates.push_back(Bytes{0x30, 0x00});
    out.push_back(make_vector("certificate-that-is-none", "The second one is no certificate.",
                              broken, trust_with(), invalid("certificate-malformed")));
    Evidence unasked = ordinary_day().evidence();
    unasked.certificates = {make_certificate(seal_plan())};
    out.push_back(make_vector("certificate-unreferenced",
                              "The statement has no x5t, and somebody added a certificate.",
                              unasked, ordinary_trust(), invalid("certificate-unreferenced")));
}

void add_authorities(Vectors& out) {
    const Evidence good = evidence_with(seal_plan());
    out.push_back(make_vector("certificate-of-an-unknown-authority",
                              "The trust file believes another authority of the same name.", good,
                              trust_with(RevocationDemand::none, 0x72),
                              open_question("seal-unknown")));
    Trust elsewhere = trust_with();
    elsewhere.seal_authorities.front().origins = {std::string(kNeighbourOrigin)};
    out.push_back(make_vector("certificate-for-another-office",
                              "The authority's seals may sign for the neighbour.", good, elsewhere,
                              invalid("seal-not-authorised")));
    Trust purposes = trust_with();
    purposes.seal_authorities.front().purposes = {std::string(kDocumentSigning)};
    out.push_back(make_vector("certificate-with-the-purpose", "Document signing is asked for.",
                              good, purposes, valid(kNotBefore_s, kNotAfter_s)));
    purposes.seal_authorities.front().purposes = {"1.3.6.1.5.5.7.3.8"};
    out.push_back(make_vector("certificate-without-the-purpose", "Time-stamping is asked for.",
                              good, purposes, invalid("certificate-purpose")));
}

void add_times(Vectors& out) {
    const auto with_life = [](std::int64_t from_s, std::int64_t until_s) {
        CertificatePlan plan = seal_plan();
        plan.from_s = from_s;
        plan.until_s = until_s;
        return evidence_with(plan);
    };
    const std::int64_t long_ago = kMidnight_s - 100 * kDay_s;
    const std::int64_t later = kMidnight_s + 300 * kDay_s;
    out.push_back(make_vector("certificate-ended-after-the-interval",
                              "Anchored in time: what ends later changes nothing.",
                              with_life(long_ago, kNotAfter_s + 1), trust_with(),
                              valid(kNotBefore_s, kNotAfter_s)));
    out.push_back(make_vector(
        "certificate-ended-inside-the-interval", "Nobody can say on which side the signature lies.",
        with_life(long_ago, kNotAfter_s - 100), trust_with(), open_question("certificate-window")));
    out.push_back(make_vector("certificate-ended-before-the-interval", "The floor is younger.",
                              with_life(long_ago, kNotBefore_s - 100), trust_with(),
                              invalid("certificate-out-of-time")));
    out.push_back(make_vector("certificate-began-after-the-interval",
                              "It is younger than the anchor.", with_life(kNotAfter_s + 100, later),
                              trust_with(), invalid("certificate-out-of-time")));
    Evidence unanchored = evidence_with(seal_plan());
    const Evidence bare = unanchored_day(make_certificate(seal_plan())).evidence({});
    unanchored.statement = bare.statement;
    unanchored.proofs = bare.proofs;
    unanchored.status = bare.status;
    Trust modest = trust_with();
    modest.policy = {0, 0};
    out.push_back(make_vector("certificate-and-no-time",
                              "Nothing proves a time, and nothing more is asked for.", unanchored,
                              modest, pending_certificate()));
}

void add_revocations(Vectors& out) {
    const auto revoked = [](std::int64_t at_s) {
        return evidence_with(seal_plan(),
                             {crl(kNotAfter_s + kDay_s, {{kSerial, at_s, std::nullopt}})});
    };
    out.push_back(make_vector("certificate-revoked-before", "The floor is younger.",
                              revoked(kNotBefore_s - 100), trust_with(),
                              invalid("certificate-revoked")));
    out.push_back(make_vector("certificate-revoked-a-second-before",
                              "The floor is a second younger.", revoked(kNotBefore_s - 1),
                              trust_with(), invalid("certificate-revoked")));
    out.push_back(make_vector("certificate-revoked-in-the-second-of-the-floor",
                              "Whole seconds do not say which came first.", revoked(kNotBefore_s),
                              trust_with(), open_question("certificate-window")));
    out.push_back(make_vector(
        "certificate-revoked-inside", "Nobody can say on which side the signature lies.",
        revoked(kSigned_s), trust_with(), open_question("certificate-window")));
    out.push_back(make_vector("certificate-revoked-after", "Anchored in time.",
                              revoked(kNotAfter_s + 100), trust_with(),
                              valid(kNotBefore_s, kNotAfter_s)));
    const Trust strict = trust_with(RevocationDemand::required);
    out.push_back(make_vector("certificate-without-a-list", "Revocation is asked for.",
                              evidence_with(seal_plan()), strict,
                              open_question("certificate-status-unknown")));
    out.push_back(make_vector("certificate-with-an-old-list", "It is older than the anchor.",
                              evidence_with(seal_plan(), {crl(kNotAfter_s - 1)}), strict,
                              open_question("certificate-status-unknown")));
    out.push_back(make_vector("certificate-with-a-list", "As new as the proven time.",
                              evidence_with(seal_plan(), {crl(kNotAfter_s)}), strict,
                              valid(kNotBefore_s, kNotAfter_s)));
}

}  // namespace

Vectors certificate_cases() {
    Vectors out;
    add_belonging(out);
    add_authorities(out);
    add_times(out);
    add_revocations(out);
    return out;
}

}  // namespace fieldseal::vectors
