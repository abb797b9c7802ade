// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/audit_check.h"

#include "core/hash.h"
#include "node/people/audit_book.h"

#include <string>

namespace fieldseal::node {
namespace {

Error damaged(std::string what) {
    return {Errc::corrupt, std::move(what)};
}

std::string name_of(std::uint64_t seq) {
    return "audit entry " + std::to_string(seq);
}

}  // namespace

Result<void> AuditCheck::head(const store::StatementRecord& record) {
    const auto read = FIELDSEAL_TRY(parse_audit_head(record.cose));
    if (read.entry != record.entry) return damaged("its bytes have another id than its row");
    FIELDSEAL_TRY(verify_audit_head(read, identity_.status_key));
    if (read.head.origin != identity_.origin) return damaged("it is a head of another node's log");
    if (read.head.as_of_size != record.index.value) {
        return damaged("it says that it is entry " + std::to_string(read.head.as_of_size));
    }
    const bool grew = heads_.empty() || heads_.back().count < read.head.count;
    const std::uint64_t before = heads_.empty() ? 0 : heads_.back().count;
    if (grew) heads_.push_back({read.head.count, read.head.newest, record.index.value});
    if (grew) return {};
    return damaged("it signs " + std::to_string(read.head.count) +
                   " entries of the audit log, the head before it " + std::to_string(before) +
                   ": entries were removed");
}

Result<void> AuditCheck::row(const store::SpaceRow& row) {
    const auto seq = audit_row_number(row.key);
    if (!seq) return damaged("an audit row has a malformed key");
    const auto followed = follow(*seq, row.value);
    const auto compared = compare_with_heads();
    return followed.ok() ? compared : followed;
}

// Whatever is found, the chain goes on from this entry: one finding for one change.
Result<void> AuditCheck::follow(std::uint64_t seq, ByteView bytes) {
    const std::uint64_t expected = chain_.count();
    const auto added = chain_.add(bytes);
    if (added.ok() && seq == expected) return {};
    chain_ = AuditChain(seq + 1, sha256(bytes));
    if (seq > expected) {
        return damaged(name_of(expected) +
                       (seq == expected + 1
                            ? " is missing"
                            : " and those up to " + std::to_string(seq - 1) + " are missing"));
    }
    const std::string why = added.ok() ? "has another number than its row" : added.error().message;
    return damaged(name_of(seq) + ": " + why + "; it or the one before it was changed");
}

Result<void> AuditCheck::compare_with_heads() {
    while (next_head_ < heads_.size() && heads_[next_head_].count < chain_.count()) ++next_head_;
    if (next_head_ == heads_.size() || heads_[next_head_].count != chain_.count()) return {};
    const Signed& head = heads_[next_head_++];
    if (head.newest == chain_.newest()) return {};
    return damaged(name_of(head.count - 1) + " is not the one that statement " +
                   std::to_string(head.index) + " of the log signs: the audit log was changed");
}

void AuditCheck::finish(store::CheckReport& report) const {
    if (heads_.empty() || heads_.back().count <= chain_.count()) return;
    if (report.unread) {
        return report.add("audit log", "could not be checked from entry " +
                                           std::to_string(chain_.count()) +
                                           " on: rows lie in a damaged block");
    }
    report.add("audit log", "it ends with " + std::to_string(chain_.count()) +
                                " entries, and statement " + std::to_string(heads_.back().index) +
                                " of the log signs " + std::to_string(heads_.back().count) +
                                ": the newest were removed");
}

}  // namespace fieldseal::node
