// SPDX-License-Identifier: Apache-2.0
// Uploads and event streams through a whole server.
#include "api/problem.h"
#include "api/server.h"
#include "tests/support/raw_http.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <list>
#include <string>
#include <thread>

namespace fieldseal::api {
namespace {

using fieldseal::testing::RawClient;
using fieldseal::testing::talk;
using std::chrono::milliseconds;

constexpr std::size_t kUploadBytesMax = std::size_t{32} << 20U;

// Counts what arrives: "17 bytes" or the problem.
Response count_bytes(const Request& request) {
    std::array<std::uint8_t, 4096> buffer{};
    std::uint64_t total = 0;
    for (;;) {
        const auto count = request.stream->read(buffer);
        if (!count.ok()) return problem(count.error());
        if (*count == 0) break;
        total += *count;
    }
    return {200, "text/plain", std::to_string(total) + " bytes", {}};
}

RouteKind kind_of(std::string_view, std::string_view path) {
    if (path.starts_with("/upload")) return RouteKind::upload;
    return path.starts_with("/events") ? RouteKind::events : RouteKind::ordinary;
}

ServerOptions loopback() {
    ServerOptions options;
    options.address.host = "127.0.0.1";
    options.limits.body_bytes_max = 1000;
    options.upload_bytes_max = kUploadBytesMax;
    options.kind_of = kind_of;
    options.uploads_max = 1;
    options.event_streams_max = 1;
    options.threads = 1;
    return options;
}

std::string upload_head(std::size_t bytes, std::string_view more = "", std::string_view path = "") {
    return "POST /upload" + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) +
           "Content-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

const std::string kOrdinary = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const std::string kListen = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

Response ok(const Request&) {
    return {200, "text/plain", "ok", {}};
}

Response upload_or_ok(const Request& request) {
    return request.stream != nullptr ? count_bytes(request) : ok(request);
}

TEST(Uploads, ArriveInPiecesAndTheConnectionGoesOn) {
    auto server = HttpServer::start(loopback(), upload_or_ok);
    ASSERT_TRUE(server.ok()) << server.error().message;
    RawClient client((*server)->address());
    const std::string body(kUploadBytesMax, 'b');
    ASSERT_TRUE(client.send(upload_head(body.size())));
    ASSERT_TRUE(client.send(body));
    EXPECT_NE(client.read_until("bytes").find(std::to_string(body.size()) + " bytes"),
              std::string::npos);
    ASSERT_TRUE(client.send(upload_head(3) + "abc"));
    EXPECT_NE(client.read_until("bytes").find("3 bytes"), std::string::npos);
    ASSERT_TRUE(client.send(upload_head(0)));
    EXPECT_NE(client.read_until("bytes").find("0 bytes"), std::string::npos);
}

TEST(Uploads, HaveALimitOfTheirOwn) {
    auto server = HttpServer::start(loopback(), upload_or_ok);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    EXPECT_NE(talk(address, upload_head(kUploadBytesMax + 1)).find(" 413 "), std::string::npos);
    EXPECT_NE(
        talk(address, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").find(" 413 "),
        std::string::npos);
}

TEST(Uploads, AreAskedForWhenTheHandlerReads) {
    auto server = HttpServer::start(loopback(), upload_or_ok);
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send(upload_head(3, "Expect: 100-continue\r\n")));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send("abc"));
    EXPECT_NE(client.read_until("bytes").find("3 bytes"), std::string::npos);
}

TEST(Uploads, AreNotAskedForWhenTheHandlerRefuses) {
    auto server = HttpServer::start(
        loopback(), [](const Request&) { return problem(401, "unauthenticated", "log in"); });
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    const auto reply = talk(address, upload_head(3, "Expect: 100-continue\r\n"));
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 401 ")) << reply;
    // A client that does not wait gets the same answer, and then the end.
    RawClient eager(address);
    eager.send(upload_head(kUploadBytesMax));
    eager.send(std::string(1 << 20U, 'x'));
    const auto early = eager.read_all();
    EXPECT_TRUE(early.starts_with("HTTP/1.1 401 ")) << early;
    EXPECT_NE(early.find("Connection: close\r\n"), std::string::npos);
}

TEST(Uploads, ThatBreakOffTellTheHandler) {
    auto server = HttpServer::start(loopback(), upload_or_ok);
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send(upload_head(1000) + "abc"));
    client.half_close();
    const auto reply = client.read_all();
    EXPECT_NE(reply.find(" 503 "), std::string::npos) << reply;
    EXPECT_NE(reply.find("after 3 of 1000 bytes"), std::string::npos) << reply;
}

TEST(Uploads, ThatStandStillAreEnded) {
    ServerOptions options = loopback();
    options.rate_window = milliseconds(50);
    auto server = HttpServer::start(options, upload_or_ok);
    ASSERT_TRUE(server.ok());
    const auto reply = talk((*server)->address(), upload_head(1000) + "abc");
    EXPECT_NE(reply.find("bytes a second arrived"), std::string::npos) << reply;
}

