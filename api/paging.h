// SPDX-License-Identifier: Apache-2.0
// Lists in pages: ?limit= and an opaque ?cursor=, answered as {"items", "next"} with a Link to the
// next page (RFC 8288). A cursor is a position and the word of the list it belongs to.
// THREADS: free functions, any. ERRORS: invalid_argument.
#pragma once

#include "api/http.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::uint32_t kPageItems = 100;
inline constexpr std::uint32_t kPageItemsMax = 500;

struct PageQuery {
    std::uint32_t limit = kPageItems;
    std::optional<std::uint64_t> position;  // what the cursor says; absent on the first page
};

// Reads `limit` and `cursor`; other query names are the route's own. `list` is a word of the list,
// "audit".
Result<PageQuery> read_page_query(const Request& request, std::string_view list);

// The text of a cursor, base64url, and back.
std::string write_cursor(std::string_view list, std::uint64_t position);
Result<std::uint64_t> read_cursor(std::string_view list, std::string_view text);

// 200 with {"items": items, "next": cursor or null} and perhaps one member more; Link repeats the
// request's query.
Response page_of(const Request& request, json::Array items, const std::optional<std::string>& next,
                 std::optional<json::Member> more = {});

}  // namespace fieldseal::api
