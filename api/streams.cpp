// SPDX-License-Identifier: Apache-2.0
#include "api/streams.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace fieldseal::api {
namespace {

constexpr std::chrono::milliseconds kPollMax{60000};

// Waits until `fd` is ready for `events` (or closed) or the deadline passes.
bool wait_ready(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) return false;
        pollfd entry{fd, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min(left, kPollMax).count()));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

}  // namespace

bool LiveStreams::enter(int fd, int how) {
    const std::lock_guard lock(mutex_);
    if (ended_)
        ::shutdown(fd, how);
    else
        how_by_fd_[fd] = how;
    return !ended_;
}

void LiveStreams::leave(int fd) {
    const std::lock_guard lock(mutex_);
    how_by_fd_.erase(fd);
}

void LiveStreams::end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const auto& [fd, how] : how_by_fd_) ::shutdown(fd, how);
}

SocketBody::SocketBody(Connection& connection, const ServerOptions& options)
    : fd_(connection.fd()),
      options_(options),
      declared_bytes_(connection.incoming.body_bytes),
      expects_continue_(connection.incoming.expects_continue),
      begun_(connection.take_buffered()) {}

Result<std::size_t> SocketBody::read(std::span<std::uint8_t> buffer) {
    const std::uint64_t left = declared_bytes_ - read_bytes_;
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size())));
    if (buffer.empty()) return std::size_t{0};
    std::size_t count = 0;
    if (begun_.empty()) {
        count = FIELDSEAL_TRY(receive(buffer));
    } else {
        count = std::min(buffer.size(), begun_.size());
        std::copy_n(begun_.begin(), count, buffer.begin());
        begun_.erase(0, count);
    }
    read_bytes_ += count;
    return count;
}

Result<std::size_t> SocketBody::receive(std::span<std::uint8_t> buffer) {
    if (expects_continue_) send_continue(fd_);
    expects_continue_ = false;
    for (;;) {
        const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count > 0) {
            window_bytes_ += static_cast<std::uint64_t>(count);
            return static_cast<std::size_t>(count);
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            return broken_off("the connection ended");
        }
        if (!wait_for_more()) {
            return broken_off("less than " + std::to_string(options_.bytes_per_second_min) +
                              " bytes a second arrived");
        }
    }
}

bool SocketBody::wait_for_more() {
    const auto begin = Clock::now();
    const bool ready = wait_ready(fd_, POLLIN, begin + (options_.rate_window - window_waited_));
    window_waited_ += Clock::now() - begin;
    if (ready && window_waited_ < options_.rate_window) return true;
    const auto window_s = std::chrono::duration<double>(options_.rate_window).count();
    const bool enough = static_cast<double>(window_bytes_) >=
                        static_cast<double>(options_.bytes_per_second_min) * window_s;
    window_waited_ = Clock::duration{0};
    window_bytes_ = 0;
    return enough;
}

Error SocketBody::broken_off(std::string_view why) const {
    return {Errc::unavailable, "the upload broke off after " + std::to_string(read_bytes_) +
                                   " of " + std::to_string(declared_bytes_) + " bytes: " +
                                   std::string(why) + ". Nothing of it is kept: send it again"};
}

bool SocketSink::write(std::string_view bytes) {
    const auto deadline = Clock::now() + write_deadline_;
    while (!bytes.empty() && !broken_) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            written_bytes_ += static_cast<std::uint64_t>(count);
            continue;
        }
        const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
        broken_ = !later || !wait_ready(fd_, POLLOUT, deadline);
    }
    return !broken_;
}

bool SocketSink::open() {
    pollfd entry{fd_, POLLRDHUP, 0};
    if (::poll(&entry, 1, 0) > 0) broken_ = true;  // RDHUP, HUP or ERR: nothing else was asked for
    return !broken_;
}

}  // namespace fieldseal::api
