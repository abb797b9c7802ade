// SPDX-License-Identifier: Apache-2.0
// fieldseal list and show: what the node has sealed.
#include "core/encoding.h"
#include "node/cli/documents.h"
#include "node/cli/readable.h"
#include "node/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kListExamples = R"(Examples:
  fieldseal list
  fieldseal list --limit 20 --before 1700     an older page
  fieldseal --json list | jq -r '.statements[].id')";
constexpr const char* kShowExamples = R"(Examples:
  fieldseal show contract.pdf                 by the document's content, wherever it is
  fieldseal show 3f2a9c…                      by the statement's id, or its first 8 digits or more)";

constexpr std::uint32_t kListDefault = 20;
constexpr std::uint32_t kListMax = 1000;
constexpr std::size_t kShortId = 16;

struct ListArguments {
    std::uint32_t limit = kListDefault;
    std::optional<std::uint64_t> before;
};

void show_list(const std::vector<StatementView>& statements, const ListArguments& arguments,
               Session& session) {
    if (statements.empty() && arguments.before) {
        return session.output().hint("Nothing is sealed below log index " +
                                     std::to_string(*arguments.before));
    }
    if (statements.empty())
        return session.output().hint("Nothing is sealed yet: " + session.command("seal FILE"));
    std::vector<std::vector<std::string>> rows = {
        {"INDEX", "ID", "SEALED", "STATE", "TYPE", "DOCUMENT"}};
    for (const StatementView& statement : statements) {
        rows.push_back({std::to_string(statement.index), statement.id.substr(0, kShortId),
                        rfc3339(statement.issued_at), statement.state,
                        printable(statement.media_type), printable(statement.document_name)});
    }
    session.output().table(rows);
}

ExitCode run_list(const ListArguments& arguments, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = daemon->statements({arguments.limit, arguments.before, ""});
    if (!list.ok()) return session.fail(list.error());
    const auto statements = read_statement_list(*list);
    show_list(statements, arguments, session);
    if (const json::Value* next = list->find("next_before");
        next != nullptr && next->is_integer()) {
        session.output().hint("Older ones: " + session.command("list --before " +
                                                               std::to_string(next->as_integer())));
    }
    auto document = new_document("list");
    add_members(document, *list);
    session.output().document(document);
    return ExitCode::ok;
}

void show_statement(const StatementView& statement, Output& output) {
    std::vector<std::vector<std::string>> rows = {{"statement", statement.id},
                                                  {"state", plain_words(statement)},
                                                  {"log index", std::to_string(statement.index)},
                                                  {"sealed at", rfc3339(statement.issued_at)}};
    const auto add = [&rows](const char* name, const std::string& value) {
        if (!value.empty()) rows.push_back({name, printable(value)});
    };
    if (!statement.clock_trust.empty())
        rows.back()[1] += " by a clock that is " + printable(statement.clock_trust);
    if (statement.kind == "status") add("what", "a status snapshot of the seals");
    if (statement.kind == "audit") add("what", "a head of the audit log");
    add("document", statement.document_name);
    if (statement.document_size) add("size", readable_bytes(*statement.document_size));
    add("SHA-256", statement.document_sha256);
    add("media type", statement.media_type);
    add("subject", statement.subject);
    add("seal", statement.seal);
    add("sealed by", statement.actor);
    output.table(rows);
}

ExitCode run_show(const std::string& name, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto result = find_statements(name, *daemon, session);
    if (result.failure) return session.output().fail(*result.failure);
    const auto& statements = result.found.statements;
    auto document = new_document("show");
    auto items = json::Value::array();
    for (const auto& statement : statements) {
        if (&statement != &statements.front()) session.output().data("");
        show_statement(statement.view, session.output());
        items.push_back(statement.value);
    }
    document.set("statements", std::move(items));
    session.output().document(document);
    return ExitCode::ok;
}

}  // namespace

void add_statement_verbs(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<ListArguments>();
    CLI::App* list = app.add_subcommand("list", "What this node has sealed, newest first");
    list->add_option("--limit", arguments->limit, "At most this many")
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{1}, kListMax));
    list->add_option("--before", arguments->before, "Only below this log index")
        ->type_name("INDEX");
    list->footer(kListExamples);
    list->callback([arguments, &session] { session.finish(run_list(*arguments, session)); });

    auto name = std::make_shared<std::string>();
    CLI::App* show =
        app.add_subcommand("show", "All about one statement, or about a document's statements");
    show->add_option("NAME", *name, "A document, found by its content, or a statement id")
        ->required()
        ->type_name("FILE|ID");
    show->footer(kShowExamples);
    show->callback([name, &session] { session.finish(run_show(*name, session)); });
}

}  // namespace fieldseal::node::cli
