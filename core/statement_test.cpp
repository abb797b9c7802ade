// SPDX-License-Identifier: Apache-2.0
#include "core/statement.h"

#include "core/cbor/cbor.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/status.h"
#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

#include <functional>

namespace fieldseal {
namespace {

using testing::SealSigner;

constexpr std::uint8_t kSeed = 7;

StatementClaims some_claims(const PublicKey& key) {
    StatementClaims claims;
    claims.document = sha256(as_bytes("a contract"));
    claims.algorithm = key.algorithm();
    claims.kid = key.kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "urn:uuid:0193b0c8-2f5e-7c00-8000-000000000001";
    claims.issued_at = 1795444200;
    claims.media_type = "application/pdf";
    claims.nonce.fill(0x11);
    return claims;
}

StatementClaims all_claims(const PublicKey& key) {
    StatementClaims claims = some_claims(key);
    claims.certificate = sha256(as_bytes("a certificate"));
    claims.document_sha512 = sha512(as_bytes("a contract"));
    claims.floor = FloorReference{FloorKind::block_header, sha256(as_bytes("a header"))};
    claims.clock = {ClockSource::anchored_reference, 86400, ClockTrust::holdover};
    claims.custody = Custody::tpm;
    claims.approvals = sha256(as_bytes("approvals"));
    return claims;
}

Statement signed_statement(const SealSigner& signer, const StatementClaims& claims) {
    const auto tbs = StatementTbs::from(claims);
    EXPECT_TRUE(tbs.ok()) << tbs.error().message;
    auto statement = assemble(*tbs, signer.sign(tbs->preimage()));
    EXPECT_TRUE(statement.ok()) << statement.error().message;
    return *std::move(statement);
}

// A statement whose header is `header`, validly signed: only the form is wrong.
Bytes with_header(const SealSigner& signer, const cbor::Value& header, ByteView payload) {
    const Bytes encoded = cbor::encode(header);
    return cose::encode(
        {encoded, to_bytes(payload), signer.sign(cose::sig_structure(encoded, payload))});
}

cbor::Value header_of(const Statement& statement) {
    return *cbor::decode(statement.object.protected_header);
}

// The map without one key, or with that key's value replaced.
cbor::Value changed(const cbor::Value& map, const cbor::Key& key,
                    const std::optional<cbor::Value>& value) {
    cbor::Value out = cbor::Value::map();
    for (const auto& [name, was] : map.as_map()) {
        if (name != key) out.set(name, was);
    }
    if (value) out.set(key, *value);
    return out;
}

void expect_refused(ByteView cose, std::string_view reason) {
    const auto statement = parse_statement(cose);
    ASSERT_FALSE(statement.ok()) << reason;
    EXPECT_EQ(statement.error().code, Errc::invalid_argument);
    EXPECT_NE(statement.error().message.find(reason), std::string::npos)
        << statement.error().message << " / " << reason;
}

class EveryAlgorithm : public ::testing::TestWithParam<Algorithm> {};

INSTANTIATE_TEST_SUITE_P(Statement, EveryAlgorithm,
                         ::testing::Values(Algorithm::es256k, Algorithm::es256, Algorithm::eddsa,
                                           Algorithm::ps256),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(EveryAlgorithm, SignsParsesAndVerifies) {
    const SealSigner signer = SealSigner::of(GetParam(), kSeed);
    for (const StatementClaims& claims : {some_claims(signer.key()), all_claims(signer.key())}) {
        const Statement made = signed_statement(signer, claims);
        const auto read = parse_statement(made.cose());
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(read->claims, claims);
        EXPECT_EQ(read->object, made.object);
        EXPECT_EQ(read->entry, made.entry);
        EXPECT_EQ(read->entry, sha256(made.cose()));
        EXPECT_EQ(read->id(), hex_encode(sha256(made.cose())));
        EXPECT_TRUE(verify_statement(*read, signer.key()).ok());
    }
}

TEST_P(EveryAlgorithm, RefusesEveryFlippedBit) {
    const SealSigner signer = SealSigner::of(GetParam(), kSeed);
    const Bytes cose = signed_statement(signer, all_claims(signer.key())).cose();
    for (std::size_t bit = 0; bit < 8 * cose.size(); bit += 5) {
        Bytes bad = cose;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto read = parse_statement(bad);
        EXPECT_FALSE(read.ok() && verify_statement(*read, signer.key()).ok()) << bit;
    }
}

TEST_P(EveryAlgorithm, RefusesAnotherKey) {
    const SealSigner signer = SealSigner::of(GetParam(), kSeed);
    const SealSigner other = SealSigner::of(GetParam(), kSeed + 1);
    const Statement statement = signed_statement(signer, some_claims(signer.key()));
    const auto refused = verify_statement(statement, other.key());
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("signed by key"), std::string::npos);
    // A stranger's signature under this key's name.
    const Statement forged = signed_statement(other, some_claims(signer.key()));
    EXPECT_EQ(verify_statement(forged, signer.key()).error().code, Errc::corrupt);
}

TEST(Statement, RefusesAnAlgorithmThatIsNotTheKeys) {
    const SealSigner k1 = SealSigner::es256k(kSeed);
    StatementClaims claims = some_claims(k1.key());
    claims.algorithm = Algorithm::es256;
    const Statement statement = signed_statement(k1, claims);
    ASSERT_TRUE(parse_statement(statement.cose()).ok());
    const auto refused = verify_statement(statement, k1.key());
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("does not fit"), std::string::npos);
}

TEST(Statement, RefusesHighSOfBothCurves) {
    for (const Algorithm algorithm : {Algorithm::es256k, Algorithm::es256}) {
        const SealSigner signer = SealSigner::of(algorithm, kSeed);
        Statement statement = signed_statement(signer, some_claims(signer.key()));
        statement.object.signature[32] |= 0x80;
        const auto read = parse_statement(statement.cose());
        ASSERT_TRUE(read.ok());
        const auto refused = verify_statement(*read, signer.key());
        ASSERT_FALSE(refused.ok());
        EXPECT_NE(refused.error().message.find("high-S"), std::string::npos);
    }
}

TEST(Statement, TwoSealsOfOneFileInOneSecondDiffer) {
    const SealSigner signer = SealSigner::es256k(kSeed);
    StatementClaims claims = some_claims(signer.key());
    const Statement first = signed_statement(signer, claims);
    EXPECT_EQ(signed_statement(signer, claims).entry, first.entry);
    claims.nonce[0] ^= 1;
    EXPECT_NE(signed_statement(signer, claims).entry, first.entry);
}

TEST(Statement, RefusesAMissingLabel) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, some_claims(signer.key()));
    for (const std::int64_t label :
         {cose::kAlg, cose::kKid, cose::kCwtClaims, cose::kTyp, cose::kPayloadHashAlg,
          cose::kPreimageContentType, kSealLabel}) {
        expect_refused(
            with_header(signer, changed(header_of(good), label, {}), good.object.payload),
            "[" + std::to_string(label) + "]: missing");
    }
}

