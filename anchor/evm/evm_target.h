// SPDX-License-Identifier: Apache-2.0
// Kind "evm": anchors our checkpoints in transactions of one permissioned (or plain) EVM chain and
// brings home an "evm-tx" anchor that verifies offline (docs/formats/anchor-evm.md).
//
// One lane per (chain, key): nonce and signed bytes are stored before anything is sent, and only
// those bytes are ever sent again. Nothing a node says is believed: block hashes, roots, seals and
// our own transaction are recomputed, and the anchor is judged by core/anchors against the pin
// before it is returned. A node that lies can delay us, never make an anchor.
// THREADS: one thread per object. DURABLE: what save() returned ok for.
#pragma once

#include "anchor/http_client.h"
#include "anchor/signer.h"
#include "anchor/target.h"
#include "core/bytes.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fieldseal::anchor {

enum class FeeMode : std::uint8_t {
    zero,    // a free-gas network: identical resend only, no replacement
    legacy,  // gas price (EIP-155 transactions)
    market,  // EIP-1559
};

struct EvmFees {
    FeeMode mode = FeeMode::zero;
    std::uint64_t priority_fee_wei = 1'000'000'000;
    std::uint64_t max_fee_wei = 500'000'000'000;  // never sign for more
    std::uint64_t gas_limit = 100'000;
};

// Where the lane's record lives. All are called on the adapter's thread.
struct LaneStore {
    std::function<Result<std::optional<Bytes>>()> load;
    std::function<Result<void>(ByteView)> save;  // durable when it returns ok
    // Two raw headers of one number, both sealed: keeps them for a person, durably, and returns
    // where. The first pair stays; later ones add nothing.
    std::function<Result<std::string>(std::uint64_t number, ByteView first, ByteView second)>
        keep_sealed_twice;
};

struct EvmSettings {
    std::string name;               // of the target, for messages
    std::vector<std::string> urls;  // JSON-RPC endpoints of one network, tried in turn
    std::vector<std::pair<std::string, std::string>> auth_headers;  // secret; never logged
    TlsSettings tls;
    HttpLimits limits;
    TrustedChain chain;     // the pin: id, chain id, mode, validator sets, contract
    Digest genesis_hash{};  // eth_getBlockByNumber(0).hash
    EvmFees fees;
    std::uint32_t block_period_s = 5;         // how often to look for our transaction
    std::uint32_t confirmations = 12;         // mode plain only
    std::uint32_t replace_after_blocks = 10;  // legacy and market: bump the fee of the head of line
};

// What open_evm_target would refuse; makes nothing.
Result<void> check_evm_settings(const EvmSettings& settings);

// Errc::invalid_argument names the setting that is wrong and what it must look like.
// REQUIRES: `signer` and what `store` captures outlive the target.
Result<std::unique_ptr<Target>> open_evm_target(EvmSettings settings, const ChainSigner& signer,
                                                LaneStore store);

// What `fieldseal target test` shows: one line per question asked of each endpoint.
struct EvmProbe {
    std::string url;
    std::string question;  // "chain id", "genesis", "newest block", "seals", "account", …
    bool ok = false;
    std::string answer;  // what was seen, and what to do when it is wrong
};
Result<std::vector<EvmProbe>> probe_evm_endpoints(const EvmSettings& settings,
                                                  const evm::Address& account);

}  // namespace fieldseal::anchor
