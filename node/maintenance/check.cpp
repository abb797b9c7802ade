// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/check.h"

#include "anchor/evm/lane.h"
#include "anchor/schedule.h"
#include "anchor/target.h"
#include "core/encoding.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/statement.h"
#include "core/status.h"
#include "node/anchoring/chain_target.h"
#include "node/boot.h"
#include "node/maintenance/audit_check.h"
#include "node/maintenance/check_beside.h"
#include "node/seals/seal_book.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

Error damaged(std::string what) {
    return {Errc::corrupt, std::move(what)};
}

// The seals that statements are judged under. When their rows cannot be read, only those of
// node.json are known, and a statement of another one is nobody's fault.
struct KnownSeals {
    SealList seals;
    std::optional<Error> unread;
    std::uint64_t unjudged = 0;  // statements of seals that are not known
};

Result<void> check_sealed(const store::StatementRecord& record, const NodeIdentity& identity,
                          KnownSeals& known) {
    const auto statement = FIELDSEAL_TRY(parse_statement(record.cose));
    if (statement.entry != record.entry) return damaged("its bytes have another id than its row");
    if (statement.claims.document != record.document) {
        return damaged("it is about another document than its row says");
    }
    if (statement.claims.issuer != identity.origin) {
        return damaged("it was issued by " + fieldseal::quoted(statement.claims.issuer) +
                       ", not by this node");
    }
    const SealRecord* seal = find_seal(known.seals, statement.claims.kid);
    if (seal == nullptr && known.unread) {
        ++known.unjudged;
        return {};
    }
    if (seal == nullptr) return damaged("it is signed by a seal this node does not have");
    return verify_statement(statement, seal->key);
}

Result<void> check_snapshot_record(const store::StatementRecord& record,
                                   const NodeIdentity& identity) {
    const auto status = FIELDSEAL_TRY(parse_status(record.cose));
    if (status.entry != record.entry) return damaged("its bytes have another id than its row");
    return verify_status(status, identity.status_key);
}

Result<void> check_note(store::LogId log, const store::CheckpointRecord& record,
                        const NodeIdentity& identity) {
    const auto& key =
        log == store::LogId::statements ? identity.log_key : identity.witnessed_log_key;
    const auto opened = FIELDSEAL_TRY(note::open_checkpoint(record.note, key, {}));
    if (opened.checkpoint.head() == record.head) return {};
    return damaged("its note says another size or root than its row");
}

// What a row promises, read as the next start will read it.
Result<void> check_outbox(const store::OutboxRow& row) {
    if (row.kind == kLaneKind) {
        const auto lane = anchor::decode_lane(row.state);
        if (!lane.ok()) return lane.error().with_context("of " + fieldseal::quoted(row.target));
        return {};
    }
    const auto state = anchor::decode_target_state(row.state);
    if (!state.ok()) return state.error().with_context("of " + fieldseal::quoted(row.target));
    return {};
}

// What evidence will be built from.
Result<void> check_pieces(const store::ProofRecord& record, const NodeIdentity& identity) {
    const auto pieces = FIELDSEAL_TRY(anchor::decode_anchor_pieces(record.proof));
    const auto& key =
        record.log == store::LogId::statements ? identity.log_key : identity.witnessed_log_key;
    const auto opened = FIELDSEAL_TRY(note::open_checkpoint(pieces.note, key, {}));
    if (opened.checkpoint.size != record.size) {
        return damaged("its checkpoint is of another size than its row");
    }
    if (!pieces.logged_json.empty()) FIELDSEAL_TRY(parse_proof(pieces.logged_json));
    if (!pieces.anchors_json.empty()) FIELDSEAL_TRY(parse_anchors(pieces.anchors_json));
    return {};
}

Result<void> check_record(const store::StatementRecord& record, const NodeIdentity& identity,
                          KnownSeals& seals, AuditCheck& audit) {
    switch (record.kind) {
        case store::StatementKind::statement:
            return check_sealed(record, identity, seals);
        case store::StatementKind::status:
            return check_snapshot_record(record, identity);
        case store::StatementKind::audit:
            return audit.head(record);
    }
    return damaged("it is of no known kind");
}

Result<void> check_seal_row(const store::SpaceRow& row) {
    if (row.key.starts_with(kSealRows)) {
        const auto seal = FIELDSEAL_TRY(decode_seal(row.value));
        if (seal_row_key(seal.name) != row.key) return damaged("it is about another seal");
        return {};
    }
    if (row.key.starts_with(kMakingRows)) {
        return check_seal_name(row.key.substr(kMakingRows.size()));
    }
    FIELDSEAL_TRY(decode_change(row.value));
    return {};
}

