// SPDX-License-Identifier: Apache-2.0
// fieldseal target: the places this node anchors to.
#include "core/chain_pin.h"
#include "core/encoding.h"
#include "core/pki/certificate.h"
#include "node/cli/document_file.h"
#include "node/cli/key_text.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kTargetAddExamples = R"(Examples:
  fieldseal target add witness --name head-office --url https://hub.example.org/witness \
      --vkey hub-witness.vkey --log-vkey hub-log.vkey
On the hub, `fieldseal node info --witness-vkey` and `--witnessed-log-vkey` print these keys.)";
constexpr const char* kTargetAddEvmExamples = R"(Examples:
  fieldseal target add evm --name registry --url https://rpc-1.chain.example.org \
      --url https://rpc-2.chain.example.org --chain-file pin.json
  fieldseal target add evm --name registry --url http://127.0.0.1:8545 --chain-file pin.json \
      --fees market --max-fee-gwei 50 --auth-file /etc/fieldseal/registry.auth
  fieldseal target add evm --name registry --url https://rpc-1.chain.example.org --chain-file pin.json \
      --log checkpoints                on a hub: anchor what it witnessed
It prints the account that the chain's operator has to permit or fund; `fieldseal target test` asks the
endpoints. The pin comes from the operator by a way you trust (docs/formats/chain-pin.md).)";
constexpr const char* kTargetAddAuthorityExamples = R"(Examples:
  fieldseal target add rfc3161 --name post --url https://tsa.example.org/rfc3161 --roots post-root.pem \
      --policy 1.3.6.1.4.1.99999.1
  fieldseal target add rfc3161 --name post --url https://tsa.example.org/rfc3161 --roots post-root.pem \
      --accuracy-default 1 --auth-file /etc/fieldseal/post.auth
The root certificates come from the authority by a way you trust. One request goes out for each checkpoint.)";
constexpr const char* kTargetTestExamples = R"(Examples:
  fieldseal target test registry
  fieldseal --json target test registry | jq '.answers[] | select(.ok | not)'

Exit codes: 0 every endpoint answered as it must, 2 some of them, 1 none.)";
constexpr const char* kTargetListExamples = R"(Examples:
  fieldseal target list
  fieldseal --json target list | jq '.targets[].phase')";

struct TargetArguments {
    std::string name;
    std::string url;
    std::string vkey;
    std::string log_vkey;
    std::string tls_pin;
};

Result<json::Value> target_order(const TargetArguments& arguments) {
    auto order = json::Value::object({{"name", arguments.name}, {"url", arguments.url}});
    order.set("vkey",
              FIELDSEAL_TRY(require_key(arguments.vkey, note::KeyType::cosignature, "--vkey")));
    if (!arguments.log_vkey.empty()) {
        order.set("log_vkey", FIELDSEAL_TRY(require_key(arguments.log_vkey, note::KeyType::ed25519,
                                                        "--log-vkey")));
    }
    if (!arguments.tls_pin.empty()) {
        FIELDSEAL_TRY(hex_decode_digest(arguments.tls_pin));
        order.set("tls_pin_sha256", arguments.tls_pin);
    }
    return order;
}

