// SPDX-License-Identifier: Apache-2.0
#include "node/lan/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace fieldseal::node::lan {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'795'000'000;
constexpr std::int64_t kDay = 24 * 3600;

HostName name(std::string_view text) {
    auto parsed = parse_host_name(text);
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : HostName{};
}

X509* load(const std::string& pem) {
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
    BIO_free(memory);
    return certificate;
}

// OpenSSL's verdict about a server under a CA, as a client gives it. X509_V_OK when it is good.
int verdict(const Identity& authority, const Identity& server, const std::string& host,
            std::int64_t when_s) {
    X509* root = load(authority.certificate);
    X509* leaf = load(server.certificate);
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, root);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf, nullptr);
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_time(rules, when_s);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) != 1)
        X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
    X509_verify_cert(context);
    const int error = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(leaf);
    X509_free(root);
    return error;
}

TEST(HostNames, AreDnsNamesAndAddressesInOneForm) {
    EXPECT_EQ(name("Seal.Office.example").text, "seal.office.example");
    EXPECT_EQ(name("192.0.2.7").address.size(), 4U);
    EXPECT_EQ(name("[2001:DB8:0::7]").as_host(), "[2001:db8::7]");
    EXPECT_EQ(name("2001:db8::7"), name("[2001:db8:0:0::7]"));
    EXPECT_EQ(name("seal").as_host(), "seal");
    for (const std::string text : {"", "*.office.example", "https://seal", "seal:8443", "seal.",
                                   ".seal", "-a.b", "a_b", "192.0.2", "192.0.2.700", "1.2.3.4.5",
                                   "[::1", "::g", "b\xc3\xbcro.example", "a b", "a\n", "x;y"}) {
        EXPECT_FALSE(parse_host_name(text).ok()) << text;
    }
    EXPECT_FALSE(parse_host_name(std::string(64, 'a') + ".example").ok());
    EXPECT_THAT(parse_host_name("https://seal").error().message, HasSubstr("without https://"));
}

class Authority : public ::testing::Test {
protected:
    Identity authority(const std::vector<HostName>& names) {
        auto made = make_authority(names, kNow);
        EXPECT_TRUE(made.ok());
        return std::move(*made);
    }
    Identity server(const Identity& authority, const std::vector<HostName>& names,
                    std::int64_t days = kServerDays) {
        auto made = make_server(authority, names, days, kNow);
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
        return std::move(*made);
    }

    std::vector<HostName> names_ = {name("seal.office.example"), name("192.0.2.7"),
                                    name("2001:db8::7")};
    Identity ca_ = authority(names_);
};

