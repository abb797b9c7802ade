// SPDX-License-Identifier: Apache-2.0
#include "core/audit.h"

#include "core/hash.h"
#include "core/statement.h"
#include "core/status.h"
#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

#include <functional>

namespace fieldseal {
namespace {

using testing::SealSigner;

constexpr std::string_view kOrigin = "example.org/office-7/1";

AuditEntry entry_after(const AuditChain& chain, std::string action = "log-in") {
    return {chain.count(),     chain.newest(), 1795444200, "maria",
            std::move(action), "maria",        "ok",       "192.0.2.7"};
}

Bytes bytes_of(const AuditEntry& entry) {
    auto bytes = encode(entry);
    EXPECT_TRUE(bytes.ok()) << bytes.error().message;
    return bytes.ok() ? *bytes : Bytes();
}

AuditHead head_of(const PublicKey& key) {
    return {key.algorithm(), key.kid(), 1795444200, std::string(kOrigin), 3, Digest{9}, 77};
}

SignedAuditHead signed_head(const SealSigner& signer, const AuditHead& head) {
    const auto tbs = AuditHeadTbs::from(head);
    EXPECT_TRUE(tbs.ok()) << tbs.error().message;
    auto made = assemble(*tbs, signer.sign(tbs->preimage()));
    EXPECT_TRUE(made.ok()) << made.error().message;
    return *std::move(made);
}

template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "accepted" : result.error().message;
}

void expect_reason(const std::string& message, std::string_view part) {
    EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
}

TEST(AuditEntry, ReadsWhatItWrites) {
    AuditEntry entry = entry_after({5, Digest{1}});
    EXPECT_EQ(*parse_audit_entry(bytes_of(entry)), entry);
    entry.subject.clear();
    entry.remote.clear();
    EXPECT_EQ(*parse_audit_entry(bytes_of(entry)), entry);
    const AuditEntry first = entry_after({});
    EXPECT_EQ(*parse_audit_entry(bytes_of(first)), first);
}

TEST(AuditEntry, FitsItsBoundWhenEveryMemberIsAsLongAsItMayBe) {
    AuditEntry entry = entry_after({(std::uint64_t{1} << 53) - 2, Digest{1}});
    entry.at_s = kPosixSecondsMax;
    entry.actor = std::string(kAuditActorBytesMax, 'a');
    entry.action = entry.outcome = std::string(kAuditWordBytesMax, 'a');
    entry.subject = std::string(kAuditSubjectBytesMax, 's');
    entry.remote = std::string(kAuditRemoteBytesMax, 'r');
    EXPECT_EQ(*parse_audit_entry(bytes_of(entry)), entry);
}

TEST(AuditEntry, RefusesMembersOutOfBounds) {
    const auto refused = [](const std::function<void(AuditEntry&)>& change) {
        AuditEntry entry = entry_after({});
        change(entry);
        return reason(encode(entry));
    };
    using E = AuditEntry;
    EXPECT_EQ(refused([](E&) {}), "accepted");
    expect_reason(refused([](E& e) { e.seq = 1; }), "previous is null exactly");
    expect_reason(refused([](E& e) { e.previous = Digest{}; }), "previous is null exactly");
    expect_reason(refused([](E& e) { e.at_s = -1; }), "the time");
    expect_reason(refused([](E& e) { e.actor.clear(); }), "actor");
    expect_reason(refused([](E& e) { e.actor = std::string(65, 'a'); }), "actor");
    expect_reason(refused([](E& e) { e.actor = "a\nb"; }), "control characters");
    expect_reason(refused([](E& e) { e.action = "Log in"; }), "is not a word");
    expect_reason(refused([](E& e) { e.outcome = ""; }), "is not a word");
    expect_reason(refused([](E& e) { e.subject = "\xff"; }), "UTF-8");
    expect_reason(refused([](E& e) { e.subject = std::string(256, 's'); }), "subject");
    expect_reason(refused([](E& e) { e.remote = std::string(65, 'r'); }), "remote");
}

TEST(AuditEntry, HasOneReading) {
    const Bytes bytes = bytes_of(entry_after({1, Digest{1}}));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_audit_entry(ByteView(bytes).first(size)).ok()) << size;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(parse_audit_entry(longer).ok());
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        Bytes bad = bytes;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto read = parse_audit_entry(bad);
        EXPECT_TRUE(!read.ok() || bytes_of(*read) == bad) << bit;
    }
}

