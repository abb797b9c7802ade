// SPDX-License-Identifier: Apache-2.0
// By when the block existed for certain, whose word that is, and blocks as floors.
#include "core/evm/rlp.h"
#include "core/evm/short_header.h"
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

namespace rlp = evm::rlp;

using EditLater = std::function<void(std::size_t, BlockPlan&)>;

anchors::EvmAnchor with_later(const AnchorCases& out, std::size_t count, const EditLater& edit) {
    return out.made([&](AnchorPlan& plan) {
        plan.later = count;
        plan.edit_later = edit;
    });
}

void add_hardening(AnchorCases& out) {
    const auto soft = [&](const Told& told, const anchors::EvmAnchor& anchor) {
        out.ends(told, "chain-time-unhardened", anchor);
    };
    soft({"chain-without-later-blocks", "Sealed; its time is one proposer's word."},
         with_later(out, 0, {}));
    soft({"chain-with-one-later-block", "Two distinct proposers must have built on it."},
         with_later(out, 1, {}));
    out.holds({"valid-chain-with-three-later-blocks", "The third adds nothing: the bound stays."},
              with_later(out, 3, {}));
    const evm::Address first = land_validators()[(kBlock + 1) % 4].address();
    soft({"chain-later-blocks-by-one-proposer", "Both by the same validator."},
         with_later(out, 2, [&](std::size_t, BlockPlan& next) { next.coinbase = first; }));
    soft({"chain-later-block-of-round-1", "Whoever led round 1 is not known from the header."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) {
             next.round = static_cast<std::uint32_t>(i);
         }));
    soft({"chain-later-blocks-not-linked", "The second names another parent."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) {
             if (i == 1) next.parent = Digest{0x99};
         }));
    soft({"chain-first-later-block-not-linked", "The first names another parent."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) {
             if (i == 0) next.parent = Digest{0x99};
         }));
    soft({"chain-later-block-of-another-number", "Linked, and numbered one too high."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) { next.number += i; }));
    soft({"chain-later-block-sealed-by-two", "One seal short: it does not count."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) {
             if (i == 1) next.sealers.pop_back();
         }));
    soft({"chain-later-block-of-other-validators", "The set changed before enough were built."},
         with_later(out, 2, [](std::size_t i, BlockPlan& next) {
             if (i == 1) next.validators = next.sealers = keys_of({0x61, 0x62, 0x63, 0x64});
         }));
    out.holds({"valid-chain-third-later-block-not-linked", "The first two are enough."},
              with_later(out, 3, [](std::size_t i, BlockPlan& next) {
                  if (i == 2) next.parent = Digest{0x99};
              }));
    anchors::EvmAnchor swapped = out.made();
    std::swap(swapped.later[0], swapped.later[1]);
    soft({"chain-later-blocks-in-another-order", "The second first."}, swapped);
    anchors::EvmAnchor malformed = out.made();
    malformed.later[1].pop_back();
    out.ends({"chain-later-block-cut", "Not a header."}, "anchor-malformed", malformed);
}

// Later blocks in the short form, of either mode, and whatever is not its one encoding.
class ShortCases {
public:
    explicit ShortCases(AnchorCases& out) : out_(out) {}

