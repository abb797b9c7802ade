// SPDX-License-Identifier: Apache-2.0
// Builds the evidence file of one statement from what the store knows now
// (docs/formats/evidence.md). Nothing in it is older than the store and nothing is kept: asking
// again later gives more anchors. OWNED BY: the daemon. THREADS: any. Errors: not_found, conflict
// (no checkpoint covers it yet), corrupt.
#pragma once

#include "core/evidence.h"
#include "store/store.h"

#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

class EvidenceBuilder {
public:
    explicit EvidenceBuilder(const store::Store& store) : store_(store) {}

    // `targets`: those of the statements log, in their order; at most four checkpoints make it into
    // one file, those on a chain first, and of what hubs and chains add as much as the limits of
    // evidence allow.
    Result<Evidence> build(const Digest& entry, const std::vector<std::string>& targets) const;

private:
    // A checkpoint that will stand in the evidence, with what is known about it.
    struct Covering {
        merkle::TreeSize size;
        std::string note;
        std::vector<Anchor> anchors;
        std::vector<Proof> logged;
    };
    Result<Evidence> assemble(const store::StatementRecord& record,
                              const std::vector<Covering>& found) const;
    static bool drop_heaviest(std::vector<Covering>& found);
    Result<std::vector<Covering>> coverings(merkle::LeafIndex index,
                                            const std::vector<std::string>& targets) const;
    Result<std::vector<Covering>> answers(merkle::LeafIndex index,
                                          const std::vector<std::string>& targets) const;
    Result<std::optional<Covering>> first_beyond(const std::string& target,
                                                 const Covering& earliest) const;
    static Result<Covering> read_covering(const store::ProofRecord& record);
    static Result<void> add_covering(Covering covering, std::vector<Covering>& found);
    Result<std::vector<Proof>> paths(merkle::LeafIndex index,
                                     const std::vector<Covering>& found) const;
    Result<std::optional<StatusItem>> later_status(const Digest& kid,
                                                   const StatusItem& beside) const;
    Result<StatusItem> status_item(const std::vector<Covering>& found) const;

    const store::Store& store_;
};

}  // namespace fieldseal::node
