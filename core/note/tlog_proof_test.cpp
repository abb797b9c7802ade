// SPDX-License-Identifier: Apache-2.0
#include "core/note/tlog_proof.h"

#include "core/encoding.h"
#include "core/note/checkpoint.h"
#include "tests/support/note_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::note {
namespace {

using ::fieldseal::testing::NoteSigner;

TlogProof example() {
    const NoteSigner log("log.example", KeyType::ed25519, 0x01);
    const Checkpoint checkpoint{"log.example", {10}, Digest{}};
    const std::string note =
        format_note(checkpoint.text(), std::vector{log.sign(checkpoint.text())});
    Digest hash;
    hash.fill(7);
    return {std::nullopt, {3}, {hash, Digest{}}, note};
}

TEST(TlogProof, WritesTheLinesOfTheDraft) {
    TlogProof proof = example();
    const std::string path = base64_encode(proof.hashes[0]) + "\n" + base64_encode(Digest{}) + "\n";
    EXPECT_EQ(format_tlog_proof(proof),
              "c2sp.org/tlog-proof@v1\nindex 3\n" + path + "\n" + proof.note);
    proof.extra = to_bytes(as_bytes("inner"));
    proof.hashes.clear();
    EXPECT_EQ(format_tlog_proof(proof),
              "c2sp.org/tlog-proof@v1\nextra aW5uZXI=\nindex 3\n\n" + proof.note);
}

TEST(TlogProof, RoundTripsAtItsLimits) {
    TlogProof proof = example();
    EXPECT_EQ(*parse_tlog_proof(format_tlog_proof(proof)), proof);
    proof.hashes.assign(merkle::kProofHashesMax, Digest{});
    proof.extra = Bytes(kTlogProofExtraBytesMax, 'e');
    proof.index = {UINT64_MAX};
    EXPECT_EQ(*parse_tlog_proof(format_tlog_proof(proof)), proof);
    proof.extra = Bytes{};
    EXPECT_EQ(*parse_tlog_proof(format_tlog_proof(proof)), proof);
}

// Among them what Go's decoder lets pass: CRLF, a padded index, a missing note, loose base64.
TEST(TlogProof, RefusesEverythingElse) {
    const std::string note = example().note;
    const std::string hash = base64_encode(Digest{}) + "\n";
    const std::string version = "c2sp.org/tlog-proof@v1\n";
    ASSERT_TRUE(parse_tlog_proof(version + "index 3\n" + hash + "\n" + note).ok());
    std::string many;
    for (int i = 0; i < 64; ++i) many += hash;
    const std::string bad[] = {
        "",
        version,
        version + "index 3\n",
        version + "index 3\n\n",
        version + "index 3\n" + hash + note,
        "c2sp.org/tlog-proof@v2\nindex 3\n\n" + note,
        "c2sp.org/tlog-proof@v1\r\nindex 3\n\n" + note,
        "\n" + version + "index 3\n\n" + note,
        version + "index 007\n\n" + note,
        version + "index +1\n\n" + note,
        version + "index  1\n\n" + note,
        version + "index\n\n" + note,
        version + "\n" + note,
        version + "extra\nindex 3\n\n" + note,
        version + "extra aW5uZXJ=\nindex 3\n\n" + note,  // pad bits
        version + "extra aW5uZXI=\nextra aW5uZXI=\nindex 3\n\n" + note,
        version + "index 3\nextra aW5uZXI=\n\n" + note,
        version + "extra " + base64_encode(Bytes(kTlogProofExtraBytesMax + 3)) + "\nindex 3\n\n" +
            note,
        version + "index 3\nAAAA\n\n" + note,
        version + "index 3\n" + hash.substr(0, hash.size() - 1) + " \n\n" + note,
        version + "index 3\n" + many + "\n" + note,
        version + "index 3\n\n\n" + note,
        version + "index 3\n\n" + note.substr(0, note.size() - 1),
        version + "index 3\n\n" + note + "trailing",
        version + "index 3\n\n" + std::string(kTlogProofBytesMax, 'n'),
    };
    for (const std::string& text : bad) {
        EXPECT_FALSE(parse_tlog_proof(text).ok()) << quoted(text, 200);
    }
}

TEST(TlogProof, RefusesEveryTruncation) {
    const std::string text = format_tlog_proof(example());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse_tlog_proof(text.substr(0, length)).ok()) << length;
    }
}

}  // namespace
}  // namespace fieldseal::note
