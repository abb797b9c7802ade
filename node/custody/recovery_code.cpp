// SPDX-License-Identifier: Apache-2.0
#include "node/custody/recovery_code.h"

#include "core/check.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>

namespace fieldseal::node {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kPrefix = "FSR1";
constexpr std::string_view kChecksumDomain = "fieldseal-recovery/v1";
constexpr std::size_t kChecksumBytes = 3;
constexpr std::size_t kPayloadBytes = kRecoverySecretBytes + kChecksumBytes;
constexpr std::size_t kLetters = kPayloadBytes * 8 / 5;
constexpr std::size_t kGroupLetters = 4;
constexpr std::size_t kCodeBytes = kPrefix.size() + kLetters + kLetters / kGroupLetters;
constexpr std::size_t kTypedBytesMax = 256;
static_assert(kPayloadBytes * 8 % 5 == 0 && kLetters % kGroupLetters == 0 && kCodeBytes == 74);

void write_checksum(const std::uint8_t* secret, std::uint8_t* checksum) {
    crypto_hash_sha256_state state;
    std::uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    const ByteView domain = as_bytes(kChecksumDomain);
    crypto_hash_sha256_update(&state, domain.data(), domain.size());
    crypto_hash_sha256_update(&state, secret, kRecoverySecretBytes);
    crypto_hash_sha256_final(&state, digest);
    std::copy_n(digest, kChecksumBytes, checksum);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(digest, sizeof digest);
}

// The value of a letter as people type it, 32 for a separator, -1 for anything else.
int letter_value(std::uint8_t letter) {
    char c = static_cast<char>(letter);
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-' || c == ' ' || c == '\n' || c == '\r' || c == '\t') return 32;
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    const std::size_t at = kAlphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

Error mistyped(std::string_view why) {
    return Error{Errc::invalid_argument, "this is not a recovery code: " + std::string(why) +
                                             "; it reads FSR1- and 14 groups of 4 characters"};
}

}  // namespace

Result<SecretBytes> format_recovery_code(const SecretBytes& secret) {
    FIELDSEAL_CHECK(secret.size() == kRecoverySecretBytes);
    SecretBytes payload = FIELDSEAL_TRY(SecretBytes::allocate(kPayloadBytes));
    std::copy_n(secret.data(), kRecoverySecretBytes, payload.data());
    write_checksum(secret.data(), payload.data() + kRecoverySecretBytes);
    SecretBytes code = FIELDSEAL_TRY(SecretBytes::allocate(kCodeBytes));
    std::uint8_t* out = std::copy(kPrefix.begin(), kPrefix.end(), code.data());
    for (std::size_t letter = 0; letter < kLetters; ++letter) {
        if (letter % kGroupLetters == 0) *out++ = '-';
        std::size_t value = 0;
        for (std::size_t bit = 5 * letter; bit < 5 * letter + 5; ++bit) {
            value = value << 1 | (payload.data()[bit / 8] >> (7 - bit % 8) & 1U);
        }
        *out++ = static_cast<std::uint8_t>(kAlphabet[value]);
    }
    return code;
}

Result<SecretBytes> parse_recovery_code(ByteView text) {
    if (text.size() > kTypedBytesMax) return mistyped("it is too long");
    SecretBytes values = FIELDSEAL_TRY(SecretBytes::allocate(kPrefix.size() + kLetters));
    std::size_t count = 0;
    for (const std::uint8_t letter : text) {
        const int value = letter_value(letter);
        if (value == 32) continue;
        if (value < 0) return mistyped("it contains a character no code has");
        if (count == values.size()) return mistyped("it is too long");
        values.data()[count++] = static_cast<std::uint8_t>(value);
    }
    if (count != values.size()) return mistyped("it is too short");
    for (std::size_t i = 0; i < kPrefix.size(); ++i) {
        if (kAlphabet[values.data()[i]] != kPrefix[i])
            return mistyped("it does not begin with FSR1");
    }
    SecretBytes payload = FIELDSEAL_TRY(SecretBytes::allocate(kPayloadBytes));
    for (std::size_t bit = 0; bit < kPayloadBytes * 8; ++bit) {
        const unsigned letter = values.data()[kPrefix.size() + bit / 5];
        const unsigned value = letter >> (4 - bit % 5) & 1U;
        payload.data()[bit / 8] |= static_cast<std::uint8_t>(value << (7 - bit % 8));
    }
    std::uint8_t checksum[kChecksumBytes];
    write_checksum(payload.data(), checksum);
    if (sodium_memcmp(checksum, payload.data() + kRecoverySecretBytes, kChecksumBytes) != 0) {
        return mistyped("its checksum is wrong, so a character is mistyped");
    }
    payload.shrink(kRecoverySecretBytes);
    return payload;
}

}  // namespace fieldseal::node
