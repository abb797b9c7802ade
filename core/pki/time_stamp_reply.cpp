// SPDX-License-Identifier: Apache-2.0
// Request and reply.
//   TimeStampReq  ::= SEQUENCE { version 1, messageImprint, reqPolicy?, nonce?, certReq }
//   TimeStampResp ::= SEQUENCE { PKIStatusInfo, timeStampToken? }
//   PKIStatusInfo ::= SEQUENCE { INTEGER, SEQUENCE OF UTF8String?, BIT STRING? }
#include "core/encoding.h"
#include "core/pki/der.h"
#include "core/pki/owned.h"
#include "core/pki/time_stamp.h"

#include <openssl/err.h>
#include <openssl/ts.h>

#include <algorithm>
#include <array>

namespace fieldseal::pki {
namespace {

constexpr std::size_t kStatusTextBytesMax = 256;

struct FailureName {
    std::size_t bit;
    std::string_view name;
    bool is_passing;
};
// PKIFailureInfo, RFC 3161 §2.4.2.
constexpr std::array kFailures = {
    FailureName{0, "badAlg", false},
    FailureName{2, "badRequest", false},
    FailureName{5, "badDataFormat", false},
    FailureName{14, "timeNotAvailable", true},
    FailureName{15, "unacceptedPolicy", false},
    FailureName{16, "unacceptedExtension", false},
    FailureName{17, "addInfoNotAvailable", false},
    FailureName{25, "systemFailure", true},
};

void free_memory(void* memory) {
    OPENSSL_free(memory);
}

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "a time-stamp reply " + std::string(why)};
}

Error refused_request(std::string_view why) {
    ERR_clear_error();
    return {Errc::invalid_argument, "a time-stamp request " + std::string(why)};
}

Result<void> set_imprint(TS_REQ* request, const Digest& digest) {
    const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
    const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
    if (!imprint || !algorithm ||
        X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) != 1 ||
        TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) != 1 ||
        TS_MSG_IMPRINT_set_msg(imprint.get(), const_cast<std::uint8_t*>(digest.data()),
                               static_cast<int>(digest.size())) != 1 ||
        TS_REQ_set_msg_imprint(request, imprint.get()) != 1) {
        return refused_request("cannot be made of this digest");
    }
    return {};
}

Result<void> set_nonce(TS_REQ* request, ByteView bytes) {
    const Owned<BIGNUM, BN_free> number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    const Owned<ASN1_INTEGER, ASN1_INTEGER_free> nonce(
        number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
    if (!nonce || TS_REQ_set_nonce(request, nonce.get()) != 1) {
        return refused_request("cannot be made with this nonce");
    }
    return {};
}

Result<void> set_policy(TS_REQ* request, const std::string& policy) {
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(policy.c_str(), 1));
    if (!oid || TS_REQ_set_policy_id(request, oid.get()) != 1) {
        return refused_request("cannot ask for the policy " + quoted(policy));
    }
    return {};
}

bool bit_is_set(ByteView bits, std::size_t number) {
    const std::size_t byte = 1 + number / 8;  // the first says how many bits of the last are unused
    return byte < bits.size() && (bits[byte] >> (7 - number % 8) & 1U) != 0;
}

// The authority's words, in one line and bounded.
Result<std::string> read_text(ByteView list) {
    std::string text;
    DerReader in(list);
    while (!in.at_end()) {
        const auto part = in.take(kTagUtf8String);
        if (!part || !is_utf8(as_text(*part)))
            return malformed("has a status text that is no UTF-8");
        if (!text.empty()) text += "; ";
        text += as_text(*part);
    }
    if (text.size() > kStatusTextBytesMax) text.resize(kStatusTextBytesMax);
    return text;
}

Result<TimeStampReply> read_status(ByteView info) {
    DerReader in(info);
    const auto number = in.take(kTagInteger);
    constexpr auto kLast = static_cast<std::uint8_t>(ReplyStatus::revocation_notification);
    if (!number || number->size() != 1 || number->front() > kLast) {
        return malformed("has a status that RFC 3161 does not know");
    }
    TimeStampReply reply;
    reply.status = static_cast<ReplyStatus>(number->front());
    if (const auto words = in.take(kTagSequence)) reply.text = FIELDSEAL_TRY(read_text(*words));
    if (const auto bits = in.take(kTagBitString)) {
        for (const FailureName& failure : kFailures) {
            if (bit_is_set(*bits, failure.bit)) reply.failures.emplace_back(failure.name);
        }
    }
    if (!in.at_end()) return malformed("has a status with members that RFC 3161 does not know");
    return reply;
}

}  // namespace

bool is_oid(std::string_view text) {
    if (text.empty() || text.size() > kOidTextBytesMax) return false;
    const std::string copy(text);
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(copy.c_str(), 1));
    ERR_clear_error();
    if (!oid) return false;
    std::array<char, kOidTextBytesMax + 1> again{};
    const int size = OBJ_obj2txt(again.data(), static_cast<int>(again.size()), oid.get(), 1);
    return size > 0 && text == again.data();
}

Result<Bytes> encode_request(const TimeStampRequest& request) {
    if (request.nonce.size() < kNonceBytesMin || request.nonce.size() > kNonceBytesMax) {
        return refused_request("needs a nonce of 8 to 32 bytes");
    }
    const Owned<TS_REQ, TS_REQ_free> made(TS_REQ_new());
    if (!made || TS_REQ_set_version(made.get(), 1) != 1 ||
        TS_REQ_set_cert_req(made.get(), 1) != 1) {
        return refused_request("cannot be made");
    }
    FIELDSEAL_TRY(set_imprint(made.get(), request.imprint));
    FIELDSEAL_TRY(set_nonce(made.get(), request.nonce));
    if (!request.policy.empty()) FIELDSEAL_TRY(set_policy(made.get(), request.policy));
    unsigned char* der = nullptr;
    const int size = i2d_TS_REQ(made.get(), &der);
    const Owned<unsigned char, free_memory> owned(der);
    if (size <= 0) return refused_request("cannot be written");
    return Bytes(der, der + size);
}

bool TimeStampReply::is_passing_trouble() const {
    if (status == ReplyStatus::waiting) return true;
    return std::any_of(kFailures.begin(), kFailures.end(), [&](const FailureName& failure) {
        return failure.is_passing &&
               std::find(failures.begin(), failures.end(), failure.name) != failures.end();
    });
}

Result<TimeStampReply> parse_reply(ByteView der) {
    if (der.size() > kReplyBytesMax) return malformed("has at most 36 864 bytes");
    FIELDSEAL_TRY(check_der(der, "a time-stamp reply"));
    DerReader whole(der);
    const auto content = whole.take(kTagSequence);
    if (!content) return malformed("is no TimeStampResp");
    DerReader in(*content);
    const auto status = in.take(kTagSequence);
    if (!status) return malformed("has no status");
    TimeStampReply reply = FIELDSEAL_TRY(read_status(*status));
    const ByteView token = in.rest();
    const bool is_one = in.take(kTagSequence) && in.at_end();
    if (reply.is_granted() != is_one || (!reply.is_granted() && !token.empty())) {
        return malformed(reply.is_granted() ? "is granted and has not exactly one token"
                                            : "is not granted and has a token");
    }
    if (reply.is_granted()) reply.token = to_bytes(token);
    return reply;
}

}  // namespace fieldseal::pki
