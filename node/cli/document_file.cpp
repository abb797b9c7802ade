// SPDX-License-Identifier: Apache-2.0
#include "node/cli/document_file.h"

#include "node/cli/readable.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr std::size_t kReadBytes = 1024 * 1024;

class OpenFile {
public:
    explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
    ~OpenFile() { ::close(descriptor_); }
    OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OpenFile& operator=(OpenFile&&) = delete;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int get() const { return descriptor_; }

private:
    int descriptor_;
};

Error refused(const std::string& path, int number) {
    switch (number) {
        case ENOENT:
            return {Errc::not_found, printable(path) + ": there is no such file"};
        case ENOTDIR:
            return {Errc::not_found, printable(path) + ": a part of this path is not a directory"};
        case EACCES:
        case EPERM:
            return {Errc::denied, printable(path) + ": you have no right to read this file"};
        case ELOOP:
            return {Errc::invalid_argument,
                    printable(path) + ": these symbolic links lead nowhere"};
        default:
            return {Errc::io, fmt::format("{}: reading failed: {}", printable(path),
                                          std::generic_category().message(number))};
    }
}

Result<OpenFile> open_regular(const std::string& path, struct stat& before) {
    // O_NONBLOCK: opening a pipe must not wait for its writer; it means nothing for regular files.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return refused(path, errno);
    OpenFile file(descriptor);
    if (::fstat(descriptor, &before) != 0) return refused(path, errno);
    if (S_ISDIR(before.st_mode)) {
        return Error{Errc::invalid_argument,
                     printable(path) +
                         ": this is a directory; name the files in it, or seal an archive of it"};
    }
    if (!S_ISREG(before.st_mode)) {
        return Error{Errc::invalid_argument,
                     printable(path) + ": this is not a regular file; copy it into one first"};
    }
    return file;
}

// The count of bytes, 0 at the end.
Result<std::size_t> read_piece(const OpenFile& file, const std::string& path,
                               std::span<std::uint8_t> into) {
    for (;;) {
        const ssize_t got = ::read(file.get(), into.data(), into.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return refused(path, errno);
    }
}

bool same_time(const struct timespec& a, const struct timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// The open file is as it was, and the path still leads to it.
Result<void> check_unchanged(const OpenFile& file, const std::string& path,
                             const struct stat& before, std::uint64_t bytes_read) {
    struct stat after{};
    struct stat named{};
    if (::fstat(file.get(), &after) != 0) return refused(path, errno);
    const bool same = after.st_size == before.st_size && same_time(after.st_mtim, before.st_mtim) &&
                      bytes_read == static_cast<std::uint64_t>(before.st_size) &&
                      ::stat(path.c_str(), &named) == 0 && named.st_ino == before.st_ino &&
                      named.st_dev == before.st_dev;
    if (same) return {};
    return Error{
        Errc::conflict,
        printable(path) +
            ": the file changed while it was read; wait until it is complete and try again"};
}

}  // namespace

Result<DocumentFacts> read_document(const std::string& path, const ReadProgress& progress) {
    struct stat before{};
    const OpenFile file = FIELDSEAL_TRY(open_regular(path, before));
    // Advice only: a file system that does not take it reads as before.
    (void)::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    const auto size = static_cast<std::uint64_t>(before.st_size);
    DocumentHasher hasher;
    std::vector<std::uint8_t> buffer(kReadBytes);
    std::uint64_t total = 0;
    for (;;) {
        const std::size_t got = FIELDSEAL_TRY(read_piece(file, path, buffer));
        if (got == 0) break;
        hasher.update(ByteView(buffer).first(got));
        total += got;
        if (total > size) break;  // it grows: do not follow it for ever
        if (progress) progress(total, size);
    }
    FIELDSEAL_TRY(check_unchanged(file, path, before, total));
    return DocumentFacts{hasher.finish(), size};
}

Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
    struct stat before{};
    const OpenFile file = FIELDSEAL_TRY(open_regular(path, before));
    std::vector<std::uint8_t> buffer(bytes_max + 1);
    std::size_t total = 0;
    while (total < buffer.size()) {
        const std::size_t got =
            FIELDSEAL_TRY(read_piece(file, path, std::span(buffer).subspan(total)));
        if (got == 0) break;
        total += got;
    }
    if (total > bytes_max) {
        return Error{Errc::invalid_argument,
                     fmt::format("{}: larger than {}, so it is not what is expected here",
                                 printable(path), readable_bytes(bytes_max))};
    }
    return std::string(as_text(ByteView(buffer).first(total)));
}

}  // namespace fieldseal::node::cli
