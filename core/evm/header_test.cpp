// SPDX-License-Identifier: Apache-2.0
#include "core/evm/header.h"

#include "core/encoding.h"
#include "core/evm/rlp.h"
#include "core/hash.h"
#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

using testing::HeaderDraft;

// Block 7528 of a Besu QBFT network (as a test of datachainlab/besu-qbft-elc records it), round 1.
const std::string kBesuQbftHeader =
    std::string(
        "f9033fa00af93e70b1c6d3974a88a42eb70bb61adbd523bfac0c83027ba4637c52746a0fa01dcc4de8dec75d"
        "7aab85b567b6ccd41ad312451b948a7413f0a142fd40d4934794ee3353e587cfa91625a1adaef308a726de38"
        "03d3a0166ed98eea93ab2b6f6b1a425526994adc2d675bf9a0d77d600ed1e02d8f77dfa056e81f171bcc55a6"
        "ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421a056e81f171bcc55a6ff8345e692c0f86e5b48e0"
        "1b996cadc001622fb5e363b421b90100") +
    std::string(512, '0') +
    "01821d688347b76080846640618bb90147f90144a00000000000000000000000000000000000000000000000"
    "000000000000000000f85494647bfdd19655e51e69d35454ff3a92f8828e630294a5c8416b9d13417b45b45a"
    "da76408f39d1e504ef94b92e91f4dcc9d28503be521afa2a8fbf3c1acf6094ee3353e587cfa91625a1adaef3"
    "08a726de3803d3c001f8c9b841bc7633fd65570f610a595086e9a34e5bf6aacfb67b8f8cd01852e6b285147f"
    "046a50577b49378b86723ac9b456ef59ef7ab57cda7139d807f10f58e8cb10c67600b841ad1defc2b0b4a481"
    "58cff24778bb5ba4d9f373c171022ab0a42e37bdb0d4025718434d303a8d94df56ef9ad5219be9f27b2f6717"
    "9a7fb82d3323dde29546f9f701b841e233d3670dd97c715f72b440eeb1ccb1e22c8c23f6ab470c46c99c2d0e"
    "e6509f0341a42e0e4569782557e93c3815e8ca4294043595f69a90f73f135de8ecf41e00a063746963616c20"
    "62797a616e74696e65206661756c7420746f6c6572616e6365880000000000000000";
// The header of Besu's BftBlockHashingTest: IBFT 2.0, a vote, round 0xfedcba, sealed by the private
// keys 1 to 4 (made with ethers 6).
const std::string kBesuIbft2Header =
    std::string(
        "f90371a0a7762d3307dbf2ae6a1ae1b09cf61c7603722b2379731b6b90409cdb8c8288a0a01dcc4de8dec75d"
        "7aab85b567b6ccd41ad312451b948a7413f0a142fd40d4934794000000000000000000000000000000000000"
        "0000a0ca07595b82f908822971b7e848398e3395e59ee52565c7ef3603df1a1fa7bc80a056e81f171bcc55a6"
        "ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421a056e81f171bcc55a6ff8345e692c0f86e5b48e0"
        "1b996cadc001622fb5e363b421b90100") +
    std::string(512, '0') +
    "01018347c94c80845b3aeb78b9017bf90178a0000102030405060708090a0b0c0d0e0f101112131415161718"
    "191a1b1c1d1e1fea940000000000000000000000000000000000000001940000000000000000000000000000"
    "000000000002d794000000000000000000000000000000000000000381ff8400fedcbaf9010cb8411b3dc22b"
    "5962b998f32b530686da882a2169856b25b6d25d5351dc7116cb036732d97c0c238541e858559129161a971e"
    "d0e4fad0a1985e6b9dc489ff4c15fabd00b841d4bdb4007b55302731e85b01d2e2cc2df802ede17e8ee47edf"
    "697fdf1dff7b3f412933b579dcbc1489cd2442875bd424ce4bbdb856a8b5c9225f4d44d07e76de01b8419a0b"
    "9be26f0da3bcc82d8301530943cce1a5d875c89e9cd42302238f5b4862d62f834f5acf40c3ea07a308b96eb6"
    "b78fb1e25fd14a5c2b2815acce90f585079100b841d52e678d8516fbbcaf5cf65adf07f48c49cd68032d6042"
    "6696515fd7d031743e42a43a05058840e5e073f20f64221e5a36f2f6e4ce181b9db1aae37cf258945a00a063"
    "746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365880000000000000000";

Bytes hex(std::string_view text) {
    return hex_decode(text).value();
}
std::vector<std::string> texts(std::span<const Address> addresses) {
    std::vector<std::string> out;
    for (const Address& address : addresses) out.push_back(to_string(address));
    return out;
}
std::string refusal_of(const HeaderDraft& draft) {
    const auto header = parse_header(testing::make_header(draft), draft.mode);
    return header.ok() ? "accepted" : header.error().message;
}

