// SPDX-License-Identifier: Apache-2.0
// fieldseal seal FILE…: digests are made here, with the rights of the person; the daemon signs and
// stores. One file's trouble does not keep the others from being sealed.
#include "core/encoding.h"
#include "node/cli/anchoring.h"
#include "node/cli/documents.h"
#include "node/cli/evidence_file.h"
#include "node/cli/media_type.h"
#include "node/cli/readable.h"
#include "node/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  fieldseal seal contract.pdf
  fieldseal seal --subject "permit 2026/114" permit.pdf map.png
  fieldseal seal --wait-anchored=60 --evidence contract.pdf   write contract.pdf.seal when anchored
  fieldseal seal --idempotency-key order-5512 invoice.xml     safe to repeat after a lost answer)";

constexpr std::size_t kRandomKeyBytes = 16;

struct SealArguments {
    std::vector<std::string> files;
    std::string media_type;
    std::string subject;
    std::string seal;
    std::string idempotency_key;
    std::uint32_t wait_anchored_s = 0;  // 0 = do not wait
    bool evidence = false;
};

struct SealedFile {
    std::string path;
    json::Value view;
    StatementView statement;
    std::string evidence_path;
};

struct FailedFile {
    std::string path;
    Failure failure;
};

json::Value order_of(const std::string& path, const DocumentFacts& document,
                     const SealArguments& arguments) {
    const std::string name = std::filesystem::path(path).filename().string();
    auto order = json::Value::object(
        {{"sha256", hex_encode(document.digests.sha256)},
         {"sha512", hex_encode(document.digests.sha512)},
         {"media_type",
          arguments.media_type.empty() ? std::string(media_type_of(name)) : arguments.media_type},
         {"size", document.size}});
    // A name that is not UTF-8 cannot be written in JSON; it is only a reminder.
    if (is_utf8(name)) order.set("name", name);
    if (!arguments.subject.empty()) order.set("subject", arguments.subject);
    if (!arguments.seal.empty()) order.set("seal", arguments.seal);
    return order;
}

class SealRun {
public:
    SealRun(const SealArguments& arguments, DaemonClient& daemon, Session& session)
        : arguments_(arguments), daemon_(daemon), session_(session) {}

    ExitCode run();

private:
    std::optional<Failure> refused_beforehand();
    Result<std::string> key_of_order() const;
    void seal(const std::string& path);
    void fail(const std::string& path, Failure failure);
    void wait_for_anchors();
    void write_evidence();
    json::Value document() const;

    const SealArguments& arguments_;
    DaemonClient& daemon_;
    Session& session_;
    std::vector<SealedFile> sealed_;
    std::vector<FailedFile> failed_;
    std::vector<std::string> not_tried_;
    std::vector<ExitCode> codes_;
};

// What would be refused anyway is refused before a large document is read. Not for a repeated
// order: that is answered in any state.
std::optional<Failure> SealRun::refused_beforehand() {
    if (!arguments_.idempotency_key.empty()) return std::nullopt;
    const auto value = daemon_.get("/api/v1/status");
    // A token that may only seal is told by the order itself.
    const bool may_not_look = !value.ok() && value.error().code == Errc::denied;
    if (may_not_look && daemon_.is_remote()) return std::nullopt;
    if (!value.ok()) return session_.failure(value.error());
    const StatusView status = read_status(*value);
    const std::string& why = status.reason;
    // Of a seal that was named and is not active, the order says more.
    const auto named = std::find_if(status.seals.begin(), status.seals.end(), [this](auto& seal) {
        return seal.name == arguments_.seal && seal.life != "active";
    });
    if (status.state == "locked" && named == status.seals.end())
        return session_.failure({Errc::locked, why});
    if (status.state == "held" || status.state == "stopped" || status.state == "clock-set-back")
        return session_.failure({Errc::held, why});
    if (status.state == "storage-full") return session_.failure({Errc::storage_full, why});
    return std::nullopt;
}

ExitCode SealRun::run() {
    if (const auto refused = refused_beforehand()) return session_.output().fail(*refused);
    for (std::size_t i = 0; i < arguments_.files.size(); ++i) {
        seal(arguments_.files[i]);
        if (stops_the_rest(codes_.back())) {
            not_tried_.assign(arguments_.files.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                              arguments_.files.end());
            break;
        }
    }
    if (!not_tried_.empty()) {
        session_.output().warn(counted(not_tried_.size(), "other file was", "other files were") +
                               " not tried for the same reason");
    }
    if (arguments_.wait_anchored_s > 0 && !sealed_.empty()) wait_for_anchors();
    if (arguments_.evidence) write_evidence();
    session_.output().document(document());
    if (sealed_.size() == arguments_.files.size() && arguments_.wait_anchored_s == 0 &&
        !arguments_.evidence) {
        session_.output().hint("Saved on this device. Evidence for others: " +
                               session_.command("evidence FILE"));
    }
    return combine(codes_);
}

// A remote node takes no order without a key: there an answer may get lost.
Result<std::string> SealRun::key_of_order() const {
    if (!arguments_.idempotency_key.empty() || !daemon_.is_remote())
        return arguments_.idempotency_key;
    const auto random = FIELDSEAL_TRY(SecretBytes::random(kRandomKeyBytes));
    return "cli-" + hex_encode(random.view());
}

