// SPDX-License-Identifier: Apache-2.0
// The DER read here, after decryption:
//   PrivateKeyInfo ::= SEQUENCE { version INTEGER (0, 1), algorithm, privateKey OCTET STRING,
//                                 attributes [0]?, publicKey [1]? }                     RFC 5958 §2
//   EC:      privateKey holds SEQUENCE { 1, OCTET STRING (32), [0] parameters?, [1] point? }
//   Ed25519: privateKey holds OCTET STRING (32)                                         RFC 8410 §7
// Written: the same without attributes and publicKey; the point inside EC keys, as OpenSSL does.
#include "node/custody/pkcs8.h"

#include "core/encoding.h"
#include "core/pki/owned.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace fieldseal::node {
namespace {

constexpr std::string_view kPlainLabel = "PRIVATE KEY";
constexpr std::string_view kEncryptedLabel = "ENCRYPTED PRIVATE KEY";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kPassphraseBytesMax = 1024;
constexpr std::size_t kPemLineChars = 64;
constexpr std::size_t kCipherBlockBytes = 16;
// Cost of one guess: 16 MiB, as much as `openssl pkcs8` reads without being told to.
constexpr std::uint64_t kScryptN = 1U << 14;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 5;
constexpr int kSaltBytes = 16;

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kContext0 = 0xa0;
constexpr std::uint8_t kContext1 = 0xa1;
constexpr std::uint8_t kContext1Primitive = 0x81;

// AlgorithmIdentifier, DER: id-ecPublicKey with a named curve (RFC 5480), id-Ed25519 (RFC 8410).
constexpr std::array<std::uint8_t, 18> kSecp256k1 = {0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                     0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                                     0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a};
constexpr std::array<std::uint8_t, 21> kP256 = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
                                                0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 7> kEd25519 = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
constexpr std::array<std::uint8_t, 15> kRsa = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                               0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

using Encrypted = pki::Owned<X509_SIG, X509_SIG_free>;
using AlgorithmId = pki::Owned<X509_ALGOR, X509_ALGOR_free>;
using Pbe2 = pki::Owned<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2 = pki::Owned<PBKDF2PARAM, PBKDF2PARAM_free>;
using Scrypt = pki::Owned<SCRYPT_PARAMS, SCRYPT_PARAMS_free>;

Error malformed(std::string_view why) {
    return {Errc::invalid_argument,
            "this is not a PKCS#8 private key: " + std::string(why) +
                ". Convert other forms with: openssl pkcs8 -topk8 -v2 aes-256-cbc"};
}

// OpenSSL keeps a queue of errors per thread; a refused input must not leave one behind.
template <class T>
T cleared(T result) {
    ERR_clear_error();
    return result;
}

// Strict DER, forward only: definite lengths in their shortest form.
class Der {
public:
    explicit Der(ByteView bytes) : rest_(bytes) {}
    bool at_end() const { return rest_.empty(); }
    std::uint8_t next_tag() const { return rest_.empty() ? 0 : rest_.front(); }

