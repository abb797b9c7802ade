// SPDX-License-Identifier: Apache-2.0
// `fieldseal restore --from DIR`: brings back the data directory of a stopped node.
//
// Copies into an empty or absent directory, syncs every file and directory, marks the node held
// (gates.h), and only then writes node.json: a crash before leaves a directory that no daemon
// takes for a node. A rolled-back log could sign a second history, so it stays held until a target
// confirms it or a person decides.
// THREADS: one. DURABLE: on return everything is synced. The source is only read (and locked, where
// its disk can be written). Errors: not_found (no node in DIR), conflict (a daemon uses DIR, or the
// destination holds something), denied, storage_full, io, and those of opening a store.
#pragma once

#include "core/result.h"
#include "node/config/config.h"

#include <cstdint>
#include <string>

namespace fieldseal::node {

struct RestoreReport {
    std::string origin;
    std::string data_dir;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t log_size = 0;
};

// The configuration is DIR/fieldseal.toml with its data_dir replaced.
Result<RestoreReport> restore_node(const std::string& from, const std::string& data_dir,
                                   std::int64_t now_s);

}  // namespace fieldseal::node
