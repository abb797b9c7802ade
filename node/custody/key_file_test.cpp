// SPDX-License-Identifier: Apache-2.0
#include "node/custody/key_file.h"

#include "core/encoding.h"
#include "node/custody/engine.h"
#include "node/custody/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

SecretBytes secret_of(std::string_view text) {
    return *SecretBytes::copy_of(as_bytes(text));
}

struct Sample {
    KeyFile file;
    SecretBytes dek;
};

Sample make_sample(KeyAlgorithm algorithm = KeyAlgorithm::es256k,
                   Purpose purpose = Purpose::statement) {
    Sample sample{{}, *SecretBytes::random(kDataKeyBytes)};
    const SecretBytes scalar = *generate_secret(algorithm);
    sample.file.name = "seal";
    sample.file.algorithm = algorithm;
    sample.file.purpose = purpose;
    sample.file.public_key =
        (*make_engine(algorithm, *SecretBytes::copy_of(scalar.view())))->public_key();
    encrypt_private_key(sample.file, sample.dek, scalar);
    sample.file.wraps.push_back(*wrap_data_key(sample.file, WrapType::passphrase, sample.dek,
                                               secret_of("correct horse"),
                                               kArgon2idFastForTesting));
    return sample;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

// Everything that must go right for a passphrase to give the private key.
Result<SecretBytes> open(std::string_view text, std::string_view passphrase) {
    const KeyFile file = FIELDSEAL_TRY(parse_key_file(text));
    const Wrap* wrap = file.find(WrapType::passphrase);
    if (!wrap) return Error{Errc::denied, "no passphrase"};
    const SecretBytes dek = FIELDSEAL_TRY(unwrap_data_key(file, *wrap, secret_of(passphrase)));
    return decrypt_private_key(file, dek);
}

TEST(KeyFile, IsReadBackAsItWasWritten) {
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa}) {
        const Sample sample = make_sample(algorithm);
        const std::string text = to_json(sample.file);
        const auto back = parse_key_file(text);
        ASSERT_TRUE(back.ok()) << back.error().message;
        EXPECT_EQ(to_json(*back), text);
        EXPECT_EQ(back->info().public_key, sample.file.public_key);
        EXPECT_TRUE(back->info().has_passphrase);
        EXPECT_FALSE(back->info().unattended);
        EXPECT_TRUE(open(text, "correct horse").ok());
    }
}

TEST(KeyFile, AWrongPassphraseIsDenied) {
    const auto opened = open(to_json(make_sample().file), "wrong horse");
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::denied);
}

TEST(KeyFile, EveryFlippedCharacterIsNoticed) {
    const std::string text = to_json(make_sample().file);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        const auto opened = open(flipped, "correct horse");
        // A flip between two blanks of JSON changes nothing that is meant.
        const auto parsed = parse_key_file(flipped);
        if (parsed.ok() && to_json(*parsed) == text) continue;
        EXPECT_FALSE(opened.ok()) << at << ": " << flipped[at];
    }
}

TEST(KeyFile, EveryFlippedCharacterIsNoticedWithoutASecret) {
    const std::string text = to_json(make_sample().file);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        const auto parsed = parse_key_file(flipped);
        // A flip between two blanks of JSON changes nothing that is meant.
        EXPECT_TRUE(!parsed.ok() || to_json(*parsed) == text) << at << ": " << flipped[at];
    }
}

TEST(KeyFile, AFileOfBeforeThereWasAChecksumIsRead) {
    const std::string text = to_json(make_sample().file);
    const std::size_t at = text.find(",\n  \"checksum\"");
    ASSERT_NE(at, std::string::npos);
    const auto parsed = parse_key_file(text.substr(0, at) + "\n}\n");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(to_json(*parsed), text);
}

TEST(KeyFile, EveryTruncationIsRefused) {
    const std::string text = to_json(make_sample().file);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
        const auto parsed = parse_key_file(std::string_view(text).substr(0, size));
        ASSERT_FALSE(parsed.ok()) << size;
        EXPECT_EQ(parsed.error().code, Errc::corrupt) << size;
    }
}

TEST(KeyFile, NoFieldOfTheHeaderCanBeExchanged) {
    const std::string text = to_json(make_sample().file);
    const auto other = make_sample();
    EXPECT_FALSE(open(replaced(text, "\"seal\"", "\"seam\""), "correct horse").ok());
    EXPECT_FALSE(open(replaced(text, "\"statement\"", "\"status\""), "correct horse").ok());
    EXPECT_FALSE(open(replaced(text, "\"statement\"", "\"chain-tx\""), "correct horse").ok());
    EXPECT_FALSE(open(replaced(text, "\"ES256K\"", "\"ES256\""), "correct horse").ok());
    const Sample original = make_sample();
    KeyFile swapped = original.file;
    swapped.public_key = other.file.public_key;
    EXPECT_FALSE(open(to_json(swapped), "correct horse").ok());
}

TEST(KeyFile, AWrapOfAnotherKeyDoesNotOpen) {
    const Sample mine = make_sample();
    const Sample theirs = make_sample();
    KeyFile swapped = mine.file;
    swapped.wraps = theirs.file.wraps;
    EXPECT_EQ(open(to_json(swapped), "correct horse").error().code, Errc::denied);
    swapped = mine.file;
    swapped.nonce = theirs.file.nonce;
    swapped.encrypted_key = theirs.file.encrypted_key;
    EXPECT_EQ(open(to_json(swapped), "correct horse").error().code, Errc::corrupt);
}

