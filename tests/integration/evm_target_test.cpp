// SPDX-License-Identifier: Apache-2.0
// The chain target against a real chain: anvil behind the sealing proxy (tests/support/chain), with
// the real scheduler. Whatever the chain or its nodes do: a digest is anchored exactly once, with
// an anchor that core/anchors judges proven against the pin, or the state says why not. Blocks are
// mined when a test says so, and time in the schedule is moved by hand.
#include "anchor/evm/block.h"
#include "core/encoding.h"
#include "core/evm/quorum.h"
#include "core/evm/receipt.h"
#include "core/evm/transaction.h"
#include "tests/integration/evm_office.h"
#include "tests/support/test_chain.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

using anchors::Finding;
using testing::EvmOffice;
using testing::TestChain;

using Options = std::vector<std::string>;

EvmSettings settings_for(TestChain& chain, const std::optional<evm::Address>& contract = {}) {
    EvmSettings settings;
    settings.urls = chain.urls();
    settings.chain = chain.pin(contract);
    settings.genesis_hash = chain.genesis_hash();
    settings.confirmations = 3;
    settings.replace_after_blocks = 3;
    settings.limits.connect_timeout = std::chrono::milliseconds(1000);
    settings.limits.total_timeout = std::chrono::milliseconds(4000);
    return settings;
}

class EvmTargetOnAChain : public ::testing::Test {
protected:
    void start(Options options = {}) {
        chain_ = TestChain::start(std::move(options));
        ASSERT_NE(chain_, nullptr);
    }
    void SetUp() override {
        if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    }

    // Mines and polls until `size` is anchored.
    void anchor(EvmOffice& office, std::uint64_t size) {
        if (office.state().wanted_size < size) office.checkpoint(size);
        for (int turn = 0; turn < 40 && office.state().anchored_size < size; ++turn) {
            chain_->mine();
            office.wait();
        }
        ASSERT_EQ(office.state().anchored_size, size) << office.why() << office.state().last_error;
    }
    void expect_proven(const EvmOffice& office, std::uint64_t size, const TrustedChain& pin) {
        const auto result = office.judge(size, pin);
        EXPECT_EQ(result.finding, Finding::proven) << result.message;
        EXPECT_GT(result.not_after_s, 0);
    }
    std::uint64_t transactions_of(const EvmOffice& office) {
        const json::Value count =
            chain_->ask("eth_getTransactionCount",
                        "[\"" + evm::to_string(office.signer().address()) + "\",\"latest\"]");
        return std::stoull(count.as_string(), nullptr, 16);
    }
    // Somebody else with our key. Returns the transaction's hash.
    std::string send_foreign(const EvmOffice& office, std::uint64_t nonce) {
        evm::TransactionTbs foreign;
        foreign.type = evm::TransactionType::legacy;
        foreign.chain_id = chain_->pin().chain_id;
        foreign.nonce = nonce;
        foreign.gas_limit = 21'000;
        foreign.to = office.signer().address();
        const Bytes raw = *evm::assemble(foreign, *office.signer().sign(foreign));
        return chain_->ask("eth_sendRawTransaction", "[\"0x" + hex_encode(raw) + "\"]").as_string();
    }
    static std::string newest_hash(const EvmOffice& office) {
        return "0x" + hex_encode(office.lane().attempts.back().hash);
    }

    std::unique_ptr<TestChain> chain_;
};

struct Network {
    const char* mode;
    const char* hardfork;
    bool has_contract;
    const char* gas;
};

class EvmTargetOnEachNetwork : public EvmTargetOnAChain,
                               public ::testing::WithParamInterface<Network> {};

TEST_P(EvmTargetOnEachNetwork, AnchorsAndTheAnchorIsProven) {
    const Network& network = GetParam();
    start({"--mode", network.mode, "--hardfork", network.hardfork, "--gas", network.gas});
    std::optional<evm::Address> contract;
    if (network.has_contract) contract = chain_->deploy_anchor();
    EvmSettings settings = settings_for(*chain_, contract);
    if (std::string_view(network.gas) == "market") settings.fees.mode = FeeMode::market;
    EvmOffice office(settings);
    if (settings.fees.mode == FeeMode::market) {
        chain_->call("test_fund", "[\"" + evm::to_string(office.signer().address()) + "\"]");
    }
    office.checkpoint(2);
    EXPECT_EQ(office.state().phase, Phase::confirming) << office.state().last_error;
    for (const std::uint64_t size : {2U, 7U}) {
        anchor(office, size);
        const auto result = office.judge(size, settings.chain);
        const bool is_sealed = settings.chain.mode != evm::Mode::plain;
        EXPECT_EQ(result.finding, is_sealed ? Finding::proven : Finding::chain_header_only)
            << result.message;
        ASSERT_TRUE(result.chain.has_value());
        EXPECT_EQ(result.chain->submitter, office.signer().address());
    }
    EXPECT_EQ(office.state().phase, Phase::anchored);
    EXPECT_EQ(transactions_of(office), 2U);
    EXPECT_TRUE(office.alarms().empty());
}

