// SPDX-License-Identifier: Apache-2.0
// Is the transaction, or its event, an anchor of this very checkpoint on this very chain?
#include "core/evm/rlp.h"
#include "core/evm/trie.h"
#include "core/hash.h"
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

void send_note(AnchorPlan& plan, const Digest& digest) {
    plan.transaction.data = evm::anchor_note(digest);
    plan.transaction.to = plan.sender.address();
}

// Signed as before EIP-155: good on every chain.
Bytes without_chain_id(const AnchorPlan& plan) {
    namespace rlp = evm::rlp;
    std::vector<Bytes> fields = {rlp::encode_u64(plan.transaction.nonce),
                                 rlp::encode_u64(0),
                                 rlp::encode_u64(plan.transaction.gas_limit),
                                 rlp::encode_string(plan.transaction.to),
                                 rlp::encode_u64(0),
                                 rlp::encode_string(plan.transaction.data)};
    const auto signature = plan.sender.sign(keccak256(rlp::encode_list(fields)));
    const ByteView rs = signature.rs;
    fields.push_back(rlp::encode_u64(std::uint64_t{27} + signature.y_parity));
    fields.push_back(rlp::encode_integer(rs.first(32)));
    fields.push_back(rlp::encode_integer(rs.subspan(32)));
    return rlp::encode_list(fields);
}

void add_good(AnchorCases& out) {
    const Digest digest = digest_of(out.day());
    out.holds({"valid-chain-call", "A call of the pinned contract, sealed, hardened."}, out.made());
    const auto note = out.made([&](AnchorPlan& plan) { send_note(plan, digest); });
    out.holds({"valid-chain-note-to-oneself", "37 bytes to the sender's own account."}, note);
    out.holds({"valid-chain-note-without-a-pinned-contract", "A note needs no contract."}, note,
              trust_with([](TrustedChain& chain) { chain.contract.reset(); }));
    out.holds(
        {"valid-chain-legacy-transaction", "EIP-155, for chains without fee markets."},
        out.made([](AnchorPlan& plan) { plan.transaction.type = evm::TransactionType::legacy; }));
    out.holds(
        {"valid-chain-sent-by-anybody", "Who sent it does not matter, only that it is there."},
        out.made([](AnchorPlan& plan) { plan.sender = ChainAccount(0x5f); }));
    const auto receipt = out.made([](AnchorPlan& plan) { plan.with_receipt = true; });
    out.holds({"valid-chain-receipt", "The contract's event, beside the transaction."}, receipt);
    out.holds({"valid-chain-receipt-through-a-relay",
               "A relay sent the transaction in its own form: the event says what was anchored."},
              out.made([](AnchorPlan& plan) {
                  plan.with_receipt = true;
                  plan.sender = ChainAccount(0x5f);
                  plan.transaction.to = kOtherContract;
                  plan.transaction.data = Bytes(99, 0xab);
              }));
}

// The office anchored to the hub, the hub to the chain.
void add_hub(AnchorCases& out) {
    Evidence evidence = out.day().evidence();
    Proof hub = hub_proof(out.day().office, out.day().office.size(), {});
    const auto checkpoint = note::parse_checkpoint_note(hub.checkpoint)->checkpoint;
    hub.anchors = {to_anchor(make_anchor(anchor_plan(checkpoint.digest())))};
    evidence.proofs[0].logged = {hub};
    evidence.status[0].proofs[0].logged = {hub};
    Expected expect = valid(std::nullopt, kHardened_s);
    expect.anchors = {"ok"};
    out.add(make_vector("valid-chain-behind-the-hub", "Office to hub to chain.", evidence,
                        chain_trust(), expect));
    evidence.proofs[0].anchors = std::move(evidence.proofs[0].logged[0].anchors);
    evidence.proofs[0].logged[0].anchors.clear();
    expect = pending(std::nullopt, std::nullopt);
    expect.anchors = {"chain-digest-mismatch"};
    out.add(make_vector("chain-hubs-anchor-under-the-office",
                        "The anchor of the hub's checkpoint moved to the office's.", evidence,
                        chain_trust(), expect));
}

