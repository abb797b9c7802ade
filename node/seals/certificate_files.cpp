// SPDX-License-Identifier: Apache-2.0
#include "node/seals/certificate_files.h"

#include "core/encoding.h"
#include "core/pki/chain.h"
#include "node/custody/private_file.h"

#include <openssl/x509.h>

#include <filesystem>
#include <set>

namespace fieldseal::node {
namespace {

constexpr std::string_view kChainSuffix = ".pem";
constexpr std::string_view kCrlSuffix = ".crl";
constexpr std::size_t kPemLineChars = 64;

std::string to_pem(ByteView der) {
    const std::string base64 = base64_encode(der);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < base64.size(); at += kPemLineChars)
        pem += base64.substr(at, kPemLineChars) + "\n";
    return pem + "-----END CERTIFICATE-----\n";
}

// OpenSSL's own encoding of a name is what two of them are compared by here.
Digest name_digest(const X509_NAME* name) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_NAME(const_cast<X509_NAME*>(name), &der);
    const Digest digest = size > 0 ? sha256({der, static_cast<std::size_t>(size)}) : Digest{};
    OPENSSL_free(der);
    return digest;
}

Digest issuer_of(const pki::Crl& crl) {
    return name_digest(X509_CRL_get_issuer(crl.handle()));
}

bool is_too_far_ahead(const pki::Crl& crl, std::int64_t now_s) {
    return crl.this_update_s() - kCrlAheadMax_s > now_s;
}

}  // namespace

std::string CertificateFiles::path_of(const Digest& name, std::string_view suffix) const {
    return directory_ + "/" + hex_encode(name) + std::string(suffix);
}

Result<void> CertificateFiles::put_chain(std::span<const pki::Certificate> chain) {
    if (chain.empty()) return Error{Errc::invalid_argument, "there is no certificate"};
    std::string text;
    for (const pki::Certificate& certificate : chain) text += to_pem(certificate.der());
    const std::scoped_lock lock(mutex_);
    FIELDSEAL_TRY(make_private_directory(directory_));
    return write_private_file(path_of(chain.front().sha256(), kChainSuffix), as_bytes(text));
}

Result<std::optional<std::vector<Bytes>>> CertificateFiles::chain(const Digest& x5t) const {
    using Found = std::optional<std::vector<Bytes>>;
    const auto text = read_private_file(path_of(x5t, kChainSuffix), pki::kPemBytesMax);
    if (!text.ok() && text.error().code == Errc::not_found) return Found();
    if (!text.ok()) return text.error();
    const auto chain = pki::parse_pem_certificates(as_text(*text));
    if (!chain.ok() || chain->front().sha256() != x5t) {
        return Error{Errc::corrupt, "the certificates in " + path_of(x5t, kChainSuffix) +
                                        " are not those of that name: import them again"};
    }
    std::vector<Bytes> ders;
    for (const pki::Certificate& certificate : *chain) ders.push_back(certificate.der());
    return Found(std::move(ders));
}

// One that anybody could have made would shut out the authority's own by its date, and evidence
// would carry it.
Result<pki::Certificate> CertificateFiles::issuer_among_chains(const pki::Crl& crl) const {
    bool has_name = false;
    std::error_code failure;
    std::filesystem::directory_iterator at(directory_, failure);
    for (; !failure && at != std::filesystem::directory_iterator(); at.increment(failure)) {
        if (at->path().extension() != kChainSuffix) continue;
        const auto text = read_private_file(at->path().string(), pki::kPemBytesMax);
        const auto chain = text.ok() ? pki::parse_pem_certificates(as_text(*text)) : text.error();
        if (!chain.ok()) continue;  // chain() says what is wrong with it
        for (const pki::Certificate& certificate : *chain) {
            if (!certificate.is_authority()) continue;
            if (pki::is_signed_by(crl, certificate)) return certificate;
            has_name = has_name || pki::is_named_by(crl, certificate);
        }
    }
    if (failure) return Error{Errc::io, directory_ + ": " + failure.message()};
    if (has_name) {
        return Error{Errc::invalid_argument,
                     "the authority that this revocation list names did not sign it: another key "
                     "did; fetch the list from the authority again"};
    }
    return Error{Errc::invalid_argument,
                 "no chain here has the certificate of the authority that issued this revocation "
                 "list: import the seal's chain with it, the root included (`fieldseal seal-key "
                 "certificate`), then the list"};
}

Result<void> CertificateFiles::put_crl(const pki::Crl& crl, std::int64_t now_s) {
    const std::string path = path_of(issuer_of(crl), kCrlSuffix);
    const std::scoped_lock lock(mutex_);
    FIELDSEAL_TRY(make_private_directory(directory_));
    const auto issuer = FIELDSEAL_TRY(issuer_among_chains(crl));
    if (is_too_far_ahead(crl, now_s)) {
        return Error{Errc::invalid_argument, "the revocation list is of " +
                                                 rfc3339(crl.this_update_s()) +
                                                 ", and this machine's clock says " +
                                                 rfc3339(now_s) + ": check the clock here"};
    }
    const auto before = read_private_file(path, pki::kCrlBytesMax);
    if (before.ok()) {
        // One that would not be taken today keeps nothing out.
        const auto known = pki::Crl::parse(*before);
        if (known.ok() && known->this_update_s() > crl.this_update_s() &&
            pki::is_signed_by(*known, issuer) && !is_too_far_ahead(*known, now_s)) {
            return Error{Errc::conflict, "there is a newer revocation list of that authority, of " +
                                             rfc3339(known->this_update_s())};
        }
    }
    return write_private_file(path, crl.der());
}

Result<std::vector<Bytes>> CertificateFiles::crls_for(std::span<const Bytes> chain,
                                                      std::size_t max) const {
    std::set<Digest> issuers;
    for (const Bytes& der : chain) {
        const auto certificate = pki::Certificate::parse(der);
        if (certificate.ok())
            issuers.insert(name_digest(X509_get_issuer_name(certificate->handle())));
    }
    std::vector<Bytes> found;
    for (const Digest& issuer : issuers) {
        auto der = read_private_file(path_of(issuer, kCrlSuffix), pki::kCrlBytesMax);
        if (der.ok() && found.size() < max) found.push_back(std::move(*der));
        if (!der.ok() && der.error().code != Errc::not_found) return der.error();
    }
    return found;
}

}  // namespace fieldseal::node
