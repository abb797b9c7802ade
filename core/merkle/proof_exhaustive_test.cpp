// SPDX-License-Identifier: Apache-2.0
// Every tree of up to 64 leaves, every leaf, every older size: the proof verifies, and nothing
// close to it does. A proof has one form per question, so a mutation that still verified would be a
// hole.
#include "core/merkle/frontier.h"
#include "core/merkle/proof.h"
#include "core/merkle/tile.h"

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <string>
#include <vector>

namespace fieldseal::merkle {
namespace {

constexpr std::size_t kLeaves = 64;
constexpr std::size_t kWideLeaves = 300;    // beyond one tile
constexpr std::size_t kClaimedLeaves = 32;  // each proof under each other pair of sizes
constexpr std::size_t kHashesTried = 9;     // a proof in a tree of kLeaves has at most 7

class Trees {
public:
    explicit Trees(std::size_t count) {
        Frontier frontier;
        roots_.push_back(frontier.root());
        for (std::size_t i = 0; i < count; ++i) {
            leaves_.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
            frontier.append(leaves_.back());
            roots_.push_back(frontier.root());
        }
    }
    const Digest& leaf(std::size_t i) const { return leaves_[i]; }
    // Some hashes, as many as asked for.
    std::vector<Digest> hashes(std::size_t count) const {
        return {leaves_.begin(), leaves_.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    TreeHead head(std::size_t size) const { return {TreeSize{size}, roots_[size]}; }

    HashReader reader() const {
        return [this](NodeId node) -> Result<Digest> {
            return root_of(
                std::span(leaves_).subspan(node.index << node.level, std::size_t{1} << node.level));
        };
    }

    // The same hashes through tiles, as a store or a server would serve them.
    TileReader tiles() const {
        return [this](const TileId& tile) -> Result<Bytes> {
            Bytes bytes;
            for (std::uint64_t i = 0; i < tile.width; ++i) {
                const NodeId node{tile.level * kTileHeight, tile.index * kTileWidth + i};
                const Digest hash = *reader()(node);
                append(bytes, hash);
            }
            return bytes;
        };
    }

private:
    std::vector<Digest> leaves_;
    std::vector<Digest> roots_;
};

// Calls `refused` with every proof that differs from `proof` in one place: each hash with one bit
// flipped (every byte position is hit over the run), each hash replaced by each neighbour or by
// zeros, each hash left out, each hash doubled, each pair swapped, one more hash at either end.
void for_each_mutation(const Proof& proof, const std::function<void(const Proof&)>& refused) {
    static std::size_t bit = 0;
    for (std::size_t i = 0; i < proof.size(); ++i) {
        Proof mutated = proof;
        bit = (bit + 1) % (8 * kDigestBytes);
        mutated[i][bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        refused(mutated);
        mutated = proof;
        mutated[i] = Digest{};
        refused(mutated);
        mutated = proof;
        mutated.erase(mutated.begin() + static_cast<std::ptrdiff_t>(i));
        refused(mutated);
        mutated = proof;
        mutated.insert(mutated.begin() + static_cast<std::ptrdiff_t>(i), proof[i]);
        refused(mutated);
        for (std::size_t j = i + 1; j < proof.size(); ++j) {
            mutated = proof;
            std::swap(mutated[i], mutated[j]);
            refused(mutated);
            mutated = proof;
            mutated[i] = proof[j];
            refused(mutated);
        }
    }
    Proof extended = proof;
    extended.push_back(Digest{});
    refused(extended);
    extended = proof;
    extended.insert(extended.begin(), Digest{});
    refused(extended);
    if (!proof.empty()) refused({});
}

// On which side the siblings lie on the way from the root down to leaf `index`; true = left.
std::vector<bool> turns_to_leaf(std::uint64_t index, std::uint64_t size) {
    std::vector<bool> left;
    for (std::uint64_t begin = 0, end = size; end - begin > 1;) {
        const std::uint64_t middle = begin + split_point(end - begin);
        left.push_back(index >= middle);
        (index >= middle ? begin : end) = middle;
    }
    return left;
}

// The same on the way to the node where the tree of `older` leaves ends. REQUIRES: older >= 1.
std::vector<bool> turns_to_edge(std::uint64_t older, std::uint64_t newer) {
    std::vector<bool> left;
    for (std::uint64_t begin = 0, end = newer; end != older;) {
        const std::uint64_t middle = begin + split_point(end - begin);
        left.push_back(older > middle);
        (older > middle ? begin : end) = middle;
    }
    return left;
}

// Hashes of a proof of any length, and where they lead from `start` by the turns of a claim: what a
// verifier would compute that does not count. Above the root it could only go on, to `beyond`.
struct Ascent {
    Digest older;
    Digest newer;
};
Ascent ascend(const Digest& start, std::span<const Digest> hashes, const std::vector<bool>& turns,
              bool beyond) {
    Ascent at{start, start};
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const bool left = i < turns.size() ? turns[turns.size() - 1 - i] : beyond;
        if (left) at.older = node_hash(hashes[i], at.older);
        at.newer = left ? node_hash(hashes[i], at.newer) : node_hash(at.newer, hashes[i]);
    }
    return at;
}

TEST(InclusionExhaustive, EveryProofVerifiesAndNoMutationDoes) {
    const Trees trees(kLeaves);
    const auto reader = trees.reader();
    std::size_t proofs = 0;
    std::size_t mutations = 0;
    for (std::size_t size = 1; size <= kLeaves; ++size) {
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = inclusion_proof(reader, LeafIndex{index}, TreeSize{size});
            ASSERT_TRUE(proof.ok());
            ASSERT_TRUE(
                verify_inclusion(LeafIndex{index}, trees.head(size), trees.leaf(index), *proof)
                    .ok());
            ++proofs;
            for_each_mutation(*proof, [&](const Proof& mutated) {
                ASSERT_FALSE(
                    verify_inclusion(LeafIndex{index}, trees.head(size), trees.leaf(index), mutated)
                        .ok())
                    << size << " " << index;
                ++mutations;
            });
        }
    }
    EXPECT_EQ(proofs, kLeaves * (kLeaves + 1) / 2);
    RecordProperty("mutations", std::to_string(mutations));
}

TEST(InclusionExhaustive, NoProofFitsAnotherLeafOrRoot) {
    const Trees trees(kLeaves);
    const auto reader = trees.reader();
    for (std::size_t size = 1; size <= kLeaves; ++size) {
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = *inclusion_proof(reader, LeafIndex{index}, TreeSize{size});
            for (std::size_t other = 0; other <= kLeaves; ++other) {
                if (other != index) {
                    ASSERT_FALSE(verify_inclusion(LeafIndex{other}, trees.head(size),
                                                  trees.leaf(index), proof)
                                     .ok());
                }
                if (other != index && other < kLeaves) {
                    ASSERT_FALSE(verify_inclusion(LeafIndex{index}, trees.head(size),
                                                  trees.leaf(other), proof)
                                     .ok());
                }
                if (other != size) {
                    ASSERT_FALSE(verify_inclusion(LeafIndex{index}, trees.head(other),
                                                  trees.leaf(index), proof)
                                     .ok());
                }
            }
        }
    }
}

// The size is bound by the checkpoint's signature, not by the path: with the right root, sizes
// whose trees put this leaf at the end of the same turns give the same answer (RFC 6962 by design).
// Every other size is refused, and which is which follows from the shape alone.
TEST(InclusionExhaustive, AnotherSizeIsAcceptedOnlyWhenItsPathHasTheSameTurns) {
    const Trees trees(kLeaves);
    const auto reader = trees.reader();
    std::size_t refused = 0;
    for (std::size_t size = 1; size <= kLeaves; ++size) {
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = *inclusion_proof(reader, LeafIndex{index}, TreeSize{size});
            for (std::size_t other = index + 1; other <= kLeaves; ++other) {
                const TreeHead claimed{TreeSize{other}, trees.head(size).root};
                const bool same = turns_to_leaf(index, size) == turns_to_leaf(index, other);
                ASSERT_EQ(
                    verify_inclusion(LeafIndex{index}, claimed, trees.leaf(index), proof).ok(),
                    same);
                if (!same) ++refused;
            }
        }
    }
    EXPECT_GT(refused, 10000U);
}

// Claims with the very root that the hashes lead to: nothing but their number is wrong.
TEST(InclusionExhaustive, ARootThatTheHashesLeadToDoesNotExcuseTheirNumber) {
    const Trees trees(kLeaves);
    std::size_t verified = 0;
    for (std::size_t size = 1; size <= kLeaves; ++size) {
        for (std::size_t index = 0; index < size; ++index) {
            const auto turns = turns_to_leaf(index, size);
            for (std::size_t length = 0; length <= kHashesTried; ++length) {
                for (const bool beyond : {true, false}) {
                    const auto hashes = trees.hashes(length);
                    const Digest& leaf = trees.leaf(index);
                    const TreeHead claimed{TreeSize{size},
                                           ascend(leaf, hashes, turns, beyond).newer};
                    const bool ok = verify_inclusion(LeafIndex{index}, claimed, leaf, hashes).ok();
                    ASSERT_EQ(ok, length == turns.size()) << index << " " << size << " " << length;
                    verified += ok ? 1 : 0;
                }
            }
        }
    }
    EXPECT_EQ(verified, kLeaves * (kLeaves + 1));
}

// Each proof of a tree under each other index and size, larger and smaller, with its own root.
TEST(InclusionExhaustive, NoProofFitsAnotherPlaceOfOtherTurns) {
    const Trees trees(kClaimedLeaves);
    const auto reader = trees.reader();
    for (std::size_t size = 1; size <= kClaimedLeaves; ++size) {
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = *inclusion_proof(reader, LeafIndex{index}, TreeSize{size});
            const auto turns = turns_to_leaf(index, size);
            for (std::size_t other = 1; other <= kClaimedLeaves; ++other) {
                const TreeHead claimed{TreeSize{other}, trees.head(size).root};
                for (std::size_t at = 0; at < other; ++at) {
                    ASSERT_EQ(
                        verify_inclusion(LeafIndex{at}, claimed, trees.leaf(index), proof).ok(),
                        turns_to_leaf(at, other) == turns)
                        << index << " of " << size << " as " << at << " of " << other;
                }
            }
        }
    }
}

