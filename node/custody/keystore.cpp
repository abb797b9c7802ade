// SPDX-License-Identifier: Apache-2.0
#include "node/custody/keystore.h"

#include "core/encoding.h"
#include "node/custody/attempts.h"
#include "node/custody/engine.h"
#include "node/custody/envelope.h"
#include "node/custody/passphrase.h"
#include "node/custody/pkcs8.h"
#include "node/custody/private_file.h"
#include "node/custody/recovery_code.h"
#include "store/crash_point.h"

#include <algorithm>
#include <filesystem>

namespace fieldseal::node {
namespace {

constexpr std::string_view kKeySuffix = ".key";
constexpr std::string_view kAttemptsSuffix = ".attempts";
constexpr std::string_view kMachineSecretName = "/machine.secret";
constexpr std::size_t kMachineSecretBytes = 32;

Result<std::vector<std::string>> key_names(const std::string& directory) {
    std::vector<std::string> names;
    try {
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            const std::string name = entry.path().filename().string();
            if (!name.ends_with(kKeySuffix)) continue;
            names.push_back(name.substr(0, name.size() - kKeySuffix.size()));
            if (names.size() > kKeysMax) {
                return Error{Errc::exhausted, fieldseal::quoted(directory, 200) +
                                                  " holds more than " + std::to_string(kKeysMax) +
                                                  " keys"};
            }
        }
    } catch (const std::exception& error) {
        return Error{Errc::io,
                     "list keys in " + fieldseal::quoted(directory, 200) + ": " + error.what()};
    }
    std::sort(names.begin(), names.end());
    return names;
}

// The keys whose file was being written when the node ended: `.<name>.key.new`.
Result<std::vector<std::string>> unfinished_names(const std::string& directory) {
    const std::string suffix = std::string(kKeySuffix) + ".new";
    std::vector<std::string> names;
    try {
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            std::string name = entry.path().filename().string();
            if (!name.starts_with('.') || !name.ends_with(suffix)) continue;
            if (name.size() <= 1 + suffix.size()) continue;
            if (!std::filesystem::is_regular_file(entry.symlink_status())) continue;
            name = name.substr(1, name.size() - 1 - suffix.size());
            if (check_key_name(name).ok()) names.push_back(std::move(name));
        }
    } catch (const std::exception& error) {
        return Error{Errc::io,
                     "list keys in " + fieldseal::quoted(directory, 200) + ": " + error.what()};
    }
    return names;
}

// The key that the decrypted bytes make must be the one the header names.
Result<std::unique_ptr<KeyEngine>> open_engine(const KeyFile& file, const SecretBytes& dek) {
    SecretBytes secret = FIELDSEAL_TRY(decrypt_private_key(file, dek));
    auto engine = FIELDSEAL_TRY(make_engine(file.algorithm, std::move(secret)));
    if (engine->public_key() != file.public_key) {
        return Error{Errc::corrupt,
                     "the private and public key in the file do not belong together"};
    }
    return engine;
}

// A copy: the token may ask for it longer than the caller waits.
Result<pkcs11::PinEntry> pin_entry(const Credential& credential) {
    pkcs11::PinEntry entry{nullptr, credential.now_s, credential.last_try};
    if (credential.secret != nullptr) {
        entry.pin = std::make_shared<const SecretBytes>(
            FIELDSEAL_TRY(SecretBytes::copy_of(credential.secret->view())));
    }
    return entry;
}

}  // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::create(const std::string& directory,
                                                   const Options& options) {
    FIELDSEAL_TRY(make_private_directory(directory));
    const SecretBytes secret = FIELDSEAL_TRY(SecretBytes::random(kMachineSecretBytes));
    auto pending = FIELDSEAL_TRY(
        PendingFile::write(directory + std::string(kMachineSecretName), secret.view()));
    const auto committed = pending.commit_new();
    if (!committed.ok() && committed.error().code != Errc::conflict) return committed.error();
    return open(directory, options);
}

