// SPDX-License-Identifier: Apache-2.0
#include "core/anchors/evm_anchor.h"

#include "core/anchors/chain_block.h"
#include "core/encoding.h"
#include "core/evm/header.h"
#include "core/evm/receipt.h"
#include "core/evm/transaction.h"
#include "core/json/reader.h"

#include <algorithm>

namespace fieldseal::anchors {
namespace {

Result<std::vector<Bytes>> read_list(const std::vector<json::Reader>& items,
                                     std::size_t bytes_max) {
    std::vector<Bytes> list;
    list.reserve(items.size());
    for (const json::Reader& item : items) list.push_back(FIELDSEAL_TRY(item.base64(bytes_max)));
    return list;
}

Result<std::vector<Bytes>> read_nodes(json::Members& in, std::string_view member) {
    const auto items = FIELDSEAL_TRY(in.required_array(member, evm::kTrieProofNodesMax));
    if (items.empty()) return in.error_at(member, "empty");
    return read_list(items, evm::kTrieNodeBytesMax);
}

// Absent is one form, a list of at least one header the other.
Result<std::vector<Bytes>> read_headers(json::Members& in, std::string_view member,
                                        std::size_t count_max) {
    const auto at = in.optional(member);
    if (!at) return std::vector<Bytes>();
    const auto items = FIELDSEAL_TRY(at->items(count_max));
    if (items.empty()) return at->error("empty: leave it out");
    return read_list(items, evm::kHeaderBytesMax);
}

Result<std::uint64_t> read_index(json::Members& in, std::string_view member, std::uint64_t max) {
    const auto index =
        FIELDSEAL_TRY(in.required_integer(member, 0, static_cast<std::int64_t>(max)));
    return static_cast<std::uint64_t>(index);
}

json::Value list_value(const std::vector<Bytes>& list) {
    json::Value value = json::Value::array();
    for (const Bytes& item : list) value.push_back(base64_encode(item));
    return value;
}

// How one step ended; proven means "go on".
struct Step {
    Finding finding = Finding::proven;
    std::string message;
};

class EvmJudge {
public:
    EvmJudge(const EvmAnchor& anchor, const TrustedChain& pin, const Digest& digest)
        : anchor_(anchor), pin_(pin), digest_(digest) {}

    AnchorResult run() && {
        block_ = judge_block(pin_, anchor_.header, anchor_.handover);
        Step step = judge_all();
        AnchorResult result;
        result.finding = step.finding;
        result.message = std::move(step.message);
        result.chain = std::move(block_.facts);
        if (result.finding == Finding::proven) {
            result.not_after_s = not_after_s_;
            result.source = pin_.id;
            result.operated_by = pin_.counts_as();
        }
        return result;
    }

private:
    Step judge_all() {
        const bool readable =
            block_.finding == Finding::proven || block_.finding == Finding::chain_header_only;
        if (!readable) return {block_.finding, block_.message};
        Step step = judge_transaction();
        if (step.finding != Finding::proven) return step;
        step = anchor_.receipt ? judge_event() : judge_calldata();
        if (step.finding != Finding::proven) return step;
        if (block_.finding != Finding::proven) return {block_.finding, block_.message};
        return pin_.mode == evm::Mode::plain ? take_block_time() : judge_time();
    }

    std::string subject() const {
        return "transaction " + std::to_string(anchor_.index) + " of block " +
               std::to_string(block_.header.number);
    }
    Step other(const std::string& what) const {
        return {Finding::chain_digest_mismatch, subject() + " " + what};
    }
    Step other_digest(const Digest& found) const {
        return other("carries " + hex_encode(found) + ", not the checkpoint's digest " +
                     hex_encode(digest_));
    }
    Step no_contract(const evm::Address& contract) const {
        return {Finding::chain_contract_unknown,
                subject() + " goes through the contract " + evm::to_string(contract) +
                    "; the trust file pins none for " + quoted(pin_.id)};
    }
    Step other_contract(const evm::Address& contract) const {
        return other("goes through the contract " + evm::to_string(contract) + ", not the pinned " +
                     evm::to_string(*pin_.contract));
    }

    // Is it in the block, and is it meant for this chain?
    Step judge_transaction() {
        const auto raw =
            evm::verify_trie_proof(block_.header.transactions_root, anchor_.index, anchor_.nodes);
        if (!raw) {
            return {Finding::chain_proof_mismatch, subject() + ": " + raw.error().message};
        }
        auto transaction = evm::parse_transaction(*raw);
        if (!transaction) return other("is none of ours: " + transaction.error().message);
        transaction_ = std::move(transaction).value();
        if (transaction_.chain_id != pin_.chain_id) {
            return {Finding::chain_id_mismatch, subject() + " is signed for chain " +
                                                    std::to_string(transaction_.chain_id) +
                                                    ", not for " + std::to_string(pin_.chain_id)};
        }
        return {};
    }

    Step judge_calldata() {
        block_.facts->submitter = transaction_.sender;
        const auto note = evm::digest_of_anchor_note(transaction_.data);
        const auto call = evm::digest_of_anchor_call(transaction_.data);
        if (!note && !call) {
            return other("has " + std::to_string(transaction_.data.size()) +
                         " bytes of data, neither a call of anchor(bytes32) nor a note to oneself");
        }
        const Digest& found = note ? *note : *call;
        if (found != digest_) return other_digest(found);
        if (!transaction_.to) return other("creates a contract");
        if (note) {
            if (transaction_.to == transaction_.sender) return {};
            return other("is a note to " + evm::to_string(*transaction_.to) +
                         ", not to its sender " + evm::to_string(transaction_.sender));
        }
        if (!pin_.contract) return no_contract(*transaction_.to);
        if (transaction_.to != pin_.contract) return other_contract(*transaction_.to);
        return {};
    }

