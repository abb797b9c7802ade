// SPDX-License-Identifier: Apache-2.0
// One running request of HttpClient: what libcurl's callbacks do, the limits they hold, and the
// reading of how it ended. Private to http_client.cpp; `handle` is a CURL*.
// THREADS: libcurl calls back on the thread that called send().
#pragma once

#include "anchor/http_client.h"
#include "core/result.h"

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace fieldseal::anchor {

class Transfer {
public:
    Transfer(const HttpRequest& request, std::stop_token stop);

    // Registers the callbacks. This object must stay where it is until finish().
    bool attach(void* handle);
    // The response, or what went wrong in the words of http_client.h's ERRORS.
    // `code` is the CURLcode of the transfer.
    Result<HttpResponse> finish(void* handle, int code);

    // The callbacks' work; false ends the transfer with the error kept here.
    bool take_header(std::string_view line);
    bool take_body(std::string_view bytes);
    std::optional<std::size_t> fill_upload(std::span<std::uint8_t> space);
    bool report_progress(std::uint64_t sent_bytes);

private:
    Error classify(void* handle, int code) const;
    Error timed_out(void* handle) const;

    const HttpRequest& request_;
    std::stop_token stop_;
    std::size_t header_bytes_ = 0;
    HttpResponse response_;
    std::optional<Error> error_;
};

}  // namespace fieldseal::anchor
