// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/secret_mask.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::string_view kMask = "***";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string result;
    std::size_t from = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
        result.append(text.substr(from, at - from)).append(by);
        from = at + what.size();
    }
    return result.append(text.substr(from));
}

// The path and query of an address, with its first "/" or "?".
std::string_view behind_host(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t end = url.find_first_of("/?", host);
    return end == std::string_view::npos ? std::string_view() : url.substr(end);
}

bool is_hex_data(std::string_view text) {
    return text.starts_with("0x") &&
           text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

}  // namespace

SecretMask::SecretMask(const std::vector<std::string>& urls,
                       const std::vector<std::pair<std::string, std::string>>& headers) {
    for (const auto& [name, value] : headers) {
        add(value);
        const std::size_t space = value.find(' ');
        if (space == std::string::npos) continue;
        const std::size_t token = value.find_first_not_of(' ', space);
        if (token != std::string::npos) add(std::string_view(value).substr(token));
    }
    for (const std::string& url : urls) {
        const std::string_view rest = behind_host(url);
        if (rest.size() <= 1) continue;
        add(rest);
        const std::string_view path = rest.substr(0, rest.find('?'));
        if (path.size() > 1) add(path);
        for (std::size_t start = 0; start < rest.size();) {
            const std::size_t end = std::min(rest.find_first_of("/?&=", start), rest.size());
            if (end - start >= kSecretPartBytesMin) add(rest.substr(start, end - start));
            start = end + 1;
        }
    }
    std::ranges::sort(secrets_, [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    const auto twice = std::ranges::unique(secrets_);
    secrets_.erase(twice.begin(), twice.end());
}

void SecretMask::add(std::string_view secret) {
    if (secret.empty()) return;
    secrets_.emplace_back(secret);
    const std::string written = json::dump(json::Value(secret));
    const std::string escaped = written.substr(1, written.size() - 2);
    secrets_.push_back(escaped);
    secrets_.push_back(replaced(escaped, "/", "\\/"));
}

std::string SecretMask::hide(std::string_view text) const {
    std::string shown(text);
    for (const std::string& secret : secrets_) shown = replaced(shown, secret, kMask);
    return shown;
}

// As deep as the parser lets a tree be.
// NOLINTNEXTLINE(misc-no-recursion)
bool SecretMask::occurs_in(const json::Value& value) const {
    if (value.is_string()) {
        const std::string& text = value.as_string();
        return std::ranges::any_of(secrets_, [&](const std::string& secret) {
            return is_hex_data(text) ? text == secret : text.find(secret) != std::string::npos;
        });
    }
    if (value.is_array()) {
        return std::ranges::any_of(value.as_array(),
                                   [&](const json::Value& item) { return occurs_in(item); });
    }
    return value.is_object() &&
           std::ranges::any_of(value.as_object(),
                               [&](const json::Member& member) { return occurs_in(member.value); });
}

}  // namespace fieldseal::anchor
