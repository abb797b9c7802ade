// SPDX-License-Identifier: Apache-2.0
// HttpServer: one listener. cpp-httplib accepts, parses and frames; our guard (api/request_head.h)
// reads each request completely, within limits and deadlines, before the library sees it.
//
// OWNED BY: node's daemon. THREADS: start and stop from one thread; the handler runs on the pool's
// threads and must be safe to call concurrently. Nothing a handler throws reaches a client.
#pragma once

#include "api/http.h"
#include "api/listen_address.h"
#include "api/request_head.h"
#include "core/result.h"

#include <chrono>
#include <memory>
#include <string>

namespace fieldseal::api {

struct ServerOptions {
    ListenAddress address;
    HeadLimits limits;
    std::size_t threads = 8;
    std::chrono::milliseconds head_deadline{5000};   // for a whole request head
    std::chrono::milliseconds body_deadline{30000};  // for a whole body
    std::chrono::milliseconds idle_deadline{10000};  // between two requests of a connection
    std::chrono::milliseconds write_deadline{10000};
    int requests_per_connection_max = 1000;
    // Unix sockets: mode 0660; group that may connect, empty = the process's own.
    std::string unix_group;
};

class HttpServer {
public:
    // Binds and starts serving. Errors: invalid_argument (address in use, no such group), io.
    static Result<std::unique_ptr<HttpServer>> start(ServerOptions options, Handler handler);
    ~HttpServer();  // stop()

    // The address in use; with port 0 asked for, the port the system gave.
    const ListenAddress& address() const;
    // Stops accepting, lets running requests end, joins the threads. Safe to call twice.
    void stop();

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::api
