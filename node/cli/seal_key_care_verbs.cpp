// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key passphrase, recovery-code, export and test: the care of a seal's private key.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/secret_file.h"
#include "node/cli/session.h"
#include "node/custody/passphrase.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kPassphraseExamples = R"(Examples:
  fieldseal seal-key passphrase default
  fieldseal seal-key passphrase default --recovery-code    the passphrase is forgotten
The former passphrase still opens old copies of the key file: where it was learnt, rotate the seal.)";
constexpr const char* kRecoveryExamples = R"(Examples:
  fieldseal seal-key recovery-code default
  fieldseal seal-key recovery-code default -o /media/usb/recovery.txt
The former code stops working.)";
constexpr const char* kExportExamples = R"(Examples:
  fieldseal seal-key export permits -o permits.pem         encrypted, as openssl pkcs8 reads it
Only a seal made with --exportable gives its key away, and the audit log says so.)";
constexpr const char* kTestExamples = R"(Examples:
  fieldseal seal-key test default
Signs something that means nothing and checks it; the seal must be unlocked.)";

// Where one secret comes from.
struct SecretSource {
    std::string option = "--passphrase-file";
    std::optional<std::string> file = std::nullopt;
    std::optional<int> descriptor = std::nullopt;
};

struct CareArguments {
    std::string seal;
    SecretSource current;
    bool by_recovery_code = false;
    SecretSource fresh;  // the new passphrase, or the file's
    std::string output;
    bool plain = false;
};

Result<SecretBytes> ask(const SecretSource& source, const std::string& prompt, bool confirm,
                        Session& session) {
    PassphraseRequest request;
    request.prompt = prompt;
    request.confirm = confirm;
    if (!confirm) request.bytes_min = 0;  // it is chosen already: a short one is wrong
    request.file_option = source.option;
    request.file = source.file;
    request.descriptor = source.descriptor;
    Passphrase given = FIELDSEAL_TRY(session.secret(request));
    return std::move(given.bytes);
}

std::string_view opener_member(const CareArguments& arguments) {
    return arguments.by_recovery_code ? "recovery_code" : "passphrase";
}

Result<SecretBytes> ask_opener(const CareArguments& arguments, Session& session) {
    return ask(
        arguments.current,
        (arguments.by_recovery_code ? "Recovery code of the seal " : "Passphrase of the seal ") +
            printable(arguments.seal),
        false, session);
}

std::string path_of(const CareArguments& arguments, std::string_view action) {
    return seal_path(arguments.seal, action);
}

ExitCode report(const CareArguments& arguments, std::string_view done, std::string_view kind,
                const Result<void>& outcome, Session& session) {
    if (!outcome.ok()) return session.fail(outcome.error());
    session.output().say(std::string(done) + " the seal " + printable(arguments.seal));
    auto document = new_document(kind);
    document.set("seal", arguments.seal);
    if (!arguments.output.empty()) document.set("file", arguments.output);
    session.output().document(document);
    return ExitCode::ok;
}

Result<void> change_passphrase(const CareArguments& arguments, Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    const SecretBytes opener = FIELDSEAL_TRY(ask_opener(arguments, session));
    const SecretBytes fresh = FIELDSEAL_TRY(ask(
        arguments.fresh, "New passphrase of the seal " + printable(arguments.seal), true, session));
    FIELDSEAL_TRY(
        daemon.post_secrets(path_of(arguments, "passphrase"),
                            {{opener_member(arguments), &opener}, {"new_passphrase", &fresh}}));
    return {};
}

Result<void> renew_recovery(const CareArguments& arguments, Session& session) {
    FIELDSEAL_TRY(check_place(arguments.output, "recovery code", "--output"));
    auto daemon = FIELDSEAL_TRY(session.connect());
    const SecretBytes opener = FIELDSEAL_TRY(ask_opener(arguments, session));
    const SecretBytes code = FIELDSEAL_TRY(daemon.ask_for_secret(
        path_of(arguments, "recovery-code"), {{opener_member(arguments), &opener}},
        json::Value::object(), "recovery_code"));
    const auto handed =
        hand_over(code, arguments.output,
                  "\nRecovery code, shown once. Write it down and lock it away:\n\n  ");
    if (handed.ok()) return {};
    return handed.error().with_context(
        "the recovery code was renewed and is lost, and the former one does not work any more: run "
        "this again");
}

