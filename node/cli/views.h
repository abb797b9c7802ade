// SPDX-License-Identifier: Apache-2.0
// What the command line reads of the daemon's views (api/backend.h leaves their shape to the node).
// Reading is tolerant: a member that is absent or of another kind is left at its default, unknown
// members pass through to --json untouched. An older command line keeps working with a newer
// daemon.
//
//   statement = { "id": hex, "index": n, "kind": "statement"|"status"|"audit", "state": "sealed"|
//                 "checkpointed"|"anchored", "document": { "sha256": hex, "name"?, "size"? },
//                 "media_type", "subject", "seal", "issued_at": posix_s,
//                 "clock": { "source", "trust" }?, "anchored_at": [ target names ]?,
//                 "actor"?: who ordered it }
//   list      = { "statements": [ statement … newest first ], "next_before": index? }
//   status    = { "state": "ready"|"locked"|"held"|"stopped"|"storage-full"|"clock-set-back",
//   "reason"?, "origin",
//                 "log": { "size", "checkpoint_size" }, "waiting": n?,
//                 "seals": [ { "name", "state": "locked"|"unlocked" } ], "targets": [ target ] }
//   target    = { "name", "kind", "url", "phase": anchor::Phase word, "in_flight": bool,
//                 "wanted_size", "anchored_size", "anchored_at_s"?, "next_attempt_in_s"?, "error"?,
//                 and of kinds "evm" and "rfc3161": "log": "statements"|"checkpoints", of kind
//                 "evm": "account", "chain" }
//   sync      = { "checkpoint": { "size" }, … }
// THREADS: pure functions over values, any.
#pragma once

#include "core/json/json.h"
#include "node/cli/output.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node::cli {

struct StatementView {
    std::string id;
    std::uint64_t index = 0;
    std::string kind = "statement";
    std::string state;
    std::string document_sha256;
    std::string document_name;
    std::optional<std::uint64_t> document_size;
    std::string media_type;
    std::string subject;
    std::string seal;
    std::int64_t issued_at = 0;
    std::string clock_trust;
    std::string actor;

    bool is_anchored() const { return state == "anchored"; }
};

struct TargetView {
    std::string name;
    std::string kind;
    std::string url;
    std::string phase;
    bool in_flight = false;
    std::uint64_t wanted_size = 0;
    std::uint64_t anchored_size = 0;
    std::optional<std::uint64_t> next_attempt_in_s;
    std::string error;
    std::string log = "statements";
    std::string account;  // kind evm
    std::string sealed_twice_file;

    bool is_chain() const { return kind == "evm"; }
    bool is_authority() const { return kind == "rfc3161"; }
};

struct SealView {
    std::string name;
    std::string state;
    std::string life;
};

struct StatusView {
    std::string state;
    std::string reason;
    std::string origin;
    std::uint64_t log_size = 0;
    std::uint64_t checkpoint_size = 0;
    std::uint64_t waiting = 0;  // statements no target has anchored yet
    std::string clock_trust;
    std::uint64_t clock_behind_s = 0;
    std::vector<SealView> seals;
    std::vector<TargetView> targets;
};

StatementView read_statement(const json::Value& value);
StatusView read_status(const json::Value& value);
std::vector<StatementView> read_statement_list(const json::Value& value);

// Text and number members by name; defaults when absent or of another kind.
std::string text_at(const json::Value& value, std::string_view name);
std::uint64_t number_at(const json::Value& value, std::string_view name);

bool flag_at(const json::Value& value, std::string_view name);
// The items of an array member; none when absent or of another kind.
const json::Array& items_at(const json::Value& value, std::string_view name);

// The checkpoint a target is expected to reach when the office's own is of `size`: a hub's target
// for what it witnessed has sizes of its own.
std::uint64_t goal_of(const TargetView& target, std::uint64_t size);

// How a target stands against checkpoint `size`.
enum class Standing : std::uint8_t {
    anchored,  // it holds that checkpoint or a newer one
    moving,    // a request is under way or about to be, or the chain has not confirmed it yet
    offline,   // tried, not reached; the node goes on by itself
    trouble,   // answers, and a person has to look
};
Standing standing(const TargetView& target, std::uint64_t size);

// "anchored", "refuses this node: …": one sentence without the name, and what to do, if anything.
std::string plain_words(const TargetView& target, std::uint64_t size);
// "sealed: safe on this device, waiting for a connection"
std::string plain_words(const StatementView& statement);

// Copies the members of a view into a document of ours, except "fieldseal".
void add_members(json::Value& document, const json::Value& view);

}  // namespace fieldseal::node::cli
