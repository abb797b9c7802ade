// SPDX-License-Identifier: Apache-2.0
// A small log in memory that signs its checkpoints: what a node shows to its targets, without a
// node. THREADS: one thread; the LogView it gives must not outlive it.
#pragma once

#include "core/merkle/proof.h"
#include "core/merkle/tree.h"
#include "core/note/checkpoint.h"
#include "tests/support/note_signer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

class TestLog {
public:
    // Two logs of one origin and seed sign with one key; another `salt` makes other entries: a
    // fork.
    TestLog(std::string_view origin, std::uint8_t seed_byte, std::uint64_t size,
            std::uint8_t salt = 0);

    void grow_to(std::uint64_t size);
    void append(const Digest& entry);

    const std::string& origin() const { return signer_.key().name; }
    const note::VerifierKey& key() const { return signer_.key(); }
    const NoteSigner& signer() const { return signer_; }
    std::uint64_t size() const { return leaf_hashes_.size(); }

    // REQUIRES: size <= size().
    note::Checkpoint checkpoint(std::uint64_t size) const;
    std::string note(std::uint64_t size) const;
    merkle::Proof consistency(std::uint64_t old_size, std::uint64_t new_size) const;
    merkle::Proof inclusion(std::uint64_t index, std::uint64_t size) const;

private:
    merkle::HashReader reader() const;

    NoteSigner signer_;
    std::uint8_t salt_;
    std::vector<Digest> leaf_hashes_;
};

}  // namespace fieldseal::testing
