// SPDX-License-Identifier: Apache-2.0
#include "api/conditional.h"

#include "api/problem.h"
#include "core/encoding.h"
#include "core/hash.h"

#include <algorithm>

namespace fieldseal::api {
namespace {

constexpr std::size_t kEtagBytes = 16;  // of the SHA-256; nobody gains by a collision

enum class Comparison : std::uint8_t { weak, strong };

// Whether `etag` is in a list of entity tags, or the list is "*".
bool lists(std::string_view field, std::string_view etag, Comparison comparison) {
    std::string_view rest = field;
    while (!rest.empty()) {
        const auto first = rest.find_first_not_of(" \t,");
        if (first == std::string_view::npos) return false;
        rest.remove_prefix(first);
        if (rest.starts_with('*')) return true;
        const bool weak = rest.starts_with("W/");
        if (weak) rest.remove_prefix(2);
        const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
        if (end == std::string_view::npos) return false;  // not a list of tags: it has none of ours
        const bool counts = !weak || comparison == Comparison::weak;
        if (counts && rest.substr(0, end + 1) == etag) return true;
        rest.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace

std::string strong_etag(std::string_view bytes) {
    const Digest digest = sha256(as_bytes(bytes));
    return "\"" + hex_encode(ByteView(digest).first(kEtagBytes)) + "\"";
}

Response with_etag(const Request& request, Response response) {
    if (response.status != 200 || response.write) return response;
    const std::string etag = strong_etag(response.body);
    response.headers.emplace_back("ETag", etag);
    const auto known = request.header("if-none-match");
    if (!known || !lists(*known, etag, Comparison::weak)) return response;
    Response not_modified{304, "", "", {}};
    not_modified.headers = std::move(response.headers);
    return not_modified;
}

std::optional<Response> check_if_match(const Request& request, std::string_view etag) {
    const auto wanted = request.header("if-match");
    if (!wanted || lists(*wanted, etag, Comparison::strong)) return std::nullopt;
    return problem(412, "precondition-failed",
                   "it is " + std::string(etag) + " now, and If-Match says " + quoted(*wanted) +
                       ": read it again, then decide");
}

}  // namespace fieldseal::api
