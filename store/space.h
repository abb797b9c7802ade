// SPDX-License-Identifier: Apache-2.0
// Room on the disk: how much is free, when to stop taking new seals, and a ballast file that can be
// given up so that everything else goes on working (and the database can be opened at all).
// OWNED BY: node. THREADS: any for free_bytes() and state(); ballast changes one thread.
// Errors: io, storage_full.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <filesystem>

namespace fieldseal::store {

inline constexpr std::uint64_t kBallastBytes = 64 * 1024 * 1024;
inline constexpr std::uint64_t kLowWaterBytes = 256 * 1024 * 1024;

// Bytes an unprivileged process can still write on the file system of `path`.
Result<std::uint64_t> free_bytes(const std::filesystem::path& path);

enum class SpaceLevel {
    enough,
    low,  // refuse new seals (507); checkpoints, anchoring and reading go on
};

struct SpaceState {
    SpaceLevel level = SpaceLevel::enough;
    std::uint64_t free_bytes = 0;
    bool ballast = false;  // the ballast file is in place
};

class SpaceGuard {
public:
    struct Limits {
        std::uint64_t low_water_bytes = kLowWaterBytes;
        std::uint64_t ballast_bytes = kBallastBytes;
    };
    SpaceGuard(std::filesystem::path data_dir, Limits limits);

    Result<SpaceState> state() const;

    // Writes data_dir/ballast when it is missing or short and there is room for it above the
    // low-water mark; returns whether it is in place. Really allocated: incompressible bytes,
    // synced.
    Result<bool> ensure_ballast();
    // Removes it: its bytes are free when this returns. Fine when there is none.
    Result<void> release_ballast();

private:
    std::filesystem::path data_dir_;
    std::filesystem::path ballast_;
    Limits limits_;
};

}  // namespace fieldseal::store