    void add() {
        add_valid();
        const auto vanity = change(32, rlp::encode_string(Bytes(32, 0x11)));
        const auto time = change(11, rlp::encode_u64(std::uint64_t(kBlock_s) + 1));
        refused({"chain-short-later-out-of-order", "Places ascend."}, {vanity, time});
        refused({"chain-short-later-place-twice", "Places ascend."}, {time, time});
        refused({"chain-short-later-same-time", "What is not changed is left out."},
                {change(11, rlp::encode_u64(std::uint64_t(kBlock_s)))});
        refused({"chain-short-later-with-a-parent", "The parent is the block before."},
                {change(0, rlp::encode_string(Digest{0x99}))});
        refused({"chain-short-later-with-a-number", "It is the next one."},
                {change(8, rlp::encode_u64(kBlock + 2))});
        refused({"chain-short-later-with-extra-data", "Its items have places of their own."},
                {change(12, rlp::encode_string(Bytes{0x01}))});
        refused({"chain-short-later-with-a-new-field", "The block before has no such field."},
                {change(15, rlp::encode_u64(7))});
        refused({"chain-short-later-with-a-sixth-item", "extraData has five."},
                {change(37, rlp::encode_u64(7))});
        refused({"chain-short-later-of-three-items", "A change is a place and an item."},
                {rlp::encode_list(
                    std::vector{rlp::encode_u64(11), rlp::encode_u64(1), rlp::encode_u64(1)})});
        refused({"chain-short-later-breaks-a-field", "What comes out has the form of a header."},
                {change(13, rlp::encode_u64(1))});
        refused({"chain-short-later-with-the-seals-of-none", "Without seals: not changed."},
                {change(36, rlp::encode_list(ByteView()))});
        anchors::EvmAnchor longer = shortened(out_.made());
        longer.later[0].push_back(0x80);
        out_.ends({"chain-short-later-with-bytes-after", "Bytes after the list."},
                  "anchor-malformed", longer);
        anchors::EvmAnchor bare = out_.made();
        bare.later[0] = Bytes{0x00};
        out_.ends({"chain-short-later-bare", "No list of changes."}, "anchor-malformed", bare);
        bare.later = {short_of({}), short_of({})};
        out_.ends({"chain-short-later-without-changes", "Nobody sealed it."},
                  "chain-time-unhardened", bare);
    }

private:
    static Bytes change(std::uint64_t place, Bytes item) {
        return rlp::encode_list(std::vector{rlp::encode_u64(place), std::move(item)});
    }
    static Bytes short_of(const std::vector<Bytes>& changes) {
        Bytes made{0x00};
        append(made, rlp::encode_list(changes));
        return made;
    }
    // As many of its later headers as are asked for.
    static anchors::EvmAnchor shortened(anchors::EvmAnchor anchor, evm::Mode mode = evm::Mode::qbft,
                                        std::size_t from = 0, std::size_t count = 32) {
        const auto read = [&](const Bytes& raw) { return evm::parse_header(raw, mode).value(); };
        evm::Header before = read(anchor.header);
        for (std::size_t i = 0; i < anchor.later.size(); ++i) {
            const evm::Header header = read(anchor.later[i]);
            if (i >= from && i < from + count)
                anchor.later[i] = evm::shorten_header(header, before);
            before = header;
        }
        return anchor;
    }
    void refused(const Told& told, const std::vector<Bytes>& changes) {
        anchors::EvmAnchor anchor = out_.made();
        anchor.later[0] = short_of(changes);
        out_.ends(told, "anchor-malformed", anchor);
    }

    void add_valid() {
        out_.holds({"valid-chain-short-later", "Both short."}, shortened(out_.made()));
        out_.holds({"valid-chain-short-later-behind-a-whole-one", "The second short."},
                   shortened(out_.made(), evm::Mode::qbft, 1));
        out_.holds({"valid-chain-whole-later-behind-a-short-one", "The first short."},
                   shortened(out_.made(), evm::Mode::qbft, 0, 1));
        const auto ibft2 = out_.made([](AnchorPlan& plan) {
            plan.block.mode = evm::Mode::ibft2;
            plan.edit_later = [](std::size_t, BlockPlan& next) { next.mode = evm::Mode::ibft2; };
        });
        out_.holds({"valid-chain-short-later-of-ibft2", "The other mode."},
                   shortened(ibft2, evm::Mode::ibft2),
                   trust_with([](TrustedChain& chain) { chain.mode = evm::Mode::ibft2; }));
        const auto busy = with_later(out_, 2, [](std::size_t, BlockPlan& next) {
            next.transactions_root = next.receipts_root = Digest{0x44};
        });
        out_.holds({"valid-chain-short-later-with-transactions", "Roots are changes."},
                   shortened(busy));
        const auto unlinked = with_later(out_, 4, [](std::size_t i, BlockPlan& next) {
            if (i == 2) next.parent = Digest{0x99};
        });
        out_.holds({"valid-chain-short-later-behind-one-that-does-not-count",
                    "It is short against the entry before, whatever that one is worth."},
                   shortened(unlinked, evm::Mode::qbft, 3));
    }

    AnchorCases& out_;
};

