// SPDX-License-Identifier: Apache-2.0
#include "tests/support/chain_account.h"

#include "core/check.h"
#include "core/hash.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

namespace fieldseal::testing {
namespace {

secp256k1_context* signing_context() {
    static secp256k1_context* const kContext = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    return kContext;
}

}  // namespace

ChainAccount::ChainAccount(std::uint8_t seed_byte) {
    secret_.fill(seed_byte);
    secp256k1_pubkey key;
    FIELDSEAL_CHECK(secp256k1_ec_pubkey_create(signing_context(), &key, secret_.data()) == 1);
    std::array<std::uint8_t, 65> point;
    std::size_t size = point.size();
    secp256k1_ec_pubkey_serialize(signing_context(), point.data(), &size, &key,
                                  SECP256K1_EC_UNCOMPRESSED);
    address_ = evm::address_of_point(point);
}

evm::TransactionSignature ChainAccount::sign(const Digest& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    FIELDSEAL_CHECK(secp256k1_ecdsa_sign_recoverable(signing_context(), &made, digest.data(),
                                                     secret_.data(), nullptr, nullptr) == 1);
    evm::TransactionSignature signature;
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(signing_context(), signature.rs.data(),
                                                            &recovery_id, &made);
    FIELDSEAL_CHECK(recovery_id == 0 || recovery_id == 1);
    signature.y_parity = static_cast<std::uint8_t>(recovery_id);
    return signature;
}

Bytes ChainAccount::signed_transaction(const evm::TransactionTbs& tbs) const {
    return evm::assemble(tbs, sign(keccak256(tbs.preimage().value()))).value();
}

}  // namespace fieldseal::testing
