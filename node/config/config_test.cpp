// SPDX-License-Identifier: Apache-2.0
#include "node/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdlib.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kVkey = "hub.example.org/witness+0123abcd+BAAA";

std::string target_block(const std::string& extra = "", const std::string& name = "hub") {
    return "[[target]]\nkind = \"witness\"\nname = \"" + name +
           "\"\nurl = \"https://hub.example.org\"\nvkey = \"" + std::string(kVkey) + "\"\n" + extra;
}

std::string chain_block(const std::string& extra = "", const std::string& name = "registry") {
    return "[[target]]\nkind = \"evm\"\nname = \"" + name +
           "\"\nurl = \"https://rpc.example.org\"\nchain_file = \"/srv/pin.json\"\n" + extra;
}

std::string authority_block(const std::string& extra = "") {
    return "[[target]]\nkind = \"rfc3161\"\nname = \"post\"\nurl = \"https://tsa.example.org/q\"\n"
           "roots_file = \"/srv/roots.pem\"\n" +
           extra;
}

std::string error_of(std::string_view text) {
    const auto config = parse_config(text);
    return config.ok() ? "accepted" : config.error().message;
}

// One row of docs/configuration.md; an element of [[target]] is written `target.name`.
std::string doc_row(const ConfigKey& key) {
    std::string full = key.section.empty() ? key.name : key.section + "." + key.name;
    std::erase_if(full, [](char c) { return c == '[' || c == ']'; });
    return "| `" + full + "` | " + key.type + " | `" + key.default_value + "` | " + key.help + " |";
}

TEST(Config, AnEmptyFileMeansTheDefaults) {
    const auto config = parse_config("");
    ASSERT_TRUE(config.ok());
    EXPECT_EQ(config->checkpoint.entries_max, 256U);
    EXPECT_EQ(config->checkpoint.interval_s, 10U);
    EXPECT_EQ(config->sealing.low_water_mark_mib, 256U);
    EXPECT_EQ(config->admin_socket_path(), "/var/lib/fieldseal/admin.sock");
    EXPECT_EQ(config->public_edge.listen.kind, ListenAddress::Kind::off);
    EXPECT_TRUE(config->custody.verify_after_sign);
}

TEST(Config, TakesEverySection) {
    const auto config = parse_config(
        "data_dir = \"/srv/fs\"\n[node]\norganisation = \"example.org\"\nname = \"office-7\"\n"
        "[sealing]\nqueue_max = 8\n[custody]\nidle_lock_s = 0\n"
        "verify_after_sign = false\n[admin]\nsocket = \"/run/a.sock\"\ngroup = \"fieldseal\"\n"
        "[public]\nlisten = \"127.0.0.1:8421\"\n[hub]\nenabled = true\n"
        "[log]\nlevel = \"debug\"\nformat = \"json\"\n" +
        target_block("total_timeout_s = 60\n"));
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->data_dir, "/srv/fs");
    EXPECT_EQ(config->node.name, "office-7");
    EXPECT_EQ(config->sealing.queue_max, 8U);
    EXPECT_FALSE(config->custody.verify_after_sign);
    EXPECT_EQ(config->admin_socket_path(), "/run/a.sock");
    EXPECT_EQ(config->public_edge.listen.port, 8421);
    EXPECT_EQ(config->hub_logs_path(), "/srv/fs/hub-logs.txt");
    EXPECT_EQ(config->log.format, LogFormat::json);
    ASSERT_EQ(config->targets.size(), 1U);
    EXPECT_EQ(config->targets[0].total_timeout_s, 60U);
    EXPECT_EQ(config->targets[0].vkey, kVkey);
}

TEST(Config, AnUnknownKeyNamesTheLineAndTheNearestKey) {
    EXPECT_EQ(
        error_of("[sealing]\n\nque_max = 3\n"),
        "fieldseal.toml:3: unknown key \"que_max\" in [sealing]; did you mean \"queue_max\"?");
    EXPECT_THAT(error_of("datadir = \"/a\"\n"), HasSubstr("did you mean \"data_dir\"?"));
    EXPECT_THAT(error_of("[sealin]\nqueue_max = 3\n"), HasSubstr("did you mean \"sealing\"?"));
    EXPECT_THAT(error_of(target_block("tls_pin = \"\"\n")), HasSubstr("in [[target]]"));
}