Result<void> check_row(const store::SpaceRow& row, AuditCheck& audit) {
    switch (row.space) {
        case store::RowSpace::audit:
            return audit.row(row);
        case store::RowSpace::seals:
            return check_seal_row(row);
        case store::RowSpace::people:
            break;
    }
    return {};
}

KnownSeals seals_of(const store::Store& store, const NodeIdentity& identity) {
    const auto book = SealBook::load(store, identity);
    if (book.ok()) return {(*book)->all(), std::nullopt, 0};
    KnownSeals known;
    known.unread = book.error();
    for (const auto& seal : identity.seals) {
        known.seals.push_back(
            std::make_shared<const SealRecord>(SealRecord{.name = seal.name, .key = seal.key}));
    }
    return known;
}

void add_unjudged(const KnownSeals& known, store::CheckReport& report) {
    if (known.unjudged == 0) return;
    report.add_unread(std::to_string(known.unjudged) + " statements of seals beside node.json's",
                      *known.unread);
}

store::CheckHooks hooks_for(const NodeIdentity& identity, KnownSeals& seals, AuditCheck& audit,
                            const CheckProgress& progress) {
    store::CheckHooks hooks;
    hooks.statement = [&identity, &seals, &audit](const store::StatementRecord& record) {
        return check_record(record, identity, seals, audit);
    };
    hooks.row = [&audit](const store::SpaceRow& row) { return check_row(row, audit); };
    hooks.checkpoint = [&identity](store::LogId log, const store::CheckpointRecord& record) {
        return check_note(log, record, identity);
    };
    hooks.outbox = check_outbox;
    hooks.proof = [&identity](const store::ProofRecord& record) {
        const auto checked = check_pieces(record, identity);
        if (!checked.ok()) {
            return Result<void>(checked.error().with_context(
                "what " + fieldseal::quoted(record.target) + " gave for size " +
                std::to_string(record.size.value)));
        }
        return Result<void>();
    };
    hooks.progress = progress;
    return hooks;
}

Error as_finding(Error error) {
    error.message = store::without_check_advice(std::move(error.message));
    return error;
}

// Trouble a person has to mend before anything can be said about the data.
bool says_nothing_of_the_data(Errc code) {
    return code == Errc::conflict || code == Errc::denied || code == Errc::storage_full;
}

Result<store::CheckReport> check_rows(const Config& config, const NodeIdentity& identity,
                                      const NodeKeys& keys, const CheckProgress& progress) {
    const auto opened = FIELDSEAL_TRY(open_store(config, keys));
    AuditCheck audit(identity);
    KnownSeals seals = seals_of(*opened, identity);
    auto report = FIELDSEAL_TRY(store::check(*opened, hooks_for(identity, seals, audit, progress)));
    add_unjudged(seals, report);
    audit.finish(report);
    FIELDSEAL_TRY(check_beside(config, identity, keys, *opened, report));
    for (const std::string& notice : opened->notices()) report.notices.push_back(notice);
    FIELDSEAL_TRY(opened->close());
    return report;
}

}  // namespace

Result<NodeCheckReport> check_node(const Config& config, const CheckProgress& progress) {
    NodeCheckReport report;
    std::optional<store::PinKey> pin_key;
    const auto identity = load_identity(config.data_dir);
    const auto keys =
        identity.ok() ? open_keys(config, *identity) : Result<NodeKeys>(identity.error());
    if (!keys.ok()) {
        const bool no_node = !identity.ok() && identity.error().code == Errc::not_found;
        if (says_nothing_of_the_data(keys.error().code) || no_node) return keys.error();
        report.not_opened = as_finding(keys.error());
    } else {
        pin_key = FIELDSEAL_TRY(keys->pin->pin_key());
        auto rows = check_rows(config, *identity, *keys, progress);
        if (rows.ok()) {
            report.rows = std::move(*rows);
        } else if (says_nothing_of_the_data(rows.error().code)) {
            return rows.error();
        } else {
            report.not_opened = as_finding(rows.error());
        }
    }
    report.files = FIELDSEAL_TRY(store::check_files(config.data_dir, pin_key));
    return report;
}

}  // namespace fieldseal::node
