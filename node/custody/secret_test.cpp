// SPDX-License-Identifier: Apache-2.0
#include "node/custody/secret.h"

#include "core/encoding.h"
#include "node/custody/descriptor.h"
#include "node/custody/engine.h"
#include "node/custody/envelope.h"
#include "node/custody/keystore.h"
#include "node/custody/private_file.h"
#include "tests/support/sanitized.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

constexpr KeyStore::Options kFast{kArgon2idFastForTesting, SigningKey::VerifyAfterSign::yes};

// A secret this test may look for without holding a copy itself: every byte is kept inverted.
class Needle {
public:
    explicit Needle(ByteView secret) {
        for (const std::uint8_t byte : secret)
            inverted_.push_back(static_cast<std::uint8_t>(~byte));
    }
    Needle reversed() const {
        Needle other = *this;
        std::reverse(other.inverted_.begin(), other.inverted_.end());
        return other;
    }
    std::size_t count_in(ByteView memory) const {
        std::size_t count = 0;
        for (std::size_t at = 0; at + inverted_.size() <= memory.size(); ++at) {
            const bool equal = std::equal(inverted_.begin(), inverted_.end(),
                                          memory.begin() + static_cast<std::ptrdiff_t>(at),
                                          [](std::uint8_t inverted, std::uint8_t byte) {
                                              return static_cast<std::uint8_t>(~inverted) == byte;
                                          });
            if (equal) ++count;
        }
        return count;
    }

private:
    Bytes inverted_;
};

// How often any of the needles stands in this process's readable memory.
std::size_t count_in_memory(const std::vector<Needle>& needles) {
    std::ifstream maps("/proc/self/maps");
    const Descriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(memory.open());
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
        std::stringstream fields(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string mode;
        fields >> std::hex >> begin >> dash >> end >> mode;
        if (mode.empty() || mode[0] != 'r') continue;
        Bytes copy(end - begin);
        const ssize_t got =
            ::pread(memory.get(), copy.data(), copy.size(), static_cast<off_t>(begin));
        if (got > 0) {
            const ByteView seen(copy.data(), static_cast<std::size_t>(got));
            for (const Needle& needle : needles) count += needle.count_in(seen);
        }
        sodium_memzero(copy.data(), copy.size());
    }
    return count;
}

std::uint64_t locked_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmLck:")) return std::stoull(line.substr(6));
    }
    return 0;
}

TEST(SecretBytes, StartsAsZeroesAndForgetsOnWipe) {
    auto secret = SecretBytes::allocate(40);
    ASSERT_TRUE(secret.ok());
    EXPECT_EQ(to_bytes(secret->view()), Bytes(40));
    secret->wipe();
    EXPECT_TRUE(secret->empty());
    secret->wipe();
}

TEST(SecretBytes, MovesWithoutCopying) {
    SecretBytes first = *SecretBytes::copy_of(as_bytes("a secret"));
    const std::uint8_t* where = first.data();
    SecretBytes second = std::move(first);
    EXPECT_EQ(second.data(), where);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    SecretBytes third = *SecretBytes::random(8);
    third = std::move(second);
    EXPECT_EQ(as_text(third.view()), "a secret");
}

TEST(SecretBytes, ShrinkingWipesWhatFollows) {
    SecretBytes secret = *SecretBytes::copy_of(as_bytes("a secret"));
    const std::uint8_t* tail = secret.data() + 3;
    secret.shrink(3);
    EXPECT_EQ(as_text(secret.view()), "a s");
    EXPECT_EQ(*tail, 0);
    secret.shrink(0);
    EXPECT_TRUE(secret.empty());
}

TEST(SecretBytes, CompareByContent) {
    EXPECT_TRUE(equal_secrets(*SecretBytes::copy_of(as_bytes("same")),
                              *SecretBytes::copy_of(as_bytes("same"))));
    EXPECT_FALSE(equal_secrets(*SecretBytes::copy_of(as_bytes("same")),
                               *SecretBytes::copy_of(as_bytes("sane"))));
    EXPECT_FALSE(equal_secrets(*SecretBytes::copy_of(as_bytes("same")),
                               *SecretBytes::copy_of(as_bytes("sam"))));
    EXPECT_TRUE(equal_secrets({}, {}));
}

