// SPDX-License-Identifier: Apache-2.0
// What tokens do on a bad day (tests/support/pkcs11_faults.cpp), and that never a wrong statement
// comes of it: each refusal with its code and its sentence (docs/operations/tokens.md).
#include "core/ecdsa_scalar.h"
#include "node/custody/keystore.h"
#include "node/custody/private_file.h"
#include "tests/support/soft_token.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <dlfcn.h>
#include <fstream>
#include <future>
#include <p11-kit/pkcs11.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::node::pkcs11 {
namespace {

using fieldseal::testing::kTokenPin;
using fieldseal::testing::SoftToken;

constexpr std::int64_t kNow_s = 1'800'000'000;
constexpr const char* kFaultsVariable = "FIELDSEAL_PKCS11_FAULTS";

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// What a module that was left behind does not get: tests after this one begin anew.
void finalise() {
    void* library = ::dlopen(FIELDSEAL_PKCS11_FAULTS_MODULE, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr);
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST_PTR functions = nullptr;
    ASSERT_EQ(get(&functions), CKR_OK);
    functions->C_Finalize(nullptr);
}

// Replaced as a whole, so that no half-written line is read.
void say(const std::string& path, const std::string& text) {
    std::ofstream(path + ".new") << text << '\n';
    std::filesystem::rename(path + ".new", path);
}

class TokenFaults : public ::testing::Test {
protected:
    void SetUp() override {
        if (!SoftToken::installed()) GTEST_SKIP() << "softhsm2 is not installed";
        control_ = place_ / "control";
        fault("none");
        ::setenv(kFaultsVariable, control_.c_str(), 1);
        token_ = std::make_unique<SoftToken>(FIELDSEAL_PKCS11_FAULTS_MODULE);
        token_->add("second");  // now: SoftHSM2 looks for tokens when it starts
        store_ = must(KeyStore::create(token_->directory / "keys", {}));
        key_ = make("seal-default");
        must(unlock(*key_, kTokenPin));
    }
    void fault(const std::string& line) const { say(control_, line); }
    std::shared_ptr<SigningKey> make(const std::string& name,
                                     std::optional<std::string> pin_file = std::nullopt) {
        const SecretBytes pin = must(SecretBytes::copy_of(as_bytes(std::string_view(kTokenPin))));
        must(store_->create_in_token({name, KeyAlgorithm::es256, Purpose::statement, token_->name(),
                                      std::nullopt, std::move(pin_file)},
                                     Credential::pin(&pin, kNow_s, false)));
        return must(store_->load(name));
    }
    Result<void> unlock(SigningKey& key, std::string_view pin, bool last_try = false,
                        std::int64_t now_s = kNow_s) const {
        const SecretBytes given = must(SecretBytes::copy_of(as_bytes(pin)));
        return store_->unlock(key, Credential::pin(&given, now_s, last_try));
    }
    static StatementTbs statement(const SigningKey& key) {
        StatementClaims claims;
        claims.algorithm = Algorithm::es256;
        claims.kid = key.info().public_key->kid();
        claims.issuer = "example.org/office-7/1";
        claims.subject = "test";
        claims.issued_at = kNow_s;
        claims.media_type = "text/plain";
        claims.custody = key.info().custody;
        return must(StatementTbs::from(std::move(claims)));
    }
    // What comes out is right, or nothing comes out.
    Result<Statement> sign(const SigningKey& key) const {
        auto made = key.sign_statement(statement(key));
        EXPECT_TRUE(!made.ok() || verify_statement(*made, *key.info().public_key).ok());
        return made;
    }
    void expect_refused(Errc code, std::string_view words) const {
        const auto refused = sign(*key_);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, code) << refused.error().message;
        EXPECT_NE(refused.error().message.find(words), std::string::npos)
            << refused.error().message;
    }
    std::size_t calls(const std::string& call) const {
        std::ifstream file(control_ + ".calls");
        std::size_t count = 0;
        for (std::string line; std::getline(file, line);) count += line == call ? 1U : 0U;
        return count;
    }

    const fieldseal::testing::TempDirectory place_;
    std::string control_;
    std::unique_ptr<SoftToken> token_;
    std::unique_ptr<KeyStore> store_;
    std::shared_ptr<SigningKey> key_;
};

TEST_F(TokenFaults, ALostSessionIsReopenedWithoutAPin) {
    const std::size_t logins = calls("login");
    for (const char* line : {"session-lost", "none", "device-error", "none", "session-lost"}) {
        fault(line);
        for (int i = 0; i < 3; ++i) EXPECT_TRUE(sign(*key_).ok()) << line;
    }
    EXPECT_TRUE(key_->unlocked());
    EXPECT_EQ(calls("login"), logins);
}

