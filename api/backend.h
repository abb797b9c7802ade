// SPDX-License-Identifier: Apache-2.0
// The ports through which routes reach the node. Owned by api, implemented in node/: api never sees
// a store, a key or a clock.
//
// Views (status, list, …) are JSON values made by the node; orders are typed. All methods may be
// called from several threads at once. Errors become problem+json by api/problem.h.
#pragma once

#include "core/bytes.h"
#include "core/hash.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

inline constexpr std::size_t kActorBytesMax = 64;

struct SealOrder {
    Digest document{};  // SHA-256 of the document
    std::optional<Sha512Digest> document_sha512;
    std::string media_type = "application/octet-stream";
    std::string subject;          // caller's reference; empty = random
    std::string seal;             // the seal's name; empty = the only one
    std::string idempotency_key;  // empty = none; kept as long as the statement
    // For the people of the office; never leaves the node.
    std::string document_name;
    std::optional<std::uint64_t> document_bytes;
    std::string actor;  // the account that orders; empty over the admin socket
};

struct SealReceipt {
    Digest entry{};  // the statement id
    std::uint64_t index = 0;
    bool replayed = false;  // the idempotency key had been used for the same order before
    json::Value view;       // what the API shows of the statement
};

struct ListQuery {
    std::uint32_t limit = 100;
    std::optional<std::uint64_t> before_index;  // cursor: only entries below
    std::optional<Digest> document;             // only statements about this document
};

struct TargetOrder {
    std::string name;
    std::string url;
    std::string vkey;
    std::string log_vkey;        // the hub's witnessed log; empty for a plain witness
    std::string tls_pin_sha256;  // empty = ordinary verification
};

// A chain to anchor to. Words are the configuration's; what is not given keeps its default.
struct ChainTargetOrder {
    std::string name;
    std::string url;
    std::vector<std::string> more_urls;
    std::string pin;  // the text of a chain pin (docs/formats/chain-pin.md)
    std::string log = "statements";
    std::string fees = "zero";
    std::string auth_file;  // a path on the node's machine
    std::string ca_file;
    std::string tls_pin_sha256;
    std::optional<std::uint32_t> max_fee_gwei;
    std::optional<std::uint32_t> priority_fee_gwei;
    std::optional<std::uint32_t> gas_limit;
    std::optional<std::uint32_t> confirmations;
};

// A time-stamping authority to anchor to.
struct AuthorityTargetOrder {
    std::string name;
    std::string url;
    std::string roots;                  // certificates in PEM
    std::vector<std::string> policies;  // dotted OIDs
    std::uint32_t accuracy_default_s = 0;
    std::string log = "statements";
    std::string auth_file;  // a path on the node's machine
    std::string ca_file;
    std::string tls_pin_sha256;
};

// What the people of the office ask for, over the admin socket and over the edge.
class AdminBackend {
public:
    virtual ~AdminBackend() = default;
    // DURABLE on return: the statement is in the log. Never touches the network.
    virtual Result<SealReceipt> seal(const SealOrder& order) = 0;
    virtual Result<json::Value> list(const ListQuery& query) = 0;
    virtual Result<json::Value> show(const Digest& entry) = 0;
    // The evidence file's text, built from what is known now.
    virtual Result<std::string> evidence(const Digest& entry) = 0;
    virtual Result<json::Value> status() = 0;
    virtual Result<json::Value> node_info() = 0;
    virtual Result<json::Value> trust_export() = 0;
    // Makes a checkpoint of what is new and asks every target now.
    virtual Result<json::Value> sync() = 0;
    virtual Result<void> unlock(const std::string& seal, std::string_view passphrase) = 0;
    virtual Result<void> lock(const std::string& seal) = 0;
    virtual Result<json::Value> add_target(const TargetOrder& order) = 0;
    // The view has the account that somebody has to permit or fund.
    virtual Result<json::Value> add_chain_target(const ChainTargetOrder& order) = 0;
    virtual Result<json::Value> add_authority_target(const AuthorityTargetOrder& order) = 0;
    // Asks each endpoint of a chain target, and takes as long as the network does.
    virtual Result<json::Value> test_target(const std::string& name) = 0;
    virtual Result<json::Value> enroll_log(const std::string& vkey) = 0;
    // Of a hub: the logs it witnesses and the newest checkpoint it cosigned of each.
    virtual Result<json::Value> enrolled_logs() = 0;
};

enum class PublicLog : std::uint8_t { statements, witnessed };

// The public, read-only face of a log: C2SP tlog-tiles.
class LogBackend {
public:
    virtual ~LogBackend() = default;
    virtual Result<std::string> checkpoint(PublicLog log) = 0;
    // `path` without the prefix: "tile/0/x001/067", "tile/entries/000.p/7".
    virtual Result<Bytes> tile(PublicLog log, std::string_view path) = 0;
};

// One reply of C2SP tlog-witness, status and body exactly as they go on the wire.
struct WitnessReply {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

class WitnessBackend {
public:
    virtual ~WitnessBackend() = default;
    virtual WitnessReply add_checkpoint(std::string_view body) = 0;
    // The latest cosigned checkpoint of the origin with this SHA-256.
    virtual Result<std::string> latest(const Digest& origin_hash) = 0;
    // The PROOF (JSON text, docs/formats/evidence.md) of a checkpoint digest in the witnessed log.
    virtual Result<std::string> proof(const Digest& checkpoint_digest) = 0;
};

}  // namespace fieldseal::api
