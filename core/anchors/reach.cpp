// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/reach.h"

#include "core/anchors/evm_anchor.h"
#include "core/encoding.h"
#include "core/evm/header.h"

#include <algorithm>

namespace fieldseal::anchors {
namespace {

// A sealed block whose later headers had not come when the target answered. A chain without seals
// has none to wait for.
bool lacks_later_headers(const Anchor& anchor) {
    if (anchor.type != kEvmTxType && anchor.type != kEvmReceiptType) return false;
    if (anchor.members.find("later") != nullptr) return false;
    const json::Value* text = anchor.members.find("header");
    if (text == nullptr || !text->is_string()) return false;
    const auto raw = base64_decode(text->as_string());
    return raw.ok() && (evm::parse_header(*raw, evm::Mode::qbft).ok() ||
                        evm::parse_header(*raw, evm::Mode::ibft2).ok());
}

}  // namespace

Reach reach_of(const std::vector<Anchor>& anchors) {
    if (anchors.empty()) return Reach::nowhere;
    const bool is_optimistic = std::all_of(anchors.begin(), anchors.end(), lacks_later_headers);
    return is_optimistic ? Reach::optimistic : Reach::certain;
}

}  // namespace fieldseal::anchors
