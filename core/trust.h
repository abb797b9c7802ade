// SPDX-License-Identifier: Apache-2.0
// The trust file `trust.json`: whom the verifier believes, and how much it asks for. It is the
// verifier's own; nothing else decides a verdict (docs/formats/trust.md).
//
// A file is refused as a whole when one public key stands in two roles: whoever may sign a
// checkpoint must not also be the one who says when it was signed, or who sealed.
// ERRORS: invalid_argument (malformed, duplicate names), conflict (one key in two roles, or an
// import that wants more than it may), unsupported (another version, unknown key
// types, modes and curves). THREADS: value types; pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/evidence.h"
#include "core/evm/address.h"
#include "core/evm/header.h"
#include "core/merkle/tree.h"
#include "core/note/vkey.h"
#include "core/public_key.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal {

inline constexpr std::string_view kTrustVersion = "trust/v1";

inline constexpr std::size_t kTrustBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kTrustValuesMax = 512 * 1024;  // JSON values
inline constexpr std::size_t kTrustLogsMax = 1024;
inline constexpr std::size_t kTrustSealsMax = 4096;
inline constexpr std::size_t kTrustWitnessesMax = 256;
inline constexpr std::size_t kTrustTsasMax = 64;
inline constexpr std::size_t kTrustChainsMax = 64;
inline constexpr std::size_t kTrustValidatorSetsMax = 256;  // of one chain
inline constexpr std::size_t kTrustBlocksMax = 4096;        // of one chain
inline constexpr std::size_t kTrustStatusKeysMax = 8;       // of one log
inline constexpr std::size_t kTrustOriginsMax = 64;         // of one seal
inline constexpr std::size_t kTrustSealRootsMax = 8;        // of one authority for seals
inline constexpr std::size_t kTrustOidsMax = 16;            // purposes, policies
inline constexpr std::size_t kTrustNameBytesMax = 255;      // operators, subjects, ids
inline constexpr std::int64_t kTrustQuorumMax = 64;         // operators
inline constexpr std::int64_t kTrustSkewMax_s = 86400;

enum class LogKind : std::uint8_t {
    statement,    // entries are statements and status snapshots
    checkpoints,  // entries are the digests of other logs' checkpoints (a hub)
};

// A log that takes no more entries: its last size and root are known.
struct ClosedLog {
    merkle::TreeSize size;
    Digest root{};
    bool operator==(const ClosedLog&) const = default;
};

struct TrustedLog {
    std::string origin;
    note::VerifierKey key;  // named `origin`, type 0x01
    LogKind kind = LogKind::statement;
    std::vector<PublicKey> status_keys;
    std::string operated_by;  // JSON "operator": who runs the log; never its own witness
    std::optional<ClosedLog> closed;
    std::vector<StatusItem> status;  // snapshots the verifier knows besides the evidence's
    bool operator==(const TrustedLog&) const = default;
};

struct TrustedSeal {
    PublicKey key;  // JSON "kid", "key" and "alg"
    std::vector<std::string> origins;
    std::optional<std::string> iss;      // narrows `origins` to one
    std::optional<std::string> subject;  // a name for people
    bool operator==(const TrustedSeal&) const = default;

    bool may_sign_for(std::string_view origin) const;
};

// Whether a certificate whose revocation is unknown is good enough.
enum class RevocationDemand : std::uint8_t { required, none };

// Seals that are known by their certificates: JSON "ca" in `seals`. A pinned seal of the same key
// goes first.
struct TrustedSealAuthority {
    std::vector<Bytes> roots;  // X.509 DER, JSON "ca"
    std::vector<std::string> origins;
    std::optional<std::string> iss;
    std::vector<std::string> purposes;  // extended key usages, dotted OIDs: one of them; none: any
    std::vector<std::string> policies;  // certificate policies, the same way
    RevocationDemand revocation = RevocationDemand::required;
    std::optional<std::string> subject;  // a name for people
    bool operator==(const TrustedSealAuthority&) const = default;

    bool may_sign_for(std::string_view origin) const;
};

