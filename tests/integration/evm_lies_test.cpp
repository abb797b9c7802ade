// SPDX-License-Identifier: Apache-2.0
// Each fault of tests/support/chain/faults.mjs against the chain target, over real sockets: never a
// wrong "anchored", the phase that docs/states.md names, and one transaction once the fault is
// over. With a second, honest node the fault does not even delay. Time is moved by hand.
#include "tests/integration/evm_office.h"
#include "tests/support/test_chain.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal::anchor {
namespace {

using anchors::Finding;
using testing::EvmOffice;
using testing::TestChain;

constexpr int kPolls = 4;

EvmSettings settings_for(TestChain& chain) {
    EvmSettings settings;
    settings.urls = chain.urls();
    settings.chain = chain.pin();
    settings.genesis_hash = chain.genesis_hash();
    settings.limits.connect_timeout = std::chrono::milliseconds(500);
    settings.limits.total_timeout = std::chrono::milliseconds(700);
    return settings;
}

enum class When : std::uint8_t {
    always,  // before anything is sent
    sent,    // once the transaction is sent
};

struct Fault {
    const char* members;
    When when;
    Phase phase;
    const char* why;  // part of the last error
};

// The name of the fault alone, for the test's name.
std::string name_of(const Fault& fault) {
    const std::string members = fault.members;
    const std::size_t start = members.find(":\"") + 2;
    std::string name = members.substr(start, members.find('"', start) - start);
    if (members.find("send_error") != std::string::npos) {
        const std::size_t error = members.rfind(":\"") + 2;
        name += "_" + members.substr(error, members.find('"', error) - error);
    }
    if (const auto what = members.find("\"what\":\""); what != std::string::npos) {
        const std::size_t value = what + 8;
        name += "_" + members.substr(value, members.find('"', value) - value);
    }
    std::ranges::replace(name, ' ', '_');
    return name;
}

class EvmTargetUnderFault : public ::testing::TestWithParam<Fault> {
protected:
    void SetUp() override {
        if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    }
    void start(int endpoints) {
        chain_ = TestChain::start({"--endpoints", std::to_string(endpoints)});
        ASSERT_NE(chain_, nullptr);
    }
    void begin(EvmOffice& office, const std::string& members) {
        if (GetParam().when == When::always) chain_->fault(members);
        office.checkpoint(2);
        if (GetParam().when == When::sent) chain_->fault(members);
    }
    void finish(EvmOffice& office) {
        for (int turn = 0; turn < 20 && office.state().anchored_size < 2; ++turn) {
            chain_->mine();
            office.wait();
        }
        ASSERT_EQ(office.state().anchored_size, 2U) << office.state().last_error << office.why();
        chain_->clear();
        const auto result = office.judge(2, chain_->pin());
        EXPECT_EQ(result.finding, Finding::proven) << result.message;
        const json::Value count =
            chain_->ask("eth_getTransactionCount",
                        "[\"" + evm::to_string(office.signer().address()) + "\",\"latest\"]");
        EXPECT_EQ(count, json::Value("0x1")) << "anchored exactly once";
    }

