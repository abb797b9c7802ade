// SPDX-License-Identifier: Apache-2.0
#include "store/check_log.h"

#include "core/encoding.h"
#include "core/merkle/frontier.h"
#include "core/merkle/tile.h"
#include "store/schema.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace fieldseal::store {
namespace {

constexpr std::uint64_t kRowsPerProgress = 1000;
constexpr std::size_t kLevels = 8;

std::string name_of(schema::Kind kind, std::uint64_t number) {
    return std::string(schema::to_string(kind)) + " " + std::to_string(number);
}

class LogCheck {
public:
    LogCheck(const Database& database, LogId log, const CheckHooks& hooks, CheckReport& report)
        : database_(database),
          log_(log),
          hooks_(hooks),
          report_(report),
          checkpoints_(database.walk(schema::prefix(schema::Kind::checkpoint, log))) {
        checkpoints_.seek_first();
    }

    Result<void> run(const merkle::TreeHead& head);

private:
    std::string place(const std::string& row) const {
        return std::string(to_string(log_)) + " log: " + row;
    }
    void add_entry(std::uint64_t index, const Digest& entry);
    void push(unsigned level, const Digest& hash);
    void check_tile(unsigned level, std::uint64_t index, const std::vector<Digest>& hashes);
    void check_unfinished_tiles();
    void check_index(std::uint64_t index, const Digest& entry);
    // Judges the checkpoints of exactly the size reached, and those that can never be reached.
    void check_checkpoints_here();
    void check_checkpoints_beyond();
    Result<void> check_count(schema::Kind kind, std::uint64_t expected);

    const Database& database_;
    LogId log_;
    const CheckHooks& hooks_;
    CheckReport& report_;
    Database::Walk checkpoints_;
    merkle::Frontier frontier_;
    std::array<std::vector<Digest>, kLevels> levels_;
    std::uint64_t tiles_ = 0;
};

Result<void> LogCheck::run(const merkle::TreeHead& head) {
    check_checkpoints_here();
    auto walk = database_.walk(schema::prefix(schema::Kind::entry, log_));
    std::uint64_t next = 0;
    for (walk.seek_first(); walk.valid() && next < head.size.value; walk.next(), ++next) {
        const auto index = schema::key_number(walk.key(), 2);
        const auto entry = to_digest(walk.value());
        if (index != next || !entry.ok()) {
            report_.add(place(name_of(schema::Kind::entry, next)), "missing or malformed");
            return {};  // Everything after it would be a finding too.
        }
        add_entry(next, *entry);
        if (next % kRowsPerProgress == 0 && hooks_.progress) {
            hooks_.progress(to_string(log_), next, head.size.value);
        }
    }
    if (auto status = walk.status(); !status.ok()) {
        report_.add_unread(place("entry rows"), status.error());
        return {};
    }
    report_.entries += next;
    if (frontier_.head() != head) {
        report_.add(place("head row"), "its entries give size " + std::to_string(next) +
                                           " and root " + hex_encode(frontier_.root()) +
                                           ", the head is size " + std::to_string(head.size.value) +
                                           " and root " + hex_encode(head.root));
    }
    check_unfinished_tiles();
    check_checkpoints_beyond();
    report_.tiles += tiles_;
    FIELDSEAL_TRY(check_count(schema::Kind::tile, tiles_));
    return check_count(schema::Kind::by_entry, next);
}

void LogCheck::add_entry(std::uint64_t index, const Digest& entry) {
    const Digest leaf = merkle::leaf_hash(entry);
    frontier_.append(leaf);
    push(0, leaf);
    check_index(index, entry);
    check_checkpoints_here();
}

void LogCheck::push(unsigned level, const Digest& hash) {
    auto& hashes = levels_[level];
    hashes.push_back(hash);
    if (hashes.size() < merkle::kTileWidth) return;
    const std::uint64_t above = frontier_.size().value >> (merkle::kTileHeight * level);
    check_tile(level, above / merkle::kTileWidth - 1, hashes);
    const Digest root = merkle::root_of(hashes);
    hashes.clear();
    push(level + 1, root);
}

void LogCheck::check_tile(unsigned level, std::uint64_t index, const std::vector<Digest>& hashes) {
    ++tiles_;
    const auto width = static_cast<unsigned>(hashes.size());
    const std::string name = merkle::path_of(merkle::TileId{level, index, width});
    const auto row = database_.get(schema::tile_key(log_, level, index));
    if (!row.ok()) return report_.add_unread(place(name), row.error());
    if (!*row) return report_.add(place(name), "missing");
    if ((*row)->size() != hashes.size() * kDigestBytes) {
        return report_.add(place(name), "has " + std::to_string((*row)->size()) + " bytes");
    }
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const auto stored = to_digest(ByteView(**row).subspan(i * kDigestBytes, kDigestBytes));
        if (*stored != hashes[i]) {
            return report_.add(place(name),
                               "hash " + std::to_string(i) + " is not that of its entries");
        }
    }
}

