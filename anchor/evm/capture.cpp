// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/capture.h"

#include "anchor/evm/block.h"
#include "anchor/evm/json_fields.h"
#include "anchor/target.h"
#include "core/anchors/anchor_check.h"
#include "core/anchors/evm_anchor.h"
#include "core/encoding.h"
#include "core/evm/quorum.h"
#include "core/evm/short_header.h"
#include "core/evm/trie.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

using anchors::Finding;

// After a change of validators the first header may carry one seal of the old set too few; one of
// the next ones carries enough (chain.md §3.5).
constexpr std::uint64_t kHandoverTries = 8;

constexpr std::string_view kPinAdvice =
    "; compare the chain's validators with the target's pin, and correct the pin here and in the "
    "trust files of those who verify";

bool same_set(std::vector<evm::Address> a, std::vector<evm::Address> b) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a == b;
}

std::string block_of(std::uint64_t number) {
    return "block " + std::to_string(number);
}

Result<evm::Header> header_at(ChainNode& node, evm::Mode mode, std::uint64_t number) {
    const json::Value block = FIELDSEAL_TRY(node.block(number));
    if (block.is_null()) {
        return Error{Errc::exhausted, "the node does not show " + block_of(number) + " yet"};
    }
    return read_header(block, mode, number);
}

// Makes and judges one anchor.
class Capture {
public:
    Capture(ChainNode& node, const TrustedChain& pin, const note::Checkpoint& checkpoint)
        : node_(node), pin_(pin), checkpoint_(checkpoint) {}

    Result<std::optional<Captured>> take(const CaptureRequest& request);
    Result<std::optional<Captured>> harden_again(const Anchor& anchor);

private:
    Result<void> add_transaction(const json::Value& block, ByteView raw);
    Result<bool> is_canonical() const;
    Result<void> add_handover();
    Result<evm::Header> next_handover(const std::vector<evm::Address>& trusted, std::uint64_t last);
    Result<void> add_later(std::uint64_t head);
    Result<Captured> judge() const;
    bool fits() const;
    std::vector<evm::Address> sealing_set() const;
    bool is_sealed_mode() const { return pin_.mode != evm::Mode::plain; }

    ChainNode& node_;
    const TrustedChain& pin_;
    const note::Checkpoint& checkpoint_;
    evm::Header header_;
    anchors::EvmAnchor anchor_;
};

Result<std::optional<Captured>> Capture::take(const CaptureRequest& request) {
    using Answer = std::optional<Captured>;
    const json::Value block = FIELDSEAL_TRY(node_.block(request.place.hash, true));
    if (block.is_null()) return Answer();
    header_ = FIELDSEAL_TRY(read_header(block, pin_.mode, request.place.hash));
    if (header_.number != request.place.number) {
        return Error{Errc::corrupt, "its receipt says " + block_of(request.place.number) +
                                        ", and the block of that hash is " +
                                        block_of(header_.number)};
    }
    FIELDSEAL_TRY(add_transaction(block, request.raw));
    if (is_sealed_mode()) {
        FIELDSEAL_TRY(add_handover());
        FIELDSEAL_TRY(add_later(request.head));
    } else if (!FIELDSEAL_TRY(is_canonical())) {
        return Answer();
    }
    return Answer(FIELDSEAL_TRY(judge()));
}

Result<void> Capture::add_transaction(const json::Value& block, ByteView raw) {
    const auto items = FIELDSEAL_TRY(read_transactions(block, header_));
    const auto found = std::ranges::find_if(
        items, [&](const Bytes& item) { return std::ranges::equal(item, raw); });
    if (found == items.end()) {
        return Error{Errc::corrupt, "it says that our transaction is in " +
                                        block_of(header_.number) +
                                        ", and that block does not hold it"};
    }
    const auto index = static_cast<std::size_t>(found - items.begin());
    anchor_.chain = pin_.id;
    anchor_.header = header_.raw;
    anchor_.index = index;
    anchor_.nodes = evm::trie_proof(items, index);
    return {};
}