TEST_F(TokenFaults, ALoginThatIsGoneNeedsAPersonAgain) {
    for (const char* line : {"logged-out", "all-sessions-lost"}) {
        fault(line);
        const std::size_t logins = calls("login");
        expect_refused(Errc::locked, "unlock the seal again");
        EXPECT_FALSE(key_->unlocked());
        EXPECT_EQ(calls("login"), logins) << "no PIN was guessed";
        // Later orders hear the reason, too.
        expect_refused(Errc::locked, "lost its login");
        must(unlock(*key_, kTokenPin));
        EXPECT_TRUE(sign(*key_).ok());
        fault("none");
    }
}

TEST_F(TokenFaults, ARemovedTokenLocksItsSealAndComesBack) {
    fault("removed");
    expect_refused(Errc::locked, "plug it in");
    EXPECT_FALSE(key_->unlocked());
    const auto absent = unlock(*key_, kTokenPin);
    ASSERT_FALSE(absent.ok());
    EXPECT_EQ(absent.error().code, Errc::unavailable);
    EXPECT_NE(absent.error().message.find("plug it in"), std::string::npos);
    fault("none");
    must(unlock(*key_, kTokenPin));
    EXPECT_TRUE(sign(*key_).ok());
}

TEST_F(TokenFaults, AnUnattendedSealGoesOnByItselfWhenTheTokenIsBack) {
    const std::string pin_file = place_ / "pin";
    must(write_private_file(pin_file, as_bytes(std::string_view(kTokenPin))));
    make("seal-machine", pin_file);
    const auto machine = must(store_->open_unattended("seal-machine"));
    EXPECT_TRUE(sign(*machine).ok());
    fault("removed");
    const auto absent = sign(*machine);
    ASSERT_FALSE(absent.ok());
    EXPECT_EQ(absent.error().code, Errc::unavailable);
    EXPECT_TRUE(machine->unlocked());
    fault("none");
    EXPECT_TRUE(sign(*machine).ok());
    // A PIN file that is wrong is tried once, however often somebody asks.
    must(write_private_file(pin_file, as_bytes(std::string_view("111111"))));
    fault("all-sessions-lost");
    const std::size_t logins = calls("login");
    for (int i = 0; i < 5; ++i) {
        const auto refused = sign(*machine);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, Errc::denied);
    }
    EXPECT_EQ(calls("login"), logins + 1);
}

TEST_F(TokenFaults, AWrongSignatureIsThrownAwayAndTheKeySetAside) {
    make("seal-other");
    for (const char* line : {"wrong-signature", "other-key", "short-signature"}) {
        fault(line);
        expect_refused(Errc::corrupt, "not this key's");
        EXPECT_FALSE(key_->unlocked());
        fault("none");
        expect_refused(Errc::locked, "set aside");
        const std::size_t signatures = calls("sign");
        expect_refused(Errc::locked, "set aside");
        EXPECT_EQ(calls("sign"), signatures) << "the token is not asked again";
        must(unlock(*key_, kTokenPin));
        EXPECT_TRUE(sign(*key_).ok());
    }
}

TEST_F(TokenFaults, HighSIsMadeLow) {
    fault("high-s");
    for (int i = 0; i < 50; ++i) {
        const auto made = must(sign(*key_));
        EcdsaSignature signature{};
        std::copy(made.object.signature.begin(), made.object.signature.end(), signature.begin());
        EXPECT_TRUE(is_low_s(Curve::p256, signature));
    }
}

TEST_F(TokenFaults, ADeviceThatErrsTwiceIsReported) {
    fault("device-errors");
    expect_refused(Errc::unavailable, "CKR_DEVICE_ERROR");
    fault("none");
    EXPECT_TRUE(sign(*key_).ok());
}

TEST_F(TokenFaults, AHangHoldsUpNeitherLockingNorOtherTokens) {
    SecretBytes pin = must(SecretBytes::copy_of(as_bytes(std::string_view(kTokenPin))));
    must(store_->create_in_token({"seal-second", KeyAlgorithm::es256, Purpose::statement,
                                  token_->name("second"), std::nullopt, std::nullopt},
                                 Credential::pin(&pin, kNow_s, false)));
    fault("hang");
    auto hanging = std::async(std::launch::async, [&] { return sign(*key_); });
    while (calls("sign") == 0) std::this_thread::yield();
    const auto started = std::chrono::steady_clock::now();
    // The other token answers: only its signatures would hang, so it is asked for everything else.
    const auto second = must(store_->load("seal-second"));
    must(unlock(*second, kTokenPin));
    key_->lock();
    EXPECT_FALSE(key_->unlocked());
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
    const auto late = hanging.get();
    ASSERT_FALSE(late.ok());
    // Locked meanwhile, so whatever the token says now is not used.
    EXPECT_EQ(late.error().code, Errc::locked);
    fault("none");
}

