// SPDX-License-Identifier: Apache-2.0
// One attempt is one request: digest and nonce out, a token or a reason back. docs/states.md lists
// what each answer makes of the target.
#include "anchor/rfc3161_target.h"

#include "core/anchors/rfc3161_anchor.h"
#include "core/encoding.h"
#include "core/pki/certificate.h"
#include "core/pki/time_stamp.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::string_view kQueryType = "application/timestamp-query";
constexpr std::string_view kReplyType = "application/timestamp-reply";
constexpr std::int64_t kMaxRetryAfterSeconds = 86'400;  // the scheduler has its own, lower bound
constexpr std::size_t kQuotedTextBytes = 200;

Bytes without_leading_zeros(ByteView bytes) {
    const auto first =
        std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
    return {first, bytes.end()};
}

// Media types do not mind the case of letters (RFC 9110 §8.3.1).
bool is_reply_type(std::string_view type) {
    type = type.substr(0, type.find_first_of("; "));
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(type.begin(), type.end(), kReplyType.begin(), kReplyType.end(),
                      [&](char given, char wanted) { return lower(given) == wanted; });
}

// The authority's reasons: names of RFC 3161, then its own words.
std::string reasons_of(const pki::TimeStampReply& reply) {
    std::string text;
    for (const std::string& failure : reply.failures) text += (text.empty() ? "" : ", ") + failure;
    if (!reply.text.empty())
        text += (text.empty() ? "" : ": ") + quoted(reply.text, kQuotedTextBytes);
    return text.empty() ? "it gives no reason" : text;
}

class Rfc3161Target final : public Target {
public:
    Rfc3161Target(Rfc3161Settings settings, DrawNonce draw_nonce, HttpClient client)
        : settings_(std::move(settings)),
          draw_nonce_(std::move(draw_nonce)),
          client_(std::move(client)) {
        trust_.tsas = {settings_.authority};
    }

    std::string_view kind() const override { return "rfc3161"; }
    bool confirms_history() const override { return false; }
    Result<Outcome> submit(const SubmitContext& context) override;
    Result<Outcome> observe(const SubmitContext& context) override;
    Result<std::optional<AnchorPieces>> complete(const SubmitContext& context,
                                                 const AnchorPieces& pieces) override;

private:
    Outcome read_answer(const SubmitContext& context, const note::Checkpoint& checkpoint,
                        ByteView nonce, const HttpResponse& response) const;
    static Outcome read_refusal(const HttpResponse& response);
    Outcome read_reply(const SubmitContext& context, const note::Checkpoint& checkpoint,
                       ByteView nonce, ByteView body) const;
    Outcome take_token(const SubmitContext& context, const note::Checkpoint& checkpoint,
                       Bytes token) const;
    std::optional<std::string> objection_to(const anchors::JudgedToken& token,
                                            const SubmitContext& context) const;

    const Rfc3161Settings settings_;
    const DrawNonce draw_nonce_;
    HttpClient client_;
    Trust trust_;  // this authority and nobody else
};

Result<Outcome> Rfc3161Target::submit(const SubmitContext& context) {
    const auto checkpoint = FIELDSEAL_TRY(own_checkpoint(context));
    pki::TimeStampRequest query;
    query.imprint = checkpoint.digest();
    query.nonce = draw_nonce_();
    const auto& policies = settings_.authority.policies;
    if (policies.size() == 1) query.policy = policies.front();
    HttpRequest post;
    post.method = "POST";
    post.url = settings_.url;
    post.headers = {{"Content-Type", std::string(kQueryType)}, {"Accept", std::string(kReplyType)}};
    post.headers.insert(post.headers.end(), settings_.auth_headers.begin(),
                        settings_.auth_headers.end());
    post.body = to_text(FIELDSEAL_TRY(pki::encode_request(query)));
    post.limits = settings_.limits;
    post.limits.body_bytes_max = pki::kReplyBytesMax;
    const auto response = client_.send(post, context.stop);
    if (!response.ok()) return outcome_of(response.error());
    return read_answer(context, checkpoint, query.nonce, *response);
}

Outcome Rfc3161Target::read_answer(const SubmitContext& context, const note::Checkpoint& checkpoint,
                                   ByteView nonce, const HttpResponse& response) const {
    if (response.status != 200) return read_refusal(response);
    const std::string& type = response.content_type;
    if (!is_reply_type(type)) {
        return Misbehaving{"it answered with " + quoted(type) + " instead of " +
                           std::string(kReplyType) +
                           ": a captive portal, a proxy, or not the address of an authority"};
    }
    return read_reply(context, checkpoint, nonce, as_bytes(response.body));
}

