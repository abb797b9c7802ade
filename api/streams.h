// SPDX-License-Identifier: Apache-2.0
// Bodies and answers that are never whole in memory, over a socket: a streamed upload's source and
// a streamed answer's sink. Both wait, with deadlines by progress: a slow peer goes on, a dead one
// ends.
//
// OWNED BY: the worker that runs the handler. THREADS: one each; LiveStreams any.
#pragma once

#include "api/connection.h"
#include "api/http.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace fieldseal::api {

// The sockets of uploads and event streams under way, so that stopping ends them at once.
class LiveStreams {
public:
    // `how` is for shutdown(2): an upload's answer can still be written after its reading ended.
    // False when the server stops.
    bool enter(int fd, int how);
    void leave(int fd);
    void end();

private:
    std::mutex mutex_;
    std::map<int, int> how_by_fd_;
    bool ended_ = false;
};

// Registers a stream for as long as it lives.
class LiveStream {
public:
    LiveStream(LiveStreams& streams, int fd, int how)
        : streams_(streams), fd_(fd), entered_(streams.enter(fd, how)) {}
    ~LiveStream() { streams_.leave(fd_); }
    LiveStream(const LiveStream&) = delete;
    LiveStream& operator=(const LiveStream&) = delete;
    bool entered() const { return entered_; }

private:
    LiveStreams& streams_;
    int fd_;
    bool entered_;
};

class SocketBody final : public BodySource {
public:
    SocketBody(Connection& connection, const ServerOptions& options);

    std::uint64_t declared_bytes() const override { return declared_bytes_; }
    Result<std::size_t> read(std::span<std::uint8_t> buffer) override;
    // The whole body was read, and nothing beyond it.
    bool finished() const { return read_bytes_ == declared_bytes_ && begun_.empty(); }

private:
    Result<std::size_t> receive(std::span<std::uint8_t> buffer);
    Error broken_off(std::string_view why) const;
    // Waits for the peer; false when a window passed with too little in it.
    bool wait_for_more();

    const int fd_;
    const ServerOptions& options_;
    const std::uint64_t declared_bytes_;
    bool expects_continue_;
    std::string begun_;  // came with the head
    std::uint64_t read_bytes_ = 0;
    std::uint64_t window_bytes_ = 0;
    Clock::duration window_waited_{0};  // the handler's own time does not count
};

class SocketSink final : public ResponseSink {
public:
    SocketSink(int fd, std::chrono::milliseconds write_deadline)
        : fd_(fd), write_deadline_(write_deadline) {}

    bool write(std::string_view bytes) override;
    bool open() override;
    std::uint64_t written_bytes() const { return written_bytes_; }

private:
    const int fd_;
    const std::chrono::milliseconds write_deadline_;
    std::uint64_t written_bytes_ = 0;
    bool broken_ = false;
};

}  // namespace fieldseal::api
