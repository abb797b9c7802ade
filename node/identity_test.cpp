// SPDX-License-Identifier: Apache-2.0
#include "node/identity.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

#include <algorithm>

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

struct NamedKey {
    std::string_view file;
    Purpose purpose;
};

class SwappedKey : public ::testing::TestWithParam<NamedKey> {};

// A sound key file of this node's own machine secret, and yet not the key node.json names.
TEST_P(SwappedKey, IsRefusedAndNamed) {
    testing::InProcessNode node;
    node.close();
    const auto [file, purpose] = GetParam();
    {
        auto keystore =
            KeyStore::open(keys_directory(node.config.data_dir), keystore_options(node.config));
        ASSERT_TRUE(keystore.ok()) << keystore.error().message;
        ASSERT_TRUE((*keystore)->destroy(file).ok());
        const auto made =
            (*keystore)->create_unattended({std::string(file), KeyAlgorithm::eddsa, purpose});
        ASSERT_TRUE(made.ok()) << made.error().message;
    }
    const auto opened = open_keys(node.config, *node.identity);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::corrupt);
    EXPECT_EQ(opened.error().message,
              "the key file \"" + std::string(file) + "\" holds another key than node.json names");
}

INSTANTIATE_TEST_SUITE_P(Keys, SwappedKey,
                         ::testing::Values(NamedKey{kLogKeyName, Purpose::checkpoint},
                                           NamedKey{kWitnessKeyName, Purpose::cosignature},
                                           NamedKey{kWitnessedLogKeyName, Purpose::checkpoint},
                                           NamedKey{kStatusKeyName, Purpose::status}),
                         [](const auto& swapped) {
                             std::string name(swapped.param.file);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

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
