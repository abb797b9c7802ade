// SPDX-License-Identifier: Apache-2.0
// What a check of an anchor finds out: how it ended, and for chains the facts behind it. verify/
// gives each finding its reason code (docs/formats/verdicts.md). THREADS: value types.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::anchors {

enum class Finding : std::uint8_t {
    proven,        // the digest existed by `not_after_s`
    unsupported,   // a type of docs/formats that this version does not judge
    unknown_type,  // a type that this version has never heard of
    malformed,     // not the form of its type
    // Chains, what is missing:
    chain_unknown,            // no pin of that name
    chain_curve_unsupported,  // the pin says that its keys are of another curve
    chain_set_unknown,        // no pinned set covers the block
    chain_contract_unknown,   // an event or a call, and the pin names no contract
    chain_header_only,        // included, and nobody vouches for the header
    chain_time_unhardened,    // sealed, and its time rests on one proposer
    // Chains, what is wrong:
    chain_block_mismatch,     // the pin knows another block of that number
    chain_set_mismatch,       // the block lists other validators than the pinned set
    chain_handover_mismatch,  // the handover does not lead to the block's validators
    chain_seals_too_few,
    chain_seal_foreign,
    chain_seal_duplicate,
    chain_proof_mismatch,   // the trie proof does not lead to the root
    chain_id_mismatch,      // the transaction is for another chain
    chain_digest_mismatch,  // the transaction or event is not of this digest
    // Time-stamp tokens, what is missing:
    tsa_unknown,              // no pinned root that the signer's certificate leads to
    tsa_certificate_missing,  // the signer's certificate is not there
    tsa_accuracy_unknown,     // nobody says how sure the time is
    // Time-stamp tokens, what is wrong:
    tsa_imprint_mismatch,     // the token is not of this digest
    tsa_algorithm_refused,    // a key or signature of an algorithm that may not vouch
    tsa_signature_invalid,    // the signature does not fit the content
    tsa_usage_mismatch,       // the certificate is not for time-stamping alone
    tsa_certificate_expired,  // a certificate was not valid at the token's own time
    tsa_chain_invalid,        // the certificates break a rule of RFC 5280
    tsa_policy_not_allowed,   // made under another policy
    tsa_signer_mismatch,      // the signer names another certificate as his
    tsa_certificate_revoked,  // a CRL takes the token with it
};

// What is known about a block of a chain. Only `chain` is proven by itself: the rest is what the
// header says, worth what the finding is worth.
struct ChainFacts {
    std::string chain;  // the pin's id
    std::uint64_t number = 0;
    Digest hash{};
    std::int64_t time_s = 0;                 // the block's own time: optimistic
    std::optional<std::int64_t> hardened_s;  // existed by then, whatever one proposer's clock said
    std::size_t seals = 0;
    std::size_t needed = 0;      // 0: a chain without seals
    std::size_t validators = 0;  // in the set that counts
    std::optional<evm::Address> submitter;
    std::vector<std::string> warnings;  // sentences for a person
    bool operator==(const ChainFacts&) const = default;
};

struct AnchorResult {
    Finding finding = Finding::unknown_type;
    std::string message;           // one sentence for a person
    std::int64_t not_after_s = 0;  // proven only
    std::string source;            // proven only: the chain, authority or log
    std::string operated_by;       // proven only: what quorums count
    std::optional<ChainFacts> chain = {};
};

}  // namespace fieldseal::anchors