    std::unique_ptr<TestChain> chain_;
};

TEST_P(EvmTargetUnderFault, AnchorsNothingWrongAndRecovers) {
    start(1);
    EvmOffice office(settings_for(*chain_));
    begin(office, GetParam().members);
    for (int poll = 0; poll < kPolls; ++poll) {
        chain_->mine();
        office.wait();
        EXPECT_EQ(office.state().anchored_size, 0U);
    }
    EXPECT_EQ(office.state().phase, GetParam().phase)
        << to_string(office.state().phase) << ": " << office.state().last_error << office.why();
    const std::string said = office.state().last_error + office.why();
    EXPECT_NE(said.find(GetParam().why), std::string::npos) << said;
    EXPECT_EQ(office.alarms().empty(), GetParam().phase != Phase::refused);
    chain_->clear();
    finish(office);
    EXPECT_EQ(office.state().last_error, "");
}

TEST_P(EvmTargetUnderFault, GoesOnWithAnHonestNode) {
    start(2);
    EvmOffice office(settings_for(*chain_));
    begin(office, std::string(GetParam().members) + ",\"endpoint\":0");
    finish(office);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, EvmTargetUnderFault,
    ::testing::Values(
        Fault{R"("name":"http_429")", When::always, Phase::waiting, "429"},
        Fault{R"("name":"http_500")", When::always, Phase::waiting, "500"},
        Fault{R"("name":"http_status","status":401)", When::always, Phase::refused,
              "authorisation"},
        Fault{R"("name":"html")", When::always, Phase::misbehaving, "not JSON"},
        Fault{R"("name":"not_json")", When::always, Phase::misbehaving, "not JSON"},
        Fault{R"("name":"wrong_id")", When::always, Phase::misbehaving, "another request"},
        Fault{R"("name":"cut_body")", When::always, Phase::misbehaving, "cut"},
        Fault{R"("name":"oversized")", When::always, Phase::misbehaving, "longer than"},
        Fault{R"("name":"one_byte_per_second")", When::always, Phase::misbehaving, "slow"},
        Fault{R"("name":"lost_reply")", When::always, Phase::waiting, "before an answer"},
        Fault{R"("name":"never_answers")", When::always, Phase::waiting, "no answer"},
        Fault{R"("name":"down")", When::always, Phase::waiting, ""},
        Fault{R"("name":"wrong_chain_id")", When::always, Phase::refused, "chain id"},
        Fault{R"("name":"wrong_genesis")", When::always, Phase::refused, "genesis"},
        Fault{R"("name":"lying_transactions_root")", When::sent, Phase::misbehaving, "hash"},
        Fault{R"("name":"lying_receipts_root")", When::sent, Phase::misbehaving, "hash"},
        Fault{R"("name":"lying_block_hash")", When::sent, Phase::misbehaving, ""},
        Fault{R"("name":"lying_transaction")", When::sent, Phase::misbehaving, "root"},
        Fault{R"("name":"lying_receipts","what":"block")", When::sent, Phase::misbehaving,
              "no such block"},
        Fault{R"("name":"lying_receipts","what":"number")", When::sent, Phase::misbehaving,
              "its receipt says"},
        Fault{R"("name":"too_few_seals")", When::sent, Phase::misbehaving, "needed"},
        Fault{R"("name":"foreign_seal")", When::sent, Phase::misbehaving, "no validator"},
        Fault{R"("name":"duplicate_seal")", When::sent, Phase::misbehaving, "twice"},
        Fault{R"("name":"garbled_seal")", When::sent, Phase::misbehaving, ""},
        Fault{R"("name":"wrong_commit")", When::sent, Phase::misbehaving, ""},
        Fault{R"("name":"six_items")", When::sent, Phase::misbehaving, ""},
        Fault{R"("name":"unsorted_validators")", When::sent, Phase::misbehaving, ""}),
    [](const auto& each) { return name_of(each.param); });

// Errors of eth_sendRawTransaction, as Besu words them.
INSTANTIATE_TEST_SUITE_P(
    Refusals, EvmTargetUnderFault,
    ::testing::Values(
        Fault{R"("name":"send_error","code":-32007,"message":"Sender account not authorized")",
              When::always, Phase::refused, "permit account"},
        Fault{
            R"("name":"send_error","code":-32004,"message":"Upfront cost exceeds account balance")",
            When::always, Phase::refused, "fund it"},
        Fault{R"("name":"send_error","code":-32003,"message":"Intrinsic gas exceeds gas limit")",
              When::always, Phase::refused, "gas limit"},
        Fault{R"("name":"send_error","code":-32000,"message":"Wrong chainId")", When::always,
              Phase::refused, "chain id"},
        Fault{R"("name":"send_error","code":-32009,"message":"Gas price below configured minimum")",
              When::always, Phase::refused, "not free of fees"},
        Fault{R"("name":"send_error","code":-32008,"message":"Initial sync is still in progress")",
              When::always, Phase::waiting, "Initial sync"},
        Fault{R"("name":"send_error","code":-32000,"message":"Something nobody has seen")",
              When::always, Phase::waiting, "Something nobody has seen"}),
    [](const auto& each) { return name_of(each.param); });

// Two nodes of one network may hold other seals of one block: both are right.
void mine_until_anchored(TestChain& chain, EvmOffice& office, std::uint64_t size) {
    for (int turn = 0; turn < 10 && office.state().anchored_size < size; ++turn) {
        chain.mine();
        office.wait();
    }
    EXPECT_EQ(office.state().anchored_size, size) << office.why();
}

TEST(EvmTargetNodes, TakeAnySufficientSeals) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({"--endpoints", "2"});
    ASSERT_NE(chain, nullptr);
    chain->fault(R"("name":"different_seals")");
    chain->fault(R"("name":"other_round","endpoint":0)");
    for (const std::size_t first : {0U, 1U}) {
        EvmSettings settings = settings_for(*chain);
        settings.urls = {chain->urls()[first], chain->urls()[1 - first]};
        EvmOffice office(settings);
        office.checkpoint(2);
        for (int turn = 0; turn < 10 && office.state().anchored_size < 2; ++turn) {
            chain->mine();
            office.wait();
        }
        // A block sealed in a later round tells less of its proposer; the other node shows round 0.
        EXPECT_EQ(office.judge(2, chain->pin()).finding, Finding::proven) << office.why();
    }
}

