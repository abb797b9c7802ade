// SPDX-License-Identifier: Apache-2.0
// Every fault of the test chain does what faults.mjs says, and nothing is left of it when it is cleared.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, ecrecover, hexToBytes, publicToAddress } from '@ethereumjs/util';
import { keccak256 } from 'ethers';
import { kFaults } from './faults.mjs';
import { client, kSettings, note, withChain } from './scene.mjs';
import { startChain } from './sealing_proxy.mjs';

const kAbortMilliseconds = 300;
const tried = new Set();

let chain;
let rpc;
let control;
let ours; // the transaction in block 1

function latest(full = false) {
    return rpc('eth_getBlockByNumber', '0x1', full);
}

function fault(name, options = {}) {
    tried.add(name);
    return control('test_setFault', { name, ...options });
}

// The seals of a QBFT header, and who made each over its commit hash.
function sealed(block) {
    const items = RLP.decode(hexToBytes(block.extraData));
    const [vanity, validators, vote, round, seals] = items;
    const fields = ['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom', 'difficulty',
        'number', 'gasLimit', 'gasUsed', 'timestamp', 'extraData', 'mixHash', 'nonce', 'baseFeePerGas', 'withdrawalsRoot'];
    const integers = ['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas'];
    const hashOf = (extra) => keccak256(RLP.encode(fields.map((name) => {
        if (name === 'extraData') return RLP.encode(extra);
        return integers.includes(name) ? BigInt(block[name]) : hexToBytes(block[name]);
    })));
    const commit = hexToBytes(hashOf([vanity, validators, vote, round, []]));
    const signers = seals.map((seal) => {
        try {
            return bytesToHex(publicToAddress(ecrecover(commit, BigInt(seal[64] + 27), seal.slice(0, 32), seal.slice(32, 64))));
        } catch {
            return 'nobody';
        }
    });
    const known = hashOf([vanity, validators, vote, new Uint8Array(0), []]);
    return {
        items: items.length, round: Number(bytesToHex(round)), signers, distinct: new Set(signers).size, known,
        members: signers.filter((signer) => validators.map(bytesToHex).includes(signer)).length,
        validators: validators.map(bytesToHex),
    };
}

before(async () => {
    chain = await startChain({ ...kSettings, endpoints: 2 });
    rpc = client(chain.rpc[0]);
    control = client(chain.control);
    ours = await note(1337, 0);
    await rpc('eth_sendRawTransaction', ours.raw);
    await control('test_mine', 8);
});
after(async () => {
    await chain.stop();
    assert.deepEqual(Object.keys(kFaults).filter((name) => !tried.has(name)), [], 'faults without a test');
});
afterEach(() => control('test_clearFault'));

describe('seals', () => {
    for (const [name, options, expected] of [
        ['too_few_seals', {}, { seals: 2, members: 2, distinct: 2 }],
        ['too_few_seals', { count: 0 }, { seals: 0, members: 0, distinct: 0 }],
        ['foreign_seal', {}, { seals: 4, members: 3, distinct: 4 }],
        ['foreign_seal', { replace: true }, { seals: 3, members: 2, distinct: 3 }],
        ['duplicate_seal', {}, { seals: 4, members: 4, distinct: 3 }],
        ['duplicate_seal', { replace: true }, { seals: 3, members: 3, distinct: 2 }],
        ['garbled_seal', {}, { seals: 3, members: 2, distinct: 3 }],
        ['wrong_commit', {}, { seals: 3, members: 0, distinct: 3 }],
    ]) {
        test(`${name} ${JSON.stringify(options)} leaves the hash alone`, async () => {
            const good = await latest();
            await fault(name, options);
            const block = await latest();
            const { signers, members, distinct, known } = sealed(block);
            assert.deepEqual({ seals: signers.length, members, distinct }, expected);
            assert.deepEqual([block.hash, known], [good.hash, good.hash]);
            await control('test_clearFault', name);
            assert.deepEqual(await latest(), good);
        });
    }

    test('other_round is the same block with valid seals in other bytes', async () => {
        const good = await latest();
        await fault('other_round', { round: 3 });
        const block = await latest();
        assert.notEqual(block.extraData, good.extraData);
        const { round, members, known } = sealed(block);
        assert.deepEqual([round, members, known], [3, 3, good.hash]);
    });

    test('different_seals: two nodes, two quorums, one hash', async () => {
        await fault('different_seals');
        const [one, two] = await Promise.all(chain.rpc.map((url) => client(url)('eth_getBlockByNumber', '0x1', false)));
        assert.equal(one.hash, two.hash);
        assert.notDeepEqual(sealed(one).signers, sealed(two).signers);
        assert.deepEqual([sealed(one).members, sealed(two).members], [3, 3]);
    });

    test('six_items and unsorted_validators are headers nobody should take', async () => {
        await fault('six_items');
        assert.equal(sealed(await latest()).items, 6);
        await control('test_clearFault');
        await fault('unsorted_validators');
        const { validators } = sealed(await latest());
        assert.deepEqual(validators, validators.toSorted().toReversed());
    });

    test('a fault is limited to an endpoint, to blocks, to a number of times', async () => {
        await fault('too_few_seals', { endpoint: 1, from: 2, to: 3 });
        const counts = async (url) => {
            const found = [];
            for (const number of ['0x1', '0x2', '0x3', '0x4']) {
                found.push(sealed(await client(url)('eth_getBlockByNumber', number, false)).signers.length);
            }
            return found;
        };
        assert.deepEqual(await counts(chain.rpc[0]), [3, 3, 3, 3]);
        assert.deepEqual(await counts(chain.rpc[1]), [3, 2, 2, 3]);
        await fault('six_items', { times: 1 });
        assert.deepEqual([sealed(await latest()).items, sealed(await latest()).items], [6, 5]);
    });

    test('a fault or an option that does not exist is refused by name', async () => {
        await assert.rejects(control('test_setFault', { name: 'gremlins' }), /no fault "gremlins"/);
        await assert.rejects(control('test_setFault', { name: 'down', colour: 1 }), /no option "colour"/);
    });
});

