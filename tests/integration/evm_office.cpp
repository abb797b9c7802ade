// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/evm_office.h"

#include "core/hash.h"
#include "core/json/json.h"
#include "core/note/checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal::testing {

using namespace anchor;

Result<evm::TransactionSignature> TestChainSigner::sign(const evm::TransactionTbs& tbs) const {
    FIELDSEAL_TRY(evm::check_ours(tbs, address()));
    if (is_locked) return Error{Errc::locked, "the chain key is locked; unlock it"};
    return account_.sign(keccak256(FIELDSEAL_TRY(tbs.preimage())));
}

EvmOffice::EvmOffice(EvmSettings settings) : log_("office.example/node-1/1", 0x11, 1) {
    view_.origin = log_.origin();
    view_.vkey = note::format_vkey(log_.key());
    restart(std::move(settings));
}

void EvmOffice::restart(EvmSettings settings) {
    settings.name = "chain";
    LaneStore store;
    store.load = [this]() -> Result<std::optional<Bytes>> { return row_; };
    store.save = [this](ByteView bytes) -> Result<void> {
        if (is_disk_full) return Error{Errc::storage_full, "no space left"};
        row_ = to_bytes(bytes);
        return {};
    };
    store.keep_sealed_twice = [this](std::uint64_t number, ByteView first,
                                     ByteView second) -> Result<std::string> {
        sealed_twice_.emplace_back(number, to_bytes(first), to_bytes(second));
        return std::string("two-blocks.json");
    };
    auto target = open_evm_target(std::move(settings), signer_, store);
    ASSERT_TRUE(target.ok()) << target.error().message;
    target_ = *std::move(target);
    state_ = *decode_target_state(encode_target_state(state_));
    if (state_.wanted_size != 0) handle(Started{state_.wanted_size});
}

void EvmOffice::checkpoint(std::uint64_t size) {
    log_.grow_to(size);
    handle(CheckpointMade{size});
}

void EvmOffice::wait() {
    const auto wakeup = next_wakeup_ms(state_);
    ASSERT_TRUE(wakeup.has_value());
    now_ms_ = std::max(now_ms_, *wakeup);
    handle(Tick{});
}

void EvmOffice::handle(const Event& event) {
    Step step = advance(std::move(state_), event, Moment{now_ms_, 1}, SchedulePolicy{});
    state_ = std::move(step.state);
    for (const Action& action : step.actions) {
        if (const auto* alarm = std::get_if<Alarm>(&action)) alarms_.push_back(*alarm);
    }
    for (const Action& action : step.actions) perform(action);
}

void EvmOffice::perform(const Action& action) {
    if (const auto* what = std::get_if<Submit>(&action)) submit(*what);
    if (const auto* what = std::get_if<Complete>(&action)) complete(*what);
}

void EvmOffice::submit(const Submit& action) {
    const std::string note = log_.note(action.size);
    SubmitContext context = context_of(note, action.size);
    context.from_size = action.from_size;
    const auto outcome = target_->submit(context);
    Reply reply = to_reply(outcome, action.size);
    reply.confirms_history = target_->confirms_history();
    why_ = reply.text;
    if (outcome.ok()) {
        if (const auto* anchored = std::get_if<Anchored>(&*outcome)) {
            if (loses_pieces) return;  // no answer reaches the scheduler either
            stored_[anchored->size] = anchored->pieces;
        }
    }
    handle(reply);
}

void EvmOffice::complete(const Complete& action) {
    const AnchorPieces pieces = stored_.at(action.size);
    const auto better = target_->complete(context_of(pieces.note, action.size), pieces);
    Completion reply{action.size, false, better.ok() ? "" : better.error().message};
    if (better.ok() && *better) {
        reply.found = true;
        stored_[action.size] = **better;
    }
    handle(reply);
}

SubmitContext EvmOffice::context_of(std::string_view note, std::uint64_t size) const {
    SubmitContext context;
    context.log = &view_;
    context.note = note;
    context.size = size;
    context.now_s = now_ms_ / 1000;
    return context;
}

Lane EvmOffice::lane() const {
    return row_ ? decode_lane(*row_).value_or(Lane{}) : Lane{};
}

anchors::AnchorResult EvmOffice::judge(std::uint64_t size, const TrustedChain& pin) const {
    anchors::AnchorResult none;
    const auto found = stored_.find(size);
    if (found == stored_.end()) return none;
    const auto checkpoint = note::parse_checkpoint_note(found->second.note);
    const auto list = json::parse(found->second.anchors_json);
    if (!checkpoint.ok() || !list.ok() || list->as_array().size() != 1) return none;
    const json::Value& members = list->as_array().front();
    Trust trust;
    trust.chains = {pin};
    return anchors::check_anchor({members.find("type")->as_string(), members},
                                 checkpoint->checkpoint, trust);
}

}  // namespace fieldseal::testing
