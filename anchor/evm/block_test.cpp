// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/block.h"

#include "core/encoding.h"
#include "core/evm/receipt.h"
#include "core/evm/rlp.h"
#include "core/evm/trie.h"
#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

struct Case {
    std::string json;  // as eth_getBlockByHash shows it
    std::string raw;   // as ethers 6 signed it
};

// Types 0 (a payment, a creation), 1, 2, 3 and 4.
const Case kTransactions[] = {
    {R"({"type":"0x0","nonce":"0x9","gas":"0x5208","to":"0x3535353535353535353)"
     R"(535353535353535353535","value":"0xde0b6b3a7640000","input":"0x","gasPr)"
     R"(ice":"0x4a817c800","v":"0xa96","r":"0x11d1f0b9de554ad9e690bb8355507007)"
     R"(731b741e232ecb0dc183154c10c77875","s":"0x3a4b32607c8c2287e82ae8c2a334d)"
     R"(8412baf15e52ee25c531762dc34252a1365"})",
     "f86e098504a817c800825208943535353535353535353535353535353535353535880d"
     "e0b6b3a764000080820a96a011d1f0b9de554ad9e690bb8355507007731b741e232ecb"
     "0dc183154c10c77875a03a4b32607c8c2287e82ae8c2a334d8412baf15e52ee25c5317"
     "62dc34252a1365"},
    {R"({"nonce":"0x0","gas":"0x186a0","to":null,"value":"0x0","input":"0x6000)"
     R"(80","gasPrice":"0x0","v":"0xa96","r":"0x7f49c5a01745ade222b40cff0be737)"
     R"(fb1a3a41291e604937859a4ab51756557b","s":"0x7b9be17777e4e4ef11812d8031a)"
     R"(4bb4a9f66ef5ce980b0d58ccfe03ddb823ddd"})",
     "f8518080830186a0808083600080820a96a07f49c5a01745ade222b40cff0be737fb1a"
     "3a41291e604937859a4ab51756557ba07b9be17777e4e4ef11812d8031a4bb4a9f66ef"
     "5ce980b0d58ccfe03ddb823ddd"},
    {R"({"type":"0x1","nonce":"0x1","gas":"0xc350","to":"0x3535353535353535353)"
     R"(535353535353535353535","value":"0x0","input":"0x01","gasPrice":"0x7",")"
     R"(chainId":"0x539","accessList":[{"address":"0x3535353535353535353535353)"
     R"(535353535353535","storageKeys":["0x01010101010101010101010101010101010)"
     R"(10101010101010101010101010101"]}],"v":"0x0","yParity":"0x0","r":"0x839)"
     R"(7d6498cb6bb58c50cda9ef6d72b48859aa1b0fc089e707b9c9caea4ac4793","s":"0x)"
     R"(3cae6473a2d244e0ba1e7a8985d4ad71657a39dc33d06205b915fd148eddf70f"})",
     "01f89c820539010782c3509435353535353535353535353535353535353535358001f8"
     "38f7943535353535353535353535353535353535353535e1a001010101010101010101"
     "0101010101010101010101010101010101010101010180a08397d6498cb6bb58c50cda"
     "9ef6d72b48859aa1b0fc089e707b9c9caea4ac4793a03cae6473a2d244e0ba1e7a8985"
     "d4ad71657a39dc33d06205b915fd148eddf70f"},
    {R"({"type":"0x2","nonce":"0x2","gas":"0xc350","to":"0x3535353535353535353)"
     R"(535353535353535353535","value":"0x5","input":"0x00FF","maxFeePerGas":")"
     R"(0x9","maxPriorityFeePerGas":"0x1","chainId":"0x539","accessList":[],"v)"
     R"(":"0x0","r":"0x5a94473f28f855082487c5b97c2446f5690c21ece5064033426d37c)"
     R"(1da60e77a","s":"0x2fed8101e5e781da76bf53625489391c977b2fe83819135f989b)"
     R"(1f191dd74856"})",
     "02f86682053902010982c3509435353535353535353535353535353535353535350582"
     "00ffc080a05a94473f28f855082487c5b97c2446f5690c21ece5064033426d37c1da60"
     "e77aa02fed8101e5e781da76bf53625489391c977b2fe83819135f989b1f191dd74856"},
    {R"({"type":"0x3","nonce":"0x3","gas":"0xc350","to":"0x3535353535353535353)"
     R"(535353535353535353535","value":"0x0","input":"0x","maxFeePerGas":"0x9")"
     R"(,"maxPriorityFeePerGas":"0x1","chainId":"0x539","accessList":[{"addres)"
     R"(s":"0x3535353535353535353535353535353535353535","storageKeys":["0x0101)"
     R"(010101010101010101010101010101010101010101010101010101010101"]}],"maxF)"
     R"(eePerBlobGas":"0x2","blobVersionedHashes":["0x012222222222222222222222)"
     R"(2222222222222222222222222222222222222222"],"v":"0x0","yParity":"0x0",")"
     R"(r":"0xa9684d2b4ff11b4800f0e5c1252809ab9b6d2b8eb58e9166372a4d313552f6d5)"
     R"(","s":"0x75ac0820924d4290d2cb3ef0d93bac21a02f90bfe5d880b7dde48cc57060f)"
     R"(a59"})",
     "03f8c082053903010982c3509435353535353535353535353535353535353535358080"
     "f838f7943535353535353535353535353535353535353535e1a0010101010101010101"
     "010101010101010101010101010101010101010101010102e1a0012222222222222222"
     "222222222222222222222222222222222222222222222280a0a9684d2b4ff11b4800f0"
     "e5c1252809ab9b6d2b8eb58e9166372a4d313552f6d5a075ac0820924d4290d2cb3ef0"
     "d93bac21a02f90bfe5d880b7dde48cc57060fa59"},
    {R"({"type":"0x4","nonce":"0x5","gas":"0x15f90","to":"0x353535353535353535)"
     R"(3535353535353535353535","value":"0x0","input":"0x","maxFeePerGas":"0x9)"
     R"(","maxPriorityFeePerGas":"0x0","chainId":"0x539","accessList":[],"auth)"
     R"(orizationList":[{"chainId":"0x539","address":"0x3535353535353535353535)"
     R"(353535353535353535","nonce":"0x4","yParity":"0x1","r":"0xf70863a301727)"
     R"(d47db963b1c5671987c5860fbb3e9005dd57a2a117f69ac9390","s":"0x6c1a424fc9)"
     R"(dfc8edeac1ea12bb987568ece1ed426605d0ff5227089704342d82"}],"v":"0x1","y)"
     R"(Parity":"0x1","r":"0x637ccf08a08dde30572cb6e7d3aa0e6b9031f284819fa5714)"
     R"(de5c58e67902aac","s":"0x57e99b770fb224d6416026ccdaa02357fc2bf5e957f2a5)"
     R"(da199f6e77adf3cc73"})",
     "04f8c582053905800983015f9094353535353535353535353535353535353535353580"
     "80c0f85ef85c8205399435353535353535353535353535353535353535350401a0f708"
     "63a301727d47db963b1c5671987c5860fbb3e9005dd57a2a117f69ac9390a06c1a424f"
     "c9dfc8edeac1ea12bb987568ece1ed426605d0ff5227089704342d8201a0637ccf08a0"
     "8dde30572cb6e7d3aa0e6b9031f284819fa5714de5c58e67902aaca057e99b770fb224"
     "d6416026ccdaa02357fc2bf5e957f2a5da199f6e77adf3cc73"},
};

