// SPDX-License-Identifier: Apache-2.0
// fieldseal token: what machines log in with. The token itself is shown once and is kept nowhere.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"
#include "node/clock.h"
#include "node/custody/private_file.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::uint32_t kDaysMax = 3650;
constexpr const char* kCreateExamples = R"(Examples:
  fieldseal token create --account amina --label records --scope statement:create --out records.token
  fieldseal token create --account amina --label records --scope statement:create \
      --scope statement:read --expires 365
The scopes are permission words (docs/cli.md), and never more than the account's role allows. The token is
shown once: keep it where only the machine can read it.)";
constexpr const char* kListExamples = R"(Examples:
  fieldseal token list
  fieldseal --json token list | jq -r '.tokens[].id')";
constexpr const char* kRevokeExamples = R"(Examples:
  fieldseal token revoke k3q7x1)";

struct CreateArguments {
    std::string account;
    std::string label;
    std::vector<std::string> scopes;
    std::optional<std::uint32_t> expires_days;
    std::string out;
};

std::string token_path(const std::string& id) {
    return "/api/v1/tokens/" + percent_encode(id);
}

json::Value order_of(const CreateArguments& arguments) {
    auto scopes = json::Value::array();
    for (const std::string& scope : arguments.scopes) scopes.push_back(scope);
    auto order = json::Value::object({{"label", arguments.label}, {"scopes", std::move(scopes)}});
    if (arguments.expires_days) {
        order.set("expires_at", SystemClock().now_s() + *arguments.expires_days * kDay_s);
    }
    return order;
}

// The view without the secret, for --json beside --out.
json::Value without_token(const json::Value& view) {
    auto rest = json::Value::object();
    for (const auto& [name, value] : view.as_object()) {
        if (name != "token") rest.set(name, value);
    }
    return rest;
}

// A token nobody has is one to revoke.
Result<void> keep(const std::string& path, const json::Value& view, DaemonClient& daemon) {
    const std::string line = text_at(view, "token") + "\n";
    auto file = PendingFile::write(path, as_bytes(line));
    auto kept = file.ok() ? file->commit_new() : Result<void>(file.error());
    if (kept.ok()) return {};
    const auto revoked = daemon.remove(token_path(text_at(view, "id")));
    return kept.error().with_context(revoked.ok() ? "no token was made"
                                                  : "the token " + text_at(view, "id") +
                                                        " was made and not kept, revoke it");
}

ExitCode run_create(const CreateArguments& arguments, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto made = daemon->post(
        "/api/v1/people/" + percent_encode(arguments.account) + "/tokens", order_of(arguments));
    if (!made.ok()) return session.fail(made.error());
    auto document = new_document("token");
    if (arguments.out.empty()) {
        session.output().data(printable(text_at(*made, "token")));
        add_members(document, *made);
    } else {
        const auto kept = keep(arguments.out, *made, *daemon);
        if (!kept.ok()) return session.fail_input(kept.error());
        session.output().say("wrote the token " + printable(text_at(*made, "id")) + " to " +
                             printable(arguments.out));
        add_members(document, without_token(*made));
    }
    session.output().hint("Its number is " + printable(text_at(*made, "id")) + "; to end it: " +
                          session.command("token revoke " + text_at(*made, "id")));
    session.output().document(document);
    return ExitCode::ok;
}

std::string day_of(const json::Value& token, std::string_view name) {
    const std::uint64_t time_s = number_at(token, name);
    return time_s == 0 ? "never" : rfc3339(static_cast<std::int64_t>(time_s));
}

std::string joined_scopes(const json::Value& token) {
    std::string words;
    for (const json::Value& scope : items_at(token, "scopes")) {
        if (!words.empty()) words += " ";
        if (scope.is_string()) words += scope.as_string();
    }
    return printable(words);
}

ExitCode run_list(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = daemon->get("/api/v1/tokens");
    if (!list.ok()) return session.fail(list.error());
    const auto& tokens = items_at(*list, "items");
    if (tokens.empty()) {
        session.output().hint("There is no token: " + session.command("token create --help"));
    } else {
        std::vector<std::vector<std::string>> rows = {
            {"ID", "ACCOUNT", "LABEL", "EXPIRES", "SCOPES"}};
        for (const json::Value& token : tokens) {
            rows.push_back({printable(text_at(token, "id")), printable(text_at(token, "account")),
                            printable(text_at(token, "label")), day_of(token, "expires_at"),
                            joined_scopes(token)});
        }
        session.output().table(rows);
    }
    auto document = new_document("token-list");
    document.set("tokens", tokens);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_revoke(const std::string& id, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto done = daemon->remove(token_path(id));
    if (!done.ok()) return session.fail(done.error());
    session.output().say("revoked the token " + printable(id));
    auto document = new_document("token-revoked");
    document.set("id", id);
    session.output().document(document);
    return ExitCode::ok;
}

void add_create(CLI::App& token, Session& session) {
    auto arguments = std::make_shared<CreateArguments>();
    CLI::App* create = token.add_subcommand("create", "Make a token, and show it once");
    create->add_option("--account", arguments->account, "Whose rights it has a part of")
        ->required()
        ->type_name("NAME");
    create->add_option("--label", arguments->label, "Which machine it is for")
        ->required()
        ->type_name("TEXT");
    create->add_option("--scope", arguments->scopes, "A permission word; give several")
        ->required()
        ->type_name("WORD");
    create->add_option("--expires", arguments->expires_days, "Days until it ends")
        ->type_name("DAYS")
        ->check(CLI::Range(std::uint32_t{1}, kDaysMax));
    create->add_option("--out", arguments->out, "Write it to a new file (mode 0600)")
        ->type_name("FILE");
    create->footer(kCreateExamples);
    create->callback([arguments, &session] { session.finish(run_create(*arguments, session)); });
}

}  // namespace

void add_token_verbs(CLI::App& app, Session& session) {
    CLI::App* token = app.add_subcommand("token", "What machines use this node with");
    token->require_subcommand(1);
    token->footer(kListExamples);
    add_create(*token, session);
    CLI::App* list = token->add_subcommand("list", "The tokens, never the secrets");
    list->footer(kListExamples);
    list->callback([&session] { session.finish(run_list(session)); });
    auto id = std::make_shared<std::string>();
    CLI::App* revoke = token->add_subcommand("revoke", "End a token");
    revoke->add_option("ID", *id, "Its number, as the list has it")->required()->type_name("");
    revoke->footer(kRevokeExamples);
    revoke->callback([id, &session] { session.finish(run_revoke(*id, session)); });
}

}  // namespace fieldseal::node::cli