class Drafts : public ::testing::Test {
protected:
    // A block of four validators, three of which sealed it.
    HeaderDraft draft(Mode mode) const {
        HeaderDraft made;
        made.mode = mode;
        made.number = 42;
        made.coinbase = validators_[1].address();
        made.validators = testing::addresses_of(validators_);
        made.sealers = testing::first_sealers(validators_, 3);
        return made;
    }
    std::vector<testing::ChainAccount> validators_ = testing::make_validators(4);
};
using HeaderTest = Drafts;

TEST(Header, OfARealQbftBlockHasItsHashAndSigners) {
    const auto header = parse_header(hex(kBesuQbftHeader), Mode::qbft);
    ASSERT_TRUE(header.ok()) << header.error().message;
    EXPECT_EQ(hex_encode(header->block_hash),
              "502568a07cc2303558ed8eea495d61255946a14c46be5ead61cdc737bdeaaf42");
    EXPECT_EQ(header->number, 7528U);
    EXPECT_EQ(header->timestamp, 1715495307U);
    EXPECT_EQ(header->round, 1U);
    EXPECT_EQ(to_string(header->coinbase), "0xee3353e587cfa91625a1adaef308a726de3803d3");
    EXPECT_EQ(texts(header->validators),
              (std::vector<std::string>{"0x647bfdd19655e51e69d35454ff3a92f8828e6302",
                                        "0xa5c8416b9d13417b45b45ada76408f39d1e504ef",
                                        "0xb92e91f4dcc9d28503be521afa2a8fbf3c1acf60",
                                        "0xee3353e587cfa91625a1adaef308a726de3803d3"}));
    EXPECT_EQ(texts(header->signers),
              (std::vector<std::string>{"0x647bfdd19655e51e69d35454ff3a92f8828e6302",
                                        "0xee3353e587cfa91625a1adaef308a726de3803d3",
                                        "0xa5c8416b9d13417b45b45ada76408f39d1e504ef"}));
}

TEST(Header, OfAnIbft2BlockHasItsHashAndSigners) {
    const auto header = parse_header(hex(kBesuIbft2Header), Mode::ibft2);
    ASSERT_TRUE(header.ok()) << header.error().message;
    EXPECT_EQ(hex_encode(header->block_hash),
              "e9ef22ea652d122399cbc50337d46951f928b983e49363954597f78ea56a132e");
    EXPECT_EQ(header->round, 0xfedcbaU);
    EXPECT_EQ(texts(header->signers),
              (std::vector<std::string>{"0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
                                        "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf",
                                        "0x6813eb9362372eef6200f3b1dbc3f819671cba69",
                                        "0x1eff47bc3a10a45d4b230b5d10e37751fe6aa718"}));
}

TEST(Header, OfOneModeIsNotThatOfAnother) {
    EXPECT_FALSE(parse_header(hex(kBesuQbftHeader), Mode::ibft2).ok());
    EXPECT_FALSE(parse_header(hex(kBesuIbft2Header), Mode::qbft).ok());
    const auto plain = parse_header(hex(kBesuQbftHeader), Mode::plain);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(plain->block_hash, keccak256(hex(kBesuQbftHeader)));
    EXPECT_TRUE(plain->signers.empty());
}

TEST_F(HeaderTest, HasNoListAmongTheFieldsOfLaterForks) {
    const Bytes raw = testing::make_header(draft(Mode::qbft));
    const auto with = [&](const Bytes& field) {
        const auto list = rlp::decode(raw).value();
        Bytes items = to_bytes(list.payload);
        append(items, field);
        return parse_header(rlp::encode_list(ByteView(items)), Mode::plain);
    };
    EXPECT_TRUE(with(rlp::encode_u64(7)).ok());
    EXPECT_FALSE(with(rlp::encode_list(ByteView())).ok());
}

TEST_F(HeaderTest, IsReadInEveryModeAndWithLaterFields) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2, Mode::plain}) {
        for (const std::size_t fields : {15U, 16U, 21U, 32U}) {
            HeaderDraft made = draft(mode);
            made.fields = fields;
            made.round = 3;
            const Bytes raw = testing::make_header(made);
            const auto header = parse_header(raw, mode);
            ASSERT_TRUE(header.ok()) << header.error().message;
            EXPECT_EQ(header->raw, raw);
            EXPECT_EQ(header->number, 42U);
            if (mode == Mode::plain) continue;
            EXPECT_EQ(header->round, 3U);
            EXPECT_EQ(header->validators, made.validators);
            EXPECT_EQ(header->signers,
                      (std::vector<Address>(made.validators.begin(), made.validators.begin() + 3)));
        }
    }
}

