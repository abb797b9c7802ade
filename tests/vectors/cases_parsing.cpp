// SPDX-License-Identifier: Apache-2.0
// Bytes that nobody of ours writes: JSON, base64, notes, CBOR, limits.
#include "core/cbor/cbor.h"
#include "core/encoding.h"
#include "core/json/json.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

std::string replace_once(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

const std::string& trust_text() {
    static const std::string text = fieldseal::to_json(ordinary_trust());
    return text;
}

void malformed(Vectors& out, std::string_view name, std::string_view why, std::string evidence) {
    out.push_back(make_text_vector(name, why, std::move(evidence), trust_text(),
                                   invalid("evidence-malformed")));
}

void add_json(Vectors& out, const Day& day) {
    const std::string text = evidence_text(day.evidence());
    const auto edited = [&](std::string_view name, std::string_view why, std::string_view from,
                            std::string_view to) {
        malformed(out, name, why, replace_once(text, from, to));
    };
    malformed(out, "json-empty", "No bytes.", "");
    malformed(out, "json-is-a-list", "An array.", "[]");
    malformed(out, "json-cut", "The last bracket is missing.", text.substr(0, text.size() - 2));
    malformed(out, "json-text-after-the-value", "A second value.", text + "{}");
    malformed(out, "json-byte-order-mark", "U+FEFF first.", "\xEF\xBB\xBF" + text);
    edited("json-duplicate-member", "JSON.parse would keep the last one.", "\"certificates\": []",
           "\"certificates\": [],\n  \"certificates\": []");
    edited("json-duplicate-member-by-escape", "The same name written with an escape.",
           "\"certificates\": []", "\"certificates\": [],\n  \"\\u0063ertificates\": []");
    edited("json-integer-2-53", "2^53 is no integer of ours.", "\"index\": 2",
           "\"index\": 9007199254740992");
    edited("json-integer-2-53-plus-1", "2^53 + 1: JSON.parse would read 2^53.", "\"index\": 2",
           "\"index\": 9007199254740993");
    edited("json-integer-with-fraction", "2.0 is not written by us.", "\"index\": 2",
           "\"index\": 2.0");
    edited("json-integer-with-exponent", "2e0 is not written by us.", "\"index\": 2",
           "\"index\": 2e0");
    edited("json-integer-negative", "A place below zero.", "\"index\": 2", "\"index\": -2");
    edited("json-integer-minus-zero", "-0 is not an integer of ours.", "\"index\": 2",
           "\"index\": -0");
    edited("json-integer-as-string", "\"2\" is not 2.", "\"index\": 2", "\"index\": \"2\"");
    edited("json-unknown-member", "A member that nobody defined.", "\"certificates\": []",
           "\"certificates\": [],\n  \"note\": \"x\"");
    edited("json-unknown-member-of-a-proof", "A member that nobody defined.", "\"index\": 2",
           "\"index\": 2,\n      \"size\": 5");
    edited("json-missing-member", "certificates is required, even when empty.",
           "  \"certificates\": [],\n", "");
    edited("json-null-in-place-of-a-list", "null is not [].", "\"certificates\": []",
           "\"certificates\": null");
    edited("json-lone-surrogate", "Half a character.", "\"certificates\": []",
           "\"certificates\": [],\n  \"document\": {\"name\": \"\\ud800\"}");
    edited("json-comment", "JSON has no comments.", "\"certificates\": []",
           "\"certificates\": [] // none");
    out.push_back(make_text_vector("evidence-v2", "A newer format is not tampering.",
                                   replace_once(text, "evidence/v1", "evidence/v2"), trust_text(),
                                   cannot_tell("evidence-version-unknown", {}, {})));
    edited("evidence-is-another-file", "The first member names another kind of file.",
           "evidence/v1", "backup/v1");
    edited("evidence-floor-of-two-kinds", "A floor is of one kind.",
           "\"note\":", "\"token\": \"MAA=\",\n    \"note\":");
}

void add_base64(Vectors& out, const Day& day) {
    const Evidence evidence = day.evidence();
    const std::string text = evidence_text(evidence);
    const std::string hash = base64_encode(evidence.proofs[0].hashes[0]);
    const auto with_hash = [&](std::string_view name, std::string_view why,
                               std::string_view hash_text) {
        malformed(out, name, why, replace_once(text, hash, hash_text));
    };
    std::string stray = hash;
    const std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    stray[42] = alphabet[alphabet.find(stray[42]) + 1];
    with_hash("base64-stray-pad-bits",
              "Other bits behind the last byte: the same bytes, another "
              "text.",
              stray);
    with_hash("base64-without-padding", "The padding is missing.", hash.substr(0, 43));
    with_hash("base64-with-a-line-break", "A line break inside.",
              hash.substr(0, 20) + "\\n" + hash.substr(20));
    with_hash("base64-of-31-bytes", "A digest has 32.", base64_encode(Bytes(31, 1)));
    with_hash("base64-of-33-bytes", "A digest has 32.", base64_encode(Bytes(33, 1)));
    std::string url = hash;
    url[0] = '_';
    with_hash("base64-of-urls", "The other alphabet.", url);
}

Proof empty_proof(std::size_t levels) {
    Proof proof;
    proof.checkpoint = "x";
    if (levels > 1) proof.logged = {empty_proof(levels - 1)};
    return proof;
}

void add_limits(Vectors& out, const Day& day) {
    const Evidence usual = day.evidence();
    Evidence evidence = usual;
    evidence.proofs.resize(16, usual.proofs[0]);
    malformed(out, "limit-17-proofs", "16 PROOFs and the snapshot's.", evidence_text(evidence));
    evidence.proofs.pop_back();
    out.push_back(make_text_vector("limit-16-proofs", "15 PROOFs and the snapshot's.",
                                   evidence_text(evidence), trust_text(),
                                   valid(kNotBefore_s, kNotAfter_s)));
    evidence = usual;
    evidence.proofs[0].logged = {empty_proof(3)};
    malformed(out, "limit-nesting-4", "PROOFs nest three deep.", evidence_text(evidence));
    evidence.proofs[0].logged = {empty_proof(2)};
    out.push_back(make_text_vector("limit-nesting-3",
                                   "Three deep is allowed; those below are no "
                                   "notes and lose only themselves.",
                                   evidence_text(evidence), trust_text(),
                                   valid(kNotBefore_s, kNotAfter_s)));
    evidence = usual;
    evidence.proofs[0].hashes.resize(64);
    malformed(out, "limit-64-hashes", "A path has at most 63.", evidence_text(evidence));
    evidence = usual;
    const Anchor anchor{"x", json::Value::object({{"type", "x"}})};
    evidence.proofs[0].anchors.assign(33, anchor);
    malformed(out, "limit-33-anchors", "32 anchors in one file.", evidence_text(evidence));
    evidence.proofs[0].anchors.assign(32, anchor);
    out.push_back(make_text_vector("limit-32-anchors", "32 are allowed.", evidence_text(evidence),
                                   trust_text(), valid(kNotBefore_s, kNotAfter_s)));
    const std::string text = evidence_text(usual);
    malformed(out, "limit-256-kib-and-1", "One space too many.",
              text + std::string(kEvidenceBytesMax + 1 - text.size(), ' '));
    out.push_back(make_text_vector("limit-256-kib", "Exactly 256 KiB.",
                                   text + std::string(kEvidenceBytesMax - text.size(), ' '),
                                   trust_text(), valid(kNotBefore_s, kNotAfter_s)));
}

// The office signs whatever text it is given, so only the form is wrong.
void add_notes(Vectors& out, const Day& day) {
    const note::Checkpoint head = day.office.log().checkpoint(5);
    const std::string root = base64_encode(head.root);
    const std::string origin(kOfficeOrigin);
    const auto with_note = [&](std::string_view name, std::string_view why, std::string note) {
        Evidence evidence = day.evidence();
        evidence.proofs[0].checkpoint = std::move(note);
        out.push_back(make_text_vector(name, why, evidence_text(evidence), trust_text(),
                                       invalid("checkpoint-malformed")));
    };
    const auto signed_text = [&](const std::string& text) {
        return text + "\n" + day.office.log().signer().sign(text) +
               hub_witness().cosign(kAnchored_s, text).line();
    };
    with_note("note-extension-line", "A fourth line, signed by all.",
              signed_text(origin + "\n5\n" + root + "\nextension\n"));
    with_note("note-leading-zero-size", "05 is not 5.",
              signed_text(origin + "\n05\n" + root + "\n"));
    with_note("note-size-with-sign", "+5 is not 5.", signed_text(origin + "\n+5\n" + root + "\n"));
    with_note("note-size-beyond-63-bits", "2^63.",
              signed_text(origin + "\n9223372036854775808\n" + root + "\n"));
    std::string stray = root;
    stray[42] = stray[42] == 'Z' ? 'Y' : static_cast<char>(stray[42] + 1);
    with_note("note-root-with-stray-pad-bits", "Another text of the same root.",
              signed_text(origin + "\n5\n" + stray + "\n"));
    with_note("note-root-of-31-bytes", "A root has 32.",
              signed_text(origin + "\n5\n" + base64_encode(Bytes(31, 1)) + "\n"));
    with_note("note-origin-with-a-space", "An origin has no spaces.",
              signed_text("works example\n5\n" + root + "\n"));
    with_note("note-two-lines-only", "No root.", signed_text(origin + "\n5\n"));
    const std::string usual = day.office.note(5, {{hub_witness(), kAnchored_s}});
    std::string crlf;
    for (const char c : usual) crlf += c == '\n' ? "\r\n" : std::string(1, c);
    with_note("note-crlf", "Carriage returns before every line feed.", crlf);
    with_note("note-without-final-line-feed", "The last line does not end.",
              usual.substr(0, usual.size() - 1));
    with_note("note-two-final-line-feeds", "An empty line at the end.", usual + "\n");
    with_note("note-without-blank-line", "Text and signatures run together.",
              replace_once(usual, "\n\n", "\n"));
    with_note("note-hyphen-in-place-of-the-dash", "A signature line starts with U+2014.",
              replace_once(usual, "\xE2\x80\x94", "-"));
    const auto at = usual.rfind("=\n");
    with_note("note-signature-without-padding", "Base64 is canonical here too.",
              at == std::string::npos ? usual.substr(0, usual.size() - 2) + "\n"
                                      : replace_once(usual, "=\n", "\n"));
    with_note("note-empty", "No bytes.", "");
}

// The statement's own bytes; its form is checked before its signature or its place.
void add_cose(Vectors& out, const Day& day) {
    const Bytes usual = day.statement.cose();
    const auto with_statement = [&](std::string_view name, std::string_view why, Bytes statement) {
        Evidence evidence = day.evidence();
        evidence.statement = std::move(statement);
        out.push_back(make_text_vector(name, why, evidence_text(evidence), trust_text(),
                                       invalid("statement-malformed")));
    };
    with_statement("cose-empty", "No bytes.", {});
    with_statement("cose-cut", "The last byte is missing.", Bytes(usual.begin(), usual.end() - 1));
    Bytes longer = usual;
    longer.push_back(0);
    with_statement("cose-trailing-byte", "One byte behind the object.", longer);
    with_statement("cose-without-tag", "COSE_Sign1 without its tag.",
                   Bytes(usual.begin() + 1, usual.end()));
    // d2 84 <protected bstr> a0 …: the unprotected map stands right behind the protected header.
    const cose::Sign1& object = day.statement.object;
    const std::size_t map_at = 2 + 3 + object.protected_header.size();
    Bytes unprotected = usual;
    unprotected[map_at] = 0xA1;
    const Bytes member = {0x04, 0x41, 0x00};
    unprotected.insert(unprotected.begin() + static_cast<std::ptrdiff_t>(map_at) + 1,
                       member.begin(), member.end());
    with_statement("cose-unprotected-member", "The unprotected map must be empty.", unprotected);
    Bytes long_form = usual;
    long_form[map_at] = 0xB8;
    long_form.insert(long_form.begin() + static_cast<std::ptrdiff_t>(map_at) + 1, 0x00);
    with_statement("cose-long-form-length", "The empty map in two bytes.", long_form);
    Bytes nil_payload(usual.begin(), usual.begin() + static_cast<std::ptrdiff_t>(map_at) + 1);
    nil_payload.push_back(0xF6);
    append(nil_payload, Bytes{0x58, 0x40});
    append(nil_payload, object.signature);
    with_statement("cose-detached-payload", "nil in place of the digest.", nil_payload);
    const auto resigned = [&](const Bytes& header, const Bytes& payload) {
        return cose::encode(
            {header, payload, permits_seal().sign(cose::sig_structure(header, payload))});
    };
    Bytes header = object.protected_header;
    // The map's first byte counts its members.
    header[0] = static_cast<std::uint8_t>(header[0] + 1);
    append(header, cbor::encode(cbor::Value(std::int64_t{-70000})));
    append(header, Bytes{0x00});
    with_statement("cose-unknown-label", "A header label that nobody defined, signed.",
                   resigned(header, object.payload));
    with_statement("cose-payload-of-31-bytes", "A digest has 32, signed.",
                   resigned(object.protected_header, Bytes(31, 1)));
}

}  // namespace

Vectors parsing_cases() {
    Vectors out;
    const Day day = ordinary_day();
    add_json(out, day);
    add_base64(out, day);
    add_limits(out, day);
    add_notes(out, day);
    add_cose(out, day);
    return out;
}

}  // namespace fieldseal::vectors