    // The contents of the next element, which must have this tag.
    Result<ByteView> take(std::uint8_t tag) {
        if (rest_.size() < 2 || rest_[0] != tag) return malformed("its DER has another structure");
        std::size_t length = rest_[1];
        std::size_t at = 2;
        if (length >= 0x80) {
            const std::size_t count = length - 0x80;
            if (count == 0 || count > 2 || rest_.size() < 2 + count)
                return malformed("a DER length is out of bounds");
            length = 0;
            for (; at < 2 + count; ++at) length = length << 8 | rest_[at];
            if (length < 0x80 || (count == 2 && length < 0x100))
                return malformed("a DER length is not in its shortest form");
        }
        if (rest_.size() - at < length) return malformed("its DER ends too early");
        const ByteView content = rest_.subspan(at, length);
        rest_ = rest_.subspan(at + length);
        return content;
    }
    // The next element whole, header and all.
    Result<ByteView> take_whole(std::uint8_t tag) {
        const ByteView before = rest_;
        FIELDSEAL_TRY(take(tag));
        return before.first(before.size() - rest_.size());
    }

private:
    ByteView rest_;
};

bool equal(ByteView a, ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Result<KeyAlgorithm> algorithm_of(ByteView identifier) {
    if (equal(identifier, kSecp256k1)) return KeyAlgorithm::es256k;
    if (equal(identifier, kP256)) return KeyAlgorithm::es256;
    if (equal(identifier, kEd25519)) return KeyAlgorithm::eddsa;
    if (equal(identifier, kRsa)) {
        return Error{Errc::unsupported,
                     "an RSA key is not imported: RSA seals live in tokens (seal-key create "
                     "--pkcs11)"};
    }
    return Error{Errc::unsupported,
                 "the private key is of another kind: secp256k1 and P-256 as named curves and "
                 "Ed25519 are taken"};
}

Result<SecretBytes> secret_of(ByteView octets) {
    if (octets.size() != kSecretBytes) return malformed("the private number has not 32 bytes");
    return SecretBytes::copy_of(octets);
}

// RFC 5915. The point is not believed: whoever opens the key computes it.
Result<SecretBytes> read_ec(ByteView private_key, ByteView algorithm) {
    Der outer(private_key);
    Der in(FIELDSEAL_TRY(outer.take(kSequence)));
    const ByteView version = FIELDSEAL_TRY(in.take(kInteger));
    if (version.size() != 1 || version[0] != 1) return malformed("an EC key of another version");
    const ByteView number = FIELDSEAL_TRY(in.take(kOctetString));
    SecretBytes secret = FIELDSEAL_TRY(secret_of(number));
    if (in.next_tag() == kContext0) {
        // The curve again; it must be the one outside: the last OID of the identifier.
        const ByteView curve = FIELDSEAL_TRY(in.take(kContext0));
        if (curve.size() >= algorithm.size() || !equal(curve, algorithm.last(curve.size())))
            return malformed("it names two curves");
    }
    if (in.next_tag() == kContext1) FIELDSEAL_TRY(in.take(kContext1));
    if (!in.at_end() || !outer.at_end()) return malformed("bytes follow the EC key");
    return secret;
}

Result<Pkcs8Key> read_private_key_info(ByteView der) {
    Der outer(der);
    Der in(FIELDSEAL_TRY(outer.take(kSequence)));
    if (!outer.at_end()) return malformed("bytes follow the key");
    const ByteView version = FIELDSEAL_TRY(in.take(kInteger));
    if (version.size() != 1 || version[0] > 1) return malformed("it is of another version");
    const ByteView identifier = FIELDSEAL_TRY(in.take_whole(kSequence));
    Pkcs8Key key;
    key.algorithm = FIELDSEAL_TRY(algorithm_of(identifier));
    const ByteView private_key = FIELDSEAL_TRY(in.take(kOctetString));
    if (key.algorithm == KeyAlgorithm::eddsa) {
        Der inner(private_key);
        const ByteView number = FIELDSEAL_TRY(inner.take(kOctetString));
        key.secret = FIELDSEAL_TRY(secret_of(number));
        if (!inner.at_end()) return malformed("bytes follow the Ed25519 key");
    } else {
        key.secret = FIELDSEAL_TRY(read_ec(private_key, identifier));
    }
    if (in.next_tag() == kContext0) FIELDSEAL_TRY(in.take(kContext0));
    if (in.next_tag() == kContext1Primitive) FIELDSEAL_TRY(in.take(kContext1Primitive));
    if (!in.at_end()) return malformed("bytes follow the key");
    return key;
}

struct Pem {
    bool encrypted = false;
    SecretBytes der;
};

// One block, nothing but blanks around it.
Result<Pem> read_pem(ByteView bytes) {
    if (bytes.size() > kPkcs8BytesMax) return malformed("it is larger than 16 KiB");
    std::string_view text = as_text(bytes);
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return malformed("it is empty");
    text.remove_prefix(start);
    Pem pem;
    pem.encrypted = is_encrypted_pkcs8(bytes);
    const std::string label(pem.encrypted ? kEncryptedLabel : kPlainLabel);
    const std::string begin = "-----BEGIN " + label + "-----";
    const std::string end = "-----END " + label + "-----";
    if (!text.starts_with(begin)) return malformed("it does not begin with " + begin);
    text.remove_prefix(begin.size());
    const std::size_t stop = text.find(end);
    if (stop == std::string_view::npos) return malformed("it does not end with " + end);
    if (text.find_first_not_of(" \t\r\n", stop + end.size()) != std::string_view::npos)
        return malformed("something follows its end");
    pem.der = FIELDSEAL_TRY(SecretBytes::allocate(stop + 1));
    std::size_t size = 0;
    if (sodium_base642bin(pem.der.data(), pem.der.size(), text.data(), stop, "\r\n \t", &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        size == 0) {
        return malformed("its base64 is broken");
    }
    pem.der.shrink(size);
    return pem;
}

Result<void> check_pbkdf2(const X509_ALGOR* kdf) {
    const ASN1_TYPE* parameter = kdf->parameter;
    const Pbkdf2 given(parameter == nullptr ? nullptr
                                            : static_cast<PBKDF2PARAM*>(ASN1_TYPE_unpack_sequence(
                                                  ASN1_ITEM_rptr(PBKDF2PARAM), parameter)));
    if (!given) return cleared(malformed("its PBKDF2 parameters are broken"));
    std::int64_t iterations = 0;
    if (ASN1_INTEGER_get_int64(&iterations, given->iter) != 1 || iterations < 1 ||
        iterations > std::int64_t{kPbkdf2IterationsMax}) {
        return cleared(malformed("it asks for more than 10 000 000 rounds of PBKDF2"));
    }
    return {};
}

// OpenSSL bounds the memory itself (32 MiB); time grows with p.
Result<void> check_scrypt(const X509_ALGOR* kdf) {
    const ASN1_TYPE* parameter = kdf->parameter;
    const Scrypt given(parameter == nullptr ? nullptr
                                            : static_cast<SCRYPT_PARAMS*>(ASN1_TYPE_unpack_sequence(
                                                  ASN1_ITEM_rptr(SCRYPT_PARAMS), parameter)));
    if (!given) return cleared(malformed("its scrypt parameters are broken"));
    std::uint64_t n = 0;
    std::uint64_t r = 0;
    std::uint64_t p = 0;
    const bool read = ASN1_INTEGER_get_uint64(&n, given->costParameter) == 1 &&
                      ASN1_INTEGER_get_uint64(&r, given->blockSize) == 1 &&
                      ASN1_INTEGER_get_uint64(&p, given->parallelizationParameter) == 1;
    constexpr std::uint64_t kWorkMax = 1U << 24;  // N·r·p, some seconds
    if (!read || n == 0 || r == 0 || p == 0 || n > kWorkMax || r > kWorkMax || p > kWorkMax ||
        n * r > kWorkMax || n * r * p > kWorkMax) {
        return cleared(malformed("its scrypt cost is out of bounds"));
    }
    return {};
}

// PBES2 alone: the older schemes of PKCS#5 and PKCS#12 protect nothing any more.
Result<void> check_scheme(const X509_ALGOR* scheme) {
    if (OBJ_obj2nid(scheme->algorithm) != NID_pbes2 || scheme->parameter == nullptr) {
        return Error{Errc::unsupported,
                     "the file is encrypted in another way than PBES2: write it again with "
                     "openssl pkcs8 -topk8 -v2 aes-256-cbc"};
    }
    const Pbe2 parameters(static_cast<PBE2PARAM*>(
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), scheme->parameter)));
    if (!parameters) return cleared(malformed("its PBES2 parameters are broken"));
    switch (OBJ_obj2nid(parameters->encryption->algorithm)) {
        case NID_aes_128_cbc:
        case NID_aes_192_cbc:
        case NID_aes_256_cbc:
            break;
        default:
            return Error{Errc::unsupported, "the file is encrypted with another cipher than AES"};
    }
    switch (OBJ_obj2nid(parameters->keyfunc->algorithm)) {
        case NID_id_pbkdf2:
            return check_pbkdf2(parameters->keyfunc);
        case NID_id_scrypt:
            return check_scrypt(parameters->keyfunc);
        default:
            return Error{Errc::unsupported,
                         "the file's key is derived in another way than PBKDF2 or scrypt"};
    }
}

// Runs the cipher of `scheme` into locked memory; what OpenSSL allocated is cleared.
Result<SecretBytes> crypt(const X509_ALGOR* scheme, const SecretBytes& passphrase, ByteView input,
                          bool encrypt) {
    unsigned char* out = nullptr;
    int size = 0;
    if (PKCS12_pbe_crypt(scheme, reinterpret_cast<const char*>(passphrase.data()),
                         static_cast<int>(passphrase.size()), input.data(),
                         static_cast<int>(input.size()), &out, &size, encrypt ? 1 : 0) == nullptr) {
        return cleared(encrypt
                           ? Error{Errc::internal, "OpenSSL refused to encrypt a private key"}
                           : Error{Errc::denied, "wrong passphrase of the file, or it is damaged"});
    }
    auto copy = SecretBytes::copy_of({out, static_cast<std::size_t>(size)});
    OPENSSL_clear_free(out, static_cast<std::size_t>(size));
    return copy;
}

Result<SecretBytes> decrypt(ByteView der, const SecretBytes& passphrase) {
    if (passphrase.size() > kPassphraseBytesMax) return malformed("the passphrase is too long");
    const std::uint8_t* cursor = der.data();
    const Encrypted file(d2i_X509_SIG(nullptr, &cursor, static_cast<long>(der.size())));
    if (!file || cursor != der.data() + der.size())
        return cleared(malformed("its encrypted form is broken"));
    const X509_ALGOR* scheme = nullptr;
    const ASN1_OCTET_STRING* content = nullptr;
    X509_SIG_get0(file.get(), &scheme, &content);
    FIELDSEAL_TRY(check_scheme(scheme));
    const int size = ASN1_STRING_length(content);
    if (size <= 0 || static_cast<std::size_t>(size) % kCipherBlockBytes != 0)
        return malformed("its encrypted part has no whole blocks");
    const ByteView input(ASN1_STRING_get0_data(content), static_cast<std::size_t>(size));
    return crypt(scheme, passphrase, input, false);
}

void put_header(std::uint8_t*& out, std::uint8_t tag, std::size_t length) {
    *out++ = tag;
    if (length >= 0x80) *out++ = 0x81;
    *out++ = static_cast<std::uint8_t>(length);
}

void put(std::uint8_t*& out, ByteView bytes) {
    out = std::copy(bytes.begin(), bytes.end(), out);
}

constexpr std::size_t element_bytes(std::size_t length) {
    return length + (length >= 0x80 ? 3 : 2);
}

// The privateKey field's content: RFC 5915 with the point, or RFC 8410.
Result<SecretBytes> private_key_field(KeyAlgorithm algorithm, const SecretBytes& secret,
                                      ByteView point) {
    if (algorithm == KeyAlgorithm::eddsa) {
        SecretBytes field = FIELDSEAL_TRY(SecretBytes::allocate(element_bytes(kSecretBytes)));
        std::uint8_t* out = field.data();
        put_header(out, kOctetString, kSecretBytes);
        put(out, secret.view());
        return field;
    }
    constexpr std::array<std::uint8_t, 3> kVersion1 = {kInteger, 1, 1};
    const std::size_t bits = point.size() + 1;  // and how many are unused: none
    const std::size_t inside =
        kVersion1.size() + element_bytes(kSecretBytes) + element_bytes(element_bytes(bits));
    SecretBytes field = FIELDSEAL_TRY(SecretBytes::allocate(element_bytes(inside)));
    std::uint8_t* out = field.data();
    put_header(out, kSequence, inside);
    put(out, kVersion1);
    put_header(out, kOctetString, kSecretBytes);
    put(out, secret.view());
    put_header(out, kContext1, element_bytes(bits));
    put_header(out, 0x03, bits);
    *out++ = 0;
    put(out, point);
    return field;
}

ByteView identifier_of(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
            return kSecp256k1;
        case KeyAlgorithm::es256:
            return kP256;
        case KeyAlgorithm::eddsa:
            return kEd25519;
        default:
            return {};
    }
}

