// SPDX-License-Identifier: Apache-2.0
#include "anchor/http_client.h"

#include "tests/support/scripted_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

namespace fieldseal::anchor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Connection;
using testing::ScriptedServer;
using testing::SeenRequest;
using testing::TlsIdentity;

// Answers each request by `script` and keeps the last one it saw.
class Seen {
public:
    explicit Seen(std::function<void(Connection&)> script)
        : server_([this, script = std::move(script)](Connection& connection) {
              auto request = connection.read_request();
              if (!request) return;
              last_.set_value(std::move(*request));
              script(connection);
          }) {}

    std::string url() const { return server_.url(); }
    SeenRequest last() { return last_.get_future().get(); }

private:
    std::promise<SeenRequest> last_;
    ScriptedServer server_;
};

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.limits.total_timeout = milliseconds(5000);
    return request;
}

Result<HttpResponse> send(const HttpRequest& request, const TlsSettings& tls = {},
                          std::stop_token stop = {}) {
    auto client = HttpClient::open(tls);
    EXPECT_TRUE(client.ok());
    return client->send(request, std::move(stop));
}

// What a client makes of a server that writes `bytes` after the request and closes.
Result<HttpResponse> send_to(std::string bytes, HttpLimits limits = {}) {
    Seen server([bytes = std::move(bytes)](Connection& connection) { connection.write(bytes); });
    HttpRequest request = get(server.url() + "/x");
    request.limits = limits;
    return send(request);
}

Errc code_of(const Result<HttpResponse>& response) {
    return response.ok() ? Errc::internal : response.error().code;
}

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern = std::filesystem::temp_directory_path() / "fieldseal-http-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    std::string file(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

TEST(HttpClient, ReturnsStatusHeadersOfInterestAndBody) {
    const auto response = send_to(
        "HTTP/1.1 409 Conflict\r\ncontent-TYPE: text/x.tlog.size\r\nRetry-After: 120\r\n"
        "Content-Length: 3\r\n\r\n17\n");
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, 409);
    EXPECT_EQ(response->content_type, "text/x.tlog.size");
    EXPECT_EQ(response->retry_after_s, 120U);
    EXPECT_EQ(response->body, "17\n");
}

TEST(HttpClient, IgnoresARetryAfterThatIsNoCount) {
    for (const std::string value :
         {"-1", "1.5", "Mon, 23 Nov 2026 10:00:00 GMT", "", "99999999999999999999"}) {
        const auto response =
            send_to("HTTP/1.1 503 x\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n");
        ASSERT_TRUE(response.ok());
        EXPECT_FALSE(response->retry_after_s.has_value()) << value;
    }
}

TEST(HttpClient, SendsWhatItWasGivenAndNothingThatTells) {
    Seen server([](Connection& connection) { connection.answer(200, "", "ok"); });
    HttpRequest request = get(server.url() + "/add-checkpoint");
    request.method = "POST";
    request.headers = {{"X-Test", "a b"}};
    request.body = std::string("old 0\n\n\0x", 9);
    ASSERT_TRUE(send(request).ok());
    const SeenRequest seen = server.last();
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/add-checkpoint");
    EXPECT_EQ(seen.body, request.body);
    EXPECT_NE(seen.head.find("X-Test: a b\r\n"), std::string::npos);
    for (const std::string name : {"Expect", "Accept-Encoding", "Content-Type", "Cookie"}) {
        EXPECT_EQ(seen.head.find("\r\n" + name + ":"), std::string::npos) << seen.head;
    }
}

TEST(HttpClient, StreamsABodyAndTellsTheProgress) {
    const std::string document(3'000'000, 'd');
    for (const bool is_size_known : {true, false}) {
        Seen server([](Connection& connection) { connection.answer(201, "", ""); });
        HttpRequest request = get(server.url() + "/seal");
        request.method = "POST";
        std::size_t at = 0;
        request.body_source = [&](std::span<std::uint8_t> space) -> Result<std::size_t> {
            const std::size_t count = std::min(space.size(), document.size() - at);
            std::copy_n(document.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
            at += count;
            return count;
        };
        if (is_size_known) request.body_source_bytes = document.size();
        std::uint64_t told = 0;
        request.progress = [&](std::uint64_t sent) { told = std::max(told, sent); };
        const auto response = send(request);
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->status, 201);
        EXPECT_TRUE(server.last().body == document);
        EXPECT_GE(told, document.size());
    }
}

