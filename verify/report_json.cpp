// SPDX-License-Identifier: Apache-2.0
// The machine report. Members are only ever added within v1; docs/formats/verdicts.md lists them.
#include "core/encoding.h"
#include "core/json/json.h"
#include "verify/report.h"

namespace fieldseal::verify {
namespace {

// `hardened_time_s` null: the block's time is optimistic.
json::Value chain_value(const anchors::ChainFacts& facts) {
    json::Value warnings = json::Value::array();
    for (const std::string& warning : facts.warnings) warnings.push_back(warning);
    json::Value tree = json::Value::object({{"id", facts.chain},
                                            {"block", facts.number},
                                            {"block_hash", "0x" + hex_encode(facts.hash)},
                                            {"block_time_s", facts.time_s},
                                            {"hardened_time_s", facts.hardened_s},
                                            {"seals", facts.seals},
                                            {"seals_needed", facts.needed},
                                            {"validators", facts.validators}});
    tree.set("submitter", facts.submitter ? evm::to_string(*facts.submitter) : json::Value());
    tree.set("warnings", std::move(warnings));
    return tree;
}

json::Value details_value(const std::vector<Detail>& details) {
    json::Value list = json::Value::array();
    for (const Detail& detail : details) {
        json::Value item = json::Value::object({{"where", detail.where},
                                                {"outcome", to_string(detail.outcome)},
                                                {"reason", to_string(detail.reason)},
                                                {"message", detail.message}});
        if (detail.chain) item.set("chain", chain_value(*detail.chain));
        list.push_back(std::move(item));
    }
    return list;
}

json::Value steps_value(const Report& report) {
    json::Value list = json::Value::array();
    for (const StepReport& step : report.steps) {
        list.push_back(json::Value::object({{"step", to_string(step.step)},
                                            {"outcome", to_string(step.outcome)},
                                            {"reason", to_string(step.reason)},
                                            {"message", step.message},
                                            {"details", details_value(step.details)}}));
    }
    return list;
}

json::Value interval_value(const Interval& interval) {
    json::Value sources = json::Value::array();
    for (const TimeSource& source : interval.sources) {
        sources.push_back(json::Value::object(
            {{"bound", source.bound == Bound::not_before ? "not_before" : "not_after"},
             {"time_s", source.time_s},
             {"basis", source.basis},
             {"source", source.source},
             {"operator", source.operated_by},
             {"where", source.where}}));
    }
    return json::Value::object({{"not_before_s", interval.not_before_s},
                                {"not_after_s", interval.not_after_s},
                                {"sources", std::move(sources)}});
}

json::Value statement_value(const Statement& statement) {
    const StatementClaims& claims = statement.claims;
    json::Value tree = json::Value::object({{"id", statement.id()},
                                            {"origin", claims.issuer},
                                            {"subject", claims.subject},
                                            {"kid", hex_encode(claims.kid)},
                                            {"algorithm", to_string(claims.algorithm)},
                                            {"media_type", claims.media_type},
                                            {"issued_at_s", claims.issued_at},
                                            {"document_sha256", hex_encode(claims.document)}});
    if (claims.document_sha512) tree.set("document_sha512", hex_encode(*claims.document_sha512));
    return tree;
}

json::Value standing_value(const SealStanding& standing) {
    return json::Value::object({{"state", to_string(standing.state)},
                                {"as_of_size", standing.as_of_size},
                                {"snapshot", standing.seq},
                                {"as_of_time_s", standing.as_of_time_s}});
}

}  // namespace

std::string to_json(const Report& report) {
    json::Value tree = json::Value::object({{"report", kReportVersion},
                                            {"verdict", to_string(report.verdict)},
                                            {"reason", to_string(report.reason)},
                                            {"message", report.message},
                                            {"exit_code", report.exit_code()},
                                            {"interval", interval_value(report.interval)}});
    tree.set("statement", report.statement ? statement_value(*report.statement) : json::Value());
    tree.set("seal_subject", report.seal_subject);
    tree.set("seal_status", report.standing ? standing_value(*report.standing) : json::Value());
    tree.set("steps", steps_value(report));
    tree.set("trust_sha256", hex_encode(report.trust_sha256));
    return json::dump(tree, json::Style::pretty);
}

}  // namespace fieldseal::verify
