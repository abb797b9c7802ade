// SPDX-License-Identifier: Apache-2.0
// One submit() is one look at the chain and at most one transaction sent. What the lane decides
// (lane.h) is carried out here; every branch ends in an Outcome, docs/states.md lists them.
#include "anchor/evm/evm_target.h"

#include "anchor/evm/block.h"
#include "anchor/evm/capture.h"
#include "anchor/evm/chain_node.h"
#include "anchor/evm/fees.h"
#include "anchor/evm/json_fields.h"
#include "anchor/evm/lane.h"
#include "core/encoding.h"
#include "core/evm/transaction.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <unistd.h>

namespace fieldseal::anchor {
namespace {

constexpr std::uint32_t kUnknownErrorsMax = 8;     // in a row, then a person is told
constexpr std::uint64_t kHardeningSlackLooks = 2;  // more than the blocks that are needed
constexpr std::uint64_t kGasLimitMin = 21'000;     // no transaction takes less
constexpr std::uint32_t kBlockPeriodMax_s = 3600;
constexpr std::size_t kNodeMessageBytes = 200;
constexpr std::uint64_t kFillsPerLook = 16;

// What a failed exchange with the network means for the phase.
Result<Outcome> outcome_of(const Error& error, std::int64_t retry_after_ms) {
    switch (error.code) {
        case Errc::unavailable:
            return Outcome(Offline{error.message});
        case Errc::exhausted:
            return Outcome(Busy{error.message, retry_after_ms});
        case Errc::denied:
            return Outcome(Refused{error.message});
        case Errc::corrupt:
            return Outcome(Misbehaving{error.message});
        default:
            return error;
    }
}

// Our own store or key failed: never to be taken for something the network did.
Error ours(const Error& error, std::string_view doing) {
    const bool is_clear = error.code == Errc::locked || error.code == Errc::storage_full;
    return Error{is_clear ? error.code : Errc::io, std::string(doing) + ": " + error.message};
}

class EvmTarget final : public Target {
public:
    EvmTarget(EvmSettings settings, const ChainSigner& signer, LaneStore store, ChainNode node)
        : settings_(std::move(settings)),
          signer_(signer),
          store_(std::move(store)),
          node_(std::move(node)) {}

    std::string_view kind() const override { return "evm"; }
    bool confirms_history() const override { return false; }
    Result<Outcome> submit(const SubmitContext& context) override;
    Result<Outcome> observe(const SubmitContext& context) override;
    Result<std::optional<AnchorPieces>> complete(const SubmitContext& context,
                                                 const AnchorPieces& pieces) override;

private:
    Result<void> load();
    Result<void> save(Lane lane);
    Result<Outcome> look_and_move();
    Result<LaneSight> see(const NewestBlock& newest);
    Result<void> ask_another(LaneSight& sight);
    Result<void> keep_evidence(Lane& lane);
    Result<void> check_mode(const NewestBlock& newest) const;
    Result<FeeQuote> quote(const NewestBlock& newest);
    Result<Outcome> sign_and_send(const LaneStep& step, const NewestBlock& newest);
    Result<Outcome> replace_or_send(const LaneStep& step, const NewestBlock& newest);
    Result<Outcome> fill_and_send(const LaneStep& step, const NewestBlock& newest);
    Result<LaneAttempt> sign(std::uint64_t nonce, const Fee& fee) const;
    Result<LaneAttempt> sign(evm::TransactionTbs tbs, std::uint64_t nonce, const Fee& fee) const;
    Result<Outcome> send();
    Result<Outcome> answer_to(const RpcError& error);
    Result<std::optional<Captured>> capture_known(const CaptureRequest& request,
                                                  const Digest& transaction);
    Result<Outcome> take_anchor(const LaneStep& step, const NewestBlock& newest);
    Outcome underway(std::string why) const;
    Error refused(const std::string& what, const RpcError& error) const;