TEST(Statement, RefusesEveryOtherLabel) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, some_claims(signer.key()));
    // crit, content type, IV, x5chain, x5u, payload location, receipts, another private one, a
    // text.
    for (const cbor::Key& label : std::vector<cbor::Key>{2, 3, 5, 33, 35, 260, 394, -65702, "a"}) {
        const cbor::Value header =
            changed(header_of(good), label, cbor::Value::array({cbor::Value(1)}));
        expect_refused(with_header(signer, header, good.object.payload),
                       "unknown label " + label.to_string());
    }
}

struct BadValue {
    std::int64_t label;
    cbor::Value value;
    std::string_view reason;
};

TEST(Statement, RefusesWrongValuesInTheHeader) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, some_claims(signer.key()));
    const std::vector<BadValue> bad = {
        {cose::kAlg, -257, "[1]: not ES256K"},
        {cose::kAlg, -35, "[1]: not ES256K"},
        {cose::kAlg, -19, "[1]: not ES256K"},
        {cose::kAlg, "ES256", "[1]: not an integer"},
        {cose::kKid, Bytes(8), "[4]: 8 bytes, not 32"},
        {cose::kKid, "kid", "[4]: not a byte string"},
        {cose::kTyp, kStatusType, "[16]"},
        {cose::kTyp, "application/fieldseal-statement+cose; v=1", "[16]"},
        {cose::kTyp, 61, "[16]: not text"},
        {cose::kX5t, cbor::Value::array({-43, Digest{}}), "[34][0]"},
        {cose::kX5t, cbor::Value::array({-16, Bytes(20)}), "[34][1]"},
        {cose::kX5t, Digest{}, "[34]: not an array"},
        {cose::kPayloadHashAlg, -43, "[258]"},
        {cose::kPayloadHashAlg, nullptr, "[258]"},
        {cose::kPreimageContentType, "pdf", "media type"},
        {cose::kPreimageContentType, "text/plain; charset=utf-8", "media type"},
        {cose::kPreimageContentType, 30, "[259]: not text"},
        {kSealLabel, nullptr, "[-65701]: not a map"},
    };
    for (const BadValue& test : bad) {
        const cbor::Value header = changed(header_of(good), test.label, test.value);
        expect_refused(with_header(signer, header, good.object.payload), test.reason);
    }
}

