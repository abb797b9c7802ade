// SPDX-License-Identifier: Apache-2.0
#include "core/status.h"

#include "core/cbor/cbor.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/statement.h"
#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace fieldseal {
namespace {

using testing::SealSigner;

constexpr std::string_view kOrigin = "example.org/office-7/1";

Digest kid_of(std::uint8_t number) {
    Digest kid{};
    kid[0] = number;
    return kid;
}

StatusSnapshot first_snapshot(const PublicKey& key) {
    StatusSnapshot snapshot;
    snapshot.algorithm = key.algorithm();
    snapshot.kid = key.kid();
    snapshot.issued_at = 1795444200;
    snapshot.origin = kOrigin;
    snapshot.seals = {{kid_of(1), SealState::active, 0, {}},
                      {kid_of(2), SealState::pre_active, 0, {}}};
    return snapshot;
}

Status signed_status(const SealSigner& signer, const StatusSnapshot& snapshot) {
    const auto tbs = StatusTbs::from(snapshot);
    EXPECT_TRUE(tbs.ok()) << tbs.error().message;
    auto status = assemble(*tbs, signer.sign(tbs->preimage()));
    EXPECT_TRUE(status.ok()) << status.error().message;
    return *std::move(status);
}

// The snapshot after `previous`, unchanged but for its place.
StatusSnapshot next_after(const Status& previous) {
    StatusSnapshot next = previous.snapshot;
    next.seq += 1;
    next.previous = previous.entry;
    next.as_of_size += 10;
    return next;
}

template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "accepted" : result.error().message;
}

void expect_reason(const std::string& message, std::string_view part) {
    EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
}

TEST(Status, SignsParsesAndVerifies) {
    const SealSigner signer = SealSigner::eddsa(3);
    StatusSnapshot snapshot = first_snapshot(signer.key());
    snapshot.seq = 5;
    snapshot.previous = kid_of(9);
    snapshot.as_of_size = 77;
    snapshot.seals.push_back({kid_of(3), SealState::compromised, 40, 1795000000});
    snapshot.seals.push_back({kid_of(4), SealState::compromised, 41, {}});
    const Status made = signed_status(signer, snapshot);
    const auto read = parse_status(made.cose());
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->snapshot, snapshot);
    EXPECT_EQ(read->entry, sha256(made.cose()));
    EXPECT_EQ(read->id(), hex_encode(made.entry));
    EXPECT_TRUE(verify_status(*read, signer.key()).ok());
    EXPECT_EQ(read->snapshot.find(kid_of(3))->state, SealState::compromised);
    EXPECT_EQ(read->snapshot.find(kid_of(7)), nullptr);
}

TEST(Status, RefusesEveryFlippedBit) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Bytes cose = signed_status(signer, first_snapshot(signer.key())).cose();
    for (std::size_t bit = 0; bit < 8 * cose.size(); ++bit) {
        Bytes bad = cose;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto read = parse_status(bad);
        EXPECT_FALSE(read.ok() && verify_status(*read, signer.key()).ok()) << bit;
    }
}

TEST(Status, IsNeverTakenForAStatementNorTheReverse) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Status status = signed_status(signer, first_snapshot(signer.key()));
    expect_reason(reason(parse_statement(status.cose())), "is not application/fieldseal-statement");
    StatementClaims claims;
    claims.algorithm = Algorithm::eddsa;
    claims.kid = signer.key().kid();
    claims.issuer = kOrigin;
    claims.subject = "x";
    claims.media_type = "text/plain";
    const auto tbs = StatementTbs::from(claims);
    ASSERT_TRUE(tbs.ok());
    const auto statement = assemble(*tbs, signer.sign(tbs->preimage()));
    ASSERT_TRUE(statement.ok());
    expect_reason(reason(parse_status(statement->cose())), "is not application/fieldseal-status");
}

TEST(Status, RefusesAnotherKeyAndAlgorithm) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Status status = signed_status(signer, first_snapshot(signer.key()));
    expect_reason(reason(verify_status(status, SealSigner::eddsa(4).key())), "signed by key");
    StatusSnapshot snapshot = first_snapshot(signer.key());
    snapshot.algorithm = Algorithm::es256k;
    expect_reason(reason(verify_status(signed_status(signer, snapshot), signer.key())),
                  "does not fit");
}