Result<SecretBytes> private_key_info(KeyAlgorithm algorithm, const SecretBytes& secret,
                                     ByteView point) {
    const ByteView identifier = identifier_of(algorithm);
    if (identifier.empty()) {
        return Error{Errc::unsupported,
                     "a key of " + std::string(to_string(algorithm)) + " is not written as PKCS#8"};
    }
    constexpr std::array<std::uint8_t, 3> kVersion0 = {kInteger, 1, 0};
    const SecretBytes field = FIELDSEAL_TRY(private_key_field(algorithm, secret, point));
    const std::size_t inside = kVersion0.size() + identifier.size() + element_bytes(field.size());
    SecretBytes der = FIELDSEAL_TRY(SecretBytes::allocate(element_bytes(inside)));
    std::uint8_t* out = der.data();
    put_header(out, kSequence, inside);
    put(out, kVersion0);
    put(out, identifier);
    put_header(out, kOctetString, field.size());
    put(out, field.view());
    return der;
}

Result<SecretBytes> encrypt(const SecretBytes& der, const SecretBytes& passphrase) {
    std::array<unsigned char, kSaltBytes> salt{};
    randombytes_buf(salt.data(), salt.size());
    const AlgorithmId scheme(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt.data(), kSaltBytes,
                                                   nullptr, kScryptN, kScryptR, kScryptP));
    if (!scheme) return cleared(Error{Errc::internal, "OpenSSL refused to prepare scrypt"});
    const SecretBytes content = FIELDSEAL_TRY(crypt(scheme.get(), passphrase, der.view(), true));
    unsigned char* identifier = nullptr;
    const int size = i2d_X509_ALGOR(scheme.get(), &identifier);
    if (size <= 0) return cleared(Error{Errc::internal, "OpenSSL refused to write scrypt"});
    const ByteView head(identifier, static_cast<std::size_t>(size));
    const std::size_t inside = head.size() + element_bytes(content.size());
    auto out = SecretBytes::allocate(element_bytes(inside) + 1);
    if (out.ok()) {
        std::uint8_t* cursor = out->data();
        // The whole has 256 bytes and more: a length of two bytes.
        *cursor++ = kSequence;
        if (inside >= 0x100) {
            *cursor++ = 0x82;
            *cursor++ = static_cast<std::uint8_t>(inside >> 8);
        } else if (inside >= 0x80) {
            *cursor++ = 0x81;
        }
        *cursor++ = static_cast<std::uint8_t>(inside);
        put(cursor, head);
        put_header(cursor, kOctetString, content.size());
        put(cursor, content.view());
        out->shrink(static_cast<std::size_t>(cursor - out->data()));
    }
    OPENSSL_free(identifier);
    return out;
}