TEST(Statement, RefusesWrongValuesInTheSealMapAndTheClaims) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, all_claims(signer.key()));
    const auto array = [](std::initializer_list<cbor::Value> items) {
        return cbor::Value::array(items);
    };
    const std::vector<std::pair<std::int64_t, std::vector<BadValue>>> bad = {
        {kSealLabel,
         {{1, Digest{}, "[1]: 32 bytes, not 64"},
          {2, Bytes(15), "[2]: 15 bytes, not 16"},
          {3, array({0, Digest{}}), "[3][0]: 0 is not within 1 to 3"},
          {3, array({4, Digest{}}), "[3][0]: 4"},
          {3, array({1}), "[3]: 1 items"},
          {4, array({3, nullptr, 0}), "[4][0]"},
          {4, array({0, -1, 0}), "[4][1]"},
          {4, array({0, nullptr, 3}), "[4][2]"},
          {4, array({0, 0}), "[4]: 2 items"},
          {5, 4, "[5]"},
          {6, Bytes(31), "[6]"},
          {7, 0, "unknown label 7"},
          {0, 0, "unknown label 0"}}},
        {cose::kCwtClaims,
         {{1, "has space", "issuer"},
          {1, "ünïcode", "issuer"},
          {1, std::string(256, 'a'), "[1]: 256 bytes"},
          {2, "", "[2]: 0 bytes"},
          {2, "line\nbreak", "subject"},
          {2, std::string(256, 'a'), "[2]: 256 bytes"},
          {6, -1, "[6]: -1"},
          {6, (std::int64_t{1} << 53), "[6]"},
          {6, "now", "[6]"},
          {5, 1, "unknown label 5"}}},
    };
    for (const auto& [label, changes] : bad) {
        for (const BadValue& test : changes) {
            const cbor::Value whole = header_of(good);
            const cbor::Value inner = changed(*whole.find(label), test.label, test.value);
            expect_refused(with_header(signer, changed(whole, label, inner), good.object.payload),
                           test.reason);
        }
    }
    for (const std::int64_t label : {1, 2, 6}) {
        const cbor::Value whole = header_of(good);
        const cbor::Value inner = changed(*whole.find(cose::kCwtClaims), label, {});
        expect_refused(
            with_header(signer, changed(whole, cose::kCwtClaims, inner), good.object.payload),
            "missing");
    }
}

