// SPDX-License-Identifier: Apache-2.0
// The evidence vectors by theme. One mutation per vector; the name says which. What each must
// answer is written down here by hand, not computed by the verifier. THREADS: one.
#pragma once

#include "tests/vectors/vector.h"

#include <vector>

namespace fieldseal::vectors {

using Vectors = std::vector<Vector>;

Vectors valid_cases();
Vectors swap_cases();
Vectors inclusion_cases();
Vectors signature_cases();
Vectors time_cases();
Vectors policy_cases();
Vectors parsing_cases();
Vectors status_cases();
Vectors rotation_cases();
Vectors trust_cases();
// All of them, in that order: tests/vectors/evidence.
Vectors evidence_cases();

// Seals known by certificates: tests/vectors/certificate.
Vectors certificate_cases();

Vectors chain_digest_cases();
Vectors chain_form_cases();
Vectors chain_seal_cases();
Vectors chain_set_cases();
Vectors chain_time_cases();
// All of them, in that order: tests/vectors/chain.
Vectors chain_cases();

// tests/vectors/tsa.
Vectors tsa_cases();

}  // namespace fieldseal::vectors
