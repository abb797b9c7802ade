// SPDX-License-Identifier: Apache-2.0
#include "api/connection.h"

#include "api/library.h"
#include "api/problem.h"
#include "api/request_origin.h"
#include "api/secret_text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace fieldseal::api {
namespace {

constexpr std::size_t kReadChunkBytes = 16384;
constexpr std::size_t kDrainBytesMax = std::size_t{16} << 20U;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// Who opened a Unix socket, as the kernel says: "uid 1000".
std::string peer_user(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "";
    return "uid " + std::to_string(peer.uid);
}

enum class Received { some, nothing_yet, over };

// What is read may be a passphrase: a string that grows would leave its former copy behind.
void append_alone(std::string& into, std::string_view more) {
    if (into.capacity() - into.size() < more.size()) {
        std::string larger;
        larger.reserve(std::max(2 * into.capacity(), into.size() + more.size()));
        larger = into;
        wipe(into);
        into = std::move(larger);
    }
    into.append(more);
}

Received receive(int fd, std::string& into, std::size_t bytes_max) {
    char chunk[kReadChunkBytes];
    const ssize_t count = ::recv(fd, chunk, std::min(bytes_max, sizeof chunk), MSG_DONTWAIT);
    if (count > 0) {
        append_alone(into, {chunk, static_cast<std::size_t>(count)});
        ::explicit_bzero(chunk, static_cast<std::size_t>(count));
    }
    if (count > 0) return Received::some;
    const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
    return later ? Received::nothing_yet : Received::over;
}

}  // namespace

