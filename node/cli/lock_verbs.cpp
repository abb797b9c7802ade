// SPDX-License-Identifier: Apache-2.0
// fieldseal unlock and lock: a person lets a seal sign, or stops it.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"
#include "node/custody/passphrase.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kUnlockExamples = R"(Examples:
  fieldseal unlock                                  asks for the passphrase
  fieldseal unlock --passphrase-file /run/seal.pass   a file only you can read (0600)
  fieldseal unlock --passphrase-fd 3 3< <(pass show fieldseal))";
constexpr const char* kLockExamples = R"(Examples:
  fieldseal lock
  fieldseal lock permits)";

struct UnlockArguments {
    std::string seal;
    std::optional<std::string> passphrase_file;
    std::optional<int> passphrase_fd;
    bool last_try = false;
};

// The named seal, the only one, or the only one that is active.
Result<std::string> which_seal(const std::string& given, DaemonClient& daemon) {
    if (!given.empty()) return given;
    const json::Value value = FIELDSEAL_TRY(daemon.get("/api/v1/status"));
    const StatusView status = read_status(value);
    if (status.seals.size() == 1) return status.seals.front().name;
    std::vector<std::string> active;
    for (const SealView& seal : status.seals) {
        if (seal.life == "active") active.push_back(seal.name);
    }
    if (active.size() == 1) return active.front();
    if (active.empty()) {
        return Error{Errc::conflict,
                     "no seal of this node is active: make one with `fieldseal seal-key create` "
                     "or let one seal with `fieldseal seal-key activate SEAL`"};
    }
    std::string names;
    for (const std::string& name : active) names += (names.empty() ? "" : ", ") + printable(name);
    return Error{Errc::invalid_argument,
                 "this node has several active seals, name the one you mean: " + names};
}

std::string seal_path(const std::string& seal, std::string_view action) {
    return "/api/v1/seals/" + percent_encode(seal) + "/" + std::string(action);
}

Result<std::string> unlock(const UnlockArguments& arguments, Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    auto seal = FIELDSEAL_TRY(which_seal(arguments.seal, daemon));
    PassphraseRequest request;
    request.prompt = "Passphrase (or token's PIN) of the seal " + printable(seal);
    request.bytes_min = 0;  // what a passphrase needs is the node's business: it may be a PIN
    request.file = arguments.passphrase_file;
    request.descriptor = arguments.passphrase_fd;
    request.credentials_directory = credentials_directory_from_environment();
    request.credential_name = "fieldseal-passphrase";
    const Passphrase passphrase = FIELDSEAL_TRY(session.secret(request));
    if (arguments.last_try && daemon.is_remote()) return not_with_node();
    const std::string_view action = arguments.last_try ? "unlock-last-try" : "unlock";
    FIELDSEAL_TRY(daemon.post_secret(seal_path(seal, action), "passphrase", passphrase.bytes));
    return seal;
}

Result<std::string> lock(const std::string& given, Session& session) {
    auto daemon = FIELDSEAL_TRY(session.connect());
    auto seal = FIELDSEAL_TRY(which_seal(given, daemon));
    FIELDSEAL_TRY(daemon.post(seal_path(seal, "lock")));
    return seal;
}

// Of a software key: a token's PIN has no such code.
ExitCode fail_unlock(const Error& error, Session& session) {
    Failure why = session.failure(error);
    if (error.problem == "wrong-passphrase" && session.options.node.url.empty()) {
        why.next = "Forgotten? The recovery code gives the seal a new one: " +
                   session.command("seal-key passphrase SEAL --recovery-code");
    }
    return session.output().fail(why);
}

ExitCode report(const Result<std::string>& seal, std::string_view state, Session& session) {
    if (!seal.ok()) return fail_unlock(seal.error(), session);
    session.output().say(std::string(state) + " the seal " + printable(*seal));
    auto document = new_document("seal-state");
    document.set("seal", *seal);
    document.set("state", state);
    session.output().document(document);
    return ExitCode::ok;
}

}  // namespace

void add_lock_verbs(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<UnlockArguments>();
    CLI::App* unlock_verb = app.add_subcommand("unlock", "Let a seal sign, with its passphrase");
    unlock_verb->add_option("SEAL", arguments->seal, "Which one, where there are several");
    unlock_verb
        ->add_option("--passphrase-file", arguments->passphrase_file,
                     "Read it from a file (mode 0600)")
        ->type_name("FILE");
    unlock_verb
        ->add_option("--passphrase-fd", arguments->passphrase_fd, "Read it from an open descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1 << 20));
    unlock_verb->add_flag("--last-try", arguments->last_try,
                          "A token's PIN: try it even if a wrong one may lock the token");
    unlock_verb->footer(kUnlockExamples);
    unlock_verb->callback([arguments, &session] {
        session.finish(report(unlock(*arguments, session), "unlocked", session));
    });

    auto seal = std::make_shared<std::string>();
    CLI::App* lock_verb =
        app.add_subcommand("lock", "Stop a seal from signing until it is unlocked again");
    lock_verb->add_option("SEAL", *seal, "Which one, where there are several");
    lock_verb->footer(kLockExamples);
    lock_verb->callback(
        [seal, &session] { session.finish(report(lock(*seal, session), "locked", session)); });
}

}  // namespace fieldseal::node::cli
