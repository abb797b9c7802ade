// SPDX-License-Identifier: Apache-2.0
// A chain account of this node, as the chain adapter sees it: one key per target, made when the
// target is added and opened by the machine secret, so that anchoring goes on after a power cut.
// A seal key is never a chain account. OWNED BY: Anchoring, which outlives the adapters. THREADS:
// any. Errors: conflict (a key of another purpose under that name), corrupt, denied, io.
#pragma once

#include "anchor/signer.h"
#include "node/custody/keystore.h"

#include <memory>
#include <string>

namespace fieldseal::node {

// The key file of a target's account: "chain-<target>".
std::string chain_key_name(const std::string& target);

class ChainAccount final : public anchor::ChainSigner {
public:
    // Opens the account of `target`, and makes its key if there is none yet.
    static Result<std::unique_ptr<ChainAccount>> open(KeyStore& keystore,
                                                      const std::string& target);

    const evm::Address& address() const override { return address_; }
    Result<evm::TransactionSignature> sign(const evm::TransactionTbs& tbs) const override;
    // True when open() made the key: somebody has to permit or fund the account.
    bool is_new() const { return is_new_; }

private:
    ChainAccount(std::shared_ptr<SigningKey> key, const evm::Address& address, bool is_new)
        : key_(std::move(key)), address_(address), is_new_(is_new) {}

    const std::shared_ptr<SigningKey> key_;
    const evm::Address address_;
    const bool is_new_;
};

}  // namespace fieldseal::node
