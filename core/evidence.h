// SPDX-License-Identifier: Apache-2.0
// The evidence file `<document>.seal`: one statement, the PROOFs that it was logged, what those
// checkpoints were anchored to, a floor and the seal's status (docs/formats/evidence.md).
//
// Parsing checks the shape and the limits, not the truth: notes stay text, statements stay bytes,
// anchors stay JSON until verify/ judges them. Unknown members are refused; unknown anchor *types*
// are kept, so that a newer node's evidence still shows an older verifier what it can judge.
// ERRORS: invalid_argument for anything malformed, unsupported for another evidence version.
// THREADS: value types; pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/json/json.h"
#include "core/json/reader.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fieldseal {

inline constexpr std::string_view kEvidenceVersion = "evidence/v1";

inline constexpr std::size_t kEvidenceBytesMax = 256 * 1024;
inline constexpr std::size_t kEvidenceDepthMax = 16;        // JSON arrays and objects
inline constexpr std::size_t kEvidenceProofsMax = 16;       // PROOFs in one file, wherever they are
inline constexpr std::size_t kEvidenceProofNestingMax = 3;  // a PROOF, its logged, their logged
inline constexpr std::size_t kEvidenceProofHashesMax = 63;  // in one PROOF
inline constexpr std::size_t kEvidenceAnchorsMax = 32;      // in one file, wherever they are
inline constexpr std::size_t kEvidenceStatusMax = 16;       // status items
inline constexpr std::size_t kEvidenceCertificatesMax = 8;  // of the seal, leaf first
inline constexpr std::size_t kEvidenceCrlsMax = 8;          // of their authorities
// Every other length is bounded by the file's.

// What came back from outside about one checkpoint. `members` is the whole JSON object, "type"
// included: core/anchors/ reads the types it knows.
struct Anchor {
    std::string type;
    json::Value members;
    bool operator==(const Anchor&) const = default;
};

// "The subject is entry `index` of the log whose checkpoint this is." The subject is never named:
// at the top it is the statement's entry, in `logged` it is the enclosing checkpoint's digest.
struct Proof {
    std::uint64_t index = 0;
    std::vector<Digest> hashes;   // RFC 6962 inclusion path, the leaf's sibling first
    std::string checkpoint;       // a signed note, as text
    std::vector<Anchor> anchors;  // of the digest of `checkpoint`
    std::vector<Proof> logged;    // `checkpoint` as an entry of other logs
    bool operator==(const Proof&) const = default;
};

// Bytes signed by somebody else that the statement refers to by digest.
struct NoteFloor {
    std::string note;  // a checkpoint with exactly one cosignature line
    bool operator==(const NoteFloor&) const = default;
};
struct ChainFloor {
    std::string chain;  // selects a pin in the trust file
    Bytes header;       // raw RLP with its seals
    bool operator==(const ChainFloor&) const = default;
};
struct TokenFloor {
    Bytes token;  // RFC 3161
    bool operator==(const TokenFloor&) const = default;
};
using Floor = std::variant<NoteFloor, ChainFloor, TokenFloor>;

// One seal status snapshot and where it was logged.
struct StatusItem {
    Bytes statement;
    std::vector<Proof> proofs;
    bool operator==(const StatusItem&) const = default;
};

// A hint for people, opt-in, never judged.
struct DocumentHint {
    std::optional<std::string> name;
    std::optional<std::uint64_t> size;
    std::optional<std::string> media_type;
    bool operator==(const DocumentHint&) const = default;
};

struct Evidence {
    Bytes statement;  // COSE_Sign1
    std::vector<Bytes> certificates;
    std::vector<Bytes> crls = {};  // revocation lists about them, DER
    std::vector<Proof> proofs;
    std::optional<Floor> floor;
    std::vector<StatusItem> status;
    std::optional<DocumentHint> document;
    bool operator==(const Evidence&) const = default;
};

Result<Evidence> parse_evidence(std::string_view text);

// The one text of an evidence file: parse_evidence(to_json(e)) == e for every `e` within the limits
// above. Deterministic, one line: evidence travels. REQUIRES: what is written as text is UTF-8.
std::string to_json(const Evidence& evidence);

// One PROOF on its own, as a hub's proof route serves it, held to the limits of one file.
Result<Proof> parse_proof(std::string_view text);
std::string to_json(const Proof& proof);

// A list of anchors on its own, as a node stores what a target gave for one checkpoint.
Result<std::vector<Anchor>> parse_anchors(std::string_view text);
std::string to_json(const std::vector<Anchor>& anchors);

// A status item inside another file (trust.json). Its PROOFs are held to the limits of one file.
Result<StatusItem> read_status_item(const json::Reader& at);
json::Value to_value(const StatusItem& item);

}  // namespace fieldseal
