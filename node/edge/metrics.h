// SPDX-License-Identifier: Apache-2.0
// What a monitoring system learns of the node, as Prometheus text. Counters and histograms are kept
// here and cost their callers a few instructions; everything else is looked up when somebody asks.
// No label has a name or id of a document: routes are named by their patterns.
// docs/operations/metrics.md has all of them. OWNED BY: the daemon. THREADS: any.
#pragma once

#include "api/office_backend.h"
#include "api/router.h"
#include "api/server.h"
#include "core/result.h"
#include "core/statement.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

// What is so at the moment of a scrape.
struct NodeFacts {
    struct Target {
        std::string name;
        std::string state;               // a word of anchor::to_string(Phase)
        std::int64_t anchored_at_s = 0;  // 0 = never
    };
    std::uint64_t log_entries = 0;
    std::uint64_t checkpoint_entries = 0;
    std::uint64_t anchored_entries = 0;
    std::optional<std::int64_t> oldest_unanchored_s;  // nothing when nothing waits
    std::vector<Target> targets;
    ClockTrust clock_trust = ClockTrust::untrusted;
    std::uint64_t clock_behind_s = 0;              // 0 when nothing contradicts it
    std::optional<std::uint64_t> disk_free_bytes;  // nothing when the disk did not answer
    bool store_failed = false;
    std::array<std::uint64_t, 6> seals{};  // by state, in the order of SealState
    std::uint64_t seals_locked = 0;        // of those that are active
    std::uint64_t sessions = 0;
};

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // One order of the office's network.
    void count(const Result<api::SealOutcome>& outcome);
    // How long an order, or a batch of them, took until it was durable or refused.
    void observe_sealing(std::chrono::steady_clock::duration duration);
    // One answer; `route` is null for what no route takes.
    void observe_answer(const api::Route* route, int status, std::chrono::microseconds duration);

    std::string text(const NodeFacts& facts) const;

private:
    struct Kept;  // keeps the library's types out of this header
    std::unique_ptr<Kept> kept_;
};

// `first`, then the answer counted. REQUIRES: `metrics` and `router` outlive the hook.
api::AnswerHook counted(api::AnswerHook first, Metrics& metrics, const api::Router& router);

}  // namespace fieldseal::node
