// SPDX-License-Identifier: Apache-2.0
// Strict DER before anything else reads it: OpenSSL's decoders also take BER and ignore what
// follows. X.690 §8 and §10: definite lengths in their shortest form, booleans 00 or ff, integers
// without padding, strings in one piece, nothing after the end. The order of a SET OF is not
// checked: authorities of good standing get it wrong, and what is signed is spliced as received.
// ERRORS: invalid_argument. THREADS: pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fieldseal::pki {

inline constexpr std::size_t kDerDepthMax = 32;
inline constexpr std::size_t kDerElementsMax = 16 * 1024;

// X.690 §8.1.2, the tags that our structures have.
inline constexpr std::uint8_t kTagInteger = 0x02;
inline constexpr std::uint8_t kTagBitString = 0x03;
inline constexpr std::uint8_t kTagOctetString = 0x04;
inline constexpr std::uint8_t kTagUtf8String = 0x0C;
inline constexpr std::uint8_t kTagSequence = 0x30;

// `bytes` are exactly one element, in DER all the way down. `what` begins the message.
Result<void> check_der(ByteView bytes, std::string_view what);

// Takes elements off the front of bytes that check_der() has seen.
class DerReader {
public:
    explicit DerReader(ByteView bytes) : rest_(bytes) {}

    // The content of the next element; nullopt, and nothing taken, when it has another tag.
    std::optional<ByteView> take(std::uint8_t tag);
    // What is left, tags and lengths included.
    ByteView rest() const { return rest_; }
    bool at_end() const { return rest_.empty(); }

private:
    ByteView rest_;
};

}  // namespace fieldseal::pki
