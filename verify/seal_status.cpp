// SPDX-License-Identifier: Apache-2.0
#include "verify/seal_status.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/status.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fieldseal::verify {
namespace {

constexpr std::string_view kOfTrustFile = "trust.status";

// One snapshot: what it is, where it stands, and what became of it.
struct Snapshot {
    std::string where;
    std::optional<Status> status;
    bool authentic = false;  // signed by a status key of this log, about this log
    std::vector<JudgedProof> proofs;
    std::optional<std::uint64_t> index;  // its place, proven
    Reason reason = Reason::ok;
    std::string message;

    const StatusSnapshot& content() const { return status->snapshot; }
};

void end(Snapshot& snapshot, Reason reason, std::string message = {}) {
    snapshot.reason = reason;
    snapshot.message = message.empty() ? std::string(info(reason).meaning) : std::move(message);
}

// Form, log and signature. True when the snapshot is authentic.
bool authenticate(const StatusItem& item, const TrustedLog& log, Snapshot& snapshot) {
    auto status = parse_status(item.statement);
    if (!status) {
        end(snapshot, Reason::status_malformed, status.error().message);
        return false;
    }
    snapshot.status = std::move(status).value();
    if (snapshot.content().origin != log.origin) {
        end(snapshot, Reason::status_origin_mismatch,
            "the snapshot is about the log " + quoted(snapshot.content().origin));
        return false;
    }
    const auto key =
        std::find_if(log.status_keys.begin(), log.status_keys.end(),
                     [&](const PublicKey& known) { return known.kid() == snapshot.content().kid; });
    if (key == log.status_keys.end()) {
        end(snapshot, Reason::status_key_unknown);
        return false;
    }
    const auto verified = verify_status(*snapshot.status, *key);
    if (!verified) {
        end(snapshot, Reason::status_signature_invalid, verified.error().message);
        return false;
    }
    return true;
}

// It is the snapshot that lacks a proof, not the statement.
std::string unproven(std::string_view where) {
    if (where.starts_with(kOfTrustFile)) {
        return "The trust file holds no proof that this snapshot stands in the log; it is compared "
               "with the evidence's snapshots.";
    }
    return "The evidence holds no proof that this snapshot stands in the log.";
}

Snapshot read_snapshot(const StatusItem& item, const TrustedLog& log, const ProofRules& rules,
                       const std::string& where) {
    Snapshot snapshot;
    snapshot.where = where;
    if (!authenticate(item, log, snapshot)) return snapshot;
    snapshot.proofs = judge_proofs(item.proofs, snapshot.status->entry, rules, where + ".proofs");
    const JudgedProof* proving = first_proving(snapshot.proofs);
    if (proving == nullptr) {
        const Reason reason = inclusion_reason(snapshot.proofs);
        end(snapshot, reason, reason == Reason::proof_missing ? unproven(where) : "");
    } else if (snapshot.content().as_of_size > proving->proof->index) {
        end(snapshot, Reason::status_inconsistent);
        return snapshot;
    } else {
        snapshot.index = proving->proof->index;
    }
    snapshot.authentic = true;
    return snapshot;
}

// Did the newer row of one seal take back or move what the older one said?
Reason compare_rows(const SealStatus* was, const SealStatus* is, std::uint64_t older_size) {
    if (was == nullptr && is == nullptr) return Reason::ok;
    if (is == nullptr) return Reason::status_revived;
    if (was != nullptr) {
        const bool goes_back = is->state == SealState::pre_active && was->state != is->state;
        if (goes_back || (is_terminal(was->state) && !may_follow(was->state, is->state))) {
            return Reason::status_revived;
        }
        const bool both_compromised =
            was->state == SealState::compromised && is->state == SealState::compromised;
        if (both_compromised && is->invalid_from &&
            (!was->invalid_from || *is->invalid_from > *was->invalid_from)) {
            return Reason::status_revived;
        }
        const bool same_state = was->state == is->state;
        if (same_state && was->since_index == is->since_index) return Reason::ok;
        if (same_state && is_terminal(is->state)) return Reason::status_backdated;
    }
    return is->since_index > older_size ? Reason::ok : Reason::status_backdated;
}

// Two neighbours in the order of their numbers.
Reason compare(const Status& older, const Status& newer, const Digest& kid) {
    const StatusSnapshot& was = older.snapshot;
    const StatusSnapshot& is = newer.snapshot;
    if (was.seq == is.seq) {
        return older.entry == newer.entry ? Reason::ok : Reason::status_equivocation;
    }
    if (is.seq == was.seq + 1 && is.previous != older.entry) return Reason::status_equivocation;
    if (is.as_of_size <= was.as_of_size) return Reason::status_backdated;
    return compare_rows(was.find(kid), is.find(kid), was.as_of_size);
}

using Series = std::vector<const Snapshot*>;

// The authentic snapshots by number, oldest first; equal numbers in file order.
Series series_of(const std::vector<Snapshot>& snapshots) {
    Series series;
    for (const Snapshot& snapshot : snapshots) {
        if (snapshot.authentic) series.push_back(&snapshot);
    }
    // All point into one vector, so addresses are in file order.
    std::sort(series.begin(), series.end(), [](const Snapshot* a, const Snapshot* b) {
        return std::pair(a->content().seq, a) < std::pair(b->content().seq, b);
    });
    return series;
}

Reason check_series(const Series& series, const Digest& kid) {
    for (std::size_t i = 1; i < series.size(); ++i) {
        const Reason reason = compare(*series[i - 1]->status, *series[i]->status, kid);
        if (reason != Reason::ok) return reason;
    }
    return Reason::ok;
}

// A terminal state recorded before the statement: bad news needs no newer snapshot.
Reason check_terminal(const Series& series, const LoggedStatement& statement) {
    for (const Snapshot* snapshot : series) {
        const SealStatus* row = snapshot->content().find(statement.kid);
        if (row == nullptr || !is_terminal(row->state)) continue;
        if (statement.index <= row->since_index) continue;
        return row->state == SealState::compromised ? Reason::seal_compromised
                                                    : Reason::seal_retired;
    }
    return Reason::ok;
}

// Does this snapshot speak about the statement, and is it anchored as well as the statement is?
bool is_usable(const Snapshot& snapshot, const LoggedStatement& statement, const Trust& trust) {
    if (!snapshot.authentic || !snapshot.index) return false;
    // Its place is not below as_of_size, so it lies behind the statement too.
    if (snapshot.content().as_of_size <= statement.index) return false;
    // A statement that waits for its anchors waits together with its snapshot.
    return !statement.policy_met || tally(snapshot.proofs, trust, statement.proofs).met;
}

// Why no snapshot is usable. "Invalid" only when every one of them is bad: a bad one beside one
// that only misses something proves nothing about the statement.
Reason missing_reason(const std::vector<Snapshot>& snapshots) {
    const auto fails = [](const Snapshot& snapshot) {
        return info(snapshot.reason).effect == Effect::fails;
    };
    if (snapshots.empty()) return Reason::status_unknown;
    if (std::all_of(snapshots.begin(), snapshots.end(), fails)) return snapshots.front().reason;
    const auto missing = std::find_if(
        snapshots.begin(), snapshots.end(),
        [](const Snapshot& snapshot) { return info(snapshot.reason).effect == Effect::misses; });
    const bool of_status =
        missing != snapshots.end() && missing->reason == Reason::status_key_unknown;
    return of_status ? Reason::status_key_unknown : Reason::status_unknown;
}

// The newest snapshot's word about the seal.
Reason check_state(const SealStatus* row, const LoggedStatement& statement) {
    if (row == nullptr) return Reason::status_seal_unlisted;
    switch (row->state) {
        case SealState::pre_active:
            return Reason::seal_not_active;
        case SealState::suspended:
            return statement.index > row->since_index ? Reason::seal_suspended : Reason::ok;
        case SealState::compromised: {
            const bool older = row->invalid_from && statement.not_after_s &&
                               *statement.not_after_s < *row->invalid_from;
            return older ? Reason::ok : Reason::seal_compromised_window;
        }
        case SealState::active:
        case SealState::retired:
        case SealState::destroyed:
            break;
    }
    return Reason::ok;
}

Reason judge_series(const std::vector<Snapshot>& snapshots, const Series& series,
                    const LoggedStatement& statement, const Trust& trust) {
    if (const Reason reason = check_series(series, statement.kid); reason != Reason::ok) {
        return reason;
    }
    if (const Reason reason = check_terminal(series, statement); reason != Reason::ok) {
        return reason;
    }
    const bool any_usable = std::any_of(
        snapshots.begin(), snapshots.end(),
        [&](const Snapshot& snapshot) { return is_usable(snapshot, statement, trust); });
    if (!any_usable) return missing_reason(snapshots);
    return check_state(series.back()->content().find(statement.kid), statement);
}

std::vector<Detail> details_of(const std::vector<Snapshot>& snapshots) {
    std::vector<Detail> details;
    for (const Snapshot& snapshot : snapshots) {
        const Effect effect = info(snapshot.reason).effect;
        const Outcome outcome = effect == Effect::none    ? Outcome::passed
                                : effect == Effect::fails ? Outcome::failed
                                                          : Outcome::skipped;
        std::string message = snapshot.message;
        if (snapshot.status) {
            const std::string place =
                snapshot.index ? " at index " + std::to_string(*snapshot.index) : "";
            message = "snapshot " + std::to_string(snapshot.content().seq) + place +
                      ", as of size " + std::to_string(snapshot.content().as_of_size) +
                      (message.empty() ? "" : ": " + message);
        }
        details.push_back({snapshot.where, outcome, snapshot.reason, std::move(message)});
    }
    return details;
}

std::optional<SealStanding> standing_of(const Series& series, const LoggedStatement& statement,
                                        const Trust& trust) {
    if (series.empty()) return std::nullopt;
    const StatusSnapshot& newest = series.back()->content();
    const SealStatus* row = newest.find(statement.kid);
    if (row == nullptr) return std::nullopt;
    return SealStanding{row->state, newest.as_of_size, newest.seq,
                        tally(series.back()->proofs, trust, statement.proofs).not_after_s};
}

}  // namespace

std::optional<SealStanding> judge_seal_status(std::span<const StatusItem> items,
                                              const LoggedStatement& statement,
                                              const ProofRules& rules, StepReport& step) {
    const TrustedLog* log = rules.trust.find_log(rules.origin);
    FIELDSEAL_CHECK(log != nullptr);
    std::vector<Snapshot> snapshots;
    const auto read_all = [&](std::span<const StatusItem> list, const std::string& name) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string where = name + "[" + std::to_string(i) + "]";
            snapshots.push_back(read_snapshot(list[i], *log, rules, where));
        }
    };
    read_all(items, "status");
    read_all(log->status, std::string(kOfTrustFile));

    const Series series = series_of(snapshots);
    step.reason = judge_series(snapshots, series, statement, rules.trust);
    const Effect effect = info(step.reason).effect;
    step.outcome = effect == Effect::none    ? Outcome::passed
                   : effect == Effect::fails ? Outcome::failed
                                             : Outcome::skipped;
    step.details = details_of(snapshots);
    return standing_of(series, statement, rules.trust);
}

}  // namespace fieldseal::verify
