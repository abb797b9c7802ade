// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_server.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace fieldseal::testing {
namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr std::size_t kMaxRequestBytes = 64 * 1024 * 1024;
constexpr int kBacklog = 16;
constexpr int kTlsReadTimeoutSeconds = 10;

// Waits until `fd` is ready; false when the server is told to stop first or the time is over.
bool wait_ready(int fd, short events, int stop_event, int timeout_ms = -1) {
    while (true) {
        std::array<pollfd, 2> fds = {pollfd{fd, events, 0}, pollfd{stop_event, POLLIN, 0}};
        const int ready = ::poll(fds.data(), fds.size(), timeout_ms);
        if (ready < 0 && errno == EINTR) continue;
        return ready > 0 && fds[1].revents == 0;
    }
}

class PlainConnection final : public Connection {
public:
    PlainConnection(int fd, int stop_event) : fd_(fd), stop_event_(stop_event) {}

    bool write(std::string_view bytes) override {
        while (!bytes.empty()) {
            if (!wait_ready(fd_, POLLOUT, stop_event_)) return false;
            const ssize_t sent =
                ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    std::string read_some() override {
        std::string bytes(kChunkBytes, '\0');
        if (!wait_ready(fd_, POLLIN, stop_event_)) return {};
        const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return bytes;
    }
    // Also ends when the client hangs up, so that an abandoned slow answer frees the server.
    bool pause(std::chrono::milliseconds duration) override {
        std::array<pollfd, 2> fds = {pollfd{fd_, POLLRDHUP, 0}, pollfd{stop_event_, POLLIN, 0}};
        return ::poll(fds.data(), fds.size(), static_cast<int>(duration.count())) == 0;
    }

private:
    int fd_;
    int stop_event_;
};

class TlsConnection final : public Connection {
public:
    TlsConnection(std::unique_ptr<TlsSession> session, int stop_event)
        : session_(std::move(session)), stop_event_(stop_event) {}

    bool write(std::string_view bytes) override { return session_->write(bytes); }
    std::string read_some() override { return session_->read_some(); }
    bool pause(std::chrono::milliseconds duration) override {
        pollfd fd{stop_event_, POLLIN, 0};
        return ::poll(&fd, 1, static_cast<int>(duration.count())) == 0;
    }

private:
    std::unique_ptr<TlsSession> session_;
    int stop_event_;
};

// The value of a header, or empty.
std::string_view header(std::string_view head, std::string_view name) {
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos && at + 2 < head.size()) {
        std::string_view line = head.substr(at + 2);
        line = line.substr(0, line.find("\r\n"));
        const bool is_it = line.size() > name.size() && line[name.size()] == ':' &&
                           ::strncasecmp(line.data(), name.data(), name.size()) == 0;
        if (is_it) {
            line.remove_prefix(name.size() + 1);
            return line.substr(std::min(line.find_first_not_of(' '), line.size()));
        }
        at = head.find("\r\n", at + 2);
    }
    return {};
}

// Reads from a connection by lines and counts.
class Input {
public:
    explicit Input(Connection& connection) : connection_(connection) {}

    std::optional<std::string> until(std::string_view mark) {
        std::size_t at = buffer_.find(mark);
        while (at == std::string::npos) {
            if (!more()) return {};
            at = buffer_.find(mark);
        }
        return take(at + mark.size());
    }
    std::optional<std::string> exactly(std::size_t count) {
        while (buffer_.size() < count) {
            if (!more()) return {};
        }
        return take(count);
    }

private:
    bool more() {
        const std::string bytes = connection_.read_some();
        buffer_ += bytes;
        return !bytes.empty() && buffer_.size() <= kMaxRequestBytes;
    }
    std::string take(std::size_t count) {
        std::string taken = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return taken;
    }
    Connection& connection_;
    std::string buffer_;
};

std::optional<std::string> read_chunked(Input& input) {
    std::string body;
    while (true) {
        const auto line = input.until("\r\n");
        if (!line) return {};
        const std::size_t size = std::strtoul(line->c_str(), nullptr, 16);
        const auto chunk = input.exactly(size + 2);
        if (!chunk) return {};
        if (size == 0) return body;
        body.append(*chunk, 0, size);
    }
}

}  // namespace

std::optional<SeenRequest> Connection::read_request() {
    Input input(*this);
    auto head = input.until("\r\n\r\n");
    if (!head) return {};
    SeenRequest request;
    request.head = *head;
    const std::size_t method_end = head->find(' ');
    const std::size_t path_end = head->find(' ', method_end + 1);
    if (path_end == std::string::npos) return {};
    request.method = head->substr(0, method_end);
    request.path = head->substr(method_end + 1, path_end - method_end - 1);
    std::optional<std::string> body = std::string();
    if (header(*head, "Transfer-Encoding") == "chunked") {
        body = read_chunked(input);
    } else if (const auto size = parse_decimal(header(*head, "Content-Length")); size.ok()) {
        body = input.exactly(*size);
    }
    if (!body) return {};
    request.body = std::move(*body);
    return request;
}

bool Connection::answer(int status, std::string_view headers, std::string_view body) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
    text += headers;
    text += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    text += body;
    return write(text);
}

ScriptedServer::ScriptedServer(Script script) : ScriptedServer(std::move(script), Options()) {}

ScriptedServer::ScriptedServer(Script script, Options options)
    : script_(std::move(script)), options_(std::move(options)) {
    stop_event_ = ::eventfd(0, EFD_CLOEXEC);
    FIELDSEAL_CHECK(stop_event_ >= 0);
    options_.unix_socket.empty() ? listen_tcp() : listen_unix();
    thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
    const std::uint64_t one = 1;
    FIELDSEAL_CHECK(::write(stop_event_, &one, sizeof one) == sizeof one);
    thread_.join();
    ::close(listener_);
    ::close(stop_event_);
    if (!options_.unix_socket.empty()) ::unlink(options_.unix_socket.c_str());
}

void ScriptedServer::listen_tcp() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(options_.port);
    // A server that comes back on its port must not wait for the old connections.
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    FIELDSEAL_CHECK(::bind(listener_, any, size) == 0);
    FIELDSEAL_CHECK(::listen(listener_, kBacklog) == 0);
    FIELDSEAL_CHECK(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
}

void ScriptedServer::listen_unix() {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    FIELDSEAL_CHECK(options_.unix_socket.size() < sizeof address.sun_path);
    std::copy(options_.unix_socket.begin(), options_.unix_socket.end(), address.sun_path);
    FIELDSEAL_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    FIELDSEAL_CHECK(::listen(listener_, kBacklog) == 0);
}

void ScriptedServer::serve() {
    while (wait_ready(listener_, POLLIN, stop_event_)) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        ++connections_;
        serve_one(fd);
        // Lets the client read what was sent before the socket goes.
        ::shutdown(fd, SHUT_WR);
        ::close(fd);
    }
}

void ScriptedServer::serve_one(int fd) {
    if (!options_.tls) {
        PlainConnection connection(fd, stop_event_);
        return script_(connection);
    }
    const timeval timeout{kTlsReadTimeoutSeconds, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (auto session = options_.tls->accept(fd)) {
        TlsConnection connection(std::move(session), stop_event_);
        script_(connection);
    }
}

std::string ScriptedServer::url() const {
    if (!options_.unix_socket.empty()) return "http://localhost";
    return (options_.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

}  // namespace fieldseal::testing
