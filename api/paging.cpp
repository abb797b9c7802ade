// SPDX-License-Identifier: Apache-2.0
#include "api/paging.h"

#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::api {
namespace {

constexpr std::size_t kCursorBytesMax = 128;

// base64url without padding (RFC 4648 §5).
std::string to_url_form(std::string base64) {
    while (base64.ends_with('=')) base64.pop_back();
    std::replace(base64.begin(), base64.end(), '+', '-');
    std::replace(base64.begin(), base64.end(), '/', '_');
    return base64;
}

Result<Bytes> from_url_form(std::string_view text) {
    std::string base64(text);
    if (base64.find_first_of("+/=") != std::string::npos) {
        return Error{Errc::invalid_argument, "not base64url"};
    }
    std::replace(base64.begin(), base64.end(), '-', '+');
    std::replace(base64.begin(), base64.end(), '_', '/');
    base64.append((4 - base64.size() % 4) % 4, '=');
    return base64_decode(base64);
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kPlain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
    return out;
}

// A path goes into a header: what is not plain in it is encoded, segment by segment.
std::string encoded_path(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const auto slash = path.find('/');
        out += percent_encoded(path.substr(0, slash));
        if (slash == std::string_view::npos) break;
        out += '/';
        path.remove_prefix(slash + 1);
    }
    return out;
}

std::string next_link(const Request& request, const std::string& cursor) {
    std::string link = "<" + encoded_path(request.path) + "?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") link += percent_encoded(name) + "=" + percent_encoded(value) + "&";
    }
    return link + "cursor=" + cursor + ">; rel=\"next\"";
}

}  // namespace

std::string write_cursor(std::string_view list, std::uint64_t position) {
    return to_url_form(base64_encode(as_bytes(std::string(list) + ":" + std::to_string(position))));
}

Result<std::uint64_t> read_cursor(std::string_view list, std::string_view text) {
    const Error bad = {Errc::invalid_argument,
                       "cursor " + quoted(text) + " is not the `next` of an answer of this list"};
    if (text.size() > kCursorBytesMax) return bad;
    const auto bytes = from_url_form(text);
    if (!bytes.ok()) return bad;
    std::string_view inside = as_text(*bytes);
    if (!inside.starts_with(list) || inside.substr(list.size(), 1) != ":") return bad;
    inside.remove_prefix(list.size() + 1);
    const auto position = parse_decimal(inside);
    return position.ok() ? position : bad;
}

Result<PageQuery> read_page_query(const Request& request, std::string_view list) {
    PageQuery query;
    if (const auto text = request.query_value("limit")) {
        const auto limit = parse_decimal(*text);
        if (!limit.ok() || *limit == 0 || *limit > kPageItemsMax) {
            return Error{
                Errc::invalid_argument,
                "limit goes from 1 to " + std::to_string(kPageItemsMax) + ", not " + quoted(*text)};
        }
        query.limit = static_cast<std::uint32_t>(*limit);
    }
    if (const auto text = request.query_value("cursor")) {
        query.position = FIELDSEAL_TRY(read_cursor(list, *text));
    }
    return query;
}

Response page_of(const Request& request, json::Array items, const std::optional<std::string>& next,
                 std::optional<json::Member> more) {
    auto body = json::Value::object(
        {{"items", json::Value(std::move(items))}, {"next", json::Value(next)}});
    if (more) body.set(more->name, std::move(more->value));
    Response response{200, "application/json", json::dump(body, json::Style::pretty), {}};
    if (next) response.headers.emplace_back("Link", next_link(request, *next));
    return response;
}

}  // namespace fieldseal::api
