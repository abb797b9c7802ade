// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include "core/check.h"
#include "core/encoding.h"
#include "store/database_options.h"
#include "store/file.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fieldseal::store {
namespace {

constexpr std::size_t kStatusBytesMax = 400;

rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
rocksdb::Slice slice(ByteView bytes) {
    return slice(as_text(bytes));
}
ByteView view(const rocksdb::Slice& bytes) {
    return as_bytes({bytes.data(), bytes.size()});
}

// RocksDB counts every comparison in a variable of the thread; nobody reads it (measured: 1 of 12
// microseconds per statement).
void quieten_counters() {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

bool is_lock_conflict(const rocksdb::Status& status) {
    const std::string text = status.ToString();
    return text.find("LOCK") != std::string::npos || text.find("lock ") != std::string::npos;
}

// RocksDB looks for LevelDB's name of a missing table last, and names that one.
std::string words(const rocksdb::Status& status) {
    std::string text = status.ToString();
    constexpr std::string_view kLevelDb = ".ldb";
    for (auto at = text.find(kLevelDb); at != std::string::npos; at = text.find(kLevelDb)) {
        text.replace(at, kLevelDb.size(), ".sst");
    }
    return fieldseal::quoted(text, kStatusBytesMax);
}

Error to_error(const rocksdb::Status& status, std::string_view doing) {
    const std::string what = "the database could not " + std::string(doing) + ": " + words(status);
    if (status.IsCorruption()) {
        return {Errc::corrupt, what + std::string(kCorruptAdvice)};
    }
    if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
        return {Errc::storage_full, what + "; free space on this disk and start again"};
    }
    return {Errc::io, what};
}

Result<void> to_result(const rocksdb::Status& status, std::string_view doing) {
    if (status.ok()) return {};
    return to_error(status, doing);
}

// Remembers the first background error. RocksDB would retry; the store stops instead.
class ErrorListener final : public rocksdb::EventListener {
public:
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
        const std::lock_guard lock(mutex_);
        if (!first_) first_ = to_error(*status, "work in the background");
    }
    // Even without attempts to resume, RocksDB waits in a thread of its own for space to come back.
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                              bool* auto_recovery) override {
        *auto_recovery = false;
    }
    std::optional<Error> first() const {
        const std::lock_guard lock(mutex_);
        return first_;
    }

private:
    mutable std::mutex mutex_;
    std::optional<Error> first_;
};

// The smallest key above every key that begins with `prefix`.
std::string end_of_prefix(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

}  // namespace

struct Database::Impl {
    std::shared_ptr<ErrorListener> listener = std::make_shared<ErrorListener>();
    std::unique_ptr<rocksdb::DB> db;
};

struct Database::Walk::Impl {
    std::string begin;
    std::string end;
    rocksdb::Slice lower;
    rocksdb::Slice upper;
    std::unique_ptr<rocksdb::Iterator> iterator;
};

struct Database::Writes::Impl {
    rocksdb::WriteBatch batch;
};

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& dir, Mode mode) {
    auto impl = std::make_unique<Impl>();
    rocksdb::Options options = database_options();
    options.create_if_missing = mode == Mode::create_new;
    options.error_if_exists = mode == Mode::create_new;
    options.listeners.push_back(impl->listener);
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, dir.string(), &db);
    if (!status.ok()) {
        if (status.IsIOError() && is_lock_conflict(status)) {
            return Error{Errc::conflict,
                         "another process has the database " + shown(dir) + " open; stop it first"};
        }
        return to_error(status, "open " + shown(dir));
    }
    impl->db.reset(db);
    return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

void Database::end_background_work() {
    rocksdb::CancelAllBackgroundWork(impl_->db.get(), /*wait=*/true);
}

void Database::abandon() {
    // No thread of RocksDB may be at work while the process takes itself down.
    end_background_work();
    // Never freed, and reachable for the rest of the process: no leak checker has to report it.
    static std::mutex mutex;
    static auto& abandoned = *new std::vector<Impl*>();
    const std::lock_guard lock(mutex);
    abandoned.push_back(impl_.release());
}

Result<std::optional<Bytes>> Database::get(std::string_view key) const {
    quieten_counters();
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        impl_->db->Get({}, impl_->db->DefaultColumnFamily(), slice(key), &value);
    if (status.IsNotFound()) return std::optional<Bytes>{};
    if (!status.ok()) return to_error(status, "read");
    return std::optional<Bytes>(to_bytes(view(value)));
}

Result<void> Database::write(Writes&& writes) {
    quieten_counters();
    return to_result(impl_->db->Write(write_options(), &writes.impl_->batch), "write");
}

std::optional<Error> Database::background_error() const {
    return impl_->listener->first();
}

Result<void> Database::verify_checksums() const {
    return to_result(impl_->db->VerifyChecksum(), "verify its files");
}

Result<void> Database::flush() {
    return to_result(impl_->db->Flush(rocksdb::FlushOptions()), "flush");
}

Database::Walk Database::walk(std::string_view prefix) const {
    auto impl = std::make_unique<Walk::Impl>();
    impl->begin = prefix;
    impl->end = end_of_prefix(prefix);
    impl->lower = slice(std::string_view(impl->begin));
    impl->upper = slice(std::string_view(impl->end));
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &impl->lower;
    if (!impl->end.empty()) options.iterate_upper_bound = &impl->upper;
    impl->iterator.reset(impl_->db->NewIterator(options));
    return Walk(std::move(impl));
}

Database::Walk::Walk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Walk::~Walk() = default;
Database::Walk::Walk(Walk&&) noexcept = default;
Database::Walk& Database::Walk::operator=(Walk&&) noexcept = default;

void Database::Walk::seek_first() {
    impl_->iterator->SeekToFirst();
}
void Database::Walk::seek_last() {
    impl_->iterator->SeekToLast();
}
void Database::Walk::seek_at_or_after(std::string_view key) {
    impl_->iterator->Seek(slice(key));
}
void Database::Walk::seek_before(std::string_view key) {
    impl_->iterator->SeekForPrev(slice(key));
    if (valid() && as_text(this->key()) == key) previous();
}
void Database::Walk::next() {
    impl_->iterator->Next();
}
void Database::Walk::previous() {
    impl_->iterator->Prev();
}
bool Database::Walk::valid() const {
    return impl_->iterator->Valid();
}
Result<void> Database::Walk::status() const {
    return to_result(impl_->iterator->status(), "read");
}
ByteView Database::Walk::key() const {
    return view(impl_->iterator->key());
}
ByteView Database::Walk::value() const {
    return view(impl_->iterator->value());
}

Database::Writes::Writes() : impl_(std::make_unique<Impl>()) {}
Database::Writes::~Writes() = default;
Database::Writes::Writes(Writes&&) noexcept = default;
Database::Writes& Database::Writes::operator=(Writes&&) noexcept = default;

void Database::Writes::put(std::string_view key, ByteView value) {
    // Only a batch of more than 4 GiB or a missing column family can refuse a put.
    FIELDSEAL_CHECK(impl_->batch.Put(slice(key), slice(value)).ok());
}
void Database::Writes::erase(std::string_view key) {
    FIELDSEAL_CHECK(impl_->batch.Delete(slice(key)).ok());
}
bool Database::Writes::empty() const {
    return impl_->batch.Count() == 0;
}

}  // namespace fieldseal::store
