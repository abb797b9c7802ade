// SPDX-License-Identifier: Apache-2.0
#include "anchor/http_transfer.h"

#include "core/encoding.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace fieldseal::anchor {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

curl_off_t info(void* handle, CURLINFO what) {
    curl_off_t value = 0;
    if (curl_easy_getinfo(handle, what, &value) != CURLE_OK) return 0;
    return value;
}

bool is_failed_verification(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

// libcurl's callbacks. No exception may cross libcurl: an out-of-memory here ends the transfer.
Transfer& transfer_of(void* self) {
    return *static_cast<Transfer*>(self);
}

constexpr std::size_t kAbort = 0;  // any count but the one offered ends the transfer

std::size_t on_header(char* data, std::size_t, std::size_t count, void* self) noexcept {
    try {
        return transfer_of(self).take_header({data, count}) ? count : kAbort;
    } catch (const std::exception&) {
        return kAbort;
    }
}

// libcurl does not call this for an empty body, so 0 is never a success.
std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) noexcept {
    try {
        return transfer_of(self).take_body({data, count}) ? count : kAbort;
    } catch (const std::exception&) {
        return kAbort;
    }
}

std::size_t on_upload(char* data, std::size_t, std::size_t count, void* self) noexcept {
    try {
        const auto filled =
            transfer_of(self).fill_upload({reinterpret_cast<std::uint8_t*>(data), count});
        return filled.value_or(CURL_READFUNC_ABORT);
    } catch (const std::exception&) {
        return CURL_READFUNC_ABORT;
    }
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) noexcept {
    try {
        return transfer_of(self).report_progress(static_cast<std::uint64_t>(uploaded)) ? 0 : 1;
    } catch (const std::exception&) {
        return 1;
    }
}

}  // namespace

Transfer::Transfer(const HttpRequest& request, std::stop_token stop)
    : request_(request), stop_(std::move(stop)) {}

bool Transfer::take_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > request_.limits.header_bytes_max) {
        error_ =
            Error{Errc::exhausted, "headers longer than " +
                                       std::to_string(request_.limits.header_bytes_max) + " bytes"};
        return false;
    }
    if (line.starts_with("HTTP/")) {  // a new head: what an interim 1xx said is void
        response_ = HttpResponse{};
        return true;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "Content-Type")) {
        response_.content_type = value;
    } else if (equals_ignoring_case(name, "Location")) {
        response_.location = value;
    } else if (equals_ignoring_case(name, "Retry-After")) {
        if (const auto seconds = parse_decimal(value); seconds.ok()) {
            response_.retry_after_s = *seconds;
        }
    } else if (equals_ignoring_case(name, "Content-Encoding") &&
               !equals_ignoring_case(value, "identity")) {
        error_ = Error{Errc::corrupt,
                       "the answer is encoded as " + quoted(value) + ", which was not asked for"};
        return false;
    }
    return true;
}

bool Transfer::take_body(std::string_view bytes) {
    if (bytes.size() > request_.limits.body_bytes_max - response_.body.size()) {
        error_ =
            Error{Errc::exhausted,
                  "body longer than " + std::to_string(request_.limits.body_bytes_max) + " bytes"};
        return false;
    }
    response_.body.append(bytes);
    return true;
}

std::optional<std::size_t> Transfer::fill_upload(std::span<std::uint8_t> space) {
    if (!request_.body_source) return std::size_t{0};
    auto filled = request_.body_source(space);
    if (filled.ok()) return *filled;
    error_ = Error{Errc::io, "request body: " + filled.error().message};
    return {};
}

bool Transfer::report_progress(std::uint64_t sent_bytes) {
    if (stop_.stop_requested()) {
        error_ = Error{Errc::unavailable, "cancelled"};
        return false;
    }
    if (request_.progress) request_.progress(sent_bytes);
    return true;
}

