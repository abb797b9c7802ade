// SPDX-License-Identifier: Apache-2.0
#include "node/custody/keystore.h"

#include "node/custody/private_file.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'763'900'000;
constexpr KeyStore::Options kFast{kArgon2idFastForTesting, SigningKey::VerifyAfterSign::yes};

SecretBytes secret_of(std::string_view text) {
    return *SecretBytes::copy_of(as_bytes(text));
}

class KeyStoreTest : public ::testing::Test {
protected:
    std::string path(const std::string& file) const { return keys_ + "/" + file; }

    std::string text_of(const std::string& file) const {
        std::stringstream text;
        text << std::ifstream(path(file)).rdbuf();
        return text.str();
    }

    Errc unlock_code(std::string_view name, const Credential& credential) {
        const auto key = store_->load(name);
        if (!key.ok()) return key.error().code;
        const auto unlocked = store_->unlock(**key, credential);
        return unlocked.ok() ? Errc::internal : unlocked.error().code;
    }
    bool opens(std::string_view name, const Credential& credential) {
        const auto key = store_->load(name);
        return key.ok() && store_->unlock(**key, credential).ok() && (*key)->unlocked();
    }

    fieldseal::testing::TempDirectory directory_;
    std::string keys_ = directory_ / "keys";
    std::unique_ptr<KeyStore> store_ = *KeyStore::create(keys_, kFast);
    const SecretBytes right_ = secret_of("correct horse");
    const SecretBytes wrong_ = secret_of("wrong horse battery");
};

TEST_F(KeyStoreTest, ASealOpensWithItsPassphraseOnly) {
    const auto made = store_->create_attended({.name = "seal"}, right_);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_FALSE(made->unattended);
    EXPECT_EQ(unlock_code("seal", Credential::passphrase(wrong_, kNow)), Errc::denied);
    EXPECT_TRUE(opens("seal", Credential::passphrase(right_, kNow)));
    EXPECT_EQ(unlock_code("seal", Credential::machine()), Errc::denied);
}

TEST_F(KeyStoreTest, UnattendedKeysOpenAtBootWithoutAPerson) {
    ASSERT_TRUE(store_->create_unattended({"log", KeyAlgorithm::eddsa, Purpose::checkpoint}).ok());
    ASSERT_TRUE(store_->create_unattended({"pin", KeyAlgorithm::hmac_sha256, Purpose::pin}).ok());
    const auto again = KeyStore::open(keys_, kFast);
    ASSERT_TRUE(again.ok());
    const auto log = (*again)->open_unattended("log");
    ASSERT_TRUE(log.ok()) << log.error().message;
    EXPECT_TRUE((*log)->unlocked());
    const auto pin = (*again)->open_unattended("pin");
    ASSERT_TRUE(pin.ok());
    EXPECT_EQ(*(*pin)->pin_key(), *(*(*again)->open_unattended("pin"))->pin_key());
}

TEST_F(KeyStoreTest, AnUnattendedKeyFileAloneIsWorthless) {
    ASSERT_TRUE(store_->create_unattended({"log", KeyAlgorithm::eddsa, Purpose::checkpoint}).ok());
    const std::string elsewhere = directory_ / "elsewhere";
    const auto other = KeyStore::create(elsewhere, kFast);
    ASSERT_TRUE(other.ok());
    std::filesystem::copy(path("log.key"), elsewhere);
    const auto key = (*other)->open_unattended("log");
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, Errc::corrupt);
    EXPECT_THAT(key.error().message, HasSubstr("machine.secret"));
    EXPECT_THAT(key.error().message, HasSubstr("\"log\""));
}

TEST_F(KeyStoreTest, ListsTheKeysByName) {
    ASSERT_TRUE(store_->create_unattended({"log", KeyAlgorithm::eddsa, Purpose::checkpoint}).ok());
    ASSERT_TRUE(store_->create_attended({.name = "a-seal"}, right_).ok());
    const auto keys = store_->list();
    ASSERT_TRUE(keys.ok());
    ASSERT_EQ(keys->size(), 2U);
    EXPECT_EQ((*keys)[0].name, "a-seal");
    EXPECT_TRUE((*keys)[0].has_passphrase);
    EXPECT_EQ((*keys)[1].purpose, Purpose::checkpoint);
    EXPECT_TRUE((*keys)[1].unattended);
}