    Step judge_event() {
        const EvmReceiptProof& proof = *anchor_.receipt;
        const auto raw =
            evm::verify_trie_proof(block_.header.receipts_root, anchor_.index, proof.nodes);
        if (!raw) {
            return {Finding::chain_proof_mismatch,
                    "receipt of " + subject() + ": " + raw.error().message};
        }
        const auto receipt = evm::parse_receipt(*raw);
        if (!receipt) return other("has a receipt that is none: " + receipt.error().message);
        if (!receipt->succeeded) return other("failed");
        if (proof.log >= receipt->logs.size()) {
            return other("has " + std::to_string(receipt->logs.size()) + " events, no number " +
                         std::to_string(proof.log));
        }
        return judge_log(receipt->logs[proof.log]);
    }

    Step judge_log(const evm::LogRecord& log) {
        const auto root = evm::anchored_root(log, log.address);
        if (!root) {
            return other("has another event than Anchored as number " +
                         std::to_string(anchor_.receipt->log));
        }
        evm::Address submitter{};
        std::copy_n(log.topics[1].end() - evm::kAddressBytes, evm::kAddressBytes,
                    submitter.begin());
        block_.facts->submitter = submitter;
        if (*root != digest_) return other_digest(*root);
        if (!pin_.contract) return no_contract(log.address);
        if (log.address != pin_.contract) return other_contract(log.address);
        return {};
    }

    Step take_block_time() {
        not_after_s_ = block_.facts->time_s;
        return {Finding::proven, block_.message + "; it says " + rfc3339(not_after_s_)};
    }

    Step judge_time() {
        const Hardening hardening = harden(pin_, block_, anchor_.later);
        if (hardening.finding == Finding::malformed) {
            return {Finding::malformed, hardening.message};
        }
        const std::string sealed = block_.message + " at " + rfc3339(block_.facts->time_s);
        if (hardening.finding != Finding::proven) {
            return {hardening.finding, sealed + " (optimistic); " + hardening.message};
        }
        not_after_s_ = hardening.time_s;
        block_.facts->hardened_s = hardening.time_s;
        return {Finding::proven, sealed + ", for certain by " + rfc3339(not_after_s_)};
    }

    const EvmAnchor& anchor_;
    const TrustedChain& pin_;
    const Digest& digest_;
    ChainBlock block_;
    evm::Transaction transaction_;
    std::int64_t not_after_s_ = 0;
};

AnchorResult ends(Finding finding, std::string message) {
    AnchorResult result;
    result.finding = finding;
    result.message = std::move(message);
    return result;
}

}  // namespace

Result<EvmAnchor> parse_evm_anchor(const Anchor& given) {
    auto in = FIELDSEAL_TRY(json::Reader(given.members).members());
    EvmAnchor anchor;
    const auto type = FIELDSEAL_TRY(in.required_string("type"));
    anchor.chain = FIELDSEAL_TRY(in.required_string("chain", kTrustNameBytesMax));
    anchor.header = FIELDSEAL_TRY(in.required_base64("header", evm::kHeaderBytesMax));
    anchor.index = FIELDSEAL_TRY(read_index(in, "index", kEvmIndexMax));
    anchor.nodes = FIELDSEAL_TRY(read_nodes(in, "nodes"));
    anchor.later = FIELDSEAL_TRY(read_headers(in, "later", kEvmLaterMax));
    anchor.handover = FIELDSEAL_TRY(read_headers(in, "handover", kEvmHandoverMax));
    if (type == kEvmReceiptType) {
        anchor.receipt = EvmReceiptProof{FIELDSEAL_TRY(read_nodes(in, "receipt_nodes")),
                                         FIELDSEAL_TRY(read_index(in, "log", kEvmLogMax))};
    }
    FIELDSEAL_TRY(in.finish());
    return anchor;
}

Anchor to_anchor(const EvmAnchor& anchor) {
    const std::string_view type = anchor.receipt ? kEvmReceiptType : kEvmTxType;
    json::Value members = json::Value::object({{"type", type},
                                               {"chain", anchor.chain},
                                               {"header", base64_encode(anchor.header)},
                                               {"index", anchor.index},
                                               {"nodes", list_value(anchor.nodes)}});
    if (anchor.receipt) {
        members.set("receipt_nodes", list_value(anchor.receipt->nodes));
        members.set("log", anchor.receipt->log);
    }
    if (!anchor.later.empty()) members.set("later", list_value(anchor.later));
    if (!anchor.handover.empty()) members.set("handover", list_value(anchor.handover));
    return {std::string(type), std::move(members)};
}

AnchorResult check_evm_anchor(const Anchor& given, const note::Checkpoint& checkpoint,
                              const Trust& trust) {
    const auto anchor = parse_evm_anchor(given);
    if (!anchor) return ends(Finding::malformed, anchor.error().message);
    const TrustedChain* pin = trust.find_chain(anchor->chain);
    if (pin == nullptr) {
        return ends(Finding::chain_unknown,
                    "the trust file does not know the chain " + quoted(anchor->chain));
    }
    if (pin->curve != ChainCurve::secp256k1) {
        return ends(Finding::chain_curve_unsupported,
                    "the keys of the chain " + quoted(pin->id) + " are of the curve secp256r1");
    }
    const Digest digest = checkpoint.digest();
    return EvmJudge(*anchor, *pin, digest).run();
}

}  // namespace fieldseal::anchors
