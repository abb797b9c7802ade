// SPDX-License-Identifier: Apache-2.0
// fieldseal audit: who did what on this node, newest first.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr std::uint32_t kLimitDefault = 50;
constexpr std::uint32_t kLimitMax = 500;
constexpr const char* kExamples = R"(Examples:
  fieldseal audit
  fieldseal audit --limit 500 | grep unlock
  fieldseal --json audit | jq '.entries[] | select(.outcome != "ok")'
Seals are not in it: `fieldseal show` says who ordered one. `fieldseal check` tells whether it was changed.)";

ExitCode run_audit(std::uint32_t limit, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = daemon->get("/api/v1/audit?limit=" + std::to_string(limit));
    if (!list.ok()) return session.fail(list.error());
    const auto& entries = items_at(*list, "items");
    std::vector<std::vector<std::string>> rows = {
        {"NUMBER", "AT", "ACTOR", "ACTION", "OUTCOME", "SUBJECT", "FROM"}};
    for (const json::Value& entry : entries) {
        rows.push_back({std::to_string(number_at(entry, "seq")),
                        rfc3339(static_cast<std::int64_t>(number_at(entry, "at"))),
                        printable(text_at(entry, "actor")), printable(text_at(entry, "action")),
                        printable(text_at(entry, "outcome")), printable(text_at(entry, "subject")),
                        printable(text_at(entry, "remote"))});
    }
    session.output().table(rows);
    auto document = new_document("audit");
    document.set("entries", entries);
    session.output().document(document);
    return ExitCode::ok;
}

}  // namespace

void add_audit_verb(CLI::App& app, Session& session) {
    auto limit = std::make_shared<std::uint32_t>(kLimitDefault);
    CLI::App* audit = app.add_subcommand("audit", "Who did what on this node, newest first");
    audit->add_option("--limit", *limit, "At most this many")
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{1}, kLimitMax));
    audit->footer(kExamples);
    audit->callback([limit, &session] { session.finish(run_audit(*limit, session)); });
}

}  // namespace fieldseal::node::cli
