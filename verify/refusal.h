// SPDX-License-Identifier: Apache-2.0
// No verdict: what kept us from judging at all, in the form of a report.
// THREADS: value types; pure functions, any.
#pragma once

#include "core/result.h"
#include "verify/verdict.h"

#include <string>

namespace fieldseal::verify {

struct Refusal {
    Reason reason = Reason::unreadable;
    std::string message;
};

// What an error of parse_trust means to a verifier.
Refusal refuse_trust(const Error& error);

// The machine report of a refusal: `verdict` is null.
std::string to_json(const Refusal& refusal);

}  // namespace fieldseal::verify
