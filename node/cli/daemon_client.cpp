// SPDX-License-Identifier: Apache-2.0
#include "node/cli/daemon_client.h"

#include "api/api_documents.h"
#include "api/problem.h"
#include "api/secret_text.h"
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/custody/private_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr std::string_view kHost = "http://localhost";  // the socket is what is connected to
constexpr std::chrono::seconds kAnswerTimeout{120};     // a commit can wait for a slow disk
constexpr std::size_t kDetailBytesMax = 4096;
constexpr std::size_t kTokenBytesMax = 4096;
constexpr std::uint32_t kEdgePageMax = 500;  // api/paging.h
constexpr std::string_view kNoRoute = "nothing is at ";

std::string not_running(const std::string& socket, const std::string& serve_command) {
    return fmt::format(
        "no fieldseal daemon is running on {}: start it with `{}` (or systemctl start fieldseal)",
        printable(socket), serve_command);
}

// 0, or the errno of connecting to the socket.
int try_connect(const std::string& socket) {
    struct sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    std::copy(socket.begin(), socket.end(), address.sun_path);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return errno;
    const int failed = ::connect(descriptor, reinterpret_cast<const struct sockaddr*>(&address),
                                 sizeof address) == 0
                           ? 0
                           : errno;
    ::close(descriptor);
    return failed;
}

Result<void> check_listening(const std::string& socket, const std::string& serve_command) {
    const int failed = try_connect(socket);
    switch (failed) {
        case 0:
        case EAGAIN:  // listening, and its backlog is full just now
            return {};
        case ENOENT:
        case ECONNREFUSED:
        case ENOTDIR:
            return Error{Errc::unavailable, not_running(socket, serve_command)};
        case EACCES:
        case EPERM:
            return Error{
                Errc::denied,
                fmt::format("you have no right to use {}: ask the administrator to add you "
                            "to the group of the socket (admin.group), then log in again",
                            printable(socket))};
        case ENAMETOOLONG:
            return Error{
                Errc::invalid_argument,
                fmt::format("{}: a Unix socket's path has at most 107 bytes; set admin.socket to a "
                            "shorter one",
                            printable(socket))};
        default:
            return Error{Errc::io, fmt::format("cannot connect to {}: {}", printable(socket),
                                               std::generic_category().message(failed))};
    }
}

// One line, as an Authorization header may carry it.
Result<std::string> read_token(const std::string& path) {
    const auto content = FIELDSEAL_TRY(read_private_file(path, kTokenBytesMax));
    std::string_view text = as_text(content);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool is_token =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
    if (is_token) return std::string(text);
    return Error{Errc::invalid_argument, "a token's file has one line, the token (fst_…)"};
}

bool is_loopback(std::string_view host) {
    return host == "127.0.0.1" || host == "[::1]" || host == "localhost";
}

Result<json::Value> parse_answer(const std::string& answer) {
    if (answer.empty()) return json::Value();
    return json::parse(answer, {.bytes_max = kAnswerBytesMax, .values_max = kAnswerValuesMax});
}

std::size_t escaped_size(std::uint8_t byte) {
    if (byte == '"' || byte == '\\') return 2;
    return byte < 0x20 ? 6 : 1;
}

// REQUIRES: room for it.
std::uint8_t* put_member(std::uint8_t* at, const SecretMember& member) {
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
    put("\"");
    put(member.name);
    put("\":\"");
    for (const std::uint8_t byte : member.secret->view()) {
        if (byte < 0x20) {
            put("\\u00");
            *at++ = static_cast<std::uint8_t>(kHexDigits[byte >> 4]);
            *at++ = static_cast<std::uint8_t>(kHexDigits[byte & 0x0F]);
        } else {
            if (byte == '"' || byte == '\\') *at++ = '\\';
            *at++ = byte;
        }
    }
    put("\"");
    return at;
}

}  // namespace

Result<DaemonClient> DaemonClient::open(const std::string& socket,
                                        const std::string& serve_command) {
    FIELDSEAL_TRY(check_listening(socket, serve_command));
    DaemonClient client(FIELDSEAL_TRY(anchor::HttpClient::open()));
    client.base_ = kHost;
    client.socket_ = socket;
    return client;
}

