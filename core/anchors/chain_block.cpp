// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/chain_block.h"

#include "core/encoding.h"
#include "core/evm/quorum.h"
#include "core/evm/short_header.h"
#include "core/json/json.h"

#include <algorithm>

namespace fieldseal::anchors {
namespace {

// Below it a chain stops or lies as soon as one validator does.
constexpr std::size_t kFaultTolerantValidators = 4;

std::string of(std::size_t have, std::size_t needed, std::string_view what) {
    return std::to_string(have) + " of " + std::to_string(needed) + " needed " + std::string(what);
}

std::string name_of(const evm::Header& header) {
    return "block " + std::to_string(header.number);
}

// Numbers and times go into JSON, and block 0 is sealed by nobody.
Result<evm::Header> read_header(ByteView raw, evm::Mode mode) {
    evm::Header header = FIELDSEAL_TRY(evm::parse_header(raw, mode));
    constexpr auto kMax = static_cast<std::uint64_t>(json::kIntegerMax);
    if (header.number == 0 || header.number > kMax || header.timestamp > kMax) {
        return Error{Errc::invalid_argument, "block " + std::to_string(header.number) +
                                                 " of time " + std::to_string(header.timestamp) +
                                                 " is out of range"};
    }
    return header;
}

class BlockJudge {
public:
    explicit BlockJudge(const TrustedChain& pin) : pin_(pin) {}

    ChainBlock run(ByteView raw, std::span<const Bytes> handover) && {
        auto header = read_header(raw, pin_.mode);
        if (!header) {
            end(Finding::malformed, "its header: " + header.error().message);
            return std::move(block_);
        }
        block_.header = std::move(header).value();
        block_.facts = ChainFacts{.chain = pin_.id,
                                  .number = block_.header.number,
                                  .hash = block_.header.block_hash,
                                  .time_s = static_cast<std::int64_t>(block_.header.timestamp),
                                  .hardened_s = {},
                                  .submitter = {},
                                  .warnings = {}};
        if (pin_.mode == evm::Mode::plain) {
            judge_pinned_hash();
        } else if (find_set(handover)) {
            judge_seals();
        }
        return std::move(block_);
    }

private:
    bool end(Finding finding, std::string message) {
        block_.finding = finding;
        block_.message = std::move(message);
        return finding == Finding::proven;
    }

    std::string subject() const { return name_of(block_.header) + " of " + quoted(pin_.id); }

    void judge_pinned_hash() {
        const PinnedBlock* pinned = pin_.find_block(block_.header.number);
        if (pinned == nullptr) {
            end(Finding::chain_header_only,
                subject() + " includes it; nobody vouches for that block's header");
        } else if (pinned->hash != block_.header.block_hash) {
            end(Finding::chain_block_mismatch,
                subject() + " has the hash 0x" + hex_encode(block_.header.block_hash) +
                    ", the trust file pins 0x" + hex_encode(pinned->hash));
        } else {
            end(Finding::proven, subject() + ", whose hash the trust file pins");
        }
    }

    // The validators that must have sealed the block: pinned, or handed over from an open set.
    bool find_set(std::span<const Bytes> handover) {
        const ValidatorSet* pinned = pin_.find_set(block_.header.number);
        if (pinned == nullptr) {
            return end(Finding::chain_set_unknown,
                       subject() + ": the trust file pins no validators for it");
        }
        block_.set = pinned->validators;
        block_.last = pinned->to;
        const auto finding = evm::count_seals(block_.header, block_.set).finding;
        if (finding != evm::SealFinding::wrong_set) return true;
        if (!pinned->to && !handover.empty()) return follow(*pinned, handover);
        return end(Finding::chain_set_mismatch,
                   subject() + " lists " + std::to_string(block_.header.validators.size()) +
                       " validators that are not the " + std::to_string(block_.set.size()) +
                       " pinned from block " + std::to_string(pinned->from) + " on");
    }