// Without seals only the node can say which of two blocks of one number is on the chain.
Result<bool> Capture::is_canonical() const {
    const json::Value block = FIELDSEAL_TRY(node_.block(header_.number));
    if (block.is_null()) return false;
    return FIELDSEAL_TRY(JsonFields(block, "block").hash("hash")) == header_.block_hash;
}

// Whose seals the verifier counts: the listed validators, pinned or handed over; the pinned ones
// for a header that lists nobody (QBFT whose validators stand in a contract).
std::vector<evm::Address> Capture::sealing_set() const {
    if (!header_.validators.empty()) return header_.validators;
    const ValidatorSet* pinned = pin_.find_set(header_.number);
    return pinned == nullptr ? std::vector<evm::Address>() : pinned->validators;
}

// The validators may have changed since the pin was made: headers in between, each sealed by the
// old set and by the new, carry the trust over.
Result<void> Capture::add_handover() {
    const ValidatorSet* pinned = pin_.find_set(header_.number);
    if (pinned == nullptr || pinned->to || header_.validators.empty()) return {};
    std::vector<evm::Address> trusted = pinned->validators;
    std::uint64_t last = pinned->from;
    while (!same_set(trusted, header_.validators)) {
        if (anchor_.handover.size() == anchors::kEvmHandoverMax) {
            return Error{Errc::denied, "the validators changed more than " +
                                           std::to_string(anchors::kEvmHandoverMax) +
                                           " times since the pin" + std::string(kPinAdvice)};
        }
        const auto header = FIELDSEAL_TRY(next_handover(trusted, last));
        anchor_.handover.push_back(header.raw);
        trusted = header.validators;
        last = header.number;
    }
    return {};
}

// The farthest header that hands over: the block's own if it does, because most changes are small;
// else one found by halving; else one right after the change.
Result<evm::Header> Capture::next_handover(const std::vector<evm::Address>& trusted,
                                           std::uint64_t last) {
    if (evm::hands_over(header_, trusted)) return header_;
    std::uint64_t same = last;
    std::uint64_t other = header_.number;
    while (other > same + 1) {
        const std::uint64_t middle = same + (other - same) / 2;
        const auto header = FIELDSEAL_TRY(header_at(node_, pin_.mode, middle));
        const bool is_same = same_set(header.validators, trusted);
        if (!is_same && evm::hands_over(header, trusted)) return header;
        (is_same ? same : other) = middle;
    }
    const std::uint64_t end = std::min(header_.number - 1, other + kHandoverTries - 1);
    for (std::uint64_t number = other; number <= end; ++number) {
        auto header = FIELDSEAL_TRY(header_at(node_, pin_.mode, number));
        if (evm::hands_over(header, trusted)) return header;
    }
    return Error{Errc::denied, "the validators changed at " + block_of(other) +
                                   ", and no header from there to " + block_of(end) +
                                   " is sealed by a quorum of those before" +
                                   std::string(kPinAdvice)};
}

// As many headers as bound the time, or none: fewer add nothing.
Result<void> Capture::add_later(std::uint64_t head) {
    const std::vector<evm::Address> set = sealing_set();
    std::vector<evm::Header> followers;
    followers.reserve(anchors::kEvmLaterMax);
    const evm::Header* before = &header_;
    const std::uint64_t end = std::min(head, header_.number + anchors::kEvmLaterMax);
    for (std::uint64_t number = header_.number + 1; number <= end; ++number) {
        auto header = FIELDSEAL_TRY(header_at(node_, pin_.mode, number));
        const bool follows = header.parent_hash == before->block_hash &&
                             evm::count_seals(header, set).finding == evm::SealFinding::sealed;
        if (!follows) return {};
        followers.push_back(std::move(header));
        before = &followers.back();
        if (!evm::hardened_time(header_, followers, set)) continue;
        const evm::Header* last = &header_;
        for (const evm::Header& each : followers) {
            anchor_.later.push_back(evm::shorten_header(each, *last));
            last = &each;
        }
        // Many validators make long headers. Without them the anchor still holds, with the time the
        // block's own validators gave it.
        if (!fits()) anchor_.later.clear();
        return {};
    }
    return {};
}

