// SPDX-License-Identifier: Apache-2.0
#include "core/trust.h"

#include "core/encoding.h"
#include "core/evm/transaction.h"
#include "core/note/checkpoint.h"
#include "core/pki/certificate.h"

#include <algorithm>

namespace fieldseal {
namespace {

constexpr std::size_t kDerBytesMax = 16 * 1024;  // of one root certificate
constexpr std::size_t kListMax = 256;            // roots, policies
constexpr std::int64_t kAccuracyMax_s = 86400;

Result<std::string> read_name(const json::Reader& at) {
    auto name = FIELDSEAL_TRY(at.string(kTrustNameBytesMax));
    if (name.empty()) return at.error("empty");
    return name;
}

Result<std::string> required_name(json::Members& in, std::string_view member) {
    const auto at = FIELDSEAL_TRY(in.required(member));
    return read_name(at);
}

Result<std::optional<std::string>> optional_name(json::Members& in, std::string_view member) {
    const auto at = in.optional(member);
    if (!at) return std::optional<std::string>();
    return std::optional<std::string>(FIELDSEAL_TRY(read_name(*at)));
}

Result<std::string> read_origin(const json::Reader& at) {
    auto origin = FIELDSEAL_TRY(at.string(note::kOriginBytesMax));
    const auto checked = note::check_origin(origin);
    if (!checked) return checked.error().with_context(at.path());
    return origin;
}

Result<note::VerifierKey> read_vkey(json::Members& in, note::KeyType type) {
    const auto text = FIELDSEAL_TRY(in.required_string("vkey"));
    auto key = note::parse_vkey(text);
    if (!key) return key.error().with_context(in.error_at("vkey", "refused").message);
    if (key->type != type) {
        return in.error_at("vkey", type == note::KeyType::ed25519
                                       ? "not a log key (type 0x01)"
                                       : "not a witness key (type 0x04)");
    }
    return key;
}

Result<PublicKey> read_public_key(const json::Reader& at) {
    const auto spki = FIELDSEAL_TRY(at.base64(kSpkiBytesMax));
    auto key = PublicKey::from_spki(spki);
    // Whatever is wrong with it, the file is malformed: `unsupported` is for versions only.
    if (!key) return at.error(key.error().message);
    return key;
}

Result<std::uint64_t> required_count(json::Members& in, std::string_view member) {
    const auto count = FIELDSEAL_TRY(in.required_integer(member, 0, json::kIntegerMax));
    return static_cast<std::uint64_t>(count);
}

Result<LogKind> read_kind(json::Members& in) {
    const auto kind = FIELDSEAL_TRY(in.required_string("kind"));
    if (kind == "statement") return LogKind::statement;
    if (kind == "checkpoints") return LogKind::checkpoints;
    return in.error_at("kind", "neither \"statement\" nor \"checkpoints\" but " + quoted(kind, 40));
}

Result<ClosedLog> read_closed(json::Members in) {
    ClosedLog closed;
    closed.size = {FIELDSEAL_TRY(required_count(in, "size"))};
    closed.root = FIELDSEAL_TRY(in.required_base64_digest("root"));
    FIELDSEAL_TRY(in.finish());
    return closed;
}

Result<TrustedLog> read_log(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    TrustedLog log;
    const auto origin = FIELDSEAL_TRY(in.required("origin"));
    log.origin = FIELDSEAL_TRY(read_origin(origin));
    log.key = FIELDSEAL_TRY(read_vkey(in, note::KeyType::ed25519));
    if (log.key.name != log.origin) {
        return in.error_at("vkey", "its name is not the origin " + quoted(log.origin));
    }
    log.kind = FIELDSEAL_TRY(read_kind(in));
    for (const auto& key : FIELDSEAL_TRY(in.optional_array("status_keys", kTrustStatusKeysMax))) {
        log.status_keys.push_back(FIELDSEAL_TRY(read_public_key(key)));
    }
    log.operated_by = FIELDSEAL_TRY(required_name(in, "operator"));
    if (auto closed = FIELDSEAL_TRY(in.optional_object("closed"))) {
        log.closed = FIELDSEAL_TRY(read_closed(*std::move(closed)));
    }
    for (const auto& item : FIELDSEAL_TRY(in.optional_array("status", kEvidenceStatusMax))) {
        log.status.push_back(FIELDSEAL_TRY(read_status_item(item)));
    }
    FIELDSEAL_TRY(in.finish());
    return log;
}

Result<TrustedSeal> read_seal(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    const auto kid = FIELDSEAL_TRY(in.required_hex_digest("kid"));
    const auto key_at = FIELDSEAL_TRY(in.required("key"));
    TrustedSeal seal{FIELDSEAL_TRY(read_public_key(key_at)), {}, {}, {}};
    if (seal.key.kid() != kid) return in.error_at("kid", "not the SHA-256 of the key");
    const auto name = FIELDSEAL_TRY(in.required_string("alg"));
    if (name != to_string(seal.key.algorithm())) {
        return in.error_at("alg", quoted(name, 40) + " is not the algorithm of the key, " +
                                      std::string(to_string(seal.key.algorithm())));
    }
    for (const auto& item : FIELDSEAL_TRY(in.required_array("origins", kTrustOriginsMax))) {
        seal.origins.push_back(FIELDSEAL_TRY(read_origin(item)));
    }
    if (const auto iss = in.optional("iss")) seal.iss = FIELDSEAL_TRY(read_origin(*iss));
    seal.subject = FIELDSEAL_TRY(optional_name(in, "subject"));
    FIELDSEAL_TRY(in.finish());
    return seal;
}

Result<std::vector<std::string>> read_oids(json::Members& in, std::string_view member) {
    std::vector<std::string> oids;
    for (const auto& item : FIELDSEAL_TRY(in.optional_array(member, kTrustOidsMax))) {
        auto oid = FIELDSEAL_TRY(read_name(item));
        if (oid.find_first_not_of("0123456789.") != std::string::npos)
            return item.error(quoted(oid, 40) + " is not a dotted object identifier");
        oids.push_back(std::move(oid));
    }
    return oids;
}

Result<RevocationDemand> read_revocation(json::Members& in) {
    const auto word = FIELDSEAL_TRY(optional_name(in, "revocation"));
    if (!word || *word == "required") return RevocationDemand::required;
    if (*word == "none") return RevocationDemand::none;
    return in.error_at("revocation", "neither \"required\" nor \"none\" but " + quoted(*word, 40));
}

// A root that is no certificate is a mistake to mend before anything is judged.
Result<std::vector<Bytes>> read_seal_roots(json::Members& in) {
    std::vector<Bytes> roots;
    for (const auto& item : FIELDSEAL_TRY(in.required_array("ca", kTrustSealRootsMax))) {
        auto der = FIELDSEAL_TRY(item.base64(kDerBytesMax));
        const auto certificate = pki::Certificate::parse(der);
        if (!certificate.ok()) return item.error(certificate.error().message);
        roots.push_back(std::move(der));
    }
    if (roots.empty()) return in.error_at("ca", "is empty");
    return roots;
}

Result<TrustedSealAuthority> read_seal_authority(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    TrustedSealAuthority authority;
    authority.roots = FIELDSEAL_TRY(read_seal_roots(in));
    for (const auto& item : FIELDSEAL_TRY(in.required_array("origins", kTrustOriginsMax))) {
        authority.origins.push_back(FIELDSEAL_TRY(read_origin(item)));
    }
    if (const auto iss = in.optional("iss")) authority.iss = FIELDSEAL_TRY(read_origin(*iss));
    authority.purposes = FIELDSEAL_TRY(read_oids(in, "purposes"));
    authority.policies = FIELDSEAL_TRY(read_oids(in, "policies"));
    authority.revocation = FIELDSEAL_TRY(read_revocation(in));
    authority.subject = FIELDSEAL_TRY(optional_name(in, "subject"));
    FIELDSEAL_TRY(in.finish());
    return authority;
}

Result<bool> is_authority(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    return in.optional("ca").has_value();
}

// Pinned seals and authorities for seals share one list.
Result<void> read_seals(const std::vector<json::Reader>& items, Trust& trust) {
    for (const auto& item : items) {
        if (FIELDSEAL_TRY(is_authority(item)))
            trust.seal_authorities.push_back(FIELDSEAL_TRY(read_seal_authority(item)));
        else
            trust.seals.push_back(FIELDSEAL_TRY(read_seal(item)));
    }
    return {};
}

Result<TrustedWitness> read_witness(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    TrustedWitness witness;
    const auto name = FIELDSEAL_TRY(required_name(in, "name"));
    witness.key = FIELDSEAL_TRY(read_vkey(in, note::KeyType::cosignature));
    if (witness.key.name != name) return in.error_at("vkey", "its name is not " + quoted(name));
    witness.operated_by = FIELDSEAL_TRY(required_name(in, "operator"));
    witness.url = FIELDSEAL_TRY(in.optional_string("url"));
    FIELDSEAL_TRY(in.finish());
    return witness;
}

Result<TrustedTsa> read_tsa(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    TrustedTsa tsa;
    for (const auto& root : FIELDSEAL_TRY(in.required_array("roots", kListMax))) {
        tsa.roots.push_back(FIELDSEAL_TRY(root.base64(kDerBytesMax)));
    }
    for (const auto& policy : FIELDSEAL_TRY(in.required_array("policies", kListMax))) {
        tsa.policies.push_back(FIELDSEAL_TRY(read_name(policy)));
    }
    tsa.accuracy_default_s =
        FIELDSEAL_TRY(in.required_integer("accuracy_default_s", 0, kAccuracyMax_s));
    tsa.operated_by = FIELDSEAL_TRY(optional_name(in, "operator"));
    FIELDSEAL_TRY(in.finish());
    return tsa;
}

Result<evm::Address> read_address(const json::Reader& at) {
    auto address = evm::parse_address(FIELDSEAL_TRY(at.string()));
    if (!address) return at.error(address.error().message);
    return address;
}

// "0x" and 64 lower-case hexadecimal digits, as chain tools print hashes.
Result<Digest> read_block_hash(const json::Reader& at) {
    const auto text = FIELDSEAL_TRY(at.string());
    auto hash = hex_decode_digest(text.starts_with("0x") ? std::string_view(text).substr(2) : "-");
    if (!hash) return at.error("not \"0x\" and 64 lower-case hexadecimal digits");
    return hash;
}

Result<ValidatorSet> read_validator_set(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    ValidatorSet set;
    set.from = FIELDSEAL_TRY(required_count(in, "from"));
    if (const auto to = FIELDSEAL_TRY(in.optional_integer("to", 0, json::kIntegerMax))) {
        set.to = static_cast<std::uint64_t>(*to);
    }
    for (const auto& item : FIELDSEAL_TRY(in.required_array("validators", evm::kValidatorsMax))) {
        set.validators.push_back(FIELDSEAL_TRY(read_address(item)));
    }
    FIELDSEAL_TRY(in.finish());
    return set;
}

Result<PinnedBlock> read_block(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    PinnedBlock block;
    block.number = FIELDSEAL_TRY(required_count(in, "number"));
    const auto hash = FIELDSEAL_TRY(in.required("hash"));
    block.hash = FIELDSEAL_TRY(read_block_hash(hash));
    FIELDSEAL_TRY(in.finish());
    return block;
}

// A word of ours that a later version may have more of.
Error unknown_word(const json::Members& in, std::string_view member, std::string_view word) {
    return {Errc::unsupported,
            in.error_at(member, quoted(word, 40) + " is not known to this version").message};
}

Result<evm::Mode> read_mode(json::Members& in) {
    const auto name = FIELDSEAL_TRY(required_name(in, "mode"));
    const auto mode = evm::mode_from_name(name);
    if (!mode) return unknown_word(in, "mode", name);
    return *mode;
}

Result<ChainCurve> read_curve(json::Members& in) {
    const auto name = FIELDSEAL_TRY(optional_name(in, "curve"));
    if (!name || name == "secp256k1") return ChainCurve::secp256k1;
    if (name == "secp256r1") return ChainCurve::secp256r1;
    return unknown_word(in, "curve", *name);
}

Result<TrustedChain> read_chain(const json::Reader& at) {
    auto in = FIELDSEAL_TRY(at.members());
    TrustedChain chain;
    chain.id = FIELDSEAL_TRY(required_name(in, "id"));
    chain.chain_id = static_cast<std::uint64_t>(FIELDSEAL_TRY(
        in.required_integer("chain_id", 1, static_cast<std::int64_t>(evm::kChainIdMax))));
    chain.mode = FIELDSEAL_TRY(read_mode(in));
    chain.curve = FIELDSEAL_TRY(read_curve(in));
    for (const auto& item :
         FIELDSEAL_TRY(in.required_array("validator_sets", kTrustValidatorSetsMax))) {
        chain.validator_sets.push_back(FIELDSEAL_TRY(read_validator_set(item)));
    }
    for (const auto& item : FIELDSEAL_TRY(in.optional_array("blocks", kTrustBlocksMax))) {
        chain.blocks.push_back(FIELDSEAL_TRY(read_block(item)));
    }
    if (const auto contract = in.optional("contract")) {
        chain.contract = FIELDSEAL_TRY(read_address(*contract));
    }
    chain.operated_by = FIELDSEAL_TRY(optional_name(in, "operator"));
    FIELDSEAL_TRY(in.finish());
    return chain;
}

Result<AnchorPolicy> read_policy(json::Members in) {
    AnchorPolicy policy;
    policy.witness_quorum =
        FIELDSEAL_TRY(in.required_integer("witness_quorum", 0, kTrustQuorumMax));
    policy.time_quorum = FIELDSEAL_TRY(in.required_integer("time_quorum", 0, kTrustQuorumMax));
    FIELDSEAL_TRY(in.finish());
    return policy;
}

// Every item of an array, through the reader of one.
template <class T>
Result<std::vector<T>> read_all(const std::vector<json::Reader>& items,
                                Result<T> (*read)(const json::Reader&)) {
    std::vector<T> all;
    for (const auto& item : items) all.push_back(FIELDSEAL_TRY(read(item)));
    return all;
}

Result<void> read_version(json::Members& in) {
    const auto version = FIELDSEAL_TRY(in.required_string("fieldseal"));
    if (version == kTrustVersion) return {};
    if (!version.starts_with("trust/")) {
        return in.error_at("fieldseal", quoted(version, 40) + " is not a trust file");
    }
    return Error{Errc::unsupported, "trust file format " + quoted(version, 40) +
                                        ": this version reads " + std::string(kTrustVersion) +
                                        ", use a newer fieldseal"};
}

Result<Trust> read_trust(const json::Value& tree) {
    auto in = FIELDSEAL_TRY(json::Reader(tree).members());
    FIELDSEAL_TRY(read_version(in));
    Trust trust;
    const auto logs = FIELDSEAL_TRY(in.required_array("logs", kTrustLogsMax));
    trust.logs = FIELDSEAL_TRY(read_all(logs, read_log));
    const auto seals = FIELDSEAL_TRY(in.required_array("seals", kTrustSealsMax));
    FIELDSEAL_TRY(read_seals(seals, trust));
    const auto witnesses = FIELDSEAL_TRY(in.required_array("witnesses", kTrustWitnessesMax));
    trust.witnesses = FIELDSEAL_TRY(read_all(witnesses, read_witness));
    const auto tsas = FIELDSEAL_TRY(in.optional_array("tsas", kTrustTsasMax));
    trust.tsas = FIELDSEAL_TRY(read_all(tsas, read_tsa));
    const auto chains = FIELDSEAL_TRY(in.optional_array("chains", kTrustChainsMax));
    trust.chains = FIELDSEAL_TRY(read_all(chains, read_chain));
    if (auto policy = FIELDSEAL_TRY(in.optional_object("policy"))) {
        trust.policy = FIELDSEAL_TRY(read_policy(*std::move(policy)));
    }
    const auto skew = FIELDSEAL_TRY(in.optional_integer("skew_s", 0, kTrustSkewMax_s));
    trust.skew_s = skew.value_or(trust.skew_s);
    FIELDSEAL_TRY(in.finish());
    return trust;
}

}  // namespace

bool TrustedSeal::may_sign_for(std::string_view origin) const {
    return std::find(origins.begin(), origins.end(), origin) != origins.end() &&
           (!iss || *iss == origin);
}

bool TrustedSealAuthority::may_sign_for(std::string_view origin) const {
    return std::find(origins.begin(), origins.end(), origin) != origins.end() &&
           (!iss || *iss == origin);
}

const TrustedLog* Trust::find_log(std::string_view origin) const {
    const auto found = std::find_if(logs.begin(), logs.end(),
                                    [&](const TrustedLog& log) { return log.origin == origin; });
    return found == logs.end() ? nullptr : &*found;
}

const TrustedSeal* Trust::find_seal(const Digest& kid) const {
    const auto found = std::find_if(seals.begin(), seals.end(),
                                    [&](const TrustedSeal& seal) { return seal.key.kid() == kid; });
    return found == seals.end() ? nullptr : &*found;
}

const TrustedWitness* Trust::find_witness(std::string_view name, std::uint32_t key_id) const {
    const auto found =
        std::find_if(witnesses.begin(), witnesses.end(), [&](const TrustedWitness& witness) {
            return witness.key.name == name && witness.key.id() == key_id;
        });
    return found == witnesses.end() ? nullptr : &*found;
}

const TrustedChain* Trust::find_chain(std::string_view id) const {
    const auto found = std::find_if(chains.begin(), chains.end(),
                                    [&](const TrustedChain& chain) { return chain.id == id; });
    return found == chains.end() ? nullptr : &*found;
}

const ValidatorSet* TrustedChain::find_set(std::uint64_t number) const {
    const auto found = std::find_if(validator_sets.begin(), validator_sets.end(),
                                    [&](const ValidatorSet& set) { return set.covers(number); });
    return found == validator_sets.end() ? nullptr : &*found;
}

const PinnedBlock* TrustedChain::find_block(std::uint64_t number) const {
    const auto found = std::find_if(blocks.begin(), blocks.end(), [&](const PinnedBlock& block) {
        return block.number == number;
    });
    return found == blocks.end() ? nullptr : &*found;
}

Result<Trust> parse_trust(std::string_view text) {
    const json::Limits limits{.bytes_max = kTrustBytesMax, .values_max = kTrustValuesMax};
    const json::Value tree = FIELDSEAL_TRY(json::parse(text, limits));
    Trust trust = FIELDSEAL_TRY(read_trust(tree));
    FIELDSEAL_TRY(check_trust(trust));
    return trust;
}

}  // namespace fieldseal
