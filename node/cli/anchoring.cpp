// SPDX-License-Identifier: Apache-2.0
#include "node/cli/anchoring.h"

#include "node/cli/readable.h"

#include <algorithm>
#include <thread>

namespace fieldseal::node::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kStoppedByProof = "stopped-by-proof";
constexpr std::chrono::milliseconds kPollInterval{100};
// A target's former trouble is still shown until the request that sync started is under way.
constexpr std::chrono::seconds kGrace{2};

bool settled(const TargetView& target, std::uint64_t size, bool through_offline) {
    switch (standing(target, goal_of(target, size))) {
        case Standing::anchored:
        case Standing::trouble:
            return true;
        case Standing::offline:
            return !through_offline;
        case Standing::moving:
            return false;
    }
    return false;
}

bool anchored(const TargetView& target, std::uint64_t size) {
    return standing(target, goal_of(target, size)) == Standing::anchored;
}

}  // namespace

bool AnchorOutcome::all_anchored() const {
    return !status.targets.empty() && std::all_of(status.targets.begin(), status.targets.end(),
                                                  [this](const TargetView& target) {
                                                      return anchored(target, checkpoint_size);
                                                  });
}

bool AnchorOutcome::stopped() const {
    return status.state == "stopped" ||
           std::any_of(status.targets.begin(), status.targets.end(),
                       [](const auto& target) { return target.phase == kStoppedByProof; });
}

Result<AnchorOutcome> anchor_now(DaemonClient& daemon, const AnchorWait& wait) {
    const json::Value answer = FIELDSEAL_TRY(daemon.post("/api/v1/sync"));
    AnchorOutcome outcome;
    if (const json::Value* checkpoint = answer.find("checkpoint"); checkpoint != nullptr) {
        outcome.checkpoint_size = number_at(*checkpoint, "size");
    }
    const auto started = Clock::now();
    for (;;) {
        outcome.status_value = FIELDSEAL_TRY(daemon.get("/api/v1/status"));
        outcome.status = read_status(outcome.status_value);
        const auto elapsed = Clock::now() - started;
        const auto& targets = outcome.status.targets;
        const bool all_settled =
            std::all_of(targets.begin(), targets.end(), [&](const TargetView& target) {
                return settled(target, outcome.checkpoint_size, wait.through_offline);
            });
        if (targets.empty() || outcome.all_anchored() || elapsed >= wait.timeout) return outcome;
        if (all_settled && elapsed >= kGrace) return outcome;
        std::this_thread::sleep_for(kPollInterval);
    }
}

void show_targets(const AnchorOutcome& outcome, Session& session) {
    Output& output = session.output();
    if (outcome.status.targets.empty()) {
        output.hint("There is no target to anchor to yet: " + session.command("target add --help"));
    }
    for (const TargetView& target : outcome.status.targets) {
        output.data(
            printable(target.name) + ": " +
            session.with_options(plain_words(target, goal_of(target, outcome.checkpoint_size))));
    }
}

ExitCode show_unanchored(const AnchorOutcome& outcome, Session& session) {
    Output& output = session.output();
    if (outcome.stopped()) {
        output.warn(
            "sealing is stopped: another history of this node's log was proven. Delete "
            "nothing, and see what to do: " +
            session.command("doctor"));
        return ExitCode::held;
    }
    if (outcome.status.state == "held") {
        output.hint("The node seals nothing until a target confirms its history: " +
                    session.command("doctor"));
    } else if (outcome.status.targets.empty()) {
        output.hint("What is sealed is safe on this device, and nothing will anchor it.");
    } else {
        output.hint("Everything sealed is safe. The node goes on anchoring by itself.");
    }
    return ExitCode::not_yet;
}

}  // namespace fieldseal::node::cli
