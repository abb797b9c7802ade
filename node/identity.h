// SPDX-License-Identifier: Apache-2.0
// Who this node is: node.json in the data directory, written once by `init`, never changed while
// the generation lives. Public values only; the keys themselves are in keys/. THREADS:
// construct-then-const. Errors: not_found (no `init` yet), corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/note/vkey.h"
#include "core/public_key.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

struct SealIdentity {
    std::string name;  // "default"
    PublicKey key;
};

struct NodeIdentity {
    std::string organisation;  // the operator's name in trust files
    std::string name;
    std::string origin;         // <organisation>/<name>/<generation>
    note::VerifierKey log_key;  // name = origin, type 0x01
    PublicKey status_key;       // Ed25519, signs status snapshots
    std::vector<SealIdentity> seals;
    // The hub role's; always made by init, used when the role is switched on.
    note::VerifierKey witness_key;        // cosigns, type 0x04
    note::VerifierKey witnessed_log_key;  // signs the witnessed log's checkpoints, type 0x01
};

// One origin per generation and per log of a node.
std::string statements_origin(const std::string& organisation, const std::string& name);
std::string witnessed_origin(const std::string& organisation, const std::string& name);
std::string witness_name(const std::string& organisation, const std::string& name);

// The names of the key files in keys/.
inline constexpr std::string_view kLogKeyName = "log";
inline constexpr std::string_view kStatusKeyName = "status";
inline constexpr std::string_view kPinKeyName = "pin";
inline constexpr std::string_view kWitnessKeyName = "witness";
inline constexpr std::string_view kWitnessedLogKeyName = "witnessed-log";
std::string seal_key_name(const std::string& seal);

std::string to_json(const NodeIdentity& identity);
Result<NodeIdentity> parse_identity(std::string_view text);
Result<NodeIdentity> load_identity(const std::string& data_dir);

}  // namespace fieldseal::node
