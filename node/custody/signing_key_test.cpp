// SPDX-License-Identifier: Apache-2.0
#include "node/custody/signing_key.h"

#include "core/hash.h"
#include "node/custody/keystore.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'763'900'000;
constexpr KeyStore::Options kFast{kArgon2idFastForTesting, SigningKey::VerifyAfterSign::yes};

class SigningKeyTest : public ::testing::Test {
protected:
    std::shared_ptr<SigningKey> make(const std::string& name, KeyAlgorithm algorithm,
                                     Purpose purpose) {
        EXPECT_TRUE(store_->create_unattended({name, algorithm, purpose}).ok());
        auto key = store_->open_unattended(name);
        EXPECT_TRUE(key.ok());
        return *key;
    }

    static StatementTbs statement_for(const PublicKey& key) {
        StatementClaims claims;
        claims.document.fill(1);
        claims.algorithm = key.algorithm();
        claims.kid = key.kid();
        claims.issuer = "example.org/office-7/1";
        claims.subject = "contract 7";
        claims.issued_at = kNow;
        claims.media_type = "application/pdf";
        auto tbs = StatementTbs::from(claims);
        EXPECT_TRUE(tbs.ok()) << tbs.error().message;
        return *tbs;
    }

    static StatusTbs status_for(const PublicKey& key) {
        StatusSnapshot snapshot;
        snapshot.algorithm = key.algorithm();
        snapshot.kid = key.kid();
        snapshot.issued_at = kNow;
        snapshot.origin = "example.org/office-7/1";
        auto tbs = StatusTbs::from(snapshot);
        EXPECT_TRUE(tbs.ok()) << tbs.error().message;
        return *tbs;
    }

    static AuditHeadTbs audit_head_for(const PublicKey& key) {
        auto tbs = AuditHeadTbs::from(
            {key.algorithm(), key.kid(), kNow, "example.org/office-7/1", 1, {}, 3});
        EXPECT_TRUE(tbs.ok()) << tbs.error().message;
        return *tbs;
    }

    static evm::TransactionTbs anchoring(const evm::Address& own) {
        evm::TransactionTbs tbs;
        tbs.chain_id = 1337;
        tbs.nonce = 7;
        tbs.gas_limit = 100'000;
        tbs.to = own;
        tbs.data = evm::anchor_note(sha256(as_bytes("checkpoint")));
        return tbs;
    }

    fieldseal::testing::TempDirectory directory_;
    std::unique_ptr<KeyStore> store_ = *KeyStore::create(directory_ / "keys", kFast);
    const note::Checkpoint checkpoint_{"example.org/office-7/1", {3}, {}};
};

TEST_F(SigningKeyTest, SignsStatementsWithEveryAlgorithmOfASeal) {
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa}) {
        const auto key =
            make("seal-" + std::to_string(int(algorithm)), algorithm, Purpose::statement);
        const auto statement = key->sign_statement(statement_for(*key->info().public_key));
        ASSERT_TRUE(statement.ok()) << statement.error().message;
        const auto parsed = parse_statement(statement->cose());
        ASSERT_TRUE(parsed.ok());
        EXPECT_TRUE(verify_statement(*parsed, *key->info().public_key).ok());
        EXPECT_EQ(key->uses(), 1U);
    }
}

TEST_F(SigningKeyTest, SignsStatusSnapshots) {
    const auto key = make("status", KeyAlgorithm::eddsa, Purpose::status);
    const auto status = key->sign_status(status_for(*key->info().public_key));
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_TRUE(verify_status(*parse_status(status->cose()), *key->info().public_key).ok());
}

TEST_F(SigningKeyTest, SignsAuditHeads) {
    const auto key = make("status", KeyAlgorithm::eddsa, Purpose::status);
    const auto head = key->sign_audit_head(audit_head_for(*key->info().public_key));
    ASSERT_TRUE(head.ok()) << head.error().message;
    EXPECT_TRUE(verify_audit_head(*parse_audit_head(head->cose()), *key->info().public_key).ok());
    const auto other = make("other", KeyAlgorithm::eddsa, Purpose::status);
    EXPECT_FALSE(other->sign_audit_head(audit_head_for(*key->info().public_key)).ok());
}

