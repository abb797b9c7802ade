// SPDX-License-Identifier: Apache-2.0
// A seal's certificates on a running node: the request that its key signs, the chain that came
// back, revocation lists, and keys that were made elsewhere. OWNED BY: the daemon. THREADS: any.
// DURABLE: on return. Errors: those of api/seal_certificate_routes.h.
#pragma once

#include "api/seal_certificate_routes.h"
#include "node/seals/certificate_files.h"
#include "node/seals/seal_book.h"
#include "node/seals/seal_keys.h"
#include "node/seals/seal_manager.h"
#include "node/seals/status_book.h"

namespace fieldseal::node {

class SealCertificates final : public api::SealCertificateBackend {
public:
    struct Parts {
        const NodeIdentity& identity;
        SealBook& book;
        SealKeys& keys;
        KeyStore& keystore;
        SealManager& manager;
        const StatusBook& status;
        CertificateFiles& files;
        const Clock& clock;
    };
    explicit SealCertificates(Parts parts) : parts_(parts) {}

    Result<json::Value> certificate_request(const std::string& seal,
                                            const api::CertificateName& name) override;
    Result<json::Value> set_certificates(const std::string& seal, std::string_view pem) override;
    Result<json::Value> keep_crl(ByteView der) override;
    Result<json::Value> import_key(const api::Caller& by, const api::ImportedKey& key) override;

private:
    Parts parts_;
};

}  // namespace fieldseal::node