TEST(Config, AKeyInTheWrongSectionIsSentToTheRightOne) {
    EXPECT_THAT(error_of("[admin]\nentries_max = 3\n"), HasSubstr("it belongs in [checkpoint]"));
    EXPECT_THAT(error_of("[admin]\nzzzzzzzzz = 3\n"), HasSubstr("docs/configuration.md"));
}

TEST(Config, AWrongTypeSaysWhatWasExpectedAndGiven) {
    EXPECT_THAT(error_of("[sealing]\nqueue_max = \"3\"\n"),
                HasSubstr(":2: [sealing] queue_max must be an integer, and is text"));
    EXPECT_THAT(error_of("[sealing]\nqueue_max = 1.5\n"), HasSubstr("a number with a point"));
    EXPECT_THAT(error_of("data_dir = 1979-05-27\n"), HasSubstr("a date or time"));
    EXPECT_THAT(error_of("[hub]\nenabled = 1\n"), HasSubstr("must be true or false"));
    EXPECT_THAT(error_of("sealing = 1\n"), HasSubstr("written [sealing]"));
    EXPECT_THAT(error_of("[target]\nname = \"a\"\n"), HasSubstr("written [[target]]"));
    EXPECT_THAT(error_of("target = [1]\n"), HasSubstr("written [[target]]"));
    EXPECT_THAT(error_of("[log]\nlevel = []\n"), HasSubstr("a word in quotes, and is a list"));
    EXPECT_THAT(error_of("[public]\nlisten = 80\n"), HasSubstr("text in quotes"));
}

TEST(Config, EveryIntegerAcceptsItsLimitsAndRefusesTheNextValue) {
    int integers = 0;
    for (const ConfigKey& key : config_keys()) {
        if (!key.type.starts_with("integer ") || key.section == "[target]") continue;
        ++integers;
        const std::size_t dots = key.type.find("..");
        const long long min = std::stoll(key.type.substr(8, dots - 8));
        const long long max = std::stoll(key.type.substr(dots + 2));
        const auto with = [&](long long value) {
            return "[" + key.section + "]\n" + key.name + " = " + std::to_string(value) + "\n";
        };
        EXPECT_TRUE(parse_config(with(min)).ok()) << key.name;
        EXPECT_TRUE(parse_config(with(max)).ok()) << key.name;
        EXPECT_THAT(error_of(with(min - 1)), HasSubstr("out of range")) << key.name;
        EXPECT_THAT(error_of(with(max + 1)), HasSubstr("out of range")) << key.name;
    }
    EXPECT_GE(integers, 8);
}

TEST(Config, AnUnknownWordListsTheWords) {
    EXPECT_THAT(error_of("[log]\nformat = \"jsn\"\n"),
                HasSubstr("use one of \"text\" \"json\"; did you mean \"json\"?"));
}

TEST(Config, ANonLoopbackListenAddressIsRefusedWithNginx) {
    EXPECT_THAT(error_of("[public]\nlisten = \"0.0.0.0:80\"\n"),
                AllOf(StartsWith("fieldseal.toml:2: [public] listen: "), HasSubstr("nginx")));
}

TEST(Config, ATargetMustBeCompleteUniqueAndConsistent) {
    EXPECT_THAT(error_of("[[target]]\nname = \"hub\"\n"), HasSubstr("needs name, url and vkey"));
    EXPECT_THAT(error_of(target_block() + target_block()), HasSubstr("two [[target]] blocks"));
    EXPECT_EQ(error_of(target_block() + target_block("", "other")), "accepted");
    EXPECT_THAT(error_of(target_block("connect_timeout_s = 31\n")), HasSubstr("longer than"));
    EXPECT_EQ(error_of(target_block("tls_pin_sha256 = \"" + std::string(64, 'a') + "\"\n")),
              "accepted");
    EXPECT_THAT(
        error_of("[[target]]\nname = \"a\"\nurl = \"http://h\"\nvkey = \"" + std::string(kVkey) +
                 "\"\ntls_pin_sha256 = \"" + std::string(64, 'a') + "\"\n"),
        HasSubstr("needs an https:// url"));
}

