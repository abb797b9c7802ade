// SPDX-License-Identifier: Apache-2.0
#include "core/witness/add_checkpoint.h"

#include "core/encoding.h"
#include "tests/support/note_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::witness {
namespace {

using ::fieldseal::testing::NoteSigner;

struct Parties {
    NoteSigner log{"log.example", note::KeyType::ed25519, 0x01};
    NoteSigner witness{"w.example", note::KeyType::cosignature, 0x11};
    note::Checkpoint checkpoint{"log.example", {10}, Digest{}};
    std::string text = checkpoint.text();
    std::string note = note::format_note(text, std::vector{log.sign(text)});
};

TEST(AddCheckpointRequest, RoundTrips) {
    const Parties parties;
    const std::vector<Digest> proof(3);
    const std::string body = format_add_checkpoint({7}, proof, parties.note);
    EXPECT_TRUE(body.starts_with("old 7\nAAAA"));
    const auto request = parse_add_checkpoint(body);
    ASSERT_TRUE(request.ok()) << request.error().message;
    EXPECT_EQ(request->old_size.value, 7U);
    EXPECT_EQ(request->proof, proof);
    EXPECT_EQ(request->checkpoint, parties.checkpoint);
    EXPECT_EQ(request->signatures.size(), 1U);
    EXPECT_EQ(request->note, parties.note);
    EXPECT_TRUE(parse_add_checkpoint(format_add_checkpoint({0}, {}, parties.note)).ok());
    EXPECT_TRUE(
        parse_add_checkpoint(format_add_checkpoint({7}, std::vector<Digest>(63), parties.note))
            .ok());
}

TEST(AddCheckpointRequest, RefusesMalformedBodies) {
    const Parties parties;
    const std::string hash = base64_encode(Digest{}) + "\n";
    std::string many;
    for (int i = 0; i < 64; ++i) many += hash;
    const std::string bad[] = {
        "",
        "old 7",
        "old 7\n",
        "old 7\n\n",
        "old 7\n" + parties.note,  // the origin is no hash
        parties.note,
        "\n" + parties.note,
        "old\n\n" + parties.note,
        "old  7\n\n" + parties.note,
        "old 07\n\n" + parties.note,
        "old -7\n\n" + parties.note,
        "old 7 \n\n" + parties.note,
        "old 7\r\n\r\n" + parties.note,
        "Old 7\n\n" + parties.note,
        "old 9223372036854775808\n\n" + parties.note,
        "old 7\nAAAA\n\n" + parties.note,
        "old 7\n" + hash.substr(0, 43) + "\n\n" + parties.note,
        "old 7\n" + many + "\n" + parties.note,
        "old 7\n\n" + parties.text,  // unsigned
        "old 7\n\n" + parties.note + "\n",
        "old 7\n\n" + note::format_note("not a checkpoint\n", std::vector{parties.log.sign("x")}),
        "old 7\n\n" + std::string(kRequestBytesMax, 'x'),
    };
    for (const std::string& body : bad) {
        EXPECT_FALSE(parse_add_checkpoint(body).ok()) << quoted(body, 120);
    }
}

TEST(WitnessReply, KeepsOnlyTheLineOfTheGivenKey) {
    const Parties parties;
    const auto cosignature = parties.witness.cosign(1700000000, parties.text);
    const std::string foreign = note::signature_line("other.example", 9, Bytes(2428, 1));
    const auto kept = parse_reply(foreign + cosignature.line() + foreign, parties.checkpoint,
                                  parties.witness.key());
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    EXPECT_EQ(*kept, cosignature);
}

TEST(WitnessReply, TellsNoLineFromAPoisonedLine) {
    const Parties parties;
    const auto code = [&](const std::string& body) {
        const auto reply = parse_reply(body, parties.checkpoint, parties.witness.key());
        return reply.ok() ? Errc::internal : reply.error().code;
    };
    auto poisoned = parties.witness.cosign(1700000000, parties.text);
    poisoned.signature[5] ^= 1;
    EXPECT_EQ(code(poisoned.line()), Errc::corrupt);
    EXPECT_EQ(code(parties.witness.cosign(1700000000, "another text\n").line()), Errc::corrupt);
    const auto good = parties.witness.cosign(1700000000, parties.text).line();
    EXPECT_EQ(code(good + good), Errc::corrupt);
    EXPECT_EQ(code(good + poisoned.line()), Errc::corrupt);
    EXPECT_EQ(code(note::signature_line("w.example", 9, Bytes(72, 1))), Errc::not_found);
}

TEST(WitnessReply, RefusesMalformedBodies) {
    const Parties parties;
    const std::string good = parties.witness.cosign(1700000000, parties.text).line();
    for (const std::string& body :
         {std::string(), std::string("\n"), good + "\n", good.substr(0, good.size() - 1),
          good + "<html>\n", parties.note, good + std::string(kReplyBytesMax, 'x')}) {
        const auto reply = parse_reply(body, parties.checkpoint, parties.witness.key());
        ASSERT_FALSE(reply.ok()) << quoted(body);
        EXPECT_EQ(reply.error().code, Errc::invalid_argument);
    }
}

TEST(SizeReply, IsOneDecimalLine) {
    EXPECT_EQ(format_size_reply({128}), "128\n");
    EXPECT_EQ(parse_size_reply("128\n")->value, 128U);
    EXPECT_EQ(parse_size_reply("0\n")->value, 0U);
    for (const char* body : {"", "\n", "128", "128\n\n", "0128\n", "128\r\n", " 128\n", "-1\n",
                             "9223372036854775808\n", "128 \n"}) {
        EXPECT_FALSE(parse_size_reply(body).ok()) << body;
    }
}

}  // namespace
}  // namespace fieldseal::witness
