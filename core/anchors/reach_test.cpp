// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/reach.h"

#include "core/encoding.h"
#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::anchors {
namespace {

Anchor on_a_chain(evm::Mode mode, bool has_later) {
    const auto validators = testing::make_validators(4);
    testing::HeaderDraft draft;
    draft.mode = mode;
    draft.validators = testing::addresses_of(validators);
    draft.sealers = testing::first_sealers(validators, 3);
    const std::string header = base64_encode(testing::make_header(draft));
    auto members = json::Value::object({{"type", "evm-tx"}, {"header", header}});
    if (has_later) members.set("later", json::Value::array({header}));
    return {"evm-tx", std::move(members)};
}

TEST(Reach, ASealedBlockIsCertainOnlyWithLaterOnes) {
    EXPECT_EQ(reach_of({}), Reach::nowhere);
    for (const evm::Mode mode : {evm::Mode::qbft, evm::Mode::ibft2}) {
        EXPECT_EQ(reach_of({on_a_chain(mode, false)}), Reach::optimistic);
        EXPECT_EQ(reach_of({on_a_chain(mode, true)}), Reach::certain);
        EXPECT_EQ(reach_of({on_a_chain(mode, false), on_a_chain(mode, true)}), Reach::certain);
    }
}

TEST(Reach, NothingElseIsWaitedFor) {
    EXPECT_EQ(reach_of({on_a_chain(evm::Mode::plain, false)}), Reach::certain);
    const auto bare = json::Value::object({{"type", "other"}});
    EXPECT_EQ(reach_of({{"other", bare}}), Reach::certain);
    EXPECT_EQ(reach_of({{"evm-tx", bare}}), Reach::certain) << "no header to wait behind";
}

}  // namespace
}  // namespace fieldseal::anchors
