// SPDX-License-Identifier: Apache-2.0
// The directory of key files: makes keys, opens them, changes how they are opened.
//   <directory>/<name>.key        one key, key_file.h, or where it is: pkcs11/token_key_file.h
//   <directory>/<name>.attempts   its failure counter, attempts.h
//   <directory>/machine.secret    32 random bytes that open the unattended keys
// What the machine secret is worth: it protects a key file that is copied alone (a backup, a
// support bundle). Whoever reads the whole directory can use the unattended keys. Passphrase keys
// stay shut. OWNED BY: the node (one process; the data directory's lock keeps others out). THREADS:
// any; calls that open or change keys run one at a time, so that one unlock's Argon2id memory is
// all there is. DURABLE: every change is on disk, synced, before the call returns; a crash leaves
// the file as it was or as it becomes, never between.
// Errors: not_found, conflict (exists), denied (secret, permissions), rate_limited (the delay after
// wrong passphrases), corrupt, io.
#pragma once

#include "node/custody/key_file.h"
#include "node/custody/pkcs11/token_keys.h"
#include "node/custody/secret.h"
#include "node/custody/signing_key.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kKeysMax = 1024;

// How a caller opens a key. Refers to the secret, which must outlive the call.
struct Credential {
    WrapType type = WrapType::unattended;
    const SecretBytes* secret =
        nullptr;             // passphrase, or recovery code as typed; none if unattended
    std::int64_t now_s = 0;  // POSIX time, for the delay after wrong passphrases
    bool last_try = false;   // a token's PIN: even if a wrong one may lock the token

    static Credential passphrase(const SecretBytes& secret, std::int64_t now_s) {
        return {WrapType::passphrase, &secret, now_s, false};
    }
    static Credential recovery(const SecretBytes& code) {
        return {WrapType::recovery, &code, 0, false};
    }
    static Credential machine() { return {}; }
    // Of a token; nullptr: the PIN is typed on the reader. The token gets it, nobody keeps it.
    static Credential pin(const SecretBytes* pin, std::int64_t now_s, bool last_try) {
        return {WrapType::passphrase, pin, now_s, last_try};
    }
};

struct NewKey {
    std::string name;
    KeyAlgorithm algorithm = KeyAlgorithm::es256k;
    Purpose purpose = Purpose::statement;
    bool exportable = false;
};

class KeyStore {
public:
    struct Options {
        Argon2idCost cost;
        SigningKey::VerifyAfterSign verify_after_sign = SigningKey::VerifyAfterSign::yes;
    };

    // Makes the directory (0700) and the machine secret; what exists already stays as it is.
    static Result<std::unique_ptr<KeyStore>> create(const std::string& directory,
                                                    const Options& options);
    static Result<std::unique_ptr<KeyStore>> open(const std::string& directory,
                                                  const Options& options);

    // The keys there are, by name.
    Result<std::vector<KeyInfo>> list() const;
    Result<KeyInfo> info(std::string_view name) const;

    // A new key that needs `passphrase` to be opened. conflict if the name is taken.
    Result<KeyInfo> create_attended(const NewKey& key, const SecretBytes& passphrase);
    // The same with a private key made elsewhere, as PKCS#8 (pkcs8.h); `key.algorithm` is the
    // file's. `file_passphrase` opens an encrypted one, else null.
    Result<KeyInfo> import_attended(NewKey key, ByteView pkcs8, const SecretBytes* file_passphrase,
                                    const SecretBytes& passphrase);
    // The private key as PKCS#8, encrypted with `file_passphrase` unless that is null. denied
    // unless the key was made exportable.
    Result<SecretBytes> export_key(std::string_view name, const Credential& credential,
                                   const SecretBytes* file_passphrase);
    // A new key that the machine secret opens.
    Result<KeyInfo> create_unattended(const NewKey& key);

    // A new key inside a token, or one that is there already: what is written here says where.
    // `credential`: Credential::pin. The token stays logged in for nobody.
    Result<KeyInfo> create_in_token(const pkcs11::NewTokenKey& key, const Credential& credential);
    // Destroys a key inside its token and leaves its file, which destroy() removes. Doing it twice
    // does it once. Errors: the token's; unsupported for a key that is here.
    Result<void> destroy_in_token(std::string_view name, const Credential& credential);
    pkcs11::TokenKeys& tokens() { return tokens_; }
    // Where a key is that is not here. Empty for a key that is.
    Result<std::optional<pkcs11::TokenKeyFile>> token_key(std::string_view name) const;
    // The same as an RFC 7512 URI; empty for a key that is here.
    Result<std::string> token_uri(std::string_view name) const;

    // The key, locked. Unlocking fills the same object that others may hold already.
    Result<std::shared_ptr<SigningKey>> load(std::string_view name) const;
    Result<void> unlock(SigningKey& key, const Credential& credential);
    // load and unlock with the machine secret.
    Result<std::shared_ptr<SigningKey>> open_unattended(std::string_view name);

    // Re-wraps the data key: the former passphrase stops opening this file (an old copy of the file
    // still opens with it). Also gives a passphrase back to whoever has the recovery code.
    Result<void> set_passphrase(std::string_view name, const Credential& credential,
                                const SecretBytes& passphrase);
    // Makes a new recovery code and returns its printed form, which is kept nowhere. A former code
    // stops working.
    Result<SecretBytes> renew_recovery(std::string_view name, const Credential& credential);
    // Overwrites and removes the key's file and its failure counter; what is not there is gone
    // already. A disk may keep old blocks: what it kept is still encrypted.
    Result<void> destroy(std::string_view name);
    // The same for files of keys that a crash left half written or not yet under their name. Only
    // with the data directory's lock: another process may be about to rename one.
    Result<void> wipe_unfinished();
    // 32 bytes made of the machine secret and `purpose`, the same each time: for what the node has
    // to read at boot and a copied database must not give away.
    Result<SecretBytes> derived_key(std::string_view purpose) const;

private:
    KeyStore(std::string directory, const Options& options)
        : directory_(std::move(directory)), options_(options), tokens_(directory_) {}

    std::string path_of(std::string_view name, std::string_view suffix) const;
    Result<KeyFile> read(std::string_view name) const;
    Result<Bytes> read_bytes(std::string_view name) const;
    Result<void> check_file_name(std::string_view name, std::string_view said) const;
    Result<void> write_new_file(std::string_view name, const std::string& text) const;
    Result<void> unlock_token_key(SigningKey& key, const pkcs11::TokenKeyFile& file,
                                  const Credential& credential);
    Result<SecretBytes> machine_secret() const;
    Result<KeyInfo> create_key(const NewKey& key, WrapType type, const SecretBytes& secret);
    Result<KeyInfo> keep_key(const NewKey& key, const SecretBytes& scalar, WrapType type,
                             const SecretBytes& secret);
    Result<SecretBytes> open_data_key(const KeyFile& file, const Credential& credential) const;
    Result<void> replace_wrap(KeyFile file, Wrap wrap) const;

    const std::string directory_;
    const Options options_;
    std::mutex mutex_;          // held while a secret is tried and while a file is replaced
    pkcs11::TokenKeys tokens_;  // never asked with mutex_ held: a token may hang
};

}  // namespace fieldseal::node
