// SPDX-License-Identifier: Apache-2.0
#include "node/cli/views.h"

#include "anchor/schedule.h"

#include <gtest/gtest.h>

namespace fieldseal::node::cli {
namespace {

json::Value parsed(std::string_view text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value.ok()) << text;
    return value.ok() ? *value : json::Value();
}

TEST(Views, ReadAStatement) {
    const auto statement = read_statement(parsed(
        R"({"id":"ab","index":7,"state":"anchored","document":{"sha256":"cd","name":"a.pdf","size":3},
            "media_type":"application/pdf","subject":"permit","seal":"default","issued_at":1,"clock":{"trust":"synced"},"actor":"maria"})"));
    EXPECT_EQ(statement.id, "ab");
    EXPECT_EQ(statement.index, 7U);
    EXPECT_TRUE(statement.is_anchored());
    EXPECT_EQ(statement.document_name, "a.pdf");
    EXPECT_EQ(statement.document_size, 3U);
    EXPECT_EQ(statement.clock_trust, "synced");
    EXPECT_EQ(statement.actor, "maria");
}

TEST(Views, TolerateWhatTheyDoNotKnow) {
    for (const char* text : {"{}", "[]", "null", R"({"id":7,"document":[],"index":-1,"new":{}})"}) {
        const auto statement = read_statement(parsed(text));
        EXPECT_EQ(statement.id, "") << text;
        EXPECT_EQ(statement.index, 0U) << text;
        EXPECT_TRUE(read_status(parsed(text)).targets.empty()) << text;
        EXPECT_TRUE(read_statement_list(parsed(text)).empty()) << text;
    }
}

TargetView target(std::string phase, std::uint64_t anchored_size = 0) {
    TargetView view;
    view.name = "hub";
    view.phase = std::move(phase);
    view.anchored_size = anchored_size;
    return view;
}

TEST(Views, JudgeATargetByTheCheckpointAskedFor) {
    EXPECT_EQ(standing(target("anchored", 9), 9), Standing::anchored);
    EXPECT_EQ(standing(target("anchored", 9), 10),
              Standing::moving);  // the new one is about to be sent
    EXPECT_EQ(standing(target("sending", 12), 9), Standing::anchored);
    EXPECT_EQ(standing(target("idle"), 0), Standing::anchored);
}

TEST(Views, TellOfflineFromTrouble) {
    TargetView offline = target("waiting");
    EXPECT_EQ(standing(offline, 9), Standing::moving);
    offline.error = "connection refused";
    EXPECT_EQ(standing(offline, 9), Standing::offline);
    offline.in_flight = true;
    EXPECT_EQ(standing(offline, 9), Standing::moving);
    EXPECT_EQ(standing(target("refused"), 9), Standing::trouble);
    // Even for what it had anchored before.
    EXPECT_EQ(standing(target("stopped-by-proof", 20), 9), Standing::trouble);
}

TEST(Views, HavePlainWordsForEveryPhaseAndNeverSayFailedForOffline) {
    for (std::uint8_t phase = 0; phase < anchor::kPhaseCount; ++phase) {
        TargetView view = target(std::string(anchor::to_string(static_cast<anchor::Phase>(phase))));
        view.error = "reason";
        const std::string words = plain_words(view, 9);
        EXPECT_FALSE(words.empty()) << view.phase;
        EXPECT_EQ(words.find("failed"), std::string::npos) << words;
    }
    TargetView offline = target("waiting");
    offline.error = "connection refused";
    offline.next_attempt_in_s = 75;
    EXPECT_EQ(plain_words(offline, 9),
              "not reached yet; the node tries again by itself in 1 min 15 s (connection refused)");
}

TEST(Views, SpeakOfAChainInItsOwnWords) {
    TargetView chain = target("confirming");
    chain.kind = "evm";
    chain.account = "0x00aa";
    EXPECT_EQ(standing(chain, 9), Standing::moving);
    chain.sealed_twice_file = "/data/chains/x.sealed-twice";
    EXPECT_NE(plain_words(chain, 9).find("/data/chains/x.sealed-twice"), std::string::npos);
    chain.sealed_twice_file.clear();
    EXPECT_EQ(plain_words(chain, 9), "on its way; the chain has not confirmed it yet");
    chain.error = "no block for 10 min";
    EXPECT_EQ(plain_words(chain, 9),
              "on its way; the chain has not confirmed it yet (no block for 10 min)");
    chain.phase = "refused";
    EXPECT_EQ(standing(chain, 9), Standing::trouble);
    EXPECT_NE(plain_words(chain, 9).find("0x00aa"), std::string::npos);
    EXPECT_EQ(plain_words(chain, 9).find("--vkey"), std::string::npos);
}

TEST(Views, SpeakOfAnAuthorityInItsOwnWords) {
    TargetView authority = target("refused");
    authority.kind = "rfc3161";
    authority.error = "unacceptedPolicy";
    EXPECT_EQ(plain_words(authority, 9),
              "refuses to stamp (unacceptedPolicy); ask its operator, then sync");
}

TEST(Views, JudgeAHubsChainByWhatItWitnessed) {
    TargetView chain = target("anchored", 3);
    EXPECT_EQ(goal_of(chain, 9), 9U);
    chain.log = "checkpoints";
    chain.wanted_size = 3;
    EXPECT_EQ(goal_of(chain, 9), 3U);
    EXPECT_EQ(plain_words(chain, 3), "anchored: the first 3 entries of the witnessed log");
}

TEST(Views, HavePlainWordsForTheLifeOfADocument) {
    for (const char* state : {"sealed", "checkpointed", "anchored"}) {
        StatementView statement;
        statement.state = state;
        EXPECT_GT(plain_words(statement).size(), std::string_view(state).size());
    }
}

}  // namespace
}  // namespace fieldseal::node::cli