TEST(HttpClient, FailsWithTheSourceOfTheBody) {
    Seen server([](Connection& connection) { connection.answer(200, "", ""); });
    HttpRequest request = get(server.url());
    request.method = "POST";
    request.body_source = [](std::span<std::uint8_t>) -> Result<std::size_t> {
        return Error{Errc::io, "disk gone"};
    };
    const auto response = send(request);
    ASSERT_EQ(code_of(response), Errc::io);
    EXPECT_NE(response.error().message.find("disk gone"), std::string::npos);
}

TEST(HttpClient, SpeaksOverAUnixSocket) {
    const TemporaryDirectory directory;
    ScriptedServer::Options options;
    options.unix_socket = directory.file("admin.sock");
    ScriptedServer server(
        [](Connection& connection) {
            if (const auto request = connection.read_request()) {
                connection.answer(200, "", request->path);
            }
        },
        options);
    HttpRequest request = get(server.url() + "/v1/status");
    request.unix_socket = options.unix_socket;
    const auto response = send(request);
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "/v1/status");

    request.unix_socket = directory.file("nobody.sock");
    EXPECT_EQ(code_of(send(request)), Errc::unavailable);
}

TEST(HttpClient, FollowsNoRedirect) {
    const auto response = send_to(
        "HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, 302);
    EXPECT_EQ(response->location, "http://127.0.0.1:1/elsewhere");
}

TEST(HttpClient, IgnoresAProxyInTheEnvironment) {
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::setenv(name, "http://127.0.0.1:1", 1);
    }
    EXPECT_TRUE(send_to("HTTP/1.1 204 x\r\n\r\n").ok());
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::unsetenv(name);
    }
}

TEST(HttpClient, CallsNobodyListeningUnavailable) {
    std::string url;
    {
        ScriptedServer gone([](Connection&) {});
        url = gone.url();
    }
    EXPECT_EQ(code_of(send(get(url))), Errc::unavailable);
}

// A label of 64 bytes is no name in the DNS: no resolver is asked.
TEST(HttpClient, CallsAnUnknownNameUnavailable) {
    EXPECT_EQ(code_of(send(get("http://" + std::string(64, 'h') + ".example/"))),
              Errc::unavailable);
}

TEST(HttpClient, CallsAClosedConnectionWithoutAnAnswerUnavailable) {
    EXPECT_EQ(code_of(send_to("")), Errc::unavailable);
}