TEST(EvmTargetNodes, WaitForANodeThatLagsBehind) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({});
    ASSERT_NE(chain, nullptr);
    EvmOffice office(settings_for(*chain));
    office.checkpoint(2);
    chain->mine(4);
    office.wait();
    ASSERT_EQ(office.state().anchored_size, 2U) << office.why();
    chain->fault(R"("name":"lagging","blocks":5)");
    office.checkpoint(5);
    EXPECT_TRUE(office.lane().attempts.empty() || office.lane().size == 2)
        << "no nonce is taken from a node that has not seen our last transaction";
    EXPECT_EQ(office.state().phase, Phase::confirming);
    EXPECT_TRUE(office.alarms().empty());
    EXPECT_NE(office.state().last_error.find("nothing is signed"), std::string::npos)
        << office.state().last_error;
    chain->clear();
    mine_until_anchored(*chain, office, 5);
}

// Neither of them says anything that is wrong; the other node is asked all the same.
TEST(EvmTargetNodes, TurnFromANodeThatSwallowsWhatIsSent) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({"--endpoints", "2"});
    ASSERT_NE(chain, nullptr);
    chain->fault(R"("name":"swallow_send","endpoint":0)");
    EvmOffice office(settings_for(*chain));
    office.checkpoint(2);
    mine_until_anchored(*chain, office, 2);
}

TEST(EvmTargetNodes, TurnFromANodeThatStandsStillBelowOurLastBlock) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({"--endpoints", "2"});
    ASSERT_NE(chain, nullptr);
    EvmOffice office(settings_for(*chain));
    office.checkpoint(2);
    chain->mine(4);
    office.wait();
    ASSERT_EQ(office.state().anchored_size, 2U) << office.why();
    chain->fault(R"("name":"lagging","blocks":1000,"endpoint":0)");
    office.checkpoint(5);
    mine_until_anchored(*chain, office, 5);
    EXPECT_TRUE(office.alarms().empty());
}

TEST(EvmTargetNodes, TellsAPersonWhenAnUnknownErrorLasts) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({});
    ASSERT_NE(chain, nullptr);
    EvmOffice office(settings_for(*chain));
    chain->fault(R"("name":"send_error","code":-32000,"message":"Something nobody has seen")");
    office.checkpoint(2);
    for (int turn = 0; turn < 10; ++turn) office.wait();
    EXPECT_EQ(office.state().phase, Phase::refused);
    EXPECT_EQ(office.alarms().size(), 1U);
}

TEST(EvmProbe, ShowsWhatEachNodeAnswers) {
    if (!TestChain::is_installed()) GTEST_SKIP() << "run scripts/setup test";
    const auto chain = TestChain::start({"--endpoints", "2"});
    ASSERT_NE(chain, nullptr);
    chain->mine();
    const EvmSettings settings = settings_for(*chain);
    const testing::TestChainSigner signer(0x77);
    const auto good = probe_evm_endpoints(settings, signer.address());
    ASSERT_TRUE(good.ok()) << good.error().message;
    EXPECT_EQ(good->size(), 2U * 6U);
    for (const EvmProbe& line : *good) EXPECT_TRUE(line.ok) << line.question << ": " << line.answer;

    chain->fault(R"("name":"wrong_chain_id","endpoint":0)");
    chain->fault(R"("name":"too_few_seals","endpoint":1)");
    const auto bad = probe_evm_endpoints(settings, signer.address());
    std::vector<std::string> wrong;
    for (const EvmProbe& line : *bad) {
        if (!line.ok) wrong.push_back(line.url + " " + line.question);
    }
    EXPECT_EQ(wrong, (std::vector<std::string>{chain->urls()[0] + " chain id",
                                               chain->urls()[1] + " seals"}));
}

}  // namespace
}  // namespace fieldseal::anchor
