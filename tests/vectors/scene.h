// SPDX-License-Identifier: Apache-2.0
// The little world of the evidence vectors: one office, its neighbour, a hub, a court, each with
// keys made from one obviously fake seed byte. Everything is deterministic: the same program gives
// the same bytes. THREADS: one.
#pragma once

#include "core/evidence.h"
#include "core/statement.h"
#include "core/status.h"
#include "core/trust.h"
#include "tests/support/note_signer.h"
#include "tests/support/seal_signer.h"
#include "tests/support/test_log.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::vectors {

using testing::NoteSigner;
using testing::SealSigner;
using testing::TestLog;

inline constexpr std::int64_t kMidnight_s = 1767225600;  // 2026-01-01T00:00:00Z: the floor
inline constexpr std::int64_t kSigned_s = kMidnight_s + 3600;
inline constexpr std::int64_t kAnchored_s = kMidnight_s + 7200;
inline constexpr std::int64_t kSkew_s = 300;
// What the ordinary evidence proves.
inline constexpr std::int64_t kNotBefore_s = kMidnight_s - kSkew_s;
inline constexpr std::int64_t kNotAfter_s = kAnchored_s + kSkew_s;

inline constexpr std::string_view kOfficeOrigin = "works.example/office-7/1";
inline constexpr std::string_view kNeighbourOrigin = "works.example/office-8/1";
inline constexpr std::string_view kHubOrigin = "audit.example/hub/1";

// The document that was sealed, and another.
DocumentHasher::Digests contract();
DocumentHasher::Digests forgery();

// Who may sign, each with a key of its own.
const SealSigner& permits_seal();   // ES256K
const SealSigner& status_signer();  // of the office
const NoteSigner& hub_witness();    // "audit.example/witness", operator "Court of Audit"
const NoteSigner& court_witness();  // "court.example/witness", operator "Supreme Court"
const NoteSigner& own_witness();    // "works.example/witness", operator of the offices
const NoteSigner& stranger();       // in nobody's trust file

SealStatus row(const SealSigner& seal, SealState state, std::uint64_t since_index,
               std::optional<std::int64_t> invalid_from = {});

struct By {
    const NoteSigner& witness;
    std::int64_t time_s;
};

// A log that knows its entries and its snapshots.
class Office {
public:
    explicit Office(std::string_view origin = kOfficeOrigin, std::uint8_t key_seed = 0x03);

    std::uint64_t add(const Digest& entry);
    std::uint64_t add(const Statement& statement) { return add(statement.entry); }
    // The next snapshot in order, appended.
    Status add_snapshot(std::vector<SealStatus> rows);
    // A snapshot as `edit` makes it, signed by `signer`, appended.
    Status add_snapshot_as(const std::function<void(StatusSnapshot&)>& edit,
                           const SealSigner& signer = status_signer());

    std::uint64_t size() const { return log_.size(); }
    const TestLog& log() const { return log_; }
    std::string note(std::uint64_t size, const std::vector<By>& witnesses = {}) const;
    Proof proof(std::uint64_t index, std::uint64_t size,
                const std::vector<By>& witnesses = {}) const;

private:
    TestLog log_;
    std::vector<SealStatus> rows_;
    std::uint64_t seq_ = 0;
    std::optional<Digest> previous_;
};

// A statement about the contract, as the office's node makes it.
StatementClaims claims_of(const SealSigner& seal);
Statement sign(const StatementClaims& claims, const SealSigner& seal);
Statement with_signature(const StatementClaims& claims, ByteView signature);
// An ES256 signature that is the same on every run (RFC 6979). `seed_byte` as for SealSigner.
Bytes sign_es256(std::uint8_t seed_byte, ByteView message);

// An ordinary day: entry 0 is a snapshot, 1 a stranger's statement, 2 the statement, 3 another
// stranger's, 4 the closing snapshot. The checkpoint of size 5 is cosigned by the hub.
struct Day {
    Office office;
    Statement statement;
    std::uint64_t index = 0;
    Status snapshot;
    std::uint64_t snapshot_index = 0;
    std::string floor;  // the note that the statement refers to, or empty

    // The floor, and one PROOF each for statement and snapshot under the checkpoint of everything.
    Evidence evidence(const std::vector<By>& witnesses = {{hub_witness(), kAnchored_s}}) const;
};

using EditClaims = std::function<void(StatementClaims&)>;
using EditStatement = std::function<Statement(const Statement&)>;

Day ordinary_day();                  // with a floor
Day day_of(const EditClaims& edit);  // without a floor unless `edit` sets one
Day day_with(const Statement& statement);
// The closing snapshot says this about the seal.
Day day_ending(SealState state, std::uint64_t since_index,
               std::optional<std::int64_t> invalid_from = {});

// The floor of the ordinary day: the hub's cosignature of the checkpoint of size 1.
std::string floor_note(const NoteSigner& witness = hub_witness(),
                       std::int64_t time_s = kMidnight_s);
FloorReference floor_reference(const std::string& note);
// A statement with this floor, in an ordinary day, and its evidence.
Day day_with_floor(const std::string& note);

// The hub's log: holds the digest of the office's checkpoint of `size` as its entry 1.
Proof hub_proof(const Office& office, std::uint64_t size, const std::vector<By>& witnesses);

// Pins the office, its seal, the hub's log, the hub's and the court's witness keys.
Trust ordinary_trust();

}  // namespace fieldseal::vectors
