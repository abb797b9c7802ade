// SPDX-License-Identifier: Apache-2.0
// One key of the node: its public facts always, its private half only while it is unlocked.
// There is no "sign these bytes": each method takes one kind of message, checks that this key
// exists for that purpose, builds what is signed itself (FORMATS §1), and verifies its own
// signature with the public key before it returns (a glitch in the processor must not publish a
// key). OWNED BY: shared; the node hands the same key to the threads that use it. KeyStore fills
// it. THREADS: any. Signing takes a shared lock, unlocking and lock() an exclusive one: lock()
// waits for signatures under way, then wipes; every later signature is refused with Errc::locked.
// A key in a token is the exception: lock() does not wait for the token, and a signature that comes
// back later is thrown away. Such a key also locks itself, with a reason, when its token is gone or
// answers wrongly. Errors: locked, conflict (a key of another purpose), internal (a signature that
// does not verify), and for keys in tokens those of pkcs11/token_engine.h.
#pragma once

#include "core/audit.h"
#include "core/bytes.h"
#include "core/evm/transaction.h"
#include "core/note/checkpoint.h"
#include "core/note/cosignature.h"
#include "core/note/vkey.h"
#include "core/pki/certificate_request.h"
#include "core/result.h"
#include "core/rotation.h"
#include "core/statement.h"
#include "core/status.h"
#include "node/custody/key_types.h"

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace fieldseal::node {

class KeyEngine;
class KeyStore;

class SigningKey {
public:
    enum class VerifyAfterSign : bool { no, yes };

    SigningKey(KeyInfo info, VerifyAfterSign verify);
    ~SigningKey();
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;

    const KeyInfo& info() const { return info_; }
    bool unlocked() const;
    // Wipes the private half. Does nothing if the key is locked.
    void lock();
    // Why the key locked itself; empty if a person did, or nobody did yet.
    std::string lock_reason() const;
    // Grows with each use: whoever sees no change for the idle time locks the key.
    std::uint64_t uses() const { return uses_.load(std::memory_order_relaxed); }

    // Purpose::statement. invalid_argument if the claims name another key, algorithm or custody.
    Result<Statement> sign_statement(const StatementTbs& tbs) const;
    // Purpose::statement: the word of a new seal that it takes another's place; its typ keeps it
    // apart from statements. The COSE_Sign1. Errors the same.
    Result<Bytes> sign_rotation(const RotationTbs& tbs) const;
    // Purpose::statement: a request for a certificate of this very key (docs/adr/0016), DER.
    // invalid_argument if it is about another key.
    Result<Bytes> sign_certificate_request(const pki::RequestTbs& tbs) const;
    // Purpose::status. invalid_argument if the snapshot names another key or algorithm.
    Result<Status> sign_status(const StatusTbs& tbs) const;
    // Purpose::status: both speak about the node, and their typ keeps them apart. Errors the same.
    Result<SignedAuditHead> sign_audit_head(const AuditHeadTbs& tbs) const;
    // Purpose::checkpoint: the whole note, signed under the checkpoint's own origin (type 0x01).
    Result<std::string> sign_checkpoint(const note::Checkpoint& checkpoint) const;
    // Purpose::cosignature: a witness's word about another log's checkpoint (type 0x04).
    // REQUIRES: the caller checked and stored what the cosignature promises.
    Result<note::Cosignature> cosign(std::string_view witness_name, std::uint64_t time_s,
                                     const note::Checkpoint& checkpoint) const;
    // Purpose::chain_tx: an anchoring transaction of this key's own account (an anchor call, or an
    // anchor note sent to itself). invalid_argument for any other: this account does nothing else.
    Result<evm::TransactionSignature> sign_chain_tx(const evm::TransactionTbs& tbs) const;
    // The account of a Purpose::chain_tx key. conflict for keys of another purpose.
    Result<evm::Address> chain_address() const;
    // Purpose::statement: signs a fresh challenge that is no message of ours and verifies it, to
    // see that the key works. The signature goes nowhere.
    Result<void> test_sign() const;
    // Purpose::pin: the key the tail pin's MAC is made with, derived from this key, which stays
    // here.
    Result<std::array<std::uint8_t, 32>> pin_key() const;

    // How others name a log key (its origin, type 0x01) or a witness key (its name, type 0x04).
    // conflict for keys that sign no notes.
    Result<note::VerifierKey> verifier_key(std::string_view name) const;

private:
    friend class KeyStore;
    // REQUIRES: an engine of this key.
    void unlock(std::shared_ptr<KeyEngine> engine);
    Result<void> check_purpose(Purpose purpose) const;
    Result<Bytes> sign_message(Purpose purpose, ByteView message) const;
    Result<Bytes> sign_here_or_outside(ByteView message) const;
    Result<Bytes> sign_outside(const std::shared_ptr<KeyEngine>& engine, ByteView message) const;
    Error locked_error() const;
    Result<evm::TransactionSignature> sign_digest(const Digest& digest) const;

    const KeyInfo info_;
    const VerifyAfterSign verify_;
    mutable std::atomic<std::uint64_t> uses_{0};
    mutable std::shared_mutex mutex_;
    // Guarded by mutex_. Shared with a signature under way in a token.
    mutable std::shared_ptr<KeyEngine> engine_;  // null while locked
    mutable std::string lock_reason_;
};

}  // namespace fieldseal::node
