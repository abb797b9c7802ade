// SPDX-License-Identifier: Apache-2.0
// fieldseal seal-key csr, certificate, crl and import: certificates of a seal, and keys that were
// made elsewhere.
#include "core/encoding.h"
#include "node/cli/readable.h"
#include "node/cli/seal_key_group.h"
#include "node/cli/session.h"
#include "node/cli/views.h"
#include "node/custody/passphrase.h"
#include "node/custody/pkcs8.h"
#include "node/custody/private_file.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

namespace fieldseal::node::cli {
namespace {

constexpr std::size_t kPublicFileBytesMax = 256 * 1024;
constexpr const char* kCsrExamples = R"(Examples:
  fieldseal seal-key csr permits --common-name "Permits, Ministry of Works" -o permits.csr
  openssl req -in permits.csr -noout -text
The seal must be unlocked: its key signs the request.)";
constexpr const char* kCertificateExamples = R"(Examples:
  fieldseal seal-key certificate permits chain.pem
The seal's certificate first, then its issuer, and so on; the root may be left out.)";
constexpr const char* kCrlExamples = R"(Examples:
  fieldseal seal-key crl ca.crl
A revocation list (DER or PEM) for the evidence of statements made under that authority.)";
constexpr const char* kImportExamples = R"(Examples:
  fieldseal seal-key import permits key.pem                asks for the file's passphrase and a new one
  fieldseal seal-key import permits key.pem --activate
A key that was made elsewhere may still be there: prefer seal-key create.)";

struct CsrArguments {
    std::string seal;
    std::string common_name;
    std::string organisation;
    std::string country;
    std::string output;
};

struct ImportArguments {
    std::string seal;
    std::string file;
    std::optional<std::string> file_passphrase_file;
    std::optional<std::string> passphrase_file;
    bool plain = false;
    bool exportable = false;
    bool activate = false;
};

Result<std::string> read_public_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::not_found, printable(path) + " cannot be read"};
    std::ostringstream text;
    text << file.rdbuf();
    if (text.str().size() > kPublicFileBytesMax)
        return Error{Errc::invalid_argument, printable(path) + " is larger than 256 KiB"};
    return text.str();
}

