// SPDX-License-Identifier: Apache-2.0
// fieldseal lan: the certificate for the office's network and nginx's site file. Works on files in
// data_dir/lan; no daemon is needed.
#include "core/encoding.h"
#include "node/cli/evidence_file.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/clock.h"
#include "node/lan/papers.h"
#include "node/lan/site.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kInitExamples = R"(Examples:
  fieldseal lan init --name seal.office.example --name 192.0.2.7
  fieldseal lan init --name seal.office.example --site /etc/nginx/sites-available/fieldseal
  fieldseal lan init --name seal.office.example --certificate /etc/ssl/office.pem --key /etc/ssl/private/office.pem)";
constexpr const char* kRenewExamples = R"(Examples:
  fieldseal lan renew && systemctl reload nginx)";
constexpr const char* kShowExamples = R"(Examples:
  fieldseal lan show
  fieldseal lan show --ca > office-ca.pem     what people's machines have to trust)";
constexpr const char* kSiteExamples = R"(Examples:
  fieldseal lan site > fieldseal.conf
  fieldseal lan site --address 192.0.2.7 --port 8443
  fieldseal lan site --machine-port 8444 --machine-ca /etc/ssl/machines-ca.pem)";

// How nginx shall listen; the rest is in the configuration and in data_dir/lan.
struct SiteArguments {
    std::vector<std::string> addresses;
    std::uint16_t port = lan::kHttpsPort;
    std::uint16_t machine_port = 0;
    std::string machine_ca;
};

struct InitArguments {
    std::vector<std::string> names;
    std::int64_t days = lan::kServerDays;
    std::string certificate;
    std::string key;
    std::string site_file;
    SiteArguments site;
};

std::string absolute(const std::string& path) {
    std::error_code error;
    const auto result = std::filesystem::absolute(path, error);
    return error ? path : result.lexically_normal().string();
}

Result<std::vector<lan::HostName>> parse_names(const std::vector<std::string>& texts) {
    std::vector<lan::HostName> names;
    for (const std::string& text : texts) {
        lan::HostName name = FIELDSEAL_TRY(lan::parse_host_name(text));
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

// The names given, or those of the configuration.
Result<std::vector<lan::HostName>> names_for(const std::vector<std::string>& given,
                                             const Config& config) {
    auto names = FIELDSEAL_TRY(parse_names(given.empty() ? config.edge.names : given));
    if (names.empty()) {
        return Error{Errc::invalid_argument,
                     "what do people call this node? Give each name and address with --name"};
    }
    return names;
}

Result<lan::Site> site_of(const Config& config, const lan::Papers& papers,
                          const std::vector<lan::HostName>& names, const SiteArguments& arguments) {
    lan::Site site;
    site.names = names;
    site.addresses = FIELDSEAL_TRY(parse_names(arguments.addresses));
    for (const lan::HostName& address : site.addresses) {
        if (address.is_dns()) {
            return Error{Errc::invalid_argument,
                         "nginx listens on addresses of this machine, and " +
                             printable(address.text) + " is a name"};
        }
    }
    site.port = arguments.port;
    site.upstream = config.edge.listen;
    site.certificate = absolute(papers.certificate_path);
    site.private_key = absolute(papers.private_key_path);
    site.organisations = papers.organisations();
    site.machine_port = arguments.machine_port;
    site.machine_ca = arguments.machine_ca.empty() ? "" : absolute(arguments.machine_ca);
    site.document_mib_max = config.edge.document_mib_max;
    return site;
}

json::Value facts_of(const lan::CertificateFacts& facts) {
    auto names = json::Value::array();
    for (const lan::HostName& name : facts.names) names.push_back(name.text);
    return json::Value::object({{"subject", facts.subject},
                                {"names", std::move(names)},
                                {"not_before", rfc3339(facts.not_before_s)},
                                {"not_after", rfc3339(facts.not_after_s)},
                                {"sha256", lan::fingerprint_text(facts.sha256)}});
}

std::string joined(const std::vector<lan::HostName>& names) {
    std::string out;
    for (const lan::HostName& name : names) out += (out.empty() ? "" : ", ") + printable(name.text);
    return out;
}

void report(const lan::Papers& papers, std::string_view kind, Session& session) {
    Output& output = session.output();
    std::vector<std::vector<std::string>> rows = {
        {"names", joined(papers.server.names)},
        {"certificate until", rfc3339(papers.server.not_after_s)}};
    if (papers.authority) {
        rows.push_back({"CA until", rfc3339(papers.authority->not_after_s)});
        rows.push_back({"CA SHA-256", lan::fingerprint_text(papers.authority->sha256)});
    } else {
        rows.push_back({"CA", "the organisation's"});
    }
    output.table(rows);
    auto document = new_document(kind);
    document.set("certificate", facts_of(papers.server));
    document.set("certificate_file", papers.certificate_path);
    document.set("key_file", papers.private_key_path);
    if (papers.authority) document.set("authority", facts_of(*papers.authority));
    output.document(document);
}

// What the configuration has to say so that the node and nginx meet.
void advise(const Config& config, const std::vector<lan::HostName>& names, bool organisations,
            Session& session) {
    std::string list;
    bool complete = config.edge.listen.kind != ListenAddress::Kind::off;
    for (const lan::HostName& name : names) {
        const std::string host = name.as_host();
        complete = complete && std::find(config.edge.names.begin(), config.edge.names.end(),
                                         host) != config.edge.names.end();
        list += (list.empty() ? "\"" : ", \"") + host + "\"";
    }
    Output& output = session.output();
    if (!complete) {
        output.hint("1. In " + session.config_path() +
                    ", then start the node again:\n"
                    "     [edge]\n"
                    "     listen = \"unix:/run/fieldseal/edge.sock\"\n"
                    "     names = [" +
                    list + "]");
    }
    output.hint(std::string(complete ? "1" : "2") +
                ". nginx's site: " + session.command("lan site") +
                " > /etc/nginx/sites-available/fieldseal\n"
                "   enable it, then: nginx -t && systemctl reload nginx");
    if (organisations) return;
    output.hint(std::string(complete ? "2" : "3") +
                ". The CA, for every machine that uses the "
                "node: " +
                session.command("lan show --ca") +
                " > office-ca.pem\n   Compare its SHA-256 there. It vouches for these names only.");
}

Result<void> write_new_site(const std::string& path, const std::string& text) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return Error{Errc::conflict, printable(path) +
                                         " exists already, so it stays as it is. Write the site "
                                         "elsewhere with `fieldseal lan site`"};
    }
    return replace_file(path, text);
}

