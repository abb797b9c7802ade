// SPDX-License-Identifier: Apache-2.0
// fieldseal check, doctor and restore: the three verbs that open a data directory themselves.
#include "core/encoding.h"
#include "core/seal_state.h"
#include "node/cli/readable.h"
#include "node/cli/session.h"
#include "node/cli/verbs.h"
#include "node/cli/views.h"
#include "node/clock.h"
#include "node/maintenance/check.h"
#include "node/maintenance/doctor.h"
#include "node/maintenance/gates.h"
#include "node/maintenance/restore.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

constexpr const char* kCheckExamples = R"(Examples:
  systemctl stop fieldseal && fieldseal check
  fieldseal --data-dir /srv/office --json check | jq .findings)";
constexpr const char* kDoctorExamples = R"(Examples:
  fieldseal doctor
  fieldseal doctor --accept-rollback          says what is lost, and asks (daemon stopped)
  fieldseal doctor --accept-rollback --yes    the log on this disk is the truth from now on)";
constexpr const char* kRestoreExamples = R"(Examples:
  fieldseal --data-dir /srv/office restore --from /media/backup/office
The node seals nothing until a target confirms its history: fieldseal serve, then fieldseal sync.)";

constexpr std::string_view kAcceptWord = "accept";

json::Value counts_of(const store::CheckReport& rows, const store::CheckReport& files) {
    return json::Value::object({{"statements", rows.statements},
                                {"entries", rows.entries},
                                {"tiles", rows.tiles},
                                {"checkpoints", rows.checkpoints},
                                {"other_rows", rows.other_rows},
                                {"files", files.files}});
}

// The findings of both halves, in the same words for people and for machines.
json::Value findings_of(const NodeCheckReport& report, Session& session) {
    auto findings = json::Value::array();
    const auto add = [&](const std::string& place, const std::string& what) {
        session.output().data(printable(place) + ": " + printable(what));
        findings.push_back(json::Value::object({{"place", place}, {"what", what}}));
    };
    if (report.not_opened) add("data directory", report.not_opened->message);
    for (const store::CheckReport* half : {&report.rows, &report.files}) {
        for (const store::Finding& finding : half->findings) add(finding.place, finding.what);
        if (half->findings_total > half->findings.size()) {
            session.output().data(
                "and " + std::to_string(half->findings_total - half->findings.size()) + " more");
        }
    }
    return findings;
}

void show_notices(const NodeCheckReport& report, Session& session) {
    for (const store::CheckReport* half : {&report.rows, &report.files}) {
        for (const std::string& notice : half->notices)
            session.output().hint("note: " + printable(notice));
    }
}

ExitCode run_check(Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto report = check_node(*config);
    if (!report.ok()) return session.fail(report.error());
    auto document = new_document("check");
    document.set("ok", report->ok());
    document.set("findings", findings_of(*report, session));
    document.set("findings_total", report->rows.findings_total + report->files.findings_total +
                                       (report->not_opened ? 1U : 0U));
    document.set("checked", counts_of(report->rows, report->files));
    session.output().document(document);
    show_notices(*report, session);
    if (!report->ok()) {
        session.output().warn(
            "the data directory is damaged. Copy it away before anything else, then restore the "
            "newest backup into another directory: fieldseal --data-dir NEW restore --from DIR");
        return ExitCode::failed;
    }
    session.output().say("all is well: " + counted(report->rows.entries, "entry", "entries") +
                         ", " + counted(report->rows.checkpoints, "checkpoint", "checkpoints") +
                         ", " + counted(report->files.files, "file", "files"));
    return ExitCode::ok;
}

Diagnosis sealing_diagnosis(const StatusView& status, const Session& session) {
    if (status.state == "ready") return {"sealing", Health::good, "ready", ""};
    if (status.state == "locked") {
        return {"sealing", Health::notice, "no seal is unlocked", session.command("unlock")};
    }
    const std::string finding = status.state + ": " + status.reason;
    if (status.state == "stopped") return {"sealing", Health::bad, finding, steps_when_stopped()};
    if (status.state != "held")
        return {"sealing", Health::bad, finding, "Do what the sentence above says."};
    return {"sealing", Health::bad, finding,
            "Do what the sentence above says; a person decides with the daemon stopped: "
            "`fieldseal doctor --accept-rollback`."};
}

// Of the seals that may still seal, as the daemon lists them.
void examine_seals(DaemonClient& daemon, std::vector<Diagnosis>& found) {
    const auto listed = daemon.get("/api/v1/seals");
    const json::Value* items = listed.ok() ? listed->find("items") : nullptr;
    if (items == nullptr || !items->is_array()) return;
    for (const json::Value& item : items->as_array()) {
        const auto life = seal_state_from_name(text_at(item, "life"));
        if (!life.ok() || is_terminal(*life)) continue;
        const std::string name = text_at(item, "name");
        const auto seal = daemon.get("/api/v1/seals/" + name);
        const json::Value* chain = seal.ok() ? seal->find("certificates") : nullptr;
        if (chain == nullptr || !chain->is_array() || chain->as_array().empty()) continue;
        const json::Value& leaf = chain->as_array().front();
        const auto der = base64_decode(leaf.is_string() ? leaf.as_string() : std::string());
        if (!der.ok()) continue;
        if (auto ended = examine_certificate(name, *der, SystemClock().now_s()))
            found.push_back(*std::move(ended));
    }
}

