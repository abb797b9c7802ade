// SPDX-License-Identifier: Apache-2.0
// Keys in SoftHSM2 through the KeyStore, as a node uses them. One key type per token: other
// people's software stumbles over a token that mixes them.
#include "core/ecdsa_scalar.h"
#include "node/custody/keystore.h"
#include "node/custody/private_file.h"
#include "tests/support/soft_token.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace fieldseal::node::pkcs11 {
namespace {

using fieldseal::testing::kTokenPin;
using fieldseal::testing::pin_entry;
using fieldseal::testing::SoftToken;

constexpr std::int64_t kNow_s = 1'800'000'000;

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

SecretBytes secret(std::string_view text) {
    return must(SecretBytes::copy_of(as_bytes(text)));
}

StatementTbs statement_of(const KeyInfo& info, std::uint8_t nonce) {
    StatementClaims claims;
    claims.document.fill(nonce);
    claims.algorithm = info.public_key->algorithm();
    claims.kid = info.public_key->kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "test";
    claims.issued_at = kNow_s;
    claims.media_type = "text/plain";
    claims.nonce.fill(nonce);
    claims.custody = info.custody;
    return must(StatementTbs::from(std::move(claims)));
}

class InSoftHsm : public ::testing::TestWithParam<KeyAlgorithm> {
protected:
    void SetUp() override {
        if (!SoftToken::installed()) GTEST_SKIP() << "softhsm2 is not installed";
        token_ = std::make_unique<SoftToken>();
        store_ = must(KeyStore::create(token_->directory / "keys", {}));
    }
    KeyInfo create(std::optional<std::string> pin_file = std::nullopt) {
        const SecretBytes pin = secret(kTokenPin);
        NewTokenKey key{"seal-default", GetParam(),   Purpose::statement,
                        token_->name(), std::nullopt, std::move(pin_file)};
        return must(store_->create_in_token(key, Credential::pin(&pin, kNow_s, false)));
    }
    Result<void> unlock(SigningKey& key, std::string_view pin, bool last_try = false) {
        const SecretBytes given = secret(pin);
        return store_->unlock(key, Credential::pin(&given, kNow_s, last_try));
    }

