// SPDX-License-Identifier: Apache-2.0
// fieldseal trust: the verifier's own trust file. `export` asks this node to describe itself; the
// rest works on files alone, on any machine, without a daemon.
#include "core/chain_pin.h"
#include "core/encoding.h"
#include "core/pki/certificate.h"
#include "core/pki/time_stamp.h"
#include "core/trust.h"
#include "node/cli/document_file.h"
#include "node/cli/evidence_file.h"
#include "node/cli/key_text.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/trust_view.h"
#include "node/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kExportExamples = R"(Examples:
  fieldseal trust export --output office-7.json     what others merge into their trust file)";
constexpr const char* kMergeExamples = R"(Examples:
  fieldseal trust merge --into trust.json office-7.json
  fieldseal trust merge --into trust.json --origin example.org/office-7/1 office-7.json
Compare the origin and the log key with what the office told you by another way: merging is believing.)";
constexpr const char* kWitnessExamples = R"(Examples:
  fieldseal trust add-witness --into trust.json --vkey hub-witness.vkey --operator ministry.example)";
constexpr const char* kLogExamples = R"(Examples:
  fieldseal trust add-log --into trust.json --vkey hub-log.vkey --operator ministry.example
For the log in which a hub keeps the checkpoints it witnessed.)";
constexpr const char* kChainExamples = R"(Examples:
  fieldseal trust add-chain --into trust.json --operator registry.example pin.json
  fieldseal trust add-chain --into trust.json --replace pin-2.json     its validators have changed
Compare the validators with what the chain's operator told you by another way: they decide about time.)";
constexpr const char* kTsaExamples = R"(Examples:
  fieldseal trust add-tsa --into trust.json --operator post.example --policy 1.3.6.1.4.1.99999.1 post-root.pem
  fieldseal trust add-tsa --into trust.json --operator post.example --accuracy-default 1 post-root.pem
Compare the certificates with what the authority publishes: they decide about time.)";
constexpr const char* kShowExamples = R"(Examples:
  fieldseal trust show trust.json)";

struct MergeArguments {
    std::string into;
    std::vector<std::string> exports;
    std::vector<std::string> origins;
    bool yes = false;
};

struct PartyArguments {
    std::string into;
    std::string vkey;
    std::string operated_by;
    std::string url;
};

Result<Trust> read_trust(const std::string& path) {
    const std::string text = FIELDSEAL_TRY(read_small_file(path, kTrustBytesMax));
    auto trust = parse_trust(text);
    if (!trust.ok()) return trust.error().with_context(printable(path));
    return trust;
}

// A trust file that does not exist yet begins empty.
Result<Trust> read_own_trust(const std::string& path) {
    auto trust = read_trust(path);
    if (!trust.ok() && trust.error().code == Errc::not_found) return Trust();
    return trust;
}

Result<void> write_trust(const std::string& path, const Trust& trust) {
    FIELDSEAL_TRY(check_trust(trust));
    return replace_file(path, to_json(trust));
}

// A file that is no trust file is as useless an input as one that is missing.
ExitCode fail_input(const Error& error, Session& session) {
    if (error.code != Errc::invalid_argument) return session.fail_input(error);
    return session.output().fail({ExitCode::unreadable, error, ""});
}

ExitCode run_export(const std::string& path, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto value = daemon->get("/api/v1/trust");
    if (!value.ok()) return session.fail(value.error());
    const std::string text = json::dump(*value, json::Style::pretty);
    if (path.empty() || path == "-") {
        session.output().raw(text);
        return ExitCode::ok;
    }
    const auto former = read_own_trust(path);
    if (!former.ok()) {
        return session.fail(
            Error{Errc::conflict,
                  printable(path) + " exists and is not a trust file, so it stays as it is"});
    }
    const auto written = replace_file(path, text);
    if (!written.ok()) return session.fail(written.error());
    session.output().say("wrote " + printable(path));
    auto document = new_document("trust-export");
    document.set("file", path);
    session.output().document(document);
    return ExitCode::ok;
}

// What a person compares before believing it.
void show_import(const Trust& imported, Session& session) {
    for (const TrustedLog& log : imported.logs) {
        session.output().data("  origin    " + printable(log.origin));
        session.output().data("  log key   " + printable(note::format_vkey(log.key)));
        session.output().data("  operator  " + printable(log.operated_by));
    }
    for (const TrustedSeal& seal : imported.seals)
        session.output().data("  seal      " + hex_encode(seal.key.kid()));
}

