// SPDX-License-Identifier: Apache-2.0
// Making and opening a store. Recovery is the normal way in: every open takes the lock, looks at
// the disk, replays the write-ahead log, recomputes both logs' heads from their tiles, and compares
// them with the tail pin.
#include "store/file.h"
#include "store/schema.h"
#include "store/space.h"
#include "store/store.h"
#include "store/store_impl.h"

#include <system_error>
#include <utility>

namespace fieldseal::store {
namespace {

constexpr std::string_view kWalExtension = ".log";

Result<void> write_first_rows(const std::filesystem::path& dir) {
    auto database = FIELDSEAL_TRY(Database::open(dir, Database::Mode::create_new));
    std::error_code failed;
    std::filesystem::permissions(dir, std::filesystem::perms::owner_all, failed);
    if (failed) return system_error(failed.value(), "restrict", dir);
    Database::Writes writes;
    writes.put(schema::version_key(), schema::encode_version(schema::kVersion));
    for (const LogId log : kLogs) {
        writes.put(schema::head_key(log), schema::encode(merkle::Frontier().head()));
    }
    return database->write(std::move(writes));
}

// A pin without a database: what a create() that was cut off leaves, if it pins an empty store.
Result<void> refuse_pin_of_a_lost_store(const std::filesystem::path& pin_file, const PinKey& key) {
    const auto pin = read_pin(pin_file, key);
    if (!pin.ok() && pin.error().code == Errc::not_found) return {};
    if (pin.ok() && pin->value.logs[0].head.size.value == 0 &&
        pin->value.logs[1].head.size.value == 0) {
        return {};
    }
    return Error{Errc::conflict, shown(pin_file) +
                                     " belongs to a store that is gone; restore that "
                                     "store, or move the file away to begin a new one"};
}

// The bytes of the write-ahead log: replaying it may write as much again into SST files.
std::uint64_t wal_bytes(const std::filesystem::path& db_dir) {
    std::uint64_t total = 0;
    const auto files = list_directory(db_dir);
    if (!files.ok()) return total;  // The open that follows says why.
    for (const auto& file : *files) {
        if (file.extension() != kWalExtension) continue;
        std::error_code failed;
        const auto size = std::filesystem::file_size(file, failed);
        if (!failed) total += size;
    }
    return total;
}

Result<void> check_room(const std::filesystem::path& db_dir, std::uint64_t reserve_bytes) {
    const std::uint64_t needed = reserve_bytes + wal_bytes(db_dir);
    const std::uint64_t available = FIELDSEAL_TRY(free_bytes(db_dir));
    if (available >= needed) return {};
    return Error{
        Errc::storage_full,
        "the disk of " + shown(db_dir) + " has " + std::to_string(available) +
            " bytes free and opening the store needs " + std::to_string(needed) +
            "; nothing is lost: free space (the file `ballast` beside it may go) and start "
            "again"};
}

// RocksDB often only says that something is damaged; a person needs to know which file.
Error name_damage(Error error, const std::filesystem::path& data_dir) {
    if (error.code != Errc::corrupt && error.code != Errc::io) return error;
    for (const Finding& finding : check_files_unlocked(data_dir, std::nullopt).findings) {
        error.code = Errc::corrupt;
        error.message += "; damaged: " + finding.place + " (" + finding.what + ")";
    }
    return error;
}

Result<std::uint32_t> check_version(const Database& database) {
    const auto row = FIELDSEAL_TRY(database.get(schema::version_key()));
    if (!row) return Error{Errc::corrupt, "the store has no schema version; run `fieldseal check`"};
    const std::uint32_t version = FIELDSEAL_TRY(schema::decode_version(*row));
    if (version >= schema::kVersionMin && version <= schema::kVersion) return version;
    const std::string has = "the store has schema version " + std::to_string(version) +
                            ", this program knows " + std::to_string(schema::kVersion);
    if (version > schema::kVersion) {
        return Error{Errc::unsupported, has + ": install the newer fieldseal; nothing was changed"};
    }
    return Error{Errc::unsupported, has + ": open it once with the release between them"};
}

// The store must have every entry the pin has, under the same roots.
Result<void> compare_with_pin(const Store& store, const PinValue& pin) {
    for (const LogId log : kLogs) {
        const PinnedLog& pinned = pin.logs[static_cast<std::size_t>(log)];
        const LogReader reader = store.log(log);
        const std::string name = "the " + std::string(to_string(log)) + " log ";
        const std::uint64_t size = reader.head().size.value;
        if (size < pinned.head.size.value) {
            return Error{Errc::corrupt,
                         name + "has " + std::to_string(size) + " entries, " +
                             std::to_string(pinned.head.size.value - size) +
                             " fewer than the tail pin says (" +
                             std::to_string(pinned.head.size.value) +
                             "): its write-ahead log was shortened, or the database is an older "
                             "copy; put the whole data directory back, or let a person decide with "
                             "`fieldseal doctor --accept-rollback`",
                         kPinDisagrees};
        }
        if (FIELDSEAL_TRY(reader.root_at(pinned.head.size)) != pinned.head.root) {
            return Error{
                Errc::corrupt,
                name + "has another root at size " + std::to_string(pinned.head.size.value) +
                    " than the tail pin says: the database belongs to another history; put "
                    "the whole data directory back, or let a person decide with `fieldseal "
                    "doctor --accept-rollback`",
                kPinDisagrees};
        }
        if (pinned.checkpoint.value == 0) continue;
        if (!FIELDSEAL_TRY(store.checkpoints(log).at(pinned.checkpoint))) {
            return Error{Errc::corrupt,
                         name + "lacks its checkpoint of size " +
                             std::to_string(pinned.checkpoint.value) +
                             " that the tail pin names; put the whole data directory "
                             "back, or let a person decide with `fieldseal doctor "
                             "--accept-rollback`",
                         kPinDisagrees};
        }
    }
    return {};
}

// What the store itself says: the value the pin has when it does not trail.
Result<PinValue> current_pin(const Store& store) {
    PinValue value;
    for (const LogId log : kLogs) {
        PinnedLog& pinned = value.logs[static_cast<std::size_t>(log)];
        pinned.head = store.log(log).head();
        const auto latest = FIELDSEAL_TRY(store.checkpoints(log).latest());
        if (latest) pinned.checkpoint = latest->head.size;
    }
    return value;
}

}  // namespace

Result<void> Store::create(const std::filesystem::path& data_dir, const PinKey& pin_key) {
    const DataLock lock = FIELDSEAL_TRY(DataLock::acquire(data_dir));
    const auto db_dir = data_dir / kDatabaseDir;
    if (FIELDSEAL_TRY(is_there(db_dir))) {
        return Error{Errc::conflict,
                     shown(data_dir) + " already holds a store; nothing was changed"};
    }
    const auto pin_file = data_dir / kPinFile;
    FIELDSEAL_TRY(refuse_pin_of_a_lost_store(pin_file, pin_key));
    // The rename is the moment of creation; whatever a crash left before it is made anew.
    const auto new_dir = data_dir / kNewDatabaseDir;
    std::error_code failed;
    std::filesystem::remove_all(new_dir, failed);
    if (failed) return Error{Errc::io, "cannot remove " + shown(new_dir) + ": " + failed.message()};
    FIELDSEAL_TRY(check_room(data_dir, kOpenReserveBytes));
    FIELDSEAL_TRY(write_first_rows(new_dir));
    PinValue empty;
    for (PinnedLog& log : empty.logs) log.head = merkle::Frontier().head();
    FIELDSEAL_TRY(write_pin(pin_file, pin_key, empty, 1));
    std::filesystem::rename(new_dir, db_dir, failed);
    if (failed) return Error{Errc::io, "cannot name " + shown(db_dir) + ": " + failed.message()};
    return sync_directory(data_dir);
}

Result<std::unique_ptr<Store>> Store::open(const OpenOptions& options) {
    const auto db_dir = options.data_dir / kDatabaseDir;
    const auto pin_file = options.data_dir / kPinFile;
    if (!FIELDSEAL_TRY(is_there(db_dir))) {
        return Error{Errc::not_found,
                     "no store in " + shown(options.data_dir) + "; make one with `fieldseal init`"};
    }
    DataLock lock = FIELDSEAL_TRY(DataLock::acquire(options.data_dir));
    FIELDSEAL_TRY(check_room(db_dir, options.reserve_bytes));
    auto pin = read_pin(pin_file, options.pin_key);
    if (!pin.ok() && options.pin_policy == PinPolicy::verify) return pin.error();

    auto opened = Database::open(db_dir, Database::Mode::open_existing);
    if (!opened.ok()) return name_damage(std::move(opened).error(), options.data_dir);
    auto database = std::move(*opened);
    const std::uint32_t version = FIELDSEAL_TRY(check_version(*database));
    std::unique_ptr<Store> store(
        new Store(std::make_unique<Impl>(std::move(lock), std::move(database), options.data_dir)));
    Impl& impl = *store->impl_;
    impl.schema_version = version;
    for (const LogId log : kLogs) {
        impl.edges[static_cast<std::size_t>(log)] =
            FIELDSEAL_TRY(LogEdge::load(*impl.database, log));
    }
    impl.publish_snapshots();
    if (options.pin_policy == PinPolicy::verify) {
        FIELDSEAL_TRY(compare_with_pin(*store, pin->value));
        impl.notices = pin->notices;
    }
    impl.pinned = FIELDSEAL_TRY(current_pin(*store));
    const std::uint64_t generation = pin.ok() ? pin->generation : 0;
    FIELDSEAL_TRY(write_pin(pin_file, options.pin_key, impl.pinned, generation + 1));
    impl.pin_writer = FIELDSEAL_TRY(PinWriter::start(pin_file, options.pin_key, generation + 2));
    return store;
}

}  // namespace fieldseal::store
