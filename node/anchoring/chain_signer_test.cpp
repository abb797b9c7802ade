// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/chain_signer.h"

#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr KeyStore::Options kFast{kArgon2idFastForTesting, SigningKey::VerifyAfterSign::yes};

class ChainAccountTest : public ::testing::Test {
protected:
    fieldseal::testing::TempDirectory directory_;
    std::unique_ptr<KeyStore> keystore_ = *KeyStore::create(directory_ / "keys", kFast);
};

TEST_F(ChainAccountTest, IsMadeOnceAndOpensAgainWithoutAPerson) {
    const auto made = ChainAccount::open(*keystore_, "registry");
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE((*made)->is_new());
    const auto again = ChainAccount::open(*keystore_, "registry");
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_FALSE((*again)->is_new());
    EXPECT_EQ((*again)->address(), (*made)->address());
}

TEST_F(ChainAccountTest, EveryTargetHasItsOwn) {
    const auto one = ChainAccount::open(*keystore_, "one");
    const auto other = ChainAccount::open(*keystore_, "other");
    ASSERT_TRUE(one.ok() && other.ok());
    EXPECT_NE((*one)->address(), (*other)->address());
}

TEST_F(ChainAccountTest, SignsWhatItsAccountSends) {
    const auto account = ChainAccount::open(*keystore_, "registry");
    ASSERT_TRUE(account.ok());
    evm::TransactionTbs tbs;
    tbs.chain_id = 1337;
    tbs.gas_limit = 100'000;
    tbs.to = (*account)->address();
    tbs.data = evm::anchor_note(Digest{});
    const auto signature = (*account)->sign(tbs);
    ASSERT_TRUE(signature.ok()) << signature.error().message;
    EXPECT_EQ(evm::parse_transaction(*evm::assemble(tbs, *signature))->sender,
              (*account)->address());
}

TEST_F(ChainAccountTest, ASealUnderThatNameIsNeverAnAccount) {
    ASSERT_TRUE(keystore_
                    ->create_unattended(
                        {chain_key_name("registry"), KeyAlgorithm::es256k, Purpose::statement})
                    .ok());
    const auto account = ChainAccount::open(*keystore_, "registry");
    ASSERT_FALSE(account.ok());
    EXPECT_EQ(account.error().code, Errc::conflict);
}

}  // namespace
}  // namespace fieldseal::node