TEST_F(HeaderTest, KeepsItsHashWhateverTheSealsAndTheRound) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2}) {
        const auto first = parse_header(testing::make_header(draft(mode)), mode);
        HeaderDraft other = draft(mode);
        other.round = 9;
        other.sealers = {&validators_[3]};
        const auto second = parse_header(testing::make_header(other), mode);
        ASSERT_TRUE(first.ok() && second.ok());
        EXPECT_EQ(first->block_hash, second->block_hash);
        EXPECT_NE(first->block_hash, keccak256(first->raw));
        other.timestamp += 1;
        EXPECT_NE(parse_header(testing::make_header(other), mode)->block_hash, first->block_hash);
    }
}

TEST_F(HeaderTest, NumberZeroIsHashedAsItIs) {
    HeaderDraft genesis = draft(Mode::qbft);
    genesis.number = 0;
    const auto header = parse_header(testing::make_header(genesis), Mode::qbft);
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(header->block_hash, keccak256(header->raw));
    EXPECT_TRUE(header->signers.empty());
    EXPECT_TRUE(header->validators.empty());
}

TEST_F(HeaderTest, RefusesAnotherNumberOfFieldsOrBytes) {
    HeaderDraft made = draft(Mode::qbft);
    made.fields = 14;
    EXPECT_EQ(refusal_of(made), "block header: must be a list of 15 to 32 fields, found 14");
    made.fields = 33;
    EXPECT_EQ(refusal_of(made), "block header: must be a list of 15 to 32 fields, found 33");
    EXPECT_FALSE(parse_header(Bytes(kHeaderBytesMax + 1, 0xff), Mode::plain).ok());
    EXPECT_FALSE(parse_header({}, Mode::plain).ok());
    Bytes longer = testing::make_header(draft(Mode::plain));
    longer.push_back(0);
    EXPECT_FALSE(parse_header(longer, Mode::plain).ok());
    made = draft(Mode::plain);
    made.timestamp = kHeaderTimeMax_s;
    EXPECT_EQ(refusal_of(made), "accepted");
    made.timestamp += 1;
    EXPECT_EQ(refusal_of(made), "block header: its time is after the year 9999");
}

TEST_F(HeaderTest, RefusesFieldsOfOtherSizes) {
    const Bytes raw = testing::make_header(draft(Mode::plain));
    const auto list = rlp::decode(raw).value();
    for (std::size_t place = 0; place < 15; ++place) {
        std::vector<Bytes> items;
        for (const rlp::Item& item : list.items) items.push_back(to_bytes(item.raw));
        items[place] = rlp::encode_list(ByteView());
        EXPECT_FALSE(parse_header(rlp::encode_list(items), Mode::plain).ok()) << place;
        items[place] = {0x82, 0x00, 0x01};  // too short, or a leading zero; extraData may be it
        EXPECT_EQ(parse_header(rlp::encode_list(items), Mode::plain).ok(), place == 12) << place;
    }
}

TEST_F(HeaderTest, RefusesOtherConstants) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2}) {
        HeaderDraft made = draft(mode);
        made.difficulty_item = rlp::encode_u64(2);
        EXPECT_EQ(refusal_of(made), "block header: the difficulty must be 1");
        made = draft(mode);
        made.mix_hash_item = rlp::encode_string(Bytes(32));
        EXPECT_EQ(refusal_of(made), "block header: mixHash is not that of a BFT chain");
    }
    HeaderDraft made = draft(Mode::ibft2);
    made.ommers_hash_item = rlp::encode_string(Bytes(32));
    EXPECT_EQ(refusal_of(made), "block header: there must be no ommers");
    made.mode = Mode::qbft;
    EXPECT_EQ(refusal_of(made), "accepted");
    made = draft(Mode::ibft2);
    made.nonce_item = rlp::encode_string(Bytes(8, 1));
    EXPECT_EQ(refusal_of(made), "block header: the nonce must be 0");
    made.mode = Mode::qbft;
    EXPECT_EQ(refusal_of(made), "accepted");
}

TEST_F(HeaderTest, RefusesAListOfValidatorsThatIsNotAscending) {
    HeaderDraft made = draft(Mode::qbft);
    const Bytes first = rlp::encode_string(validators_[0].address());
    const Bytes second = rlp::encode_string(validators_[1].address());
    made.validators_item = rlp::encode_list(std::vector<Bytes>{second, first});
    EXPECT_EQ(refusal_of(made), "block header: the validators are not in ascending order");
    made.validators_item = rlp::encode_list(std::vector<Bytes>{first, first});
    EXPECT_EQ(refusal_of(made), "block header: the validators are not in ascending order");
    made.validators_item = rlp::encode_list(std::vector<Bytes>{first, second});
    EXPECT_EQ(refusal_of(made), "accepted");
    made.validators_item = rlp::encode_string({});
    EXPECT_NE(refusal_of(made), "accepted");
    made.validators_item = rlp::encode_list(std::vector<Bytes>{rlp::encode_string(Bytes(19))});
    EXPECT_NE(refusal_of(made), "accepted");
}