Result<DaemonClient> DaemonClient::open_remote(const RemoteNode& node) {
    std::string base = FIELDSEAL_TRY(check_node_url(node.url));
    if (node.token_file.empty()) {
        return Error{Errc::invalid_argument,
                     "--node needs --token-file: a file (mode 0600) with the token that the "
                     "node's console shows when it is made"};
    }
    const auto token = read_token(node.token_file);
    if (!token.ok()) return token.error().with_context(printable(node.token_file));
    DaemonClient client(FIELDSEAL_TRY(anchor::HttpClient::open({node.ca_file, ""})));
    client.base_ = std::move(base);
    client.authorization_ = "Bearer " + *token;
    client.token_file_ = node.token_file;
    return client;
}

anchor::HttpRequest DaemonClient::request(std::string_view method, const std::string& path) const {
    anchor::HttpRequest request;
    request.method = std::string(method);
    request.url = base_ + path;
    if (is_remote()) request.headers.emplace_back("Authorization", authorization_);
    request.unix_socket = socket_;
    request.limits.body_bytes_max = kAnswerBytesMax;
    request.limits.total_timeout = kAnswerTimeout;
    request.limits.low_speed_window = std::chrono::seconds(0);
    return request;
}

Result<std::string> DaemonClient::send(const anchor::HttpRequest& request) {
    auto response = http_.send(request);
    if (!response.ok()) return unanswered(request, response.error());
    if (response->status / 100 != 2) return refused(request, *response);
    return std::move(response->body);
}

Error DaemonClient::unanswered(const anchor::HttpRequest& request, const Error& error) const {
    const bool is_silence = error.code == Errc::unavailable || error.code == Errc::corrupt;
    const bool is_order = request.method != "GET";
    if (!is_remote()) {
        if (!is_silence) return error;
        // Somebody listened a moment ago: the daemon is ending, or it died while it answered.
        return {Errc::unavailable,
                "the daemon did not answer (" + error.message +
                    "). Whether the order was done is unknown: ask again when it is running"};
    }
    const std::string node = "the node " + printable(base_);
    if (error.code == Errc::denied) {
        return {Errc::denied, node + " is not believed (" + error.message +
                                  "): name the CA of its network with --ca-file, and the host as "
                                  "its certificate does"};
    }
    if (!is_silence) return error.with_context(node);
    return {
        Errc::unavailable,
        node + " did not answer (" + error.message + ")" +
            (is_order ? ". Whether the order was done is unknown: repeat it when it answers" : "")};
}

Error DaemonClient::refused(const anchor::HttpRequest& request,
                            const anchor::HttpResponse& response) const {
    Error error = problem_to_error(response.status, response.body);
    if (!is_remote()) return error;
    const std::string node = "the node " + printable(base_);
    const auto body = json::parse(response.body);
    if (!body.ok() || body->find("code") == nullptr) {
        return {Errc::internal, fmt::format("{} answered with status {} and no reason: is this "
                                            "the address of a fieldseal node's office network?",
                                            node, response.status)};
    }
    const bool has_no_route =
        response.status == 405 || (response.status == 404 && error.message.starts_with(kNoRoute));
    if (has_no_route) {
        return {Errc::unsupported,
                fmt::format("{} does not know {} {}: it is older than this program", node,
                            request.method,
                            printable(std::string_view(request.url).substr(base_.size())))};
    }
    if (response.status == 401) {
        return {Errc::unauthenticated,
                fmt::format("{} does not take the token in {}: it was revoked, has expired, or is "
                            "another node's. {}",
                            node, printable(token_file_), error.message)};
    }
    return error;
}

std::string DaemonClient::list_path(const ListQuery& query) const {
    std::string path =
        "/api/v1/statements?limit=" +
        std::to_string(is_remote() ? std::min(query.limit, kEdgePageMax) : query.limit);
    if (query.before) {
        path += (is_remote() ? "&until=" : "&before=") + std::to_string(*query.before);
    }
    if (!query.document.empty()) path += "&document=" + query.document;
    return path;
}

