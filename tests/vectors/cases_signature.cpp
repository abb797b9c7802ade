// SPDX-License-Identifier: Apache-2.0
// Signatures: of the seal, of the log, of witnesses. Whatever another library would let pass.
#include "core/audit.h"
#include "core/cbor/cbor.h"
#include "core/ecdsa_scalar.h"
#include "core/encoding.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

#include <array>

namespace fieldseal::vectors {
namespace {

// The order of the Ed25519 group, little-endian (RFC 8032 §5.1).
constexpr std::array<std::uint8_t, 32> kEdwardsOrder = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

// (R, S) with S + L: the same equation, another signature.
template <class Signature>
void add_order(Signature& signature) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < kEdwardsOrder.size(); ++i) {
        const unsigned sum = signature[32 + i] + kEdwardsOrder[i] + carry;
        signature[32 + i] = static_cast<std::uint8_t>(sum);
        carry = sum >> 8;
    }
}

// n - s on secp256k1, big-endian.
Bytes high_s(const Bytes& low) {
    constexpr std::array<std::uint8_t, 32> kOrder = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
        0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    Bytes high = low;
    int borrow = 0;
    for (std::size_t i = kOrder.size(); i-- > 0;) {
        const int difference = kOrder[i] - low[32 + i] - borrow;
        high[32 + i] = static_cast<std::uint8_t>(difference);
        borrow = difference < 0 ? 1 : 0;
    }
    return high;
}

Evidence evidence_of(const Statement& statement) {
    return day_with(statement).evidence();
}

void add_statement_signatures(Vectors& out) {
    const Trust trust = ordinary_trust();
    const StatementClaims claims = claims_of(permits_seal());
    const Bytes signature = permits_seal().sign(StatementTbs::from(claims)->preimage());
    Bytes flipped = signature;
    flipped[10] ^= 1;
    out.push_back(make_vector("signature-bit-flipped",
                              "The log holds the statement as it is; only "
                              "the signature is wrong.",
                              evidence_of(with_signature(claims, flipped)), trust,
                              invalid("signature-invalid")));
    out.push_back(make_vector("signature-high-s",
                              "(r, n - s) satisfies ECDSA too; statements have "
                              "one form.",
                              evidence_of(with_signature(claims, high_s(signature))), trust,
                              invalid("signature-invalid")));
    out.push_back(make_vector("signature-all-zero", "r = s = 0.",
                              evidence_of(with_signature(claims, Bytes(64, 0))), trust,
                              invalid("signature-invalid")));
    const SealSigner other = SealSigner::es256k(0x21);
    const Bytes by_other = other.sign(StatementTbs::from(claims)->preimage());
    out.push_back(make_vector("signature-by-another-seal",
                              "Signed by another key under this "
                              "seal's kid.",
                              evidence_of(with_signature(claims, by_other)), trust,
                              invalid("signature-invalid")));
    StatementClaims wrong = claims;
    wrong.algorithm = Algorithm::es256;
    const Bytes wrong_signature = permits_seal().sign(StatementTbs::from(wrong)->preimage());
    out.push_back(make_vector("signature-algorithm-is-not-the-keys",
                              "The header says ES256, the "
                              "pinned key is on secp256k1.",
                              evidence_of(with_signature(wrong, wrong_signature)), trust,
                              invalid("algorithm-mismatch")));
}

void add_eddsa_signatures(Vectors& out) {
    const SealSigner seal = SealSigner::eddsa(0x11);
    Trust trust = ordinary_trust();
    trust.seals = {{seal.key(), {std::string(kOfficeOrigin)}, {}, {}}};
    const StatementClaims claims = claims_of(seal);
    Bytes signature = seal.sign(StatementTbs::from(claims)->preimage());
    add_order(signature);
    out.push_back(make_vector("signature-eddsa-s-plus-l",
                              "S + L satisfies the equation and is "
                              "refused (RFC 8032 §5.1.7).",
                              evidence_of(with_signature(claims, signature)), trust,
                              invalid("signature-invalid")));
    Bytes small_order = seal.sign(StatementTbs::from(claims)->preimage());
    std::fill_n(small_order.begin(), 32, std::uint8_t{0});
    small_order[0] = 1;
    out.push_back(make_vector("signature-eddsa-small-order-r", "R is the identity.",
                              evidence_of(with_signature(claims, small_order)), trust,
                              invalid("signature-invalid")));
}

// Signed objects of another kind in the statement's place, and the reverse.
void add_other_kinds(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    Evidence evidence = day.evidence();
    evidence.statement = day.snapshot.cose();
    out.push_back(make_vector("status-snapshot-as-statement",
                              "A genuine snapshot where the "
                              "statement belongs.",
                              evidence, trust, invalid("statement-malformed")));
    Evidence reverse = day.evidence();
    reverse.status[0].statement = day.statement.cose();
    reverse.status[0].proofs = reverse.proofs;
    out.push_back(make_vector("statement-as-status-snapshot",
                              "A genuine statement where the "
                              "snapshot belongs.",
                              reverse, trust, invalid("status-malformed")));
    const Bytes header = cbor::encode(cbor::Value::map(
        {{1, -47}, {4, permits_seal().key().kid()}, {16, "application/scitt-receipt+cose"}}));
    const Bytes payload(32, 0x42);
    Evidence receipt = day.evidence();
    receipt.statement =
        cose::encode({header, payload, permits_seal().sign(cose::sig_structure(header, payload))});
    out.push_back(make_vector("receipt-as-statement", "Signed by the seal, of another type.",
                              receipt, trust, invalid("statement-malformed")));
}