    const EvmSettings settings_;
    const ChainSigner& signer_;
    const LaneStore store_;
    ChainNode node_;
    Lane lane_;  // as the store has it, but for begin_digest()
};

// The lane's record -----------------------------------------------------------------------------

Result<void> EvmTarget::load() {
    const auto row = store_.load();
    if (!row.ok()) return ours(row.error(), "reading the chain lane");
    lane_ = Lane{};
    if (*row) {
        auto lane = decode_lane(**row);
        if (!lane.ok()) return ours(lane.error(), "reading the chain lane");
        lane_ = *std::move(lane);
    }
    if (lane_.chain_id == 0) {
        lane_.chain_id = settings_.chain.chain_id;
        lane_.account = signer_.address();
    }
    if (lane_.chain_id != settings_.chain.chain_id || lane_.account != signer_.address()) {
        return Error{Errc::conflict,
                     "the stored chain lane is of account " + evm::to_string(lane_.account) +
                         " on chain " + std::to_string(lane_.chain_id) + ", the target is set to " +
                         evm::to_string(signer_.address()) + " on chain " +
                         std::to_string(settings_.chain.chain_id) +
                         "; give a changed account or chain a target of its own"};
    }
    return {};
}

Result<void> EvmTarget::save(Lane lane) {
    const auto saved = store_.save(encode_lane(lane));
    if (!saved.ok()) return ours(saved.error(), "recording the chain lane");
    lane_ = std::move(lane);
    return {};
}

// One look --------------------------------------------------------------------------------------

Result<Outcome> EvmTarget::submit(const SubmitContext& context) {
    const auto checkpoint = FIELDSEAL_TRY(own_checkpoint(context));
    FIELDSEAL_TRY(load());
    if (is_free(lane_, context.size, context.from_size)) {
        lane_ = begin_digest(std::move(lane_), context.size, checkpoint.digest(),
                             std::string(context.note));
    }
    node_.begin(context.stop);
    for (;;) {
        const auto outcome = look_and_move();
        if (outcome.ok()) return outcome;
        const Errc code = outcome.error().code;
        const bool may_be_a_lie = code == Errc::corrupt || code == Errc::denied;
        if (may_be_a_lie && node_.distrust() && !context.stop.stop_requested()) continue;
        return outcome_of(outcome.error(), node_.retry_after_ms());
    }
}

Result<Outcome> EvmTarget::look_and_move() {
    const NewestBlock newest = FIELDSEAL_TRY(node_.newest_block());
    const LaneSight sight = FIELDSEAL_TRY(see(newest));
    LanePolicy policy;
    policy.seals_are_final = settings_.chain.mode != evm::Mode::plain;
    policy.confirmations = settings_.confirmations;
    policy.may_replace = settings_.fees.mode != FeeMode::zero;
    policy.replace_after_blocks = settings_.replace_after_blocks;
    LaneStep step = look(lane_, sight, policy);
    if (step.lane.is_sealed_gone) FIELDSEAL_TRY(keep_evidence(step.lane));
    switch (step.move) {
        case LaneMove::sign:
            return sign_and_send(step, newest);
        case LaneMove::replace:
            return replace_or_send(step, newest);
        case LaneMove::fill:
            return fill_and_send(step, newest);
        case LaneMove::capture:
            return take_anchor(step, newest);
        case LaneMove::send:
        case LaneMove::wait:
            break;
    }
    // Nothing signed, nothing to keep: the next checkpoint may take the lane.
    if (!step.lane.attempts.empty() && step.lane != lane_) FIELDSEAL_TRY(save(step.lane));
    Outcome outcome = underway(step.why);
    if (step.move == LaneMove::send) outcome = FIELDSEAL_TRY(send());
    if (auto* sent = std::get_if<Underway>(&outcome); sent != nullptr && step.is_told)
        sent->told = step.why;
    return outcome;
}

// In this order: what is missing later was not there earlier.
Result<LaneSight> EvmTarget::see(const NewestBlock& newest) {
    LaneSight sight;
    sight.head = newest.number;
    sight.count = FIELDSEAL_TRY(node_.transaction_count(lane_.account));
    for (std::size_t i = lane_.attempts.size(); i-- > 0;) {
        const auto place = FIELDSEAL_TRY(node_.place_of(lane_.attempts[i].hash));
        if (!place) continue;
        sight.mined = LaneBlock{static_cast<std::uint32_t>(i), place->number, place->hash};
        return sight;
    }
    const bool looks_taken = !lane_.attempts.empty() && sight.count > lane_.attempts.back().nonce;
    for (std::size_t i = 0; looks_taken && !sight.is_known && i < lane_.attempts.size(); ++i) {
        sight.is_known = FIELDSEAL_TRY(node_.knows(lane_.attempts[i].hash));
    }
    FIELDSEAL_TRY(ask_another(sight));
    return sight;
}

// The next look is another node's as long as this one does not show what we wait for: it may be
// behind, keep our bytes to itself, or lie about the count.
Result<void> EvmTarget::ask_another(LaneSight& sight) {
    if (lane_.attempts.empty()) {
        if (!lane_.is_used || sight.count == lane_.settled_count) return {};
        node_.turn_to_next();
        // A nonce is signed for at once, so the lower of two words counts: it costs a look at most.
        if (sight.count > lane_.settled_count) {
            sight.count =
                std::min(sight.count, FIELDSEAL_TRY(node_.transaction_count(lane_.account)));
        }
        return {};
    }
    const bool is_fresh = lane_.stage < LaneStage::sent;
    if (!is_fresh || sight.count != lane_.attempts.back().nonce) node_.turn_to_next();
    return {};
}

// As long as the node that is asked does not show the other block, the next look tries again.
Result<void> EvmTarget::keep_evidence(Lane& lane) {
    const auto twice = find_sealed_twice(node_, settings_.chain, lane.sealed_header);
    if (!twice.ok() || !*twice) return {};
    const auto kept = store_.keep_sealed_twice((*twice)->number, (*twice)->first, (*twice)->second);
    if (!kept.ok()) return ours(kept.error(), "keeping two sealed headers of one number");
    lane.is_sealed_gone = false;
    lane.alarm = "block " + std::to_string((*twice)->number) +
                 " was sealed twice by a quorum of its validators; both headers are kept in " +
                 *kept + ": show them to the network's operator";
    return {};
}

Outcome EvmTarget::underway(std::string why) const {
    return Underway{std::move(why), std::int64_t{settings_.block_period_s} * 1000, alarm_of(lane_)};
}

// Signing ---------------------------------------------------------------------------------------

// A chain of another kind than pinned would take our transaction and never give an anchor.
Result<void> EvmTarget::check_mode(const NewestBlock& newest) const {
    if (newest.number == 0) return {};
    const auto header = read_header(newest.block, settings_.chain.mode, newest.number);
    if (header.ok()) return {};
    return Error{Errc::denied, "its newest block is none of a chain that is pinned as " +
                                   std::string(evm::to_string(settings_.chain.mode)) + ": " +
                                   header.error().message + "; correct the pin's mode"};
}

Result<FeeQuote> EvmTarget::quote(const NewestBlock& newest) {
    FeeQuote quote;
    quote.base_fee_wei = newest.base_fee_wei;
    if (settings_.fees.mode == FeeMode::legacy) {
        quote.gas_price_wei = FIELDSEAL_TRY(node_.gas_price_wei());
    }
    return quote;
}

Result<LaneAttempt> EvmTarget::sign(std::uint64_t nonce, const Fee& fee) const {
    const auto& contract = settings_.chain.contract;
    evm::TransactionTbs tbs;
    tbs.to = contract ? *contract : signer_.address();
    tbs.data = contract ? evm::anchor_call(lane_.digest) : evm::anchor_note(lane_.digest);
    return sign(std::move(tbs), nonce, fee);
}

Result<LaneAttempt> EvmTarget::sign(evm::TransactionTbs tbs, std::uint64_t nonce,
                                    const Fee& fee) const {
    tbs.type = transaction_type(settings_.fees.mode);
    tbs.chain_id = settings_.chain.chain_id;
    tbs.nonce = nonce;
    tbs.max_fee = fee.max_wei;
    tbs.max_priority_fee = fee.priority_wei;
    tbs.gas_limit = settings_.fees.gas_limit;
    const auto signature = signer_.sign(tbs);
    if (!signature.ok()) return ours(signature.error(), "signing a transaction");
    LaneAttempt attempt;
    attempt.nonce = nonce;
    attempt.max_fee_wei = fee.max_wei;
    attempt.priority_fee_wei = fee.priority_wei;
    attempt.raw = FIELDSEAL_TRY(evm::assemble(tbs, *signature));
    const auto read_back = evm::parse_transaction(attempt.raw);
    if (!read_back.ok() || read_back->sender != signer_.address()) {
        return Error{Errc::internal, "the signed transaction does not give our own account back"};
    }
    attempt.hash = read_back->hash;
    return attempt;
}

Result<Outcome> EvmTarget::sign_and_send(const LaneStep& step, const NewestBlock& newest) {
    FIELDSEAL_TRY(check_mode(newest));
    const FeeQuote asked = FIELDSEAL_TRY(quote(newest));
    const Fee fee = FIELDSEAL_TRY(first_fee(settings_.fees, asked));
    const LaneAttempt attempt = FIELDSEAL_TRY(sign(step.nonce, fee));
    FIELDSEAL_TRY(save(with_attempt(step.lane, attempt, newest.number)));
    return send();
}

Result<Outcome> EvmTarget::replace_or_send(const LaneStep& step, const NewestBlock& newest) {
    const LaneAttempt& paid = step.lane.attempts.back();
    const auto fee = raised_fee(settings_.fees, {paid.max_fee_wei, paid.priority_fee_wei},
                                FIELDSEAL_TRY(quote(newest)));
    if (!fee) return send();
    const LaneAttempt attempt = FIELDSEAL_TRY(sign(paid.nonce, *fee));
    FIELDSEAL_TRY(save(with_attempt(step.lane, attempt, newest.number)));
    return send();
}

// The transactions before ours are gone. Empty ones take their nonces, so that ours, which pools
// still hold, is mined as it was signed; they carry nothing, so they need no record.
Result<Outcome> EvmTarget::fill_and_send(const LaneStep& step, const NewestBlock& newest) {
    if (step.lane != lane_) FIELDSEAL_TRY(save(step.lane));
    const FeeQuote asked = FIELDSEAL_TRY(quote(newest));
    const Fee fee = FIELDSEAL_TRY(first_fee(settings_.fees, asked));
    const std::uint64_t end = std::min(lane_.attempts.back().nonce, step.nonce + kFillsPerLook);
    evm::TransactionTbs empty;
    empty.to = signer_.address();
    for (std::uint64_t nonce = step.nonce; nonce < end; ++nonce) {
        const LaneAttempt filler = FIELDSEAL_TRY(sign(empty, nonce, fee));
        auto params = json::Value::array({hex_data(filler.raw)});
        FIELDSEAL_TRY(node_.call({"eth_sendRawTransaction", std::move(params)}));
    }
    return send();
}

// Sending ---------------------------------------------------------------------------------------

// Sends the last recorded attempt, byte for byte.
Result<Outcome> EvmTarget::send() {
    const LaneAttempt& attempt = lane_.attempts.back();
    const auto reply = FIELDSEAL_TRY(
        node_.call({"eth_sendRawTransaction", json::Value::array({hex_data(attempt.raw)})}));
    if (reply.error && classify(*reply.error) != RpcTrouble::already_there) {
        return answer_to(*reply.error);
    }
    const Lane sent = with_sent(lane_);
    if (sent != lane_) FIELDSEAL_TRY(save(sent));
    return underway("transaction 0x" + hex_encode(lane_.attempts.back().hash) + " (nonce " +
                    std::to_string(lane_.attempts.back().nonce) + ") is sent to " + node_.name() +
                    "; it waits for its block");
}

// Denied: another node of the network may take it, else a person has to act.
Error EvmTarget::refused(const std::string& what, const RpcError& error) const {
    return {Errc::denied, node_.name() + " refuses our transaction (" +
                              quoted(error.message, kNodeMessageBytes) + "): " + what};
}

Result<Outcome> EvmTarget::answer_to(const RpcError& error) {
    const std::string account = "account " + evm::to_string(signer_.address());
    const std::string said = node_.name() + ": " + quoted(error.message, kNodeMessageBytes);
    switch (classify(error)) {
        case RpcTrouble::nonce_used:
        case RpcTrouble::nonce_ahead:
            return underway(said + "; the next look tells");
        case RpcTrouble::underpriced_replacement:
            return underway(said + "; another transaction of this nonce waits for its block");
        case RpcTrouble::fee_too_low:
            if (settings_.fees.mode != FeeMode::zero) {
                node_.turn_to_next();
                return Outcome(Busy{said, 0});
            }
            return refused("this network is not free of fees; set the target's fees", error);
        case RpcTrouble::no_money:
            return refused(account + " cannot pay the fee; fund it, or use a free network", error);
        case RpcTrouble::gas:
            return refused(
                "correct the target's gas limit of " + std::to_string(settings_.fees.gas_limit),
                error);
        case RpcTrouble::wrong_chain:
            return refused("correct the pin's chain id", error);
        case RpcTrouble::not_permitted:
            return refused("ask the network's operator to permit " + account, error);
        case RpcTrouble::malformed:
            return refused(
                "it does not understand this kind of transaction; set the target's fees "
                "to what the network takes",
                error);
        default:
            break;
    }
    Lane lane = lane_;
    ++lane.unknown_errors;
    FIELDSEAL_TRY(save(lane));
    if (lane.unknown_errors < kUnknownErrorsMax) {
        node_.turn_to_next();
        return Outcome(Busy{said, 0});
    }
    return refused("tried " + std::to_string(lane.unknown_errors) +
                       " times; show this line to the network's operator",
                   error);
}

// The anchor ------------------------------------------------------------------------------------

// A block that is gone is a reorganisation, and the receipt goes with it; an endpoint that still
// names a block which it does not have is asked no more.
Result<std::optional<Captured>> EvmTarget::capture_known(const CaptureRequest& request,
                                                         const Digest& transaction) {
    auto captured = FIELDSEAL_TRY(capture(node_, request));
    if (captured) return captured;
    if (FIELDSEAL_TRY(node_.place_of(transaction)) != request.place) return captured;
    captured = FIELDSEAL_TRY(capture(node_, request));
    if (captured) return captured;
    return Error{Errc::corrupt, node_.name() + ": its receipt names block " +
                                    std::to_string(request.place.number) + " (0x" +
                                    hex_encode(request.place.hash) + "), and it has no such block"};
}

Result<Outcome> EvmTarget::take_anchor(const LaneStep& step, const NewestBlock& newest) {
    // Without seals the newest block's number counted as confirmations: it must be that block's.
    const evm::Mode mode = settings_.chain.mode;
    if (mode == evm::Mode::plain) FIELDSEAL_TRY(read_header(newest.block, mode, newest.number));
    if (step.lane != lane_) FIELDSEAL_TRY(save(step.lane));
    const auto ours_note = FIELDSEAL_TRY(note::parse_checkpoint_note(lane_.note));
    const LaneAttempt& attempt = lane_.attempts[lane_.block.attempt];
    const CaptureRequest request{settings_.chain,
                                 ours_note.checkpoint,
                                 attempt.raw,
                                 {lane_.block.number, lane_.block.hash},
                                 newest.number};
    const auto captured = FIELDSEAL_TRY(capture_known(request, attempt.hash));
    if (!captured) return underway(step.why + ", which is not on the chain any more");
    Lane lane = with_final(lane_, captured->header);
    if (!captured->is_complete) {
        ++lane.final_looks;
        node_.turn_to_next();
    }
    if (lane != lane_) FIELDSEAL_TRY(save(lane));
    if (!captured->is_complete &&
        lane_.final_looks <= captured->headers_needed + kHardeningSlackLooks) {
        return underway(step.why + ", final; later blocks are to bound its time");
    }
    Anchored anchored;
    anchored.pieces.note = lane_.note;
    anchored.pieces.anchors_json = to_json(std::vector{captured->anchor});
    anchored.target_size = lane_.size;
    anchored.time_s = captured->time_s;
    anchored.size = lane_.size;
    anchored.complete = captured->is_complete;
    return Outcome(std::move(anchored));
}

Result<Outcome> EvmTarget::observe(const SubmitContext& /*context*/) {
    return Outcome(Refused{
        "a chain holds digests and compares nothing, so it cannot confirm that our log only grew; "
        "ask a witness (`fieldseal sync`), or decide with `fieldseal doctor`"});
}

Result<std::optional<AnchorPieces>> EvmTarget::complete(const SubmitContext& context,
                                                        const AnchorPieces& pieces) {
    using Pieces = std::optional<AnchorPieces>;
    const auto ours_note = FIELDSEAL_TRY(note::parse_checkpoint_note(pieces.note));
    if (pieces.anchors_json.empty()) return Pieces();
    const auto stored = FIELDSEAL_TRY(parse_anchors(pieces.anchors_json));
    if (stored.size() != 1) return Pieces();
    node_.begin(context.stop);
    const auto captured = harden(node_, settings_.chain, ours_note.checkpoint, stored.front());
    if (!captured.ok()) {
        const bool is_silence =
            captured.error().code == Errc::unavailable || captured.error().code == Errc::exhausted;
        if (is_silence) return Pieces();
        return captured.error();
    }
    if (!*captured) {
        node_.turn_to_next();  // whoever withholds the later headers is not the one asked again
        return Pieces();
    }
    AnchorPieces better = pieces;
    better.anchors_json = to_json(std::vector{(*captured)->anchor});
    return Pieces(std::move(better));
}

Error wrong(const EvmSettings& settings, const std::string& what) {
    return Error{Errc::invalid_argument, "target " + quoted(settings.name) + ": " + what};
}

Result<JsonRpc> open_rpc(const EvmSettings& settings) {
    return JsonRpc::open({settings.urls, settings.auth_headers, settings.tls, settings.limits});
}

Result<void> check_rules(const EvmSettings& settings) {
    const TrustedChain& chain = settings.chain;
    if (chain.id.empty()) return wrong(settings, "the chain needs a name");
    if (chain.chain_id == 0 || chain.chain_id > evm::kChainIdMax) {
        return wrong(settings, "the chain id must be 1 to " + std::to_string(evm::kChainIdMax));
    }
    if (chain.curve != ChainCurve::secp256k1) {
        return wrong(settings, "only chains of the curve secp256k1 can be anchored to");
    }
    if (chain.mode != evm::Mode::plain && chain.validator_sets.empty()) {
        return wrong(settings, "a chain of mode " + std::string(evm::to_string(chain.mode)) +
                                   " needs its validators in the pin");
    }
    if (settings.block_period_s == 0 || settings.block_period_s > kBlockPeriodMax_s) {
        return wrong(settings, "the block period must be 1 to " +
                                   std::to_string(kBlockPeriodMax_s) + " seconds");
    }
    if (settings.fees.gas_limit < kGasLimitMin) {
        return wrong(settings, "the gas limit must be at least " + std::to_string(kGasLimitMin));
    }
    const bool pays_tip = settings.fees.mode == FeeMode::market;
    if (pays_tip && settings.fees.priority_fee_wei > settings.fees.max_fee_wei) {
        return wrong(settings, "the priority fee is above the ceiling of the fee");
    }
    return {};
}

}  // namespace

Result<void> check_evm_settings(const EvmSettings& settings) {
    FIELDSEAL_TRY(check_rules(settings));
    // Only when a target is added: a node that has it already goes on with what it has.
    const std::set<std::string> urls(settings.urls.begin(), settings.urls.end());
    if (urls.size() != settings.urls.size())
        return wrong(settings, "one address stands there twice: give each node once");
    const std::string& ca_file = settings.tls.ca_file;
    if (!ca_file.empty() && ::access(ca_file.c_str(), R_OK) != 0) {
        return wrong(settings, "the CA file " + quoted(ca_file) + " cannot be read (" +
                                   std::strerror(errno) + ")");
    }
    FIELDSEAL_TRY(open_rpc(settings));
    return {};
}

Result<std::unique_ptr<Target>> open_evm_target(EvmSettings settings, const ChainSigner& signer,
                                                LaneStore store) {
    FIELDSEAL_TRY(check_rules(settings));
    auto rpc = FIELDSEAL_TRY(open_rpc(settings));
    ChainNode node(std::move(rpc), {settings.chain.chain_id, settings.genesis_hash});
    return std::unique_ptr<Target>(std::make_unique<EvmTarget>(std::move(settings), signer,
                                                               std::move(store), std::move(node)));
}

}  // namespace fieldseal::anchor
