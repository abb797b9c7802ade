// SPDX-License-Identifier: Apache-2.0
// The steps in their fixed order. Each writes its own StepReport; the verdict is read off the
// reports at the end, so a later step can never hide an earlier one.
#include "verify/verify.h"

#include "core/encoding.h"
#include "core/evidence.h"
#include "verify/anchor_policy.h"
#include "verify/floor.h"
#include "verify/proof_judge.h"
#include "verify/seal_certificate.h"
#include "verify/seal_status.h"

#include <algorithm>
#include <utility>

namespace fieldseal::verify {
namespace {

Outcome outcome_of(Reason reason) {
    switch (info(reason).effect) {
        case Effect::fails:
            return Outcome::failed;
        case Effect::none:
            return reason == Reason::ok ? Outcome::passed : Outcome::skipped;
        case Effect::misses:
        case Effect::pends:
        case Effect::refuses:
            break;
    }
    return Outcome::skipped;
}

class Judge {
public:
    explicit Judge(const Input& input) : input_(input), trust_(input.trust), heads_(input.trust) {
        for (std::size_t i = 0; i < kStepCount; ++i) {
            report_.steps[i].step = static_cast<Step>(i);
            report_.steps[i].message = info(Reason::not_checked).meaning;
        }
        report_.trust_sha256 = input.trust_sha256;
    }

    Report run() && {
        if (read_form()) {
            judge_document();
            judge_signature();
            judge_inclusion();
            judge_status();
            judge_anchors();
            judge_seal();
            judge_policy();
        } else {
            judge_document();
        }
        conclude();
        return std::move(report_);
    }

private:
    StepReport& step(Step which) { return report_.steps[static_cast<std::size_t>(which)]; }

    void end(Step which, Reason reason, std::string message = {}) {
        StepReport& report = step(which);
        report.outcome = outcome_of(reason);
        report.reason = reason;
        report.message = message.empty() ? std::string(info(reason).meaning) : std::move(message);
    }

    const StatementClaims& claims() const { return report_.statement->claims; }

    // Evidence, statement, floor. True when the statement could be read.
    bool read_form() {
        auto evidence = parse_evidence(input_.evidence);
        if (!evidence) {
            const bool newer = evidence.error().code == Errc::unsupported;
            end(Step::form, newer ? Reason::evidence_version_unknown : Reason::evidence_malformed,
                evidence.error().message);
            return false;
        }
        evidence_ = std::move(evidence).value();
        auto statement = parse_statement(evidence_.statement);
        if (!statement) {
            end(Step::form, Reason::statement_malformed, statement.error().message);
            return false;
        }
        report_.statement = std::move(statement).value();
        judge_references();
        prepare_rules();
        return true;
    }

    // What stands beside the statement must be what it refers to.
    void judge_references() {
        const Reason floor = check_floor_reference(evidence_.floor, claims().floor);
        if (floor != Reason::ok) return end(Step::form, floor);
        certificates_ = read_seal_certificates(evidence_, claims());
        end(Step::form, certificates_.reason, certificates_.message);
    }

    void prepare_rules() {
        log_ = trust_.find_log(claims().issuer);
        rules_.origin = claims().issuer;
        rules_.operated_by = log_ != nullptr ? log_->operated_by : std::string();
        rules_.now_s = input_.now_s;
        heads_.add(evidence_.proofs);
        for (const StatusItem& item : evidence_.status) heads_.add(item.proofs);
        if (log_ == nullptr) return;
        for (const StatusItem& item : log_->status) heads_.add(item.proofs);
    }

    void judge_document() {
        if (!input_.document) return end(Step::document, Reason::document_missing);
        if (!report_.statement) return;
        const DocumentDigests& given = *input_.document;
        const bool same_256 = given.sha256 == claims().document;
        const bool same_512 =
            !given.sha512 || !claims().document_sha512 || given.sha512 == claims().document_sha512;
        end(Step::document, same_256 && same_512 ? Reason::ok : Reason::document_mismatch);
    }