TEST(ConsistencyExhaustive, EveryProofVerifiesAndNoMutationDoes) {
    const Trees trees(kLeaves);
    const auto reader = trees.reader();
    std::size_t proofs = 0;
    for (std::size_t newer = 1; newer <= kLeaves; ++newer) {
        for (std::size_t older = 1; older <= newer; ++older) {
            const auto proof = consistency_proof(reader, TreeSize{older}, TreeSize{newer});
            ASSERT_TRUE(proof.ok());
            ASSERT_TRUE(verify_consistency(trees.head(older), trees.head(newer), *proof).ok());
            ++proofs;
            for_each_mutation(*proof, [&](const Proof& mutated) {
                ASSERT_FALSE(verify_consistency(trees.head(older), trees.head(newer), mutated).ok())
                    << older << " " << newer;
            });
        }
    }
    EXPECT_EQ(proofs, kLeaves * (kLeaves + 1) / 2);
}

TEST(ConsistencyExhaustive, NoProofFitsAnotherHead) {
    const Trees trees(kLeaves);
    const auto reader = trees.reader();
    for (std::size_t newer = 2; newer <= kLeaves; ++newer) {
        for (std::size_t older = 1; older < newer; ++older) {
            const auto proof = *consistency_proof(reader, TreeSize{older}, TreeSize{newer});
            for (std::size_t other = 0; other <= kLeaves; ++other) {
                if (other != older) {
                    ASSERT_FALSE(
                        verify_consistency(trees.head(other), trees.head(newer), proof).ok());
                    const TreeHead wrong_root{TreeSize{older}, trees.head(other).root};
                    ASSERT_FALSE(verify_consistency(wrong_root, trees.head(newer), proof).ok());
                }
                if (other != newer) {
                    ASSERT_FALSE(
                        verify_consistency(trees.head(older), trees.head(other), proof).ok());
                    const TreeHead wrong_root{TreeSize{newer}, trees.head(other).root};
                    ASSERT_FALSE(verify_consistency(trees.head(older), wrong_root, proof).ok());
                }
            }
        }
    }
}

