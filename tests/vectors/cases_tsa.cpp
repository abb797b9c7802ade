// SPDX-License-Identifier: Apache-2.0
// Time-stamp tokens as anchors and as floors: one ordinary day, its checkpoint stamped by the post
// office, one thing about the token, its certificates or the trust file changed.
#include "core/anchors/rfc3161_anchor.h"
#include "core/hash.h"
#include "tests/support/der_writer.h"
#include "tests/support/stamp_scene.h"
#include "tests/support/time_text.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace fieldseal::vectors {
namespace {

using anchors::Rfc3161Anchor;
using testing::AccuracyPlan;
using testing::CertificatePlan;
using testing::kPostPolicy;
using testing::kStamped_s;
using testing::make_certificate;
using testing::make_token;
using testing::post_pin;
using testing::post_root;
using testing::post_token;
using testing::post_tsa;
using testing::StampHash;
using testing::StampKey;
using testing::TokenPlan;

constexpr std::uint64_t kTsaSerial = 7;
constexpr std::uint8_t kKeyCompromise = 1;
constexpr std::uint8_t kSuperseded = 4;

struct Told {
    std::string_view name;
    std::string_view why;
};
using EditToken = std::function<void(TokenPlan&)>;

Trust trust_with(const TrustedTsa& tsa) {
    Trust trust = ordinary_trust();
    trust.tsas = {tsa};
    trust.policy.time_quorum = 2;
    return trust;
}
Trust pinned(const std::function<void(TrustedTsa&)>& edit = {}) {
    TrustedTsa tsa = post_pin();
    if (edit) edit(tsa);
    return trust_with(tsa);
}

class TsaCases {
public:
    Digest digest() const { return day_.office.log().checkpoint(day_.office.size()).digest(); }
    Bytes token(const EditToken& edit = {}) const {
        TokenPlan plan = post_token(digest());
        if (edit) edit(plan);
        return make_token(plan);
    }
    Evidence evidence(const Rfc3161Anchor& anchor) const {
        Evidence evidence = day_.evidence();
        evidence.proofs[0].anchors = {to_anchor(anchor)};
        evidence.status[0].proofs[0].anchors = evidence.proofs[0].anchors;
        return evidence;
    }

