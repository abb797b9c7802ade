// SPDX-License-Identifier: Apache-2.0
// A chain account for tests, its key made from an obviously fake seed (one byte, 32 times). The
// product's chain keys live behind anchor/signer.h. THREADS: any after construction.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/evm/transaction.h"

#include <array>
#include <cstdint>

namespace fieldseal::testing {

class ChainAccount {
public:
    explicit ChainAccount(std::uint8_t seed_byte);

    const evm::Address& address() const { return address_; }
    // Deterministic (RFC 6979), low s.
    evm::TransactionSignature sign(const Digest& digest) const;
    // The bytes of a signed transaction. REQUIRES: tbs can be signed.
    Bytes signed_transaction(const evm::TransactionTbs& tbs) const;

private:
    std::array<std::uint8_t, 32> secret_{};
    evm::Address address_{};
};

}  // namespace fieldseal::testing
