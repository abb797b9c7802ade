// SPDX-License-Identifier: Apache-2.0
// The chain's entry is read and written as the only entry of a trust file, so that a pin can never
// say what a trust file may not.
#include "core/chain_pin.h"

#include "core/encoding.h"
#include "core/json/reader.h"

namespace fieldseal {
namespace {

constexpr std::size_t kVersionBytesMax = 40;
constexpr std::size_t kHashTextBytesMax = 80;
constexpr std::string_view kContext = "chain pin";

json::Value empty_list() {
    return json::Value::array();
}

Result<TrustedChain> read_chain(const json::Value& chain) {
    json::Value chains = json::Value::array();
    chains.push_back(chain);
    const json::Value file = json::Value::object({{"fieldseal", kTrustVersion},
                                                  {"logs", empty_list()},
                                                  {"seals", empty_list()},
                                                  {"witnesses", empty_list()},
                                                  {"chains", std::move(chains)}});
    auto trust = parse_trust(json::dump(file));
    if (!trust.ok()) return trust.error().with_context("\"chain\", as the entry of a trust file");
    return std::move(trust->chains.front());
}

Result<Digest> read_hash(json::Members& in, std::string_view name) {
    const auto text = FIELDSEAL_TRY(in.required_string(name, kHashTextBytesMax));
    const auto hash =
        text.starts_with("0x") ? hex_decode_digest(std::string_view(text).substr(2)) : Digest{};
    if (!text.starts_with("0x") || !hash.ok()) {
        return in.error_at(name, "not \"0x\" and 64 lower-case hexadecimal digits");
    }
    return *hash;
}

Result<void> check_version(json::Members& in) {
    const auto version = FIELDSEAL_TRY(in.required_string("fieldseal", kVersionBytesMax));
    if (version == kChainPinVersion) return {};
    if (!version.starts_with("chain/")) {
        return in.error_at("fieldseal", quoted(version, kVersionBytesMax) + " is not a chain pin");
    }
    return Error{Errc::unsupported, "format " + quoted(version, kVersionBytesMax) +
                                        ": this version reads " + std::string(kChainPinVersion) +
                                        ", use a newer fieldseal"};
}

Result<ChainPin> read_pin(std::string_view text) {
    const json::Value tree =
        FIELDSEAL_TRY(json::parse(text, json::Limits{.bytes_max = kChainPinBytesMax}));
    auto in = FIELDSEAL_TRY(json::Reader(tree).members());
    FIELDSEAL_TRY(check_version(in));
    ChainPin pin;
    const auto chain = FIELDSEAL_TRY(in.required("chain"));
    pin.chain = FIELDSEAL_TRY(read_chain(chain.value()));
    pin.genesis_hash = FIELDSEAL_TRY(read_hash(in, "genesis_hash"));
    if (const auto period =
            FIELDSEAL_TRY(in.optional_integer("block_period_s", 1, kBlockPeriodMax_s))) {
        pin.block_period_s = static_cast<std::uint32_t>(*period);
    }
    FIELDSEAL_TRY(in.finish());
    return pin;
}

}  // namespace

Result<ChainPin> parse_chain_pin(std::string_view text) {
    auto pin = read_pin(text);
    if (!pin.ok()) return pin.error().with_context(kContext);
    return pin;
}

std::string to_json(const ChainPin& pin) {
    Trust trust;
    trust.chains.push_back(pin.chain);
    const auto file = json::parse(to_json(trust));
    const json::Value* chains = file.ok() ? file->find("chains") : nullptr;
    json::Value tree = json::Value::object({{"fieldseal", kChainPinVersion}});
    if (chains != nullptr) tree.set("chain", chains->as_array().front());
    tree.set("genesis_hash", "0x" + hex_encode(pin.genesis_hash));
    tree.set_if("block_period_s", pin.block_period_s);
    return json::dump(tree, json::Style::pretty);
}

}  // namespace fieldseal
