// SPDX-License-Identifier: Apache-2.0
#include "node/cli/documents.h"

#include "core/encoding.h"
#include "node/cli/progress.h"
#include "node/cli/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr std::uint32_t kStatementsOfOneMax = 1000;
constexpr std::size_t kIdPrefixMin = 8;  // hexadecimal digits
constexpr std::uint32_t kPrefixPage = 500;
// Among so many of the newest a part of an id is looked for.
constexpr std::size_t kPrefixStatementsMax = 20'000;

std::string lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

Result<Found> find_by_id(const std::string& id, DaemonClient& daemon) {
    json::Value value = FIELDSEAL_TRY(daemon.get("/api/v1/statements/" + id));
    StatementView view = read_statement(value);
    return Found{{{std::move(view), std::move(value)}}, ""};
}

Result<Found> find_by_document(const std::string& path, const Digest& document,
                               DaemonClient& daemon, const Session& session) {
    const std::string digest = hex_encode(document);
    const json::Value list =
        FIELDSEAL_TRY(daemon.statements({kStatementsOfOneMax, std::nullopt, digest}));
    Found found{{}, path};
    const json::Value* items = list.find("statements");
    if (items != nullptr && items->is_array()) {
        for (const json::Value& item : items->as_array())
            found.statements.push_back({read_statement(item), item});
    }
    // A status snapshot's payload is no document of anybody's.
    std::erase_if(found.statements, [](const auto& each) { return each.view.kind != "statement"; });
    std::sort(found.statements.begin(), found.statements.end(),
              [](const auto& a, const auto& b) { return a.view.index > b.view.index; });
    if (!found.statements.empty()) return found;
    return Error{Errc::not_found,
                 fmt::format("{}: this node has sealed no document with this content (SHA-256 {}). "
                             "Seal it with `{}`",
                             printable(path), digest, session.command("seal FILE"))};
}

bool is_hex(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

// Part of an id, as `list` shows it: hexadecimal, and no file of that name is there.
bool is_part_of_an_id(const std::string& text) {
    return is_hex(text) && text.size() < 2 * kDigestBytes && ::access(text.c_str(), F_OK) != 0;
}

Error which_id(const std::string& prefix, std::string_view why) {
    return {Errc::invalid_argument,
            printable(prefix) + " " + std::string(why) + ": give all 64 digits of the id, or more"};
}

Result<Found> find_by_prefix(const std::string& prefix, DaemonClient& daemon) {
    if (prefix.size() < kIdPrefixMin)
        return which_id(prefix, "is no file, and too short for an id (at least 8 digits)");
    Found found;
    std::size_t looked_at = 0;
    ListQuery query{kPrefixPage, std::nullopt, ""};
    while (looked_at < kPrefixStatementsMax) {
        const json::Value list = FIELDSEAL_TRY(daemon.statements(query));
        const auto& items = items_at(list, "statements");
        for (const json::Value& item : items) {
            if (!text_at(item, "id").starts_with(prefix)) continue;
            if (!found.statements.empty()) return which_id(prefix, "begins several ids");
            found.statements.push_back({read_statement(item), item});
        }
        looked_at += items.size();
        const json::Value* next = list.find("next_before");
        const bool has_older = next != nullptr && next->is_integer() && !items.empty();
        if (!has_older) break;
        query.before = static_cast<std::uint64_t>(next->as_integer());
    }
    if (!found.statements.empty()) return found;
    return Error{Errc::not_found, printable(prefix) + " is no file, and no id among the newest " +
                                      std::to_string(looked_at) + " statements begins so"};
}

}  // namespace

bool is_statement_id(std::string_view text) {
    return text.size() == 2 * kDigestBytes && is_hex(text);
}

Result<DocumentFacts> read_document_shown(const std::string& path, Output& output) {
    std::optional<ProgressMeter> meter;
    return read_document(path, [&](std::uint64_t done, std::uint64_t total) {
        if (!meter)
            meter.emplace(output.progress_terminal(), output.terminal_columns(), path, total);
        meter->update(done);
    });
}

Failure unreadable(const Error& error) {
    return {ExitCode::unreadable, error, ""};
}

FoundOrFailure find_statements(const std::string& argument, DaemonClient& daemon,
                               Session& session) {
    if (is_statement_id(argument)) {
        auto found = find_by_id(lower_case(argument), daemon);
        if (found.ok()) return {std::move(*found), std::nullopt};
        return {{}, session.failure(found.error())};
    }
    if (is_part_of_an_id(argument)) {
        auto found = find_by_prefix(lower_case(argument), daemon);
        if (found.ok()) return {std::move(*found), std::nullopt};
        return {{}, session.failure(found.error())};
    }
    const auto document = read_document_shown(argument, session.output());
    if (!document.ok()) return {{}, unreadable(document.error())};
    auto found = find_by_document(argument, document->digests.sha256, daemon, session);
    if (found.ok()) return {std::move(*found), std::nullopt};
    return {{}, session.failure(found.error())};
}

}  // namespace fieldseal::node::cli
