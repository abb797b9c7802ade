// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration, described once: name, range or check, and the sentence users
// read. A visitor (the reader, the writer, the key list) walks this description; nothing else names
// a key.
//
// A visitor has: text(name, value, check, help) · texts(name, values, check, help) ·
// integer(name, value, range, help) · boolean(name, value, help) · word(name, value, words, help) ·
// listen(name, value, help) · section(name, help, fields) · list(name, values, max, help, fields).
// THREADS: any.
#pragma once

#include "node/config/checks.h"
#include "node/config/config.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace fieldseal::node {

struct IntegerRange {
    std::uint32_t min = 0;
    std::uint32_t max = 0;
};

// In the order of the enumerators.
inline constexpr std::array<std::string_view, 5> kLogLevelWords = {"trace", "debug", "info", "warn",
                                                                   "error"};
inline constexpr std::array<std::string_view, 2> kOnSetBackWords = {"continue", "stop"};
inline constexpr std::array<std::string_view, 2> kLogFormatWords = {"text", "json"};
inline constexpr std::array<std::string_view, 3> kTargetKindWords = {"witness", "evm", "rfc3161"};
inline constexpr std::array<std::string_view, 2> kTargetLogWords = {"statements", "checkpoints"};
inline constexpr std::array<std::string_view, 3> kTargetFeesWords = {"zero", "legacy", "market"};

template <class Visitor>
void describe(Visitor& v, Config::Node& node) {
    v.text("organisation", node.organisation, check_optional_label,
           "First part of the log's origin, for example \"example.org\". Fixed by `init`.");
    v.text("name", node.name, check_optional_label,
           "Second part of the log's origin: this office. Fixed by `init`.");
}

template <class Visitor>
void describe(Visitor& v, Config::Sealing& sealing) {
    v.integer("queue_max", sealing.queue_max, {1, 65536},
              "Seals that may wait for the sequencer; one more is refused with 503.");
    v.integer("low_water_mark_mib", sealing.low_water_mark_mib, {1, 1048576},
              "New seals are refused with 507 while less than this is free on the data disk.");
    v.integer("ballast_mib", sealing.ballast_mib, {1, 65536},
              "Size of the file that is given up so that a full disk can still be repaired.");
    v.text("default_seal", sealing.default_seal, check_optional_seal,
           "Seal of orders that name none, or what replaced it; empty means the only active one.");
}

template <class Visitor>
void describe(Visitor& v, Config::Custody& custody) {
    v.integer("idle_lock_s", custody.idle_lock_s, {0, 86400},
              "An unlocked seal locks itself after this time without use; 0 means never.");
    v.boolean("verify_after_sign", custody.verify_after_sign,
              "Verify each signature before it leaves the signer: a fault must not leak a key.");
    v.integer(
        "argon2id_memory_mib", custody.argon2id_memory_mib, {16, 1024},
        "Memory that one guess of a passphrase costs; used when a key is created or re-wrapped.");
    v.integer("argon2id_passes", custody.argon2id_passes, {1, 16},
              "Passes over that memory; used when a key is created or re-wrapped.");
}

template <class Visitor>
void describe(Visitor& v, Config::Checkpoint& checkpoint) {
    v.integer("entries_max", checkpoint.entries_max, {1, 65536},
              "A checkpoint is made after this many new entries.");
    v.integer("interval_s", checkpoint.interval_s, {1, 86400},
              "A checkpoint is made at the latest this long after the first new entry.");
}

template <class Visitor>
void describe(Visitor& v, Config::Clock& clock) {
    v.word("on_set_back", clock.on_set_back, kOnSetBackWords,
           "While the clock is behind a time that is proven: continue, and say \"untrusted\" in "
           "each statement, or stop sealing.");
}

template <class Visitor>
void describe(Visitor& v, Config::Admin& admin) {
    v.text("socket", admin.socket, check_optional_socket,
           "Unix socket for the command line; empty means admin.sock in data_dir.");
    v.text("group", admin.group, check_optional_group,
           "Group that may use the admin socket (mode 0660); empty means only this user (0600).");
}

template <class Visitor>
void describe(Visitor& v, Config::Public& edge) {
    v.listen("listen", edge.listen,
             "Where /log tiles and a hub's witness routes are served: \"127.0.0.1:PORT\", "
             "\"[::1]:PORT\", \"unix:/path\" or \"\" for nowhere. nginx serves the network.");
}

template <class Visitor>
void describe(Visitor& v, Config::Edge& edge) {
    v.listen(
        "listen", edge.listen,
        "Where nginx finds the API of the office network: \"unix:/path\", \"127.0.0.1:PORT\" or "
        "\"\" for nowhere. Every route asks for a session or a token.");
    v.texts("names", edge.names, check_edge_name,
            "Names and addresses people use for this node; a request for another Host is refused.");
    v.integer("document_mib_max", edge.document_mib_max, {1, 1048576},
              "The largest document that may be sent to be sealed.");
    v.integer("uploads_max", edge.uploads_max, {1, 256},
              "Documents that may be on their way at once; one more is refused with 503.");
    v.integer("event_streams_max", edge.event_streams_max, {1, 256},
              "Listeners to /api/v1/events at once; one more is refused with 503.");
}

