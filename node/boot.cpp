// SPDX-License-Identifier: Apache-2.0
#include "node/boot.h"

#include "core/encoding.h"

namespace fieldseal::node {
namespace {

Result<std::shared_ptr<SigningKey>> open_note_key(KeyStore& keystore, std::string_view name,
                                                  const note::VerifierKey& expected) {
    auto key = FIELDSEAL_TRY(keystore.open_unattended(name));
    if (FIELDSEAL_TRY(key->verifier_key(expected.name)) != expected) {
        return Error{Errc::corrupt, "the key file " + fieldseal::quoted(name) +
                                        " holds another key than node.json names"};
    }
    return key;
}

}  // namespace

std::string keys_directory(const std::string& data_dir) {
    return data_dir + "/keys";
}

KeyStore::Options keystore_options(const Config& config) {
    KeyStore::Options options;
    options.cost.memory_kib = config.custody.argon2id_memory_mib * 1024;
    options.cost.passes = config.custody.argon2id_passes;
    options.verify_after_sign = config.custody.verify_after_sign ? SigningKey::VerifyAfterSign::yes
                                                                 : SigningKey::VerifyAfterSign::no;
    return options;
}

Result<NodeKeys> open_keys(const Config& config, const NodeIdentity& identity) {
    NodeKeys keys;
    keys.keystore =
        FIELDSEAL_TRY(KeyStore::open(keys_directory(config.data_dir), keystore_options(config)));
    keys.log = FIELDSEAL_TRY(open_note_key(*keys.keystore, kLogKeyName, identity.log_key));
    keys.witness =
        FIELDSEAL_TRY(open_note_key(*keys.keystore, kWitnessKeyName, identity.witness_key));
    keys.witnessed_log = FIELDSEAL_TRY(
        open_note_key(*keys.keystore, kWitnessedLogKeyName, identity.witnessed_log_key));
    keys.status = FIELDSEAL_TRY(keys.keystore->open_unattended(kStatusKeyName));
    if (!keys.status->info().public_key ||
        !(*keys.status->info().public_key == identity.status_key)) {
        return Error{Errc::corrupt,
                     "the key file \"status\" holds another key than node.json names"};
    }
    keys.pin = FIELDSEAL_TRY(keys.keystore->open_unattended(kPinKeyName));
    return keys;
}

Result<std::unique_ptr<store::Store>> open_store(const Config& config, const NodeKeys& keys,
                                                 store::PinPolicy policy) {
    store::OpenOptions options;
    options.data_dir = config.data_dir;
    options.pin_key = FIELDSEAL_TRY(keys.pin->pin_key());
    options.pin_policy = policy;
    return store::Store::open(options);
}

}  // namespace fieldseal::node