TEST(Status, RefusesSnapshotsThatContradictThemselves) {
    const SealSigner signer = SealSigner::eddsa(3);
    const auto refused = [&](const std::function<void(StatusSnapshot&)>& change) {
        StatusSnapshot snapshot = first_snapshot(signer.key());
        change(snapshot);
        return reason(StatusTbs::from(snapshot));
    };
    using S = StatusSnapshot;
    EXPECT_EQ(refused([](S&) {}), "accepted");
    expect_reason(refused([](S& s) { s.origin = "a b"; }), "origin");
    expect_reason(refused([](S& s) { s.issued_at = -1; }), "issued-at");
    expect_reason(refused([](S& s) { s.seq = 1; }), "previous is null exactly");
    expect_reason(refused([](S& s) { s.previous = Digest{}; }), "previous is null exactly");
    expect_reason(refused([](S& s) { s.as_of_size = std::uint64_t{1} << 53; }), "2^53");
    expect_reason(refused([](S& s) { std::swap(s.seals[0], s.seals[1]); }), "ascending");
    expect_reason(refused([](S& s) { s.seals[1].kid = s.seals[0].kid; }), "ascending");
    expect_reason(refused([](S& s) { s.seals[0].since_index = 1; }), "beyond as_of_size");
    expect_reason(refused([](S& s) { s.seals[0].invalid_from = 5; }), "without the state");
    expect_reason(refused([](S& s) {
                      s.seals[0].state = SealState::compromised;
                      s.seals[0].invalid_from = -5;
                  }),
                  "invalid_from");
    expect_reason(refused([](S& s) { s.former = FormerLog{std::string(kOrigin), {}}; }),
                  "this log");
    expect_reason(refused([](S& s) { s.former = FormerLog{"", {}}; }), "former log");
    expect_reason(refused([](S& s) {
                      s.former = FormerLog{"example.org/office-7/0", {}};
                      s.seq = 1;
                      s.previous = Digest{};
                  }),
                  "first snapshot only");
    expect_reason(refused([](S& s) { s.seals.assign(kStatusSealsMax + 1, {}); }), "more than 1024");
}

TEST(Status, HoldsAsManySealsAsItAllows) {
    const SealSigner signer = SealSigner::eddsa(3);
    StatusSnapshot snapshot = first_snapshot(signer.key());
    snapshot.seq = (std::uint64_t{1} << 53) - 1;
    snapshot.previous = Digest{};
    snapshot.as_of_size = (std::uint64_t{1} << 53) - 1;
    snapshot.origin = std::string(255, 'o');
    snapshot.seals.clear();
    for (std::size_t i = 0; i < kStatusSealsMax; ++i) {
        Digest kid{};
        kid[0] = static_cast<std::uint8_t>(i >> 8);
        kid[1] = static_cast<std::uint8_t>(i);
        snapshot.seals.push_back(
            {kid, SealState::compromised, snapshot.as_of_size, kPosixSecondsMax});
    }
    const auto read = parse_status(signed_status(signer, snapshot).cose());
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->snapshot.seals.size(), kStatusSealsMax);
}

// Decodes, lets `change` have the header or payload map, and signs the result again.
std::string parsed_after(const std::function<void(cbor::Map& header, cbor::Map& payload)>& change) {
    const SealSigner signer = SealSigner::eddsa(3);
    const Status good = signed_status(signer, first_snapshot(signer.key()));
    cbor::Map header = cbor::decode(good.object.protected_header)->as_map();
    cbor::Map payload = cbor::decode(good.object.payload)->as_map();
    change(header, payload);
    const auto encoded = [](const cbor::Map& entries) {
        cbor::Value map = cbor::Value::map();
        for (const auto& [key, value] : entries) map.set(key, value);
        return cbor::encode(map);
    };
    const Bytes first = encoded(header);
    const Bytes second = encoded(payload);
    return reason(parse_status(
        cose::encode({first, second, signer.sign(cose::sig_structure(first, second))})));
}

void set(cbor::Map& map, std::int64_t label, cbor::Value value) {
    std::erase_if(map, [&](const cbor::Entry& entry) { return entry.first == cbor::Key(label); });
    map.emplace_back(label, std::move(value));
}

