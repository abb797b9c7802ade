// SPDX-License-Identifier: Apache-2.0
// people::Rows in memory, with a journal of what was written, writes that fail on demand, and the
// clocks and costs tests of people/ use.
#pragma once

#include "people/people.h"
#include "people/rows.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::people {

class MemoryRows final : public Rows {
public:
    Result<std::optional<Bytes>> get(std::string_view key) override {
        const std::lock_guard lock(mutex_);
        const auto found = rows_.find(key);
        if (found == rows_.end()) return std::optional<Bytes>{};
        return std::optional<Bytes>{found->second};
    }
    Result<void> put(std::string_view key, ByteView value) override {
        const std::lock_guard lock(mutex_);
        if (before_put) before_put(key);
        if (failing) return Error{Errc::io, "the disk is gone"};
        rows_[std::string(key)] = to_bytes(value);
        journal.push_back("put " + std::string(key));
        return {};
    }
    Result<void> erase(std::string_view key) override {
        const std::lock_guard lock(mutex_);
        if (failing) return Error{Errc::io, "the disk is gone"};
        if (const auto found = rows_.find(key); found != rows_.end()) rows_.erase(found);
        journal.push_back("erase " + std::string(key));
        return {};
    }
    Result<std::vector<Row>> list(std::string_view prefix, std::string_view after,
                                  std::size_t limit) override {
        if (limit < 1 || limit > kRowsListedMax) {
            return Error{Errc::invalid_argument, "a list has 1 to 1000 rows"};
        }
        const std::lock_guard lock(mutex_);
        std::vector<Row> out;
        for (const auto& [key, value] : rows_) {
            if (out.size() == limit) break;
            if (key.starts_with(prefix) && key > after) out.push_back({key, value});
        }
        return out;
    }
    std::size_t count(std::string_view prefix) {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count_if(
            rows_, [&](const auto& row) { return row.first.starts_with(prefix); }));
    }

    std::vector<std::string> journal;
    std::function<void(std::string_view key)> before_put;
    bool failing = false;

private:
    std::mutex mutex_;
    std::map<std::string, Bytes, std::less<>> rows_;
};

inline constexpr std::int64_t kTestNowS = 1'795'000'000;
inline constexpr PasswordCost kCheapCost{.passes = 1, .memory_kib = 64};
inline constexpr std::string_view kTestPassword = "seven brown foxes";

// People over MemoryRows, with clocks that are set by hand.
struct TestPeople {
    explicit TestPeople(Options wanted = {.cost = kCheapCost}) : options(wanted) { restart(); }

    // What a new process sees: the rows, and nothing of the memory.
    void restart() {
        people.reset();
        Digest key{};
        key.fill(7);
        const Clocks clocks{[this] { return wall_s.load(); }, [this] { return steady_s.load(); }};
        people = std::move(People::open(rows, key, clocks, options)).value();
    }
    void advance(std::int64_t seconds) {
        wall_s += seconds;
        steady_s += seconds;
    }
    void add(std::string_view name, Role role) {
        people->add_account({name, role, kTestPassword}).value();
    }
    Result<OpenedSession> log_in(std::string_view name, std::string_view password = kTestPassword,
                                 std::string_view code = {}) {
        return people->log_in({name, password, code});
    }
    People* operator->() { return people.get(); }

    MemoryRows rows;
    std::atomic<std::int64_t> wall_s = kTestNowS;
    std::atomic<std::int64_t> steady_s = 1000;
    Options options;
    std::unique_ptr<People> people;
};

}  // namespace fieldseal::people
