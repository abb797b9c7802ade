// SPDX-License-Identifier: Apache-2.0
#include "api/listen_address.h"

#include "core/encoding.h"

namespace fieldseal::api {
namespace {

// sun_path of sockaddr_un, with its final NUL.
constexpr std::size_t kUnixPathBytesMax = 107;
constexpr std::uint64_t kPortMax = 65535;

Result<ListenAddress> parse_unix(std::string_view path) {
    if (path.empty() || path[0] != '/' || path.size() > kUnixPathBytesMax) {
        return Error{Errc::invalid_argument,
                     "a Unix socket needs an absolute path of at most 107 bytes, not " + quoted(path)};
    }
    ListenAddress address;
    address.unix_path = std::string(path);
    return address;
}

}  // namespace

std::string ListenAddress::to_string() const {
    if (is_unix()) return "unix:" + unix_path;
    const std::string name = host == "::1" ? "[::1]" : host;
    return name + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text.substr(5));
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return Error{Errc::invalid_argument,
                     "not a listen address: " + quoted(text) + " (use 127.0.0.1:PORT or unix:/path)"};
    }
    const auto host = text.substr(0, colon);
    const auto port = parse_decimal(text.substr(colon + 1));
    if (!port.ok() || *port > kPortMax) {
        return Error{Errc::invalid_argument, "not a port number: " + quoted(text.substr(colon + 1))};
    }
    if (host != "127.0.0.1" && host != "[::1]") {
        return Error{Errc::invalid_argument,
                     "the daemon listens on 127.0.0.1, [::1] or a Unix socket only, not on " + quoted(host) +
                         ": keep it there and let nginx serve the network"};
    }
    ListenAddress address;
    address.host = host == "[::1]" ? "::1" : "127.0.0.1";
    address.port = static_cast<std::uint16_t>(*port);
    return address;
}

}  // namespace fieldseal::api
