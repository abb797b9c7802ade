// SPDX-License-Identifier: Apache-2.0
#include "node/identity.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

TEST(Identity, IsReadBackAsItWasWritten) {
    const testing::InProcessNode node;
    const std::string text = to_json(*node.identity);
    const auto back = parse_identity(text);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(to_json(*back), text);
    EXPECT_EQ(back->origin, "ministry.example/office-7/1");
    EXPECT_EQ(back->log_key.name, back->origin);
    EXPECT_EQ(back->witnessed_log_key.name, "ministry.example/office-7.witnessed/1");
}

TEST(Identity, RefusesWhatItDoesNotKnow) {
    const testing::InProcessNode node;
    std::string text = to_json(*node.identity);
    EXPECT_EQ(parse_identity("{}").error().code, Errc::corrupt);
    EXPECT_EQ(parse_identity(text + "x").error().code, Errc::corrupt);
    text.replace(text.find("node/v1"), 7, "node/v2");
    EXPECT_EQ(parse_identity(text).error().code, Errc::corrupt);
}

TEST(Identity, SaysHowToMakeANodeWhereThereIsNone) {
    const testing::TempDirectory directory;
    const auto missing = load_identity(directory.path());
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_NE(missing.error().message.find("fieldseal init"), std::string::npos);
}

TEST(Init, RefusesADirectoryThatIsNotEmptyAndNamesThatAreNoNames) {
    testing::InProcessNode node;
    node.close();
    const auto passphrase = SecretBytes::copy_of(as_bytes("correct horse battery"));
    ASSERT_TRUE(passphrase.ok());
    InitOptions options;
    options.config = node.config;
    options.seal_passphrase = &*passphrase;
    EXPECT_EQ(init_node(options).error().code, Errc::conflict);
    for (const char* name : {"", "Office 7", "a/b", ".hidden", "a+b"}) {
        options.config.node.name = name;
        EXPECT_EQ(init_node(options).error().code, Errc::invalid_argument) << name;
    }
}

}  // namespace
}  // namespace fieldseal::node