void add_other_chains(AnchorCases& out) {
    out.ends({"chain-same-validators-elsewhere",
              "The same validators seal another network: there the transaction is signed for "
              "another chain id."},
             "chain-id-mismatch",
             out.made([](AnchorPlan& plan) { plan.transaction.chain_id = kLandChainId + 1; }));
    out.ends({"chain-receipt-same-validators-elsewhere",
              "Headers and receipts hold no chain id: the transaction beside them does."},
             "chain-id-mismatch", out.made([](AnchorPlan& plan) {
                 plan.with_receipt = true;
                 plan.transaction.chain_id = kLandChainId + 1;
             }));
    out.ends({"chain-transaction-without-chain-id",
              "Signed as before EIP-155, it could be copied to every chain."},
             "chain-digest-mismatch",
             out.made([](AnchorPlan& plan) { plan.raw_transaction = without_chain_id(plan); }));
}

void add_calldata(AnchorCases& out) {
    const Digest digest = digest_of(out.day());
    const auto mismatch = [&](const Told& told, const EditPlan& edit) {
        out.ends(told, "chain-digest-mismatch", out.made(edit));
    };
    mismatch({"chain-digest-of-another-checkpoint", "A genuine anchor of something else."},
             [](AnchorPlan& plan) { plan.transaction.data = evm::anchor_call(Digest{0x99}); });
    mismatch({"chain-note-of-another-checkpoint", "A genuine note of something else."},
             [](AnchorPlan& plan) { send_note(plan, Digest{0x99}); });
    mismatch({"chain-calldata-one-byte-more", "37 bytes behind the selector's form."},
             [](AnchorPlan& plan) { plan.transaction.data.push_back(0); });
    mismatch({"chain-calldata-one-byte-less", "35 bytes."},
             [](AnchorPlan& plan) { plan.transaction.data.pop_back(); });
    mismatch({"chain-calldata-of-another-function", "One bit of the selector differs."},
             [](AnchorPlan& plan) { plan.transaction.data[0] ^= 1; });
    mismatch({"chain-calldata-is-the-bare-digest", "32 bytes without a form."},
             [&](AnchorPlan& plan) { plan.transaction.data.assign(digest.begin(), digest.end()); });
    mismatch({"chain-note-one-byte-more", "38 bytes."}, [&](AnchorPlan& plan) {
        send_note(plan, digest);
        plan.transaction.data.push_back(0);
    });
    mismatch({"chain-note-of-version-2", "FSL1 and 02."}, [&](AnchorPlan& plan) {
        send_note(plan, digest);
        plan.transaction.data[4] = 2;
    });
    mismatch({"chain-note-to-somebody-else", "A note counts only to its own sender."},
             [&](AnchorPlan& plan) {
                 send_note(plan, digest);
                 plan.transaction.to = kOtherContract;
             });
    mismatch({"chain-note-to-the-contract", "A note counts only to its own sender."},
             [&](AnchorPlan& plan) {
                 send_note(plan, digest);
                 plan.transaction.to = kLandContract;
             });
    mismatch({"chain-call-of-another-contract", "The right call of a contract nobody pinned."},
             [](AnchorPlan& plan) { plan.transaction.to = kOtherContract; });
    out.ends(
        {"chain-call-without-a-pinned-contract", "The pin names no contract: missing, not wrong."},
        "chain-contract-unknown", out.made(),
        trust_with([](TrustedChain& chain) { chain.contract.reset(); }));
}

