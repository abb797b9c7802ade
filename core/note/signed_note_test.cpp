// SPDX-License-Identifier: Apache-2.0
#include "core/note/signed_note.h"

#include "core/encoding.h"
#include "tests/support/note_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::note {
namespace {

using ::fieldseal::testing::NoteSigner;

const NoteSigner& alice() {
    static const NoteSigner signer("alice.example", KeyType::ed25519, 0xA1);
    return signer;
}
const NoteSigner& bob() {
    static const NoteSigner signer("bob.example", KeyType::ed25519, 0xB0);
    return signer;
}

std::string note_by(std::string_view text, std::vector<std::string> lines) {
    return format_note(text, lines);
}

TEST(SignedNote, VerifiesTheExampleOfTheSpecification) {
    const auto key =
        parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    const auto note = parse_note(
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3m"
        "FXmRKuwHjG1Yu72IneyaQM=\n");
    ASSERT_TRUE(note.ok());
    EXPECT_EQ(note->text, "This is an example message.\n");
    EXPECT_TRUE(verify_note(*note, *key).ok());
}

TEST(SignedNote, RoundTrips) {
    const std::string text = "first\n\nthird, after a blank line\n";
    const std::string note = note_by(text, {alice().sign(text), bob().sign(text)});
    const auto parsed = parse_note(note);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->text, text);
    ASSERT_EQ(parsed->signatures.size(), 2U);
    EXPECT_EQ(note_by(parsed->text, {parsed->signatures[0].text(), parsed->signatures[1].text()}),
              note);
    EXPECT_TRUE(verify_note(*parsed, alice().key()).ok());
    EXPECT_TRUE(verify_note(*parsed, bob().key()).ok());
}

TEST(SignedNote, CutsAtTheLastBlankLine) {
    const std::string inner = note_by("inner\n", {bob().sign("inner\n")});
    const std::string outer = note_by(inner, {alice().sign(inner)});
    const auto parsed = parse_note(outer);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->text, inner);
    EXPECT_TRUE(verify_note(*parsed, alice().key()).ok());
    EXPECT_EQ(verify_note(*parsed, bob().key()).error().code, Errc::not_found);
    // Text that ends in a blank line keeps it.
    const std::string trailing = "text\n\n";
    const auto kept = parse_note(note_by(trailing, {alice().sign(trailing)}));
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(kept->text, trailing);
}

TEST(SignedNote, IgnoresLinesByUnknownKeys) {
    const std::string text = "hello\n";
    const std::string stranger = signature_line("stranger.example", 1, Bytes(2420, 9));
    // The same name with another ID, and the same ID with another name, are strangers too.
    const std::string same_name = signature_line("alice.example", 1, Bytes(64, 9));
    const std::string same_id = signature_line("mallory.example", alice().key().id(), Bytes(64, 9));
    const auto note = parse_note(note_by(text, {stranger, same_name, same_id, alice().sign(text)}));
    ASSERT_TRUE(note.ok());
    EXPECT_TRUE(verify_note(*note, alice().key()).ok());
}

TEST(SignedNote, IsVoidWhenAKnownKeysLineDoesNotVerify) {
    const auto note = parse_note(note_by("hello\n", {alice().sign("other\n")}));
    ASSERT_TRUE(note.ok());
    const auto refused = verify_note(*note, alice().key());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::corrupt);
    const auto short_one = parse_note(
        note_by("hello\n", {signature_line("alice.example", alice().key().id(), Bytes(63, 1))}));
    EXPECT_EQ(verify_note(*short_one, alice().key()).error().code, Errc::corrupt);
}

TEST(SignedNote, RefusesTwoLinesByOneKey) {
    const std::string text = "hello\n";
    const std::string line = alice().sign(text);
    const auto note = parse_note(note_by(text, {line, line}));
    ASSERT_TRUE(note.ok());
    EXPECT_EQ(verify_note(*note, alice().key()).error().code, Errc::corrupt);
}