Result<lan::Papers> init(const InitArguments& arguments, const Config& config,
                         const std::vector<lan::HostName>& names) {
    const std::int64_t now_s = SystemClock().now_s();
    if (!arguments.site_file.empty()) {
        // Before anything is made: a site that could not be written would leave half a set-up.
        lan::Papers planned;
        planned.certificate_path = planned.private_key_path =
            lan::papers_directory(config.data_dir) + "/server.pem";
        const lan::Site site = FIELDSEAL_TRY(site_of(config, planned, names, arguments.site));
        FIELDSEAL_TRY(lan::render_site(site));
        std::error_code ignored;
        if (std::filesystem::exists(arguments.site_file, ignored))
            FIELDSEAL_TRY(write_new_site(arguments.site_file, ""));
    }
    if (arguments.certificate.empty()) {
        FIELDSEAL_TRY(lan::make_papers(config.data_dir, names, arguments.days, now_s));
    } else {
        const lan::OrganisationFiles files{absolute(arguments.certificate),
                                           absolute(arguments.key)};
        FIELDSEAL_TRY(lan::adopt_papers(config.data_dir, names, files, now_s));
    }
    return lan::read_papers(config.data_dir);
}

ExitCode run_init(const InitArguments& arguments, Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto names = names_for(arguments.names, *config);
    if (!names.ok()) return session.fail(names.error());
    const auto papers = init(arguments, *config, *names);
    if (!papers.ok()) return session.fail(papers.error());
    report(*papers, "lan-init", session);
    if (!arguments.site_file.empty()) {
        const auto site = site_of(*config, *papers, *names, arguments.site);
        if (!site.ok()) return session.fail(site.error());
        const auto text = lan::render_site(*site);
        if (!text.ok()) return session.fail(text.error());
        const auto written = write_new_site(arguments.site_file, *text);
        if (!written.ok()) return session.fail(written.error());
        session.output().say("wrote " + printable(arguments.site_file));
    }
    advise(*config, *names, papers->organisations(), session);
    return ExitCode::ok;
}

ExitCode run_renew(std::int64_t days, Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto renewed = lan::renew_papers(config->data_dir, days, SystemClock().now_s());
    if (!renewed.ok()) return session.fail(renewed.error());
    const auto papers = lan::read_papers(config->data_dir);
    if (!papers.ok()) return session.fail(papers.error());
    report(*papers, "lan-renew", session);
    session.output().hint("nginx takes it with: systemctl reload nginx");
    return ExitCode::ok;
}

