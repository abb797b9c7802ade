// SPDX-License-Identifier: Apache-2.0
// fieldseal people: the accounts of the people of the office, from the node's console.
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"
#include "node/custody/passphrase.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kPairExamples = R"(Examples:
  fieldseal people pair            prints the code; the first person makes an account with it (docs/integrator.md)
The code works once and only while there is no account. Asking again makes another one.)";
constexpr const char* kAddExamples = R"(Examples:
  fieldseal people add amina --role operator                 asks for the password twice
  fieldseal people add amina --role operator --password-file /run/amina.pass
Roles: operator (seals), approver (operator, and unlocks seals), auditor (reads), admin (manages people
and targets, never seals). The person changes the password after the first log-in.)";
constexpr const char* kListExamples = R"(Examples:
  fieldseal people list
  fieldseal --json people list | jq -r '.people[] | select(.enabled | not) | .name')";
constexpr const char* kSetExamples = R"(Examples:
  fieldseal people set amina --role approver
  fieldseal people set amina --disable                  ends the sessions, revokes the tokens
  fieldseal people set amina --unlock                   forgets failed attempts
  fieldseal people set amina --forget-second-factor     the telephone is lost)";
constexpr const char* kPasswdExamples = R"(Examples:
  fieldseal people passwd amina                              asks twice, ends the person's sessions
  fieldseal people passwd amina --password-fd 3 3< <(pass show amina))";

std::string person_path(const std::string& name) {
    return "/api/v1/people/" + percent_encode(name);
}

struct PasswordSource {
    std::optional<std::string> file;
    std::optional<int> descriptor;
};

Result<Passphrase> obtain_password(const PasswordSource& source, const std::string& name,
                                   Session& session) {
    PassphraseRequest request;
    request.prompt = "Password of " + printable(name);
    request.confirm = true;
    request.file = source.file;
    request.file_option = "--password-file";
    request.descriptor = source.descriptor;
    auto password = FIELDSEAL_TRY(session.secret(request));
    return password;
}

