// SPDX-License-Identifier: Apache-2.0
#include "core/evm/short_header.h"

#include "core/check.h"
#include "core/evm/header_places.h"
#include "core/evm/rlp.h"
#include "core/evm/trie.h"

#include <map>
#include <string>

namespace fieldseal::evm {
namespace {

// Before the list of changes. No header begins so: a header is a list.
constexpr std::uint8_t kShort = 0x00;
// The items of the list in extraData have places after those of the header's.
constexpr std::size_t kExtraPlaces = kHeaderFieldsMax;
constexpr std::size_t kChangeItems = 2;  // [place, item]

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "short block header: " + std::string(why)};
}

// The items of a header by their places, encoded; those of extraData in place of itself.
using Places = std::map<std::uint64_t, Bytes>;

Places places_of(ByteView raw) {
    const auto list = rlp::decode(raw);
    FIELDSEAL_CHECK(list.ok());
    const auto extra = rlp::decode(list->items[kExtraData].payload);
    FIELDSEAL_CHECK(extra.ok());
    Places places;
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        if (i != kExtraData) places.emplace(i, to_bytes(list->items[i].raw));
    }
    for (std::size_t i = 0; i < extra->items.size(); ++i)
        places.emplace(kExtraPlaces + i, to_bytes(extra->items[i].raw));
    return places;
}

// Of an empty block behind `before`.
Places empty_block_behind(const Header& before) {
    Places places = places_of(before.raw);
    const Bytes empty_root = rlp::encode_string(trie_root({}));
    places[kParentHash] = rlp::encode_string(before.block_hash);
    places[kTransactionsRoot] = empty_root;
    places[kReceiptsRoot] = empty_root;
    places[kBloom] = rlp::encode_string(Bytes(kBloomBytes));
    places[kNumber] = rlp::encode_u64(before.number + 1);
    places[kGasUsed] = rlp::encode_u64(0);
    // Seals of another block are never right, and to check one takes longer than to send it.
    places[kExtraPlaces + kSeals] = rlp::encode_list(ByteView());
    return places;
}

// That the block is behind the other is what makes it short.
bool is_fixed(std::uint64_t place) {
    return place == kParentHash || place == kNumber;
}

Bytes header_of(const Places& places) {
    std::vector<Bytes> fields;
    std::vector<Bytes> extra;
    for (const auto& [place, item] : places)
        (place < kExtraPlaces ? fields : extra).push_back(item);
    fields.insert(fields.begin() + kExtraData, rlp::encode_string(rlp::encode_list(extra)));
    return rlp::encode_list(fields);
}

}  // namespace

Bytes shorten_header(const Header& header, const Header& before) {
    const Places was = empty_block_behind(before);
    const Places is = places_of(header.raw);
    std::vector<Bytes> changes;
    if (is.size() != was.size()) return header.raw;
    for (const auto& [place, item] : is) {
        const auto other = was.find(place);
        if (other == was.end()) return header.raw;
        if (other->second == item) continue;
        if (is_fixed(place)) return header.raw;
        changes.push_back(rlp::encode_list(std::vector{rlp::encode_u64(place), item}));
    }
    Bytes made{kShort};
    append(made, rlp::encode_list(changes));
    return made.size() < header.raw.size() ? made : header.raw;
}

Result<Bytes> expand_header(ByteView entry, const Header& before) {
    if (entry.empty() || entry[0] != kShort) return to_bytes(entry);
    const rlp::Item changes = FIELDSEAL_TRY(rlp::decode(entry.subspan(1)));
    if (!changes.is_list()) return malformed("its changes must be a list");
    Places places = empty_block_behind(before);
    std::optional<std::uint64_t> last;
    for (const rlp::Item& change : changes.items) {
        FIELDSEAL_TRY(rlp::expect_list(change, kChangeItems, "a change"));
        const std::uint64_t place = FIELDSEAL_TRY(rlp::to_u64(change.items[0]));
        const std::string name = "place " + std::to_string(place);
        const auto found = places.find(place);
        if (found == places.end() || is_fixed(place)) return malformed(name + " cannot change");
        if (last && place <= *last) return malformed(name + " is not in ascending order");
        if (std::ranges::equal(found->second, change.items[1].raw))
            return malformed(name + " is not changed");
        found->second = to_bytes(change.items[1].raw);
        last = place;
    }
    return header_of(places);
}

}  // namespace fieldseal::evm