json::Value parsed(const std::string& text) {
    return json::parse(text).value();
}

Result<Bytes> transaction_without(const std::string& member) {
    json::Value value = parsed(kTransactions[5].json);
    value.set(member, json::Value());
    return rebuild_transaction(value);
}

std::string hex(ByteView bytes) {
    return "0x" + hex_encode(bytes);
}

// The JSON of a header, item by item as its RLP has them.
json::Value json_of_header(ByteView raw, const Digest& hash) {
    constexpr const char* kNames[] = {"parentHash",
                                      "sha3Uncles",
                                      "miner",
                                      "stateRoot",
                                      "transactionsRoot",
                                      "receiptsRoot",
                                      "logsBloom",
                                      "difficulty",
                                      "number",
                                      "gasLimit",
                                      "gasUsed",
                                      "timestamp",
                                      "extraData",
                                      "mixHash",
                                      "nonce",
                                      "baseFeePerGas",
                                      "withdrawalsRoot",
                                      "blobGasUsed",
                                      "excessBlobGas",
                                      "parentBeaconBlockRoot",
                                      "requestsHash",
                                      "blockAccessListHash",
                                      "slotNumber"};
    const auto decoded = evm::rlp::decode(raw).value();
    json::Value block = json::Value::object({{"hash", hex(hash)}});
    for (std::size_t i = 0; i < decoded.items.size(); ++i) {
        const ByteView payload = decoded.items[i].payload;
        block.set(kNames[i], payload.empty() ? json::Value("0x0") : json::Value(hex(payload)));
    }
    if (decoded.items[12].payload.empty()) block.set("extraData", "0x");
    return block;
}

