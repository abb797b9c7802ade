// SPDX-License-Identifier: Apache-2.0
// Naming the damaged file when RocksDB refuses to open: every file is read by itself.
//
// No finding comes from files whose content the daemon never uses: OPTIONS-* and IDENTITY (settings
// are compiled in) and LOCK.
#include "core/encoding.h"
#include "store/check.h"
#include "store/data_lock.h"
#include "store/file.h"
#include "store/log_file.h"
#include "store/store_impl.h"
#include "store/table_file.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

namespace fieldseal::store {
namespace {

// A write-ahead log is capped at 64 MiB in all, a manifest at 1 GiB by RocksDB's default.
constexpr std::uint64_t kLogFileBytesMax = std::uint64_t{2} * 1024 * 1024 * 1024;
constexpr std::uint64_t kCurrentBytesMax = 64;
constexpr std::string_view kManifestPrefix = "MANIFEST-";

void check_log_like(const std::filesystem::path& file, const std::string& name,
                    CheckReport& report) {
    const auto bytes = read_file(file, kLogFileBytesMax);
    if (!bytes.ok()) return report.add(name, bytes.error().message);
    const LogFileReport log = check_log_file(*bytes);
    if (log.damage) report.add(name, *log.damage);
    if (log.notice)
        report.notices.push_back(name + ": " + *log.notice + ": normal after a power cut");
}

// CURRENT names the manifest in use, with a newline and nothing else.
void check_current(const std::filesystem::path& db_dir, CheckReport& report) {
    const std::string name = "db/CURRENT";
    const auto bytes = read_file(db_dir / "CURRENT", kCurrentBytesMax);
    if (!bytes.ok()) return report.add(name, bytes.error().message);
    std::string_view text = as_text(*bytes);
    const bool line = text.ends_with('\n');
    if (line) text.remove_suffix(1);
    const std::string_view digits =
        text.starts_with(kManifestPrefix) ? text.substr(kManifestPrefix.size()) : "";
    const bool numbered = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
    std::error_code ignored;
    if (!line || !numbered || !std::filesystem::exists(db_dir / text, ignored)) {
        report.add(name, "does not name a manifest that is there: " + quoted(text));
    }
}

void check_file(const std::filesystem::path& file, CheckReport& report) {
    const std::string base = file.filename().string();
    const std::string name = "db/" + base;
    ++report.files;
    if (file.extension() == ".log" || base.starts_with(kManifestPrefix)) {
        check_log_like(file, name, report);
    } else if (file.extension() == ".sst") {
        const auto verified = verify_table_file(file);
        if (!verified.ok()) report.add(name, verified.error().message);
    }
}

void check_pin(const std::filesystem::path& file, const PinKey& key, CheckReport& report) {
    ++report.files;
    const auto pin = read_pin(file, key);
    if (!pin.ok()) return report.add("tail.pin", pin.error().message);
    for (const auto& notice : pin->notices) report.notices.push_back(notice);
}

}  // namespace

Result<CheckReport> check_files(const std::filesystem::path& data_dir,
                                const std::optional<PinKey>& pin_key) {
    const DataLock lock = FIELDSEAL_TRY(DataLock::acquire(data_dir));
    return check_files_unlocked(data_dir, pin_key);
}

CheckReport check_files_unlocked(const std::filesystem::path& data_dir,
                                 const std::optional<PinKey>& pin_key) {
    CheckReport report;
    const auto db_dir = data_dir / kDatabaseDir;
    check_current(db_dir, report);
    const auto files = list_directory(db_dir);
    if (!files.ok()) report.add("db", files.error().message);
    if (files.ok()) {
        for (const auto& file : *files) check_file(file, report);
    }
    if (pin_key) check_pin(data_dir / kPinFile, *pin_key, report);
    return report;
}

}  // namespace fieldseal::store