TEST(Config, AChainIsATargetWithAPinEndpointsAndFees) {
    const auto config = parse_config(
        chain_block("more_urls = [\"https://b.example.org\", \"http://127.0.0.1:8545\"]\n"
                    "auth_file = \"/srv/auth\"\nfees = \"market\"\nmax_fee_gwei = 90\n"
                    "priority_fee_gwei = 2\ngas_limit = 60000\nconfirmations = 3\n"));
    ASSERT_TRUE(config.ok()) << config.error().message;
    const Config::Target& target = config->targets.at(0);
    EXPECT_EQ(target.kind, TargetKind::evm);
    EXPECT_EQ(target.more_urls.size(), 2U);
    EXPECT_EQ(target.log, TargetLog::statements);
    EXPECT_EQ(target.fees, TargetFees::market);
    EXPECT_EQ(target.max_fee_gwei, 90U);
    EXPECT_EQ(target.confirmations, 3U);
    const auto again = parse_config(to_toml(*config));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->targets.at(0).more_urls, target.more_urls);
    EXPECT_EQ(again->targets.at(0).fees, TargetFees::market);
}

TEST(Config, ARefusedAddressIsNotShownForItMayCarryAPassword) {
    const std::string with_name = "[[target]]\nurl = \"https://office:topsecret@h\"\n";
    const std::string with_key = chain_block("more_urls = [\"https://h/?key=topsecret\"]\n");
    const std::string unfinished = "[[target]]\nurl = \"https://office:topsecret@h\n";
    for (const std::string& text : {with_name, with_key, unfinished}) {
        EXPECT_THAT(error_of(text), Not(HasSubstr("topsecret"))) << text;
    }
    EXPECT_THAT(error_of(with_name), HasSubstr(":2: [[target]] url: a URL in the configuration"));
    EXPECT_THAT(error_of(with_key), HasSubstr(":6: [[target]] more_urls: give the base URL"));
    EXPECT_THAT(error_of("[node]\nname = \"No\"\n"), HasSubstr("name = \"No\": "));
}

TEST(Config, AChainMustBeCompleteAndUnlikeAWitness) {
    EXPECT_THAT(error_of("[[target]]\nkind = \"evm\"\nname = \"a\"\nurl = \"http://h\"\n"),
                HasSubstr("needs name, url and chain_file"));
    EXPECT_THAT(error_of(chain_block("vkey = \"" + std::string(kVkey) + "\"\n")),
                HasSubstr("for kind = \"witness\""));
    EXPECT_THAT(error_of(target_block("chain_file = \"/a\"\n")), HasSubstr("for kind = \"evm\""));
    EXPECT_EQ(error_of(chain_block("", std::string(57, 'a'))), "accepted");
    EXPECT_THAT(error_of(chain_block("", std::string(58, 'a'))), HasSubstr("at most 57"));
    EXPECT_THAT(error_of(chain_block("more_urls = [\"ftp://a\"]\n")), HasSubstr("https:// or"));
    EXPECT_THAT(error_of(chain_block("more_urls = \"https://a\"\n")), HasSubstr("must be a list"));
    EXPECT_THAT(error_of(chain_block("more_urls = [1]\n")), HasSubstr("must be a list"));
    EXPECT_THAT(error_of(chain_block("tls_pin_sha256 = \"" + std::string(64, 'a') +
                                     "\"\nmore_urls = [\"http://b\"]\n")),
                HasSubstr("needs an https:// url"));
    std::string urls;
    for (std::size_t i = 1; i < kTargetUrlsMax; ++i) urls += "\"http://h\",";
    EXPECT_EQ(error_of(chain_block("more_urls = [" + urls + "]\n")), "accepted");
    EXPECT_THAT(error_of(chain_block("more_urls = [" + urls + "\"http://h\"]\n")),
                HasSubstr("at most 8 endpoints"));
}

TEST(Config, AnAuthorityIsATargetWithRootsAndPolicies) {
    const auto config = parse_config(
        authority_block("policies = [\"1.2.3\", \"1.2.4\"]\nauth_file = \"/srv/auth\"\n"
                        "accuracy_default_s = 2\n"));
    ASSERT_TRUE(config.ok()) << config.error().message;
    const Config::Target& target = config->targets.at(0);
    EXPECT_EQ(target.kind, TargetKind::rfc3161);
    EXPECT_EQ(target.roots_file, "/srv/roots.pem");
    EXPECT_EQ(target.policies, (std::vector<std::string>{"1.2.3", "1.2.4"}));
    EXPECT_EQ(target.accuracy_default_s, 2U);
    const auto again = parse_config(to_toml(*config));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->targets.at(0), target);
}

