// SPDX-License-Identifier: Apache-2.0
// Where the edge listens: nowhere, a Unix socket or a loopback port, and never anything else.
// The network is served by nginx in front (DESIGN §8); an address that other machines could reach
// is refused here, so no later code can open it by accident. THREADS: a value type. Errors:
// invalid_argument.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::node {

// sockaddr_un.sun_path less its terminating NUL.
inline constexpr std::size_t kUnixPathBytesMax = 107;

struct ListenAddress {
    enum class Kind : std::uint8_t { off, unix_socket, loopback };
    Kind kind = Kind::off;
    std::string path;        // unix_socket: absolute
    std::string host;        // loopback: "127.0.0.1" (127.0.0.0/8) or "::1"
    std::uint16_t port = 0;  // loopback: 0 lets the system choose (tests)

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "" (off) | "unix:/absolute/path" | "127.0.0.1:8421" | "[::1]:8421".
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string to_string(const ListenAddress& address);

}  // namespace fieldseal::node