TEST(SignedNote, RefusesASignatureWithTheGroupOrderAdded) {
    const std::string text = "hello\n";
    Ed25519Signature signature = alice().sign_bytes(text);
    // L of RFC 8032 §5.1, little-endian. S + L passes lenient verifiers.
    const Bytes order =
        *hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        carry += signature[32 + i] + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    const auto note =
        parse_note(note_by(text, {signature_line("alice.example", alice().key().id(), signature)}));
    EXPECT_EQ(verify_note(*note, alice().key()).error().code, Errc::corrupt);
}

TEST(SignedNote, RefusesAKeyOfSmallOrder) {
    VerifierKey weak{"weak.example", KeyType::ed25519, {}};
    weak.key[0] = 1;  // the neutral element: R = it, S = 0 "signs" anything under lenient rules
    Bytes signature(64);
    signature[0] = 1;
    const auto note =
        parse_note(note_by("any\n", {signature_line(weak.name, weak.id(), signature)}));
    ASSERT_TRUE(note.ok());
    EXPECT_EQ(verify_note(*note, weak).error().code, Errc::corrupt);
}

TEST(SignedNote, DoesNotTakeACosignatureKeyForANoteKey) {
    const NoteSigner witness("w.example", KeyType::cosignature, 0xC0);
    const auto note = parse_note(note_by("hello\n", {witness.sign("hello\n")}));
    EXPECT_EQ(verify_note(*note, witness.key()).error().code, Errc::invalid_argument);
}

TEST(SignedNote, RefusesMalformedNotes) {
    const std::string good = note_by("hello\n", {alice().sign("hello\n")});
    ASSERT_TRUE(parse_note(good).ok());
    const std::string line = alice().sign("hello\n");
    const std::string bad[] = {
        "",
        "\n",
        "hello\n",
        "hello\n\n",
        line,
        "hello\n" + line,                        // no blank line
        good.substr(0, good.size() - 1),         // no final newline
        good + "\n",                             // blank line after the signatures
        "hello\n\n- alice.example AAAAAAA=\n",   // hyphen instead of the em dash
        "hello\n\n—alice.example AAAAAAA=\n",    // no space after it
        "hello\n\n—  alice.example AAAAAAA=\n",  // two spaces
        "hello\n\n— alice.example  AAAAAAA=\n",
        "hello\n\n— alice.example AAAAAAA= \n",
        "hello\n\n— alice.example AAAAAAA=\r\n",
        "hello\n\n— alice.example\n",
        "hello\n\n— alice.example \n",
        "hello\n\n— alice+example AAAAAAA=\n",
        "hello\n\n— alice.example AAAAAA==\n",  // a key ID and nothing after it
        "hello\n\n— alice.example AAAAAAB=\n",  // pad bits not zero
        "hello\n\n— alice.example AAAAAAA\n",   // no padding
        "hel\tlo\n\n" + line,
        "hel\rlo\n\n" + line,
        std::string("hel\0lo\n\n", 8) + line,
        "hel\xC0\xAFlo\n\n" + line,
        good + line.substr(0, line.size() - 1),
    };
    for (const std::string& note : bad) EXPECT_FALSE(parse_note(note).ok()) << quoted(note);
}

TEST(SignedNote, BoundsLinesAndBytes) {
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < kSignatureLinesMax; ++i) {
        lines.push_back(signature_line("k.example", i, Bytes(64)));
    }
    EXPECT_TRUE(parse_note(format_note("t\n", lines)).ok());
    lines.push_back(signature_line("k.example", 64, Bytes(64)));
    EXPECT_FALSE(parse_note(format_note("t\n", lines)).ok());

    const std::string line = alice().sign("t\n");
    const std::string text = std::string(kNoteBytesMax - line.size() - 2, 't') + "\n";
    EXPECT_TRUE(parse_note(note_by(text, {line})).ok());
    EXPECT_FALSE(parse_note(note_by("t" + text, {line})).ok());
}

TEST(SignatureLines, StandAlone) {
    const std::string line = alice().sign("hello\n");
    EXPECT_EQ(parse_signature_lines(line + line)->size(), 2U);
    for (const std::string& bad : {std::string(), std::string("\n"), line + "\n", "\n" + line,
                                   line.substr(0, line.size() - 1)}) {
        EXPECT_FALSE(parse_signature_lines(bad).ok()) << bad;
    }
}

}  // namespace
}  // namespace fieldseal::note