TEST(Config, AnAuthorityMustBeCompleteAndUnlikeOthers) {
    EXPECT_THAT(error_of("[[target]]\nkind = \"rfc3161\"\nname = \"a\"\nurl = \"http://h\"\n"),
                HasSubstr("needs name, url and roots_file"));
    EXPECT_THAT(error_of(authority_block("policies = [\"post\"]\n")), HasSubstr("policy's number"));
    EXPECT_THAT(error_of(authority_block("accuracy_default_s = 86401\n")),
                HasSubstr("out of range"));
    EXPECT_THAT(error_of(authority_block("vkey = \"" + std::string(kVkey) + "\"\n")),
                HasSubstr("for kind = \"witness\""));
    EXPECT_THAT(error_of(authority_block("chain_file = \"/a\"\n")),
                HasSubstr("for kind = \"evm\""));
    for (const std::string& other :
         {target_block("roots_file = \"/a\"\n"), chain_block("policies = [\"1.2.3\"]\n"),
          target_block("accuracy_default_s = 1\n")}) {
        EXPECT_THAT(error_of(other), HasSubstr("\"rfc3161\"")) << other;
    }
    std::string policies;
    for (std::size_t i = 0; i < kTargetPoliciesMax; ++i) policies += "\"1.2.3\",";
    EXPECT_EQ(error_of(authority_block("policies = [" + policies + "]\n")), "accepted");
    EXPECT_THAT(error_of(authority_block("policies = [" + policies + "\"1.2.3\"]\n")),
                HasSubstr("at most 16 policies"));
    EXPECT_THAT(error_of(authority_block("log = \"checkpoints\"\n")), HasSubstr("needs [hub]"));
}

TEST(Config, OnlyAHubAnchorsWhatItWitnessed) {
    const std::string checkpoints = chain_block("log = \"checkpoints\"\n");
    EXPECT_THAT(error_of(checkpoints), HasSubstr("needs [hub] enabled = true"));
    EXPECT_EQ(error_of("[hub]\nenabled = true\n[public]\nlisten = \"127.0.0.1:0\"\n" + checkpoints),
              "accepted");
}

TEST(Config, MoreTargetsThanTheLimitAreRefused) {
    std::string text;
    for (std::size_t i = 0; i < kTargetsMax; ++i) text += target_block("", "t" + std::to_string(i));
    EXPECT_EQ(error_of(text), "accepted");
    EXPECT_THAT(error_of(text + target_block("", "last")), HasSubstr("at most 64"));
}

TEST(Config, TheOfficeNetworksListenerNeedsTheNamesOfTheNode) {
    const auto nameless = parse_config("[edge]\nlisten = \"unix:/run/fieldseal/edge.sock\"\n");
    ASSERT_FALSE(nameless.ok());
    EXPECT_THAT(nameless.error().message, HasSubstr("needs [edge] names"));
    const auto config = parse_config(
        "[edge]\nlisten = \"unix:/run/fieldseal/edge.sock\"\n"
        "names = [\"seal.office.example\", \"192.0.2.7\", \"[2001:db8::7]\"]\n");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->edge.names.size(), 3U);
    for (const auto* wrong : {"https://a", "A.example", "a b", "", "[v6]"}) {
        EXPECT_FALSE(parse_config("[edge]\nnames = [\"" + std::string(wrong) + "\"]\n").ok())
            << wrong;
    }
}

TEST(Config, AHubNeedsANameAndAPlaceToListen) {
    EXPECT_THAT(error_of("[hub]\nenabled = true\n"), HasSubstr("needs [public]"));
}

TEST(Config, ADataDirectoryTooLongForASocketSaysSo) {
    const std::string line = "data_dir = \"/" + std::string(120, 'a') + "\"\n";
    EXPECT_THAT(error_of(line), HasSubstr("set [admin] socket"));
    EXPECT_EQ(error_of(line + "[admin]\nsocket = \"/run/a.sock\"\n"), "accepted");
}

