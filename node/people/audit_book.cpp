// SPDX-License-Identifier: Apache-2.0
#include "node/people/audit_book.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "node/sequencer.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::RowSpace kSpace = store::RowSpace::audit;
constexpr std::string_view kNewestHeadName = "audit.newest";
constexpr std::string_view kDamageName = "audit.damage";
constexpr std::string_view kNobody = "nobody";
constexpr std::size_t kKeyBytes = 8;
constexpr std::size_t kDamageBytesMax = 512;

// A line of at most `bytes_max` bytes of UTF-8, whatever came.
std::string line(std::string text, std::size_t bytes_max) {
    const bool utf8 = is_utf8(text);
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80)) c = '?';
    }
    if (text.size() <= bytes_max) return text;
    text.resize(bytes_max);
    while (!is_utf8(text)) text.pop_back();  // a character that was cut
    return text;
}

json::Value entry_view(const AuditEntry& entry) {
    json::Value view = json::Value::object(
        {{"seq", entry.seq}, {"at", entry.at_s}, {"actor", entry.actor}, {"action", entry.action}});
    if (!entry.subject.empty()) view.set("subject", entry.subject);
    view.set("outcome", entry.outcome);
    if (!entry.remote.empty()) view.set("remote", entry.remote);
    return view;
}

}  // namespace

std::string audit_row_key(std::uint64_t seq) {
    Bytes key;
    append_u64_be(key, seq);
    return to_text(key);
}

std::optional<std::uint64_t> audit_row_number(std::string_view key) {
    if (key.size() != kKeyBytes) return std::nullopt;
    return read_u64_be(as_bytes(key));
}

Result<std::unique_ptr<AuditBook>> AuditBook::load(const Parts& parts) {
    std::unique_ptr<AuditBook> book(new AuditBook(parts));
    if (const auto newest = FIELDSEAL_TRY(parts.store.last_row(kSpace))) {
        const auto seq = audit_row_number(newest->key);
        if (!seq) return Error{Errc::corrupt, "an audit row has a malformed key"};
        book->chain_ = AuditChain(*seq + 1, sha256(newest->value));
    }
    if (const auto known = FIELDSEAL_TRY(parts.store.meta(kDamageName))) {
        book->damage_ = line(to_text(*known), kDamageBytesMax);
        book->damage_kept_ = true;
    }
    FIELDSEAL_TRY(book->load_head());
    return book;
}

Result<void> AuditBook::load_head() {
    const auto row = FIELDSEAL_TRY(parts_.store.meta(kNewestHeadName));
    if (!row) return {};
    const Digest entry = FIELDSEAL_TRY(to_digest(*row));
    const auto record = FIELDSEAL_TRY(parts_.store.statements().by_entry(entry));
    if (!record) return Error{Errc::corrupt, "the newest audit head is not in the store"};
    const auto signed_head = FIELDSEAL_TRY(parse_audit_head(record->cose));
    FIELDSEAL_TRY(verify_audit_head(signed_head, parts_.identity.status_key));
    covered_ = signed_head.head.count;
    const auto last = FIELDSEAL_TRY(parts_.store.row(kSpace, audit_row_key(covered_ - 1)));
    if (last && sha256(*last) == signed_head.head.newest) return {};
    damage_kept_ = false;
    damage_ = "the audit log does not have the " + std::to_string(covered_) +
              " entries that statement " + std::to_string(record->index.value) +
              " of the log signs: stop the node and run `fieldseal check`";
    return {};
}

Result<void> AuditBook::append(const AuditNote& note) {
    if (sequencer_ == nullptr) {
        return Error{Errc::unavailable, "the audit log takes no entries: the node is not running"};
    }
    return sequencer_->run([&](store::Batch& batch) { return append_to(batch, note); });
}

