// SPDX-License-Identifier: Apache-2.0
// A machine whose clocks run and jump when the test says so. THREADS: one.
#pragma once

#include "node/clock.h"

#include <cstdint>
#include <optional>

namespace fieldseal::testing {

class SetClock final : public node::Clock {
public:
    std::int64_t now_s() const override { return wall; }
    std::int64_t now_ms() const override { return wall * 1000; }
    std::int64_t boot_s() const override { return boot; }
    void pass(std::int64_t seconds) {
        wall += seconds;
        boot += seconds;
        look();
    }
    std::int64_t wall = 1'800'000'000;
    std::int64_t boot = 100;
    bool synchronised = false;

protected:
    node::ClockDiscipline discipline() const override { return {synchronised, std::nullopt}; }
};

}  // namespace fieldseal::testing
