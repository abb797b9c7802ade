// SPDX-License-Identifier: Apache-2.0
// fieldseal evidence FILE|ID…: writes FILE.seal, or brings an older one up to date.
#include "node/cli/documents.h"
#include "node/cli/evidence_file.h"
#include "node/cli/readable.h"
#include "node/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  fieldseal evidence contract.pdf              write contract.pdf.seal, or bring it up to date
  fieldseal evidence *.pdf                     one file beside each document
  fieldseal evidence --all contract.pdf        one file for each time it was sealed
  fieldseal evidence contract.pdf -o -         to standard output

Check it: fieldseal-verify contract.pdf contract.pdf.seal --trust trust.json)";

struct EvidenceArguments {
    std::vector<std::string> names;
    std::string output;
    bool all = false;
};

class EvidenceRun {
public:
    EvidenceRun(const EvidenceArguments& arguments, DaemonClient& daemon, Session& session)
        : arguments_(arguments), daemon_(daemon), session_(session) {}

    ExitCode run();

private:
    void export_argument(const std::string& argument);
    void export_statement(const StatementView& statement, const std::string& path);
    const FoundStatement* kept_in_file(const Found& found) const;
    std::string path_for(const Found& found, const StatementView& statement) const;
    void fail(const std::string& name, const Failure& failure);

    const EvidenceArguments& arguments_;
    DaemonClient& daemon_;
    Session& session_;
    json::Value written_ = json::Value::array();
    json::Value failed_ = json::Value::array();
    std::vector<ExitCode> codes_;
};

ExitCode EvidenceRun::run() {
    for (const std::string& name : arguments_.names) {
        export_argument(name);
        if (stops_the_rest(codes_.back())) break;
    }
    auto document = new_document("evidence-export");
    document.set("written", std::move(written_));
    document.set("failed", std::move(failed_));
    // With -o - standard output is the evidence itself, a JSON document as well.
    if (arguments_.output != "-") session_.output().document(document);
    return combine(codes_);
}

void EvidenceRun::export_argument(const std::string& argument) {
    const auto result = find_statements(argument, daemon_, session_);
    if (result.failure) return fail(argument, *result.failure);
    const auto& statements = result.found.statements;
    const std::size_t count = arguments_.all ? statements.size() : 1;
    const FoundStatement* const kept = arguments_.all ? nullptr : kept_in_file(result.found);
    if (statements.size() > count && kept == nullptr) {
        session_.output().hint(printable(argument) + " was sealed " +
                               counted(statements.size(), "time", "times") +
                               "; this is the newest statement, --all writes all");
    }
    if (kept != nullptr) {
        session_.output().hint(printable(path_for(result.found, kept->view)) +
                               " holds the older statement " + kept->view.id +
                               ", which is brought up to date; the newest: " +
                               session_.command("evidence " + statements.front().view.id));
        return export_statement(kept->view, path_for(result.found, kept->view));
    }
    for (std::size_t i = 0; i < count; ++i) {
        export_statement(statements[i].view, path_for(result.found, statements[i].view));
    }
}

// What the evidence file is of already, when that is not the newest statement.
const FoundStatement* EvidenceRun::kept_in_file(const Found& found) const {
    const auto id = evidence_id(path_for(found, found.statements.front().view));
    if (!id || *id == found.statements.front().view.id) return nullptr;
    const auto at = std::find_if(found.statements.begin(), found.statements.end(),
                                 [&](const FoundStatement& each) { return each.view.id == *id; });
    return at == found.statements.end() ? nullptr : &*at;
}

std::string EvidenceRun::path_for(const Found& found, const StatementView& statement) const {
    if (!arguments_.output.empty()) return arguments_.output;
    if (found.document_path.empty()) return evidence_path("", statement.id);
    const bool several = arguments_.all && found.statements.size() > 1;
    return several ? evidence_path(found.document_path, statement.id)
                   : evidence_path(found.document_path);
}

void EvidenceRun::export_statement(const StatementView& statement, const std::string& path) {
    const auto text = daemon_.get_text("/api/v1/statements/" + statement.id + "/evidence");
    if (!text.ok()) return fail(statement.id, session_.failure(text.error()));
    if (path == "-") {
        session_.output().raw(*text);
        codes_.push_back(ExitCode::ok);
        return;
    }
    const auto written = write_evidence_file(path, *text);
    if (!written.ok()) return fail(path, session_.failure(written.error()));
    const std::string_view how = *written == EvidenceWritten::created     ? "wrote "
                                 : *written == EvidenceWritten::refreshed ? "brought up to date "
                                                                          : "already up to date ";
    // Asked again: exporting can have made the checkpoint that covers it.
    const auto now = daemon_.get("/api/v1/statements/" + statement.id);
    const StatementView shown = now.ok() ? read_statement(*now) : statement;
    session_.output().say(std::string(how) + printable(path) + ": " + plain_words(shown));
    written_.push_back(
        json::Value::object({{"id", statement.id}, {"file", path}, {"state", shown.state}}));
    codes_.push_back(ExitCode::ok);
}

void EvidenceRun::fail(const std::string& name, const Failure& failure) {
    session_.output().complain(failure);
    failed_.push_back(json::Value::object({{"name", name}, {"error", to_value(failure)}}));
    codes_.push_back(failure.exit);
}

ExitCode run_evidence(const EvidenceArguments& arguments, Session& session) {
    if (!arguments.output.empty() && (arguments.names.size() > 1 || arguments.all)) {
        return session.output().fail(
            {ExitCode::usage,
             Error{Errc::invalid_argument, "-o takes the evidence of one statement"}, ""});
    }
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    return EvidenceRun(arguments, *daemon, session).run();
}

}  // namespace

void add_evidence_verb(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<EvidenceArguments>();
    CLI::App* verb =
        app.add_subcommand("evidence", "Write the evidence of sealed documents, or refresh it");
    verb->add_option("NAME", arguments->names,
                     "Documents, found by their content, or statement ids")
        ->required()
        ->type_name("FILE|ID");
    verb->add_option("-o,--output", arguments->output, "Instead of FILE.seal; - is standard output")
        ->type_name("FILE");
    verb->add_flag("--all", arguments->all,
                   "Every statement about the document, as FILE.<id>.seal");
    verb->footer(kExamples);
    verb->callback([arguments, &session] { session.finish(run_evidence(*arguments, session)); });
}

}  // namespace fieldseal::node::cli
