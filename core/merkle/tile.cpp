// SPDX-License-Identifier: Apache-2.0
// Path grammar (C2SP tlog-tiles):
//   "tile/" level "/" index [".p/" width]        level 0-63, width 1-255, both plain decimal
//   "tile/entries/" index [".p/" width]
//   index = *("x" 3DIGIT "/") 3DIGIT             no leading group of zeros
#include "core/merkle/tile.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>
#include <map>
#include <memory>

namespace fieldseal::merkle {
namespace {

constexpr std::string_view kTilePrefix = "tile/";
constexpr std::string_view kEntriesPrefix = "tile/entries/";
constexpr std::string_view kPartialMark = ".p/";
constexpr std::size_t kGroupDigits = 3;
constexpr std::uint64_t kGroupBase = 1000;
constexpr std::size_t kPathBytesMax = 64;

Error bad_path(std::string_view path) {
    return {Errc::invalid_argument, "not a tlog-tiles path: " + quoted(path)};
}

std::string three_digits(std::uint64_t group) {
    const std::string digits = std::to_string(group);
    return std::string(kGroupDigits - digits.size(), '0') + digits;
}

std::string index_and_width(std::uint64_t index, unsigned width) {
    std::string text = three_digits(index % kGroupBase);
    for (index /= kGroupBase; index > 0; index /= kGroupBase) {
        text.insert(0, "x" + three_digits(index % kGroupBase) + "/");
    }
    if (width < kTileWidth) text += std::string(kPartialMark) + std::to_string(width);
    return text;
}

// A value in canonical decimal of at most `max`.
Result<std::uint64_t> bounded_decimal(std::string_view text, std::uint64_t max) {
    const std::uint64_t value = FIELDSEAL_TRY(parse_decimal(text));
    if (value > max) return Error{Errc::invalid_argument, "number too large: " + quoted(text)};
    return value;
}

struct IndexAndWidth {
    std::uint64_t index = 0;
    unsigned width = kTileWidth;
};

// Reads the numbers leniently, then demands that writing them again gives the same text: one text
// per value, with no second description of the grammar to get wrong.
Result<IndexAndWidth> parse_index_and_width(std::string_view text) {
    IndexAndWidth parsed;
    std::string_view groups = text;
    if (const auto mark = text.find(kPartialMark); mark != std::string_view::npos) {
        groups = text.substr(0, mark);
        const auto width_text = text.substr(mark + kPartialMark.size());
        const auto width = FIELDSEAL_TRY(bounded_decimal(width_text, kTileWidth - 1));
        if (width == 0) return bad_path(text);
        parsed.width = static_cast<unsigned>(width);
    }
    for (const char c : groups) {
        if (c == 'x' || c == '/') continue;
        if (c < '0' || c > '9') return bad_path(text);
        parsed.index = parsed.index * 10 + static_cast<std::uint64_t>(c - '0');
        if (parsed.index > kTileIndexMax) return bad_path(text);
    }
    if (index_and_width(parsed.index, parsed.width) != text) return bad_path(text);
    return parsed;
}

}  // namespace

unsigned tile_width(unsigned level, std::uint64_t index, TreeSize size) {
    if (level >= 64 / kTileHeight || index > kTileIndexMax) return 0;
    const std::uint64_t hashes = size.value >> (kTileHeight * level);
    const std::uint64_t first = index * kTileWidth;
    if (first >= hashes) return 0;
    return static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, hashes - first));
}

TileId tile_of(NodeId node, TreeSize size) {
    TileId tile;
    tile.level = node.level / kTileHeight;
    const unsigned sublevel = node.level % kTileHeight;
    tile.index = node.index >> (kTileHeight - sublevel);
    tile.width = tile_width(tile.level, tile.index, size);
    const std::uint64_t last = ((node.index + 1) << sublevel) - tile.index * kTileWidth;
    FIELDSEAL_CHECK(last <= tile.width);
    return tile;
}

Result<Digest> hash_in_tile(NodeId node, const TileId& tile, ByteView bytes) {
    if (bytes.size() != tile.width * kDigestBytes) {
        return Error{Errc::corrupt, path_of(tile) + " has " + std::to_string(bytes.size()) +
                                        " bytes, not 32 for each of its " +
                                        std::to_string(tile.width) + " hashes"};
    }
    const unsigned sublevel = node.level % kTileHeight;
    const std::uint64_t first = (node.index << sublevel) - tile.index * kTileWidth;
    const std::size_t count = std::size_t{1} << sublevel;
    FIELDSEAL_CHECK(node.level / kTileHeight == tile.level && first + count <= tile.width);
    std::vector<Digest> hashes(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = bytes.subspan((first + i) * kDigestBytes, kDigestBytes);
        std::copy(at.begin(), at.end(), hashes[i].begin());
    }
    return root_of(hashes);
}

std::string path_of(const TileId& tile) {
    return std::string(kTilePrefix) + std::to_string(tile.level) + "/" +
           index_and_width(tile.index, tile.width);
}

std::string path_of(const BundleId& bundle) {
    return std::string(kEntriesPrefix) + index_and_width(bundle.index, bundle.width);
}

Result<TileId> parse_tile_path(std::string_view path) {
    if (path.size() > kPathBytesMax || !path.starts_with(kTilePrefix)) return bad_path(path);
    const std::string_view rest = path.substr(kTilePrefix.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return bad_path(path);
    const auto level = bounded_decimal(rest.substr(0, slash), kTileLevelMax);
    if (!level.ok()) return bad_path(path);
    const auto parsed = FIELDSEAL_TRY(parse_index_and_width(rest.substr(slash + 1)));
    return TileId{static_cast<unsigned>(*level), parsed.index, parsed.width};
}

Result<BundleId> parse_bundle_path(std::string_view path) {
    if (path.size() > kPathBytesMax || !path.starts_with(kEntriesPrefix)) return bad_path(path);
    const auto parsed = FIELDSEAL_TRY(parse_index_and_width(path.substr(kEntriesPrefix.size())));
    return BundleId{parsed.index, parsed.width};
}

void append_bundle_entry(Bytes& bundle, ByteView entry) {
    FIELDSEAL_CHECK(entry.size() <= kEntryBytesMax);
    append_u16_be(bundle, static_cast<std::uint16_t>(entry.size()));
    append(bundle, entry);
}

Result<std::vector<ByteView>> parse_bundle(ByteView bundle, unsigned width) {
    const Error bad{Errc::corrupt, "not an entry bundle of " + std::to_string(width) + " entries"};
    std::vector<ByteView> entries;
    while (!bundle.empty()) {
        if (entries.size() == width || bundle.size() < 2) return bad;
        const std::size_t length = read_u16_be(bundle);
        if (bundle.size() < 2 + length) return bad;
        entries.push_back(bundle.subspan(2, length));
        bundle = bundle.subspan(2 + length);
    }
    if (entries.size() != width) return bad;
    return entries;
}

HashReader tile_hash_reader(TreeSize size, TileReader read) {
    auto tiles = std::make_shared<std::map<TileId, Bytes>>();
    return [size, read = std::move(read), tiles](NodeId node) -> Result<Digest> {
        const TileId tile = tile_of(node, size);
        auto found = tiles->find(tile);
        if (found == tiles->end()) found = tiles->emplace(tile, FIELDSEAL_TRY(read(tile))).first;
        return hash_in_tile(node, tile, found->second);
    };
}

}  // namespace fieldseal::merkle
