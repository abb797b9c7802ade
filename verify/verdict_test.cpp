// SPDX-License-Identifier: Apache-2.0
#include "verify/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace fieldseal::verify {
namespace {

std::string_view to_string(Effect effect) {
    switch (effect) {
        case Effect::none:
            return "none";
        case Effect::fails:
            return "fails";
        case Effect::misses:
            return "misses";
        case Effect::pends:
            return "pends";
        case Effect::refuses:
            break;
    }
    return "refuses";
}

// The rows of the table of reason codes: code to everything behind it.
std::map<std::string, std::string> documented() {
    std::ifstream in(FIELDSEAL_VERDICTS_PAGE);
    std::map<std::string, std::string> rows;
    bool in_table = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("## ")) in_table = line.starts_with("## 9");
        if (!in_table || !line.starts_with("| `")) continue;
        const auto end = line.find('`', 3);
        rows[line.substr(3, end - 3)] = line.substr(end + 1);
    }
    return rows;
}

TEST(Reasons, AreKebabCaseAndUnique) {
    std::set<std::string_view> seen;
    for (const ReasonInfo& reason : all_reasons()) {
        EXPECT_TRUE(seen.insert(reason.code).second) << reason.code;
        EXPECT_TRUE(std::all_of(reason.code.begin(), reason.code.end(), [](unsigned char c) {
            return std::islower(c) != 0 || c == '-';
        })) << reason.code;
        EXPECT_EQ(reason_from_code(reason.code), reason.reason);
        EXPECT_EQ(&info(reason.reason), &reason);
    }
    EXPECT_EQ(reason_from_code("no-such-code"), std::nullopt);
}

TEST(Reasons, SayInSentencesWhatTheyMeanAndWhatToDo) {
    for (const ReasonInfo& reason : all_reasons()) {
        EXPECT_TRUE(reason.meaning.ends_with('.')) << reason.code;
        EXPECT_TRUE(reason.advice.ends_with('.')) << reason.code;
    }
}

TEST(Reasons, StandInTheDocumentationWithTheirEffect) {
    auto rows = documented();
    for (const ReasonInfo& reason : all_reasons()) {
        const auto row = rows.find(std::string(reason.code));
        ASSERT_NE(row, rows.end()) << reason.code;
        const std::string cell = "| " + std::string(to_string(reason.effect)) + " |";
        EXPECT_NE(row->second.find(cell), std::string::npos) << reason.code;
        EXPECT_NE(row->second.find(reason.meaning), std::string::npos) << reason.code;
        rows.erase(row);
    }
    EXPECT_TRUE(rows.empty()) << rows.begin()->first;
}

TEST(ExitCode, FollowsVerdictAndReason) {
    EXPECT_EQ(exit_code(Verdict::valid, Reason::ok), 0);
    EXPECT_EQ(exit_code(Verdict::invalid, Reason::document_mismatch), 1);
    EXPECT_EQ(exit_code(Verdict::indeterminate, Reason::log_unknown), 2);
    EXPECT_EQ(exit_code(Verdict::indeterminate, Reason::anchor_policy_unmet), 3);
}

}  // namespace
}  // namespace fieldseal::verify
