// SPDX-License-Identifier: Apache-2.0
// One attempt: add-checkpoint from the size we believe the witness holds; on 409 with a size of
// ours once more from there; on any claim that contradicts our history a look at its monitoring
// path, for a checkpoint with our own signature. Every branch ends in an Outcome; docs/states.md
// lists them.
#include "anchor/witness_target.h"

#include "anchor/history.h"
#include "core/anchors/reach.h"
#include "core/encoding.h"
#include "core/evidence.h"
#include "core/hash.h"
#include "core/merkle/proof.h"
#include "core/note/checkpoint.h"
#include "core/witness/add_checkpoint.h"

#include <algorithm>
#include <limits>

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kQuotedBodyBytes = 120;
constexpr std::int64_t kMaxRetryAfterSeconds = 86'400;  // the scheduler has its own, lower bound

// Half of what a row holds: written anew, with spaces, a PROOF may grow.
static_assert(kEvidenceProofNestingMax == 3, "check_share() counts on it");

// A 409 that names the witness's size.
struct StaleSize {
    std::uint64_t size = 0;
};
using Answer = std::variant<Outcome, StaleSize>;

// How far the hub's log got, as far as we know.
anchors::Reach reach_of(const AnchorPieces& pieces) {
    if (pieces.logged_json.empty()) return anchors::Reach::nowhere;
    const auto proof = parse_proof(pieces.logged_json);
    return proof.ok() ? anchors::reach_of(proof->anchors) : anchors::Reach::nowhere;
}

std::string said(const HttpResponse& response) {
    std::string text = "it answered " + std::to_string(response.status);
    const std::string_view line =
        std::string_view(response.body).substr(0, response.body.find('\n'));
    if (!line.empty()) text += ", " + quoted(line, kQuotedBodyBytes);
    return text;
}

bool is_size_reply(const HttpResponse& response) {
    const std::string_view type = response.content_type;
    return type.substr(0, type.find_first_of("; ")) == witness::kSizeContentType;
}

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

std::uint64_t plus_seconds(std::int64_t time_s, std::int64_t more_s) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time_s, 0)) +
           static_cast<std::uint64_t>(std::max<std::int64_t>(more_s, 0));
}

class WitnessTarget final : public Target {
public:
    WitnessTarget(WitnessSettings settings, note::VerifierKey key,
                  std::optional<note::VerifierKey> log_key, HttpClient client)
        : settings_(std::move(settings)),
          key_(std::move(key)),
          log_key_(std::move(log_key)),
          client_(std::move(client)) {}

    std::string_view kind() const override { return "witness"; }
    Result<Outcome> submit(const SubmitContext& context) override;
    Result<Outcome> observe(const SubmitContext& context) override;
    Result<std::optional<AnchorPieces>> complete(const SubmitContext& context,
                                                 const AnchorPieces& pieces) override;
    bool is_complete(const AnchorPieces& pieces) const override;

private:
    Result<Answer> ask(const SubmitContext& context, const note::Checkpoint& checkpoint,
                       std::uint64_t old_size);
    Result<Answer> read_answer(const SubmitContext& context, const note::Checkpoint& checkpoint,
                               const HttpResponse& response);
    Outcome read_cosignature(const SubmitContext& context, const note::Checkpoint& checkpoint,
                             std::string_view body) const;
    std::optional<std::string> objection_to(const note::Cosignature& cosignature,
                                            const SubmitContext& context) const;
    Result<Outcome> look_for_proof(const SubmitContext& context, std::string claim,
                                   std::uint64_t claimed_size);
    Result<HttpResponse> read_monitor(const SubmitContext& context);
    Result<Proof> check_log_proof(std::string_view body, const note::Checkpoint& checkpoint) const;
    HttpRequest request(std::string method, std::string url) const;

    const WitnessSettings settings_;
    const note::VerifierKey key_;
    const std::optional<note::VerifierKey> log_key_;
    HttpClient client_;
};

HttpRequest WitnessTarget::request(std::string method, std::string url) const {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.limits = settings_.limits;
    request.limits.body_bytes_max = witness::kReplyBytesMax;
    return request;
}