template <class Visitor>
void describe(Visitor& v, Config::People& people) {
    v.integer("session_idle_s", people.session_idle_s, {60, 86400},
              "A session ends after this time without a request.");
    v.integer("session_max_s", people.session_max_s, {300, 604800},
              "A session ends this long after the log-in, whatever happens in it.");
    v.integer(
        "confirm_s", people.confirm_s, {0, 86400},
        "Sealing, making a token and enrolling a second factor ask for the password (and code) "
        "again when the last time is older than this; 0 means never.");
    v.integer("attempts_max", people.attempts_max, {3, 100},
              "Wrong passwords in a row after which an account has to wait, longer each time.");
    v.integer("password_chars_min", people.password_chars_min, {8, 64},
              "The shortest password that is accepted.");
}

template <class Visitor>
void describe(Visitor& v, Config::Hub& hub) {
    v.boolean("enabled", hub.enabled, "Witness the logs of other nodes.");
    v.text("logs_file", hub.logs_file, check_optional_path,
           "File of enrolled logs, one vkey a line; empty means hub-logs.txt in data_dir.");
}

template <class Visitor>
void describe_chain(Visitor& v, Config::Target& target) {
    v.texts("more_urls", target.more_urls, check_url,
            "evm: further endpoints of the same chain, tried when one does not answer.");
    v.word("log", target.log, kTargetLogWords,
           "evm, rfc3161: which log is anchored: the office's own, or what a hub witnessed.");
    v.text("chain_file", target.chain_file, check_optional_path,
           "evm: file (mode 0600) with the chain's pin (docs/formats/chain-pin.md).");
    v.text("auth_file", target.auth_file, check_optional_path,
           "evm, rfc3161: file (mode 0600) with one header line, \"Authorization: …\"; may be "
           "empty.");
    v.word("fees", target.fees, kTargetFeesWords,
           "evm: zero for a free-gas network, legacy for a gas price, market for EIP-1559.");
    v.integer("max_fee_gwei", target.max_fee_gwei, {1, 1'000'000},
              "evm: nothing is ever signed for a higher price of gas.");
    v.integer("priority_fee_gwei", target.priority_fee_gwei, {0, 1'000'000},
              "evm: the tip, with fees = \"market\".");
    v.integer("gas_limit", target.gas_limit, {21'000, 30'000'000},
              "evm: gas one anchoring transaction may use.");
    v.integer("confirmations", target.confirmations, {1, 10'000},
              "evm, chains without seals: later blocks after which a block counts as final.");
}

template <class Visitor>
void describe_authority(Visitor& v, Config::Target& target) {
    v.text("roots_file", target.roots_file, check_optional_path,
           "rfc3161: file (mode 0600, PEM) with the authority's root certificates.");
    v.texts("policies", target.policies, check_policy,
            "rfc3161: OIDs of the policies its tokens may be made under; none means any.");
    v.integer("accuracy_default_s", target.accuracy_default_s, {0, 86400},
              "rfc3161: how sure its times are when a token does not say; 0 refuses such tokens.");
}

template <class Visitor>
void describe(Visitor& v, Config::Target& target) {
    v.word("kind", target.kind, kTargetKindWords,
           "What answers there: a witness, a chain, or a time-stamping authority.");
    v.text("name", target.name, check_target_name, "Your name for it, unique on this node.");
    v.text("url", target.url, check_url,
           "Base URL of a witness's routes; the JSON-RPC endpoint of a node of the chain; or where "
           "the authority takes requests.");
    v.text("vkey", target.vkey, check_optional_vkey,
           "witness: its verifier key as `node info` prints it; only lines of this key are kept.");
    v.text("log_vkey", target.log_vkey, check_optional_vkey,
           "witness: a hub's key for its own log, to keep its proof beside the cosignature; may be "
           "empty.");
    describe_chain(v, target);
    describe_authority(v, target);
    v.text("ca_file", target.ca_file, check_optional_path,
           "PEM file of the CAs that may vouch for the server; empty means the system's.");
    v.integer("connect_timeout_s", target.connect_timeout_s, {1, 300},
              "Time for one connection to be made, TLS included.");
    v.integer("total_timeout_s", target.total_timeout_s, {1, 3600},
              "Time for one whole request and its answer.");
    v.text("tls_pin_sha256", target.tls_pin_sha256, check_optional_pin,
           "SHA-256 of the server's public key (SPKI), in hex; empty means the system's CAs.");
}

template <class Visitor>
void describe(Visitor& v, Config::Log& log) {
    v.word("level", log.level, kLogLevelWords, "The least important messages to write.");
    v.word("format", log.format, kLogFormatWords, "Lines for people or for machines.");
}

template <class Visitor>
void describe(Visitor& v, Config& config) {
    v.text("data_dir", config.data_dir, check_data_dir,
           "Directory of the log, the keys and the lock. One daemon owns it.");
    v.section("node", "Who this node is.", config.node);
    v.section("sealing", "Accepting documents.", config.sealing);
    v.section("custody", "Keys and passphrases.", config.custody);
    v.section("checkpoint", "When the log is summed up and signed.", config.checkpoint);
    v.section("clock", "How far the machine's clock is believed.", config.clock);
    v.section("admin", "The socket of the command line.", config.admin);
    v.section("public", "The socket nginx uses.", config.public_edge);
    v.section("edge", "The API on the office network, through nginx.", config.edge);
    v.section("people", "Accounts and sessions of that API.", config.people);
    v.section("hub", "The witness role.", config.hub);
    v.section("log", "The diagnostic log, on standard error.", config.log);
    v.list("target", "A place to anchor checkpoints to; repeat the block for each.",
           config.targets);
}

}  // namespace fieldseal::node
