// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fieldseal::api {
namespace {

int connect_to(const ListenAddress& address) {
    const int fd = ::socket(address.is_unix() ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    if (address.is_unix()) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        address.unix_path.copy(to.sun_path, sizeof to.sun_path - 1);
        EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    } else {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(address.port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    }
    return fd;
}

// Sends raw bytes, returns all the server says until it closes.
std::string talk(const ListenAddress& address, const std::string& bytes) {
    const int fd = connect_to(address);
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string reply;
    char chunk[4096];
    for (ssize_t n; (n = ::recv(fd, chunk, sizeof chunk, 0)) > 0;)
        reply.append(chunk, static_cast<size_t>(n));
    ::close(fd);
    return reply;
}

Response echo(const Request& request) {
    if (request.path == "/throw") throw std::runtime_error("secret path");
    return {200, "text/plain", request.method + " " + request.path + " " + request.body, {}};
}

ServerOptions loopback() {
    ServerOptions options;
    options.address.host = "127.0.0.1";
    options.head_deadline = std::chrono::milliseconds(300);
    options.limits.body_bytes_max = 1000;
    return options;
}

TEST(HttpServer, AnswersSeveralRequestsOfOneConnection) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok()) << server.error().message;
    const auto reply = talk((*server)->address(),
                            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                            "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("POST /a abc"), std::string::npos) << reply;
    EXPECT_NE(reply.find("GET /b "), std::string::npos) << reply;
}

TEST(HttpServer, ListensOnAUnixSocketAndRemovesIt) {
    char directory[] = "/tmp/fieldseal-api-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    ServerOptions options;
    options.address.unix_path = std::string(directory) + "/s.sock";
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok()) << server.error().message;
    const auto reply =
        talk(options.address, "GET /u HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("GET /u "), std::string::npos) << reply;
    (*server)->stop();
    EXPECT_NE(::access(options.address.unix_path.c_str(), F_OK), 0);
    ::rmdir(directory);
}

TEST(HttpServer, KeepsAHandlersExceptionToItself) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    const auto reply =
        talk((*server)->address(), "GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find(" 500 "), std::string::npos) << reply;
    EXPECT_EQ(reply.find("secret"), std::string::npos) << reply;
}

TEST(HttpServer, StopsWithoutWaitingForIdleConnections) {
    ServerOptions options = loopback();
    options.idle_deadline = std::chrono::minutes(10);
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    const int fd = connect_to((*server)->address());
    const std::string request = "GET /kept HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    char reply[4096];
    ASSERT_GT(::recv(fd, reply, sizeof reply, 0), 0);
    (*server)->stop();  // the test's deadline is below ten minutes
    while (::recv(fd, reply, sizeof reply, 0) > 0) {
    }
    ::close(fd);
}

TEST(HttpServer, RefusesABodyOverTheLimitBeforeReadingIt) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    const auto reply =
        talk((*server)->address(), "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    EXPECT_NE(reply.find(" 413 "), std::string::npos) << reply;
}

TEST(HttpServer, EndsAHeadThatNeverFinishes) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    EXPECT_NE(talk((*server)->address(), "GET / HT").find(" 408 "), std::string::npos);
}

TEST(HttpServer, RefusesAnEndlessRequestLine) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    EXPECT_NE(talk((*server)->address(), std::string(20000, 'A')).find(" 414 "), std::string::npos);
}

TEST(HttpServer, RefusesAPortThatIsTaken) {
    auto first = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(first.ok());
    ServerOptions options = loopback();
    options.address.port = (*first)->address().port;
    EXPECT_FALSE(HttpServer::start(options, echo).ok());
}

}  // namespace
}  // namespace fieldseal::api
