// SPDX-License-Identifier: Apache-2.0
#include "verify/verdict.h"

#include "core/check.h"

#include <algorithm>
#include <array>

namespace fieldseal::verify {
namespace {

constexpr ReasonInfo kReasons[] = {
    {Reason::ok, "ok", Effect::none, "The check passed.", "Nothing."},
    {Reason::not_checked, "not-checked", Effect::none,
     "Not checked: it needs what an earlier check did not give.", "See the earlier check."},

    {Reason::document_mismatch, "document-mismatch", Effect::fails,
     "This is not the document that was sealed: its digest is another.",
     "Compare with the sender's copy; one changed byte is enough. Check that the evidence belongs "
     "to this document."},
    {Reason::document_missing, "document-missing", Effect::misses,
     "No document was given, so nothing says what was sealed.",
     "Give the document, or its SHA-256 with --digest."},

    {Reason::evidence_malformed, "evidence-malformed", Effect::fails,
     "The evidence file does not have the form that every node writes.",
     "Ask for the evidence file again; it was cut, edited or is another file."},
    {Reason::evidence_version_unknown, "evidence-version-unknown", Effect::misses,
     "The evidence file has a newer format than this program reads.",
     "Use a newer fieldseal-verify."},
    {Reason::statement_malformed, "statement-malformed", Effect::fails,
     "What the evidence calls a statement is not a fieldseal statement.",
     "Ask for the evidence file again; another kind of signed object was put in, or bytes "
     "changed."},
    {Reason::floor_unreferenced, "floor-unreferenced", Effect::fails,
     "The evidence holds a floor that the statement does not refer to.",
     "Ask for the evidence file again; somebody added or exchanged the floor."},

    {Reason::certificate_unreferenced, "certificate-unreferenced", Effect::fails,
     "The evidence holds certificates that the statement does not refer to.",
     "Ask for the evidence file again; somebody added them."},
    {Reason::certificate_mismatch, "certificate-mismatch", Effect::fails,
     "The seal's certificate is not the one that the statement names, or is of another key.",
     "Ask for the evidence file again; the certificate was exchanged."},
    {Reason::certificate_malformed, "certificate-malformed", Effect::fails,
     "What the evidence calls a certificate is not one.", "Ask for the evidence file again."},

    {Reason::signature_invalid, "signature-invalid", Effect::fails,
     "The seal's signature does not fit the statement.",
     "Do not rely on the document; the statement was changed or signed by somebody else."},
    {Reason::algorithm_mismatch, "algorithm-mismatch", Effect::fails,
     "The statement names another algorithm than its seal's key has.",
     "Do not rely on the document; a genuine node never writes this."},
    {Reason::seal_unknown, "seal-unknown", Effect::misses, "The trust file does not know the seal.",
     "Ask the office for its trust export, check it by another way, and merge it."},
    {Reason::seal_not_authorised, "seal-not-authorised", Effect::fails,
     "The trust file knows the seal, and not for this log.",
     "Ask the office why the seal signed there; only then change the trust file."},

    {Reason::certificate_purpose, "certificate-purpose", Effect::fails,
     "The seal's certificate is not for sealing, or not of a kind that the trust file asks for.",
     "Ask the office which certificate it meant; compare purposes and policies with the trust "
     "file."},
    {Reason::certificate_out_of_time, "certificate-out-of-time", Effect::fails,
     "The statement was made before the seal's certificate began or after it ended.",
     "Do not rely on the document; ask the office why the seal signed then."},
    {Reason::certificate_revoked, "certificate-revoked", Effect::fails,
     "The statement was made after the seal's certificate was revoked.",
     "Do not rely on the document; ask the authority why it revoked the certificate."},
    {Reason::certificate_window, "certificate-window", Effect::misses,
     "The seal's certificate ended or was revoked within the time in which the statement was made.",
     "Nothing proves on which side the signature lies; ask for a document that was anchored "
     "earlier."},
    {Reason::certificate_status_unknown, "certificate-status-unknown", Effect::misses,
     "No revocation list that is new enough says that the seal's certificate was in force.",
     "Ask for newer evidence; or let the trust file say that revocation is not asked for."},
    {Reason::certificate_time_unproven, "certificate-time-unproven", Effect::pends,
     "The seal's certificate is judged once the time of the statement is proven.",
     "Ask for evidence exported after the node anchored."},

    {Reason::proof_missing, "proof-missing", Effect::misses,
     "The evidence holds no proof that the statement stands in a log.",
     "Ask for evidence exported after the node's next checkpoint."},
    {Reason::checkpoint_malformed, "checkpoint-malformed", Effect::fails,
     "A checkpoint is not a signed note of exactly three lines.",
     "Ask for the evidence file again."},
    {Reason::origin_mismatch, "origin-mismatch", Effect::fails,
     "The statement was issued for another log than the one that is said to hold it.",
     "Do not rely on this proof; it was copied from elsewhere."},
    {Reason::index_conflict, "index-conflict", Effect::fails,
     "Two proofs give one entry two places in one log.", "Ask for the evidence file again."},
    {Reason::inclusion_mismatch, "inclusion-mismatch", Effect::fails,
     "The path does not lead from the entry to the checkpoint's root.",
     "Do not rely on this proof; the path, the place or the checkpoint was exchanged."},
    {Reason::log_unknown, "log-unknown", Effect::misses, "The trust file does not know the log.",
     "Ask the office for its trust export, check it by another way, and merge it."},
    {Reason::log_kind_mismatch, "log-kind-mismatch", Effect::fails,
     "The log holds another kind of entry: statements and checkpoints never share a log.",
     "Do not rely on this proof."},
    {Reason::checkpoint_signature_invalid, "checkpoint-signature-invalid", Effect::fails,
     "The log's signature on the checkpoint does not verify.",
     "Do not rely on this proof; the checkpoint was changed."},
    {Reason::log_key_unknown, "log-key-unknown", Effect::misses,
     "The checkpoint is signed in the log's name with a key that the trust file does not hold.",
     "Ask the office whether its log key changed."},
    {Reason::checkpoint_unsigned, "checkpoint-unsigned", Effect::fails,
     "The checkpoint has no signature in its log's name.", "Ask for the evidence file again."},
    {Reason::log_closed, "log-closed", Effect::fails,
     "The checkpoint is larger than the size at which the trust file closed the log.",
     "Ask why a closed log went on; somebody may be using its old key."},
    {Reason::log_equivocation, "log-equivocation", Effect::fails,
     "The log signed two different trees of one size.",
     "Keep this file: it proves that the log, or a thief of its key, showed two histories."},
    {Reason::cosignature_invalid, "cosignature-invalid", Effect::fails,
     "A line in a trusted witness's name does not verify, or stands there twice; that voids the "
     "whole note.",
     "Ask for the evidence file again."},

    {Reason::status_unknown, "status-unknown", Effect::misses,
     "No anchored snapshot made after the statement says in which state the seal was.",
     "Ask for newer evidence: the node logs a snapshot before every checkpoint."},
    {Reason::status_malformed, "status-malformed", Effect::fails,
     "What the evidence calls a status snapshot is not one.", "Ask for the evidence file again."},
    {Reason::status_origin_mismatch, "status-origin-mismatch", Effect::fails,
     "The status snapshot is about another log.", "Ask for the evidence file again."},
    {Reason::status_key_unknown, "status-key-unknown", Effect::misses,
     "The status snapshot is signed with a key that the trust file does not hold.",
     "Ask the office for its trust export and compare the status keys."},
    {Reason::status_signature_invalid, "status-signature-invalid", Effect::fails,
     "The signature of the status snapshot does not verify.",
     "Do not rely on the document; the snapshot was changed."},
    {Reason::status_inconsistent, "status-inconsistent", Effect::fails,
     "The status snapshot speaks about a larger log than the one it stands in.",
     "Do not rely on the document; a genuine node never writes this."},
    {Reason::status_equivocation, "status-equivocation", Effect::fails,
     "Two different status snapshots carry one number.",
     "Keep this file: it proves that the status key told two stories."},
    {Reason::status_revived, "status-revived", Effect::fails,
     "A newer status snapshot takes back what can not be taken back.",
     "Keep this file: it proves that the status key told two stories."},
    {Reason::status_backdated, "status-backdated", Effect::fails,
     "A newer status snapshot dates a change to before an older snapshot that did not have it.",
     "Keep this file: it proves that the status key told two stories."},
    {Reason::status_seal_unlisted, "status-seal-unlisted", Effect::misses,
     "The status snapshot does not list the seal.", "Ask the office; a snapshot lists all seals."},
    {Reason::seal_not_active, "seal-not-active", Effect::fails,
     "The seal was not yet allowed to sign.", "Ask the office who used the seal before its start."},
    {Reason::seal_suspended, "seal-suspended", Effect::misses,
     "The statement was logged after the seal was suspended.",
     "Ask the office; the suspension may end either way."},
    {Reason::seal_retired, "seal-retired", Effect::fails,
     "The statement was logged after the seal had been retired or destroyed.",
     "Do not rely on the document."},
    {Reason::seal_compromised, "seal-compromised", Effect::fails,
     "The statement was logged after the seal's key was reported compromised.",
     "Do not rely on the document."},
    {Reason::seal_compromised_window, "seal-compromised-window", Effect::misses,
     "The seal's key was compromised, and nothing proves that the statement is older than that.",
     "Ask the office; an anchor of a time before the compromise would decide it."},

    {Reason::witness_unknown, "witness-unknown", Effect::misses,
     "The trust file does not know who made this line.",
     "Add the witness to the trust file if you trust it."},
    {Reason::witness_same_operator, "witness-same-operator", Effect::misses,
     "The witness is run by the operator of the log, so it does not count.",
     "Anchor to a witness of another operator."},
    {Reason::cosignature_in_future, "cosignature-in-future", Effect::misses,
     "The cosignature is dated after this computer's clock.",
     "Check this computer's clock, then the witness's."},
    {Reason::anchor_unsupported, "anchor-unsupported", Effect::misses,
     "This version does not judge anchors of this type.", "Use a newer fieldseal-verify."},
    {Reason::anchor_unknown_type, "anchor-unknown-type", Effect::misses,
     "The type of this anchor is unknown.", "Use a newer fieldseal-verify."},
    {Reason::anchor_malformed, "anchor-malformed", Effect::fails,
     "An anchor, or a floor's header or token, does not have the form that its type prescribes.",
     "Ask for the evidence file again."},
    {Reason::anchor_same_operator, "anchor-same-operator", Effect::misses,
     "Whoever runs the log also runs what it is anchored to, so it does not count.",
     "Anchor to something of another operator."},
    {Reason::anchor_in_future, "anchor-in-future", Effect::misses,
     "The anchor is dated after this computer's clock.",
     "Check this computer's clock, then the anchor's source."},
    {Reason::chain_unknown, "chain-unknown", Effect::misses,
     "The trust file does not know the chain.",
     "Add the chain and its validators to the trust file if you trust it."},
    {Reason::chain_curve_unsupported, "chain-curve-unsupported", Effect::misses,
     "The chain's keys are of a curve that this version does not judge.",
     "Use a newer fieldseal-verify, or an anchor to another chain."},
    {Reason::chain_set_unknown, "chain-set-unknown", Effect::misses,
     "The trust file pins no validators for that block of the chain.",
     "Ask the chain's operator who sealed its blocks then, and pin that set."},
    {Reason::chain_contract_unknown, "chain-contract-unknown", Effect::misses,
     "The digest went through a contract, and the trust file pins none for the chain.",
     "Add the contract's address to the trust file if you trust it."},
    {Reason::chain_header_only, "chain-header-only", Effect::misses,
     "The chain's block includes the digest, and nobody vouches for the block.",
     "Compare the block's hash with a node of your own and pin it, or use another anchor."},
    {Reason::chain_time_unhardened, "chain-time-unhardened", Effect::misses,
     "The block is sealed, and its time is the word of the one validator that proposed it.",
     "Ask for newer evidence: it holds the headers of later blocks."},
    {Reason::chain_block_mismatch, "chain-block-mismatch", Effect::fails,
     "The trust file pins another block of this number.",
     "Do not rely on this anchor; the block is not in the chain that you know."},
    {Reason::chain_set_mismatch, "chain-set-mismatch", Effect::fails,
     "The block lists other validators than those that the trust file pins for it.",
     "Do not rely on this anchor, unless the chain's operator says that its validators changed: "
     "then pin the new set."},
    {Reason::chain_handover_mismatch, "chain-handover-mismatch", Effect::fails,
     "The headers that should lead from the pinned validators to the block's do not.",
     "Ask for newer evidence, or pin the block's validators if the chain's operator confirms "
     "them."},
    {Reason::chain_seals_too_few, "chain-seals-too-few", Effect::fails,
     "Fewer validators sealed the block than the chain's rules demand.",
     "Do not rely on this anchor; ask for the evidence file again."},
    {Reason::chain_seal_foreign, "chain-seal-foreign", Effect::fails,
     "Somebody who is no validator sealed the block.",
     "Do not rely on this anchor; a genuine chain never shows this."},
    {Reason::chain_seal_duplicate, "chain-seal-duplicate", Effect::fails,
     "One validator sealed the block twice.",
     "Do not rely on this anchor; a genuine chain never shows this."},
    {Reason::chain_proof_mismatch, "chain-proof-mismatch", Effect::fails,
     "The path does not lead from the block's root to a transaction or receipt at that place.",
     "Ask for the evidence file again."},
    {Reason::chain_id_mismatch, "chain-id-mismatch", Effect::fails,
     "The transaction was signed for another chain.",
     "Do not rely on this anchor; it was copied from elsewhere."},
    {Reason::chain_digest_mismatch, "chain-digest-mismatch", Effect::fails,
     "The transaction or its event is not an anchor of this checkpoint.",
     "Do not rely on this anchor; it was copied from elsewhere, or is of another form."},
    {Reason::tsa_unknown, "tsa-unknown", Effect::misses,
     "The trust file knows no time-stamping authority that the token leads to.",
     "Add the authority and its root certificate to the trust file if you trust it."},
    {Reason::tsa_certificate_missing, "tsa-certificate-missing", Effect::misses,
     "The certificate that signed the time-stamp token is not there.",
     "Ask for newer evidence: nodes ask authorities to put it into the token."},
    {Reason::tsa_accuracy_unknown, "tsa-accuracy-unknown", Effect::misses,
     "Nobody says how sure the time in the token is.",
     "Set accuracy_default_s in the trust file if the authority publishes a figure."},
    {Reason::tsa_imprint_mismatch, "tsa-imprint-mismatch", Effect::fails,
     "The time-stamp token is not of this checkpoint.",
     "Do not rely on this anchor; it was copied from elsewhere."},
    {Reason::tsa_algorithm_refused, "tsa-algorithm-refused", Effect::fails,
     "The time-stamp token or a certificate rests on an algorithm that may not vouch here.",
     "Use an authority that signs with RSA, P-256 or P-384 and SHA-256 or better."},
    {Reason::tsa_signature_invalid, "tsa-signature-invalid", Effect::fails,
     "The signature of the time-stamp token does not verify.",
     "Do not rely on this anchor; the token was changed."},
    {Reason::tsa_usage_mismatch, "tsa-usage-mismatch", Effect::fails,
     "The certificate that signed the token is not for time-stamping alone.",
     "Do not rely on this anchor; ask the authority for a certificate as RFC 3161 demands it."},
    {Reason::tsa_certificate_expired, "tsa-certificate-expired", Effect::fails,
     "A certificate of the time-stamping authority was not valid at the token's own time.",
     "Do not rely on this anchor; a certificate that expired later would not matter."},
    {Reason::tsa_chain_invalid, "tsa-chain-invalid", Effect::fails,
     "The certificates of the time-stamping authority do not lead to its root as they must.",
     "Do not rely on this anchor; ask the authority which certificates it uses."},
    {Reason::tsa_policy_not_allowed, "tsa-policy-not-allowed", Effect::fails,
     "The token was made under a policy that the trust file does not allow.",
     "Read the authority's policy; add its number to the trust file if you accept it."},
    {Reason::tsa_signer_mismatch, "tsa-signer-mismatch", Effect::fails,
     "The signer of the token does not name the certificate beside it as his own.",
     "Do not rely on this anchor; a certificate was exchanged."},
    {Reason::tsa_certificate_revoked, "tsa-certificate-revoked", Effect::fails,
     "A certificate of the time-stamping authority was revoked, and the token is not safe from it.",
     "Use another anchor; the key may have been stolen."},
    {Reason::floor_missing, "floor-missing", Effect::misses,
     "The statement refers to a floor that the evidence does not hold.",
     "Ask for evidence with its floor if you need to know since when it may exist."},
    {Reason::floor_unsupported, "floor-unsupported", Effect::misses,
     "This version does not judge floors of this kind.", "Use a newer fieldseal-verify."},

    {Reason::time_contradiction, "time-contradiction", Effect::misses,
     "The times contradict each other or this computer's clock.",
     "Check this computer's clock; otherwise one of the time sources is wrong."},
    {Reason::anchor_policy_unmet, "anchor-policy-unmet", Effect::pends,
     "The statement is genuine, and not yet anchored as the trust file demands.",
     "Ask for newer evidence once the node has been online; or add the missing witness to the "
     "trust file if you trust it."},

    {Reason::trust_malformed, "trust-malformed", Effect::refuses,
     "The trust file does not have the form of a trust file.",
     "Correct it; the message says where."},
    {Reason::trust_key_reused, "trust-key-reused", Effect::refuses,
     "The trust file gives one key two roles.",
     "Ask whose key it is; each purpose needs its own key."},
    {Reason::trust_unsupported, "trust-unsupported", Effect::refuses,
     "The trust file asks for something that this version does not do.",
     "Use a newer fieldseal-verify, or take that entry out."},
    {Reason::unreadable, "unreadable", Effect::refuses, "A file could not be read.",
     "Correct the path or the permissions; the message says which."},
};

static_assert(std::size(kReasons) == static_cast<std::size_t>(Reason::unreadable) + 1);

}  // namespace

std::string_view to_string(Verdict verdict) {
    constexpr std::array<std::string_view, 3> kNames = {"valid", "invalid", "indeterminate"};
    return kNames.at(static_cast<std::size_t>(verdict));
}

std::string_view to_string(Step step) {
    constexpr std::array<std::string_view, kStepCount> kNames = {
        "document", "form", "signature", "seal", "inclusion", "status", "anchors", "policy"};
    return kNames.at(static_cast<std::size_t>(step));
}

std::string_view to_string(Outcome outcome) {
    constexpr std::array<std::string_view, 3> kNames = {"passed", "failed", "skipped"};
    return kNames.at(static_cast<std::size_t>(outcome));
}

std::span<const ReasonInfo> all_reasons() {
    return kReasons;
}

const ReasonInfo& info(Reason reason) {
    const ReasonInfo& found = kReasons[static_cast<std::size_t>(reason)];
    FIELDSEAL_CHECK(found.reason == reason);
    return found;
}

std::string_view to_string(Reason reason) {
    return info(reason).code;
}

std::optional<Reason> reason_from_code(std::string_view code) {
    const auto found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                    [&](const ReasonInfo& known) { return known.code == code; });
    if (found == std::end(kReasons)) return std::nullopt;
    return found->reason;
}

int exit_code(Verdict verdict, Reason reason) {
    if (verdict == Verdict::valid) return kExitValid;
    if (verdict == Verdict::invalid) return kExitInvalid;
    return info(reason).effect == Effect::pends ? kExitPending : kExitIndeterminate;
}

}  // namespace fieldseal::verify
