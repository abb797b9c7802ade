// SPDX-License-Identifier: Apache-2.0
// What we use of cpp-httplib: binding and accepting, and taking an accepted head apart. Neither a
// byte from a socket nor a head the guard has not judged reaches it (docs/adr/0010).
//
// OWNED BY: HttpServer. THREADS: bind, start and stop from one; `parse` from any; `on_accept` runs
// on the library's accepting thread.
#pragma once

#include "api/listen_address.h"
#include "core/result.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fieldseal::api {

// A request line, decoded.
struct ParsedTarget {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;
    bool query_repeats = false;  // a name came twice
};

class HttpLibrary {
public:
    explicit HttpLibrary(std::function<void(int fd)> on_accept);
    ~HttpLibrary();

    // Port 0 becomes the port the system gave. ERRORS: invalid_argument, io.
    Result<void> bind(ListenAddress& address, const std::string& unix_group);
    void start();
    void stop();

    // `head` was accepted by the guard. Nothing when the library does not follow it.
    std::optional<ParsedTarget> parse(const std::string& head);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::api
