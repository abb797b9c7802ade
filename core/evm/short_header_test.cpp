// SPDX-License-Identifier: Apache-2.0
#include "core/evm/short_header.h"

#include "core/evm/header_places.h"
#include "core/evm/rlp.h"
#include "core/evm/trie.h"
#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

using testing::HeaderDraft;

constexpr std::uint64_t kVanityPlace = 32;
constexpr std::uint64_t kSealsPlace = 36;

struct Change {
    std::uint64_t place;
    Bytes item;  // encoded
};
Bytes short_of(const std::vector<Change>& changes) {
    std::vector<Bytes> encoded;
    for (const Change& change : changes)
        encoded.push_back(
            rlp::encode_list(std::vector{rlp::encode_u64(change.place), change.item}));
    Bytes made{0};
    append(made, rlp::encode_list(encoded));
    return made;
}

class ShortHeader : public ::testing::TestWithParam<Mode> {
protected:
    // A block with a transaction, and an empty one behind it.
    HeaderDraft draft(std::uint64_t number) const {
        HeaderDraft made;
        made.mode = GetParam();
        made.number = number;
        made.timestamp += number * 2;
        made.coinbase = validators_[number % 4].address();
        made.validators = testing::addresses_of(validators_);
        made.sealers = testing::first_sealers(validators_, 3);
        made.transactions_root = made.receipts_root = Digest{0x77};
        made.fields = 21;
        return made;
    }
    HeaderDraft empty_draft() const {
        HeaderDraft made = draft(43);
        made.parent_hash = before_.block_hash;
        made.transactions_root = made.receipts_root = trie_root({});
        return made;
    }
    static Header read(const HeaderDraft& draft) {
        return parse_header(testing::make_header(draft), draft.mode).value();
    }
    std::string refusal(const std::vector<Change>& changes) const {
        const auto expanded = expand_header(short_of(changes), before_);
        return expanded.ok() ? "accepted" : expanded.error().message;
    }

    const std::vector<testing::ChainAccount> validators_ = testing::make_validators(4);
    const Header before_ = read(draft(42));
    const Header next_ = read(empty_draft());
};

INSTANTIATE_TEST_SUITE_P(Modes, ShortHeader, ::testing::Values(Mode::qbft, Mode::ibft2),
                         [](const auto& mode) { return std::string(to_string(mode.param)); });

TEST_P(ShortHeader, OfAnEmptyBlockHoldsItsTimeProposerAndSeals) {
    const Bytes made = shorten_header(next_, before_);
    EXPECT_EQ(made[0], 0);
    // Three seals, an address and a time, with the prefixes and places of RLP.
    EXPECT_LT(made.size(), 3 * (kSealBytes + 2) + 20 + 4 + 20);
    EXPECT_LT(made.size() * 3, next_.raw.size());
    EXPECT_EQ(expand_header(made, before_).value(), next_.raw);
}

TEST_P(ShortHeader, KeepsWhateverElseChanges) {
    HeaderDraft changed = empty_draft();
    changed.transactions_root = Digest{0x01};
    changed.receipts_root = Digest{0x02};
    changed.round = 3;
    changed.sealers = testing::first_sealers(validators_, 4);
    changed.validators.pop_back();
    const Header header = read(changed);
    const Bytes made = shorten_header(header, before_);
    EXPECT_EQ(made[0], 0);
    EXPECT_EQ(expand_header(made, before_).value(), header.raw);
}

TEST_P(ShortHeader, IsTheWholeOneOfABlockThatDoesNotFollow) {
    HeaderDraft other = empty_draft();
    other.parent_hash = Digest{0x99};
    EXPECT_EQ(shorten_header(read(other), before_), read(other).raw);
    other = empty_draft();
    other.number = 44;
    EXPECT_EQ(shorten_header(read(other), before_), read(other).raw);
}

// The first block of a new fork has fields that its predecessor lacks.
TEST_P(ShortHeader, IsTheWholeOneOfABlockWithOtherFields) {
    for (const std::size_t fields : {20U, 22U}) {
        HeaderDraft other = empty_draft();
        other.fields = fields;
        EXPECT_EQ(shorten_header(read(other), before_), read(other).raw);
    }
}

TEST_P(ShortHeader, ThatIsAWholeOneComesBackAsItIs) {
    EXPECT_EQ(expand_header(next_.raw, before_).value(), next_.raw);
    EXPECT_EQ(expand_header(Bytes{}, before_).value(), Bytes{});
}

TEST_P(ShortHeader, WithoutChangesIsTheEmptyBlock) {
    const auto header = parse_header(expand_header(short_of({}), before_).value(), GetParam());
    ASSERT_TRUE(header.ok()) << header.error().message;
    EXPECT_EQ(header->number, 43U);
    EXPECT_EQ(header->parent_hash, before_.block_hash);
    EXPECT_EQ(header->timestamp, before_.timestamp);
    EXPECT_EQ(header->transactions_root, trie_root({}));
    EXPECT_EQ(header->receipts_root, trie_root({}));
    EXPECT_EQ(header->validators, before_.validators);
    EXPECT_TRUE(header->signers.empty()) << "seals of another block";
}

TEST_P(ShortHeader, RefusesAnotherEncodingOfTheSame) {
    const Change time{kTimestamp, rlp::encode_u64(1'800'000'000)};
    const Change vanity{kVanityPlace, rlp::encode_string(Bytes(32, 1))};
    EXPECT_EQ(refusal({time, vanity}), "accepted");
    EXPECT_NE(refusal({vanity, time}).find("place 11 is not in ascending order"),
              std::string::npos);
    EXPECT_NE(refusal({time, time}).find("place 11 is not in ascending order"), std::string::npos);
    const Change same{kTimestamp, rlp::encode_u64(before_.timestamp)};
    EXPECT_NE(refusal({same}).find("place 11 is not changed"), std::string::npos);
    Bytes longer = short_of({time});
    longer.push_back(0x80);
    EXPECT_FALSE(expand_header(longer, before_).ok());
}

TEST_P(ShortHeader, RefusesPlacesThatAreNone) {
    const Bytes hash = rlp::encode_string(Digest{0x99});
    for (const std::uint64_t place :
         {std::uint64_t{kParentHash}, std::uint64_t{kNumber}, std::uint64_t{kExtraData},
          std::uint64_t{21}, std::uint64_t{31}, kSealsPlace + 1, std::uint64_t{1} << 40}) {
        EXPECT_NE(refusal({{place, hash}}).find(std::to_string(place) + " cannot change"),
                  std::string::npos);
    }
}

TEST_P(ShortHeader, RefusesOtherForms) {
    for (const Bytes& form :
         {Bytes{0x00}, Bytes{0x00, 0x80}, Bytes{0x00, 0xc1, 0x80}, Bytes{0x00, 0xc2, 0xc1, 0x0b},
          Bytes{0x00, 0xc4, 0xc3, 0x0b, 0x01, 0x01}, Bytes{0x00, 0xc3, 0xc2, 0xc0, 0x01}}) {
        EXPECT_FALSE(expand_header(form, before_).ok());
    }
}

}  // namespace
}  // namespace fieldseal::evm
