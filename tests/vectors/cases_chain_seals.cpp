// SPDX-License-Identifier: Apache-2.0
// Who sealed the block, and who vouches for one that nobody seals.
#include "core/evm/rlp.h"
#include "core/hash.h"
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

// The validators at these places seal, in this order.
EditPlan sealed_by(std::initializer_list<std::size_t> places) {
    return [places = std::vector<std::size_t>(places)](AnchorPlan& plan) {
        plan.block.sealers.clear();
        for (const std::size_t place : places) {
            plan.block.sealers.push_back(land_validators()[place]);
        }
        plan.edit_later = [](std::size_t, BlockPlan& next) { next.sealers = land_block().sealers; };
    };
}

void add_quorums(AnchorCases& out) {
    out.holds({"valid-chain-all-four-sealed", "A node keeps the seals that it saw: three or four."},
              out.made(sealed_by({0, 1, 2, 3})));
    out.holds({"valid-chain-sealed-in-another-order", "Seals come in the order of their arrival."},
              out.made(sealed_by({3, 0, 2})));
    out.ends({"chain-sealed-by-two-of-four", "One seal short of ceil(2n/3) = 3."},
             "chain-seals-too-few", out.made(sealed_by({0, 1})));
    out.ends({"chain-sealed-by-nobody", "A header that anybody can compute."},
             "chain-seals-too-few", out.made(sealed_by({})));
    out.ends({"chain-one-validator-sealed-twice", "Three seals by two validators."},
             "chain-seal-duplicate", out.made(sealed_by({0, 1, 1})));
    out.ends({"chain-a-quorum-and-one-of-them-twice", "Three validators, one of them twice."},
             "chain-seal-duplicate", out.made(sealed_by({0, 1, 2, 2})));
    const auto with_stranger = [](std::size_t members) {
        return [members](AnchorPlan& plan) {
            auto& sealers = plan.block.sealers;
            sealers.assign(land_validators().begin(),
                           land_validators().begin() + static_cast<std::ptrdiff_t>(members));
            sealers.push_back(ChainAccount(0x66));
        };
    };
    out.ends({"chain-two-validators-and-a-stranger", "The third seal is by nobody we know."},
             "chain-seal-foreign", out.made(with_stranger(2)));
    out.ends({"chain-a-quorum-and-a-stranger", "Three validators and a seal that does not belong."},
             "chain-seal-foreign", out.made(with_stranger(3)));
}

// Seals over another block give the keys of nobody.
void add_moved_seals(AnchorCases& out) {
    namespace rlp = evm::rlp;
    const auto with_extra_of = [](Bytes header, const Bytes& other) {
        constexpr std::size_t kExtraData = 12;
        const auto list = rlp::decode(header);
        const auto donor = rlp::decode(other);
        std::vector<Bytes> fields;
        for (const auto& item : list->items) fields.push_back(to_bytes(item.raw));
        fields[kExtraData] = to_bytes(donor->items[kExtraData].raw);
        return rlp::encode_list(fields);
    };
    anchors::EvmAnchor anchor = out.made();
    const auto other =
        out.made([](AnchorPlan& plan) { plan.transaction.data = evm::anchor_call(Digest{0x99}); });
    anchor.header = with_extra_of(anchor.header, other.header);
    out.ends({"chain-seals-of-another-block", "Genuine seals, made for another block."},
             "chain-seal-foreign", anchor);
    anchor = out.made();
    anchor.header = out.made([](AnchorPlan& plan) { plan.block.round = 1; }).header;
    out.holds({"valid-chain-sealed-in-round-1",
               "Another round's seals over the same block: its hash does not change."},
              anchor);
}

void add_small_networks(AnchorCases& out) {
    const auto network = [&](const Told& told, std::initializer_list<std::uint8_t> seeds,
                             std::size_t sealers, std::size_t later, std::int64_t not_after_s) {
        const ChainKeys keys = keys_of(seeds);
        const auto anchor = out.made([&](AnchorPlan& plan) {
            plan.block.validators = keys;
            plan.block.sealers.assign(keys.begin(),
                                      keys.begin() + static_cast<std::ptrdiff_t>(sealers));
            plan.later = later;
        });
        out.holds(told, anchor, trust_with([&](TrustedChain& chain) {
                      chain.validator_sets[0].validators = testing::addresses_of(keys);
                  }),
                  not_after_s);
    };
    const std::int64_t one_later_s = kBlock_s + kPeriod_s + 1;
    network({"valid-chain-of-one-validator", "Sealed, not fault tolerant: the report says so."},
            {0x41}, 1, 1, one_later_s);
    network({"valid-chain-of-three-validators", "Two of three."}, {0x41, 0x42, 0x43}, 2, 1,
            one_later_s);
    network({"valid-chain-of-seven-validators", "Five of seven, three later proposers."},
            {0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47}, 5, 3, kBlock_s + 3 * kPeriod_s + 1);
}

void add_ibft2(AnchorCases& out) {
    const Trust trust = trust_with([](TrustedChain& chain) { chain.mode = evm::Mode::ibft2; });
    const auto ibft2 = [](AnchorPlan& plan) { plan.block.mode = evm::Mode::ibft2; };
    out.holds({"valid-chain-ibft2", "The older mode: four items are signed, three hashed."},
              out.made(ibft2), trust);
    out.ends({"chain-ibft2-sealed-by-two-of-four", "One seal short."}, "chain-seals-too-few",
             out.made([&](AnchorPlan& plan) {
                 ibft2(plan);
                 plan.block.sealers.pop_back();
             }),
             trust);
    out.ends({"chain-ibft2-extra-data-of-six-items", "The form has five."}, "anchor-malformed",
             out.made([&](AnchorPlan& plan) {
                 ibft2(plan);
                 plan.block.extra_item = evm::rlp::encode_u64(1);
             }),
             trust);
}

void add_plain(AnchorCases& out) {
    const auto plain = out.made([](AnchorPlan& plan) {
        plan.block.mode = evm::Mode::plain;
        plan.later = 0;
    });
    const auto pinned = [](std::vector<PinnedBlock> blocks) {
        return trust_with([&](TrustedChain& chain) {
            chain.mode = evm::Mode::plain;
            chain.validator_sets.clear();
            chain.blocks = std::move(blocks);
        });
    };
    const Digest hash = keccak256(plain.header);
    out.holds({"valid-chain-plain-with-its-block-pinned", "The verifier knows the block's hash."},
              plain, pinned({{kBlock, hash}}), kBlock_s);
    out.ends({"chain-plain-without-a-pinned-block", "Included, and nobody vouches for the header."},
             "chain-header-only", plain, pinned({}));
    out.ends({"chain-plain-with-another-block-pinned", "The neighbours are pinned, not the block."},
             "chain-header-only", plain, pinned({{kBlock - 1, hash}, {kBlock + 1, hash}}));
    out.ends({"chain-plain-against-the-pinned-hash", "The verifier knows another block 17."},
             "chain-block-mismatch", plain, pinned({{kBlock, Digest{0x99}}}));
    const auto other = out.made([](AnchorPlan& plan) {
        plan.block.mode = evm::Mode::plain;
        plan.later = 0;
        plan.transaction.data = evm::anchor_call(Digest{0x99});
    });
    out.ends({"chain-plain-of-another-digest", "What is wrong is said before what is missing."},
             "chain-digest-mismatch", other, pinned({}));
}

}  // namespace

Vectors chain_seal_cases() {
    AnchorCases out;
    add_quorums(out);
    add_moved_seals(out);
    add_small_networks(out);
    add_ibft2(out);
    add_plain(out);
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