INSTANTIATE_TEST_SUITE_P(Networks, EvmTargetOnEachNetwork,
                         ::testing::Values(Network{"qbft", "london", true, "free"},
                                           Network{"qbft", "shanghai", false, "free"},
                                           Network{"qbft", "cancun", true, "market"},
                                           Network{"qbft", "prague", false, "market"},
                                           Network{"ibft2", "shanghai", true, "free"},
                                           Network{"plain", "cancun", true, "market"}),
                         [](const auto& each) {
                             return std::string(each.param.mode) + "_" + each.param.hardfork + "_" +
                                    each.param.gas;
                         });

TEST_F(EvmTargetOnAChain, SendsAgainWhatThePoolDropped) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    const std::string hash = newest_hash(office);
    for (int times = 0; times < 3; ++times) {
        EXPECT_EQ(chain_->call("test_dropTransaction", "[\"" + hash + "\"]"), json::Value(true));
        chain_->mine();
        office.wait();
    }
    anchor(office, 2);
    EXPECT_EQ(newest_hash(office), hash) << "the same bytes";
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
}

TEST_F(EvmTargetOnAChain, SendsAgainWhatANodeSwallowed) {
    start();
    EvmOffice office(settings_for(*chain_));
    chain_->fault(R"("name":"swallow_send","times":2)");
    office.checkpoint(2);
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
}

TEST_F(EvmTargetOnAChain, FollowsAReorganisationWithoutItsTransaction) {
    start({"--mode", "plain"});
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    office.wait();
    ASSERT_EQ(office.lane().stage, LaneStage::mined) << office.why();
    chain_->call("test_reorg", "[1]");
    office.wait();
    EXPECT_EQ(office.lane().stage, LaneStage::sent) << office.why();
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
    EXPECT_EQ(office.judge(2, chain_->pin()).finding, Finding::chain_header_only);
}

TEST_F(EvmTargetOnAChain, FollowsItsTransactionIntoAnotherBlock) {
    start({"--mode", "plain"});
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    office.wait();
    const LaneBlock before = office.lane().block;
    const std::string raw = "0x" + hex_encode(office.lane().attempts.back().raw);
    chain_->mine();
    chain_->call("test_reorg", "[2,[[\"" + raw + "\",1]]]");
    office.wait();
    EXPECT_EQ(office.lane().block.number, before.number + 1);
    EXPECT_NE(office.lane().block.hash, before.hash);
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
}

TEST_F(EvmTargetOnAChain, TakesAFreshNonceWhenSomebodyElseUsesItsKey) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    const std::string ours = newest_hash(office);
    chain_->call("test_dropTransaction", "[\"" + ours + "\"]");
    send_foreign(office, 0);
    chain_->mine();
    anchor(office, 2);
    EXPECT_NE(newest_hash(office), ours);
    EXPECT_EQ(office.lane().attempts.size(), 2U);
    ASSERT_EQ(office.alarms().size(), 1U);
    EXPECT_NE(office.alarms()[0].text.find("foreign"), std::string::npos);
    EXPECT_EQ(transactions_of(office), 2U);
    expect_proven(office, 2, chain_->pin());
    EXPECT_EQ(office.state().last_error, "");
}

TEST_F(EvmTargetOnAChain, SignsNothingNewWhileTheReceiptsAreLate) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    chain_->fault(R"("name":"late_receipts")");
    for (int turn = 0; turn < 8; ++turn) {
        office.wait();
        EXPECT_EQ(office.lane().attempts.size(), 1U) << office.why();
        chain_->mine();
    }
    EXPECT_NE(office.why().find("without a receipt"), std::string::npos) << office.why();
    chain_->clear();
    chain_->fault(R"("name":"late_receipts","transactions":true)");
    office.restart(settings_for(*chain_));
    chain_->clear();
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
    EXPECT_TRUE(office.alarms().empty());
}