bool confirmed(Session& session) {
    if (session.output().json_wanted || ::isatty(STDIN_FILENO) != 1) return false;
    std::cerr << "Believe this node from now on? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

// The origin comes from the person: named, or looked at and confirmed (ADR 6).
Result<std::string> agreed_origin(const Trust& imported, std::size_t position,
                                  const MergeArguments& arguments, Session& session) {
    if (!arguments.origins.empty()) {
        const std::string& expected = arguments.origins[position];
        if (imported.logs.size() != 1 || imported.logs.front().origin == expected) return expected;
        return Error{Errc::conflict,
                     "this export is of " + printable(imported.logs.front().origin) +
                         ", you expected " + printable(expected) + ": nothing was merged"};
    }
    if (imported.logs.size() != 1)
        return Error{Errc::invalid_argument, "an export holds exactly one log"};
    if (!arguments.yes && !confirmed(session)) {
        return Error{Errc::conflict,
                     "nothing was merged: name the origin you expect with --origin, or say --yes"};
    }
    return imported.logs.front().origin;
}

ExitCode run_merge(const MergeArguments& arguments, Session& session) {
    if (!arguments.origins.empty() && arguments.origins.size() != arguments.exports.size()) {
        return session.output().fail(
            {ExitCode::usage,
             Error{Errc::invalid_argument, "give one --origin for each export, in their order"},
             ""});
    }
    auto own = read_own_trust(arguments.into);
    if (!own.ok()) return fail_input(own.error(), session);
    auto merged = json::Value::array();
    for (std::size_t i = 0; i < arguments.exports.size(); ++i) {
        const std::string& path = arguments.exports[i];
        const auto imported = read_trust(path);
        if (!imported.ok()) return fail_input(imported.error(), session);
        session.output().say(printable(path) + ":");
        if (!session.output().quiet) show_import(*imported, session);
        const auto origin = agreed_origin(*imported, i, arguments, session);
        if (!origin.ok()) return session.fail(origin.error().with_context(printable(path)));
        own = merge_trust(*own, *imported, *origin);
        if (!own.ok()) return session.fail(own.error().with_context(printable(path)));
        merged.push_back(*origin);
    }
    const auto written = write_trust(arguments.into, *own);
    if (!written.ok()) return session.fail(written.error());
    session.output().say("merged " + counted(arguments.exports.size(), "export", "exports") +
                         " into " + printable(arguments.into));
    auto document = new_document("trust-merge");
    document.set("into", arguments.into);
    document.set("origins", std::move(merged));
    session.output().document(document);
    return ExitCode::ok;
}

enum class Party : std::uint8_t { witness, log };

bool has_party(const Trust& trust, Party party, const note::VerifierKey& key,
               const PartyArguments& arguments) {
    if (party == Party::log) {
        return std::any_of(trust.logs.begin(), trust.logs.end(), [&](const TrustedLog& log) {
            return log.kind == LogKind::checkpoints && log.key == key &&
                   log.operated_by == arguments.operated_by;
        });
    }
    return std::any_of(
        trust.witnesses.begin(), trust.witnesses.end(), [&](const TrustedWitness& witness) {
            const bool same_url = arguments.url.empty() || witness.url == arguments.url;
            return witness.key == key && same_url && witness.operated_by == arguments.operated_by;
        });
}

ExitCode report_party(std::string_view done, const PartyArguments& arguments,
                      const note::VerifierKey& key, Session& session) {
    session.output().say(std::string(done) + " " + printable(arguments.into) + ": " +
                         printable(key.name));
    auto document = new_document("trust-add");
    document.set("into", arguments.into);
    document.set("name", key.name);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_add(const PartyArguments& arguments, Party party, Session& session) {
    const auto type = party == Party::witness ? note::KeyType::cosignature : note::KeyType::ed25519;
    const auto line = require_key(arguments.vkey, type, "--vkey");
    if (!line.ok()) return fail_input(line.error(), session);
    auto trust = read_own_trust(arguments.into);
    if (!trust.ok()) return fail_input(trust.error(), session);
    const auto key = note::parse_vkey(*line);
    if (!key.ok()) return session.fail(key.error());
    if (has_party(*trust, party, *key, arguments))
        return report_party("it is there already, in", arguments, *key, session);
    if (party == Party::witness) {
        TrustedWitness witness{*key, arguments.operated_by, std::nullopt};
        if (!arguments.url.empty()) witness.url = arguments.url;
        trust->witnesses.push_back(std::move(witness));
    } else {
        TrustedLog log;
        log.origin = key->name;
        log.key = *key;
        log.kind = LogKind::checkpoints;
        log.operated_by = arguments.operated_by;
        trust->logs.push_back(std::move(log));
    }
    const auto written = write_trust(arguments.into, *trust);
    if (!written.ok()) return session.fail(written.error());
    return report_party("added to", arguments, *key, session);
}

struct ChainArguments {
    std::string into;
    std::string pin;
    std::string operated_by;
    bool replace = false;
};

Result<ChainPin> read_pin_file(const std::string& path) {
    const std::string text = FIELDSEAL_TRY(read_small_file(path, kChainPinBytesMax));
    auto pin = parse_chain_pin(text);
    if (!pin.ok()) return pin.error().with_context(printable(path));
    return pin;
}

// What a person compares before believing it.
void show_chain(const TrustedChain& chain, Session& session) {
    session.output().data("  chain      " + printable(chain.id) + ", id " +
                          std::to_string(chain.chain_id));
    if (chain.contract) session.output().data("  contract   " + evm::to_string(*chain.contract));
    for (const ValidatorSet& set : chain.validator_sets) {
        const std::string until = set.to ? " to " + std::to_string(*set.to) : " on";
        session.output().data("  from block " + std::to_string(set.from) + until);
        for (const evm::Address& validator : set.validators)
            session.output().data("  validator  " + evm::to_string(validator));
    }
}

// Evidence from blocks of a set that the new pin does not have is no longer proven.
void warn_of_lost_sets(const TrustedChain& before, const TrustedChain& now, Session& session) {
    for (const ValidatorSet& set : before.validator_sets) {
        const ValidatorSet* same = now.find_set(set.from);
        if (same != nullptr && same->validators == set.validators) continue;
        session.output().warn("the validators from block " + std::to_string(set.from) +
                              " on are not those of the pin before: evidence that was anchored "
                              "under them may no longer be proven with this trust file");
    }
}

// Puts it among the chains; says what became of it.
Result<std::string> believe_chain(TrustedChain chain, const ChainArguments& arguments, Trust& trust,
                                  Session& session) {
    const auto known =
        std::find_if(trust.chains.begin(), trust.chains.end(),
                     [&](const TrustedChain& other) { return other.id == chain.id; });
    if (!arguments.operated_by.empty()) chain.operated_by = arguments.operated_by;
    if (known == trust.chains.end()) {
        trust.chains.push_back(std::move(chain));
        return std::string("added to");
    }
    // Who runs it was the trust file's owner's word, not the pin's.
    if (arguments.operated_by.empty()) chain.operated_by = known->operated_by;
    if (*known == chain) return std::string("it is there already, in");
    if (!arguments.replace) {
        return Error{Errc::conflict,
                     printable(arguments.into) + " believes another pin of the chain " +
                         fieldseal::quoted(chain.id) +
                         ": compare it (`fieldseal trust show`) with what the chain's operator "
                         "told you, then repeat with --replace"};
    }
    warn_of_lost_sets(*known, chain, session);
    *known = std::move(chain);
    return std::string("replaced in");
}

ExitCode run_add_chain(const ChainArguments& arguments, Session& session) {
    const auto pin = read_pin_file(arguments.pin);
    if (!pin.ok()) return fail_input(pin.error(), session);
    auto trust = read_own_trust(arguments.into);
    if (!trust.ok()) return fail_input(trust.error(), session);
    const auto done = believe_chain(pin->chain, arguments, *trust, session);
    if (!done.ok()) return session.fail(done.error());
    const auto written = write_trust(arguments.into, *trust);
    if (!written.ok()) return session.fail(written.error());
    if (!session.output().quiet) show_chain(pin->chain, session);
    session.output().say(*done + " " + printable(arguments.into) + ": " + printable(pin->chain.id));
    auto document = new_document("trust-add");
    document.set("into", arguments.into);
    document.set("name", pin->chain.id);
    session.output().document(document);
    return ExitCode::ok;
}

struct TsaArguments {
    std::string into;
    std::string roots;
    std::string operated_by;
    std::vector<std::string> policies;
    std::int64_t accuracy_default_s = 0;
};

Result<std::vector<pki::Certificate>> read_roots_file(const TsaArguments& arguments) {
    const std::string pem = FIELDSEAL_TRY(read_small_file(arguments.roots, pki::kPemBytesMax));
    auto roots = pki::parse_pem_certificates(pem);
    if (!roots.ok()) return roots.error().with_context(printable(arguments.roots));
    for (const std::string& policy : arguments.policies) {
        if (pki::is_oid(policy)) continue;
        return Error{Errc::invalid_argument, "--policy " + fieldseal::quoted(policy) +
                                                 ": write an OID such as 1.3.6.1.4.1.1.2"};
    }
    return roots;
}

// What a person compares before believing it.
void show_roots(const std::vector<pki::Certificate>& roots, Session& session) {
    for (const pki::Certificate& root : roots) {
        session.output().data("  root      " + printable(root.subject()));
        session.output().data("  sha256    " + hex_encode(root.sha256()));
        session.output().data("  until     " + rfc3339(root.not_after_s()));
    }
}

ExitCode run_add_tsa(const TsaArguments& arguments, Session& session) {
    const auto roots = read_roots_file(arguments);
    if (!roots.ok()) return fail_input(roots.error(), session);
    auto trust = read_own_trust(arguments.into);
    if (!trust.ok()) return fail_input(trust.error(), session);
    TrustedTsa tsa;
    for (const pki::Certificate& root : *roots) tsa.roots.push_back(root.der());
    tsa.policies = arguments.policies;
    tsa.accuracy_default_s = arguments.accuracy_default_s;
    tsa.operated_by = arguments.operated_by;
    trust->tsas.push_back(std::move(tsa));
    const auto written = write_trust(arguments.into, *trust);
    if (!written.ok()) return session.fail(written.error());
    if (!session.output().quiet) show_roots(*roots, session);
    session.output().say("added the time-stamping authority of " +
                         printable(arguments.operated_by) + " to " + printable(arguments.into));
    auto document = new_document("trust-add");
    document.set("into", arguments.into);
    document.set("name", arguments.operated_by);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_show(const std::string& path, Session& session) {
    const auto text = read_small_file(path, kTrustBytesMax);
    if (!text.ok()) return fail_input(text.error(), session);
    const auto trust = read_trust(path);
    if (!trust.ok()) return fail_input(trust.error(), session);
    const std::string digest = hex_encode(sha256(as_bytes(*text)));
    auto parties = parties_of(*trust);
    std::vector<std::vector<std::string>> rows = {{"SHA-256", digest, ""}};
    for (const json::Value& each : parties.as_array()) add_party_rows(each, rows);
    rows.push_back({"policy", "witnesses " + std::to_string(trust->policy.witness_quorum),
                    "time sources " + std::to_string(trust->policy.time_quorum)});
    session.output().table(rows);
    auto document = new_document("trust-show");
    document.set("sha256", digest);
    document.set("logs", trust->logs.size());
    document.set("seals", trust->seals.size());
    document.set("witnesses", trust->witnesses.size());
    document.set("chains", trust->chains.size());
    document.set("tsas", trust->tsas.size());
    document.set("parties", std::move(parties));
    document.set("policy", json::Value::object({{"witness_quorum", trust->policy.witness_quorum},
                                                {"time_quorum", trust->policy.time_quorum}}));
    session.output().document(document);
    return ExitCode::ok;
}

void add_party_verb(CLI::App& trust, Session& session, Party party) {
    auto arguments = std::make_shared<PartyArguments>();
    const bool witness = party == Party::witness;
    CLI::App* verb =
        trust.add_subcommand(witness ? "add-witness" : "add-log",
                             witness ? "Believe a witness's cosignatures and times"
                                     : "Believe the log a hub keeps of what it witnessed");
    verb->add_option("--into", arguments->into, "Your trust file")->required()->type_name("FILE");
    verb->add_option("--vkey", arguments->vkey, "Its verifier key, or a file with it")
        ->required()
        ->type_name("KEY|FILE");
    verb->add_option("--operator", arguments->operated_by, "Who runs it; quorums count operators")
        ->required()
        ->type_name("NAME");
    if (witness)
        verb->add_option("--url", arguments->url, "Where it is, for people")->type_name("URL");
    verb->footer(witness ? kWitnessExamples : kLogExamples);
    verb->callback(
        [arguments, party, &session] { session.finish(run_add(*arguments, party, session)); });
}

void add_chain_verb(CLI::App& trust, Session& session) {
    auto arguments = std::make_shared<ChainArguments>();
    CLI::App* verb =
        trust.add_subcommand("add-chain", "Believe the blocks a chain's validators seal");
    verb->add_option("--into", arguments->into, "Your trust file")->required()->type_name("FILE");
    verb->add_option("--operator", arguments->operated_by,
                     "Who runs it, if not as the pin says; quorums count operators")
        ->type_name("NAME");
    verb->add_flag("--replace", arguments->replace,
                   "Believe this pin instead of the one that is there");
    verb->add_option("PIN", arguments->pin, "The chain's pin")->required()->type_name("FILE");
    verb->footer(kChainExamples);
    verb->callback([arguments, &session] { session.finish(run_add_chain(*arguments, session)); });
}

void add_tsa_verb(CLI::App& trust, Session& session) {
    auto arguments = std::make_shared<TsaArguments>();
    CLI::App* verb =
        trust.add_subcommand("add-tsa", "Believe the times a time-stamping authority signs");
    verb->add_option("--into", arguments->into, "Your trust file")->required()->type_name("FILE");
    verb->add_option("--operator", arguments->operated_by, "Who runs it; quorums count operators")
        ->required()
        ->type_name("NAME");
    verb->add_option("--policy", arguments->policies,
                     "OID of a policy its tokens may be made under; none means any")
        ->type_name("OID");
    verb->add_option("--accuracy-default", arguments->accuracy_default_s,
                     "How sure its times are, in seconds, when a token does not say")
        ->check(CLI::Range(std::int64_t{0}, pki::kAccuracyMax_s))
        ->type_name("N");
    verb->add_option("ROOTS", arguments->roots, "Its root certificates (PEM)")
        ->required()
        ->type_name("FILE");
    verb->footer(kTsaExamples);
    verb->callback([arguments, &session] { session.finish(run_add_tsa(*arguments, session)); });
}

void add_merge_verb(CLI::App& trust, Session& session) {
    auto arguments = std::make_shared<MergeArguments>();
    CLI::App* merge = trust.add_subcommand(
        "merge", "Believe what a node exported about itself, and nothing else of it");
    merge->add_option("--into", arguments->into, "Your trust file; made when there is none")
        ->required()
        ->type_name("FILE");
    merge->add_option("EXPORT", arguments->exports, "Files made by trust export")
        ->required()
        ->type_name("FILE");
    merge->add_option("--origin", arguments->origins, "The origin you expect, one for each export")
        ->type_name("ORIGIN");
    merge->add_flag("--yes", arguments->yes,
                    "Take the origins the exports name, without a question");
    merge->footer(kMergeExamples);
    merge->callback([arguments, &session] { session.finish(run_merge(*arguments, session)); });
}

}  // namespace

void add_trust_verbs(CLI::App& app, Session& session) {
    CLI::App* trust = app.add_subcommand("trust", "Trust files: whom a verifier believes");
    trust->require_subcommand(1);
    trust->footer(kMergeExamples);
    auto path = std::make_shared<std::string>();
    CLI::App* export_verb =
        trust->add_subcommand("export", "What a verifier needs to know of this node");
    export_verb->add_option("-o,--output", *path, "A file instead of standard output")
        ->type_name("FILE");
    export_verb->footer(kExportExamples);
    export_verb->callback([path, &session] { session.finish(run_export(*path, session)); });
    add_merge_verb(*trust, session);
    add_party_verb(*trust, session, Party::witness);
    add_party_verb(*trust, session, Party::log);
    add_chain_verb(*trust, session);
    add_tsa_verb(*trust, session);
    auto shown = std::make_shared<std::string>();
    CLI::App* show = trust->add_subcommand("show", "Whom a trust file believes, and its SHA-256");
    show->add_option("FILE", *shown, "A trust file")->required()->type_name("FILE");
    show->footer(kShowExamples);
    show->callback([shown, &session] { session.finish(run_show(*shown, session)); });
}

}  // namespace fieldseal::node::cli
