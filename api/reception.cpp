// SPDX-License-Identifier: Apache-2.0
#include "api/reception.h"

#include "api/problem.h"
#include "api/thread_priority.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace fieldseal::api {
namespace {

constexpr std::chrono::milliseconds kDrainDeadline{2000};
constexpr std::chrono::milliseconds kEndDeadline{2000};  // for the last answers when stopping
constexpr int kEventsMax = 64;
constexpr std::size_t kArrivalsMax = 4096;  // accepted and not looked at: as many as the backlog

Response busy(RouteKind kind) {
    switch (kind) {
        case RouteKind::upload:
            return problem(503, "too-many-uploads",
                           "as many documents as this node takes at once are on their way: send "
                           "this one again when one of them is here");
        case RouteKind::events:
            return problem(503, "too-many-listeners",
                           "as many listeners as this node serves at once are connected: try again "
                           "when one of them has left");
        case RouteKind::ordinary:
            break;
    }
    return problem(503, "overloaded",
                   "more requests are waiting than this node keeps: send it again in a moment");
}

}  // namespace

Reception::Reception(const ServerOptions& options, HttpLibrary& library, Dispatch dispatch)
    : options_(options), library_(library), dispatch_(std::move(dispatch)) {}

Reception::~Reception() {
    end();
    for (const int fd : {epoll_, wake_}) {
        if (fd >= 0) ::close(fd);
    }
}

Result<void> Reception::start() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = wake_;
    if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
        return Error{Errc::io, std::string("cannot watch sockets: ") + std::strerror(errno)};
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

void Reception::admit(int fd) {
    auto connection = std::make_unique<Connection>(fd);
    {
        const std::lock_guard lock(mutex_);
        if (!reading_ || admitted_.size() >= kArrivalsMax) return;
        admitted_.push_back(std::move(connection));
    }
    wake();
}

void Reception::take_back(Owned connection) {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return;
        returned_.push_back(std::move(connection));
    }
    wake();
}

void Reception::stop_reading() {
    reading_ = false;
    wake();
}

void Reception::end() {
    if (!thread_.joinable()) return;
    reading_ = false;
    ended_ = true;
    wake();
    thread_.join();
}

void Reception::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void Reception::run() {
    give_way();
    std::array<epoll_event, kEventsMax> events{};
    while (!finished()) {
        const int count = ::epoll_wait(epoll_, events.data(), kEventsMax, timeout_ms());
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd != wake_) on_ready(fd);
        }
        receive_arrivals();
        if (!reading_) drop_unanswered();
        if (Clock::now() >= next_deadline_) expire();
        if (ended_ && end_deadline_ == Clock::time_point::max()) {
            end_deadline_ = Clock::now() + kEndDeadline;
            next_deadline_ = std::min(next_deadline_, end_deadline_);
        }
    }
    held_.clear();
    const std::lock_guard lock(mutex_);
    admitted_.clear();
    returned_.clear();
}

bool Reception::finished() const {
    return ended_ && end_deadline_ != Clock::time_point::max() &&
           (held_.empty() || Clock::now() >= end_deadline_);
}

int Reception::timeout_ms() const {
    if (next_deadline_ == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_deadline_ - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60000));
}

void Reception::receive_arrivals() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
    std::vector<Owned> admitted;
    std::vector<Owned> returned;
    {
        const std::lock_guard lock(mutex_);
        admitted.swap(admitted_);
        returned.swap(returned_);
    }
    for (auto& connection : returned) write_more(std::move(connection));
    for (auto& connection : admitted) admit_now(std::move(connection));
}

// Full: whoever has been slow for longest makes room. All with workers: one sentence, and the end.
void Reception::admit_now(Owned connection) {
    if (holdings_.connections >= options_.connections_max && !evict_slowest(std::nullopt)) {
        connection->set_answer(busy(RouteKind::ordinary), options_, true);
        connection->write();
        return;
    }
    connection->count_in(holdings_);
    const auto step = connection->read(options_, library_);
    handle(std::move(connection), step);
}

bool Reception::evict_slowest(std::optional<Phase> phase) {
    auto slowest = held_.end();
    for (auto it = held_.begin(); it != held_.end(); ++it) {
        if (phase && it->second->phase() != *phase) continue;
        const bool slower =
            slowest == held_.end() || it->second->phase_since < slowest->second->phase_since;
        if (slower) slowest = it;
    }
    if (slowest == held_.end()) return false;
    held_.erase(slowest);
    return true;
}