ExitCode run_csr(const CsrArguments& arguments, Session& session) {
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    auto order = json::Value::object({{"common_name", arguments.common_name}});
    if (!arguments.organisation.empty()) order.set("organisation", arguments.organisation);
    if (!arguments.country.empty()) order.set("country", arguments.country);
    const auto view = daemon->post(seal_path(arguments.seal, "csr"), order);
    if (!view.ok()) return session.fail(view.error());
    const std::string pem = text_at(*view, "pem");
    if (arguments.output.empty()) {
        session.output().raw(session.output().json_wanted ? "" : pem);
    } else {
        const auto written = write_private_file(arguments.output, as_bytes(pem));
        if (!written.ok()) return session.fail(written.error());
        session.output().say("wrote " + printable(arguments.output));
    }
    auto document = new_document("certificate-request");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

ExitCode run_certificate(const std::string& seal, const std::string& path, Session& session) {
    const auto pem = read_public_file(path);
    if (!pem.ok()) return session.fail_input(pem.error());
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view =
        daemon->post(seal_path(seal, "certificates"), json::Value::object({{"pem", *pem}}));
    if (!view.ok()) return session.fail(view.error());
    session.output().say("the seal " + printable(text_at(*view, "seal")) +
                         " has the certificate of " + printable(text_at(*view, "subject")) +
                         ", to " +
                         rfc3339(static_cast<std::int64_t>(number_at(*view, "not_after_s"))));
    auto document = new_document("seal-certificate");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

// "-----BEGIN X509 CRL-----", or DER as it is.
Result<std::string> crl_base64(const std::string& text) {
    constexpr std::string_view kBegin = "-----BEGIN X509 CRL-----";
    constexpr std::string_view kEnd = "-----END X509 CRL-----";
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string::npos) return base64_encode(as_bytes(text));
    const std::size_t from = begin + kBegin.size();
    const std::size_t to = text.find(kEnd, from);
    if (to == std::string::npos)
        return Error{Errc::invalid_argument, "the revocation list is cut: its PEM has no end"};
    std::string base64;
    for (const char c : std::string_view(text).substr(from, to - from)) {
        if (c != '\n' && c != '\r' && c != ' ') base64 += c;
    }
    return base64;
}

ExitCode run_crl(const std::string& path, Session& session) {
    const auto text = read_public_file(path);
    if (!text.ok()) return session.fail_input(text.error());
    const auto base64 = crl_base64(*text);
    if (!base64.ok()) return session.fail_input(base64.error());
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    const auto view = daemon->post("/api/v1/crls", json::Value::object({{"crl", *base64}}));
    if (!view.ok()) return session.fail(view.error());
    session.output().say("kept the revocation list of " +
                         rfc3339(static_cast<std::int64_t>(number_at(*view, "this_update_s"))));
    auto document = new_document("crl");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

Result<SecretBytes> ask(const std::optional<std::string>& file, const std::string& prompt,
                        bool confirm, Session& session) {
    PassphraseRequest request;
    request.prompt = prompt;
    request.confirm = confirm;
    if (!confirm) request.bytes_min = 0;
    request.file = file;
    Passphrase given = FIELDSEAL_TRY(session.secret(request));
    return std::move(given.bytes);
}

Result<json::Value> import_key(const ImportArguments& arguments, Session& session) {
    const SecretBytes pem = FIELDSEAL_TRY(read_secret_file(arguments.file, kPkcs8BytesMax));
    if (!is_encrypted_pkcs8(pem.view()) && !arguments.plain) {
        return Error{Errc::invalid_argument,
                     printable(arguments.file) +
                         " holds a key without encryption, which others may have read: encrypt it "
                         "(openssl pkcs8 -topk8), or say --plain"};
    }
    auto daemon = FIELDSEAL_TRY(session.connect());
    SecretBytes file_passphrase;
    std::vector<SecretMember> secrets = {{"pkcs8", &pem}};
    if (!arguments.plain) {
        file_passphrase = FIELDSEAL_TRY(
            ask(arguments.file_passphrase_file, "Passphrase of the file", false, session));
        secrets.push_back({"file_passphrase", &file_passphrase});
    }
    const SecretBytes passphrase =
        FIELDSEAL_TRY(ask(arguments.passphrase_file, "Passphrase of the new seal", true, session));
    secrets.push_back({"passphrase", &passphrase});
    auto beside = json::Value::object({{"name", arguments.seal}});
    if (arguments.plain) beside.set("plain", true);
    if (arguments.exportable) beside.set("exportable", true);
    if (arguments.activate) beside.set("activate", true);
    return daemon.post_secrets("/api/v1/imported-keys", secrets, beside);
}

ExitCode run_import(const ImportArguments& arguments, Session& session) {
    const auto view = import_key(arguments, session);
    if (!view.ok()) return session.fail(view.error());
    session.output().say("made the seal " + printable(arguments.seal) + " of an imported " +
                         text_at(*view, "algorithm") + " key  " + text_at(*view, "kid"));
    auto document = new_document("seal-import");
    add_members(document, *view);
    session.output().document(document);
    return ExitCode::ok;
}

void add_csr(CLI::App& group, Session& session) {
    auto arguments = std::make_shared<CsrArguments>();
    CLI::App* verb = group.add_subcommand("csr", "Ask an authority for a certificate: PKCS #10");
    verb->add_option("SEAL", arguments->seal, "Which seal")->required();
    verb->add_option("--common-name", arguments->common_name, "Whose certificate it will be")
        ->required()
        ->type_name("TEXT");
    verb->add_option("--organisation", arguments->organisation, "Instead of the node's")
        ->type_name("TEXT");
    verb->add_option("--country", arguments->country, "Two capital letters")->type_name("CC");
    verb->add_option("--output,-o", arguments->output, "Write it to a file")->type_name("FILE");
    verb->footer(kCsrExamples);
    verb->callback([arguments, &session] { session.finish(run_csr(*arguments, session)); });
}

void add_certificate(CLI::App& group, Session& session) {
    auto seal = std::make_shared<std::string>();
    auto path = std::make_shared<std::string>();
    CLI::App* verb = group.add_subcommand("certificate", "Give a seal the certificate it got");
    verb->add_option("SEAL", *seal, "Which seal")->required();
    verb->add_option("CHAIN", *path, "PEM: the seal's certificate, then its issuers")->required();
    verb->footer(kCertificateExamples);
    verb->callback(
        [seal, path, &session] { session.finish(run_certificate(*seal, *path, session)); });
    auto crl = std::make_shared<std::string>();
    CLI::App* crl_verb = group.add_subcommand("crl", "Keep an authority's revocation list");
    crl_verb->add_option("FILE", *crl, "DER or PEM")->required();
    crl_verb->footer(kCrlExamples);
    crl_verb->callback([crl, &session] { session.finish(run_crl(*crl, session)); });
}

void add_import(CLI::App& group, Session& session) {
    auto arguments = std::make_shared<ImportArguments>();
    CLI::App* verb = group.add_subcommand("import", "Make a seal of a key in a PKCS#8 file (PEM)");
    verb->add_option("SEAL", arguments->seal, "Name of the new seal")->required();
    verb->add_option("FILE", arguments->file, "The key, in a file of mode 0600")->required();
    verb->add_option("--file-passphrase-file", arguments->file_passphrase_file,
                     "Read the passphrase of the key file from a file (mode 0600)")
        ->type_name("FILE");
    verb->add_option("--passphrase-file", arguments->passphrase_file,
                     "Read the passphrase of the new seal from a file (mode 0600)")
        ->type_name("FILE");
    verb->add_flag("--plain", arguments->plain, "Take a key without encryption");
    verb->add_flag("--exportable", arguments->exportable, "It may be exported again");
    verb->add_flag("--activate", arguments->activate, "Let it seal at once");
    verb->footer(kImportExamples);
    verb->callback([arguments, &session] { session.finish(run_import(*arguments, session)); });
}

}  // namespace

void add_seal_certificate_verbs(CLI::App& group, Session& session) {
    add_import(group, session);
    add_csr(group, session);
    add_certificate(group, session);
}

}  // namespace fieldseal::node::cli