TEST(Uploads, OneMoreThanTheMostIsRefusedAndOrdinaryRequestsGoOn) {
    auto server = HttpServer::start(loopback(), upload_or_ok);
    ASSERT_TRUE(server.ok());
    const auto& address = (*server)->address();
    RawClient first(address);
    ASSERT_TRUE(first.send(upload_head(3, "Expect: 100-continue\r\n")));
    first.read_until("\r\n\r\n");  // its handler reads
    const auto reply = talk(address, upload_head(3) + "abc");
    EXPECT_NE(reply.find(" 503 "), std::string::npos) << reply;
    EXPECT_NE(reply.find("Retry-After: "), std::string::npos) << reply;
    EXPECT_NE(reply.find("/docs/errors/too-many-uploads"), std::string::npos) << reply;
    EXPECT_NE(talk(address, kOrdinary).find(" 200 "), std::string::npos);
    ASSERT_TRUE(first.send("abc"));
    EXPECT_NE(first.read_until("bytes").find("3 bytes"), std::string::npos);
}

TEST(Uploads, AreEndedByAStop) {
    ServerOptions options = loopback();
    options.rate_window = std::chrono::minutes(10);
    auto server = HttpServer::start(options, upload_or_ok);
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send(upload_head(3, "Expect: 100-continue\r\n")));
    client.read_until("\r\n\r\n");
    (*server)->stop();
    EXPECT_NE(client.read_all().find(" 503 "), std::string::npos);
}

// Says "tick" for as long as somebody listens.
struct Ticking {
    std::atomic<int> ended{0};

    Response operator()(const Request& request) {
        if (!request.path.starts_with("/events")) return ok(request);
        Response response{200, "text/event-stream", "", {{"Cache-Control", "no-store"}}};
        response.write = [this](ResponseSink& sink) {
            sink.write("data: tick\n\n");
            while (sink.open()) std::this_thread::yield();
            ++ended;
        };
        return response;
    }
};

std::unique_ptr<HttpServer> ticking_server(Ticking& ticking, ServerOptions options = loopback()) {
    auto server = HttpServer::start(std::move(options),
                                    [&](const Request& request) { return ticking(request); });
    EXPECT_TRUE(server.ok());
    return std::move(server).value();
}

TEST(EventStreams, HaveNoLengthAndEndWithTheConnection) {
    Ticking ticking;
    auto server = ticking_server(ticking);
    RawClient client(server->address());
    ASSERT_TRUE(client.send(kListen));
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Cache-Control: no-store\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
    EXPECT_EQ(client.read_until("\n\n"), "data: tick\n\n");
}

TEST(EventStreams, EndWhenThePeerLeaves) {
    Ticking ticking;
    auto server = ticking_server(ticking);
    RawClient client(server->address());
    ASSERT_TRUE(client.send(kListen));
    client.read_until("\n\n");
    client.close();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (ticking.ended == 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(ticking.ended, 1);
}

TEST(EventStreams, AreEndedByAStop) {
    Ticking ticking;
    auto server = ticking_server(ticking);
    RawClient client(server->address());
    ASSERT_TRUE(client.send(kListen));
    client.read_until("\n\n");
    server->stop();
    EXPECT_EQ(ticking.ended, 1);
    EXPECT_EQ(client.read_all(), "");
}

TEST(EventStreams, OneMoreListenerIsRefusedAndOrdinaryRequestsGoOn) {
    Ticking ticking;
    auto server = ticking_server(ticking);
    RawClient first(server->address());
    ASSERT_TRUE(first.send(kListen));
    first.read_until("\n\n");
    const auto reply = talk(server->address(), kListen);
    EXPECT_NE(reply.find(" 503 "), std::string::npos) << reply;
    EXPECT_NE(reply.find("/docs/errors/too-many-listeners"), std::string::npos) << reply;
    EXPECT_NE(talk(server->address(), kOrdinary).find(" 200 "), std::string::npos);
}

TEST(EventStreams, APeerThatReadsNothingIsGivenUp) {
    std::latch ended(1);
    ServerOptions options = loopback();
    options.write_deadline = milliseconds(50);
    auto server = HttpServer::start(options, [&](const Request&) {
        Response response{200, "text/event-stream", "", {}};
        response.write = [&](ResponseSink& sink) {
            const std::string much(std::size_t{1} << 20U, 'x');
            while (sink.write(much)) {
            }
            EXPECT_FALSE(sink.open());
            ended.count_down();
        };
        return response;
    });
    ASSERT_TRUE(server.ok());
    RawClient client((*server)->address());
    ASSERT_TRUE(client.send(kListen));
    ended.wait();
}

TEST(EventStreams, TheHookIsToldWhenOneEnds) {
    std::atomic<std::uint64_t> told{0};
    Ticking ticking;
    ServerOptions options = loopback();
    options.on_answer = [&](const Request&, int, std::uint64_t bytes, auto) { told = bytes; };
    auto server = ticking_server(ticking, options);
    RawClient client(server->address());
    ASSERT_TRUE(client.send(kListen));
    client.read_until("\n\n");
    server->stop();
    EXPECT_EQ(told, std::string("data: tick\n\n").size());
}

}  // namespace
}  // namespace fieldseal::api