// False when bodies that wait for their handlers are all there is room for.
bool Reception::make_room_for_body(Connection& connection) {
    const std::uint64_t more = connection.uncounted_body_bytes();
    if (more == 0) return true;
    while (holdings_.body_bytes + more > options_.waiting_bytes_max) {
        if (!evict_slowest(Phase::body)) return false;
    }
    connection.count_body();
    return true;
}

void Reception::make_room_for_answers() {
    const auto unsent = [this] {
        std::uint64_t total = 0;
        for (const auto& [fd, connection] : held_) total += connection->unsent_bytes();
        return total;
    };
    while (unsent() > options_.waiting_bytes_max && evict_slowest(Phase::answer)) {
    }
}

void Reception::on_ready(int fd) {
    const auto it = held_.find(fd);
    if (it == held_.end()) return;
    auto connection = std::move(it->second);
    held_.erase(it);
    switch (connection->phase()) {
        case Phase::answer:
            return write_more(std::move(connection));
        case Phase::drain:
            if (connection->drain()) hold(std::move(connection));
            return;
        case Phase::idle:
        case Phase::head:
        case Phase::body:
            break;
    }
    const auto step = connection->read(options_, library_);
    handle(std::move(connection), step);
}

void Reception::handle(Owned connection, ReadStep step) {
    switch (step) {
        case ReadStep::ended:
            return;
        case ReadStep::more:
            if (!make_room_for_body(*connection)) break;
            return hold(std::move(connection));
        case ReadStep::refused: {
            const auto& refusal = connection->refusal;
            const auto* code = refusal.status == 413 ? "too-large" : "request-refused";
            connection->set_answer(problem(refusal.status, code, refusal.why), options_, true);
            return write_more(std::move(connection));
        }
        case ReadStep::complete:
            if (make_room_for_body(*connection) && pass_on(connection)) return;
            break;
    }
    connection->set_answer(busy(connection->incoming.kind), options_, true);
    write_more(std::move(connection));
}

bool Reception::pass_on(Owned& connection) {
    if (connection->registered != 0) {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection->fd(), nullptr);
        connection->registered = 0;
    }
    return dispatch_(connection);
}

void Reception::write_more(Owned connection) {
    switch (connection->write()) {
        case WriteStep::failed:
            return;
        case WriteStep::more:
            hold(std::move(connection));
            return make_room_for_answers();
        case WriteStep::done:
            break;
    }
    if (!reading_) return;
    if (connection->ends_after_answer()) {
        connection->begin_drain();
        return hold(std::move(connection));
    }
    connection->next_request();
    const auto step = connection->advance(options_, library_);
    handle(std::move(connection), step);
}

std::chrono::milliseconds Reception::allowance(const Connection& connection) const {
    switch (connection.phase()) {
        case Phase::idle:
            return connection.answered() == 0 ? options_.head_deadline : options_.idle_deadline;
        case Phase::head:
            return options_.head_deadline;
        case Phase::body:
            return options_.body_deadline;
        case Phase::answer:
            return options_.write_deadline +
                   std::chrono::seconds(connection.unsent_bytes() / options_.bytes_per_second_min);
        case Phase::drain:
            break;
    }
    return kDrainDeadline;
}

void Reception::hold(Owned connection) {
    if (!connection->timed) {
        connection->timed = true;
        connection->phase_since = Clock::now();
        connection->deadline = connection->phase_since + allowance(*connection);
    }
    next_deadline_ = std::min(next_deadline_, connection->deadline);
    const int fd = connection->fd();
    epoll_event event{};
    event.events = connection->phase() == Phase::answer ? EPOLLOUT : EPOLLIN;
    event.data.fd = fd;
    const int change = connection->registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (event.events != connection->registered && ::epoll_ctl(epoll_, change, fd, &event) != 0) {
        return;  // no memory in the kernel: this connection ends
    }
    connection->registered = event.events;
    held_.emplace(fd, std::move(connection));
}

void Reception::expire() {
    const auto now = Clock::now();
    std::vector<Owned> late;
    next_deadline_ = end_deadline_;
    for (auto it = held_.begin(); it != held_.end();) {
        if (it->second->deadline <= now) {
            late.push_back(std::move(it->second));
            it = held_.erase(it);
        } else {
            next_deadline_ = std::min(next_deadline_, it->second->deadline);
            ++it;
        }
    }
    for (auto& connection : late) {
        const bool head = connection->phase() == Phase::head;
        if (!head && connection->phase() != Phase::body) continue;
        connection->refusal = {408,
                               head ? "the request head took too long" : "the body took too long"};
        handle(std::move(connection), ReadStep::refused);
    }
}

void Reception::drop_unanswered() {
    std::erase_if(held_, [](const auto& entry) { return entry.second->phase() != Phase::answer; });
}

}  // namespace fieldseal::api
