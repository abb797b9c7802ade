// SPDX-License-Identifier: Apache-2.0
#include "node/lan/authority.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/pki/owned.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace fieldseal::node::lan {
namespace {

using pki::Owned;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Memory = Owned<BIO, BIO_free_all>;
using Number = Owned<BIGNUM, BN_free>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Constraints = Owned<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using Names = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;

constexpr std::int64_t kDaySeconds = 24 * 3600;
constexpr int kSerialBits = 127;  // positive, and never guessed
constexpr std::size_t kSubjectKeyBytes = 4;
constexpr long kX509Version3 = 2;
constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;

Error refused(std::string_view step) {
    ERR_clear_error();
    return Error{Errc::internal, "OpenSSL refused to " + std::string(step)};
}

Error unreadable(std::string_view what) {
    ERR_clear_error();
    return Error{Errc::corrupt, "there is no " + std::string(what) + " in PEM form here"};
}

// Never a passphrase from a terminal: a key file of nginx has none.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

Result<Certificate> parse_certificate(std::string_view pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Certificate certificate(
        memory ? PEM_read_bio_X509(memory.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!certificate) return unreadable("certificate");
    return certificate;
}

Result<Key> parse_key(ByteView pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr)
                   : nullptr);
    if (!key) return unreadable("private key without a passphrase");
    return key;
}

Result<SecretBytes> key_to_pem(EVP_PKEY* key) {
    const Memory memory(BIO_new(BIO_s_secmem()));
    if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr,
                                                 nullptr) != 1) {
        return refused("write a private key");
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return SecretBytes::copy_of(
        {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
}

Result<std::string> certificate_to_pem(X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) {
        return refused("write a certificate");
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

Result<void> set_serial(X509* certificate) {
    const Number number(BN_new());
    if (!number || BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
        BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
        return refused("make a serial number");
    }
    return {};
}

Result<void> set_lifetime(X509* certificate, std::int64_t from_s, std::int64_t to_s) {
    if (ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<std::time_t>(from_s)) ==
            nullptr ||
        ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<std::time_t>(to_s)) == nullptr) {
        return refused("write the dates of a certificate");
    }
    return {};
}

Result<void> add(X509* certificate, X509_EXTENSION* made, std::string_view name) {
    const Extension extension(made);
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        return refused("add the extension " + std::string(name));
    }
    return {};
}

// Extensions in OpenSSL's own text form; `issuer` for the identifiers of keys.
Result<void> add_text(X509* certificate, X509* issuer, int nid, const char* text) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    return add(certificate, X509V3_EXT_conf_nid(nullptr, &context, nid, text), OBJ_nid2sn(nid));
}

GENERAL_NAME* dns_name(std::string_view text) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* value = ASN1_IA5STRING_new();
    if (name == nullptr || value == nullptr ||
        ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
        GENERAL_NAME_free(name);
        ASN1_IA5STRING_free(value);
        return nullptr;
    }
    GENERAL_NAME_set0_value(name, GEN_DNS, value);
    return name;
}

GENERAL_NAME* address_name(ByteView bytes) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
    if (name == nullptr || value == nullptr ||
        ASN1_OCTET_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) {
        GENERAL_NAME_free(name);
        ASN1_OCTET_STRING_free(value);
        return nullptr;
    }
    GENERAL_NAME_set0_value(name, GEN_IPADD, value);
    return name;
}

// A list of subtrees, made when it is first needed.
bool push_subtree(STACK_OF(GENERAL_SUBTREE) * *list, GENERAL_NAME* base) {
    if (base == nullptr) return false;
    GENERAL_SUBTREE* subtree = GENERAL_SUBTREE_new();
    if (*list == nullptr) *list = sk_GENERAL_SUBTREE_new_null();
    if (subtree == nullptr || *list == nullptr) {
        GENERAL_NAME_free(base);
        GENERAL_SUBTREE_free(subtree);
        return false;
    }
    GENERAL_NAME_free(subtree->base);
    subtree->base = base;
    return sk_GENERAL_SUBTREE_push(*list, subtree) > 0;
}

// An address and the mask that leaves no other.
Bytes exactly(const Bytes& address) {
    Bytes out = address;
    out.resize(2 * address.size(), 0xff);
    return out;
}

