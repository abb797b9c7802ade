// SPDX-License-Identifier: Apache-2.0
// The token: a SignedData whose content is a TSTInfo (RFC 3161 §2.4.2). OpenSSL decodes both after
// check_der() has seen that there is one way to read them, and verifies the one signature.
#include "core/encoding.h"
#include "core/pki/algorithms.h"
#include "core/pki/asn1_time.h"
#include "core/pki/der.h"
#include "core/pki/owned.h"
#include "core/pki/time_stamp.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace fieldseal::pki {
namespace {

using Cms = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;
using TstInfo = Owned<TS_TST_INFO, TS_TST_INFO_free>;

constexpr long kTstInfoVersion = 1;
constexpr std::size_t kReadNonceBytesMax = 64;
constexpr std::int64_t kNano = 1'000'000'000;
constexpr long kSubsecondMax = 999;  // of Accuracy's millis and micros

void free_stack(STACK_OF(X509) * stack) {
    sk_X509_free(stack);
}
void free_all(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}
void free_usage(EXTENDED_KEY_USAGE* usage) {
    sk_ASN1_OBJECT_pop_free(usage, ASN1_OBJECT_free);
}
using Stack = Owned<STACK_OF(X509), free_stack>;

Error malformed(std::string_view why) {
    ERR_clear_error();
    return {Errc::invalid_argument, "a time-stamp token " + std::string(why)};
}

Error corrupt(std::string_view why) {
    ERR_clear_error();
    return {Errc::corrupt, std::string(why)};
}

ByteView view_of(const ASN1_STRING* text) {
    return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

Cms decode_cms(ByteView der) {
    const unsigned char* at = der.data();
    Cms cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    if (cms && at != der.data() + der.size()) cms.reset();
    return cms;
}

std::string oid_text(const ASN1_OBJECT* oid) {
    std::array<char, kOidTextBytesMax + 1> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), oid, 1);
    if (size <= 0 || static_cast<std::size_t>(size) > kOidTextBytesMax) return {};
    return text.data();
}

// The one value of a signed attribute that stands there once; nullptr otherwise.
const ASN1_STRING* signed_attribute(const CMS_SignerInfo* signer, int nid, int type) {
    constexpr int kOnceAndOneValue = -3;
    return static_cast<const ASN1_STRING*>(
        CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(nid), kOnceAndOneValue, type));
}

bool has_attribute(const CMS_SignerInfo* signer, int nid) {
    return CMS_signed_get_attr_by_NID(signer, nid, -1) >= 0;
}

// Of the TSTInfo, what is used.
struct Content {
    std::optional<Digest> imprint;
    std::string policy;
    std::optional<Bytes> nonce;
    GeneralizedTime time;
    std::optional<std::int64_t> accuracy_ns;
};

Result<std::optional<Digest>> read_imprint(TS_TST_INFO* info) {
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT* algorithm = nullptr;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&algorithm, &type, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    if (OBJ_obj2nid(algorithm) != NID_sha256) return std::optional<Digest>();
    const bool is_plain = type == V_ASN1_UNDEF || type == V_ASN1_NULL;
    const auto digest = to_digest(view_of(TS_MSG_IMPRINT_get_msg(imprint)));
    if (!is_plain || !digest) return malformed("has an imprint that is no SHA-256 value");
    return std::optional<Digest>(*digest);
}

std::optional<std::int64_t> small_number(const ASN1_INTEGER* integer, std::int64_t max) {
    std::int64_t value = 0;
    if (integer == nullptr) return 0;
    if (ASN1_INTEGER_get_int64(&value, integer) != 1 || value < 0) return std::nullopt;
    return std::min(value, max + 1);
}