Result<void> export_key(const CareArguments& arguments, Session& session) {
    FIELDSEAL_TRY(check_place(arguments.output, "exported key", "--output"));
    auto daemon = FIELDSEAL_TRY(session.connect());
    const SecretBytes opener = FIELDSEAL_TRY(ask_opener(arguments, session));
    SecretBytes wrap;
    std::vector<SecretMember> secrets = {{opener_member(arguments), &opener}};
    if (!arguments.plain) {
        wrap =
            FIELDSEAL_TRY(ask(arguments.fresh, "Passphrase for the exported file", true, session));
        secrets.push_back({"file_passphrase", &wrap});
    }
    auto beside = json::Value::object();
    if (arguments.plain) beside.set("plain", true);
    const SecretBytes pem = FIELDSEAL_TRY(
        daemon.ask_for_secret(path_of(arguments, "export"), secrets, beside, "pkcs8"));
    return hand_over(pem, arguments.output, "\n");
}

Result<void> test_key(const CareArguments& arguments, Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    FIELDSEAL_TRY(daemon.post(path_of(arguments, "test")));
    return {};
}

void add_source(CLI::App* verb, const std::string& name, SecretSource& source,
                const std::string& what) {
    source.option = "--" + name + "-file";
    verb->add_option(source.option, source.file, "Read " + what + " from a file (mode 0600)")
        ->type_name("FILE");
    verb->add_option("--" + name + "-fd", source.descriptor,
                     "Read " + what + " from an open descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 20));
}

void add_opener(CLI::App* verb, CareArguments& arguments) {
    verb->add_option("SEAL", arguments.seal, "Which seal")->required();
    add_source(verb, "passphrase", arguments.current, "the passphrase (or recovery code)");
    verb->add_flag("--recovery-code", arguments.by_recovery_code,
                   "Open it with the recovery code instead of the passphrase");
}

void add_passphrase(CLI::App* group, Session& session) {
    auto arguments = std::make_shared<CareArguments>();
    CLI::App* verb = group->add_subcommand("passphrase", "Give a seal another passphrase");
    add_opener(verb, *arguments);
    add_source(verb, "new-passphrase", arguments->fresh, "the new passphrase");
    verb->footer(kPassphraseExamples);
    verb->callback([arguments, &session] {
        session.finish(report(*arguments, "changed the passphrase of", "seal-passphrase",
                              change_passphrase(*arguments, session), session));
    });
}

void add_recovery(CLI::App* group, Session& session) {
    auto arguments = std::make_shared<CareArguments>();
    CLI::App* verb = group->add_subcommand("recovery-code", "Make a new recovery code for a seal");
    add_opener(verb, *arguments);
    verb->add_option("--output,-o", arguments->output, "Write it to a new file (mode 0600)")
        ->type_name("FILE");
    verb->footer(kRecoveryExamples);
    verb->callback([arguments, &session] {
        session.finish(report(*arguments, "made a new recovery code for", "seal-recovery-code",
                              renew_recovery(*arguments, session), session));
    });
}

void add_export(CLI::App* group, Session& session) {
    auto arguments = std::make_shared<CareArguments>();
    CLI::App* verb =
        group->add_subcommand("export", "Write the private key of a seal as PKCS#8 (PEM)");
    add_opener(verb, *arguments);
    verb->add_option("--output,-o", arguments->output, "Write it to a new file (mode 0600)")
        ->type_name("FILE");
    add_source(verb, "file-passphrase", arguments->fresh, "the passphrase of the written file");
    verb->add_flag("--plain", arguments->plain, "Write the key without encryption");
    verb->footer(kExportExamples);
    verb->callback([arguments, &session] {
        session.finish(report(*arguments, "exported the key of", "seal-key-export",
                              export_key(*arguments, session), session));
    });
}

}  // namespace

void add_seal_key_care_verbs(CLI::App& group, Session& session) {
    add_passphrase(&group, session);
    add_recovery(&group, session);
    add_export(&group, session);
    auto arguments = std::make_shared<CareArguments>();
    CLI::App* verb = group.add_subcommand("test", "See whether a seal's key works");
    verb->add_option("SEAL", arguments->seal, "Which seal")->required();
    verb->footer(kTestExamples);
    verb->callback([arguments, &session] {
        session.finish(report(*arguments, "the key works of", "seal-key-test",
                              test_key(*arguments, session), session));
    });
}

}  // namespace fieldseal::node::cli
