// SPDX-License-Identifier: Apache-2.0
// What the world outside the nodes knows across their crashes: which orders were sent, which were
// acknowledged, which checkpoints were cosigned. An append-only text file that no node opens.
//
// A line is one write(2), made at the moment the fact became true, so SIGKILL can lose no line and
// tear only the last one, which is cut off at the next open. OWNED BY: the crash driver.
// THREADS: writers any; the facts are those of open() and do not move. Errors: io, corrupt.
#pragma once

#include "core/hash.h"
#include "core/merkle/tree.h"
#include "core/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

class Ledger {
public:
    struct Acknowledged {
        Digest entry{};
        std::uint64_t index = 0;
        bool operator==(const Acknowledged&) const = default;
    };
    // An order by its document; every document is its own text.
    struct Order {
        std::string key;  // idempotency key; empty = none
        std::optional<Acknowledged> acknowledged;
        std::uint64_t run = 0;
    };
    struct Asked {
        std::uint64_t old_size = 0;
        std::uint64_t size = 0;
    };
    struct Facts {
        std::uint64_t runs = 0;
        std::map<std::string, Order, std::less<>> orders;
        std::vector<merkle::TreeHead> cosigned;
        std::optional<Asked> last_asked;
    };

    // Reads what earlier runs wrote and begins a new run.
    static Result<Ledger> open(const std::string& path);
    Ledger(Ledger&& other) noexcept;
    Ledger& operator=(Ledger&&) = delete;
    ~Ledger();

    const Facts& facts() const { return facts_; }

    // Before the order is sent; after it was acknowledged.
    void order(std::string_view document, std::string_view key);
    void acknowledged(std::string_view document, const Acknowledged& receipt);
    // Before a checkpoint is sent to the hub; after its cosignature verified.
    void asked(const Asked& request);
    void cosigned(const merkle::TreeHead& head);

private:
    Ledger(int descriptor, Facts facts) : descriptor_(descriptor), facts_(std::move(facts)) {}
    void write(const std::string& line) const;

    int descriptor_;
    Facts facts_;
};

}  // namespace fieldseal::testing
