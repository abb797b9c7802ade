// SPDX-License-Identifier: Apache-2.0
// What every process that works on a data directory opens first: the identity, the keystore and the
// unattended keys. The store follows, because its tail pin needs one of them.
//   data_dir/fieldseal.toml  node.json  keys/  db/  tail.pin  ballast  lock
// OWNED BY: whoever opened it. THREADS: construct-then-const. Errors: not_found, denied, corrupt,
// io.
#pragma once

#include "node/config/config.h"
#include "node/custody/keystore.h"
#include "node/identity.h"
#include "store/store.h"

#include <memory>
#include <string>

namespace fieldseal::node {

struct NodeKeys {
    std::unique_ptr<KeyStore> keystore;
    std::shared_ptr<SigningKey> log;
    std::shared_ptr<SigningKey> status;
    std::shared_ptr<SigningKey> pin;
    std::shared_ptr<SigningKey> witness;
    std::shared_ptr<SigningKey> witnessed_log;
};

std::string keys_directory(const std::string& data_dir);
KeyStore::Options keystore_options(const Config& config);

// Opens keys/ and its unattended keys, and checks that they are the identity's.
Result<NodeKeys> open_keys(const Config& config, const NodeIdentity& identity);

// REQUIRES: keys of this node.
Result<std::unique_ptr<store::Store>> open_store(
    const Config& config, const NodeKeys& keys, store::PinPolicy policy = store::PinPolicy::verify);

}  // namespace fieldseal::node
