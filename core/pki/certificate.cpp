// SPDX-License-Identifier: Apache-2.0
#include "core/pki/certificate.h"

#include "core/hash.h"
#include "core/pki/asn1_time.h"
#include "core/pki/der.h"
#include "core/pki/owned.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace fieldseal::pki {
namespace {

Error refused(std::string_view what, std::string_view why) {
    ERR_clear_error();
    return {Errc::invalid_argument, std::string(what) + " " + std::string(why)};
}

void free_memory(void* memory) {
    OPENSSL_free(memory);
}

std::string text_of(const X509_NAME* name) {
    const Owned<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
    if (!memory || X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    const auto length = std::min(static_cast<std::size_t>(std::max(size, 0L)), kNameTextBytesMax);
    return {data, length};
}

Bytes spki_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const Owned<unsigned char, free_memory> owned(der);
    return size > 0 ? Bytes(der, der + size) : Bytes();
}

// What OpenSSL gives for a PEM block.
struct PemBlock {
    Owned<char, free_memory> name;
    Owned<char, free_memory> header;
    Owned<unsigned char, free_memory> data;
    std::size_t size = 0;
};

bool read_block(BIO* memory, PemBlock& block) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(memory, &name, &header, &data, &size) != 1) return false;
    block.name.reset(name);
    block.header.reset(header);
    block.data.reset(data);
    block.size = static_cast<std::size_t>(size);
    return true;
}

bool is_end_of_pem() {
    return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

}  // namespace

struct Certificate::Impl {
    Owned<X509, X509_free> x509;
    Bytes der;
    Digest sha256{};
    std::string subject;
    std::int64_t not_before_s = 0;
    std::int64_t not_after_s = 0;
    bool is_authority = false;
};

Result<Certificate> Certificate::parse(ByteView der) {
    if (der.size() > kCertificateBytesMax) {
        return refused("a certificate", "has at most 16 384 bytes");
    }
    FIELDSEAL_TRY(check_der(der, "a certificate"));
    auto impl = std::make_shared<Impl>();
    const unsigned char* at = der.data();
    impl->x509.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!impl->x509 || at != der.data() + der.size()) {
        return refused("a certificate", "of X.509 is expected here");
    }
    X509* x509 = impl->x509.get();
    const auto from = posix_seconds(X509_get0_notBefore(x509));
    const auto until = posix_seconds(X509_get0_notAfter(x509));
    // Sets what it read of the extensions; -1: it could not.
    const bool is_readable = X509_check_purpose(x509, -1, 0) == 1;
    if (!from || !until || !is_readable) {
        return refused("a certificate", "has dates or extensions that are malformed");
    }
    impl->der = to_bytes(der);
    impl->sha256 = fieldseal::sha256(der);
    impl->subject = text_of(X509_get_subject_name(x509));
    impl->not_before_s = *from;
    impl->not_after_s = *until;
    impl->is_authority = X509_check_ca(x509) == 1;
    return Certificate(std::move(impl));
}

const Bytes& Certificate::der() const {
    return impl_->der;
}
const Digest& Certificate::sha256() const {
    return impl_->sha256;
}
const std::string& Certificate::subject() const {
    return impl_->subject;
}
std::int64_t Certificate::not_before_s() const {
    return impl_->not_before_s;
}
std::int64_t Certificate::not_after_s() const {
    return impl_->not_after_s;
}
bool Certificate::is_authority() const {
    return impl_->is_authority;
}
Result<PublicKey> Certificate::public_key() const {
    return PublicKey::from_spki(spki_of(impl_->x509.get()));
}
x509_st* Certificate::handle() const {
    return impl_->x509.get();
}

Result<std::vector<Certificate>> parse_pem_certificates(std::string_view pem) {
    constexpr std::string_view kWhat = "a file of certificates (PEM)";
    if (pem.size() > kPemBytesMax) return refused(kWhat, "has at most 256 KiB");
    const Owned<BIO, BIO_free_all> memory(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!memory) return Error{Errc::internal, "no memory to read certificates"};
    std::vector<Certificate> certificates;
    ERR_clear_error();
    PemBlock block;
    while (read_block(memory.get(), block)) {
        const std::string_view name = block.name.get();
        if (name != PEM_STRING_X509) {
            const bool is_key = name.find("PRIVATE KEY") != std::string_view::npos;
            return refused(kWhat, is_key ? "holds a private key: take it out, and keep it secret"
                                         : "holds something else than CERTIFICATE blocks");
        }
        if (certificates.size() == kPemCertificatesMax) return refused(kWhat, "holds at most 64");
        auto parsed = Certificate::parse({block.data.get(), block.size});
        if (!parsed) return parsed.error();
        certificates.push_back(*std::move(parsed));
    }
    if (!is_end_of_pem()) return refused(kWhat, "has a block that is no PEM");
    if (certificates.empty()) return refused(kWhat, "holds none: a CERTIFICATE block is expected");
    ERR_clear_error();
    return certificates;
}

struct Crl::Impl {
    Owned<X509_CRL, X509_CRL_free> crl;
    Bytes der;
    std::int64_t this_update_s = 0;
    bool is_complete = true;
};

Result<Crl> Crl::parse(ByteView der) {
    if (der.size() > kCrlBytesMax) return refused("a revocation list", "has at most 131 072 bytes");
    FIELDSEAL_TRY(check_der(der, "a revocation list"));
    auto impl = std::make_shared<Impl>();
    const unsigned char* at = der.data();
    impl->crl.reset(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    if (!impl->crl || at != der.data() + der.size()) {
        return refused("a revocation list", "of X.509 is expected here");
    }
    const auto since = posix_seconds(X509_CRL_get0_lastUpdate(impl->crl.get()));
    if (!since) return refused("a revocation list", "has a malformed date");
    impl->der = to_bytes(der);
    impl->this_update_s = *since;
    for (int i = 0; i < X509_CRL_get_ext_count(impl->crl.get()); ++i) {
        X509_EXTENSION* extension = X509_CRL_get_ext(impl->crl.get(), i);
        if (X509_EXTENSION_get_critical(extension) != 0) impl->is_complete = false;
    }
    return Crl(std::move(impl));
}

const Bytes& Crl::der() const {
    return impl_->der;
}
std::int64_t Crl::this_update_s() const {
    return impl_->this_update_s;
}
bool Crl::is_complete() const {
    return impl_->is_complete;
}
X509_crl_st* Crl::handle() const {
    return impl_->crl.get();
}

}  // namespace fieldseal::pki
