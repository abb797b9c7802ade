// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

namespace fieldseal::store::schema {
namespace {

Digest filled(std::uint8_t byte) {
    Digest digest;
    digest.fill(byte);
    return digest;
}

NewStatement sample_statement() {
    NewStatement statement;
    statement.kind = StatementKind::status;
    statement.received_at_s = -7;
    statement.entry = filled(1);
    statement.document = filled(2);
    statement.cose = {9, 8, 7};
    statement.local = {6};
    return statement;
}

const OutboxRow kOutbox{LogId::checkpoints, "hub", "witness", 3, {1, 2}};
const SpaceRow kSpaceRow{RowSpace::audit, "account/anna", {4, 2}};
const ProofRecord kProof{LogId::statements, "hub", {77}, 1234, {5, 5}};

// A row that decodes, and the decoder it is for.
struct Sample {
    std::string name;
    Bytes row;
    std::function<Result<void>(ByteView)> decode;
};

template <class T>
Result<void> only_status(Result<T> result) {
    if (!result.ok()) return std::move(result).error();
    return {};
}

std::vector<Sample> samples() {
    const std::string outbox_at = outbox_key(kOutbox.log, kOutbox.target);
    const std::string proof_at = proof_key(kProof.log, kProof.target, kProof.size);
    const std::string space_at = space_row_key(kSpaceRow.space, kSpaceRow.key);
    return {
        {"space row", encode(kSpaceRow),
         [space_at](ByteView row) {
             return only_status(decode_space_row(as_bytes(space_at), row));
         }},
        {"version", encode_version(1),
         [](ByteView row) { return only_status(decode_version(row)); }},
        {"number", encode_number(7), [](ByteView row) { return only_status(decode_number(row)); }},
        {"head", encode(merkle::TreeHead{{5}, filled(3)}),
         [](ByteView row) { return only_status(decode_head(row)); }},
        {"statement", encode(sample_statement()),
         [](ByteView row) { return only_status(decode_statement({4}, row)); }},
        {"checkpoint", encode(CheckpointRecord{{{9}, filled(4)}, 11, "note"}),
         [](ByteView row) { return only_status(decode_checkpoint({9}, row)); }},
        {"outbox", encode(kOutbox),
         [outbox_at](ByteView row) {
             return only_status(decode_outbox(as_bytes(outbox_at), row));
         }},
        {"proof", encode(kProof),
         [proof_at](ByteView row) { return only_status(decode_proof(as_bytes(proof_at), row)); }},
        {"witness", encode(WitnessState{{{9}, filled(4)}, 12, "note"}),
         [](ByteView row) { return only_status(decode_witness(row)); }},
        {"idempotency", encode(IdempotencyRecord{filled(5), filled(6), 13}),
         [](ByteView row) { return only_status(decode_idempotency(row)); }},
    };
}

TEST(Schema, ReadsWhatItWrites) {
    const auto statement = decode_statement({4}, encode(sample_statement()));
    ASSERT_TRUE(statement.ok());
    EXPECT_EQ(statement->index.value, 4U);
    EXPECT_EQ(statement->kind, StatementKind::status);
    EXPECT_EQ(statement->received_at_s, -7);
    EXPECT_EQ(statement->entry, filled(1));
    EXPECT_EQ(statement->document, filled(2));
    EXPECT_EQ(statement->cose, (Bytes{9, 8, 7}));
    EXPECT_EQ(statement->local, Bytes{6});

    const std::string key = outbox_key(kOutbox.log, kOutbox.target);
    const auto outbox = decode_outbox(as_bytes(key), encode(kOutbox));
    ASSERT_TRUE(outbox.ok());
    EXPECT_EQ(outbox->log, kOutbox.log);
    EXPECT_EQ(outbox->target, "hub");
    EXPECT_EQ(outbox->kind, "witness");
    EXPECT_EQ(outbox->version, 3U);
    EXPECT_EQ(outbox->state, kOutbox.state);

    const std::string at = proof_key(kProof.log, kProof.target, kProof.size);
    const auto proof = decode_proof(as_bytes(at), encode(kProof));
    ASSERT_TRUE(proof.ok());
    EXPECT_EQ(proof->size.value, 77U);
    EXPECT_EQ(proof->stored_at_s, 1234);
    EXPECT_EQ(proof->proof, kProof.proof);
}

TEST(Schema, RefusesARowCutShortOrMadeLonger) {
    for (const Sample& sample : samples()) {
        EXPECT_TRUE(sample.decode(sample.row).ok()) << sample.name;
        for (std::size_t size = 0; size < sample.row.size(); ++size) {
            const auto result = sample.decode(ByteView(sample.row).first(size));
            ASSERT_FALSE(result.ok()) << sample.name << " cut to " << size;
            EXPECT_EQ(result.error().code, Errc::corrupt);
        }
        Bytes longer = sample.row;
        longer.push_back(0);
        EXPECT_FALSE(sample.decode(longer).ok()) << sample.name;
    }
}

TEST(Schema, RefusesAnUnknownRowFormatAndAnUnknownKindOfStatement) {
    Bytes row = encode(sample_statement());
    row[0] = 2;
    EXPECT_FALSE(decode_statement({4}, row).ok());
    row[0] = 1;
    row[1] = 2;
    EXPECT_EQ(decode_statement({4}, row)->kind, StatementKind::audit);
    row[1] = 3;
    EXPECT_FALSE(decode_statement({4}, row).ok());
}

TEST(Schema, RefusesALengthBeyondItsBound) {
    Bytes row = encode(CheckpointRecord{{{9}, filled(4)}, 11, std::string(kNoteBytesMax, 'n')});
    EXPECT_TRUE(decode_checkpoint({9}, row).ok());
    row = encode(CheckpointRecord{{{9}, filled(4)}, 11, std::string(kNoteBytesMax + 1, 'n')});
    EXPECT_FALSE(decode_checkpoint({9}, row).ok());
}

TEST(Schema, RefusesKeysOfTheWrongShape) {
    const Bytes row = encode(kOutbox);
    for (const std::string& key :
         {std::string(), std::string("O"), std::string("O\0\3hu", 5), std::string("O\2\3hub", 6),
          std::string("O\0\0", 3), std::string("O\0\3hubx", 7), std::string("P\0\3hub", 6)}) {
        EXPECT_FALSE(decode_outbox(as_bytes(key), row).ok());
    }
    EXPECT_FALSE(key_number(as_bytes("E\0short"), 2).has_value());
    EXPECT_FALSE(time_position(as_bytes("T")).has_value());
}

TEST(Schema, RefusesARowOfAnUnknownSpaceOrWithoutAKey) {
    const Bytes row = encode(kSpaceRow);
    const auto read = [&row](std::string_view key) {
        return decode_space_row(as_bytes(key), row).ok();
    };
    EXPECT_TRUE(read(std::string("R\1k", 3)));
    EXPECT_TRUE(read(space_row_key(RowSpace::people, std::string(kRowKeyBytesMax, 'k'))));
    EXPECT_FALSE(read(space_row_key(RowSpace::people, std::string(kRowKeyBytesMax + 1, 'k'))));
    for (const std::string& key : {std::string(), std::string("R"), std::string("R\1", 2),
                                   std::string("R\3k", 3), std::string("P\1k", 3)}) {
        EXPECT_FALSE(read(key));
    }
    Bytes large = encode(SpaceRow{RowSpace::people, "k", Bytes(kRowBytesMax + 1)});
    EXPECT_FALSE(decode_space_row(as_bytes(std::string("R\0k", 3)), large).ok());
}

TEST(Schema, OrdersKeysAsTheirNumbersAndTimes) {
    EXPECT_LT(entry_key(LogId::statements, {255}), entry_key(LogId::statements, {256}));
    EXPECT_LT(entry_key(LogId::statements, {UINT64_MAX}), entry_key(LogId::checkpoints, {0}));
    const std::vector<std::int64_t> times{std::numeric_limits<std::int64_t>::min(), -1, 0, 1,
                                          std::numeric_limits<std::int64_t>::max()};
    for (std::size_t i = 1; i < times.size(); ++i) {
        EXPECT_LT(by_time_key(times[i - 1], {UINT64_MAX}), by_time_key(times[i], {0}));
        const std::string key = by_time_key(times[i], {3});
        EXPECT_EQ(time_position(as_bytes(key)), (TimePosition{times[i], {3}}));
    }
}

TEST(Schema, KeepsTargetsApartWhoseNamesBeginAlike) {
    const std::string prefix = proof_prefix(LogId::statements, "hub");
    EXPECT_FALSE(proof_key(LogId::statements, "hub2", {1}).starts_with(prefix));
    EXPECT_FALSE(proof_key(LogId::statements, "hu", {1}).starts_with(prefix));
}

}  // namespace
}  // namespace fieldseal::store::schema
