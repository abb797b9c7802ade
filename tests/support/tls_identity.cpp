// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_identity.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/hash.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace fieldseal::testing {
namespace {

template <class T, void (*free_function)(T*)>
struct Deleter {
    void operator()(T* object) const { free_function(object); }
};
template <class T, void (*free_function)(T*)>
using Owned = std::unique_ptr<T, Deleter<T, free_function>>;

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Context = Owned<SSL_CTX, SSL_CTX_free>;
using Session = Owned<SSL, SSL_free>;

constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr long kLifetimeSeconds = 3600;

Certificate self_signed(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    X509* raw = certificate.get();
    X509_set_version(raw, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
    X509_gmtime_adj(X509_getm_notBefore(raw), -kLifetimeSeconds);
    X509_gmtime_adj(X509_getm_notAfter(raw), kLifetimeSeconds);
    X509_set_pubkey(raw, key);
    X509_NAME* name = X509_get_subject_name(raw);
    const auto* common_name = reinterpret_cast<const unsigned char*>("fieldseal test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
    X509_set_issuer_name(raw, name);
    Owned<X509_EXTENSION, X509_EXTENSION_free> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"));
    FIELDSEAL_CHECK(names != nullptr);
    X509_add_ext(raw, names.get(), -1);
    FIELDSEAL_CHECK(X509_sign(raw, key, EVP_sha256()) > 0);
    return certificate;
}

class OpenSslSession final : public TlsSession {
public:
    explicit OpenSslSession(Session session) : session_(std::move(session)) {}
    ~OpenSslSession() override { SSL_shutdown(session_.get()); }

    std::string read_some() override {
        std::string bytes(kChunkBytes, '\0');
        const int count = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
        bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return bytes;
    }
    bool write(std::string_view bytes) override {
        return bytes.empty() ||
               SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    }

private:
    Session session_;
};

}  // namespace

struct TlsIdentity::Impl {
    Key key{EVP_EC_gen("P-256")};
    Certificate certificate{self_signed(key.get())};
    Context context{SSL_CTX_new(TLS_server_method())};
};

TlsIdentity::TlsIdentity() : impl_(std::make_unique<Impl>()) {
    FIELDSEAL_CHECK(SSL_CTX_use_certificate(impl_->context.get(), impl_->certificate.get()) == 1);
    FIELDSEAL_CHECK(SSL_CTX_use_PrivateKey(impl_->context.get(), impl_->key.get()) == 1);
}
TlsIdentity::~TlsIdentity() = default;

std::string TlsIdentity::certificate_pem() const {
    Owned<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
    FIELDSEAL_CHECK(PEM_write_bio_X509(memory.get(), impl_->certificate.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string TlsIdentity::spki_pin() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(impl_->key.get(), &der);
    FIELDSEAL_CHECK(size > 0);
    const Digest digest = sha256({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return "sha256//" + base64_encode(digest);
}

std::unique_ptr<TlsSession> TlsIdentity::accept(int fd) const {
    Session session(SSL_new(impl_->context.get()));
    if (!session || SSL_set_fd(session.get(), fd) != 1 || SSL_accept(session.get()) != 1) return {};
    return std::make_unique<OpenSslSession>(std::move(session));
}

}  // namespace fieldseal::testing