TEST(Status, RefusesOtherLabelsAndValues) {
    using M = cbor::Map;
    const auto seals = [](cbor::Value seal) { return cbor::Value::array({std::move(seal)}); };
    EXPECT_EQ(parsed_after([](M&, M&) {}), "accepted");
    expect_reason(parsed_after([](M& h, M&) { set(h, 3, "x"); }), "unknown label 3");
    expect_reason(parsed_after([](M& h, M&) { set(h, 258, -16); }), "unknown label 258");
    expect_reason(parsed_after([](M& h, M&) { set(h, 1, -35); }), "[1]: not ES256K");
    expect_reason(parsed_after([](M& h, M&) { h.erase(h.begin() + 1); }), "[4]: missing");
    expect_reason(
        parsed_after([](M& h, M&) { set(h, 15, cbor::Value::map({{1, "a"}, {2, "s"}, {6, 1}})); }),
        "unknown label 2");
    expect_reason(parsed_after([](M&, M& p) { set(p, 1, "example.org/office-8/1"); }),
                  "not the issuer");
    expect_reason(parsed_after([](M&, M& p) { set(p, 2, -1); }), "[2]: -1");
    expect_reason(parsed_after([](M&, M& p) { set(p, 3, 0); }), "[3]: not a byte string");
    expect_reason(parsed_after([](M&, M& p) { set(p, 7, 0); }), "payload[7]: not an array");
    expect_reason(parsed_after([](M&, M& p) { set(p, 7, cbor::Array()); }), "payload[7]");
    expect_reason(parsed_after([](M&, M& p) { set(p, 7, cbor::Array{Bytes{1}}); }), "COSE");
    expect_reason(parsed_after([](M&, M& p) { set(p, 8, 0); }), "unknown label 8");
    expect_reason(parsed_after([](M&, M& p) { p.pop_back(); }), "[5]: missing");
    expect_reason(parsed_after([&](M&, M& p) {
                      set(p, 5, seals(cbor::Value::array({Digest{}, 6, 0, nullptr})));
                  }),
                  "[5][0][1]: 6");
    expect_reason(parsed_after([&](M&, M& p) {
                      set(p, 5, seals(cbor::Value::array({Bytes(8), 1, 0, nullptr})));
                  }),
                  "[5][0][0]: 8 bytes");
    expect_reason(
        parsed_after([&](M&, M& p) { set(p, 5, seals(cbor::Value::array({Digest{}, 1, 0}))); }),
        "[5][0]: 3 items");
    expect_reason(parsed_after([](M&, M& p) { set(p, 6, nullptr); }), "[6]: not an array");
}

TEST(SealState, KnowsItsNames) {
    for (int i = 0; i <= 5; ++i) {
        const auto state = static_cast<SealState>(i);
        EXPECT_EQ(seal_state_from_name(to_string(state)).value_or(SealState::active), state);
    }
    EXPECT_FALSE(seal_state_from_name("revoked").ok());
}

TEST(SealState, TerminalStatesNeverGoBack) {
    const std::vector<std::string> table = {
        // to: pre_active, active, suspended, retired, compromised, destroyed
        "yy.yyy",  // from pre_active
        ".yyyyy",  // from active
        ".yyyyy",  // from suspended
        "...yyy",  // from retired
        "....y.",  // from compromised
        "....yy",  // from destroyed
    };
    for (std::size_t from = 0; from < table.size(); ++from) {
        for (std::size_t to = 0; to < table.size(); ++to) {
            EXPECT_EQ(may_follow(SealState{static_cast<std::uint8_t>(from)},
                                 SealState{static_cast<std::uint8_t>(to)}),
                      table[from][to] == 'y')
                << from << " to " << to;
            if (is_terminal(SealState{static_cast<std::uint8_t>(from)}) &&
                !is_terminal(SealState{static_cast<std::uint8_t>(to)})) {
                EXPECT_NE(table[from][to], 'y');
            }
        }
    }
}

class StatusTransition : public ::testing::Test {
protected:
    SealSigner signer_ = SealSigner::eddsa(3);
    Status first_ = signed_status(signer_, first_snapshot(signer_.key()));

