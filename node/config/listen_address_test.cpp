// SPDX-License-Identifier: Apache-2.0
#include "node/config/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddress, TakesEveryAllowedFormAndWritesItBack) {
    for (const std::string text :
         {"", "unix:/run/fieldseal/edge.sock", "127.0.0.1:8421", "127.1.2.3:0", "[::1]:65535"}) {
        const auto address = parse_listen_address(text);
        ASSERT_TRUE(address.ok()) << text;
        EXPECT_EQ(to_string(*address), text);
    }
}

TEST(ListenAddress, RefusesWhatOtherMachinesCouldReachAndNamesNginx) {
    for (const std::string text : {"0.0.0.0:80", "192.168.1.10:8421", "[::]:8421", "128.0.0.1:1",
                                   "[fe80::1]:80", ":8080", "example.org:80", "127.0.0.1.evil:80",
                                   "[::ffff:10.0.0.1]:80", "0x7f000001:80", "127.1:80"}) {
        const auto address = parse_listen_address(text);
        ASSERT_FALSE(address.ok()) << text;
        EXPECT_THAT(address.error().message, HasSubstr("nginx")) << text;
    }
}

TEST(ListenAddress, RefusesANameEvenIfItUsuallyMeansLoopback) {
    const auto address = parse_listen_address("localhost:8421");
    ASSERT_FALSE(address.ok());
    EXPECT_THAT(address.error().message, HasSubstr("write 127.0.0.1"));
}

TEST(ListenAddress, RefusesBadPortsAndPaths) {
    EXPECT_FALSE(parse_listen_address("127.0.0.1").ok());
    EXPECT_FALSE(parse_listen_address("127.0.0.1:").ok());
    EXPECT_FALSE(parse_listen_address("127.0.0.1:65536").ok());
    EXPECT_FALSE(parse_listen_address("127.0.0.1:080").ok());
    EXPECT_FALSE(parse_listen_address("127.0.0.1:-1").ok());
    EXPECT_FALSE(parse_listen_address("unix:relative.sock").ok());
    EXPECT_FALSE(parse_listen_address("unix:/" + std::string(kUnixPathBytesMax, 'a')).ok());
    EXPECT_TRUE(parse_listen_address("unix:/" + std::string(kUnixPathBytesMax - 1, 'a')).ok());
    EXPECT_FALSE(parse_listen_address(std::string("127.0.0.1\0:80", 13)).ok());
}

}  // namespace
}  // namespace fieldseal::node