TEST_F(KeyStoreTest, AnExportableKeyComesBackFromItsFile) {
    NewKey key{"seal", KeyAlgorithm::es256, Purpose::statement};
    key.exportable = true;
    const auto made = store_->create_attended(key, right_);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE(made->exportable);
    const auto credential = Credential::passphrase(right_, kNow);
    const auto pem = store_->export_key("seal", credential, &wrong_);
    ASSERT_TRUE(pem.ok()) << pem.error().message;
    const auto again = store_->import_attended({"again"}, pem->view(), &wrong_, right_);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->public_key, made->public_key);
    EXPECT_EQ(again->algorithm, KeyAlgorithm::es256);
    EXPECT_FALSE(again->exportable) << "nobody asked for it";
    EXPECT_TRUE(opens("again", credential));
    EXPECT_EQ(store_->export_key("again", credential, nullptr).error().code, Errc::denied);
    EXPECT_EQ(
        store_->export_key("seal", Credential::passphrase(wrong_, kNow), nullptr).error().code,
        Errc::denied);
}

TEST_F(KeyStoreTest, NothingMakesAKeyExportableAfterwards) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    std::string text = text_of("seal.key");
    const std::string purpose = "\"purpose\": \"statement\",";
    ASSERT_NE(text.find(purpose), std::string::npos) << text;
    text.replace(text.find(purpose), purpose.size(), purpose + "\n  \"exportable\": true,");
    text.replace(text.find(",\n  \"checksum\""), std::string::npos, "\n}\n");
    ASSERT_TRUE(write_private_file(path("seal.key"), as_bytes(text)).ok());
    EXPECT_TRUE(store_->info("seal")->exportable) << "it says so";
    EXPECT_FALSE(opens("seal", Credential::passphrase(right_, kNow))) << "and does not open";
    EXPECT_FALSE(store_->export_key("seal", Credential::passphrase(right_, kNow), nullptr).ok());
}

TEST_F(KeyStoreTest, ANumberThatNoCurveTakesIsNotImported) {
    const std::string zero =
        "-----BEGIN PRIVATE KEY-----\n"
        "MDMCAQAwEAYHKoZIzj0CAQYFK4EEAAoEHDAaAgEBBBUAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "-----END PRIVATE KEY-----\n";
    EXPECT_EQ(store_->import_attended({"x"}, as_bytes(zero), nullptr, right_).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(store_->info("x").error().code, Errc::not_found);
}

TEST_F(KeyStoreTest, ANameIsTakenOnce) {
    const auto first = store_->create_attended({.name = "seal"}, right_);
    ASSERT_TRUE(first.ok());
    const std::string before = text_of("seal.key");
    const auto second = store_->create_attended({.name = "seal"}, right_);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_EQ(text_of("seal.key"), before);
}

TEST_F(KeyStoreTest, RefusesKeysThatMakeNoSense) {
    EXPECT_FALSE(store_->create_attended({.name = "../seal"}, right_).ok());
    EXPECT_FALSE(store_->create_attended({.name = "seal"}, secret_of("short")).ok());
    EXPECT_FALSE(
        store_->create_unattended({"log", KeyAlgorithm::es256k, Purpose::checkpoint}).ok());
    EXPECT_EQ(store_->info("none").error().code, Errc::not_found);
    EXPECT_EQ(store_->info("../etc/passwd").error().code, Errc::invalid_argument);
}

TEST_F(KeyStoreTest, ANewPassphraseReplacesTheOldOne) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    const SecretBytes fresh = secret_of("a better passphrase");
    EXPECT_FALSE(store_->set_passphrase("seal", Credential::passphrase(wrong_, kNow), fresh).ok());
    ASSERT_TRUE(store_->set_passphrase("seal", Credential::passphrase(right_, kNow), fresh).ok());
    EXPECT_FALSE(opens("seal", Credential::passphrase(right_, kNow)));
    EXPECT_TRUE(opens("seal", Credential::passphrase(fresh, kNow)));
    EXPECT_FALSE(
        store_->set_passphrase("seal", Credential::passphrase(fresh, kNow), secret_of("short"))
            .ok());
}

TEST_F(KeyStoreTest, TheRecoveryCodeOpensTheKeyAndResetsAForgottenPassphrase) {
    const auto made = store_->create_attended({.name = "seal"}, right_);
    ASSERT_TRUE(made.ok());
    const auto code = store_->renew_recovery("seal", Credential::passphrase(right_, kNow));
    ASSERT_TRUE(code.ok());
    EXPECT_TRUE(store_->info("seal")->has_recovery);
    EXPECT_TRUE(opens("seal", Credential::recovery(*code)));
    EXPECT_TRUE(opens("seal", Credential::passphrase(right_, kNow)));
    const SecretBytes fresh = secret_of("after the holidays");
    ASSERT_TRUE(store_->set_passphrase("seal", Credential::recovery(*code), fresh).ok());
    EXPECT_TRUE(opens("seal", Credential::passphrase(fresh, kNow)));
    EXPECT_TRUE(opens("seal", Credential::recovery(*code)));
    EXPECT_EQ(store_->info("seal")->public_key, made->public_key);
}

