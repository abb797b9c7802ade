// SPDX-License-Identifier: Apache-2.0
#include "api/http.h"

namespace fieldseal::api {
namespace {

std::optional<std::string_view> find(const std::map<std::string, std::string>& map,
                                     std::string_view name) {
    const auto it = map.find(std::string(name));
    if (it == map.end()) return std::nullopt;
    return it->second;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
    return find(headers, name);
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
    return find(query, name);
}

}  // namespace fieldseal::api