// A PROOF of the hub goes into every evidence file of ours, whose nesting, PROOFs and anchors are
// limited: one hub must not be able to fill, and so to spoil, the files.
Result<void> check_share(const Proof& proof) {
    std::size_t proofs = 1;
    std::size_t anchors = proof.anchors.size();
    for (const Proof& outer : proof.logged) {
        ++proofs;
        anchors += outer.anchors.size();
        if (!outer.logged.empty()) {
            return Error{Errc::invalid_argument, "the PROOF is nested deeper than evidence allows"};
        }
    }
    if (proofs > kMaxLoggedProofs || anchors > kMaxLoggedAnchors) {
        return Error{Errc::invalid_argument,
                     "the PROOF brings " + std::to_string(proofs) + " PROOFs and " +
                         std::to_string(anchors) + " anchors; at most " +
                         std::to_string(kMaxLoggedProofs) + " and " +
                         std::to_string(kMaxLoggedAnchors) + " are taken from one target"};
    }
    return {};
}

Result<Outcome> WitnessTarget::submit(const SubmitContext& context) {
    const auto checkpoint = FIELDSEAL_TRY(own_checkpoint(context));
    std::uint64_t old_size = context.from_size <= context.size ? context.from_size : 0;
    for (int tries_left = 1;; --tries_left) {
        Answer answer = FIELDSEAL_TRY(ask(context, checkpoint, old_size));
        if (auto* outcome = std::get_if<Outcome>(&answer)) return std::move(*outcome);
        const std::uint64_t stale = std::get<StaleSize>(answer).size;
        const std::string claim = "it says it holds our log at size " + std::to_string(stale);
        if (stale > context.size) {
            return look_for_proof(context, claim + ", we sent " + std::to_string(context.size),
                                  stale);
        }
        if (stale == old_size) {
            return Outcome(Misbehaving{claim + " and refuses a proof from that very size"});
        }
        if (tries_left == 0) return Outcome(Conflict{stale, claim + ", another one than before"});
        old_size = stale;
    }
}

Result<Answer> WitnessTarget::ask(const SubmitContext& context, const note::Checkpoint& checkpoint,
                                  std::uint64_t old_size) {
    merkle::Proof proof;
    // Both ends need none: from nothing everything follows, and a size follows from itself.
    if (old_size != 0 && old_size != context.size) {
        proof = FIELDSEAL_TRY(context.log->consistency_proof(old_size, context.size));
    }
    HttpRequest post = request("POST", settings_.url + "/add-checkpoint");
    post.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    post.body = witness::format_add_checkpoint(merkle::TreeSize{old_size}, proof, context.note);
    const auto response = client_.send(post, context.stop);
    if (!response.ok()) return Answer(FIELDSEAL_TRY(outcome_of(response.error())));
    return read_answer(context, checkpoint, *response);
}

// C2SP tlog-witness, with the statuses that real servers and portals add.
Result<Answer> WitnessTarget::read_answer(const SubmitContext& context,
                                          const note::Checkpoint& checkpoint,
                                          const HttpResponse& response) {
    const int status = response.status;
    if (status == 200) {
        Outcome outcome = read_cosignature(context, checkpoint, response.body);
        auto* anchored = std::get_if<Anchored>(&outcome);
        if (anchored == nullptr) return Answer(std::move(outcome));
        // The entry in the hub's log may take a while; a failure here costs nothing.
        auto better = complete(context, anchored->pieces);
        if (better.ok() && *better) anchored->pieces = **std::move(better);
        anchored->complete = is_complete(anchored->pieces);
        return Answer(std::move(outcome));
    }
    if (status == 409 && is_size_reply(response)) {
        const auto size = witness::parse_size_reply(response.body);
        if (size.ok()) return Answer(StaleSize{size->value});
        return Answer(
            Misbehaving{"it answered 409 with a malformed size: " + size.error().message});
    }
    if (status == 409 || status == 422) {
        return Answer(FIELDSEAL_TRY(look_for_proof(context, said(response), 0)));
    }
    if (status == 429 || status == 408 || status >= 500) {
        const std::uint64_t wait_s =
            std::min<std::uint64_t>(response.retry_after_s.value_or(0), kMaxRetryAfterSeconds);
        return Answer(Busy{said(response), static_cast<std::int64_t>(wait_s) * 1000});
    }
    if (status >= 400) {
        return Answer(
            Refused{said(response) + "; enrol this node at the hub, and check the address"});
    }
    if (status >= 300) {
        return Answer(Misbehaving{"it redirects to " + quoted(response.location) +
                                  "; redirects are never followed, correct the target's address"});
    }
    return Answer(Misbehaving{said(response) + ", which is no answer to add-checkpoint"});
}

