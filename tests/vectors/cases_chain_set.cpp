// SPDX-License-Identifier: Apache-2.0
// Which validators must have sealed the block: pinned ranges, and trust handed over by quorums.
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

Trust pinned(std::uint64_t from, std::optional<std::uint64_t> to) {
    return trust_with([&](TrustedChain& chain) {
        chain.validator_sets[0].from = from;
        chain.validator_sets[0].to = to;
    });
}

void add_ranges(AnchorCases& out) {
    const auto anchor = out.made();
    out.holds({"valid-chain-range-of-these-blocks-alone", "from 17 to 19, the later ones too."},
              anchor, pinned(17, 19));
    out.holds({"valid-chain-range-from-this-block", "from 17 on."}, anchor, pinned(17, {}));
    out.holds({"valid-chain-range-to-the-last-later-block", "up to 19."}, anchor, pinned(1, 19));
    out.ends({"chain-range-ends-before-the-last-later-block", "up to 18: one later block is left."},
             "chain-time-unhardened", anchor, pinned(1, 18));
    out.ends({"chain-range-ends-at-this-block",
              "up to 17: who steals a closed set's keys can not harden its last block."},
             "chain-time-unhardened", anchor, pinned(17, 17));
    out.ends(
        {"chain-range-ends-one-before", "up to 16: closed sets say nothing about later blocks."},
        "chain-set-unknown", anchor, pinned(1, 16));
    out.ends({"chain-range-starts-one-after", "from 18 on."}, "chain-set-unknown", anchor,
             pinned(18, {}));
    const Trust gap = trust_with([](TrustedChain& chain) {
        chain.validator_sets.push_back(chain.validator_sets[0]);
        chain.validator_sets[0].to = 16;
        chain.validator_sets[1].from = 18;
    });
    out.ends({"chain-range-with-a-gap", "Block 17 alone is in no range."}, "chain-set-unknown",
             anchor, gap);
    const Trust second = trust_with([](TrustedChain& chain) {
        chain.validator_sets.insert(
            chain.validator_sets.begin(),
            {1, 16, testing::addresses_of(keys_of({0x61, 0x62, 0x63, 0x64}))});
        chain.validator_sets[1].from = 17;
    });
    out.holds({"valid-chain-in-the-second-range", "Other validators until block 16."}, anchor,
              second);
}

void add_other_sets(AnchorCases& out) {
    const auto sealed = [](const ChainKeys& keys) {
        return [keys](AnchorPlan& plan) {
            plan.block.validators = keys;
            plan.block.sealers = keys;
        };
    };
    out.ends({"chain-of-other-validators", "Well sealed by four that nobody pinned."},
             "chain-set-mismatch", out.made(sealed(keys_of({0x61, 0x62, 0x63, 0x64}))));
    out.ends({"chain-of-three-of-the-four", "The header lists one validator less."},
             "chain-set-mismatch", out.made(sealed(keys_of({0x41, 0x42, 0x43}))));
    out.ends({"chain-of-one-more-validator", "The header lists a fifth."}, "chain-set-mismatch",
             out.made(sealed(keys_of({0x41, 0x42, 0x43, 0x44, 0x45}))));
    out.ends({"chain-other-validators-sealed-by-the-pinned",
              "The header lists strangers; the pinned ones sealed it."},
             "chain-set-mismatch", out.made([](AnchorPlan& plan) {
                 plan.block.validators = keys_of({0x61, 0x62, 0x63, 0x64});
             }));
    const auto nobody = [](AnchorPlan& plan) {
        plan.block.coinbase = land_validators()[0].address();
        plan.block.validators.clear();
        plan.edit_later = [](std::size_t i, BlockPlan& next) {
            next.coinbase = land_validators()[i + 1].address();
        };
    };
    out.holds({"valid-chain-validators-by-contract",
               "QBFT with a validator contract: headers list nobody, the seals must be the set's."},
              out.made(nobody));
    out.ends({"chain-validators-by-contract-of-strangers",
              "The header lists nobody, and nobody we know sealed it."},
             "chain-seal-foreign", out.made([&](AnchorPlan& plan) {
                 nobody(plan);
                 plan.block.sealers = keys_of({0x61, 0x62, 0x63});
             }));
}

// A validator joined at block 15; another left at 16 and a third came at 16.
struct Moved {
    ChainKeys first = land_validators();
    ChainKeys second = keys_of({0x41, 0x42, 0x43, 0x44, 0x45});
    ChainKeys third = keys_of({0x42, 0x43, 0x44, 0x45, 0x46});
};

ChainKeys without(ChainKeys keys, std::size_t place) {
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(place));
    return keys;
}

Bytes header_of(std::uint64_t number, const ChainKeys& validators, const ChainKeys& sealers) {
    BlockPlan plan = land_block(number, kBlock_s - 60);
    plan.validators = validators;
    plan.sealers = sealers;
    return make_block(plan).header;
}

class HandoverCases {
public:
    explicit HandoverCases(AnchorCases& out) : out_(out) {}

