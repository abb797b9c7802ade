// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/mechanism.h"

#include "core/check.h"
#include "node/custody/pkcs11/return_value.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <p11-kit/pkcs11.h>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::size_t kMechanismsMax = 1024;
// RSA 4096 is accepted where a token has such a key, and never made: seconds per signature.
constexpr std::array<unsigned long, 2> kRsaBits = {3072, 2048};

// Asks for the list first: some libraries write a line to the log for each mechanism they do not
// have.
bool offers(FunctionList& functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_FLAGS use) {
    CK_ULONG count = 0;
    if (functions.C_GetMechanismList(slot, nullptr, &count) != CKR_OK) return false;
    std::vector<CK_MECHANISM_TYPE> types(std::min<std::size_t>(count, kMechanismsMax));
    count = types.size();
    if (functions.C_GetMechanismList(slot, types.data(), &count) != CKR_OK) return false;
    types.resize(std::min<std::size_t>(count, types.size()));
    if (std::find(types.begin(), types.end(), type) == types.end()) return false;
    CK_MECHANISM_INFO info{};
    return functions.C_GetMechanismInfo(slot, type, &info) == CKR_OK && (info.flags & use) == use;
}

Can probe_one(FunctionList& functions, CK_SLOT_ID slot, KeyAlgorithm algorithm) {
    if (!choose_mechanism(functions, slot, algorithm).ok() ||
        !offers(functions, slot, generating_mechanism(algorithm), CKF_GENERATE_KEY_PAIR)) {
        return Can::no;
    }
    if (algorithm == KeyAlgorithm::ps256) return rsa_bits(functions, slot) > 0 ? Can::yes : Can::no;
    // No mechanism names its curves. P-256 is what every token with ECDSA has.
    return algorithm == KeyAlgorithm::es256 ? Can::yes : Can::maybe;
}

}  // namespace

std::vector<SigningMechanism> signing_mechanisms(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
        case KeyAlgorithm::es256:
            return {{CKM_ECDSA, true}, {CKM_ECDSA_SHA256, false}};
        case KeyAlgorithm::eddsa:
            return {{CKM_EDDSA, false}};
        case KeyAlgorithm::ps256:
            return {{CKM_RSA_PKCS_PSS, true}, {CKM_SHA256_RSA_PKCS_PSS, false}};
        case KeyAlgorithm::hmac_sha256:
            break;
    }
    return {};
}

unsigned long generating_mechanism(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
        case KeyAlgorithm::es256:
            return CKM_EC_KEY_PAIR_GEN;
        case KeyAlgorithm::eddsa:
            return CKM_EC_EDWARDS_KEY_PAIR_GEN;
        case KeyAlgorithm::ps256:
            return CKM_RSA_PKCS_KEY_PAIR_GEN;
        case KeyAlgorithm::hmac_sha256:
            break;
    }
    FIELDSEAL_CHECK(false);
    std::abort();
}

unsigned long key_type(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
        case KeyAlgorithm::es256:
            return CKK_EC;
        case KeyAlgorithm::eddsa:
            return CKK_EC_EDWARDS;
        case KeyAlgorithm::ps256:
            return CKK_RSA;
        case KeyAlgorithm::hmac_sha256:
            break;
    }
    FIELDSEAL_CHECK(false);
    std::abort();
}

Result<SigningMechanism> choose_mechanism(FunctionList& functions, unsigned long slot,
                                          KeyAlgorithm algorithm) {
    for (const SigningMechanism& mechanism : signing_mechanisms(algorithm)) {
        if (offers(functions, slot, mechanism.type, CKF_SIGN)) return mechanism;
    }
    return Error{Errc::unsupported, "this token cannot sign with " +
                                        std::string(to_string(algorithm)) +
                                        ": `fieldseal seal-key tokens` shows what it can do"};
}

unsigned long rsa_bits(FunctionList& functions, unsigned long slot) {
    CK_MECHANISM_INFO info{};
    if (functions.C_GetMechanismInfo(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &info) != CKR_OK) return 0;
    for (const unsigned long bits : kRsaBits) {
        if (info.ulMinKeySize <= bits && bits <= info.ulMaxKeySize) return bits;
    }
    return 0;
}

std::vector<Capability> probe(FunctionList& functions, unsigned long slot) {
    std::vector<Capability> found;
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa, KeyAlgorithm::ps256}) {
        found.push_back({algorithm, probe_one(functions, slot, algorithm)});
    }
    return found;
}

}  // namespace fieldseal::node::pkcs11