TEST(HttpClient, CallsSilenceUnavailableWithinTheDeadline) {
    Seen server([](Connection& connection) { connection.pause(milliseconds(60'000)); });
    HttpRequest request = get(server.url());
    request.limits.total_timeout = milliseconds(200);
    const auto begin = steady_clock::now();
    EXPECT_EQ(code_of(send(request)), Errc::unavailable);
    EXPECT_LT(steady_clock::now() - begin, milliseconds(5000));
}

TEST(HttpClient, EndsAnAnswerThatTricklesIn) {
    for (const std::string begin_of_answer :
         {"HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n"}) {
        Seen server([&](Connection& connection) {
            connection.write(begin_of_answer);
            while (connection.pause(milliseconds(20)) && connection.write("a")) continue;
        });
        HttpRequest request = get(server.url());
        request.limits.total_timeout = milliseconds(300);
        const auto begin = steady_clock::now();
        EXPECT_EQ(code_of(send(request)), Errc::exhausted) << begin_of_answer;
        EXPECT_LT(steady_clock::now() - begin, milliseconds(5000));
    }
}

TEST(HttpClient, EndsAnAnswerBelowTheLowSpeed) {
    Seen server([](Connection& connection) {
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        while (connection.pause(milliseconds(50)) && connection.write("a")) continue;
    });
    HttpRequest request = get(server.url());
    request.limits.total_timeout = milliseconds(0);
    request.limits.low_speed_bytes_per_s = 1000;
    request.limits.low_speed_window = std::chrono::seconds(1);
    EXPECT_EQ(code_of(send(request)), Errc::exhausted);
}

// Writes `unit` for ever after `begin`; returns how much the client took before it hung up.
std::uint64_t bytes_taken(const std::string& begin, const std::string& unit, Errc expected) {
    std::atomic<std::uint64_t> taken{0};
    {
        Seen server([&](Connection& connection) {
            connection.write(begin);
            while (connection.write(unit)) taken += unit.size();
        });
        EXPECT_EQ(code_of(send(get(server.url()))), expected);
    }
    return taken;
}

TEST(HttpClient, TakesAFewMegabytesOfAnEndlessHeaderAtMost) {
    constexpr std::uint64_t kSocketBuffersBytes = 16 * 1024 * 1024;
    const std::string unit(64 * 1024, 'h');
    const std::string head = "HTTP/1.1 200 OK\r\n";
    EXPECT_LT(bytes_taken(head + "X-Long: ", unit, Errc::exhausted), kSocketBuffersBytes);
    EXPECT_LT(bytes_taken(head, "X-Many: yes\r\n", Errc::exhausted), kSocketBuffersBytes);
    EXPECT_LT(bytes_taken("", "HTTP/1.1 100 Continue\r\n\r\n", Errc::exhausted),
              kSocketBuffersBytes);
}

TEST(HttpClient, TakesAFewMegabytesOfAnEndlessBodyAtMost) {
    constexpr std::uint64_t kSocketBuffersBytes = 16 * 1024 * 1024;
    const std::string unit(64 * 1024, 'b');
    EXPECT_LT(bytes_taken("HTTP/1.1 200 OK\r\n\r\n", unit, Errc::exhausted), kSocketBuffersBytes);
    const std::string chunk = "10000\r\n" + unit + "\r\n";
    EXPECT_LT(bytes_taken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk,
                          Errc::exhausted),
              kSocketBuffersBytes);
}

TEST(HttpClient, HoldsTheBodyLimitToTheByte) {
    HttpLimits limits;
    limits.body_bytes_max = 10;
    const std::string head = "HTTP/1.1 200 OK\r\n";
    EXPECT_TRUE(send_to(head + "Content-Length: 10\r\n\r\n0123456789", limits).ok());
    EXPECT_TRUE(send_to(head + "\r\n0123456789", limits).ok());
    EXPECT_EQ(code_of(send_to(head + "Content-Length: 11\r\n\r\n01234567890", limits)),
              Errc::exhausted);
    EXPECT_EQ(code_of(send_to(head + "\r\n01234567890", limits)), Errc::exhausted);
}

TEST(HttpClient, CallsACutAnswerCorrupt) {
    const std::string head = "HTTP/1.1 200 OK\r\n";
    EXPECT_EQ(code_of(send_to(head + "Content-Length: 100\r\n\r\nhalf")), Errc::corrupt);
    EXPECT_EQ(code_of(send_to(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nha")), Errc::corrupt);
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
    EXPECT_EQ(code_of(send_to("SSH-2.0-OpenSSH_9.2\r\n")), Errc::corrupt);
    EXPECT_EQ(code_of(send_to("<html>HTTP/0.9 says hello</html>\n")), Errc::corrupt);
    EXPECT_EQ(code_of(send_to("HTTP/1.1 999999 x\r\n\r\n")), Errc::corrupt);
}

TEST(HttpClient, RefusesAnEncodingItDidNotAskFor) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: ";
    EXPECT_EQ(code_of(send_to(head + "gzip\r\n\r\nxx")), Errc::corrupt);
    EXPECT_TRUE(send_to(head + "identity\r\n\r\nxx").ok());
}

TEST(HttpClient, StopsWhenAsked) {
    Seen server([](Connection& connection) { connection.pause(milliseconds(60'000)); });
    std::stop_source stop;
    auto answer = std::async(std::launch::async, [&] {
        HttpRequest request = get(server.url());
        request.limits.total_timeout = milliseconds(60'000);
        return send(request, {}, stop.get_token());
    });
    server.last();
    stop.request_stop();
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(10)), std::future_status::ready);
    EXPECT_EQ(code_of(answer.get()), Errc::unavailable);
}

class HttpClientOverTls : public ::testing::Test {
protected:
    HttpClientOverTls()
        : identity_(std::make_shared<TlsIdentity>()),
          server_(
              [](Connection& connection) {
                  if (connection.read_request()) connection.answer(200, "", "private");
              },
              ScriptedServer::Options{"", identity_}) {
        std::ofstream(directory_.file("ca.pem")) << identity_->certificate_pem();
        std::ofstream(directory_.file("other.pem")) << TlsIdentity().certificate_pem();
    }
    Result<HttpResponse> send_with(const TlsSettings& tls) { return send(get(server_.url()), tls); }

    TemporaryDirectory directory_;
    std::shared_ptr<const TlsIdentity> identity_;
    ScriptedServer server_;
};

TEST_F(HttpClientOverTls, TrustsTheCaFileItWasGiven) {
    const auto response = send_with({directory_.file("ca.pem"), ""});
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "private");
}

TEST_F(HttpClientOverTls, RefusesACertificateItDoesNotKnow) {
    EXPECT_EQ(code_of(send_with({})), Errc::denied);
    EXPECT_EQ(code_of(send_with({directory_.file("other.pem"), ""})), Errc::denied);
    EXPECT_EQ(code_of(send_with({"", identity_->spki_pin()})), Errc::denied) << "a pin is no CA";
}

TEST_F(HttpClientOverTls, HoldsThePinOnTopOfTheCa) {
    const std::string other = TlsIdentity().spki_pin();
    const std::string ca = directory_.file("ca.pem");
    EXPECT_TRUE(send_with({ca, identity_->spki_pin()}).ok());
    EXPECT_TRUE(send_with({ca, other + ";" + identity_->spki_pin()}).ok());
    EXPECT_EQ(code_of(send_with({ca, other})), Errc::denied);
}

TEST_F(HttpClientOverTls, NamesAnUnreadableCaFile) {
    const auto response = send_with({directory_.file("missing.pem"), ""});
    EXPECT_EQ(code_of(response), Errc::invalid_argument);
}

TEST(HttpClient, CallsAServerThatSpeaksNoTlsCorrupt) {
    ScriptedServer server([](Connection& connection) {
        connection.read_some();
        connection.write("HTTP/1.1 400 this port is plain\r\n\r\n");
    });
    const std::string url = "https" + server.url().substr(4);
    EXPECT_EQ(code_of(send(get(url))), Errc::corrupt);
}

TEST(HttpClient, RefusesBadAddresses) {
    for (const std::string good :
         {"http://127.0.0.1:8080", "https://hub.example/w/1?x=y", "http://[::1]:1/"}) {
        EXPECT_TRUE(check_url(good).ok()) << good;
    }
    const std::string long_one = "http://h/" + std::string(kMaxUrlBytes, 'x');
    for (const std::string& bad :
         {std::string(), std::string("hub.example"), std::string("ftp://h/"),
          std::string("file:///etc/passwd"), std::string("http://"), std::string("http:///x"),
          std::string("http://u:p@h/"), std::string("http://u@h/"), std::string("http://h/ x"),
          std::string("http://h/\r\nX: y"), std::string("http://h/#f"),
          std::string("http://h/\xC3\xA9"), long_one}) {
        EXPECT_EQ(code_of(send(get(bad))), Errc::invalid_argument) << bad;
    }
}

TEST(HttpClient, ShowsNoSecretOfAnAddress) {
    EXPECT_EQ(shown_address("https://rpc.example.org:8545/v3/key?token=x"),
              "https://rpc.example.org:8545");
    EXPECT_EQ(shown_address("http://user:p@ss@[::1]:1#f"), "http://[::1]:1");
    EXPECT_EQ(shown_address("nothing"), "nothing");
    EXPECT_EQ(shown_address(""), "");
    const auto refused = check_url("http://user:hunter2@h/secret-path");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "address \"http://h\": has a user name or password");
}

TEST(HttpClient, RefusesARequestThatCouldCarryAnother) {
    HttpRequest request = get("http://127.0.0.1:1/");
    request.headers = {{"X-A", "b\r\nX-B: c"}};
    EXPECT_EQ(code_of(send(request)), Errc::invalid_argument);
    request.headers = {{"X A", "b"}};
    EXPECT_EQ(code_of(send(request)), Errc::invalid_argument);
    request.headers = {};
    request.method = "GET / HTTP/1.1\r\n";
    EXPECT_EQ(code_of(send(request)), Errc::invalid_argument);
}

TEST(HttpClient, ReadsPins) {
    const std::string pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    EXPECT_TRUE(is_spki_pin(pin));
    EXPECT_TRUE(is_spki_pin(pin + ";" + pin));
    for (const std::string& bad :
         {std::string(), std::string("sha256//"), pin + ";", ";" + pin, pin.substr(1),
          "sha1//" + pin.substr(8), pin.substr(0, pin.size() - 1), pin + pin}) {
        EXPECT_FALSE(is_spki_pin(bad)) << bad;
        EXPECT_EQ(HttpClient::open({"", bad}).ok(), bad.empty());
    }
}

}  // namespace
}  // namespace fieldseal::anchor