TEST_F(SigningKeyTest, SignsCheckpointsAsTheirOwnOrigin) {
    const auto key = make("log", KeyAlgorithm::eddsa, Purpose::checkpoint);
    const auto note = key->sign_checkpoint(checkpoint_);
    ASSERT_TRUE(note.ok()) << note.error().message;
    const auto vkey = key->verifier_key(checkpoint_.origin);
    ASSERT_TRUE(vkey.ok());
    EXPECT_EQ(vkey->type, note::KeyType::ed25519);
    const auto opened = note::open_checkpoint(*note, *vkey, {});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->checkpoint, checkpoint_);
}

TEST_F(SigningKeyTest, CosignsAsAWitness) {
    const auto log = make("log", KeyAlgorithm::eddsa, Purpose::checkpoint);
    const auto witness = make("witness", KeyAlgorithm::eddsa, Purpose::cosignature);
    const auto cosignature =
        witness->cosign("hub.example.org/witness", std::uint64_t{kNow}, checkpoint_);
    ASSERT_TRUE(cosignature.ok()) << cosignature.error().message;
    const std::array witness_keys = {*witness->verifier_key("hub.example.org/witness")};
    const auto lines = note::parse_signature_lines(cosignature->line());
    const auto merged = note::merge_signatures(*log->sign_checkpoint(checkpoint_), *lines);
    const auto opened =
        note::open_checkpoint(*merged, *log->verifier_key(checkpoint_.origin), witness_keys);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->cosignatures.size(), 1U);
    EXPECT_FALSE(witness->cosign("hub.example.org/witness", 0, checkpoint_).ok());
    EXPECT_FALSE(witness->cosign("bad name", std::uint64_t{kNow}, checkpoint_).ok());
}

TEST_F(SigningKeyTest, SignsTransactionsOfItsOwnAccount) {
    const auto key = make("chain-a", KeyAlgorithm::es256k, Purpose::chain_tx);
    const auto own = key->chain_address();
    ASSERT_TRUE(own.ok()) << own.error().message;
    for (std::uint64_t nonce = 0; nonce < 64; ++nonce) {
        for (const auto type : {evm::TransactionType::legacy, evm::TransactionType::fee_market}) {
            evm::TransactionTbs tbs = anchoring(*own);
            tbs.type = type;
            tbs.nonce = nonce;
            const auto signature = key->sign_chain_tx(tbs);
            ASSERT_TRUE(signature.ok()) << signature.error().message;
            const auto raw = evm::assemble(tbs, *signature);
            ASSERT_TRUE(raw.ok()) << raw.error().message;
            const auto parsed = evm::parse_transaction(*raw);
            ASSERT_TRUE(parsed.ok()) << parsed.error().message;
            EXPECT_EQ(parsed->sender, *own);
            EXPECT_EQ(parsed->nonce, nonce);
            EXPECT_EQ(parsed->data, tbs.data);
        }
    }
}

TEST_F(SigningKeyTest, OneTransactionHasOneSignature) {
    const auto key = make("chain-a", KeyAlgorithm::es256k, Purpose::chain_tx);
    const evm::TransactionTbs tbs = anchoring(*key->chain_address());
    const auto first = key->sign_chain_tx(tbs);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(*first, *key->sign_chain_tx(tbs));
}

