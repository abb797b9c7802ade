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

void SigningKey::unlock(std::unique_ptr<KeyEngine> engine) {
    const std::unique_lock lock(mutex_);
    engine_ = std::move(engine);
}

void SigningKey::lock() {
    const std::unique_lock lock(mutex_);
    engine_.reset();
}

Result<void> SigningKey::check_purpose(Purpose purpose) const {
    if (info_.purpose == purpose) return {};
    return Error{Errc::conflict, "key " + quoted(info_.name) + " is for " +
                                     std::string(to_string(info_.purpose)) + ", never for " +
                                     std::string(to_string(purpose))};
}

Result<Bytes> SigningKey::sign_message(Purpose purpose, ByteView message) const {
    FIELDSEAL_TRY(check_purpose(purpose));
    Bytes signature;
    {
        const std::shared_lock lock(mutex_);
        if (!engine_) {
            return Error{Errc::locked, "key " + quoted(info_.name) + " is locked: unlock it first"};
        }
        signature = FIELDSEAL_TRY(engine_->sign(message));
    }
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

Result<evm::TransactionSignature> SigningKey::sign_digest(const Digest& digest) const {
    const std::shared_lock lock(mutex_);
    if (!engine_) {
        return Error{Errc::locked, "key " + quoted(info_.name) + " is locked: unlock it first"};
    }
    uses_.fetch_add(1, std::memory_order_relaxed);
    return engine_->sign_recoverable(digest);
}

}  // namespace fieldseal::node
