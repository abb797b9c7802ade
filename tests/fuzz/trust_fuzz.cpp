// SPDX-License-Identifier: Apache-2.0
// A trust file has one meaning, and an import changes nothing but its own origin.
#include "core/check.h"
#include "core/trust.h"
#include "tests/vectors/scene.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

template <class T>
bool starts_with(const std::vector<T>& longer, const std::vector<T>& shorter) {
    return longer.size() >= shorter.size() &&
           std::equal(shorter.begin(), shorter.end(), longer.begin());
}

// `merged` is `own` with at most one log more, of that origin, and seals for it.
void check_merge(const Trust& own, const Trust& merged, std::string_view origin) {
    FIELDSEAL_CHECK(merged.witnesses == own.witnesses && merged.policy == own.policy);
    FIELDSEAL_CHECK(merged.tsas == own.tsas && merged.chains == own.chains);
    FIELDSEAL_CHECK(merged.skew_s == own.skew_s && merged.logs.size() <= own.logs.size() + 1);
    for (const TrustedLog& log : own.logs) {
        const TrustedLog* now = merged.find_log(log.origin);
        FIELDSEAL_CHECK(now != nullptr && now->key == log.key && now->kind == log.kind);
        FIELDSEAL_CHECK(now->status_keys == log.status_keys && now->closed == log.closed);
        FIELDSEAL_CHECK(now->operated_by == log.operated_by);
        FIELDSEAL_CHECK(log.origin == origin || *now == log);
    }
    for (const TrustedSeal& seal : own.seals) {
        const TrustedSeal* now = merged.find_seal(seal.key.kid());
        FIELDSEAL_CHECK(now != nullptr && starts_with(now->origins, seal.origins));
        FIELDSEAL_CHECK(now->iss == seal.iss && now->subject == seal.subject);
    }
    for (const TrustedSeal& seal : merged.seals) {
        const TrustedSeal* before = own.find_seal(seal.key.kid());
        for (const std::string& may : seal.origins) {
            const bool known = before != nullptr &&
                               std::find(before->origins.begin(), before->origins.end(), may) !=
                                   before->origins.end();
            FIELDSEAL_CHECK(known || may == origin);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Trust own = vectors::ordinary_trust();
    const auto trust = parse_trust(as_text({data, size}));
    if (!trust) return 0;
    const std::string written = to_json(*trust);
    const auto again = parse_trust(written);
    FIELDSEAL_CHECK(again.ok() && *again == *trust && to_json(*again) == written);
    for (const TrustedLog& log : trust->logs) {
        if (const auto merged = merge_trust(own, *trust, log.origin)) {
            check_merge(own, *merged, log.origin);
            FIELDSEAL_CHECK(check_trust(*merged).ok());
        }
    }
    return 0;
}
