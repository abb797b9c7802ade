// SPDX-License-Identifier: Apache-2.0
// fieldseal init, serve, node and status: the node itself.
#include "core/encoding.h"
#include "node/cli/daemon_log.h"
#include "node/cli/readable.h"
#include "node/cli/secret_file.h"
#include "node/cli/service_ready.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"
#include "node/custody/passphrase.h"
#include "node/daemon.h"
#include "node/init.h"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kInitExamples = R"(Examples:
  fieldseal init example.org office-7
  fieldseal --data-dir /srv/office init example.org office-7 --passphrase-file seal.pass \
      --recovery-file recovery.txt
The log's origin becomes example.org/office-7/1. Write the recovery code down and lock it away:
whoever has it and the key file can sign, and without it a forgotten passphrase is final.)";
constexpr const char* kServeExamples = R"(Examples:
  fieldseal serve
  fieldseal --config /etc/fieldseal/fieldseal.toml serve
It runs in the foreground and logs to standard error; systemd does the rest. SIGTERM ends it cleanly.)";
constexpr const char* kNodeInfoExamples = R"(Examples:
  fieldseal node info
  fieldseal node info --vkey > office-7.vkey      for the hub's `hub enroll`
  fieldseal node info --witness-vkey              on a hub: for `target add witness --vkey`
  fieldseal node info --witnessed-log-vkey        on a hub: for `target add witness --log-vkey`)";
constexpr const char* kStatusExamples = R"(Examples:
  fieldseal status
  fieldseal --json status | jq .state)";

struct InitArguments {
    std::string organisation;
    std::string name;
    std::string algorithm = "ES256K";
    std::optional<std::string> passphrase_file;
    std::optional<int> passphrase_fd;
    std::string recovery_file;
};

Result<InitReport> init(const InitArguments& arguments, Session& session) {
    InitOptions options;
    std::error_code ignored;
    if (!session.options.config_file.empty() &&
        std::filesystem::exists(session.config_path(), ignored)) {
        options.config = FIELDSEAL_TRY(load_config(session.config_path()));
    }
    if (!session.options.data_dir.empty() || session.options.config_file.empty()) {
        options.config.data_dir = session.data_dir();
    }
    options.config.node.organisation = arguments.organisation;
    options.config.node.name = arguments.name;
    options.seal_algorithm = FIELDSEAL_TRY(parse_key_algorithm(arguments.algorithm));
    // Where the recovery code goes is settled before anything is made.
    FIELDSEAL_TRY(check_place(arguments.recovery_file, "recovery code", "--recovery-file"));
    PassphraseRequest request;
    request.prompt = "Passphrase of the new seal";
    request.confirm = true;
    request.file = arguments.passphrase_file;
    request.descriptor = arguments.passphrase_fd;
    const Passphrase passphrase = FIELDSEAL_TRY(session.secret(request));
    options.seal_passphrase = &passphrase.bytes;
    return init_node(options);
}

ExitCode run_init(const InitArguments& arguments, Session& session) {
    if (!session.options.node.url.empty()) return session.fail(not_with_node());
    const auto report = init(arguments, session);
    if (!report.ok()) return session.fail(report.error());
    const auto handed =
        hand_over(report->recovery_code, arguments.recovery_file,
                  "\nRecovery code, shown once. Write it down and lock it away:\n\n  ");
    if (!handed.ok()) {
        return session.fail(handed.error().with_context(
            "the node is made, its recovery code is lost; empty the data "
            "directory and run init again"));
    }
    const NodeIdentity& identity = report->identity;
    Output& output = session.output();
    output.say("made the node " + identity.origin);
    auto seals = json::Value::array();
    for (const SealIdentity& seal : identity.seals) {
        output.say("  seal \"" + seal.name + "\"  " + hex_encode(seal.key.kid()));
        seals.push_back(
            json::Value::object({{"name", seal.name}, {"kid", hex_encode(seal.key.kid())}}));
    }
    output.say("  log key  " + note::format_vkey(identity.log_key));
    output.say("  configuration  " + printable(report->config_path));
    if (!arguments.recovery_file.empty())
        output.say("  recovery code  " + printable(arguments.recovery_file));
    output.hint("Next: " + session.command("serve") + ", then in another terminal " +
                session.command("unlock") + " and " + session.command("seal FILE"));
    auto document = new_document("init");
    document.set("origin", identity.origin);
    document.set("log_vkey", note::format_vkey(identity.log_key));
    document.set("seals", std::move(seals));
    document.set("config", report->config_path);
    output.document(document);
    return ExitCode::ok;
}

ExitCode run_serve(Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    set_up_daemon_log(config->log);
    const std::string socket = config->admin_socket_path();
    const auto done = run_daemon(*config, session.config_path(), [&socket] {
        spdlog::info("serving on {}", socket);
        announce_ready();
    });
    return done.ok() ? ExitCode::ok : session.fail(done.error());
}

enum class InfoKey : std::uint8_t { all, log, witness, witnessed_log };

std::string_view member_of(InfoKey which) {
    switch (which) {
        case InfoKey::log:
            return "log_vkey";
        case InfoKey::witness:
            return "witness_vkey";
        case InfoKey::witnessed_log:
            return "witnessed_log_vkey";
        case InfoKey::all:
            return "";
    }
    return "";
}

void show_info(const json::Value& view, Output& output) {
    std::vector<std::vector<std::string>> rows;
    for (const char* name : {"origin", "organisation", "name", "version", "log_vkey",
                             "witness_vkey", "witnessed_log_vkey"}) {
        if (const std::string text = text_at(view, name); !text.empty())
            rows.push_back({name, printable(text)});
    }
    if (const json::Value* seals = view.find("seals"); seals != nullptr && seals->is_array()) {
        for (const json::Value& seal : seals->as_array()) {
            rows.push_back(
                {"seal", printable(text_at(seal, "name") + "  " + text_at(seal, "kid"))});
        }
    }
    output.table(rows);
}

