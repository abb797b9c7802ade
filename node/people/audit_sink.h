// SPDX-License-Identifier: Apache-2.0
// Where what people and machines did is noted (docs/formats/audit.md). Seals are not: a statement
// remembers who ordered it. Implemented by node/people/audit_book.h.
//
// THREADS: any. DURABLE: append on return. Errors: invalid_argument for a word that is none,
// exhausted, unavailable, io.
#pragma once

#include "core/result.h"

#include <string>

namespace fieldseal::node {

struct AuditNote {
    std::string actor;    // an account or "local"; empty becomes "nobody"
    std::string action;   // a word of a-z and '-': "log-in"
    std::string subject;  // what it was done to; may be empty
    std::string outcome;  // a word: "ok", "failed", "locked-out", "denied"
    std::string remote;   // where from; may be empty
};

class AuditSink {
public:
    virtual ~AuditSink() = default;
    // Texts of strangers are welcome: what does not fit is cut, what is no text becomes '?'.
    virtual Result<void> append(const AuditNote& note) = 0;
};

}  // namespace fieldseal::node