// What the daemon says of itself.
std::vector<Diagnosis> examine_daemon(DaemonClient& daemon, const Session& session) {
    const auto value = daemon.get("/api/v1/status");
    if (!value.ok())
        return {{"daemon", Health::bad, value.error().message,
                 "Look at its log: journalctl -u fieldseal"}};
    const StatusView status = read_status(*value);
    std::vector<Diagnosis> found = {
        {"daemon", Health::good, "running, " + counted(status.log_size, "entry", "entries"), ""}};
    found.push_back(sealing_diagnosis(status, session));
    const json::Value* clock = value->find("clock");
    if (const auto behind_s = clock == nullptr ? 0 : number_at(*clock, "behind_s"); behind_s > 0) {
        found.push_back(
            {"clock and log", Health::bad,
             "the clock is " + readable_duration(behind_s) + " behind what is already recorded",
             "Set the clock: timedatectl set-ntp true, or timedatectl set-time '…'."});
    }
    examine_seals(daemon, found);
    if (status.targets.empty()) {
        found.push_back({"targets", Health::notice, "none: nothing is ever anchored",
                         session.command("target add witness --help")});
    }
    for (const TargetView& target : status.targets) {
        const Standing stands = standing(target, target.wanted_size);
        // Offline is a normal state.
        found.push_back({"target " + target.name,
                         stands == Standing::trouble ? Health::bad : Health::good,
                         plain_words(target, target.wanted_size),
                         stands == Standing::trouble ? "See docs/states.md: " + target.phase : ""});
    }
    return found;
}

