// SPDX-License-Identifier: Apache-2.0
// The sealed chain against code of others: headers by @ethereumjs/block, tries by @ethereumjs/mpt, seals by
// @ethereumjs/util. Nothing here uses the modules under test except to start the chain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createBlockHeaderFromRPC } from '@ethereumjs/block';
import { Common, Mainnet } from '@ethereumjs/common';
import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, concatBytes, ecrecover, hexToBytes, publicToAddress } from '@ethereumjs/util';
import { keccak256 } from 'ethers';
import { client, kSettings, note, withChain } from './scene.mjs';
import { startChain } from './sealing_proxy.mjs';

const kFieldCount = { london: 16, shanghai: 17, cancun: 20, prague: 21 };
const kBftMixHash = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';
const kIntegers = new Set(['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas', 'blobGasUsed', 'excessBlobGas']);

// The header by @ethereumjs/block, with the extraData given.
function headerWith(block, extraData, hardfork) {
    const common = new Common({ chain: Mainnet, hardfork });
    return createBlockHeaderFromRPC({ ...block, extraData }, { common, skipConsensusFormatValidation: true });
}


// extraData's items, and what the two hashes replace them with, from the rules in chain.md 3.3.
function forms(mode, block) {
    const items = RLP.decode(hexToBytes(block.extraData));
    assert.equal(items.length, 5);
    const [vanity, validators, vote, round, seals] = items;
    const empty = new Uint8Array(0);
    const lists = mode === 'qbft'
        ? { commit: [vanity, validators, vote, round, []], known: [vanity, validators, vote, empty, []] }
        : { commit: [vanity, validators, vote, round], known: [vanity, validators, vote] };
    return {
        vanity, vote, round, seals, validators: validators.map(bytesToHex),
        commit: bytesToHex(RLP.encode(lists.commit)), known: bytesToHex(RLP.encode(lists.known)),
    };
}

function signersOf(mode, block, hardfork) {
    const { seals, commit } = forms(mode, block);
    const hash = headerWith(block, commit, hardfork).hash();
    return seals.map((seal) => {
        assert.equal(seal.length, 65);
        const key = ecrecover(hash, BigInt(seal[64] + 27), seal.slice(0, 32), seal.slice(32, 64));
        return bytesToHex(publicToAddress(key));
    });
}

for (const mode of ['qbft', 'ibft2']) {
    for (const hardfork of Object.keys(kFieldCount)) {
        test(`${mode} on ${hardfork}: hashes, links, proposers and seals as Besu makes them`, () => withChain({ mode, hardfork }, async ({ chain, rpc, control }) => {
            const first = await note(1337, 0);
            assert.equal(await rpc('eth_sendRawTransaction', first.raw), first.hash);
            await control('test_mine', 5);
            const blocks = [];
            for (let number = 0; number <= 5; ++number) blocks.push(await rpc('eth_getBlockByNumber', `0x${number.toString(16)}`, false));

            // The genesis block is hashed as it is.
            assert.equal(bytesToHex(headerWith(blocks[0], blocks[0].extraData, hardfork).hash()), blocks[0].hash);
            assert.equal(blocks[0].hash, chain.genesisHash);
            const proposers = new Set();
            for (const block of blocks.slice(1)) {
                const { known, validators, round } = forms(mode, block);
                const header = headerWith(block, known, hardfork);
                assert.equal(header.raw().length, kFieldCount[hardfork]);
                assert.equal(bytesToHex(header.hash()), block.hash);
                assert.equal(block.parentHash, blocks[Number(block.number) - 1].hash);
                assert.deepEqual(validators, [...chain.validators].sort());
                assert.ok(validators.includes(block.miner));
                assert.deepEqual([block.mixHash, block.difficulty, block.nonce], [kBftMixHash, '0x1', '0x0000000000000000']);
                assert.equal(round.length, mode === 'qbft' ? 0 : 4);
                const signers = signersOf(mode, block, hardfork);
                assert.equal(new Set(signers).size, 3);
                assert.ok(signers.every((signer) => validators.includes(signer)));
                proposers.add(block.miner);
            }
            assert.equal(proposers.size, 4);
            assert.ok(Number(blocks[2].timestamp) > Number(blocks[1].timestamp));
        }));
    }
}

test('a header by hand: RLP of its fields, seals in it, in their order', () => withChain({}, async ({ rpc, control }) => {
    await control('test_mine', 1);
    const block = await rpc('eth_getBlockByNumber', 'latest', false);
    const order = ['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom', 'difficulty',
        'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce', 'baseFeePerGas', 'withdrawalsRoot'];
    const { known } = forms('qbft', block);
    const items = order.map((name) => (kIntegers.has(name) ? BigInt(block[name]) : hexToBytes(name === 'extraData' ? known : block[name])));
    assert.equal(keccak256(RLP.encode(items)), block.hash);
}));

