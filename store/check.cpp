// SPDX-License-Identifier: Apache-2.0
#include "store/check.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "store/check_log.h"
#include "store/schema.h"
#include "store/store_impl.h"

#include <array>
#include <string>
#include <utility>

namespace fieldseal::store {
namespace {

constexpr std::uint64_t kRowsPerProgress = 1000;
constexpr std::string_view kCheckAdvice = "; run `fieldseal check`";

using schema::Kind;

std::string name_of(Kind kind, std::uint64_t number) {
    return std::string(schema::to_string(kind)) + " " + std::to_string(number);
}

// Statement rows against the entries of the statements log, and their two indexes.
class StatementCheck {
public:
    StatementCheck(const Database& database, const CheckHooks& hooks, CheckReport& report)
        : database_(database), hooks_(hooks), report_(report) {}

    void run(std::uint64_t expected);

private:
    void check_row(merkle::LeafIndex index, ByteView row);
    void check_present(Kind kind, merkle::LeafIndex index, const std::string& key);
    void check_count(Kind kind, std::uint64_t expected);

    const Database& database_;
    const CheckHooks& hooks_;
    CheckReport& report_;
};

void StatementCheck::run(std::uint64_t expected) {
    auto walk = database_.walk(schema::prefix(Kind::statement));
    std::uint64_t next = 0;
    for (walk.seek_first(); walk.valid(); walk.next(), ++next) {
        const auto index = schema::key_number(walk.key(), 1);
        if (index != next) {
            report_.add(name_of(Kind::statement, next), "missing or with a malformed key");
            break;
        }
        check_row({next}, walk.value());
        if (next % kRowsPerProgress == 0 && hooks_.progress) {
            hooks_.progress("records", next, expected);
        }
    }
    if (const auto status = walk.status(); !status.ok()) {
        report_.add_unread("statement rows", status.error());
    } else if (next != expected) {
        report_.add("statement rows", std::to_string(next) + " of them for " +
                                          std::to_string(expected) + " entries of the log");
    }
    report_.statements = next;
    check_count(Kind::by_document, expected);
    check_count(Kind::by_time, expected);
}

void StatementCheck::check_row(merkle::LeafIndex index, ByteView row) {
    const std::string name = name_of(Kind::statement, index.value);
    const auto record = schema::decode_statement(index, row);
    if (!record.ok()) return report_.add(name, record.error().message);
    if (sha256(record->cose) != record->entry) {
        return report_.add(name, "its bytes do not have the digest " + hex_encode(record->entry));
    }
    const auto entry = database_.get(schema::entry_key(LogId::statements, index));
    if (!entry.ok()) return report_.add_unread(name, entry.error());
    if (!*entry || **entry != to_bytes(record->entry)) {
        report_.add(name, "is not the entry the log has at its index");
    }
    check_present(Kind::by_document, index, schema::by_document_key(record->document, index));
    check_present(Kind::by_time, index, schema::by_time_key(record->received_at_s, index));
    if (!hooks_.statement) return;
    if (const auto judged = hooks_.statement(*record); !judged.ok()) {
        report_.add(name, judged.error().message);
    }
}

void StatementCheck::check_present(Kind kind, merkle::LeafIndex index, const std::string& key) {
    const auto row = database_.get(key);
    if (!row.ok()) return report_.add_unread(name_of(kind, index.value), row.error());
    if (!*row) report_.add(name_of(kind, index.value), "missing");
}

void StatementCheck::check_count(Kind kind, std::uint64_t expected) {
    auto walk = database_.walk(schema::prefix(kind));
    std::uint64_t rows = 0;
    for (walk.seek_first(); walk.valid(); walk.next()) ++rows;
    const std::string name = std::string(schema::to_string(kind)) + "s";
    if (const auto status = walk.status(); !status.ok()) {
        report_.add_unread(name, status.error());
    } else if (rows > expected) {
        report_.add(name, std::to_string(rows - expected) + " more than there are statements");
    }
}

// Rows that stand alone: readable, and about something the logs have.
class OtherRowsCheck {
public:
    OtherRowsCheck(const Store& store, const Database& database, const CheckHooks& hooks,
                   CheckReport& report)
        : store_(store), database_(database), hooks_(hooks), report_(report) {}

    void run();

private:
    Result<void> judge(ByteView key, ByteView row) const;
    Result<void> judge_outbox(ByteView key, ByteView row) const;
    Result<void> judge_proof(ByteView key, ByteView row) const;
    Result<void> judge_idempotency(ByteView row) const;
    Result<void> judge_space_row(ByteView key, ByteView row) const;

