// SPDX-License-Identifier: Apache-2.0
// What must hold over a whole trust file, and what an import may change in it.
#include "core/encoding.h"
#include "core/note/checkpoint.h"
#include "core/status.h"
#include "core/trust.h"

#include <algorithm>
#include <map>
#include <set>

namespace fieldseal {
namespace {

Error refused(std::string message) {
    return {Errc::invalid_argument, "trust file: " + std::move(message)};
}

// Which public key has which role. A role may hold a key again (a node's next generation keeps its
// log key), except where keys are counted (witnesses) or are names themselves (seals).
class Roles {
public:
    Result<void> add(ByteView key, std::string_view role) {
        const auto [place, added] = roles_.emplace(to_bytes(key), role);
        if (added || place->second == role) return {};
        return clash(place->second, role);
    }
    Result<void> add_once(ByteView key, std::string_view role) {
        const auto [place, added] = roles_.emplace(to_bytes(key), role);
        if (added) return {};
        return clash(place->second, role);
    }

private:
    static Error clash(std::string_view one, std::string_view other) {
        const std::string both =
            one == other ? "of two " + std::string(one) + "s"
                         : "of a " + std::string(one) + " and of a " + std::string(other);
        return {Errc::conflict, "trust file: one public key is the key " + both +
                                    "; each purpose needs its own key"};
    }
    std::map<Bytes, std::string_view> roles_;
};

// An EC key could be a chain's account too; validators are known by that name only.
Result<void> add_account(const PublicKey& key, std::string_view role, Roles& roles) {
    if (key.raw().size() != kEcPointBytes) return {};
    return roles.add(evm::address_of_point(key.raw()), role);
}

// Who counts for a validator.
using ValidatorOperators = std::map<evm::Address, std::string_view>;

Result<void> add_validators(const TrustedChain& chain, const ValidatorSet& set,
                            ValidatorOperators& operators) {
    for (const evm::Address& validator : set.validators) {
        const auto [place, added] = operators.emplace(validator, chain.counts_as());
        if (added || place->second == chain.counts_as()) continue;
        return Error{Errc::conflict,
                     "trust file: the validator " + evm::to_string(validator) +
                         " would count for two operators, " + quoted(place->second) + " and " +
                         quoted(chain.counts_as()) + "; give both chains one \"operator\""};
    }
    return {};
}

// A validator counts for one operator: who pins a network twice (it changed its mode, say) gives
// both entries the same. And it is nothing but a validator.
Result<void> check_validators(const Trust& trust, Roles& roles) {
    ValidatorOperators operators;
    for (const TrustedChain& chain : trust.chains) {
        for (const ValidatorSet& set : chain.validator_sets) {
            FIELDSEAL_TRY(add_validators(chain, set, operators));
        }
    }
    for (const auto& [validator, counts_as] : operators) {
        FIELDSEAL_TRY(roles.add(validator, "validator"));
    }
    return {};
}

Result<void> check_roles(const Trust& trust) {
    Roles roles;
    for (const TrustedLog& log : trust.logs) {
        const bool statements = log.kind == LogKind::statement;
        FIELDSEAL_TRY(roles.add(log.key.key, statements ? "statement log" : "checkpoint log"));
        for (const PublicKey& key : log.status_keys) {
            FIELDSEAL_TRY(roles.add(key.raw(), "status key"));
            FIELDSEAL_TRY(add_account(key, "status key", roles));
        }
    }
    for (const TrustedSeal& seal : trust.seals) {
        FIELDSEAL_TRY(roles.add_once(seal.key.raw(), "seal"));
        FIELDSEAL_TRY(add_account(seal.key, "seal", roles));
    }
    for (const TrustedWitness& witness : trust.witnesses) {
        FIELDSEAL_TRY(roles.add_once(witness.key.key, "witness"));
    }
    return check_validators(trust, roles);
}

// The verifier put these snapshots there itself: one that is not of this log is a mistake to mend.
Result<void> check_status(const TrustedLog& log) {
    for (const StatusItem& item : log.status) {
        const auto status = parse_status(item.statement);
        if (!status)
            return refused("status of the log " + log.origin + ": " + status.error().message);
        if (status->snapshot.origin != log.origin) {
            return refused("a status snapshot of the log " + log.origin + " is about another log");
        }
        const bool signed_by_known =
            std::any_of(log.status_keys.begin(), log.status_keys.end(),
                        [&](const PublicKey& key) { return verify_status(*status, key).ok(); });
        if (!signed_by_known) {
            return refused("a status snapshot of the log " + log.origin +
                           " is not signed by one of its status keys");
        }
    }
    return {};
}

Result<void> check_log(const TrustedLog& log) {
    FIELDSEAL_TRY(note::check_origin(log.origin));
    if (log.kind == LogKind::checkpoints && (!log.status_keys.empty() || !log.status.empty())) {
        return refused("the log " + log.origin +
                       " holds checkpoints: it has no status keys and no status");
    }
    for (std::size_t i = 0; i < log.status_keys.size(); ++i) {
        const auto before = log.status_keys.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::count(log.status_keys.begin(), before, log.status_keys[i]) != 0) {
            return refused("the log " + log.origin + " lists a status key twice");
        }
    }
    return check_status(log);
}

// A rule about one chain; check_trust says which.
Error malformed(std::string message) {
    return {Errc::invalid_argument, std::move(message)};
}

Result<void> check_validator_set(const ValidatorSet& set) {
    const std::size_t count = set.validators.size();
    if (count == 0 || count > evm::kValidatorsMax) {
        return malformed("a set of " + std::to_string(count) + " validators: 1 to " +
                         std::to_string(evm::kValidatorsMax) + " are allowed");
    }
    if (set.to && *set.to < set.from) return malformed("\"to\" is before \"from\"");
    const std::set<evm::Address> distinct(set.validators.begin(), set.validators.end());
    if (distinct.size() != count) return malformed("a validator stands in a set twice");
    return {};
}

Result<void> check_validator_sets(const TrustedChain& chain) {
    const bool sealed = chain.mode != evm::Mode::plain;
    if (sealed == chain.validator_sets.empty()) {
        return malformed(sealed ? "its blocks are sealed, and no validator set is pinned"
                                : "mode plain has no validators");
    }
    const ValidatorSet* last = nullptr;
    for (const ValidatorSet& set : chain.validator_sets) {
        FIELDSEAL_TRY(check_validator_set(set));
        if (last != nullptr && (!last->to || *last->to >= set.from)) {
            return malformed("the blocks of a validator set overlap with those of the set before");
        }
        last = &set;
    }
    return {};
}

Result<void> check_chain(const TrustedChain& chain) {
    FIELDSEAL_TRY(check_validator_sets(chain));
    if (chain.mode != evm::Mode::plain && !chain.blocks.empty()) {
        return malformed("\"blocks\" are pinned for mode plain only");
    }
    const auto not_ascending = std::adjacent_find(
        chain.blocks.begin(), chain.blocks.end(),
        [](const PinnedBlock& one, const PinnedBlock& next) { return one.number >= next.number; });
    if (not_ascending != chain.blocks.end()) return malformed("\"blocks\" are not in order");
    return {};
}

// Refuses the second of two equal names.
class Names {
public:
    explicit Names(std::string_view what) : what_(what) {}
    Result<void> add(const std::string& name) {
        if (names_.insert(name).second) return {};
        return refused(std::string(what_) + " " + quoted(name) + " stands there twice");
    }

private:
    std::string_view what_;
    std::set<std::string> names_;
};

// What `imported` wants beyond its own origin, or nothing.
Result<void> check_import(const Trust& imported, std::string_view origin) {
    const auto too_much = [&](std::string_view what) {
        return Error{Errc::conflict, "import for " + std::string(origin) + ": it brings " +
                                         std::string(what) +
                                         "; an import may introduce only that node's own log and "
                                         "seals, add the rest by hand"};
    };
    if (imported.logs.size() != 1 || imported.logs[0].origin != origin) {
        return too_much("not exactly the log of that origin");
    }
    if (imported.logs[0].closed) return too_much("the end of a log");
    for (const TrustedSeal& seal : imported.seals) {
        if (seal.origins != std::vector<std::string>{std::string(origin)} ||
            !seal.may_sign_for(origin)) {
            return too_much("a seal for another origin");
        }
    }
    if (!imported.seal_authorities.empty()) return too_much("an authority for seals");
    if (!imported.witnesses.empty()) return too_much("witnesses");
    if (!imported.tsas.empty()) return too_much("time-stamping authorities");
    if (!imported.chains.empty()) return too_much("chains");
    if (imported.policy != Trust{}.policy || imported.skew_s != Trust{}.skew_s) {
        return too_much("a policy");
    }
    return {};
}

Result<void> merge_log(Trust& merged, const TrustedLog& log) {
    const auto pinned =
        std::find_if(merged.logs.begin(), merged.logs.end(),
                     [&](const TrustedLog& other) { return other.origin == log.origin; });
    if (pinned == merged.logs.end()) {
        merged.logs.push_back(log);
        return {};
    }
    if (pinned->key != log.key || pinned->kind != log.kind ||
        pinned->status_keys != log.status_keys) {
        return Error{Errc::conflict,
                     "import for " + log.origin +
                         ": its log key, kind or status keys are not the pinned ones; ask the "
                         "node's operator, then change the trust file by hand"};
    }
    for (const StatusItem& item : log.status) {
        if (std::count(pinned->status.begin(), pinned->status.end(), item) == 0) {
            pinned->status.push_back(item);
        }
    }
    // Each import may bring a newer one, and states are cumulative: the oldest are let go.
    if (pinned->status.size() > kEvidenceStatusMax) {
        const auto surplus = pinned->status.size() - kEvidenceStatusMax;
        pinned->status.erase(pinned->status.begin(),
                             pinned->status.begin() + static_cast<std::ptrdiff_t>(surplus));
    }
    return {};
}

void merge_seal(Trust& merged, const TrustedSeal& seal) {
    const auto pinned =
        std::find_if(merged.seals.begin(), merged.seals.end(),
                     [&](const TrustedSeal& other) { return other.key == seal.key; });
    if (pinned == merged.seals.end()) {
        merged.seals.push_back(seal);
        return;
    }
    for (const std::string& origin : seal.origins) {
        auto& known = pinned->origins;
        if (std::count(known.begin(), known.end(), origin) == 0) known.push_back(origin);
    }
}

}  // namespace

