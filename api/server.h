// SPDX-License-Identifier: Apache-2.0
// HttpServer: one listener. cpp-httplib accepts and takes heads apart (api/library.h); our guard
// (api/request_head.h) judges each head before the library sees it, and all reading and writing is
// ours, within limits and deadlines. A connection costs a thread only while a handler works on it
// (api/reception.h).
//
// OWNED BY: node's daemon. THREADS: start and stop from one thread; the handler, `kind_of` and
// `on_answer` run on several threads at once. Nothing a handler throws reaches a client.
#pragma once

#include "api/http.h"
#include "api/listen_address.h"
#include "api/request_head.h"
#include "api/router.h"
#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fieldseal::api {

// Told of each answer when it is ready to be sent, a streamed one when it ended. A request that was
// refused by its head has an id and may have nothing else. `bytes` are the body's. Log neither
// query values nor bodies.
using AnswerHook = std::function<void(const Request& request, int status, std::uint64_t bytes,
                                      std::chrono::microseconds duration)>;

struct ServerOptions {
    ListenAddress address;
    // Unix sockets: mode 0660; group that may connect, empty = the process's own.
    std::string unix_group;
    // Request::remote is the user behind a Unix socket ("uid 1000"), not what X-Real-IP says: for a
    // socket that people of this machine open, and no proxy.
    bool remote_is_user = false;

    HeadLimits limits;
    // Asked when a head was accepted. Empty: every request is an ordinary one.
    std::function<RouteKind(std::string_view method, std::string_view path)> kind_of;
    std::uint64_t upload_bytes_max = std::uint64_t{64} << 30U;

    // Threads: `threads` for ordinary requests, and, with `kind_of`, one for each upload and each
    // event stream there may be; so these can never use up the ordinary ones.
    std::size_t threads = 8;
    std::size_t uploads_max = 16;
    std::size_t event_streams_max = 32;
    std::size_t queue_max = 256;        // complete ordinary requests that wait for a thread
    std::size_t connections_max = 512;  // one more ends the one that has been slow for longest
    // Of all bodies that are collected or wait for their handler, as promised; and of all answers
    // that wait to be read. More ends, again, the slowest.
    std::uint64_t waiting_bytes_max = std::uint64_t{48} << 20U;
    int requests_per_connection_max = 1000;

    std::chrono::milliseconds head_deadline{5000};   // for a whole request head
    std::chrono::milliseconds body_deadline{30000};  // for a whole body that is not streamed
    // Between two requests of a connection. Longer than nginx keeps one (60 s): whoever sends the
    // requests should be the one to close, or a request meets a closed door.
    std::chrono::milliseconds idle_deadline{75000};
    std::chrono::milliseconds write_deadline{10000};
    // Bodies and answers that take longer: at least this much in each window.
    std::uint64_t bytes_per_second_min = 8192;
    std::chrono::milliseconds rate_window{30000};

    AnswerHook on_answer;
};

class HttpServer {
public:
    // Binds and starts serving. Errors: invalid_argument (address in use, no such group), io.
    static Result<std::unique_ptr<HttpServer>> start(ServerOptions options, Handler handler);
    ~HttpServer();  // stop()

    // The address in use; with port 0 asked for, the port the system gave.
    const ListenAddress& address() const;
    // Stops accepting, ends uploads and event streams, lets ordinary requests end, joins the
    // threads. Safe to call twice.
    void stop();

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::api
