// SPDX-License-Identifier: Apache-2.0
// Routes of the admin socket for a seal's certificates: a certification request, the chain that
// came back, revocation lists; and for a key that was made elsewhere.
#pragma once

#include "api/caller.h"
#include "api/router.h"
#include "core/bytes.h"
#include "core/json/json.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::size_t kCertificateTextBytesMax = 128 * 1024;
inline constexpr std::size_t kImportedKeyBytesMax = 16 * 1024;

struct CertificateName {
    std::string common_name;
    std::string organisation;  // empty = the node's
    std::string country;
};

// A key in a file of another program. The texts live as long as the call.
struct ImportedKey {
    std::string name;        // of the new seal
    std::string_view pkcs8;  // PEM
    std::optional<std::string_view> file_passphrase;
    std::string_view passphrase;  // of the new seal
    bool exportable = false;
    bool activate = false;
};

// Implemented by node/. Errors: not_found, locked, invalid_argument (says which certificate and
// why), denied (wrong passphrase of a file), conflict, unsupported.
class SealCertificateBackend {
public:
    virtual ~SealCertificateBackend() = default;
    // {"seal", "kid", "pem"}. The seal must be unlocked; conflict (problem "seal-state") when it is
    // retired, compromised or destroyed.
    virtual Result<json::Value> certificate_request(const std::string& seal,
                                                    const CertificateName& name) = 0;
    // Statements refer to it from now until it ends; it must have begun. DURABLE on return.
    virtual Result<json::Value> set_certificates(const std::string& seal, std::string_view pem) = 0;
    // Keeps a revocation list for evidence. DURABLE on return.
    virtual Result<json::Value> keep_crl(ByteView der) = 0;
    // A new seal with that key. DURABLE on return, and published.
    virtual Result<json::Value> import_key(const Caller& by, const ImportedKey& key) = 0;
};

// REQUIRES: `backend` outlives the router.
void add_seal_certificate_routes(Router& router, SealCertificateBackend& backend);

}  // namespace fieldseal::api
