// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key activate, suspend, resume, retire, compromise, destroy: what becomes of a
// seal. fieldseal seal-key policy: what it may be used for.
#include "core/encoding.h"
#include "core/statement.h"
#include "core/status.h"
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <array>
#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr std::string_view kAlways = "always";

// One verb that takes a seal from one state to another.
struct LifeVerb {
    const char* name;
    const char* help;
    const char* done;   // "activated", for the sentence
    const char* warns;  // what is lost for good; null when something leads back
    const char* examples;
};
constexpr std::array<LifeVerb, 6> kLifeVerbs = {{
    {"activate", "Let a new seal seal", "activated", nullptr,
     "Examples:\n  fieldseal seal-key activate permits"},
    {"suspend", "Stop a seal for now", "suspended", nullptr,
     "Examples:\n  fieldseal seal-key suspend permits --reason \"the officer is away\""},
    {"resume", "Let a suspended seal go on", "resumed", nullptr,
     "Examples:\n  fieldseal seal-key resume permits"},
    {"retire", "End a seal; what it sealed stays valid", "retired",
     "The seal will never seal again. What it sealed stays valid.",
     "Examples:\n  fieldseal seal-key retire permits --reason \"the office was closed\" --yes"},
    {"compromise", "Say that a seal's key may be in other hands", "compromised",
     "Nobody will believe what the seal signed from then on.",
     "Examples:\n  fieldseal seal-key compromise permits --from 2026-11-28 --yes\n"
     "  fieldseal seal-key compromise permits --from always --yes   since its beginning\n"
     "When more is known, the same order gives an earlier date."},
    {"destroy", "Wipe a seal's key; what it sealed stays valid", "destroyed",
     "The key will be wiped. Copies in backups still open with their passphrases.",
     "Examples:\n  fieldseal seal-key destroy permits --yes\n"
     "  fieldseal seal-key destroy stamp --pin-file stamp.pin    of a key in a token: its PIN"},
}};

constexpr const char* kPolicyExamples = R"(Examples:
  fieldseal seal-key policy permits                                      shows it
  fieldseal seal-key policy permits --hours 08:00-18:00 --quota 200
  fieldseal seal-key policy permits --media-type application/pdf --media-type 'image/*'
  fieldseal seal-key policy permits --clear hours --clear quota
Words of --clear: media-type, quota, hours, lock-after-statements, lock-after-hours, idle-lock, all.)";

// What --clear takes away, and how the API calls it.
struct PolicyWord {
    std::string_view word;
    std::string_view member;
};
constexpr std::array<PolicyWord, 6> kPolicyWords = {{
    {"media-type", "media_types"},
    {"quota", "quota_per_day"},
    {"hours", "hours"},
    {"lock-after-statements", "lock_after_statements"},
    {"lock-after-hours", "lock_after_hours"},
    {"idle-lock", "idle_lock_s"},
}};

struct LifeArguments {
    std::string name;
    std::string reason;
    std::string from;
    std::optional<std::string> pin_file;  // destroy, of a key in a token
    bool yes = false;
};

Result<json::Value> life_order(const LifeVerb& verb, const LifeArguments& arguments) {
    auto order = json::Value::object();
    if (!arguments.reason.empty()) order.set("reason", arguments.reason);
    if (std::string_view(verb.name) != "compromise") return order;
    if (arguments.from != kAlways) order.set("from", FIELDSEAL_TRY(parse_utc(arguments.from)));
    return order;
}

// The token is asked before anything is published, and it wants its PIN for that.
Result<json::Value> destroy_in_token(const std::string& path, const json::Value& order,
                                     const LifeArguments& arguments, DaemonClient& daemon,
                                     Session& session) {
    PassphraseRequest request;
    request.prompt = "PIN of the token that has the key of " + printable(arguments.name);
    request.bytes_min = 0;  // a reader with keys asks for it itself
    request.file = arguments.pin_file;
    request.file_option = "--pin-file";
    const Passphrase pin = FIELDSEAL_TRY(session.secret(request));
    return daemon.send_secret(path, {"POST", order, "passphrase", pin.bytes});
}