// RFC 3161: seconds, milliseconds 1 to 999, microseconds 1 to 999. More than kAccuracyMax_s stays
// more.
Result<std::optional<std::int64_t>> read_accuracy(TS_TST_INFO* info) {
    const TS_ACCURACY* accuracy = TS_TST_INFO_get_accuracy(info);
    if (accuracy == nullptr) return std::optional<std::int64_t>();
    const auto seconds = small_number(TS_ACCURACY_get_seconds(accuracy), kAccuracyMax_s);
    const auto millis = small_number(TS_ACCURACY_get_millis(accuracy), kSubsecondMax);
    const auto micros = small_number(TS_ACCURACY_get_micros(accuracy), kSubsecondMax);
    if (!seconds || !millis || !micros || *millis > kSubsecondMax || *micros > kSubsecondMax) {
        return malformed("has an accuracy that is out of range");
    }
    return std::optional<std::int64_t>(*seconds * kNano + *millis * 1'000'000 + *micros * 1'000);
}

Result<std::optional<Bytes>> read_nonce(TS_TST_INFO* info) {
    const ASN1_INTEGER* nonce = TS_TST_INFO_get_nonce(info);
    if (nonce == nullptr) return std::optional<Bytes>();
    const ByteView magnitude = view_of(nonce);
    const bool is_negative = ASN1_STRING_type(nonce) == V_ASN1_NEG_INTEGER;
    if (is_negative || magnitude.size() > kReadNonceBytesMax)
        return malformed("has a nonce that is out of range");
    const auto first = std::find_if(magnitude.begin(), magnitude.end(),
                                    [](std::uint8_t byte) { return byte != 0; });
    return std::optional<Bytes>(Bytes(first, magnitude.end()));
}

// What nobody understands and its author calls critical must not be passed over (RFC 3161 §2.4.2).
bool has_critical_extension(TS_TST_INFO* info) {
    for (int i = 0; i < TS_TST_INFO_get_ext_count(info); ++i) {
        if (X509_EXTENSION_get_critical(TS_TST_INFO_get_ext(info, i)) != 0) return true;
    }
    return false;
}

Result<Content> read_content(ByteView der) {
    FIELDSEAL_TRY(check_der(der, "the TSTInfo in a time-stamp token"));
    const unsigned char* at = der.data();
    const TstInfo info(d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(der.size())));
    if (!info || at != der.data() + der.size()) return malformed("has no TSTInfo as its content");
    if (TS_TST_INFO_get_version(info.get()) != kTstInfoVersion) {
        return malformed("is of another version than 1");
    }
    if (has_critical_extension(info.get())) return malformed("has a critical extension");
    Content content;
    content.policy = oid_text(TS_TST_INFO_get_policy_id(info.get()));
    if (content.policy.empty()) return malformed("has a policy whose OID is too long");
    content.imprint = FIELDSEAL_TRY(read_imprint(info.get()));
    content.nonce = FIELDSEAL_TRY(read_nonce(info.get()));
    content.accuracy_ns = FIELDSEAL_TRY(read_accuracy(info.get()));
    const auto time = read_generalized_time(as_text(view_of(TS_TST_INFO_get_time(info.get()))));
    if (!time) return malformed("has a time that is not of the form of RFC 3161");
    content.time = *time;
    return content;
}

Result<std::vector<Certificate>> read_certificates(CMS_ContentInfo* cms) {
    const Owned<STACK_OF(X509), free_all> found(CMS_get1_certs(cms));
    std::vector<Certificate> certificates;
    const int count = found ? sk_X509_num(found.get()) : 0;
    if (static_cast<std::size_t>(count) > kTokenCertificatesMax) {
        return malformed("has more than 16 certificates");
    }
    for (int i = 0; i < count; ++i) {
        auto certificate = copy_of(sk_X509_value(found.get(), i));
        if (!certificate) return malformed("has a certificate that is malformed");
        certificates.push_back(*std::move(certificate));
    }
    return certificates;
}

Result<void> check_attributes(const CMS_SignerInfo* signer) {
    const auto* type = static_cast<const ASN1_OBJECT*>(
        static_cast<const void*>(signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT)));
    const auto* digest = signed_attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
    if (type == nullptr || digest == nullptr) {
        return malformed("whose signer does not sign the content's type and digest, once each");
    }
    if (OBJ_obj2nid(type) != NID_id_smime_ct_TSTInfo) {
        return malformed("whose signer says that the content is something else");
    }
    return {};
}

CMS_SignerInfo* only_signer(CMS_ContentInfo* cms) {
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms);
    return sk_CMS_SignerInfo_num(signers) == 1 ? sk_CMS_SignerInfo_value(signers, 0) : nullptr;
}

