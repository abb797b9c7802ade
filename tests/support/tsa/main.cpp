// SPDX-License-Identifier: Apache-2.0
// tsa_server ROOTS.PEM [PORT]: a time-stamping authority on loopback, over plain HTTP. Writes the
// root certificates to pin, then one line "http://127.0.0.1:PORT" on standard output. Lines on
// standard input: the word of a fault (tests/support/tsa/authority.h) for the next answers, "down"
// and "up" for the whole service, or "quit"; each is answered with "ok", and "count" with the
// number of requests so far.
#include "core/encoding.h"
#include "tests/support/scripted_server.h"
#include "tests/support/tsa/authority.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

namespace fieldseal::testing {
namespace {

constexpr std::string_view kReplyType = "Content-Type: application/timestamp-reply\r\n";
constexpr std::chrono::milliseconds kMoment{50};

class Service {
public:
    void serve(Connection& connection) {
        const auto request = connection.read_request();
        if (!request) return;
        ++requests_;
        answer(connection, *request);
    }

    const StampAuthority& authority() const { return authority_; }
    void set(StampFault fault) { fault_ = fault; }
    int requests() const { return requests_; }

private:
    void answer(Connection& connection, const SeenRequest& request) {
        const StampFault fault = fault_;
        switch (fault) {
            case StampFault::html:
                connection.answer(200, "Content-Type: text/html\r\n",
                                  "<html>Welcome to the hotel's network</html>");
                return;
            case StampFault::unauthorised:
                connection.answer(401, "", "");
                return;
            case StampFault::server_error:
                connection.answer(500, "", "");
                return;
            case StampFault::slow:
                while (fault_ == StampFault::slow && connection.pause(kMoment)) continue;
                return;
            default:
                break;
        }
        const Bytes reply = authority_.answer(as_bytes(request.body), fault, std::time(nullptr));
        connection.answer(200, kReplyType, as_text(reply));
    }

    const StampAuthority authority_;
    std::atomic<StampFault> fault_{StampFault::none};
    std::atomic<int> requests_{0};
};

int run(const std::string& roots_path, std::uint16_t port) {
    Service service;
    std::ofstream(roots_path, std::ios::binary) << service.authority().root_pem();
    ScriptedServer::Options options;
    options.port = port;
    const auto listen = [&] {
        return std::make_unique<ScriptedServer>(
            [&](Connection& connection) { service.serve(connection); }, options);
    };
    auto server = listen();
    const std::string url = server->url();
    options.port = static_cast<std::uint16_t>(*parse_decimal(url.substr(url.rfind(':') + 1)));
    std::cout << url << std::endl;
    std::string word;
    while (std::getline(std::cin, word) && word != "quit") {
        if (word == "count") {
            std::cout << service.requests() << std::endl;
            continue;
        }
        const auto fault = stamp_fault(word);
        if (fault) service.set(*fault);
        if (word == "down") server.reset();
        if (word == "up") server = listen();
        const bool is_known = fault || word == "down" || word == "up";
        std::cout << (is_known ? "ok" : "unknown word") << std::endl;
    }
    return 0;
}

}  // namespace
}  // namespace fieldseal::testing

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        std::cerr << "usage: tsa_server ROOTS.PEM [PORT]\n";
        return 64;
    }
    const auto port = fieldseal::parse_decimal(argc == 3 ? argv[2] : "0");
    if (!port.ok() || *port > 65535) return 64;
    return fieldseal::testing::run(argv[1], static_cast<std::uint16_t>(*port));
}
