// SPDX-License-Identifier: Apache-2.0
// The statement: a seal's signed word about one document (docs/formats/statement.md). COSE_Sign1
// whose payload is the document's SHA-256 and whose protected header says everything else.
//
// Making one: StatementClaims -> StatementTbs::from (checks the claims, builds the preimage) -> a
// signer signs tbs.preimage() -> assemble. A signer takes a StatementTbs, never raw bytes, so a
// seal's key can sign nothing but statements. Reading one: parse_statement -> verify_statement with
// the key. ERRORS: invalid_argument for form, corrupt for a signature that does not verify.
// THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/cose/sign1.h"
#include "core/hash.h"
#include "core/public_key.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fieldseal {

inline constexpr std::string_view kStatementType = "application/fieldseal-statement+cose";
// The private header label of the seal map. RFC 9052 leaves integers below -65536 to private use.
inline constexpr std::int64_t kSealLabel = -65701;
inline constexpr std::size_t kSubjectBytesMax = 255;
inline constexpr std::size_t kMediaTypeBytesMax = 127;
inline constexpr std::int64_t kPosixSecondsMax = (std::int64_t{1} << 53) - 1;
inline constexpr std::size_t kNonceBytes = 16;
using Nonce = std::array<std::uint8_t, kNonceBytes>;

// What the clock that wrote `issued_at` was worth.
enum class ClockSource : std::uint8_t {
    system = 0,               // the system clock, not known to be synchronised
    kernel_synchronised = 1,  // the kernel reports a synchronised clock (adjtimex)
    anchored_reference = 2,   // carried on from a time that an anchor proved
};
enum class ClockTrust : std::uint8_t { untrusted = 0, holdover = 1, synchronised = 2 };

struct ClockState {
    ClockSource source = ClockSource::system;
    std::optional<std::int64_t> age_s;  // seconds since the source was last synchronised, if known
    ClockTrust trust = ClockTrust::untrusted;
    friend bool operator==(const ClockState&, const ClockState&) = default;
};

// Where the seal's private key lives.
enum class Custody : std::uint8_t {
    software = 0,
    pkcs11 = 1,
    pkcs11_sealed_inside = 2,  // generated inside the token and not extractable
    tpm = 3,
};
// "software", "pkcs11", "pkcs11-sealed-inside", "tpm".
std::string_view to_string(Custody custody);

// Bytes signed by somebody else that did not exist before their time: proves "signed not before".
enum class FloorKind : std::uint8_t { cosignature = 1, block_header = 2, time_stamp_token = 3 };

struct FloorReference {
    FloorKind kind = FloorKind::cosignature;
    Digest digest{};
    friend bool operator==(const FloorReference&, const FloorReference&) = default;
};

struct StatementClaims {
    Digest document{};  // payload: SHA-256 of the document
    Algorithm algorithm = Algorithm::es256k;
    Digest kid{};                       // 4: SHA-256 of the seal's SPKI
    std::optional<Digest> certificate;  // 34 x5t: SHA-256 of the seal's certificate, DER
    std::string issuer;                 // 15.1: the log's origin
    std::string subject;                // 15.2: the caller's reference, 1 to 255 bytes of UTF-8
    std::int64_t issued_at = 0;         // 15.6: POSIX seconds, a claim
    std::string media_type;             // 259: of the document
    std::optional<Sha512Digest> document_sha512;  // seal.1
    Nonce nonce{};                                // seal.2: random
    std::optional<FloorReference> floor;          // seal.3
    ClockState clock;                             // seal.4
    Custody custody = Custody::software;          // seal.5
    std::optional<Digest> approvals;              // seal.6: SHA-256 of the approvals' record

    friend bool operator==(const StatementClaims&, const StatementClaims&) = default;
};

// Checks each claim's bounds and grammar; the message names the claim.
Result<void> check_claims(const StatementClaims& claims);

// "type/subtype" of RFC 6838 §4.2, at most 127 bytes, without parameters.
bool is_media_type(std::string_view text);

// The protected header of checked claims, deterministic CBOR.
Result<Bytes> build_protected(const StatementClaims& claims);

// A statement to be signed: what a seal's signer takes.
class StatementTbs {
public:
    static Result<StatementTbs> from(StatementClaims claims);

    const StatementClaims& claims() const { return claims_; }
    const Bytes& protected_header() const { return protected_header_; }
    // The bytes to be signed (Sig_structure).
    const Bytes& preimage() const { return preimage_; }

private:
    StatementTbs(StatementClaims claims, Bytes protected_header);

    StatementClaims claims_;
    Bytes protected_header_;
    Bytes preimage_;
};

struct Statement {
    StatementClaims claims;
    cose::Sign1 object;
    Digest entry{};  // what the log holds

    // The statement's id: lower-case hexadecimal of the entry.
    std::string id() const;
    // The encoding, equal to the bytes that were parsed.
    Bytes cose() const { return cose::encode(object); }
};

// Puts a signature to a statement. Checks its length only; every signer re-verifies.
Result<Statement> assemble(const StatementTbs& tbs, ByteView signature);

// Takes exactly the form of docs/formats/statement.md. Says nothing about the signature's truth.
Result<Statement> parse_statement(ByteView cose);

// The key's kid and algorithm are the header's, and the signature verifies over the received bytes.
Result<void> verify_statement(const Statement& statement, const PublicKey& key);

}  // namespace fieldseal
