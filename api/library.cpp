// SPDX-License-Identifier: Apache-2.0
#include "api/library.h"

#include "core/encoding.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace fieldseal::api {
namespace {

constexpr int kListenBacklog = 4096;  // the library compiles in 5

// A head in memory: what the library reads instead of a socket. What it would answer is dropped.
class MemoryStream final : public httplib::Stream {
public:
    explicit MemoryStream(const std::string& input) : input_(input) {}

    // Releases differ in which of these are virtual: without `override` all compile.
    bool is_readable() const { return at_ < input_.size(); }
    bool is_writable() const { return true; }
    ssize_t read(char* ptr, size_t size) {
        const std::size_t count = std::min(size, input_.size() - at_);
        std::memcpy(ptr, input_.data() + at_, count);
        at_ += count;
        return static_cast<ssize_t>(count);
    }
    ssize_t write(const char*, size_t size) { return static_cast<ssize_t>(size); }
    void get_remote_ip_and_port(std::string& ip, int& port) const { clear(ip, port); }
    void get_local_ip_and_port(std::string& ip, int& port) const { clear(ip, port); }
    socket_t socket() const { return INVALID_SOCKET; }
    bool wait_readable() const { return is_readable(); }
    bool wait_writable() const { return true; }
    time_t duration() const { return 0; }

private:
    static void clear(std::string& ip, int& port) {
        ip.clear();
        port = 0;
    }
    const std::string& input_;
    std::size_t at_ = 0;
};

// No threads: what the accepting thread is given to do takes a few instructions. Newer releases'
// enqueue returns whether it took the task; Debian 12's returns nothing.
class AtOnce final : public httplib::TaskQueue {
    using Taken = decltype(std::declval<httplib::TaskQueue&>().enqueue(
        std::declval<std::function<void()>>()));

public:
    Taken enqueue(std::function<void()> task) override {
        task();
        return static_cast<Taken>(true);
    }
    void shutdown() override {}
};

ParsedTarget to_target(const httplib::Request& in) {
    ParsedTarget out;
    out.method = in.method;
    out.path = in.path;
    for (const auto& [name, value] : in.params) {
        if (!out.query.emplace(name, value).second) out.query_repeats = true;
    }
    return out;
}

// Overrides the one virtual step between accept() and the library's own reading.
class Acceptor final : public httplib::Server {
public:
    explicit Acceptor(std::function<void(int)> on_accept) : on_accept_(std::move(on_accept)) {
        new_task_queue = [] { return new AtOnce; };
        set_tcp_nodelay(true);
        set_pre_routing_handler([](const httplib::Request&, httplib::Response&) {
            return httplib::Server::HandlerResponse::Handled;
        });
    }

    int listening_socket() const { return svr_sock_; }

    std::optional<ParsedTarget> parse(const std::string& head) {
        MemoryStream stream(head);
        std::optional<ParsedTarget> target;
        const auto keep = [&target](const httplib::Request& in) { target = to_target(in); };
        run(*this, stream, keep);
        return target;
    }

private:
    bool process_and_close_socket(socket_t fd) override {
        on_accept_(fd);
        return true;
    }

    // process_request takes the peer's address in newer releases; Debian 12's does not.
    template <class Self>
    static void run(Self& self, httplib::Stream& stream,
                    const std::function<void(httplib::Request&)>& keep) {
        bool closed = false;
        if constexpr (requires { self.process_request(stream, true, closed, keep); }) {
            self.process_request(stream, true, closed, keep);
        } else {
            self.process_request(stream, std::string(), 0, std::string(), 0, true, closed, keep);
        }
    }

    std::function<void(int)> on_accept_;
};

}  // namespace

struct HttpLibrary::Impl {
    explicit Impl(std::function<void(int)> on_accept) : acceptor(std::move(on_accept)) {}

    Result<void> bind_unix(const std::string& path, const std::string& group);

    Acceptor acceptor;
    std::thread thread;
    std::atomic<bool> ended{false};
};

Result<void> HttpLibrary::Impl::bind_unix(const std::string& path, const std::string& group) {
    // The data directory's lock is held: a socket left here belongs to a daemon that is gone.
    struct stat info{};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISSOCK(info.st_mode)) {
            return Error{Errc::invalid_argument,
                         path + " exists and is not a socket: move it away"};
        }
        ::unlink(path.c_str());
    }
    acceptor.set_address_family(AF_UNIX);
    if (!acceptor.bind_to_port(path, 80)) {
        return Error{Errc::io, "cannot listen on unix:" + path + ": " + std::strerror(errno)};
    }
    if (!group.empty()) {
        const ::group* entry = ::getgrnam(group.c_str());
        if (entry == nullptr || ::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) {
            return Error{Errc::invalid_argument,
                         "cannot give " + path + " to group " + fieldseal::quoted(group)};
        }
    }
    if (::chmod(path.c_str(), 0660) != 0) {
        return Error{Errc::io, "cannot set the mode of " + path + ": " + std::strerror(errno)};
    }
    return {};
}

HttpLibrary::HttpLibrary(std::function<void(int)> on_accept)
    : impl_(std::make_unique<Impl>(std::move(on_accept))) {}

HttpLibrary::~HttpLibrary() {
    stop();
}

Result<void> HttpLibrary::bind(ListenAddress& address, const std::string& unix_group) {
    auto& acceptor = impl_->acceptor;
    acceptor.set_socket_options([](socket_t fd) {
        // Not the library's SO_REUSEPORT: two daemons must not share a port unseen.
        const int on = 1;
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    if (address.is_unix()) {
        FIELDSEAL_TRY(impl_->bind_unix(address.unix_path, unix_group));
    } else if (address.port == 0) {
        const int port = acceptor.bind_to_any_port(address.host);
        if (port <= 0) return Error{Errc::io, "cannot listen on " + address.to_string()};
        address.port = static_cast<std::uint16_t>(port);
    } else if (!acceptor.bind_to_port(address.host, address.port)) {
        return Error{Errc::io, "cannot listen on " + address.to_string() +
                                   ": is another program using this port?"};
    }
    ::listen(acceptor.listening_socket(), kListenBacklog);
    return {};
}

void HttpLibrary::start() {
    // stop() works only on a server that runs: wait for that, not for a time.
    impl_->thread = std::thread([state = impl_.get()] {
        state->acceptor.listen_after_bind();
        state->ended = true;
    });
    while (!impl_->acceptor.is_running() && !impl_->ended) std::this_thread::yield();
}

void HttpLibrary::stop() {
    if (!impl_->thread.joinable()) return;
    impl_->acceptor.stop();
    impl_->thread.join();
}

std::optional<ParsedTarget> HttpLibrary::parse(const std::string& head) {
    return impl_->acceptor.parse(head);
}

}  // namespace fieldseal::api