void send_continue(int fd) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    [[maybe_unused]] const ssize_t sent =
        ::send(fd, kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Connection::~Connection() {
    ::close(fd_);
    if (secret_) wipe(outgoing_);
    wipe(buffered_);
    wipe(incoming.request.body);
    if (holdings_ == nullptr) return;
    --holdings_->connections;
    holdings_->body_bytes -= counted_body_bytes_;
}

void Connection::count_in(Holdings& holdings) {
    holdings_ = &holdings;
    ++holdings.connections;
}

std::uint64_t Connection::uncounted_body_bytes() const {
    return incoming.kind == RouteKind::upload ? 0 : incoming.body_bytes - counted_body_bytes_;
}

void Connection::count_body() {
    const std::uint64_t more = uncounted_body_bytes();
    counted_body_bytes_ += more;
    holdings_->body_bytes += more;
}

void Connection::forget_body() {
    auto& body = incoming.request.body;
    ::explicit_bzero(body.data(), body.size());
    body = std::string();
    holdings_->body_bytes -= std::exchange(counted_body_bytes_, 0);
    incoming.body_bytes = 0;
}

void Connection::enter(Phase phase) {
    phase_ = phase;
    timed = false;
}

ReadStep Connection::refuse(int status, std::string why) {
    refusal = {status, std::move(why)};
    return ReadStep::refused;
}

ReadStep Connection::read(const ServerOptions& options, HttpLibrary& library) {
    auto& body = incoming.request.body;
    const auto received =
        phase_ == Phase::body
            ? receive(fd_, body, static_cast<std::size_t>(incoming.body_bytes) - body.size())
            : receive(fd_, buffered_, kReadChunkBytes);
    if (received == Received::over) return ReadStep::ended;
    if (received == Received::some && phase_ == Phase::idle) enter(Phase::head);
    return received == Received::some ? advance(options, library) : ReadStep::more;
}

ReadStep Connection::advance(const ServerOptions& options, HttpLibrary& library) {
    return phase_ == Phase::body ? take_body() : find_head(options, library);
}

ReadStep Connection::find_head(const ServerOptions& options, HttpLibrary& library) {
    const auto& limits = options.limits;
    const std::size_t from = searched_bytes_ - std::min(searched_bytes_, kHeadEnd.size() - 1);
    const std::size_t end = buffered_.find(kHeadEnd, from);
    searched_bytes_ = buffered_.size();
    if (end != std::string::npos) return take_head(end + kHeadEnd.size(), options, library);
    if (buffered_.size() > limits.request_line_bytes_max &&
        buffered_.find("\r\n") == std::string::npos) {
        return refuse(414, "the request line is too long");
    }
    if (buffered_.size() > limits.head_bytes_max) {
        return refuse(431, "the request head is too long");
    }
    return ReadStep::more;
}

ReadStep Connection::take_head(std::size_t bytes, const ServerOptions& options,
                               HttpLibrary& library) {
    incoming = Incoming{};
    const std::string head = buffered_.substr(0, bytes);
    // The guard's own limit is the largest that may be; which one counts is known with the route.
    HeadLimits limits = options.limits;
    if (options.kind_of)
        limits.body_bytes_max = std::max(limits.body_bytes_max, options.upload_bytes_max);
    auto verdict = judge_request_head(head, limits);
    if (!verdict.accepted) return refuse(verdict.refusal.status, verdict.refusal.why);
    auto target = library.parse(head);
    if (!target) return refuse(400, "the request line makes no sense");

    auto& request = incoming.request;
    request.method = std::move(target->method);
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.headers = std::move(verdict.head.headers);
    request.id = request_id(request.header("x-request-id"));
    request.remote =
        options.remote_is_user ? peer_user(fd_) : remote_address(request.header("x-real-ip"));
    incoming.keep_alive = verdict.head.keep_alive;
    incoming.expects_continue = verdict.head.expects_continue;
    incoming.body_bytes = verdict.head.content_length;
    if (target->query_repeats) return refuse(400, "a query name is repeated");
    if (options.kind_of) incoming.kind = options.kind_of(request.method, request.path);
    const bool streamed = incoming.kind == RouteKind::upload;
    const std::uint64_t body_bytes_max =
        streamed ? options.upload_bytes_max : options.limits.body_bytes_max;
    if (incoming.body_bytes > body_bytes_max) {
        return refuse(413, "the body is larger than " + std::to_string(body_bytes_max) + " bytes");
    }
    searched_bytes_ = 0;
    if (streamed) {
        buffered_.erase(0, bytes);
        return ReadStep::complete;
    }
    request.body.reserve(static_cast<std::size_t>(incoming.body_bytes));
    request.body.assign(buffered_, bytes, static_cast<std::size_t>(incoming.body_bytes));
    // A passphrase may have come with its head: nothing of a body stays in a buffer, not even in
    // the part that a shorter text no longer counts.
    std::string rest = buffered_.substr(bytes + request.body.size());
    wipe(buffered_);
    buffered_ = std::move(rest);
    enter(Phase::body);
    if (incoming.expects_continue && request.body.empty()) send_continue(fd_);
    return take_body();
}

ReadStep Connection::take_body() {
    return incoming.request.body.size() == incoming.body_bytes ? ReadStep::complete
                                                               : ReadStep::more;
}

void Connection::set_answer(Response response, const ServerOptions& options, bool close) {
    auto& request = incoming.request;
    if (request.id.empty()) request.id = request_id(std::nullopt);
    ++answered_;
    close_ = close || !incoming.keep_alive || response.write ||
             answered_ >= options.requests_per_connection_max;
    name_request(response, request);
    const bool without_body = request.method == "HEAD";
    outgoing_ = answer_text(
        response, {.request_id = request.id, .without_body = without_body, .close = close_});
    sent_ = 0;
    secret_ = response.secret;
    const std::size_t body_bytes = without_body ? 0 : response.body.size();
    if (secret_) wipe(response.body);
    enter(Phase::answer);
    if (!options.on_answer) return;
    options.on_answer(request, response.status, body_bytes, incoming.age());
}

void Connection::set_streamed() {
    close_ = true;
    outgoing_ = {};
    sent_ = 0;
    enter(Phase::answer);
}

WriteStep Connection::write() {
    while (sent_ < outgoing_.size()) {
        const ssize_t count = ::send(fd_, outgoing_.data() + sent_, outgoing_.size() - sent_,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return WriteStep::more;
        if (count <= 0) return WriteStep::failed;
        sent_ += static_cast<std::size_t>(count);
    }
    if (secret_) wipe(outgoing_);
    outgoing_ = {};
    sent_ = 0;
    return WriteStep::done;
}

void Connection::next_request() {
    forget_body();
    incoming = Incoming{};
    enter(buffered_.empty() ? Phase::idle : Phase::head);
}

void Connection::begin_drain() {
    ::shutdown(fd_, SHUT_WR);
    enter(Phase::drain);
    buffered_ = {};
    drained_bytes_ = 0;
}

bool Connection::drain() {
    char chunk[kReadChunkBytes];
    const ssize_t count = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    drained_bytes_ += static_cast<std::size_t>(count);
    return count > 0 && drained_bytes_ < kDrainBytesMax;
}

}  // namespace fieldseal::api