bool Capture::fits() const {
    return to_json(std::vector{anchors::to_anchor(anchor_)}).size() <= kMaxAnchorsJsonBytes;
}

// A node that lies, or a pin that does not cover what the chain does?
Errc trouble_of(Finding finding) {
    switch (finding) {
        case Finding::unsupported:
        case Finding::unknown_type:
        case Finding::chain_unknown:
        case Finding::chain_curve_unsupported:
        case Finding::chain_set_unknown:
        case Finding::chain_set_mismatch:
        case Finding::chain_handover_mismatch:
        case Finding::chain_block_mismatch:
        case Finding::chain_contract_unknown:
            return Errc::denied;
        default:
            return Errc::corrupt;
    }
}

Result<Captured> Capture::judge() const {
    Captured captured;
    captured.anchor = anchors::to_anchor(anchor_);
    if (is_sealed_mode()) captured.header = header_.raw;
    Trust trust;
    trust.chains = {pin_};
    const auto result = anchors::check_anchor(captured.anchor, checkpoint_, trust);
    const bool is_header_only = result.finding == Finding::chain_header_only && !is_sealed_mode();
    captured.is_complete = result.finding == Finding::proven || is_header_only;
    if (!captured.is_complete && result.finding != Finding::chain_time_unhardened) {
        const Errc code = trouble_of(result.finding);
        return Error{code, result.message +
                               (code == Errc::denied ? std::string(kPinAdvice) : std::string())};
    }
    captured.time_s = result.finding == Finding::proven
                          ? result.not_after_s
                          : static_cast<std::int64_t>(header_.timestamp);
    captured.headers_needed = evm::honest_minority_of(sealing_set().size());
    if (!fits()) {
        return Error{Errc::denied,
                     "the anchor is longer than " + std::to_string(kMaxAnchorsJsonBytes) +
                         " bytes: this block's header and transactions are too large for evidence; "
                         "wait for a block with fewer transactions (`fieldseal sync`), or anchor "
                         "on a chain of fewer validators"};
    }
    return captured;
}

Result<std::optional<Captured>> Capture::harden_again(const Anchor& anchor) {
    using Answer = std::optional<Captured>;
    if (!is_sealed_mode()) return Answer();
    anchor_ = FIELDSEAL_TRY(anchors::parse_evm_anchor(anchor));
    header_ = FIELDSEAL_TRY(evm::parse_header(anchor_.header, pin_.mode));
    const auto newest = FIELDSEAL_TRY(node_.newest_block());
    anchor_.later.clear();
    FIELDSEAL_TRY(add_later(newest.number));
    if (anchor_.later.empty()) return Answer();
    Captured captured = FIELDSEAL_TRY(judge());
    if (!captured.is_complete) return Answer();
    return Answer(std::move(captured));
}

}  // namespace

Result<std::optional<Captured>> capture(ChainNode& node, const CaptureRequest& request) {
    return Capture(node, request.pin, request.checkpoint).take(request);
}

Result<std::optional<SealedTwice>> find_sealed_twice(ChainNode& node, const TrustedChain& pin,
                                                     ByteView header) {
    using Answer = std::optional<SealedTwice>;
    const auto first = FIELDSEAL_TRY(evm::parse_header(header, pin.mode));
    const json::Value block = FIELDSEAL_TRY(node.block(first.number));
    if (block.is_null()) return Answer();
    auto second = FIELDSEAL_TRY(read_header(block, pin.mode, first.number));
    if (second.block_hash == first.block_hash) return Answer();
    std::vector<evm::Address> set = first.validators;
    const ValidatorSet* pinned = pin.find_set(first.number);
    if (set.empty() && pinned != nullptr) set = pinned->validators;
    if (evm::count_seals(second, set).finding != evm::SealFinding::sealed) return Answer();
    return Answer(SealedTwice{first.number, first.raw, std::move(second.raw)});
}

Result<std::optional<Captured>> harden(ChainNode& node, const TrustedChain& pin,
                                       const note::Checkpoint& checkpoint, const Anchor& anchor) {
    return Capture(node, pin, checkpoint).harden_again(anchor);
}

}  // namespace fieldseal::anchor