Result<std::unique_ptr<KeyStore>> KeyStore::open(const std::string& directory,
                                                 const Options& options) {
    FIELDSEAL_TRY(check_private_directory(directory));
    std::unique_ptr<KeyStore> store(new KeyStore(directory, options));
    const SecretBytes secret = FIELDSEAL_TRY(store->machine_secret());
    return store;
}

std::string KeyStore::path_of(std::string_view name, std::string_view suffix) const {
    return directory_ + "/" + std::string(name) + std::string(suffix);
}

Result<Bytes> KeyStore::read_bytes(std::string_view name) const {
    FIELDSEAL_TRY(check_key_name(name));
    auto content = read_private_file(path_of(name, kKeySuffix), kKeyFileBytesMax);
    if (!content.ok() && content.error().code == Errc::not_found)
        return Error{Errc::not_found, "there is no key named " + fieldseal::quoted(name)};
    return content;
}

// A file that says another name than its own was copied there by hand.
Result<void> KeyStore::check_file_name(std::string_view name, std::string_view said) const {
    if (said == name) return {};
    return Error{Errc::corrupt, fieldseal::quoted(path_of(name, kKeySuffix), 200) +
                                    " holds the key " + fieldseal::quoted(said) +
                                    ": give the file its own name back"};
}

Result<KeyFile> KeyStore::read(std::string_view name) const {
    const Bytes content = FIELDSEAL_TRY(read_bytes(name));
    if (pkcs11::is_token_key_file(as_text(content))) {
        return Error{Errc::unsupported, "the key " + fieldseal::quoted(name) +
                                            " is in a token: its PIN and its life are changed with "
                                            "the token's own tool"};
    }
    auto file = parse_key_file(as_text(content));
    if (!file.ok()) return file.error().with_context(path_of(name, kKeySuffix));
    FIELDSEAL_TRY(check_file_name(name, file->name));
    return file;
}

Result<std::optional<pkcs11::TokenKeyFile>> KeyStore::token_key(std::string_view name) const {
    const Bytes content = FIELDSEAL_TRY(read_bytes(name));
    if (!pkcs11::is_token_key_file(as_text(content))) return std::optional<pkcs11::TokenKeyFile>();
    auto file = pkcs11::parse_token_key_file(as_text(content));
    if (!file.ok()) return file.error().with_context(path_of(name, kKeySuffix));
    FIELDSEAL_TRY(check_file_name(name, file->name));
    return std::optional<pkcs11::TokenKeyFile>(std::move(*file));
}

Result<std::string> KeyStore::token_uri(std::string_view name) const {
    const auto file = FIELDSEAL_TRY(token_key(name));
    return file ? pkcs11::uri_of(*file) : std::string();
}

Result<SecretBytes> KeyStore::machine_secret() const {
    const std::string path = directory_ + std::string(kMachineSecretName);
    SecretBytes secret = FIELDSEAL_TRY(read_secret_file(path, kMachineSecretBytes));
    if (secret.size() != kMachineSecretBytes) {
        return Error{Errc::corrupt,
                     fieldseal::quoted(path, 200) + " must have exactly 32 bytes: restore it"};
    }
    return secret;
}

Result<SecretBytes> KeyStore::derived_key(std::string_view purpose) const {
    const SecretBytes secret = FIELDSEAL_TRY(machine_secret());
    return derive_key(purpose, secret);
}

Result<std::vector<KeyInfo>> KeyStore::list() const {
    std::vector<KeyInfo> keys;
    for (const std::string& name : FIELDSEAL_TRY(key_names(directory_))) {
        keys.push_back(FIELDSEAL_TRY(info(name)));
    }
    return keys;
}

Result<KeyInfo> KeyStore::info(std::string_view name) const {
    if (const auto outside = FIELDSEAL_TRY(token_key(name))) return outside->info();
    return FIELDSEAL_TRY(read(name)).info();
}

