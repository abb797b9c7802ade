// SPDX-License-Identifier: Apache-2.0
// The care of seals' keys on a running node: what a person asks of the keystore over the admin
// socket. Whoever audits the routes notes each call (audited_routes.cpp).
// OWNED BY: the daemon. THREADS: any. DURABLE: on return. Errors: those of keystore.h.
#pragma once

#include "api/seal_key_routes.h"
#include "node/clock.h"
#include "node/seals/seal_keys.h"

namespace fieldseal::node {

class SealKeyService final : public api::SealKeyBackend {
public:
    SealKeyService(KeyStore& keystore, const SealKeys& keys, const Clock& clock)
        : keystore_(keystore), keys_(keys), clock_(clock) {}

    Result<void> set_passphrase(const std::string& seal, const api::KeyOpener& opener,
                                std::string_view passphrase) override;
    Result<void> renew_recovery(const std::string& seal, const api::KeyOpener& opener,
                                const api::SecretTaker& take) override;
    Result<void> export_key(const std::string& seal, const api::KeyOpener& opener,
                            std::optional<std::string_view> file_passphrase,
                            const api::SecretTaker& take) override;
    Result<void> test_key(const std::string& seal) override;

private:
    // The key file of a seal; not_found for other keys of the node.
    Result<std::string> key_name(const std::string& seal) const;

    KeyStore& keystore_;
    const SealKeys& keys_;
    const Clock& clock_;
};

}  // namespace fieldseal::node
