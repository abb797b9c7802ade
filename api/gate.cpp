// SPDX-License-Identifier: Apache-2.0
#include "api/gate.h"

#include "api/content_digest.h"
#include "api/problem.h"
#include "api/secret_text.h"
#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace fieldseal::api {
namespace {

constexpr std::string_view kConfirmPath = "/api/v1/session/confirm";
constexpr std::string_view kBearer = "bearer ";

// A node's answers are data or pages without scripts; a page names its style by hash.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSecurityHeaders = {{
    {"Content-Security-Policy",
     "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
}};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool has_header(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& header) { return lower(header.first) == lower(name); });
}

void add_missing(Response& response, std::string_view name, std::string_view value) {
    if (!has_header(response, name)) response.headers.emplace_back(name, value);
}

bool is_unsafe(std::string_view method) {
    return method != "GET" && method != "HEAD";
}

// The bytes are compared to the end, whatever they are. Lengths are no secret.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

// The name in "name", "name:port", "[address]" or "[address]:port"; nothing when it is none of
// them.
std::optional<std::string> name_of(std::string_view authority) {
    std::string_view name = authority;
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        name = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
        name = authority.substr(0, colon);
        port = authority.substr(colon);
    }
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty()) return std::nullopt;
    if (!port.empty() && (port.size() == 1 || port.size() > 6 || port[0] != ':'))
        return std::nullopt;
    const bool digits = std::all_of(port.begin() + (port.empty() ? 0 : 1), port.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional(lower(name)) : std::nullopt;
}

// The token in "Bearer fst_…"; nothing when the header is something else.
std::optional<std::string_view> bearer_token(std::string_view header) {
    if (header.size() <= kBearer.size() || lower(header.substr(0, kBearer.size())) != kBearer) {
        return std::nullopt;
    }
    const std::string_view token = header.substr(kBearer.size());
    if (!token.starts_with(kTokenPrefix) || token.size() > kSecretTextBytesMax) return std::nullopt;
    return token;
}

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    return lower(type.substr(0, type.find_last_not_of(' ') + 1)) == "application/json";
}

Response unauthenticated(const Request& request) {
    const bool tried = request.header("authorization") || session_cookie(request);
    Response response = problem(401, "unauthenticated",
                                tried ? "the credentials are not in force here: log in again, or "
                                        "send a token that was not revoked"
                                      : "this needs a session or a token: POST /api/v1/session, or "
                                        "Authorization: Bearer fst_…");
    response.headers.emplace_back("WWW-Authenticate",
                                  request.header("authorization")
                                      ? "Bearer realm=\"fieldseal\", error=\"invalid_token\""
                                      : "Bearer realm=\"fieldseal\"");
    return response;
}

Response lacking(const Caller& caller, Permission permission) {
    const std::string word(to_string(permission));
    return problem(403, "denied",
                   "the permission " + word + " is missing: " +
                       (caller.kind == CallerKind::token
                            ? "the token " + quoted(caller.token_id) + " does not have it"
                            : "the role " + quoted(caller.role) + " of " + quoted(caller.account) +
                                  " does not have it"),
                   {{"permission", word}});
}

std::optional<Response> check_csrf(const Request& request) {
    const auto sent = request.header("x-csrf-token");
    if (sent && !request.caller.csrf.empty() &&
        equal_in_constant_time(*sent, request.caller.csrf)) {
        return std::nullopt;
    }
    return problem(403, "wrong-csrf",
                   "a session changes something only with X-CSRF-Token: GET /api/v1/session says "
                   "what it must be");
}

std::optional<Response> check_body(const Request& request, const Route& route) {
    if (route.kind == RouteKind::upload) return std::nullopt;  // its handler reads the stream
    if (is_unsafe(request.method) && !request.body.empty() &&
        !is_json(request.header("content-type").value_or(""))) {
        return problem(415, "unsupported-media-type",
                       "this operation takes Content-Type: application/json, not " +
                           quoted(request.header("content-type").value_or("")));
    }
    const auto field = request.header("content-digest");
    if (!field) return std::nullopt;
    const auto said = parse_content_digest(*field);
    if (!said.ok()) return problem(said.error());
    DocumentHasher hasher;
    hasher.update(as_bytes(request.body));
    const auto found = hasher.finish();
    if (said->matches(found.sha256, found.sha512)) return std::nullopt;
    return problem(400, "digest-mismatch",
                   "the body that arrived has " + content_digest(as_bytes(request.body)) +
                       ", and Content-Digest says " + quoted(*field) + ": nothing was done");
}

}  // namespace

std::optional<std::string_view> session_cookie(const Request& request) {
    const auto header = request.header("cookie");
    if (!header) return std::nullopt;
    std::string_view rest = *header;
    while (!rest.empty()) {
        const auto end = rest.find(';');
        std::string_view pair = rest.substr(0, end);
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == kSessionCookie) {
            const std::string_view value = pair.substr(equals + 1);
            if (value.size() <= kSecretTextBytesMax) return value;
            return std::string_view();
        }
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    return std::nullopt;
}

Response confirm_first(std::string_view what) {
    return problem(
        403, "confirm-first",
        "before " + std::string(what) + " prove yourself again: POST " + std::string(kConfirmPath),
        {{"confirm_at", kConfirmPath}});
}

void add_security_headers(Response& response) {
    for (const auto& [name, value] : kSecurityHeaders) add_missing(response, name, value);
}

Gate::Gate(Router router, Gatekeeper& gatekeeper, const std::vector<std::string>& names,
           SteadySeconds now)
    : router_(std::move(router)), gatekeeper_(gatekeeper), limiter_(std::move(now)) {
    for (const auto& name : names) names_.push_back(lower(name));
}

