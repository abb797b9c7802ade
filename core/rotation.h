// SPDX-License-Identifier: Apache-2.0
// The statement by which a new seal takes an old one's place: signed by the *new* seal's key, and
// carried by the status snapshot in which the new seal first stands (docs/formats/status.md §3.1).
// It proves that the key a node publishes as a successor is at hand there, and that its holder
// agrees to succeed; that the old one ends is the status key's word.
//
// Making one: Rotation -> RotationTbs::from -> sign tbs.preimage() -> assemble. Reading one:
// parse_rotation, which also verifies: the key is inside. Its typ keeps it apart from statements.
// ERRORS: invalid_argument for form, corrupt for a signature that does not verify. THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/cose/sign1.h"
#include "core/public_key.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal {

inline constexpr std::string_view kRotationType = "application/fieldseal-rotation+cose";
inline constexpr std::size_t kRotationBytesMax = 4096;

struct Rotation {
    std::string origin;          // of the log whose snapshot carries it
    std::int64_t issued_at = 0;  // POSIX seconds, a claim
    Digest old_kid{};
    PublicKey key;  // of the new seal, which signs
    friend bool operator==(const Rotation&, const Rotation&) = default;
};

class RotationTbs {
public:
    static Result<RotationTbs> from(Rotation rotation);

    const Rotation& rotation() const { return rotation_; }
    // The bytes to be signed (Sig_structure).
    const Bytes& preimage() const { return preimage_; }

private:
    friend Result<Bytes> assemble(const RotationTbs& tbs, ByteView signature);
    RotationTbs(Rotation rotation, Bytes protected_header, Bytes payload);

    Rotation rotation_;
    Bytes protected_header_;
    Bytes payload_;
    Bytes preimage_;
};

// The tagged COSE_Sign1.
Result<Bytes> assemble(const RotationTbs& tbs, ByteView signature);
// Form and signature.
Result<Rotation> parse_rotation(ByteView cose);

}  // namespace fieldseal
