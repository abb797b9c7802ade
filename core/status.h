// SPDX-License-Identifier: Apache-2.0
// The status snapshot: what state every seal of a node is in, cumulative, signed by the node's
// status key and logged like a statement (docs/formats/status.md). A log of hashes cannot prove
// that no revocation exists; a fresh snapshot before every checkpoint can.
//
// Making one: StatusSnapshot -> StatusTbs::from -> sign tbs.preimage() -> assemble. Reading one:
// parse_status -> verify_status. Its typ keeps it apart from statements, both ways.
// ERRORS: invalid_argument for form, conflict for a snapshot that does not follow its predecessor,
// corrupt for a signature that does not verify. THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/cose/sign1.h"
#include "core/public_key.h"
#include "core/result.h"
#include "core/seal_state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal {

inline constexpr std::string_view kStatusType = "application/fieldseal-status+cose";
inline constexpr std::size_t kStatusSealsMax = 1024;
inline constexpr std::size_t kStatusRotationsMax = 8;

struct SealStatus {
    Digest kid{};
    SealState state = SealState::pre_active;
    // Log index of the snapshot that recorded the state.
    std::uint64_t since_index = 0;
    // compromised only: POSIX seconds from which the key may have been misused; absent = always.
    std::optional<std::int64_t> invalid_from;
    friend bool operator==(const SealStatus&, const SealStatus&) = default;
};

// The log that this one carries on, after a loss or a restore that could not be reconciled.
struct FormerLog {
    std::string origin;
    Digest checkpoint{};  // digest of its last known checkpoint
    friend bool operator==(const FormerLog&, const FormerLog&) = default;
};

struct StatusSnapshot {
    Algorithm algorithm = Algorithm::eddsa;
    Digest kid{};                     // of the status key
    std::int64_t issued_at = 0;       // POSIX seconds, a claim
    std::string origin;               // of the log it stands in
    std::uint64_t seq = 0;            // 0, 1, 2, … within the origin
    std::optional<Digest> previous;   // entry of the snapshot before; absent exactly when seq is 0
    std::uint64_t as_of_size = 0;     // size of the log when it was made
    std::vector<SealStatus> seals;    // every seal the node ever had, sorted by kid
    std::optional<FormerLog> former;  // in seq 0 of a new generation
    // Of the seals that first stand in this snapshot in another's place: what they signed about it
    // (core/rotation.h), in the order of their kids.
    std::vector<Bytes> rotations = {};
    friend bool operator==(const StatusSnapshot&, const StatusSnapshot&) = default;

    // The status of one seal, or nullptr. REQUIRES: seals sorted by kid.
    const SealStatus* find(const Digest& seal_kid) const;
};

// Bounds, order and the rules within one snapshot.
Result<void> check_snapshot(const StatusSnapshot& snapshot);

class StatusTbs {
public:
    static Result<StatusTbs> from(StatusSnapshot snapshot);

    const StatusSnapshot& snapshot() const { return snapshot_; }
    const Bytes& protected_header() const { return protected_header_; }
    const Bytes& payload() const { return payload_; }
    // The bytes to be signed (Sig_structure).
    const Bytes& preimage() const { return preimage_; }

private:
    StatusTbs(StatusSnapshot snapshot, Bytes protected_header, Bytes payload);

    StatusSnapshot snapshot_;
    Bytes protected_header_;
    Bytes payload_;
    Bytes preimage_;
};

struct Status {
    StatusSnapshot snapshot;
    cose::Sign1 object;
    Digest entry{};

    std::string id() const;
    Bytes cose() const { return cose::encode(object); }
};

Result<Status> assemble(const StatusTbs& tbs, ByteView signature);
Result<Status> parse_status(ByteView cose);
Result<void> verify_status(const Status& status, const PublicKey& key);

// May `next` follow `previous` (whose entry is `previous_entry`)? Same origin: seq + 1, previous is
// that entry, as_of_size grows. New generation: seq 0 and `former` names the old
// origin. Either way no seal vanishes and every seal's state may follow.
Result<void> validate_transition(const StatusSnapshot& previous, const Digest& previous_entry,
                                 const StatusSnapshot& next);

}  // namespace fieldseal
