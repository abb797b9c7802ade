// SPDX-License-Identifier: Apache-2.0
// The report for a person: the verdict in plain words first, then what was checked, then the times
// with what each rests on. What is only claimed is called a claim.
#include "core/encoding.h"
#include "verify/report.h"

#include <algorithm>

namespace fieldseal::verify {
namespace {

constexpr std::size_t kLabelWidth = 12;
constexpr std::size_t kChainIndent = 12;  // below the message of a detail

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    if (out.size() < width) out.append(width - out.size(), ' ');
    return out;
}

std::string_view verdict_words(Verdict verdict) {
    switch (verdict) {
        case Verdict::valid:
            return "Valid";
        case Verdict::invalid:
            return "NOT VALID";
        case Verdict::indeterminate:
            break;
    }
    return "Cannot tell";
}

std::string_view mark(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "ok  ";
        case Outcome::failed:
            return "FAIL";
        case Outcome::skipped:
            break;
    }
    return "--  ";
}

// Its message says it; the reason's own words are about the statement.
bool is_unproven_snapshot(const Detail& detail) {
    return detail.reason == Reason::proof_missing &&
           detail.where.find("status[") != std::string::npos;
}

class TextWriter {
public:
    explicit TextWriter(Explain explain) : explain_(explain) {}

    std::string write(const Report& report) && {
        line(std::string(verdict_words(report.verdict)) + ": " + report.message);
        if (report.reason != Reason::ok) {
            line("Reason: " + std::string(to_string(report.reason)) + ". " +
                 std::string(info(report.reason).advice));
        }
        line("");
        if (report.statement) write_statement(report);
        write_interval(report.interval);
        line("");
        for (const StepReport& step : report.steps) write_step(step);
        line("");
        label("Trust file", "sha256 " + hex_encode(report.trust_sha256));
        return std::move(out_);
    }

private:
    void line(std::string_view text) { (out_ += text) += '\n'; }
    void label(std::string_view name, std::string_view text) {
        line(padded(name, kLabelWidth) + std::string(text));
    }

    void write_statement(const Report& report) {
        const StatementClaims& claims = report.statement->claims;
        const std::string kid = hex_encode(claims.kid);
        label("Statement", report.statement->id());
        label("Seal", report.seal_subject ? quoted(*report.seal_subject) + ", " + kid : kid);
        label("Log", claims.issuer);
        label("Claimed", "made at " + rfc3339(claims.issued_at) + " by the node's own clock");
        if (!report.standing) return;
        const SealStanding& standing = *report.standing;
        label("Seal status",
              std::string(to_string(standing.state)) + ", as of size " +
                  std::to_string(standing.as_of_size) +
                  (standing.as_of_time_s ? ", by " + rfc3339(*standing.as_of_time_s) : ""));
    }

    void write_interval(const Interval& interval) {
        const auto time = [](const std::optional<std::int64_t>& bound) {
            return bound ? rfc3339(*bound) : std::string("(not proven)");
        };
        label("Not before", time(interval.not_before_s));
        label("Not after", time(interval.not_after_s));
        for (const TimeSource& source : interval.sources) {
            const std::string_view bound =
                source.bound == Bound::not_before ? "  not before " : "  not after  ";
            line(std::string(bound) + rfc3339(source.time_s) + "  " + source.basis + " by " +
                 quoted(source.source) + " (" + quoted(source.operated_by) + "), " + source.where);
        }
    }

    void write_step(const StepReport& step) {
        line(std::string(mark(step.outcome)) + "  " + padded(to_string(step.step), kLabelWidth) +
             step.message);
        advise(step.reason, "      ");
        for (const Detail& detail : step.details) {
            line("      " + std::string(mark(detail.outcome)) + "  " + detail.where + ": " +
                 (detail.reason == Reason::ok ? "" : std::string(to_string(detail.reason)) + ", ") +
                 detail.message);
            if (detail.chain) write_chain(*detail.chain);
            if (!is_unproven_snapshot(detail)) advise(detail.reason, "            ");
        }
    }

    void write_chain(const anchors::ChainFacts& facts) {
        const std::string indent(kChainIndent, ' ');
        line(indent + "block " + std::to_string(facts.number) + " of " + quoted(facts.chain) +
             ", hash 0x" + hex_encode(facts.hash));
        line(indent + "block time " + rfc3339(facts.time_s) + ", " +
             (facts.hardened_s ? "hardened bound " + rfc3339(*facts.hardened_s) : "optimistic"));
        if (facts.needed > 0) {
            line(indent + std::to_string(facts.seals) + " seals, " + std::to_string(facts.needed) +
                 " needed of " + std::to_string(facts.validators) + " validators");
        }
        if (facts.submitter) line(indent + "submitted by " + evm::to_string(*facts.submitter));
        for (const std::string& warning : facts.warnings)
            line(std::string(kChainIndent, ' ').append("Warning: ").append(warning));
    }

    void advise(Reason reason, std::string_view indent) {
        if (explain_ == Explain::no || info(reason).effect == Effect::none) return;
        line(std::string(indent) + "[" + std::string(to_string(reason)) + "] " +
             std::string(info(reason).meaning));
        line(std::string(indent) + "What to do: " + std::string(info(reason).advice));
    }

    Explain explain_;
    std::string out_;
};

}  // namespace

std::string to_text(const Report& report, Explain explain) {
    return TextWriter(explain).write(report);
}

}  // namespace fieldseal::verify
