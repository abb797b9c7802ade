// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/oracle.h"

#include "core/encoding.h"
#include "core/note/checkpoint.h"

#include <algorithm>
#include <set>

namespace fieldseal::testing {
namespace {

constexpr store::LogId kStatements = store::LogId::statements;
constexpr store::LogId kCheckpoints = store::LogId::checkpoints;

Error wrong(const std::string& what) {
    return {Errc::corrupt, what};
}

Result<std::vector<Digest>> all_entries(const store::LogReader& log) {
    std::vector<Digest> entries;
    const std::uint64_t size = log.head().size.value;
    while (entries.size() < size) {
        const auto count =
            std::min<std::uint64_t>(size - entries.size(), store::kEntriesPerReadMax);
        const auto page = FIELDSEAL_TRY(log.entries({entries.size()}, count));
        entries.insert(entries.end(), page.begin(), page.end());
    }
    return entries;
}

Result<void> check_root(const store::LogReader& log, const std::vector<Digest>& entries) {
    std::set<Digest> once;
    std::vector<Digest> leaves;
    for (const Digest& entry : entries) {
        if (!once.insert(entry).second) return wrong("an entry is in the log twice");
        leaves.push_back(merkle::leaf_hash(entry));
    }
    if (merkle::root_of(leaves) != log.head().root)
        return wrong("the root does not recompute at size " + std::to_string(entries.size()));
    return {};
}

// The record at each index, checked against the entry rows and the indexes that lead to it.
Result<std::vector<store::StatementRecord>> all_records(const store::Store& store) {
    const auto log = store.log(kStatements);
    const auto entries = FIELDSEAL_TRY(all_entries(log));
    FIELDSEAL_TRY(check_root(log, entries));
    std::vector<store::StatementRecord> records;
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
        auto record = FIELDSEAL_TRY(store.statements().by_index({i}));
        const std::string at = "index " + std::to_string(i);
        if (!record) return wrong(at + " has no statement");
        if (record->index.value != i) return wrong(at + " holds a record of another index");
        if (sha256(record->cose) != entries[i] || record->entry != entries[i])
            return wrong(at + " holds a statement that is not its entry");
        const auto found = FIELDSEAL_TRY(log.find(entries[i]));
        if (!found || found->value != i) return wrong(at + " is not found by its id");
        records.push_back(std::move(*record));
    }
    if (FIELDSEAL_TRY(store.statements().by_index({entries.size()})))
        return wrong("there is a statement beyond the log's size");
    return records;
}

Result<void> check_orders(const store::Store& store,
                          const std::vector<store::StatementRecord>& records,
                          const Ledger::Facts& facts) {
    std::map<Digest, std::uint64_t> by_document;  // to the index of its one statement
    for (const auto& record : records) {
        if (record.kind != store::StatementKind::statement) continue;
        if (!by_document.emplace(record.document, record.index.value).second)
            return wrong("two statements carry out one order, the second at index " +
                         std::to_string(record.index.value));
    }
    std::size_t carried_out = 0;
    for (const auto& [document, order] : facts.orders) {
        const auto sealed = by_document.find(sha256(as_bytes(document)));
        if (sealed != by_document.end()) ++carried_out;
        if (!order.acknowledged) continue;
        if (sealed == by_document.end())
            return wrong("the acknowledged statement about " + document + " is lost");
        const auto& record = records[sealed->second];
        if (record.entry != order.acknowledged->entry ||
            record.index.value != order.acknowledged->index)
            return wrong("the statement about " + document + " is not the acknowledged one");
        const auto listed = FIELDSEAL_TRY(store.statements().by_document(record.document));
        if (listed != std::vector{record.entry})
            return wrong("the index by document does not have just the one about " + document);
    }
    if (carried_out != by_document.size())
        return wrong(std::to_string(by_document.size() - carried_out) +
                     " statements are about documents that nobody ordered");
    return {};
}

Result<void> check_prefix(const store::Store& store, store::LogId log, const merkle::TreeHead& head,
                          const std::string& who) {
    if (head.size > store.log(log).head().size ||
        FIELDSEAL_TRY(store.log(log).root_at(head.size)) != head.root)
        return wrong(who + " of size " + std::to_string(head.size.value) +
                     " is not a prefix of the log: two histories were shown");
    return {};
}

Result<void> check_checkpoint(const store::Store& store, store::LogId log,
                              const note::VerifierKey& key) {
    const auto record = FIELDSEAL_TRY(store.checkpoints(log).latest());
    if (!record) return {};
    const auto opened = FIELDSEAL_TRY(note::open_checkpoint(record->note, key, {}));
    if (opened.checkpoint.head() != record->head)
        return wrong("the newest checkpoint's note is about another head");
    return check_prefix(store, log, record->head, "our checkpoint");
}

}  // namespace