TEST_F(SigningKeyTest, AChainAccountAnchorsAndDoesNothingElse) {
    const auto key = make("chain-a", KeyAlgorithm::es256k, Purpose::chain_tx);
    const evm::Address own = *key->chain_address();
    const auto refused = [&](const evm::TransactionTbs& tbs) {
        const auto signature = key->sign_chain_tx(tbs);
        return !signature.ok() && signature.error().code == Errc::invalid_argument;
    };
    evm::TransactionTbs tbs = anchoring(own);
    tbs.to[0] ^= 1;  // a note to somebody else
    EXPECT_TRUE(refused(tbs));
    tbs.data = evm::anchor_call(sha256(as_bytes("checkpoint")));  // a call of a contract
    EXPECT_FALSE(refused(tbs));
    tbs.data.clear();  // nothing to somebody else
    EXPECT_TRUE(refused(tbs));
    tbs.to = own;  // nothing to itself: takes a nonce that a chain lost
    EXPECT_FALSE(refused(tbs));
    tbs.data = {0};
    EXPECT_TRUE(refused(tbs));
    tbs.data.push_back(0);
    EXPECT_TRUE(refused(tbs));
    tbs = anchoring(own);
    tbs.type = evm::TransactionType::access_list;
    EXPECT_TRUE(refused(tbs));
    tbs = anchoring(own);
    tbs.chain_id = 0;  // would be valid on every chain
    EXPECT_TRUE(refused(tbs));
}

TEST_F(SigningKeyTest, AKeyNeverSignsForAnotherPurpose) {
    const auto log = make("log", KeyAlgorithm::eddsa, Purpose::checkpoint);
    const auto witness = make("witness", KeyAlgorithm::eddsa, Purpose::cosignature);
    const auto seal = make("seal", KeyAlgorithm::eddsa, Purpose::statement);
    const auto status = make("status", KeyAlgorithm::eddsa, Purpose::status);
    const auto pin = make("pin", KeyAlgorithm::hmac_sha256, Purpose::pin);
    const auto account = make("chain-a", KeyAlgorithm::es256k, Purpose::chain_tx);
    const auto curve_seal = make("seal-k", KeyAlgorithm::es256k, Purpose::statement);
    const evm::TransactionTbs transaction = anchoring(*account->chain_address());
    for (const auto& key : {log, witness, seal, status, pin, account, curve_seal}) {
        const Purpose purpose = key->info().purpose;
        const PublicKey& named = *(key == pin ? seal : key)->info().public_key;
        const auto refused = [&](const auto& result) {
            return !result.ok() && result.error().code == Errc::conflict;
        };
        const auto statement = key->sign_statement(statement_for(named));
        EXPECT_EQ(refused(statement), purpose != Purpose::statement);
        EXPECT_EQ(refused(key->sign_status(status_for(named))), purpose != Purpose::status);
        EXPECT_EQ(refused(key->sign_audit_head(audit_head_for(named))), purpose != Purpose::status);
        EXPECT_EQ(refused(key->sign_checkpoint(checkpoint_)), purpose != Purpose::checkpoint);
        EXPECT_EQ(refused(key->cosign("w", 1, checkpoint_)), purpose != Purpose::cosignature);
        EXPECT_EQ(refused(key->pin_key()), purpose != Purpose::pin);
        EXPECT_EQ(refused(key->sign_chain_tx(transaction)), purpose != Purpose::chain_tx);
        EXPECT_EQ(refused(key->chain_address()), purpose != Purpose::chain_tx);
    }
    EXPECT_THAT(log->sign_statement(statement_for(*log->info().public_key)).error().message,
                HasSubstr("is for checkpoint, never for statement"));
}

TEST_F(SigningKeyTest, RefusesAMessageThatNamesAnotherKeyOrCustody) {
    const auto key = make("seal", KeyAlgorithm::es256k, Purpose::statement);
    const auto other = make("other", KeyAlgorithm::es256k, Purpose::statement);
    const auto refused = key->sign_statement(statement_for(*other->info().public_key));
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("names another key"));
    StatementClaims claims = statement_for(*key->info().public_key).claims();
    claims.custody = Custody::tpm;
    EXPECT_THAT(key->sign_statement(*StatementTbs::from(claims)).error().message,
                HasSubstr("another custody"));
}

TEST_F(SigningKeyTest, ALockedAccountSaysSo) {
    const auto key = make("chain-a", KeyAlgorithm::es256k, Purpose::chain_tx);
    const evm::TransactionTbs tbs = anchoring(*key->chain_address());
    key->lock();
    EXPECT_EQ(key->sign_chain_tx(tbs).error().code, Errc::locked);
}

