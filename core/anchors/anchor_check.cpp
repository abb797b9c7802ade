// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/anchor_check.h"

#include "core/anchors/evm_anchor.h"
#include "core/anchors/rfc3161_anchor.h"
#include "core/encoding.h"

#include <array>

namespace fieldseal::anchors {
namespace {

using Check = AnchorResult (*)(const Anchor&, const note::Checkpoint&, const Trust&);

AnchorResult not_yet(const Anchor& anchor, const note::Checkpoint& /*checkpoint*/,
                     const Trust& /*trust*/) {
    return {.finding = Finding::unsupported,
            .message = "anchors of type " + anchor.type + " are not judged by this version",
            .source = {},
            .operated_by = {}};
}

struct AnchorType {
    std::string_view name;
    Check check;
};
constexpr std::array kTypes = {
    AnchorType{kEvmTxType, check_evm_anchor},
    AnchorType{kEvmReceiptType, check_evm_anchor},
    AnchorType{kRfc3161Type, check_rfc3161_anchor},
    AnchorType{"sigsum", not_yet},
};

}  // namespace

AnchorResult check_anchor(const Anchor& anchor, const note::Checkpoint& checkpoint,
                          const Trust& trust) {
    for (const AnchorType& type : kTypes) {
        if (type.name == anchor.type) return type.check(anchor, checkpoint, trust);
    }
    return {.finding = Finding::unknown_type,
            .message = "unknown anchor type " + quoted(anchor.type, 40),
            .source = {},
            .operated_by = {}};
}

}  // namespace fieldseal::anchors