Result<json::Value> DaemonClient::statements(const ListQuery& query) {
    if (!is_remote()) return local_statements(query);
    const std::string path = list_path(query);
    // The edge pages with cursors; the verbs' documents stay what they are.
    auto list = FIELDSEAL_TRY(get(path));
    for (;;) {
        const json::Value* items = list.find("items");
        if (items == nullptr || !items->is_array()) {
            return Error{Errc::corrupt, "the node's list has no items: it is another version's"};
        }
        const json::Value* next = list.find("next");
        const bool has_older = next != nullptr && next->is_string();
        if (!has_older || !items->as_array().empty()) {
            auto view = json::Value::object({{"statements", *items}});
            if (has_older) view.set("next_before", *items->as_array().back().find("index"));
            return view;
        }
        // A stretch without statements was looked at; the rest is behind the cursor.
        list = FIELDSEAL_TRY(get(path + "&cursor=" + percent_encode(next->as_string())));
    }
}

// A page that is empty and has a next one is a stretch of the log's own entries.
Result<json::Value> DaemonClient::local_statements(ListQuery query) {
    for (;;) {
        auto list = FIELDSEAL_TRY(get(list_path(query)));
        const json::Value* found = list.find("statements");
        const json::Value* next = list.find("next_before");
        const bool goes_on = found != nullptr && found->is_array() && found->as_array().empty() &&
                             next != nullptr && next->is_integer();
        if (!goes_on) return list;
        query.before = static_cast<std::uint64_t>(next->as_integer());
    }
}

Result<std::string> DaemonClient::get_text(const std::string& path) {
    return send(request("GET", path));
}

Result<json::Value> DaemonClient::get(const std::string& path) {
    const std::string body = FIELDSEAL_TRY(get_text(path));
    return json::parse(
        body, {.bytes_max = kAnswerBytesMax, .depth_max = 32, .values_max = kAnswerValuesMax});
}

Result<json::Value> DaemonClient::post(const std::string& path, const json::Value& body,
                                       const Headers& headers) {
    anchor::HttpRequest order = request("POST", path);
    order.headers.insert(order.headers.end(), headers.begin(), headers.end());
    return send_json(std::move(order), body);
}

Result<json::Value> DaemonClient::patch(const std::string& path, const json::Value& body) {
    return send_json(request("PATCH", path), body);
}

Result<void> DaemonClient::remove(const std::string& path) {
    FIELDSEAL_TRY(send(request("DELETE", path)));
    return {};
}

Result<json::Value> DaemonClient::send_json(anchor::HttpRequest order, const json::Value& body) {
    order.headers.emplace_back("Content-Type", "application/json");
    order.body = json::dump(body);
    return parse_answer(FIELDSEAL_TRY(send(order)));
}

Result<json::Value> DaemonClient::post(const std::string& path) {
    return parse_answer(FIELDSEAL_TRY(send(request("POST", path))));
}

Result<void> DaemonClient::post_secret(const std::string& path, std::string_view member,
                                       const SecretBytes& secret) {
    FIELDSEAL_TRY(send_secret(path, {"POST", json::Value::object(), member, secret}));
    return {};
}

Result<json::Value> DaemonClient::send_secret(const std::string& path, const SecretOrder& what) {
    const SecretBytes body = FIELDSEAL_TRY(secret_json({{what.member, &what.secret}}, what.beside));
    return parse_answer(FIELDSEAL_TRY(send_body(what.method, path, body)));
}

Result<json::Value> DaemonClient::post_secrets(const std::string& path,
                                               const std::vector<SecretMember>& secrets,
                                               const json::Value& beside) {
    const SecretBytes body = FIELDSEAL_TRY(secret_json(secrets, beside));
    return parse_answer(FIELDSEAL_TRY(send_body("POST", path, body)));
}

Result<SecretBytes> DaemonClient::ask_for_secret(const std::string& path,
                                                 const std::vector<SecretMember>& secrets,
                                                 const json::Value& beside,
                                                 std::string_view member) {
    const SecretBytes body = FIELDSEAL_TRY(secret_json(secrets, beside));
    std::string answer = FIELDSEAL_TRY(send_body("POST", path, body));
    const api::Wiped wiped_text(answer);
    auto value = FIELDSEAL_TRY(parse_answer(answer));
    const api::Wiped wiped_tree(value);
    const json::Value* text = value.find(member);
    if (text == nullptr || !text->is_string() || text->as_string().empty()) {
        return Error{Errc::corrupt,
                     "the daemon's answer has no \"" + std::string(member) + "\" in it"};
    }
    return SecretBytes::copy_of(as_bytes(text->as_string()));
}

