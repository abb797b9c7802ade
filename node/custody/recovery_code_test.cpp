// SPDX-License-Identifier: Apache-2.0
#include "node/custody/recovery_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string fresh_code() {
    const auto secret = SecretBytes::random(kRecoverySecretBytes);
    return to_text(format_recovery_code(*secret)->view());
}

Result<SecretBytes> typed(const std::string& text) {
    return parse_recovery_code(as_bytes(text));
}

TEST(RecoveryCode, IsFourteenGroupsAndComesBack) {
    for (int i = 0; i < 100; ++i) {
        const auto secret = SecretBytes::random(kRecoverySecretBytes);
        ASSERT_TRUE(secret.ok());
        const auto code = format_recovery_code(*secret);
        ASSERT_TRUE(code.ok());
        EXPECT_THAT(to_text(code->view()), MatchesRegex("FSR1(-[0-9A-HJKMNP-TV-Z]{4}){14}"));
        const auto back = parse_recovery_code(code->view());
        ASSERT_TRUE(back.ok());
        EXPECT_TRUE(equal_secrets(*secret, *back));
    }
}

TEST(RecoveryCode, ForgivesHowPeopleType) {
    const std::string code = fresh_code();
    std::string typed_code = "  " + code + "\r\n";
    for (char& c : typed_code) {
        if (c == '-') c = ' ';
        if (c == '0') c = 'o';
        if (c == '1') c = 'l';
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const auto back = typed(typed_code);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_TRUE(equal_secrets(*back, *typed(code)));
}

TEST(RecoveryCode, NoticesEveryMistypedCharacter) {
    const std::string code = fresh_code();
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (code[i] == '-') continue;
        std::string wrong = code;
        wrong[i] = code[i] == '7' ? '8' : '7';
        EXPECT_FALSE(typed(wrong).ok()) << i;
    }
}

TEST(RecoveryCode, RefusesOtherLengthsAndLetters) {
    const std::string code = fresh_code();
    EXPECT_THAT(typed("").error().message, HasSubstr("too short"));
    EXPECT_THAT(typed(code.substr(0, code.size() - 1)).error().message, HasSubstr("too short"));
    EXPECT_THAT(typed(code + "0").error().message, HasSubstr("too long"));
    EXPECT_THAT(typed(std::string(100000, '-')).error().message, HasSubstr("too long"));
    EXPECT_THAT(typed("U" + code.substr(1)).error().message, HasSubstr("no code has"));
    EXPECT_THAT(typed("FSR2" + code.substr(4)).error().message, HasSubstr("begin with FSR1"));
}

TEST(RecoveryCode, ErrorsNeverRepeatTheCode) {
    const std::string code = fresh_code();
    std::string wrong = code;
    std::swap(wrong[5], wrong[6]);
    if (wrong[5] == wrong[6]) wrong[5] = wrong[5] == '7' ? '8' : '7';
    const auto refused = typed(wrong);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message.find(wrong.substr(5, 4)), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node