    std::string judged(const std::function<void(StatusSnapshot&)>& change) const {
        StatusSnapshot next = next_after(first_);
        change(next);
        EXPECT_TRUE(check_snapshot(next).ok()) << check_snapshot(next).error().message;
        const auto result = validate_transition(first_.snapshot, first_.entry, next);
        EXPECT_TRUE(result.ok() || result.error().code == Errc::conflict);
        return reason(result);
    }
};

using S = StatusSnapshot;

TEST_F(StatusTransition, AcceptsNoChangeNewSealsAndLaterStates) {
    EXPECT_EQ(judged([](S&) {}), "accepted");
    EXPECT_EQ(judged([](S& s) { s.seals.push_back({kid_of(3), SealState::active, 10, {}}); }),
              "accepted");
    EXPECT_EQ(judged([](S& s) { s.seals[0] = {kid_of(1), SealState::retired, 10, {}}; }),
              "accepted");
    EXPECT_EQ(judged([](S& s) { s.seals[0] = {kid_of(1), SealState::compromised, 10, 99}; }),
              "accepted");
}

TEST_F(StatusTransition, RefusesGapsRepeatsAndAnotherPredecessor) {
    expect_reason(judged([](S& s) { s.seq = 2; }), "seq 2 after 0");
    expect_reason(judged([](S& s) { s.previous = kid_of(5); }), "previous is not");
    expect_reason(judged([](S& s) { s.as_of_size = 0; }), "as_of_size 0 after 0");
    expect_reason(judged([](S& s) { s.origin = "example.org/office-8/1"; }), "another origin");
    const auto repeated = validate_transition(first_.snapshot, first_.entry, first_.snapshot);
    expect_reason(reason(repeated), "seq 0 after 0");
}

TEST_F(StatusTransition, RefusesVanishedSealsAndBackwardStates) {
    expect_reason(judged([](S& s) { s.seals.erase(s.seals.begin()); }), "vanished");
    expect_reason(judged([](S& s) { s.seals[0].state = SealState::pre_active; }),
                  "from active to pre_active");
    expect_reason(judged([](S& s) { s.seals[0].since_index = 10; }), "since_index moved");
    expect_reason(judged([](S& s) { s.seals[0] = {kid_of(1), SealState::retired, 0, {}}; }),
                  "before the change");
    expect_reason(judged([](S& s) { s.seals.push_back({kid_of(3), SealState::active, 0, {}}); }),
                  "before the change");
}

TEST_F(StatusTransition, DatesACompromiseEarlierButNeverLater) {
    StatusSnapshot snapshot = first_snapshot(signer_.key());
    snapshot.seals[0] = {kid_of(1), SealState::compromised, 0, 1000};
    first_ = signed_status(signer_, snapshot);
    EXPECT_EQ(judged([](S& s) { s.seals[0].invalid_from = 999; }), "accepted");
    EXPECT_EQ(judged([](S& s) { s.seals[0].invalid_from.reset(); }), "accepted");
    expect_reason(judged([](S& s) { s.seals[0].invalid_from = 1001; }), "dated later");
    snapshot.seals[0].invalid_from.reset();
    first_ = signed_status(signer_, snapshot);
    expect_reason(judged([](S& s) { s.seals[0].invalid_from = 1; }), "dated later");
}

TEST_F(StatusTransition, CarriesSealsIntoANewGeneration) {
    const auto reborn = [](S& s) {
        s.former = FormerLog{s.origin, kid_of(8)};
        s.origin = "example.org/office-7/2";
        s.seq = 0;
        s.previous.reset();
        s.as_of_size = 0;
    };
    EXPECT_EQ(judged(reborn), "accepted");
    expect_reason(judged([&](S& s) {
                      reborn(s);
                      s.former->origin = "example.org/office-9/1";
                  }),
                  "another origin");
    expect_reason(judged([&](S& s) {
                      reborn(s);
                      s.former.reset();
                  }),
                  "another origin");
    expect_reason(judged([&](S& s) {
                      reborn(s);
                      s.seals.clear();
                  }),
                  "vanished");
    expect_reason(judged([&](S& s) {
                      reborn(s);
                      s.seals[0].state = SealState::pre_active;
                  }),
                  "from active");
}

}  // namespace
}  // namespace fieldseal
