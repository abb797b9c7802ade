// SPDX-License-Identifier: Apache-2.0
// Vectors about one anchor on the land registry's chain: one ordinary day, its checkpoint anchored,
// one thing about the anchor or its pin changed. THREADS: one.
#pragma once

#include "tests/vectors/cases.h"
#include "tests/vectors/chain_scene.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace fieldseal::vectors {

struct Told {
    std::string_view name;
    std::string_view why;
};

class AnchorCases {
public:
    AnchorCases();

    const Day& day() const { return day_; }
    // An anchor of the day's checkpoint, its plan edited before it is made.
    anchors::EvmAnchor made(const EditPlan& edit = {}) const;

    // It is the second source of time, and the policy is met.
    void holds(const Told& told, const anchors::EvmAnchor& anchor, const Trust& trust,
               std::int64_t not_after_s = kHardened_s);
    void holds(const Told& told, const anchors::EvmAnchor& anchor);
    // It ends with this reason; the document stays genuine and pending.
    void ends(const Told& told, std::string_view reason, const anchors::EvmAnchor& anchor,
              const Trust& trust);
    void ends(const Told& told, std::string_view reason, const anchors::EvmAnchor& anchor);
    // As `ends`, for anchors that only JSON can express.
    void ends_as_json(const Told& told, std::string_view reason,
                      const std::function<void(json::Value&)>& edit, bool receipt = false);
    void add(Vector vector) { out_.push_back(std::move(vector)); }

    Vectors take() && { return std::move(out_); }

private:
    Day day_;
    Vectors out_;
};

// A pin as `edit` leaves it, in a trust file.
Trust trust_with(const std::function<void(TrustedChain&)>& edit);

}  // namespace fieldseal::vectors
