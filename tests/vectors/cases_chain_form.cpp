// SPDX-License-Identifier: Apache-2.0
// Members, limits and headers of another form; pins that are missing.
#include "core/encoding.h"
#include "core/evm/rlp.h"
#include "tests/vectors/anchor_cases.h"

namespace fieldseal::vectors {
namespace {

json::Value copies(const json::Value& item, std::size_t count) {
    json::Value list = json::Value::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(item);
    return list;
}

void remove(json::Value& object, std::string_view member) {
    json::Value kept = json::Value::object();
    for (const json::Member& other : object.as_object()) {
        if (other.name != member) kept.set(other.name, other.value);
    }
    object = std::move(kept);
}

class MemberCases {
public:
    explicit MemberCases(AnchorCases& out) : out_(out) {}

    void add() {
        set("chain-member-unknown", "A member that nobody defined.", "colour", "red");
        set("chain-index-as-text", "Numbers are numbers.", "index", "1");
        set("chain-index-65536", "One above the limit.", "index", 65536);
        set("chain-header-not-base64", "Hexadecimal instead.", "header", "0xf902");
        set("chain-header-empty", "No header at all.", "header", "");
        set("chain-nodes-none", "A path has at least its root.", "nodes", json::Value::array());
        set("chain-nodes-66", "One above the limit.", "nodes", copies("wA==", 66));
        set("chain-later-none", "An empty list is left out.", "later", json::Value::array());
        set("chain-later-33", "One above the limit.", "later", copies("wA==", 33));
        set("chain-handover-none", "An empty list is left out.", "handover", json::Value::array());
        set("chain-handover-17", "One above the limit.", "handover", copies("wA==", 17));
        set("chain-log-on-a-transaction", "`log` belongs to evm-receipt.", "log", 1);
        set("chain-name-of-256-bytes", "One above the limit.", "chain", std::string(256, 'a'));
        without("chain-without-nodes", "nodes", false);
        without("chain-without-a-header", "header", false);
        without("chain-receipt-without-its-transaction", "nodes", true);
        without("chain-receipt-without-its-nodes", "receipt_nodes", true);
        without("chain-receipt-without-log", "log", true);
    }

private:
    void set(std::string_view name, std::string_view why, std::string_view member,
             json::Value value) {
        out_.ends_as_json({name, why}, "anchor-malformed",
                          [&](json::Value& members) { members.set(member, value); });
    }
    void without(std::string_view name, std::string_view member, bool receipt) {
        out_.ends_as_json(
            {name, "A required member is missing."}, "anchor-malformed",
            [&](json::Value& members) { remove(members, member); }, receipt);
    }

