// SPDX-License-Identifier: Apache-2.0
// An anchor of a transaction on the test chain, built from JSON-RPC with software of others: what the C++ adapter
// does, done again to have something to judge.
import { ethers, mpt, rlp, util } from '../../support/chain/libraries.mjs';

const kHeaderFields = ['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom', 'difficulty',
    'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce', 'baseFeePerGas', 'withdrawalsRoot', 'blobGasUsed',
    'excessBlobGas', 'parentBeaconBlockRoot', 'requestsHash'];
const kIntegers = ['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas', 'blobGasUsed', 'excessBlobGas'];

export function base64(bytes) {
    return Buffer.from(bytes).toString('base64');
}

export function rawHeader(block) {
    const present = kHeaderFields.filter((name) => block[name] !== undefined);
    return rlp.RLP.encode(present.map((name) => (kIntegers.includes(name) ? BigInt(block[name]) : ethers.getBytes(block[name]))));
}

export function headerAt(rpc, number) {
    return rpc('eth_getBlockByNumber', ethers.toQuantity(number), false).then((block) => base64(rawHeader(block)));
}

async function path(items, index) {
    const trie = new mpt.MerklePatriciaTrie();
    for (const [i, item] of items.entries()) await trie.put(rlp.RLP.encode(i), item);
    return (await mpt.createMerkleProof(trie, rlp.RLP.encode(index))).map(base64);
}

function receiptBytes(receipt) {
    const logs = receipt.logs.map((log) => [ethers.getBytes(log.address), log.topics.map((topic) => ethers.getBytes(topic)), ethers.getBytes(log.data)]);
    const list = rlp.RLP.encode([BigInt(receipt.status), BigInt(receipt.cumulativeGasUsed), ethers.getBytes(receipt.logsBloom), logs]);
    return Number(receipt.type) ? util.concatBytes(Uint8Array.of(Number(receipt.type)), list) : list;
}

// raws: the signed bytes of the block's transactions by hash. Options: later, how many headers; log, for evm-receipt.
export async function captureAnchor(rpc, hash, raws, { chain = 'net', later = 2, log } = {}) {
    const { blockNumber, transactionIndex } = await rpc('eth_getTransactionReceipt', hash);
    const [number, index] = [Number(blockNumber), Number(transactionIndex)];
    const block = await rpc('eth_getBlockByNumber', blockNumber, false);
    const anchor = {
        type: log === undefined ? 'evm-tx' : 'evm-receipt', chain, header: base64(rawHeader(block)), index,
        nodes: await path(block.transactions.map((each) => ethers.getBytes(raws[each])), index),
    };
    if (later > 0) anchor.later = await Promise.all(Array.from({ length: later }, (_, i) => headerAt(rpc, number + 1 + i)));
    if (log === undefined) return anchor;
    const receipts = await rpc('eth_getBlockReceipts', blockNumber);
    return { ...anchor, receipt_nodes: await path(receipts.map(receiptBytes), index), log };
}