    std::unique_ptr<SoftToken> token_;
    std::unique_ptr<KeyStore> store_;
};

TEST_P(InSoftHsm, SignsStatementsThatVerify) {
    const KeyInfo made = create();
    EXPECT_EQ(made.custody, Custody::pkcs11_sealed_inside);
    EXPECT_FALSE(made.unattended);
    const auto key = must(store_->load("seal-default"));
    EXPECT_EQ(key->info().public_key, made.public_key);
    const StatementTbs tbs = statement_of(made, 1);
    EXPECT_EQ(key->sign_statement(tbs).error().code, Errc::locked);
    must(unlock(*key, kTokenPin));
    for (std::uint8_t i = 0; i < 32; ++i) {
        const auto statement = must(key->sign_statement(statement_of(made, i)));
        EXPECT_TRUE(verify_statement(statement, *made.public_key).ok());
        EXPECT_EQ(statement.claims.custody, Custody::pkcs11_sealed_inside);
    }
    key->lock();
    EXPECT_EQ(key->sign_statement(tbs).error().code, Errc::locked);
}

TEST_P(InSoftHsm, AClaimOfAnotherCustodyIsNotSigned) {
    KeyInfo made = create();
    const auto key = must(store_->load("seal-default"));
    must(unlock(*key, kTokenPin));
    made.custody = Custody::software;
    EXPECT_EQ(key->sign_statement(statement_of(made, 1)).error().code, Errc::invalid_argument);
}

TEST_P(InSoftHsm, SurvivesARestart) {
    const KeyInfo made = create();
    store_.reset();
    store_ = must(KeyStore::open(token_->directory / "keys", {}));
    const auto key = must(store_->load("seal-default"));
    must(unlock(*key, kTokenPin));
    EXPECT_TRUE(key->sign_statement(statement_of(made, 1)).ok());
}

TEST_P(InSoftHsm, AnUnattendedKeyOpensWithItsPinFile) {
    const std::string path = token_->directory / "pin";
    must(write_private_file(path, as_bytes(std::string(kTokenPin) + "\n")));
    const KeyInfo made = create(path);
    EXPECT_TRUE(made.unattended);
    store_.reset();
    store_ = must(KeyStore::open(token_->directory / "keys", {}));
    const auto key = must(store_->open_unattended("seal-default"));
    EXPECT_TRUE(key->sign_statement(statement_of(made, 1)).ok());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, InSoftHsm,
                         ::testing::Values(KeyAlgorithm::es256k, KeyAlgorithm::es256,
                                           KeyAlgorithm::eddsa, KeyAlgorithm::ps256),
                         [](const auto& at) { return std::string(to_string(at.param)); });

class Es256InSoftHsm : public InSoftHsm {};
INSTANTIATE_TEST_SUITE_P(Only, Es256InSoftHsm, ::testing::Values(KeyAlgorithm::es256));

TEST_P(Es256InSoftHsm, AWrongPinUnlocksNothingAndIsCounted) {
    create();
    const auto key = must(store_->load("seal-default"));
    EXPECT_EQ(unlock(*key, "111111").error().code, Errc::denied);
    EXPECT_FALSE(key->unlocked());
    must(unlock(*key, kTokenPin));
    EXPECT_TRUE(key->unlocked());
}

// C_Login on a token that is logged in says yes to every PIN: that must not unlock a second seal.
TEST_P(Es256InSoftHsm, ASecondSealOfATokenNeedsTheRightPinToo) {
    const KeyInfo first = create();
    const SecretBytes pin = secret(kTokenPin);
    NewTokenKey more{"seal-permits", GetParam(),   Purpose::statement,
                     token_->name(), std::nullopt, std::nullopt};
    const KeyInfo second =
        must(store_->create_in_token(more, Credential::pin(&pin, kNow_s, false)));
    EXPECT_FALSE(first.public_key == second.public_key);
    const auto a = must(store_->load("seal-default"));
    const auto b = must(store_->load("seal-permits"));
    must(unlock(*a, kTokenPin));
    must(unlock(*b, kTokenPin));
    EXPECT_TRUE(a->sign_statement(statement_of(first, 1)).ok());
    EXPECT_TRUE(b->sign_statement(statement_of(second, 1)).ok());
    b->lock();
    EXPECT_TRUE(a->sign_statement(statement_of(first, 2)).ok());
    EXPECT_EQ(unlock(*b, "111111").error().code, Errc::denied);
    EXPECT_FALSE(b->unlocked());
    // The guess cost the login of the whole token, and it says so.
    EXPECT_EQ(a->sign_statement(statement_of(first, 3)).error().code, Errc::locked);
    EXPECT_FALSE(a->unlocked());
    EXPECT_NE(a->lock_reason().find("unlock the seal again"), std::string::npos);
    must(unlock(*a, kTokenPin));
    EXPECT_TRUE(a->sign_statement(statement_of(first, 4)).ok());
}

TEST_P(Es256InSoftHsm, AKeyThatIsInTheTokenAlreadyIsTakenByItsId) {
    create();
    auto& tokens = store_->tokens();
    const auto text = must(read_private_file(token_->directory / "keys/seal-default.key", 16384));
    const TokenKeyFile file = must(parse_token_key_file(as_text(text)));
    const NewTokenKey taken{"seal-old",     GetParam(),  Purpose::statement,
                            token_->name(), file.key.id, std::nullopt};
    const auto again = must(tokens.create(taken, pin_entry(kTokenPin)));
    EXPECT_EQ(again.public_key, file.public_key);
    EXPECT_EQ(again.custody, Custody::pkcs11_sealed_inside);
    NewTokenKey missing = taken;
    missing.key_id = Bytes{1, 2, 3};
    EXPECT_EQ(tokens.create(missing, pin_entry(kTokenPin)).error().code, Errc::not_found);
}

TEST_P(InSoftHsm, IsDestroyedInItsTokenWithItsPin) {
    create();
    const auto key = must(store_->load("seal-default"));
    must(unlock(*key, kTokenPin));
    const SecretBytes wrong = secret("111111");
    EXPECT_EQ(store_->destroy_in_token("seal-default", Credential::pin(&wrong, kNow_s, false))
                  .error()
                  .code,
              Errc::denied);
    EXPECT_TRUE(unlock(*key, kTokenPin).ok()) << "a wrong PIN destroys nothing";
    const SecretBytes pin = secret(kTokenPin);
    const auto credential = Credential::pin(&pin, kNow_s, false);
    must(store_->destroy_in_token("seal-default", credential));
    EXPECT_EQ(unlock(*key, kTokenPin).error().code, Errc::not_found);
    EXPECT_FALSE(key->sign_statement(statement_of(key->info(), 1)).ok());
    must(store_->destroy_in_token("seal-default", credential));
}

TEST_P(Es256InSoftHsm, AnotherKeyUnderTheSameIdIsNotDestroyed) {
    create();
    const auto text = must(read_private_file(token_->directory / "keys/seal-default.key", 16384));
    TokenKeyFile other = must(parse_token_key_file(as_text(text)));
    auto& tokens = store_->tokens();
    const NewTokenKey more{"seal-permits", GetParam(),   Purpose::statement,
                           token_->name(), std::nullopt, std::nullopt};
    other.public_key = must(tokens.create(more, pin_entry(kTokenPin))).public_key;
    EXPECT_EQ(tokens.destroy(other, pin_entry(kTokenPin)).error().code, Errc::conflict);
    const auto key = must(store_->load("seal-default"));
    EXPECT_TRUE(unlock(*key, kTokenPin).ok());
}

TEST_P(Es256InSoftHsm, WhatBelongsToSoftwareKeysIsRefusedWithASentence) {
    create();
    const SecretBytes passphrase = secret("correct horse battery");
    const SecretBytes pin = secret(kTokenPin);
    const auto credential = Credential::passphrase(pin, kNow_s);
    EXPECT_EQ(store_->set_passphrase("seal-default", credential, passphrase).error().code,
              Errc::unsupported);
    EXPECT_EQ(store_->renew_recovery("seal-default", credential).error().code, Errc::unsupported);
    const auto key = must(store_->load("seal-default"));
    EXPECT_EQ(store_->unlock(*key, Credential::recovery(passphrase)).error().code, Errc::denied);
    EXPECT_EQ(store_->unlock(*key, Credential::machine()).error().code, Errc::denied);
    EXPECT_EQ(store_->unlock(*key, Credential::pin(nullptr, kNow_s, false)).error().code,
              Errc::invalid_argument);  // no PIN pad
}

TEST_P(Es256InSoftHsm, AnotherTokenIsNotTheToken) {
    create();
    const auto key = must(store_->load("seal-default"));
    must(unlock(*key, kTokenPin));
    key->lock();
    const auto text = must(read_private_file(token_->directory / "keys/seal-default.key", 16384));
    TokenKeyFile file = must(parse_token_key_file(as_text(text)));
    file.token.serial = "0123456789abcdef";
    const auto refused = store_->tokens().unlock(file, pin_entry(kTokenPin));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().message.find("plug it in"), std::string::npos);
}

