// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include "api/thread_priority.h"
#include "core/json/json.h"
#include "tests/support/raw_http.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <latch>
#include <list>
#include <mutex>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fieldseal::api {
namespace {

using fieldseal::testing::RawClient;
using fieldseal::testing::talk;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

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

TEST(HttpServer, RunsHandlersAtALowerPriorityThanTheRestOfTheProcess) {
    constexpr int kNiceMax = 19;  // the system's
    const int ours = ::getpriority(PRIO_PROCESS, 0);
    std::atomic<int> theirs{ours};
    auto server = HttpServer::start(loopback(), [&](const Request& request) {
        theirs = ::getpriority(PRIO_PROCESS, 0);
        return echo(request);
    });
    ASSERT_TRUE(server.ok());
    talk((*server)->address(), kGet);
    EXPECT_EQ(theirs, std::min(ours + kServingNice, kNiceMax));
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), ours);
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
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_NE(client.read_until("/kept ").find(" 200 "), std::string::npos);
    (*server)->stop();  // the test's deadline is below ten minutes
    EXPECT_EQ(client.read_all(), "");
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

TEST(HttpServer, EndsABodyThatNeverFinishes) {
    ServerOptions options = loopback();
    options.body_deadline = std::chrono::milliseconds(50);
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    const auto reply =
        talk((*server)->address(), "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab");
    EXPECT_NE(reply.find(" 408 "), std::string::npos) << reply;
}

TEST(HttpServer, AnswersHeadWithoutTheBody) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    const auto reply =
        talk((*server)->address(), "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("Content-Length: 8\r\n"), std::string::npos) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST(HttpServer, AsksForABodyThatWaitsForItsLeave) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send("abc"));
    EXPECT_NE(client.read_all().find("POST /a abc"), std::string::npos);
}

TEST(HttpServer, EveryAnswerHasTheIdOfItsRequest) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    EXPECT_NE(talk(address,
                   "GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine-1\r\n"
                   "Connection: close\r\n\r\n")
                  .find("X-Request-Id: mine-1\r\n"),
              std::string::npos);
    // Made by the server: for a wrong one, for none, and for a head that is refused.
    for (const auto& bytes :
         {std::string("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b\r\n"
                      "Connection: close\r\n\r\n"),
          kGet, std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET / HT")}) {
        const auto reply = talk(address, bytes);
        const std::size_t at = reply.find("X-Request-Id: ");
        ASSERT_NE(at, std::string::npos) << reply;
        EXPECT_EQ(reply.find("\r\n", at) - at, 14U + 24U) << reply;
    }
}

TEST(HttpServer, AProblemNamesItsPathAndItsRequest) {
    auto server = HttpServer::start(loopback(), echo);
    ASSERT_TRUE(server.ok());
    const auto reply = talk((*server)->address(),
                            "GET /throw HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\n"
                            "Connection: close\r\n\r\n");
    const auto body = json::parse(reply.substr(reply.find("\r\n\r\n") + 4));
    ASSERT_TRUE(body.ok()) << reply;
    EXPECT_EQ(*body->find("type"), json::Value("/docs/errors/internal"));
    EXPECT_EQ(*body->find("instance"), json::Value("/throw"));
    EXPECT_EQ(*body->find("request_id"), json::Value("mine"));
    EXPECT_EQ(*body->find("retryable"), json::Value(false));
}

TEST(HttpServer, TellsTheHookOfEachAnswerAndOfEachRefusal) {
    std::mutex mutex;
    std::vector<std::string> lines;
    ServerOptions options = loopback();
    options.on_answer = [&](const Request& request, int status, std::uint64_t bytes, auto) {
        const std::lock_guard lock(mutex);
        lines.push_back(request.method + " " + request.path + " " + std::to_string(status) + " " +
                        std::to_string(bytes) + " " + request.remote);
        EXPECT_FALSE(request.id.empty());
        EXPECT_TRUE(request.body.empty() || request.method == "POST");
    };
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    talk((*server)->address(),
         "GET /a HTTP/1.1\r\nHost: x\r\nX-Real-IP: 192.0.2.7\r\n\r\n"
         "GET /b HTTP/1.1\r\nHost: x\r\nX-Real-IP: nonsense\r\n\r\nGARBAGE\r\n\r\n");
    (*server)->stop();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "GET /a 200 7 192.0.2.7");
    EXPECT_EQ(lines[1], "GET /b 200 7 ");
    EXPECT_TRUE(lines[2].starts_with("  400 ")) << lines[2];
}

