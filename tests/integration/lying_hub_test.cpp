// SPDX-License-Identifier: Apache-2.0
// Each lie of tests/support/lying_hub.h against the real adapter and the real scheduler, over real
// sockets: never a wrong "anchored", the phase that docs/states.md names, bounded time and memory,
// and all is well again when the hub is honest. Time in the schedule is moved by hand.
#include "tests/support/lying_hub.h"

#include "anchor/schedule.h"
#include "anchor/witness_target.h"
#include "core/encoding.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_identity.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <sys/resource.h>

namespace fieldseal::anchor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Lie;
using testing::LyingHub;
using testing::TestLog;

constexpr std::int64_t kNow = 1'795'000'000;
constexpr std::uint8_t kOfficeSeed = 0x11;
const std::string kOrigin = "office.example/node-1/1";

constexpr milliseconds kConnectDeadline{500};
constexpr milliseconds kTotalDeadline{700};
// Three requests at most in one attempt, and slack for a busy machine.
constexpr milliseconds kAttemptMax = 3 * kTotalDeadline + milliseconds(3000);

// An office as its anchor worker sees it: a log, one target, what was stored about it.
class Office {
public:
    explicit Office(const LyingHub& hub) : Office(hub, TestLog(kOrigin, kOfficeSeed, 5)) {}
    Office(const LyingHub& hub, TestLog log, TlsSettings tls = {}) : log_(std::move(log)) {
        WitnessSettings settings;
        settings.name = "hub";
        settings.url = hub.url();
        settings.vkey = note::format_vkey(hub.witness_key());
        settings.log_vkey = note::format_vkey(hub.log_key());
        settings.limits.connect_timeout = kConnectDeadline;
        settings.limits.total_timeout = kTotalDeadline;
        settings.tls = std::move(tls);
        auto target = open_witness_target(settings);
        EXPECT_TRUE(target.ok());
        target_ = *std::move(target);
        view_.origin = log_.origin();
        view_.vkey = note::format_vkey(log_.key());
        view_.consistency_proof = [this](std::uint64_t from, std::uint64_t to) {
            if (is_store_broken_) return Result<std::vector<Digest>>(Error{Errc::io, "disk"});
            return Result<std::vector<Digest>>(log_.consistency(from, to));
        };
        view_.root_at = [this](std::uint64_t size) -> Result<std::optional<Digest>> {
            if (size > log_.size()) return std::optional<Digest>();
            return std::optional<Digest>(log_.checkpoint(size).root);
        };
    }

    // Makes a checkpoint of this size and lets the worker do all that follows.
    void checkpoint(std::uint64_t size) {
        log_.grow_to(size);
        handle(CheckpointMade{size});
    }
    void handle(const Event& event) {
        Step step = advance(std::move(state_), event, Moment{now_ms_, 1}, SchedulePolicy{});
        state_ = std::move(step.state);
        for (const Action& action : step.actions) {
            if (const auto* alarm = std::get_if<Alarm>(&action)) alarms_.push_back(*alarm);
            if (std::holds_alternative<AlarmCleared>(action)) alarms_.clear();
            if (std::holds_alternative<Reconciled>(action)) is_reconciled_ = true;
        }
        for (const Action& action : step.actions) perform(action);
    }
    // Lets the time pass until the scheduler wants to act, once.
    void wait() {
        const auto wakeup = next_wakeup_ms(state_);
        ASSERT_TRUE(wakeup.has_value());
        now_ms_ = std::max(now_ms_, *wakeup);
        handle(Tick{});
    }

    // Another process takes over with this outbox row.
    void take_row(const TargetState& row) {
        state_ = *decode_target_state(encode_target_state(row));
    }

    void break_store(bool is_broken) { is_store_broken_ = is_broken; }

