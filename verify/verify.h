// SPDX-License-Identifier: Apache-2.0
// The verdict engine: evidence and a trust file in, a report out (docs/formats/verdicts.md). It
// trusts nothing but the trust file; what is missing makes "indeterminate", never "invalid".
// Pure: no files, no clock, no network. The same input gives the same report everywhere.
// THREADS: any.
#pragma once

#include "core/hash.h"
#include "core/trust.h"
#include "verify/report.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fieldseal::verify {

struct DocumentDigests {
    Digest sha256{};
    std::optional<Sha512Digest> sha512;  // compared only when the statement holds one too
};

struct Input {
    std::optional<DocumentDigests> document;
    std::string_view evidence;  // the text of `<document>.seal`
    const Trust& trust;
    Digest trust_sha256{};              // of the trust file's bytes, for the report
    std::optional<std::int64_t> now_s;  // POSIX seconds; without it nothing is "in the future"
};

Report verify(const Input& input);

}  // namespace fieldseal::verify
