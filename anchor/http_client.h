// SPDX-License-Identifier: Apache-2.0
// HTTP requests to targets (https, http) and to our own daemon (Unix socket), over libcurl.
//
// Everything a hostile server could stretch is bounded: header bytes, body bytes, connect time,
// total time, low speed. No redirects, no proxy or netrc from the environment, no cookies, no
// content decoding, HTTP/1.1 only, TLS ≥ 1.2 verified against the system's or a given CA file, with
// an optional pin on the server's public key (RFC 7469 form). THREADS: one HttpClient per thread. A
// stop_token from any thread ends a running request. ERRORS: unavailable = offline or no answer
// (refused, DNS, unreachable, connect timeout, silence,
//   cancelled) · exhausted = a limit was exceeded (too big, too slow) · corrupt = not proper HTTP
//   or cut short · denied = TLS verification or pin · invalid_argument = the request itself · io =
//   the body source failed, or the Unix socket cannot be opened. An HTTP status is never an Error.
#pragma once

#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::anchor {

struct HttpLimits {
    std::size_t header_bytes_max = 64 * 1024;  // status line, headers and trailers together
    std::size_t body_bytes_max = 64 * 1024;
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds total_timeout{60'000};  // 0 = none; then the low-speed rule bounds it
    std::uint32_t low_speed_bytes_per_s = 16;         // slower than this, averaged over…
    std::chrono::seconds low_speed_window{20};        // …this long, ends the request; 0 = off
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;          // absolute http:// or https://, without user:password
    std::string unix_socket;  // when set, connect there; the url still gives path and Host
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // A streamed body instead of `body`: fills the span, returns the count, 0 at the end.
    std::function<Result<std::size_t>(std::span<std::uint8_t>)> body_source;
    std::optional<std::uint64_t> body_source_bytes;  // Content-Length; without it: chunked
    // Called on the sending thread as bytes go out, at least a few times a second.
    std::function<void(std::uint64_t sent_bytes)> progress;

    HttpLimits limits;
};

struct HttpResponse {
    int status = 0;
    std::string content_type;                    // as sent; empty if absent
    std::optional<std::uint64_t> retry_after_s;  // delay form only; an HTTP date is ignored
    std::string location;                        // for the error text of a redirect, never followed
    std::string body;
};

struct TlsSettings {
    std::string ca_file;   // PEM; empty = the system's
    std::string spki_pin;  // "sha256//<base64>", several joined by ';'; empty = none
};

class HttpClient {
public:
    static Result<HttpClient> open(const TlsSettings& tls = {});
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop = {});

private:
    struct Impl;
    explicit HttpClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Refuses what send() would: other schemes, user:password, fragments, control bytes, overlong.
inline constexpr std::size_t kMaxUrlBytes = 2048;
Result<void> check_url(std::string_view url);
// Scheme, host and port of an address, for messages: paths and user information can be secrets.
std::string shown_address(std::string_view url);
// True for one or more "sha256//<44 base64>" joined by ';'.
bool is_spki_pin(std::string_view text);

}  // namespace fieldseal::anchor
