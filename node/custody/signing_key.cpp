// SPDX-License-Identifier: Apache-2.0
#include "node/custody/signing_key.h"

#include "core/check.h"
#include "core/encoding.h"
#include "node/custody/engine.h"

#include <algorithm>
#include <mutex>

namespace fieldseal::node {

SigningKey::SigningKey(KeyInfo info, VerifyAfterSign verify)
    : info_(std::move(info)), verify_(verify) {}
SigningKey::~SigningKey() = default;

bool SigningKey::unlocked() const {
    const std::shared_lock lock(mutex_);
    return engine_ != nullptr;
}

void SigningKey::unlock(std::shared_ptr<KeyEngine> engine) {
    const std::unique_lock lock(mutex_);
    engine_ = std::move(engine);
    lock_reason_.clear();
}

void SigningKey::lock() {
    const std::unique_lock lock(mutex_);
    engine_.reset();
    lock_reason_.clear();
}

std::string SigningKey::lock_reason() const {
    const std::shared_lock lock(mutex_);
    return lock_reason_;
}

// REQUIRES: mutex_.
Error SigningKey::locked_error() const {
    const std::string why = lock_reason_.empty() ? "unlock it first" : lock_reason_;
    return Error{Errc::locked, "key " + quoted(info_.name) + " is locked: " + why};
}

Result<void> SigningKey::check_purpose(Purpose purpose) const {
    if (info_.purpose == purpose) return {};
    return Error{Errc::conflict, "key " + quoted(info_.name) + " is for " +
                                     std::string(to_string(info_.purpose)) + ", never for " +
                                     std::string(to_string(purpose))};
}

Result<Bytes> SigningKey::sign_message(Purpose purpose, ByteView message) const {
    FIELDSEAL_TRY(check_purpose(purpose));
    Bytes signature = FIELDSEAL_TRY(sign_here_or_outside(message));
    uses_.fetch_add(1, std::memory_order_relaxed);
    if (verify_ == VerifyAfterSign::yes && info_.public_key) {
        const auto verified = info_.public_key->verify(message, signature);
        if (!verified.ok()) {
            return Error{Errc::internal, "key " + quoted(info_.name) +
                                             " made a signature that does not verify; it was "
                                             "thrown away. Check this machine's memory"};
        }
    }
    return signature;
}

Result<Bytes> SigningKey::sign_here_or_outside(ByteView message) const {
    std::shared_lock lock(mutex_);
    if (!engine_) return locked_error();
    if (engine_->in_process()) return engine_->sign(message);
    const std::shared_ptr<KeyEngine> engine = engine_;
    lock.unlock();
    return sign_outside(engine, message);
}

// Without the lock: a token takes its time, and nobody who locks this key waits for it.
Result<Bytes> SigningKey::sign_outside(const std::shared_ptr<KeyEngine>& engine,
                                       ByteView message) const {
    auto signature = engine->sign(message);
    const std::unique_lock lock(mutex_);
    if (engine_ != engine) return locked_error();  // locked meanwhile: this came too late
    if (signature.ok()) return signature;
    const Errc code = signature.error().code;
    if (code == Errc::locked || code == Errc::corrupt) {
        engine_.reset();
        lock_reason_ = signature.error().message;
    }
    return signature;
}

Result<evm::TransactionSignature> SigningKey::sign_digest(const Digest& digest) const {
    const std::shared_lock lock(mutex_);
    if (!engine_) return locked_error();
    uses_.fetch_add(1, std::memory_order_relaxed);
    return engine_->sign_recoverable(digest);
}

}  // namespace fieldseal::node
