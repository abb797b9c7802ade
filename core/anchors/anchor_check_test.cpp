// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/anchor_check.h"

#include <gtest/gtest.h>

namespace fieldseal::anchors {
namespace {

Finding finding_for(const std::string& type) {
    const Anchor anchor{type, json::Value::object({{"type", type}})};
    return check_anchor(anchor, {"a/b/1", {1}, Digest{}}, Trust{}).finding;
}

TEST(AnchorCheck, KnowsEveryTypeOfTheFormat) {
    for (const char* type : {"sigsum"}) {
        EXPECT_EQ(finding_for(type), Finding::unsupported) << type;
    }
    for (const char* type : {"evm-tx", "evm-receipt"}) {
        EXPECT_EQ(finding_for(type), Finding::malformed) << type;
    }
}

TEST(AnchorCheck, TellsAnUnknownTypeFromAnUnsupportedOne) {
    EXPECT_EQ(finding_for("moon-stone"), Finding::unknown_type);
    EXPECT_EQ(finding_for("EVM-TX"), Finding::unknown_type);
    EXPECT_EQ(finding_for(""), Finding::unknown_type);
}

}  // namespace
}  // namespace fieldseal::anchors