    const Store& store_;
    const Database& database_;
    const CheckHooks& hooks_;
    CheckReport& report_;
};

void OtherRowsCheck::run() {
    // One walk over everything also finds keys of no known kind; the kinds judged elsewhere are
    // passed.
    auto walk = database_.walk("");
    std::uint64_t position = 0;
    for (walk.seek_first(); walk.valid(); walk.next(), ++position) {
        const auto judged = judge(walk.key(), walk.value());
        if (!judged.ok()) {
            report_.add("row " + std::to_string(position) + " of the database",
                        judged.error().message);
        }
    }
    if (const auto status = walk.status(); !status.ok()) {
        report_.add_unread("the rows of the database", status.error());
    }
}

Result<void> OtherRowsCheck::judge(ByteView key, ByteView row) const {
    const char kind = key.empty() ? '\0' : static_cast<char>(key[0]);
    switch (Kind{kind}) {
        case Kind::checkpoint:
        case Kind::by_document:
        case Kind::entry:
        case Kind::by_entry:
        case Kind::tile:
        case Kind::statement:
        case Kind::by_time:
            return {};
        default:
            break;
    }
    ++report_.other_rows;
    switch (Kind{kind}) {
        case Kind::head:
            FIELDSEAL_TRY(schema::decode_head(row));
            return {};
        case Kind::version:
            FIELDSEAL_TRY(schema::decode_version(row));
            return {};
        case Kind::meta:
            return {};
        case Kind::outbox:
            return judge_outbox(key, row);
        case Kind::witness:
            FIELDSEAL_TRY(schema::decode_witness(row));
            return {};
        case Kind::proof:
            return judge_proof(key, row);
        case Kind::idempotency:
            return judge_idempotency(row);
        case Kind::space_row:
            return judge_space_row(key, row);
        default:
            break;
    }
    return Error{Errc::corrupt, "its key is of no known kind"};
}

Result<void> OtherRowsCheck::judge_outbox(ByteView key, ByteView row) const {
    const auto outbox = FIELDSEAL_TRY(schema::decode_outbox(key, row));
    return hooks_.outbox ? hooks_.outbox(outbox) : Result<void>();
}

Result<void> OtherRowsCheck::judge_proof(ByteView key, ByteView row) const {
    const auto proof = FIELDSEAL_TRY(schema::decode_proof(key, row));
    if (proof.size <= store_.log(proof.log).head().size) {
        return hooks_.proof ? hooks_.proof(proof) : Result<void>();
    }
    return Error{Errc::corrupt, "a proof of " + fieldseal::quoted(proof.target) + " for size " +
                                    std::to_string(proof.size.value) + " is beyond the log"};
}

Result<void> OtherRowsCheck::judge_idempotency(ByteView row) const {
    const auto record = FIELDSEAL_TRY(schema::decode_idempotency(row));
    if (FIELDSEAL_TRY(store_.log(LogId::statements).find(record.entry))) return {};
    return Error{Errc::corrupt, "an idempotency key names entry " + hex_encode(record.entry) +
                                    ", which is not in the log"};
}

Result<void> OtherRowsCheck::judge_space_row(ByteView key, ByteView row) const {
    const auto decoded = FIELDSEAL_TRY(schema::decode_space_row(key, row));
    return hooks_.row ? hooks_.row(decoded) : Result<void>();
}

}  // namespace

std::string without_check_advice(std::string what) {
    for (const std::string_view advice : {kCorruptAdvice, kCheckAdvice}) {
        if (const auto at = what.find(advice); at != std::string::npos)
            what.erase(at, advice.size());
    }
    return what;
}

void CheckReport::add_unread(std::string place, const Error& why) {
    unread = true;
    add(std::move(place), "could not be checked: " + why.message);
}

void CheckReport::add(std::string place, std::string what) {
    what = without_check_advice(std::move(what));
    if (findings.size() < kFindingsMax) findings.push_back({std::move(place), std::move(what)});
    ++findings_total;
}

// The one door to the database behind a store.
class Checker {
public:
    static const Database& database(const Store& store) { return *store.impl_->database; }
};

Result<CheckReport> check(const Store& store, const CheckHooks& hooks) {
    const Database& database = Checker::database(store);
    CheckReport report;
    report.notices = store.notices();
    if (const auto verified = database.verify_checksums(); !verified.ok()) {
        report.add("db", verified.error().message);
    }
    for (const LogId log : kLogs) {
        FIELDSEAL_TRY(check_log(database, log, store.log(log).head(), hooks, report));
    }
    StatementCheck(database, hooks, report).run(store.log(LogId::statements).head().size.value);
    OtherRowsCheck(store, database, hooks, report).run();
    return report;
}

}  // namespace fieldseal::store
