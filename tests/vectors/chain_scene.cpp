// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/chain_scene.h"

#include "core/evm/rlp.h"
#include "core/evm/trie.h"
#include "core/hash.h"

#include <algorithm>
#include <string>

namespace fieldseal::vectors {
namespace {

namespace rlp = evm::rlp;

constexpr std::size_t kBloomBytes = 256;
constexpr std::size_t kLondonFields = 16;
constexpr std::uint64_t kGas = 30000;

Bytes list(const std::vector<Bytes>& items) {
    return rlp::encode_list(items);
}

Bytes encoded(ByteView bytes) {
    return rlp::encode_string(bytes);
}

evm::Address coinbase_of(const BlockPlan& plan) {
    if (plan.coinbase) return *plan.coinbase;
    if (plan.validators.empty()) return {};
    return plan.validators[plan.number % plan.validators.size()].address();
}

// Somebody else's transaction beside ours.
Bytes neighbour(std::uint64_t nonce) {
    evm::TransactionTbs tbs;
    tbs.chain_id = kLandChainId;
    tbs.nonce = nonce;
    tbs.gas_limit = kGas;
    tbs.to = kOtherContract;
    return ChainAccount(0x58).signed_transaction(tbs);
}

Bytes log_item(const evm::Address& emitter, const std::vector<Digest>& topics) {
    std::vector<Bytes> encoded_topics;
    for (const Digest& topic : topics) encoded_topics.push_back(encoded(topic));
    return list({encoded(emitter), list(encoded_topics), encoded({})});
}

// A fee market receipt with somebody else's event before ours.
Bytes receipt_of(const AnchorPlan& plan) {
    const Bytes other = log_item(kOtherContract, {Digest{0x77}});
    const Bytes body =
        list({rlp::encode_u64(plan.succeeded ? 1 : 0), rlp::encode_u64(2 * kGas),
              encoded(Bytes(kBloomBytes)), list({other, log_item(plan.emitter, plan.topics)})});
    Bytes raw = {0x02};
    append(raw, body);
    return raw;
}

Bytes empty_receipt(std::uint64_t gas) {
    Bytes raw = {0x02};
    append(raw,
           list({rlp::encode_u64(1), rlp::encode_u64(gas), encoded(Bytes(kBloomBytes)), list({})}));
    return raw;
}

}  // namespace

ChainKeys keys_of(std::initializer_list<std::uint8_t> seeds) {
    ChainKeys keys;
    for (const std::uint8_t seed : seeds) keys.emplace_back(seed);
    std::sort(keys.begin(), keys.end(), [](const ChainAccount& one, const ChainAccount& other) {
        return one.address() < other.address();
    });
    return keys;
}

const ChainKeys& land_validators() {
    static const ChainKeys keys = keys_of({0x41, 0x42, 0x43, 0x44});
    return keys;
}

const ChainAccount& land_account() {
    static const ChainAccount account(0x51);
    return account;
}

Block make_block(const BlockPlan& plan) {
    testing::HeaderDraft draft;
    draft.mode = plan.mode;
    draft.number = plan.number;
    draft.timestamp = static_cast<std::uint64_t>(plan.time_s);
    draft.parent_hash = plan.parent;
    draft.transactions_root = plan.transactions_root;
    draft.receipts_root = plan.receipts_root;
    draft.coinbase = coinbase_of(plan);
    draft.validators = testing::addresses_of(plan.validators);
    draft.round = plan.round;
    draft.sealers = testing::first_sealers(plan.sealers, plan.sealers.size());
    draft.fields = kLondonFields;
    draft.validators_item = plan.validators_item;
    draft.extra_tail = plan.extra_item;
    Bytes header = testing::make_header(draft);
    const auto parsed = evm::parse_header(header, plan.mode);
    const Digest hash = parsed ? parsed->block_hash : Digest{};
    return {std::move(header), hash};
}

BlockPlan land_block(std::uint64_t number, std::int64_t time_s) {
    BlockPlan plan;
    plan.validators = land_validators();
    plan.sealers.assign(plan.validators.begin(), plan.validators.end() - 1);
    plan.number = number;
    plan.time_s = time_s;
    return plan;
}

AnchorPlan anchor_plan(const Digest& digest) {
    AnchorPlan plan;
    plan.transaction.chain_id = kLandChainId;
    plan.transaction.nonce = 5;
    plan.transaction.gas_limit = kGas;
    plan.transaction.to = kLandContract;
    plan.transaction.data = evm::anchor_call(digest);
    plan.topics = anchored_topics(land_account().address(), digest);
    return plan;
}

anchors::EvmAnchor make_anchor(const AnchorPlan& plan) {
    anchors::EvmAnchor anchor;
    anchor.chain = kLand;
    anchor.index = 1;
    const Bytes ours = plan.raw_transaction.empty()
                           ? plan.sender.signed_transaction(plan.transaction)
                           : plan.raw_transaction;
    const std::vector<Bytes> transactions = {neighbour(0), ours, neighbour(1)};
    const std::vector<Bytes> receipts = {empty_receipt(kGas), receipt_of(plan),
                                         empty_receipt(3 * kGas)};
    BlockPlan block = plan.block;
    block.transactions_root = evm::trie_root(transactions);
    block.receipts_root = evm::trie_root(receipts);
    Block made = make_block(block);
    anchor.header = made.header;
    anchor.nodes = evm::trie_proof(transactions, anchor.index);
    if (plan.with_receipt) {
        anchor.receipt = anchors::EvmReceiptProof{evm::trie_proof(receipts, anchor.index), 1};
    }
    for (std::size_t i = 0; i < plan.later; ++i) {
        block.parent = made.hash;
        ++block.number;
        block.time_s += kPeriod_s;
        BlockPlan next = block;
        if (plan.edit_later) plan.edit_later(i, next);
        made = make_block(next);
        anchor.later.push_back(made.header);
    }
    return anchor;
}

std::vector<Digest> anchored_topics(const evm::Address& submitter, const Digest& digest) {
    Digest padded{};
    std::copy(submitter.begin(), submitter.end(), padded.end() - evm::kAddressBytes);
    return {keccak256(as_bytes("Anchored(address,bytes32)")), padded, digest};
}

BlockPlan floor_block() {
    return land_block(9, kMidnight_s);
}

Day day_with_block_floor(const Bytes& header) {
    return day_of([&](StatementClaims& claims) {
        claims.floor = FloorReference{FloorKind::block_header, sha256(header)};
    });
}

TrustedChain land_pin() {
    TrustedChain chain;
    chain.id = kLand;
    chain.chain_id = kLandChainId;
    chain.validator_sets = {{1, {}, testing::addresses_of(land_validators())}};
    chain.contract = kLandContract;
    chain.operated_by = kLandOperator;
    return chain;
}

Trust trust_in(const TrustedChain& chain) {
    Trust trust = ordinary_trust();
    trust.chains = {chain};
    trust.policy.time_quorum = 2;
    return trust;
}

Trust chain_trust() {
    return trust_in(land_pin());
}

Evidence anchored_evidence(const Day& day, const anchors::EvmAnchor& anchor) {
    Evidence evidence = day.evidence();
    evidence.proofs[0].anchors = {to_anchor(anchor)};
    evidence.status[0].proofs[0].anchors = {to_anchor(anchor)};
    return evidence;
}

Digest digest_of(const Day& day) {
    return day.office.log().checkpoint(day.office.size()).digest();
}

}  // namespace fieldseal::vectors