    // It is the second source of time, and the policy is met.
    void holds(const Told& told, const Rfc3161Anchor& anchor, const Trust& trust,
               std::int64_t not_after_s = kStamped_s + 1) {
        Expected expect = valid(std::nullopt, not_after_s);
        expect.anchors = {"ok"};
        add(make_vector(told.name, told.why, evidence(anchor), trust, expect));
    }
    void holds(const Told& told, const EditToken& edit, std::int64_t not_after_s = kStamped_s + 1) {
        holds(told, {token(edit), {}, {}}, pinned(), not_after_s);
    }
    // It ends with this reason; the document stays genuine and pending.
    void ends(const Told& told, std::string_view reason, const Rfc3161Anchor& anchor,
              const Trust& trust) {
        Expected expect = pending(std::nullopt, std::nullopt);
        expect.anchors = {std::string(reason)};
        add(make_vector(told.name, told.why, evidence(anchor), trust, expect));
    }
    void ends(const Told& told, std::string_view reason, const EditToken& edit) {
        ends(told, reason, {token(edit), {}, {}}, pinned());
    }
    void ends_as_json(const Told& told, const std::function<void(json::Value&)>& edit) {
        Evidence changed = evidence({token(), {}, {}});
        edit(changed.proofs[0].anchors[0].members);
        changed.status[0].proofs[0].anchors = changed.proofs[0].anchors;
        Expected expect = pending(std::nullopt, std::nullopt);
        expect.anchors = {"anchor-malformed"};
        add(make_vector(told.name, told.why, changed, pinned(), expect));
    }
    void add(Vector vector) { out_.push_back(std::move(vector)); }
    Vectors take() && { return std::move(out_); }

private:
    Day day_ = day_of([](StatementClaims&) {});
    Vectors out_;
};

void add_keys(TsaCases& out) {
    out.holds({"valid-tsa", "Stamped by the post office, to the second."}, {});
    const auto by = [](const StampKey& key, StampHash hash) {
        return [key, hash](TokenPlan& plan) {
            plan.signer.key = key;
            plan.hash = hash;
        };
    };
    out.holds({"valid-tsa-p384", "ECDSA over P-384 with SHA-384."},
              by(StampKey::p384(0x41), StampHash::sha384));
    out.holds({"valid-tsa-p256-with-sha512", "The digest may be longer than the curve."},
              by(StampKey::p256(0x41), StampHash::sha512));
    out.holds({"valid-tsa-rsa", "RSA of 2048 bits, PKCS #1 v1.5."},
              by(StampKey::rsa(0x41), StampHash::sha256));
    const auto refused = [&](const Told& told, const EditToken& edit) {
        out.ends(told, "tsa-algorithm-refused", edit);
    };
    refused({"tsa-signed-with-sha1", "The token's signature is over SHA-1."},
            by(StampKey::p256(0x41), StampHash::sha1));
    refused({"tsa-certificate-signed-with-sha1", "The certificate's is."},
            [](TokenPlan& plan) { plan.signer.hash = StampHash::sha1; });
    refused({"tsa-ed25519", "OpenSSL 3.0 makes such tokens and cannot verify them."},
            by(StampKey::ed25519(0x41), StampHash::sha512));
    refused({"tsa-secp256k1", "A curve that may sign statements, and no tokens."},
            by(StampKey::secp256k1(0x41), StampHash::sha256));
    refused({"tsa-rsa-1024", "A key that can be broken."},
            by(StampKey::rsa(0x41, 1024), StampHash::sha256));
}

void add_imprints(TsaCases& out) {
    out.ends({"tsa-of-another-checkpoint", "A good token, moved here from another checkpoint."},
             "tsa-imprint-mismatch", [&](TokenPlan& plan) {
                 plan.imprint = to_bytes(sha256(as_bytes("another checkpoint")));
             });
    const Digest digest = out.digest();
    out.ends({"tsa-of-the-digest-hashed-again", "The imprint is the digest, not its hash."},
             "tsa-imprint-mismatch",
             [&](TokenPlan& plan) { plan.imprint = to_bytes(sha256(digest)); });
    out.ends({"tsa-imprint-of-another-algorithm", "The same 32 bytes, said to be of SHA-512."},
             "tsa-imprint-mismatch",
             [](TokenPlan& plan) { plan.imprint_hash = StampHash::sha512; });
    out.ends({"tsa-imprint-one-byte-less", "No SHA-256 value."}, "anchor-malformed",
             [](TokenPlan& plan) { plan.imprint.pop_back(); });
}

void add_signatures(TsaCases& out) {
    out.ends({"tsa-signature-bit-flipped", "One bit."}, "tsa-signature-invalid",
             [](TokenPlan& plan) { plan.edit_signature = [](Bytes& s) { s.back() ^= 1; }; });
    out.ends({"tsa-time-changed-after-signing",
              "The content's digest is signed, the year is not "
              "the one that was."},
             "tsa-signature-invalid", [](TokenPlan& plan) {
                 plan.edit_content = [](Bytes& info) {
                     const std::string_view year = "20260101";
                     const auto at =
                         std::search(info.begin(), info.end(), year.begin(), year.end());
                     at[3] = '5';
                 };
             });
    out.ends({"tsa-certificate-missing", "Nobody put it into the token, nor beside it."},
             "tsa-certificate-missing", [](TokenPlan& plan) { plan.with_certificate = false; });
    out.holds({"valid-tsa-certificate-beside", "It stands beside the token."},
              {out.token([](TokenPlan& plan) { plan.with_certificate = false; }),
               {make_certificate(post_tsa())},
               {}},
              pinned());
    out.ends({"tsa-names-another-certificate", "The signed attribute names the root as his."},
             "tsa-signer-mismatch",
             [](TokenPlan& plan) { plan.named = {make_certificate(post_root())}; });
    out.ends({"tsa-names-no-certificate", "The attribute is not there."}, "tsa-signer-mismatch",
             [](TokenPlan& plan) {
                 plan.edit_attributes = [](std::vector<Bytes>& list) { list.pop_back(); };
             });
    out.holds({"valid-tsa-names-the-whole-path", "His certificate first, then the root's."},
              [](TokenPlan& plan) {
                  plan.named = {make_certificate(plan.signer), make_certificate(post_root())};
              });
    out.holds({"valid-tsa-named-by-the-older-attribute", "signingCertificate of RFC 2634."},
              [](TokenPlan& plan) { plan.named_by_sha1 = true; });
}

void add_certificates(TsaCases& out) {
    const auto usage = [&](const Told& told, const EditToken& edit) {
        out.ends(told, "tsa-usage-mismatch", edit);
    };
    usage({"tsa-without-usage", "A certificate for nothing in particular."},
          [](TokenPlan& plan) { plan.signer.usages.clear(); });
    usage({"tsa-usage-not-critical", "Programs that do not know it would pass over it."},
          [](TokenPlan& plan) { plan.signer.usages_are_critical = false; });
    usage({"tsa-usage-with-others", "Also for signing programs."},
          [](TokenPlan& plan) { plan.signer.usages.push_back(testing::kCodeSigningUsage); });
    usage({"tsa-usage-another", "For signing programs only."},
          [](TokenPlan& plan) { plan.signer.usages = {testing::kCodeSigningUsage}; });
    const auto expired = [&](const Told& told, const EditToken& edit) {
        out.ends(told, "tsa-certificate-expired", edit);
    };
    expired({"tsa-certificate-over", "It ended in the very second of the token."},
            [](TokenPlan& plan) { plan.signer.until_s = kStamped_s; });
    out.holds({"valid-tsa-certificate-in-its-last-second", "It ended a second later."},
              [](TokenPlan& plan) { plan.signer.until_s = kStamped_s + 1; });
    expired({"tsa-certificate-not-yet-valid", "It began a second later."},
            [](TokenPlan& plan) { plan.signer.from_s = kStamped_s + 1; });
    out.holds({"valid-tsa-certificate-in-its-first-second", "It began then."},
              [](TokenPlan& plan) { plan.signer.from_s = kStamped_s; });
    out.ends({"tsa-of-a-stranger", "No pinned root has this name."}, "tsa-unknown",
             [](TokenPlan& plan) { plan.signer.issuer = "Stranger Root CA"; });
    out.ends({"tsa-certificate-forged", "In the root's name, with another key."},
             "tsa-chain-invalid",
             [](TokenPlan& plan) { plan.signer.issuer_key = StampKey::p256(0x66); });
    Vector later = make_vector("valid-tsa-certificates-expired-since",
                               "Judged in 2080, long after the authority's certificates ended.",
                               out.evidence({out.token(), {}, {}}), pinned(),
                               valid(std::nullopt, kStamped_s + 1));
    later.now_s = 3471292800;
    later.expect.anchors = {"ok"};
    out.add(std::move(later));
}

// A certificate authority between the root and the signer.
CertificatePlan sub_authority() {
    CertificatePlan plan = post_root();
    plan.subject = "Post Sub CA";
    plan.key = StampKey::p384(0x51);
    plan.serial = 3;
    return plan;
}
void under(const CertificatePlan& middle, TokenPlan& plan) {
    plan.signer.issuer = middle.subject;
    plan.signer.issuer_key = middle.key;
}

void add_paths(TsaCases& out) {
    const CertificatePlan middle = sub_authority();
    const Bytes token = out.token([&](TokenPlan& plan) { under(middle, plan); });
    out.ends({"tsa-without-the-certificate-between", "Nothing leads to the root."}, "tsa-unknown",
             {token, {}, {}}, pinned());
    out.holds({"valid-tsa-with-the-certificate-between-beside", "It stands beside the token."},
              {token, {make_certificate(middle)}, {}}, pinned());
    out.holds({"valid-tsa-with-the-certificate-between-inside", "It stands in the token."},
              [&](TokenPlan& plan) {
                  under(middle, plan);
                  plan.certificates = {make_certificate(middle)};
              });
    out.holds({"valid-tsa-pinned-at-the-certificate-between", "Any certificate may be pinned."},
              {token, {}, {}},
              pinned([&](TrustedTsa& tsa) { tsa.roots = {make_certificate(middle)}; }));
    out.holds({"valid-tsa-pinned-at-the-signer", "Its own too."}, {out.token(), {}, {}},
              pinned([](TrustedTsa& tsa) { tsa.roots = {make_certificate(post_tsa())}; }));
    CertificatePlan no_authority = middle;
    no_authority.is_authority = false;
    out.ends({"tsa-under-what-is-no-authority", "The certificate between may not issue any."},
             "tsa-chain-invalid", {token, {make_certificate(no_authority)}, {}}, pinned());
    CertificatePlan over = middle;
    over.until_s = kStamped_s;
    out.ends({"tsa-certificate-between-over", "It ended in the second of the token."},
             "tsa-certificate-expired", {token, {make_certificate(over)}, {}}, pinned());
    CertificatePlan weak = middle;
    weak.hash = StampHash::sha1;
    out.ends({"tsa-certificate-between-signed-with-sha1", "Anybody may have made it."},
             "tsa-algorithm-refused", {token, {make_certificate(weak)}, {}}, pinned());
    CertificatePlan root = post_root();
    root.hash = StampHash::sha1;
    out.holds({"valid-tsa-root-signed-with-sha1", "A root is trusted by its bytes."},
              {out.token(), {}, {}},
              pinned([&](TrustedTsa& tsa) { tsa.roots = {make_certificate(root)}; }));
}

void add_policies(TsaCases& out) {
    const EditToken other = [](TokenPlan& plan) { plan.policy = "1.3.6.1.4.1.99999.2"; };
    out.ends({"tsa-policy-not-allowed", "Made under another policy than the pinned one."},
             "tsa-policy-not-allowed", other);
    out.holds({"valid-tsa-any-policy", "No policies are pinned."}, {out.token(other), {}, {}},
              pinned([](TrustedTsa& tsa) { tsa.policies.clear(); }));
    out.holds({"valid-tsa-second-policy", "One of two."}, {out.token(other), {}, {}},
              pinned([](TrustedTsa& tsa) { tsa.policies.emplace_back("1.3.6.1.4.1.99999.2"); }));
    Trust two = pinned();
    two.tsas.push_back(post_pin());
    two.tsas[0].roots = {make_certificate(sub_authority())};
    out.holds({"valid-tsa-second-authority", "The first one pinned is another."},
              {out.token(), {}, {}}, two);
    Trust same = pinned();
    same.tsas.push_back(post_pin());
    same.tsas[0].policies = {"1.2.3"};
    out.holds({"valid-tsa-second-entry-of-one-root", "The first entry allows another policy."},
              {out.token(), {}, {}}, same);
    out.ends({"tsa-none-pinned", "The trust file has no authority."}, "tsa-unknown",
             {out.token(), {}, {}}, [] {
                 Trust trust = pinned();
                 trust.tsas.clear();
                 return trust;
             }());
    out.ends({"tsa-root-is-no-certificate", "It vouches for nothing."}, "tsa-unknown",
             {out.token(), {}, {}},
             pinned([](TrustedTsa& tsa) { tsa.roots = {Bytes{0x30, 0x00}}; }));
}

void add_times(TsaCases& out) {
    const auto without = [](TokenPlan& plan) { plan.accuracy.reset(); };
    out.ends({"tsa-without-accuracy", "Neither the token nor the trust file says how sure it is."},
             "tsa-accuracy-unknown", without);
    const Trust default_30 = pinned([](TrustedTsa& tsa) { tsa.accuracy_default_s = 30; });
    out.holds({"valid-tsa-accuracy-of-the-trust-file", "The token says none, the file 30 s."},
              {out.token(without), {}, {}}, default_30, kStamped_s + 30);
    out.holds({"valid-tsa-accuracy-of-the-token-goes-first", "The token says 1 s, the file 30 s."},
              {out.token(), {}, {}}, default_30);
    const auto accurate = [](std::optional<std::uint64_t> s, std::optional<std::uint64_t> ms,
                             std::optional<std::uint64_t> us) {
        return [=](TokenPlan& plan) { plan.accuracy = AccuracyPlan{s, ms, us}; };
    };
    out.holds({"valid-tsa-accuracy-of-a-day", "As much as is taken."}, accurate(86400, {}, {}),
              kStamped_s + 86400);
    out.ends({"tsa-accuracy-of-more-than-a-day", "By a microsecond."}, "tsa-accuracy-unknown",
             accurate(86400, {}, 1));
    out.holds({"valid-tsa-accuracy-of-a-microsecond", "Bounds are whole seconds, outward."},
              accurate({}, {}, 1));
    out.holds({"valid-tsa-accuracy-of-nothing", "An accuracy without members is exact."},
              accurate({}, {}, {}), kStamped_s);
    out.ends({"tsa-accuracy-of-1000-milliseconds", "RFC 3161: at most 999."}, "anchor-malformed",
             accurate({}, 1000, {}));
    const auto timed = [](std::string_view text) {
        return [text](TokenPlan& plan) { plan.time = text; };
    };
    out.holds({"valid-tsa-with-a-fraction", "A quarter of a second later, upward."},
              timed("20260101021640.25Z"), kStamped_s + 2);
    out.ends({"tsa-fraction-with-a-trailing-zero", "One text for one time."}, "anchor-malformed",
             timed("20260101021640.250Z"));
    out.ends({"tsa-time-with-a-zone", "Times are in UTC."}, "anchor-malformed",
             timed("20260101031640+0100"));
    out.ends({"tsa-time-without-seconds", "To the second at least."}, "anchor-malformed",
             timed("202601010216Z"));
    out.ends({"tsa-on-the-30th-of-february", "No such day."}, "anchor-malformed",
             timed("20260230021640Z"));
}

void add_revocations(TsaCases& out) {
    const auto listed = [&](std::uint64_t serial, std::int64_t at_s,
                            std::optional<std::uint8_t> reason) {
        return Rfc3161Anchor{out.token(),
                             {},
                             {testing::make_crl({std::string(testing::kPostRoot),
                                                 post_root().key,
                                                 kStamped_s + 86400,
                                                 {{serial, at_s, reason}}})}};
    };
    out.holds({"valid-tsa-another-certificate-revoked", "The list names somebody else."},
              listed(kTsaSerial + 1, kStamped_s, kKeyCompromise), pinned());
    out.holds({"valid-tsa-retired-later", "Superseded a second after the token."},
              listed(kTsaSerial, kStamped_s + 1, kSuperseded), pinned());
    const auto revoked = [&](const Told& told, const Rfc3161Anchor& anchor) {
        out.ends(told, "tsa-certificate-revoked", anchor, pinned());
    };
    revoked({"tsa-retired-before", "Superseded in the second of the token."},
            listed(kTsaSerial, kStamped_s, kSuperseded));
    revoked({"tsa-key-compromised-later", "Whoever has the key can stamp any past."},
            listed(kTsaSerial, kStamped_s + 3600, kKeyCompromise));
    revoked({"tsa-revoked-without-a-reason", "It may have been lost."},
            listed(kTsaSerial, kStamped_s + 3600, {}));
    Rfc3161Anchor strange = listed(kTsaSerial, kStamped_s, kKeyCompromise);
    strange.crls = {
        testing::make_crl({std::string(testing::kPostRoot), StampKey::p256(0x66), kStamped_s, {}})};
    out.ends({"tsa-revocation-list-of-a-stranger", "Signed by nobody on the path."},
             "anchor-malformed", strange, pinned());
}

void add_forms(TsaCases& out) {
    const auto malformed = [&](const Told& told, const EditToken& edit) {
        out.ends(told, "anchor-malformed", edit);
    };
    malformed({"tsa-two-signers", "Exactly one signs a token."},
              [](TokenPlan& plan) { plan.signers = 2; });
    malformed({"tsa-no-signer", "Exactly one signs a token."},
              [](TokenPlan& plan) { plan.signers = 0; });
    malformed({"tsa-info-of-version-2", "Version 1 is the only one."},
              [](TokenPlan& plan) { plan.version = 2; });
    malformed({"tsa-without-signed-attributes", "The signature would be over something else."},
              [](TokenPlan& plan) {
                  plan.edit_attributes = [](std::vector<Bytes>& list) { list.clear(); };
              });
    malformed({"tsa-without-the-content-type-attribute", "RFC 5652 demands it."},
              [](TokenPlan& plan) {
                  plan.edit_attributes = [](std::vector<Bytes>& list) { list.erase(list.begin()); };
              });
    malformed({"tsa-with-the-digest-attribute-twice", "Once each."}, [](TokenPlan& plan) {
        plan.edit_attributes = [](std::vector<Bytes>& list) { list.push_back(list[1]); };
    });
    const auto with_extension = [](bool is_critical) {
        return [is_critical](TokenPlan& plan) {
            plan.extensions = testing::der_sequence({testing::der_oid("1.3.6.1.4.1.99999.9"),
                                                     is_critical ? testing::der_true() : Bytes(),
                                                     testing::der_octets(Bytes{5, 0})});
        };
    };
    malformed({"tsa-with-a-critical-extension", "Nobody here understands it."},
              with_extension(true));
    out.holds({"valid-tsa-with-another-extension", "It may be passed over."},
              with_extension(false));
    out.holds({"valid-tsa-with-a-nonce", "Between the node and its authority."},
              [](TokenPlan& plan) { plan.nonce = Bytes(16, 0x81); });
    malformed({"tsa-info-with-a-trailing-byte", "Signed as it is, and not DER."},
              [](TokenPlan& plan) { plan.edit_info = [](Bytes& info) { info.push_back(0); }; });
    const auto bytes = [&](const Told& told, const std::function<void(Bytes&)>& edit) {
        Bytes token = out.token();
        edit(token);
        out.ends(told, "anchor-malformed", {token, {}, {}}, pinned());
    };
    bytes({"tsa-token-with-a-trailing-byte", "Nothing after the end."},
          [](Bytes& token) { token.push_back(0); });
    bytes({"tsa-token-cut", "The last byte is missing."}, [](Bytes& token) { token.pop_back(); });
    bytes({"tsa-token-empty", "No bytes at all."}, [](Bytes& token) { token.clear(); });
    bytes({"tsa-token-with-a-longer-length", "The same length in one byte more."},
          [](Bytes& token) {
              token[1] = 0x83;
              token.insert(token.begin() + 2, 0x00);
          });
    out.ends({"tsa-token-is-a-certificate", "Another thing in DER."}, "anchor-malformed",
             {make_certificate(post_tsa()), {}, {}}, pinned());
    out.ends({"tsa-certificate-beside-malformed", "Not a certificate."}, "anchor-malformed",
             {out.token(), {Bytes{0x30, 0x00}}, {}}, pinned());
}

void add_members(TsaCases& out) {
    out.ends_as_json({"tsa-member-unknown", "Exactly the members of the page."},
                     [](json::Value& members) { members.set("nonce", 1); });
    out.ends_as_json(
        {"tsa-certificates-none", "An empty list is not the same as none."},
        [](json::Value& members) { members.set("certificates", json::Value::array()); });
    out.ends_as_json({"tsa-crls-as-text", "A list."},
                     [](json::Value& members) { members.set("crls", "MAA="); });
    out.ends_as_json({"tsa-token-not-base64", "Canonical base64."},
                     [](json::Value& members) { members.set("token", "MAA"); });
    out.ends_as_json({"tsa-without-a-token", "The member is missing."}, [](json::Value& members) {
        members = json::Value::object({{"type", "rfc3161"}});
    });
}

void add_operators(TsaCases& out) {
    const auto operated = [](std::optional<std::string> by) {
        return pinned([&](TrustedTsa& tsa) { tsa.operated_by = std::move(by); });
    };
    const Rfc3161Anchor anchor{out.token(), {}, {}};
    out.holds({"valid-tsa-counts-by-its-root", "Without an operator it counts as its root."},
              anchor, operated({}));
    out.ends({"tsa-of-the-logs-operator", "The office's ministry also stamps."},
             "anchor-same-operator", anchor, operated("Ministry of Works"));
    out.ends({"tsa-of-the-witness-operator", "Quorums count operators: one, not two."}, "ok",
             anchor, operated("Court of Audit"));
    const auto at = [&](const Told& told, std::int64_t now_s, Expected expect,
                        std::string_view reason) {
        expect.anchors = {std::string(reason)};
        Vector vector =
            make_vector(told.name, told.why, out.evidence(anchor), pinned(), std::move(expect));
        vector.now_s = now_s;
        out.add(std::move(vector));
    };
    at({"valid-tsa-at-the-edge-of-the-tolerance", "The verifier's clock trails by the tolerance."},
       kStamped_s + 1 - kSkew_s, valid(std::nullopt, kStamped_s + 1), "ok");
    at({"tsa-anchor-in-the-future", "By one second more: the token does not count."},
       kStamped_s - kSkew_s, cannot_tell("time-contradiction", std::nullopt, std::nullopt),
       "anchor-in-future");
}

// Floors: a statement that refers to a token.
class TokenFloors {
public:
    explicit TokenFloors(TsaCases& out) : out_(out) {}

