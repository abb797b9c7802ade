// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token_key_file.h"

#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace fieldseal::node::pkcs11 {
namespace {

using fieldseal::testing::SealSigner;

TokenKeyFile sample(KeyAlgorithm algorithm = KeyAlgorithm::es256) {
    return TokenKeyFile{"seal-permits",
                        Purpose::statement,
                        {{0x01, 0xAB}, algorithm},
                        SealSigner::of(signature_algorithm(algorithm), 3).key(),
                        {"/usr/lib/softhsm/libsofthsm2.so", "office", "9f3a6c2e1b0d4455"},
                        Custody::pkcs11_sealed_inside,
                        std::nullopt};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

TEST(TokenKeyFile, IsReadBackAsItWasWritten) {
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa, KeyAlgorithm::ps256}) {
        TokenKeyFile file = sample(algorithm);
        for (const bool unattended : {false, true}) {
            if (unattended) file.pin_file = "/etc/fieldseal/office.pin";
            const std::string text = to_json(file);
            EXPECT_TRUE(is_token_key_file(text));
            const auto read = parse_token_key_file(text);
            ASSERT_TRUE(read.ok()) << read.error().message;
            EXPECT_EQ(to_json(*read), text);
            const KeyInfo info = read->info();
            EXPECT_EQ(info.unattended, unattended);
            EXPECT_EQ(info.custody, Custody::pkcs11_sealed_inside);
            EXPECT_EQ(info.public_key, file.public_key);
        }
    }
}

TEST(TokenKeyFile, RefusesEachSingleMistake) {
    const std::string good = to_json(sample());
    const std::vector<std::pair<std::string, std::string>> mistakes = {
        {"\"name\": \"seal-permits\"", "\"name\": \"../seal\""},
        {"\"algorithm\": \"ES256\"", "\"algorithm\": \"ES256K\""},
        {"\"algorithm\": \"ES256\"", "\"algorithm\": \"HMAC-SHA256\""},
        {"\"purpose\": \"statement\"", "\"purpose\": \"status\""},
        {"\"purpose\": \"statement\"", "\"purpose\": \"chain-tx\""},
        {"\"module\": \"/usr", "\"module\": \"usr"},
        {"\"module\": \"/usr", "\"module\": \"/\\n"},
        {"\"label\": \"office\"", "\"label\": \"off\\u0007ice\""},
        {"\"label\": \"office\"", "\"label\": \"ooooooooooooooooooooooooooooooooo\""},
        {"\"serial\": \"9f3a6c2e1b0d4455\"", "\"serial\": \"9f3a6c2e1b0d44556\""},
        {"\"serial\"", "\"serial_number\""},
        {"\"key_id\": \"01ab\"", "\"key_id\": \"01AB\""},
        {"\"key_id\": \"01ab\"", "\"key_id\": \"\""},
        {"\"key_id\": \"01ab\"", "\"key_id\": \"01a\""},
        {"\"key_id\": \"01ab\"", "\"key_id\": \"" + std::string(130, '0') + "\""},
        {"\"custody\": \"pkcs11-sealed-inside\"", "\"custody\": \"software\""},
        {"\"custody\": \"pkcs11-sealed-inside\"",
         "\"custody\": \"tpm\", \"pin_file\": \"office.pin\""},
        {"\"custody\": \"pkcs11-sealed-inside\"", "\"custody\": \"tpm\", \"pin\": \"1234\""},
        {"\"custody\": \"pkcs11-sealed-inside\"", "\"custody\": \"tpm\", \"custody\": \"tpm\""},
    };
    for (const auto& [from, to] : mistakes) {
        const auto read = parse_token_key_file(replaced(good, from, to));
        ASSERT_FALSE(read.ok()) << to;
        EXPECT_EQ(read.error().code, Errc::corrupt) << to;
    }
    const auto later = parse_token_key_file(replaced(good, "token-key/v1", "token-key/v2"));
    ASSERT_FALSE(later.ok());
    EXPECT_EQ(later.error().code, Errc::unsupported);
}

TEST(TokenKeyFile, IsToldFromAKeyThatIsHere) {
    EXPECT_FALSE(is_token_key_file(R"({"fieldseal": "key/v1"})"));
    EXPECT_FALSE(is_token_key_file("not JSON"));
    EXPECT_FALSE(is_token_key_file("[]"));
    EXPECT_TRUE(is_token_key_file(R"({"fieldseal": "token-key/v9"})"));
}

}  // namespace
}  // namespace fieldseal::node::pkcs11