    const TargetState& state() const { return state_; }
    const std::vector<Alarm>& alarms() const { return alarms_; }
    bool is_reconciled() const { return is_reconciled_; }
    const std::map<std::uint64_t, AnchorPieces>& stored() const { return stored_; }
    const TestLog& log() const { return log_; }

private:
    void perform(const Action& action) {
        if (const auto* submit = std::get_if<Submit>(&action)) {
            const std::string note = log_.note(submit->size);
            SubmitContext context = context_of(note, submit->size);
            context.from_size = submit->from_size;
            context.not_before_s = submit->not_before_s;
            auto outcome = target_->submit(context);
            if (outcome.ok()) {
                if (auto* anchored = std::get_if<Anchored>(&*outcome)) {
                    stored_[submit->size] = anchored->pieces;
                }
            }
            handle(to_reply(outcome, submit->size));
        } else if (std::holds_alternative<FetchMonitor>(action)) {
            handle(to_reply(target_->observe(context_of("", 0)), 0));
        } else if (const auto* fetch = std::get_if<Complete>(&action)) {
            const AnchorPieces pieces = stored_.at(fetch->size);
            auto better = target_->complete(context_of(pieces.note, fetch->size), pieces);
            Completion reply{fetch->size, false, better.ok() ? "" : better.error().message};
            if (better.ok() && *better) {
                reply.found = true;
                stored_[fetch->size] = **better;
            }
            handle(reply);
        }
    }
    SubmitContext context_of(std::string_view note, std::uint64_t size) const {
        SubmitContext context;
        context.log = &view_;
        context.note = note;
        context.size = size;
        context.now_s = now_ms_ / 1000;
        return context;
    }

    TestLog log_;
    LogView view_;
    std::unique_ptr<Target> target_;
    TargetState state_;
    std::int64_t now_ms_ = kNow * 1000;
    std::vector<Alarm> alarms_;
    bool is_reconciled_ = false;
    bool is_store_broken_ = false;
    std::map<std::uint64_t, AnchorPieces> stored_;
};

// What is stored for `size` proves it: our signature, the target's cosignature, nothing else.
void expect_good_pieces(const Office& office, const LyingHub& hub, std::uint64_t size) {
    ASSERT_TRUE(office.stored().contains(size));
    const AnchorPieces& pieces = office.stored().at(size);
    const note::VerifierKey witness = hub.witness_key();
    const auto opened =
        note::open_checkpoint(pieces.note, office.log().key(), std::span(&witness, 1));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    EXPECT_EQ(opened->checkpoint, office.log().checkpoint(size));
    ASSERT_EQ(opened->cosignatures.size(), 1U);
    const auto parsed = note::parse_checkpoint_note(pieces.note);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->signatures.size(), 2U);
    EXPECT_EQ(*decode_anchor_pieces(encode_anchor_pieces(pieces)), pieces);
}

struct Case {
    Lie lie;
    std::string_view name;
    Phase phase;
    std::string_view words;  // of last_error
};

