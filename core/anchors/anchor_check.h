// SPDX-License-Identifier: Apache-2.0
// One check per anchor type, used by verify/ on evidence and by anchor/ on a target's answer before
// it is stored. An anchor binds a checkpoint's digest to something outside the log's operator; what
// it proves is time only (docs/formats/evidence.md).
//
// Adding a type: write its check beside this file, add one line to the table in anchor_check.cpp,
// add its ways to fail to Finding. A bad or unknown anchor kills only itself, so a check returns a
// finding and never an Error. THREADS: pure functions, any.
#pragma once

#include "core/anchors/finding.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/trust.h"

namespace fieldseal::anchors {

// Judges `anchor` as an anchor of `checkpoint`, which somebody else has verified.
AnchorResult check_anchor(const Anchor& anchor, const note::Checkpoint& checkpoint,
                          const Trust& trust);

}  // namespace fieldseal::anchors
