// SPDX-License-Identifier: Apache-2.0
// The port to one configured place to anchor to. One adapter per kind stands behind it
// (witness_target.h, evm/evm_target.h, rfc3161_target.h).
//
// Owner: the anchor worker. An adapter does network and verification, and nothing else: it keeps no
// state between calls that matters after a restart, writes no store and reads no clock. What it
// returns as anchored has been verified locally, against keys from our configuration, over bytes we
// hold; a lying target can delay us and cannot make us store a wrong proof.
// THREADS: one thread per object (it owns an HttpClient). The callbacks run on that same thread.
// ERRORS: an Error is our own trouble (store, callback); everything a target does is an Outcome.
#pragma once

#include "anchor/schedule.h"
#include "core/bytes.h"
#include "core/note/checkpoint.h"
#include "core/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fieldseal::anchor {

// Our log as an adapter may see it. The callbacks must stay valid during the call.
struct LogView {
    std::string origin;
    std::string vkey;  // our log's verifier key, FORMATS §2
    // The RFC 6962 consistency proof between two sizes of our tree, 0 < old_size < new_size.
    std::function<Result<std::vector<Digest>>(std::uint64_t old_size, std::uint64_t new_size)>
        consistency_proof;
    // Our root at `size`; nullopt when our log is (at the time of the call) smaller than that.
    std::function<Result<std::optional<Digest>>(std::uint64_t size)> root_at;
};

// One request's input.
struct SubmitContext {
    const LogView* log = nullptr;  // never null
    std::string_view note;         // the checkpoint: three lines, empty line, our log's signature
    std::uint64_t size = 0;        // its size
    std::uint64_t from_size = 0;   // what the target is believed to hold
    std::int64_t now_s = 0;        // POSIX seconds, for the sanity of timestamps; 0 = clock not set
    std::int64_t not_before_s = 0;  // Submit::not_before_s
    std::stop_token stop;
};

// The checkpoint in `context.note`. Errc::internal unless it is the one that the context says: a
// mistake of ours must not be signed by a witness or go on a chain.
Result<note::Checkpoint> own_checkpoint(const SubmitContext& context);

// What an anchored checkpoint brings into evidence: the members of one PROOF (FORMATS §3) that come
// from the target. Stored as the adapter's opaque bytes under (target, checkpoint size).
struct AnchorPieces {
    // Our checkpoint with our log's signature line and only this target's verified cosignature
    // lines; for kinds that give no cosignature, the checkpoint as we sent it.
    std::string note;
    // PROOF of the checkpoint digest in the target's own log (canonical JSON), verified; or empty.
    std::string logged_json;
    // Anchors of the checkpoint digest (a JSON array as json::dump writes it), verified; or empty.
    std::string anchors_json = {};

    friend bool operator==(const AnchorPieces&, const AnchorPieces&) = default;
};
inline constexpr std::uint8_t kAnchorPiecesVersion = 2;  // 1 = the same without anchors
inline constexpr std::size_t kMaxAnchorNoteBytes = 16 * 1024;
inline constexpr std::size_t kMaxLoggedJsonBytes = 64 * 1024;
inline constexpr std::size_t kMaxAnchorsJsonBytes = 64 * 1024;
// What is taken from one target's own log: it goes into every evidence file of ours, and no target
// may fill, and so spoil, the files.
inline constexpr std::size_t kMaxLogProofBodyBytes = kMaxLoggedJsonBytes / 2;
inline constexpr std::size_t kMaxLoggedProofs = 4;
inline constexpr std::size_t kMaxLoggedAnchors = 8;
// docs/formats/outbox.md §3. Pieces without anchors are written as version 1, with them as 2.
// decode: Errc::corrupt for unknown versions, trailing bytes, limits.
Bytes encode_anchor_pieces(const AnchorPieces& pieces);
Result<AnchorPieces> decode_anchor_pieces(ByteView bytes);

// Outcomes. `why` is one sentence for the operator: what was seen, and what to do where we know.
struct Anchored {
    AnchorPieces pieces;
    std::uint64_t target_size = 0;
    std::int64_t time_s = 0;  // the time the target put into its answer; 0 = none
    // The checkpoint these pieces are of, when it is an older one that was still under way; 0 = the
    // submitted one.
    std::uint64_t size = 0;
    bool complete = false;  // nothing is left for complete()
};
struct Underway {  // submit only: the target has it, and has not confirmed it yet
    std::string why;
    std::int64_t poll_after_ms = 0;
    std::string alarm;      // what a person must know, though all goes on; usually empty
    std::string told = {};  // what whoever looks at the target should read; usually empty
};
struct Agrees {  // observe only
    std::uint64_t target_size = 0;
};
struct Conflict {
    std::uint64_t target_size = 0;
    std::string why;
};
struct Refused {
    std::string why;
};
struct Busy {
    std::string why;
    std::int64_t retry_after_ms = 0;
};
struct Disagrees {
    std::string why;
};
struct StoppedByProof {
    std::string why;
    std::string note;  // validly signed by our log key, and not on our history
};
struct Misbehaving {
    std::string why;
};
struct Offline {
    std::string why;
};
using Outcome = std::variant<Anchored, Underway, Agrees, Conflict, Refused, Busy, Disagrees,
                             StoppedByProof, Misbehaving, Offline>;

// The scheduler's view of an outcome; an Error becomes ReplyKind::not_sent.
Reply to_reply(const Result<Outcome>& outcome, std::uint64_t submitted_size);

// What a failed HTTP exchange (http_client.h) means: silence is nobody's fault, a bad answer is.
Result<Outcome> outcome_of(const Error& error);

class Target {
public:
    virtual ~Target() = default;

    // The adapter's kind as stored in outbox rows: "witness", "evm", "rfc3161".
    virtual std::string_view kind() const = 0;
    // Whether an anchored checkpoint means that somebody compared it with what it saw of us before.
    // Only such targets are asked to release a held node.
    virtual bool confirms_history() const { return true; }
    // Sends one checkpoint and verifies the answer. May be repeated safely.
    virtual Result<Outcome> submit(const SubmitContext& context) = 0;
    // Compares what the target publishes as our newest checkpoint with our own tree. Of `context`
    // only log, now_s and stop are used.
    virtual Result<Outcome> observe(const SubmitContext& context) = 0;
    // Completes the pieces of an anchored checkpoint: with its entry in the target's own log, with
    // later blocks of the chain. nullopt: the target does not offer it (yet). An Error here says
    // what the target did wrong.
    virtual Result<std::optional<AnchorPieces>> complete(const SubmitContext& context,
                                                         const AnchorPieces& pieces) = 0;
    // Whether complete() could still add to what it returned: a hub's log reaches a chain later.
    virtual bool is_complete(const AnchorPieces& /*pieces*/) const { return true; }
};

}  // namespace fieldseal::anchor
