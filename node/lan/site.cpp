// SPDX-License-Identifier: Apache-2.0
#include "node/lan/site.h"

#include "api/problem.h"
#include "core/check.h"
#include "core/encoding.h"
#include "fieldseal_nginx.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fieldseal::node::lan {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string>>;

constexpr std::string_view kTemporaryFiles = "/run/nginx-fieldseal";
constexpr std::string_view kAccessLog = "/var/log/nginx/fieldseal-access.log";
constexpr std::string_view kErrorLog = "/var/log/nginx/fieldseal-error.log";
constexpr std::string_view kHsts =
    "    add_header Strict-Transport-Security \"max-age=31536000\" always;\n";

// What nginx itself refuses. `location` is where error_page leads, `shown` the status the client
// sees.
struct Refusal {
    std::string_view location;
    int shown;
    std::string_view code;
    std::string_view detail;
};
constexpr std::array kRefusals = {
    Refusal{"= /fieldseal-refused-400", 400, "request-refused",
            "the request line or a header is not what HTTP/1.1 allows"},
    Refusal{"= /fieldseal-refused-414", 414, "request-refused",
            "the request line is longer than 8 KiB"},
    Refusal{
        "= /fieldseal-refused-501", 501, "request-refused",
        "this Transfer-Encoding is not spoken here: send the body as it is, with a Content-Length"},
    Refusal{"= /fieldseal-refused-505", 505, "request-refused",
            "this version of HTTP is not spoken here: use HTTP/1.1"},
    Refusal{"@fieldseal_403", 403, "denied", "this port wants a client certificate of a machine"},
    Refusal{"@fieldseal_404", 404, "not-found", "nothing is here"},
    Refusal{"@fieldseal_405", 405, "method-not-allowed", "this method is not used here"},
    Refusal{"@fieldseal_411", 411, "request-refused",
            "send the body with a Content-Length, not in chunks; a compressed or piped body needs "
            "a file first"},
    Refusal{"@fieldseal_413", 413, "too-large", "the body is larger than this path takes"},
    Refusal{"@fieldseal_415", 415, "request-refused",
            "send the body as it is, without Content-Encoding"},
    Refusal{"@fieldseal_421", 421, "wrong-host",
            "the Host of this request is none of the names of this node"},
    Refusal{"@fieldseal_429", 429, "rate-limited", "too many requests from one address at once"},
    Refusal{"@fieldseal_431", 431, "request-refused", "the request head is longer than 16 KiB"},
    Refusal{"@fieldseal_497", 400, "request-refused", "this port speaks TLS 1.3: use https://"},
    Refusal{"@fieldseal_503", 503, "unavailable", "the node behind this address does not answer"},
};

std::string filled(std::string_view text, const Fields& fields) {
    std::string out;
    while (!text.empty()) {
        const std::size_t begin = text.find('@');
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) return out;
        text.remove_prefix(begin);
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& each) {
            return text.starts_with("@" + std::string(each.first) + "@");
        });
        const bool known = field != fields.end();
        out += known ? field->second : "@";
        text.remove_prefix(known ? field->first.size() + 2 : 1);
    }
    return out;
}

// The node's own form of a problem. nginx fills in the id of the request.
std::string body_of(const Refusal& refusal) {
    std::string body = api::problem(refusal.shown, refusal.code, refusal.detail).body;
    constexpr std::string_view kEnd = "}\n";
    FIELDSEAL_CHECK(body.ends_with(kEnd) && body.find_first_of("'$\\") == std::string::npos);
    body.resize(body.size() - kEnd.size());
    return body + ",\"request_id\":\"$fieldseal_request_id\"" + std::string(kEnd);
}

std::string problems(const Site& site) {
    std::string out;
    for (const Refusal& each : kRefusals) {
        out += "    location " + std::string(each.location) + " {\n";
        if (each.location.starts_with('=')) out += "        internal;\n";
        out += "        default_type application/problem+json;\n";
        // A location with an add_header of its own has none of the server's.
        if (site.organisations) out += "    " + std::string(kHsts);
        out += "        add_header X-Content-Type-Options nosniff always;\n";
        out += "        add_header Cache-Control no-store always;\n";
        out += "        add_header X-Request-Id $fieldseal_request_id always;\n";
        if (each.shown == 429 || each.shown == 503)
            out += "        add_header Retry-After 2 always;\n";
        out += "        return " + std::to_string(each.shown) + " '" + body_of(each) + "';\n";
        out += "    }\n";
    }
    return out;
}

