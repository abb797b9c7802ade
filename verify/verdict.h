// SPDX-License-Identifier: Apache-2.0
// The words of a verdict: three verdicts, eight steps, and one reason code for each way a step can
// end. The codes are a contract with the TypeScript verifier, the vectors and everybody's scripts:
// docs/formats/verdicts.md lists the same table. Never rename one; add.
// THREADS: constants and pure functions, any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fieldseal::verify {

enum class Verdict : std::uint8_t {
    valid,
    invalid,        // a mandatory check failed
    indeterminate,  // nothing failed, something that is required is missing
};
// "valid", "invalid", "indeterminate".
std::string_view to_string(Verdict verdict);

// The steps, in the order in which they are judged and reported.
enum class Step : std::uint8_t {
    document,
    form,
    signature,
    seal,
    inclusion,
    status,
    anchors,
    policy,
};
inline constexpr std::size_t kStepCount = 8;
std::string_view to_string(Step step);

enum class Outcome : std::uint8_t { passed, failed, skipped };
std::string_view to_string(Outcome outcome);

// What a reason does where it ends a step.
enum class Effect : std::uint8_t {
    none,     // nothing to say
    fails,    // the check failed; a mandatory step makes the verdict invalid
    misses,   // could not be checked; a mandatory step makes the verdict indeterminate
    pends,    // genuine as far as it goes; only the anchor policy is unmet
    refuses,  // no verdict at all: the command line could not start to judge
};

enum class Reason : std::uint8_t {
    ok,
    not_checked,
    // document
    document_mismatch,
    document_missing,
    // form
    evidence_malformed,
    evidence_version_unknown,
    statement_malformed,
    floor_unreferenced,
    certificate_unreferenced,
    certificate_mismatch,
    certificate_malformed,
    // signature, seal
    signature_invalid,
    algorithm_mismatch,
    seal_unknown,
    seal_not_authorised,
    certificate_purpose,
    certificate_out_of_time,
    certificate_revoked,
    certificate_window,
    certificate_status_unknown,
    certificate_time_unproven,
    // inclusion: of one PROOF
    proof_missing,
    checkpoint_malformed,
    origin_mismatch,
    index_conflict,
    inclusion_mismatch,
    log_unknown,
    log_kind_mismatch,
    checkpoint_signature_invalid,
    log_key_unknown,
    checkpoint_unsigned,
    log_closed,
    log_equivocation,
    cosignature_invalid,
    // status
    status_unknown,
    status_malformed,
    status_origin_mismatch,
    status_key_unknown,
    status_signature_invalid,
    status_inconsistent,
    status_equivocation,
    status_revived,
    status_backdated,
    status_seal_unlisted,
    seal_not_active,
    seal_suspended,
    seal_retired,
    seal_compromised,
    seal_compromised_window,
    // anchors
    witness_unknown,
    witness_same_operator,
    cosignature_in_future,
    anchor_unsupported,
    anchor_unknown_type,
    anchor_malformed,
    anchor_same_operator,
    anchor_in_future,
    chain_unknown,
    chain_curve_unsupported,
    chain_set_unknown,
    chain_contract_unknown,
    chain_header_only,
    chain_time_unhardened,
    chain_block_mismatch,
    chain_set_mismatch,
    chain_handover_mismatch,
    chain_seals_too_few,
    chain_seal_foreign,
    chain_seal_duplicate,
    chain_proof_mismatch,
    chain_id_mismatch,
    chain_digest_mismatch,
    tsa_unknown,
    tsa_certificate_missing,
    tsa_accuracy_unknown,
    tsa_imprint_mismatch,
    tsa_algorithm_refused,
    tsa_signature_invalid,
    tsa_usage_mismatch,
    tsa_certificate_expired,
    tsa_chain_invalid,
    tsa_policy_not_allowed,
    tsa_signer_mismatch,
    tsa_certificate_revoked,
    floor_missing,
    floor_unsupported,
    // policy
    time_contradiction,
    anchor_policy_unmet,
    // no verdict
    trust_malformed,
    trust_key_reused,
    trust_unsupported,
    unreadable,
};

struct ReasonInfo {
    Reason reason;
    std::string_view code;  // kebab-case, for machines
    Effect effect;
    std::string_view meaning;  // one sentence for a person
    std::string_view advice;   // what to do next
};

// Every reason once, in the order of the enumeration.
std::span<const ReasonInfo> all_reasons();
const ReasonInfo& info(Reason reason);
std::string_view to_string(Reason reason);
std::optional<Reason> reason_from_code(std::string_view code);

// Exit codes of fieldseal-verify.
inline constexpr int kExitValid = 0;
inline constexpr int kExitInvalid = 1;
inline constexpr int kExitIndeterminate = 2;
inline constexpr int kExitPending = 3;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitUnreadable = 66;
int exit_code(Verdict verdict, Reason reason);

}  // namespace fieldseal::verify
