// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/chain_target.h"

#include "core/encoding.h"
#include "core/evm/quorum.h"
#include "node/anchoring/target_link.h"
#include "node/custody/private_file.h"
#include "store/crash_point.h"

#include <filesystem>

namespace fieldseal::node {
namespace {

constexpr std::uint64_t kWeiPerGwei = 1'000'000'000;
constexpr std::uint32_t kBlockPeriodDefault_s = 5;

Result<ChainPin> read_pin(const std::string& path) {
    // Whoever may write the pin decides which anchors this node believes.
    auto text = read_private_file(path, kChainPinBytesMax);
    if (!text.ok() && text.error().code == Errc::not_found) {
        return Error{Errc::not_found, "there is no chain pin " + fieldseal::quoted(path, 200) +
                                          ": put the file back, or remove its [[target]]"};
    }
    if (!text.ok()) return text.error().with_context("the chain pin");
    auto pin = parse_chain_pin(as_text(*text));
    if (!pin.ok()) return pin.error().with_context(fieldseal::quoted(path, 200));
    return pin;
}

anchor::FeeMode fee_mode(TargetFees fees) {
    switch (fees) {
        case TargetFees::zero:
            return anchor::FeeMode::zero;
        case TargetFees::legacy:
            return anchor::FeeMode::legacy;
        case TargetFees::market:
            return anchor::FeeMode::market;
    }
    return anchor::FeeMode::zero;
}

bool is_sealed(const evm::Header& header, const TrustedChain& chain) {
    const ValidatorSet* set = chain.find_set(header.number);
    return set != nullptr &&
           evm::count_seals(header, set->validators).finding == evm::SealFinding::sealed;
}

}  // namespace

Result<anchor::EvmSettings> chain_settings(const Config::Target& target) {
    return chain_settings(target, FIELDSEAL_TRY(read_pin(target.chain_file)));
}

Result<anchor::EvmSettings> chain_settings(const Config::Target& target, ChainPin pin) {
    anchor::EvmSettings settings;
    settings.name = target.name;
    settings.urls.push_back(target.url);
    settings.urls.insert(settings.urls.end(), target.more_urls.begin(), target.more_urls.end());
    settings.auth_headers = FIELDSEAL_TRY(read_auth_headers(target));
    settings.tls = tls_settings(target);
    settings.limits = http_limits(target);
    settings.chain = std::move(pin.chain);
    settings.genesis_hash = pin.genesis_hash;
    settings.block_period_s = pin.block_period_s.value_or(kBlockPeriodDefault_s);
    settings.fees.mode = fee_mode(target.fees);
    settings.fees.max_fee_wei = target.max_fee_gwei * kWeiPerGwei;
    settings.fees.priority_fee_wei = target.priority_fee_gwei * kWeiPerGwei;
    settings.fees.gas_limit = target.gas_limit;
    settings.confirmations = target.confirmations;
    return settings;
}

std::string chain_pin_path(const std::string& data_dir, const std::string& target) {
    return data_dir + "/chains/" + target + ".json";
}

std::string lane_row_name(const std::string& target) {
    return target + "/lane";
}

std::string sealed_twice_path(const std::string& data_dir, const std::string& target) {
    return data_dir + "/chains/" + target + ".sealed-twice";  // no pin's name: those end in .json
}

bool has_sealed_twice(const std::string& data_dir, const std::string& target) {
    std::error_code failed;
    return std::filesystem::exists(sealed_twice_path(data_dir, target), failed);
}

Result<std::string> keep_sealed_twice(const LanePlace& place, std::uint64_t number, ByteView first,
                                      ByteView second) {
    std::string path = sealed_twice_path(place.data_dir, place.target);
    if (has_sealed_twice(place.data_dir, place.target)) return path;
    const auto content = json::Value::object({{"fieldseal", "sealed-twice/v1"},
                                              {"chain", place.chain},
                                              {"number", number},
                                              {"first", base64_encode(first)},
                                              {"second", base64_encode(second)}});
    FIELDSEAL_TRY(make_private_directory(place.data_dir + "/chains"));
    FIELDSEAL_TRY(write_private_file(path, as_bytes(json::dump(content) + "\n")));
    return path;
}

anchor::LaneStore lane_store(store::Store& store, Sequencer& sequencer, const LanePlace& place) {
    const std::string name = lane_row_name(place.target);
    anchor::LaneStore lane;
    lane.load = [&store, log = place.log, name]() -> Result<std::optional<Bytes>> {
        auto row = FIELDSEAL_TRY(store.outbox().row(log, name));
        if (!row) return std::optional<Bytes>();
        return std::optional<Bytes>(std::move(row->state));
    };
    lane.save = [&sequencer, log = place.log, name](ByteView state) {
        const store::OutboxRow row{log, name, std::string(kLaneKind), kLaneRowVersion,
                                   to_bytes(state)};
        FIELDSEAL_CRASH_POINT("chain.before_lane");
        auto saved = sequencer.run([&](store::Batch& batch) { return batch.put_outbox(row); });
        FIELDSEAL_CRASH_POINT("chain.lane_saved");
        return saved;
    };
    lane.keep_sealed_twice = [place](std::uint64_t number, ByteView first, ByteView second) {
        return keep_sealed_twice(place, number, first, second);
    };
    return lane;
}

std::vector<SealedBlock> sealed_blocks(const anchor::AnchorPieces& pieces,
                                       const TrustedChain& chain) {
    std::vector<SealedBlock> blocks;
    if (chain.mode == evm::Mode::plain || pieces.anchors_json.empty()) return blocks;
    const auto anchors = parse_anchors(pieces.anchors_json);
    if (!anchors.ok()) return blocks;
    for (const Anchor& anchor : *anchors) {
        const json::Value* text = anchor.members.find("header");
        if (text == nullptr || !text->is_string()) continue;
        auto raw = base64_decode(text->as_string());
        if (!raw.ok()) continue;
        const auto header = evm::parse_header(*raw, chain.mode);
        if (!header.ok() || !is_sealed(*header, chain)) continue;
        blocks.push_back(
            {ChainFloor{chain.id, std::move(*raw)}, static_cast<std::int64_t>(header->timestamp)});
    }
    return blocks;
}

}  // namespace fieldseal::node
