// SPDX-License-Identifier: Apache-2.0
#include "node/config/checks.h"

#include "core/encoding.h"
#include "core/pki/time_stamp.h"
#include "node/config/listen_address.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::size_t kPathBytesMax = 4095;  // PATH_MAX less the NUL
constexpr std::size_t kLabelBytesMax = 100;  // two labels and a generation fit in 255 (FORMATS §2)
constexpr std::size_t kNameBytesMax = 63;
constexpr std::size_t kSealNameBytesMax = 48;  // node/seals/seal_record.h
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kVkeyBytesMax = 512;

Error says(std::string message) {
    return Error{Errc::invalid_argument, std::move(message)};
}

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_graphic(char c) {
    return c > ' ' && c < 0x7f;
}

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
    return std::all_of(text.begin(), text.end(), predicate);
}

Result<void> check_path(std::string_view text, std::size_t bytes_max) {
    if (!text.starts_with('/')) return says("write an absolute path, starting with /");
    if (text.size() > bytes_max) {
        return says("the path is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (text.find('\0') != std::string_view::npos) return says("the path contains a NUL byte");
    return {};
}

// host or host:port or [v6]:port, without user information.
bool is_authority(std::string_view text) {
    std::string_view host = text;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close == 1) return false;
        host = text.substr(0, close + 1);
    } else {
        host = text.substr(0, text.find(':'));
    }
    const std::string_view port = text.substr(host.size());
    if (host.empty()) return false;
    if (port.empty()) return true;
    if (!port.starts_with(':')) return false;
    const auto number = parse_decimal(port.substr(1));
    return number.ok() && *number >= 1 && *number <= 65535;
}

}  // namespace

Result<void> check_data_dir(std::string_view text) {
    return check_path(text, kPathBytesMax);
}

Result<void> check_optional_path(std::string_view text) {
    if (text.empty()) return {};
    return check_path(text, kPathBytesMax);
}

Result<void> check_optional_socket(std::string_view text) {
    if (text.empty()) return {};
    return check_path(text, kUnixPathBytesMax);
}

Result<void> check_optional_label(std::string_view text) {
    const bool letters = all_of(
        text, [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-' || c == '_'; });
    if (!letters || text.size() > kLabelBytesMax) {
        return says(
            "it becomes part of the log's origin: use a-z, 0-9, '.', '-', '_', at most 100");
    }
    return {};
}

Result<void> check_optional_seal(std::string_view text) {
    const bool letters = all_of(
        text, [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-' || c == '_'; });
    if (!letters || text.size() > kSealNameBytesMax) {
        return says("the name of a seal has a-z, 0-9, '.', '-' and '_', at most 48");
    }
    return {};
}

Result<void> check_optional_group(std::string_view text) {
    const bool letters =
        all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_'; });
    if (!letters || text.size() > 32) return says("this is not the name of a group");
    return {};
}

Result<void> check_target_name(std::string_view text) {
    const bool letters = all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
    if (text.empty() || !letters || text.size() > kNameBytesMax) {
        return says("give the target a name of 1 to 63 characters from a-z, 0-9 and '-'");
    }
    return {};
}

// As a browser's Host header has it, lower case: "seal.office.example", "192.0.2.7",
// "[2001:db8::7]".
Result<void> check_edge_name(std::string_view text) {
    const bool v6 = text.size() > 4 && text.front() == '[' && text.back() == ']';
    const bool letters =
        v6 ? all_of(text.substr(1, text.size() - 2),
                    [](char c) { return c == ':' || hex_digit(c); })
           : all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
    if (text.empty() || !letters || text.size() > kHostBytesMax) {
        return says("write a host name or address in lower case, without https:// and port");
    }
    return {};
}

Result<void> check_url(std::string_view text) {
    if (text.size() > kUrlBytesMax) return says("the URL is longer than 2048 bytes");
    if (!all_of(text, is_graphic)) return says("a URL has no spaces and only ASCII");
    std::string_view rest;
    if (text.starts_with("https://")) {
        rest = text.substr(8);
    } else if (text.starts_with("http://")) {
        rest = text.substr(7);
    } else {
        return says("write a URL that starts with https:// or http://");
    }
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos) {
        return says("a URL in the configuration must not carry a user name or password");
    }
    if (!is_authority(authority))
        return says("the URL needs a host, and a port in 1..65535 if any");
    if (text.find_first_of("?#") != std::string_view::npos) {
        return says("give the base URL without '?' or '#'; the node adds the path of each request");
    }
    return {};
}

Result<void> check_vkey(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    const bool shape = second != std::string_view::npos && first > 0 && second == first + 9 &&
                       second + 1 < text.size();
    if (!shape || text.size() > kVkeyBytesMax || !all_of(text, is_graphic)) {
        return says("paste the verifier key as `node info` prints it: name+8 hex digits+base64");
    }
    return {};
}

Result<void> check_optional_vkey(std::string_view text) {
    return text.empty() ? Result<void>{} : check_vkey(text);
}

Result<void> check_policy(std::string_view text) {
    if (pki::is_oid(text)) return {};
    return says("write the policy's number as the authority publishes it, such as 1.3.6.1.4.1.1.2");
}

Result<void> check_optional_pin(std::string_view text) {
    if (text.empty()) return {};
    if (!hex_decode_digest(text).ok()) {
        return says(
            "write the SHA-256 of the server's SubjectPublicKeyInfo as 64 lower-case hex digits");
    }
    return {};
}

}  // namespace fieldseal::node
