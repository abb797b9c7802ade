// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key: the seals of this node, from the first to the last of their life. Here are
// list and show, and what the verbs of the group share; making is in seal_make_verbs.cpp, states
// and policies are in seal_life_verbs.cpp.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <ctime>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kListExamples = R"(Examples:
  fieldseal seal-key list
  fieldseal --json seal-key list | jq -r '.seals[] | select(.life == "active") | .name')";
constexpr const char* kShowExamples = R"(Examples:
  fieldseal seal-key show permits
  fieldseal --json seal-key show permits | jq .history)";
constexpr std::size_t kKidShown = 16;

std::string state_of(const json::Value& view) {
    const std::string life = text_at(view, "life");
    return life == "active" ? life + ", " + text_at(view, "state") : life;
}

void add_if(std::vector<std::vector<std::string>>& rows, const json::Value& view,
            const char* member, const char* label) {
    if (const std::string text = text_at(view, member); !text.empty())
        rows.push_back({label, printable(text)});
}

std::vector<std::vector<std::string>> history_rows(const json::Value& view) {
    std::vector<std::vector<std::string>> rows;
    for (const json::Value& change : items_at(view, "history")) {
        std::string what = text_at(change, "what");
        if (change.find("index") != nullptr)
            what += " (entry " + std::to_string(number_at(change, "index")) + ")";
        if (const std::string reason = text_at(change, "reason"); !reason.empty())
            what += ": " + reason;
        rows.push_back({"  " + rfc3339(static_cast<std::int64_t>(number_at(change, "at"))),
                        printable(text_at(change, "actor")), printable(what)});
    }
    return rows;
}

void show_seal(const json::Value& view, Output& output) {
    std::vector<std::vector<std::string>> rows = {{"seal", printable(text_at(view, "name"))},
                                                  {"state", printable(state_of(view))}};
    add_if(rows, view, "owner", "owner");
    add_if(rows, view, "algorithm", "suite");
    add_if(rows, view, "custody", "custody");
    add_if(rows, view, "token", "token");
    add_if(rows, view, "kid", "kid");
    add_if(rows, view, "replaces", "replaces");
    add_if(rows, view, "replaced_by", "replaced by");
    if (view.find("invalid_from") != nullptr) {
        rows.push_back({"not believed from",
                        rfc3339(static_cast<std::int64_t>(number_at(view, "invalid_from")))});
    }
    rows.push_back({"policy", printable(policy_words(view))});
    if (const json::Value* use = view.find("use"); use != nullptr) {
        rows.push_back({"use", std::to_string(number_at(*use, "today")) + " today, " +
                                   std::to_string(number_at(*use, "unanchored")) +
                                   " not anchored yet"});
    }
    output.table(rows);
    output.data("history");
    output.table(history_rows(view));
}