struct SealedBlock {
    evm::Header header;
    json::Value json;
};

SealedBlock sealed_block(const Digest& transactions_root = {}, const Digest& receipts_root = {}) {
    const auto validators = testing::make_validators(4);
    testing::HeaderDraft draft;
    draft.number = 7;
    draft.transactions_root = transactions_root;
    draft.receipts_root = receipts_root;
    draft.validators = testing::addresses_of(validators);
    draft.coinbase = draft.validators.front();
    draft.sealers = testing::first_sealers(validators, 3);
    SealedBlock block;
    block.header = evm::parse_header(testing::make_header(draft), evm::Mode::qbft).value();
    block.json = json_of_header(block.header.raw, block.header.block_hash);
    return block;
}

TEST(Block, RebuildsTheBytesOfEachTypeOfTransaction) {
    for (const Case& each : kTransactions) {
        const auto raw = rebuild_transaction(parsed(each.json));
        ASSERT_TRUE(raw.ok()) << raw.error().message << each.json;
        EXPECT_EQ(hex_encode(*raw), each.raw);
    }
}

TEST(Block, RefusesTransactionsThatItCannotRebuild) {
    for (const char* member : {"nonce", "gas", "value", "input", "accessList", "r", "s", "chainId",
                               "maxFeePerGas", "authorizationList"}) {
        const auto raw = transaction_without(member);
        ASSERT_FALSE(raw.ok()) << member;
        EXPECT_EQ(raw.error().code, Errc::corrupt);
        EXPECT_NE(raw.error().message.find(member), std::string::npos) << raw.error().message;
    }
    json::Value value = parsed(kTransactions[0].json);
    value.set("type", "0x5");
    EXPECT_FALSE(rebuild_transaction(value).ok());
    value.set("type", "0x7f");
    EXPECT_FALSE(rebuild_transaction(value).ok());
    for (const char* text : {"null", "[]", "{}", R"("0x")", "7"}) {
        EXPECT_FALSE(rebuild_transaction(parsed(text)).ok()) << text;
    }
}

TEST(Block, TakesNumbersWithLeadingZerosAndEitherCase) {
    json::Value value = parsed(kTransactions[0].json);
    value.set("r", "0x0" + value.find("r")->as_string().substr(2));
    value.set("v", "0x00000A96");
    EXPECT_EQ(hex_encode(*rebuild_transaction(value)), kTransactions[0].raw);
    value.set("v", "0x" + std::string(66, '1'));
    EXPECT_FALSE(rebuild_transaction(value).ok()) << "more than 32 bytes";
}

TEST(Block, RebuildsAHeaderAndKnowsItByItsHash) {
    const SealedBlock block = sealed_block();
    const auto header = read_header(block.json, evm::Mode::qbft, block.header.block_hash);
    ASSERT_TRUE(header.ok()) << header.error().message;
    EXPECT_EQ(header->raw, block.header.raw);
    EXPECT_TRUE(read_header(block.json, evm::Mode::qbft, 7).ok());
}