ExitCode run_show(bool authority, Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto papers = lan::read_papers(config->data_dir);
    if (!papers.ok()) return session.fail(papers.error());
    if (!authority) {
        report(*papers, "lan-show", session);
        return ExitCode::ok;
    }
    if (papers->organisations()) {
        return session.fail(Error{Errc::not_found,
                                  "the certificate is the organisation's, so there is no CA of "
                                  "this node to hand out"});
    }
    session.output().raw(papers->authority_pem);
    return ExitCode::ok;
}

ExitCode run_site(const SiteArguments& arguments, Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto papers = lan::read_papers(config->data_dir);
    if (!papers.ok()) return session.fail(papers.error());
    const auto names = names_for({}, *config);
    if (!names.ok()) {
        return session.fail(
            Error{Errc::invalid_argument, "the node has no names yet: set names in [edge] of " +
                                              printable(session.config_path())});
    }
    const auto site = site_of(*config, *papers, *names, arguments);
    if (!site.ok()) return session.fail(site.error());
    const auto text = lan::render_site(*site);
    if (!text.ok()) return session.fail(text.error());
    session.output().raw(*text);
    return ExitCode::ok;
}

void add_site_options(CLI::App& verb, SiteArguments& arguments) {
    verb.add_option("--address", arguments.addresses,
                    "An address of this machine to listen on; without it all")
        ->type_name("ADDRESS");
    verb.add_option("--port", arguments.port, "nginx's port")->capture_default_str();
    auto* port = verb.add_option("--machine-port", arguments.machine_port,
                                 "A second port, where machines show a client certificate");
    auto* ca = verb.add_option("--machine-ca", arguments.machine_ca,
                               "The CA of the machines' certificates");
    ca->type_name("FILE");
    port->needs(ca);
    ca->needs(port);
}

void add_init_verb(CLI::App& lan_verbs, Session& session) {
    auto arguments = std::make_shared<InitArguments>();
    CLI::App* verb = lan_verbs.add_subcommand(
        "init", "Make a CA and a certificate for this node's names, or take the organisation's");
    verb->add_option("--name", arguments->names,
                     "A name or address people use; without it, [edge] names")
        ->type_name("HOST");
    verb->add_option("--days", arguments->days, "How long the certificate is good")
        ->capture_default_str();
    auto* certificate = verb->add_option("--certificate", arguments->certificate,
                                         "The organisation's certificate, with its chain");
    auto* key = verb->add_option("--key", arguments->key, "Its private key");
    certificate->type_name("FILE")->needs(key);
    key->type_name("FILE")->needs(certificate);
    verb->add_option("--site", arguments->site_file, "Write nginx's site file here as well")
        ->type_name("FILE");
    add_site_options(*verb, arguments->site);
    verb->footer(kInitExamples);
    verb->callback([arguments, &session] { session.finish(run_init(*arguments, session)); });
}

}  // namespace

void add_lan_verbs(CLI::App& app, Session& session) {
    CLI::App* verbs = app.add_subcommand("lan", "The office's network: TLS and nginx");
    verbs->require_subcommand(1);
    verbs->footer(kInitExamples);
    add_init_verb(*verbs, session);

    auto days = std::make_shared<std::int64_t>(lan::kServerDays);
    CLI::App* renew = verbs->add_subcommand("renew", "A new certificate under the same CA");
    renew->add_option("--days", *days, "How long it is good")->capture_default_str();
    renew->footer(kRenewExamples);
    renew->callback([days, &session] { session.finish(run_renew(*days, session)); });

    auto authority = std::make_shared<bool>(false);
    CLI::App* show = verbs->add_subcommand("show", "Names, dates, and the CA's fingerprint");
    show->add_flag("--ca", *authority, "The CA's certificate instead, to hand out");
    show->footer(kShowExamples);
    show->callback([authority, &session] { session.finish(run_show(*authority, session)); });

    auto arguments = std::make_shared<SiteArguments>();
    CLI::App* site = verbs->add_subcommand("site", "nginx's site file, on standard output");
    add_site_options(*site, *arguments);
    site->footer(kSiteExamples);
    site->callback([arguments, &session] { session.finish(run_site(*arguments, session)); });
}

}  // namespace fieldseal::node::cli