Outcome WitnessTarget::read_cosignature(const SubmitContext& context,
                                        const note::Checkpoint& checkpoint,
                                        std::string_view body) const {
    const auto cosignature = witness::parse_reply(body, checkpoint, key_);
    if (!cosignature.ok()) {
        return Misbehaving{"it answered 200 without a valid cosignature of ours by " +
                           quoted(key_.name) + ": " + cosignature.error().message};
    }
    if (auto objection = objection_to(*cosignature, context)) {
        return Misbehaving{std::move(*objection)};
    }
    // Only this line goes into the note: what else the body holds is not ours to pass on.
    const auto line = note::parse_signature_lines(cosignature->line());
    if (!line.ok()) return Misbehaving{line.error().message};
    auto note = note::merge_signatures(context.note, *line);
    if (!note.ok()) return Misbehaving{note.error().message};
    Anchored anchored;
    anchored.pieces.note = std::move(*note);
    anchored.target_size = context.size;
    anchored.time_s = static_cast<std::int64_t>(cosignature->time_s);
    return anchored;
}

std::optional<std::string> WitnessTarget::objection_to(const note::Cosignature& cosignature,
                                                       const SubmitContext& context) const {
    const auto dated = static_cast<std::int64_t>(cosignature.time_s);
    const bool has_clock = context.now_s > 0;
    if (has_clock && cosignature.time_s > plus_seconds(context.now_s, settings_.skew_s)) {
        return "its cosignature is dated " + rfc3339(dated) + ", this machine's clock says " +
               rfc3339(context.now_s) + ": check the clock here, then the witness";
    }
    if (plus_seconds(dated, settings_.skew_s) < plus_seconds(context.not_before_s, 0)) {
        return "its cosignature is dated " + rfc3339(dated) + ", and nothing before " +
               rfc3339(context.not_before_s) +
               " can be an answer to this request: a replay, or a clock that went back";
    }
    return {};
}

Result<HttpResponse> WitnessTarget::read_monitor(const SubmitContext& context) {
    const std::string& prefix =
        settings_.monitor_url.empty() ? settings_.url : settings_.monitor_url;
    const std::string log_id = hex_encode(sha256(as_bytes(context.log->origin)));
    return client_.send(request("GET", prefix + "/" + log_id + "/checkpoint"), context.stop);
}

// The witness contradicts us and its word alone proves nothing. Our own signature would.
Result<Outcome> WitnessTarget::look_for_proof(const SubmitContext& context, std::string claim,
                                              std::uint64_t claimed_size) {
    const auto response = read_monitor(context);
    if (!response.ok() || response->status != 200) {
        return Outcome(Disagrees{claim + "; it shows no checkpoint of ours as proof"});
    }
    const SeenCheckpoint seen = FIELDSEAL_TRY(judge_checkpoint(*context.log, response->body));
    const std::string shown = "; it shows our checkpoint of size " + std::to_string(seen.size);
    switch (seen.history) {
        case History::not_signed_by_us:
            return Outcome(Disagrees{claim + "; what it shows as proof is not signed by our log"});
        case History::ours:
            // Another path of ours told it more than we sent: true, and soon overtaken.
            if (claimed_size > context.size && seen.size >= claimed_size) {
                return Outcome(Conflict{seen.size, claim + shown});
            }
            return Outcome(Disagrees{claim + shown + ", which lies on our history"});
        case History::beyond:
            return Outcome(StoppedByProof{
                claim + shown + ", validly signed and larger than our log", response->body});
        case History::forked:
            return Outcome(
                StoppedByProof{claim + shown + ", validly signed and with another root than ours",
                               response->body});
    }
    return Error{Errc::internal, "unknown history"};
}

Result<Outcome> WitnessTarget::observe(const SubmitContext& context) {
    const auto response = read_monitor(context);
    if (!response.ok()) return outcome_of(response.error());
    if (response->status >= 500 || response->status == 429) {
        return Outcome(Busy{said(*response), 0});
    }
    if (response->status != 200)
        return Outcome(Refused{said(*response) + " to our monitoring request"});
    const SeenCheckpoint seen = FIELDSEAL_TRY(judge_checkpoint(*context.log, response->body));
    const std::string shown = "it shows our checkpoint of size " + std::to_string(seen.size);
    switch (seen.history) {
        case History::not_signed_by_us:
            return Outcome(Misbehaving{"what it shows as our checkpoint is not signed by our log"});
        case History::ours:
            return Outcome(Agrees{seen.size});
        case History::beyond:
            return Outcome(
                StoppedByProof{shown + ", validly signed and larger than our log", response->body});
        case History::forked:
            return Outcome(StoppedByProof{
                shown + ", validly signed and with another root than ours", response->body});
    }
    return Error{Errc::internal, "unknown history"};
}