TEST(HttpServer, NamesTheUserBehindAUnixSocketWhateverAHeaderSays) {
    const testing::TempDirectory directory;
    std::string remote;
    ServerOptions options;
    options.address.unix_path = directory.path() + "/socket";
    options.remote_is_user = true;
    options.on_answer = [&](const Request& request, int, std::uint64_t, auto) {
        remote = request.remote;
    };
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok()) << server.error().message;
    talk((*server)->address(),
         "GET /a HTTP/1.1\r\nHost: x\r\nX-Real-IP: 192.0.2.7\r\nConnection: close\r\n\r\n");
    (*server)->stop();
    EXPECT_EQ(remote, "uid " + std::to_string(::getuid()));
}

TEST(HttpServer, SlowPeersTakeNoThread) {
    ServerOptions options = loopback();
    options.threads = 1;
    options.head_deadline = std::chrono::minutes(10);
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    std::list<RawClient> slow;
    for (const auto* begun : {"", "GET / HT", "GET / HTTP/1.1\r\nX-Slow: ",
                              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"}) {
        for (int i = 0; i < 50; ++i) ASSERT_TRUE(slow.emplace_back(address).send(begun));
    }
    EXPECT_NE(talk(address, kGet).find(" 200 "), std::string::npos);
}

TEST(HttpServer, AFullHouseMakesRoomByEndingTheSlowest) {
    ServerOptions options = loopback();
    options.connections_max = 4;
    options.head_deadline = std::chrono::minutes(10);
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    std::list<RawClient> slow;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(slow.emplace_back(address).send("GET / HT"));
    EXPECT_NE(talk(address, kGet).find(" 200 "), std::string::npos);
    EXPECT_EQ(slow.front().read_all(), "");  // the first of them was ended
}

TEST(HttpServer, BodiesTogetherHaveALimitAndTheSlowestMakesRoom) {
    ServerOptions options = loopback();
    options.waiting_bytes_max = 2000;
    auto server = HttpServer::start(options, echo);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    std::list<RawClient> slow;
    for (int i = 0; i < 2; ++i) {
        auto& client = slow.emplace_back(address);
        ASSERT_TRUE(client.send(head + "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"));
        client.read_until("\r\n\r\n");
    }
    EXPECT_NE(talk(address, head + "Content-Length: 3\r\n\r\nabc").find("POST /a abc"),
              std::string::npos);
    EXPECT_EQ(slow.front().read_all(), "");
    ASSERT_TRUE(slow.back().send(std::string(1000, 'x')));
    EXPECT_NE(slow.back().read_all().find(" 200 "), std::string::npos);
}

TEST(HttpServer, AnswersNobodyReadsHaveALimitTogether) {
    const std::string large(std::size_t{8} << 20U, 'z');
    ServerOptions options = loopback();
    options.waiting_bytes_max = large.size() * 3 / 2;
    auto server = HttpServer::start(
        options, [&](const Request&) { return Response{200, "text/plain", large, {}}; });
    ASSERT_TRUE(server.ok());
    std::list<RawClient> readers;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(readers.emplace_back((*server)->address()).send(kGet));
    // Two of three have to end, and the newest is served whole once it reads.
    std::size_t whole = 0;
    for (auto& reader : readers) whole += reader.read_all().ends_with(large) ? 1 : 0;
    EXPECT_GE(whole, 1U);
}

TEST(HttpServer, MoreThanTheQueueHoldsIsRefusedAtOnce) {
    std::latch begun(1);
    std::latch release(1);
    ServerOptions options = loopback();
    options.threads = 1;
    options.queue_max = 0;
    auto server = HttpServer::start(options, [&](const Request& request) {
        if (request.path == "/wait") {
            begun.count_down();
            release.wait();
        }
        return echo(request);
    });
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    RawClient waiting(address);
    ASSERT_TRUE(waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    begun.wait();
    const auto reply = talk(address, kGet);
    EXPECT_NE(reply.find(" 503 "), std::string::npos) << reply;
    EXPECT_NE(reply.find("Retry-After: "), std::string::npos) << reply;
    EXPECT_NE(reply.find("/docs/errors/overloaded"), std::string::npos) << reply;
    release.count_down();
    EXPECT_NE(waiting.read_all().find(" 200 "), std::string::npos);
}

TEST(HttpServer, LetsARunningRequestEndWhenItStops) {
    std::latch begun(1);
    std::latch release(1);
    auto server = HttpServer::start(loopback(), [&](const Request& request) {
        begun.count_down();
        release.wait();
        return echo(request);
    });
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"));
    begun.wait();
    std::thread stopping([&] { (*server)->stop(); });
    release.count_down();
    stopping.join();
    EXPECT_NE(client.read_all().find(" 200 "), std::string::npos);
}

TEST(HttpServer, WritesAnAnswerThatDoesNotFitIntoTheSocket) {
    const std::string large(std::size_t{8} << 20U, 'z');
    auto server = HttpServer::start(
        loopback(), [&](const Request&) { return Response{200, "text/plain", large, {}}; });
    ASSERT_TRUE(server.ok());
    const auto reply = talk((*server)->address(), kGet);
    EXPECT_TRUE(reply.ends_with(large));
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
