// SPDX-License-Identifier: Apache-2.0
#include "core/note/checkpoint.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "tests/support/note_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::note {
namespace {

using ::fieldseal::testing::NoteSigner;

constexpr const char* kOrigin = "edge.example/node-0001";

// The tree of "one", "two", "three" (tree_test.cpp).
Checkpoint checkpoint_of_three() {
    const auto root =
        hex_decode_digest("5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9");
    return {kOrigin, {3}, *root};
}

struct Parties {
    NoteSigner log{kOrigin, KeyType::ed25519, 0x01};
    NoteSigner first{"w1.example", KeyType::cosignature, 0x11};
    NoteSigner second{"w2.example", KeyType::cosignature, 0x12};
    Checkpoint checkpoint = checkpoint_of_three();
    std::string text = checkpoint.text();
    std::vector<VerifierKey> witnesses{first.key(), second.key()};

    std::string note(std::vector<std::string> lines) const {
        lines.insert(lines.begin(), log.sign(text));
        return format_note(text, lines);
    }
};

TEST(Checkpoint, HasThreeLines) {
    EXPECT_EQ(checkpoint_of_three().text(),
              "edge.example/node-0001\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n");
    EXPECT_EQ(checkpoint_of_three().digest(), sha256(as_bytes(checkpoint_of_three().text())));
}

TEST(Checkpoint, RoundTrips) {
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, merkle::kTreeSizeMax.value}) {
        const Checkpoint checkpoint{std::string(kOriginBytesMax, 'o'), {size}, sha256({})};
        const auto back = parse_checkpoint(checkpoint.text());
        ASSERT_TRUE(back.ok()) << back.error().message;
        EXPECT_EQ(*back, checkpoint);
    }
}

TEST(Checkpoint, RefusesEverythingElse) {
    const std::string root = "WqvMHImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=";
    ASSERT_TRUE(parse_checkpoint("o\n3\n" + root + "\n").ok());
    const std::string bad[] = {
        "",
        "o",
        "o\n",
        "o\n3\n",
        "o\n3\n" + root,                    // no final newline
        "o\n3\n" + root + "\n\n",           // one newline too many
        "o\n3\n" + root + "\nextension\n",  // extension lines
        "\n3\n" + root + "\n",              // no origin
        "o o\n3\n" + root + "\n",
        "o+o\n3\n" + root + "\n",
        "ö\n3\n" + root + "\n",
        "o\r\n3\r\n" + root + "\r\n",
        std::string(256, 'o') + "\n3\n" + root + "\n",
        "o\n03\n" + root + "\n",
        "o\n+3\n" + root + "\n",
        "o\n-3\n" + root + "\n",
        "o\n3 \n" + root + "\n",
        "o\n\n" + root + "\n",
        "o\n0x3\n" + root + "\n",
        "o\n9223372036854775808\n" + root + "\n",
        "o\n99999999999999999999\n" + root + "\n",
        "o\n3\n\n",
        "o\n3\nWqvMHImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKl=\n",  // pad bits
        "o\n3\nWqvMHImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk\n",   // no padding
        "o\n3\nWqvMHImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavA==\n",  // 31 bytes
        "o\n3\n" + root + " \n",
    };
    for (const std::string& text : bad) EXPECT_FALSE(parse_checkpoint(text).ok()) << quoted(text);
}

TEST(Cosignature, SignsTheMessageComputedElsewhere) {
    const std::string message = cosignature_message(1700000000, checkpoint_of_three().text());
    EXPECT_EQ(message.size(), 101U);
    EXPECT_EQ(hex_encode(sha256(as_bytes(message))),
              "4aba56fd2109d43f17f4ffd430cfe2614b3f503aa1a9e69218e8e712cd8d3164");
}

TEST(Cosignature, RoundTripsThroughItsLine) {
    const Parties parties;
    const Cosignature cosignature = parties.first.cosign(1700000000, parties.text);
    const auto lines = parse_signature_lines(cosignature.line());
    ASSERT_TRUE(lines.ok());
    const auto back = parse_cosignature(lines->front());
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, cosignature);
    EXPECT_TRUE(verify_cosignature(*back, parties.text, parties.first.key()).ok());
    // The floor's 76 bytes are the base64 of the line.
    const std::string line = cosignature.line();
    const auto base64 = line.substr(line.rfind(' ') + 1);
    const auto blob = base64_decode(base64.substr(0, base64.size() - 1));
    EXPECT_EQ(blob->size(), 76U);
    EXPECT_EQ(cosignature.floor_digest(), sha256(*blob));
}

TEST(Cosignature, RefusesOtherTimesTextsAndKeys) {
    const Parties parties;
    Cosignature cosignature = parties.first.cosign(1700000000, parties.text);
    EXPECT_EQ(verify_cosignature(cosignature, "x" + parties.text, parties.first.key()).error().code,
              Errc::corrupt);
    EXPECT_EQ(verify_cosignature(cosignature, parties.text, parties.second.key()).error().code,
              Errc::invalid_argument);
    cosignature.time_s += 1;
    EXPECT_EQ(verify_cosignature(cosignature, parties.text, parties.first.key()).error().code,
              Errc::corrupt);
}