TEST(KeyFile, AWrapCannotChangeItsTypeOrCost) {
    Sample sample = make_sample();
    Wrap wrap = sample.file.wraps[0];
    wrap.cost.passes = 2;
    EXPECT_FALSE(unwrap_data_key(sample.file, wrap, secret_of("correct horse")).ok());
    const SecretBytes code = *SecretBytes::random(32);
    wrap = *wrap_data_key(sample.file, WrapType::recovery, sample.dek, code);
    EXPECT_TRUE(unwrap_data_key(sample.file, wrap, code).ok());
    wrap.type = WrapType::unattended;
    EXPECT_FALSE(unwrap_data_key(sample.file, wrap, code).ok());
}

TEST(KeyFile, RefusesCostsAHostileFileMightAsk) {
    const std::string text = to_json(make_sample().file);
    for (const std::string_view cost :
         {"\"memory_kib\": 67108864", "\"memory_kib\": 1048577", "\"memory_kib\": 7",
          "\"memory_kib\": -1", "\"memory_kib\": \"64\""}) {
        EXPECT_FALSE(parse_key_file(replaced(text, "\"memory_kib\": 64", cost)).ok()) << cost;
    }
    EXPECT_FALSE(parse_key_file(replaced(text, "\"passes\": 1", "\"passes\": 17")).ok());
    EXPECT_FALSE(parse_key_file(replaced(text, "\"passes\": 1", "\"passes\": 0")).ok());
}

TEST(KeyFile, RefusesUnknownMembersTypesAndVersions) {
    const std::string text = to_json(make_sample().file);
    EXPECT_FALSE(parse_key_file(replaced(text, "{", "{\"extra\": 1,")).ok());
    EXPECT_FALSE(parse_key_file(replaced(text, "\"passphrase\"", "\"none\"")).ok());
    EXPECT_FALSE(parse_key_file(replaced(text, "\"statement\"", "\"pin\"")).ok());
    EXPECT_FALSE(parse_key_file(replaced(text, "\"seal\"", "\"../seal\"")).ok());
    const auto later = parse_key_file(replaced(text, "key/v1", "key/v2"));
    ASSERT_FALSE(later.ok());
    EXPECT_EQ(later.error().code, Errc::unsupported);
    EXPECT_FALSE(parse_key_file(std::string(kKeyFileBytesMax + 1, ' ')).ok());
}

TEST(KeyFile, RefusesNoWrapsAndTwoOfOneType) {
    Sample sample = make_sample();
    sample.file.wraps.push_back(sample.file.wraps[0]);
    EXPECT_THAT(parse_key_file(to_json(sample.file)).error().message,
                HasSubstr("second wrap of the same type"));
    sample.file.wraps.clear();
    EXPECT_THAT(parse_key_file(to_json(sample.file)).error().message, HasSubstr("is empty"));
}

TEST(KeyFile, AMacKeyHasNoPublicKeyAndOthersMust) {
    const Sample pin = make_sample(KeyAlgorithm::hmac_sha256, Purpose::pin);
    EXPECT_FALSE(pin.file.public_key);
    EXPECT_TRUE(open(to_json(pin.file), "correct horse").ok());
    Sample seal = make_sample();
    KeyFile wrong = pin.file;
    wrong.public_key = seal.file.public_key;
    EXPECT_FALSE(parse_key_file(to_json(wrong)).ok());
    seal.file.public_key.reset();
    EXPECT_FALSE(parse_key_file(to_json(seal.file)).ok());
}

TEST(KeyTypes, EveryWordIsReadBack) {
    for (const std::string_view word :
         {"statement", "status", "checkpoint", "cosignature", "receipt", "chain-tx", "pin"}) {
        const auto purpose = parse_purpose(word);
        ASSERT_TRUE(purpose.ok()) << word;
        EXPECT_EQ(to_string(*purpose), word);
    }
    EXPECT_FALSE(parse_purpose("Statement").ok());
    EXPECT_FALSE(parse_key_algorithm("ES384").ok());
}

TEST(KeyTypes, LogAndWitnessKeysAreEd25519AndChainKeysAreSecp256k1) {
    EXPECT_TRUE(purpose_allows(Purpose::checkpoint, KeyAlgorithm::eddsa));
    EXPECT_FALSE(purpose_allows(Purpose::checkpoint, KeyAlgorithm::es256k));
    EXPECT_FALSE(purpose_allows(Purpose::cosignature, KeyAlgorithm::es256));
    EXPECT_FALSE(purpose_allows(Purpose::chain_tx, KeyAlgorithm::eddsa));
    EXPECT_FALSE(purpose_allows(Purpose::statement, KeyAlgorithm::hmac_sha256));
    EXPECT_FALSE(purpose_allows(Purpose::pin, KeyAlgorithm::es256k));
}

TEST(KeyTypes, KeyNamesStayInsideTheirDirectory) {
    for (const char* name : {"log", "seal-1", "a.b_c", "0"}) {
        EXPECT_TRUE(check_key_name(name).ok()) << name;
    }
    for (const std::string name : {"", ".", "..", ".hidden", "a/b", "Seal", "a b", "-x"}) {
        EXPECT_FALSE(check_key_name(name).ok()) << name;
    }
    EXPECT_FALSE(check_key_name(std::string(64, 'a')).ok());
    EXPECT_FALSE(check_key_name(std::string_view("a\0b", 3)).ok());
}

}  // namespace
}  // namespace fieldseal::node