    void judge_signature() {
        seal_ = trust_.find_seal(claims().kid);
        if (seal_ == nullptr && !is_certified()) {
            return end(Step::signature, Reason::seal_unknown,
                       "the trust file does not know the seal " + hex_encode(claims().kid));
        }
        if (seal_ != nullptr) report_.seal_subject = seal_->subject;
        const PublicKey& key = seal_ != nullptr ? seal_->key : *certificates_.key;
        if (key.algorithm() != claims().algorithm) {
            return end(Step::signature, Reason::algorithm_mismatch);
        }
        const auto verified = verify_statement(*report_.statement, key);
        if (!verified) {
            return end(Step::signature, Reason::signature_invalid, verified.error().message);
        }
        end(Step::signature, Reason::ok);
    }

    // The trust file believes authorities, and the evidence has a certificate of the seal.
    bool is_certified() const { return certificates_.key && !trust_.seal_authorities.empty(); }

    // After the times: a certificate is judged at the one that is proven.
    void judge_certified() {
        const bool included = step(Step::inclusion).outcome == Outcome::passed;
        const ProvenTimes times{floor_source_ ? std::optional(floor_source_->time_s) : std::nullopt,
                                included ? tally_.not_after_s : std::nullopt};
        CertifiedSeal found =
            judge_certified_seal(certificates_, evidence_.crls, trust_, claims().issuer, times);
        if (found.authority != nullptr) report_.seal_subject = found.authority->subject;
        step(Step::seal).details = std::move(found.details);
        end(Step::seal, found.reason, std::move(found.message));
    }

    void judge_seal() {
        if (seal_ == nullptr && is_certified()) return judge_certified();
        if (seal_ == nullptr) return end(Step::seal, Reason::seal_unknown);
        if (seal_->may_sign_for(claims().issuer)) return end(Step::seal, Reason::ok);
        // A log that the trust file never heard of says nothing about the seal.
        if (log_ == nullptr) return end(Step::seal, Reason::log_unknown);
        end(Step::seal, Reason::seal_not_authorised);
    }

    void judge_inclusion() {
        proofs_ = judge_proofs(evidence_.proofs, report_.statement->entry, rules_, "proofs");
        for (const JudgedProof& proof : proofs_) {
            std::string message = proof.message;
            if (proof.proves()) {
                message = "entry " + std::to_string(proof.proof->index) + " of the " +
                          std::to_string(proof.checkpoint->size.value) + " in " +
                          proof.checkpoint->origin;
            }
            step(Step::inclusion)
                .details.push_back(
                    {proof.where, outcome_of(proof.reason), proof.reason, std::move(message)});
        }
        const bool two_histories = heads_.equivocates(claims().issuer);
        end(Step::inclusion, two_histories ? Reason::log_equivocation : inclusion_reason(proofs_));
        tally_ = tally(proofs_, trust_);
    }

    void judge_status() {
        if (step(Step::inclusion).outcome != Outcome::passed) return;
        const LoggedStatement statement{claims().kid, first_proving(proofs_)->proof->index,
                                        tally_.met, tally_.not_after_s, proofs_};
        report_.standing =
            judge_seal_status(evidence_.status, statement, rules_, step(Step::status));
        step(Step::status).message = info(step(Step::status).reason).meaning;
    }

    void judge_anchors() {
        std::vector<Detail>& details = step(Step::anchors).details;
        for (const JudgedProof& proof : proofs_) {
            if (proof.stands()) add_anchor_details(proof, details);
        }
        warn_of_lone_chains(details);
        const auto floor = judge_floor(evidence_.floor, claims().floor, rules_);
        if (floor && step(Step::form).outcome == Outcome::passed) {
            details.push_back(floor->detail);
            floor_source_ = floor->source;
        }
        const auto first_with = [&](Outcome outcome) {
            return std::find_if(details.begin(), details.end(),
                                [&](const Detail& detail) { return detail.outcome == outcome; });
        };
        for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::skipped}) {
            const auto found = first_with(outcome);
            if (found != details.end()) return end(Step::anchors, found->reason);
        }
        end(Step::anchors, Reason::not_checked, "The evidence holds nothing from outside.");
    }

