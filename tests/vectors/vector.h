// SPDX-License-Identifier: Apache-2.0
// One vector: what a verifier is given and what it must answer, as JSON (tests/vectors/README.md).
// THREADS: value types.
#pragma once

#include "core/evidence.h"
#include "core/hash.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::vectors {

struct Expected {
    std::string verdict;  // "valid", "invalid", "indeterminate", or "refused" (no verdict)
    std::string reason;
    int exit = 0;
    std::optional<std::int64_t> not_before_s;
    std::optional<std::int64_t> not_after_s;
    // Reasons of the anchors of the statement's PROOFs in file order, and of the floor; where a
    // vector is about them.
    std::optional<std::vector<std::string>> anchors = {};
    std::optional<std::string> floor = {};
};

struct Vector {
    std::string name;
    std::string why;
    std::optional<Digest> document_sha256;
    std::optional<Sha512Digest> document_sha512;
    std::optional<std::int64_t> now_s;
    std::string evidence;  // exact texts: malformed JSON must be expressible
    std::string trust;
    Expected expect;
};

std::string to_json(const Vector& vector);
Result<Vector> parse_vector(std::string_view text);

// What the verifier must answer.
Expected valid(std::optional<std::int64_t> not_before_s, std::optional<std::int64_t> not_after_s);
Expected invalid(std::string_view reason);
Expected cannot_tell(std::string_view reason, std::optional<std::int64_t> not_before_s,
                     std::optional<std::int64_t> not_after_s);
Expected pending(std::optional<std::int64_t> not_before_s, std::optional<std::int64_t> not_after_s);
Expected refused(std::string_view reason);

// For people who read vectors: a line for each member.
std::string evidence_text(const Evidence& evidence);

// A vector about the contract under texts or trees.
Vector make_vector(std::string_view name, std::string_view why, const Evidence& evidence,
                   const Trust& trust, Expected expect);
Vector make_text_vector(std::string_view name, std::string_view why, std::string evidence,
                        std::string trust, Expected expect);

}  // namespace fieldseal::vectors
