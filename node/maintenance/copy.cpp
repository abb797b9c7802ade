// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/copy.h"

#include "core/bytes.h"
#include "store/file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace fieldseal::node {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = 1024 * 1024;
constexpr int kDepthMax = 8;  // a data directory has two levels

Result<std::uint64_t> copy_one_file(const fs::path& from, const fs::path& to) {
    const auto source = FIELDSEAL_TRY(store::File::open(from, O_RDONLY | O_NOFOLLOW));
    auto target = FIELDSEAL_TRY(store::File::open(to, O_WRONLY | O_CREAT | O_EXCL));
    std::vector<std::uint8_t> buffer(kCopyBytes);
    std::uint64_t offset = 0;
    for (;;) {
        const ssize_t got =
            ::pread(source.descriptor(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return store::system_error(errno, "read", from);
        if (got == 0) break;
        const auto count = static_cast<std::size_t>(got);
        FIELDSEAL_TRY(target.write_at(offset, ByteView(buffer).first(count)));
        offset += count;
    }
    FIELDSEAL_TRY(target.sync());
    return offset;
}

class TreeCopy {
public:
    TreeCopy(const fs::path& from, const fs::path& to,
             const std::function<bool(const fs::path&)>& wanted)
        : from_(from), to_(to), wanted_(wanted) {}

    Result<void> copy_directory(const fs::path& relative, int depth);
    CopyTotals totals;

private:
    Result<void> copy_entry(const fs::directory_entry& entry, const fs::path& relative, int depth);

    const fs::path& from_;
    const fs::path& to_;
    const std::function<bool(const fs::path&)>& wanted_;
};

Result<void> TreeCopy::copy_directory(const fs::path& relative, int depth) {
    if (depth > kDepthMax) {
        return Error{Errc::invalid_argument,
                     "too many directories inside one another below " + store::shown(from_)};
    }
    std::error_code error;
    for (fs::directory_iterator it(from_ / relative, error), end; !error && it != end;
         it.increment(error)) {
        const fs::path name = relative / it->path().filename();
        if (wanted_(name)) FIELDSEAL_TRY(copy_entry(*it, name, depth));
    }
    if (error) return store::system_error(error.value(), "read", from_ / relative);
    return store::sync_directory(to_ / relative);
}

Result<void> TreeCopy::copy_entry(const fs::directory_entry& entry, const fs::path& relative,
                                  int depth) {
    std::error_code error;
    const fs::file_status status = entry.symlink_status(error);
    if (fs::is_directory(status)) {
        if (::mkdir((to_ / relative).c_str(), 0700) != 0)
            return store::system_error(errno, "make", to_ / relative);
        return copy_directory(relative, depth + 1);
    }
    if (!fs::is_regular_file(status)) {
        return Error{Errc::invalid_argument,
                     store::shown(entry.path()) +
                         " is neither a file nor a directory: this is no backup of a node"};
    }
    totals.bytes += FIELDSEAL_TRY(copy_one_file(entry.path(), to_ / relative));
    ++totals.files;
    return {};
}

}  // namespace

Result<CopyTotals> copy_tree(const fs::path& from, const fs::path& to,
                             const std::function<bool(const fs::path&)>& wanted) {
    TreeCopy copy(from, to, wanted);
    FIELDSEAL_TRY(copy.copy_directory("", 0));
    return copy.totals;
}

}  // namespace fieldseal::node
