// SPDX-License-Identifier: Apache-2.0
// The installed library's one function: texts in, texts out.
#include "verify/fieldseal_verify.h"

#include "core/hash.h"
#include "verify/refusal.h"
#include "verify/verify.h"

namespace fieldseal {

VerifyAnswer verify_evidence(const VerifyRequest& request) {
    const auto trust = parse_trust(request.trust);
    if (!trust) {
        const verify::Refusal refusal = verify::refuse_trust(trust.error());
        return {verify::kExitUnreadable, {}, std::string(verify::to_string(refusal.reason)),
                refusal.message,         {}, {},
                verify::to_json(refusal)};
    }
    verify::Input input{.document = {},
                        .evidence = request.evidence,
                        .trust = *trust,
                        .trust_sha256 = sha256(as_bytes(request.trust)),
                        .now_s = request.now_s};
    if (request.document_sha256) {
        input.document = verify::DocumentDigests{*request.document_sha256, request.document_sha512};
    }
    const verify::Report report = verify::verify(input);
    return {report.exit_code(),
            std::string(verify::to_string(report.verdict)),
            std::string(verify::to_string(report.reason)),
            report.message,
            report.interval.not_before_s,
            report.interval.not_after_s,
            verify::to_json(report)};
}

}  // namespace fieldseal