void add_password_options(CLI::App& verb, PasswordSource& source) {
    verb.add_option("--password-file", source.file, "Read the password from a file (mode 0600)")
        ->type_name("FILE");
    verb.add_option("--password-fd", source.descriptor, "Read the password from an open descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 20));
}

// Accounts, and no admin among them: then this console is the way in.
bool lacks_an_admin(DaemonClient& daemon) {
    const auto list = daemon.get("/api/v1/people");
    if (!list.ok()) return false;
    const auto& people = items_at(*list, "items");
    return std::none_of(people.begin(), people.end(), [](const json::Value& person) {
        return text_at(person, "role") == "admin" && flag_at(person, "enabled");
    });
}

Failure no_pairing(const Error& error, DaemonClient& daemon, const Session& session) {
    Failure why = session.failure(error);
    if (error.code == Errc::conflict && lacks_an_admin(daemon)) {
        why.next = "No account is an enabled admin. Add one: " +
                   session.command("people add NAME --role admin");
    }
    return why;
}

ExitCode run_pair(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->post("/api/v1/pairing-code");
    if (!view.ok()) return session.output().fail(no_pairing(view.error(), *daemon, session));
    session.output().data(printable(text_at(*view, "code")));
    session.output().hint(
        "The first person makes an account with this code (POST /api/v1/pairing, "
        "docs/integrator.md): it works once, and gives the role admin.");
    auto document = new_document("people-pair");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

// Says what was done, and shows the account as it is now with --json.
ExitCode report(const Result<json::Value>& view, const std::string& done, Session& session) {
    if (!view.ok()) return session.fail(view.error());
    session.output().say(done);
    auto document = new_document("person");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

struct AddArguments {
    std::string name;
    std::string role;
    PasswordSource password;
};

Result<json::Value> add_person(const AddArguments& arguments, Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    const auto password =
        FIELDSEAL_TRY(obtain_password(arguments.password, arguments.name, session));
    return daemon.send_secret(
        "/api/v1/people",
        {"POST", json::Value::object({{"name", arguments.name}, {"role", arguments.role}}),
         "password", password.bytes});
}

ExitCode run_list(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = daemon->get("/api/v1/people");
    if (!list.ok()) return session.fail(list.error());
    const auto& people = items_at(*list, "items");
    if (people.empty()) {
        session.output().hint("There is no account yet: " + session.command("people pair"));
    } else {
        std::vector<std::vector<std::string>> rows = {{"NAME", "ROLE", "STATE", "SECOND FACTOR"}};
        for (const json::Value& person : people) {
            rows.push_back({printable(text_at(person, "name")), printable(text_at(person, "role")),
                            flag_at(person, "enabled") ? "enabled" : "disabled",
                            flag_at(person, "second_factor") ? "yes" : "no"});
        }
        session.output().table(rows);
    }
    auto document = new_document("people-list");
    document.set("people", people);
    session.output().document(document);
    return ExitCode::ok;
}

struct SetArguments {
    std::string name;
    std::string role;
    bool enable = false;
    bool disable = false;
    bool unlock = false;
    bool forget_second_factor = false;
};

Result<json::Value> set_person(const SetArguments& arguments, Session& session) {
    auto change = json::Value::object();
    if (!arguments.role.empty()) change.set("role", arguments.role);
    if (arguments.enable || arguments.disable) change.set("enabled", arguments.enable);
    if (arguments.unlock) change.set("unlock", true);
    if (arguments.forget_second_factor) change.set("forget_second_factor", true);
    auto daemon = FIELDSEAL_TRY(session.connect());
    return daemon.patch(person_path(arguments.name), change);
}

Result<json::Value> set_password(const std::string& name, const PasswordSource& source,
                                 Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    const auto password = FIELDSEAL_TRY(obtain_password(source, name, session));
    return daemon.send_secret(person_path(name),
                              {"PATCH", json::Value::object(), "password", password.bytes});
}

void add_add(CLI::App& people, Session& session) {
    auto arguments = std::make_shared<AddArguments>();
    CLI::App* add = people.add_subcommand("add", "Add an account");
    add->add_option("NAME", arguments->name, "What the person logs in with")
        ->required()
        ->type_name("");
    add->add_option("--role", arguments->role, "operator, approver, auditor or admin")
        ->required()
        ->type_name("ROLE");
    add_password_options(*add, arguments->password);
    add->footer(kAddExamples);
    add->callback([arguments, &session] {
        session.finish(report(add_person(*arguments, session),
                              "added the account " + printable(arguments->name), session));
    });
}

void add_set(CLI::App& people, Session& session) {
    auto arguments = std::make_shared<SetArguments>();
    CLI::App* set = people.add_subcommand("set", "Change an account");
    set->add_option("NAME", arguments->name, "Whose")->required()->type_name("");
    auto* changes = set->add_option_group("changes");
    changes->add_option("--role", arguments->role, "operator, approver, auditor or admin")
        ->type_name("ROLE");
    CLI::Option* enable = changes->add_flag("--enable", arguments->enable, "Let it log in again");
    changes->add_flag("--disable", arguments->disable, "Let it do nothing any more")
        ->excludes(enable);
    changes->add_flag("--unlock", arguments->unlock, "Forget its failed attempts");
    changes->add_flag("--forget-second-factor", arguments->forget_second_factor,
                      "Let it log in without the code until it enrols another");
    changes->require_option(1, 0);
    set->footer(kSetExamples);
    set->callback([arguments, &session] {
        session.finish(report(set_person(*arguments, session),
                              "changed the account " + printable(arguments->name), session));
    });
}

}  // namespace

void add_people_verbs(CLI::App& app, Session& session) {
    CLI::App* people = app.add_subcommand("people", "Who may use this node over the network");
    people->require_subcommand(1);
    people->footer(kListExamples);
    CLI::App* pair = people->add_subcommand("pair", "Print the code that lets the first person in");
    pair->footer(kPairExamples);
    pair->callback([&session] { session.finish(run_pair(session)); });
    add_add(*people, session);
    CLI::App* list = people->add_subcommand("list", "The accounts");
    list->footer(kListExamples);
    list->callback([&session] { session.finish(run_list(session)); });
    add_set(*people, session);

    auto name = std::make_shared<std::string>();
    auto source = std::make_shared<PasswordSource>();
    CLI::App* passwd = people->add_subcommand("passwd", "Give an account a new password");
    passwd->add_option("NAME", *name, "Whose")->required()->type_name("");
    add_password_options(*passwd, *source);
    passwd->footer(kPasswdExamples);
    passwd->callback([name, source, &session] {
        session.finish(report(set_password(*name, *source, session),
                              "changed the password of " + printable(*name), session));
    });
}

}  // namespace fieldseal::node::cli