Handler Gate::handler() {
    return [this](Request& request) { return answer(request); };
}

bool Gate::is_ours(std::string_view authority) const {
    const auto name = name_of(authority);
    return name && std::find(names_.begin(), names_.end(), *name) != names_.end();
}

Gate::Refusal Gate::check_host(const Request& request) const {
    const auto host = request.header("host");
    if (host && is_ours(*host)) return std::nullopt;
    return problem(421, "wrong-host",
                   "this node does not answer to Host " + quoted(host.value_or("")) +
                       ": add it to `names` under [edge] if it is a name of the node");
}

// Sets request.caller. Credentials that are not in force make the caller nobody: routes that need
// somebody refuse him, and he can log in again.
Gate::Refusal Gate::identify(Request& request) const {
    request.caller = Caller{};
    request.caller.confirmed = false;
    const auto cookie = session_cookie(request);
    const auto authorization = request.header("authorization");
    if (cookie && authorization) {
        return problem(400, "two-credentials",
                       "the request has a session cookie and an Authorization header: send one");
    }
    if (!cookie && !authorization) return std::nullopt;
    const auto token = authorization ? bearer_token(*authorization) : std::nullopt;
    if (authorization && !token) return std::nullopt;
    auto caller =
        token ? gatekeeper_.caller_of_token(*token) : gatekeeper_.caller_of_cookie(*cookie);
    if (caller.ok()) {
        request.caller = std::move(*caller);
        request.caller.remote = request.remote;
        return std::nullopt;
    }
    if (caller.error().code == Errc::unauthenticated) return std::nullopt;
    return problem(caller.error());
}

// A session is used by pages that this node served, never by those of others.
Gate::Refusal Gate::check_origin(const Request& request) const {
    if (!is_unsafe(request.method)) return std::nullopt;
    if (const auto site = request.header("sec-fetch-site"); site && *site == "cross-site") {
        return problem(403, "wrong-origin", "a page of another site asked for this");
    }
    const auto origin = request.header("origin");
    if (!origin) return std::nullopt;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (origin->starts_with(scheme) && is_ours(origin->substr(scheme.size()))) {
            return std::nullopt;
        }
    }
    return problem(403, "wrong-origin",
                   "Origin " + quoted(*origin) + " is not a page of this node; there is no CORS");
}

Gate::Refusal Gate::check_caller(const Request& request, const Route& route) const {
    const Caller& caller = request.caller;
    if (route.needs == Permission::anyone) return check_origin(request);
    if (caller.kind == CallerKind::nobody) return unauthenticated(request);
    if (auto refusal = check_origin(request)) return refusal;
    if (caller.kind == CallerKind::session && is_unsafe(request.method)) {
        if (auto refusal = check_csrf(request)) return refusal;
    }
    if (route.needs != Permission::self && !caller.may.has(route.needs)) {
        return lacking(caller, route.needs);
    }
    const bool sealing = route.needs == Permission::statement_create;
    if (sealing && caller.kind == CallerKind::session && !caller.confirmed) {
        return confirm_first("sealing");
    }
    if (route.confirm && caller.kind == CallerKind::session && !caller.confirmed) {
        return confirm_first("what nothing leads back from");
    }
    return std::nullopt;
}

Gate::Refusal Gate::check_route(const Request& request) const {
    const Route* route = router_.find(request.method, request.path);
    if (route == nullptr) return router_.dispatch(request);  // 404 or 405
    if (auto refusal = check_caller(request, *route)) return refusal;
    return check_body(request, *route);
}

// An upload is its person's work and keeps his session alive; a page that only listens does not.
std::function<bool()> Gate::asking_again(const Request& request, const Route& route) const {
    const std::string cookie(session_cookie(request).value_or(""));
    const std::string token(
        bearer_token(request.header("authorization").value_or("")).value_or(""));
    const bool works = route.kind == RouteKind::upload;
    return [this, cookie, token, works, needs = route.needs] {
        const auto caller = !token.empty() ? gatekeeper_.caller_of_token(token)
                            : works        ? gatekeeper_.caller_of_cookie(cookie)
                                           : gatekeeper_.watch_cookie(cookie);
        return caller.ok() && caller->may.has(needs);
    };
}

Response Gate::pass(Request& request, Refusal refusal) const {
    if (!refusal) refusal = check_route(request);
    if (refusal) return std::move(*refusal);
    const Route* route = router_.find(request.method, request.path);
    if (route->kind != RouteKind::ordinary && route->needs != Permission::anyone) {
        request.still_allowed = asking_again(request, *route);
    }
    return router_.dispatch(request);
}

Response Gate::answer(Request& request) {
    Refusal refusal = check_host(request);
    if (!refusal) refusal = identify(request);
    const auto verdict = limiter_.take(request);
    Response response =
        verdict.allowed ? pass(request, std::move(refusal))
                        : problem(429, "rate-limited",
                                  "more than " + std::to_string(verdict.policy.requests) +
                                      " requests in " + std::to_string(verdict.policy.window_s) +
                                      " s: wait " + std::to_string(verdict.retry_after_s) + " s");
    if (response.content_type == kProblemType) name_problem(response.body, request);
    add_rate_limit_headers(response, verdict);
    if (!response.write && !response.body.empty()) {
        add_missing(response, "Content-Digest", content_digest(as_bytes(response.body)));
    }
    add_security_headers(response);
    wipe(request.body);  // it may have a password
    return response;
}

}  // namespace fieldseal::api
