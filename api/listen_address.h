// SPDX-License-Identifier: Apache-2.0
// Where a listener of ours may stand: a Unix socket or a loopback port, nothing else (DESIGN §8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace fieldseal::api {

struct ListenAddress {
    std::string unix_path;  // set for "unix:/path"
    std::string host;       // "127.0.0.1" or "::1" otherwise
    std::uint16_t port = 0; // 0 = any free port

    bool is_unix() const { return !unix_path.empty(); }
    std::string to_string() const;
};

// "unix:/run/x.sock", "127.0.0.1:8480", "[::1]:8480". Any other address is refused with a sentence
// that says to put nginx in front.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace fieldseal::api