// A proposer can date a block back to its parent's time; the next ones can not be fooled.
void add_back_dated(AnchorCases& out) {
    const auto back_dated = [&](std::size_t later) {
        return out.made([&](AnchorPlan& plan) {
            plan.block.time_s = kMidnight_s - 86400;
            plan.later = later;
            plan.edit_later = [](std::size_t i, BlockPlan& next) {
                next.time_s = kBlock_s + static_cast<std::int64_t>(i + 1) * kPeriod_s;
            };
        });
    };
    out.ends({"chain-back-dated-without-later", "Dated to the day before; nothing contradicts it."},
             "chain-time-unhardened", back_dated(0));
    out.holds({"valid-chain-back-dated-with-later", "The bound comes from the later blocks."},
              back_dated(2));
}

void add_operators(AnchorCases& out) {
    const auto operated = [](std::optional<std::string> by) {
        return trust_with([&](TrustedChain& chain) { chain.operated_by = std::move(by); });
    };
    const auto anchor = out.made();
    out.holds({"valid-chain-counts-by-its-id", "Without an operator the chain counts as itself."},
              anchor, operated({}));
    out.ends({"chain-of-the-logs-operator", "The office's ministry also runs the chain."},
             "anchor-same-operator", anchor, operated("Ministry of Works"));
    Expected one = pending(std::nullopt, std::nullopt);
    one.anchors = {"ok"};
    out.add(make_vector("chain-of-the-witness-operator", "Quorums count operators: one, not two.",
                        anchored_evidence(out.day(), anchor), operated("Court of Audit"), one));
    Expected twice = one;
    twice.anchors = {"ok", "ok"};
    Evidence both = anchored_evidence(out.day(), anchor);
    both.proofs[0].anchors.push_back(both.proofs[0].anchors[0]);
    Trust three = chain_trust();
    three.policy.time_quorum = 3;
    out.add(make_vector("chain-one-chain-twice", "Two anchors on one chain are one source.", both,
                        three, twice));
    Expected beside = valid(std::nullopt, kHardened_s);
    beside.anchors = {"chain-seals-too-few", "ok"};
    both.proofs[0].anchors[0] =
        to_anchor(out.made([](AnchorPlan& plan) { plan.block.sealers.pop_back(); }));
    out.add(make_vector("valid-chain-a-bad-anchor-kills-only-itself",
                        "One under-quorum anchor beside a good one.", both, chain_trust(), beside));
}

void add_futures(AnchorCases& out) {
    const auto at = [&](const Told& told, std::int64_t now_s, Expected expect,
                        std::string_view reason) {
        expect.anchors = {std::string(reason)};
        Vector vector = make_vector(told.name, told.why, anchored_evidence(out.day(), out.made()),
                                    chain_trust(), expect);
        vector.now_s = now_s;
        out.add(std::move(vector));
    };
    at({"valid-chain-at-the-edge-of-the-tolerance",
        "The verifier's clock trails by the tolerance."},
       kHardened_s - kSkew_s, valid(std::nullopt, kHardened_s), "ok");
    at({"chain-anchor-in-the-future", "By one second more: the anchor does not count."},
       kHardened_s - kSkew_s - 1, cannot_tell("time-contradiction", std::nullopt, std::nullopt),
       "anchor-in-future");
}

// Floors: a statement that refers to a block's header.
class FloorCases {
public:
    explicit FloorCases(AnchorCases& out) : out_(out) {}

    void add() {
        proves({"valid-chain-floor", "Sealed an hour before the statement was made."},
               floor_block());
        BlockPlan four = floor_block();
        four.sealers = land_validators();
        proves({"valid-chain-floor-with-all-seals", "Four seals instead of three."}, four);
        add_unproven();
        add_contradictions();
    }

private:
    // The day's evidence, with this header as its floor.
    static Evidence evidence_of(const Bytes& header) {
        Evidence evidence = day_with_block_floor(header).evidence();
        evidence.floor = ChainFloor{std::string(kLand), header};
        return evidence;
    }
    // The chain is asked for the floor only.
    static Trust asked(Trust trust = chain_trust()) {
        trust.policy.time_quorum = 1;
        return trust;
    }
    void add(const Told& told, const Bytes& header, const Trust& trust, Expected expect,
             std::string_view reason) {
        expect.floor = reason;
        out_.add(make_vector(told.name, told.why, evidence_of(header), trust, expect));
    }
    void proves(const Told& told, const BlockPlan& plan) {
        add(told, make_block(plan).header, asked(), valid(plan.time_s - 1, kNotAfter_s), "ok");
    }
    void unproven(const Told& told, std::string_view reason, const BlockPlan& plan,
                  const Trust& trust = chain_trust()) {
        add(told, make_block(plan).header, asked(trust), valid(std::nullopt, kNotAfter_s), reason);
    }