TEST(ConsistencyExhaustive, RootsThatTheHashesLeadToDoNotExcuseTheirNumber) {
    const Trees trees(kLeaves);
    std::size_t verified = 0;
    for (std::size_t newer = 2; newer <= kLeaves; ++newer) {
        for (std::size_t older = 1; older < newer; ++older) {
            const auto turns = turns_to_edge(older, newer);
            const std::size_t first = std::has_single_bit(older) ? 0 : 1;
            for (std::size_t length = 1; length <= kHashesTried; ++length) {
                for (const bool beyond : {true, false}) {
                    const auto hashes = trees.hashes(length);
                    const Digest start = first == 0 ? trees.head(older).root : hashes[0];
                    const Ascent end =
                        ascend(start, std::span(hashes).subspan(first), turns, beyond);
                    const bool ok = verify_consistency({TreeSize{older}, end.older},
                                                       {TreeSize{newer}, end.newer}, hashes)
                                        .ok();
                    ASSERT_EQ(ok, length == turns.size() + first)
                        << older << " " << newer << " " << length;
                    verified += ok ? 1 : 0;
                }
            }
        }
    }
    EXPECT_EQ(verified, kLeaves * (kLeaves - 1));
}

TEST(ConsistencyExhaustive, NoProofFitsOtherSizesOfOtherTurns) {
    const Trees trees(kClaimedLeaves);
    const auto reader = trees.reader();
    for (std::size_t newer = 2; newer <= kClaimedLeaves; ++newer) {
        for (std::size_t older = 1; older < newer; ++older) {
            const auto proof = *consistency_proof(reader, TreeSize{older}, TreeSize{newer});
            const auto turns = turns_to_edge(older, newer);
            for (std::size_t other = 2; other <= kClaimedLeaves; ++other) {
                for (std::size_t from = 1; from < other; ++from) {
                    const TreeHead before{TreeSize{from}, trees.head(older).root};
                    const TreeHead after{TreeSize{other}, trees.head(newer).root};
                    ASSERT_EQ(verify_consistency(before, after, proof).ok(),
                              turns_to_edge(from, other) == turns)
                        << older << " to " << newer << " as " << from << " to " << other;
                }
            }
        }
    }
}

TEST(TilesExhaustive, GiveTheSameProofsAsTheTree) {
    const Trees trees(kWideLeaves);
    const auto plain = trees.reader();
    for (std::size_t size = 1; size <= kWideLeaves; ++size) {
        const auto tiled = tile_hash_reader(TreeSize{size}, trees.tiles());
        ASSERT_EQ(*root(tiled, TreeSize{size}), trees.head(size).root);
        for (std::size_t index = size % 7; index < size; index += 7) {
            const auto proof = inclusion_proof(tiled, LeafIndex{index}, TreeSize{size});
            ASSERT_TRUE(proof.ok());
            ASSERT_EQ(*proof, *inclusion_proof(plain, LeafIndex{index}, TreeSize{size}));
            const auto older = TreeSize{index + 1};
            ASSERT_EQ(*consistency_proof(tiled, older, TreeSize{size}),
                      *consistency_proof(plain, older, TreeSize{size}));
        }
    }
}

}  // namespace
}  // namespace fieldseal::merkle
