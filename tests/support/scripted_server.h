// SPDX-License-Identifier: Apache-2.0
// A plain socket server on loopback (or a Unix socket) for tests of clients. The script decides
// every byte that goes out, well-formed or not, and how fast. Optionally behind TLS.
//
// One thread accepts and serves one connection after the other; destruction ends whatever the
// script is doing. THREADS: the script runs on the server's thread; everything else any.
#pragma once

#include "tests/support/tls_identity.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace fieldseal::testing {

struct SeenRequest {
    std::string method;
    std::string path;
    std::string head;  // request line and headers, as received
    std::string body;  // Content-Length or chunked, joined
};

class Connection {
public:
    virtual ~Connection() = default;
    // One request; nullopt when the client closed, sent no HTTP, or the server stops.
    std::optional<SeenRequest> read_request();
    // False when the client has gone or the server stops.
    virtual bool write(std::string_view bytes) = 0;
    // At most 16 KiB of what comes; empty at the end.
    virtual std::string read_some() = 0;
    // Lets time pass as a slow server does; false when the server stops meanwhile.
    virtual bool pause(std::chrono::milliseconds duration) = 0;

    // A complete answer with Content-Length; `headers` as "Name: value\r\n" lines.
    bool answer(int status, std::string_view headers, std::string_view body);
};

class ScriptedServer {
public:
    using Script = std::function<void(Connection&)>;
    struct Options {
        std::string unix_socket;                 // listen there instead of on a loopback port
        std::shared_ptr<const TlsIdentity> tls;  // shared with the test that made it
        std::uint16_t port = 0;                  // 0: any that is free
    };

    // Listens before it returns. Aborts the test program if the machine has no loopback.
    explicit ScriptedServer(Script script);
    ScriptedServer(Script script, Options options);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    // "http://127.0.0.1:40123" (https with TLS; a made-up host for a Unix socket).
    std::string url() const;
    int connections() const { return connections_; }

private:
    void listen_tcp();
    void listen_unix();
    void serve();
    void serve_one(int fd);

    const Script script_;
    const Options options_;
    int listener_ = -1;
    int stop_event_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::thread thread_;  // last: starts when all else is ready
};

}  // namespace fieldseal::testing