TEST_P(Es256InSoftHsm, TellsWhatATokenCan) {
    const auto tokens = must(store_->tokens().tokens(token_->module));
    ASSERT_FALSE(tokens.empty());
    for (const TokenInfo& token : tokens) {
        if (token.name.label != "office") continue;
        EXPECT_TRUE(token.flags.initialised);
        EXPECT_TRUE(token.flags.pin_set);
        EXPECT_FALSE(token.name.serial.empty());
        for (const Capability& each : token.capabilities) EXPECT_NE(each.can, Can::no);
        return;
    }
    FAIL() << "no token \"office\"";
}

TEST(Pkcs11Module, RefusesWhatIsNoModule) {
    const fieldseal::testing::TempDirectory place;
    const std::string text = place / "notes.so";
    std::ofstream(text) << "not a library";
    EXPECT_EQ(Module::load(text).error().code, Errc::unsupported);
    EXPECT_EQ(Module::load(place / "gone.so").error().code, Errc::not_found);
    EXPECT_EQ(Module::load("relative.so").error().code, Errc::invalid_argument);
    std::filesystem::permissions(text, std::filesystem::perms::all);
    EXPECT_EQ(Module::load(text).error().code, Errc::denied);
    // A library, but not a Cryptoki one.
    EXPECT_EQ(Module::load("/usr/lib/x86_64-linux-gnu/libsodium.so.23").error().code,
              std::filesystem::exists("/usr/lib/x86_64-linux-gnu/libsodium.so.23")
                  ? Errc::unsupported
                  : Errc::not_found);
}

}  // namespace
}  // namespace fieldseal::node::pkcs11