TEST(Block, RefusesAHeaderOfAnotherHashNumberOrMode) {
    const SealedBlock block = sealed_block();
    EXPECT_FALSE(read_header(block.json, evm::Mode::qbft, Digest{1}).ok());
    EXPECT_FALSE(read_header(block.json, evm::Mode::qbft, 8).ok());
    EXPECT_FALSE(read_header(block.json, evm::Mode::plain, block.header.block_hash).ok());
    EXPECT_FALSE(read_header(block.json, evm::Mode::ibft2, block.header.block_hash).ok());
    for (const char* member : {"parentHash", "stateRoot", "logsBloom", "extraData", "timestamp"}) {
        json::Value lie = block.json;
        lie.set(member, member == std::string_view("timestamp") ? json::Value("0x1")
                                                                : json::Value(hex(Digest{9})));
        EXPECT_FALSE(read_header(lie, evm::Mode::qbft, block.header.block_hash).ok()) << member;
        lie.set(member, json::Value());
        EXPECT_FALSE(read_header(lie, evm::Mode::qbft, block.header.block_hash).ok()) << member;
    }
}

TEST(Block, StopsAtTheFirstForkFieldThatIsAbsent) {
    json::Value block = sealed_block().json;
    const std::size_t before = evm::rlp::decode(*rebuild_header(block))->items.size();
    EXPECT_EQ(before, evm::kHeaderFieldsMin);
    const std::pair<const char*, json::Value> more[] = {
        {"baseFeePerGas", "0x0"},
        {"withdrawalsRoot", hex(Digest{1})},
        {"blobGasUsed", "0x0"},
        {"excessBlobGas", "0x0"},
        {"parentBeaconBlockRoot", hex(Digest{2})},
        {"requestsHash", hex(Digest{3})},
        {"balHash", hex(Digest{4})},
        {"slotNumber", "0x9"},
    };
    std::size_t count = before;
    for (const auto& [member, value] : more) {
        block.set(member, value);
        EXPECT_EQ(evm::rlp::decode(*rebuild_header(block))->items.size(), ++count) << member;
    }
    block.set("blobGasUsed", json::Value());
    EXPECT_EQ(evm::rlp::decode(*rebuild_header(block))->items.size(), before + 2);
}

TEST(Block, TakesTransactionsOnlyUnderTheHeadersRoot) {
    std::vector<Bytes> items;
    json::Value list = json::Value::array();
    for (const Case& each : kTransactions) {
        items.push_back(*hex_decode(each.raw));
        list.push_back(parsed(each.json));
    }
    SealedBlock block = sealed_block(evm::trie_root(items));
    block.json.set("transactions", list);
    const auto read = read_transactions(block.json, block.header);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, items);

    json::Array fewer = list.as_array();
    fewer.pop_back();
    block.json.set("transactions", fewer);
    EXPECT_FALSE(read_transactions(block.json, block.header).ok());
    json::Array swapped = list.as_array();
    std::swap(swapped[0], swapped[1]);
    block.json.set("transactions", swapped);
    EXPECT_FALSE(read_transactions(block.json, block.header).ok());
    block.json.set("transactions", json::Value::array({"0x00"}));
    EXPECT_FALSE(read_transactions(block.json, block.header).ok()) << "hashes instead of wholes";
}

TEST(Block, TakesReceiptsOnlyUnderTheHeadersRoot) {
    const std::string bloom = "0x" + std::string(512, '0');
    const json::Value list = parsed(
        R"([{"type":"0x2","status":"0x1","cumulativeGasUsed":"0x5208","logsBloom":")" + bloom +
        R"(","logs":[{"address":"0x3535353535353535353535353535353535353535","topics":["0x)" +
        std::string(64, '1') + R"("],"data":"0x00ff"}]},
           {"status":"0x0","cumulativeGasUsed":"0xffff","logsBloom":")" +
        bloom + R"(","logs":[]}])");
    std::vector<Bytes> items;
    for (const json::Value& each : list.as_array()) items.push_back(*rebuild_receipt(each));
    const auto receipt = evm::parse_receipt(items[0]);
    ASSERT_TRUE(receipt.ok()) << receipt.error().message;
    EXPECT_TRUE(receipt->succeeded);
    EXPECT_EQ(receipt->logs.size(), 1U);
    EXPECT_FALSE(evm::parse_receipt(items[1])->succeeded);

    const SealedBlock block = sealed_block({}, evm::trie_root(items));
    EXPECT_EQ(*read_receipts(list, block.header), items);
    json::Array lie = list.as_array();
    lie[1].set("status", "0x1");
    EXPECT_FALSE(read_receipts(lie, block.header).ok());
    EXPECT_FALSE(read_receipts(json::Value(), block.header).ok());
}

}  // namespace
}  // namespace fieldseal::anchor