Result<json::Value> give_order(const LifeVerb& verb, const json::Value& order,
                               const LifeArguments& arguments, DaemonClient& daemon,
                               Session& session) {
    const std::string path = seal_path(arguments.name, verb.name);
    if (std::string_view(verb.name) == "destroy") {
        const json::Value seal = FIELDSEAL_TRY(daemon.get(seal_path(arguments.name)));
        const bool in_token = text_at(seal, "custody") != to_string(Custody::software);
        if (in_token && text_at(seal, "life") != to_string(SealState::destroyed))
            return destroy_in_token(path, order, arguments, daemon, session);
    }
    return daemon.post(path, order);
}

ExitCode run_life(const LifeVerb& verb, const LifeArguments& arguments, Session& session) {
    const auto order = life_order(verb, arguments);
    if (!order.ok()) return session.fail(order.error());
    if (verb.warns != nullptr && !agreed(arguments.yes, arguments.name, verb.warns, session))
        return session.fail(not_agreed(verb.name));
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = give_order(verb, *order, arguments, *daemon, session);
    return report_seal(view, std::string(verb.done) + " the seal " + printable(arguments.name),
                       session);
}

void add_life_verb(CLI::App& seal_key, const LifeVerb& verb, Session& session) {
    auto arguments = std::make_shared<LifeArguments>();
    CLI::App* added = seal_key.add_subcommand(verb.name, verb.help);
    added->add_option("NAME", arguments->name, "A seal")->required()->type_name("");
    added->add_option("--reason", arguments->reason, "Why, for its history")->type_name("TEXT");
    if (std::string_view(verb.name) == "compromise") {
        added
            ->add_option("--from", arguments->from,
                         "Since when, in UTC: 2026-11-28 or 2026-11-28T14:30:00Z, or always")
            ->required()
            ->type_name("TIME");
    }
    if (std::string_view(verb.name) == "destroy") {
        added
            ->add_option("--pin-file", arguments->pin_file,
                         "Read the PIN of the key's token from a file (mode 0600)")
            ->type_name("FILE");
    }
    if (verb.warns != nullptr) added->add_flag("--yes", arguments->yes, "Do it without a question");
    added->footer(verb.examples);
    added->callback(
        [&verb, arguments, &session] { session.finish(run_life(verb, *arguments, session)); });
}

struct PolicyVerbArguments {
    std::string name;
    PolicyArguments policy;
    std::vector<std::string> clear;
};

json::Value nothing_of(const PolicyWord& word) {
    return word.member == "media_types" ? json::Value::array() : json::Value();
}

Result<json::Value> changed_policy(const PolicyVerbArguments& arguments) {
    json::Value order = policy_order(arguments.policy);
    for (const std::string& clear : arguments.clear) {
        bool known = clear == "all";
        for (const PolicyWord& word : kPolicyWords) {
            if (clear != "all" && clear != word.word) continue;
            known = true;
            if (order.find(word.member) == nullptr) order.set(word.member, nothing_of(word));
        }
        if (!known) {
            return Error{Errc::invalid_argument,
                         "--clear " + fieldseal::quoted(clear) +
                             " is not media-type, quota, hours, lock-after-statements, "
                             "lock-after-hours, idle-lock or all"};
        }
    }
    return order;
}

ExitCode run_policy(const PolicyVerbArguments& arguments, Session& session) {
    const auto policy = changed_policy(arguments);
    if (!policy.ok()) return session.fail(policy.error());
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const bool shows = policy->as_object().empty();
    const auto view = shows ? daemon->get(seal_path(arguments.name))
                            : daemon->patch(seal_path(arguments.name),
                                            json::Value::object({{"policy", *policy}}));
    if (!view.ok()) return session.fail(view.error());
    session.output().data("policy  " + printable(policy_words(*view)));
    auto document = new_document("seal-key");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_policy_verb(CLI::App& seal_key, Session& session) {
    auto arguments = std::make_shared<PolicyVerbArguments>();
    CLI::App* verb = seal_key.add_subcommand("policy", "What a seal may be used for, and how much");
    verb->add_option("NAME", arguments->name, "A seal")->required()->type_name("");
    add_policy_options(*verb, arguments->policy);
    verb->add_option("--clear", arguments->clear,
                     "Ask no more for this; may be given several times")
        ->type_name("WORD");
    verb->footer(kPolicyExamples);
    verb->callback([arguments, &session] { session.finish(run_policy(*arguments, session)); });
}

}  // namespace

void add_seal_life_verbs(CLI::App& seal_key, Session& session) {
    for (const LifeVerb& verb : kLifeVerbs) add_life_verb(seal_key, verb, session);
    add_policy_verb(seal_key, session);
}

}  // namespace fieldseal::node::cli
