// SPDX-License-Identifier: Apache-2.0
#include "core/pki/chain.h"

#include "tests/support/stamp_scene.h"

#include <gtest/gtest.h>

namespace fieldseal::pki {
namespace {

using testing::CertificatePlan;
using testing::StampKey;

Certificate made(const CertificatePlan& plan) {
    auto certificate = Certificate::parse(testing::make_certificate(plan));
    EXPECT_TRUE(certificate.ok());
    return *std::move(certificate);
}

// root → middle → leaf.
struct Family {
    CertificatePlan root = testing::post_root();
    CertificatePlan middle = testing::post_root();
    CertificatePlan leaf = testing::post_tsa();

    Family() {
        middle.subject = "Post Sub CA";
        middle.key = StampKey::p384(0x51);
        middle.serial = 3;
        leaf.issuer = middle.subject;
        leaf.issuer_key = middle.key;
    }
    ChainJudgement judge(std::int64_t at_s = testing::kStamped_s) const {
        const Certificate others[] = {made(middle)};
        const Certificate roots[] = {made(root)};
        return judge_chain({made(leaf), others, roots, at_s});
    }
};

TEST(Chain, PathIsGivenFromTheLeafToTheRoot) {
    const ChainJudgement judged = Family().judge();
    ASSERT_EQ(judged.finding, ChainFinding::trusted) << judged.message;
    ASSERT_EQ(judged.path.size(), 3U);
    EXPECT_EQ(judged.path.front().subject(), "CN=Post Time Stamps");
    EXPECT_EQ(judged.path.back().subject(), "CN=Post Root CA");
}

TEST(Chain, TimeIsTheOnePassedIn) {
    const Family family;
    const auto at = [&](std::int64_t at_s) { return family.judge(at_s).finding; };
    EXPECT_EQ(at(family.leaf.from_s), ChainFinding::trusted);
    EXPECT_EQ(at(family.leaf.until_s - 1), ChainFinding::trusted);
    EXPECT_EQ(at(family.leaf.from_s - 1), ChainFinding::out_of_time);
    EXPECT_EQ(at(family.leaf.until_s), ChainFinding::out_of_time);  // as OpenSSL reads it
}

TEST(Chain, AnyCertificateMayBeTheTrustedEnd) {
    const Family family;
    const Certificate leaf = made(family.leaf);
    const Certificate middle[] = {made(family.middle)};
    EXPECT_EQ(judge_chain({leaf, {}, middle, testing::kStamped_s}).finding, ChainFinding::trusted);
    const Certificate self[] = {leaf};
    const auto alone = judge_chain({leaf, {}, self, testing::kStamped_s});
    EXPECT_EQ(alone.finding, ChainFinding::trusted) << alone.message;
    EXPECT_EQ(alone.path.size(), 1U);
    EXPECT_EQ(judge_chain({leaf, middle, {}, testing::kStamped_s}).finding, ChainFinding::no_path);
}

TEST(Chain, RulesOfPathsHold) {
    Family no_authority;
    no_authority.middle.is_authority = false;
    EXPECT_EQ(no_authority.judge().finding, ChainFinding::refused);
    Family forged;
    forged.middle.issuer_key = StampKey::p256(0x66);
    EXPECT_EQ(forged.judge().finding, ChainFinding::refused);
    Family other_root;
    other_root.root.subject = other_root.root.issuer = "Another Root CA";
    EXPECT_EQ(other_root.judge().finding, ChainFinding::no_path);
}

TEST(Chain, WeakAlgorithmsAnywhereButInTheRootsOwnSignatureEndIt) {
    Family weak_middle;
    weak_middle.middle.hash = testing::StampHash::sha1;
    EXPECT_EQ(weak_middle.judge().finding, ChainFinding::weak);
    Family old_root;
    old_root.root.hash = testing::StampHash::sha1;
    EXPECT_EQ(old_root.judge().finding, ChainFinding::trusted);
    Family small;
    small.middle.key = small.leaf.issuer_key = StampKey::rsa(0x52, 1024);
    EXPECT_EQ(small.judge().finding, ChainFinding::weak);
    Family edwards;
    edwards.middle.key = edwards.leaf.issuer_key = StampKey::ed25519(0x52);
    EXPECT_EQ(edwards.judge().finding, ChainFinding::weak);
}

class Crls : public ::testing::Test {
protected:
    Crl crl(const CertificatePlan& issuer, std::int64_t as_of_s,
            std::vector<testing::RevokedPlan> revoked = {}) const {
        auto list = Crl::parse(
            testing::make_crl({issuer.subject, issuer.key, as_of_s, std::move(revoked)}));
        EXPECT_TRUE(list.ok());
        return *std::move(list);
    }
    const Family family_;
    const std::vector<Certificate> path_ = family_.judge().path;
};

TEST_F(Crls, WhatIsKnownIsAsOldAsTheOldestAndNothingWithoutAll) {
    const Crl of_middle = crl(family_.root, 2000);
    const Crl old_of_leaf = crl(family_.middle, 1000);
    const Crl of_leaf = crl(family_.middle, 3000);
    const Crl one[] = {of_leaf};
    EXPECT_EQ(read_crls(path_, one)->known_as_of_s, std::nullopt);
    const Crl all[] = {of_middle, old_of_leaf, of_leaf};
    EXPECT_EQ(read_crls(path_, all)->known_as_of_s, 2000);
    EXPECT_EQ(read_crls(path_, {})->known_as_of_s, std::nullopt);
}

TEST_F(Crls, RevocationsAreReportedWithTheirPlaceTimeAndReason) {
    const Crl lists[] = {crl(family_.root, 2000, {{family_.middle.serial, 1500, 4}}),
                         crl(family_.middle, 2000, {{family_.leaf.serial, 1600, 1}})};
    const auto report = read_crls(path_, lists);
    ASSERT_TRUE(report.ok());
    ASSERT_EQ(report->revocations.size(), 2U);
    EXPECT_EQ(report->revocations[0].place, 1U);
    EXPECT_EQ(report->revocations[0].at_s, 1500);
    EXPECT_TRUE(report->revocations[0].is_retirement);
    EXPECT_EQ(report->revocations[1].place, 0U);
    EXPECT_FALSE(report->revocations[1].is_retirement);
}

TEST_F(Crls, ListOfAStrangerIsAnError) {
    CertificatePlan stranger = family_.root;
    stranger.key = StampKey::p256(0x66);
    const Crl lists[] = {crl(stranger, 2000)};
    EXPECT_FALSE(read_crls(path_, lists).ok());
}

}  // namespace
}  // namespace fieldseal::pki