Result<void> judge_office(const InProcessNode& office, const Ledger::Facts& facts) {
    const auto records = FIELDSEAL_TRY(all_records(*office.store));
    FIELDSEAL_TRY(check_orders(*office.store, records, facts));
    FIELDSEAL_TRY(check_checkpoint(*office.store, kStatements, office.identity->log_key));
    for (const auto& head : facts.cosigned) {
        FIELDSEAL_TRY(check_prefix(*office.store, kStatements, head, "a cosigned checkpoint"));
    }
    return {};
}

Result<void> judge_hub(const InProcessNode& office, const InProcessNode& hub,
                       const Ledger::Facts& facts) {
    const auto log = hub.store->log(kCheckpoints);
    const auto entries = FIELDSEAL_TRY(all_entries(log));
    FIELDSEAL_TRY(check_root(log, entries));
    FIELDSEAL_TRY(check_checkpoint(*hub.store, kCheckpoints, hub.identity->witnessed_log_key));
    const std::string& origin = office.identity->origin;
    const auto state = FIELDSEAL_TRY(hub.store->witness_state(sha256(as_bytes(origin))));
    if (!state) {
        if (facts.cosigned.empty()) return {};
        return wrong("the hub forgot a log that it cosigned");
    }
    FIELDSEAL_TRY(check_prefix(*office.store, kStatements, state->head, "the hub's checkpoint"));
    for (const auto& head : facts.cosigned) {
        if (head.size > state->head.size)
            return wrong("the hub is behind what it cosigned, size " +
                         std::to_string(head.size.value));
        const note::Checkpoint checkpoint{origin, head.size, head.root};
        if (!FIELDSEAL_TRY(log.find(checkpoint.digest())))
            return wrong("the hub's log lacks a checkpoint that it cosigned, size " +
                         std::to_string(head.size.value));
    }
    return {};
}

Result<std::uint64_t> retry_orders(InProcessNode& office, Ledger& ledger) {
    const auto& facts = ledger.facts();
    std::uint64_t retried = 0;
    for (const auto& [document, order] : facts.orders) {
        // Answered ones of the last run only: the number of retries must not grow with the runs.
        const bool answered_long_ago = order.acknowledged && order.run + 1 < facts.runs;
        if (order.key.empty() || answered_long_ago) continue;
        const auto sealed = FIELDSEAL_TRY(office.seal(document, order.key));
        const Ledger::Acknowledged receipt{sealed.record.entry, sealed.record.index.value};
        if (order.acknowledged && (!sealed.replayed || receipt != *order.acknowledged))
            return wrong("the order " + document + " was carried out again under its key");
        const auto statements =
            FIELDSEAL_TRY(office.store->statements().by_document(sealed.record.document));
        if (statements.size() != 1)
            return wrong("the key of " + document + " leads to " +
                         std::to_string(statements.size()) + " statements");
        ledger.acknowledged(document, receipt);
        ++retried;
    }
    return retried;
}

}  // namespace fieldseal::testing