Outcome Rfc3161Target::read_refusal(const HttpResponse& response) {
    const int status = response.status;
    const std::string said = "it answered " + std::to_string(status);
    if (status == 429 || status == 408 || status >= 500) {
        const std::uint64_t wait_s =
            std::min<std::uint64_t>(response.retry_after_s.value_or(0), kMaxRetryAfterSeconds);
        return Busy{said, static_cast<std::int64_t>(wait_s) * 1000};
    }
    if (status >= 400) return Refused{said + "; check the address, and the target's auth_file"};
    if (status >= 300) {
        return Misbehaving{"it redirects to " + quoted(response.location) +
                           "; redirects are never followed, correct the target's address"};
    }
    return Misbehaving{said + ", which is no answer to a time-stamp request"};
}

Outcome Rfc3161Target::read_reply(const SubmitContext& context, const note::Checkpoint& checkpoint,
                                  ByteView nonce, ByteView body) const {
    auto reply = pki::parse_reply(body);
    if (!reply.ok()) return Misbehaving{reply.error().message};
    if (!reply->is_granted()) {
        const std::string said = "the authority does not stamp: " + reasons_of(*reply);
        if (reply->is_passing_trouble()) return Busy{said, 0};
        return Refused{said + "; ask its operator"};
    }
    const auto token = pki::TimeStampToken::parse(reply->token);
    if (!token.ok()) return Misbehaving{token.error().message};
    if (token->nonce() != without_leading_zeros(nonce)) {
        return Misbehaving{
            "its token has another nonce than our request: an answer to somebody else, or an old "
            "one"};
    }
    return take_token(context, checkpoint, std::move(reply->token));
}

Outcome Rfc3161Target::take_token(const SubmitContext& context, const note::Checkpoint& checkpoint,
                                  Bytes token) const {
    const anchors::Rfc3161Anchor anchor{std::move(token), {}, {}};
    const anchors::JudgedToken judged =
        anchors::judge_token({anchor.token, checkpoint.digest()}, trust_.tsas);
    if (judged.finding != anchors::Finding::proven) return Misbehaving{judged.message};
    if (auto objection = objection_to(judged, context)) return Misbehaving{std::move(*objection)};
    Anchored anchored;
    anchored.pieces.note = std::string(context.note);
    anchored.pieces.anchors_json = to_json(std::vector{anchors::to_anchor(anchor)});
    anchored.target_size = context.size;
    anchored.time_s = judged.time_s;
    anchored.complete = true;
    return anchored;
}

std::optional<std::string> Rfc3161Target::objection_to(const anchors::JudgedToken& token,
                                                       const SubmitContext& context) const {
    // genTime itself: a wide accuracy is no leave to date tokens ahead.
    if (context.now_s > 0 && token.time_s - settings_.skew_s > context.now_s) {
        return "its token is dated " + rfc3339(token.time_s) + ", this machine's clock says " +
               rfc3339(context.now_s) + ": check the clock here, then the authority";
    }
    if (token.not_after_s + settings_.skew_s < context.not_before_s) {
        return "its token is dated " + rfc3339(token.time_s) + ", and nothing before " +
               rfc3339(context.not_before_s) +
               " can be an answer to this request: a clock that went back";
    }
    return std::nullopt;
}

Result<Outcome> Rfc3161Target::observe(const SubmitContext& /*context*/) {
    return Outcome(Refused{
        "an authority stamps digests and compares nothing, so it cannot confirm that our log only "
        "grew; ask a witness (`fieldseal sync`), or decide with `fieldseal doctor`"});
}

Result<std::optional<AnchorPieces>> Rfc3161Target::complete(const SubmitContext& /*context*/,
                                                            const AnchorPieces& /*pieces*/) {
    return std::optional<AnchorPieces>();
}

Error wrong(const Rfc3161Settings& settings, const std::string& what) {
    return Error{Errc::invalid_argument, "target " + quoted(settings.name) + ": " + what};
}

Result<void> check_authority(const Rfc3161Settings& settings) {
    if (settings.authority.roots.empty()) return wrong(settings, "the authority needs a root");
    for (const Bytes& der : settings.authority.roots) {
        const auto root = pki::Certificate::parse(der);
        if (!root.ok()) return wrong(settings, "a root is unusable: " + root.error().message);
    }
    for (const std::string& policy : settings.authority.policies) {
        if (!pki::is_oid(policy)) {
            return wrong(settings, quoted(policy) + " is no policy: write an OID such as 1.2.3.4");
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Target>> open_rfc3161_target(Rfc3161Settings settings,
                                                    DrawNonce draw_nonce) {
    const auto address = check_url(settings.url);
    if (!address.ok()) return wrong(settings, address.error().message);
    FIELDSEAL_TRY(check_authority(settings));
    auto client = FIELDSEAL_TRY(HttpClient::open(settings.tls));
    return std::unique_ptr<Target>(std::make_unique<Rfc3161Target>(
        std::move(settings), std::move(draw_nonce), std::move(client)));
}

}  // namespace fieldseal::anchor
