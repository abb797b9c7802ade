// SPDX-License-Identifier: Apache-2.0
#include "node/lan/host_name.h"

#include "core/encoding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>

namespace fieldseal::node::lan {
namespace {

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;

Error wrong(std::string_view text, std::string_view why) {
    return Error{Errc::invalid_argument,
                 quoted(text) + " is not a name for the node: " + std::string(why)};
}

bool label_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool good_label(std::string_view label) {
    return !label.empty() && label.size() <= kDnsLabelBytesMax && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), label_char);
}

// The last label of a DNS name is never a number, so "192.0.2" and "1.2.3.400" are not taken for
// one.
bool good_dns_name(std::string_view name) {
    if (name.size() > kDnsNameBytesMax) return false;
    std::string_view last;
    while (true) {
        const std::size_t dot = name.find('.');
        last = name.substr(0, dot);
        if (!good_label(last)) return false;
        if (dot == std::string_view::npos) break;
        name.remove_prefix(dot + 1);
    }
    return !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<HostName> parse_address(int family, std::size_t bytes, const std::string& text,
                               std::string_view given) {
    Bytes address(bytes);
    if (::inet_pton(family, text.c_str(), address.data()) != 1) {
        return wrong(given, "the address is not complete");
    }
    return host_name_of_address(address);
}

}  // namespace

std::string HostName::as_host() const {
    return address.size() == kV6Bytes ? "[" + text + "]" : text;
}

Result<HostName> host_name_of_address(ByteView address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.size() == kV4Bytes ? AF_INET : AF_INET6;
    if ((address.size() != kV4Bytes && address.size() != kV6Bytes) ||
        ::inet_ntop(family, address.data(), text.data(), text.size()) == nullptr) {
        return Error{Errc::corrupt,
                     "an address has 4 or 16 bytes, not " + std::to_string(address.size())};
    }
    return HostName{text.data(), to_bytes(address)};
}

Result<HostName> parse_host_name(std::string_view text) {
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
        return parse_address(AF_INET6, kV6Bytes, name.substr(1, name.size() - 2), text);
    }
    if (std::count(name.begin(), name.end(), ':') > 1) {
        return parse_address(AF_INET6, kV6Bytes, name, text);
    }
    if (name.find('*') != std::string::npos) {
        return wrong(text, "write each name in full, without '*'");
    }
    if (name.find_first_of(":/") != std::string::npos) {
        return wrong(text, "write it without https:// and without a port");
    }
    if (good_dns_name(name)) return HostName{name, {}};
    if (name.find_first_not_of("0123456789.") == std::string::npos) {
        return parse_address(AF_INET, kV4Bytes, name, text);
    }
    return wrong(text, "write a DNS name such as seal.office.example, or an address");
}

}  // namespace fieldseal::node::lan
