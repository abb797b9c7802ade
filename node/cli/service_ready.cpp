// SPDX-License-Identifier: Apache-2.0
#include "node/cli/service_ready.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fieldseal::node::cli {

bool announce_ready() {
    const char* const variable = std::getenv("NOTIFY_SOCKET");
    const std::string_view path = variable == nullptr ? "" : variable;
    struct sockaddr_un address{};
    // '@' stands for the NUL byte of an abstract address.
    if (path.size() < 2 || path.size() >= sizeof address.sun_path ||
        (path[0] != '/' && path[0] != '@')) {
        return false;
    }
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    if (path[0] == '@') address.sun_path[0] = '\0';
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    constexpr std::string_view kReady = "READY=1";
    const auto length =
        static_cast<socklen_t>(offsetof(struct sockaddr_un, sun_path) + path.size());
    const ssize_t sent = ::sendto(descriptor, kReady.data(), kReady.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const struct sockaddr*>(&address), length);
    ::close(descriptor);
    return sent == static_cast<ssize_t>(kReady.size());
}

}  // namespace fieldseal::node::cli
