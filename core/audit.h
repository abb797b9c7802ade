// SPDX-License-Identifier: Apache-2.0
// The audit log (docs/formats/audit.md): who did what on a node beside sealing. Entries are chained
// by their digests, and a head of the chain, signed by the node's status key, is logged like a
// statement before a checkpoint: whoever holds the checkpoint can tell a changed audit log.
//
// Making a head: AuditHead -> AuditHeadTbs::from -> sign tbs.preimage() -> assemble. Reading one:
// parse_audit_head -> verify_audit_head. Its typ keeps it apart from statements and snapshots.
// ERRORS: invalid_argument for form, conflict for an entry that does not follow, corrupt for a
// signature that does not verify. THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/cose/sign1.h"
#include "core/public_key.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal {

inline constexpr std::string_view kAuditType = "application/fieldseal-audit+cose";
inline constexpr std::size_t kAuditEntryBytesMax = 1024;
inline constexpr std::size_t kAuditActorBytesMax = 64;
inline constexpr std::size_t kAuditWordBytesMax = 32;
inline constexpr std::size_t kAuditSubjectBytesMax = 255;
inline constexpr std::size_t kAuditRemoteBytesMax = 64;

struct AuditEntry {
    std::uint64_t seq = 0;           // 0, 1, 2, …
    std::optional<Digest> previous;  // of the entry before; absent exactly when seq is 0
    std::int64_t at_s = 0;           // POSIX seconds, a claim
    std::string actor;               // an account, or "local"
    std::string action;              // a word: "log-in"
    std::string subject;             // what it was done to; may be empty
    std::string outcome;             // a word: "ok", "refused"
    std::string remote;              // an address, as a proxy said, or "uid 1000"; may be empty
    friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The entry's bytes: what its digest is over. Errors: invalid_argument for a member out of bounds.
Result<Bytes> encode(const AuditEntry& entry);
// Takes exactly what encode() writes.
Result<AuditEntry> parse_audit_entry(ByteView bytes);

// Where a chain stands after some entries.
class AuditChain {
public:
    AuditChain() = default;
    AuditChain(std::uint64_t count, const Digest& newest) : count_(count), newest_(newest) {}

    std::uint64_t count() const { return count_; }
    // Digest of the newest entry; nothing while the chain is empty.
    std::optional<Digest> newest() const {
        return count_ == 0 ? std::nullopt : std::optional(newest_);
    }
    // Takes the next entry. Errors: those of parse_audit_entry, and conflict with the rule that is
    // broken; then the chain stays where it was.
    Result<AuditEntry> add(ByteView bytes);

private:
    std::uint64_t count_ = 0;
    Digest newest_{};
};

struct AuditHead {
    Algorithm algorithm = Algorithm::eddsa;
    Digest kid{};                  // of the status key
    std::int64_t issued_at = 0;    // POSIX seconds, a claim
    std::string origin;            // of the log it stands in
    std::uint64_t count = 0;       // entries; at least 1
    Digest newest{};               // digest of entry count - 1
    std::uint64_t as_of_size = 0;  // size of the log when it was made: its own index
    friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

class AuditHeadTbs {
public:
    static Result<AuditHeadTbs> from(AuditHead head);

    const AuditHead& head() const { return head_; }
    const Bytes& protected_header() const { return protected_header_; }
    const Bytes& payload() const { return payload_; }
    // The bytes to be signed (Sig_structure).
    const Bytes& preimage() const { return preimage_; }

private:
    AuditHeadTbs(AuditHead head, Bytes protected_header, Bytes payload);

    AuditHead head_;
    Bytes protected_header_;
    Bytes payload_;
    Bytes preimage_;
};

struct SignedAuditHead {
    AuditHead head;
    cose::Sign1 object;
    Digest entry{};

    Bytes cose() const { return cose::encode(object); }
};

Result<SignedAuditHead> assemble(const AuditHeadTbs& tbs, ByteView signature);
Result<SignedAuditHead> parse_audit_head(ByteView cose);
Result<void> verify_audit_head(const SignedAuditHead& signed_head, const PublicKey& key);

}  // namespace fieldseal
