// SPDX-License-Identifier: Apache-2.0
// The adapter against an authority of OpenSSL's that can do everything wrong, and the scheduler
// over weeks without one. The daemon's side: tests/integration/time_stamp_test.py.
#include "anchor/rfc3161_target.h"

#include "core/anchors/rfc3161_anchor.h"
#include "core/pki/certificate.h"
#include "tests/support/scripted_server.h"
#include "tests/support/test_log.h"
#include "tests/support/tsa/authority.h"

#include <gtest/gtest.h>

#include <atomic>

namespace fieldseal::anchor {
namespace {

using testing::Connection;
using testing::ScriptedServer;
using testing::StampAuthority;
using testing::StampFault;
using testing::TestLog;

constexpr std::string_view kOrigin = "office.example/node-1/1";
constexpr std::string_view kReplyType = "Content-Type: application/timestamp-reply\r\n";
constexpr std::int64_t kDay_ms = 86'400'000;

std::int64_t now_s() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

class Rfc3161TargetTest : public ::testing::Test {
protected:
    Rfc3161TargetTest()
        : log_(kOrigin, 0x11, 9), server_([this](Connection& connection) { serve(connection); }) {
        view_.origin = log_.origin();
        settings_.name = "post";
        settings_.url = server_.url() + "/tsa";
        settings_.authority = pin();
        settings_.limits.total_timeout = std::chrono::seconds(5);
    }

    TrustedTsa pin() const {
        TrustedTsa tsa;
        const auto roots = pki::parse_pem_certificates(authority_.root_pem());
        EXPECT_TRUE(roots.ok());
        for (const auto& root : *roots) tsa.roots.push_back(root.der());
        tsa.policies = {std::string(StampAuthority::kPolicy)};
        return tsa;
    }
    Outcome submit(std::uint64_t size = 5, std::int64_t not_before_s = 0) {
        auto target = open_rfc3161_target(settings_, [this] { return draw(); });
        EXPECT_TRUE(target.ok()) << target.error().message;
        const std::string note = log_.note(size);
        SubmitContext context;
        context.log = &view_;
        context.note = note;
        context.size = size;
        context.now_s = now_s();
        context.not_before_s = not_before_s;
        auto outcome = (*target)->submit(context);
        EXPECT_TRUE(outcome.ok());
        return *std::move(outcome);
    }
    // Another nonce each time, as the node draws them; the first byte is 0 now and then.
    Bytes draw() {
        Bytes nonce(kStampNonceBytes, 0x7A);
        nonce[0] = static_cast<std::uint8_t>(draws_ % 3 == 0 ? 0 : draws_);
        nonce[5] = static_cast<std::uint8_t>(++draws_);
        return nonce;
    }
    std::string misbehaviour(StampFault fault) {
        fault_ = fault;
        const Outcome outcome = submit();
        const auto* misbehaving = std::get_if<Misbehaving>(&outcome);
        EXPECT_NE(misbehaving, nullptr) << "fault " << static_cast<int>(fault);
        return misbehaving != nullptr ? misbehaving->why : "";
    }

    void serve(Connection& connection) {
        const auto request = connection.read_request();
        if (!request) return;
        last_head_ = request->head;
        if (status_ != 200) {
            connection.answer(status_, "Retry-After: 7\r\n", "");
            return;
        }
        const Bytes reply = authority_.answer(as_bytes(request->body), fault_, now_s());
        connection.answer(200, content_type_, as_text(reply));
    }