TEST(Config, BrokenTomlNamesTheLine) {
    EXPECT_THAT(error_of("[node]\nname = \n"), HasSubstr("not TOML"));
    EXPECT_THAT(error_of("a = 1\na = 2\n"), StartsWith("fieldseal.toml:2"));
    EXPECT_THAT(error_of(std::string("a\0b = 1", 7)), HasSubstr("not TOML"));
    EXPECT_THAT(error_of("name = \"\xff\xfe\"\n"), HasSubstr("not TOML"));
    EXPECT_THAT(error_of("a = " + std::string(100000, '[')), HasSubstr("not TOML"));
    EXPECT_THAT(error_of(std::string(kConfigBytesMax + 1, '#')), HasSubstr("larger than 256 KiB"));
}

TEST(Config, WhatInitWritesIsReadBackUnchanged) {
    Config config;
    config.data_dir = "/srv/a \"quoted\\ \x01 dir\"";
    config.node = {"example.org", "office-7"};
    config.public_edge.listen = {ListenAddress::Kind::loopback, "", "127.0.0.1", 8421};
    Config::Target target;
    target.name = "hub";
    target.url = "https://hub.example.org";
    target.vkey = kVkey;
    config.targets.push_back(target);
    const std::string text = to_toml(config);
    const auto back = parse_config(text);
    ASSERT_TRUE(back.ok()) << back.error().message << "\n" << text;
    EXPECT_EQ(to_toml(*back), text);
    EXPECT_EQ(back->data_dir, config.data_dir);
    EXPECT_EQ(back->targets.at(0).vkey, kVkey);
}

TEST(Config, ABlockOfATargetIsReadBackUnchanged) {
    Config::Target target;
    target.kind = TargetKind::evm;
    target.name = "registry";
    target.url = "https://a.example.org";
    target.more_urls = {"https://b.example.org/\"x", "https://c.example.org"};
    target.chain_file = "/srv/a \"quoted\\ \n[[target]]\nname = \"other\"/pin.json";
    target.fees = TargetFees::market;
    target.max_fee_gwei = 7;
    target.connect_timeout_s = 3;
    const std::string text = to_toml(Config{}) + to_toml(target);
    const auto back = parse_config(text);
    ASSERT_TRUE(back.ok()) << back.error().message << "\n" << text;
    ASSERT_EQ(back->targets.size(), 1U);
    EXPECT_EQ(back->targets[0], target);
    EXPECT_THAT(to_toml(target), Not(HasSubstr("gas_limit"))) << "a default";
}

TEST(Config, TheDefaultFileParsesAndShowsATargetCommentedOut) {
    const std::string text = to_toml(Config{});
    EXPECT_THAT(text, HasSubstr("\n#[[target]]\n"));
    const auto back = parse_config(text);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_TRUE(back->targets.empty());
}

TEST(Config, TheDocumentationHasExactlyTheKeysOfTheStruct) {
    std::ifstream file(FIELDSEAL_DOCS_DIR "/configuration.md");
    std::set<std::string> rows;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `")) rows.insert(line);
    }
    for (const ConfigKey& key : config_keys()) {
        EXPECT_EQ(rows.erase(doc_row(key)), 1U) << "docs/configuration.md lacks:\n" << doc_row(key);
    }
    for (const std::string& row : rows) ADD_FAILURE() << "docs/configuration.md invents:\n" << row;
}

TEST(Config, TheExampleOfTheDocumentationIsAccepted) {
    std::ifstream file(FIELDSEAL_DOCS_DIR "/configuration.md");
    std::stringstream whole;
    whole << file.rdbuf();
    const std::string text = whole.str();
    const std::size_t begin = text.find("```toml\n");
    ASSERT_NE(begin, std::string::npos);
    const auto config =
        parse_config(text.substr(begin + 8, text.find("```", begin + 8) - begin - 8));
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->targets.size(), 2U);
}

TEST(Config, IsLoadedFromAFileAndAMissingFileSaysHowToMakeOne) {
    std::string directory = testing::TempDir() + "fieldseal-config-XXXXXX";
    ASSERT_NE(mkdtemp(directory.data()), nullptr);
    const std::string path = directory + "/fieldseal.toml";
    const auto missing = load_config(path);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_THAT(missing.error().message, HasSubstr("fieldseal init"));
    std::ofstream(path) << "[log]\nlevel = \"warn\"\n";
    const auto loaded = load_config(path);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->log.level, LogLevel::warn);
    EXPECT_FALSE(load_config(directory).ok());
    unlink(path.c_str());
    rmdir(directory.c_str());
}

}  // namespace
}  // namespace fieldseal::node
