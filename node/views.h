// SPDX-License-Identifier: Apache-2.0
// The JSON values the admin routes show (their shape: node/cli/views.h and docs/cli.md). Pure.
#pragma once

#include "core/json/json.h"
#include "node/anchoring/anchoring.h"
#include "node/clock.h"
#include "node/identity.h"
#include "node/seal_service.h"
#include "node/seals/seal_record.h"
#include "store/space.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fieldseal::node {

// Where the logs and targets stand: decides the life state of a statement.
struct Coverage {
    std::uint64_t log_size = 0;
    std::uint64_t checkpoint_size = 0;
    // Checkpoint sizes that targets have anchored, by target.
    std::vector<std::pair<std::string, std::uint64_t>> anchored;
};

// "sealed", "checkpointed" or "anchored": nothing else.
std::string_view life_state(std::uint64_t index, const Coverage& coverage);

json::Value statement_view(const store::StatementRecord& record, const Coverage& coverage,
                           const SealList& seals);

// The largest checkpoint that any target has anchored, 0 for none: what the node calls anchored.
std::uint64_t anchored_size(const Coverage& coverage);

struct StatusFacts {
    Coverage coverage;
    std::string state;   // ready, locked, held, stopped, storage-full, clock-set-back
    std::string reason;  // empty for ready
    json::Value seals = json::Value::array();  // name, state, life
    std::vector<TargetReport> targets;
    std::uint64_t waiting = 0;
    std::int64_t now_ms = 0;
    json::Value clock = json::Value::object();  // clock_view()
    store::SpaceState space;
    bool hub = false;
    std::size_t enrolled = 0;
};
json::Value target_view(const TargetReport& report, std::int64_t now_ms);

json::Value status_view(const StatusFacts& facts, const NodeIdentity& identity);

json::Value clock_view(const Clock& clock);

json::Value node_view(const NodeIdentity& identity, const SealList& seals,
                      const std::string& version, const Clock& clock);

}  // namespace fieldseal::node