Result<std::string> DaemonClient::send_body(std::string_view method, const std::string& path,
                                            const SecretBytes& body) {
    anchor::HttpRequest order = request(method, path);
    order.headers.emplace_back("Content-Type", "application/json");
    order.body_source_bytes = body.size();
    order.body_source =
        [rest = body.view()](std::span<std::uint8_t> into) mutable -> Result<std::size_t> {
        const std::size_t count = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), count, into.begin());
        rest = rest.subspan(count);
        return count;
    };
    return send(order);
}

Result<std::string> check_node_url(std::string_view url) {
    constexpr std::string_view kHttps = "https://";
    constexpr std::string_view kHttp = "http://";
    const auto wrong = [&](std::string_view why) {
        return Error{Errc::invalid_argument,
                     "--node " + quoted(anchor::shown_address(url), 200) + ": " + std::string(why) +
                         "; a node's address is https://HOST or https://HOST:PORT"};
    };
    if (url.ends_with('/')) url.remove_suffix(1);
    const bool is_https = url.starts_with(kHttps);
    if (!is_https && !url.starts_with(kHttp)) return wrong("it has no scheme");
    const std::string_view authority = url.substr(is_https ? kHttps.size() : kHttp.size());
    if (authority.empty()) return wrong("it has no host");
    if (authority.find_first_of("/?#@ ") != authority.npos) {
        return wrong("it has more than a host and a port");
    }
    const std::size_t port = authority.rfind(':');
    const bool has_port = port != authority.npos && authority.find(']', port) == authority.npos;
    if (!is_https && !is_loopback(authority.substr(0, has_port ? port : authority.npos))) {
        return wrong("http:// would send the token in the clear; it is for loopback only");
    }
    FIELDSEAL_TRY(anchor::check_url(url));
    return std::string(url);
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kUnreserved =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string out;
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

Error problem_to_error(int status, std::string_view body) {
    const auto parsed = json::parse(body);
    const json::Value* code = parsed.ok() ? parsed->find("code") : nullptr;
    const json::Value* detail = parsed.ok() ? parsed->find("detail") : nullptr;
    if (code == nullptr || !code->is_string() || detail == nullptr || !detail->is_string()) {
        return {Errc::internal,
                fmt::format(
                    "the daemon answered with status {} and no reason: is this socket fieldseal's?",
                    status)};
    }
    const auto codes = api::problem_codes();
    const auto known = std::find_if(codes.begin(), codes.end(), [&](const api::ProblemCode& entry) {
        return entry.code == code->as_string();
    });
    return {api::errc_of_problem(status, code->as_string()),
            printable(detail->as_string().substr(0, kDetailBytesMax)),
            known == codes.end() ? std::string_view() : known->code};
}

// What is beside the secrets comes first, without its closing brace.
Result<SecretBytes> secret_json(const std::vector<SecretMember>& secrets,
                                const json::Value& beside) {
    std::string open = json::dump(beside);
    open.back() = open.size() > std::string_view("{}").size() ? ',' : ' ';
    if (open.back() == ' ') open.pop_back();
    std::size_t size = open.size();
    for (const auto& [name, secret] : secrets) {
        if (!is_utf8(as_text(secret->view()))) {
            return Error{Errc::invalid_argument, "the " + std::string(name) + " is not UTF-8 text"};
        }
        size += std::string_view(R"("":"",)").size() + name.size();
        for (const std::uint8_t byte : secret->view()) size += escaped_size(byte);
    }
    SecretBytes out = FIELDSEAL_TRY(SecretBytes::allocate(size));
    std::uint8_t* at = std::copy(open.begin(), open.end(), out.data());
    for (const SecretMember& each : secrets) {
        if (&each != &secrets.front()) *at++ = ',';
        at = put_member(at, each);
    }
    *at = '}';
    return out;
}

}  // namespace fieldseal::node::cli
