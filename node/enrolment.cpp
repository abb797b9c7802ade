// SPDX-License-Identifier: Apache-2.0
#include "node/enrolment.h"

#include "core/encoding.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <sstream>
#include <unistd.h>

namespace fieldseal::node {
namespace {

// An editor may have left the last line without its end; then the new line brings it.
bool ends_in_a_line(int fd, off_t size) {
    char last = '\n';
    return size == 0 || (::pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

Result<void> append_synced(const std::string& path, std::string_view line) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) return Error{Errc::io, "cannot open " + path + ": " + std::strerror(errno)};
    const off_t before = ::lseek(fd, 0, SEEK_END);
    std::string text = ends_in_a_line(fd, before) ? "" : "\n";
    text += line;
    const bool written =
        before >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(fd) == 0;
    const int problem = errno;
    // Half a line would keep the hub from starting.
    if (!written && before >= 0 && ::ftruncate(fd, before) != 0) {
        ::close(fd);
        return Error{Errc::io, path + " may end in half a line: " + std::strerror(problem) +
                                   "; take that line out before the next start"};
    }
    ::close(fd);
    if (!written) return Error{Errc::io, "cannot write " + path + ": " + std::strerror(problem)};
    return {};
}

}  // namespace

Result<std::vector<note::VerifierKey>> parse_enrolment(std::string_view text) {
    std::vector<note::VerifierKey> keys;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line[0] == '#') continue;
        auto key = note::parse_vkey(line);
        if (!key.ok()) return key.error().with_context("line " + std::to_string(number));
        if (key->type != note::KeyType::ed25519) {
            return Error{Errc::invalid_argument,
                         "line " + std::to_string(number) +
                             ": a log's vkey is of type 01, this is a witness's"};
        }
        if (keys.size() == kEnrolledLogsMax) {
            return Error{Errc::exhausted, "more than 10000 enrolled logs"};
        }
        keys.push_back(std::move(*key));
    }
    return keys;
}

Result<std::unique_ptr<Enrolment>> Enrolment::load(std::string path) {
    std::map<std::string, note::VerifierKey> logs;
    std::ifstream file(path, std::ios::binary);
    // No file is an empty list; one that cannot be read is not.
    if (file) file.peek();
    if (file.bad() || (!file && ::access(path.c_str(), F_OK) == 0)) {
        return Error{Errc::io,
                     "cannot read " + path + ": it must be a file that the daemon's user may read"};
    }
    if (file) {
        std::ostringstream text;
        text << file.rdbuf();
        if (text.str().size() > kEnrolmentFileBytesMax) {
            return Error{Errc::invalid_argument, path + " is larger than 4 MiB"};
        }
        auto keys = parse_enrolment(text.str());
        if (!keys.ok()) return keys.error().with_context(path);
        for (auto& key : *keys) {
            const std::string origin = key.name;
            if (!logs.emplace(origin, std::move(key)).second) {
                return Error{Errc::conflict,
                             path + " names the origin " + fieldseal::quoted(origin) + " twice"};
            }
        }
    }
    return std::unique_ptr<Enrolment>(new Enrolment(std::move(path), std::move(logs)));
}

std::vector<note::VerifierKey> Enrolment::keys(const std::string& origin) const {
    const std::shared_lock lock(mutex_);
    const auto it = logs_.find(origin);
    if (it == logs_.end()) return {};
    return {it->second};
}

std::vector<note::VerifierKey> Enrolment::all() const {
    const std::shared_lock lock(mutex_);
    std::vector<note::VerifierKey> keys;
    for (const auto& [origin, key] : logs_) keys.push_back(key);
    return keys;
}

std::size_t Enrolment::size() const {
    const std::shared_lock lock(mutex_);
    return logs_.size();
}

Result<void> Enrolment::add(const note::VerifierKey& key) {
    if (key.type != note::KeyType::ed25519) {
        return Error{Errc::invalid_argument,
                     "enrol the log's vkey (`fieldseal node info --vkey`), not a witness's"};
    }
    const std::unique_lock lock(mutex_);
    const auto it = logs_.find(key.name);
    if (it != logs_.end()) {
        if (it->second == key) return {};
        return Error{Errc::conflict,
                     "the origin " + fieldseal::quoted(key.name) +
                         " is enrolled with another key: an origin never changes its key"};
    }
    if (logs_.size() == kEnrolledLogsMax)
        return Error{Errc::exhausted, "10000 logs are enrolled already"};
    FIELDSEAL_TRY(append_synced(path_, note::format_vkey(key) + "\n"));
    logs_.emplace(key.name, key);
    return {};
}

}  // namespace fieldseal::node
