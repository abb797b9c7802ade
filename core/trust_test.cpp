// SPDX-License-Identifier: Apache-2.0
#include "core/trust.h"

#include "core/encoding.h"
#include "core/status.h"
#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>

namespace fieldseal {
namespace {

// An Ed25519 public key from an obviously fake seed.
Ed25519PublicKey public_key(std::uint8_t seed) {
    const Bytes seed_bytes(crypto_sign_SEEDBYTES, seed);
    Ed25519PublicKey key{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_seed_keypair(key.data(), secret.data(), seed_bytes.data());
    return key;
}

PublicKey eddsa(std::uint8_t seed) {
    return *PublicKey::eddsa_from_raw32(public_key(seed));
}

// A snapshot without seals, signed by the key of `seed`.
Bytes snapshot_of(const std::string& origin, std::uint8_t seed, std::int64_t issued_at = 0) {
    StatusSnapshot snapshot;
    snapshot.issued_at = issued_at;
    snapshot.kid = eddsa(seed).kid();
    snapshot.origin = origin;
    const auto tbs = StatusTbs::from(snapshot);
    const Bytes seed_bytes(crypto_sign_SEEDBYTES, seed);
    Ed25519PublicKey key{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_seed_keypair(key.data(), secret.data(), seed_bytes.data());
    Bytes signature(crypto_sign_BYTES);
    crypto_sign_detached(signature.data(), nullptr, tbs->preimage().data(), tbs->preimage().size(),
                         secret.data());
    return assemble(*tbs, signature)->cose();
}

TrustedLog log_of(const std::string& origin, std::uint8_t seed) {
    TrustedLog log;
    log.origin = origin;
    log.key = {origin, note::KeyType::ed25519, public_key(seed)};
    log.operated_by = "Ministry of Works";
    return log;
}

TrustedWitness witness_of(const std::string& name, std::uint8_t seed) {
    return {{name, note::KeyType::cosignature, public_key(seed)}, "Court of Audit", {}};
}

Trust office_export() {
    Trust trust;
    trust.logs.push_back(log_of("works/office-7/1", 1));
    trust.logs[0].status_keys.push_back(eddsa(2));
    trust.seals.push_back({eddsa(3), {"works/office-7/1"}, {}, "Permits"});
    return trust;
}

Trust full() {
    Trust trust = office_export();
    trust.logs[0].closed = ClosedLog{{12}, Digest{7}};
    trust.logs.push_back(log_of("audit/hub/1", 4));
    trust.logs[1].kind = LogKind::checkpoints;
    trust.seals[0].iss = "works/office-7/1";
    trust.witnesses.push_back(witness_of("audit/witness", 5));
    trust.witnesses[0].url = "https://hub.example/";
    trust.tsas.push_back({{Bytes{0x30, 0x00}}, {"1.2.3.4"}, 1, "Post"});
    TrustedChain land;
    land.id = "land";
    land.chain_id = 1337;
    land.validator_sets = {{0, 99, {evm::Address{1}}}, {100, {}, {evm::Address{2}}}};
    land.contract = evm::Address{3};
    TrustedChain sandbox;
    sandbox.id = "sandbox";
    sandbox.chain_id = 31337;
    sandbox.mode = evm::Mode::plain;
    sandbox.blocks = {{7, Digest{7}}, {9, Digest{9}}};
    sandbox.operated_by = "University";
    trust.chains = {land, sandbox};
    trust.policy = {2, 1};
    trust.skew_s = 60;
    return trust;
}

json::Value tree_of(const Trust& trust) {
    return *json::parse(to_json(trust), {.bytes_max = kTrustBytesMax});
}

void expect_refused(const json::Value& tree, Errc code, std::string_view reason) {
    const auto trust = parse_trust(json::dump(tree));
    ASSERT_FALSE(trust.ok()) << json::dump(tree);
    EXPECT_EQ(trust.error().code, code) << trust.error().message;
    EXPECT_NE(trust.error().message.find(reason), std::string::npos) << trust.error().message;
}

// The tree with one member of the first item of `list` set.
json::Value with_member(std::string_view list, std::string_view member, json::Value value) {
    json::Value tree = tree_of(full());
    json::Array items = tree.find(list)->as_array();
    items[0].set(member, std::move(value));
    tree.set(list, json::Value(items));
    return tree;
}

TEST(Trust, ReadsWhatItWrites) {
    for (const Trust& trust : {Trust{}, office_export(), full()}) {
        const auto again = parse_trust(to_json(trust));
        ASSERT_TRUE(again.ok()) << again.error().message;
        EXPECT_EQ(*again, trust);
        EXPECT_EQ(to_json(*again), to_json(trust));
    }
}

TEST(Trust, KeepsOnlySnapshotsByAStatusKeyOfTheirLog) {
    Trust trust = full();
    trust.logs[0].status = {{snapshot_of("works/office-7/1", 2), {}}};
    const auto again = parse_trust(to_json(trust));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, trust);
    for (const Bytes& refused :
         {Bytes{1, 2, 3}, snapshot_of("works/office-8/1", 2), snapshot_of("works/office-7/1", 9)}) {
        trust.logs[0].status = {{refused, {}}};
        EXPECT_FALSE(check_trust(trust).ok());
    }
}

TEST(Trust, TakesDefaultsForPolicyAndSkew) {
    const auto trust =
        parse_trust(R"({"fieldseal":"trust/v1","logs":[],"seals":[],"witnesses":[]})");
    ASSERT_TRUE(trust.ok()) << trust.error().message;
    EXPECT_EQ(trust->policy.witness_quorum, 1);
    EXPECT_EQ(trust->policy.time_quorum, 1);
    EXPECT_EQ(trust->skew_s, 300);
}

TEST(Trust, RefusesUnknownMembersEverywhere) {
    for (const char* list : {"logs", "seals", "witnesses", "tsas", "chains"}) {
        expect_refused(with_member(list, "colour", "red"), Errc::invalid_argument, "colour");
    }
    expect_refused(tree_of(full()).set("colour", "red"), Errc::invalid_argument, "colour");
    expect_refused(tree_of(full()).set("policy", json::Value::object({{"witness_quorum", 1}})),
                   Errc::invalid_argument, "time_quorum");
}

TEST(Trust, RefusesKeysOfTheWrongTypeOrName) {
    const Trust trust = full();
    const json::Value log_vkey = note::format_vkey(trust.logs[0].key);
    const json::Value witness_vkey = note::format_vkey(trust.witnesses[0].key);
    expect_refused(with_member("logs", "vkey", witness_vkey), Errc::invalid_argument, "type 0x01");
    expect_refused(with_member("witnesses", "vkey", log_vkey), Errc::invalid_argument, "type 0x04");
    expect_refused(with_member("logs", "origin", "works/office-8/1"), Errc::invalid_argument,
                   "its name");
    expect_refused(with_member("witnesses", "name", "somebody"), Errc::invalid_argument,
                   "its name");
    expect_refused(with_member("logs", "vkey", "works/office-7/1+00000000+AAAA"), Errc::unsupported,
                   "vkey");
}

TEST(Trust, RefusesASealWhoseNameOrAlgorithmIsNotItsKeys) {
    // A key of an algorithm that is not ours (X25519) is malformed here, not "unsupported".
    Bytes x25519{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
    x25519.resize(x25519.size() + 32, 0x09);
    expect_refused(with_member("seals", "key", base64_encode(x25519)), Errc::invalid_argument,
                   "key");
    expect_refused(with_member("seals", "kid", hex_encode(Digest{9})), Errc::invalid_argument,
                   "SHA-256 of the key");
    expect_refused(with_member("seals", "alg", "ES256"), Errc::invalid_argument, "EdDSA");
    expect_refused(with_member("seals", "key", base64_encode(Bytes(44, 1))), Errc::invalid_argument,
                   "seals[0].key");
}

TEST(Trust, SaysThatAuthoritiesForSealsComeLater) {
    expect_refused(with_member("seals", "ca", "MAA="), Errc::invalid_argument, "ca");
    expect_refused(tree_of(full()).set("fieldseal", "trust/v2"), Errc::unsupported, "trust/v1");
    expect_refused(tree_of(full()).set("fieldseal", "evidence/v1"), Errc::invalid_argument,
                   "not a trust file");
}

TEST(Trust, RefusesOneKeyInTwoRoles) {
    const auto clash = [](auto change) {
        Trust trust = full();
        change(trust);
        const auto checked = check_trust(trust);
        return !checked.ok() && checked.error().code == Errc::conflict;
    };
    EXPECT_FALSE(clash([](Trust&) {}));
    EXPECT_TRUE(clash([](Trust& t) { t.witnesses[0].key.key = t.logs[0].key.key; }));
    EXPECT_TRUE(clash([](Trust& t) { t.witnesses[0].key.key = t.logs[1].key.key; }));
    EXPECT_TRUE(clash([](Trust& t) { t.logs[0].key.key = t.logs[1].key.key; }));
    EXPECT_TRUE(clash([](Trust& t) { t.logs[0].status_keys[0] = eddsa(1); }));
    EXPECT_TRUE(clash([](Trust& t) { t.seals[0].key = eddsa(1); }));
    EXPECT_TRUE(clash([](Trust& t) { t.seals[0].key = eddsa(2); }));
    EXPECT_TRUE(clash([](Trust& t) { t.seals[0].key = eddsa(5); }));
}

TEST(Trust, RefusesOneWitnessKeyUnderTwoNames) {
    Trust trust = full();
    trust.witnesses.push_back(witness_of("another/name", 5));
    const auto checked = check_trust(trust);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, Errc::conflict);
}

TEST(Trust, LetsANodesNextGenerationKeepItsKeys) {
    Trust trust = full();
    trust.logs.push_back(log_of("works/office-7/2", 1));
    trust.logs.back().status_keys.push_back(eddsa(2));
    EXPECT_TRUE(check_trust(trust).ok());
}

TEST(Trust, RefusesDuplicateNames) {
    const auto duplicate = [](auto change) {
        Trust trust = full();
        change(trust);
        const auto checked = check_trust(trust);
        return !checked.ok() && checked.error().code == Errc::invalid_argument;
    };
    EXPECT_TRUE(duplicate([](Trust& t) { t.logs.push_back(log_of(t.logs[0].origin, 8)); }));
    EXPECT_TRUE(duplicate([](Trust& t) { t.seals.push_back(t.seals[0]); }));
    EXPECT_TRUE(duplicate([](Trust& t) { t.witnesses.push_back(t.witnesses[0]); }));
    EXPECT_TRUE(duplicate([](Trust& t) { t.chains.push_back(t.chains[0]); }));
    EXPECT_TRUE(duplicate([](Trust& t) { t.logs[0].status_keys.push_back(eddsa(2)); }));
    EXPECT_TRUE(duplicate([](Trust& t) { t.logs[1].status_keys.push_back(eddsa(9)); }));
}

TEST(Trust, RefusesValidatorRangesThatOverlapOrAreOutOfOrder) {
    const auto sets = [](json::Value first, json::Value second) {
        return with_member("chains", "validator_sets",
                           json::Value::array({std::move(first), std::move(second)}));
    };
    const auto set = [](std::uint64_t from, std::optional<std::uint64_t> to) {
        json::Value value = json::Value::object(
            {{"from", from},
             {"validators", json::Value::array({evm::to_string(evm::Address{1})})}});
        value.set_if("to", to);
        return value;
    };
    expect_refused(sets(set(0, 9), set(9, {})), Errc::invalid_argument, "overlap");
    expect_refused(sets(set(0, {}), set(9, {})), Errc::invalid_argument, "overlap");
    expect_refused(sets(set(8, 7), set(9, {})), Errc::invalid_argument, "before");
    EXPECT_TRUE(parse_trust(json::dump(sets(set(0, 9), set(10, {})))).ok());
}

// The first chain of full(), changed, is refused with that code.
void expect_chain_refused(const std::function<void(TrustedChain&)>& change, Errc code) {
    Trust trust = full();
    change(trust.chains[0]);
    const auto checked = check_trust(trust);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, code) << checked.error().message;
}

TEST(Trust, RefusesChainsPinnedInAWayTheirModeCannotUse) {
    const auto malformed = [](const std::function<void(TrustedChain&)>& change) {
        expect_chain_refused(change, Errc::invalid_argument);
    };
    malformed([](TrustedChain& c) { c.validator_sets.clear(); });
    malformed([](TrustedChain& c) { c.mode = evm::Mode::plain; });
    malformed([](TrustedChain& c) { c.blocks = {{7, Digest{7}}}; });
    malformed([](TrustedChain& c) { c.validator_sets[1].validators.clear(); });
    malformed([](TrustedChain& c) { c.validator_sets[1].validators.assign(2, evm::Address{2}); });
    const auto blocks = [](std::vector<PinnedBlock> pinned) {
        return [pinned](TrustedChain& c) {
            c.mode = evm::Mode::plain;
            c.validator_sets.clear();
            c.blocks = pinned;
        };
    };
    malformed(blocks({{7, Digest{7}}, {7, Digest{8}}}));
    malformed(blocks({{7, Digest{7}}, {6, Digest{8}}}));
}

TEST(Trust, SaysThatOtherModesAndCurvesComeLater) {
    expect_refused(with_member("chains", "mode", "clique"), Errc::unsupported, "chains[0].mode");
    expect_refused(with_member("chains", "curve", "sm2"), Errc::unsupported, "chains[0].curve");
    const auto r1 = parse_trust(json::dump(with_member("chains", "curve", "secp256r1")));
    ASSERT_TRUE(r1.ok()) << r1.error().message;
    EXPECT_EQ(r1->chains[0].curve, ChainCurve::secp256r1);
    EXPECT_NE(to_json(*r1).find("secp256r1"), std::string::npos);
    const auto k1 = parse_trust(json::dump(with_member("chains", "curve", "secp256k1")));
    EXPECT_EQ(*k1, full());
    expect_refused(with_member("chains", "chain_id", 0), Errc::invalid_argument, "chain_id");
    expect_refused(with_member("chains", "contract", "0x03"), Errc::invalid_argument, "contract");
}

TEST(Trust, CountsAValidatorForOneOperatorAndForNothingElse) {
    Trust trust = full();
    TrustedChain later = trust.chains[0];
    later.id = "land, before it changed its mode";
    later.mode = evm::Mode::ibft2;
    trust.chains.push_back(later);
    EXPECT_EQ(check_trust(trust).error().code, Errc::conflict);
    trust.chains[0].operated_by = trust.chains.back().operated_by = "Consortium";
    EXPECT_TRUE(check_trust(trust).ok());
    const auto seal = testing::SealSigner::es256k(0x21);
    trust.seals.push_back({seal.key(), {"works/office-7/1"}, {}, {}});
    EXPECT_TRUE(check_trust(trust).ok());
    trust.chains[0].validator_sets[0].validators = {evm::address_of_point(seal.key().raw())};
    EXPECT_EQ(check_trust(trust).error().code, Errc::conflict);
}

TEST(Trust, FindsTheSetAndTheBlockOfANumber) {
    const Trust trust = full();
    const TrustedChain& land = trust.chains[0];
    EXPECT_EQ(land.find_set(99), land.validator_sets.data());
    EXPECT_EQ(land.find_set(100), &land.validator_sets[1]);
    EXPECT_EQ(trust.find_chain("sandbox"), &trust.chains[1]);
    EXPECT_EQ(trust.find_chain("sea"), nullptr);
    EXPECT_EQ(trust.chains[1].find_block(9), &trust.chains[1].blocks[1]);
    EXPECT_EQ(trust.chains[1].find_block(8), nullptr);
    EXPECT_EQ(land.counts_as(), "land");
    EXPECT_EQ(trust.chains[1].counts_as(), "University");
    TrustedChain gap = land;
    gap.validator_sets[0].to = 90;
    EXPECT_EQ(gap.find_set(91), nullptr);
}

TEST(TrustMerge, AddsANodesOwnLogAndSeals) {
    Trust own;
    own.witnesses.push_back(witness_of("audit/witness", 5));
    const auto merged = merge_trust(own, office_export(), "works/office-7/1");
    ASSERT_TRUE(merged.ok()) << merged.error().message;
    EXPECT_EQ(merged->logs, office_export().logs);
    EXPECT_EQ(merged->seals, office_export().seals);
    EXPECT_EQ(merged->witnesses, own.witnesses);
    const auto again = merge_trust(*merged, office_export(), "works/office-7/1");
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, *merged);
}

TEST(TrustMerge, KeepsTheLastSnapshots) {
    Trust own = office_export();
    const std::size_t imports = kEvidenceStatusMax + 2;
    for (std::size_t i = 0; i < imports; ++i) {
        Trust next = office_export();
        next.logs[0].status = {
            {snapshot_of("works/office-7/1", 2, 1000 + static_cast<std::int64_t>(i)), {}}};
        auto merged = merge_trust(own, next, "works/office-7/1");
        ASSERT_TRUE(merged.ok()) << merged.error().message;
        own = std::move(*merged);
        ASSERT_TRUE(parse_trust(to_json(own)).ok());
    }
    ASSERT_EQ(own.logs[0].status.size(), kEvidenceStatusMax);
    const auto newest = parse_status(own.logs[0].status.back().statement);
    EXPECT_EQ(newest->snapshot.issued_at, 1000 + static_cast<std::int64_t>(imports) - 1);
}

TEST(TrustMerge, AddsAnOriginToASealItKnows) {
    Trust next = office_export();
    next.logs[0] = log_of("works/office-7/2", 1);
    next.seals[0].origins = {"works/office-7/2"};
    const auto merged = merge_trust(office_export(), next, "works/office-7/2");
    ASSERT_TRUE(merged.ok()) << merged.error().message;
    ASSERT_EQ(merged->seals.size(), 1U);
    EXPECT_TRUE(merged->seals[0].may_sign_for("works/office-7/1"));
    EXPECT_TRUE(merged->seals[0].may_sign_for("works/office-7/2"));
}

TEST(TrustMerge, RefusesWhatANodeMayNotIntroduce) {
    const auto refused = [](auto change) {
        Trust imported = office_export();
        change(imported);
        const auto merged = merge_trust(Trust{}, imported, "works/office-7/1");
        return !merged.ok() && merged.error().code == Errc::conflict;
    };
    EXPECT_FALSE(refused([](Trust&) {}));
    EXPECT_TRUE(refused([](Trust& t) { t.logs.clear(); }));
    EXPECT_TRUE(refused([](Trust& t) { t.logs.push_back(log_of("audit/hub/1", 4)); }));
    EXPECT_TRUE(refused([](Trust& t) { t.logs[0] = log_of("audit/hub/1", 4); }));
    EXPECT_TRUE(refused([](Trust& t) { t.logs[0].closed = ClosedLog{}; }));
    EXPECT_TRUE(refused([](Trust& t) { t.seals[0].origins.push_back("audit/hub/1"); }));
    EXPECT_TRUE(refused([](Trust& t) { t.seals[0].origins.clear(); }));
    EXPECT_TRUE(refused([](Trust& t) { t.witnesses.push_back(witness_of("w", 5)); }));
    EXPECT_TRUE(refused([](Trust& t) { t.tsas = full().tsas; }));
    EXPECT_TRUE(refused([](Trust& t) { t.chains = full().chains; }));
    EXPECT_TRUE(refused([](Trust& t) { t.policy.witness_quorum = 0; }));
    EXPECT_TRUE(refused([](Trust& t) { t.skew_s = 0; }));
}

TEST(TrustMerge, NeverReplacesAPinnedKey) {
    const auto refused = [](auto change) {
        Trust imported = office_export();
        change(imported);
        const auto merged = merge_trust(office_export(), imported, "works/office-7/1");
        return !merged.ok() && merged.error().code == Errc::conflict;
    };
    EXPECT_TRUE(refused([](Trust& t) { t.logs[0] = log_of("works/office-7/1", 9); }));
    EXPECT_TRUE(refused([](Trust& t) { t.logs[0].status_keys.push_back(eddsa(9)); }));
    EXPECT_FALSE(refused([](Trust& t) { t.logs[0].operated_by = "somebody"; }));
    EXPECT_EQ(
        merge_trust(office_export(), office_export(), "works/office-7/1")->logs[0].operated_by,
        "Ministry of Works");
}

TEST(TrustMerge, RefusesAnImportThatTakesAnotherRolesKey) {
    Trust own;
    own.witnesses.push_back(witness_of("audit/witness", 1));
    const auto merged = merge_trust(own, office_export(), "works/office-7/1");
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().code, Errc::conflict);
}

}  // namespace
}  // namespace fieldseal