    void add() {
        const Bytes good = token_at(kMidnight_s);
        proves({"valid-tsa-floor", "Stamped an hour before the statement was made."}, good,
               kMidnight_s - 1);
        unproven({"tsa-floor-of-a-stranger", "No pinned root has this name."}, "tsa-unknown",
                 token_at(kMidnight_s,
                          [](TokenPlan& plan) { plan.signer.issuer = "Stranger Root CA"; }));
        unproven({"tsa-floor-without-accuracy", "How much earlier may it be?"},
                 "tsa-accuracy-unknown",
                 token_at(kMidnight_s, [](TokenPlan& plan) { plan.accuracy.reset(); }));
        unproven({"tsa-floor-with-a-bad-signature", "One bit."}, "tsa-signature-invalid",
                 token_at(kMidnight_s, [](TokenPlan& plan) {
                     plan.edit_signature = [](Bytes& signature) { signature.back() ^= 1; };
                 }));
        unproven({"tsa-floor-without-its-certificate", "There is no place beside it."},
                 "tsa-certificate-missing",
                 token_at(kMidnight_s, [](TokenPlan& plan) { plan.with_certificate = false; }));
        unproven({"tsa-floor-by-the-logs-operator", "Whoever runs the log could have kept it."},
                 "anchor-same-operator", good,
                 pinned([](TrustedTsa& tsa) { tsa.operated_by = "Ministry of Works"; }));
        proves({"valid-tsa-floor-as-new-as-the-anchor", "Both bounds meet in one second."},
               token_at(kNotAfter_s + 1), kNotAfter_s);
        vector({"tsa-floor-newer-than-every-anchor",
                "Signed after a token that is younger than "
                "every anchor."},
               token_at(kNotAfter_s + 2), pinned(),
               cannot_tell("time-contradiction", kNotAfter_s + 1, kNotAfter_s), "ok");
        Evidence exchanged = evidence_of(good);
        exchanged.floor = TokenFloor{token_at(kMidnight_s + 1)};
        out_.add(make_vector("tsa-floor-exchanged", "Another token than the one referred to.",
                             exchanged, asked(pinned()), invalid("floor-unreferenced")));
    }

private:
    static Bytes token_at(std::int64_t time_s, const EditToken& edit = {}) {
        TokenPlan plan = post_token(sha256(as_bytes("yesterday's checkpoint")), time_s);
        if (edit) edit(plan);
        return make_token(plan);
    }
    static Evidence evidence_of(const Bytes& token) {
        Evidence evidence = day_of([&](StatementClaims& claims) {
                                claims.floor =
                                    FloorReference{FloorKind::time_stamp_token, sha256(token)};
                            }).evidence();
        evidence.floor = TokenFloor{token};
        return evidence;
    }
    // The authority is asked for the floor only.
    static Trust asked(Trust trust) {
        trust.policy.time_quorum = 1;
        return trust;
    }
    void vector(const Told& told, const Bytes& token, const Trust& trust, Expected expect,
                std::string_view reason) {
        expect.floor = reason;
        out_.add(
            make_vector(told.name, told.why, evidence_of(token), asked(trust), std::move(expect)));
    }
    void proves(const Told& told, const Bytes& token, std::int64_t not_before_s) {
        vector(told, token, pinned(), valid(not_before_s, kNotAfter_s), "ok");
    }
    void unproven(const Told& told, std::string_view reason, const Bytes& token,
                  const Trust& trust = pinned()) {
        vector(told, token, trust, valid(std::nullopt, kNotAfter_s), reason);
    }

    TsaCases& out_;
};

}  // namespace

Vectors tsa_cases() {
    TsaCases out;
    add_keys(out);
    add_imprints(out);
    add_signatures(out);
    add_certificates(out);
    add_paths(out);
    add_policies(out);
    add_times(out);
    add_revocations(out);
    add_forms(out);
    add_members(out);
    add_operators(out);
    TokenFloors(out).add();
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
