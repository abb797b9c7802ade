// SPDX-License-Identifier: Apache-2.0
// The tokens this node works with: which modules are loaded, one Token for each token however many
// seals are in it, and from a token's key file to something that signs.
// OWNED BY: the KeyStore. THREADS: any. DURABLE: failure counters (`token-<hash>.attempts`).
// Errors: as Module and Token say; conflict (another key in the token than the file names).
#pragma once

#include "node/custody/engine.h"
#include "node/custody/pkcs11/token.h"
#include "node/custody/pkcs11/token_key_file.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fieldseal::node::pkcs11 {

struct NewTokenKey {
    std::string name;
    KeyAlgorithm algorithm = KeyAlgorithm::es256;
    Purpose purpose = Purpose::statement;
    TokenName token;
    std::optional<Bytes> key_id;          // a key that is in the token already; none: make one
    std::optional<std::string> pin_file;  // stays in the key file: the seal is unattended
};

class TokenKeys {
public:
    // `directory`: of the key files, private.
    explicit TokenKeys(std::string directory) : directory_(std::move(directory)) {}

    // All tokens of one module, or of all modules that are installed. With the second, modules that
    // fail are left out.
    Result<std::vector<TokenInfo>> tokens(const std::string& module_path);
    std::vector<TokenInfo> tokens();

    // Makes the key, or takes the one that is there, and describes it. Nothing is written to disk
    // but the failure counter.
    Result<TokenKeyFile> create(const NewTokenKey& key, const PinEntry& entry);
    // Destroys the file's key in its token; one that is not there is gone already. Without a PIN an
    // unattended key's is its file's. Errors: conflict (another key has its id), and the token's.
    Result<void> destroy(const TokenKeyFile& file, const PinEntry& entry);

    // Logs in with the PIN and checks that the key is the file's.
    Result<std::unique_ptr<KeyEngine>> unlock(const TokenKeyFile& file, const PinEntry& entry);
    // REQUIRES: file.pin_file. Loads the module only: the first signature logs in.
    Result<std::unique_ptr<KeyEngine>> open_unattended(const TokenKeyFile& file);

private:
    Result<std::shared_ptr<Module>> module(const std::string& path);
    Result<std::shared_ptr<Token>> token(const TokenName& name);

    const std::string directory_;
    std::mutex mutex_;
    // Guarded by mutex_. A module nobody uses is finalised; a token that was used once keeps its
    // worker, so that one that ends never logs out one that begins.
    std::map<std::string, std::weak_ptr<Module>> modules_;
    std::map<TokenName, std::shared_ptr<Token>> tokens_;
};

}  // namespace fieldseal::node::pkcs11
