// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

Expected pending_for(std::string_view reason) {
    Expected expect = pending(std::nullopt, std::nullopt);
    expect.anchors = {std::string(reason)};
    return expect;
}

}  // namespace

AnchorCases::AnchorCases() : day_(day_of([](StatementClaims&) {})) {}

anchors::EvmAnchor AnchorCases::made(const EditPlan& edit) const {
    AnchorPlan plan = anchor_plan(digest_of(day_));
    if (edit) edit(plan);
    return make_anchor(plan);
}

void AnchorCases::holds(const Told& told, const anchors::EvmAnchor& anchor, const Trust& trust,
                        std::int64_t not_after_s) {
    Expected expect = valid(std::nullopt, not_after_s);
    expect.anchors = {"ok"};
    add(make_vector(told.name, told.why, anchored_evidence(day_, anchor), trust, expect));
}

void AnchorCases::holds(const Told& told, const anchors::EvmAnchor& anchor) {
    holds(told, anchor, chain_trust());
}

void AnchorCases::ends(const Told& told, std::string_view reason, const anchors::EvmAnchor& anchor,
                       const Trust& trust) {
    add(make_vector(told.name, told.why, anchored_evidence(day_, anchor), trust,
                    pending_for(reason)));
}

void AnchorCases::ends(const Told& told, std::string_view reason,
                       const anchors::EvmAnchor& anchor) {
    ends(told, reason, anchor, chain_trust());
}

void AnchorCases::ends_as_json(const Told& told, std::string_view reason,
                               const std::function<void(json::Value&)>& edit, bool receipt) {
    const auto anchor = made([&](AnchorPlan& plan) { plan.with_receipt = receipt; });
    Evidence evidence = anchored_evidence(day_, anchor);
    edit(evidence.proofs[0].anchors[0].members);
    evidence.status[0].proofs[0].anchors = evidence.proofs[0].anchors;
    add(make_vector(told.name, told.why, evidence, chain_trust(), pending_for(reason)));
}

Trust trust_with(const std::function<void(TrustedChain&)>& edit) {
    TrustedChain chain = land_pin();
    edit(chain);
    return trust_in(chain);
}

}  // namespace fieldseal::vectors
