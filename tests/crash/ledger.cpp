// SPDX-License-Identifier: Apache-2.0
// Lines: run · order DOCUMENT KEY|- · ack DOCUMENT ENTRY INDEX · asked OLD SIZE · cosigned SIZE
// ROOT
#include "tests/crash/ledger.h"

#include "core/encoding.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace fieldseal::testing {
namespace {

// The whole lines of the file; a torn last one is cut off the file.
Result<std::string> read_whole_lines(const std::string& path) {
    std::ostringstream text;
    if (std::ifstream file(path, std::ios::binary); file) text << file.rdbuf();
    std::string whole = text.str();
    const auto end = whole.rfind('\n');
    const std::size_t kept = end == std::string::npos ? 0 : end + 1;
    if (kept != whole.size() && ::truncate(path.c_str(), static_cast<off_t>(kept)) != 0) {
        return Error{Errc::io, "cannot cut the torn line off " + path};
    }
    whole.resize(kept);
    return whole;
}

Result<void> read_line(const std::string& line, Ledger::Facts& facts) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    std::string text;
    std::uint64_t number = 0;
    words >> kind;
    if (kind == "run") {
        ++facts.runs;
    } else if (kind == "order" && words >> name >> text) {
        facts.orders.try_emplace(
            name, Ledger::Order{text == "-" ? std::string() : text, std::nullopt, facts.runs});
    } else if (kind == "ack" && words >> name >> text >> number) {
        const Ledger::Acknowledged receipt{FIELDSEAL_TRY(hex_decode_digest(text)), number};
        auto& before = facts.orders[name].acknowledged;
        if (before && *before != receipt)
            return Error{Errc::corrupt, "the order " + name + " was acknowledged as two entries"};
        before = receipt;
    } else if (kind == "asked" && words >> number) {
        facts.last_asked = Ledger::Asked{number, 0};
        words >> facts.last_asked->size;
    } else if (kind == "cosigned" && words >> number >> text) {
        facts.cosigned.push_back(
            {merkle::TreeSize{number}, FIELDSEAL_TRY(hex_decode_digest(text))});
    } else {
        return Error{Errc::corrupt, "the ledger has a line nobody wrote: " + line};
    }
    return {};
}

}  // namespace

Result<Ledger> Ledger::open(const std::string& path) {
    std::istringstream lines(FIELDSEAL_TRY(read_whole_lines(path)));
    Facts facts;
    for (std::string line; std::getline(lines, line);) FIELDSEAL_TRY(read_line(line, facts));
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return Error{Errc::io, "cannot open " + path};
    Ledger ledger(descriptor, std::move(facts));
    ledger.write("run\n");
    return ledger;
}

Ledger::Ledger(Ledger&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), facts_(std::move(other.facts_)) {}

Ledger::~Ledger() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Ledger::order(std::string_view document, std::string_view key) {
    write("order " + std::string(document) + " " + std::string(key.empty() ? "-" : key) + "\n");
}

void Ledger::acknowledged(std::string_view document, const Acknowledged& receipt) {
    write("ack " + std::string(document) + " " + hex_encode(receipt.entry) + " " +
          std::to_string(receipt.index) + "\n");
}

void Ledger::asked(const Asked& request) {
    write("asked " + std::to_string(request.old_size) + " " + std::to_string(request.size) + "\n");
}

void Ledger::cosigned(const merkle::TreeHead& head) {
    write("cosigned " + std::to_string(head.size.value) + " " + hex_encode(head.root) + "\n");
}

// Half a line would be a fact nobody stated: the test is over then.
void Ledger::write(const std::string& line) const {
    if (::write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
    std::fputs("the ledger cannot be written\n", stderr);
    std::_Exit(EXIT_FAILURE);
}

}  // namespace fieldseal::testing