TEST_F(KeyStoreTest, ANewRecoveryCodeEndsTheOldOne) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    const auto first = store_->renew_recovery("seal", Credential::passphrase(right_, kNow));
    const auto second = store_->renew_recovery("seal", Credential::recovery(*first));
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(unlock_code("seal", Credential::recovery(*first)), Errc::denied);
    EXPECT_TRUE(opens("seal", Credential::recovery(*second)));
}

TEST_F(KeyStoreTest, WrongPassphrasesAreCountedBeforeTheyAreTriedAndSlowTheGuesser) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    for (int i = 1; i <= 5; ++i) {
        EXPECT_FALSE(opens("seal", Credential::passphrase(wrong_, kNow)));
        EXPECT_THAT(text_of("seal.attempts"), HasSubstr("v1 " + std::to_string(i) + " "));
    }
    const auto key = store_->load("seal");
    const auto right_but_early = store_->unlock(**key, Credential::passphrase(right_, kNow + 1));
    ASSERT_FALSE(right_but_early.ok());
    EXPECT_THAT(right_but_early.error().message, HasSubstr("wait 9 s"));
    EXPECT_TRUE(store_->unlock(**key, Credential::passphrase(right_, kNow + 10)).ok());
    EXPECT_FALSE(std::filesystem::exists(path("seal.attempts")));
}

TEST_F(KeyStoreTest, RefusesFilesOthersCouldRead) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    ASSERT_EQ(chmod(path("seal.key").c_str(), 0640), 0);
    EXPECT_THAT(store_->load("seal").error().message, HasSubstr("chmod 0600"));
    ASSERT_EQ(chmod(path("seal.key").c_str(), 0600), 0);
    EXPECT_TRUE(store_->load("seal").ok());
    ASSERT_EQ(chmod(path("machine.secret").c_str(), 0644), 0);
    EXPECT_THAT(KeyStore::open(keys_, kFast).error().message, HasSubstr("chmod 0600"));
    ASSERT_EQ(chmod(path("machine.secret").c_str(), 0600), 0);
    ASSERT_EQ(chmod(keys_.c_str(), 0755), 0);
    EXPECT_THAT(KeyStore::open(keys_, kFast).error().message, HasSubstr("chmod 0700"));
    ASSERT_EQ(chmod(keys_.c_str(), 0700), 0);
}

TEST_F(KeyStoreTest, RefusesASymbolicLinkForAKey) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    std::filesystem::rename(path("seal.key"), directory_ / "seal.key");
    std::filesystem::create_symlink(directory_ / "seal.key", path("seal.key"));
    EXPECT_THAT(store_->load("seal").error().message, HasSubstr("symbolic link"));
}

TEST_F(KeyStoreTest, RefusesAKeyFileUnderAnotherName) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    std::filesystem::rename(path("seal.key"), path("other.key"));
    const auto loaded = store_->load("other");
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, Errc::corrupt);
    EXPECT_FALSE(store_->list().ok());
}

TEST_F(KeyStoreTest, NoticesThatAKeyWasReplacedWhileItWasLoaded) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    const auto key = store_->load("seal");
    std::filesystem::remove(path("seal.key"));
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    const auto unlocked = store_->unlock(**key, Credential::passphrase(right_, kNow));
    ASSERT_FALSE(unlocked.ok());
    EXPECT_EQ(unlocked.error().code, Errc::conflict);
}

TEST_F(KeyStoreTest, ADamagedMachineSecretOrKeyFileIsNamed) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    ASSERT_TRUE(write_private_file(path("seal.key"), as_bytes("{}")).ok());
    const auto loaded = store_->load("seal");
    EXPECT_EQ(loaded.error().code, Errc::corrupt);
    EXPECT_THAT(loaded.error().message, HasSubstr("seal.key"));
    ASSERT_TRUE(write_private_file(path("machine.secret"), as_bytes("short")).ok());
    EXPECT_EQ(KeyStore::open(keys_, kFast).error().code, Errc::corrupt);
    std::filesystem::remove(path("machine.secret"));
    EXPECT_EQ(KeyStore::open(keys_, kFast).error().code, Errc::not_found);
    EXPECT_EQ(KeyStore::open(directory_ / "none", kFast).error().code, Errc::not_found);
}

TEST_F(KeyStoreTest, CreatingTwiceKeepsTheMachineSecret) {
    const std::string before = text_of("machine.secret");
    ASSERT_EQ(before.size(), 32U);
    ASSERT_TRUE(KeyStore::create(keys_, kFast).ok());
    EXPECT_EQ(text_of("machine.secret"), before);
}

