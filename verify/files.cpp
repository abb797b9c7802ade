// SPDX-License-Identifier: Apache-2.0
#include "verify/files.h"

#include "core/encoding.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fieldseal::verify {
namespace {

constexpr std::size_t kChunkBytes = 1024 * 1024;
constexpr std::size_t kPathQuoteBytes = 200;

Error io_error(const std::string& path, int error) {
    return {Errc::io, "cannot read " + quoted(path, kPathQuoteBytes) + ": " +
                          std::strerror(error)};  // NOLINT(concurrency-mt-unsafe): one thread
}

class File {
public:
    static Result<File> open(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return io_error(path, errno);
        return File(fd, path);
    }
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(File&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    File& operator=(File&&) = delete;

    // 0 at the end.
    Result<std::size_t> read(char* to, std::size_t bytes_max) {
        for (;;) {
            const ssize_t got = ::read(fd_, to, bytes_max);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) return io_error(path_, errno);
        }
    }

    // Of a regular file.
    std::optional<std::uint64_t> size() const {
        struct stat status{};
        if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    int fd_;
    std::string path_;
};

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
    File file = FIELDSEAL_TRY(File::open(path));
    std::string text(bytes_max + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const std::size_t got = FIELDSEAL_TRY(file.read(text.data() + size, text.size() - size));
        if (got == 0) break;
        size += got;
    }
    text.resize(size);
    return text;
}

Result<DocumentHasher::Digests> hash_document(const std::string& path, const Progress& progress) {
    File file = FIELDSEAL_TRY(File::open(path));
    const auto total = file.size();
    const auto chunk = std::make_unique<char[]>(kChunkBytes);
    DocumentHasher hasher;
    std::uint64_t done = 0;
    for (;;) {
        const std::size_t got = FIELDSEAL_TRY(file.read(chunk.get(), kChunkBytes));
        if (got == 0) return hasher.finish();
        hasher.update(as_bytes({chunk.get(), got}));
        done += got;
        if (progress) progress(done, total);
    }
}

}  // namespace fieldseal::verify