std::string listen_lines(const Site& site, std::uint16_t port) {
    std::vector<std::string> places;
    for (const HostName& address : site.addresses)
        places.push_back(address.as_host() + ":" + std::to_string(port));
    if (places.empty()) places = {std::to_string(port), "[::]:" + std::to_string(port)};
    std::string out;
    for (const std::string& place : places) out += "    listen " + place + " ssl default_server;\n";
    return out;
}

std::string upstream_text(const ListenAddress& address) {
    if (address.kind == ListenAddress::Kind::unix_socket) return "unix:" + address.path;
    return to_string(address);
}

// Quotes, variables and control bytes have no business in a path of nginx's configuration.
Result<void> check_path(const std::string& path, std::string_view what) {
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '.' || c == '-' || c == '_' || c == '+' || c == ':';
    });
    if (plain && path.starts_with('/')) return {};
    return Error{Errc::invalid_argument,
                 std::string(what) + " " + quoted(path) +
                     " cannot be named in nginx's configuration: use an absolute path of letters, "
                     "digits and / . - _ +"};
}

Result<void> check_site(const Site& site) {
    if (site.upstream.kind == ListenAddress::Kind::off) {
        return Error{Errc::invalid_argument,
                     "nginx needs to know where the node is: set listen in [edge] of "
                     "fieldseal.toml, for example \"unix:/run/fieldseal/edge.sock\""};
    }
    if (site.names.empty()) {
        return Error{Errc::invalid_argument,
                     "nginx needs the names of the node: set names in [edge] of fieldseal.toml"};
    }
    if (site.machine_port == site.port) {
        return Error{Errc::invalid_argument, "port " + std::to_string(site.port) +
                                                 " cannot both want and not want a client "
                                                 "certificate: give machines another"};
    }
    FIELDSEAL_TRY(check_path(site.certificate, "the certificate"));
    FIELDSEAL_TRY(check_path(site.private_key, "the private key"));
    if (site.machine_port != 0) FIELDSEAL_TRY(check_path(site.machine_ca, "the machines' CA"));
    if (site.upstream.kind == ListenAddress::Kind::unix_socket)
        FIELDSEAL_TRY(check_path(site.upstream.path, "the socket"));
    return {};
}

std::string server(const Site& site, bool machines) {
    const std::uint16_t port = machines ? site.machine_port : site.port;
    // As browsers write it, so that the node can compare it with an Origin.
    const std::string host = port == kHttpsPort ? "$host" : "$host:" + std::to_string(port);
    const Fields fields = {
        {"LISTEN", listen_lines(site, port)},
        {"CERTIFICATE", site.certificate},
        {"KEY", site.private_key},
        {"CLIENT_CERTIFICATES",
         machines
             ? "    # A machine shows a certificate here, besides its token.\n"
               "    ssl_client_certificate " +
                   site.machine_ca + ";\n    ssl_verify_client optional;\n    ssl_verify_depth 2;\n"
             : ""},
        {"CERTIFICATE_RULE", machines ? "    if ($ssl_client_verify != SUCCESS) {\n"
                                        "        return 403;\n    }\n"
                                      : ""},
        {"HSTS", site.organisations ? std::string(kHsts) : ""},
        {"TEMP", std::string(kTemporaryFiles)},
        {"LOG", std::string(kAccessLog)},
        {"ERROR_LOG", std::string(kErrorLog)},
        {"HOST_SENT", host},
        {"DOCUMENT_MIB_MAX", std::to_string(site.document_mib_max)},
        {"PROBLEMS", problems(site)},
    };
    return filled(kServerTemplate, fields);
}

}  // namespace

Result<std::string> render_site(const Site& site) {
    FIELDSEAL_TRY(check_site(site));
    std::string names;
    for (const HostName& name : site.names) names += "    \"" + name.as_host() + "\" 0;\n";
    std::string servers = server(site, false);
    if (site.machine_port != 0) servers += "\n" + server(site, true);
    while (servers.ends_with('\n')) servers.pop_back();
    return filled(
        kSiteTemplate,
        {{"UPSTREAM", upstream_text(site.upstream)}, {"NAMES", names}, {"SERVERS", servers}});
}

}  // namespace fieldseal::node::lan