// The names and nothing else: a kind of name that is not used at all is excluded whole, because
// constraints say nothing about kinds they do not mention.
Result<void> add_constraints(X509* certificate, const std::vector<HostName>& names) {
    const Constraints constraints(NAME_CONSTRAINTS_new());
    bool done = constraints != nullptr;
    bool dns = false;
    bool v4 = false;
    bool v6 = false;
    for (const HostName& name : names) {
        dns = dns || name.is_dns();
        v4 = v4 || name.address.size() == kV4Bytes;
        v6 = v6 || name.address.size() == kV6Bytes;
        done = done && push_subtree(&constraints->permittedSubtrees,
                                    name.is_dns() ? dns_name(name.text)
                                                  : address_name(exactly(name.address)));
    }
    auto** excluded = done ? &constraints->excludedSubtrees : nullptr;
    if (!dns) done = done && push_subtree(excluded, dns_name(""));
    if (!v4 && !v6) {
        // Permitted addresses of one length already exclude all of the other.
        done = done && push_subtree(excluded, address_name(Bytes(2 * kV4Bytes, 0)));
        done = done && push_subtree(excluded, address_name(Bytes(2 * kV6Bytes, 0)));
    }
    if (!done) return refused("write name constraints");
    return add(certificate, X509V3_EXT_i2d(NID_name_constraints, 1, constraints.get()),
               "nameConstraints");
}

Result<void> add_names(X509* certificate, const std::vector<HostName>& names) {
    const Names list(GENERAL_NAMES_new());
    if (!list) return refused("list names");
    for (const HostName& name : names) {
        GENERAL_NAME* made = name.is_dns() ? dns_name(name.text) : address_name(name.address);
        if (made == nullptr || sk_GENERAL_NAME_push(list.get(), made) <= 0) {
            GENERAL_NAME_free(made);
            return refused("list names");
        }
    }
    return add(certificate, X509V3_EXT_i2d(NID_subject_alt_name, 0, list.get()), "subjectAltName");
}

Result<void> set_subject(X509* certificate, const std::string& common_name) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1) {
        return refused("name a certificate");
    }
    return {};
}

Result<std::string> authority_name(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0) return refused("write a public key");
    const Digest digest = sha256({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    // Two CAs of one name and two keys confuse browsers; the key is part of the name.
    return "fieldseal office CA " + hex_encode(ByteView(digest).first(kSubjectKeyBytes));
}

Result<void> check_names(const std::vector<HostName>& names) {
    if (names.empty()) {
        return Error{Errc::invalid_argument, "a certificate needs at least one name or address"};
    }
    if (names.size() > kNamesMax) {
        return Error{Errc::invalid_argument,
                     std::to_string(names.size()) + " names were given; at most " +
                         std::to_string(kNamesMax) + " fit into one certificate here"};
    }
    return {};
}

Result<Identity> finish(X509* certificate, EVP_PKEY* key, EVP_PKEY* signer) {
    if (X509_sign(certificate, signer, EVP_sha256()) <= 0) return refused("sign a certificate");
    Identity identity;
    identity.private_key = FIELDSEAL_TRY(key_to_pem(key));
    identity.certificate = FIELDSEAL_TRY(certificate_to_pem(certificate));
    return identity;
}

// A version 3 certificate with its key, number and dates.
Result<Certificate> begin(EVP_PKEY* key, std::int64_t from_s, std::int64_t to_s) {
    Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), kX509Version3) != 1 ||
        X509_set_pubkey(certificate.get(), key) != 1) {
        return refused("begin a certificate");
    }
    FIELDSEAL_TRY(set_serial(certificate.get()));
    FIELDSEAL_TRY(set_lifetime(certificate.get(), from_s, to_s));
    return certificate;
}

Result<std::int64_t> seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return refused("read a date");
    return static_cast<std::int64_t>(::timegm(&parts));
}

std::vector<HostName> names_of(X509* certificate) {
    std::vector<HostName> out;
    const Names list(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
        const ASN1_STRING* value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
        const ByteView bytes{ASN1_STRING_get0_data(value),
                             static_cast<std::size_t>(ASN1_STRING_length(value))};
        auto address =
            name->type == GEN_DNS ? HostName{to_text(bytes), {}} : host_name_of_address(bytes);
        if (address.ok()) out.push_back(*address);
    }
    return out;
}

}  // namespace

