// SPDX-License-Identifier: Apache-2.0
#include "api/content_digest.h"

#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::api {
namespace {

constexpr std::size_t kFieldBytesMax = 1024;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Error malformed(std::string_view field) {
    return {Errc::invalid_argument,
            "a Content-Digest reads \"sha-256=:<base64>:\" (RFC 9530), not " + quoted(field)};
}

struct Part {
    std::string_view algorithm;
    Bytes digest;
};

Result<Part> parse_part(std::string_view text, std::string_view field) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return malformed(field);
    const std::string_view value = text.substr(equals + 1);
    if (value.size() < 2 || value.front() != ':' || value.back() != ':') return malformed(field);
    auto digest = base64_decode(value.substr(1, value.size() - 2));
    if (!digest.ok()) return malformed(field);
    return Part{text.substr(0, equals), std::move(*digest)};
}

}  // namespace

bool ContentDigest::matches(const Digest& sha256_found, const Sha512Digest& sha512_found) const {
    return (!sha256 || *sha256 == sha256_found) && (!sha512 || *sha512 == sha512_found);
}

Result<ContentDigest> parse_content_digest(std::string_view field) {
    if (field.size() > kFieldBytesMax) return malformed(field);
    ContentDigest digest;
    std::string_view rest = field;
    for (bool more = true; more;) {
        const auto comma = rest.find(',');
        const Part part = FIELDSEAL_TRY(parse_part(trimmed(rest.substr(0, comma)), field));
        if (part.algorithm == "sha-256") {
            if (part.digest.size() != kDigestBytes) return malformed(field);
            digest.sha256.emplace();
            std::copy(part.digest.begin(), part.digest.end(), digest.sha256->begin());
        } else if (part.algorithm == "sha-512") {
            if (part.digest.size() != kSha512Bytes) return malformed(field);
            digest.sha512.emplace();
            std::copy(part.digest.begin(), part.digest.end(), digest.sha512->begin());
        }
        more = comma != std::string_view::npos;
        if (more) rest = rest.substr(comma + 1);
    }
    if (!digest.sha256 && !digest.sha512) {
        return Error{Errc::invalid_argument,
                     "this node checks sha-256 and sha-512 in Content-Digest, and neither is in " +
                         quoted(field)};
    }
    return digest;
}

std::string content_digest(ByteView body) {
    return "sha-256=:" + base64_encode(sha256(body)) + ":";
}

}  // namespace fieldseal::api