std::int64_t floor_seconds(std::int64_t nanoseconds) {
    const std::int64_t whole = nanoseconds / kNano;
    return nanoseconds % kNano < 0 ? whole - 1 : whole;
}

}  // namespace

struct TimeStampToken::Impl {
    Bytes der;
    Cms cms;
    CMS_SignerInfo* signer = nullptr;  // of cms
    std::vector<Certificate> certificates;
    Content content;
};

Result<TimeStampToken> TimeStampToken::parse(ByteView der) {
    if (der.size() > kTokenBytesMax) return malformed("has at most 32 768 bytes");
    FIELDSEAL_TRY(check_der(der, "a time-stamp token"));
    auto impl = std::make_shared<Impl>();
    impl->der = to_bytes(der);
    impl->cms = decode_cms(der);
    CMS_ContentInfo* cms = impl->cms.get();
    if (cms == nullptr || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) {
        return malformed("is no CMS SignedData");
    }
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_id_smime_ct_TSTInfo || content == nullptr ||
        *content == nullptr) {
        return malformed("has no TSTInfo as its content");
    }
    impl->signer = only_signer(cms);
    if (impl->signer == nullptr) return malformed("has not exactly one signer");
    FIELDSEAL_TRY(check_attributes(impl->signer));
    impl->certificates = FIELDSEAL_TRY(read_certificates(cms));
    impl->content = FIELDSEAL_TRY(read_content(view_of(*content)));
    ERR_clear_error();
    return TimeStampToken(std::move(impl));
}

const Bytes& TimeStampToken::der() const {
    return impl_->der;
}
const std::optional<Digest>& TimeStampToken::imprint() const {
    return impl_->content.imprint;
}
const std::string& TimeStampToken::policy() const {
    return impl_->content.policy;
}
const std::optional<Bytes>& TimeStampToken::nonce() const {
    return impl_->content.nonce;
}
std::int64_t TimeStampToken::time_s() const {
    return impl_->content.time.seconds;
}
bool TimeStampToken::has_accuracy() const {
    return impl_->content.accuracy_ns.has_value();
}
const std::vector<Certificate>& TimeStampToken::certificates() const {
    return impl_->certificates;
}

std::optional<TimeStampToken::Bounds> TimeStampToken::bounds(std::int64_t default_s) const {
    const Content& content = impl_->content;
    if (!content.accuracy_ns && default_s <= 0) return std::nullopt;
    const std::int64_t sure_ns = content.accuracy_ns.value_or(default_s * kNano);
    if (sure_ns > kAccuracyMax_s * kNano) return std::nullopt;
    const std::int64_t seconds = content.time.seconds;
    const std::int64_t below = floor_seconds(content.time.nanoseconds - sure_ns);
    const std::int64_t above = -floor_seconds(-(content.time.nanoseconds + sure_ns));
    return Bounds{std::max<std::int64_t>(seconds + below, 0), seconds + above};
}

std::optional<Certificate> TimeStampToken::signer(std::span<const Certificate> others) const {
    const auto is_named = [&](const Certificate& certificate) {
        return CMS_SignerInfo_cert_cmp(impl_->signer, certificate.handle()) == 0;
    };
    const auto own = std::find_if(impl_->certificates.begin(), impl_->certificates.end(), is_named);
    if (own != impl_->certificates.end()) return *own;
    const auto other = std::find_if(others.begin(), others.end(), is_named);
    if (other != others.end()) return *other;
    return std::nullopt;
}

Result<void> TimeStampToken::check_algorithms(const Certificate& certificate) const {
    FIELDSEAL_TRY(check_key_of(certificate.handle()));
    X509_ALGOR* digest = nullptr;
    X509_ALGOR* signature = nullptr;
    CMS_SignerInfo_get0_algs(impl_->signer, nullptr, nullptr, &digest, &signature);
    const int digest_nid = OBJ_obj2nid(digest->algorithm);
    const int signature_nid = OBJ_obj2nid(signature->algorithm);
    if (may_sign_messages(signature_nid, digest_nid, is_rsa(certificate.handle()))) return {};
    return Error{Errc::unsupported, "the token is signed with " + algorithm_name(signature_nid) +
                                        " over " + algorithm_name(digest_nid) +
                                        ", which may not vouch here"};
}

