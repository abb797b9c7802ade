// SPDX-License-Identifier: Apache-2.0
// The conversation with one token: its sessions, its login and the handles of its keys. Every call
// may block in the token's library for as long as that likes: use it on a worker's thread only.
//
// Two sessions are held: one that works, and one that does nothing, so that a login, which belongs
// to the application as a whole, outlives a session that is lost (PKCS#11 v2.40 §5.6).
// OWNED BY: a Token, and jobs of its worker. THREADS: the worker's.
// Errors: not_found (no such token or key), unavailable (lost), denied (PIN), unsupported, corrupt.
#pragma once

#include "core/bytes.h"
#include "node/custody/pkcs11/key_attributes.h"
#include "node/custody/pkcs11/mechanism.h"
#include "node/custody/pkcs11/module.h"
#include "node/custody/pkcs11/return_value.h"
#include "node/custody/secret.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fieldseal::node::pkcs11 {

inline constexpr std::size_t kKeyIdBytesMax = 64;
inline constexpr std::size_t kNewKeyIdBytes = 16;
// A CKA_ID names one key. More than one with the same id is somebody's mistake.
inline constexpr std::size_t kObjectsMax = 8;

// Which private key of a token, and what it is.
struct KeyName {
    Bytes id;  // CKA_ID
    KeyAlgorithm algorithm = KeyAlgorithm::es256;
};

// What the token says about where a private key has been.
struct KeyOrigin {
    bool made_inside = false;   // CKA_LOCAL
    bool stays_inside = false;  // sensitive and not extractable, now and ever
};

struct TokenKey {
    KeyName name;
    PublicKey public_key;
    KeyOrigin origin;
};

// The token holds another key than the caller's under that id.
Error another_key(const TokenName& token, const Bytes& id);

class Session {
public:
    enum class Access : std::uint8_t { read, write };

    Session(std::shared_ptr<Module> module, TokenName name);
    ~Session();  // close()
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const TokenName& name() const { return name_; }

    // The token as it is now. not_found if it is not plugged in.
    Result<TokenInfo> look();
    // Opens what is not open. Does not log in.
    Result<void> open(Access access = Access::read);
    bool logged_in();
    // One C_Login: a guess, if the PIN is wrong. nullptr: the PIN is typed on the reader.
    // CKR_OK or what the token said.
    ReturnValue login(const SecretBytes* pin);
    void logout();
    // Closes the working session only; the login stays where the token keeps it.
    void close_working();
    // Both, with the login: sessions that a token lost are not kept by mistake.
    void close_sessions();
    void close();

    // Errors: not_found, conflict (several keys under that id).
    Result<TokenKey> describe(const KeyName& key);
    // REQUIRES: logged in, Access::write.
    Result<TokenKey> generate(const KeyName& key, const std::string& label);
    // REQUIRES: Access::write. Both halves of the pair; what is not there is gone already. Errors:
    // conflict (another key than `expected` has that id, or has it too), locked (no login).
    Result<void> destroy(const KeyName& key, const PublicKey* expected = nullptr);
    // The token's raw answer. `outcome` is the CK_RV of the call that failed.
    Result<Bytes> sign(const KeyName& key, ByteView message, ReturnValue& outcome);

private:
    using Handle = unsigned long;

    Result<Handle> private_key(const KeyName& key, ReturnValue& outcome);
    Result<std::vector<Handle>> find(unsigned long object_class, const KeyName& key,
                                     ReturnValue& outcome);
    Result<Bytes> attribute(Handle object, unsigned long type);
    bool flag(Handle object, unsigned long type);
    Result<PublicKey> read_public_key(Handle object, KeyAlgorithm algorithm);
    Result<std::pair<Handle, Handle>> generate_pair(const KeyName& key, const std::string& label,
                                                    ByteView curve, ReturnValue& outcome);
    Error failure(std::string_view call, ReturnValue value) const;
    Result<Handle> open_one(Access access);
    Result<SigningMechanism> mechanism(KeyAlgorithm algorithm, ReturnValue& outcome);

    const std::shared_ptr<Module> module_;
    const TokenName name_;
    std::optional<unsigned long> slot_;
    std::optional<Handle> working_;
    std::optional<Handle> keeper_;
    Access access_ = Access::read;
    std::map<KeyAlgorithm, SigningMechanism> mechanisms_;
    std::map<Bytes, Handle> private_keys_;  // by CKA_ID, as long as the working session lives
};

}  // namespace fieldseal::node::pkcs11
