// SPDX-License-Identifier: Apache-2.0
#include "verify/anchor_reason.h"

namespace fieldseal::verify {

Reason reason_of(anchors::Finding finding) {
    using anchors::Finding;
    switch (finding) {
        case Finding::proven:
            return Reason::ok;
        case Finding::unsupported:
            return Reason::anchor_unsupported;
        case Finding::malformed:
            return Reason::anchor_malformed;
        case Finding::chain_unknown:
            return Reason::chain_unknown;
        case Finding::chain_curve_unsupported:
            return Reason::chain_curve_unsupported;
        case Finding::chain_set_unknown:
            return Reason::chain_set_unknown;
        case Finding::chain_contract_unknown:
            return Reason::chain_contract_unknown;
        case Finding::chain_header_only:
            return Reason::chain_header_only;
        case Finding::chain_time_unhardened:
            return Reason::chain_time_unhardened;
        case Finding::chain_block_mismatch:
            return Reason::chain_block_mismatch;
        case Finding::chain_set_mismatch:
            return Reason::chain_set_mismatch;
        case Finding::chain_handover_mismatch:
            return Reason::chain_handover_mismatch;
        case Finding::chain_seals_too_few:
            return Reason::chain_seals_too_few;
        case Finding::chain_seal_foreign:
            return Reason::chain_seal_foreign;
        case Finding::chain_seal_duplicate:
            return Reason::chain_seal_duplicate;
        case Finding::chain_proof_mismatch:
            return Reason::chain_proof_mismatch;
        case Finding::chain_id_mismatch:
            return Reason::chain_id_mismatch;
        case Finding::chain_digest_mismatch:
            return Reason::chain_digest_mismatch;
        case Finding::tsa_unknown:
            return Reason::tsa_unknown;
        case Finding::tsa_certificate_missing:
            return Reason::tsa_certificate_missing;
        case Finding::tsa_accuracy_unknown:
            return Reason::tsa_accuracy_unknown;
        case Finding::tsa_imprint_mismatch:
            return Reason::tsa_imprint_mismatch;
        case Finding::tsa_algorithm_refused:
            return Reason::tsa_algorithm_refused;
        case Finding::tsa_signature_invalid:
            return Reason::tsa_signature_invalid;
        case Finding::tsa_usage_mismatch:
            return Reason::tsa_usage_mismatch;
        case Finding::tsa_certificate_expired:
            return Reason::tsa_certificate_expired;
        case Finding::tsa_chain_invalid:
            return Reason::tsa_chain_invalid;
        case Finding::tsa_policy_not_allowed:
            return Reason::tsa_policy_not_allowed;
        case Finding::tsa_signer_mismatch:
            return Reason::tsa_signer_mismatch;
        case Finding::tsa_certificate_revoked:
            return Reason::tsa_certificate_revoked;
        case Finding::unknown_type:
            break;
    }
    return Reason::anchor_unknown_type;
}

}  // namespace fieldseal::verify