Result<KeyInfo> KeyStore::create_key(const NewKey& key, WrapType type, const SecretBytes& secret) {
    FIELDSEAL_TRY(check_key_name(key.name));
    if (!purpose_allows(key.purpose, key.algorithm)) {
        return Error{Errc::invalid_argument, "a key for " + std::string(to_string(key.purpose)) +
                                                 " cannot be " +
                                                 std::string(to_string(key.algorithm))};
    }
    const SecretBytes scalar = FIELDSEAL_TRY(generate_secret(key.algorithm));
    return keep_key(key, scalar, type, secret);
}

Result<KeyInfo> KeyStore::keep_key(const NewKey& key, const SecretBytes& scalar, WrapType type,
                                   const SecretBytes& secret) {
    SecretBytes copy = FIELDSEAL_TRY(SecretBytes::copy_of(scalar.view()));
    const auto engine = FIELDSEAL_TRY(make_engine(key.algorithm, std::move(copy)));
    KeyFile file;
    file.name = key.name;
    file.algorithm = key.algorithm;
    file.purpose = key.purpose;
    file.exportable = key.exportable;
    file.public_key = engine->public_key();
    const SecretBytes dek = FIELDSEAL_TRY(SecretBytes::random(kDataKeyBytes));
    encrypt_private_key(file, dek, scalar);
    file.wraps.push_back(FIELDSEAL_TRY(wrap_data_key(file, type, dek, secret, options_.cost)));
    FIELDSEAL_TRY(write_new_file(key.name, to_json(file)));
    return file.info();
}

Result<void> KeyStore::write_new_file(std::string_view name, const std::string& text) const {
    auto pending = FIELDSEAL_TRY(PendingFile::write(path_of(name, kKeySuffix), as_bytes(text)));
    return pending.commit_new();
}

Result<KeyInfo> KeyStore::create_attended(const NewKey& key, const SecretBytes& passphrase) {
    FIELDSEAL_TRY(check_passphrase(passphrase));
    const std::lock_guard lock(mutex_);
    return create_key(key, WrapType::passphrase, passphrase);
}

Result<KeyInfo> KeyStore::import_attended(NewKey key, ByteView pkcs8,
                                          const SecretBytes* file_passphrase,
                                          const SecretBytes& passphrase) {
    FIELDSEAL_TRY(check_key_name(key.name));
    FIELDSEAL_TRY(check_passphrase(passphrase));
    const Pkcs8Key given = FIELDSEAL_TRY(read_pkcs8(pkcs8, file_passphrase));
    key.algorithm = given.algorithm;
    if (!purpose_allows(key.purpose, key.algorithm)) {
        return Error{Errc::invalid_argument, "a key for " + std::string(to_string(key.purpose)) +
                                                 " cannot be " +
                                                 std::string(to_string(key.algorithm))};
    }
    const std::lock_guard lock(mutex_);
    auto kept = keep_key(key, given.secret, WrapType::passphrase, passphrase);
    if (kept.ok() || kept.error().code != Errc::corrupt) return kept;
    return Error{Errc::invalid_argument, "the file holds no key: " + kept.error().message};
}

Result<SecretBytes> KeyStore::export_key(std::string_view name, const Credential& credential,
                                         const SecretBytes* file_passphrase) {
    if (file_passphrase != nullptr) FIELDSEAL_TRY(check_passphrase(*file_passphrase));
    const std::lock_guard lock(mutex_);
    const KeyFile file = FIELDSEAL_TRY(read(name));
    if (!file.exportable) {
        return Error{Errc::denied, "key " + fieldseal::quoted(file.name) +
                                       " was made to stay here: only a key made with --exportable "
                                       "is exported. A backup of the data directory keeps it"};
    }
    const SecretBytes dek = FIELDSEAL_TRY(open_data_key(file, credential));
    const SecretBytes secret = FIELDSEAL_TRY(decrypt_private_key(file, dek));
    return write_pkcs8(file.algorithm, secret, *file.public_key, file_passphrase);
}

Result<KeyInfo> KeyStore::create_unattended(const NewKey& key) {
    const std::lock_guard lock(mutex_);
    return create_key(key, WrapType::unattended, FIELDSEAL_TRY(machine_secret()));
}

