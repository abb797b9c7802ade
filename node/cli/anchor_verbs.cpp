// SPDX-License-Identifier: Apache-2.0
// fieldseal sync and hub: the outside.
#include "core/encoding.h"
#include "node/cli/anchoring.h"
#include "node/cli/key_text.h"
#include "node/cli/readable.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kSyncExamples = R"(Examples:
  fieldseal sync                 make a checkpoint of what is new, ask every target now
  fieldseal sync --timeout 600   and wait up to ten minutes, also for a link that is down

Exit codes: 0 every target has anchored it, 4 not yet, 6 another history was proven.)";
constexpr const char* kEnrollExamples = R"(Examples:
  fieldseal hub enroll office-7.vkey
  fieldseal hub enroll 'example.org/office-7/1+5d6b1f2a+AT…'
On the office's node, `fieldseal node info --vkey` prints the key.)";

constexpr const char* kHubListExamples = R"(Examples:
  fieldseal hub list
  fieldseal --json hub list | jq -r '.logs[] | select(.size == null) | .origin'    never heard of
To take a log out, delete its line in `hub-logs.txt` of the data directory and restart the daemon.)";
constexpr const char* kHubExamples = R"(Examples:
  fieldseal hub enroll office-7.vkey
  fieldseal hub list)";

struct SyncArguments {
    std::optional<std::uint32_t> timeout_s;
};

ExitCode run_sync(const SyncArguments& arguments, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    AnchorWait wait;
    if (arguments.timeout_s) {
        wait.timeout = std::chrono::seconds(*arguments.timeout_s);
        wait.through_offline = true;
    }
    const auto outcome = anchor_now(*daemon, wait);
    if (!outcome.ok()) return session.fail(outcome.error());
    show_targets(*outcome, session);
    const bool all = outcome->all_anchored();
    auto document = new_document("sync");
    document.set("checkpoint", json::Value::object({{"size", outcome->checkpoint_size}}));
    document.set("all_anchored", all);
    const json::Value* targets = outcome->status_value.find("targets");
    document.set("targets", targets != nullptr ? *targets : json::Value::array());
    session.output().document(document);
    if (all) return ExitCode::ok;
    return show_unanchored(*outcome, session);
}

ExitCode run_enroll(const std::string& given, Session& session) {
    const auto key = require_key(given, note::KeyType::ed25519, "hub enroll");
    if (!key.ok()) return session.fail_input(key.error());
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->post("/api/v1/hub/logs", json::Value::object({{"vkey", *key}}));
    if (!view.ok()) return session.fail(view.error());
    session.output().say("enrolled " + printable(note::parse_vkey(*key)->name));
    auto document = new_document("hub-enroll");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_hub_list(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    if (daemon->is_remote()) return session.fail(not_with_node());
    const auto view = daemon->get("/api/v1/hub/logs");
    if (!view.ok()) return session.fail(view.error());
    const json::Array& logs = items_at(*view, "logs");
    std::vector<std::vector<std::string>> rows = {{"ORIGIN", "ENTRIES", "LAST COSIGNED"}};
    for (const json::Value& log : logs) {
        const bool heard_of = log.find("cosigned_at_s") != nullptr;
        rows.push_back({printable(text_at(log, "origin")),
                        heard_of ? std::to_string(number_at(log, "size")) : "-",
                        heard_of
                            ? rfc3339(static_cast<std::int64_t>(number_at(log, "cosigned_at_s")))
                            : "never"});
    }
    if (logs.empty()) {
        session.output().hint("No log is enrolled yet: " + session.command("hub enroll KEY|FILE"));
    } else {
        session.output().table(rows);
    }
    auto document = new_document("hub-list");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_sync(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<SyncArguments>();
    CLI::App* verb = app.add_subcommand("sync", "Anchor now, and say how each target stands");
    verb->add_option("--timeout", arguments->timeout_s,
                     "Wait this long, also while a target is not reachable")
        ->type_name("SECONDS")
        ->check(CLI::Range(std::uint32_t{1}, static_cast<std::uint32_t>(kAnchorWaitMax.count())));
    verb->footer(kSyncExamples);
    verb->callback([arguments, &session] { session.finish(run_sync(*arguments, session)); });
}

void add_hub(CLI::App& app, Session& session) {
    CLI::App* hub = app.add_subcommand("hub", "The hub role: witnessing the logs of other nodes");
    hub->require_subcommand(1);
    hub->footer(kHubExamples);
    auto key = std::make_shared<std::string>();
    CLI::App* enroll = hub->add_subcommand("enroll", "Witness this log from now on");
    enroll->add_option("KEY", *key, "The log's verifier key, or a file with it")
        ->required()
        ->type_name("KEY|FILE");
    enroll->footer(kEnrollExamples);
    enroll->callback([key, &session] { session.finish(run_enroll(*key, session)); });
    CLI::App* list = hub->add_subcommand("list", "The logs it witnesses, and how far it got");
    list->footer(kHubListExamples);
    list->callback([&session] { session.finish(run_hub_list(session)); });
}

}  // namespace

void add_anchor_verbs(CLI::App& app, Session& session) {
    add_sync(app, session);
    add_hub(app, session);
}

}  // namespace fieldseal::node::cli
