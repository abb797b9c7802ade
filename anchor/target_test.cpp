// SPDX-License-Identifier: Apache-2.0
#include "anchor/target.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

TEST(AnchorPieces, ReadsWhatItWrote) {
    const AnchorPieces full{std::string(kMaxAnchorNoteBytes, 'n'),
                            std::string(kMaxLoggedJsonBytes, 'j')};
    for (const AnchorPieces& pieces : {AnchorPieces{}, AnchorPieces{"note\n", "{}"}, full}) {
        const auto read = decode_anchor_pieces(encode_anchor_pieces(pieces));
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(*read, pieces);
    }
}

TEST(AnchorPieces, RefusesEachTruncationAndExtension) {
    const Bytes row = encode_anchor_pieces({"note", "json"});
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto read = decode_anchor_pieces(ByteView(row).first(size));
        ASSERT_FALSE(read.ok()) << size;
        EXPECT_EQ(read.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_anchor_pieces(longer).ok());
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
        EXPECT_FALSE(reply.log_proof);
    }
    EXPECT_TRUE(to_reply(Outcome(Anchored{{"n", "{}"}, 5, 7}), 3).log_proof);
}

TEST(Reply, CallsOurOwnTroubleNotSent) {
    const Reply reply = to_reply(Error{Errc::io, "disk"}, 3);
    EXPECT_EQ(reply.kind, ReplyKind::not_sent);
    EXPECT_EQ(reply.text, "disk");
}

}  // namespace
}  // namespace fieldseal::anchor