TEST_F(SigningKeyTest, ALockedKeySaysSo) {
    const SecretBytes passphrase = *SecretBytes::copy_of(as_bytes("correct horse"));
    ASSERT_TRUE(store_->create_attended({.name = "seal"}, passphrase).ok());
    const auto key = *store_->load("seal");
    const StatementTbs tbs = statement_for(*key->info().public_key);
    EXPECT_EQ(key->sign_statement(tbs).error().code, Errc::locked);
    ASSERT_TRUE(store_->unlock(*key, Credential::passphrase(passphrase, kNow)).ok());
    EXPECT_TRUE(key->sign_statement(tbs).ok());
    key->lock();
    key->lock();
    EXPECT_EQ(key->sign_statement(tbs).error().code, Errc::locked);
    EXPECT_EQ(key->uses(), 1U);
}

TEST_F(SigningKeyTest, ASealSignsARequestForItsOwnCertificateAndNoOther) {
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa}) {
        const std::string name = algorithm == KeyAlgorithm::es256k  ? "k1"
                                 : algorithm == KeyAlgorithm::es256 ? "p256"
                                                                    : "ed";
        const auto key = make(name, algorithm, Purpose::statement);
        const auto own = pki::RequestTbs::from(*key->info().public_key, {"Permits", "", ""});
        const auto der = key->sign_certificate_request(*own);
        ASSERT_TRUE(der.ok()) << der.error().message;
        // Neither is ever taken for the other, docs/adr/0016.
        EXPECT_EQ(own->preimage().front(), 0x30);
        EXPECT_EQ(statement_for(*key->info().public_key).preimage().front(), 0x84);
        EXPECT_FALSE(parse_statement(*der).ok());
        key->lock();
        EXPECT_EQ(key->sign_certificate_request(*own).error().code, Errc::locked);
    }
    const auto one = make("one", KeyAlgorithm::es256, Purpose::statement);
    const auto other = make("other", KeyAlgorithm::es256, Purpose::statement);
    const auto foreign = pki::RequestTbs::from(*other->info().public_key, {"Permits", "", ""});
    EXPECT_EQ(one->sign_certificate_request(*foreign).error().code, Errc::invalid_argument);
    const auto status = make("status", KeyAlgorithm::eddsa, Purpose::status);
    const auto of_status = pki::RequestTbs::from(*status->info().public_key, {"Permits", "", ""});
    EXPECT_EQ(status->sign_certificate_request(*of_status).error().code, Errc::conflict);
}

TEST_F(SigningKeyTest, ASealTestsItself) {
    const auto key = make("seal", KeyAlgorithm::es256k, Purpose::statement);
    EXPECT_TRUE(key->test_sign().ok());
    EXPECT_EQ(key->uses(), 1U);
    key->lock();
    EXPECT_EQ(key->test_sign().error().code, Errc::locked);
    const auto log = make("log", KeyAlgorithm::eddsa, Purpose::checkpoint);
    EXPECT_EQ(log->test_sign().error().code, Errc::conflict) << "other keys are not a person's";
}

TEST_F(SigningKeyTest, ManyThreadsSignWhileOneLocksAndUnlocks) {
    const auto key = make("seal", KeyAlgorithm::es256k, Purpose::statement);
    const StatementTbs tbs = statement_for(*key->info().public_key);
    std::atomic<int> made{0};
    std::atomic<int> unexpected{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 200; ++n) {
                const auto statement = key->sign_statement(tbs);
                if (statement.ok()) {
                    ++made;
                } else if (statement.error().code != Errc::locked) {
                    ++unexpected;
                }
            }
        });
    }
    for (int n = 0; n < 50; ++n) {
        key->lock();
        ASSERT_TRUE(store_->unlock(*key, Credential::machine()).ok());
    }
    threads.clear();
    EXPECT_EQ(unexpected, 0);
    EXPECT_EQ(key->uses(), static_cast<std::uint64_t>(made));
}

}  // namespace
}  // namespace fieldseal::node