TEST_F(TokenFaults, AHangOfFiveSecondsIsRefusedInTimeAndPasses) {
    fault("hang");
    const auto started = std::chrono::steady_clock::now();
    expect_refused(Errc::unavailable, "has not answered for 4 s");
    EXPECT_LT(std::chrono::steady_clock::now() - started, kSignDeadline + std::chrono::seconds(2));
    EXPECT_TRUE(key_->unlocked());
    expect_refused(Errc::unavailable, "does not answer");  // at once
    fault("none");
    for (;;) {
        const auto made = sign(*key_);
        if (made.ok()) break;  // the ctest has a deadline
        ASSERT_EQ(made.error().code, Errc::unavailable) << made.error().message;
        std::this_thread::yield();
    }
}

TEST_F(TokenFaults, TheProcessEndsWhileATokenHangs) {
    fault("hang");
    expect_refused(Errc::unavailable, "has not answered");
    const auto started = std::chrono::steady_clock::now();
    key_.reset();
    store_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(3));
    fault("none");
    while (Worker::abandoned() > 0) std::this_thread::yield();
    finalise();
}

TEST_F(TokenFaults, TheLastTryIsNeverSpentUnasked) {
    key_->lock();
    fault("final-try");
    const std::size_t logins = calls("login");
    for (const char* pin : {"111111", kTokenPin}) {
        const auto refused = unlock(*key_, pin);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, Errc::denied);
        EXPECT_NE(refused.error().message.find("--last-try"), std::string::npos);
    }
    EXPECT_EQ(calls("login"), logins) << "the token saw a guess";
    must(unlock(*key_, kTokenPin, /*last_try=*/true));
    EXPECT_TRUE(sign(*key_).ok());
}

TEST_F(TokenFaults, ATokenThatSaysNothingIsNotAskedAThirdTimeUnasked) {
    key_->lock();
    fault("says-nothing");  // SoftHSM2 says that a PIN was wrong, many tokens do not
    for (std::uint64_t i = 0; i < kUncertainTries; ++i)
        EXPECT_EQ(unlock(*key_, "111111").error().code, Errc::denied);
    const std::size_t logins = calls("login");
    const auto next = unlock(*key_, kTokenPin);
    ASSERT_FALSE(next.ok());
    EXPECT_NE(next.error().message.find("does not say how many"), std::string::npos);
    EXPECT_EQ(calls("login"), logins);
    must(unlock(*key_, kTokenPin, /*last_try=*/true));
    // The right PIN has ended the row of failures.
    EXPECT_EQ(unlock(*key_, "111111").error().code, Errc::denied);
    must(unlock(*key_, kTokenPin));
}

// One that does say is asked as often as it allows: it will say when it is the last time.
TEST_F(TokenFaults, ATokenThatCountsIsBelieved) {
    for (std::uint64_t i = 0; i <= kUncertainTries; ++i)
        EXPECT_EQ(unlock(*key_, "111111").error().code, Errc::denied);
    must(unlock(*key_, kTokenPin));
}

TEST_F(TokenFaults, ALockedPinIsShownWithWhatToDo) {
    key_->lock();
    fault("pin-locked");
    const std::size_t logins = calls("login");
    const auto refused = unlock(*key_, kTokenPin);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::denied);
    EXPECT_NE(refused.error().message.find("is locked"), std::string::npos);
    EXPECT_NE(refused.error().message.find("PUK"), std::string::npos);
    EXPECT_EQ(calls("login"), logins);
}

// The power goes after the token has judged a guess and before anybody hears: it was counted.
TEST_F(TokenFaults, APowerCutGivesNoFreeGuess) {
    const std::string keys = token_->directory / "keys";
    key_.reset();
    store_.reset();
    fault("die-in-login");
    constexpr std::size_t kGuesses = 8;
    for (std::size_t i = 0; i < kGuesses; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            store_ = must(KeyStore::open(keys, {}));
            key_ = must(store_->load("seal-default"));
            // 138: the node refused to try.
            std::_Exit(unlock(*key_, "111111", /*last_try=*/true).ok() ? 0 : 138);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
    }
    // The free tries of attempts.h and not one more: the counter is written before the token is
    // asked.
    EXPECT_EQ(calls("login"), 2 + 5U);  // one to create, one to unlock, five guesses
    fault("none");
    store_ = must(KeyStore::open(keys, {}));
    key_ = must(store_->load("seal-default"));
    const auto waits = unlock(*key_, kTokenPin, /*last_try=*/true);
    ASSERT_FALSE(waits.ok());
    EXPECT_NE(waits.error().message.find("wait"), std::string::npos);
    must(unlock(*key_, kTokenPin, /*last_try=*/true, kNow_s + 3600));
}

}  // namespace
}  // namespace fieldseal::node::pkcs11