TEST_F(Authority, VouchesForTheNamesItWasMadeFor) {
    const Identity leaf = server(ca_, names_);
    for (const HostName& each : names_) {
        EXPECT_EQ(verdict(ca_, leaf, each.text, kNow), X509_V_OK) << each.text;
        EXPECT_TRUE(check_covers(leaf.certificate, each).ok());
    }
    EXPECT_EQ(verdict(ca_, leaf, "other.example", kNow), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(verdict(ca_, leaf, "192.0.2.8", kNow), X509_V_ERR_IP_ADDRESS_MISMATCH);
    EXPECT_FALSE(check_covers(leaf.certificate, name("other.example")).ok());
    EXPECT_FALSE(check_covers(leaf.certificate, name("192.0.2.8")).ok());
}

TEST_F(Authority, IsBelievedForNothingElse) {
    for (const std::string_view other : {"bank.example", "192.0.2.8", "2001:db8::8"}) {
        const Identity leaf = server(ca_, {name(other)});
        EXPECT_EQ(verdict(ca_, leaf, std::string(other), kNow), X509_V_ERR_PERMITTED_VIOLATION)
            << other;
    }
}

TEST_F(Authority, ExcludesTheKindsOfNamesItDoesNotUse) {
    const Identity dns_only = authority({name("seal.office.example")});
    EXPECT_EQ(verdict(dns_only, server(dns_only, {name("192.0.2.7")}), "192.0.2.7", kNow),
              X509_V_ERR_EXCLUDED_VIOLATION);
    EXPECT_EQ(verdict(dns_only, server(dns_only, {name("2001:db8::7")}), "2001:db8::7", kNow),
              X509_V_ERR_EXCLUDED_VIOLATION);
    const Identity v4_only = authority({name("192.0.2.7")});
    EXPECT_EQ(verdict(v4_only, server(v4_only, {name("192.0.2.7")}), "192.0.2.7", kNow), X509_V_OK);
    EXPECT_EQ(verdict(v4_only, server(v4_only, {name("bank.example")}), "bank.example", kNow),
              X509_V_ERR_EXCLUDED_VIOLATION);
    EXPECT_NE(verdict(v4_only, server(v4_only, {name("2001:db8::7")}), "2001:db8::7", kNow),
              X509_V_OK);
}

TEST_F(Authority, ItsServersHaveAnEndAndItHasOneToo) {
    const Identity leaf = server(ca_, names_, 10);
    EXPECT_EQ(verdict(ca_, leaf, "192.0.2.7", kNow + 10 * kDay - 1), X509_V_OK);
    EXPECT_EQ(verdict(ca_, leaf, "192.0.2.7", kNow + 10 * kDay + 1), X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(verdict(ca_, leaf, "192.0.2.7", kNow - kDay + 1), X509_V_OK);
    EXPECT_EQ(verdict(ca_, leaf, "192.0.2.7", kNow - kDay - 1), X509_V_ERR_CERT_NOT_YET_VALID);
    // Cut to the CA's own end, and refused after it.
    const std::int64_t end_s = kNow + kAuthorityDays * kDay;
    const auto late = make_server(ca_, names_, 100, end_s - kDay);
    ASSERT_TRUE(late.ok());
    EXPECT_EQ(read_certificate(late->certificate)->not_after_s, end_s);
    const auto after = make_server(ca_, names_, 100, end_s);
    ASSERT_FALSE(after.ok());
    EXPECT_EQ(after.error().code, Errc::conflict);
    for (const std::int64_t days : {-1, 0, 826}) {
        EXPECT_FALSE(make_server(ca_, names_, days, kNow).ok()) << days;
    }
}

TEST_F(Authority, AnotherCaOfTheSameNamesIsAnother) {
    const Identity other = authority(names_);
    EXPECT_NE(verdict(other, server(ca_, names_), "192.0.2.7", kNow), X509_V_OK);
    EXPECT_NE(read_certificate(ca_.certificate)->subject,
              read_certificate(other.certificate)->subject);
}

TEST_F(Authority, FactsSayWhatPeopleCompare) {
    const auto ca = read_certificate(ca_.certificate);
    const auto leaf = read_certificate(server(ca_, names_).certificate);
    ASSERT_TRUE(ca.ok() && leaf.ok());
    EXPECT_TRUE(ca->is_authority);
    EXPECT_FALSE(leaf->is_authority);
    EXPECT_EQ(leaf->names, names_);
    EXPECT_EQ(leaf->not_after_s, kNow + kServerDays * kDay);
    EXPECT_EQ(fingerprint_text(leaf->sha256).size(), 3 * kDigestBytes - 1);
    EXPECT_EQ(fingerprint_text(Digest{0xab, 0x01}).substr(0, 6), "AB:01:");
}

TEST_F(Authority, KnowsWhichKeyBelongsToACertificate) {
    const Identity leaf = server(ca_, names_);
    EXPECT_TRUE(check_pair(leaf.certificate, leaf.private_key.view()).ok());
    const auto wrong = check_pair(leaf.certificate, ca_.private_key.view());
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, Errc::conflict);
    EXPECT_EQ(check_pair("no pem", leaf.private_key.view()).error().code, Errc::corrupt);
    EXPECT_EQ(check_pair(leaf.certificate, as_bytes("no pem")).error().code, Errc::corrupt);
}

TEST_F(Authority, NeedsNamesAndNotTooMany) {
    EXPECT_FALSE(make_authority({}, kNow).ok());
    EXPECT_FALSE(make_authority(std::vector<HostName>(kNamesMax + 1, names_[0]), kNow).ok());
}

}  // namespace
}  // namespace fieldseal::node::lan
