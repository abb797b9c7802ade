// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/floor_book.h"

#include "core/encoding.h"
#include "core/evm/header.h"
#include "core/hash.h"
#include "core/json/reader.h"

namespace fieldseal::node {
namespace {

// Meta rows: which floor is the newest, and each floor's content under its digest's first 128 bits
// in hexadecimal (a name has 64 bytes at most; a collision would only hide an older floor).
// The newest is a cosignature's digest (32 bytes), or the kind (02 a header, 03 a token), the
// digest and the time as u64 (41 bytes).
constexpr std::string_view kNewestName = "floor.newest";
constexpr std::string_view kNoteName = "floor.";
constexpr std::string_view kBlockName = "floor.block.";
constexpr std::string_view kTokenName = "floor.token.";
constexpr std::size_t kNewestTimedRowBytes = 1 + sizeof(Digest) + 8;
constexpr std::size_t kChainNameBytesMax = 255;

std::string content_name(const FloorReference& floor) {
    std::string_view prefix = kNoteName;
    if (floor.kind == FloorKind::block_header) prefix = kBlockName;
    if (floor.kind == FloorKind::time_stamp_token) prefix = kTokenName;
    return std::string(prefix) + hex_encode(ByteView(floor.digest).first(16));
}

// A cosignature has its time in its note; for the others it stands here.
Bytes newest_timed_row(const FloorReference& floor, std::int64_t time_s) {
    Bytes row{static_cast<std::uint8_t>(floor.kind)};
    append(row, floor.digest);
    append_u64_be(row, static_cast<std::uint64_t>(time_s));
    return row;
}

Result<note::Cosignature> only_cosignature(std::string_view note_text) {
    const auto parsed = FIELDSEAL_TRY(note::parse_checkpoint_note(note_text));
    if (parsed.signatures.size() != 1)
        return Error{Errc::corrupt, "a floor's note has one signature line"};
    return note::parse_cosignature(parsed.signatures[0]);
}

std::string block_json(const ChainFloor& block) {
    return json::dump(
        json::Value::object({{"chain", block.chain}, {"header", base64_encode(block.header)}}));
}

Result<ChainFloor> read_block(std::string_view text) {
    const auto value = FIELDSEAL_TRY(json::parse(text));
    auto in = FIELDSEAL_TRY(json::Reader(value).members());
    ChainFloor block;
    block.chain = FIELDSEAL_TRY(in.required_string("chain", kChainNameBytesMax));
    block.header = FIELDSEAL_TRY(in.required_base64("header", evm::kHeaderBytesMax));
    FIELDSEAL_TRY(in.finish());
    return block;
}

}  // namespace

Result<std::unique_ptr<FloorBook>> FloorBook::load(const store::Store& store,
                                                   Sequencer& sequencer) {
    std::optional<Newest> newest;
    if (const auto row = FIELDSEAL_TRY(store.meta(kNewestName))) {
        newest = FIELDSEAL_TRY(read_newest(store, *row));
    }
    return std::unique_ptr<FloorBook>(new FloorBook(sequencer, newest));
}

Result<FloorBook::Newest> FloorBook::read_newest(const store::Store& store, ByteView row) {
    Newest newest;
    if (row.size() == kNewestTimedRowBytes) {
        const auto kind = static_cast<FloorKind>(row[0]);
        if (kind != FloorKind::block_header && kind != FloorKind::time_stamp_token) {
            return Error{Errc::corrupt, "the newest floor is of an unknown kind"};
        }
        newest.reference = {kind, FIELDSEAL_TRY(to_digest(row.subspan(1, sizeof(Digest))))};
        newest.time_s = static_cast<std::int64_t>(read_u64_be(row.subspan(1 + sizeof(Digest))));
        return newest;
    }
    newest.reference = {FloorKind::cosignature, FIELDSEAL_TRY(to_digest(row))};
    const Floor floor = FIELDSEAL_TRY(find(store, newest.reference));
    const auto cosignature = FIELDSEAL_TRY(only_cosignature(std::get<NoteFloor>(floor).note));
    newest.time_s = static_cast<std::int64_t>(cosignature.time_s);
    return newest;
}

std::optional<FloorReference> FloorBook::newest() const {
    const std::scoped_lock lock(mutex_);
    if (!newest_) return std::nullopt;
    return newest_->reference;
}

std::int64_t FloorBook::newest_time_s() const {
    const std::scoped_lock lock(mutex_);
    return newest_ ? newest_->time_s : 0;
}

bool FloorBook::is_newer(std::int64_t time_s) const {
    const std::scoped_lock lock(mutex_);
    return !newest_ || newest_->time_s < time_s;
}

Result<void> FloorBook::offer(const note::Checkpoint& checkpoint,
                              const note::Cosignature& cosignature) {
    const Newest offered{{FloorKind::cosignature, cosignature.floor_digest()},
                         static_cast<std::int64_t>(cosignature.time_s)};
    if (!is_newer(offered.time_s)) return {};
    const std::string lines[] = {cosignature.line()};
    const std::string text = note::format_note(checkpoint.text(), lines);
    return keep(offered, offered.reference.digest, as_bytes(text));
}

Result<void> FloorBook::offer(const ChainFloor& block, std::int64_t time_s) {
    const Newest offered{{FloorKind::block_header, sha256(block.header)}, time_s};
    if (!is_newer(time_s)) return {};
    const std::string text = block_json(block);
    return keep(offered, newest_timed_row(offered.reference, time_s), as_bytes(text));
}

Result<void> FloorBook::offer(const TokenFloor& token, std::int64_t time_s) {
    const Newest offered{{FloorKind::time_stamp_token, sha256(token.token)}, time_s};
    if (!is_newer(time_s)) return {};
    return keep(offered, newest_timed_row(offered.reference, time_s), token.token);
}

// The content first becomes durable, then anybody may refer to it.
Result<void> FloorBook::keep(const Newest& offered, ByteView row, ByteView content) {
    const auto write = [&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(batch.put_meta(content_name(offered.reference), content));
        return batch.put_meta(kNewestName, row);
    };
    FIELDSEAL_TRY(sequencer_.run(write));
    const std::scoped_lock lock(mutex_);
    if (!newest_ || newest_->time_s < offered.time_s) newest_ = offered;
    return {};
}

Result<Floor> FloorBook::find(const store::Store& store, const FloorReference& floor) {
    const auto row = FIELDSEAL_TRY(store.meta(content_name(floor)));
    if (!row) {
        return Error{Errc::corrupt,
                     "the floor " + hex_encode(floor.digest) + " is not in the store"};
    }
    if (floor.kind == FloorKind::block_header) {
        return Floor(FIELDSEAL_TRY(read_block(as_text(*row))));
    }
    if (floor.kind == FloorKind::time_stamp_token) return Floor(TokenFloor{*row});
    return Floor(NoteFloor{to_text(*row)});
}

}  // namespace fieldseal::node
