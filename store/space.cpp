// SPDX-License-Identifier: Apache-2.0
#include "store/space.h"

#include "store/file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fieldseal::store {
namespace {

constexpr std::size_t kChunkBytes = 1024 * 1024;
constexpr std::uint64_t kFillSeed = 0x9e3779b97f4a7c15;

// xorshift64: bytes that a compressing file system cannot shrink. Nothing secret about them.
void fill(Bytes& chunk, std::uint64_t& state) {
    for (auto& byte : chunk) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<std::uint8_t>(state);
    }
}

Result<void> write_ballast(const std::filesystem::path& path, std::uint64_t size) {
    File file = FIELDSEAL_TRY(File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
    Bytes chunk(kChunkBytes);
    std::uint64_t state = kFillSeed;
    for (std::uint64_t offset = 0; offset < size; offset += chunk.size()) {
        fill(chunk, state);
        const auto count = std::min<std::uint64_t>(chunk.size(), size - offset);
        FIELDSEAL_TRY(file.write_at(offset, ByteView(chunk).first(count)));
    }
    return file.sync();
}

}  // namespace

Result<std::uint64_t> free_bytes(const std::filesystem::path& path) {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) {
        return system_error(errno, "ask for free space on", path);
    }
    return std::uint64_t{info.f_bavail} * info.f_frsize;
}

SpaceGuard::SpaceGuard(std::filesystem::path data_dir, Limits limits)
    : data_dir_(std::move(data_dir)), ballast_(data_dir_ / "ballast"), limits_(limits) {}

Result<SpaceState> SpaceGuard::state() const {
    SpaceState state;
    state.free_bytes = FIELDSEAL_TRY(free_bytes(data_dir_));
    if (state.free_bytes < limits_.low_water_bytes) state.level = SpaceLevel::low;
    std::error_code failed;
    const auto size = std::filesystem::file_size(ballast_, failed);
    state.ballast = !failed && size >= limits_.ballast_bytes;
    return state;
}

Result<bool> SpaceGuard::ensure_ballast() {
    const SpaceState now = FIELDSEAL_TRY(state());
    if (now.ballast || limits_.ballast_bytes == 0) return now.ballast;
    if (now.free_bytes < limits_.low_water_bytes + limits_.ballast_bytes) return false;
    if (auto written = write_ballast(ballast_, limits_.ballast_bytes); !written.ok()) {
        // Half a ballast only takes room away.
        ignore_error(release_ballast(), "the first error says more");
        return written.error();
    }
    FIELDSEAL_TRY(sync_directory(data_dir_));
    return true;
}

Result<void> SpaceGuard::release_ballast() {
    if (::unlink(ballast_.c_str()) != 0 && errno != ENOENT) {
        return system_error(errno, "remove", ballast_);
    }
    return sync_directory(data_dir_);
}

}  // namespace fieldseal::store
