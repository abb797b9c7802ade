// SPDX-License-Identifier: Apache-2.0
// A hub on a real loopback socket that is honest, or lies in one chosen way. Honest means the real
// accept rule (core/witness/accept.h), a real key, a witnessed log and its proof route.
// THREADS: behave() and the counters any; the hub answers on a thread of its own.
#pragma once

#include "core/witness/accept.h"
#include "tests/support/note_signer.h"
#include "tests/support/scripted_server.h"
#include "tests/support/test_log.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

enum class Lie : std::uint8_t {
    none,
    wrong_root,           // 200, a cosignature over another root of the same size
    stale_cosignature,    // 200, its cosignature of the first checkpoint it ever saw
    foreign_cosignature,  // 200, a cosignature by a key that is not the target's
    renamed_cosignature,  // 200, the target's name and key ID on another key's signature
    poisoned_line,        // 200, a good line and a broken line by the same key
    injected_text,        // 200, a good line, then a blank line and more text
    future_cosignature,   // 200, dated years ahead
    zero_time,            // 200, dated 0
    old_cosignature,      // 200, valid, but dated ten years back
    empty_200,
    html_200,       // a captive portal
    larger_409,     // claims a size beyond ours, shows nothing
    smaller_409,    // claims a size below ours, whatever we prove from
    drifting_409,   // another smaller size each time
    untyped_409,    // 409 without the size type
    malformed_409,  // the size type, and no size
    groundless_422,
    forked_checkpoint,   // 409, and its monitor shows a fork signed by our key
    larger_checkpoint,   // 409, and its monitor shows a larger log signed by our key
    foreign_checkpoint,  // 422, and its monitor shows a checkpoint by another key
    forbidden_403,
    unknown_404,
    error_500,
    busy_503,  // with Retry-After: 7
    busy_429,  // the same
    late_408,
    redirect,
    cut_body,
    slow_body,    // one byte a second
    huge_header,  // 200 MB
    endless_body,
    no_answer,
    not_http,
    wrong_log_proof,   // anchors honestly; its PROOF is of another checkpoint
    nested_log_proof,  // anchors honestly; its PROOF is nested too deeply
    // Anchors honestly; its PROOF is right but for who signed the log's checkpoint: another key
    // under the log's name, or under its name and key ID.
    stranger_log_proof,
    renamed_log_proof,
    stranger_lines,  // 200, its good line between good lines of a stranger
};

class LyingHub {
public:
    // Enrols the log of `key`. `now_s` dates its cosignatures. With `tls` it serves https.
    LyingHub(note::VerifierKey key, std::int64_t now_s,
             std::shared_ptr<const TlsIdentity> tls = nullptr);

    std::string url() const { return server_.url(); }
    const note::VerifierKey& witness_key() const { return witness_.key(); }
    const note::VerifierKey& log_key() const { return log_.key(); }

    void behave(Lie lie);
    // What the monitoring path shows for forked_checkpoint, larger_checkpoint, foreign_checkpoint.
    void show(std::string note);
    // Whether the witnessed log has closed a checkpoint over what it accepted.
    void close_log(bool is_closed);
    // The state of the honest part.
    witness::LogState state() const;
    void forget();

    std::vector<std::string> requests() const;  // "POST /add-checkpoint", in order
    std::uint64_t bytes_sent() const { return bytes_sent_; }

private:
    void serve(Connection& connection);
    void add_checkpoint(Connection& connection, const SeenRequest& request);
    void answer_honestly(Connection& connection, const witness::AddCheckpoint& request);
    bool answer_with_cosignature(Connection& connection, const note::Checkpoint& checkpoint);
    bool answer_with_refusal(Connection& connection, const note::Checkpoint& checkpoint);
    void answer_badly(Connection& connection);
    void monitor(Connection& connection);
    void log_proof(Connection& connection, std::string_view digest_hex);
    std::string cosign(const note::Checkpoint& checkpoint, std::uint64_t time_s) const;
    std::string reply_to(const note::Checkpoint& checkpoint, std::uint64_t time_s);
    std::string log_note() const;
    void pour(Connection& connection, std::string_view unit, std::uint64_t bytes);

    const note::VerifierKey enrolled_;
    const std::int64_t now_s_;
    const NoteSigner witness_;
    const NoteSigner stranger_;
    const NoteSigner stranger_log_;  // the name of the hub's log, another key
    mutable std::mutex mutex_;       // guards what follows
    Lie lie_ = Lie::none;
    std::string shown_;
    bool is_closed_ = true;
    witness::LogState state_;
    std::string accepted_note_;
    std::string first_line_;
    std::uint64_t drift_ = 0;
    TestLog log_;
    std::map<std::string, std::uint64_t> logged_;  // hex digest → index
    std::vector<std::string> requests_;
    std::atomic<std::uint64_t> bytes_sent_{0};
    ScriptedServer server_;  // last: its thread uses all of the above
};

}  // namespace fieldseal::testing
