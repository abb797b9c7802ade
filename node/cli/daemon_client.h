// SPDX-License-Identifier: Apache-2.0
// The command line's end of the admin socket: requests to api/admin_routes.h, answers as JSON,
// problem+json back as Error. OWNED BY: one verb. THREADS: one.
// ERRORS: unavailable = nobody listens, or the daemon ended meanwhile; denied = no right to the
// socket; else what the daemon answered, under its own code.
#pragma once

#include "anchor/http_client.h"
#include "core/json/json.h"
#include "core/result.h"
#include "node/custody/secret.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::node::cli {

// A list of a thousand statements with room to spare.
inline constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kAnswerValuesMax = 1024 * 1024;

using Headers = std::vector<std::pair<std::string, std::string>>;

class DaemonClient {
public:
    // Connects once to see that somebody listens; `serve_command` goes into the sentence when not.
    static Result<DaemonClient> open(const std::string& socket, const std::string& serve_command);

    // `path` with its query, already escaped: "/api/v1/statements?limit=5".
    Result<json::Value> get(const std::string& path);
    Result<std::string> get_text(const std::string& path);
    Result<json::Value> post(const std::string& path, const json::Value& body,
                             const Headers& headers = {});
    // Without a body.
    Result<json::Value> post(const std::string& path);
    // {"<member>": "<secret>"}, never in ordinary memory of ours. The secret must be UTF-8.
    Result<void> post_secret(const std::string& path, std::string_view member,
                             const SecretBytes& secret);

private:
    DaemonClient(anchor::HttpClient http, std::string socket, std::string not_running)
        : http_(std::move(http)),
          socket_(std::move(socket)),
          not_running_(std::move(not_running)) {}
    anchor::HttpRequest request(std::string_view method, const std::string& path) const;
    Result<std::string> send(const anchor::HttpRequest& request);

    anchor::HttpClient http_;
    std::string socket_;
    std::string not_running_;
};

// One path segment or query value, RFC 3986 §2.1.
std::string percent_encode(std::string_view text);

// The error in a problem+json body (RFC 9457) as api/problem.h writes it.
Error problem_to_error(int status, std::string_view body);

// {"<member>":"<secret>"} as JSON text in locked memory. REQUIRES: `member` needs no escapes.
Result<SecretBytes> secret_json(std::string_view member, const SecretBytes& secret);

}  // namespace fieldseal::node::cli
