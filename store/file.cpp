// SPDX-License-Identifier: Apache-2.0
#include "store/file.h"

#include "core/encoding.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace fieldseal::store {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kPathBytesMax = 200;
constexpr mode_t kNewFileMode = 0600;

}  // namespace

std::string shown(const std::filesystem::path& path) {
    return fieldseal::quoted(path.string(), kPathBytesMax);
}

Error system_error(int number, std::string_view doing, const std::filesystem::path& path) {
    Errc code = Errc::io;
    if (number == ENOENT) code = Errc::not_found;
    if (number == ENOSPC || number == EDQUOT) code = Errc::storage_full;
    return {code, "cannot " + std::string(doing) + " " + shown(path) + ": " +
                      std::generic_category().message(number)};
}

Result<File> File::open(const std::filesystem::path& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, kNewFileMode);
    if (descriptor < 0) return system_error(errno, "open", path);
    return File(path, descriptor);
}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> File::write_at(std::uint64_t offset, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error(errno, "write", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<void> File::sync() {
    if (::fdatasync(descriptor_) != 0) return system_error(errno, "sync", path_);
    return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max) {
    const File file = FIELDSEAL_TRY(File::open(path, O_RDONLY));
    Bytes bytes;
    while (bytes.size() <= max) {
        const std::size_t have = bytes.size();
        bytes.resize(have + kReadBytes);
        const ssize_t count = ::read(file.descriptor(), bytes.data() + have, kReadBytes);
        bytes.resize(have + static_cast<std::size_t>(count > 0 ? count : 0));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error(errno, "read", path);
        if (count == 0) return bytes;
    }
    return Error{Errc::corrupt, shown(path) + " is longer than " + std::to_string(max) + " bytes"};
}

Result<bool> is_there(const std::filesystem::path& path) {
    std::error_code failed;
    const auto status = std::filesystem::symlink_status(path, failed);
    if (status.type() == std::filesystem::file_type::not_found) return false;
    if (failed) return system_error(failed.value(), "look at", path);
    return true;
}

Result<std::vector<std::filesystem::path>> list_directory(const std::filesystem::path& dir) {
    std::vector<std::filesystem::path> names;
    std::error_code failed;
    std::filesystem::directory_iterator file(dir, failed);
    for (; !failed && file != std::filesystem::directory_iterator(); file.increment(failed)) {
        names.push_back(file->path());
    }
    if (failed) return system_error(failed.value(), "list", dir);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> sync_directory(const std::filesystem::path& dir) {
    const File file = FIELDSEAL_TRY(File::open(dir, O_RDONLY | O_DIRECTORY));
    if (::fsync(file.descriptor()) != 0) return system_error(errno, "sync", dir);
    return {};
}

}  // namespace fieldseal::store
