// SPDX-License-Identifier: Apache-2.0
#include "node/cli/service_ready.h"

#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

TEST(ServiceReady, SaysNothingWhenNobodyAsked) {
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_FALSE(announce_ready());
    ::setenv("NOTIFY_SOCKET", "relative", 1);
    EXPECT_FALSE(announce_ready());
    ::setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    EXPECT_FALSE(announce_ready());
    ::unsetenv("NOTIFY_SOCKET");
}

TEST(ServiceReady, SendsOneDatagram) {
    const testing::TempDirectory directory;
    const std::string path = directory / "notify";
    const int receiver = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    ASSERT_EQ(::bind(receiver, reinterpret_cast<struct sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    EXPECT_TRUE(announce_ready());
    ::unsetenv("NOTIFY_SOCKET");
    std::string got(64, '\0');
    const ssize_t count = ::recv(receiver, got.data(), got.size(), MSG_DONTWAIT);
    ASSERT_GT(count, 0);
    EXPECT_EQ(got.substr(0, static_cast<std::size_t>(count)), "READY=1");
    ::close(receiver);
}

}  // namespace
}  // namespace fieldseal::node::cli
