// SPDX-License-Identifier: Apache-2.0
#include "node/cli/evidence_file.h"

#include "core/encoding.h"
#include "core/evidence.h"
#include "core/hash.h"
#include "node/cli/document_file.h"
#include "node/cli/readable.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr std::size_t kIdInFileName = 16;

Error write_error(const std::string& path, int number) {
    const std::string what =
        printable(path) + ": cannot be written: " + std::generic_category().message(number);
    switch (number) {
        case ENOSPC:
        case EDQUOT:
            return {Errc::storage_full, what};
        case EACCES:
        case EPERM:
        case EROFS:
            return {Errc::denied, what};
        default:
            return {Errc::io, what};
    }
}

int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(descriptor, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return 0;
}

int sync_directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    // EINVAL: a file system that has no such thing.
    const int failed = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
    ::close(descriptor);
    return failed;
}

// 0, or the errno; `pending` is complete and synced.
int write_pending(int descriptor, std::string_view text) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    int failed = ::fchmod(descriptor, 0666 & ~mask) == 0 ? 0 : errno;
    if (failed == 0) failed = write_all(descriptor, text);
    if (failed == 0 && ::fsync(descriptor) != 0) failed = errno;
    if (::close(descriptor) != 0 && failed == 0) failed = errno;
    return failed;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view text) {
    std::string pending = path + ".XXXXXX";
    const int descriptor = ::mkostemp(pending.data(), O_CLOEXEC);
    if (descriptor < 0) return write_error(path, errno);
    int failed = write_pending(descriptor, text);
    if (failed == 0 && ::rename(pending.c_str(), path.c_str()) != 0) failed = errno;
    if (failed != 0) {
        ::unlink(pending.c_str());
        return write_error(path, failed);
    }
    failed = sync_directory_of(path);
    if (failed != 0) return write_error(path, failed);
    return {};
}

std::string evidence_path(const std::string& document) {
    return document + std::string(kEvidenceSuffix);
}

std::string evidence_path(const std::string& document, const std::string& id) {
    const std::string name = id.substr(0, kIdInFileName) + std::string(kEvidenceSuffix);
    return document.empty() ? name : document + "." + name;
}

std::optional<std::string> evidence_id(const std::string& path) {
    const auto text = read_small_file(path, kEvidenceBytesMax);
    const auto evidence = text.ok() ? parse_evidence(*text) : Result<Evidence>(text.error());
    if (!evidence.ok()) return std::nullopt;
    return hex_encode(sha256(evidence->statement));
}

Result<EvidenceWritten> write_evidence_file(const std::string& path, std::string_view text) {
    const auto evidence = parse_evidence(text);
    if (!evidence.ok()) {
        return Error{Errc::corrupt,
                     "the daemon's evidence does not parse: " + evidence.error().message};
    }
    const auto former_text = read_small_file(path, kEvidenceBytesMax);
    if (!former_text.ok() && former_text.error().code == Errc::not_found) {
        FIELDSEAL_TRY(replace_file(path, text));
        return EvidenceWritten::created;
    }
    const auto former =
        former_text.ok() ? parse_evidence(*former_text) : Result<Evidence>(former_text.error());
    if (!former.ok()) {
        return Error{Errc::conflict,
                     printable(path) +
                         " exists and is not an evidence file, so it stays as it is; "
                         "choose another name with -o"};
    }
    if (former->statement != evidence->statement) {
        return Error{Errc::conflict,
                     printable(path) +
                         " holds the evidence of another statement, so it stays as it "
                         "is; choose another name with -o, or --all"};
    }
    if (*former_text == text) return EvidenceWritten::unchanged;
    FIELDSEAL_TRY(replace_file(path, text));
    return EvidenceWritten::refreshed;
}

}  // namespace fieldseal::node::cli