// The chain loses the transaction before ours: ours waits in the pool, and no second one may carry
// its digest.
TEST_F(EvmTargetOnAChain, FillsAHoleBelowItsNonceAndAnchorsOnce) {
    for (const char* mode : {"plain", "qbft"}) {
        start({"--mode", mode});
        EvmOffice office(settings_for(*chain_));
        const std::string before = send_foreign(office, 0);
        chain_->mine();
        ASSERT_EQ(transactions_of(office), 1U);
        office.checkpoint(2);
        ASSERT_EQ(office.lane().attempts.back().nonce, 1U);
        chain_->call("test_reorg", "[1]");
        chain_->call("test_dropTransaction", "[\"" + before + "\"]");
        ASSERT_EQ(transactions_of(office), 0U);
        office.wait();
        EXPECT_NE(office.state().phase, Phase::refused) << office.state().last_error;
        chain_->mine(static_cast<int>(kLaneForgottenBlocks));
        office.wait();
        ASSERT_EQ(office.alarms().size(), 1U) << office.why();
        EXPECT_NE(office.alarms()[0].text.find("lost transactions"), std::string::npos);
        anchor(office, 2);
        EXPECT_EQ(office.lane().attempts.size(), 1U) << "nothing else carries the digest";
        EXPECT_EQ(office.lane().attempts.back().nonce, 1U);
        EXPECT_EQ(transactions_of(office), 2U) << "the empty one and ours";
        anchor(office, 7);
        EXPECT_EQ(office.alarms().size(), 1U) << "nobody else uses this account";
        EXPECT_EQ(transactions_of(office), 3U);
    }
}

TEST_F(EvmTargetOnAChain, SaysThatAReceiptNeverComesAndKeepsAsking) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    chain_->fault(R"("name":"late_receipts")");
    for (std::uint32_t look = 1; look < kLaneLateLooks; ++look) office.wait();
    EXPECT_TRUE(office.alarms().empty());
    office.restart(settings_for(*chain_));  // one look more
    ASSERT_EQ(office.alarms().size(), 1U);
    EXPECT_EQ(office.state().phase, Phase::confirming);
    EXPECT_NE(office.state().last_error.find("gives no receipt"), std::string::npos)
        << office.state().last_error;
    for (int look = 0; look < 5; ++look) office.wait();
    EXPECT_EQ(office.alarms().size(), 1U) << "once";
    chain_->clear();
    anchor(office, 2);
    EXPECT_EQ(office.state().last_error, "");
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
}

TEST_F(EvmTargetOnAChain, AsksAnotherNodeForTheReceiptThatOneDoesNotGive) {
    start({"--endpoints", "2"});
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->fault(R"("name":"late_receipts","endpoint":0)");
    chain_->mine(4);
    office.wait();
    office.wait();
    EXPECT_EQ(office.state().anchored_size, 2U) << office.why();
    EXPECT_TRUE(office.alarms().empty());
}

TEST_F(EvmTargetOnAChain, BelievesNoForeignTransactionThatOnlyOneNodeShows) {
    start({"--endpoints", "2"});
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    chain_->fault(R"("name":"late_receipts","transactions":true,"endpoint":0)");
    for (int turn = 0; turn < 10 && office.state().anchored_size < 2; ++turn) {
        chain_->mine();
        office.wait();
    }
    EXPECT_EQ(office.state().anchored_size, 2U) << office.why();
    EXPECT_EQ(office.lane().attempts.size(), 1U);
    EXPECT_EQ(transactions_of(office), 1U);
}