bool Transfer::attach(void* handle) {
    const auto set = [handle](CURLoption option, auto value) {
        return curl_easy_setopt(handle, option, value) == CURLE_OK;
    };
    void* const self = this;
    return set(CURLOPT_HEADERFUNCTION, &on_header) && set(CURLOPT_HEADERDATA, self) &&
           set(CURLOPT_WRITEFUNCTION, &on_body) && set(CURLOPT_WRITEDATA, self) &&
           set(CURLOPT_READFUNCTION, &on_upload) && set(CURLOPT_READDATA, self) &&
           set(CURLOPT_XFERINFOFUNCTION, &on_progress) && set(CURLOPT_XFERINFODATA, self) &&
           set(CURLOPT_NOPROGRESS, 0L);
}

Result<HttpResponse> Transfer::finish(void* handle, int code) {
    if (code != CURLE_OK || error_) {
        const Error error = error_ ? *error_ : classify(handle, code);
        const std::string_view place =
            request_.unix_socket.empty() ? request_.url : request_.unix_socket;
        return error.with_context(request_.method + " " + quoted(place));
    }
    long status = 0;
    if (curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 100) {
        return Error{Errc::corrupt, "an answer without a status"};
    }
    response_.status = static_cast<int>(status);
    return std::move(response_);
}

// A line that went dead and a server that says nothing look the same and are nobody's fault; a
// server that began to answer and does not get on with it is too slow.
Error Transfer::timed_out(void* handle) const {
    if (header_bytes_ > 0 || info(handle, CURLINFO_STARTTRANSFER_TIME_T) > 0) {
        return {Errc::exhausted, "the answer came too slowly"};
    }
    if (info(handle, CURLINFO_CONNECT_TIME_T) == 0) {
        return {Errc::unavailable, "no connection within the time allowed"};
    }
    return {Errc::unavailable, "connected, but no answer within the time allowed"};
}

Error Transfer::classify(void* handle, int code) const {
    const auto curl_code = static_cast<CURLcode>(code);
    const std::string what = curl_easy_strerror(curl_code);
    const bool has_begun = header_bytes_ > 0;
    long os_errno = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_errno);
    if (is_failed_verification(curl_code)) return {Errc::denied, "TLS: " + what};
    switch (curl_code) {
        case CURLE_OPERATION_TIMEDOUT:
            return timed_out(handle);
        case CURLE_COULDNT_CONNECT:
            if (!request_.unix_socket.empty() && os_errno == EACCES) {
                return {Errc::io, "permission denied; is this user in the group fieldseal?"};
            }
            return {Errc::unavailable, "no connection"};
        case CURLE_COULDNT_RESOLVE_HOST:
            return {Errc::unavailable, "the name cannot be resolved"};
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            if (has_begun) return {Errc::corrupt, "the answer was cut short"};
            return {Errc::unavailable, "the connection closed before an answer"};
        case CURLE_PARTIAL_FILE:
            return {Errc::corrupt, "the answer was cut short"};
        case CURLE_FILESIZE_EXCEEDED:
            return {Errc::exhausted, "body longer than " +
                                         std::to_string(request_.limits.body_bytes_max) + " bytes"};
        case CURLE_OUT_OF_MEMORY:  // how libcurl 7.88 reports an overlong header line
#if LIBCURL_VERSION_NUM >= 0x080600
        case CURLE_TOO_LARGE:
#endif
            return {Errc::exhausted, "a header line is too long"};
        case CURLE_SSL_CACERT_BADFILE:
            return {Errc::invalid_argument, "the CA file is unreadable"};
        case CURLE_SSL_CONNECT_ERROR:
            return {Errc::corrupt, "no TLS handshake: " + what};
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return {Errc::corrupt, "the answer is not HTTP"};
        case CURLE_URL_MALFORMAT:
            return {Errc::invalid_argument, what};
        default:
            return {Errc::corrupt, what};
    }
}

}  // namespace fieldseal::anchor
