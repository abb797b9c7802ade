// SPDX-License-Identifier: Apache-2.0
// A sealed secret: 24 bytes nonce ‖ XChaCha20-Poly1305 of the secret; the account is its
// associated data.
#include "people/totp.h"

#include "core/check.h"
#include "core/encoding.h"
#include "people/random_text.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <liboath/oath.h>

namespace fieldseal::people {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSealedBytes = kNonceBytes + kTotpSecretBytes + kTagBytes;
constexpr std::string_view kDomain = "fieldseal-totp/v1 ";
static_assert(kDigestBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::string bound_to(std::string_view account) {
    return std::string(kDomain) + std::string(account);
}

// liboath counts its users without a lock.
Result<void> ready() {
    static const int started = oath_init();
    if (started == OATH_OK) return {};
    return Error{Errc::internal,
                 std::string("liboath cannot be initialised: ") + oath_strerror(started)};
}

bool is_code(std::string_view text) {
    return text.size() == kTotpDigits &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += '%';
            const std::uint8_t byte = static_cast<std::uint8_t>(c);
            for (const char digit : hex_encode({&byte, 1})) {
                out += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
            }
        }
    }
    return out;
}

}  // namespace

std::string random_totp_secret() {
    FIELDSEAL_CHECK(sodium_init() >= 0);
    std::string secret(kTotpSecretBytes, '\0');
    randombytes_buf(secret.data(), secret.size());
    return secret;
}

Result<std::string> totp_secret_text(std::string_view secret) {
    FIELDSEAL_TRY(ready());
    char* text = nullptr;
    std::size_t size = 0;
    const int encoded = oath_base32_encode(secret.data(), secret.size(), &text, &size);
    if (encoded != OATH_OK) {
        return Error{Errc::internal,
                     std::string("liboath writes no base 32: ") + oath_strerror(encoded)};
    }
    std::string out(text, size);
    sodium_memzero(text, size);
    std::free(text);
    return out;
}

std::string totp_uri(std::string_view secret_text, std::string_view account,
                     std::string_view issuer) {
    const std::string name = percent_encoded(issuer);
    return "otpauth://totp/" + name + ":" + percent_encoded(account) +
           "?secret=" + std::string(secret_text) + "&issuer=" + name +
           "&algorithm=SHA1&digits=6&period=30";
}

Result<std::optional<std::int64_t>> totp_step(std::string_view secret, std::string_view code,
                                              std::int64_t now_s, std::int64_t last_step) {
    FIELDSEAL_TRY(ready());
    if (!is_code(code) || now_s < 0) return std::optional<std::int64_t>{};
    const std::string text(code);
    std::uint64_t step = 0;
    const int found = oath_totp_validate4(secret.data(), secret.size(), now_s, kTotpStepS, 0,
                                          kTotpWindow, nullptr, &step, 0, text.c_str());
    if (found == OATH_INVALID_OTP) return std::optional<std::int64_t>{};
    if (found < 0) {
        return Error{Errc::internal,
                     std::string("liboath cannot check a code: ") + oath_strerror(found)};
    }
    const auto taken = static_cast<std::int64_t>(step);
    if (taken <= last_step) return std::optional<std::int64_t>{};
    return std::optional<std::int64_t>{taken};
}

Bytes seal_totp_secret(std::string_view secret, std::string_view account, const Digest& key) {
    FIELDSEAL_CHECK(sodium_init() >= 0 && secret.size() == kTotpSecretBytes);
    const std::string bound = bound_to(account);
    Bytes sealed(kSealedBytes);
    randombytes_buf(sealed.data(), kNonceBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.data() + kNonceBytes, nullptr, as_bytes(secret).data(), secret.size(),
        as_bytes(bound).data(), bound.size(), nullptr, sealed.data(), key.data());
    return sealed;
}

Result<std::string> open_totp_secret(ByteView sealed, std::string_view account, const Digest& key) {
    const Error closed{Errc::denied,
                       "the second factor of " + quoted(account) +
                           " does not open: it was made under another machine secret, or its row "
                           "was changed. An admin can make the node forget it"};
    if (sealed.size() != kSealedBytes) return closed;
    const std::string bound = bound_to(account);
    std::string secret(kTotpSecretBytes, '\0');
    const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr,
        sealed.data() + kNonceBytes, sealed.size() - kNonceBytes, as_bytes(bound).data(),
        bound.size(), sealed.data(), key.data());
    if (opened != 0) return closed;
    return secret;
}

}  // namespace fieldseal::people