Result<void> AuditBook::append_to(store::Batch& batch, const AuditNote& note) {
    AuditChain next = pending_ ? *pending_ : chain();
    AuditEntry entry;
    entry.seq = next.count();
    entry.previous = next.newest();
    entry.at_s = std::max<std::int64_t>(parts_.clock.now_s(), 0);
    entry.actor = note.actor.empty() ? std::string(kNobody) : line(note.actor, kAuditActorBytesMax);
    entry.action = note.action;
    entry.subject = line(note.subject, kAuditSubjectBytesMax);
    entry.outcome = note.outcome;
    entry.remote = line(note.remote, kAuditRemoteBytesMax);
    const Bytes bytes = FIELDSEAL_TRY(encode(entry));
    FIELDSEAL_TRY(next.add(bytes));
    FIELDSEAL_TRY(batch.put_row(kSpace, audit_row_key(entry.seq), bytes));
    // The next head covers the shorter chain: without this row the next start would find all well.
    if (!damage_.empty() && !damage_kept_)
        FIELDSEAL_TRY(batch.put_meta(kDamageName, as_bytes(damage_)));
    damage_kept_ = true;
    pending_ = next;
    return {};
}

Result<void> AuditBook::append_head(store::Batch& batch) {
    const AuditChain chain = pending_ ? *pending_ : this->chain();
    if (chain.count() == pending_covered_.value_or(covered_) || !chain.newest()) return {};
    AuditHead head;
    head.algorithm = parts_.identity.status_key.algorithm();
    head.kid = parts_.identity.status_key.kid();
    head.issued_at = std::max<std::int64_t>(parts_.clock.now_s(), 0);
    head.origin = parts_.identity.origin;
    head.count = chain.count();
    head.newest = *chain.newest();
    head.as_of_size = batch.head(store::LogId::statements).size.value;
    const auto tbs = FIELDSEAL_TRY(AuditHeadTbs::from(std::move(head)));
    const auto signed_head = FIELDSEAL_TRY(parts_.status_key.sign_audit_head(tbs));
    store::NewStatement row;
    row.kind = store::StatementKind::audit;
    row.received_at_s = tbs.head().issued_at;
    row.entry = signed_head.entry;
    row.document = sha256(signed_head.object.payload);
    row.cose = signed_head.cose();
    FIELDSEAL_TRY(batch.append_statement(row));
    pending_covered_ = chain.count();
    return batch.put_meta(kNewestHeadName, signed_head.entry);
}

Result<void> AuditBook::accept_damage(store::Batch& batch) {
    FIELDSEAL_TRY(batch.erase_meta(kDamageName));
    FIELDSEAL_TRY(batch.erase_meta(kNewestHeadName));
    damage_.clear();
    covered_ = 0;
    return {};
}

void AuditBook::committed() {
    if (pending_covered_) covered_ = *pending_covered_;
    pending_covered_.reset();
    if (!pending_) return;
    const std::scoped_lock lock(mutex_);
    chain_ = *pending_;
    pending_.reset();
}

AuditChain AuditBook::chain() const {
    const std::scoped_lock lock(mutex_);
    return chain_;
}

Result<std::vector<AuditEntry>> AuditBook::list(std::uint32_t limit,
                                                std::optional<std::uint64_t> before) const {
    const std::uint64_t end = std::min(before.value_or(UINT64_MAX), chain().count());
    const std::uint64_t begin = end - std::min<std::uint64_t>(limit, end);
    std::vector<AuditEntry> entries;
    if (begin == end) return entries;
    const std::string after = begin == 0 ? std::string() : audit_row_key(begin - 1);
    for (const auto& row : FIELDSEAL_TRY(parts_.store.rows(kSpace, "", after, end - begin))) {
        auto entry = parse_audit_entry(row.value);
        if (!entry.ok()) {
            return Error{Errc::corrupt,
                         "an entry of the audit log cannot be read: stop the node "
                         "and run `fieldseal check`; " +
                             entry.error().message};
        }
        if (entry->seq < end) entries.push_back(std::move(*entry));
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
}

Result<json::Value> AuditBook::page(const api::AuditQuery& query) const {
    json::Value entries = json::Value::array();
    std::optional<std::uint64_t> oldest;
    for (const AuditEntry& entry : FIELDSEAL_TRY(list(query.limit, query.before))) {
        entries.push_back(entry_view(entry));
        oldest = entry.seq;
    }
    json::Value view =
        json::Value::object({{"fieldseal", "audit/v1"}, {"entries", std::move(entries)}});
    if (oldest && *oldest > 0) view.set("next_before", *oldest);
    if (!damage_.empty()) view.set("damage", damage_);
    return view;
}

}  // namespace fieldseal::node
