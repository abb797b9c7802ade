// SPDX-License-Identifier: Apache-2.0
// Where a listener stands: a Unix socket or a loopback port. Text is parsed and judged in
// node/config/listen_address.h; this is the plain value the server binds.
#pragma once

#include <cstdint>
#include <string>

namespace fieldseal::api {

struct ListenAddress {
    std::string unix_path;   // absolute, when not empty
    std::string host;        // "127.0.0.1" or "::1" otherwise
    std::uint16_t port = 0;  // 0: any free port

    bool is_unix() const { return !unix_path.empty(); }
    std::string to_string() const {
        if (is_unix()) return "unix:" + unix_path;
        return (host == "::1" ? "[::1]" : host) + ":" + std::to_string(port);
    }
};

}  // namespace fieldseal::api
