// SPDX-License-Identifier: Apache-2.0
#include "node/custody/private_file.h"

#include "core/encoding.h"
#include "node/custody/descriptor.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fieldseal::node {
namespace {

constexpr mode_t kOthersBits = 077;
constexpr std::size_t kPathQuoteBytesMax = 200;

Error os_error(std::string_view doing, const std::string& path) {
    const int reason = errno;
    return Error{
        reason == ENOENT ? Errc::not_found : Errc::io,
        std::string(doing) + " " + quoted(path, kPathQuoteBytesMax) + ": " + std::strerror(reason)};
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string octal(mode_t mode) {
    std::string out = "0000";
    for (std::size_t i = 0; i < 4; ++i) {
        out[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7));
    }
    return out;
}

Result<void> check_owner_and_mode(const struct stat& status, const std::string& path,
                                  std::string_view wanted_mode) {
    const std::string name = quoted(path, kPathQuoteBytesMax);
    if (status.st_uid != ::geteuid()) {
        return Error{Errc::denied, name + " belongs to user " + std::to_string(status.st_uid) +
                                       ", not to the user running fieldseal (" +
                                       std::to_string(::geteuid()) + "): run chown on it"};
    }
    if ((status.st_mode & kOthersBits) != 0) {
        return Error{Errc::denied, name + " has mode " + octal(status.st_mode & 07777) +
                                       ", so others may reach it: run chmod " +
                                       std::string(wanted_mode) + " " + name};
    }
    return {};
}

Result<std::size_t> check_regular(int fd, const std::string& path, std::size_t bytes_max) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return os_error("look at", path);
    if (!S_ISREG(status.st_mode)) {
        return Error{Errc::denied, quoted(path, kPathQuoteBytesMax) + " is not a regular file"};
    }
    const auto checked = check_owner_and_mode(status, path, "0600");
    if (!checked.ok()) return checked.error();
    if (static_cast<std::uint64_t>(status.st_size) > bytes_max) {
        return Error{Errc::corrupt, quoted(path, kPathQuoteBytesMax) + " has " +
                                        std::to_string(status.st_size) + " bytes; at most " +
                                        std::to_string(bytes_max) + " are expected"};
    }
    return static_cast<std::size_t>(status.st_size);
}

// Fills `buffer` and returns how many bytes there were before the end of the file.
Result<std::size_t> read_up_to(int fd, std::span<std::uint8_t> buffer, const std::string& path) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t got = ::read(fd, buffer.data() + done, buffer.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return os_error("read", path);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

// Opens without following a link in the last component. ELOOP is that link.
Result<int> open_existing(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) return fd;
    if (errno == ELOOP) {
        return Error{Errc::denied, quoted(path, kPathQuoteBytesMax) +
                                       " is a symbolic link; put the file itself there"};
    }
    return os_error("open", path);
}

Result<void> write_all(int fd, ByteView content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return os_error("write", path);
        content = content.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> sync_directory_of(const std::string& path) {
    const std::string directory = directory_of(path);
    const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.open()) return os_error("open", directory);
    if (::fsync(fd.get()) != 0) return os_error("sync", directory);
    return {};
}

}  // namespace

Result<Bytes> read_private_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor fd(FIELDSEAL_TRY(open_existing(path)));
    Bytes content(FIELDSEAL_TRY(check_regular(fd.get(), path, bytes_max)));
    content.resize(FIELDSEAL_TRY(read_up_to(fd.get(), content, path)));
    return content;
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor fd(FIELDSEAL_TRY(open_existing(path)));
    const std::size_t size = FIELDSEAL_TRY(check_regular(fd.get(), path, bytes_max));
    if (size == 0) {
        return Error{Errc::corrupt, quoted(path, kPathQuoteBytesMax) + " is empty"};
    }
    SecretBytes content = FIELDSEAL_TRY(SecretBytes::allocate(size));
    content.shrink(FIELDSEAL_TRY(read_up_to(fd.get(), content.span(), path)));
    return content;
}

Result<void> check_private_directory(const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return os_error("look at", path);
    if (!S_ISDIR(status.st_mode)) {
        return Error{Errc::denied, quoted(path, kPathQuoteBytesMax) + " is not a directory"};
    }
    return check_owner_and_mode(status, path, "0700");
}

Result<void> make_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return sync_directory_of(path);
    if (errno != EEXIST) return os_error("make directory", path);
    return check_private_directory(path);
}

std::string pending_path_of(const std::string& path) {
    return directory_of(path) + "/." + path.substr(path.rfind('/') + 1) + ".new";
}

PendingFile::PendingFile(std::string path, std::string pending_path)
    : path_(std::move(path)), pending_path_(std::move(pending_path)) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)), pending_path_(std::exchange(other.pending_path_, {})) {}

PendingFile::~PendingFile() {
    if (!pending_path_.empty()) ::unlink(pending_path_.c_str());
}

Result<PendingFile> PendingFile::write(const std::string& path, ByteView content) {
    const std::string pending = pending_path_of(path);
    if (::unlink(pending.c_str()) != 0 && errno != ENOENT) return os_error("remove", pending);
    const Descriptor fd(::open(pending.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.open()) return os_error("create", pending);
    PendingFile file(path, pending);
    const auto written = write_all(fd.get(), content, pending);
    if (!written.ok()) return written.error();
    // A failed sync is never retried: the kernel may have dropped the pages it could not write.
    if (::fsync(fd.get()) != 0) return os_error("sync", pending);
    return file;
}

Result<void> PendingFile::commit() {
    if (::rename(pending_path_.c_str(), path_.c_str()) != 0) return os_error("rename to", path_);
    pending_path_.clear();
    return sync_directory_of(path_);
}

Result<void> PendingFile::commit_new() {
    const int renamed =
        ::renameat2(AT_FDCWD, pending_path_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (renamed != 0) {
        if (errno != EEXIST) return os_error("rename to", path_);
        return Error{Errc::conflict, quoted(path_, kPathQuoteBytesMax) + " exists already"};
    }
    pending_path_.clear();
    return sync_directory_of(path_);
}

Result<void> write_private_file(const std::string& path, ByteView content) {
    PendingFile file = FIELDSEAL_TRY(PendingFile::write(path, content));
    return file.commit();
}

Result<void> remove_private_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return os_error("remove", path);
    }
    return sync_directory_of(path);
}

Result<void> wipe_private_file(const std::string& path) {
    {
        const Descriptor fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
        if (!fd.open()) {
            if (errno == ENOENT) return {};
            return os_error("open", path);
        }
        struct stat facts{};
        if (::fstat(fd.get(), &facts) != 0) return os_error("look at", path);
        const Bytes zeros(static_cast<std::size_t>(facts.st_size));
        FIELDSEAL_TRY(write_all(fd.get(), zeros, path));
        if (::fsync(fd.get()) != 0) return os_error("sync", path);
    }
    return remove_private_file(path);
}

}  // namespace fieldseal::node