void add_paths(AnchorCases& out) {
    const auto mismatch = [&](const Told& told, auto edit) {
        anchors::EvmAnchor anchor = out.made();
        edit(anchor);
        out.ends(told, "chain-proof-mismatch", anchor);
    };
    mismatch({"chain-index-mismatch", "The path of transaction 1 under the index 2."},
             [](auto& anchor) { anchor.index = 2; });
    mismatch({"chain-index-after-the-last", "No transaction has that index."},
             [](auto& anchor) { anchor.index = 65535; });
    mismatch({"chain-path-node-bit-flipped", "One bit of the leaf's node."},
             [](auto& anchor) { anchor.nodes.back().back() ^= 1; });
    mismatch({"chain-path-root-bit-flipped", "One bit of the root's node."},
             [](auto& anchor) { anchor.nodes.front().back() ^= 1; });
    mismatch({"chain-path-without-its-leaf", "The last node was left out."},
             [](auto& anchor) { anchor.nodes.pop_back(); });
    mismatch({"chain-path-with-a-node-too-many", "The leaf's node twice."},
             [](auto& anchor) { anchor.nodes.push_back(anchor.nodes.back()); });
    mismatch({"chain-path-node-with-a-trailing-byte", "One encoding per node."},
             [](auto& anchor) { anchor.nodes.back().push_back(0); });
    const auto receipt = out.made([](AnchorPlan& plan) { plan.with_receipt = true; });
    mismatch({"chain-receipts-path-as-the-transactions", "A receipt is not a transaction."},
             [&](auto& anchor) { anchor.nodes = receipt.receipt->nodes; });
    anchors::EvmAnchor swapped = receipt;
    swapped.receipt->nodes = receipt.nodes;
    out.ends({"chain-receipt-is-the-transaction", "A transaction in the receipt's place."},
             "chain-proof-mismatch", swapped);
    swapped = receipt;
    swapped.receipt->nodes.back().back() ^= 1;
    out.ends({"chain-receipt-path-bit-flipped", "One bit of the receipt's leaf."},
             "chain-proof-mismatch", swapped);
}

void add_events(AnchorCases& out) {
    const Digest digest = digest_of(out.day());
    const auto event = [&](const Told& told, const EditPlan& edit) {
        out.ends(told, "chain-digest-mismatch", out.made([&](AnchorPlan& plan) {
            plan.with_receipt = true;
            edit(plan);
        }));
    };
    event({"chain-receipt-status-0", "The transaction failed: its events never happened."},
          [](AnchorPlan& plan) { plan.succeeded = false; });
    event({"chain-receipt-of-another-contract", "The right event of a contract nobody pinned."},
          [](AnchorPlan& plan) { plan.emitter = kOtherContract; });
    event({"chain-receipt-of-another-event", "Another signature in topic 0."},
          [](AnchorPlan& plan) { plan.topics[0][0] ^= 1; });
    event({"chain-receipt-of-another-digest", "The event of another checkpoint."},
          [](AnchorPlan& plan) { plan.topics[2] = Digest{0x99}; });
    event({"chain-receipt-with-two-topics", "The digest must be the third topic."},
          [&](AnchorPlan& plan) { plan.topics = {plan.topics[0], digest}; });
    event({"chain-receipt-with-four-topics", "Three topics, no more."},
          [&](AnchorPlan& plan) { plan.topics.push_back(digest); });
    event({"chain-receipt-submitter-not-an-address", "Topic 1 is an address, padded with zeros."},
          [](AnchorPlan& plan) { plan.topics[1][0] = 1; });
    anchors::EvmAnchor receipt = out.made([](AnchorPlan& plan) { plan.with_receipt = true; });
    out.ends({"chain-receipt-without-a-pinned-contract",
              "The pin names no contract: missing, not wrong."},
             "chain-contract-unknown", receipt,
             trust_with([](TrustedChain& chain) { chain.contract.reset(); }));
    receipt.receipt->log = 0;
    out.ends({"chain-receipt-log-off-by-one", "Event 0 is somebody else's."},
             "chain-digest-mismatch", receipt);
    receipt.receipt->log = 2;
    out.ends({"chain-receipt-log-after-the-last", "The receipt has two events."},
             "chain-digest-mismatch", receipt);
}

}  // namespace

Vectors chain_digest_cases() {
    AnchorCases out;
    add_good(out);
    add_hub(out);
    add_other_chains(out);
    add_calldata(out);
    add_paths(out);
    add_events(out);
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