// Validators that seal two blocks of one number: both headers are kept, for a person.
TEST_F(EvmTargetOnAChain, KeepsBothHeadersWhenValidatorsSealTwoHistories) {
    for (const char* mode : {"qbft", "ibft2"}) {
        start({"--mode", mode});
        EvmOffice office(settings_for(*chain_));
        office.checkpoint(2);
        chain_->mine();
        office.wait();
        ASSERT_EQ(office.lane().stage, LaneStage::final) << office.why();
        const LaneBlock before = office.lane().block;
        chain_->call("test_reorg", "[1]");
        chain_->fault(R"("name":"too_few_seals")");  // this says nothing against the validators
        for (std::uint64_t block = 0; block <= kLaneTakenBlocks; ++block) {
            office.wait();
            EXPECT_TRUE(office.sealed_twice().empty());
            EXPECT_NE(
                office.state().last_error.find(block < kLaneTakenBlocks ? "no receipt in our final"
                                                                        : "sealed two histories"),
                std::string::npos)
                << block << ": " << office.state().last_error;
            if (block < kLaneTakenBlocks) chain_->mine();
        }
        EXPECT_NE(office.state().last_error.find("sealed two histories"), std::string::npos);
        chain_->clear();
        office.restart(settings_for(*chain_));
        ASSERT_EQ(office.sealed_twice().size(), 1U) << office.state().last_error;
        EXPECT_NE(office.state().last_error.find("two-blocks.json"), std::string::npos);
        const auto& [number, first, second] = office.sealed_twice()[0];
        const TrustedChain pin = chain_->pin();
        EXPECT_EQ(number, before.number);
        EXPECT_EQ(evm::parse_header(first, pin.mode)->block_hash, before.hash);
        for (const Bytes& raw : {first, second}) {
            const auto header = evm::parse_header(raw, pin.mode);
            ASSERT_TRUE(header.ok()) << header.error().message;
            EXPECT_EQ(header->number, number);
            EXPECT_EQ(evm::count_seals(*header, pin.validator_sets[0].validators).finding,
                      evm::SealFinding::sealed);
        }
        EXPECT_NE(first, second);
        anchor(office, 2);
        EXPECT_EQ(transactions_of(office), 1U);
        EXPECT_EQ(office.sealed_twice().size(), 1U);
        expect_proven(office, 2, pin);
    }
}

// A node's word for the newest block is no confirmation.
TEST_F(EvmTargetOnAChain, CountsNoConfirmationsUpToAHeadThatIsALie) {
    start({"--mode", "plain"});
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    chain_->fault(R"("name":"lying_head")");
    for (int look = 0; look < 3; ++look) office.wait();
    EXPECT_EQ(office.state().anchored_size, 0U);
    EXPECT_LT(office.lane().stage, LaneStage::final);
    EXPECT_EQ(office.state().phase, Phase::misbehaving) << office.why();
    chain_->clear();
    anchor(office, 2);
    EXPECT_GE(chain_->head(), office.lane().block.number + 3);
    EXPECT_EQ(transactions_of(office), 1U);
}

TEST_F(EvmTargetOnAChain, ReplacesTheFeeThoughAHeadWasALie) {
    start({"--gas", "market"});
    EvmSettings settings = settings_for(*chain_);
    settings.fees.mode = FeeMode::market;
    EvmOffice office(settings);
    chain_->call("test_fund", "[\"" + evm::to_string(office.signer().address()) + "\"]");
    chain_->fault(R"("name":"lying_head")");
    office.checkpoint(2);
    EXPECT_TRUE(office.lane().attempts.empty()) << "nothing is signed on such a node's word";
    EXPECT_EQ(office.state().phase, Phase::refused);
    chain_->clear();
    office.wait();
    ASSERT_EQ(office.lane().attempts.size(), 1U) << office.state().last_error;
    chain_->call("test_dropTransaction", "[\"" + newest_hash(office) + "\"]");
    chain_->mine(3);
    office.wait();
    EXPECT_EQ(office.lane().attempts.size(), 2U) << office.why();
}

TEST_F(EvmTargetOnAChain, BelievesNoForeignTransactionBeforeThreeBlocks) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    chain_->fault(R"("name":"late_receipts","transactions":true)");
    for (int turn = 0; turn < 6; ++turn) office.wait();
    chain_->mine(static_cast<int>(kLaneTakenBlocks) - 1);
    office.wait();
    EXPECT_EQ(office.lane().attempts.size(), 1U) << office.why();
    chain_->clear();
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
    EXPECT_TRUE(office.alarms().empty());
}

TEST_F(EvmTargetOnAChain, ReplacesTheFeeOfALateTransactionAndKnowsBoth) {
    start({"--gas", "market"});
    EvmSettings settings = settings_for(*chain_);
    settings.fees.mode = FeeMode::market;
    EvmOffice office(settings);
    chain_->call("test_fund", "[\"" + evm::to_string(office.signer().address()) + "\"]");
    office.checkpoint(2);
    const LaneAttempt first = office.lane().attempts.back();
    chain_->call("test_dropTransaction", "[\"" + newest_hash(office) + "\"]");
    chain_->mine(3);
    office.wait();
    ASSERT_EQ(office.lane().attempts.size(), 2U) << office.why();
    EXPECT_GT(office.lane().attempts.back().max_fee_wei, first.max_fee_wei);
    EXPECT_EQ(office.lane().attempts.back().nonce, first.nonce);
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
}

