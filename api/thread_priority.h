// SPDX-License-Identifier: Apache-2.0
// The threads that serve callers give way to those that all callers wait for: the sequencer gets a
// core as soon as it has something to write, although all cores sign (docs/performance.md).
#pragma once

namespace fieldseal::api {

// Added to the process's nice value; for the scheduler the others weigh nine times as much.
inline constexpr int kServingNice = 10;

// Lowers the calling thread's priority by kServingNice, for good; threads that it starts inherit
// that. Needs no privilege; taking it back would. Crews and receptions begin with it.
// (nice(2), "C library/kernel differences": per thread on Linux.)
void give_way();

}  // namespace fieldseal::api
