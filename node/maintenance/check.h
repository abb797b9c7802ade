// SPDX-License-Identifier: Apache-2.0
// `fieldseal check`: everything a stopped node keeps, recomputed. The store checks its rows, tiles,
// roots and files (store/check.h); this adds what needs formats and keys: each statement parses, is
// what its record says, and verifies under one of this node's seals; each snapshot and
// each head of the audit log under the status key, and the audit log against them; each checkpoint
// under its log's key; and what stands beside the store (check_beside.h).
//
// Takes the data directory's lock. Opening replays the write-ahead log as a start does; nothing of
// what was recorded is changed. THREADS: one. DURABLE: nothing.
// Errors: conflict (a daemon is running), not_found (no node), denied, io, storage_full. Damage is
// not an Error but a report.
#pragma once

#include "core/result.h"
#include "node/config/config.h"
#include "store/check.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace fieldseal::node {

struct NodeCheckReport {
    // Why the store or the keys did not open; then only the files were read.
    std::optional<Error> not_opened;
    store::CheckReport rows;
    store::CheckReport files;

    bool ok() const { return !not_opened && rows.ok() && files.ok(); }
};

using CheckProgress =
    std::function<void(std::string_view stage, std::uint64_t done, std::uint64_t total)>;

Result<NodeCheckReport> check_node(const Config& config, const CheckProgress& progress = {});

}  // namespace fieldseal::node
