// SPDX-License-Identifier: Apache-2.0
#include "node/cli/views.h"

#include "node/cli/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fieldseal::node::cli {
namespace {

std::optional<std::uint64_t> maybe_number_at(const json::Value& value, std::string_view name) {
    const json::Value* member = value.find(name);
    if (member == nullptr || !member->is_integer() || member->as_integer() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(member->as_integer());
}

TargetView read_target(const json::Value& value) {
    TargetView target;
    target.name = text_at(value, "name");
    target.kind = text_at(value, "kind");
    target.url = text_at(value, "url");
    target.phase = text_at(value, "phase");
    target.in_flight = flag_at(value, "in_flight");
    target.wanted_size = number_at(value, "wanted_size");
    target.anchored_size = number_at(value, "anchored_size");
    target.next_attempt_in_s = maybe_number_at(value, "next_attempt_in_s");
    target.error = text_at(value, "error");
    if (auto log = text_at(value, "log"); !log.empty()) target.log = std::move(log);
    target.account = text_at(value, "account");
    target.sealed_twice_file = text_at(value, "sealed_twice_file");
    return target;
}

bool is_trouble(std::string_view phase) {
    constexpr std::array<std::string_view, 4> kTrouble = {"refused", "disagrees-without-proof",
                                                          "stopped-by-proof", "misbehaving"};
    return std::find(kTrouble.begin(), kTrouble.end(), phase) != kTrouble.end();
}

std::string with_reason(std::string sentence, const TargetView& target) {
    if (!target.error.empty()) sentence += " (" + printable(target.error) + ")";
    return sentence;
}

std::string trouble_in_words(const TargetView& target) {
    if (target.phase == "refused" && target.is_chain()) {
        return with_reason("refuses this node's transactions", target) +
               "; look which of network, account " + printable(target.account) +
               " and fees it is: `fieldseal target test " + printable(target.name) + "`";
    }
    if (target.phase == "refused" && target.is_authority()) {
        return with_reason("refuses to stamp", target) + "; ask its operator, then sync";
    }
    if (target.phase == "refused") {
        return with_reason("refuses this node", target) +
               "; its operator has to enrol it: send them the line of `fieldseal node info --vkey`";
    }
    if (target.phase == "disagrees-without-proof") {
        return with_reason("says it knows another history of this log, and shows no proof",
                           target) +
               "; sealing goes on, ask its operator";
    }
    if (target.phase == "stopped-by-proof") {
        return with_reason("holds another history signed by this node's own key", target) +
               "; sealing is stopped: `fieldseal doctor`";
    }
    return with_reason("gives answers that do not verify; nothing of it is believed", target) +
           "; it will be asked again";
}

}  // namespace

std::string text_at(const json::Value& value, std::string_view name) {
    const json::Value* member = value.find(name);
    return member != nullptr && member->is_string() ? member->as_string() : std::string();
}

std::uint64_t number_at(const json::Value& value, std::string_view name) {
    return maybe_number_at(value, name).value_or(0);
}

bool flag_at(const json::Value& value, std::string_view name) {
    const json::Value* member = value.find(name);
    return member != nullptr && member->is_bool() && member->as_bool();
}

const json::Array& items_at(const json::Value& value, std::string_view name) {
    static const json::Array kNone;
    const json::Value* member = value.find(name);
    return member != nullptr && member->is_array() ? member->as_array() : kNone;
}

std::uint64_t goal_of(const TargetView& target, std::uint64_t size) {
    return target.log == "statements" ? size : target.wanted_size;
}

StatementView read_statement(const json::Value& value) {
    StatementView statement;
    statement.id = text_at(value, "id");
    statement.index = number_at(value, "index");
    if (auto kind = text_at(value, "kind"); !kind.empty()) statement.kind = std::move(kind);
    statement.state = text_at(value, "state");
    if (const json::Value* document = value.find("document"); document != nullptr) {
        statement.document_sha256 = text_at(*document, "sha256");
        statement.document_name = text_at(*document, "name");
        statement.document_size = maybe_number_at(*document, "size");
    }
    statement.media_type = text_at(value, "media_type");
    statement.subject = text_at(value, "subject");
    statement.seal = text_at(value, "seal");
    statement.actor = text_at(value, "actor");
    statement.issued_at = static_cast<std::int64_t>(number_at(value, "issued_at"));
    if (const json::Value* clock = value.find("clock"); clock != nullptr) {
        statement.clock_trust = text_at(*clock, "trust");
    }
    return statement;
}

std::vector<StatementView> read_statement_list(const json::Value& value) {
    std::vector<StatementView> statements;
    for (const json::Value& item : items_at(value, "statements"))
        statements.push_back(read_statement(item));
    return statements;
}

StatusView read_status(const json::Value& value) {
    StatusView status;
    status.state = text_at(value, "state");
    status.reason = text_at(value, "reason");
    status.origin = text_at(value, "origin");
    if (const json::Value* log = value.find("log"); log != nullptr) {
        status.log_size = number_at(*log, "size");
        status.checkpoint_size = number_at(*log, "checkpoint_size");
    }
    status.waiting = number_at(value, "waiting");
    if (const json::Value* clock = value.find("clock"); clock != nullptr) {
        status.clock_trust = text_at(*clock, "trust");
        status.clock_behind_s = number_at(*clock, "behind_s");
    }
    for (const json::Value& item : items_at(value, "seals")) {
        status.seals.push_back(
            {text_at(item, "name"), text_at(item, "state"), text_at(item, "life")});
    }
    for (const json::Value& item : items_at(value, "targets"))
        status.targets.push_back(read_target(item));
    return status;
}

Standing standing(const TargetView& target, std::uint64_t size) {
    if (target.phase == "stopped-by-proof") return Standing::trouble;
    if (target.anchored_size >= size && size > 0) return Standing::anchored;
    if (size == 0 && (target.phase == "idle" || target.phase == "anchored"))
        return Standing::anchored;
    if (target.in_flight || target.phase == "confirming") return Standing::moving;
    if (is_trouble(target.phase)) return Standing::trouble;
    // `waiting` without an error: the first try has not been made yet.
    return target.phase == "waiting" && !target.error.empty() ? Standing::offline
                                                              : Standing::moving;
}

namespace {

std::string words_of_standing(const TargetView& target, std::uint64_t size) {
    switch (standing(target, size)) {
        case Standing::anchored:
            return size == 0
                       ? "nothing to anchor yet"
                       : fmt::format("anchored: the first {} entries of {}", target.anchored_size,
                                     target.log == "statements" ? "the log" : "the witnessed log");
        case Standing::moving:
            if (target.phase != "confirming") return "is being asked";
            return with_reason("on its way; the chain has not confirmed it yet", target);
        case Standing::offline: {
            const std::string when = target.next_attempt_in_s
                                         ? " in " + readable_duration(*target.next_attempt_in_s)
                                         : std::string();
            return with_reason("not reached yet; the node tries again by itself" + when, target);
        }
        case Standing::trouble:
            return trouble_in_words(target);
    }
    return "";
}

}  // namespace

std::string plain_words(const TargetView& target, std::uint64_t size) {
    std::string words = words_of_standing(target, size);
    if (target.sealed_twice_file.empty()) return words;
    return words + "; its validators sealed one block number twice, both headers are in " +
           printable(target.sealed_twice_file);
}

std::string plain_words(const StatementView& statement) {
    if (statement.state == "sealed") return "sealed: safe on this device, waiting to be anchored";
    if (statement.state == "checkpointed") return "sealed, in a checkpoint, waiting to be anchored";
    if (statement.state == "anchored") return "anchored: registered outside this office";
    return statement.state;
}

void add_members(json::Value& document, const json::Value& view) {
    if (!view.is_object()) return;
    for (const auto& [name, value] : view.as_object()) {
        if (name != "fieldseal") document.set(name, value);
    }
}

}  // namespace fieldseal::node::cli
