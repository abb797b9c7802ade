// SPDX-License-Identifier: Apache-2.0
#include "core/rotation.h"

#include "core/status.h"
#include "tests/support/seal_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal {
namespace {

using ::testing::HasSubstr;
using testing::SealSigner;

constexpr std::string_view kOrigin = "example.org/office-7/1";

SealSigner old_seal() {
    return SealSigner::es256k(0x21);
}
SealSigner new_seal() {
    return SealSigner::es256k(0x22);
}

Rotation rotation() {
    return {std::string(kOrigin), 1795444200, old_seal().key().kid(), new_seal().key()};
}

Bytes signed_by(const SealSigner& signer, const Rotation& made) {
    const auto tbs = RotationTbs::from(made);
    EXPECT_TRUE(tbs.ok());
    return assemble(*tbs, signer.sign(tbs->preimage())).value();
}

TEST(Rotation, GivesBackWhatWasSignedWithEveryAlgorithm) {
    for (const Algorithm algorithm :
         {Algorithm::es256k, Algorithm::es256, Algorithm::eddsa, Algorithm::ps256}) {
        const SealSigner signer = SealSigner::of(algorithm, 0x23);
        Rotation made = rotation();
        made.key = signer.key();
        const auto back = parse_rotation(signed_by(signer, made));
        ASSERT_TRUE(back.ok()) << back.error().message;
        EXPECT_EQ(*back, made);
    }
}

TEST(Rotation, NeedsTheNewSealsSignature) {
    EXPECT_EQ(parse_rotation(signed_by(old_seal(), rotation())).error().code, Errc::corrupt);
    Bytes flipped = signed_by(new_seal(), rotation());
    flipped.back() ^= 1;
    EXPECT_FALSE(parse_rotation(flipped).ok());
}

TEST(Rotation, IsRefusedWhenItIsNotWhole) {
    const Bytes whole = signed_by(new_seal(), rotation());
    for (std::size_t size = 0; size < whole.size(); ++size)
        ASSERT_FALSE(parse_rotation(ByteView(whole).first(size)).ok()) << size;
    Rotation itself = rotation();
    itself.old_kid = itself.key.kid();
    EXPECT_FALSE(RotationTbs::from(itself).ok());
    Rotation nowhere = rotation();
    nowhere.origin = "no spaces allowed";
    EXPECT_FALSE(RotationTbs::from(nowhere).ok());
    EXPECT_FALSE(parse_rotation(Bytes(kRotationBytesMax + 1)).ok());
}

// What a snapshot that carries one must say.
class SnapshotWithRotation : public ::testing::Test {
protected:
    SnapshotWithRotation() {
        snapshot_.kid = SealSigner::eddsa(0x07).key().kid();
        snapshot_.issued_at = 1795444200;
        snapshot_.origin = kOrigin;
        snapshot_.seq = 1;
        snapshot_.previous = Digest{1};
        snapshot_.as_of_size = 9;
        add(old_seal().key().kid(), SealState::retired);
        add(new_seal().key().kid(), SealState::active);
        snapshot_.rotations = {signed_by(new_seal(), rotation())};
    }
    void add(const Digest& kid, SealState state) {
        snapshot_.seals.push_back({kid, state, 9, std::nullopt});
        std::sort(snapshot_.seals.begin(), snapshot_.seals.end(),
                  [](const auto& a, const auto& b) { return a.kid < b.kid; });
    }
    SealStatus& row(const SealSigner& seal) {
        return *std::find_if(snapshot_.seals.begin(), snapshot_.seals.end(),
                             [&](const auto& each) { return each.kid == seal.key().kid(); });
    }
    std::string refused() const {
        const auto checked = check_snapshot(snapshot_);
        return checked.ok() ? "" : checked.error().message;
    }

    StatusSnapshot snapshot_;
};

TEST_F(SnapshotWithRotation, IsTakenAndReadBack) {
    ASSERT_EQ(refused(), "");
    const auto tbs = StatusTbs::from(snapshot_);
    const SealSigner signer = SealSigner::eddsa(0x07);
    const auto made = assemble(*tbs, signer.sign(tbs->preimage()));
    const auto back = parse_status(made->cose());
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->snapshot, snapshot_);
    EXPECT_TRUE(verify_status(*back, signer.key()).ok());
}

TEST_F(SnapshotWithRotation, IsRefusedWithoutTheNewSealsSignature) {
    snapshot_.rotations = {signed_by(old_seal(), rotation())};
    EXPECT_THAT(refused(), HasSubstr("the new seal's signature"));
}

TEST_F(SnapshotWithRotation, IsRefusedWhileTheOldSealGoesOn) {
    row(old_seal()).state = SealState::active;
    EXPECT_THAT(refused(), HasSubstr("the old seal has not ended"));
    row(old_seal()).state = SealState::compromised;
    EXPECT_EQ(refused(), "");
}

TEST_F(SnapshotWithRotation, IsRefusedWhereTheNewSealDoesNotBegin) {
    row(new_seal()).since_index = 8;
    EXPECT_THAT(refused(), HasSubstr("does not begin here"));
    snapshot_.seals.clear();
    add(old_seal().key().kid(), SealState::retired);
    EXPECT_THAT(refused(), HasSubstr("does not begin here"));
}

TEST_F(SnapshotWithRotation, IsRefusedForAnotherLogTwiceOrTooOften) {
    Rotation elsewhere = rotation();
    elsewhere.origin = "example.org/office-8/1";
    snapshot_.rotations = {signed_by(new_seal(), elsewhere)};
    EXPECT_THAT(refused(), HasSubstr("of another log"));
    const Bytes one = signed_by(new_seal(), rotation());
    snapshot_.rotations = {one, one};
    EXPECT_THAT(refused(), HasSubstr("ascending order"));
    snapshot_.rotations.assign(kStatusRotationsMax + 1, one);
    EXPECT_THAT(refused(), HasSubstr("more than 8"));
}

}  // namespace
}  // namespace fieldseal