void SealRun::seal(const std::string& path) {
    const auto document = read_document_shown(path, session_.output());
    if (!document.ok()) return fail(path, unreadable(document.error()));
    const auto key = key_of_order();
    if (!key.ok()) return fail(path, session_.failure(key.error()));
    Headers headers;
    if (!key->empty()) headers.emplace_back("Idempotency-Key", *key);
    auto view = daemon_.post("/api/v1/statements", order_of(path, *document, arguments_), headers);
    if (!view.ok() && view.error().code == Errc::unavailable && daemon_.is_remote()) {
        session_.output().hint("With --idempotency-key " + *key +
                               " it is sealed once, however often it is repeated.");
    }
    if (!view.ok()) {
        Failure failure = session_.failure(view.error());
        failure.error = failure.error.with_context(printable(path));
        return fail(path, std::move(failure));
    }
    const StatementView statement = read_statement(*view);
    Output& output = session_.output();
    if (output.quiet) {
        output.data(statement.id);
    } else {
        output.say("sealed " + printable(path) + " as " + statement.id);
    }
    sealed_.push_back({path, std::move(*view), statement, ""});
    codes_.push_back(ExitCode::ok);
}

void SealRun::fail(const std::string& path, Failure failure) {
    session_.output().complain(failure);
    codes_.push_back(failure.exit);
    failed_.push_back({path, std::move(failure)});
}

// The statements are safe whatever happens here: what is missing is "not yet", never "failed".
void SealRun::wait_for_anchors() {
    const AnchorWait wait{std::chrono::seconds(arguments_.wait_anchored_s),
                          /*through_offline=*/true};
    const auto outcome = anchor_now(daemon_, wait);
    if (!outcome.ok()) {
        session_.output().complain(session_.failure(outcome.error()));
        codes_.push_back(ExitCode::not_yet);
        return;
    }
    show_targets(*outcome, session_);
    bool all = true;
    for (SealedFile& file : sealed_) {
        auto view = daemon_.get("/api/v1/statements/" + file.statement.id);
        if (view.ok()) {
            file.statement = read_statement(*view);
            file.view = std::move(*view);
        }
        all = all && file.statement.is_anchored();
    }
    if (all) return;
    const ExitCode why = show_unanchored(*outcome, session_);
    // Every file is sealed, so "some failed" would be wrong.
    if (failed_.empty()) codes_.assign(1, why);
}

void SealRun::write_evidence() {
    for (SealedFile& file : sealed_) {
        // What is there of an older statement stays.
        std::string path = evidence_path(file.path);
        const auto older = evidence_id(path);
        if (older && *older != file.statement.id) {
            session_.output().hint(printable(path) + " holds the evidence of the older statement " +
                                   *older + " and stays as it is");
            path = evidence_path(file.path, file.statement.id);
        }
        const auto text = daemon_.get_text("/api/v1/statements/" + file.statement.id + "/evidence");
        const auto written =
            text.ok() ? write_evidence_file(path, *text) : Result<EvidenceWritten>(text.error());
        if (!written.ok()) {
            Failure why = session_.failure(written.error());
            if (text.ok()) {
                why.next = "It is sealed. Write its evidence elsewhere: " +
                           session_.command("evidence " + file.statement.id + " -o FILE");
            }
            fail(file.path, why);
            continue;
        }
        file.evidence_path = path;
        session_.output().say("wrote " + printable(path));
    }
}

json::Value SealRun::document() const {
    auto sealed = json::Value::array();
    for (const SealedFile& file : sealed_) {
        auto item = json::Value::object({{"file", file.path}});
        add_members(item, file.view);
        if (!file.evidence_path.empty()) item.set("evidence_file", file.evidence_path);
        sealed.push_back(std::move(item));
    }
    auto failed = json::Value::array();
    for (const FailedFile& file : failed_) {
        failed.push_back(
            json::Value::object({{"file", file.path}, {"error", to_value(file.failure)}}));
    }
    auto not_tried = json::Value::array();
    for (const std::string& path : not_tried_) not_tried.push_back(path);
    auto value = new_document("seal");
    value.set("sealed", std::move(sealed));
    value.set("failed", std::move(failed));
    value.set("not_tried", std::move(not_tried));
    return value;
}

ExitCode run_seal(const SealArguments& arguments, Session& session) {
    const auto usage = [&](std::string text) {
        return session.output().fail(
            {ExitCode::usage, Error{Errc::invalid_argument, std::move(text)}, ""});
    };
    if (!arguments.media_type.empty() && !is_media_type(arguments.media_type)) {
        return usage("--media-type " + fieldseal::quoted(arguments.media_type) +
                     " is not of the form type/subtype");
    }
    if (!arguments.idempotency_key.empty() && arguments.files.size() > 1) {
        return usage(
            "--idempotency-key names one order: seal the files one by one, each with its own key");
    }
    auto daemon = session.connect();
    if (!daemon.ok()) return session.fail(daemon.error());
    return SealRun(arguments, *daemon, session).run();
}

}  // namespace

void add_seal_verb(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<SealArguments>();
    CLI::App* verb =
        app.add_subcommand("seal", "Seal documents: sign them and keep the statements durably");
    verb->add_option("FILE", arguments->files, "Documents of any kind and size")->required();
    verb->add_option("--media-type", arguments->media_type, "Instead of the one the name suggests")
        ->type_name("TYPE/SUBTYPE");
    verb->add_option("--subject", arguments->subject, "Your reference, part of the statement")
        ->type_name("TEXT");
    verb->add_option("--seal", arguments->seal, "Which seal, where the node has several")
        ->type_name("NAME");
    verb->add_option("--idempotency-key", arguments->idempotency_key,
                     "The same key again seals nothing twice")
        ->type_name("KEY");
    verb->add_flag("--wait-anchored{" + std::to_string(kAnchorWaitDefault.count()) + "}",
                   arguments->wait_anchored_s, "Anchor now and wait, at most [=SECONDS]");
    verb->add_flag("--evidence", arguments->evidence, "Also write FILE.seal beside each document");
    verb->footer(kExamples);
    verb->callback([arguments, &session] { session.finish(run_seal(*arguments, session)); });
}

}  // namespace fieldseal::node::cli
