// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include "api/answer_text.h"
#include "api/crew.h"
#include "api/library.h"
#include "api/problem.h"
#include "api/reception.h"
#include "api/streams.h"

#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace fieldseal::api {
namespace {

Response run_handler(const Handler& handler, Request& request) {
    try {
        return handler(request);
    } catch (...) {
        return problem(500, "internal", "the request failed inside the node: see its log");
    }
}

}  // namespace

struct HttpServer::Impl {
    using Owned = std::unique_ptr<Connection>;

    Impl(ServerOptions options_in, Handler handler_in)
        : options(std::move(options_in)),
          handler(std::move(handler_in)),
          library([this](int fd) { reception.admit(fd); }),
          reception(options, library, [this](Owned& connection) { return dispatch(connection); }) {}

    void start_crews();
    bool dispatch(Owned& connection);
    void serve(Connection& connection);
    void send(Owned connection);
    void serve_upload(Connection& connection);
    void answer(Connection& connection, Response response, bool close);
    void stream_answer(Connection& connection, const Response& response);
    void stop();

    ServerOptions options;
    Handler handler;
    HttpLibrary library;
    Reception reception;
    LiveStreams streams;
    std::unique_ptr<Crew> ordinary;
    std::unique_ptr<Crew> uploads;
    std::unique_ptr<Crew> listeners;
    bool stopped = false;
};

void HttpServer::Impl::start_crews() {
    const Crew::Work work{[this](Connection& connection) { serve(connection); },
                          [this](Owned connection) { send(std::move(connection)); }};
    ordinary = std::make_unique<Crew>(options.threads, options.queue_max, work);
    if (!options.kind_of) return;
    uploads = std::make_unique<Crew>(options.uploads_max, 0, work);
    listeners = std::make_unique<Crew>(options.event_streams_max, 0, work);
}

bool HttpServer::Impl::dispatch(Owned& connection) {
    switch (connection->incoming.kind) {
        case RouteKind::upload:
            return uploads->offer(connection);
        case RouteKind::events:
            return listeners->offer(connection);
        case RouteKind::ordinary:
            break;
    }
    return ordinary->offer(connection);
}

void HttpServer::Impl::serve(Connection& connection) {
    if (connection.incoming.kind == RouteKind::upload) return serve_upload(connection);
    auto& request = connection.incoming.request;
    Response response = run_handler(handler, request);
    connection.forget_body();
    answer(connection, std::move(response), false);
}

void HttpServer::Impl::send(Owned connection) {
    if (connection->write() != WriteStep::failed) reception.take_back(std::move(connection));
}

void HttpServer::Impl::serve_upload(Connection& connection) {
    const LiveStream live(streams, connection.fd(), SHUT_RD);
    SocketBody body(connection, options);
    auto& request = connection.incoming.request;
    request.stream = &body;
    Response response = run_handler(handler, request);
    request.stream = nullptr;
    answer(connection, std::move(response), !body.finished());
}

void HttpServer::Impl::answer(Connection& connection, Response response, bool close) {
    if (response.write && connection.incoming.request.method != "HEAD") {
        stream_answer(connection, response);
    } else {
        connection.set_answer(std::move(response), options, close);
    }
}

void HttpServer::Impl::stream_answer(Connection& connection, const Response& response) {
    const auto& request = connection.incoming.request;
    const LiveStream live(streams, connection.fd(), SHUT_RDWR);
    SocketSink sink(connection.fd(), options.write_deadline);
    const std::string head = answer_text(response, {.request_id = request.id, .close = true});
    if (live.entered() && sink.write(head)) {
        try {
            response.write(sink);
        } catch (...) {
            // The head is out, so there is nothing to say it with: the stream ends here.
        }
    }
    connection.set_streamed();
    if (!options.on_answer) return;
    const auto written = sink.written_bytes();
    options.on_answer(request, response.status, written - std::min(written, head.size()),
                      connection.incoming.age());
}

// Nobody new; then streams, whose handlers would go on for as long as their peers; then whoever has
// a request under way.
void HttpServer::Impl::stop() {
    library.stop();
    reception.stop_reading();
    streams.end();
    for (auto* crew : {ordinary.get(), uploads.get(), listeners.get()}) {
        if (crew != nullptr) crew->end();
    }
    reception.end();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerOptions options, Handler handler) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    FIELDSEAL_TRY(impl->library.bind(impl->options.address, impl->options.unix_group));
    auto server = std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
    try {
        server->impl_->start_crews();
        FIELDSEAL_TRY(server->impl_->reception.start());
        server->impl_->library.start();
    } catch (const std::system_error& error) {
        return Error{Errc::io, "cannot start the threads of " +
                                   server->impl_->options.address.to_string() + ": " +
                                   error.code().message()};
    }
    return server;
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
    stop();
}

const ListenAddress& HttpServer::address() const {
    return impl_->options.address;
}

void HttpServer::stop() {
    if (std::exchange(impl_->stopped, true)) return;
    impl_->stop();
    if (impl_->options.address.is_unix()) ::unlink(impl_->options.address.unix_path.c_str());
}

}  // namespace fieldseal::api
