// SPDX-License-Identifier: Apache-2.0
#include "node/cli/daemon_client.h"

#include "api/problem.h"
#include "core/encoding.h"
#include "node/cli/readable.h"

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

std::size_t escaped_size(std::uint8_t byte) {
    if (byte == '"' || byte == '\\') return 2;
    return byte < 0x20 ? 6 : 1;
}

}  // namespace

Result<DaemonClient> DaemonClient::open(const std::string& socket,
                                        const std::string& serve_command) {
    FIELDSEAL_TRY(check_listening(socket, serve_command));
    auto http = FIELDSEAL_TRY(anchor::HttpClient::open());
    return DaemonClient(std::move(http), socket, not_running(socket, serve_command));
}

anchor::HttpRequest DaemonClient::request(std::string_view method, const std::string& path) const {
    anchor::HttpRequest request;
    request.method = std::string(method);
    request.url = std::string(kHost) + path;
    request.unix_socket = socket_;
    request.limits.body_bytes_max = kAnswerBytesMax;
    request.limits.total_timeout = kAnswerTimeout;
    request.limits.low_speed_window = std::chrono::seconds(0);
    return request;
}

Result<std::string> DaemonClient::send(const anchor::HttpRequest& request) {
    auto response = http_.send(request);
    if (!response.ok()) {
        // Somebody listened a moment ago: the daemon is ending, or it died while it answered.
        if (response.error().code == Errc::unavailable || response.error().code == Errc::corrupt) {
            return Error{
                Errc::unavailable,
                "the daemon did not answer (" + response.error().message +
                    "). Whether the order was done is unknown: ask again when it is running"};
        }
        return response.error();
    }
    if (response->status / 100 != 2) return problem_to_error(response->status, response->body);
    return std::move(response->body);
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
    order.headers = headers;
    order.headers.emplace_back("Content-Type", "application/json");
    order.body = json::dump(body);
    const std::string answer = FIELDSEAL_TRY(send(order));
    if (answer.empty()) return json::Value();
    return json::parse(answer, {.bytes_max = kAnswerBytesMax, .values_max = kAnswerValuesMax});
}

Result<json::Value> DaemonClient::post(const std::string& path) {
    const std::string answer = FIELDSEAL_TRY(send(request("POST", path)));
    if (answer.empty()) return json::Value();
    return json::parse(answer, {.bytes_max = kAnswerBytesMax, .values_max = kAnswerValuesMax});
}

Result<void> DaemonClient::post_secret(const std::string& path, std::string_view member,
                                       const SecretBytes& secret) {
    const SecretBytes body = FIELDSEAL_TRY(secret_json(member, secret));
    anchor::HttpRequest order = request("POST", path);
    order.headers.emplace_back("Content-Type", "application/json");
    order.body_source_bytes = body.size();
    order.body_source =
        [rest = body.view()](std::span<std::uint8_t> into) mutable -> Result<std::size_t> {
        const std::size_t count = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), count, into.begin());
        rest = rest.subspan(count);
        return count;
    };
    FIELDSEAL_TRY(send(order));
    return {};
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
    return {api::errc_of_problem(status, code->as_string()),
            printable(detail->as_string().substr(0, kDetailBytesMax))};
}

Result<SecretBytes> secret_json(std::string_view member, const SecretBytes& secret) {
    if (!is_utf8(as_text(secret.view()))) {
        return Error{Errc::invalid_argument, "the passphrase is not UTF-8 text"};
    }
    std::size_t size = std::string_view(R"({"":""})").size() + member.size();
    for (const std::uint8_t byte : secret.view()) size += escaped_size(byte);
    SecretBytes out = FIELDSEAL_TRY(SecretBytes::allocate(size));
    std::uint8_t* at = out.data();
    const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    put("{\"");
    put(member);
    put("\":\"");
    for (const std::uint8_t byte : secret.view()) {
        if (byte < 0x20) {
            put("\\u00");
            *at++ = static_cast<std::uint8_t>(kHexDigits[byte >> 4]);
            *at++ = static_cast<std::uint8_t>(kHexDigits[byte & 0x0F]);
        } else {
            if (byte == '"' || byte == '\\') *at++ = '\\';
            *at++ = byte;
        }
    }
    put("\"}");
    return out;
}

}  // namespace fieldseal::node::cli
