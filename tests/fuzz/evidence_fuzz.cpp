// SPDX-License-Identifier: Apache-2.0
// Evidence has one meaning: what parses is written back to the same value. And no mutation of the
// seeds' evidence is ever valid for a statement that the office's seal did not sign.
#include "core/check.h"
#include "core/evidence.h"
#include "core/statement.h"
#include "tests/vectors/chain_scene.h"
#include "verify/verify.h"

#include <algorithm>
#include <array>
#include <cstdint>

using namespace fieldseal;

namespace {

// The trust file and the statements of the seeds in corpus/evidence.
struct Known {
    Known() { trust.chains = {vectors::land_pin()}; }

    Trust trust = vectors::ordinary_trust();
    std::array<Digest, 3> entries = {vectors::ordinary_day().statement.entry,
                                     vectors::day_of([](StatementClaims&) {}).statement.entry,
                                     vectors::day_with_block_floor().statement.entry};
    verify::DocumentDigests contract{vectors::contract().sha256, vectors::contract().sha512};
};

void check_verdict(const Known& known, std::string_view text) {
    const verify::Report report = verify::verify({.document = known.contract,
                                                  .evidence = text,
                                                  .trust = known.trust,
                                                  .trust_sha256 = {},
                                                  .now_s = {}});
    const int code = report.exit_code();
    FIELDSEAL_CHECK(code >= verify::kExitValid && code <= verify::kExitPending);
    FIELDSEAL_CHECK((code == verify::kExitValid) == (report.reason == verify::Reason::ok));
    if (report.verdict == verify::Verdict::valid) {
        const Digest& entry = report.statement->entry;
        FIELDSEAL_CHECK(std::find(known.entries.begin(), known.entries.end(), entry) !=
                        known.entries.end());
        FIELDSEAL_CHECK(report.interval.not_after_s >= vectors::kNotAfter_s);
    }
    FIELDSEAL_CHECK(json::parse(to_json(report), {.bytes_max = 64 * 1024 * 1024}).ok());
    FIELDSEAL_CHECK(!to_text(report, verify::Explain::yes).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Known known;
    const std::string_view text = as_text({data, size});
    if (const auto evidence = parse_evidence(text)) {
        const std::string written = to_json(*evidence);
        // Pretty text can be longer than what was read; then it is over the limit and nothing more.
        if (written.size() <= kEvidenceBytesMax) {
            const auto again = parse_evidence(written);
            FIELDSEAL_CHECK(again.ok() && *again == *evidence);
            FIELDSEAL_CHECK(to_json(*again) == written);
        }
    }
    check_verdict(known, text);
    return 0;
}
