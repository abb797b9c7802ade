// SPDX-License-Identifier: Apache-2.0
// The port to a key that signs transactions: one chain account of this node. The signer takes the
// structured transaction and builds the signed bytes itself; there is no "sign this hash".
// OWNED BY: the node (custody), which outlives the adapters. THREADS: any.
// ERRORS: locked, io, internal (a signature that does not give our own address back).
#pragma once

#include "core/evm/transaction.h"
#include "core/result.h"

namespace fieldseal::anchor {

class ChainSigner {
public:
    virtual ~ChainSigner() = default;
    virtual const evm::Address& address() const = 0;
    virtual Result<evm::TransactionSignature> sign(const evm::TransactionTbs& tbs) const = 0;
};

}  // namespace fieldseal::anchor
