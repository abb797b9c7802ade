// SPDX-License-Identifier: Apache-2.0
// The hub role: a C2SP witness for enrolled logs, with a transparency log of its own over what it
// accepted ("witnessed log"; entries are checkpoint digests).
//
// The order lock → check → persist → sign is sacred (DESIGN §7): the decision runs on the
// sequencer's writer against the stored state, the new state and the log entry are one synced
// write, and only then does the witness key sign. A crash can lose an answer, never make two that
// contradict each other. A node that was restored and is held cosigns nothing: the backup may not
// know what was cosigned since. Source: C2SP tlog-witness v1.0.0. OWNED BY: the daemon. THREADS:
// any.
#pragma once

#include "api/backend.h"
#include "core/evidence.h"
#include "core/witness/accept.h"
#include "node/clock.h"
#include "node/custody/signing_key.h"
#include "node/enrolment.h"
#include "node/seal_gate.h"
#include "node/sequencer.h"
#include "store/store.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

class Hub final : public api::WitnessBackend {
public:
    // All parts outlive the hub.
    struct Parts {
        store::Store& store;
        Sequencer& sequencer;
        const Clock& clock;
        const SealGate& gate;
        const Enrolment& enrolment;
        const SigningKey& witness_key;
        std::string witness_name;
        // The targets that anchor the witnessed log.
        std::function<std::vector<std::string>()> targets;
    };
    explicit Hub(Parts parts) : parts_(std::move(parts)) {}

    api::WitnessReply add_checkpoint(std::string_view body) override;
    Result<std::string> latest(const Digest& origin_hash) override;
    Result<std::string> proof(const Digest& checkpoint_digest) override;

private:
    Result<void> decide(const witness::AddCheckpoint& request, store::Batch& batch,
                        witness::Decision& decision) const;
    Result<void> remember(const witness::AddCheckpoint& request, const witness::Accepted& accepted,
                          store::Batch& batch) const;

    Result<std::optional<Proof>> anchored_proof(merkle::LeafIndex index) const;

    const Parts parts_;
};

}  // namespace fieldseal::node
