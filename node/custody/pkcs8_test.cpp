// SPDX-License-Identifier: Apache-2.0
// The keys below are OpenSSL's: `openssl genpkey` and `openssl pkcs8 -topk8` wrote the files that
// the command-line test (tests/integration/keys_test.py) reads; here both directions meet.
#include "node/custody/pkcs8.h"

#include "core/encoding.h"
#include "node/custody/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

constexpr KeyAlgorithm kAll[] = {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa};

SecretBytes secret_of(std::string_view text) {
    return *SecretBytes::copy_of(as_bytes(text));
}

struct Made {
    SecretBytes secret;
    PublicKey public_key;
};

Made make(KeyAlgorithm algorithm) {
    SecretBytes secret = *generate_secret(algorithm);
    auto engine = make_engine(algorithm, *SecretBytes::copy_of(secret.view()));
    return {std::move(secret), *(*engine)->public_key()};
}

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Pkey read_by_openssl(ByteView pem, const char* passphrase) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return {PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>(passphrase)),
            EVP_PKEY_free};
}

Bytes spki_of(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

std::string written_by_openssl(EVP_PKEY* key, const EVP_CIPHER* cipher, const char* passphrase) {
    const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, nullptr, 0, nullptr,
                                  const_cast<char*>(passphrase));
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

TEST(Pkcs8, WhatIsWrittenOpensslReads) {
    const SecretBytes passphrase = secret_of("a passphrase of the file");
    for (const KeyAlgorithm algorithm : kAll) {
        const Made made = make(algorithm);
        for (const SecretBytes* wrap : {static_cast<const SecretBytes*>(nullptr), &passphrase}) {
            const auto pem = write_pkcs8(algorithm, made.secret, made.public_key, wrap);
            ASSERT_TRUE(pem.ok()) << pem.error().message;
            EXPECT_EQ(is_encrypted_pkcs8(pem->view()), wrap != nullptr);
            const Pkey read = read_by_openssl(pem->view(), "a passphrase of the file");
            ASSERT_TRUE(read) << to_string(algorithm);
            EXPECT_EQ(spki_of(read.get()), made.public_key.spki());
            const auto back = read_pkcs8(pem->view(), wrap);
            ASSERT_TRUE(back.ok()) << back.error().message;
            EXPECT_EQ(back->algorithm, algorithm);
            EXPECT_TRUE(equal_secrets(back->secret, made.secret));
        }
    }
}

TEST(Pkcs8, WhatOpensslWritesIsRead) {
    for (const KeyAlgorithm algorithm : kAll) {
        const Made made = make(algorithm);
        const auto plain = write_pkcs8(algorithm, made.secret, made.public_key, nullptr);
        const Pkey key = read_by_openssl(plain->view(), nullptr);
        ASSERT_TRUE(key);
        const std::string bare = written_by_openssl(key.get(), nullptr, nullptr);
        const auto from_bare = read_pkcs8(as_bytes(bare), nullptr);
        ASSERT_TRUE(from_bare.ok()) << from_bare.error().message;
        EXPECT_TRUE(equal_secrets(from_bare->secret, made.secret));
        const std::string wrapped = written_by_openssl(key.get(), EVP_aes_256_cbc(), "of openssl");
        const SecretBytes passphrase = secret_of("of openssl");
        const auto from_wrapped = read_pkcs8(as_bytes(wrapped), &passphrase);
        ASSERT_TRUE(from_wrapped.ok()) << from_wrapped.error().message;
        EXPECT_TRUE(equal_secrets(from_wrapped->secret, made.secret));
    }
}

TEST(Pkcs8, AWrongPassphraseIsDenied) {
    const Made made = make(KeyAlgorithm::es256k);
    const SecretBytes right = secret_of("right passphrase");
    const auto pem = write_pkcs8(KeyAlgorithm::es256k, made.secret, made.public_key, &right);
    const SecretBytes wrong = secret_of("wrong passphrase");
    EXPECT_EQ(read_pkcs8(pem->view(), &wrong).error().code, Errc::denied);
    EXPECT_EQ(read_pkcs8(pem->view(), nullptr).error().code, Errc::invalid_argument);
}

TEST(Pkcs8, OldAndForeignSchemesAreNamed) {
    const Made made = make(KeyAlgorithm::es256k);
    const auto plain = write_pkcs8(KeyAlgorithm::es256k, made.secret, made.public_key, nullptr);
    const Pkey key = read_by_openssl(plain->view(), nullptr);
    const SecretBytes passphrase = secret_of("of openssl");
    const std::string des = written_by_openssl(key.get(), EVP_des_ede3_cbc(), "of openssl");
    const auto refused = read_pkcs8(as_bytes(des), &passphrase);
    EXPECT_EQ(refused.error().code, Errc::unsupported);
    EXPECT_THAT(refused.error().message, HasSubstr("AES"));
}

TEST(Pkcs8, OtherKeysAreNamed) {
    const auto keygen = [](const char* type, const char* name) {
        EVP_PKEY* key = nullptr;
        if (std::string_view(type) == "RSA")
            key = EVP_RSA_gen(2048);
        else
            key = EVP_PKEY_Q_keygen(nullptr, nullptr, type, name);
        return Pkey(key, EVP_PKEY_free);
    };
    const auto rsa = read_pkcs8(
        as_bytes(written_by_openssl(keygen("RSA", "").get(), nullptr, nullptr)), nullptr);
    EXPECT_EQ(rsa.error().code, Errc::unsupported);
    EXPECT_THAT(rsa.error().message, HasSubstr("token"));
    const auto p384 = read_pkcs8(
        as_bytes(written_by_openssl(keygen("EC", "P-384").get(), nullptr, nullptr)), nullptr);
    EXPECT_EQ(p384.error().code, Errc::unsupported);
}

TEST(Pkcs8, EveryCutAndEveryFlippedByteOfTheDerIsNoticedOrGivesTheSameKey) {
    const Made made = make(KeyAlgorithm::es256);
    const auto pem = write_pkcs8(KeyAlgorithm::es256, made.secret, made.public_key, nullptr);
    const std::string text(as_text(pem->view()));
    for (std::size_t size = 0; size < text.size() - 1; ++size) {
        EXPECT_FALSE(read_pkcs8(as_bytes(text.substr(0, size)), nullptr).ok()) << size;
    }
    const std::size_t start = text.find('\n') + 1;
    const std::size_t end = text.find("-----END") - 1;
    std::string base64;
    for (const char c : text.substr(start, end - start)) {
        if (c != '\n') base64 += c;
    }
    const Bytes der = *base64_decode(base64);
    for (std::size_t at = 0; at < der.size(); ++at) {
        Bytes flipped = der;
        flipped[at] ^= 1;
        const std::string changed = "-----BEGIN PRIVATE KEY-----\n" + base64_encode(flipped) +
                                    "\n-----END PRIVATE KEY-----\n";
        const auto read = read_pkcs8(as_bytes(changed), nullptr);
        // The private number itself is 32 bytes of which each may differ; the point is not read.
        if (read.ok()) {
            EXPECT_EQ(read->secret.size(), kKeySecretBytes);
        }
    }
}

TEST(Pkcs8, TextAroundTheKeyIsRefused) {
    const Made made = make(KeyAlgorithm::eddsa);
    const auto pem = write_pkcs8(KeyAlgorithm::eddsa, made.secret, made.public_key, nullptr);
    const std::string text(as_text(pem->view()));
    EXPECT_TRUE(read_pkcs8(as_bytes("\n" + text + "\n"), nullptr).ok());
    for (const std::string& wrong : {"x" + text, text + "x", text + text, std::string(),
                                     std::string(kPkcs8BytesMax + 1, 'A')}) {
        EXPECT_EQ(read_pkcs8(as_bytes(wrong), nullptr).error().code, Errc::invalid_argument);
    }
}

}  // namespace
}  // namespace fieldseal::node
