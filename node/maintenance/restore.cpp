// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/restore.h"

#include "core/encoding.h"
#include "node/boot.h"
#include "node/custody/private_file.h"
#include "node/maintenance/copy.h"
#include "node/maintenance/gates.h"
#include "store/data_lock.h"

#include <filesystem>
#include <optional>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIdentityFile = "node.json";
constexpr std::string_view kConfigFile = "fieldseal.toml";

Result<void> check_destination(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (fs::exists(to, error) && !fs::is_empty(to, error)) {
        return Error{Errc::conflict, fieldseal::quoted(to.string(), 200) +
                                         " is not empty: restore into another --data-dir"};
    }
    const fs::path inside =
        fs::weakly_canonical(to, error).lexically_relative(fs::weakly_canonical(from, error));
    if (!inside.empty() && *inside.begin() != "..") {
        return Error{Errc::invalid_argument,
                     "the destination lies inside the directory it is restored from"};
    }
    return {};
}

// Held while copying, so that no daemon starts on the source. Read-only media cannot be locked, and
// need not be.
Result<std::optional<store::DataLock>> lock_source(const fs::path& from) {
    auto lock = store::DataLock::acquire(from);
    if (lock.ok()) return std::optional<store::DataLock>(std::move(*lock));
    if (lock.error().code == Errc::conflict) return lock.error();
    return std::optional<store::DataLock>();
}

// What belongs to a running daemon, is made anew by the next one, or is written here last.
bool is_copied(const fs::path& relative) {
    return relative != "lock" && relative != "ballast" && relative.extension() != ".sock" &&
           relative != kIdentityFile && relative != kConfigFile;
}

Result<Config> read_config(const fs::path& from, const std::string& data_dir) {
    Config config = FIELDSEAL_TRY(load_config((from / kConfigFile).string()));
    config.data_dir = data_dir;
    return config;
}

Result<NodeIdentity> identity_of(const std::string& backup) {
    auto identity = load_identity(backup);
    if (identity.ok() || identity.error().code != Errc::not_found) return identity;
    return Error{Errc::not_found,
                 "there is no backup in " + fieldseal::quoted(backup, 200) +
                     ": it has no node.json. Name the copy of a stopped node's data directory"};
}

}  // namespace

Result<RestoreReport> restore_node(const std::string& from, const std::string& data_dir,
                                   std::int64_t now_s) {
    const fs::path source(from);
    const fs::path destination(data_dir);
    const auto identity = FIELDSEAL_TRY(identity_of(from));
    const Config config = FIELDSEAL_TRY(read_config(source, data_dir));
    FIELDSEAL_TRY(check_destination(source, destination));
    const auto lock = FIELDSEAL_TRY(lock_source(source));
    FIELDSEAL_TRY(make_private_directory(data_dir));
    const CopyTotals totals = FIELDSEAL_TRY(copy_tree(source, destination, is_copied));
    const auto keys = FIELDSEAL_TRY(open_keys(config, identity));
    const auto store = FIELDSEAL_TRY(open_store(config, keys));
    FIELDSEAL_TRY(hold_node(*store, from, now_s));
    const std::uint64_t log_size = store->log(store::LogId::statements).head().size.value;
    FIELDSEAL_TRY(store->close());
    FIELDSEAL_TRY(
        write_private_file((destination / kConfigFile).string(), as_bytes(to_toml(config))));
    FIELDSEAL_TRY(
        write_private_file((destination / kIdentityFile).string(), as_bytes(to_json(identity))));
    return RestoreReport{identity.origin, data_dir, totals.files, totals.bytes, log_size};
}

}  // namespace fieldseal::node
