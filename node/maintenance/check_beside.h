// SPDX-License-Identifier: Apache-2.0
// What stands beside the store and is needed as much: the key files of seals, the pins and roots of
// targets, and whether the configuration and the enrolment still name all that the store has rows
// for. Part of `fieldseal check`, and of `doctor` while no daemon runs. Reads, changes nothing;
// asks no token and no passphrase. THREADS: one. Damage is a finding, not an Error.
#pragma once

#include "core/result.h"
#include "node/boot.h"
#include "node/config/config.h"
#include "store/check.h"

namespace fieldseal::node {

// Findings: a seal's key file that is missing, damaged or another seal's; a file of a target that
// cannot be read as what it is; an enrolment that does not parse. Notices: rows of a target or of
// witnessed logs that the configuration knows nothing of, which is what a damaged or lost
// fieldseal.toml or hub-logs.txt looks like.
// Errors: the store's.
Result<void> check_beside(const Config& config, const NodeIdentity& identity, const NodeKeys& keys,
                          const store::Store& store, store::CheckReport& report);

}  // namespace fieldseal::node
