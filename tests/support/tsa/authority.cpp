// SPDX-License-Identifier: Apache-2.0
// Honest answers, and those that OpenSSL can be told to give, come from TS_RESP_CTX. Those that it
// refuses (it checks its own certificate) come from stamp_maker, under a root of their own, which
// stands in the same PEM.
#include "tests/support/tsa/authority.h"

#include "core/check.h"
#include "core/pki/owned.h"
#include "core/pki/time_stamp.h"
#include "tests/support/stamp_scene.h"
#include "tests/support/time_text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <functional>

namespace fieldseal::testing {
namespace {

using pki::Owned;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Memory = Owned<BIO, BIO_free_all>;

constexpr std::int64_t kYear_s = 365 * 86400;
constexpr std::int64_t kDay_s = 86400;
constexpr int kAccuracy_s = 1;
constexpr int kUnsure_s = 86'100;  // just within what a verifier takes

constexpr std::array<std::string_view, 21> kFaultWords = {"none",
                                                          "wrong-nonce",
                                                          "wrong-imprint",
                                                          "no-usage",
                                                          "usage-not-critical",
                                                          "usage-with-others",
                                                          "expired",
                                                          "edwards-key",
                                                          "other-policy",
                                                          "no-accuracy",
                                                          "strangers-root",
                                                          "rejection",
                                                          "no-time",
                                                          "in-future",
                                                          "in-unsure-future",
                                                          "garbage",
                                                          "cut",
                                                          "html",
                                                          "unauthorised",
                                                          "server-error",
                                                          "slow"};

void add_extension(X509* certificate, X509* issuer, int nid, const char* text) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION, X509_EXTENSION_free> made(
        X509V3_EXT_conf_nid(nullptr, &context, nid, text));
    FIELDSEAL_CHECK(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1);
}

struct Issued {
    Key key;
    Certificate certificate;
};

Issued issue(const char* name, const Issued* issuer, bool is_authority) {
    Issued made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
    X509* x509 = made.certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), is_authority ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(x509), -kDay_s);
    X509_gmtime_adj(X509_getm_notAfter(x509), 20 * kYear_s);
    X509_set_pubkey(x509, made.key.get());
    const auto* text = reinterpret_cast<const unsigned char*>(name);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509* by = issuer != nullptr ? issuer->certificate.get() : x509;
    X509_set_issuer_name(x509, X509_get_subject_name(by));
    if (is_authority) {
        add_extension(x509, by, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(x509, by, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        add_extension(x509, by, NID_ext_key_usage, "critical,timeStamping");
    }
    EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : made.key.get();
    FIELDSEAL_CHECK(X509_sign(x509, signer, EVP_sha256()) > 0);
    return made;
}

std::string pem_of(X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    FIELDSEAL_CHECK(PEM_write_bio_X509(memory.get(), certificate) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

ASN1_INTEGER* next_serial(TS_resp_ctx*, void*) {
    static long serial = 1000;
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, ++serial);
    return number;
}

int tell_time(TS_resp_ctx*, void* data, long* seconds, long* microseconds) {
    *seconds = static_cast<long>(*static_cast<const std::int64_t*>(data));
    *microseconds = 0;
    return 1;
}

// What a request asks for.
struct Query {
    Bytes imprint;
    Bytes nonce;
};

Query read_query(ByteView der) {
    const unsigned char* at = der.data();
    const Owned<TS_REQ, TS_REQ_free> request(
        d2i_TS_REQ(nullptr, &at, static_cast<long>(der.size())));
    Query query;
    if (!request) return query;
    const auto copied = [](const ASN1_STRING* text) {
        const unsigned char* data = ASN1_STRING_get0_data(text);
        return Bytes(data, data + ASN1_STRING_length(text));
    };
    query.imprint = copied(TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(request.get())));
    if (const ASN1_INTEGER* nonce = TS_REQ_get_nonce(request.get())) query.nonce = copied(nonce);
    return query;
}

// The same request about something else.
Bytes rewritten(ByteView der, const std::function<void(pki::TimeStampRequest&)>& edit) {
    const Query query = read_query(der);
    pki::TimeStampRequest request;
    std::copy_n(query.imprint.begin(), std::min<std::size_t>(query.imprint.size(), kDigestBytes),
                request.imprint.begin());
    request.nonce = query.nonce;
    request.policy = StampAuthority::kPolicy;
    edit(request);
    auto encoded = pki::encode_request(request);
    FIELDSEAL_CHECK(encoded.ok());
    return *std::move(encoded);
}

// Under stamp_scene's root, at this time.
TokenPlan handmade(const Query& query, std::int64_t now_s) {
    TokenPlan plan = post_token(query.imprint, now_s);
    plan.nonce = query.nonce;
    plan.signer.from_s = now_s - kYear_s;
    plan.signer.until_s = now_s + kYear_s;
    return plan;
}

void spoil(TokenPlan& plan, StampFault fault, std::int64_t now_s) {
    switch (fault) {
        case StampFault::no_usage:
            plan.signer.usages.clear();
            break;
        case StampFault::usage_not_critical:
            plan.signer.usages_are_critical = false;
            break;
        case StampFault::usage_with_others:
            plan.signer.usages.push_back(kCodeSigningUsage);
            break;
        case StampFault::expired:
            plan.signer.until_s = now_s - 1;
            break;
        case StampFault::edwards_key:
            plan.signer.key = StampKey::ed25519(0x42);
            break;
        case StampFault::other_policy:
            plan.policy = "1.3.6.1.4.1.99999.2";
            break;
        case StampFault::strangers_root:
            plan.signer.issuer = "Stranger Root CA";
            plan.signer.issuer_key = StampKey::p256(0x66);
            break;
        default:
            break;
    }
}

bool is_handmade(StampFault fault) {
    constexpr std::array kHandmade = {StampFault::no_usage,          StampFault::usage_not_critical,
                                      StampFault::usage_with_others, StampFault::expired,
                                      StampFault::edwards_key,       StampFault::other_policy,
                                      StampFault::strangers_root};
    return std::find(kHandmade.begin(), kHandmade.end(), fault) != kHandmade.end();
}

}  // namespace