TEST(Statement, RefusesPayloadsThatAreNotADigestAndSignaturesOfAnotherLength) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, some_claims(signer.key()));
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        expect_refused(with_header(signer, header_of(good), Bytes(size)), "payload");
    }
    cose::Sign1 object = good.object;
    object.signature.push_back(0);
    expect_refused(cose::encode(object), "65 bytes, not 64");
    object.signature.clear();
    expect_refused(cose::encode(object), "0 bytes, not 64");
}

TEST(Statement, RefusesAProtectedHeaderThatIsNotDeterministic) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const Statement good = signed_statement(signer, some_claims(signer.key()));
    Bytes header = good.object.protected_header;
    header.push_back(0);
    expect_refused(cose::encode({header, good.object.payload, good.object.signature}),
                   "after the value");
    // -8 (27) spelt in two bytes (38 07).
    header = good.object.protected_header;
    ASSERT_EQ(header[2], 0x27);
    header[2] = 0x38;
    header.insert(header.begin() + 3, 0x07);
    expect_refused(cose::encode({header, good.object.payload, good.object.signature}), "shortest");
    expect_refused(cose::encode({{}, good.object.payload, good.object.signature}), "ends before");
    expect_refused(cose::encode({{0x80}, good.object.payload, good.object.signature}), "not a map");
}

TEST(StatementTbs, RefusesClaimsOutOfBounds) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const auto refused = [&](const std::function<void(StatementClaims&)>& change) {
        StatementClaims claims = some_claims(signer.key());
        change(claims);
        const auto tbs = StatementTbs::from(claims);
        return tbs.ok() ? std::string("accepted") : tbs.error().message;
    };
    using Claims = StatementClaims;
    EXPECT_EQ(refused([](Claims&) {}), "accepted");
    EXPECT_NE(refused([](Claims& c) { c.issuer = ""; }).find("issuer"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.issuer = "a+b"; }).find("issuer"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.subject = "\xFF"; }).find("subject"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.subject = "a\x7F"; }).find("subject"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.subject = std::string(256, 'x'); }).find("subject"),
              std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.issued_at = -1; }).find("issued-at"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.issued_at = kPosixSecondsMax + 1; }).find("issued-at"),
              std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.media_type = "x"; }).find("media"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.clock.age_s = -1; }).find("clock age"), std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.custody = Custody{9}; }).find("custody"),
              std::string::npos);
    EXPECT_NE(refused([](Claims& c) { c.floor = FloorReference{FloorKind{0}, {}}; }).find("floor"),
              std::string::npos);
    EXPECT_EQ(refused([](Claims& c) {
                  c.subject = std::string(255, 'x');
                  c.issuer = std::string(255, 'y');
                  c.issued_at = kPosixSecondsMax;
              }),
              "accepted");
}

TEST(StatementTbs, RefusesSignaturesOfAnotherLength) {
    const SealSigner signer = SealSigner::eddsa(kSeed);
    const auto tbs = StatementTbs::from(some_claims(signer.key()));
    ASSERT_TRUE(tbs.ok());
    EXPECT_FALSE(assemble(*tbs, Bytes(63)).ok());
    EXPECT_FALSE(assemble(*tbs, {}).ok());
}

TEST(MediaType, FollowsTheGrammarOfRfc6838) {
    for (const char* good : {"text/plain", "application/pdf", "image/svg+xml",
                             "application/vnd.oasis.opendocument.text", "x/y", "Text/Plain"}) {
        EXPECT_TRUE(is_media_type(good)) << good;
    }
    for (const std::string& bad :
         {std::string(), std::string("text"), std::string("text/"), std::string("/plain"),
          std::string("text/plain/x"), std::string("text /plain"), std::string("text/plain;q=1"),
          std::string("text/*"), std::string("te\xC3\xA9/x"), "a/" + std::string(126, 'b')}) {
        EXPECT_FALSE(is_media_type(bad)) << bad;
    }
    EXPECT_TRUE(is_media_type("a/" + std::string(125, 'b')));
}

}  // namespace
}  // namespace fieldseal
