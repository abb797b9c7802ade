// SPDX-License-Identifier: Apache-2.0
// The logs a hub cosigns for: a text file, one vkey a line, "#" for comments, made by `hub enroll`.
// A line is an act of trust by the hub's operator; nothing else ever adds one.
// OWNED BY: the daemon. THREADS: any. DURABLE: add() returns after the file is synced.
// Errors: invalid_argument (with the line), conflict (another key for an origin it knows), io.
#pragma once

#include "core/bytes.h"
#include "core/note/vkey.h"
#include "core/result.h"

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kEnrolledLogsMax = 10000;
inline constexpr std::size_t kEnrolmentFileBytesMax = 4 * 1024 * 1024;

// The vkeys of an enrolment file. Pure.
Result<std::vector<note::VerifierKey>> parse_enrolment(std::string_view text);

class Enrolment {
public:
    // A missing file is an empty enrolment.
    static Result<std::unique_ptr<Enrolment>> load(std::string path);

    // The key of an origin, by the origin or by its SHA-256.
    std::vector<note::VerifierKey> keys(const std::string& origin) const;
    // Every key, in the order of the origins.
    std::vector<note::VerifierKey> all() const;
    std::size_t size() const;

    // Appends a line to the file. Adding the same key again changes nothing.
    Result<void> add(const note::VerifierKey& key);

private:
    Enrolment(std::string path, std::map<std::string, note::VerifierKey> logs)
        : path_(std::move(path)), logs_(std::move(logs)) {}

    const std::string path_;
    mutable std::shared_mutex mutex_;
    std::map<std::string, note::VerifierKey> logs_;  // by origin; guarded by mutex_
};

}  // namespace fieldseal::node