Result<Identity> make_authority(const std::vector<HostName>& names, std::int64_t now_s) {
    FIELDSEAL_TRY(check_names(names));
    const Key key(EVP_EC_gen("P-256"));
    if (!key) return refused("make a P-256 key");
    const Certificate certificate = FIELDSEAL_TRY(
        begin(key.get(), now_s - kBackdatedSeconds, now_s + kAuthorityDays * kDaySeconds));
    X509* raw = certificate.get();
    const std::string name = FIELDSEAL_TRY(authority_name(key.get()));
    FIELDSEAL_TRY(set_subject(raw, name));
    if (X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1) return refused("name a CA");
    FIELDSEAL_TRY(add_text(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
    FIELDSEAL_TRY(add_text(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign"));
    FIELDSEAL_TRY(add_text(raw, raw, NID_subject_key_identifier, "hash"));
    FIELDSEAL_TRY(add_constraints(raw, names));
    return finish(raw, key.get(), key.get());
}

Result<Identity> make_server(const Identity& authority, const std::vector<HostName>& names,
                             std::int64_t days, std::int64_t now_s) {
    FIELDSEAL_TRY(check_names(names));
    if (days < 1 || days > kServerDaysMax) {
        return Error{Errc::invalid_argument, "a certificate for " + std::to_string(days) +
                                                 " days: give 1 to " +
                                                 std::to_string(kServerDaysMax)};
    }
    const Certificate issuer = FIELDSEAL_TRY(parse_certificate(authority.certificate));
    const Key issuer_key = FIELDSEAL_TRY(parse_key(authority.private_key.view()));
    const std::int64_t authority_end_s =
        FIELDSEAL_TRY(seconds_of(X509_get0_notAfter(issuer.get())));
    const std::int64_t end_s = std::min(now_s + days * kDaySeconds, authority_end_s);
    if (end_s <= now_s) {
        return Error{Errc::conflict, "the CA ended on " + rfc3339(authority_end_s) +
                                         ", or this machine's clock is wrong"};
    }
    const Key key(EVP_EC_gen("P-256"));
    if (!key) return refused("make a P-256 key");
    const Certificate certificate =
        FIELDSEAL_TRY(begin(key.get(), now_s - kBackdatedSeconds, end_s));
    X509* raw = certificate.get();
    FIELDSEAL_TRY(set_subject(raw, "fieldseal"));
    if (X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) != 1) {
        return refused("name the issuer");
    }
    FIELDSEAL_TRY(add_text(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
    FIELDSEAL_TRY(add_text(raw, issuer.get(), NID_key_usage, "critical,digitalSignature"));
    FIELDSEAL_TRY(add_text(raw, issuer.get(), NID_ext_key_usage, "serverAuth"));
    FIELDSEAL_TRY(add_text(raw, issuer.get(), NID_subject_key_identifier, "hash"));
    FIELDSEAL_TRY(add_text(raw, issuer.get(), NID_authority_key_identifier, "keyid:always"));
    FIELDSEAL_TRY(add_names(raw, names));
    return finish(raw, key.get(), issuer_key.get());
}

Result<CertificateFacts> read_certificate(std::string_view pem) {
    const Certificate certificate = FIELDSEAL_TRY(parse_certificate(pem));
    CertificateFacts facts;
    facts.names = names_of(certificate.get());
    std::array<char, 256> subject{};
    X509_NAME_oneline(X509_get_subject_name(certificate.get()), subject.data(),
                      static_cast<int>(subject.size()));
    facts.subject = subject.data();
    facts.not_before_s = FIELDSEAL_TRY(seconds_of(X509_get0_notBefore(certificate.get())));
    facts.not_after_s = FIELDSEAL_TRY(seconds_of(X509_get0_notAfter(certificate.get())));
    facts.is_authority = X509_check_ca(certificate.get()) == 1;
    unsigned int size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), facts.sha256.data(), &size) != 1 ||
        size != facts.sha256.size()) {
        return refused("hash a certificate");
    }
    return facts;
}

Result<void> check_pair(std::string_view certificate_pem, ByteView private_key_pem) {
    const Certificate certificate = FIELDSEAL_TRY(parse_certificate(certificate_pem));
    const Key key = FIELDSEAL_TRY(parse_key(private_key_pem));
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        ERR_clear_error();
        return Error{Errc::conflict, "the private key is not the certificate's"};
    }
    return {};
}

Result<void> check_covers(std::string_view certificate_pem, const HostName& name) {
    const Certificate certificate = FIELDSEAL_TRY(parse_certificate(certificate_pem));
    const int covered =
        name.is_dns()
            ? X509_check_host(certificate.get(), name.text.c_str(), name.text.size(),
                              X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr)
            : X509_check_ip(certificate.get(), name.address.data(), name.address.size(), 0);
    if (covered == 1) return {};
    return Error{Errc::conflict, "the certificate is not for " + quoted(name.text)};
}

std::string fingerprint_text(const Digest& digest) {
    const std::string hex = hex_encode(digest);
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        if (i > 0) out += ':';
        out += static_cast<char>(std::toupper(hex[i]));
        out += static_cast<char>(std::toupper(hex[i + 1]));
    }
    return out;
}

}  // namespace fieldseal::node::lan