// A head of the audit log is signed by the status key too: only its typ says what it is.
void add_audit_heads(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    const PublicKey& key = status_signer().key();
    const auto tbs = AuditHeadTbs::from(
        {key.algorithm(), key.kid(), kMidnight_s, std::string(kOfficeOrigin), 3, Digest{0x42}, 4});
    const Bytes head = assemble(*tbs, status_signer().sign(tbs->preimage()))->cose();
    Evidence evidence = day.evidence();
    evidence.statement = head;
    out.push_back(make_vector("audit-head-as-statement",
                              "A genuine head of the audit log where the statement belongs.",
                              evidence, trust, invalid("statement-malformed")));
    Evidence status = day.evidence();
    status.status[0].statement = head;
    out.push_back(make_vector("audit-head-as-status-snapshot",
                              "A genuine head of the audit log, by the status key itself, where "
                              "the snapshot belongs.",
                              status, trust, invalid("status-malformed")));
}

void add_log_signatures(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    const std::string text = day.office.log().checkpoint(5).text();
    const note::VerifierKey& key = day.office.log().key();
    const auto with_line = [&](const Ed25519Signature& signature) {
        Evidence evidence = day.evidence();
        evidence.proofs[0].checkpoint =
            text + "\n" + note::signature_line(key.name, key.id(), signature) +
            hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), text).line();
        return evidence;
    };
    Ed25519Signature signature = day.office.log().signer().sign_bytes(text);
    signature[0] ^= 1;
    out.push_back(make_vector("checkpoint-signature-bit-flipped", "The log's line does not verify.",
                              with_line(signature), trust,
                              invalid("checkpoint-signature-invalid")));
    signature = day.office.log().signer().sign_bytes(text);
    add_order(signature);
    out.push_back(make_vector("checkpoint-signature-s-plus-l", "S + L on the log's line.",
                              with_line(signature), trust,
                              invalid("checkpoint-signature-invalid")));
    // Under the key 01 00 … 00 (the identity) R = identity, S = 0 verifies for every message, by
    // the equation alone.
    Trust small = trust;
    small.logs[0].key.key = Ed25519PublicKey{1};
    Ed25519Signature trivial{};
    trivial[0] = 1;
    Evidence evidence = day.evidence();
    evidence.proofs[0].checkpoint =
        text + "\n" + note::signature_line(key.name, small.logs[0].key.id(), trivial) +
        hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), text).line();
    out.push_back(make_vector("log-key-of-small-order",
                              "Under this key everybody can sign "
                              "everything; strict verifiers refuse it.",
                              evidence, small, invalid("checkpoint-signature-invalid")));
}

void add_witness_lines(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    const std::string text = day.office.log().checkpoint(5).text();
    const std::string line =
        hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), text).line();
    const auto with_lines = [&](const std::string& lines) {
        Evidence evidence = day.evidence();
        evidence.proofs[0].checkpoint = day.office.note(5) + lines;
        return evidence;
    };
    out.push_back(make_vector("witness-line-twice", "The same line twice would count twice.",
                              with_lines(line + line), trust, invalid("cosignature-invalid")));
    const std::string later =
        hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s + 1), text).line();
    out.push_back(make_vector("witness-two-lines-of-two-times", "Two genuine lines by one key.",
                              with_lines(line + later), trust, invalid("cosignature-invalid")));
    note::Cosignature broken = hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), text);
    broken.signature[5] ^= 1;
    out.push_back(
        make_vector("witness-known-key-with-a-bad-line",
                    "A line by a known key that "
                    "does not verify voids the whole note, although the court's line "
                    "is good.",
                    with_lines(broken.line() + court_witness().cosign(kAnchored_s, text).line()),
                    trust, invalid("cosignature-invalid")));
    note::Cosignature malleated =
        hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), text);
    add_order(malleated.signature);
    out.push_back(make_vector("witness-line-s-plus-l", "S + L on the hub's line.",
                              with_lines(malleated.line()), trust, invalid("cosignature-invalid")));
    note::Cosignature moved = hub_witness().cosign(kAnchored_s, text);
    moved.time_s -= 86400;
    out.push_back(make_vector("witness-line-with-an-earlier-time", "The signature covers the time.",
                              with_lines(moved.line()), trust, invalid("cosignature-invalid")));
    const note::VerifierKey& key = hub_witness().key();
    out.push_back(make_vector(
        "witness-line-without-a-time",
        "A plain note signature in the "
        "witness's name and key ID.",
        with_lines(note::signature_line(key.name, key.id(), hub_witness().sign_bytes(text))), trust,
        invalid("cosignature-invalid")));
    // The log cosigns itself: its key is no witness, so the line is ignored.
    const NoteSigner log_as_witness(kOfficeOrigin, note::KeyType::cosignature, 0x03);
    out.push_back(make_vector("log-key-as-witness-line",
                              "A cosignature by the log's own key is a "
                              "line by an unknown witness.",
                              with_lines(log_as_witness.cosign(kAnchored_s, text).line()), trust,
                              pending({}, {})));
    const NoteSigner renamed("zzz.example/witness", note::KeyType::cosignature, 0x06);
    Trust two = trust;
    two.policy = {2, 1};
    out.push_back(make_vector("witness-key-under-a-second-name",
                              "The hub's key under another name "
                              "is another signer, whom the trust file does not know.",
                              with_lines(line + renamed.cosign(kAnchored_s, text).line()), two,
                              pending({}, kNotAfter_s)));
}

}  // namespace

Vectors signature_cases() {
    Vectors out;
    add_statement_signatures(out);
    add_eddsa_signatures(out);
    add_other_kinds(out);
    add_audit_heads(out);
    add_log_signatures(out);
    add_witness_lines(out);
    return out;
}

}  // namespace fieldseal::vectors
