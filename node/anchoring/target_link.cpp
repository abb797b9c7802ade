// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/target_link.h"

#include "core/encoding.h"
#include "node/custody/private_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

namespace fieldseal::node {
namespace {

// Headers that belong to the request itself; a second one would change what is sent.
constexpr std::array<std::string_view, 5> kOwnHeaders = {"content-length", "content-type", "host",
                                                         "transfer-encoding", "connection"};

Error bad_auth(std::string_view why) {
    return {Errc::invalid_argument,
            "an authorisation file has one header line, \"Authorization: Bearer …\": " +
                std::string(why)};
}

bool is_token(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != kMarks.npos;
}

bool is_field_text(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool stays_on_this_machine(std::string_view url) {
    constexpr std::array<std::string_view, 2> kLoopback = {"http://127.0.0.1", "http://[::1]"};
    return url.starts_with("https://") ||
           std::any_of(kLoopback.begin(), kLoopback.end(), [&](std::string_view prefix) {
               return url == prefix || url.starts_with(std::string(prefix) + ":") ||
                      url.starts_with(std::string(prefix) + "/");
           });
}

Result<void> check_privacy(const std::string& url) {
    if (stays_on_this_machine(url)) return {};
    return Error{Errc::invalid_argument, "auth_file would send its secret in the clear to " +
                                             fieldseal::quoted(anchor::shown_address(url), 200) +
                                             ": use https://"};
}

}  // namespace

Result<std::pair<std::string, std::string>> parse_auth_line(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return bad_auth("there is no name and \":\"");
    const std::string_view name = text.substr(0, colon);
    std::string_view value = text.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (!std::all_of(name.begin(), name.end(), is_token)) return bad_auth("the name is malformed");
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_field_text)) {
        return bad_auth("the value is empty, or has a second line or bytes that are not ASCII");
    }
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower(name)) != kOwnHeaders.end()) {
        return bad_auth("this header is the request's own");
    }
    return std::pair(std::string(name), std::string(value));
}

Result<AuthHeaders> read_auth_headers(const Config::Target& target) {
    if (target.auth_file.empty()) return AuthHeaders();
    FIELDSEAL_TRY(check_privacy(target.url));
    for (const std::string& url : target.more_urls) FIELDSEAL_TRY(check_privacy(url));
    const auto content = FIELDSEAL_TRY(read_private_file(target.auth_file, kAuthFileBytesMax));
    auto line = parse_auth_line(as_text(content));
    if (!line.ok()) return line.error().with_context(fieldseal::quoted(target.auth_file, 200));
    return AuthHeaders{std::move(*line)};
}

anchor::TlsSettings tls_settings(const Config::Target& target) {
    anchor::TlsSettings tls;
    tls.ca_file = target.ca_file;
    if (const auto key = hex_decode(target.tls_pin_sha256); key.ok() && !key->empty()) {
        tls.spki_pin = "sha256//" + base64_encode(*key);
    }
    return tls;
}

anchor::HttpLimits http_limits(const Config::Target& target) {
    anchor::HttpLimits limits;
    limits.connect_timeout = std::chrono::seconds(target.connect_timeout_s);
    limits.total_timeout = std::chrono::seconds(target.total_timeout_s);
    return limits;
}

}  // namespace fieldseal::node