std::optional<StampFault> stamp_fault(std::string_view word) {
    const auto found = std::find(kFaultWords.begin(), kFaultWords.end(), word);
    if (found == kFaultWords.end()) return std::nullopt;
    return static_cast<StampFault>(found - kFaultWords.begin());
}

std::vector<std::string> stamp_fault_words() {
    return {kFaultWords.begin(), kFaultWords.end()};
}

struct StampAuthority::Impl {
    Issued root = issue("Fieldseal Test Root CA", nullptr, true);
    Issued tsa = issue("Fieldseal Test TSA", &root, false);

    // OpenSSL's own authority.
    // An accuracy of 0 s: the token says none.
    Bytes honest(ByteView query, int accuracy_s, std::int64_t now_s) const;
};

Bytes StampAuthority::Impl::honest(ByteView query, int accuracy_s, std::int64_t now_s) const {
    const Owned<TS_RESP_CTX, TS_RESP_CTX_free> context(TS_RESP_CTX_new());
    TS_RESP_CTX* raw = context.get();
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj(kPolicy.data(), 1));
    std::int64_t time_s = now_s;
    bool is_set = TS_RESP_CTX_set_signer_cert(raw, tsa.certificate.get()) == 1 &&
                  TS_RESP_CTX_set_signer_key(raw, tsa.key.get()) == 1 &&
                  TS_RESP_CTX_set_signer_digest(raw, EVP_sha256()) == 1 &&
                  TS_RESP_CTX_set_ess_cert_id_digest(raw, EVP_sha256()) == 1 &&
                  TS_RESP_CTX_set_def_policy(raw, policy.get()) == 1 &&
                  TS_RESP_CTX_add_md(raw, EVP_sha256()) == 1;
    if (accuracy_s > 0) is_set = is_set && TS_RESP_CTX_set_accuracy(raw, accuracy_s, 0, 0) == 1;
    FIELDSEAL_CHECK(is_set);
    TS_RESP_CTX_set_serial_cb(raw, next_serial, nullptr);
    TS_RESP_CTX_set_time_cb(raw, tell_time, &time_s);
    const Memory in(BIO_new_mem_buf(query.data(), static_cast<int>(query.size())));
    const Owned<TS_RESP, TS_RESP_free> reply(TS_RESP_create_response(raw, in.get()));
    ERR_clear_error();
    if (!reply) return {};
    unsigned char* der = nullptr;
    const int size = i2d_TS_RESP(reply.get(), &der);
    FIELDSEAL_CHECK(size > 0);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

StampAuthority::StampAuthority() : impl_(std::make_unique<Impl>()) {}
StampAuthority::~StampAuthority() = default;

std::string StampAuthority::root_pem() const {
    return pem_of(impl_->root.certificate.get()) + to_pem(make_certificate(post_root()));
}

Bytes StampAuthority::answer(ByteView query, StampFault fault, std::int64_t now_s) const {
    if (is_handmade(fault)) {
        TokenPlan plan = handmade(read_query(query), now_s);
        spoil(plan, fault, now_s);
        return make_reply({0, "", {}, make_token(plan)});
    }
    switch (fault) {
        case StampFault::wrong_nonce:
            return impl_->honest(
                rewritten(query, [](pki::TimeStampRequest& it) { it.nonce[1] ^= 1; }), kAccuracy_s,
                now_s);
        case StampFault::wrong_imprint:
            return impl_->honest(
                rewritten(query, [](pki::TimeStampRequest& it) { it.imprint[0] ^= 1; }),
                kAccuracy_s, now_s);
        case StampFault::no_accuracy:
            return impl_->honest(query, 0, now_s);
        case StampFault::rejection:
            return make_reply({2, "this policy is not served", 15, {}});
        case StampFault::no_time:
            return make_reply({2, "the clock is being set", 14, {}});
        case StampFault::in_future:
            return impl_->honest(query, kAccuracy_s, now_s + kDay_s);
        case StampFault::in_unsure_future:
            return impl_->honest(query, kUnsure_s, now_s + kUnsure_s);
        case StampFault::garbage:
            return Bytes(200, 0x5A);
        case StampFault::cut: {
            Bytes whole = impl_->honest(query, kAccuracy_s, now_s);
            whole.resize(whole.size() / 2);
            return whole;
        }
        default:
            return impl_->honest(query, kAccuracy_s, now_s);
    }
}

}  // namespace fieldseal::testing