TEST_F(KeyStoreTest, DerivesTheSameKeyForAPurposeAndAnotherForAnother) {
    const SecretBytes people = *store_->derived_key("people");
    EXPECT_TRUE(equal_secrets(people, *store_->derived_key("people")));
    EXPECT_FALSE(equal_secrets(people, *store_->derived_key("pins")));
    ASSERT_TRUE(write_private_file(path("machine.secret"), Bytes(32, 7)).ok());
    EXPECT_FALSE(equal_secrets(people, *store_->derived_key("people")));
}

TEST_F(KeyStoreTest, EndingAPassphraseChangeAtAnyMomentLeavesOneThatOpens) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    const SecretBytes fresh = secret_of("a better passphrase");
    for (suseconds_t delay_us = 100; delay_us < 6000; delay_us += 100) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            // The unhandled alarm ends the child wherever it is: nothing of ours runs afterwards.
            const itimerval alarm{{}, {0, delay_us}};
            setitimer(ITIMER_REAL, &alarm, nullptr);
            for (;;) {
                ignore_error(
                    store_->set_passphrase("seal", Credential::passphrase(right_, 0), fresh),
                    "the parent kills this process");
                ignore_error(
                    store_->set_passphrase("seal", Credential::passphrase(fresh, 0), right_),
                    "the parent kills this process");
            }
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        std::filesystem::remove(path("seal.attempts"));
        const bool old_opens = opens("seal", Credential::passphrase(right_, kNow));
        const bool new_opens = opens("seal", Credential::passphrase(fresh, kNow));
        EXPECT_NE(old_opens, new_opens) << delay_us;
        std::filesystem::remove(path("seal.attempts"));
        if (new_opens) {
            ASSERT_TRUE(
                store_->set_passphrase("seal", Credential::passphrase(fresh, kNow), right_).ok());
        }
    }
}

// What a power cut leaves between writing a key's file and renaming it.
TEST_F(KeyStoreTest, DestroyingAKeyAlsoWipesWhatACrashLeftOfItsWriting) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    ASSERT_TRUE(store_->create_attended({.name = "other"}, right_).ok());
    std::filesystem::copy(path("seal.key"), path(".seal.key.new"));
    std::filesystem::copy(path("other.key"), path(".other.key.new"));
    std::filesystem::create_hard_link(path(".seal.key.new"), directory_ / "block");
    ASSERT_TRUE(store_->destroy("seal").ok());
    EXPECT_FALSE(std::filesystem::exists(path("seal.key")));
    EXPECT_FALSE(std::filesystem::exists(path(".seal.key.new")));
    std::stringstream block;
    block << std::ifstream(directory_ / "block").rdbuf();
    EXPECT_FALSE(block.str().empty());
    EXPECT_EQ(block.str().find_first_not_of('\0'), std::string::npos) << "it was overwritten";
    EXPECT_TRUE(std::filesystem::exists(path(".other.key.new"))) << "that is another key's";
}

TEST_F(KeyStoreTest, WipesUnfinishedKeyFilesAndNothingElse) {
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, right_).ok());
    std::filesystem::copy(path("seal.key"), path(".seal.key.new"));
    std::filesystem::copy(path("seal.key"), path(".gone.key.new"));
    const std::vector<std::string> kept = {".key.new",          "..key.new",    ".Seal.key.new",
                                           ".seal.key.new.old", "seal.key.new", ".seal.new"};
    for (const std::string& name : kept) std::filesystem::copy(path("seal.key"), path(name));
    std::filesystem::create_symlink(path("seal.key"), path(".link.key.new"));
    std::filesystem::create_directory(path(".room.key.new"));
    // Whoever only looks has no lock, and may look while a key is being written.
    ASSERT_TRUE(KeyStore::open(keys_, kFast).ok());
    EXPECT_TRUE(std::filesystem::exists(path(".seal.key.new")));
    const auto wiped = store_->wipe_unfinished();
    ASSERT_TRUE(wiped.ok()) << wiped.error().message;
    EXPECT_FALSE(std::filesystem::exists(path(".seal.key.new")));
    EXPECT_FALSE(std::filesystem::exists(path(".gone.key.new")));
    for (const std::string& name : kept) EXPECT_TRUE(std::filesystem::exists(path(name))) << name;
    EXPECT_TRUE(std::filesystem::exists(path(".room.key.new")));
    EXPECT_TRUE(opens("seal", Credential::passphrase(right_, kNow)));
}

}  // namespace
}  // namespace fieldseal::node