Result<SecretBytes> to_pem(const SecretBytes& der, std::string_view label) {
    SecretBytes base64 = FIELDSEAL_TRY(SecretBytes::allocate(
        sodium_base64_encoded_len(der.size(), sodium_base64_VARIANT_ORIGINAL)));
    sodium_bin2base64(reinterpret_cast<char*>(base64.data()), base64.size(), der.data(), der.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    base64.shrink(base64.size() - 1);  // its NUL
    const std::string begin = "-----BEGIN " + std::string(label) + "-----\n";
    const std::string end = "-----END " + std::string(label) + "-----\n";
    const std::size_t lines = (base64.size() + kPemLineChars - 1) / kPemLineChars;
    SecretBytes pem =
        FIELDSEAL_TRY(SecretBytes::allocate(begin.size() + base64.size() + lines + end.size()));
    std::uint8_t* out = std::copy(begin.begin(), begin.end(), pem.data());
    for (std::size_t at = 0; at < base64.size(); at += kPemLineChars) {
        const std::size_t count = std::min(kPemLineChars, base64.size() - at);
        put(out, base64.view().subspan(at, count));
        *out++ = '\n';
    }
    std::copy(end.begin(), end.end(), out);
    return pem;
}

}  // namespace

bool is_encrypted_pkcs8(ByteView pem) {
    return as_text(pem).find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != std::string_view::npos;
}

