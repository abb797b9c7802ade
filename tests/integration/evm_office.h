// SPDX-License-Identifier: Apache-2.0
// An office that anchors to a chain, as its anchor worker sees it: a log, the real adapter and the
// real scheduler, a lane row that survives, time moved by hand. For tests of anchor/evm.
// THREADS: one thread.
#pragma once

#include "anchor/evm/evm_target.h"
#include "anchor/evm/lane.h"
#include "anchor/schedule.h"
#include "core/anchors/anchor_check.h"
#include "tests/support/chain_account.h"
#include "tests/support/test_log.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace fieldseal::testing {

class TestChainSigner final : public anchor::ChainSigner {
public:
    explicit TestChainSigner(std::uint8_t seed_byte) : account_(seed_byte) {}
    const evm::Address& address() const override { return account_.address(); }
    Result<evm::TransactionSignature> sign(const evm::TransactionTbs& tbs) const override;

    bool is_locked = false;

private:
    ChainAccount account_;
};

class EvmOffice {
public:
    using SealedPair = std::tuple<std::uint64_t, Bytes, Bytes>;
    explicit EvmOffice(anchor::EvmSettings settings);

    // As after a restart: only rows are left, `settings` may be others.
    void restart(anchor::EvmSettings settings);
    // Makes a checkpoint and lets the worker do all that follows at once.
    void checkpoint(std::uint64_t size);
    // Lets the time pass until the scheduler wants to act, once.
    void wait();
    void handle(const anchor::Event& event);

    const anchor::TargetState& state() const { return state_; }
    anchor::Lane lane() const;
    const std::vector<anchor::Alarm>& alarms() const { return alarms_; }
    std::string why() const { return why_; }  // of the last answer
    const std::map<std::uint64_t, anchor::AnchorPieces>& stored() const { return stored_; }
    const std::vector<SealedPair>& sealed_twice() const { return sealed_twice_; }
    // What a verifier with `pin` makes of what is stored for `size`.
    anchors::AnchorResult judge(std::uint64_t size, const TrustedChain& pin) const;
    const TestChainSigner& signer() const { return signer_; }
    TestChainSigner& signer() { return signer_; }

    bool loses_pieces = false;  // the worker dies between the answer and the store
    bool is_disk_full = false;  // the lane cannot be saved

private:
    void perform(const anchor::Action& action);
    void submit(const anchor::Submit& action);
    void complete(const anchor::Complete& action);
    anchor::SubmitContext context_of(std::string_view note, std::uint64_t size) const;

    TestLog log_;
    anchor::LogView view_;
    TestChainSigner signer_{0x77};
    std::optional<Bytes> row_;
    std::unique_ptr<anchor::Target> target_;
    anchor::TargetState state_;
    std::vector<anchor::Alarm> alarms_;
    std::string why_;
    std::vector<SealedPair> sealed_twice_;
    std::map<std::uint64_t, anchor::AnchorPieces> stored_;
    std::int64_t now_ms_ = 1'795'000'000'000;
};

}  // namespace fieldseal::testing