// Orders a target of either kind; `hint` says what its operator does next.
ExitCode order_target(const Result<json::Value>& order, const std::string& name,
                      const std::string& hint, Session& session) {
    if (!order.ok()) return session.fail_input(order.error());
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->post("/api/v1/targets", *order);
    if (!view.ok()) return session.fail(view.error());
    session.output().say("added the target " + printable(name));
    const std::string account = text_at(*view, "account");
    if (!account.empty()) session.output().data("account " + printable(account));
    session.output().hint(hint);
    auto document = new_document("target");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_target_add(const TargetArguments& arguments, Session& session) {
    return order_target(target_order(arguments), arguments.name,
                        "Its operator enrols this node with the line of `" +
                            session.command("node info --vkey") +
                            "`; then: " + session.command("sync"),
                        session);
}

struct ChainArguments {
    std::string name;
    std::vector<std::string> urls;
    std::string chain_file;
    std::string log = "statements";
    std::string fees = "zero";
    std::string auth_file;
    std::string ca_file;
    std::string tls_pin;
    std::optional<std::uint32_t> max_fee_gwei;
    std::optional<std::uint32_t> priority_fee_gwei;
    std::optional<std::uint32_t> gas_limit;
    std::optional<std::uint32_t> confirmations;
};

// The daemon reads these itself, from wherever it runs.
void set_path(json::Value& order, std::string_view name, const std::string& path) {
    if (path.empty()) return;
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    order.set(name, failed ? path : absolute.string());
}

// The pin is read here, with the rights of the person who adds it.
Result<json::Value> chain_order(const ChainArguments& arguments) {
    const std::string text =
        FIELDSEAL_TRY(read_small_file(arguments.chain_file, kChainPinBytesMax));
    const auto pin = parse_chain_pin(text);
    if (!pin.ok()) return pin.error().with_context(printable(arguments.chain_file));
    auto order = json::Value::object({{"kind", "evm"},
                                      {"name", arguments.name},
                                      {"url", arguments.urls.front()},
                                      {"log", arguments.log},
                                      {"fees", arguments.fees}});
    auto more = json::Value::array();
    for (std::size_t i = 1; i < arguments.urls.size(); ++i) more.push_back(arguments.urls[i]);
    order.set("more_urls", std::move(more));
    order.set("pin", FIELDSEAL_TRY(json::parse(text)));
    set_path(order, "auth_file", arguments.auth_file);
    set_path(order, "ca_file", arguments.ca_file);
    if (!arguments.tls_pin.empty()) {
        FIELDSEAL_TRY(hex_decode_digest(arguments.tls_pin));
        order.set("tls_pin_sha256", arguments.tls_pin);
    }
    order.set_if("max_fee_gwei", arguments.max_fee_gwei)
        .set_if("priority_fee_gwei", arguments.priority_fee_gwei)
        .set_if("gas_limit", arguments.gas_limit)
        .set_if("confirmations", arguments.confirmations);
    return order;
}

ExitCode run_target_add_evm(const ChainArguments& arguments, Session& session) {
    return order_target(chain_order(arguments), arguments.name,
                        "The chain's operator permits or funds that account; then: " +
                            session.command("target test " + arguments.name),
                        session);
}

struct AuthorityArguments {
    std::string name;
    std::string url;
    std::string roots;
    std::vector<std::string> policies;
    std::uint32_t accuracy_default_s = 0;
    std::string log = "statements";
    std::string auth_file;
    std::string ca_file;
    std::string tls_pin;
};

// The roots are read here, with the rights of the person who adds them.
Result<json::Value> authority_order(const AuthorityArguments& arguments) {
    const std::string pem = FIELDSEAL_TRY(read_small_file(arguments.roots, pki::kPemBytesMax));
    const auto roots = pki::parse_pem_certificates(pem);
    if (!roots.ok()) return roots.error().with_context(printable(arguments.roots));
    auto order = json::Value::object({{"kind", "rfc3161"},
                                      {"name", arguments.name},
                                      {"url", arguments.url},
                                      {"roots", pem},
                                      {"log", arguments.log},
                                      {"accuracy_default_s", arguments.accuracy_default_s}});
    auto policies = json::Value::array();
    for (const std::string& policy : arguments.policies) policies.push_back(policy);
    order.set("policies", std::move(policies));
    set_path(order, "auth_file", arguments.auth_file);
    set_path(order, "ca_file", arguments.ca_file);
    if (!arguments.tls_pin.empty()) {
        FIELDSEAL_TRY(hex_decode_digest(arguments.tls_pin));
        order.set("tls_pin_sha256", arguments.tls_pin);
    }
    return order;
}

ExitCode run_target_add_authority(const AuthorityArguments& arguments, Session& session) {
    return order_target(
        authority_order(arguments), arguments.name,
        "Ask it now: " + session.command("sync") +
            "; verifiers pin the same roots: " + session.command("trust add-tsa --help"),
        session);
}

// What all questions to one endpoint came to.
ExitCode code_of_endpoints(const json::Value& view) {
    std::map<std::string, ExitCode> endpoints;
    for (const json::Value& answer : items_at(view, "answers")) {
        ExitCode& code = endpoints.emplace(text_at(answer, "url"), ExitCode::ok).first->second;
        if (!flag_at(answer, "ok")) code = ExitCode::failed;
    }
    std::vector<ExitCode> codes;
    for (const auto& [url, code] : endpoints) codes.push_back(code);
    return codes.empty() ? ExitCode::failed : combine(codes);
}

ExitCode run_target_test(const std::string& name, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->post("/api/v1/targets/" + percent_encode(name) + "/test");
    if (!view.ok()) return session.fail(view.error());
    std::string url;
    for (const json::Value& answer : items_at(*view, "answers")) {
        if (text_at(answer, "url") != url) {
            url = text_at(answer, "url");
            session.output().data(printable(url));
        }
        session.output().data(std::string(flag_at(answer, "ok") ? "  ok   " : "  BAD  ") +
                              printable(text_at(answer, "question")) + ": " +
                              printable(text_at(answer, "answer")));
    }
    auto document = new_document("target-test");
    add_members(document, *view);
    session.output().document(document);
    return code_of_endpoints(*view);
}

ExitCode run_target_list(Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto value = daemon->get("/api/v1/status");
    if (!value.ok()) return session.fail(value.error());
    const StatusView status = read_status(*value);
    if (status.targets.empty()) {
        session.output().hint("There is no target yet: " + session.command("target add --help"));
    } else {
        std::vector<std::vector<std::string>> rows = {{"NAME", "KIND", "URL", "STATE"}};
        for (const TargetView& target : status.targets) {
            rows.push_back({printable(target.name), printable(target.kind), printable(target.url),
                            session.with_options(plain_words(target, target.wanted_size))});
        }
        session.output().table(rows);
    }
    auto document = new_document("target-list");
    const json::Value* targets = value->find("targets");
    document.set("targets", targets != nullptr ? *targets : json::Value::array());
    session.output().document(document);
    return ExitCode::ok;
}

void add_witness_kind(CLI::App& add, Session& session) {
    auto arguments = std::make_shared<TargetArguments>();
    CLI::App* witness = add.add_subcommand("witness", "A fieldseal hub, or any C2SP witness");
    witness->add_option("--name", arguments->name, "Your name for it")
        ->required()
        ->type_name("NAME");
    witness->add_option("--url", arguments->url, "Base URL of its routes")
        ->required()
        ->type_name("URL");
    witness->add_option("--vkey,--vkey-file", arguments->vkey, "Its witness key, or a file with it")
        ->required()
        ->type_name("KEY|FILE");
    witness
        ->add_option("--log-vkey,--log-vkey-file", arguments->log_vkey,
                     "The key of a hub's own log")
        ->type_name("KEY|FILE");
    witness
        ->add_option("--tls-pin", arguments->tls_pin, "SHA-256 of the server's public key (SPKI)")
        ->type_name("HEX");
    witness->footer(kTargetAddExamples);
    witness->callback(
        [arguments, &session] { session.finish(run_target_add(*arguments, session)); });
}

void add_fee_options(CLI::App& evm, ChainArguments& arguments) {
    evm.add_option("--fees", arguments.fees,
                   "zero (a free-gas network), legacy (a gas price) or market (EIP-1559)")
        ->type_name("WORD");
    evm.add_option("--max-fee-gwei", arguments.max_fee_gwei, "Never sign for a higher price of gas")
        ->type_name("N");
    evm.add_option("--priority-fee-gwei", arguments.priority_fee_gwei, "The tip, with market")
        ->type_name("N");
    evm.add_option("--gas-limit", arguments.gas_limit, "Gas one transaction may use")
        ->type_name("N");
}

void add_evm_kind(CLI::App& add, Session& session) {
    auto arguments = std::make_shared<ChainArguments>();
    CLI::App* evm = add.add_subcommand("evm", "A permissioned EVM chain, such as Besu's");
    evm->add_option("--name", arguments->name, "Your name for it")->required()->type_name("NAME");
    evm->add_option("--url", arguments->urls, "JSON-RPC endpoint; give several for one chain")
        ->required()
        ->type_name("URL");
    evm->add_option("--chain-file", arguments->chain_file, "The chain's pin")
        ->required()
        ->type_name("FILE");
    evm->add_option("--log", arguments->log,
                    "statements (the office's own) or checkpoints (what this hub witnessed)")
        ->type_name("WORD");
    add_fee_options(*evm, *arguments);
    evm->add_option("--confirmations", arguments->confirmations,
                    "For a chain without seals: later blocks that make a block final")
        ->type_name("N");
    evm->add_option("--auth-file", arguments->auth_file,
                    "File (mode 0600, the node's user) with one line: Authorization: Bearer …")
        ->type_name("FILE");
    evm->add_option("--ca-file", arguments->ca_file, "PEM file of the CAs instead of the system's")
        ->type_name("FILE");
    evm->add_option("--tls-pin", arguments->tls_pin, "SHA-256 of the server's public key (SPKI)")
        ->type_name("HEX");
    evm->footer(kTargetAddEvmExamples);
    evm->callback(
        [arguments, &session] { session.finish(run_target_add_evm(*arguments, session)); });
}

void add_authority_kind(CLI::App& add, Session& session) {
    auto arguments = std::make_shared<AuthorityArguments>();
    CLI::App* tsa = add.add_subcommand("rfc3161", "A time-stamping authority (RFC 3161)");
    tsa->add_option("--name", arguments->name, "Your name for it")->required()->type_name("NAME");
    tsa->add_option("--url", arguments->url, "Where it takes requests")
        ->required()
        ->type_name("URL");
    tsa->add_option("--roots", arguments->roots, "Its root certificates (PEM)")
        ->required()
        ->type_name("FILE");
    tsa->add_option("--policy", arguments->policies,
                    "OID of a policy its tokens may be made under; none means any")
        ->type_name("OID");
    tsa->add_option("--accuracy-default", arguments->accuracy_default_s,
                    "How sure its times are, in seconds, when a token does not say")
        ->type_name("N");
    tsa->add_option("--log", arguments->log,
                    "statements (the office's own) or checkpoints (what this hub witnessed)")
        ->type_name("WORD");
    tsa->add_option("--auth-file", arguments->auth_file,
                    "File (mode 0600, the node's user) with one line: Authorization: Basic …")
        ->type_name("FILE");
    tsa->add_option("--ca-file", arguments->ca_file, "PEM file of the CAs instead of the system's")
        ->type_name("FILE");
    tsa->add_option("--tls-pin", arguments->tls_pin, "SHA-256 of the server's public key (SPKI)")
        ->type_name("HEX");
    tsa->footer(kTargetAddAuthorityExamples);
    tsa->callback(
        [arguments, &session] { session.finish(run_target_add_authority(*arguments, session)); });
}

void add_target(CLI::App& app, Session& session) {
    CLI::App* target = app.add_subcommand("target", "The places this node anchors to");
    target->require_subcommand(1);
    target->footer(kTargetListExamples);
    CLI::App* add = target->add_subcommand("add", "Add a place to anchor to");
    add->require_subcommand(1);
    add->footer(kTargetAddExamples);
    add_witness_kind(*add, session);
    add_evm_kind(*add, session);
    add_authority_kind(*add, session);
    auto name = std::make_shared<std::string>();
    CLI::App* test = target->add_subcommand("test", "Ask each endpoint of a chain, change nothing");
    test->add_option("NAME", *name, "A target of kind evm")->required()->type_name("");
    test->footer(kTargetTestExamples);
    test->callback([name, &session] { session.finish(run_target_test(*name, session)); });
    CLI::App* list = target->add_subcommand("list", "The targets and how they stand");
    list->footer(kTargetListExamples);
    list->callback([&session] { session.finish(run_target_list(session)); });
}

}  // namespace

void add_target_verbs(CLI::App& app, Session& session) {
    add_target(app, session);
}

}  // namespace fieldseal::node::cli
