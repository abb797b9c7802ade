// SPDX-License-Identifier: Apache-2.0
// The text of a trust file. Members in the order of docs/formats/trust.md; what is absent or empty
// and optional is left out, so each Trust has one text.
#include "core/encoding.h"
#include "core/trust.h"

namespace fieldseal {
namespace {

template <class T, class Write>
json::Value list_of(const std::vector<T>& items, Write write) {
    json::Value list = json::Value::array();
    for (const T& item : items) list.push_back(write(item));
    return list;
}

template <class T, class Write>
void set_list(json::Value& tree, std::string_view name, const std::vector<T>& items, Write write) {
    if (!items.empty()) tree.set(name, list_of(items, write));
}

json::Value as_it_is(const std::string& text) {
    return text;
}
json::Value base64_value(ByteView bytes) {
    return base64_encode(bytes);
}
json::Value spki_value(const PublicKey& key) {
    return base64_encode(key.spki());
}
json::Value address_value(const evm::Address& address) {
    return evm::to_string(address);
}
json::Value block_value(const PinnedBlock& block) {
    return json::Value::object({{"number", block.number}, {"hash", "0x" + hex_encode(block.hash)}});
}
json::Value status_value(const StatusItem& item) {
    return to_value(item);
}

json::Value log_value(const TrustedLog& log) {
    json::Value tree = json::Value::object(
        {{"origin", log.origin},
         {"vkey", note::format_vkey(log.key)},
         {"kind", log.kind == LogKind::statement ? "statement" : "checkpoints"}});
    set_list(tree, "status_keys", log.status_keys, spki_value);
    tree.set("operator", log.operated_by);
    if (log.closed) {
        tree.set("closed", json::Value::object({{"size", log.closed->size.value},
                                                {"root", base64_value(log.closed->root)}}));
    }
    set_list(tree, "status", log.status, status_value);
    return tree;
}

json::Value seal_value(const TrustedSeal& seal) {
    json::Value tree = json::Value::object({{"kid", hex_encode(seal.key.kid())},
                                            {"key", spki_value(seal.key)},
                                            {"alg", to_string(seal.key.algorithm())},
                                            {"origins", list_of(seal.origins, as_it_is)}});
    tree.set_if("iss", seal.iss).set_if("subject", seal.subject);
    return tree;
}

json::Value seal_authority_value(const TrustedSealAuthority& authority) {
    json::Value tree = json::Value::object({{"ca", list_of(authority.roots, base64_value)},
                                            {"origins", list_of(authority.origins, as_it_is)}});
    tree.set_if("iss", authority.iss);
    set_list(tree, "purposes", authority.purposes, as_it_is);
    set_list(tree, "policies", authority.policies, as_it_is);
    if (authority.revocation == RevocationDemand::none) tree.set("revocation", "none");
    tree.set_if("subject", authority.subject);
    return tree;
}

json::Value seals_value(const Trust& trust) {
    json::Value seals = list_of(trust.seals, seal_value);
    for (const TrustedSealAuthority& authority : trust.seal_authorities)
        seals.push_back(seal_authority_value(authority));
    return seals;
}

json::Value witness_value(const TrustedWitness& witness) {
    json::Value tree = json::Value::object({{"name", witness.key.name},
                                            {"vkey", note::format_vkey(witness.key)},
                                            {"operator", witness.operated_by}});
    tree.set_if("url", witness.url);
    return tree;
}

json::Value tsa_value(const TrustedTsa& tsa) {
    json::Value tree = json::Value::object({{"roots", list_of(tsa.roots, base64_value)},
                                            {"policies", list_of(tsa.policies, as_it_is)},
                                            {"accuracy_default_s", tsa.accuracy_default_s}});
    tree.set_if("operator", tsa.operated_by);
    return tree;
}

json::Value validator_set_value(const ValidatorSet& set) {
    json::Value tree = json::Value::object({{"from", set.from}});
    tree.set_if("to", set.to);
    tree.set("validators", list_of(set.validators, address_value));
    return tree;
}

json::Value chain_value(const TrustedChain& chain) {
    json::Value tree = json::Value::object(
        {{"id", chain.id}, {"chain_id", chain.chain_id}, {"mode", evm::to_string(chain.mode)}});
    if (chain.curve == ChainCurve::secp256r1) tree.set("curve", "secp256r1");
    tree.set("validator_sets", list_of(chain.validator_sets, validator_set_value));
    set_list(tree, "blocks", chain.blocks, block_value);
    if (chain.contract) tree.set("contract", address_value(*chain.contract));
    tree.set_if("operator", chain.operated_by);
    return tree;
}

}  // namespace

std::string to_json(const Trust& trust) {
    json::Value tree =
        json::Value::object({{"fieldseal", kTrustVersion},
                             {"logs", list_of(trust.logs, log_value)},
                             {"seals", seals_value(trust)},
                             {"witnesses", list_of(trust.witnesses, witness_value)}});
    set_list(tree, "tsas", trust.tsas, tsa_value);
    set_list(tree, "chains", trust.chains, chain_value);
    tree.set("policy", json::Value::object({{"witness_quorum", trust.policy.witness_quorum},
                                            {"time_quorum", trust.policy.time_quorum}}));
    tree.set("skew_s", trust.skew_s);
    return json::dump(tree, json::Style::pretty);
}

}  // namespace fieldseal
