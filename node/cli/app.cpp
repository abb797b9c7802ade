// SPDX-License-Identifier: Apache-2.0
#include "node/cli/app.h"

#include "core/encoding.h"
#include "fieldseal_version.h"
#include "node/cli/verbs.h"
#include "node/config/suggest.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <optional>
#include <sstream>

namespace fieldseal::node::cli {
namespace {

constexpr std::string_view kShortHelp =
    R"(fieldseal seals documents without a network and anchors them when there is one.

  fieldseal init ORGANISATION NAME   make a node on this machine
  fieldseal serve                    run it
  fieldseal unlock                   let it seal
  fieldseal seal FILE...             seal documents
  fieldseal evidence FILE            write FILE.seal, what others verify with
  fieldseal sync                     anchor now
  fieldseal status                   how the node is

`fieldseal help` lists every verb, `fieldseal VERB --help` explains one with examples.
)";

constexpr const char* kFooter = R"(Examples:
  fieldseal --data-dir /srv/office init example.org office-7
  fieldseal --json status

Exit codes: fieldseal help exit-codes. The manual: man fieldseal, docs/cli.md.)";

void add_global_options(CLI::App& app, Session& session) {
    app.add_option("--data-dir", session.options.data_dir, "The node's directory")
        ->type_name("DIR");
    app.add_option("--config", session.options.config_file, "Its fieldseal.toml")
        ->type_name("FILE");
    app.add_option("--node", session.options.node.url,
                   "A node on another machine, over the network")
        ->type_name("URL");
    app.add_option("--token-file", session.options.node.token_file,
                   "With --node: your API token, in a file of mode 0600")
        ->type_name("FILE");
    app.add_option("--ca-file", session.options.node.ca_file,
                   "With --node: PEM file of the CA of its network instead of the system's")
        ->type_name("FILE");
    app.add_flag("--json", session.output().json_wanted, "One JSON document on standard output");
    app.add_flag("--quiet,-q", session.output().quiet, "Only what was asked for, and errors");
    app.set_version_flag("--version", "fieldseal " + std::string(kVersion), "Print the version");
}

// "there is no verb "frobnicate"": what stands where a verb belongs.
std::optional<std::string> unknown_verb(const CLI::App& group, const CLI::App& app) {
    std::vector<std::string> known;
    for (const CLI::App* verb : group.get_subcommands({})) {
        if (!verb->get_name().empty()) known.push_back(verb->get_name());
    }
    if (known.empty()) return std::nullopt;
    for (const std::string& word : app.remaining(true)) {
        if (word.starts_with('-')) continue;
        const std::string group_name = &group == &app ? "" : group.get_name() + " ";
        std::string message = "there is no verb " + fieldseal::quoted(group_name + word);
        if (const auto nearest = nearest_word(word, known))
            message += "; did you mean " + fieldseal::quoted(group_name + *nearest) + "?";
        return message;
    }
    return std::nullopt;
}

ExitCode usage_error(const CLI::App& app, const CLI::Error& error, Session& session) {
    const CLI::App* verb = &app;
    while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
    std::string name = verb == &app ? "" : verb->get_name() + " ";
    for (const CLI::App* parent = verb->get_parent(); parent != nullptr && parent != &app;
         parent = parent->get_parent()) {
        name = parent->get_name() + " " + name;
    }
    const std::string what = unknown_verb(*verb, app).value_or(error.what());
    return session.output().fail({ExitCode::usage, Error{Errc::invalid_argument, what},
                                  "See: fieldseal " + (name.empty() ? "help" : name + "--help")});
}

}  // namespace

std::unique_ptr<CLI::App> make_app(Session& session) {
    auto app = std::make_unique<CLI::App>("fieldseal: seal documents offline, anchor them later",
                                          "fieldseal");
    app->footer(kFooter);
    app->require_subcommand(0, 1);
    // Global options may stand before and after the verb.
    app->fallthrough();
    app->get_formatter()->column_width(32);
    add_global_options(*app, session);
    add_node_verbs(*app, session);
    add_lock_verbs(*app, session);
    add_seal_verb(*app, session);
    add_statement_verbs(*app, session);
    add_evidence_verb(*app, session);
    add_anchor_verbs(*app, session);
    add_seal_key_verbs(*app, session);
    add_target_verbs(*app, session);
    add_people_verbs(*app, session);
    add_token_verbs(*app, session);
    add_audit_verb(*app, session);
    add_trust_verbs(*app, session);
    add_lan_verbs(*app, session);
    add_maintenance_verbs(*app, session);
    add_help_verb(*app, session);
    return app;
}

ExitCode run_app(int argc, const char* const* argv, Session& session) try {
    const auto app = make_app(session);
    if (argc <= 1) {
        session.output().raw(kShortHelp);
        return ExitCode::ok;
    }
    try {
        app->parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        std::ostringstream text;
        std::ostringstream unused;
        app->exit(asked, text, unused);
        session.output().raw(text.str());
        return ExitCode::ok;
    } catch (const CLI::Error& error) {
        return usage_error(*app, error, session);
    }
    if (app->get_subcommands().empty()) {
        return session.output().fail(
            {ExitCode::usage, Error{Errc::invalid_argument, "name a verb: fieldseal help"}, ""});
    }
    return session.exit_code();
} catch (const std::bad_alloc&) {
    return session.output().fail(
        {ExitCode::failed, Error{Errc::exhausted, "not enough memory"}, ""});
} catch (const std::exception& error) {
    return session.fail(Error{Errc::internal, std::string("unexpected: ") + error.what()});
}

}  // namespace fieldseal::node::cli