// The table of docs/states.md.
constexpr Case kCases[] = {
    {Lie::wrong_root, "wrong_root", Phase::misbehaving, "without a valid cosignature"},
    {Lie::stale_cosignature, "stale_cosignature", Phase::misbehaving,
     "without a valid cosignature"},
    {Lie::foreign_cosignature, "foreign_cosignature", Phase::misbehaving,
     "without a valid cosignature"},
    {Lie::renamed_cosignature, "renamed_cosignature", Phase::misbehaving,
     "without a valid cosignature"},
    {Lie::poisoned_line, "poisoned_line", Phase::misbehaving, "without a valid cosignature"},
    {Lie::injected_text, "injected_text", Phase::misbehaving, "without a valid cosignature"},
    {Lie::future_cosignature, "future_cosignature", Phase::misbehaving, "check the clock"},
    {Lie::zero_time, "zero_time", Phase::misbehaving, "without a valid cosignature"},
    {Lie::old_cosignature, "old_cosignature", Phase::misbehaving, "replay"},
    {Lie::empty_200, "empty_200", Phase::misbehaving, "without a valid cosignature"},
    {Lie::html_200, "html_200", Phase::misbehaving, "without a valid cosignature"},
    {Lie::larger_409, "larger_409", Phase::disagrees_without_proof, "at size 1009"},
    {Lie::smaller_409, "smaller_409", Phase::misbehaving, "from that very size"},
    {Lie::drifting_409, "drifting_409", Phase::waiting, "another one than before"},
    {Lie::untyped_409, "untyped_409", Phase::disagrees_without_proof, "409"},
    {Lie::malformed_409, "malformed_409", Phase::misbehaving, "malformed size"},
    {Lie::groundless_422, "groundless_422", Phase::disagrees_without_proof, "422"},
    {Lie::forked_checkpoint, "forked_checkpoint", Phase::stopped_by_proof, "another root"},
    {Lie::larger_checkpoint, "larger_checkpoint", Phase::stopped_by_proof, "larger than our log"},
    {Lie::foreign_checkpoint, "foreign_checkpoint", Phase::disagrees_without_proof,
     "not signed by our log"},
    {Lie::forbidden_403, "forbidden_403", Phase::refused, "enrol"},
    {Lie::unknown_404, "unknown_404", Phase::refused, "enrol"},
    {Lie::error_500, "error_500", Phase::waiting, "500"},
    {Lie::busy_503, "busy_503", Phase::waiting, "503"},
    {Lie::busy_429, "busy_429", Phase::waiting, "429"},
    {Lie::late_408, "late_408", Phase::waiting, "408"},
    {Lie::redirect, "redirect", Phase::misbehaving, "redirects"},
    {Lie::cut_body, "cut_body", Phase::misbehaving, "cut short"},
    {Lie::slow_body, "slow_body", Phase::misbehaving, "too slowly"},
    {Lie::huge_header, "huge_header", Phase::misbehaving, "header"},
    {Lie::endless_body, "endless_body", Phase::misbehaving, "body longer"},
    {Lie::no_answer, "no_answer", Phase::waiting, "no answer"},
    {Lie::not_http, "not_http", Phase::misbehaving, "not HTTP"},
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

class AnchorToLyingHub : public ::testing::Test {
protected:
    AnchorToLyingHub() : hub_(TestLog(kOrigin, kOfficeSeed, 0).key(), kNow) {}

    // Prepares what the hub shows on its monitoring path.
    void prepare(Lie lie) {
        if (lie == Lie::forked_checkpoint) hub_.show(TestLog(kOrigin, kOfficeSeed, 9, 1).note(7));
        if (lie == Lie::larger_checkpoint) hub_.show(TestLog(kOrigin, kOfficeSeed, 40).note(40));
        if (lie == Lie::foreign_checkpoint) hub_.show(TestLog(kOrigin, 0x22, 40).note(40));
        hub_.behave(lie);
    }
    // The hub is honest again; what a person or the node must do first is done.
    void heal(Office& office) {
        hub_.behave(Lie::none);
        office.handle(Overridden{});
        office.handle(RetryNow{});
    }

    LyingHub hub_;
};

class EachLie : public AnchorToLyingHub, public ::testing::WithParamInterface<Case> {};

TEST_P(EachLie, IsShownAsDocumentedAndForgivenWhenHonest) {
    const Case& c = GetParam();
    Office office(hub_);
    office.checkpoint(5);
    ASSERT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    prepare(c.lie);

    const auto begin = steady_clock::now();
    office.checkpoint(9);
    EXPECT_LT(steady_clock::now() - begin, kAttemptMax);
    EXPECT_EQ(office.state().phase, c.phase) << office.state().last_error;
    EXPECT_NE(office.state().last_error.find(c.words), std::string::npos)
        << office.state().last_error;
    EXPECT_EQ(office.state().anchored_size, 5U) << "never a wrong \"anchored\"";
    EXPECT_FALSE(office.stored().contains(9));
    const bool is_alarm = c.phase == Phase::refused || c.phase == Phase::stopped_by_proof ||
                          c.phase == Phase::disagrees_without_proof;
    ASSERT_EQ(office.alarms().size(), is_alarm ? 1U : 0U);
    if (is_alarm) {
        EXPECT_EQ(office.alarms()[0].kind == AlarmKind::stop_sealing,
                  c.phase == Phase::stopped_by_proof);
    }
    EXPECT_EQ(*decode_target_state(encode_target_state(office.state())), office.state());

    heal(office);
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    EXPECT_TRUE(office.alarms().empty());
    expect_good_pieces(office, hub_, 5);
    expect_good_pieces(office, hub_, 9);
    office.checkpoint(300);
    EXPECT_EQ(office.state().anchored_size, 300U);
}

TEST_P(EachLie, IsNotBelievedAtFirstContactEither) {
    const Case& c = GetParam();
    Office office(hub_, TestLog(kOrigin, kOfficeSeed, 9));
    prepare(c.lie);
    // With nothing to compare with, these answers are the first of their kind and true.
    const bool is_true_at_first = c.lie == Lie::old_cosignature;
    office.checkpoint(9);
    EXPECT_EQ(office.state().anchored_size, is_true_at_first ? 9U : 0U);
    heal(office);
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    expect_good_pieces(office, hub_, 9);
}

INSTANTIATE_TEST_SUITE_P(Hub, EachLie, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

std::int64_t peak_memory_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST_F(AnchorToLyingHub, CannotFillOurMemory) {
    constexpr std::int64_t kGrowthMaxKib = 16 * 1024;
    constexpr std::uint64_t kBytesMax = 32 * 1024 * 1024;  // what socket buffers may swallow
    for (const Lie lie : {Lie::huge_header, Lie::endless_body}) {
        Office office(hub_);
        hub_.behave(lie);
        const std::int64_t before = peak_memory_kib();
        office.checkpoint(5);
        EXPECT_EQ(office.state().phase, Phase::misbehaving);
        EXPECT_LT(peak_memory_kib() - before, kGrowthMaxKib);
        EXPECT_LT(hub_.bytes_sent(), kBytesMax);
    }
}

TEST_F(AnchorToLyingHub, MayForgetUsWithoutHarm) {
    Office office(hub_);
    office.checkpoint(5);
    hub_.forget();
    office.checkpoint(9);
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    EXPECT_EQ(hub_.state().head.size.value, 9U);
}

TEST_F(AnchorToLyingHub, LearnsASizeItGotFromAnAnswerWeLost) {
    Office first(hub_);
    first.checkpoint(9);
    // The row of this office still says 0: its process ended before the answer came.
    Office second(hub_);
    second.checkpoint(9);
    EXPECT_EQ(second.state().phase, Phase::anchored) << second.state().last_error;
    expect_good_pieces(second, hub_, 9);
    const auto requests = hub_.requests();
    EXPECT_EQ(std::count(requests.begin(), requests.end(), "POST /add-checkpoint"), 3)
        << "from 0, and once more from the size it named";
}

TEST_F(AnchorToLyingHub, WaitsWhenAnotherPathOfOursToldItMore) {
    Office ahead(hub_, TestLog(kOrigin, kOfficeSeed, 20));
    ahead.checkpoint(20);
    Office behind(hub_, TestLog(kOrigin, kOfficeSeed, 20));
    behind.checkpoint(9);
    EXPECT_EQ(behind.state().phase, Phase::waiting);
    EXPECT_NE(behind.state().last_error.find("it shows our checkpoint of size 20"),
              std::string::npos)
        << behind.state().last_error;
    EXPECT_TRUE(behind.alarms().empty());
    behind.checkpoint(20);
    behind.wait();
    EXPECT_EQ(behind.state().phase, Phase::anchored) << behind.state().last_error;
    expect_good_pieces(behind, hub_, 20);
}

TEST_F(AnchorToLyingHub, WaitsWhenOurOwnStoreFails) {
    Office office(hub_);
    office.checkpoint(5);
    office.break_store(true);
    office.checkpoint(9);
    EXPECT_EQ(office.state().phase, Phase::waiting);
    EXPECT_EQ(office.state().last_error, "disk");
    EXPECT_TRUE(office.alarms().empty());
    office.break_store(false);
    office.wait();
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    expect_good_pieces(office, hub_, 9);
}

TEST_F(AnchorToLyingHub, IsNotBelievedWithACertificateOrAPinThatDoesNotFit) {
    const testing::TempDirectory directory;
    const auto identity = std::make_shared<const testing::TlsIdentity>();
    const testing::TlsIdentity other;
    std::ofstream(directory / "ca.pem") << identity->certificate_pem();
    std::ofstream(directory / "other.pem") << other.certificate_pem();
    const LyingHub hub(TestLog(kOrigin, kOfficeSeed, 0).key(), kNow, identity);
    const TlsSettings good{directory / "ca.pem", identity->spki_pin()};
    for (const TlsSettings& bad : {TlsSettings{directory / "other.pem", ""},
                                   TlsSettings{directory / "ca.pem", other.spki_pin()}}) {
        Office office(hub, TestLog(kOrigin, kOfficeSeed, 5), bad);
        office.checkpoint(5);
        EXPECT_EQ(office.state().phase, Phase::misbehaving);
        EXPECT_NE(office.state().last_error.find("TLS"), std::string::npos)
            << office.state().last_error;
        EXPECT_TRUE(hub.requests().empty()) << "nothing is told to a stranger";
    }
    Office office(hub, TestLog(kOrigin, kOfficeSeed, 5), good);
    office.checkpoint(5);
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    expect_good_pieces(office, hub, 5);
}

TEST_F(AnchorToLyingHub, ProvesARollbackOfOurs) {
    Office before(hub_);
    before.checkpoint(5);
    const TargetState old_row = before.state();
    ASSERT_EQ(old_row.phase, Phase::anchored);
    before.checkpoint(20);
    // An old disk image: 5 entries. Its row may be missing, or old as well and say "anchored".
    for (const TargetState& row : {TargetState{}, old_row}) {
        Office restored(hub_);
        restored.take_row(row);
        restored.handle(Started{5, true});
        EXPECT_EQ(restored.state().phase, Phase::stopped_by_proof) << restored.state().last_error;
        ASSERT_EQ(restored.alarms().size(), 1U);
        EXPECT_EQ(restored.alarms()[0].kind, AlarmKind::stop_sealing);
        EXPECT_EQ(restored.state().alarm_note, before.log().note(20));
    }
}

TEST_F(AnchorToLyingHub, StartsUntroubledByWhatItShowsWithoutProof) {
    Office before(hub_);
    before.checkpoint(5);
    const auto expect_untroubled = [&](Lie lie) {
        prepare(lie);
        Office office(hub_);
        office.take_row(before.state());
        const std::size_t asked = hub_.requests().size();
        office.handle(Started{5, true});
        EXPECT_EQ(hub_.requests().size(), asked + 1);
        EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
        EXPECT_TRUE(office.state().last_error.empty());
        EXPECT_EQ(office.state().attempts, 0U);
        EXPECT_TRUE(office.alarms().empty());
    };
    expect_untroubled(Lie::none);
    expect_untroubled(Lie::foreign_checkpoint);
    hub_.forget();
    expect_untroubled(Lie::none);
}

TEST_F(AnchorToLyingHub, ReconcilesAHeldNodeOnlyByAFreshAnswer) {
    Office office(hub_);
    office.checkpoint(5);
    hub_.behave(Lie::old_cosignature);
    office.handle(Reconcile{});
    EXPECT_FALSE(office.is_reconciled());
    EXPECT_EQ(office.state().phase, Phase::misbehaving);
    hub_.behave(Lie::none);
    office.handle(RetryNow{});
    EXPECT_TRUE(office.is_reconciled());
    EXPECT_EQ(office.state().phase, Phase::anchored);
}

TEST_F(AnchorToLyingHub, ReconcilesAnEmptyNodeByTheMonitor) {
    Office empty(hub_, TestLog(kOrigin, kOfficeSeed, 0));
    empty.handle(Reconcile{});
    EXPECT_EQ(empty.state().phase, Phase::refused) << "a hub that never saw us proves nothing";
    Office other(hub_);
    other.checkpoint(5);
    empty.handle(RetryNow{});
    EXPECT_EQ(empty.state().phase, Phase::stopped_by_proof) << "we lost five entries";
    EXPECT_FALSE(empty.is_reconciled());
}

TEST_F(AnchorToLyingHub, GivesTheEntryInItsLogWhenItHasOne) {
    Office office(hub_);
    hub_.close_log(false);
    office.checkpoint(5);
    EXPECT_EQ(office.state().phase, Phase::anchored);
    EXPECT_TRUE(office.stored().at(5).logged_json.empty());
    hub_.close_log(true);
    office.wait();
    const auto proof = parse_proof(office.stored().at(5).logged_json);
    ASSERT_TRUE(proof.ok());
    EXPECT_EQ(next_wakeup_ms(office.state()), std::nullopt);
    office.checkpoint(9);
    EXPECT_FALSE(office.stored().at(9).logged_json.empty()) << "at once when it is there";
}

TEST_F(AnchorToLyingHub, IsNotBelievedAboutItsLog) {
    for (const Lie lie : {Lie::wrong_log_proof, Lie::nested_log_proof, Lie::stranger_log_proof,
                          Lie::renamed_log_proof}) {
        hub_.forget();
        hub_.behave(lie);
        Office office(hub_);
        office.checkpoint(5);
        EXPECT_EQ(office.state().phase, Phase::anchored) << "the cosignature is good";
        office.wait();
        EXPECT_TRUE(office.stored().at(5).logged_json.empty());
        EXPECT_NE(office.state().last_error.find("the entry in the log of"), std::string::npos)
            << office.state().last_error;
        expect_good_pieces(office, hub_, 5);
        hub_.behave(Lie::none);
        office.wait();
        EXPECT_FALSE(office.stored().at(5).logged_json.empty());
        EXPECT_TRUE(office.state().last_error.empty());
    }
}

TEST_F(AnchorToLyingHub, BringsNoLinesOfStrangersIntoOurNote) {
    Office office(hub_);
    hub_.behave(Lie::stranger_lines);
    office.checkpoint(5);
    EXPECT_EQ(office.state().phase, Phase::anchored) << office.state().last_error;
    expect_good_pieces(office, hub_, 5);
}

}  // namespace
}  // namespace fieldseal::anchor
