// SPDX-License-Identifier: Apache-2.0
// The tail pin: sizes, roots and last checkpoints of the logs, in a small file outside RocksDB.
//
// RocksDB opens a shortened write-ahead log without a word; the pin does not. Two slots in two 4
// KiB blocks, each with a generation and an HMAC-SHA256: a write torn by a power cut spoils at most
// one. It may trail the store (by what was committed within kPinRest and its last write), never
// lead it. A rollback of the whole data directory takes the pin along: only a target can notice
// that. OWNED BY: Store. THREADS: functions any; PinWriter as said there. Layout:
// docs/formats/store.md §4. Errors: not_found (no pin), corrupt (no slot verifies, or the store is
// behind), io.
#pragma once

#include "core/merkle/tree.h"
#include "core/result.h"
#include "store/records.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::store {

inline constexpr std::size_t kPinKeyBytes = 32;
// The least time from one write of the pin to the next: its sync competes with the commits' own.
inline constexpr std::chrono::milliseconds kPinRest{5};
// The pin MAC key: one purpose, from the node's keystore.
using PinKey = std::array<std::uint8_t, kPinKeyBytes>;

// The Error::problem of everything that a person may answer with `doctor --accept-rollback`: the
// log on the disk opens, and only its pin stands in the way.
inline constexpr std::string_view kPinDisagrees = "pin-disagrees";

struct PinnedLog {
    merkle::TreeHead head;
    merkle::TreeSize checkpoint;  // of the last checkpoint, 0 for none
    bool operator==(const PinnedLog&) const = default;
};

struct PinValue {
    std::array<PinnedLog, kLogs.size()> logs{};  // by LogId
    bool operator==(const PinValue&) const = default;
};

struct PinState {
    PinValue value;
    std::uint64_t generation = 0;
    std::vector<std::string> notices;  // a slot that does not verify, named
};

// The newer slot that verifies.
Result<PinState> read_pin(const std::filesystem::path& file, const PinKey& key);

// Both slots, synced, and the directory too. For create, open and close: moments without a commit.
Result<void> write_pin(const std::filesystem::path& file, const PinKey& key, const PinValue& value,
                       std::uint64_t generation);

// Its own thread, so that the sequencer never waits for the pin's sync: takes the latest value,
// writes it to the older slot, syncs, loops. THREADS: publish() one thread; the rest any.
class PinWriter {
public:
    static Result<std::unique_ptr<PinWriter>> start(const std::filesystem::path& file,
                                                    const PinKey& key, std::uint64_t generation);
    // Writes the latest value, then ends the thread.
    ~PinWriter();
    PinWriter(const PinWriter&) = delete;
    PinWriter& operator=(const PinWriter&) = delete;

    // A value that is durable in the store. Never blocks on the disk.
    void publish(const PinValue& value);

    // Waits until everything published is on the disk, or a write failed.
    Result<void> drain();
    // ok, or the first write error; the thread stops at it (a failed sync is never retried).
    Result<void> health() const;

private:
    struct Impl;
    explicit PinWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::store
