// SPDX-License-Identifier: Apache-2.0
#include "node/custody/envelope.h"

#include "core/check.h"
#include "core/encoding.h"

#include <sodium.h>

namespace fieldseal::node {
namespace {

constexpr std::size_t kKibBytes = 1024;
constexpr std::string_view kRecoveryDomain = "fieldseal-key/v1 recovery";
constexpr std::string_view kUnattendedDomain = "fieldseal-key/v1 unattended";

static_assert(kAeadNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kDataKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kWrappedKeyBytes == kDataKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(kSaltBytes == crypto_pwhash_SALTBYTES);
static_assert(kArgon2idCostMin.memory_kib * kKibBytes >= crypto_pwhash_MEMLIMIT_MIN);

Result<SecretBytes> stretch(const Wrap& wrap, const SecretBytes& passphrase) {
    SecretBytes kek = FIELDSEAL_TRY(SecretBytes::allocate(kDataKeyBytes));
    const int derived =
        crypto_pwhash(kek.data(), kek.size(), reinterpret_cast<const char*>(passphrase.data()),
                      passphrase.size(), wrap.salt.data(), wrap.cost.passes,
                      std::size_t{wrap.cost.memory_kib} * kKibBytes, crypto_pwhash_ALG_ARGON2ID13);
    if (derived != 0) {
        return Error{Errc::exhausted, "no memory left to check a passphrase: " +
                                          std::to_string(wrap.cost.memory_kib / kKibBytes) +
                                          " MiB are needed"};
    }
    return kek;
}

Result<SecretBytes> key_encryption_key(const Wrap& wrap, const SecretBytes& secret) {
    FIELDSEAL_CHECK(!secret.empty());
    if (wrap.type == WrapType::passphrase) return stretch(wrap, secret);
    FIELDSEAL_CHECK(secret.size() == 32);
    return derive_key(wrap.type == WrapType::recovery ? kRecoveryDomain : kUnattendedDomain,
                      secret);
}

WrappedKey encrypt(const SecretBytes& plain, const SecretBytes& key, const AeadNonce& nonce,
                   ByteView header) {
    FIELDSEAL_CHECK(plain.size() == kDataKeyBytes && key.size() == kDataKeyBytes);
    WrappedKey out{};
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plain.data(), plain.size(),
                                               header.data(), header.size(), nullptr, nonce.data(),
                                               key.data());
    return out;
}

Result<SecretBytes> decrypt(const WrappedKey& sealed, const SecretBytes& key,
                            const AeadNonce& nonce, ByteView header) {
    SecretBytes plain = FIELDSEAL_TRY(SecretBytes::allocate(kDataKeyBytes));
    const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain.data(), nullptr, nullptr, sealed.data(), sealed.size(), header.data(), header.size(),
        nonce.data(), key.data());
    if (opened != 0) return Error{Errc::denied, "it does not open"};
    return plain;
}

Error wrong_secret(const KeyFile& file, WrapType type) {
    switch (type) {
        case WrapType::passphrase:
            return Error{Errc::denied, "wrong passphrase, or the key file was changed",
                         "wrong-passphrase"};
        case WrapType::recovery:
            return Error{Errc::denied, "wrong recovery code, or the key file was changed"};
        case WrapType::unattended:
            break;
    }
    return Error{Errc::corrupt,
                 "the machine secret does not open the key " + fieldseal::quoted(file.name) +
                     ": its file or machine.secret was changed, or one of them comes from another "
                     "machine (restore both, or use the recovery code)"};
}

}  // namespace

// The secret is random already; hashing it under a name keeps one secret's uses apart.
Result<SecretBytes> derive_key(std::string_view name, const SecretBytes& secret) {
    SecretBytes key = FIELDSEAL_TRY(SecretBytes::allocate(kDataKeyBytes));
    const ByteView domain = as_bytes(name);
    crypto_generichash(key.data(), key.size(), domain.data(), domain.size(), secret.data(),
                       secret.size());
    return key;
}

Result<Wrap> wrap_data_key(const KeyFile& file, WrapType type, const SecretBytes& dek,
                           const SecretBytes& secret, const Argon2idCost& cost) {
    Wrap wrap;
    wrap.type = type;
    wrap.cost = cost;
    randombytes_buf(wrap.salt.data(), wrap.salt.size());
    randombytes_buf(wrap.nonce.data(), wrap.nonce.size());
    const SecretBytes kek = FIELDSEAL_TRY(key_encryption_key(wrap, secret));
    wrap.wrapped_key = encrypt(dek, kek, wrap.nonce, file.wrap_header(wrap));
    return wrap;
}

Result<SecretBytes> unwrap_data_key(const KeyFile& file, const Wrap& wrap,
                                    const SecretBytes& secret) {
    const SecretBytes kek = FIELDSEAL_TRY(key_encryption_key(wrap, secret));
    auto dek = decrypt(wrap.wrapped_key, kek, wrap.nonce, file.wrap_header(wrap));
    if (!dek.ok() && dek.error().code == Errc::denied) return wrong_secret(file, wrap.type);
    return dek;
}

void encrypt_private_key(KeyFile& file, const SecretBytes& dek, const SecretBytes& key) {
    randombytes_buf(file.nonce.data(), file.nonce.size());
    file.encrypted_key = encrypt(key, dek, file.nonce, file.header());
}

Result<SecretBytes> decrypt_private_key(const KeyFile& file, const SecretBytes& dek) {
    auto key = decrypt(file.encrypted_key, dek, file.nonce, file.header());
    if (!key.ok() && key.error().code == Errc::denied) {
        return Error{Errc::corrupt, "the private key in the file was changed: restore a backup"};
    }
    return key;
}

}  // namespace fieldseal::node
