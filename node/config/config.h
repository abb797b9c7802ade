// SPDX-License-Identifier: Apache-2.0
// The node's configuration: one struct, its defaults as member initialisers, read from
// fieldseal.toml. Every key is described once, in config/fields.h; the reader, the writer, the key
// list and docs/configuration.md all follow from that description. OWNED BY: main, which reads it
// once and hands sections to the parts that need them. THREADS: construct-then-const. No secrets
// are ever kept here, only paths. Errors: invalid_argument (with file, line and the nearest known
// key), not_found, io.
#pragma once

#include "core/result.h"
#include "node/config/listen_address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kConfigBytesMax = 256 * 1024;
inline constexpr std::size_t kTargetsMax = 64;
inline constexpr std::size_t kEdgeNamesMax = 32;
inline constexpr std::size_t kTargetPoliciesMax = 16;  // of one time-stamping authority
inline constexpr std::size_t kTargetUrlsMax = 8;       // endpoints of one chain, `url` among them
// The account's key file is "chain-<target>", and a key's name has 63 bytes at most.
inline constexpr std::size_t kChainTargetNameBytesMax = 57;

// What to do about sealing while the clock is behind what is proven.
enum class OnSetBack : std::uint8_t { keep_on, stop };
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
enum class LogFormat : std::uint8_t { text, json };
enum class TargetKind : std::uint8_t { witness, evm, rfc3161 };
// Which of this node's logs a target anchors: the office's own, or what a hub witnessed.
enum class TargetLog : std::uint8_t { statements, checkpoints };
enum class TargetFees : std::uint8_t { zero, legacy, market };

struct Config {
    std::string data_dir = "/var/lib/fieldseal";

    struct Node {
        std::string organisation;
        std::string name;
    } node;

    struct Sealing {
        std::uint32_t queue_max = 1024;
        std::uint32_t low_water_mark_mib = 256;
        std::uint32_t ballast_mib = 64;
        std::string default_seal;
    } sealing;

    struct Custody {
        std::uint32_t idle_lock_s = 300;
        bool verify_after_sign = true;
        std::uint32_t argon2id_memory_mib = 64;
        std::uint32_t argon2id_passes = 3;
    } custody;

    struct Checkpoint {
        std::uint32_t entries_max = 256;
        std::uint32_t interval_s = 10;
    } checkpoint;

    struct Clock {
        OnSetBack on_set_back = OnSetBack::keep_on;
    } clock;

    struct Admin {
        std::string socket;
        std::string group;
    } admin;

    struct Public {
        ListenAddress listen;
    } public_edge;

    // What nginx passes on from the office's network. Every route asks for a session or a token.
    struct Edge {
        ListenAddress listen;
        std::vector<std::string> names;
        std::uint32_t document_mib_max = 65536;
        std::uint32_t uploads_max = 16;
        std::uint32_t event_streams_max = 32;
    } edge;

    struct People {
        std::uint32_t session_idle_s = 900;
        std::uint32_t session_max_s = 43200;
        std::uint32_t confirm_s = 0;
        std::uint32_t attempts_max = 10;
        std::uint32_t password_chars_min = 12;
    } people;

    struct Hub {
        bool enabled = false;
        std::string logs_file;
    } hub;

    struct Target {
        TargetKind kind = TargetKind::witness;
        std::string name;
        std::string url;
        // Kind witness.
        std::string vkey;
        std::string log_vkey;
        // Kinds evm and rfc3161.
        TargetLog log = TargetLog::statements;
        std::string auth_file;
        // Kind evm.
        std::vector<std::string> more_urls;
        std::string chain_file;
        TargetFees fees = TargetFees::zero;
        std::uint32_t max_fee_gwei = 500;
        std::uint32_t priority_fee_gwei = 1;
        std::uint32_t gas_limit = 100'000;
        std::uint32_t confirmations = 12;
        // Kind rfc3161.
        std::string roots_file;
        std::vector<std::string> policies;
        std::uint32_t accuracy_default_s = 0;
        // All kinds.
        std::string ca_file;
        std::uint32_t connect_timeout_s = 10;
        std::uint32_t total_timeout_s = 30;
        std::string tls_pin_sha256;

        bool operator==(const Target&) const = default;
    };
    std::vector<Target> targets;

    struct Log {
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::text;
    } log;

    // The configured path, or the default below data_dir.
    std::string admin_socket_path() const;
    std::string hub_logs_path() const;
};

// Pure: the text of a fieldseal.toml to a Config. `source` is the file name used in messages.
Result<Config> parse_config(std::string_view text, std::string_view source = "fieldseal.toml");

// The rules over one target alone, as parse_config applies them.
Result<void> check_target(const Config::Target& target, bool is_hub);

// Reads and parses one file of at most kConfigBytesMax.
Result<Config> load_config(const std::string& path);

// The whole configuration as commented TOML, as `init` writes it. parse_config gives it back
// unchanged.
std::string to_toml(const Config& config);

// One [[target]] block, to append to a file: its kind, and what differs from the defaults.
std::string to_toml(const Config::Target& target);

// One key as docs/configuration.md has it.
struct ConfigKey {
    std::string section;  // "" for the top level, "[target]" for one element of [[target]]
    std::string name;
    std::string type;           // "integer 1..65536", "text", "true or false", "text|json"
    std::string default_value;  // as TOML
    std::string help;
};
std::vector<ConfigKey> config_keys();

}  // namespace fieldseal::node
