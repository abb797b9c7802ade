// SPDX-License-Identifier: Apache-2.0
#include "node/edge/event_feed.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/status.h"
#include "node/anchoring/target_words.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;
constexpr std::size_t kStatementsPerLook = 256;
constexpr std::size_t kCursorBytesMax = 4096;
constexpr std::size_t kShortHashBytes = 4;
constexpr std::string_view kCursorVersion = "1";

std::string short_hash(const std::string& target) {
    return hex_encode(ByteView(sha256(as_bytes(target))).first(kShortHashBytes));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Error bad_cursor() {
    return {Errc::invalid_argument,
            "the cursor is not one this node gave: leave Last-Event-ID and `after` out to listen "
            "from now on"};
}

Result<std::uint64_t> number(std::string_view text) {
    const auto value = parse_decimal(text);
    if (!value.ok() || *value > static_cast<std::uint64_t>(json::kIntegerMax)) return bad_cursor();
    return *value;
}

}  // namespace

Result<std::unique_ptr<api::EventStream>> EventFeed::open(
    Parts parts, const std::optional<std::string>& cursor) {
    std::unique_ptr<EventFeed> feed(new EventFeed(parts));
    if (!cursor) {
        FIELDSEAL_TRY(feed->go_to_now());
        return std::unique_ptr<api::EventStream>(std::move(feed));
    }
    feed->place_ = FIELDSEAL_TRY(parse(*cursor));
    // A node that was restored from a backup may be behind: what was told then is not its history.
    if (feed->place_.index > parts.store.log(kLog).head().size.value) return bad_cursor();
    return std::unique_ptr<api::EventStream>(std::move(feed));
}

Result<EventFeed::Place> EventFeed::parse(std::string_view text) {
    if (text.size() > kCursorBytesMax) return bad_cursor();
    const auto parts = split(text, '-');
    if (parts.size() < 3 || parts.size() > 3 + kTargetsMax || parts[0] != kCursorVersion)
        return bad_cursor();
    Place place;
    place.index = FIELDSEAL_TRY(number(parts[1]));
    place.checkpoint = FIELDSEAL_TRY(number(parts[2]));
    for (std::size_t i = 3; i < parts.size(); ++i) {
        const auto pair = split(parts[i], '_');
        if (pair.size() != 2 || pair[0].size() != 2 * kShortHashBytes || !hex_decode(pair[0]).ok())
            return bad_cursor();
        place.anchored[std::string(pair[0])] = FIELDSEAL_TRY(number(pair[1]));
    }
    return place;
}

std::string EventFeed::cursor() const {
    std::string text = std::string(kCursorVersion) + "-" + std::to_string(place_.index) + "-" +
                       std::to_string(place_.checkpoint);
    for (const auto& [target, size] : place_.anchored) {
        text += "-" + target + "_" + std::to_string(size);
    }
    return text;
}

Result<void> EventFeed::go_to_now() {
    for (const auto& name : parts_.anchoring.names(kLog)) {
        const auto proof = FIELDSEAL_TRY(parts_.store.outbox().latest_proof(kLog, name));
        if (proof) place_.anchored[short_hash(name)] = proof->size.value;
    }
    const auto latest = FIELDSEAL_TRY(parts_.store.checkpoints(kLog).latest());
    place_.checkpoint = latest ? latest->head.size.value : 0;
    place_.index = parts_.store.log(kLog).head().size.value;
    return {};
}

Result<std::vector<api::Event>> EventFeed::next(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        // Read before looking: what comes in between is a newer edition.
        const std::uint64_t edition = parts_.news.edition();
        auto events = FIELDSEAL_TRY(look());
        const bool give_up = !open() || std::chrono::steady_clock::now() >= deadline;
        if (!events.empty() || give_up) return events;
        parts_.news.wait(edition, deadline);
    }
}

void EventFeed::tell(std::vector<api::Event>& events, std::string name, json::Value data) const {
    events.push_back({std::move(name), std::move(data), cursor()});
}

// What is anchored is read before what is checkpointed, and that before what is sealed, and told in
// the other order: nobody hears of a checkpoint before the statements in it.
Result<std::vector<api::Event>> EventFeed::look() {
    const auto reports = parts_.anchoring.reports();
    std::vector<std::pair<std::string, std::uint64_t>> anchored;
    for (const auto& report : reports) {
        if (log_of(report.settings) != kLog) continue;
        const std::string& name = report.settings.name;
        const auto proof = FIELDSEAL_TRY(parts_.store.outbox().latest_proof(kLog, name));
        if (proof) anchored.emplace_back(name, proof->size.value);
    }
    const auto latest = FIELDSEAL_TRY(parts_.store.checkpoints(kLog).latest());
    std::vector<api::Event> events;
    if (!FIELDSEAL_TRY(statements(events))) return events;
    if (latest && latest->head.size.value > place_.checkpoint) {
        place_.checkpoint = latest->head.size.value;
        tell(events, "checkpointed",
             json::Value::object(
                 {{"size", place_.checkpoint}, {"root", hex_encode(latest->head.root)}}));
    }
    for (const auto& [name, size] : anchored) {
        std::uint64_t& told = place_.anchored[short_hash(name)];
        if (size <= told) continue;
        told = size;
        tell(events, "anchored", json::Value::object({{"target", name}, {"size", size}}));
    }
    for (const auto& report : reports) {
        const auto [at, is_new] = phases_.try_emplace(report.settings.name, report.state.phase);
        if (!is_new && at->second == report.state.phase) continue;
        at->second = report.state.phase;
        tell(events, "target",
             json::Value::object({{"name", report.settings.name},
                                  {"phase", anchor::to_string(report.state.phase)},
                                  {"meaning", words_for(report.state.phase).meaning}}));
    }
    return events;
}

// What a snapshot records, it records at its own index; the first one only lists what init made.
void EventFeed::tell_states(std::vector<api::Event>& events,
                            const store::StatementRecord& record) const {
    const auto status = parse_status(record.cose);
    if (!status.ok() || record.index.value == 0) return;
    for (const SealStatus& seal : status->snapshot.seals) {
        if (seal.since_index != record.index.value) continue;
        json::Value data = json::Value::object({{"kid", hex_encode(seal.kid)},
                                                {"life", to_string(seal.state)},
                                                {"index", record.index.value}});
        data.set_if("invalid_from", seal.invalid_from);
        tell(events, "seal", std::move(data));
    }
}

// False when there is more than one look takes.
Result<bool> EventFeed::statements(std::vector<api::Event>& events) {
    store::ListQuery query;
    query.order = store::Order::oldest_first;
    query.limit = kStatementsPerLook;
    if (place_.index > 0) query.after = merkle::LeafIndex{place_.index - 1};
    const auto records = FIELDSEAL_TRY(parts_.store.statements().list(query));
    for (const auto& record : records) {
        const std::string before = cursor();
        const std::size_t told = events.size();
        place_.index = record.index.value + 1;
        if (record.kind == store::StatementKind::status) tell_states(events, record);
        // Only the last of them has the record behind it: who is cut off in between hears them
        // again.
        for (std::size_t i = told; i + 1 < events.size(); ++i) events[i].cursor = before;
        // No names: not everybody who may listen may read them.
        if (record.kind != store::StatementKind::statement) continue;
        tell(events, "sealed",
             json::Value::object({{"id", hex_encode(record.entry)},
                                  {"index", record.index.value},
                                  {"sealed_at", record.received_at_s}}));
    }
    return records.size() < kStatementsPerLook;
}

}  // namespace fieldseal::node
