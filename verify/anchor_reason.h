// SPDX-License-Identifier: Apache-2.0
// The reason code of what a check of an anchor found out. THREADS: pure function, any.
#pragma once

#include "core/anchors/finding.h"
#include "verify/verdict.h"

namespace fieldseal::verify {

// Ok for proven.
Reason reason_of(anchors::Finding finding);

}  // namespace fieldseal::verify