    void add() {
        add_good();
        add_broken();
        add_ranges();
    }

private:
    anchors::EvmAnchor with(const ChainKeys& set, std::vector<Bytes> handover) const {
        anchors::EvmAnchor anchor = out_.made([&](AnchorPlan& plan) {
            plan.block.validators = set;
            plan.block.sealers = set;
        });
        anchor.handover = std::move(handover);
        return anchor;
    }
    Bytes second_at(std::uint64_t number) const {
        return header_of(number, moved_.second, moved_.second);
    }
    Bytes third_at(std::uint64_t number) const {
        return header_of(number, moved_.third, moved_.third);
    }

    void add_good() {
        out_.holds({"valid-chain-handover",
                    "Block 15 lists a fifth validator; a quorum of the "
                    "pinned four sealed it."},
                   with(moved_.second, {second_at(15)}));
        out_.holds({"valid-chain-handover-twice", "Two changes, two headers."},
                   with(moved_.third, {second_at(15), third_at(16)}));
        out_.holds({"valid-chain-handover-by-the-block-itself", "The block is its own handover."},
                   with(moved_.second, {second_at(17)}));
        out_.holds({"valid-chain-handover-by-exactly-a-quorum", "Four of five, three of four."},
                   with(moved_.second, {header_of(15, moved_.second, four_of_second())}));
        anchors::EvmAnchor unused = out_.made();
        unused.handover = {Bytes{0xc0}};
        out_.holds({"valid-chain-handover-not-needed",
                    "The pinned set sealed the block: the handover is not read."},
                   unused);
    }

    // The joined one and three of the pinned four.
    ChainKeys four_of_second() const {
        for (std::size_t place = 0; place < moved_.second.size(); ++place) {
            if (moved_.second[place].address() != ChainAccount(0x45).address()) {
                return without(moved_.second, place);
            }
        }
        return {};
    }

    void add_broken() {
        const auto breaks = [&](const Told& told, const ChainKeys& set, std::vector<Bytes> by) {
            out_.ends(told, "chain-handover-mismatch", with(set, std::move(by)));
        };
        const ChainKeys strangers = keys_of({0x41, 0x42, 0x61, 0x62, 0x63});
        breaks({"chain-handover-short-of-overlap",
                "Five of five of its own set, two of the three of the pinned four."},
               strangers, {header_of(15, strangers, strangers)});
        breaks({"chain-handover-short-of-its-own-set",
                "Three of the pinned four, three of the four of its own five."},
               moved_.second, {header_of(15, moved_.second, keys_of({0x41, 0x42, 0x43}))});
        breaks({"chain-handover-skips-a-set", "The set between is missing: too little overlap."},
               keys_of({0x43, 0x44, 0x45, 0x46, 0x47}),
               {header_of(16, keys_of({0x43, 0x44, 0x45, 0x46, 0x47}),
                          keys_of({0x43, 0x44, 0x45, 0x46, 0x47}))});
        breaks({"chain-handover-to-another-set", "It ends at other validators than the block's."},
               moved_.third, {second_at(15)});
        breaks({"chain-handover-out-of-order", "Block 16 before block 15."}, moved_.third,
               {second_at(16), third_at(15)});
        breaks({"chain-handover-of-one-block-twice", "Each is above the one before."}, moved_.third,
               {second_at(15), third_at(15)});
        breaks({"chain-handover-after-the-block", "Block 18 says nothing about block 17."},
               moved_.second, {second_at(18)});
        breaks(
            {"chain-handover-by-strangers", "The pinned validators did not seal it."},
            keys_of({0x61, 0x62, 0x63, 0x64}),
            {header_of(15, keys_of({0x61, 0x62, 0x63, 0x64}), keys_of({0x61, 0x62, 0x63, 0x64}))});
        breaks({"chain-handover-with-a-foreign-seal", "Everybody's seals and a stranger's."},
               moved_.second,
               {header_of(15, moved_.second, keys_of({0x41, 0x42, 0x43, 0x44, 0x45, 0x66}))});
        out_.ends({"chain-handover-malformed", "Not a header."}, "anchor-malformed",
                  with(moved_.second, {Bytes{0xc0}}));
        out_.ends({"chain-handover-missing", "Other validators, and nothing that leads to them."},
                  "chain-set-mismatch", with(moved_.second, {}));
    }

    // A closed range ends what its keys can do: whoever steals them later can not go on.
    void add_ranges() {
        const auto anchor = with(moved_.second, {second_at(15)});
        out_.ends({"chain-handover-from-a-closed-set", "The pinned set ended at block 14."},
                  "chain-set-unknown", anchor, pinned(1, 14));
        out_.ends({"chain-handover-inside-a-closed-set", "Pinned up to 17, and others sealed it."},
                  "chain-set-mismatch", anchor, pinned(1, 17));
        out_.holds({"valid-chain-handover-from-the-second-block-of-a-range",
                    "The pinned set begins at block 14."},
                   anchor, pinned(14, {}));
        out_.ends({"chain-handover-at-the-start-of-a-range",
                   "The pin says who sealed block 15, and it was another set."},
                  "chain-handover-mismatch", anchor, pinned(15, {}));
    }

    AnchorCases& out_;
    Moved moved_;
};

}  // namespace

Vectors chain_set_cases() {
    AnchorCases out;
    add_ranges(out);
    add_other_sets(out);
    HandoverCases(out).add();
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
