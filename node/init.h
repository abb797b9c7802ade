// SPDX-License-Identifier: Apache-2.0
// Makes a node: data directory, keys, identity, store with its first status snapshot and
// checkpoint, configuration file. The one call that creates; everything else refuses what is not
// there.
//
// Order: what makes the directory a node (node.json) is written last, so a crash on the way leaves
// a directory that `init` may be run on again after it was emptied, and never half a node. DURABLE:
// on return everything is synced. Errors: conflict (something is there already), invalid_argument
// (names), denied, io.
#pragma once

#include "node/config/config.h"
#include "node/custody/keystore.h"
#include "node/identity.h"

#include <string>

namespace fieldseal::node {

inline constexpr std::string_view kFirstSealName = "default";

struct InitOptions {
    Config config;  // data_dir, node.organisation and node.name are used, and custody's cost
    KeyAlgorithm seal_algorithm = KeyAlgorithm::es256k;
    const SecretBytes* seal_passphrase = nullptr;  // never null
};

struct InitReport {
    NodeIdentity identity;
    std::string config_path;
    SecretBytes recovery_code;  // printed once, kept nowhere
};

Result<InitReport> init_node(const InitOptions& options);

}  // namespace fieldseal::node