// On a copy: OpenSSL writes into what it verifies.
Result<void> TimeStampToken::verify_signature(const Certificate& certificate) const {
    const Cms cms = decode_cms(impl_->der);
    const Stack signers(sk_X509_new_null());
    if (!cms || !signers || sk_X509_push(signers.get(), certificate.handle()) <= 0) {
        return Error{Errc::internal, "no memory to verify a time-stamp token"};
    }
    constexpr unsigned int kFlags = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN;
    const bool is_good =
        CMS_verify(cms.get(), signers.get(), nullptr, nullptr, nullptr, kFlags) == 1;
    ERR_clear_error();
    if (is_good) return {};
    return corrupt("the signature of the time-stamp token does not fit its content");
}

Result<void> TimeStampToken::check_signer_binding(std::span<const Certificate> path) const {
    const auto* one =
        signed_attribute(impl_->signer, NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE);
    const auto* two =
        signed_attribute(impl_->signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
    const bool is_odd =
        (one == nullptr && has_attribute(impl_->signer, NID_id_smime_aa_signingCertificate)) ||
        (two == nullptr && has_attribute(impl_->signer, NID_id_smime_aa_signingCertificateV2));
    if (is_odd) return corrupt("the signed name of the signing certificate stands there twice");
    if (one == nullptr && two == nullptr) {
        return corrupt("the token's signer does not sign which certificate is his");
    }
    const unsigned char* at = one == nullptr ? nullptr : view_of(one).data();
    const Owned<ESS_SIGNING_CERT, ESS_SIGNING_CERT_free> first(
        one == nullptr ? nullptr : d2i_ESS_SIGNING_CERT(nullptr, &at, ASN1_STRING_length(one)));
    at = two == nullptr ? nullptr : view_of(two).data();
    const Owned<ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free> second(
        two == nullptr ? nullptr : d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ASN1_STRING_length(two)));
    const bool is_read = (one == nullptr || first) && (two == nullptr || second);
    const Stack chain(sk_X509_new_null());
    bool is_filled = chain != nullptr;
    for (const Certificate& certificate : path) {
        is_filled = is_filled && sk_X509_push(chain.get(), certificate.handle()) > 0;
    }
    const bool fits = is_read && is_filled &&
                      OSSL_ESS_check_signing_certs(first.get(), second.get(), chain.get(), 1) == 1;
    ERR_clear_error();
    if (fits) return {};
    return corrupt("the token's signer names another certificate as his");
}

Result<void> check_time_stamping_usage(const Certificate& certificate) {
    const auto denied = [&](std::string_view why) {
        return Error{Errc::denied, "the certificate of " +
                                       quoted(certificate.subject(), kNameTextBytesMax) + " " +
                                       std::string(why)};
    };
    int critical = 0;
    const Owned<EXTENDED_KEY_USAGE, free_usage> usages(static_cast<EXTENDED_KEY_USAGE*>(
        X509_get_ext_d2i(certificate.handle(), NID_ext_key_usage, &critical, nullptr)));
    ERR_clear_error();
    if (!usages) return denied("is not marked for time-stamping (no extended key usage)");
    bool stamps = false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
        stamps = stamps || OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), i)) == NID_time_stamp;
    }
    if (!stamps) return denied("is for other uses than time-stamping");
    if (sk_ASN1_OBJECT_num(usages.get()) != 1) {
        return denied("is for other uses beside time-stamping");
    }
    if (critical != 1) return denied("does not mark its use, time-stamping, as critical");
    constexpr std::uint32_t kSigns = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
    const std::uint32_t key_usage = X509_get_key_usage(certificate.handle());
    const bool is_limited = key_usage != UINT32_MAX;
    if (is_limited && ((key_usage & kSigns) == 0 || (key_usage & ~kSigns) != 0)) {
        return denied("has a key usage that does not go with time-stamping");
    }
    return {};
}

}  // namespace fieldseal::pki