    const StampAuthority authority_;
    TestLog log_;
    LogView view_;
    std::atomic<StampFault> fault_{StampFault::none};
    std::atomic<int> status_{200};
    std::string content_type_{kReplyType};
    std::string last_head_;
    int draws_ = 0;
    Rfc3161Settings settings_;
    ScriptedServer server_;
};

TEST_F(Rfc3161TargetTest, BringsHomeATokenThatAVerifierTakes) {
    for (int round = 0; round < 4; ++round) {
        const Outcome outcome = submit();
        const auto* anchored = std::get_if<Anchored>(&outcome);
        ASSERT_NE(anchored, nullptr) << std::get<Misbehaving>(outcome).why;
        EXPECT_EQ(anchored->pieces.note, log_.note(5));
        EXPECT_TRUE(anchored->complete);
        EXPECT_NEAR(static_cast<double>(anchored->time_s), static_cast<double>(now_s()), 5);
        const auto anchors = parse_anchors(anchored->pieces.anchors_json);
        ASSERT_TRUE(anchors.ok());
        Trust trust;
        trust.tsas = {pin()};
        const auto judged =
            anchors::check_rfc3161_anchor(anchors->at(0), log_.checkpoint(5), trust);
        EXPECT_EQ(judged.finding, anchors::Finding::proven) << judged.message;
    }
    EXPECT_NE(last_head_.find("Content-Type: application/timestamp-query"), std::string::npos);
    EXPECT_EQ(last_head_.find("POST /tsa "), 0U);
}

TEST_F(Rfc3161TargetTest, EachLieIsRefusedWithItsOwnReason) {
    const auto expect = [&](StampFault fault, std::string_view words) {
        const std::string why = misbehaviour(fault);
        EXPECT_NE(why.find(words), std::string::npos) << why;
    };
    expect(StampFault::wrong_nonce, "another nonce");
    expect(StampFault::wrong_imprint, "not the checkpoint's digest");
    expect(StampFault::no_usage, "no extended key usage");
    expect(StampFault::usage_not_critical, "as critical");
    expect(StampFault::usage_with_others, "beside time-stamping");
    expect(StampFault::expired, "is valid from");
    expect(StampFault::edwards_key, "ED25519");
    expect(StampFault::other_policy, "1.3.6.1.4.1.99999.2");
    expect(StampFault::no_accuracy, "how sure its time is");
    expect(StampFault::strangers_root, "knows no time-stamping authority");
    expect(StampFault::in_future, "this machine's clock says");
    expect(StampFault::in_unsure_future, "this machine's clock says");
    expect(StampFault::garbage, "DER");
    expect(StampFault::cut, "DER");
}

TEST_F(Rfc3161TargetTest, RejectionsAreRefusalsOrPass) {
    fault_ = StampFault::rejection;
    const Outcome rejected = submit();
    ASSERT_TRUE(std::holds_alternative<Refused>(rejected));
    EXPECT_NE(std::get<Refused>(rejected).why.find("unacceptedPolicy"), std::string::npos);
    EXPECT_NE(std::get<Refused>(rejected).why.find("this policy is not served"), std::string::npos);
    fault_ = StampFault::no_time;
    const Outcome busy = submit();
    ASSERT_TRUE(std::holds_alternative<Busy>(busy));
    EXPECT_NE(std::get<Busy>(busy).why.find("timeNotAvailable"), std::string::npos);
}

TEST_F(Rfc3161TargetTest, StatusesOfHttpAreWhatTheyAreElsewhere) {
    const auto answer = [&](int status) {
        status_ = status;
        return submit();
    };
    EXPECT_EQ(std::get<Busy>(answer(503)).retry_after_ms, 7000);
    EXPECT_TRUE(std::holds_alternative<Busy>(answer(429)));
    EXPECT_TRUE(std::holds_alternative<Refused>(answer(401)));
    EXPECT_TRUE(std::holds_alternative<Misbehaving>(answer(302)));
    EXPECT_TRUE(std::holds_alternative<Misbehaving>(answer(204)));
}

TEST_F(Rfc3161TargetTest, OtherContentIsNotReadAsAReply) {
    content_type_ = "Content-Type: Application/Timestamp-Reply; charset=binary\r\n";
    EXPECT_TRUE(std::holds_alternative<Anchored>(submit()));
    content_type_ = "Content-Type: text/html\r\n";
    EXPECT_NE(misbehaviour(StampFault::none).find("captive portal"), std::string::npos);
}

TEST_F(Rfc3161TargetTest, SilenceIsOffline) {
    {
        const ScriptedServer gone([](Connection&) {});
        settings_.url = gone.url();
    }
    EXPECT_TRUE(std::holds_alternative<Offline>(submit()));
}

TEST_F(Rfc3161TargetTest, AnswerFromBeforeTheQuestionIsRefused) {
    const Outcome outcome = submit(5, now_s() + 1000);
    ASSERT_TRUE(std::holds_alternative<Misbehaving>(outcome));
    EXPECT_NE(std::get<Misbehaving>(outcome).why.find("a clock that went back"), std::string::npos);
}

TEST_F(Rfc3161TargetTest, SendsTheHeaderOfItsAuthorisation) {
    settings_.auth_headers = {{"Authorization", "Basic dXNlcjpwYXNz"}};
    EXPECT_TRUE(std::holds_alternative<Anchored>(submit()));
    EXPECT_NE(last_head_.find("Authorization: Basic dXNlcjpwYXNz\r\n"), std::string::npos);
}

TEST_F(Rfc3161TargetTest, TellsWhichSettingIsWrong) {
    const auto refused = [&](const std::function<void(Rfc3161Settings&)>& edit) {
        Rfc3161Settings settings = settings_;
        edit(settings);
        const auto target = open_rfc3161_target(settings, [this] { return draw(); });
        return !target.ok() && target.error().code == Errc::invalid_argument;
    };
    EXPECT_TRUE(refused([](Rfc3161Settings& it) { it.authority.roots.clear(); }));
    EXPECT_TRUE(refused([](Rfc3161Settings& it) { it.authority.roots = {Bytes{0x30, 0x00}}; }));
    EXPECT_TRUE(refused([](Rfc3161Settings& it) { it.authority.policies = {"post"}; }));
    EXPECT_TRUE(refused([](Rfc3161Settings& it) { it.url = "ftp://post.example"; }));
}

TEST_F(Rfc3161TargetTest, ConfirmsNothingAboutHistory) {
    const auto target = open_rfc3161_target(settings_, [this] { return draw(); });
    EXPECT_FALSE((*target)->confirms_history());
    EXPECT_TRUE(std::holds_alternative<Refused>(*(*target)->observe({})));
}

// Six weeks without the authority, a checkpoint each hour; then it is back. One request catches up:
// the newest checkpoint covers all before it.
TEST_F(Rfc3161TargetTest, WeeksOfSilenceAreCaughtUpWithOneToken) {
    TargetState state;
    const SchedulePolicy policy;
    std::int64_t clock_ms = 1'800'000'000'000;
    int sent = 0;
    std::optional<Outcome> last;
    bool is_up = false;
    const auto step = [&](const Event& event, auto&& again) -> void {
        const Step next = advance(state, event, {clock_ms, 7}, policy);
        state = next.state;
        for (const Action& action : next.actions) {
            const auto* request = std::get_if<Submit>(&action);
            if (request == nullptr) continue;
            ++sent;
            last = is_up ? submit(request->size) : Outcome(Offline{"no connection"});
            again(to_reply(*last, request->size), again);
        }
    };
    const auto happen = [&](const Event& event) { step(event, step); };
    happen(Started{0});
    const std::int64_t end_ms = clock_ms + 42 * kDay_ms;
    for (std::uint64_t size = 1; clock_ms < end_ms; clock_ms += 3'600'000, ++size) {
        log_.grow_to(size);
        happen(CheckpointMade{size});
        happen(Tick{});
    }
    EXPECT_EQ(state.phase, Phase::waiting);
    EXPECT_EQ(state.anchored_size, 0U);
    EXPECT_EQ(state.wanted_size, 42U * 24U);
    const int sent_before = sent;
    is_up = true;
    clock_ms = *next_wakeup_ms(state);
    happen(Tick{});
    EXPECT_EQ(sent, sent_before + 1);
    ASSERT_TRUE(std::holds_alternative<Anchored>(*last));
    EXPECT_EQ(state.phase, Phase::anchored);
    EXPECT_EQ(state.anchored_size, 42U * 24U);
}

}  // namespace
}  // namespace fieldseal::anchor