Result<Pkcs8Key> read_pkcs8(ByteView text, const SecretBytes* passphrase) {
    const Pem pem = FIELDSEAL_TRY(read_pem(text));
    if (!pem.encrypted) return read_private_key_info(pem.der.view());
    if (passphrase == nullptr) {
        return Error{Errc::invalid_argument, "the private key is encrypted: give its passphrase"};
    }
    const SecretBytes der = FIELDSEAL_TRY(decrypt(pem.der.view(), *passphrase));
    auto key = read_private_key_info(der.view());
    // One wrong passphrase in 256 leaves a padding that looks right.
    if (!key.ok() && key.error().code == Errc::invalid_argument) {
        return Error{Errc::denied, "wrong passphrase of the file, or it is damaged"};
    }
    return key;
}

Result<SecretBytes> write_pkcs8(KeyAlgorithm algorithm, const SecretBytes& secret,
                                const PublicKey& public_key, const SecretBytes* passphrase) {
    const SecretBytes der = FIELDSEAL_TRY(private_key_info(algorithm, secret, public_key.raw()));
    if (passphrase == nullptr) return to_pem(der, kPlainLabel);
    const SecretBytes encrypted = FIELDSEAL_TRY(encrypt(der, *passphrase));
    return to_pem(encrypted, kEncryptedLabel);
}

}  // namespace fieldseal::node