describe('lies', () => {
    for (const [name, field] of [['lying_transactions_root', 'transactionsRoot'], ['lying_receipts_root', 'receiptsRoot'],
        ['lying_parent_hash', 'parentHash'], ['lying_block_hash', 'hash']]) {
        test(`${name} changes ${field} and nothing else`, async () => {
            const good = await latest();
            await fault(name);
            const block = await latest();
            assert.notEqual(block[field], good[field]);
            assert.deepEqual({ ...block, [field]: good[field] }, good);
        });
    }

    test('lying_transaction changes the calldata served', async () => {
        await fault('lying_transaction');
        assert.match((await latest(true)).transactions[0].input, /ee$/);
    });

    for (const [what, field] of [['status', 'status'], ['index', 'transactionIndex'], ['block', 'blockHash'], ['logs', null]]) {
        test(`lying_receipts about ${what}`, async () => {
            const good = await rpc('eth_getTransactionReceipt', ours.hash);
            await fault('lying_receipts', { what });
            const receipt = await rpc('eth_getTransactionReceipt', ours.hash);
            if (field) assert.notEqual(receipt[field], good[field]);
            assert.deepEqual((await rpc('eth_getBlockReceipts', '0x1'))[0], receipt);
        });
    }

    test('wrong_chain_id and wrong_genesis', async () => {
        const good = await rpc('eth_getBlockByNumber', '0x0', false);
        await fault('wrong_chain_id');
        await fault('wrong_genesis', { endpoint: 0 });
        assert.deepEqual([await rpc('eth_chainId'), await rpc('net_version')], ['0x53a', '1338']);
        assert.notEqual((await rpc('eth_getBlockByNumber', '0x0', false)).hash, good.hash);
        assert.equal((await client(chain.rpc[1])('eth_getBlockByNumber', '0x0', false)).hash, good.hash);
    });

    test('a lagging node knows neither the newest blocks nor what is in them', async () => {
        const head = Number(await rpc('eth_blockNumber'));
        await fault('lagging', { blocks: head });
        assert.equal(await rpc('eth_blockNumber'), '0x0');
        assert.equal(await rpc('eth_getTransactionReceipt', ours.hash), null);
        assert.equal(await latest(), null);
        assert.equal(await rpc('eth_getTransactionCount', `0x${'11'.repeat(20)}`, 'latest'), '0x0');
        await fault('syncing');
        assert.equal((await rpc('eth_syncing')).currentBlock, '0x0');
    });

    test('lying_head gives the newest block alone a number far ahead', async () => {
        const head = await rpc('eth_getBlockByNumber', 'latest', false);
        await fault('lying_head', { endpoint: 0 });
        assert.equal(Number((await rpc('eth_getBlockByNumber', 'latest', false)).number), Number(head.number) + 1_000_000);
        assert.equal((await rpc('eth_getBlockByNumber', head.number, false)).hash, head.hash);
        assert.equal((await client(chain.rpc[1])('eth_getBlockByNumber', 'latest', false)).number, head.number);
    });

    test('a node with late_receipts still knows the transaction, unless it is told not to', async () => {
        await fault('late_receipts');
        assert.equal(await rpc('eth_getTransactionReceipt', ours.hash), null);
        assert.equal((await rpc('eth_getTransactionByHash', ours.hash)).hash, ours.hash);
        await control('test_clearFault');
        await fault('late_receipts', { transactions: true });
        assert.equal(await rpc('eth_getTransactionByHash', ours.hash), null);
    });
});

