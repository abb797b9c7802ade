// SPDX-License-Identifier: Apache-2.0
#include "node/config/listen_address.h"

#include "core/encoding.h"

#include <arpa/inet.h>

namespace fieldseal::node {
namespace {

constexpr std::string_view kForms =
    "write \"127.0.0.1:PORT\", \"[::1]:PORT\", \"unix:/path\" or \"\" for off";

Error refused(std::string_view text, std::string_view why) {
    return Error{Errc::invalid_argument, "listen address " + quoted(text) + " " + std::string(why)};
}

bool is_loopback_v4(const std::string& host) {
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
    if (text.empty()) return ListenAddress{};
    if (text.find('\0') != std::string_view::npos) return refused(text, "contains a NUL byte");
    if (text.starts_with("unix:")) {
        const std::string_view path = text.substr(5);
        if (!path.starts_with('/')) return refused(text, "needs an absolute path after \"unix:\"");
        if (path.size() > kUnixPathBytesMax) {
            return refused(text, "is longer than the 107 bytes a Unix socket path may have");
        }
        return ListenAddress{ListenAddress::Kind::unix_socket, std::string(path), {}, 0};
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return refused(text, "has no port: " + std::string(kForms));
    }
    const auto port = parse_decimal(text.substr(colon + 1));
    if (!port.ok() || *port > 65535) {
        return refused(text, "has no port between 0 and 65535: " + std::string(kForms));
    }
    std::string host(text.substr(0, colon));
    if (host == "[::1]") {
        host = "::1";
    } else if (host == "localhost") {
        return refused(text, "uses a name, which /etc/hosts may point elsewhere: write 127.0.0.1");
    } else if (!is_loopback_v4(host)) {
        return refused(text,
                       "is not a loopback address. fieldseal does not face the network itself: "
                       "listen on 127.0.0.1 or a Unix socket and let nginx serve the network "
                       "(the package installs a site file; see docs/configuration.md)");
    }
    return ListenAddress{
        ListenAddress::Kind::loopback, {}, host, static_cast<std::uint16_t>(*port)};
}

std::string to_string(const ListenAddress& address) {
    switch (address.kind) {
        case ListenAddress::Kind::off:
            return "";
        case ListenAddress::Kind::unix_socket:
            return "unix:" + address.path;
        case ListenAddress::Kind::loopback:
            break;
    }
    const std::string port = ":" + std::to_string(address.port);
    return (address.host == "::1" ? "[::1]" : address.host) + port;
}

}  // namespace fieldseal::node