struct TrustedWitness {
    note::VerifierKey key;  // type 0x04; its name is JSON "name"
    std::string operated_by;
    std::optional<std::string> url;
    bool operator==(const TrustedWitness&) const = default;
};

struct TrustedTsa {
    std::vector<Bytes> roots;           // X.509 DER
    std::vector<std::string> policies;  // dotted OIDs
    std::int64_t accuracy_default_s = 0;
    std::optional<std::string> operated_by;
    bool operator==(const TrustedTsa&) const = default;
};

// Who seals the blocks `from` to `to`, both included; no `to` means "and all later ones".
struct ValidatorSet {
    std::uint64_t from = 0;
    std::optional<std::uint64_t> to;
    std::vector<evm::Address> validators;  // 1 to evm::kValidatorsMax
    bool operator==(const ValidatorSet&) const = default;

    bool covers(std::uint64_t number) const { return from <= number && (!to || number <= *to); }
};

// A block that the verifier knows by other means than seals.
struct PinnedBlock {
    std::uint64_t number = 0;
    Digest hash{};
    bool operator==(const PinnedBlock&) const = default;
};

// What validators and accounts of a chain sign with.
enum class ChainCurve : std::uint8_t { secp256k1, secp256r1 };

struct TrustedChain {
    std::string id;              // how evidence names it
    std::uint64_t chain_id = 0;  // 1 to evm::kChainIdMax; what transactions sign
    evm::Mode mode = evm::Mode::qbft;
    ChainCurve curve = ChainCurve::secp256k1;
    std::vector<ValidatorSet> validator_sets;  // in the order of their blocks; none for plain
    std::vector<PinnedBlock> blocks;           // ascending; plain only
    std::optional<evm::Address> contract;      // emits Anchored(address,bytes32)
    std::optional<std::string> operated_by;
    bool operator==(const TrustedChain&) const = default;

    // Who quorums count: the operator, or the chain by its id.
    const std::string& counts_as() const { return operated_by ? *operated_by : id; }
    // nullptr when no set's range holds that block.
    const ValidatorSet* find_set(std::uint64_t number) const;
    // nullptr when no block of that number is pinned.
    const PinnedBlock* find_block(std::uint64_t number) const;
};

// How many distinct operators must answer for a document.
struct AnchorPolicy {
    std::int64_t witness_quorum =
        1;                         // that the log is append-only; the log's operator never counts
    std::int64_t time_quorum = 1;  // that the entry existed by then
    bool operator==(const AnchorPolicy&) const = default;
};

struct Trust {
    std::vector<TrustedLog> logs;
    std::vector<TrustedSeal> seals;
    std::vector<TrustedSealAuthority> seal_authorities;  // JSON: in `seals`, behind these
    std::vector<TrustedWitness> witnesses;
    std::vector<TrustedTsa> tsas;
    std::vector<TrustedChain> chains;
    AnchorPolicy policy;
    std::int64_t skew_s = 300;  // how far a witness's clock may be off
    bool operator==(const Trust&) const = default;

    // nullptr when the trust file does not name it.
    const TrustedLog* find_log(std::string_view origin) const;
    const TrustedSeal* find_seal(const Digest& kid) const;
    const TrustedWitness* find_witness(std::string_view name, std::uint32_t key_id) const;
    const TrustedChain* find_chain(std::string_view id) const;
};

Result<Trust> parse_trust(std::string_view text);

// The one text of a trust file: parse_trust(to_json(t)) == t for every `t` that check_trust takes.
std::string to_json(const Trust& trust);

// The rules over the whole file: each origin, seal, chain and witness once, one key one role (a
// validator is a key too), each chain pinned as its mode needs it, and every stored status snapshot
// by a status key of its log. parse_trust and merge_trust apply it.
Result<void> check_trust(const Trust& trust);

// `own` with what the node of `origin` exported about itself. The import may hold exactly one log,
// of that origin, and seals for that origin only; it brings no witnesses, authorities, chains or
// policy, and it changes no key, kind or operator that `own` already has: whoever may introduce a
// node must not be able to introduce a second opinion about another.
Result<Trust> merge_trust(const Trust& own, const Trust& imported, std::string_view origin);

}  // namespace fieldseal