describe('sending', () => {
    test('send_error by name and by words', async () => {
        const { raw } = await note(1337, 1);
        await fault('send_error', { error: 'not_permitted' });
        await assert.rejects(rpc('eth_sendRawTransaction', raw), { code: -32007, message: 'Sender account not authorized to send transactions' });
        await control('test_clearFault');
        await fault('send_error', { code: -32000, message: 'BAD NONCE' });
        await assert.rejects(rpc('eth_sendRawTransaction', raw), { code: -32000, message: 'BAD NONCE' });
    });

    test('swallow_send gives the hash and forgets the transaction; drop takes it out of the pool', async () => {
        const { raw, hash } = await note(1337, 1);
        await fault('swallow_send', { times: 1 });
        assert.equal(await rpc('eth_sendRawTransaction', raw), hash);
        assert.equal(await rpc('eth_getTransactionByHash', hash), null);
        assert.equal(await rpc('eth_sendRawTransaction', raw), hash);
        assert.equal((await rpc('eth_getTransactionByHash', hash)).blockHash, null);
        assert.equal(await control('test_dropTransaction', hash), true);
        assert.equal(await rpc('eth_getTransactionByHash', hash), null);
    });
});

describe('transport', () => {
    function post(signal) {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
        return fetch(chain.rpc[0], { method: 'POST', body, signal, headers: { connection: 'close' } });
    }

    test('http_429 and http_status say when to come back', async () => {
        await fault('http_429', { retry_after_s: 7 });
        let answer = await post();
        assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '7']);
        await control('test_clearFault');
        await fault('http_status', { status: 401, body: 'who?' });
        answer = await post();
        assert.deepEqual([answer.status, answer.headers.get('retry-after'), await answer.text()], [401, null, 'who?']);
    });

    test('unauthorized lets those in who have the right header', async () => {
        const ask = (headers) => fetch(chain.rpc[0], {
            method: 'POST', headers: { connection: 'close', ...headers },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
        });
        await fault('unauthorized', { authorization: 'Bearer right' });
        assert.equal((await ask({})).status, 401);
        assert.equal((await ask({ authorization: 'Bearer wrong' })).status, 401);
        assert.equal((await ask({ authorization: 'Bearer right' })).status, 200);
    });

    test('http_500, html, not_json, wrong_id, oversized', async () => {
        await fault('http_500', { times: 1 });
        assert.equal((await post()).status, 500);
        await fault('html', { times: 1 });
        assert.match((await post()).headers.get('content-type'), /html/);
        await fault('not_json', { times: 1 });
        await assert.rejects((await post()).json(), SyntaxError);
        await fault('wrong_id', { times: 1 });
        assert.notEqual((await (await post()).json()).id, 1);
        await fault('oversized', { times: 1, bytes: 1_000_000 });
        assert.equal((await (await post()).text()).length, 1_000_000);
        assert.equal((await (await post()).json()).result, '0x539');
    });

    test('cut_body ends inside the reply', async () => {
        await fault('cut_body');
        await assert.rejects((async () => (await post()).text())());
    });

    test('lost_reply has carried the request out', async () => {
        const { raw, hash } = await note(1337, 1);
        await fault('lost_reply', { methods: ['eth_sendRawTransaction'] });
        await assert.rejects(rpc('eth_sendRawTransaction', raw));
        assert.equal((await rpc('eth_getTransactionByHash', hash)).hash, hash);
        await control('test_dropTransaction', hash);
    });

    test('one_byte_per_second and never_answers outlast any patience', async () => {
        for (const name of ['one_byte_per_second', 'never_answers']) {
            await fault(name, { times: 1 });
            const begun = post(AbortSignal.timeout(kAbortMilliseconds)).then((answer) => answer.text());
            await assert.rejects(begun, { name: 'TimeoutError' });
        }
    });

    test('a node that is down resets every connection, and is back when cleared', async () => {
        await fault('down', { endpoint: 0 });
        await assert.rejects(rpc('eth_chainId'), TypeError);
        assert.equal(await client(chain.rpc[1])('eth_chainId'), '0x539');
        await control('test_clearFault', 'down');
        assert.equal(await rpc('eth_chainId'), '0x539');
    });
});

