// SPDX-License-Identifier: Apache-2.0
#include "api/content_digest.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

// RFC 9530, Appendix D: the content {"hello": "world"} and a line feed.
constexpr std::string_view kBody = "{\"hello\": \"world\"}\n";
constexpr std::string_view kSha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
constexpr std::string_view kSha512 =
    "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3"
    "qg==:";

bool fits(std::string_view field, std::string_view body) {
    const auto said = parse_content_digest(field);
    EXPECT_TRUE(said.ok()) << field;
    return said.ok() && said->matches(sha256(as_bytes(body)), sha512(as_bytes(body)));
}

TEST(ContentDigest, IsWrittenAsTheRfcWritesIt) {
    EXPECT_EQ(content_digest(as_bytes(kBody)), kSha256);
}

TEST(ContentDigest, FitsTheBodyItWasMadeOfAndNoOther) {
    const std::string both = std::string(kSha512) + ", " + std::string(kSha256);
    for (const std::string& field : {std::string(kSha256), std::string(kSha512), both}) {
        EXPECT_TRUE(fits(field, kBody)) << field;
        EXPECT_FALSE(fits(field, "{\"hello\": \"mars\"}\n")) << field;
    }
}

TEST(ContentDigest, PassesOverAlgorithmsBesideOneItKnows) {
    EXPECT_TRUE(fits("unixsum=:AAA=:, " + std::string(kSha256), kBody));
}

TEST(ContentDigest, RefusesWhatItCannotCheck) {
    for (const char* field :
         {"", "sha-256", "sha-256=", "sha-256=::", "sha-256=:AAAA:", "sha-256=:!!:",
          "unixsum=:AAA=:", "sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=",
          "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:,"}) {
        EXPECT_FALSE(parse_content_digest(field).ok()) << field;
    }
}

}  // namespace
}  // namespace fieldseal::api
