// SPDX-License-Identifier: Apache-2.0
#include "api/public_routes.h"

#include "api/problem.h"
#include "core/encoding.h"

namespace fieldseal::api {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
// A tile never changes; a checkpoint is stale after a second (C2SP tlog-tiles).
constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";
constexpr std::string_view kFresh = "no-cache";

Response text_response(Result<std::string> text, std::string_view content_type) {
    if (!text.ok()) return problem(text.error());
    Response response{200, std::string(content_type), std::move(*text), {}};
    response.headers.emplace_back("Cache-Control", kFresh);
    return response;
}

Response tile_response(LogBackend& log, PublicLog which, const std::string& path) {
    const auto tile = log.tile(which, path);
    if (!tile.ok()) return problem(tile.error());
    Response response{200, "application/octet-stream", to_text(*tile), {}};
    response.headers.emplace_back("Cache-Control", kImmutable);
    return response;
}

void add_tiles(Router& router, const std::string& prefix, LogBackend& log, PublicLog which) {
    router.add("GET", prefix + "/checkpoint", [&log, which](const Request&, const PathValues&) {
        return text_response(log.checkpoint(which), kText);
    });
    router.add("GET", prefix + "/tile/{path...}",
               [&log, which](const Request&, const PathValues& at) {
                   return tile_response(log, which, "tile/" + at.at("path"));
               });
}

template <class Then>
Response with_digest(const std::string& text, Then then) {
    const auto digest = hex_decode_digest(text);
    if (!digest.ok()) return problem(400, "invalid-argument", "64 hexadecimal digits are expected");
    return then(*digest);
}

}  // namespace

void add_log_routes(Router& router, LogBackend& log) {
    router.add("GET", "/livez", [](const Request&, const PathValues&) {
        return Response{200, std::string(kText), "ok\n", {}};
    });
    add_tiles(router, "/log", log, PublicLog::statements);
}

void add_witness_routes(Router& router, WitnessBackend& witness, LogBackend& log) {
    router.add("POST", "/witness/add-checkpoint", [&](const Request& request, const PathValues&) {
        WitnessReply reply = witness.add_checkpoint(request.body);
        return Response{reply.status, std::move(reply.content_type), std::move(reply.body), {}};
    });
    add_tiles(router, "/witness/log", log, PublicLog::witnessed);
    router.add("GET", "/witness/proof/{digest}", [&](const Request&, const PathValues& at) {
        return with_digest(at.at("digest"), [&](const Digest& digest) {
            return text_response(witness.proof(digest), "application/json");
        });
    });
    router.add("GET", "/witness/{origin}/checkpoint", [&](const Request&, const PathValues& at) {
        return with_digest(at.at("origin"), [&](const Digest& origin) {
            return text_response(witness.latest(origin), kText);
        });
    });
}

}  // namespace fieldseal::api
