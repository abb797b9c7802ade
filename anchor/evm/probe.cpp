// SPDX-License-Identifier: Apache-2.0
// What `fieldseal target test` asks each endpoint, one after the other: nothing is sent, nothing is
// stored.
#include "anchor/evm/block.h"
#include "anchor/evm/chain_node.h"
#include "anchor/evm/evm_target.h"
#include "anchor/evm/json_fields.h"
#include "core/encoding.h"
#include "core/evm/quorum.h"

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kVersionBytes = 80;

class Probe {
public:
    Probe(const EvmSettings& settings, const evm::Address& account, JsonRpc& rpc,
          std::size_t endpoint)
        : settings_(settings), account_(account), rpc_(rpc), endpoint_(endpoint) {}

    std::vector<EvmProbe> run() && {
        if (!note("software", software())) return std::move(lines_);
        note("chain id", chain_id());
        note("genesis", genesis());
        if (note("newest block", newest_block())) note("seals", seals());
        if (settings_.chain.contract) note("contract", contract());
        note("account", account());
        return std::move(lines_);
    }

private:
    bool note(std::string question, const Result<std::string>& answer) {
        lines_.push_back({rpc_.name(endpoint_), std::move(question), answer.ok(),
                          answer.ok() ? *answer : answer.error().message});
        return answer.ok();
    }

    Result<json::Value> ask(std::string_view method, json::Value params) {
        auto reply = FIELDSEAL_TRY(rpc_.call(endpoint_, {method, std::move(params)}, {}));
        if (reply.error) {
            return Error{Errc::denied, std::string(method) + ": it answered " +
                                           std::to_string(reply.error->code) + ", " +
                                           quoted(reply.error->message)};
        }
        return std::move(reply.result);
    }

    Result<std::string> software() {
        const auto version = FIELDSEAL_TRY(ask("web3_clientVersion", json::Value::array()));
        return version.is_string() ? quoted(version.as_string(), kVersionBytes) : "unnamed";
    }

    Result<std::string> chain_id() {
        const auto answer = FIELDSEAL_TRY(ask("eth_chainId", json::Value::array()));
        const auto id = FIELDSEAL_TRY(read_quantity(answer, "eth_chainId"));
        FIELDSEAL_TRY(compare_network({settings_.chain.chain_id, {}}, id, {}));
        return std::to_string(id);
    }

    Result<std::string> genesis() {
        const auto block =
            FIELDSEAL_TRY(ask("eth_getBlockByNumber", json::Value::array({"0x0", false})));
        const auto hash = FIELDSEAL_TRY(JsonFields(block, "genesis block").hash("hash"));
        FIELDSEAL_TRY(compare_network({0, settings_.genesis_hash}, 0, hash));
        return "0x" + hex_encode(hash);
    }

    Result<std::string> newest_block() {
        const auto block =
            FIELDSEAL_TRY(ask("eth_getBlockByNumber", json::Value::array({"latest", false})));
        const auto number = FIELDSEAL_TRY(JsonFields(block, "newest block").quantity("number"));
        if (number == 0) return Error{Errc::denied, "the chain has no block after its genesis yet"};
        newest_ = FIELDSEAL_TRY(read_header(block, settings_.chain.mode, number));
        return std::to_string(number) + " of " +
               rfc3339(static_cast<std::int64_t>(newest_.timestamp)) + ", its hash is right for " +
               std::string(evm::to_string(settings_.chain.mode));
    }

    Result<std::string> seals() const {
        if (settings_.chain.mode == evm::Mode::plain) {
            return std::string("none on a chain of mode plain: nobody vouches for its headers");
        }
        const ValidatorSet* set = settings_.chain.find_set(newest_.number);
        if (set == nullptr) {
            return Error{Errc::denied, "the pin has no validators for block " +
                                           std::to_string(newest_.number) + "; add them"};
        }
        const auto count = evm::count_seals(newest_, set->validators);
        const std::string figures = std::to_string(count.seals) + " seals of pinned validators, " +
                                    std::to_string(count.needed) + " are needed";
        if (count.finding == evm::SealFinding::sealed) return figures;
        if (count.finding == evm::SealFinding::wrong_set) {
            return Error{Errc::denied,
                         "the block lists other validators than the pin; anchors will carry the "
                         "headers that hand over, if there are any; better pin the new set"};
        }
        return Error{Errc::denied, figures + "; the block is not sealed by the pinned validators"};
    }

    Result<std::string> contract() {
        const std::string address = evm::to_string(*settings_.chain.contract);
        const auto code =
            FIELDSEAL_TRY(ask("eth_getCode", json::Value::array({address, "latest"})));
        if (!code.is_string() || code.as_string().size() <= 2) {
            return Error{Errc::denied,
                         "no contract at " + address + "; deploy it, or correct the pin"};
        }
        return address;
    }

    Result<std::string> account() {
        const std::string address = evm::to_string(account_);
        const auto params = json::Value::array({address, "latest"});
        const json::Value counted = FIELDSEAL_TRY(ask("eth_getTransactionCount", params));
        const auto count = FIELDSEAL_TRY(read_quantity(counted, "eth_getTransactionCount"));
        const std::string said = address + ", " + std::to_string(count) + " transactions so far";
        if (settings_.fees.mode == FeeMode::zero) return said;
        const json::Value balance = FIELDSEAL_TRY(ask("eth_getBalance", params));
        if (balance == json::Value("0x0")) {
            return Error{Errc::denied, said +
                                           "; it holds no money: fund it, or set the target's "
                                           "fees to zero on a free network"};
        }
        return said + ", funded";
    }

    const EvmSettings& settings_;
    const evm::Address& account_;
    JsonRpc& rpc_;
    const std::size_t endpoint_;
    evm::Header newest_;
    std::vector<EvmProbe> lines_;
};

}  // namespace

Result<std::vector<EvmProbe>> probe_evm_endpoints(const EvmSettings& settings,
                                                  const evm::Address& account) {
    auto rpc = FIELDSEAL_TRY(
        JsonRpc::open({settings.urls, settings.auth_headers, settings.tls, settings.limits}));
    std::vector<EvmProbe> lines;
    for (std::size_t i = 0; i < rpc.endpoints(); ++i) {
        auto more = Probe(settings, account, rpc, i).run();
        lines.insert(lines.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
    return lines;
}

}  // namespace fieldseal::anchor
