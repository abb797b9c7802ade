// SPDX-License-Identifier: Apache-2.0
// fieldseal help [VERB… | exit-codes].
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr std::string_view kExitCodes = "exit-codes";
constexpr const char* kExamples = R"(Examples:
  fieldseal help
  fieldseal help seal
  fieldseal help exit-codes)";

CLI::App* subcommand(CLI::App& app, const std::string& name) {
    for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (verb->get_name() == name) return verb;
    }
    return nullptr;
}

ExitCode show_exit_codes(Session& session) {
    std::vector<std::vector<std::string>> rows;
    auto codes = json::Value::array();
    for (const auto& [code, meaning] : exit_code_meanings()) {
        rows.push_back({std::to_string(static_cast<int>(code)), std::string(meaning)});
        codes.push_back(
            json::Value::object({{"code", static_cast<int>(code)}, {"meaning", meaning}}));
    }
    session.output().table(rows);
    auto document = new_document("exit-codes");
    document.set("exit_codes", std::move(codes));
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_help(const std::vector<std::string>& words, CLI::App& app, Session& session) {
    if (words.size() == 1 && words[0] == kExitCodes) return show_exit_codes(session);
    CLI::App* verb = &app;
    std::string name = app.get_name();
    for (const std::string& word : words) {
        CLI::App* next = subcommand(*verb, word);
        if (next == nullptr) {
            return session.output().fail(
                {ExitCode::usage,
                 Error{Errc::invalid_argument, "there is no verb " + fieldseal::quoted(word)},
                 "See: fieldseal help"});
        }
        verb = next;
        name += " " + word;
    }
    // Not verb->help(): that hands over to the subcommand that was parsed, here always `help`
    // itself.
    session.output().raw(verb->get_formatter()->make_help(verb, name, CLI::AppFormatMode::Normal));
    return ExitCode::ok;
}

}  // namespace

void add_help_verb(CLI::App& app, Session& session) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* verb = app.add_subcommand("help", "Explain a verb, or the exit codes");
    verb->add_option("WORDS", *words, "A verb, or exit-codes")->type_name("VERB");
    verb->footer(kExamples);
    verb->callback([words, &app, &session] { session.finish(run_help(*words, app, session)); });
}

}  // namespace fieldseal::node::cli
