// SPDX-License-Identifier: Apache-2.0
// Replies and tokens of a time-stamping authority. What is read is within its bounds and is read
// again as the same; and no token that was not made with the authority's key is ever proven.
#include "core/anchors/rfc3161_anchor.h"
#include "core/check.h"
#include "core/hash.h"
#include "core/pki/chain.h"
#include "core/pki/time_stamp.h"
#include "tests/support/stamp_scene.h"

#include <algorithm>

namespace {

using namespace fieldseal;

const Digest& digest() {
    static const Digest value = sha256(as_bytes("a checkpoint"));
    return value;
}

const Bytes& genuine() {
    static const Bytes token = testing::make_token(testing::post_token(digest()));
    return token;
}

void check_token(ByteView bytes) {
    const auto token = pki::TimeStampToken::parse(bytes);
    if (!token.ok()) return;
    FIELDSEAL_CHECK(token->der() == to_bytes(bytes));
    FIELDSEAL_CHECK(token->time_s() >= 0);
    FIELDSEAL_CHECK(token->certificates().size() <= pki::kTokenCertificatesMax);
    FIELDSEAL_CHECK(token->policy().size() <= pki::kOidTextBytesMax);
    if (const auto bounds = token->bounds(1)) {
        FIELDSEAL_CHECK(bounds->not_before_s <= token->time_s());
        FIELDSEAL_CHECK(bounds->not_after_s >= token->time_s());
    }
}

// Unsigned bytes of a token may differ (its unsigned attributes, certificates beside the signer's);
// what it says may not.
void check_judgement(ByteView bytes) {
    static const TrustedTsa tsas[] = {testing::post_pin()};
    const auto judged = anchors::judge_token({bytes, digest()}, tsas);
    if (judged.finding != anchors::Finding::proven) return;
    FIELDSEAL_CHECK(judged.time_s == testing::kStamped_s);
    FIELDSEAL_CHECK(judged.operated_by == testing::kPostOperator);
}

// A genuine token with the input written over its middle.
void check_mutation(ByteView bytes) {
    if (bytes.size() < 2) return;
    Bytes token = genuine();
    const std::size_t at = read_u16_be(bytes) % token.size();
    const std::size_t count = std::min(bytes.size() - 2, token.size() - at);
    std::copy_n(bytes.begin() + 2, count, token.begin() + static_cast<std::ptrdiff_t>(at));
    check_token(token);
    check_judgement(token);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes{data, size};
    if (const auto reply = pki::parse_reply(bytes); reply.ok()) {
        FIELDSEAL_CHECK(reply->is_granted() == !reply->token.empty());
        check_token(reply->token);
    }
    check_token(bytes);
    check_judgement(bytes);
    check_mutation(bytes);
    if (const auto certificate = pki::Certificate::parse(bytes); certificate.ok()) {
        FIELDSEAL_CHECK(certificate->der() == to_bytes(bytes));
        const pki::Certificate roots[] = {*certificate};
        (void)pki::judge_chain({*certificate, {}, roots, certificate->not_before_s()});
    }
    (void)pki::Crl::parse(bytes);
    return 0;
}
