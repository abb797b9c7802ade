// SPDX-License-Identifier: Apache-2.0
// One accepted socket: what was read from it, the request that came of it, the answer on its way.
// Never waits: each step does what the socket allows just now.
//
// OWNED BY: the reception while it reads, writes or waits; one worker while its handler runs.
// THREADS: one at a time.
#pragma once

#include "api/answer_text.h"
#include "api/http.h"
#include "api/request_head.h"
#include "api/router.h"
#include "api/server.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fieldseal::api {

using Clock = std::chrono::steady_clock;

class HttpLibrary;

// A request whose head was accepted.
struct Incoming {
    Request request;
    RouteKind kind = RouteKind::ordinary;
    std::uint64_t body_bytes = 0;  // promised
    bool keep_alive = false;
    bool expects_continue = false;
    Clock::time_point since = Clock::now();  // its head was complete

    std::chrono::microseconds age() const {
        return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - since);
    }
};

enum class Phase {
    idle,    // no byte of a request is here
    head,    // reads a request's head
    body,    // reads a whole body
    answer,  // writes
    drain,   // everything is said; reads away what the peer still sends, so that it gets the answer
};

enum class ReadStep {
    more,      // call again when the socket is readable
    complete,  // `incoming` is ready for its handler
    refused,   // `refusal` says why
    ended,     // the peer is gone
};

enum class WriteStep { more, done, failed };

// What all connections of a server hold together.
struct Holdings {
    std::atomic<std::size_t> connections{0};
    std::atomic<std::uint64_t> body_bytes{0};  // promised, of bodies that are kept in memory
};

class Connection {
public:
    explicit Connection(int fd) : fd_(fd) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int fd() const { return fd_; }
    Phase phase() const { return phase_; }
    int answered() const { return answered_; }
    // Counts this connection until it ends. REQUIRES: `holdings` outlives it.
    void count_in(Holdings& holdings);
    // What it will hold and does not count yet.
    std::uint64_t uncounted_body_bytes() const;
    void count_body();
    // The handler is through with the body, which may have been a passphrase.
    void forget_body();

    // Reads once and goes as far as the bytes reach. REQUIRES: phase idle, head or body.
    ReadStep read(const ServerOptions& options, HttpLibrary& library);
    // The same with what is buffered already: a request may have come with the one before.
    ReadStep advance(const ServerOptions& options, HttpLibrary& library);

    // What was read beyond the head, for a body that is streamed.
    std::string take_buffered() { return std::exchange(buffered_, {}); }

    // Finishes an answer and tells the hook. The connection ends after it when `close`, when the
    // peer asked for it, or when it had its share of requests.
    void set_answer(Response response, const ServerOptions& options, bool close);
    // The answer was streamed, and is over.
    void set_streamed();
    WriteStep write();
    std::uint64_t unsent_bytes() const { return outgoing_.size() - sent_; }
    bool ends_after_answer() const { return close_; }
    // On to the next request. REQUIRES: the answer is written and the connection does not end.
    void next_request();

    void begin_drain();
    // False when there is nothing more to wait for.
    bool drain();

    Incoming incoming;
    HeadRefusal refusal;

    // The reception's notes.
    bool timed = false;  // the two below are of this phase
    Clock::time_point phase_since;
    Clock::time_point deadline;
    std::uint32_t registered = 0;  // what epoll watches for; 0: nothing

private:
    void enter(Phase phase);
    ReadStep refuse(int status, std::string why);
    ReadStep find_head(const ServerOptions& options, HttpLibrary& library);
    ReadStep take_head(std::size_t bytes, const ServerOptions& options, HttpLibrary& library);
    ReadStep take_body();

    int fd_;
    Holdings* holdings_ = nullptr;
    std::uint64_t counted_body_bytes_ = 0;
    Phase phase_ = Phase::idle;
    std::string buffered_;
    std::size_t searched_bytes_ = 0;  // of buffered_, for the head's end
    std::string outgoing_;
    std::size_t sent_ = 0;
    std::size_t drained_bytes_ = 0;
    int answered_ = 0;
    bool close_ = false;
    bool secret_ = false;  // outgoing_ holds one
};

// Ends with "100 Continue" the wait of a peer that asked; a peer that misses it goes on by itself.
void send_continue(int fd);

}  // namespace fieldseal::api
