// SPDX-License-Identifier: Apache-2.0
// What one statement costs the store, without signing: building the batch, and one synced commit
// per group. Beside it the same bytes in bare RocksDB, one row each, synced the same way: the
// floor.
#include "core/hash.h"
#include "store/database.h"
#include "store/store.h"
#include "tests/support/temp_directory.h"

#include <benchmark/benchmark.h>

namespace {

using namespace fieldseal;
using namespace fieldseal::store;

constexpr std::size_t kCoseBytes = 450;  // an ES256K statement

NewStatement statement(std::uint64_t number) {
    NewStatement made;
    append_u64_be(made.cose, number);
    made.cose.resize(kCoseBytes, 0x5a);
    made.entry = sha256(made.cose);
    made.document = sha256(made.entry);
    made.received_at_s = 1'700'000'000;
    return made;
}

void require(const Result<void>& result, benchmark::State& state) {
    if (!result.ok()) state.SkipWithError(result.error().message.c_str());
}

void store_commit(benchmark::State& state) {
    const testing::TempDirectory dir;
    require(Store::create(dir.path(), {}), state);
    OpenOptions options;
    options.data_dir = dir.path();
    auto store = Store::open(options);
    if (!store.ok()) return state.SkipWithError(store.error().message.c_str());
    const auto group = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        Batch batch = (*store)->begin();
        for (std::uint64_t i = 0; i < group; ++i) {
            const auto index = batch.append_statement(statement(next++));
            if (!index.ok()) return state.SkipWithError(index.error().message.c_str());
        }
        require((*store)->commit(std::move(batch)), state);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(next));
}

void bare_rocksdb(benchmark::State& state) {
    const testing::TempDirectory dir;
    auto database = Database::open(dir / "db", Database::Mode::create_new);
    if (!database.ok()) return state.SkipWithError(database.error().message.c_str());
    const auto group = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        Database::Writes writes;
        for (std::uint64_t i = 0; i < group; ++i) {
            Bytes key;
            append_u64_be(key, next);
            writes.put(as_text(key), statement(next++).cose);
        }
        require((*database)->write(std::move(writes)), state);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(next));
}

BENCHMARK(store_commit)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime();
BENCHMARK(bare_rocksdb)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