ExitCode run_list(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = daemon->get("/api/v1/seals");
    if (!list.ok()) return session.fail(list.error());
    std::vector<std::vector<std::string>> rows = {{"NAME", "STATE", "SUITE", "CUSTODY", "KID"}};
    for (const json::Value& seal : items_at(*list, "items")) {
        rows.push_back({printable(text_at(seal, "name")), printable(state_of(seal)),
                        printable(text_at(seal, "algorithm")), printable(text_at(seal, "custody")),
                        printable(text_at(seal, "kid").substr(0, kKidShown))});
    }
    session.output().table(rows);
    auto document = new_document("seal-list");
    document.set("seals", items_at(*list, "items"));
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_show(const std::string& name, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->get(seal_path(name));
    if (!view.ok()) return session.fail(view.error());
    show_seal(*view, session.output());
    auto document = new_document("seal-key");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_reading_verbs(CLI::App& seal_key, Session& session) {
    CLI::App* list = seal_key.add_subcommand("list", "The seals, and how they stand");
    list->footer(kListExamples);
    list->callback([&session] { session.finish(run_list(session)); });
    auto name = std::make_shared<std::string>();
    CLI::App* show = seal_key.add_subcommand("show", "One seal: key, policy, use and history");
    show->add_option("NAME", *name, "A seal")->required()->type_name("");
    show->footer(kShowExamples);
    show->callback([name, &session] { session.finish(run_show(*name, session)); });
}

}  // namespace

std::string policy_words(const json::Value& view) {
    const json::Value* found = view.find("policy");
    const json::Value policy = found != nullptr ? *found : json::Value::object();
    std::string words;
    const auto add = [&](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
    std::string types;
    for (const json::Value& type : items_at(policy, "media_types")) {
        if (type.is_string()) types += (types.empty() ? "" : ", ") + type.as_string();
    }
    if (!types.empty()) add("only " + types);
    if (const std::string hours = text_at(policy, "hours"); !hours.empty())
        add(hours + " " + text_at(view, "time_zone"));
    if (policy.find("quota_per_day") != nullptr)
        add(std::to_string(number_at(policy, "quota_per_day")) + " a day");
    if (policy.find("lock_after_statements") != nullptr) {
        add("locks after " + std::to_string(number_at(policy, "lock_after_statements")) +
            " without an anchor");
    }
    if (policy.find("lock_after_hours") != nullptr) {
        add("locks " + std::to_string(number_at(policy, "lock_after_hours")) +
            " h after the first without an anchor");
    }
    if (policy.find("idle_lock_s") != nullptr)
        add("locks after " + std::to_string(number_at(policy, "idle_lock_s")) + " s without use");
    return words.empty() ? "none" : words;
}

std::string seal_path(const std::string& seal, std::string_view action) {
    const std::string path = "/api/v1/seals/" + percent_encode(seal);
    return action.empty() ? path : path + "/" + std::string(action);
}

ExitCode report_seal(const Result<json::Value>& view, std::string_view done, Session& session) {
    if (!view.ok()) return session.fail(view.error());
    session.output().say(done);
    auto document = new_document("seal-key");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_passphrase_options(CLI::App& verb, PassphraseSource& source) {
    verb.add_option("--passphrase-file", source.file, "Read the passphrase from a file (mode 0600)")
        ->type_name("FILE");
    verb.add_option("--passphrase-fd", source.descriptor, "Read it from an open descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 20));
}

Result<Passphrase> obtain_new_passphrase(const PassphraseSource& source, const std::string& seal,
                                         Session& session) {
    PassphraseRequest request;
    request.prompt = "Passphrase of the new seal " + printable(seal);
    request.confirm = true;
    request.file = source.file;
    request.descriptor = source.descriptor;
    auto passphrase = FIELDSEAL_TRY(session.secret(request));
    return passphrase;
}

void add_policy_options(CLI::App& verb, PolicyArguments& policy) {
    verb.add_option("--media-type", policy.media_types,
                    "Seal only these: type/subtype or type/*; may be given several times")
        ->type_name("TYPE");
    verb.add_option("--quota", policy.quota_per_day, "Statements in one day of the node's time")
        ->type_name("N");
    verb.add_option("--hours", policy.hours, "Seal only then, in the node's time: 08:00-18:00")
        ->type_name("FROM-UNTIL");
    verb.add_option("--lock-after-statements", policy.lock_after_statements,
                    "Stop while so many of its statements wait for an anchor")
        ->type_name("N");
    verb.add_option("--lock-after-hours", policy.lock_after_hours,
                    "Stop while one of its statements has waited so long for an anchor")
        ->type_name("HOURS");
    verb.add_option("--idle-lock", policy.idle_lock_s, "Lock it after so long without use; 0 never")
        ->type_name("SECONDS");
}

json::Value policy_order(const PolicyArguments& policy) {
    auto order = json::Value::object();
    if (!policy.media_types.empty()) {
        auto types = json::Value::array();
        for (const auto& type : policy.media_types) types.push_back(type);
        order.set("media_types", std::move(types));
    }
    order.set_if("quota_per_day", policy.quota_per_day)
        .set_if("hours", policy.hours)
        .set_if("lock_after_statements", policy.lock_after_statements)
        .set_if("lock_after_hours", policy.lock_after_hours)
        .set_if("idle_lock_s", policy.idle_lock_s);
    return order;
}

Result<std::int64_t> parse_utc(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    for (const char* form : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"}) {
        parts = {};
        const char* end = ::strptime(copy.c_str(), form, &parts);
        if (end == nullptr || *end != '\0') continue;
        const std::int64_t seconds = ::timegm(&parts);
        // strptime takes what our writer does not write, such as the 31st of June.
        const std::string back = rfc3339(seconds);
        if (seconds >= 0 && (back == copy || back == copy + "T00:00:00Z")) return seconds;
    }
    return Error{Errc::invalid_argument,
                 fieldseal::quoted(text) +
                     " is not a date or time in UTC such as 2026-11-30 or 2026-11-30T14:30:00Z"};
}

bool agreed(bool yes, const std::string& seal, std::string_view what, Session& session) {
    if (yes) return true;
    if (session.output().json_wanted || ::isatty(STDIN_FILENO) != 1) return false;
    std::cerr << what << "\nNothing leads back from this. Type the name of the seal to go on: "
              << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == seal;
}

Error not_agreed(std::string_view verb) {
    return {Errc::conflict, "nothing was changed: nothing leads back from `seal-key " +
                                std::string(verb) + "`, so say --yes"};
}

void add_seal_key_verbs(CLI::App& app, Session& session) {
    CLI::App* seal_key = app.add_subcommand("seal-key", "The seals of this node and their life");
    seal_key->require_subcommand(1);
    seal_key->footer(kListExamples);
    add_reading_verbs(*seal_key, session);
    add_seal_make_verbs(*seal_key, session);
    add_seal_life_verbs(*seal_key, session);
    add_seal_key_care_verbs(*seal_key, session);
    add_seal_certificate_verbs(*seal_key, session);
    add_seal_token_verbs(*seal_key, session);
}

}  // namespace fieldseal::node::cli
