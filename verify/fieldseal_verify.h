// SPDX-License-Identifier: Apache-2.0
// libfieldseal-verify: the verdict engine for other programs. This header stands alone; install it
// as <fieldseal/verify.h> and link with `pkg-config --cflags --libs fieldseal-verify`.
//
//     const auto answer = fieldseal::verify_evidence({.document_sha256 = digest,
//                                                     .evidence = evidence_text,
//                                                     .trust = trust_text,
//                                                     .now_s = std::time(nullptr)});
//     if (answer.exit_code == 0) { … }
//
// Pure: reads no files, opens no sockets, looks at no clock; the same request gives the same
// answer. Codes and rules: docs/formats/verdicts.md.
// ERRORS: none; a request that cannot be judged is answered with exit code 66. THREADS: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal {

struct VerifyRequest {
    std::optional<std::array<std::uint8_t, 32>> document_sha256;  // absent: "document-missing"
    std::optional<std::array<std::uint8_t, 64>> document_sha512;  // only beside the SHA-256
    std::string_view evidence;                                    // the text of `<document>.seal`
    std::string_view trust;                                       // the text of `trust.json`
    std::optional<std::int64_t> now_s;  // POSIX seconds; without it nothing is "in the future"
};

struct VerifyAnswer {
    int exit_code = 66;   // 0 valid, 1 invalid, 2 and 3 indeterminate, 66 trust file refused
    std::string verdict;  // "valid", "invalid", "indeterminate"; empty with exit code 66
    std::string reason;   // a stable code, "ok" when valid
    std::string message;  // one sentence for a person
    std::optional<std::int64_t> not_before_s;
    std::optional<std::int64_t> not_after_s;
    std::string report_json;  // "fieldseal-report/v1"
};

__attribute__((visibility("default"))) VerifyAnswer verify_evidence(const VerifyRequest& request);

}  // namespace fieldseal
