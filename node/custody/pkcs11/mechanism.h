// SPDX-License-Identifier: Apache-2.0
// Our algorithms as Cryptoki mechanisms, and which of them a slot offers.
// The hash is computed here and the token signs it where it can: SoftHSM2 offers no ECDSA that
// hashes, and one way for all tokens is one way to test. THREADS: any.
#pragma once

#include "node/custody/key_types.h"
#include "node/custody/pkcs11/function_list.h"
#include "node/custody/pkcs11/token_info.h"

#include <vector>

namespace fieldseal::node::pkcs11 {

struct SigningMechanism {
    unsigned long type = 0;      // CK_MECHANISM_TYPE
    bool hashed_outside = true;  // the token takes SHA-256 of the message
};

// In the order to try.
std::vector<SigningMechanism> signing_mechanisms(KeyAlgorithm algorithm);
unsigned long generating_mechanism(KeyAlgorithm algorithm);
unsigned long key_type(KeyAlgorithm algorithm);  // CK_KEY_TYPE

// The first of signing_mechanisms() that the slot offers. Errors: unsupported.
Result<SigningMechanism> choose_mechanism(FunctionList& functions, unsigned long slot,
                                          KeyAlgorithm algorithm);
// The longest modulus of 2048, 3072 that the slot makes; 0 if none.
unsigned long rsa_bits(FunctionList& functions, unsigned long slot);

std::vector<Capability> probe(FunctionList& functions, unsigned long slot);

}  // namespace fieldseal::node::pkcs11
