// SPDX-License-Identifier: Apache-2.0
// RocksDB, narrowed to what the store uses: point reads, ordered walks, one synced atomic write.
// The only file of the product whose .cpp includes RocksDB, with database_options.
//
// OWNED BY: Store. THREADS: reads any; write() one thread. DURABLE: when write() returns ok.
// Errors: corrupt and io with RocksDB's own words (they name the file), storage_full, conflict
// (another process has it open).
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace fieldseal::store {

// The end of what a damaged database says.
inline constexpr std::string_view kCorruptAdvice =
    "; stop, keep the disk as it is, and run `fieldseal check`";

class Database {
public:
    enum class Mode {
        open_existing,
        create_new,  // refuses a directory that already holds one
    };
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& dir, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Result<std::optional<Bytes>> get(std::string_view key) const;

    // An ordered walk over the rows whose key begins with `prefix`, seen as of one moment.
    class Walk {
    public:
        ~Walk();
        Walk(Walk&&) noexcept;
        Walk& operator=(Walk&&) noexcept;

        // Positions. `key` must begin with the prefix.
        void seek_first();
        void seek_last();
        void seek_at_or_after(std::string_view key);
        void seek_before(std::string_view key);
        void next();
        void previous();

        // False past either end, and after an error: ask status() then.
        bool valid() const;
        Result<void> status() const;
        // REQUIRES: valid(). Views live until the next move.
        ByteView key() const;
        ByteView value() const;

    private:
        friend class Database;
        struct Impl;
        explicit Walk(std::unique_ptr<Impl> impl);
        std::unique_ptr<Impl> impl_;
    };
    Walk walk(std::string_view prefix) const;

    // Puts and erases that become durable together.
    class Writes {
    public:
        Writes();
        ~Writes();
        Writes(Writes&&) noexcept;
        Writes& operator=(Writes&&) noexcept;
        void put(std::string_view key, ByteView value);
        void erase(std::string_view key);
        bool empty() const;

    private:
        friend class Database;
        struct Impl;
        std::unique_ptr<Impl> impl_;
    };
    Result<void> write(Writes&& writes);

    // The first error RocksDB met in a background flush or compaction. THREADS: any.
    std::optional<Error> background_error() const;

    // Reads every SST block and compares its checksum; the error names the file.
    Result<void> verify_checksums() const;
    // Puts memtables into SST files (tests; before a copy of the directory).
    Result<void> flush();

    // Before the last look at background_error(): what is at work ends, and nothing begins again.
    void end_background_work();

    // Leaves the open database to the end of the process: after a failed sync RocksDB's own close
    // aborts in an assertion of Debian's build.
    void abandon();

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::store
