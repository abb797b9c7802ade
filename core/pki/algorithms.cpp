// SPDX-License-Identifier: Apache-2.0
#include "core/pki/algorithms.h"

#include "core/pki/owned.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

namespace fieldseal::pki {
namespace {

constexpr std::array<int, 3> kDigests = {NID_sha256, NID_sha384, NID_sha512};
constexpr std::size_t kParameterTextBytes = 64;

void free_memory(void* memory) {
    OPENSSL_free(memory);
}

std::string text_parameter(const EVP_PKEY* key, const char* name) {
    std::array<char, kParameterTextBytes> text{};
    std::size_t length = 0;
    if (EVP_PKEY_get_utf8_string_param(key, name, text.data(), text.size(), &length) != 1)
        return {};
    return {text.data(), length};
}

// Explicit parameters may describe any curve under a good name.
bool is_named_curve(const EVP_PKEY* key) {
    const std::string curve = text_parameter(key, OSSL_PKEY_PARAM_GROUP_NAME);
    return text_parameter(key, OSSL_PKEY_PARAM_EC_ENCODING) == OSSL_PKEY_EC_ENCODING_GROUP &&
           (curve == SN_X9_62_prime256v1 || curve == SN_secp384r1);
}

}  // namespace

bool is_rsa(x509_st* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

Result<void> check_key_of(x509_st* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) return Error{Errc::unsupported, "its key is of an unknown algorithm"};
    const int bits = EVP_PKEY_get_bits(key);
    const int type = EVP_PKEY_get_base_id(key);
    if (type == EVP_PKEY_RSA && bits >= kRsaKeyBitsMin && bits <= kRsaKeyBitsMax) return {};
    if (type == EVP_PKEY_EC && is_named_curve(key)) return {};
    const std::string curve =
        type == EVP_PKEY_EC ? " " + text_parameter(key, OSSL_PKEY_PARAM_GROUP_NAME) : "";
    return Error{Errc::unsupported,
                 "a key of " + algorithm_name(type) + curve + " with " + std::to_string(bits) +
                     " bits may not vouch here: RSA of 2048 to 8192 bits, P-256 and P-384 may"};
}

bool may_digest(int digest_nid) {
    return std::find(kDigests.begin(), kDigests.end(), digest_nid) != kDigests.end();
}

bool may_sign_certificates(int signature_nid) {
    int digest = NID_undef;
    int key = NID_undef;
    if (OBJ_find_sigid_algs(signature_nid, &digest, &key) != 1) return false;
    return may_digest(digest) && (key == NID_rsaEncryption || key == NID_X9_62_id_ecPublicKey);
}

bool may_sign_messages(int signature_nid, int digest_nid, bool with_rsa) {
    if (!may_digest(digest_nid)) return false;
    if (signature_nid == NID_rsaEncryption) return with_rsa;
    int digest = NID_undef;
    int key = NID_undef;
    if (OBJ_find_sigid_algs(signature_nid, &digest, &key) != 1) return false;
    return digest == digest_nid && key == (with_rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey);
}

std::string algorithm_name(int nid) {
    const char* name = OBJ_nid2ln(nid);
    return name != nullptr && nid != NID_undef ? name : "an unknown algorithm";
}

std::optional<Certificate> copy_of(x509_st* certificate) {
    if (certificate == nullptr) return std::nullopt;
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    const Owned<unsigned char, free_memory> owned(der);
    if (size <= 0) return std::nullopt;
    auto copy = Certificate::parse({der, static_cast<std::size_t>(size)});
    if (!copy) return std::nullopt;
    return *std::move(copy);
}

}  // namespace fieldseal::pki