    void add_unproven() {
        BlockPlan plan = floor_block();
        plan.sealers.clear();
        unproven({"chain-floor-precomputed", "Without seals a header can be computed ahead."},
                 "chain-seals-too-few", plan);
        plan.sealers.assign(land_validators().begin(), land_validators().begin() + 2);
        unproven({"chain-floor-under-quorum", "Two of three needed seals."}, "chain-seals-too-few",
                 plan);
        plan.sealers = {land_validators()[0], land_validators()[0], land_validators()[1]};
        unproven({"chain-floor-with-a-seal-twice", "One validator twice."}, "chain-seal-duplicate",
                 plan);
        plan.sealers = keys_of({0x61, 0x62, 0x63});
        unproven({"chain-floor-by-strangers", "Sealed by nobody we know."}, "chain-seal-foreign",
                 plan);
        plan.validators = plan.sealers;
        unproven({"chain-floor-of-other-validators", "It lists others than the pinned."},
                 "chain-set-mismatch", plan);
        unproven({"chain-floor-after-the-pinned-range", "Pinned up to block 8."},
                 "chain-set-unknown", floor_block(),
                 trust_with([](TrustedChain& chain) { chain.validator_sets[0].to = 8; }));
        plan = floor_block();
        plan.extra_item = Bytes{0x01};
        unproven({"chain-floor-malformed", "extraData of six items."}, "anchor-malformed", plan);
        unproven({"chain-floor-by-the-logs-operator",
                  "Whoever runs the log could have kept the block in a drawer."},
                 "anchor-same-operator", floor_block(),
                 trust_with([](TrustedChain& chain) { chain.operated_by = "Ministry of Works"; }));
        unproven({"chain-floor-of-an-unknown-chain", "No pin of that name."}, "chain-unknown",
                 floor_block(), trust_with([](TrustedChain& chain) { chain.id = "sea"; }));
        unproven({"chain-floor-of-secp256r1", "Understood, not judged."}, "chain-curve-unsupported",
                 floor_block(),
                 trust_with([](TrustedChain& chain) { chain.curve = ChainCurve::secp256r1; }));
        plan = floor_block();
        plan.mode = evm::Mode::plain;
        const Digest hash = make_block(plan).hash;
        unproven({"chain-floor-of-a-plain-block", "Its hash is pinned; its header was computable."},
                 "chain-header-only", plan, trust_with([&](TrustedChain& chain) {
                     chain.mode = evm::Mode::plain;
                     chain.validator_sets.clear();
                     chain.blocks = {{9, hash}};
                 }));
    }

    void add_contradictions() {
        BlockPlan late = floor_block();
        late.time_s = kNotAfter_s + 2;
        add({"chain-floor-newer-than-every-anchor",
             "Signed after a block that is younger than "
             "every anchor."},
            make_block(late).header, asked(),
            cannot_tell("time-contradiction", kNotAfter_s + 1, kNotAfter_s), "ok");
        late.time_s = kNotAfter_s + 1;
        add({"valid-chain-floor-as-new-as-the-anchor", "Both bounds meet in one second."},
            make_block(late).header, asked(), valid(kNotAfter_s, kNotAfter_s), "ok");
        BlockPlan other = floor_block();
        other.sealers = land_validators();
        Evidence exchanged = evidence_of(make_block(floor_block()).header);
        exchanged.floor = ChainFloor{std::string(kLand), make_block(other).header};
        out_.add(make_vector("chain-floor-with-other-seals",
                             "The same block with one more seal: other bytes than referred to.",
                             exchanged, asked(), invalid("floor-unreferenced")));
    }

    AnchorCases& out_;
};

}  // namespace

Vectors chain_time_cases() {
    AnchorCases out;
    add_hardening(out);
    ShortCases(out).add();
    add_back_dated(out);
    add_operators(out);
    add_futures(out);
    FloorCases(out).add();
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
