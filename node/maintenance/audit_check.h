// SPDX-License-Identifier: Apache-2.0
// The audit log as `fieldseal check` recomputes it: the chain of its entries, and the chain against
// every head that is signed in the statements log. OWNED BY: check.cpp. THREADS: one.
// Errors: corrupt, naming the entry: a finding.
#pragma once

#include "core/audit.h"
#include "node/identity.h"
#include "store/check.h"

#include <cstdint>
#include <vector>

namespace fieldseal::node {

class AuditCheck {
public:
    // REQUIRES: identity outlives this; all heads come before the first row.
    explicit AuditCheck(const NodeIdentity& identity) : identity_(identity) {}

    // A statement of kind audit.
    Result<void> head(const store::StatementRecord& record);
    // A row of store::RowSpace::audit, in the order of the keys.
    Result<void> row(const store::SpaceRow& row);
    // After the last row: what the newest head has and the rows have not.
    void finish(store::CheckReport& report) const;

private:
    struct Signed {
        std::uint64_t count = 0;
        Digest newest{};
        std::uint64_t index = 0;  // in the statements log
    };
    Result<void> follow(std::uint64_t seq, ByteView bytes);
    Result<void> compare_with_heads();

    const NodeIdentity& identity_;
    std::vector<Signed> heads_;
    std::size_t next_head_ = 0;  // the first that the chain has not reached
    AuditChain chain_;
};

}  // namespace fieldseal::node