TEST_F(EvmTargetOnAChain, PaysNothingAndNeverReplacesOnAFreeNetwork) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->call("test_dropTransaction", "[\"" + newest_hash(office) + "\"]");
    chain_->mine(20);
    office.wait();
    EXPECT_EQ(office.lane().attempts.size(), 1U);
    EXPECT_EQ(office.lane().attempts.back().max_fee_wei, 0U);
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
}

TEST_F(EvmTargetOnAChain, FinishesTheOlderCheckpointFirst) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    office.checkpoint(5);
    office.checkpoint(9);
    anchor(office, 9);
    EXPECT_TRUE(office.stored().contains(2));
    EXPECT_FALSE(office.stored().contains(5)) << "the newest covers it";
    expect_proven(office, 2, chain_->pin());
    expect_proven(office, 9, chain_->pin());
    EXPECT_EQ(transactions_of(office), 2U);
}

TEST_F(EvmTargetOnAChain, GivesTheAnchorAgainAfterACrashBeforeItWasStored) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine(4);
    office.loses_pieces = true;
    office.wait();
    ASSERT_EQ(office.lane().stage, LaneStage::final) << office.why();
    office.loses_pieces = false;
    office.restart(settings_for(*chain_));
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
}

TEST_F(EvmTargetOnAChain, GoesOnFromItsRowsAfterEachRestart) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    for (int turn = 0; turn < 20 && office.state().anchored_size < 2; ++turn) {
        chain_->mine();
        office.restart(settings_for(*chain_));
        EXPECT_EQ(office.lane().attempts.size(), 1U);
    }
    EXPECT_EQ(office.state().anchored_size, 2U) << office.why();
    EXPECT_EQ(transactions_of(office), 1U);
    expect_proven(office, 2, chain_->pin());
}

TEST_F(EvmTargetOnAChain, RefusesTheLaneOfAnotherChain) {
    start();
    EvmSettings settings = settings_for(*chain_);
    EvmOffice office(settings);
    office.checkpoint(2);
    settings.chain.chain_id = 4;
    office.restart(settings);
    EXPECT_NE(office.state().last_error.find("chain 1337"), std::string::npos)
        << office.state().last_error;
}

TEST_F(EvmTargetOnAChain, RebuildsTheReceiptsOfItsBlocks) {
    for (const char* hardfork : {"london", "prague"}) {
        start({"--hardfork", hardfork});
        const evm::Address contract = chain_->deploy_anchor();
        EvmOffice office(settings_for(*chain_, contract));
        anchor(office, 2);
        const LaneBlock block = office.lane().block;
        const std::string hash = "\"0x" + hex_encode(block.hash) + "\"";
        const auto served = chain_->ask("eth_getBlockByHash", "[" + hash + ",true]");
        const auto header = read_header(served, evm::Mode::qbft, block.hash);
        ASSERT_TRUE(header.ok()) << header.error().message;
        const auto items =
            read_receipts(chain_->ask("eth_getBlockReceipts", "[" + hash + "]"), *header);
        ASSERT_TRUE(items.ok()) << items.error().message;
        const auto receipt = evm::parse_receipt(items->front());
        ASSERT_TRUE(receipt.ok()) << receipt.error().message;
        EXPECT_EQ(evm::anchored_root(receipt->logs.at(0), contract), office.lane().digest);
        chain_->fault(R"("name":"lying_receipts")");
        EXPECT_FALSE(
            read_receipts(chain_->ask("eth_getBlockReceipts", "[" + hash + "]"), *header).ok());
    }
}

TEST_F(EvmTargetOnAChain, SendsNothingThatItCouldNotRecord) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.is_disk_full = true;
    office.checkpoint(2);
    EXPECT_EQ(office.state().phase, Phase::waiting);
    chain_->mine();
    EXPECT_EQ(transactions_of(office), 0U);
    office.is_disk_full = false;
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U);
}

TEST_F(EvmTargetOnAChain, WaitsForALockedKey) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.signer().is_locked = true;
    office.checkpoint(2);
    EXPECT_EQ(office.state().phase, Phase::waiting);
    EXPECT_NE(office.state().last_error.find("locked"), std::string::npos);
    office.signer().is_locked = false;
    anchor(office, 2);
}