TEST(Cosignature, RefusesImpossibleTimesAndLengths) {
    SignatureLine line{"w.example", 7, {}};
    const auto with_time = [&](std::uint64_t time_s) {
        line.signature.clear();
        append_u64_be(line.signature, time_s);
        line.signature.resize(72);
        return parse_cosignature(line).ok();
    };
    EXPECT_TRUE(with_time(1));
    EXPECT_TRUE(with_time(kCosignatureTimeMax));
    EXPECT_FALSE(with_time(0));
    EXPECT_FALSE(with_time(kCosignatureTimeMax + 1));
    line.signature.assign(71, 1);
    EXPECT_FALSE(parse_cosignature(line).ok());
    line.signature.assign(73, 1);
    EXPECT_FALSE(parse_cosignature(line).ok());
}

TEST(OpenCheckpoint, GivesTheVerifiedCosignaturesInOrderOfTheKeys) {
    const Parties parties;
    const auto second = parties.second.cosign(20, parties.text);
    const auto first = parties.first.cosign(10, parties.text);
    const std::string stranger = signature_line("stranger.example", 5, Bytes(72, 3));
    const std::string note = parties.note({second.line(), stranger, first.line()});
    const auto opened = open_checkpoint(note, parties.log.key(), parties.witnesses);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->checkpoint, parties.checkpoint);
    EXPECT_EQ(opened->note, note);
    EXPECT_EQ(opened->log_signature.text(), parties.log.sign(parties.text));
    EXPECT_EQ(opened->cosignatures, (std::vector<Cosignature>{first, second}));
}

TEST(OpenCheckpoint, WorksWithoutWitnesses) {
    const Parties parties;
    const auto opened = open_checkpoint(parties.note({}), parties.log.key(), parties.witnesses);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened->cosignatures.empty());
}

TEST(OpenCheckpoint, IsVoidByOneBadLineOfAKnownWitness) {
    const Parties parties;
    const auto good = parties.first.cosign(10, parties.text);
    auto bad = parties.second.cosign(10, parties.text);
    bad.time_s = 11;
    const std::string short_line =
        signature_line("w2.example", parties.second.key().id(), Bytes(64, 1));
    for (const std::string& line : {bad.line(), short_line}) {
        const std::string note = parties.note({good.line(), line});
        const auto opened = open_checkpoint(note, parties.log.key(), parties.witnesses);
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().code, Errc::corrupt);
        // To somebody who does not know the second witness it is a stranger's line.
        EXPECT_TRUE(
            open_checkpoint(note, parties.log.key(), std::span(parties.witnesses).first(1)).ok());
    }
}

TEST(OpenCheckpoint, RefusesADuplicateWitnessLine) {
    const Parties parties;
    const std::string note = parties.note({parties.first.cosign(10, parties.text).line(),
                                           parties.first.cosign(11, parties.text).line()});
    const auto opened = open_checkpoint(note, parties.log.key(), parties.witnesses);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::corrupt);
}

TEST(OpenCheckpoint, TellsAMissingLogSignatureFromABrokenOne) {
    const Parties parties;
    const std::string unsigned_note =
        format_note(parties.text, std::vector{parties.first.cosign(10, parties.text).line()});
    EXPECT_EQ(open_checkpoint(unsigned_note, parties.log.key(), {}).error().code, Errc::not_found);
    const std::string broken = format_note(parties.text, std::vector{parties.log.sign("other\n")});
    EXPECT_EQ(open_checkpoint(broken, parties.log.key(), {}).error().code, Errc::corrupt);
}

TEST(OpenCheckpoint, RefusesACheckpointOfAnotherOrigin) {
    const Parties parties;
    Checkpoint other = parties.checkpoint;
    other.origin = "edge.example/node-0002";
    const std::string note = format_note(other.text(), std::vector{parties.log.sign(other.text())});
    EXPECT_EQ(open_checkpoint(note, parties.log.key(), {}).error().code, Errc::conflict);
}

TEST(OpenCheckpoint, RefusesKeysInTheWrongRole) {
    const Parties parties;
    const std::string note = parties.note({});
    const std::vector log_as_witness{parties.log.key()};
    EXPECT_EQ(open_checkpoint(note, parties.log.key(), log_as_witness).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(open_checkpoint(note, parties.first.key(), {}).error().code, Errc::invalid_argument);
    const std::vector twice{parties.first.key(), parties.first.key()};
    EXPECT_EQ(open_checkpoint(note, parties.log.key(), twice).error().code, Errc::invalid_argument);
}

TEST(MergeSignatures, AppendsNewLinesAndReplacesOldOnes) {
    const Parties parties;
    const auto old_line = parties.first.cosign(10, parties.text);
    const auto new_line = parties.first.cosign(99, parties.text);
    const auto second = parties.second.cosign(50, parties.text);
    const auto lines = parse_signature_lines(new_line.line() + second.line());
    const auto merged = merge_signatures(parties.note({old_line.line()}), *lines);
    ASSERT_TRUE(merged.ok());
    EXPECT_EQ(*merged, parties.note({new_line.line(), second.line()}));
    EXPECT_TRUE(open_checkpoint(*merged, parties.log.key(), parties.witnesses).ok());
    EXPECT_FALSE(merge_signatures("not a note", *lines).ok());
    EXPECT_EQ(*merge_signatures(*merged, {}), *merged);
}

}  // namespace
}  // namespace fieldseal::note
