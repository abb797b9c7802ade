// SPDX-License-Identifier: Apache-2.0
// The command line's end of the admin socket (api/admin_routes.h), or of a remote node's edge
// (api/office_routes.h, whose paths are the same): answers as JSON, problem+json back as Error.
// OWNED BY: one verb. THREADS: one.
// ERRORS: unavailable = nobody listens, or the daemon ended meanwhile; denied = no right to the
// socket, or TLS does not verify; else what the daemon answered, under its own code.
#pragma once

#include "anchor/http_client.h"
#include "core/json/json.h"
#include "core/result.h"
#include "node/custody/secret.h"

#include <cstdint>
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

// A node on another machine.
struct RemoteNode {
    std::string url;         // https://host[:port]; http:// on loopback only
    std::string token_file;  // 0600, one line
    std::string ca_file;     // PEM; empty = the system's
};

struct ListQuery {
    std::uint32_t limit = 20;
    std::optional<std::uint64_t> before;  // only entries below this index
    std::string document;                 // only of this SHA-256, hexadecimal
};

// One member of a request whose text is a secret. Refers to it.
struct SecretMember {
    std::string_view name;
    const SecretBytes* secret;
};

class DaemonClient {
public:
    // Connects once to see that somebody listens; `serve_command` goes into the sentence when not.
    static Result<DaemonClient> open(const std::string& socket, const std::string& serve_command);

    // Reads the token, asks nobody. Errors: invalid_argument for the URL, and of the token's file.
    static Result<DaemonClient> open_remote(const RemoteNode& node);

    bool is_remote() const { return !authorization_.empty(); }

    // {"statements": […], "next_before": index of the last one when there may be older ones}. Asks
    // on while a page is empty and has a next one: then the node only met entries of its own.
    Result<json::Value> statements(const ListQuery& query);

    // `path` with its query, already escaped: "/api/v1/statements?limit=5".
    Result<json::Value> get(const std::string& path);
    Result<std::string> get_text(const std::string& path);
    Result<json::Value> post(const std::string& path, const json::Value& body,
                             const Headers& headers = {});
    // Without a body.
    Result<json::Value> post(const std::string& path);
    Result<json::Value> patch(const std::string& path, const json::Value& body);
    Result<void> remove(const std::string& path);
    // {"<member>": "<secret>"} and what stands beside it, never in ordinary memory of ours. The
    // secret must be UTF-8.
    Result<void> post_secret(const std::string& path, std::string_view member,
                             const SecretBytes& secret);
    struct SecretOrder {
        std::string_view method;
        json::Value beside;  // an object
        std::string_view member;
        const SecretBytes& secret;
    };
    Result<json::Value> send_secret(const std::string& path, const SecretOrder& order);

    // Several secrets at once.
    Result<json::Value> post_secrets(const std::string& path,
                                     const std::vector<SecretMember>& secrets,
                                     const json::Value& beside = json::Value::object());
    // The same, for a secret in the answer: the text of its `member`.
    Result<SecretBytes> ask_for_secret(const std::string& path,
                                       const std::vector<SecretMember>& secrets,
                                       const json::Value& beside, std::string_view member);

private:
    Result<std::string> send_body(std::string_view method, const std::string& path,
                                  const SecretBytes& body);
    explicit DaemonClient(anchor::HttpClient http) : http_(std::move(http)) {}
    std::string list_path(const ListQuery& query) const;
    Result<json::Value> local_statements(ListQuery query);
    anchor::HttpRequest request(std::string_view method, const std::string& path) const;
    Result<std::string> send(const anchor::HttpRequest& request);
    Error unanswered(const anchor::HttpRequest& request, const Error& error) const;
    Error refused(const anchor::HttpRequest& request, const anchor::HttpResponse& response) const;
    Result<json::Value> send_json(anchor::HttpRequest order, const json::Value& body);

    anchor::HttpClient http_;
    std::string base_;           // scheme, host and port
    std::string socket_;         // of a node on this machine
    std::string authorization_;  // "Bearer …", of a remote node
    std::string token_file_;
};

// One path segment or query value, RFC 3986 §2.1.
std::string percent_encode(std::string_view text);

// "https://host:port" without a slash at its end. Errors: invalid_argument says what a remote
// node's address must look like.
Result<std::string> check_node_url(std::string_view url);

// The error in a problem+json body (RFC 9457) as api/problem.h writes it.
Error problem_to_error(int status, std::string_view body);

// {…,"<name>":"<secret>",…} as JSON text in locked memory. REQUIRES: names need no escapes, at
// least one secret, and `beside` is an object.
Result<SecretBytes> secret_json(const std::vector<SecretMember>& secrets,
                                const json::Value& beside = json::Value::object());

}  // namespace fieldseal::node::cli
