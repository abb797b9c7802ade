// SPDX-License-Identifier: Apache-2.0
#include "api/request_origin.h"

#include "core/bytes.h"
#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/random.h>

namespace fieldseal::api {
namespace {

constexpr std::size_t kRandomBytes = 12;

bool is_id_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

std::string request_id(std::optional<std::string_view> offered) {
    if (offered && !offered->empty() && offered->size() <= kRequestIdBytesMax &&
        std::all_of(offered->begin(), offered->end(), is_id_char)) {
        return std::string(*offered);
    }
    std::array<std::uint8_t, kRandomBytes> bytes{};
    ssize_t count = -1;
    do {
        count = ::getrandom(bytes.data(), bytes.size(), 0);
    } while (count < 0 && errno == EINTR);
    FIELDSEAL_CHECK(count == static_cast<ssize_t>(bytes.size()));  // getrandom(2): never less
    return hex_encode(bytes);
}

std::string remote_address(std::optional<std::string_view> offered) {
    if (!offered || offered->size() >= INET6_ADDRSTRLEN) return "";
    const std::string text(*offered);
    in6_addr address{};
    const bool known = ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
                       ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
    return known ? text : "";
}

}  // namespace fieldseal::api
