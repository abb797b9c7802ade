// SPDX-License-Identifier: Apache-2.0
#include "core/witness/accept.h"

#include "core/encoding.h"
#include "core/merkle/proof.h"
#include "core/note/cosignature.h"
#include "core/note/signed_note.h"

#include <algorithm>

namespace fieldseal::witness {
namespace {

Refused refuse(Refusal status, std::string reason) {
    return {status, std::move(reason), {}};
}

std::string of_size(merkle::TreeSize size) {
    return std::to_string(size.value);
}

// Everything about the tree; empty when the checkpoint extends the stored one.
std::optional<Refused> check_extends(const LogState& state, const AddCheckpoint& request) {
    const merkle::TreeHead& stored = state.head;
    const merkle::TreeHead offered = request.checkpoint.head();
    if (offered.size.value == 0 && offered.root != merkle::empty_root()) {
        return refuse(Refusal::inconsistent, "size 0 with a root that is not the empty tree's");
    }
    if (request.old_size == offered.size && offered.root != stored.root) {
        return refuse(Refusal::inconsistent,
                      "another root for size " + of_size(offered.size) +
                          " was cosigned before: " + hex_encode(stored.root));
    }
    if (request.old_size == offered.size || request.old_size.value == 0) {
        if (request.proof.empty()) return std::nullopt;
        return refuse(Refusal::inconsistent, "a consistency proof where none is possible (old " +
                                                 of_size(request.old_size) + ")");
    }
    const auto consistent = merkle::verify_consistency(stored, offered, request.proof);
    if (!consistent.ok()) return refuse(Refusal::inconsistent, consistent.error().message);
    return std::nullopt;
}

}  // namespace

std::optional<Refused> check_log_signature(const AddCheckpoint& request,
                                           std::span<const note::VerifierKey> log_keys) {
    if (log_keys.empty()) {
        return refuse(Refusal::unknown_origin,
                      "no log " + quoted(request.checkpoint.origin) + " is enrolled here");
    }
    const note::SignedNote note{request.checkpoint.text(), request.signatures};
    bool signed_by_log = false;
    for (const note::VerifierKey& key : log_keys) {
        const auto line = note::verify_note(note, key);
        if (line.ok()) {
            signed_by_log = true;
        } else if (line.error().code != Errc::not_found) {
            return refuse(Refusal::untrusted, line.error().message);
        }
    }
    if (signed_by_log) return std::nullopt;
    return refuse(Refusal::untrusted,
                  "no signature by a key enrolled for " + quoted(request.checkpoint.origin));
}

Decision decide(const LogState& state, const AddCheckpoint& request, std::uint64_t now_s) {
    const note::Checkpoint& checkpoint = request.checkpoint;
    if (request.old_size > checkpoint.size) {
        return refuse(Refusal::malformed, "old " + of_size(request.old_size) +
                                              " is above the checkpoint's size " +
                                              of_size(checkpoint.size));
    }
    if (request.old_size != state.head.size) {
        return Refused{Refusal::stale, "the size seen last is " + of_size(state.head.size),
                       state.head.size};
    }
    if (auto refused = check_extends(state, request)) return *std::move(refused);
    if (now_s == 0 || now_s > note::kCosignatureTimeMax) {
        return refuse(Refusal::clock_unset, "the clock is not set; set it and ask again");
    }
    Accepted accepted;
    accepted.time_s = std::max(now_s, state.last_time_s);
    accepted.next = {checkpoint.head(), accepted.time_s};
    accepted.checkpoint = checkpoint;
    accepted.message = note::cosignature_message(accepted.time_s, checkpoint.text());
    accepted.grew = checkpoint.size > state.head.size;
    return accepted;
}

Decision accept(const LogState& state, const AddCheckpoint& request,
                std::span<const note::VerifierKey> log_keys, std::uint64_t now_s) {
    if (auto refused = check_log_signature(request, log_keys)) return *std::move(refused);
    return decide(state, request, now_s);
}

}  // namespace fieldseal::witness