describe('blocks with transactions', () => {
    let chain;
    let rpc;
    let control;
    const sent = [];
    before(async () => {
        chain = await startChain({ ...kSettings, hardfork: 'cancun' });
        rpc = client(chain.rpc[0]);
        control = client(chain.control);
        for (let nonce = 0; nonce < 20; ++nonce) {
            const each = await note(1337, nonce, { type: nonce % 2 ? 2 : 0 });
            sent.push(each);
            await rpc('eth_sendRawTransaction', each.raw);
        }
        await control('test_mine', 2);
    });
    after(() => chain.stop());

    test('the transactions root is that of the bytes sent', async () => {
        const block = await rpc('eth_getBlockByNumber', '0x1', true);
        assert.equal(block.transactions.length, 20);
        const trie = new MerklePatriciaTrie();
        for (const [index, { raw, hash }] of sent.entries()) {
            assert.equal(block.transactions[index].hash, hash);
            await trie.put(RLP.encode(index), hexToBytes(raw));
        }
        assert.equal(bytesToHex(trie.root()), block.transactionsRoot);
    });

    test('the receipts root is that of the receipts served', async () => {
        const block = await rpc('eth_getBlockByNumber', '0x1', false);
        const receipts = await rpc('eth_getBlockReceipts', '0x1');
        const trie = new MerklePatriciaTrie();
        for (const [index, receipt] of receipts.entries()) {
            const logs = receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), hexToBytes(log.data)]);
            const list = RLP.encode([BigInt(receipt.status), BigInt(receipt.cumulativeGasUsed), hexToBytes(receipt.logsBloom), logs]);
            await trie.put(RLP.encode(index), Number(receipt.type) ? concatBytes(Uint8Array.of(Number(receipt.type)), list) : list);
        }
        assert.equal(bytesToHex(trie.root()), block.receiptsRoot);
    });

    test('one hash everywhere: block, transaction, receipt, by number and by hash', async () => {
        const block = await rpc('eth_getBlockByNumber', '0x1', true);
        const { hash } = block;
        assert.deepEqual(await rpc('eth_getBlockByHash', hash, true), block);
        assert.ok(block.transactions.every((each) => each.blockHash === hash));
        assert.equal((await rpc('eth_getTransactionByHash', sent[3].hash)).blockHash, hash);
        const receipt = await rpc('eth_getTransactionReceipt', sent[3].hash);
        assert.deepEqual([receipt.blockHash, receipt.transactionIndex], [hash, '0x3']);
        assert.deepEqual(await rpc('eth_getBlockReceipts', hash), await rpc('eth_getBlockReceipts', '0x1'));
        assert.equal((await rpc('eth_getBlockReceipts', hash))[3].blockHash, hash);
        assert.equal((await rpc('eth_getTransactionByBlockHashAndIndex', hash, '0x3')).hash, sent[3].hash);
        assert.equal(await rpc('eth_getBlockTransactionCountByHash', hash), '0x14');
    });

    test('anvil\'s own hash of a block is unknown', async () => {
        const raw = await client(chain.anvilProcess.url)('eth_getBlockByNumber', '0x1', false);
        assert.equal(await rpc('eth_getBlockByHash', raw.hash, false), null);
    });
});

describe('as Besu answers', () => {
    let chain;
    let rpc;
    before(async () => {
        chain = await startChain(kSettings);
        rpc = client(chain.rpc[0]);
    });
    after(() => chain.stop());

    for (const [name, method, params, code, message] of [
        ['the DEBUG namespace is off', 'debug_getRawHeader', ['latest'], -32604, 'Method not enabled'],
        ['the QBFT namespace is off', 'qbft_getValidatorsByBlockNumber', ['latest'], -32604, 'Method not enabled'],
        ['anvil\'s methods are unknown', 'anvil_mine', ['0x1'], -32601, 'Method not found'],
        ['no node signs for anybody', 'eth_sendTransaction', [{}], -32601, 'Method not found'],
        ['nothing is "finalized"', 'eth_getBlockByNumber', ['finalized', false], -39001, 'Unknown block'],
        ['a decimal block number is refused', 'eth_getBlockByNumber', ['1', false], -32602, 'Invalid block param (block not found)'],
        ['a hash without 0x is refused', 'eth_getBlockByHash', ['aa'.repeat(32), false], -32602, 'Invalid block hash params'],
        ['a malformed transaction', 'eth_sendRawTransaction', ['0x00'], -32602, 'Invalid block param (block not found)'],
    ]) {
        test(name, () => assert.rejects(rpc(method, ...params), { code, message }));
    }

    test('the same transaction twice is known, a used nonce too low, a far one too distant', async () => {
        const first = await note(1337, 0);
        await rpc('eth_sendRawTransaction', first.raw);
        await assert.rejects(rpc('eth_sendRawTransaction', first.raw), { code: -32000, message: 'Known transaction' });
        await client(chain.control)('test_mine');
        await assert.rejects(rpc('eth_sendRawTransaction', (await note(1337, 0, { type: 0 })).raw), { code: -32001, message: 'Nonce too low' });
        await assert.rejects(rpc('eth_sendRawTransaction', (await note(1337, 5000)).raw), { code: -32000, message: /too distant/ });
        await assert.rejects(rpc('eth_sendRawTransaction', (await note(1338, 1)).raw), { code: -32000, message: 'Wrong chainId' });
    });

    test('pending means latest', async () => {
        assert.deepEqual(await rpc('eth_getBlockByNumber', 'pending', false), await rpc('eth_getBlockByNumber', 'latest', false));
    });

    test('a batch is answered in its order', async () => {
        const batch = ['eth_chainId', 'debug_traceBlock', 'eth_blockNumber'].map((method, id) => ({ jsonrpc: '2.0', id, method, params: [] }));
        const answer = await fetch(chain.rpc[0], { method: 'POST', body: JSON.stringify(batch) });
        const [chainId, debug, number] = await answer.json();
        assert.deepEqual([chainId.result, debug.error.code, typeof number.result], ['0x539', -32604, 'string']);
    });
});
