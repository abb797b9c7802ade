// SPDX-License-Identifier: Apache-2.0
// What a certificate must say to stand for a seal: it is no authority's, its key may sign
// documents, and it has the purposes and policies that whoever trusts its authority asks for.
// THREADS: pure functions, any. Errors: invalid_argument, with what it says instead.
#pragma once

#include "core/pki/certificate.h"
#include "core/public_key.h"
#include "core/result.h"

#include <span>
#include <string>

namespace fieldseal::pki {

struct SealRules {
    std::span<const std::string> purposes;  // extended key usages, dotted OIDs; one of them, or any
    std::span<const std::string> policies;  // certificate policies, the same way
};
Result<void> check_seal_leaf(const Certificate& leaf, const SealRules& rules);

// A chain as a person imports it: the seal's own key first, each next certificate the issuer of the
// one before, nothing else in it.
Result<void> check_seal_chain(std::span<const Certificate> chain, const PublicKey& key);

}  // namespace fieldseal::pki
