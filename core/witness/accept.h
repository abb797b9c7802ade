// SPDX-License-Identifier: Apache-2.0
// The accept rule of a witness, C2SP tlog-witness add-checkpoint, as a pure function: what it has
// stored about one log, one request, the time → the new state and the message to cosign, or a
// refusal with its HTTP status. The order of checks is the specification's and part of the
// contract.
//
// The caller does, per origin and in this order: parse_add_checkpoint → look up the log's keys →
// check_log_signature → lock → decide → persist Accepted::next with sync → sign → answer. Signing
// after persisting means a crash loses an answer, never makes two that contradict each other.
// THREADS: values and pure functions, any.
#pragma once

#include "core/merkle/tree.h"
#include "core/note/vkey.h"
#include "core/witness/add_checkpoint.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace fieldseal::witness {

// What a witness remembers of one log. The default is "never seen".
struct LogState {
    merkle::TreeHead head{merkle::TreeSize{0}, merkle::empty_root()};
    std::uint64_t last_time_s = 0;  // of the newest cosignature; times never go back
    bool operator==(const LogState&) const = default;
};

// Each refusal with the HTTP status it is answered with.
enum class Refusal : std::uint16_t {
    malformed = 400,       // the request is not one, or old is above the checkpoint's size
    untrusted = 403,       // no signature by a key of this log, or one of them does not verify
    unknown_origin = 404,  // no keys enrolled for the origin
    stale = 409,           // old is not the stored size: the body names the stored size
    inconsistent = 422,    // does not extend what was seen before
    clock_unset = 503,     // no honest time to put into a cosignature
};

struct Refused {
    Refusal status = Refusal::malformed;
    std::string reason;            // a sentence for the log and the body (not for stale)
    merkle::TreeSize stored_size;  // for stale only
};

struct Accepted {
    LogState next;                // persist this before signing
    note::Checkpoint checkpoint;  // what is cosigned
    std::uint64_t time_s = 0;     // the cosignature's time
    std::string message;          // sign these bytes with the witness key
    bool grew = false;            // false: the same checkpoint again, only a fresh time
};

using Decision = std::variant<Accepted, Refused>;

// 404 without keys; 403 unless some key of the log signed and none of its lines is broken.
std::optional<Refused> check_log_signature(const AddCheckpoint& request,
                                           std::span<const note::VerifierKey> log_keys);

// The rest, against the stored state. `now_s`: the witness's clock in POSIX seconds, 0 = not set.
// REQUIRES: check_log_signature passed; `state` cannot change until Accepted::next is stored.
Decision decide(const LogState& state, const AddCheckpoint& request, std::uint64_t now_s);

// Both steps at once.
Decision accept(const LogState& state, const AddCheckpoint& request,
                std::span<const note::VerifierKey> log_keys, std::uint64_t now_s);

}  // namespace fieldseal::witness