TEST(SecretBytesDeathTest, ReadingPastTheEndStops) {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    if (testing::kSanitized) GTEST_SKIP() << "a sanitizer reports it in its own way";
    EXPECT_DEATH(
        {
            const auto secret = SecretBytes::random(4096);
            const volatile std::uint8_t* past = secret->data() + secret->size();
            static_cast<void>(*past);
        },
        "");
}

TEST(SecretBytes, LivesInLockedMemory) {
    if (testing::kSanitized) GTEST_SKIP() << "sanitizers make mlock do nothing";
    const std::uint64_t before = locked_kib();
    std::vector<SecretBytes> secrets;
    for (int i = 0; i < 4; ++i) secrets.push_back(*SecretBytes::random(32));
    EXPECT_GE(locked_kib(), before + 16);
    secrets.clear();
    EXPECT_EQ(locked_kib(), before);
}

TEST(SecretBytes, FailsLoudlyWhenNothingCanBeLocked) {
    if (testing::kSanitized) GTEST_SKIP() << "sanitizers make mlock do nothing";
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const rlimit none{0, 0};
        // Root may lock whatever the limit says, so it becomes somebody else first.
        const bool ready = setrlimit(RLIMIT_MEMLOCK, &none) == 0 &&
                           (geteuid() != 0 || setresuid(65534, 65534, 65534) == 0);
        const auto secret = SecretBytes::random(32);
        _exit(ready && !secret.ok() && secret.error().code == Errc::exhausted ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(HardenProcess, SwitchesOffCoreDumpsAndAttaching) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        rlimit core{1, 1};
        const bool hardened = harden_process().ok() && getrlimit(RLIMIT_CORE, &core) == 0 &&
                              core.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                              harden_process().ok();
        _exit(hardened ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

class LockedKeyMemory : public ::testing::TestWithParam<KeyAlgorithm> {};

TEST_P(LockedKeyMemory, HoldsTheKeyWhileUnlockedAndNoTraceOfItAfterwards) {
    if (testing::kSanitized) GTEST_SKIP() << "shadow memory is too large to search";
    const fieldseal::testing::TempDirectory directory;
    const auto store = *KeyStore::create(directory / "keys", kFast);
    const SecretBytes passphrase = *SecretBytes::copy_of(as_bytes("correct horse"));
    std::vector<Needle> needles;
    {
        const SecretBytes secret = *generate_secret(GetParam());
        needles.emplace_back(secret.view());
        needles.push_back(needles[0].reversed());  // as big numbers are kept
        const SecretBytes dek = *SecretBytes::random(kDataKeyBytes);
        needles.emplace_back(dek.view());
        KeyFile file;
        file.name = "seal";
        file.algorithm = GetParam();
        file.purpose = Purpose::statement;
        file.public_key =
            (*make_engine(GetParam(), *SecretBytes::copy_of(secret.view())))->public_key();
        encrypt_private_key(file, dek, secret);
        file.wraps.push_back(
            *wrap_data_key(file, WrapType::passphrase, dek, passphrase, kArgon2idFastForTesting));
        ASSERT_TRUE(write_private_file(directory / "keys/seal.key", as_bytes(to_json(file))).ok());
    }
    EXPECT_EQ(count_in_memory(needles), 0U) << "before the key was opened";

    const auto key = *store->load("seal");
    const std::uint64_t locked_before = locked_kib();
    ASSERT_TRUE(store->unlock(*key, Credential::passphrase(passphrase, 0)).ok());
    EXPECT_GT(locked_kib(), locked_before);
    StatementClaims claims;
    claims.algorithm = key->info().public_key->algorithm();
    claims.kid = key->info().public_key->kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "contract";
    claims.media_type = "application/pdf";
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(key->sign_statement(*StatementTbs::from(claims)).ok());
    }
    EXPECT_EQ(count_in_memory(needles), 1U) << "while unlocked: one copy, in locked memory";
    key->lock();
    EXPECT_EQ(count_in_memory(needles), 0U) << "after lock()";
    EXPECT_EQ(locked_kib(), locked_before);
}

INSTANTIATE_TEST_SUITE_P(All, LockedKeyMemory,
                         ::testing::Values(KeyAlgorithm::es256k, KeyAlgorithm::es256,
                                           KeyAlgorithm::eddsa));

}  // namespace
}  // namespace fieldseal::node
