// SPDX-License-Identifier: Apache-2.0
// Gate: what every request to the edge passes before a handler sees it. Default deny.
//
// In this order: Host is a name of ours (421) · who asks, by cookie or token (two at once: 400;
// unknown ones are nobody) · that caller's rate (429) · a route is there (404, 405) · it takes this
// caller: logged in (401), of this Origin (403), with the CSRF token (403), with the permission
// (403), confirmed for sealing (403) · the body is JSON where the route takes JSON (415) and is
// what Content-Digest says (400). Which paths exist is no secret: the node publishes its OpenAPI
// document. A dead cookie must not keep anybody from logging in again, so it is refused only by
// routes that need somebody. Answers get the security headers, Cache-Control: no-store where the
// route chose nothing, Content-Digest, RateLimit and the request's id. No CORS.
//
// OWNED BY: node's edge. THREADS: answer() from any. ERRORS: as problems (api/problem.h).
#pragma once

#include "api/gatekeeper.h"
#include "api/http.h"
#include "api/rate_limit.h"
#include "api/router.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

inline constexpr std::string_view kSessionCookie = "__Host-fieldseal";
inline constexpr std::string_view kTokenPrefix = "fst_";
inline constexpr std::size_t kSecretTextBytesMax = 128;  // of a cookie's value or a token

class Gate {
public:
    // `names`: DNS names and addresses of this node, without ports; every port is right.
    // REQUIRES: `gatekeeper` outlives the gate; the router's backends do too.
    Gate(Router router, Gatekeeper& gatekeeper, const std::vector<std::string>& names,
         SteadySeconds now);

    // Sets request.caller, and wipes the body once it is answered.
    Response answer(Request& request);
    // REQUIRES: the gate outlives the handler.
    Handler handler();
    const Router& router() const { return router_; }

private:
    using Refusal = std::optional<Response>;

    Refusal check_host(const Request& request) const;
    Refusal identify(Request& request) const;
    Refusal check_route(const Request& request) const;
    Refusal check_caller(const Request& request, const Route& route) const;
    Refusal check_origin(const Request& request) const;
    std::function<bool()> asking_again(const Request& request, const Route& route) const;
    Response pass(Request& request, Refusal refusal) const;
    bool is_ours(std::string_view authority) const;

    Router router_;
    Gatekeeper& gatekeeper_;
    std::vector<std::string> names_;
    RateLimiter limiter_;
};

// What every answer of the edge carries, also those made before the gate. Never overwrites.
void add_security_headers(Response& response);

// 403 confirm-first: a session has to prove itself again before `what`.
Response confirm_first(std::string_view what);

// The value of our session cookie in a request; nothing when there is none.
std::optional<std::string_view> session_cookie(const Request& request);

}  // namespace fieldseal::api