TEST_F(EvmTargetOnAChain, AnchorsWithoutLaterBlocksWhenNoneCome) {
    start();
    EvmOffice office(settings_for(*chain_));
    office.checkpoint(2);
    chain_->mine();
    for (int turn = 0; turn < 10 && office.state().anchored_size < 2; ++turn) office.wait();
    ASSERT_EQ(office.state().anchored_size, 2U) << office.why();
    EXPECT_EQ(office.judge(2, chain_->pin()).finding, Finding::chain_time_unhardened);
    chain_->mine(3);
    office.wait();  // the completion
    expect_proven(office, 2, chain_->pin());
    EXPECT_EQ(office.state().completion_size, 0U);
}

// Sixty validators: a header is 4 kB, and the 20 that bound the time do not fit into evidence.
TEST_F(EvmTargetOnAChain, AnchorsWithoutLaterBlocksWhenTheyAreTooLong) {
    start({"--validators", "60"});
    EvmOffice office(settings_for(*chain_));
    anchor(office, 2);
    EXPECT_EQ(office.judge(2, chain_->pin()).finding, Finding::chain_time_unhardened);
    EXPECT_TRUE(office.alarms().empty());
}

TEST_F(EvmTargetOnAChain, CarriesTrustOverToValidatorsThatThePinDoesNotKnow) {
    start();
    const EvmSettings before = settings_for(*chain_);
    chain_->call("test_changeValidators", R"([{"add":4}])");
    chain_->mine(5);
    chain_->call("test_changeValidators", R"([{"drop":0}])");
    chain_->mine(30);
    EvmOffice office(before);
    anchor(office, 2);
    EXPECT_NE(office.stored().at(2).anchors_json.find("handover"), std::string::npos);
    expect_proven(office, 2, before.chain);
    EXPECT_TRUE(office.alarms().empty());
}

// Their headers list nobody: the pin alone says whose seals count.
TEST_F(EvmTargetOnAChain, AnchorsWhereTheValidatorsStandInAContract) {
    start({"--validators-in", "contract"});
    const EvmSettings settings = settings_for(*chain_);
    EvmOffice office(settings);
    for (const std::uint64_t size : {2U, 7U}) {
        anchor(office, size);
        expect_proven(office, size, settings.chain);
        EXPECT_EQ(office.stored().at(size).anchors_json.find("handover"), std::string::npos);
    }
    EXPECT_EQ(transactions_of(office), 2U);
    EXPECT_TRUE(office.alarms().empty());

    office.checkpoint(9);
    chain_->mine();
    for (int turn = 0; turn < 10 && office.state().anchored_size < 9; ++turn) office.wait();
    ASSERT_EQ(office.judge(9, settings.chain).finding, Finding::chain_time_unhardened);
    chain_->mine(3);
    office.wait();  // the completion
    expect_proven(office, 9, settings.chain);
}

TEST_F(EvmTargetOnAChain, DoesNotFollowAContractsValidatorsPastThePin) {
    start({"--validators-in", "contract"});
    EvmSettings settings = settings_for(*chain_);
    chain_->call("test_changeValidators", R"([{"replace":[20,21,22,23]}])");
    chain_->mine(3);
    EvmOffice office(settings);
    office.checkpoint(2);
    chain_->mine(4);
    office.wait();
    EXPECT_EQ(office.state().anchored_size, 0U);
    EXPECT_NE(office.state().last_error, "");
    settings.chain = chain_->pin();
    office.restart(settings);
    anchor(office, 2);
    expect_proven(office, 2, settings.chain);
}

TEST_F(EvmTargetOnAChain, SaysWhatToDoWhenNothingCarriesTrustOver) {
    start();
    EvmSettings settings = settings_for(*chain_);
    chain_->call("test_changeValidators", R"([{"replace":[20,21,22,23]}])");
    chain_->mine(3);
    EvmOffice office(settings);
    office.checkpoint(2);
    chain_->mine(4);
    office.wait();
    EXPECT_EQ(office.state().phase, Phase::refused);
    EXPECT_NE(office.state().last_error.find("pin"), std::string::npos)
        << office.state().last_error;
    settings.chain = chain_->pin();
    office.restart(settings);
    anchor(office, 2);
    EXPECT_EQ(transactions_of(office), 1U) << "mined once, proven later";
    expect_proven(office, 2, settings.chain);
}

}  // namespace
}  // namespace fieldseal::anchor