void LogCheck::check_unfinished_tiles() {
    for (unsigned level = 1; level < kLevels; ++level) {
        if (levels_[level].empty()) continue;
        const std::uint64_t hashes = frontier_.size().value >> (merkle::kTileHeight * level);
        check_tile(level, hashes / merkle::kTileWidth, levels_[level]);
    }
}

void LogCheck::check_index(std::uint64_t index, const Digest& entry) {
    const auto row = database_.get(schema::by_entry_key(log_, entry));
    const std::string name = name_of(schema::Kind::by_entry, index);
    if (!row.ok()) return report_.add_unread(place(name), row.error());
    if (!*row) return report_.add(place(name), "missing for entry " + hex_encode(entry));
    const auto found = schema::decode_number(**row);
    if (!found.ok()) return report_.add(place(name), found.error().message);
    if (*found != index) {
        report_.add(place(name), "points at entry " + std::to_string(*found));
    }
}

void LogCheck::check_checkpoints_here() {
    for (; checkpoints_.valid(); checkpoints_.next()) {
        const auto size = schema::key_number(checkpoints_.key(), 2);
        if (size && *size > frontier_.size().value) return;
        const std::string name = name_of(schema::Kind::checkpoint, size.value_or(0));
        ++report_.checkpoints;
        if (!size) {
            report_.add(place(name), "malformed key");
            continue;
        }
        const auto record = schema::decode_checkpoint({*size}, checkpoints_.value());
        if (!record.ok()) {
            report_.add(place(name), record.error().message);
        } else if (record->head != frontier_.head()) {
            report_.add(place(name), "its root is not the root of the log at that size");
        } else if (hooks_.checkpoint) {
            const auto judged = hooks_.checkpoint(log_, *record);
            if (!judged.ok()) report_.add(place(name), judged.error().message);
        }
    }
}

void LogCheck::check_checkpoints_beyond() {
    if (const auto status = checkpoints_.status(); !status.ok()) {
        report_.add_unread(place("checkpoint rows"), status.error());
    }
    for (; checkpoints_.valid(); checkpoints_.next()) {
        const auto size = schema::key_number(checkpoints_.key(), 2);
        report_.add(place(name_of(schema::Kind::checkpoint, size.value_or(0))),
                    "beyond the end of the log");
    }
}

Result<void> LogCheck::check_count(schema::Kind kind, std::uint64_t expected) {
    auto walk = database_.walk(schema::prefix(kind, log_));
    std::uint64_t rows = 0;
    for (walk.seek_first(); walk.valid(); walk.next()) ++rows;
    if (const auto status = walk.status(); !status.ok()) {
        report_.add_unread(place(std::string(schema::to_string(kind)) + "s"), status.error());
    } else if (rows > expected) {
        report_.add(place(std::string(schema::to_string(kind)) + "s"),
                    std::to_string(rows - expected) + " more than the log accounts for");
    }
    return {};
}

}  // namespace

Result<void> check_log(const Database& database, LogId log, const merkle::TreeHead& head,
                       const CheckHooks& hooks, CheckReport& report) {
    return LogCheck(database, log, hooks, report).run(head);
}

}  // namespace fieldseal::store
