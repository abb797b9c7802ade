// SPDX-License-Identifier: Apache-2.0
#include "node/checkpointer.h"

#include "core/note/checkpoint.h"
#include "store/crash_point.h"

namespace fieldseal::node {
namespace {

Result<std::uint64_t> newest_size(const store::Store& store, store::LogId log) {
    const auto record = FIELDSEAL_TRY(store.checkpoints(log).latest());
    return record ? record->head.size.value : 0;
}

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::load(Parts parts, Options options) {
    std::unique_ptr<Checkpointer> self(new Checkpointer(std::move(parts), options));
    const auto& store = self->parts_.store;
    self->covered_size_ = FIELDSEAL_TRY(newest_size(store, store::LogId::statements));
    self->witnessed_size_ = FIELDSEAL_TRY(newest_size(store, store::LogId::checkpoints));
    // What a crash left uncovered is due now.
    if (store.log(store::LogId::statements).head().size.value > self->covered_size_) {
        self->deadline_ = std::chrono::steady_clock::now();
    }
    return self;
}

Result<void> Checkpointer::close_group(store::Batch& batch, bool last) {
    const std::uint64_t size = batch.head(store::LogId::statements).size.value;
    const std::uint64_t uncovered = size - covered_size_;
    if (size == 0 && last) pending_size_ = FIELDSEAL_TRY(close_statements(batch));
    if (uncovered > 0 && !deadline_)
        deadline_ = std::chrono::steady_clock::now() + options_.interval;
    if (due(uncovered, last)) pending_size_ = FIELDSEAL_TRY(close_statements(batch));
    if (batch.head(store::LogId::checkpoints).size.value > witnessed_size_) {
        FIELDSEAL_TRY(close_witnessed(batch));
    }
    return {};
}

bool Checkpointer::due(std::uint64_t uncovered, bool last) {
    const bool requested = requested_.exchange(false);
    if (uncovered == 0) return false;
    return last || requested || uncovered >= options_.entries_max ||
           std::chrono::steady_clock::now() >= *deadline_;
}

Result<std::uint64_t> Checkpointer::close_statements(store::Batch& batch) {
    if (parts_.audit != nullptr) FIELDSEAL_TRY(parts_.audit->append_head(batch));
    // A change of a seal's state brings its own.
    if (!parts_.status.is_last(batch)) FIELDSEAL_TRY(parts_.status.append_snapshot(batch));
    FIELDSEAL_TRY(put(batch, store::LogId::statements, parts_.identity.origin, parts_.log_key));
    return batch.head(store::LogId::statements).size.value;
}

Result<void> Checkpointer::close_witnessed(store::Batch& batch) {
    FIELDSEAL_TRY(put(batch, store::LogId::checkpoints, parts_.identity.witnessed_log_key.name,
                      parts_.witnessed_log_key));
    pending_witnessed_size_ = batch.head(store::LogId::checkpoints).size.value;
    return {};
}

Result<void> Checkpointer::put(store::Batch& batch, store::LogId log, const std::string& origin,
                               const SigningKey& key) const {
    const auto head = batch.head(log);
    const note::Checkpoint checkpoint{origin, head.size, head.root};
    const auto note_text = FIELDSEAL_TRY(key.sign_checkpoint(checkpoint));
    // A crash here may leave a signature over a head that never was: nobody has seen it.
    FIELDSEAL_CRASH_POINT("checkpoint.signed");
    return batch.put_checkpoint(log, {head, parts_.clock.now_s(), note_text});
}

void Checkpointer::committed() {
    parts_.status.committed();
    if (parts_.audit != nullptr) parts_.audit->committed();
    if (pending_witnessed_size_) {
        witnessed_size_ = *pending_witnessed_size_;
        pending_witnessed_size_.reset();
        parts_.made(store::LogId::checkpoints, witnessed_size_);
    }
    if (pending_size_) {
        covered_size_ = *pending_size_;
        pending_size_.reset();
        deadline_.reset();
        parts_.made(store::LogId::statements, covered_size_);
    }
    if (parts_.grown) parts_.grown();
}

}  // namespace fieldseal::node
