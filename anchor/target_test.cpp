// SPDX-License-Identifier: Apache-2.0
#include "anchor/target.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

TEST(AnchorPieces, ReadsWhatItWrote) {
    const AnchorPieces full{std::string(kMaxAnchorNoteBytes, 'n'),
                            std::string(kMaxLoggedJsonBytes, 'j'),
                            std::string(kMaxAnchorsJsonBytes, 'a')};
    for (const AnchorPieces& pieces :
         {AnchorPieces{}, AnchorPieces{"note\n", "{}"}, AnchorPieces{"note\n", "", "[]"}, full}) {
        const auto read = decode_anchor_pieces(encode_anchor_pieces(pieces));
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(*read, pieces);
    }
}

TEST(AnchorPieces, ReadsTheExamplesOfTheFormatPage) {
    const Bytes old = *hex_decode("01000000056e6f74650a000000027b7d");
    EXPECT_EQ(*decode_anchor_pieces(old), (AnchorPieces{"note\n", "{}"}));
    EXPECT_EQ(encode_anchor_pieces({"note\n", "{}"}), old) << "no new bytes without an anchor";
    const Bytes row = *hex_decode("02000000056e6f74650a00000000000000045b7b7d5d");
    EXPECT_EQ(*decode_anchor_pieces(row), (AnchorPieces{"note\n", "", "[{}]"}));
    EXPECT_EQ(encode_anchor_pieces({"note\n", "", "[{}]"}), row);
}

TEST(AnchorPieces, RefusesEachTruncationAndExtension) {
    for (const AnchorPieces& pieces :
         {AnchorPieces{"note", "json"}, AnchorPieces{"note", "json", "[]"}}) {
        const Bytes row = encode_anchor_pieces(pieces);
        for (std::size_t size = 0; size < row.size(); ++size) {
            const auto read = decode_anchor_pieces(ByteView(row).first(size));
            ASSERT_FALSE(read.ok()) << size;
            EXPECT_EQ(read.error().code, Errc::corrupt);
        }
        Bytes longer = row;
        longer.push_back(0);
        EXPECT_FALSE(decode_anchor_pieces(longer).ok());
    }
}

TEST(AnchorPieces, RefusesANewRowWithoutAnAnchor) {
    Bytes row = encode_anchor_pieces({"note", "json"});
    row[0] = kAnchorPiecesVersion;
    row.resize(row.size() + 4);
    EXPECT_FALSE(decode_anchor_pieces(row).ok()) << "one encoding per value";
}

TEST(AnchorPieces, RefusesAnotherVersionAndTextsThatAreTooLong) {
    Bytes row = encode_anchor_pieces({"note", "json"});
    row[0] = kAnchorPiecesVersion + 1;
    EXPECT_FALSE(decode_anchor_pieces(row).ok());
    Bytes long_note = {kAnchorPiecesVersion};
    append_u32_be(long_note, kMaxAnchorNoteBytes + 1);
    long_note.resize(long_note.size() + kMaxAnchorNoteBytes + 1 + 4);
    EXPECT_FALSE(decode_anchor_pieces(long_note).ok());
}

TEST(Reply, CarriesWhatTheSchedulerNeedsOfEachOutcome) {
    const struct {
        Outcome outcome;
        ReplyKind kind;
    } cases[] = {
        {Anchored{{"n", ""}, 5, 7}, ReplyKind::anchored},
        {Underway{"why", 8, "look"}, ReplyKind::underway},
        {Agrees{5}, ReplyKind::agrees},
        {Conflict{5, "why"}, ReplyKind::conflict},
        {Refused{"why"}, ReplyKind::refused},
        {Busy{"why", 9}, ReplyKind::busy},
        {Disagrees{"why"}, ReplyKind::disagrees},
        {StoppedByProof{"why", "proof"}, ReplyKind::stopped_by_proof},
        {Misbehaving{"why"}, ReplyKind::misbehaving},
        {Offline{"why"}, ReplyKind::offline},
    };
    for (const auto& c : cases) {
        const Reply reply = to_reply(c.outcome, 3);
        EXPECT_EQ(reply.kind, c.kind);
        EXPECT_EQ(reply.size, 3U);
        const bool is_good = c.kind == ReplyKind::anchored || c.kind == ReplyKind::agrees;
        EXPECT_EQ(reply.text, is_good ? "" : "why");
        const bool names_size = is_good || c.kind == ReplyKind::conflict;
        EXPECT_EQ(reply.target_size, names_size ? 5U : 0U);
        EXPECT_EQ(reply.time_s, c.kind == ReplyKind::anchored ? 7 : 0);
        EXPECT_EQ(reply.retry_after_ms, c.kind == ReplyKind::busy ? 9 : 0);
        EXPECT_EQ(reply.note, c.kind == ReplyKind::stopped_by_proof ? "proof" : "");
        EXPECT_EQ(reply.poll_after_ms, c.kind == ReplyKind::underway ? 8 : 0);
        EXPECT_EQ(reply.alarm, c.kind == ReplyKind::underway ? "look" : "");
        EXPECT_EQ(reply.anchored_size, 0U);
        EXPECT_FALSE(reply.complete);
    }
    // An entry in a hub's log may still reach a chain.
    EXPECT_FALSE(to_reply(Outcome(Anchored{{"n", "{}"}, 5, 7}), 3).complete);
    const Reply older = to_reply(Outcome(Anchored{{"n", ""}, 5, 7, 2, true}), 3);
    EXPECT_EQ(older.size, 3U);
    EXPECT_EQ(older.anchored_size, 2U);
    EXPECT_TRUE(older.complete);
}

TEST(Reply, CallsOurOwnTroubleNotSent) {
    const Reply reply = to_reply(Error{Errc::io, "disk"}, 3);
    EXPECT_EQ(reply.kind, ReplyKind::not_sent);
    EXPECT_EQ(reply.text, "disk");
}

}  // namespace
}  // namespace fieldseal::anchor
