// SPDX-License-Identifier: Apache-2.0
// A client that sends what it is told, byte by byte, for tests of an HTTP listener.
#pragma once

#include "api/listen_address.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace fieldseal::testing {

inline constexpr int kPatienceMs = 20000;  // no test waits longer for a byte

class RawClient {
public:
    explicit RawClient(const api::ListenAddress& address)
        : fd_(::socket(address.is_unix() ? AF_UNIX : AF_INET, SOCK_STREAM, 0)) {
        if (address.is_unix()) {
            sockaddr_un to{};
            to.sun_family = AF_UNIX;
            address.unix_path.copy(to.sun_path, sizeof to.sun_path - 1);
            EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        } else {
            sockaddr_in to{};
            to.sin_family = AF_INET;
            to.sin_port = htons(address.port);
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        }
    }
    ~RawClient() { close(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // False when the server closed.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    // Everything until the server closes.
    std::string read_all() {
        while (receive()) {
        }
        return std::exchange(received_, {});
    }

    // Everything up to and including `mark`; what came after it stays for the next call.
    std::string read_until(std::string_view mark) {
        std::size_t end = received_.find(mark);
        while (end == std::string::npos && receive()) end = received_.find(mark);
        const std::size_t size = end == std::string::npos ? received_.size() : end + mark.size();
        std::string out = received_.substr(0, size);
        received_.erase(0, size);
        return out;
    }

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void half_close() const { ::shutdown(fd_, SHUT_WR); }

private:
    bool receive() {
        pollfd entry{fd_, POLLIN, 0};
        if (::poll(&entry, 1, kPatienceMs) <= 0) {
            ADD_FAILURE() << "the server neither answered nor closed";
            return false;
        }
        char chunk[4096];
        const ssize_t count = ::recv(fd_, chunk, sizeof chunk, 0);
        if (count > 0) received_.append(chunk, static_cast<std::size_t>(count));
        return count > 0;
    }

    int fd_;
    std::string received_;
};

// Sends raw bytes, returns all the server says until it closes.
inline std::string talk(const api::ListenAddress& address, std::string_view bytes) {
    RawClient client(address);
    EXPECT_TRUE(client.send(bytes));
    return client.read_all();
}

}  // namespace fieldseal::testing
