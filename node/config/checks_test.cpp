// SPDX-License-Identifier: Apache-2.0
#include "node/config/checks.h"

#include <gtest/gtest.h>

#include <string>

namespace fieldseal::node {
namespace {

TEST(ConfigChecks, UrlTakesBaseUrls) {
    for (const char* url : {"https://hub.example.org", "http://10.0.0.7:8080/witness/",
                            "https://[2001:db8::1]:443/a", "http://127.0.0.1:1"}) {
        EXPECT_TRUE(check_url(url).ok()) << url;
    }
}

TEST(ConfigChecks, UrlRefusesEverythingElse) {
    for (const char* url : {"", "ftp://a", "hub.example.org", "https://", "https:///path",
                            "https://user:pw@host/", "https://host:0/", "https://host:65536/",
                            "https://host:/", "https://host/a?b", "https://host/#x", "https://a b/",
                            "https://h\xc3\xb6st/", "https://[]/", "https://[::1", "file:///etc"}) {
        EXPECT_FALSE(check_url(url).ok()) << url;
    }
    EXPECT_FALSE(check_url("https://" + std::string(3000, 'a')).ok());
}

TEST(ConfigChecks, PathsAreAbsolute) {
    EXPECT_TRUE(check_data_dir("/var/lib/fieldseal").ok());
    EXPECT_FALSE(check_data_dir("").ok());
    EXPECT_FALSE(check_data_dir("data").ok());
    EXPECT_FALSE(check_data_dir(std::string("/a\0b", 4)).ok());
    EXPECT_TRUE(check_optional_path("").ok());
    EXPECT_FALSE(check_optional_socket("/" + std::string(107, 'a')).ok());
}

TEST(ConfigChecks, NamesHaveTheirAlphabets) {
    EXPECT_TRUE(check_optional_label("example.org").ok());
    EXPECT_FALSE(check_optional_label("Example").ok());
    EXPECT_FALSE(check_optional_label("a/b").ok());
    EXPECT_FALSE(check_optional_label(std::string(101, 'a')).ok());
    EXPECT_TRUE(check_target_name("hub-1").ok());
    EXPECT_FALSE(check_target_name("").ok());
    EXPECT_FALSE(check_target_name("Hub 1").ok());
    EXPECT_TRUE(check_optional_group("fieldseal").ok());
    EXPECT_FALSE(check_optional_group("a b").ok());
}

TEST(ConfigChecks, KeysAndPinsHaveTheirShapes) {
    EXPECT_TRUE(check_vkey("example.org/hub+0123abcd+BAAA").ok());
    EXPECT_FALSE(check_vkey("example.org/hub").ok());
    EXPECT_FALSE(check_vkey("example.org/hub+0123+BAAA").ok());
    EXPECT_FALSE(check_vkey("+0123abcd+BAAA").ok());
    EXPECT_FALSE(check_vkey("a+0123abcd+").ok());
    EXPECT_TRUE(check_optional_vkey("").ok());
    EXPECT_FALSE(check_optional_vkey("a").ok());
    EXPECT_TRUE(check_optional_pin("").ok());
    EXPECT_TRUE(check_optional_pin(std::string(64, 'a')).ok());
    EXPECT_FALSE(check_optional_pin(std::string(64, 'A')).ok());
    EXPECT_FALSE(check_optional_pin(std::string(63, 'a')).ok());
}

}  // namespace
}  // namespace fieldseal::node
