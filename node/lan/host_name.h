// SPDX-License-Identifier: Apache-2.0
// What people on the office's network type for the node: a DNS name or an address, in the form that
// `[edge] names` and a certificate share. Pure. THREADS: any. ERRORS: invalid_argument.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <string>
#include <string_view>

namespace fieldseal::node::lan {

inline constexpr std::size_t kDnsNameBytesMax = 253;
inline constexpr std::size_t kDnsLabelBytesMax = 63;

struct HostName {
    std::string text;  // lower case; an IPv6 address in its shortest form, without brackets
    Bytes address;     // 4 or 16 bytes; empty for a DNS name

    bool is_dns() const { return address.empty(); }
    // As a browser's Host header and `[edge] names` have it: an IPv6 address in brackets.
    std::string as_host() const;

    friend bool operator==(const HostName&, const HostName&) = default;
};

// "Seal.Office.example", "192.0.2.7", "2001:db8::7" or "[2001:db8::7]". No wildcard, no port, no
// final dot.
Result<HostName> parse_host_name(std::string_view text);
// From the 4 or 16 bytes of a certificate's address.
Result<HostName> host_name_of_address(ByteView address);

}  // namespace fieldseal::node::lan