TEST_F(HeaderTest, MayListNobodyInQbftOnlyAndThenWithoutAVote) {
    HeaderDraft made = draft(Mode::qbft);
    made.validators.clear();
    EXPECT_EQ(refusal_of(made), "accepted");
    made.vote = rlp::encode_list(std::vector<Bytes>{rlp::encode_string(Address{}), Bytes{0x80}});
    EXPECT_NE(refusal_of(made), "accepted");
    made = draft(Mode::ibft2);
    made.validators.clear();
    EXPECT_NE(refusal_of(made), "accepted");
}

TEST_F(HeaderTest, TakesEachModesOwnVotes) {
    const Bytes candidate = rlp::encode_string(Address{});
    const auto vote = [&](const Bytes& kind) {
        return rlp::encode_list(std::vector<Bytes>{candidate, kind});
    };
    const Bytes add = {0x81, 0xff};
    const auto refusal = [&](Mode mode, const Bytes& item) {
        HeaderDraft made = draft(mode);
        made.vote = item;
        return refusal_of(made);
    };
    EXPECT_EQ(refusal(Mode::qbft, vote(add)), "accepted");
    EXPECT_EQ(refusal(Mode::ibft2, vote(add)), "accepted");
    EXPECT_EQ(refusal(Mode::qbft, vote({0x80})), "accepted");
    EXPECT_EQ(refusal(Mode::ibft2, vote({0x00})), "accepted");
    EXPECT_EQ(refusal(Mode::qbft, vote({0x00})), "block header: a vote must add or drop");
    EXPECT_EQ(refusal(Mode::ibft2, vote({0x80})), "block header: a vote must add or drop");
    EXPECT_NE(refusal(Mode::qbft, {0x80}), "accepted");
    EXPECT_NE(refusal(Mode::ibft2, {0xc0}), "accepted");
    EXPECT_NE(refusal(Mode::qbft, rlp::encode_list(std::vector<Bytes>{candidate})), "accepted");
}

TEST_F(HeaderTest, TakesEachModesOwnRound) {
    const auto refusal = [&](Mode mode, const Bytes& item) {
        HeaderDraft made = draft(mode);
        made.round_item = item;
        return refusal_of(made);
    };
    EXPECT_NE(refusal(Mode::qbft, {0x00}), "accepted");  // zero is the empty string
    EXPECT_NE(refusal(Mode::qbft, rlp::encode_string(Bytes(4))), "accepted");
    EXPECT_NE(refusal(Mode::ibft2, {0x80}), "accepted");
    EXPECT_NE(refusal(Mode::ibft2, {0x05}), "accepted");
    EXPECT_EQ(refusal(Mode::qbft, rlp::encode_u64(0x7fff'ffff)), "accepted");
    EXPECT_NE(refusal(Mode::qbft, rlp::encode_u64(0x8000'0000)), "accepted");
    EXPECT_NE(refusal(Mode::ibft2, rlp::encode_string(Bytes(4, 0xff))), "accepted");
}

TEST_F(HeaderTest, RefusesASixthItemInExtraData) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2}) {
        HeaderDraft made = draft(mode);
        made.extra_tail = {0x80};
        EXPECT_EQ(refusal_of(made), "RLP: extraData must be a list of 5 items, found 6");
    }
}

TEST_F(HeaderTest, RefusesASealFromWhichNoKeyCanBeRecovered) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2}) {
        HeaderDraft made = draft(mode);
        made.seal_tail = rlp::encode_string(Bytes(64, 1));
        EXPECT_EQ(refusal_of(made), "RLP: a seal must be a string of 65 bytes, found 64");
        made.seal_tail = rlp::encode_string(Bytes(65));
        EXPECT_EQ(refusal_of(made), "block header: a seal gives no key");
        made.seal_tail.clear();
        made.recovery_base = 27;  // Ethereum's older habit
        EXPECT_EQ(refusal_of(made), "block header: a seal gives no key");
    }
}

TEST(Mode, HasANameInFiles) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2, Mode::plain}) {
        EXPECT_EQ(mode_from_name(to_string(mode)), mode);
    }
    EXPECT_FALSE(mode_from_name("QBFT").has_value());
    EXPECT_FALSE(mode_from_name("").has_value());
}

}  // namespace
}  // namespace fieldseal::evm