Result<Proof> WitnessTarget::check_log_proof(std::string_view body,
                                             const note::Checkpoint& checkpoint) const {
    auto proof = FIELDSEAL_TRY(parse_proof(body));
    FIELDSEAL_TRY(check_share(proof));
    const auto head = FIELDSEAL_TRY(note::open_checkpoint(proof.checkpoint, *log_key_, {}));
    const Digest digest = checkpoint.digest();
    FIELDSEAL_TRY(merkle::verify_inclusion(merkle::LeafIndex{proof.index}, head.checkpoint.head(),
                                           merkle::leaf_hash(digest), proof.hashes));
    return proof;
}

Result<std::optional<AnchorPieces>> WitnessTarget::complete(const SubmitContext& context,
                                                            const AnchorPieces& pieces) {
    using Pieces = std::optional<AnchorPieces>;
    if (!log_key_) return Pieces();
    const auto ours = FIELDSEAL_TRY(note::parse_checkpoint_note(pieces.note));
    HttpRequest get =
        request("GET", settings_.url + "/proof/" + hex_encode(ours.checkpoint.digest()));
    get.limits.body_bytes_max = kMaxLogProofBodyBytes;
    const auto response = client_.send(get, context.stop);
    if (!response.ok() && response.error().code == Errc::unavailable) return Pieces();
    if (!response.ok()) return response.error();
    if (response->status != 200) return Pieces();  // a plain witness, or not logged yet
    auto proof = check_log_proof(response->body, ours.checkpoint);
    if (!proof.ok())
        return proof.error().with_context("the entry in the log of " + quoted(settings_.name));
    std::string json = to_json(*proof);
    // The same again, or a hub that forgot: what we have stays.
    const bool is_worse = anchors::reach_of(proof->anchors) < reach_of(pieces);
    if (json == pieces.logged_json || is_worse) return Pieces();
    if (json.size() > kMaxLoggedJsonBytes) {
        return Error{Errc::exhausted, "the PROOF of " + quoted(settings_.name) + " is too long"};
    }
    return Pieces(AnchorPieces{pieces.note, std::move(json), {}});
}

// Once the hub's log is on a chain and later blocks bound the time, there is nothing more to wait
// for. A hub without a chain is asked until the scheduler tires.
bool WitnessTarget::is_complete(const AnchorPieces& pieces) const {
    return reach_of(pieces) == anchors::Reach::certain;
}

Result<note::VerifierKey> parse_key(std::string_view vkey, note::KeyType type,
                                    std::string_view what) {
    auto key = note::parse_vkey(vkey);
    if (!key.ok()) return key.error().with_context(what);
    if (key->type != type) {
        return Error{Errc::invalid_argument, std::string(what) + " " + quoted(vkey) +
                                                 " has another purpose: a cosignature " +
                                                 "key has type 4, a log key type 1"};
    }
    return key;
}

}  // namespace

Result<std::unique_ptr<Target>> open_witness_target(WitnessSettings settings) {
    settings.url = without_trailing_slash(std::move(settings.url));
    settings.monitor_url = without_trailing_slash(std::move(settings.monitor_url));
    FIELDSEAL_TRY(check_url(settings.url));
    if (!settings.monitor_url.empty()) FIELDSEAL_TRY(check_url(settings.monitor_url));
    auto key = FIELDSEAL_TRY(parse_key(settings.vkey, note::KeyType::cosignature, "witness key"));
    std::optional<note::VerifierKey> log_key;
    if (!settings.log_vkey.empty()) {
        log_key = FIELDSEAL_TRY(
            parse_key(settings.log_vkey, note::KeyType::ed25519, "key of the hub's log"));
        if (log_key->key == key.key) {
            return Error{
                Errc::invalid_argument,
                "target " + quoted(settings.name) +
                    ": one key is given as witness key and as log key; each needs its own"};
        }
    }
    auto client = FIELDSEAL_TRY(HttpClient::open(settings.tls));
    return std::unique_ptr<Target>(std::make_unique<WitnessTarget>(
        std::move(settings), std::move(key), std::move(log_key), std::move(client)));
}

}  // namespace fieldseal::anchor