Result<std::shared_ptr<SigningKey>> KeyStore::load(std::string_view name) const {
    return std::make_shared<SigningKey>(FIELDSEAL_TRY(info(name)), options_.verify_after_sign);
}

Result<SecretBytes> KeyStore::open_data_key(const KeyFile& file,
                                            const Credential& credential) const {
    const Wrap* wrap = file.find(credential.type);
    if (!wrap) {
        return Error{Errc::denied, "key " + fieldseal::quoted(file.name) + " has no " +
                                       std::string(to_string(credential.type)) + " to open it"};
    }
    switch (credential.type) {
        case WrapType::unattended:
            return unwrap_data_key(file, *wrap, FIELDSEAL_TRY(machine_secret()));
        case WrapType::recovery:
            // 256 random bits: there is nothing to guess, so nothing to count.
            return unwrap_data_key(file, *wrap,
                                   FIELDSEAL_TRY(parse_recovery_code(credential.secret->view())));
        case WrapType::passphrase:
            break;
    }
    // A short one is a wrong one: advice for choosing one helps nobody who has to remember his.
    FIELDSEAL_TRY(check_passphrase(*credential.secret, 0));
    AttemptCounter attempts(path_of(file.name, kAttemptsSuffix));
    FIELDSEAL_TRY(attempts.begin(credential.now_s));
    FIELDSEAL_CRASH_POINT("custody.attempt_written");
    SecretBytes dek = FIELDSEAL_TRY(unwrap_data_key(file, *wrap, *credential.secret));
    FIELDSEAL_CRASH_POINT("custody.secret_tried");
    FIELDSEAL_TRY(attempts.succeeded());
    return dek;
}

Result<KeyInfo> KeyStore::create_in_token(const pkcs11::NewTokenKey& key,
                                          const Credential& credential) {
    FIELDSEAL_TRY(check_key_name(key.name));
    const auto taken = read_bytes(key.name);
    if (taken.ok()) {
        return Error{Errc::conflict, "there is a key named " + fieldseal::quoted(key.name) +
                                         " already: choose another name"};
    }
    if (key.pin_file && !pkcs11::is_plain_path(*key.pin_file)) {
        return Error{Errc::invalid_argument, "the PIN file " + fieldseal::quoted(*key.pin_file) +
                                                 " is not an absolute path in ASCII"};
    }
    const auto entry = FIELDSEAL_TRY(pin_entry(credential));
    const auto file = FIELDSEAL_TRY(tokens_.create(key, entry));
    const std::string text = to_json(file);
    const auto read_back = pkcs11::parse_token_key_file(text);  // before anybody depends on it
    const auto written =
        read_back.ok() ? write_new_file(key.name, text) : Result<void>(read_back.error());
    if (!written.ok() && !key.key_id) {
        ignore_error(tokens_.destroy(file, entry), "what went wrong first is what is said");
    }
    FIELDSEAL_TRY(written);
    return file.info();
}

Result<void> KeyStore::destroy_in_token(std::string_view name, const Credential& credential) {
    const auto file = FIELDSEAL_TRY(token_key(name));
    if (!file) {
        return Error{Errc::unsupported, "key " + fieldseal::quoted(name) + " is not in a token"};
    }
    return tokens_.destroy(*file, FIELDSEAL_TRY(pin_entry(credential)));
}

// Holds no mutex of ours while a token is asked.
Result<void> KeyStore::unlock_token_key(SigningKey& key, const pkcs11::TokenKeyFile& file,
                                        const Credential& credential) {
    if (!(file.public_key == key.info().public_key) || file.custody != key.info().custody) {
        return Error{Errc::conflict, "the file of key " + fieldseal::quoted(file.name) +
                                         " was replaced by another key: restart the node"};
    }
    if (credential.type == WrapType::recovery) {
        return Error{Errc::denied, "key " + fieldseal::quoted(file.name) +
                                       " is in a token, and a token has no recovery code"};
    }
    if (credential.type == WrapType::unattended && !file.pin_file) {
        return Error{Errc::denied, "key " + fieldseal::quoted(file.name) +
                                       " is in a token, and no file has its PIN"};
    }
    if (credential.type == WrapType::unattended) {
        key.unlock(FIELDSEAL_TRY(tokens_.open_unattended(file)));
        return {};
    }
    const auto entry = FIELDSEAL_TRY(pin_entry(credential));
    key.unlock(FIELDSEAL_TRY(tokens_.unlock(file, entry)));
    return {};
}

