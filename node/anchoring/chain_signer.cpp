// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/chain_signer.h"

#include "store/crash_point.h"

namespace fieldseal::node {

std::string chain_key_name(const std::string& target) {
    return "chain-" + target;
}

Result<std::unique_ptr<ChainAccount>> ChainAccount::open(KeyStore& keystore,
                                                         const std::string& target) {
    const std::string name = chain_key_name(target);
    const auto known = keystore.info(name);
    const bool is_new = !known.ok() && known.error().code == Errc::not_found;
    if (is_new) {
        FIELDSEAL_TRY(keystore.create_unattended({name, KeyAlgorithm::es256k, Purpose::chain_tx}));
    } else if (!known.ok()) {
        return known.error();
    }
    auto key = FIELDSEAL_TRY(keystore.open_unattended(name));
    const evm::Address address = FIELDSEAL_TRY(key->chain_address());
    return std::unique_ptr<ChainAccount>(new ChainAccount(std::move(key), address, is_new));
}

Result<evm::TransactionSignature> ChainAccount::sign(const evm::TransactionTbs& tbs) const {
    auto signature = key_->sign_chain_tx(tbs);
    FIELDSEAL_CRASH_POINT("chain.signed");
    return signature;
}

}  // namespace fieldseal::node
