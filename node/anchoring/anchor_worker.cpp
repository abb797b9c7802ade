// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/anchor_worker.h"

#include "store/crash_point.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace fieldseal::node {
namespace {

// How long the thread sleeps at most without an event: a step of the wall clock is noticed by then.
constexpr std::chrono::seconds kSleepMax{30};

std::uint64_t random_number() {
    std::uint64_t value = 0;
    ::randombytes_buf(&value, sizeof value);
    return value;
}

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Result<std::unique_ptr<AnchorWorker>> AnchorWorker::start(std::string name,
                                                          std::unique_ptr<anchor::Target> target,
                                                          Parts parts) {
    anchor::TargetState state;
    if (const auto row = FIELDSEAL_TRY(parts.store.outbox().row(parts.log_id, name))) {
        state = FIELDSEAL_TRY(anchor::decode_target_state(row->state));
    }
    return std::unique_ptr<AnchorWorker>(
        new AnchorWorker(std::move(name), std::move(target), std::move(parts), std::move(state)));
}

AnchorWorker::AnchorWorker(std::string name, std::unique_ptr<anchor::Target> target, Parts parts,
                           anchor::TargetState state)
    : name_(std::move(name)),
      target_(std::move(target)),
      parts_(std::move(parts)),
      state_(std::move(state)) {
    events_.emplace_back(anchor::Started{newest_checkpoint(), target_->confirms_history()});
    thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

AnchorWorker::~AnchorWorker() {
    stop();
}

void AnchorWorker::stop() {
    thread_.request_stop();
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void AnchorWorker::post(anchor::Event event) {
    if (std::holds_alternative<anchor::Reconcile>(event) && !target_->confirms_history()) {
        spdlog::info("target {}: cannot confirm that our log only grew; the node stays held",
                     name_);
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        events_.push_back(std::move(event));
    }
    wake_.notify_all();
}

anchor::TargetState AnchorWorker::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

void AnchorWorker::loop(const std::stop_token& stop) {
    anchor::Event event;
    while (next_event(stop, event)) step(event, stop);
}

// Waits for a posted event, or for the moment the scheduler asked for (a Tick).
bool AnchorWorker::next_event(const std::stop_token& stop, anchor::Event& event) {
    std::unique_lock lock(mutex_);
    std::chrono::milliseconds pause = kSleepMax;
    if (const auto wakeup = anchor::next_wakeup_ms(state_)) {
        const std::chrono::milliseconds until{*wakeup - parts_.clock.now_ms()};
        pause = std::clamp(until, std::chrono::milliseconds(0), pause);
    }
    wake_.wait_for(lock, stop, pause, [this] { return !events_.empty(); });
    if (stop.stop_requested()) return false;
    if (events_.empty()) {
        event = anchor::Tick{};
    } else {
        event = std::move(events_.front());
        events_.pop_front();
    }
    return true;
}

void AnchorWorker::step(const anchor::Event& event, const std::stop_token& stop) {
    const anchor::TargetState before = state();
    auto next =
        anchor::advance(before, event, {parts_.clock.now_ms(), random_number()}, parts_.policy);
    if (next.state.phase != before.phase) {
        spdlog::info("target {}: {} -> {} {}", name_, anchor::to_string(before.phase),
                     anchor::to_string(next.state.phase), next.state.last_error);
    }
    {
        const std::scoped_lock lock(mutex_);
        state_ = next.state;
    }
    if (next.state.phase != before.phase && parts_.hooks.phase_changed)
        parts_.hooks.phase_changed();
    for (const auto& action : next.actions) perform(action, stop);
}

void AnchorWorker::perform(const anchor::Action& action, const std::stop_token& stop) {
    std::visit(Overloaded{
                   [&](const anchor::Persist&) {
                       const auto stored = persist(state());
                       if (!stored.ok())
                           spdlog::error("target {}: {}", name_, stored.error().message);
                   },
                   [&](const anchor::Submit& submit_action) { submit(submit_action, stop); },
                   [&](const anchor::FetchMonitor&) { observe(stop); },
                   [&](const anchor::Complete& fetch) { complete(fetch, stop); },
                   [&](const anchor::Alarm& alarm) { parts_.hooks.alarm(name_, alarm); },
                   [&](const anchor::AlarmCleared&) {
                       spdlog::info("target {}: all is well again", name_);
                   },
                   [&](const anchor::Reconciled&) { parts_.hooks.reconciled(name_); },
               },
               action);
}

void AnchorWorker::submit(const anchor::Submit& action, const std::stop_token& stop) {
    auto outcome = ask(action, stop);
    if (stop.stop_requested()) return;  // the row says "sending": the next start tries again
    if (outcome.ok()) {
        if (const auto* anchored = std::get_if<anchor::Anchored>(&*outcome)) {
            // Stored before the scheduler may believe it: a crash between the two asks again.
            FIELDSEAL_CRASH_POINT("anchor.before_pieces");
            const std::uint64_t size = anchored->size == 0 ? action.size : anchored->size;
            const auto stored = store_pieces(size, anchored->pieces);
            FIELDSEAL_CRASH_POINT("anchor.pieces_stored");
            if (!stored.ok()) {
                post(anchor::to_reply(stored.error(), action.size));
                return;
            }
            parts_.hooks.anchored(name_, anchored->pieces);
        }
    }
    auto reply = anchor::to_reply(outcome, action.size);
    if (reply.kind == anchor::ReplyKind::underway)
        spdlog::debug("target {}: {}", name_, reply.text);
    reply.confirms_history = target_->confirms_history();
    post(std::move(reply));
}

Result<anchor::Outcome> AnchorWorker::ask(const anchor::Submit& action,
                                          const std::stop_token& stop) {
    const auto record =
        FIELDSEAL_TRY(parts_.store.checkpoints(parts_.log_id).at(merkle::TreeSize{action.size}));
    if (!record)
        return Error{Errc::corrupt,
                     "the checkpoint of size " + std::to_string(action.size) + " is missing"};
    auto request = context(record->note, stop);
    request.size = action.size;
    request.from_size = action.from_size;
    request.not_before_s = action.not_before_s;
    return target_->submit(request);
}

void AnchorWorker::observe(const std::stop_token& stop) {
    const auto outcome = target_->observe(context({}, stop));
    if (stop.stop_requested()) return;
    auto reply = anchor::to_reply(outcome, 0);
    if (!reply.text.empty()) spdlog::debug("target {}: {}", name_, reply.text);
    reply.confirms_history = target_->confirms_history();
    post(std::move(reply));
}

void AnchorWorker::complete(const anchor::Complete& action, const std::stop_token& stop) {
    anchor::Completion reply{action.size, false, {}};
    const auto fetch = [&]() -> Result<bool> {
        const auto stored = FIELDSEAL_TRY(
            parts_.store.outbox().proof(parts_.log_id, name_, merkle::TreeSize{action.size}));
        if (!stored) return false;
        const auto pieces = FIELDSEAL_TRY(anchor::decode_anchor_pieces(stored->proof));
        auto request = context(pieces.note, stop);
        request.size = action.size;
        const auto better = FIELDSEAL_TRY(target_->complete(request, pieces));
        if (!better) return false;
        FIELDSEAL_TRY(store_pieces(action.size, *better));
        parts_.hooks.anchored(name_, *better);
        return target_->is_complete(*better);
    };
    const auto found = fetch();
    if (stop.stop_requested()) return;
    if (found.ok())
        reply.found = *found;
    else
        reply.text = found.error().message;
    post(std::move(reply));
}

anchor::SubmitContext AnchorWorker::context(const std::string& note,
                                            const std::stop_token& stop) const {
    anchor::SubmitContext context;
    context.log = &parts_.log;
    context.note = note;
    context.now_s = parts_.clock.now_s();
    context.stop = stop;
    return context;
}

Result<void> AnchorWorker::persist(const anchor::TargetState& state) {
    const store::OutboxRow row{parts_.log_id, name_, std::string(target_->kind()),
                               anchor::kTargetStateVersion, anchor::encode_target_state(state)};
    return parts_.sequencer.run([&](store::Batch& batch) { return batch.put_outbox(row); });
}

Result<void> AnchorWorker::store_pieces(std::uint64_t size, const anchor::AnchorPieces& pieces) {
    const store::ProofRecord record{parts_.log_id, name_, merkle::TreeSize{size},
                                    parts_.clock.now_s(), anchor::encode_anchor_pieces(pieces)};
    return parts_.sequencer.run([&](store::Batch& batch) { return batch.put_proof(record); });
}

std::uint64_t AnchorWorker::newest_checkpoint() const {
    const auto record = parts_.store.checkpoints(parts_.log_id).latest();
    return record.ok() && *record ? (*record)->head.size.value : 0;
}

}  // namespace fieldseal::node
