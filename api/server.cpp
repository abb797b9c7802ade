// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include "api/problem.h"
#include "core/encoding.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <mutex>
#include <poll.h>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace fieldseal::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kListenBacklog = 4096;  // the library compiles in 5
constexpr std::size_t kReadChunkBytes = 16384;

// Waits until `fd` is ready for `events` or the deadline passes.
bool wait_ready(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd entry{fd, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long>(left, 60000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

// A complete request in, a complete response out: what the library works on instead of the socket.
class MemoryStream final : public httplib::Stream {
public:
    explicit MemoryStream(std::string input) : input_(std::move(input)) {}

    bool is_readable() const override { return at_ < input_.size(); }
    bool is_writable() const override { return true; }
    ssize_t read(char* ptr, size_t size) override {
        const std::size_t count = std::min(size, input_.size() - at_);
        std::memcpy(ptr, input_.data() + at_, count);
        at_ += count;
        return static_cast<ssize_t>(count);
    }
    ssize_t write(const char* ptr, size_t size) override {
        output_.append(ptr, size);
        return static_cast<ssize_t>(size);
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override { clear(ip, port); }
    void get_local_ip_and_port(std::string& ip, int& port) const override { clear(ip, port); }
    socket_t socket() const override { return INVALID_SOCKET; }
    // Pure virtual in newer releases, absent in Debian 12's: no `override` keeps both compiling.
    bool wait_readable() const { return is_readable(); }
    bool wait_writable() const { return true; }
    time_t duration() const { return 0; }

    const std::string& output() const { return output_; }

private:
    static void clear(std::string& ip, int& port) {
        ip.clear();
        port = 0;
    }
    std::string input_;
    std::size_t at_ = 0;
    std::string output_;
};

std::string refusal_response(const HeadRefusal& refusal) {
    const Response response = problem(refusal.status, "request-refused", refusal.why);
    return "HTTP/1.1 " + std::to_string(refusal.status) +
           " Refused\r\nContent-Type: " + response.content_type +
           "\r\nContent-Length: " + std::to_string(response.body.size()) +
           "\r\nConnection: close\r\n\r\n" + response.body;
}

std::string lower_name(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

// Our view of the library's request. Query names that repeat are refused by returning nothing.
std::optional<Request> to_request(const httplib::Request& in) {
    Request out;
    out.method = in.method;
    out.path = in.path;
    out.body = in.body;
    for (const auto& [name, value] : in.params) {
        if (!out.query.emplace(name, value).second) return std::nullopt;
    }
    for (const auto& [name, value] : in.headers) out.headers.emplace(lower_name(name), value);
    return out;
}

}  // namespace

// Connections that wait for a request. Ending them lets stop() return at once: a peer may keep its
// connection for as long as idle_deadline, and a request that is under way is not among them.
class IdleConnections {
public:
    // False when the server stops: there is nothing to wait for.
    bool enter(int fd) {
        const std::lock_guard lock(mutex_);
        if (ended_) return false;
        idle_.insert(fd);
        return true;
    }
    void leave(int fd) {
        const std::lock_guard lock(mutex_);
        idle_.erase(fd);
    }
    void end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        for (const int fd : idle_) ::shutdown(fd, SHUT_RD);
    }

private:
    std::mutex mutex_;
    std::set<int> idle_;
    bool ended_ = false;
};

// Overrides the one virtual step between accept() and the library's parser.
class GuardedServer final : public httplib::Server {
public:
    explicit GuardedServer(const ServerOptions& options) : options_(options) {}

    int listening_socket() const { return svr_sock_; }
    void end_idle_connections() { idle_.end(); }

private:
    bool process_and_close_socket(socket_t fd) override {
        serve_connection(fd);
        ::shutdown(fd, SHUT_RDWR);
        ::close(fd);
        return true;
    }

    void serve_connection(int fd) {
        std::string buffered;
        for (int served = 0; served < options_.requests_per_connection_max; ++served) {
            const auto idle = served == 0 ? options_.head_deadline : options_.idle_deadline;
            if (buffered.empty() && !wait_for_request(fd, idle)) return;
            const auto head_bytes = read_head(fd, buffered);
            if (head_bytes == 0) return;
            const auto verdict = judge_request_head(
                std::string_view(buffered).substr(0, head_bytes), options_.limits);
            if (!verdict.accepted) {
                refuse(fd, verdict.refusal);
                return;
            }
            const std::size_t total =
                head_bytes + static_cast<std::size_t>(verdict.head.content_length);
            if (!read_until(fd, buffered, total, Clock::now() + options_.body_deadline)) return;
            std::string request = buffered.substr(0, total);
            buffered.erase(0, total);
            const bool last =
                !verdict.head.keep_alive || served + 1 == options_.requests_per_connection_max;
            if (!answer(fd, std::move(request), last) || last) return;
        }
    }

    // Writes the refusal, then reads away a little of what the peer still sends: closing with
    // unread bytes would reset the connection and eat the answer.
    void refuse(int fd, const HeadRefusal& refusal) {
        if (!write_all(fd, refusal_response(refusal))) return;
        ::shutdown(fd, SHUT_WR);
        constexpr int kDrainChunksMax = 64;
        const auto deadline = Clock::now() + std::chrono::milliseconds(500);
        char chunk[kReadChunkBytes];
        for (int i = 0; i < kDrainChunksMax && wait_ready(fd, POLLIN, deadline); ++i) {
            if (::recv(fd, chunk, sizeof chunk, MSG_DONTWAIT) <= 0) return;
        }
    }

    bool wait_for_request(int fd, std::chrono::milliseconds idle) {
        if (!idle_.enter(fd)) return false;
        const bool readable = wait_ready(fd, POLLIN, Clock::now() + idle);
        idle_.leave(fd);
        return readable;
    }

    // Reads until the empty line; returns the head's size, 0 when the connection is over.
    std::size_t read_head(int fd, std::string& buffered) {
        const auto deadline = Clock::now() + options_.head_deadline;
        for (;;) {
            const std::size_t end = buffered.find("\r\n\r\n");
            if (end != std::string::npos) return end + 4;
            const auto& limits = options_.limits;
            if (buffered.size() > limits.head_bytes_max) {
                refuse(fd, {431, "the request head is too long"});
                return 0;
            }
            if (buffered.size() > limits.request_line_bytes_max &&
                buffered.find("\r\n") == std::string::npos) {
                refuse(fd, {414, "the request line is too long"});
                return 0;
            }
            if (!receive(fd, buffered, deadline)) {
                if (Clock::now() >= deadline) refuse(fd, {408, "the request head took too long"});
                return 0;
            }
        }
    }

    static bool read_until(int fd, std::string& buffered, std::size_t size,
                           Clock::time_point deadline) {
        while (buffered.size() < size) {
            if (!receive(fd, buffered, deadline)) return false;
        }
        return true;
    }

    static bool receive(int fd, std::string& buffered, Clock::time_point deadline) {
        if (!wait_ready(fd, POLLIN, deadline)) return false;
        char chunk[kReadChunkBytes];
        const ssize_t count = ::recv(fd, chunk, sizeof chunk, 0);
        if (count <= 0) return false;
        buffered.append(chunk, static_cast<std::size_t>(count));
        return true;
    }

    bool write_all(int fd, std::string_view bytes) {
        const auto deadline = Clock::now() + options_.write_deadline;
        while (!bytes.empty()) {
            if (!wait_ready(fd, POLLOUT, deadline)) return false;
            const ssize_t count =
                ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    bool answer(int fd, std::string request, bool last) {
        MemoryStream stream(std::move(request));
        bool closed = false;
        const bool processed = run_library(*this, stream, last, closed);
        if (stream.output().empty() || !write_all(fd, stream.output())) return false;
        return processed && !closed;
    }

    // process_request takes the peer's address in newer releases; Debian 12's does not.
    template <class Self>
    static bool run_library(Self& self, httplib::Stream& stream, bool last, bool& closed) {
        const std::function<void(httplib::Request&)> no_setup;
        if constexpr (requires { self.process_request(stream, last, closed, no_setup); }) {
            return self.process_request(stream, last, closed, no_setup);
        } else {
            return self.process_request(stream, std::string(), 0, std::string(), 0, last, closed,
                                        no_setup);
        }
    }

    const ServerOptions& options_;
    IdleConnections idle_;
};

struct HttpServer::Impl {
    Impl(ServerOptions options_in, Handler handler_in)
        : options(std::move(options_in)), handler(std::move(handler_in)), server(options) {}

    void handle(const httplib::Request& in, httplib::Response& out) const;
    Result<void> bind();
    Result<void> bind_unix();

    ServerOptions options;
    Handler handler;
    GuardedServer server;
    std::thread thread;
    std::atomic<bool> ended{false};
    bool stopped = false;
};

void HttpServer::Impl::handle(const httplib::Request& in, httplib::Response& out) const {
    const auto request = to_request(in);
    const Response response =
        request ? handler(*request) : problem(400, "invalid-argument", "a query name is repeated");
    out.status = response.status;
    for (const auto& [name, value] : response.headers) out.set_header(name, value);
    if (!response.content_type.empty()) out.set_content(response.body, response.content_type);
}

Result<void> HttpServer::Impl::bind_unix() {
    const std::string& path = options.address.unix_path;
    // The data directory's lock is held: a socket left here belongs to a daemon that is gone.
    struct stat info{};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISSOCK(info.st_mode)) {
            return Error{Errc::invalid_argument,
                         path + " exists and is not a socket: move it away"};
        }
        ::unlink(path.c_str());
    }
    server.set_address_family(AF_UNIX);
    if (!server.bind_to_port(path, 80)) {
        return Error{Errc::io, "cannot listen on unix:" + path + ": " + std::strerror(errno)};
    }
    if (!options.unix_group.empty()) {
        const group* entry = ::getgrnam(options.unix_group.c_str());
        if (entry == nullptr || ::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) {
            return Error{Errc::invalid_argument, "cannot give " + path + " to group " +
                                                     fieldseal::quoted(options.unix_group)};
        }
    }
    if (::chmod(path.c_str(), 0660) != 0) {
        return Error{Errc::io, "cannot set the mode of " + path + ": " + std::strerror(errno)};
    }
    return {};
}

Result<void> HttpServer::Impl::bind() {
    ListenAddress& address = options.address;
    server.set_socket_options([](socket_t fd) {
        // Not the library's SO_REUSEPORT: two daemons must not share a port unseen.
        const int on = 1;
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    if (address.is_unix()) {
        FIELDSEAL_TRY(bind_unix());
    } else if (address.port == 0) {
        const int port = server.bind_to_any_port(address.host);
        if (port <= 0) return Error{Errc::io, "cannot listen on " + address.to_string()};
        address.port = static_cast<std::uint16_t>(port);
    } else if (!server.bind_to_port(address.host, address.port)) {
        return Error{Errc::io, "cannot listen on " + address.to_string() +
                                   ": is another program using this port?"};
    }
    ::listen(server.listening_socket(), kListenBacklog);
    return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerOptions options, Handler handler) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    auto& server = impl->server;
    const std::size_t threads = impl->options.threads;
    server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    server.set_tcp_nodelay(true);
    server.set_payload_max_length(static_cast<std::size_t>(impl->options.limits.body_bytes_max));
    server.set_exception_handler(
        [](const httplib::Request&, httplib::Response& out, std::exception_ptr) {
            out.status = 500;
            out.set_content(
                problem(500, "internal", "the request failed inside the node: see its log").body,
                "application/problem+json");
        });
    // One pattern for all: our own table routes (api/router.h); no regex ever sees a path of
    // substance.
    const auto handle = [state = impl.get()](const httplib::Request& in, httplib::Response& out) {
        state->handle(in, out);
    };
    server.set_pre_routing_handler([handle](const httplib::Request& in, httplib::Response& out) {
        if (in.method != "GET" && in.method != "HEAD" && in.method != "DELETE") {
            return httplib::Server::HandlerResponse::Unhandled;
        }
        handle(in, out);
        return httplib::Server::HandlerResponse::Handled;
    });
    server.Post(".*", handle);
    server.Put(".*", handle);
    server.Patch(".*", handle);
    FIELDSEAL_TRY(impl->bind());
    // stop() works only on a server that runs: wait for that, not for a time.
    impl->thread = std::thread([state = impl.get()] {
        state->server.listen_after_bind();
        state->ended = true;
    });
    while (!impl->server.is_running() && !impl->ended) std::this_thread::yield();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
    stop();
}

const ListenAddress& HttpServer::address() const {
    return impl_->options.address;
}

void HttpServer::stop() {
    if (impl_->stopped) return;
    impl_->stopped = true;
    impl_->server.stop();
    impl_->server.end_idle_connections();
    impl_->thread.join();
    if (impl_->options.address.is_unix()) ::unlink(impl_->options.address.unix_path.c_str());
}

}  // namespace fieldseal::api