std::vector<Diagnosis> examine(const Config& config, Session& session) {
    std::vector<Diagnosis> found = {{"configuration", Health::good, session.config_path(), ""}};
    const auto add = [&found](std::vector<Diagnosis> more) {
        found.insert(found.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    };
    add(examine_data_directory(config));
    if (found.back().health == Health::bad && found.back().subject == "data directory")
        return found;
    add(examine_space(config));
    add(examine_keys(config));
    add(examine_tokens(config));
    add(examine_chains(config));
    add(examine_socket(config));
    add(examine_clock());
    add(examine_swap());
    auto daemon = session.connect();
    if (daemon.ok()) {
        add(examine_daemon(*daemon, session));
    } else {
        found.push_back({"daemon", Health::notice, "not running", session.command("serve")});
        add(examine_store(config));
    }
    return found;
}

std::string_view word(Health health) {
    switch (health) {
        case Health::good:
            return "ok";
        case Health::notice:
            return "note";
        case Health::bad:
            return "BAD";
    }
    return "";
}

ExitCode report_health(const std::vector<Diagnosis>& found, Session& session) {
    auto items = json::Value::array();
    bool all_good = true;
    for (const Diagnosis& each : found) {
        std::string mark(word(each.health));
        mark.resize(5, ' ');
        const std::string finding = session.with_options(each.finding);
        const std::string fix = session.with_options(each.fix);
        session.output().data(mark + printable(each.subject) + ": " + printable(finding));
        if (each.health != Health::good) session.output().data("     -> " + printable(fix));
        auto item = json::Value::object(
            {{"subject", each.subject}, {"health", word(each.health)}, {"finding", finding}});
        if (each.health != Health::good) item.set("fix", fix);
        items.push_back(std::move(item));
        all_good = all_good && each.health != Health::bad;
    }
    auto document = new_document("doctor");
    document.set("ok", all_good);
    document.set("diagnoses", std::move(items));
    session.output().document(document);
    return all_good ? ExitCode::ok : ExitCode::failed;
}

ExitCode run_doctor(Session& session) {
    if (!session.options.node.url.empty()) return session.fail(not_with_node());
    const auto config = session.require_config();
    if (!config.ok()) {
        return report_health({{"configuration", Health::bad, config.error().message,
                               "Mend " + session.config_path() + ", or make a node: " +
                                   session.command("init ORGANISATION NAME")}},
                             session);
    }
    return report_health(examine(*config, session), session);
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string text;
    for (const std::string& each : sentences) text += (text.empty() ? "" : "; ") + each;
    return text;
}

bool asked_and_accepted(const std::vector<std::string>& losses, Session& session) {
    if (session.output().json_wanted || ::isatty(STDIN_FILENO) != 1) return false;
    for (const std::string& each : losses) std::cerr << "- " << printable(each) << '\n';
    std::cerr << "Nothing leads back from this. Restore a newer backup if there is one.\nType "
              << kAcceptWord << " to take the log on this disk as the truth: " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == kAcceptWord;
}

Failure not_accepted(const std::vector<std::string>& losses, const Session& session) {
    return {ExitCode::usage,
            Error{Errc::invalid_argument,
                  "nothing was changed, and nothing leads back from this: " + joined(losses)},
            "If that is what you want: " + session.command("doctor --accept-rollback --yes")};
}

ExitCode run_accept(bool yes, Session& session) {
    const auto config = session.require_config();
    if (!config.ok()) return session.fail(config.error());
    const auto losses = foresee_rollback(*config);
    if (!losses.ok()) return session.fail(losses.error());
    if (!losses->empty() && !yes && !asked_and_accepted(*losses, session))
        return session.output().fail(not_accepted(*losses, session));
    if (yes) {
        for (const std::string& each : *losses) session.output().say("lost: " + printable(each));
    }
    const auto lifted = accept_rollback(*config, SystemClock().now_s());
    if (!lifted.ok()) return session.fail(lifted.error());
    auto document = new_document("accept-rollback");
    auto lost = json::Value::array();
    for (const std::string& each : *losses) lost.push_back(each);
    auto items = json::Value::array();
    for (const std::string& each : *lifted) {
        session.output().say("accepted: " + printable(each));
        items.push_back(each);
    }
    if (lifted->empty()) session.output().say("there was nothing to accept");
    document.set("lost", std::move(lost));
    document.set("lifted", std::move(items));
    session.output().document(document);
    return ExitCode::ok;
}

// A copy that was begun is no node: without node.json no daemon takes it for one.
ExitCode fail_restore(const Error& error, const std::string& data_dir, Session& session) {
    Failure why = session.failure(error);
    if (error.code == Errc::not_found) why.exit = ExitCode::unreadable;
    if (error.code == Errc::corrupt) {
        why.error.message = store::without_check_advice(error.message);
        why.next =
            "This backup is damaged: use another one. Delete the unfinished copy first: "
            "rm -r " +
            shell_word(data_dir);
    }
    return session.output().fail(why);
}

void show_restored(const RestoreReport& restored, bool whole, Session& session) {
    Output& output = session.output();
    if (!whole) {
        output.warn("this backup is damaged: use another one. " + printable(restored.data_dir) +
                    " holds a copy of it that seals nothing; delete it before the next restore: "
                    "rm -r " +
                    shell_word(restored.data_dir));
        return;
    }
    output.say("restored " + restored.origin + " with " +
               counted(restored.log_size, "entry", "entries") + " into " +
               printable(restored.data_dir) + "; it is held");
    output.hint("It seals nothing until a target confirms its history: " +
                session.command("serve") + ", then " + session.command("sync") +
                ". Without any target: " + session.command("doctor --accept-rollback"));
}

ExitCode run_restore(const std::string& from, Session& session) {
    const std::string data_dir = session.data_dir();
    const auto restored = restore_node(from, data_dir, SystemClock().now_s());
    if (!restored.ok()) return fail_restore(restored.error(), data_dir, session);
    Config config;
    config.data_dir = data_dir;
    const auto checked = check_node(config);
    if (!checked.ok()) return session.fail(checked.error());
    auto document = new_document("restore");
    document.set("origin", restored->origin);
    document.set("data_dir", data_dir);
    document.set("files", restored->files);
    document.set("bytes", restored->bytes);
    document.set("log_size", restored->log_size);
    document.set("ok", checked->ok());
    document.set("findings", findings_of(*checked, session));
    session.output().document(document);
    show_restored(*restored, checked->ok(), session);
    return checked->ok() ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_maintenance_verbs(CLI::App& app, Session& session) {
    CLI::App* check =
        app.add_subcommand("check", "Recompute everything in a stopped node's data directory");
    check->footer(kCheckExamples);
    check->callback([&session] { session.finish(run_check(session)); });

    auto accept = std::make_shared<bool>(false);
    CLI::App* doctor = app.add_subcommand("doctor", "Find what is wrong, and how to mend it");
    doctor->add_flag("--accept-rollback", *accept,
                     "Decide that the log on this disk is the truth from now on");
    auto yes = std::make_shared<bool>(false);
    doctor->add_flag("--yes", *yes, "With --accept-rollback: do it without a question");
    doctor->footer(kDoctorExamples);
    doctor->callback([accept, yes, &session] {
        session.finish(*accept ? run_accept(*yes, session) : run_doctor(session));
    });

    auto from = std::make_shared<std::string>();
    CLI::App* restore = app.add_subcommand(
        "restore", "Bring back a backup of a data directory, held until confirmed");
    restore->add_option("--from", *from, "The backup: a stopped node's data directory")
        ->required()
        ->type_name("DIR");
    restore->footer(kRestoreExamples);
    restore->callback([from, &session] { session.finish(run_restore(*from, session)); });
}

}  // namespace fieldseal::node::cli
