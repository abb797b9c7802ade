// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key tokens, and the choice of a token for a new seal. The tokens are the daemon's:
// what it sees counts, not what the person at the terminal may see.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kTokensExamples = R"(Examples:
  fieldseal seal-key tokens                     of SoftHSM2, TPM 2.0 and OpenSC, where installed
  fieldseal seal-key tokens --pkcs11 /opt/vendor/lib/pkcs11.so)";

Result<json::Value> list_tokens(DaemonClient& daemon, const std::string& module) {
    if (daemon.is_remote()) return not_with_node();
    const std::string query = module.empty() ? "" : "?module=" + percent_encode(module);
    return daemon.get("/api/v1/pkcs11/tokens" + query);
}

std::string words_of(const json::Value& token, std::string_view member) {
    std::string words;
    for (const json::Value& each : items_at(token, member)) {
        if (each.is_string()) words += (words.empty() ? "" : ", ") + each.as_string();
    }
    return words;
}

bool flag_of(const json::Value& token, std::string_view member) {
    const json::Value* value = token.find(member);
    return value != nullptr && value->is_bool() && value->as_bool();
}

std::vector<std::string> row_of(const json::Value& token) {
    std::string suites = words_of(token, "suites");
    if (const std::string more = words_of(token, "suites_to_try"); !more.empty())
        suites += (suites.empty() ? "" : "; perhaps ") + more;
    return {printable(text_at(token, "label")), printable(text_at(token, "serial")),
            printable(text_at(token, "model")), printable(suites),
            printable(words_of(token, "remarks"))};
}

ExitCode run_tokens(const std::string& module, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto list = list_tokens(*daemon, module);
    if (!list.ok()) return session.fail(list.error());
    std::vector<std::vector<std::string>> rows = {
        {"LABEL", "SERIAL", "MODEL", "SUITES", "REMARKS"}};
    for (const json::Value& token : items_at(*list, "items")) rows.push_back(row_of(token));
    if (rows.size() == 1) {
        session.output().say("no token is there: plug one in, or see docs/operations/tokens.md");
    } else {
        session.output().table(rows);
    }
    auto document = new_document("token-list");
    document.set("tokens", items_at(*list, "items"));
    session.output().document(document);
    return ExitCode::ok;
}

// Those that a key can be made in, and that the options do not rule out.
std::vector<json::Value> candidates(const json::Value& list, const TokenArguments& arguments) {
    std::vector<json::Value> found;
    for (const json::Value& token : items_at(list, "items")) {
        const bool wanted =
            (arguments.serial.empty() || text_at(token, "serial") == arguments.serial) &&
            (arguments.label.empty() || text_at(token, "label") == arguments.label);
        if (wanted && flag_of(token, "usable")) found.push_back(token);
    }
    return found;
}

// A number typed at the terminal.
Result<json::Value> ask_which(const std::vector<json::Value>& found, Session& session) {
    const bool person = !session.output().json_wanted && ::isatty(STDIN_FILENO) == 1;
    std::string lines;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto row = row_of(found[i]);
        lines += "\n  " + std::to_string(i + 1) + "  " + row[0] + "  serial " + row[1] + "  " +
                 row[2] + "  " + row[3] + (row[4].empty() ? "" : "  (" + row[4] + ")");
    }
    if (!person) {
        return Error{
            Errc::invalid_argument,
            "several tokens are there: name one with --token-serial or --token-label" + lines};
    }
    std::cerr << "Several tokens are there:" << lines << "\nWhich one? " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    const auto number = parse_decimal(answer);
    if (!number.ok() || *number < 1 || *number > found.size())
        return Error{Errc::invalid_argument, "nothing was made: no token has that number"};
    return found[static_cast<std::size_t>(*number) - 1];
}

Result<json::Value> which_token(const TokenArguments& arguments, DaemonClient& daemon,
                                Session& session) {
    const json::Value list = FIELDSEAL_TRY(list_tokens(daemon, arguments.module.value_or("")));
    const auto found = candidates(list, arguments);
    if (found.size() > 1) return ask_which(found, session);
    if (found.size() == 1) return found.front();
    return Error{Errc::not_found, "no token that a key can be made in is there: `" +
                                      session.command("seal-key tokens") +
                                      "` shows what is plugged in and what is wrong with it"};
}

Result<Passphrase> ask_pin(const TokenArguments& arguments, const json::Value& token,
                           Session& session) {
    if (flag_of(token, "pin_pad") && arguments.pin_file.empty()) return Passphrase{};
    PassphraseRequest request;
    request.prompt = "PIN of the token " + printable(text_at(token, "label"));
    request.bytes_min = 1;
    request.file_option = "--pin-file";
    if (!arguments.pin_file.empty()) request.file = arguments.pin_file;
    return session.secret(request);
}

}  // namespace

void add_token_options(CLI::App& verb, TokenArguments& token) {
    verb.add_option("--pkcs11", token.module,
                    "Make the key in a token; of this PKCS#11 library, else of those installed")
        ->expected(0, 1)
        ->type_name("MODULE");
    verb.add_option("--token-serial", token.serial, "Which token, by its serial number")
        ->type_name("SERIAL");
    verb.add_option("--token-label", token.label, "Which token, by its label")->type_name("LABEL");
    verb.add_option("--key-id", token.key_id, "Take the key that is in the token under this id")
        ->type_name("HEX");
    verb.add_option("--pin-file", token.pin_file, "Read the PIN from a file (mode 0600)")
        ->type_name("FILE");
    verb.add_flag("--unattended", token.unattended,
                  "The node reads --pin-file itself from now on: nobody unlocks this seal");
    verb.add_flag("--last-try", token.last_try,
                  "Use the PIN even if a wrong one may lock the token");
}

Result<TokenChoice> choose_token(const TokenArguments& arguments, DaemonClient& daemon,
                                 Session& session) {
    if (arguments.unattended && arguments.pin_file.empty()) {
        return Error{Errc::invalid_argument,
                     "--unattended needs --pin-file: a file that only the node's user may read"};
    }
    const json::Value token = FIELDSEAL_TRY(which_token(arguments, daemon, session));
    session.output().say("in the token " + printable(text_at(token, "label")) + ", serial " +
                         printable(text_at(token, "serial")));
    TokenChoice choice{json::Value::object({{"module", text_at(token, "module")},
                                            {"label", text_at(token, "label")},
                                            {"serial", text_at(token, "serial")}}),
                       FIELDSEAL_TRY(ask_pin(arguments, token, session))};
    if (!arguments.key_id.empty()) choice.order.set("key_id", arguments.key_id);
    if (arguments.last_try) choice.order.set("last_try", true);
    if (arguments.unattended)
        choice.order.set("pin_file", std::filesystem::absolute(arguments.pin_file).string());
    return choice;
}

void add_seal_token_verbs(CLI::App& seal_key, Session& session) {
    auto module = std::make_shared<std::string>();
    CLI::App* tokens = seal_key.add_subcommand("tokens", "The tokens the node can make keys in");
    tokens->add_option("--pkcs11", *module, "Of this PKCS#11 library only")->type_name("MODULE");
    tokens->footer(kTokensExamples);
    tokens->callback([module, &session] { session.finish(run_tokens(*module, session)); });
}

}  // namespace fieldseal::node::cli