    AnchorCases& out_;
};

// Field `place` of a header, replaced by `encoded`.
Bytes with_field(const Bytes& header, std::size_t place, const Bytes& encoded) {
    const auto list = evm::rlp::decode(header);
    std::vector<Bytes> fields;
    for (const auto& item : list->items) fields.push_back(to_bytes(item.raw));
    fields.at(place) = encoded;
    return evm::rlp::encode_list(fields);
}

void add_headers(AnchorCases& out) {
    namespace rlp = evm::rlp;
    const auto malformed = [&](const Told& told, const EditPlan& edit) {
        out.ends(told, "anchor-malformed", out.made(edit));
    };
    malformed({"chain-extra-data-of-six-items", "Besu would read it; the form has five."},
              [](AnchorPlan& plan) { plan.block.extra_item = rlp::encode_u64(1); });
    malformed({"chain-validators-not-ascending", "The header's list out of order."},
              [](AnchorPlan& plan) {
                  std::vector<Bytes> items;
                  for (const ChainAccount& key : land_validators()) {
                      items.push_back(rlp::encode_string(key.address()));
                  }
                  std::swap(items[0], items[1]);
                  plan.block.validators_item = rlp::encode_list(items);
              });
    malformed({"chain-header-of-ibft2-under-a-qbft-pin", "The mode is the pin's, never guessed."},
              [](AnchorPlan& plan) { plan.block.mode = evm::Mode::ibft2; });
    malformed({"chain-header-without-seals-form", "A plain header under a pin with seals."},
              [](AnchorPlan& plan) { plan.block.mode = evm::Mode::plain; });
    malformed({"chain-block-0", "Nobody seals the first block."},
              [](AnchorPlan& plan) { plan.block.number = 0; });
    malformed({"chain-block-number-2-53", "Beyond what JSON numbers hold."},
              [](AnchorPlan& plan) { plan.block.number = std::uint64_t{1} << 53; });
    const auto bytes = [&](const Told& told, auto edit) {
        anchors::EvmAnchor anchor = out.made();
        edit(anchor.header);
        out.ends(told, "anchor-malformed", anchor);
    };
    bytes({"chain-header-with-a-trailing-byte", "One byte behind the list."},
          [](Bytes& header) { header.push_back(0); });
    bytes({"chain-header-cut", "The last byte is missing."},
          [](Bytes& header) { header.pop_back(); });
    bytes({"chain-difficulty-2", "Sealed chains have difficulty 1."},
          [](Bytes& header) { header = with_field(header, 7, rlp::encode_u64(2)); });
    bytes({"chain-mix-hash-of-zeros", "Not that of a chain with these rules."}, [](Bytes& header) {
        header = with_field(header, 13, rlp::encode_string(Bytes(kDigestBytes)));
    });
    bytes({"chain-number-with-a-leading-zero", "RLP has one form per number."},
          [](Bytes& header) { header = with_field(header, 8, Bytes{0x82, 0x00, 0x11}); });
}

void add_pins(AnchorCases& out) {
    out.ends({"chain-unknown", "The trust file pins no chain."}, "chain-unknown", out.made(), [] {
        Trust trust = chain_trust();
        trust.chains.clear();
        return trust;
    }());
    out.ends({"chain-known-by-another-name", "The name in evidence only selects a pin."},
             "chain-unknown", out.made(),
             trust_with([](TrustedChain& chain) { chain.id = "sea"; }));
    out.ends({"chain-of-secp256r1", "Understood, not judged: never wrong."},
             "chain-curve-unsupported", out.made(),
             trust_with([](TrustedChain& chain) { chain.curve = ChainCurve::secp256r1; }));
}

void add_trust_files(AnchorCases& out) {
    const std::string evidence = evidence_text(anchored_evidence(out.day(), out.made()));
    const auto refuses = [&](const Told& told, std::string_view reason,
                             const std::function<void(TrustedChain&)>& edit) {
        out.add(make_text_vector(told.name, told.why, evidence,
                                 fieldseal::to_json(trust_with(edit)), refused(reason)));
    };
    refuses({"trust-chain-without-validators", "A sealed chain needs a set."}, "trust-malformed",
            [](TrustedChain& chain) { chain.validator_sets.clear(); });
    refuses({"trust-chain-with-an-empty-set", "A quorum of nobody is no quorum."},
            "trust-malformed",
            [](TrustedChain& chain) { chain.validator_sets[0].validators.clear(); });
    refuses({"trust-chain-with-a-validator-twice", "Quorums count validators."}, "trust-malformed",
            [](TrustedChain& chain) {
                auto& validators = chain.validator_sets[0].validators;
                validators[1] = validators[0];
            });
    refuses({"trust-chain-sets-overlap", "Two sets for one block."}, "trust-malformed",
            [](TrustedChain& chain) {
                chain.validator_sets.push_back(chain.validator_sets[0]);
                chain.validator_sets[0].to = 20;
                chain.validator_sets[1].from = 20;
            });
    refuses({"trust-chain-plain-with-validators", "Mode plain has no validators."},
            "trust-malformed", [](TrustedChain& chain) { chain.mode = evm::Mode::plain; });
    refuses({"trust-chain-sealed-with-blocks", "Blocks are pinned for mode plain only."},
            "trust-malformed", [](TrustedChain& chain) { chain.blocks = {{kBlock, Digest{1}}}; });
    refuses({"trust-validator-is-the-seal", "One key, one purpose."}, "trust-key-reused",
            [](TrustedChain& chain) {
                chain.validator_sets[0].validators[0] =
                    evm::address_of_point(permits_seal().key().raw());
            });
    Trust twice = chain_trust();
    twice.chains.push_back(twice.chains[0]);
    twice.chains[1].id = "land, again";
    twice.chains[1].operated_by = "Somebody Else";
    out.add(make_text_vector("trust-validators-for-two-operators",
                             "One network pinned twice would count for two operators.", evidence,
                             fieldseal::to_json(twice), refused("trust-key-reused")));
    std::string text = fieldseal::to_json(chain_trust());
    out.add(make_text_vector("trust-chain-of-another-mode", "A mode of a later version.", evidence,
                             text.replace(text.find("\"qbft\""), 6, "\"clique\""),
                             refused("trust-unsupported")));
}

}  // namespace

Vectors chain_form_cases() {
    AnchorCases out;
    MemberCases(out).add();
    add_headers(out);
    add_pins(out);
    add_trust_files(out);
    return std::move(out).take();
}

}  // namespace fieldseal::vectors