describe('what validators do', () => {
    const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const blocksOf = (node, from, to) => Promise.all(range(from, to).map((n) => node('eth_getBlockByNumber', `0x${n.toString(16)}`, false)));

    test('back_dated blocks go down to the parent\'s time, never below, and still link', () => withChain({}, async (own) => {
        await own.control('test_mine');
        tried.add('back_dated');
        await own.control('test_setFault', { name: 'back_dated', times: 1 });
        await own.control('test_mine', 2);
        const [one, two, three] = await blocksOf(own.rpc, 1, 3);
        assert.equal(Number(two.timestamp), Number(one.timestamp) + 1);
        assert.ok(Number(three.timestamp) > Number(two.timestamp));
        assert.deepEqual([two.parentHash, sealed(two).known, sealed(two).members], [one.hash, two.hash, 3]);
    }));

    test('sealed_false_root is sealed by a quorum and linked to', () => withChain({}, async (own) => {
        tried.add('sealed_false_root');
        await own.control('test_setFault', { name: 'sealed_false_root', from: 1, to: 1 });
        await own.control('test_mine', 2);
        const [one, two] = await blocksOf(own.rpc, 1, 2);
        assert.deepEqual([sealed(one).known, sealed(one).members, two.parentHash], [one.hash, 3, one.hash]);
        assert.notEqual(one.transactionsRoot, two.transactionsRoot);
    }));

    test('a validator joins after a majority\'s votes; the headers from then on list it', () => withChain({}, async (own) => {
        const { from } = await own.control('test_changeValidators', { add: 4 });
        assert.equal(from, 4);
        await own.control('test_mine', 6);
        const blocks = await blocksOf(own.rpc, 1, 6);
        const votes = blocks.map((block) => RLP.decode(hexToBytes(block.extraData))[2].length);
        assert.deepEqual(votes, [2, 2, 2, 0, 0, 0]);
        assert.equal(new Set(blocks.slice(0, 3).map(({ miner }) => miner)).size, 3);
        assert.deepEqual(blocks.map((block) => sealed(block).validators.length), [4, 4, 4, 5, 5, 5]);
        assert.deepEqual(blocks.map((block) => sealed(block).members), [3, 3, 3, 4, 4, 4]);
        const [old, young] = await own.control('test_validatorSets');
        assert.deepEqual([old.from, old.to, young.from, young.to], [0, 3, 4, undefined]);
    }));

    test('a validator leaves; a whole set is replaced at a height', () => withChain({ seals: 'all' }, async (own) => {
        await own.control('test_changeValidators', { drop: 0, at: 2 });
        await own.control('test_changeValidators', { replace: [10, 11, 12, 13], at: 4 });
        await own.control('test_mine', 4);
        const lists = (await blocksOf(own.rpc, 1, 4)).map((block) => sealed(block).validators);
        assert.deepEqual(lists.map(({ length }) => length), [4, 3, 3, 4]);
        assert.deepEqual(lists[3].filter((address) => lists[2].includes(address)), []);
        await assert.rejects(own.control('test_changeValidators', { add: 5, at: 3 }), /sealed already/);
    }));

    test('a reorganisation takes blocks away by number and by hash, and gives others that link', () => withChain({}, async (own) => {
        const first = await note(1337, 0);
        await own.rpc('eth_sendRawTransaction', first.raw);
        await own.control('test_mine', 3);
        const gone = await blocksOf(own.rpc, 1, 3);
        const head = await own.control('test_reorg', 3, [[first.raw, 1]]);
        assert.equal(head.number, 3);
        assert.equal(await own.rpc('eth_getBlockByHash', gone[1].hash, false), null);
        const now = await blocksOf(own.rpc, 1, 3);
        assert.deepEqual(now.slice(1).map(({ parentHash }) => parentHash), now.slice(0, 2).map(({ hash }) => hash));
        assert.equal((await own.rpc('eth_getTransactionReceipt', first.hash)).blockHash, now[1].hash);
        await own.control('test_reorg', 3);
        assert.equal(await own.rpc('eth_getTransactionReceipt', first.hash), null);
    }));

    test('a plain chain has anvil\'s own headers and a finalized block', () => withChain({ mode: 'plain', automine: true }, async (own) => {
        const { hash, raw } = await note(1337, 0);
        await own.rpc('eth_sendRawTransaction', raw);
        await own.control('test_mine', 2);
        const { blockHash } = await own.rpc('eth_getTransactionReceipt', hash);
        const block = await own.rpc('eth_getBlockByHash', blockHash, false);
        const theirs = await client(own.chain.anvilProcess.url)('eth_getBlockByNumber', '0x1', false);
        assert.deepEqual([block.hash, block.extraData], [theirs.hash, theirs.extraData]);
        assert.equal((await own.rpc('eth_getBlockByNumber', 'finalized', false)).number, '0x0');
    }));
});