ExitCode run_info(InfoKey which, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->get("/api/v1/node");
    if (!view.ok()) return session.fail(view.error());
    if (which == InfoKey::all) {
        show_info(*view, session.output());
    } else {
        const std::string key = text_at(*view, member_of(which));
        if (key.empty())
            return session.fail(
                Error{Errc::not_found, "this node has no such key: the hub role is off"});
        session.output().data(key);
    }
    auto document = new_document("node-info");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

// With no active seal there is nothing to unlock.
std::string locked_in_words(const StatusView& status, const Session& session) {
    std::vector<std::string> active;
    for (const SealView& seal : status.seals) {
        if (seal.life.empty() || seal.life == "active") active.push_back(seal.name);
    }
    if (active.empty() && !status.seals.empty())
        return "no seal is active: " + session.command("seal-key activate SEAL");
    if (active.size() == 1 && status.seals.size() > 1)
        return "locked: " + session.command("unlock " + active.front());
    return "locked: " + session.command(active.size() > 1 ? "unlock SEAL" : "unlock");
}

std::string state_in_words(const StatusView& status, const Session& session) {
    const std::string why = status.reason.empty()
                                ? std::string()
                                : ": " + printable(session.with_options(status.reason));
    if (status.state == "ready") return "ready to seal";
    if (status.state == "locked") return locked_in_words(status, session);
    if (status.state == "held") return "held" + why;
    if (status.state == "stopped") return "stopped" + why + "; " + session.command("doctor");
    if (status.state == "clock-set-back") return "takes no new seals" + why;
    if (status.state == "storage-full") return "takes no new seals, the disk is nearly full" + why;
    return printable(status.state) + why;
}

std::string clock_in_words(const StatusView& status, const Session& session) {
    if (status.clock_behind_s > 0) {
        return "set back: " + readable_duration(status.clock_behind_s) +
               " behind what is proven; " + session.command("doctor");
    }
    if (status.clock_trust == "holdover") return "holdover: right when it was last compared";
    if (status.clock_trust == "untrusted") return "not synchronised; offline this is normal";
    return printable(status.clock_trust);
}

ExitCode run_status(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->get("/api/v1/status");
    if (!view.ok()) return session.fail(view.error());
    const StatusView status = read_status(*view);
    std::vector<std::vector<std::string>> rows = {
        {"node", printable(status.origin)},
        {"state", state_in_words(status, session)},
        {"log", counted(status.log_size, "entry", "entries")},
        {"waiting", counted(status.waiting, "entry", "entries")},
        {"clock", clock_in_words(status, session)}};
    for (const SealView& seal : status.seals) {
        const bool in_use = seal.life.empty() || seal.life == "active";
        rows.push_back(
            {"seal " + printable(seal.name), printable(in_use ? seal.state : seal.life)});
    }
    for (const TargetView& target : status.targets) {
        rows.push_back({"target " + printable(target.name),
                        session.with_options(plain_words(target, target.wanted_size))});
    }
    session.output().table(rows);
    auto document = new_document("status");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_init(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<InitArguments>();
    CLI::App* verb =
        app.add_subcommand("init", "Make a node: its directory, keys, log and configuration");
    verb->add_option("ORGANISATION", arguments->organisation, "Who runs it: example.org")
        ->required()
        ->type_name("");
    verb->add_option("NAME", arguments->name, "This office: office-7")->required()->type_name("");
    verb->add_option("--algorithm", arguments->algorithm, "Of the seal: ES256K, ES256 or EdDSA")
        ->type_name("NAME");
    verb->add_option("--passphrase-file", arguments->passphrase_file,
                     "Read the passphrase from a file (mode 0600)")
        ->type_name("FILE");
    verb->add_option("--passphrase-fd", arguments->passphrase_fd, "Read it from an open descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 20));
    verb->add_option("--recovery-file", arguments->recovery_file,
                     "Write the recovery code to a new file (mode 0600)")
        ->type_name("FILE");
    verb->footer(kInitExamples);
    verb->callback([arguments, &session] { session.finish(run_init(*arguments, session)); });
}

void add_node_info(CLI::App& app, Session& session) {
    CLI::App* node = app.add_subcommand("node", "This node's identity");
    node->require_subcommand(1);
    node->footer(kNodeInfoExamples);
    auto which = std::make_shared<InfoKey>(InfoKey::all);
    CLI::App* info = node->add_subcommand("info", "Its origin and public keys");
    CLI::Option_group* one = info->add_option_group("Keys", "Print one key alone");
    one->add_flag_callback("--vkey", [which] { *which = InfoKey::log; }, "The log's verifier key");
    one->add_flag_callback(
        "--witness-vkey", [which] { *which = InfoKey::witness; }, "The witness's key");
    one->add_flag_callback(
        "--witnessed-log-vkey", [which] { *which = InfoKey::witnessed_log; },
        "The key of the log of witnessed checkpoints");
    one->require_option(0, 1);
    info->footer(kNodeInfoExamples);
    info->callback([which, &session] { session.finish(run_info(*which, session)); });
}

}  // namespace

void add_node_verbs(CLI::App& app, Session& session) {
    add_init(app, session);
    CLI::App* serve = app.add_subcommand("serve", "Run the node");
    serve->footer(kServeExamples);
    serve->callback([&session] { session.finish(run_serve(session)); });
    add_node_info(app, session);
    CLI::App* status = app.add_subcommand("status", "How the node is, and what waits");
    status->footer(kStatusExamples);
    status->callback([&session] { session.finish(run_status(session)); });
}

}  // namespace fieldseal::node::cli
