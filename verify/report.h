// SPDX-License-Identifier: Apache-2.0
// What verify() answers: a verdict, the reason for it, every step with its details, and the time
// interval with each source it rests on. Two texts of it: for machines ("fieldseal-report/v1",
// docs/formats/verdicts.md) and for people. A document's verdict is a value, never an Error.
// THREADS: value types; pure functions, any.
#pragma once

#include "core/anchors/finding.h"
#include "core/bytes.h"
#include "core/seal_state.h"
#include "core/statement.h"
#include "verify/verdict.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::verify {

inline constexpr std::string_view kReportVersion = "fieldseal-report/v1";

// How one part of a step ended: one PROOF, one cosignature, one snapshot, one anchor.
struct Detail {
    std::string where;  // "proofs[0].logged[1]"
    Outcome outcome = Outcome::skipped;
    Reason reason = Reason::not_checked;
    std::string message;                            // one sentence for a person
    std::optional<anchors::ChainFacts> chain = {};  // of an anchor or floor on a chain
};

struct StepReport {
    Step step = Step::document;
    Outcome outcome = Outcome::skipped;
    Reason reason = Reason::not_checked;
    std::string message;
    std::vector<Detail> details;
};

enum class Bound : std::uint8_t { not_before, not_after };

// One reason to believe a time.
struct TimeSource {
    Bound bound = Bound::not_after;
    std::int64_t time_s = 0;  // POSIX seconds, tolerance included
    std::string basis;        // "cosignature", "floor cosignature", or an anchor type
    std::string source;       // the witness's name, …
    std::string operated_by;
    std::string where;
};

// When the signature was made: after `not_before` and before `not_after`. Absent means unproven.
struct Interval {
    std::optional<std::int64_t> not_before_s;
    std::optional<std::int64_t> not_after_s;
    std::vector<TimeSource> sources;
};

// What the newest snapshot says about the seal.
struct SealStanding {
    SealState state = SealState::active;
    std::uint64_t as_of_size = 0;
    std::uint64_t seq = 0;
    std::optional<std::int64_t> as_of_time_s;  // the snapshot existed by then
};

struct Report {
    Verdict verdict = Verdict::indeterminate;
    Reason reason = Reason::not_checked;
    std::string message;
    std::array<StepReport, kStepCount> steps;
    Interval interval;
    std::optional<SealStanding> standing;
    std::optional<Statement> statement;       // as read; its claims are claims
    std::optional<std::string> seal_subject;  // by the trust file
    Digest trust_sha256{};

    const StepReport& step(Step which) const { return steps[static_cast<std::size_t>(which)]; }
    int exit_code() const { return verify::exit_code(verdict, reason); }
};

// The machine report: one JSON object, pretty, with a newline at the end.
std::string to_json(const Report& report);

enum class Explain : std::uint8_t { no, yes };
// The report for a person: the verdict first. `explain` adds what to do about each reason.
std::string to_text(const Report& report, Explain explain);

}  // namespace fieldseal::verify
