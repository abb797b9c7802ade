// SPDX-License-Identifier: Apache-2.0
// Routes of the admin socket for the care of seals' private keys: new passphrase, new recovery
// code, export, test, unlock. Never on the edge: a private key does not cross a network.
#pragma once

#include "api/router.h"
#include "core/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::size_t kSealPassphraseBytesMax = 1024;
inline constexpr std::size_t kRecoveryCodeBytesMax = 256;

// How the caller opens a key. The text lives as long as the call.
struct KeyOpener {
    enum class Kind { passphrase, recovery_code };
    Kind kind = Kind::passphrase;
    std::string_view text;
};

// Takes the text of a secret that a backend made; what it was given is gone when it returns.
using SecretTaker = std::function<void(std::string_view secret)>;

// Implemented by node/. Errors: not_found, denied (wrong secret), rate_limited (wait), unsupported.
class SealKeyBackend {
public:
    virtual ~SealKeyBackend() = default;
    // DURABLE on return. What the key was opened with before stops working, but for the recovery
    // code.
    virtual Result<void> set_passphrase(const std::string& seal, const KeyOpener& opener,
                                        std::string_view passphrase) = 0;
    // A new recovery code, shown once. DURABLE: before `take` is called.
    virtual Result<void> renew_recovery(const std::string& seal, const KeyOpener& opener,
                                        const SecretTaker& take) = 0;
    // The private key as PKCS#8 PEM, encrypted unless there is no `file_passphrase`.
    virtual Result<void> export_key(const std::string& seal, const KeyOpener& opener,
                                    std::optional<std::string_view> file_passphrase,
                                    const SecretTaker& take) = 0;
    // Signs something that means nothing and verifies it. Errors: locked.
    virtual Result<void> test_key(const std::string& seal) = 0;
};

// REQUIRES: `backend` outlives the router.
void add_seal_key_routes(Router& router, SealKeyBackend& backend);

}  // namespace fieldseal::api
