// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key create and rotate: a new seal with a key of its own, alone or in another's
// place.
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kCreateExamples = R"(Examples:
  fieldseal seal-key create permits --owner "Permits desk"      asks for the passphrase twice
  fieldseal seal-key create permits --suite ES256 --activate --passphrase-file permits.pass
  fieldseal seal-key create minutes --pkcs11          in a token: shows which, asks for its PIN
  fieldseal seal-key create stamp --pkcs11 --token-serial 9f3a6c2e1b0d4455 --pin-file stamp.pin
  fieldseal seal-key create night --hours 18:00-06:00 --lock-after-statements 50
It is pre_active until `seal-key activate`: time to hand out the new trust file first.)";

constexpr const char* kRotateExamples = R"(Examples:
  fieldseal seal-key rotate permits permits-2027              asks for the new passphrase twice
  fieldseal seal-key rotate permits permits-2027 --passphrase-file new.pass --yes
  fieldseal seal-key rotate permits permits-card --pkcs11     the new key is made in a token
The new seal has the owner, suite and policy of the old one; it signs that it takes its place, and both
changes are published at once.)";

struct CreateArguments {
    std::string name;
    std::string owner;
    std::string suite;
    bool activate = false;
    bool exportable = false;
    PassphraseSource passphrase;
    TokenArguments token;
    PolicyArguments policy;
};

void add_create_options(CLI::App& verb, CreateArguments& arguments) {
    verb.add_option("--owner", arguments.owner, "Whose it is, for people")->type_name("TEXT");
    verb.add_option("--suite", arguments.suite, "ES256K, ES256, EdDSA or PS256")->type_name("NAME");
    verb.add_flag("--activate", arguments.activate, "Let it seal at once");
    verb.add_flag("--exportable", arguments.exportable, "Its key may be exported later");
    add_passphrase_options(verb, arguments.passphrase);
    add_token_options(verb, arguments.token);
    add_policy_options(verb, arguments.policy);
}

json::Value create_order(const CreateArguments& arguments) {
    auto order = json::Value::object({{"name", arguments.name}});
    if (!arguments.owner.empty()) order.set("owner", arguments.owner);
    if (!arguments.suite.empty()) order.set("suite", arguments.suite);
    if (arguments.activate) order.set("activate", true);
    if (arguments.exportable) order.set("exportable", true);
    order.set("policy", policy_order(arguments.policy));
    return order;
}

Result<json::Value> make_in_token(const CreateArguments& arguments, const std::string& path,
                                  DaemonClient& daemon, Session& session) {
    if (daemon.is_remote()) return not_with_node();
    const TokenChoice choice = FIELDSEAL_TRY(choose_token(arguments.token, daemon, session));
    json::Value order = create_order(arguments);
    order.set("token", choice.order);
    return daemon.send_secret(path, {"POST", order, "passphrase", choice.pin.bytes});
}

Result<json::Value> make(const CreateArguments& arguments, const std::string& path,
                         Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    if (arguments.token.module) return make_in_token(arguments, path, daemon, session);
    const auto passphrase =
        FIELDSEAL_TRY(obtain_new_passphrase(arguments.passphrase, arguments.name, session));
    return daemon.send_secret(path,
                              {"POST", create_order(arguments), "passphrase", passphrase.bytes});
}

ExitCode run_create(const CreateArguments& arguments, Session& session) {
    const auto view = make(arguments, "/api/v1/seals", session);
    const ExitCode code = report_seal(view, "made the seal " + printable(arguments.name), session);
    if (code != ExitCode::ok) return code;
    const std::string next = arguments.activate ? "unlock " : "seal-key activate ";
    session.output().hint("Next: " + session.command("trust export") +
                          " for those who verify, then " + session.command(next + arguments.name));
    return code;
}

struct RotateArguments {
    std::string old;
    bool yes = false;
    CreateArguments fresh;
};

Result<json::Value> rotate(const RotateArguments& arguments, Session& session) {
    if (!agreed(arguments.yes, arguments.old,
                "The seal will never seal again. What it sealed stays valid.", session)) {
        return not_agreed("rotate");
    }
    return make(arguments.fresh, seal_path(arguments.old, "rotate"), session);
}

ExitCode run_rotate(const RotateArguments& arguments, Session& session) {
    const auto view = rotate(arguments, session);
    const std::string& name = arguments.fresh.name;
    const ExitCode code = report_seal(
        view, "the seal " + printable(name) + " takes the place of " + printable(arguments.old),
        session);
    if (code != ExitCode::ok) return code;
    session.output().hint("Next: " + session.command("trust export") +
                          " for those who verify, then " + session.command("unlock " + name));
    return code;
}

void add_rotate_verb(CLI::App& seal_key, Session& session) {
    auto arguments = std::make_shared<RotateArguments>();
    CLI::App* verb = seal_key.add_subcommand("rotate", "Put a new seal in a seal's place");
    verb->add_option("OLD", arguments->old, "The seal that ends")->required()->type_name("");
    verb->add_option("NEW", arguments->fresh.name, "The name of the new one")
        ->required()
        ->type_name("");
    verb->add_option("--owner", arguments->fresh.owner, "Instead of the old one's")
        ->type_name("TEXT");
    verb->add_option("--suite", arguments->fresh.suite, "Instead of the old one's")
        ->type_name("NAME");
    verb->add_flag("--exportable", arguments->fresh.exportable, "Its key may be exported later");
    add_passphrase_options(*verb, arguments->fresh.passphrase);
    add_token_options(*verb, arguments->fresh.token);
    add_policy_options(*verb, arguments->fresh.policy);
    verb->add_flag("--yes", arguments->yes, "Do it without a question");
    verb->footer(kRotateExamples);
    verb->callback([arguments, &session] { session.finish(run_rotate(*arguments, session)); });
}

}  // namespace

void add_seal_make_verbs(CLI::App& seal_key, Session& session) {
    auto arguments = std::make_shared<CreateArguments>();
    CLI::App* create_verb = seal_key.add_subcommand("create", "Make a seal with a new key");
    create_verb->add_option("NAME", arguments->name, "Its name: a-z, 0-9, '-', '_' and '.'")
        ->required()
        ->type_name("");
    add_create_options(*create_verb, *arguments);
    create_verb->footer(kCreateExamples);
    create_verb->callback(
        [arguments, &session] { session.finish(run_create(*arguments, session)); });
    add_rotate_verb(seal_key, session);
}

}  // namespace fieldseal::node::cli