Result<void> check_trust(const Trust& trust) {
    Names origins("the log");
    for (const TrustedLog& log : trust.logs) {
        FIELDSEAL_TRY(check_log(log));
        FIELDSEAL_TRY(origins.add(log.origin));
    }
    Names kids("the seal");
    for (const TrustedSeal& seal : trust.seals) {
        FIELDSEAL_TRY(kids.add(hex_encode(seal.key.kid())));
    }
    Names witnesses("the witness");
    for (const TrustedWitness& witness : trust.witnesses) {
        FIELDSEAL_TRY(witnesses.add(note::format_vkey(witness.key)));
    }
    Names chains("the chain");
    for (const TrustedChain& chain : trust.chains) {
        FIELDSEAL_TRY(chains.add(chain.id));
        const auto checked = check_chain(chain);
        if (!checked)
            return refused("the chain " + quoted(chain.id) + ": " + checked.error().message);
    }
    return check_roles(trust);
}

Result<Trust> merge_trust(const Trust& own, const Trust& imported, std::string_view origin) {
    FIELDSEAL_TRY(check_import(imported, origin));
    Trust merged = own;
    FIELDSEAL_TRY(merge_log(merged, imported.logs[0]));
    for (const TrustedSeal& seal : imported.seals) merge_seal(merged, seal);
    FIELDSEAL_TRY(check_trust(merged));
    return merged;
}

}  // namespace fieldseal