TEST(AuditChain, TakesOnlyTheEntryThatFollows) {
    AuditChain chain;
    EXPECT_FALSE(chain.newest().has_value());
    const Bytes first = bytes_of(entry_after(chain, "daemon-start"));
    ASSERT_TRUE(chain.add(first).ok());
    EXPECT_EQ(chain.newest(), sha256(first));
    const Bytes second = bytes_of(entry_after(chain));
    AuditChain forked;
    ASSERT_TRUE(forked.add(bytes_of(entry_after(forked, "daemon-stop"))).ok());
    expect_reason(reason(chain.add(first)), "it has the number 0, not 1");
    expect_reason(reason(forked.add(second)), "names other bytes as entry 0");
    EXPECT_EQ(forked.count(), 1U);
    ASSERT_TRUE(chain.add(second).ok());
    EXPECT_EQ(chain.count(), 2U);
}

TEST(AuditHead, SignsParsesAndVerifies) {
    const SealSigner signer = SealSigner::eddsa(3);
    const SignedAuditHead made = signed_head(signer, head_of(signer.key()));
    const auto read = parse_audit_head(made.cose());
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->head, made.head);
    EXPECT_EQ(read->entry, sha256(made.cose()));
    EXPECT_TRUE(verify_audit_head(*read, signer.key()).ok());
    expect_reason(reason(verify_audit_head(*read, SealSigner::eddsa(4).key())), "signed by key");
    AuditHead other = head_of(signer.key());
    other.algorithm = Algorithm::es256k;
    expect_reason(reason(verify_audit_head(signed_head(signer, other), signer.key())),
                  "does not fit");
}

TEST(AuditHead, RefusesEveryFlippedBit) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Bytes cose = signed_head(signer, head_of(signer.key())).cose();
    for (std::size_t bit = 0; bit < 8 * cose.size(); ++bit) {
        Bytes bad = cose;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto read = parse_audit_head(bad);
        EXPECT_FALSE(read.ok() && verify_audit_head(*read, signer.key()).ok()) << bit;
    }
}

TEST(AuditHead, IsNeverTakenForAStatementOrASnapshotNorTheReverse) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Bytes head = signed_head(signer, head_of(signer.key())).cose();
    expect_reason(reason(parse_statement(head)), "is not application/fieldseal-statement");
    expect_reason(reason(parse_status(head)), "is not application/fieldseal-status");
    StatusSnapshot snapshot;
    snapshot.algorithm = signer.key().algorithm();
    snapshot.kid = signer.key().kid();
    snapshot.origin = kOrigin;
    const auto tbs = StatusTbs::from(snapshot);
    ASSERT_TRUE(tbs.ok());
    const auto status = assemble(*tbs, signer.sign(tbs->preimage()));
    ASSERT_TRUE(status.ok());
    expect_reason(reason(parse_audit_head(status->cose())), "is not application/fieldseal-audit");
}

TEST(AuditHead, RefusesMembersOutOfBounds) {
    const SealSigner signer = SealSigner::eddsa(3);
    const auto refused = [&](const std::function<void(AuditHead&)>& change) {
        AuditHead head = head_of(signer.key());
        change(head);
        return reason(AuditHeadTbs::from(head));
    };
    using H = AuditHead;
    EXPECT_EQ(refused([](H&) {}), "accepted");
    expect_reason(refused([](H& h) { h.origin = "a b"; }), "origin");
    expect_reason(refused([](H& h) { h.issued_at = -1; }), "issued-at");
    expect_reason(refused([](H& h) { h.count = 0; }), "count is not 1");
    expect_reason(refused([](H& h) { h.as_of_size = std::uint64_t{1} << 53; }), "2^53");
}

}  // namespace
}  // namespace fieldseal