    bool follow(const ValidatorSet& pinned, std::span<const Bytes> handover) {
        std::uint64_t last = pinned.from;
        for (std::size_t i = 0; i < handover.size(); ++i) {
            const std::string where = "handover[" + std::to_string(i) + "]";
            const auto header = read_header(handover[i], pin_.mode);
            if (!header) return end(Finding::malformed, where + ": " + header.error().message);
            if (header->number <= last || header->number > block_.header.number) {
                return end(Finding::chain_handover_mismatch,
                           where + ": " + name_of(*header) + " is not between " +
                               std::to_string(last + 1) + " and " +
                               std::to_string(block_.header.number));
            }
            if (!evm::hands_over(*header, block_.set)) {
                return end(
                    Finding::chain_handover_mismatch,
                    where + ": " + name_of(*header) + " is not sealed by both sets: it needs " +
                        std::to_string(evm::quorum_of(block_.set.size())) + " of the " +
                        std::to_string(block_.set.size()) + " validators trusted before and " +
                        std::to_string(evm::quorum_of(header->validators.size())) + " of its own " +
                        std::to_string(header->validators.size()));
            }
            last = header->number;
            block_.set = header->validators;
        }
        if (evm::count_seals(block_.header, block_.set).finding == evm::SealFinding::wrong_set) {
            return end(Finding::chain_handover_mismatch,
                       subject() + " lists other validators than " + "the last handover header");
        }
        block_.facts->warnings.push_back(
            "the validators are not pinned: " + std::to_string(handover.size()) +
            " blocks hand over from those that are");
        return true;
    }

    void judge_seals() {
        const evm::SealCount count = evm::count_seals(block_.header, block_.set);
        ChainFacts& facts = *block_.facts;
        facts.seals = count.seals;
        facts.needed = count.needed;
        facts.validators = block_.set.size();
        const std::string figures = subject() + " has " + of(count.seals, count.needed, "seals");
        switch (count.finding) {
            case evm::SealFinding::sealed:
                break;
            case evm::SealFinding::wrong_set:
                end(Finding::chain_set_mismatch, subject() + " lists other validators");
                return;
            case evm::SealFinding::too_few_seals:
                end(Finding::chain_seals_too_few, figures);
                return;
            case evm::SealFinding::foreign_seal:
                end(Finding::chain_seal_foreign,
                    figures + ", and one by somebody who is no validator");
                return;
            case evm::SealFinding::duplicate_seal:
                end(Finding::chain_seal_duplicate, figures + ", and one validator sealed twice");
                return;
        }
        if (facts.validators < kFaultTolerantValidators) {
            facts.warnings.push_back(
                "sealed, not Byzantine fault tolerant: " + std::to_string(facts.validators) +
                " of at least " + std::to_string(kFaultTolerantValidators) + " validators");
        }
        end(Finding::proven, figures);
    }

    const TrustedChain& pin_;
    ChainBlock block_;
};

}  // namespace

ChainBlock judge_block(const TrustedChain& pin, ByteView header, std::span<const Bytes> handover) {
    return BlockJudge(pin).run(header, handover);
}

namespace {

Result<evm::Header> read_later(ByteView entry, const evm::Header& before, evm::Mode mode) {
    return read_header(FIELDSEAL_TRY(evm::expand_header(entry, before)), mode);
}

// Why `next` does not count as the block behind `before`; empty when it does.
std::string stop_at(const evm::Header& next, const evm::Header& before, const ChainBlock& block) {
    if (next.number != before.number + 1 || next.parent_hash != before.block_hash) {
        return " does not follow " + name_of(before);
    }
    if (block.last && next.number > *block.last) {
        return " is after the last block that is pinned for these validators, " +
               std::to_string(*block.last);
    }
    const evm::SealCount count = evm::count_seals(next, block.set);
    if (count.finding == evm::SealFinding::sealed) return {};
    return " is not sealed by the same validators (" + of(count.seals, count.needed, "seals") + ")";
}

}  // namespace

Hardening harden(const TrustedChain& pin, const ChainBlock& block, std::span<const Bytes> later) {
    std::vector<evm::Header> headers;
    headers.reserve(later.size());
    std::size_t following = 0;
    std::string stop;
    for (std::size_t i = 0; i < later.size(); ++i) {
        const std::string where = "later[" + std::to_string(i) + "]";
        const evm::Header& before = headers.empty() ? block.header : headers.back();
        auto header = read_later(later[i], before, pin.mode);
        if (!header) return {Finding::malformed, where + ": " + header.error().message};
        if (stop.empty()) {
            const std::string why = stop_at(*header, before, block);
            if (!why.empty()) stop.append("; ").append(where).append(why);
        }
        if (stop.empty()) ++following;
        headers.push_back(*std::move(header));
    }
    const auto followers = std::span(headers).first(following);
    if (const auto time = evm::hardened_time(block.header, followers, block.set)) {
        return {Finding::proven, {}, static_cast<std::int64_t>(*time)};
    }
    return {Finding::chain_time_unhardened,
            "its time is one proposer's word: " + std::to_string(followers.size()) +
                " later blocks count, and " +
                std::to_string(evm::honest_minority_of(block.set.size())) +
                " distinct proposers must have built them in their turn" + stop};
}

}  // namespace fieldseal::anchors
