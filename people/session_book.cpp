// SPDX-License-Identifier: Apache-2.0
#include "people/session_book.h"

#include "core/hash.h"
#include "people/random_text.h"

#include <sodium.h>

#include <algorithm>

namespace fieldseal::people {
namespace {

// A look-up by the hash tells nothing by its time: nobody can choose the hash of a cookie.
Digest hash_of(std::string_view cookie) {
    return sha256(as_bytes(cookie));
}

bool equal_words(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool SessionBook::ended(const Session& session, std::int64_t now_s) const {
    return now_s - session.used_s >= limits_.idle_s || now_s - session.started_s >= limits_.max_s;
}

void SessionBook::make_room(std::string_view account, std::int64_t now_s) {
    std::erase_if(sessions_, [&](const auto& entry) { return ended(entry.second, now_s); });
    std::size_t own = 0;
    auto oldest = sessions_.end();
    for (auto entry = sessions_.begin(); entry != sessions_.end(); ++entry) {
        if (entry->second.account != account) continue;
        ++own;
        if (oldest == sessions_.end() || entry->second.used_s < oldest->second.used_s) {
            oldest = entry;
        }
    }
    if (own >= kSessionsPerAccountMax) sessions_.erase(oldest);
}

SessionBook::Opened SessionBook::open(std::string_view account, std::int64_t now_s) {
    Opened opened{random_text(), {std::string(account), random_text(), now_s, now_s, now_s}};
    const std::lock_guard lock(mutex_);
    make_room(account, now_s);
    sessions_.emplace(hash_of(opened.cookie), opened.session);
    return opened;
}

std::optional<Session> SessionBook::watch(std::string_view cookie, std::int64_t now_s) {
    if (!is_random_text(cookie)) return std::nullopt;
    const Digest hash = hash_of(cookie);
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(hash);
    if (found == sessions_.end() || ended(found->second, now_s)) return std::nullopt;
    return found->second;
}

std::optional<Session> SessionBook::use(std::string_view cookie, std::int64_t now_s) {
    if (!is_random_text(cookie)) return std::nullopt;
    const Digest hash = hash_of(cookie);
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(hash);
    if (found == sessions_.end()) return std::nullopt;
    if (ended(found->second, now_s)) {
        sessions_.erase(found);
        return std::nullopt;
    }
    found->second.used_s = now_s;
    return found->second;
}

bool SessionBook::confirm(std::string_view cookie, std::int64_t now_s) {
    const Digest hash = hash_of(cookie);
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(hash);
    if (found == sessions_.end() || ended(found->second, now_s)) return false;
    found->second.confirmed_s = now_s;
    return true;
}

std::optional<std::string> SessionBook::close(std::string_view cookie) {
    const Digest hash = hash_of(cookie);
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(hash);
    if (found == sessions_.end()) return std::nullopt;
    std::string account = std::move(found->second.account);
    sessions_.erase(found);
    return account;
}

void SessionBook::close_all(std::string_view account, std::string_view but_csrf) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](const auto& entry) {
        return entry.second.account == account && !equal_words(entry.second.csrf, but_csrf);
    });
}

std::size_t SessionBook::size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
}

}  // namespace fieldseal::people
