// SPDX-License-Identifier: Apache-2.0
// Debian 12 has RocksDB 7.8.3. Settings marked "ban" keep clear of a defect that a later release of
// RocksDB fixed (its HISTORY.md, 7.9 to 10.9); the number is the release that has the fix.
#include "store/database_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

namespace fieldseal::store {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kBlockCacheBytes = 32 * kMiB;
constexpr int kBlockCacheShardBits = 2;  // 4 shards of 8 MiB
constexpr std::size_t kMetadataBlockBytes = 4096;
constexpr std::size_t kWriteBufferBytes = 16 * kMiB;
constexpr std::uint64_t kWalBytesMax = 64 * kMiB;
constexpr int kOpenFilesMax = 512;
constexpr int kBackgroundJobs = 2;
constexpr int kFilesToCompact = 8;     // twice RocksDB's: half the rewriting of random keys
constexpr std::size_t kKindBytes = 1;  // a key's first byte (schema::Kind)
constexpr double kBloomBitsPerKey = 10;

class SilentLogger final : public rocksdb::Logger {
public:
    SilentLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::HEADER_LEVEL) {}
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

void set_durability(rocksdb::Options& options) {
    // A torn tail is the normal end of a log after a power cut; a bad record before the tail is
    // not. The default (point in time) opens a log with a flipped bit and drops every record after
    // it.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // Replay time after a crash follows the size of the logs: 64 MiB are about half a second. With
    // one column family the three write buffers (48 MiB) are the tighter bound.
    options.max_total_wal_size = kWalBytesMax;
    // Ban (7.10): together with SyncWAL it reports "Missing WAL" falsely and prevents the open.
    options.track_and_verify_wals_in_manifest = false;
    options.wal_compression = rocksdb::kNoCompression;  // Ban (8.0): recovery of a compressed log.
    options.recycle_log_file_num = 0;                   // Ban (9.2): stale records can come back.
    options.manual_wal_flush = false;  // Ban (9.7): inconsistent after automatic recovery.
    options.atomic_flush = false;      // Ban (8.1, 8.7): data loss after a failed flush.
    options.allow_2pc = false;         // Ban (9.3): a missing log sync.
    options.WAL_ttl_seconds = 0;  // Ban (10.9): deletes the newest log when the clock jumps back.
    options.WAL_size_limit_MB = 0;
    options.unordered_write = false;  // Readers must see writes in the order of the log.
    // Crash-only: no attempt to resume after a background error; the process ends and opens again.
    options.max_bgerror_resume_count = 0;
}

void set_integrity(rocksdb::Options& options) {
    options.paranoid_checks = true;
    options.force_consistency_checks = true;
    options.flush_verify_memtable_count = true;
    options.verify_sst_unique_id_in_manifest = true;  // An SST file swapped for another is refused.
    options.allow_mmap_reads = false;                 // Ban (8.11): corrupt reads.
    options.allow_mmap_writes = false;
    // The file of settings is never read, but a disk that cannot write it must not go unnoticed.
    options.fail_if_options_file_error = true;
}

void set_resources(rocksdb::Options& options) {
    options.write_buffer_size = kWriteBufferBytes;
    // One thread writes (I3): the memtable needs no atomics, and nobody queues for the log.
    options.allow_concurrent_memtable_write = false;
    options.enable_write_thread_adaptive_yield = false;
    options.max_write_buffer_number = 3;
    // The rows of one kind come in order, of all kinds by turns: a place to go on from for each.
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kKindBytes));
    // Fewer than 8 jobs give one flush thread. Ban (7.9, 8.7): parallel flushes that fail can
    // reorder updates or delete another flush's output. The default skip list memtable for the same
    // reason.
    options.max_background_jobs = kBackgroundJobs;
    options.level0_file_num_compaction_trigger = kFilesToCompact;
    options.max_open_files = kOpenFilesMax;
    options.avoid_unnecessary_blocking_io = true;  // Old files are deleted off the commit path.
    // Rows are signatures and digests: there is nothing to compress.
    options.compression = rocksdb::kNoCompression;
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
    options.enable_blob_files = false;
    options.level_compaction_dynamic_level_bytes = true;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    // No file of notes: when a write to it fails, Debian's build aborts the process in an
    // assertion. What matters comes as a Status or through the listener.
    options.info_log = std::make_shared<SilentLogger>();

    rocksdb::BlockBasedTableOptions table;
    // By default a cache of this size is cut into 64 shards of 512 KiB. The filter of one full file
    // is larger than that, would never be kept, and would be read and checked again for each
    // append.
    table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes, kBlockCacheShardBits);
    // Index and filter blocks count against the cache, so memory is bounded at any size of the
    // store. They are cut into small parts: a lookup needs one part of a file's filter, not all of
    // it.
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.pin_top_level_index_and_filter = true;
    table.metadata_block_size = kMetadataBlockBytes;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.whole_key_filtering = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

rocksdb::Options database_options() {
    rocksdb::Options options;
    set_durability(options);
    set_integrity(options);
    set_resources(options);
    return options;
}

rocksdb::WriteOptions write_options() {
    rocksdb::WriteOptions options;
    options.sync = true;         // An acknowledged seal is on the disk.
    options.disableWAL = false;  // Ban (8.1, 8.7): without the log, failed flushes lose data.
    return options;
}

}  // namespace fieldseal::store