Result<void> KeyStore::unlock(SigningKey& key, const Credential& credential) {
    if (const auto outside = FIELDSEAL_TRY(token_key(key.info().name)))
        return unlock_token_key(key, *outside, credential);
    const std::lock_guard lock(mutex_);
    const KeyFile file = FIELDSEAL_TRY(read(key.info().name));
    if (file.public_key != key.info().public_key || file.purpose != key.info().purpose) {
        return Error{Errc::conflict, "the file of key " + fieldseal::quoted(file.name) +
                                         " was replaced by another key: restart the node"};
    }
    const SecretBytes dek = FIELDSEAL_TRY(open_data_key(file, credential));
    key.unlock(FIELDSEAL_TRY(open_engine(file, dek)));
    return {};
}

Result<std::shared_ptr<SigningKey>> KeyStore::open_unattended(std::string_view name) {
    auto key = FIELDSEAL_TRY(load(name));
    FIELDSEAL_TRY(unlock(*key, Credential::machine()));
    return key;
}

Result<void> KeyStore::replace_wrap(KeyFile file, Wrap wrap) const {
    std::erase_if(file.wraps, [&](const Wrap& old) { return old.type == wrap.type; });
    file.wraps.push_back(wrap);
    return write_private_file(path_of(file.name, kKeySuffix), as_bytes(to_json(file)));
}

Result<void> KeyStore::set_passphrase(std::string_view name, const Credential& credential,
                                      const SecretBytes& passphrase) {
    FIELDSEAL_TRY(check_passphrase(passphrase));
    const std::lock_guard lock(mutex_);
    KeyFile file = FIELDSEAL_TRY(read(name));
    const SecretBytes dek = FIELDSEAL_TRY(open_data_key(file, credential));
    const auto opens = FIELDSEAL_TRY(open_engine(file, dek));
    const Wrap wrap =
        FIELDSEAL_TRY(wrap_data_key(file, WrapType::passphrase, dek, passphrase, options_.cost));
    return replace_wrap(std::move(file), wrap);
}

Result<SecretBytes> KeyStore::renew_recovery(std::string_view name, const Credential& credential) {
    const std::lock_guard lock(mutex_);
    KeyFile file = FIELDSEAL_TRY(read(name));
    const SecretBytes dek = FIELDSEAL_TRY(open_data_key(file, credential));
    const auto opens = FIELDSEAL_TRY(open_engine(file, dek));
    const SecretBytes secret = FIELDSEAL_TRY(SecretBytes::random(kRecoverySecretBytes));
    SecretBytes code = FIELDSEAL_TRY(format_recovery_code(secret));
    const Wrap wrap = FIELDSEAL_TRY(wrap_data_key(file, WrapType::recovery, dek, secret));
    FIELDSEAL_TRY(replace_wrap(std::move(file), wrap));
    return code;
}

Result<void> KeyStore::destroy(std::string_view name) {
    FIELDSEAL_TRY(check_key_name(name));
    const std::lock_guard lock(mutex_);
    const std::string path = path_of(name, kKeySuffix);
    // A crash may have left the whole key there.
    FIELDSEAL_TRY(wipe_private_file(pending_path_of(path)));
    FIELDSEAL_TRY(wipe_private_file(path));
    return remove_private_file(path_of(name, kAttemptsSuffix));
}

Result<void> KeyStore::wipe_unfinished() {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : FIELDSEAL_TRY(unfinished_names(directory_))) {
        FIELDSEAL_TRY(wipe_private_file(pending_path_of(path_of(name, kKeySuffix))));
    }
    return {};
}

}  // namespace fieldseal::node
