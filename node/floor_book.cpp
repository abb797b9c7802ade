// SPDX-License-Identifier: Apache-2.0
#include "node/floor_book.h"

#include "core/encoding.h"

namespace fieldseal::node {
namespace {

// Meta rows: the digest of the newest floor, and each floor's note under its digest's first 128
// bits in hexadecimal (a name has 64 bytes at most; a collision would only hide an older floor's
// note).
constexpr std::string_view kNewestName = "floor.newest";

std::string note_name(const Digest& floor) {
    return "floor." + hex_encode(ByteView(floor).first(16));
}

Result<note::Cosignature> only_cosignature(std::string_view note_text) {
    const auto parsed = FIELDSEAL_TRY(note::parse_checkpoint_note(note_text));
    if (parsed.signatures.size() != 1)
        return Error{Errc::corrupt, "a floor's note has one signature line"};
    return note::parse_cosignature(parsed.signatures[0]);
}

}  // namespace

Result<std::unique_ptr<FloorBook>> FloorBook::load(const store::Store& store,
                                                   Sequencer& sequencer) {
    std::optional<Newest> newest;
    if (const auto row = FIELDSEAL_TRY(store.meta(kNewestName))) {
        const Digest digest = FIELDSEAL_TRY(to_digest(*row));
        const std::string text = FIELDSEAL_TRY(note(store, digest));
        const auto cosignature = FIELDSEAL_TRY(only_cosignature(text));
        newest = Newest{digest, cosignature.time_s};
    }
    return std::unique_ptr<FloorBook>(new FloorBook(sequencer, newest));
}

std::optional<FloorReference> FloorBook::newest() const {
    const std::scoped_lock lock(mutex_);
    if (!newest_) return std::nullopt;
    return FloorReference{FloorKind::cosignature, newest_->digest};
}

std::int64_t FloorBook::newest_time_s() const {
    const std::scoped_lock lock(mutex_);
    return newest_ ? static_cast<std::int64_t>(newest_->time_s) : 0;
}

Result<void> FloorBook::offer(const note::Checkpoint& checkpoint,
                              const note::Cosignature& cosignature) {
    const Newest offered{cosignature.floor_digest(), cosignature.time_s};
    {
        const std::scoped_lock lock(mutex_);
        if (newest_ && newest_->time_s >= offered.time_s) return {};
    }
    const std::string lines[] = {cosignature.line()};
    const std::string text = note::format_note(checkpoint.text(), lines);
    const auto keep = [&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(batch.put_meta(note_name(offered.digest), as_bytes(text)));
        return batch.put_meta(kNewestName, offered.digest);
    };
    FIELDSEAL_TRY(sequencer_.run(keep));
    const std::scoped_lock lock(mutex_);
    if (!newest_ || newest_->time_s < offered.time_s) newest_ = offered;
    return {};
}

Result<std::string> FloorBook::note(const store::Store& store, const Digest& floor) {
    const auto row = FIELDSEAL_TRY(store.meta(note_name(floor)));
    if (!row)
        return Error{Errc::corrupt, "the floor " + hex_encode(floor) + " is not in the store"};
    return to_text(*row);
}

}  // namespace fieldseal::node