    // What stands beside one checkpoint, then what its PROOFs in other logs add.
    void add_anchor_details(const JudgedProof& proof, std::vector<Detail>& details) {
        for (const JudgedCosignature& cosignature : proof.cosignatures) {
            details.push_back({proof.where, outcome_of(cosignature.reason), cosignature.reason,
                               "cosigned by " + quoted(cosignature.witness->key.name) + " (" +
                                   quoted(cosignature.witness->operated_by) + ") at " +
                                   rfc3339(cosignature.time_s)});
        }
        for (const std::string& name : proof.unknown_signers) {
            details.push_back(
                {proof.where, Outcome::skipped, Reason::witness_unknown,
                 "a line by " + quoted(name) + ", whom the trust file does not know"});
        }
        for (std::size_t i = 0; i < proof.anchors.size(); ++i) {
            const JudgedAnchor& anchor = proof.anchors[i];
            details.push_back({proof.where + ".anchors[" + std::to_string(i) + "]",
                               outcome_of(anchor.reason), anchor.reason, anchor.result.message,
                               anchor.result.chain});
        }
        for (const JudgedProof& logged : proof.logged) {
            const std::string message =
                logged.proves() ? "logged in " + logged.checkpoint->origin : logged.message;
            details.push_back({logged.where, outcome_of(logged.reason), logged.reason, message});
            if (logged.stands()) add_anchor_details(logged, details);
        }
    }

    // Whoever holds a quorum of a chain's keys can write its past again.
    void warn_of_lone_chains(std::vector<Detail>& details) const {
        if (tally_.time_operators > 1) return;
        for (Detail& detail : details) {
            if (detail.outcome != Outcome::passed || !detail.chain) continue;
            const bool sealed = detail.chain->needed > 0;
            detail.chain->warnings.push_back(sealed ? "the time rests on validator keys alone"
                                                    : "the time rests on one pinned block alone");
        }
    }

    void judge_policy() {
        Interval& interval = report_.interval;
        interval.sources = tally_.sources;
        interval.not_after_s = tally_.not_after_s;
        if (floor_source_) {
            interval.not_before_s = floor_source_->time_s;
            interval.sources.push_back(*floor_source_);
        }
        if (step(Step::inclusion).outcome != Outcome::passed) return;
        if (contradicts()) return end(Step::policy, Reason::time_contradiction);
        if (tally_.met) return end(Step::policy, Reason::ok);
        if (tally_.ignored_future) return end(Step::policy, Reason::time_contradiction);
        end(Step::policy, Reason::anchor_policy_unmet, unmet_message());
    }

    bool contradicts() const {
        const Interval& interval = report_.interval;
        if (!interval.not_before_s) return false;
        const bool after_end =
            interval.not_after_s && *interval.not_before_s > *interval.not_after_s;
        return after_end || (input_.now_s && *interval.not_before_s > *input_.now_s);
    }

    std::string unmet_message() const {
        const auto of = [](std::size_t have, std::int64_t want, std::string_view what) {
            return std::to_string(have) + " of " + std::to_string(want) + " " + std::string(what);
        };
        return "It has " +
               of(tally_.witness_operators, trust_.policy.witness_quorum, "witness operators") +
               " and " + of(tally_.time_operators, trust_.policy.time_quorum, "time sources") + ".";
    }

    // FORMATS §8: failed before missing before pending, and in each the first step.
    void conclude() {
        const auto first_with = [&](Effect effect) {
            return std::find_if(
                report_.steps.begin(), report_.steps.end(), [&](const StepReport& report) {
                    return report.step != Step::anchors && info(report.reason).effect == effect;
                });
        };
        report_.verdict = Verdict::valid;
        report_.reason = Reason::ok;
        report_.message =
            "The document is the one that was sealed, and everything that the trust "
            "file asks for is proven.";
        for (const Effect effect : {Effect::fails, Effect::misses, Effect::pends}) {
            const auto found = first_with(effect);
            if (found == report_.steps.end()) continue;
            report_.verdict = effect == Effect::fails ? Verdict::invalid : Verdict::indeterminate;
            report_.reason = found->reason;
            report_.message = info(found->reason).meaning;
            break;
        }
        if (report_.verdict == Verdict::invalid) {
            report_.interval.not_before_s.reset();
            report_.interval.not_after_s.reset();
        }
    }

    const Input& input_;
    const Trust& trust_;
    SignedHeads heads_;
    ProofRules rules_{input_.trust, heads_, {}, {}, {}};
    Evidence evidence_;
    const TrustedLog* log_ = nullptr;
    const TrustedSeal* seal_ = nullptr;  // pinned
    SealCertificates certificates_;
    std::vector<JudgedProof> proofs_;
    PolicyTally tally_;
    std::optional<TimeSource> floor_source_;
    Report report_;
};

}  // namespace

Report verify(const Input& input) {
    return Judge(input).run();
}

}  // namespace fieldseal::verify
