// SPDX-License-Identifier: Apache-2.0
// The inside of Store, shared by store.cpp, store_open.cpp, check.cpp and check_files.cpp.
#pragma once

#include "store/check.h"
#include "store/data_lock.h"
#include "store/database.h"
#include "store/log_edge.h"
#include "store/log_snapshot.h"
#include "store/store.h"
#include "store/tail_pin.h"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::store {

inline constexpr std::string_view kDatabaseDir = "db";
inline constexpr std::string_view kNewDatabaseDir = "db.new";  // a create() under way
inline constexpr std::string_view kPinFile = "tail.pin";

struct Store::Impl {
    Impl(DataLock held, std::unique_ptr<Database> opened, std::filesystem::path dir)
        : lock(std::move(held)), data_dir(std::move(dir)), database(std::move(opened)) {}

    std::shared_ptr<const LogSnapshot> snapshot(LogId log) const {
        const std::lock_guard guard(mutex);
        return snapshots[static_cast<std::size_t>(log)];
    }
    void publish_snapshots();
    Error poison(Error error);

    // Constant after open().
    DataLock lock;
    std::filesystem::path data_dir;
    std::unique_ptr<Database> database;
    std::vector<std::string> notices;
    std::unique_ptr<PinWriter> pin_writer;

    // The sequencer's.
    std::array<LogEdge, kLogs.size()> edges{LogEdge(LogId::statements),
                                            LogEdge(LogId::checkpoints)};
    PinValue pinned;
    std::uint64_t commits = 0;
    std::uint32_t schema_version = 0;  // of the row on the disk
    bool closed = false;

    mutable std::mutex mutex;
    // Guarded by mutex.
    std::array<std::shared_ptr<const LogSnapshot>, kLogs.size()> snapshots;
    std::optional<Error> failure;
};

// check_files() for a caller that has the lock.
CheckReport check_files_unlocked(const std::filesystem::path& data_dir,
                                 const std::optional<PinKey>& pin_key);

}  // namespace fieldseal::store
