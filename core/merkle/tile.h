// SPDX-License-Identifier: Apache-2.0
// C2SP tlog-tiles: how a log's hashes and entries are cut into immutable files, and their paths
// (relative to the log's prefix, no leading slash). A tile on level L with index N holds up to 256
// hashes; hash i is the root of the leaves [(256·N + i)·256^L, (256·N + i + 1)·256^L).
// THREADS: pure functions, any; a reader from tile_hash_reader() belongs to one thread.
// Errors: invalid_argument for a path that is not canonical, corrupt for a tile of the wrong
// length.
#pragma once

#include "core/merkle/proof.h"
#include "core/merkle/tree.h"
#include "core/result.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::merkle {

inline constexpr unsigned kTileWidth = 256;
inline constexpr unsigned kTileHeight = 8;     // 2^8 = 256: tree levels one tile level spans
inline constexpr unsigned kTileLevelMax = 63;  // of the path grammar
inline constexpr std::uint64_t kTileIndexMax = (std::uint64_t{1} << 55) - 1;  // 2^63 leaves / 256
inline constexpr std::size_t kFullTileBytes = kTileWidth * kDigestBytes;
inline constexpr std::size_t kEntryBytesMax = 65535;  // the u16 length prefix of an entry bundle

// One tile of hashes. width 256 is a full tile; 1-255 the partial right edge at some tree size.
struct TileId {
    unsigned level = 0;
    std::uint64_t index = 0;
    unsigned width = kTileWidth;
    auto operator<=>(const TileId&) const = default;
};

// One bundle of entries, as wide as the level-0 tile of the same index.
struct BundleId {
    std::uint64_t index = 0;
    unsigned width = kTileWidth;
    auto operator<=>(const BundleId&) const = default;
};

// How many hashes tile (level, index) holds in a tree of `size` leaves: 0 (no such tile) to 256.
unsigned tile_width(unsigned level, std::uint64_t index, TreeSize size);

// The tile that holds the complete subtree `node` (or the hashes it is made of), in a tree of
// `size` leaves. REQUIRES: the subtree is inside that tree.
TileId tile_of(NodeId node, TreeSize size);

// The hash of `node` out of the bytes of its tile (tile_of). Errors: corrupt when the length is not
// 32 · width.
Result<Digest> hash_in_tile(NodeId node, const TileId& tile, ByteView bytes);

// "tile/0/x001/x234/067.p/17", "tile/entries/000".
std::string path_of(const TileId& tile);
std::string path_of(const BundleId& bundle);

// Accept exactly what path_of() writes.
Result<TileId> parse_tile_path(std::string_view path);
Result<BundleId> parse_bundle_path(std::string_view path);

// Entry bundles: u16 big-endian length and bytes, per entry. REQUIRES: entry <= kEntryBytesMax.
void append_bundle_entry(Bytes& bundle, ByteView entry);
// Splits a bundle of exactly `width` entries; the views point into `bundle`.
Result<std::vector<ByteView>> parse_bundle(ByteView bundle, unsigned width);

// Returns the bytes of a tile: from a store, a directory, or a server (which may answer a partial
// tile with the full one: cut it first). What a stranger's tile says is believed only through a
// root.
using TileReader = std::function<Result<Bytes>(const TileId&)>;

// A HashReader for the tree of `size` leaves over tiles. Keeps each tile it has read: make one per
// proof or per group of proofs, not one for ever.
HashReader tile_hash_reader(TreeSize size, TileReader read);

}  // namespace fieldseal::merkle
