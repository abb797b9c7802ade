// SPDX-License-Identifier: Apache-2.0
// The second opinion on anchors, on anchors of the test chain: what is right is "ok", and each single thing that is
// wrong or missing has its own finding.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ethers } from '../../support/chain/libraries.mjs';
import { client, kSender, kSettings, note, withChain } from '../../support/chain/scene.mjs';
import { startChain } from '../../support/chain/sealing_proxy.mjs';
import { validator } from '../../support/chain/validators.mjs';
import { captureAnchor, headerAt } from './capture_anchor.mjs';
import { checkAnchor, checkFloor } from './check_anchor.mjs';
import { anchorsIn, digestOf, judgeVector } from './run_chain_vectors.mjs';

const kDigest = ethers.sha256('0x01').slice(2);
const kCall = `0xeecdf927${kDigest}`;
const kNote = `0x46534c3101${kDigest}`;
const kOthers = 5; // transactions beside ours

// One block with a call of the contract, a note, and others; then empty ones.
async function scene({ rpc, control, chain }, { anchors = [['call', kCall], ['note', kNote]], ...options } = {}) {
    const { address: contract } = await control('test_deployAnchor');
    const raws = {};
    const hashes = {};
    const send = async (nonce, to, data) => {
        const { raw, hash } = await note(options.chainId ?? chain.chainId, nonce, { to, data, type: nonce % 2 ? 0 : 2 });
        raws[hash] = raw;
        assert.equal(await rpc('eth_sendRawTransaction', raw), hash);
        return hash;
    };
    let nonce = 0;
    for (; nonce < kOthers; ++nonce) await send(nonce, kSender.address, '0x');
    for (const [name, data, to] of anchors) hashes[name] = await send(nonce++, to ?? (name === 'call' ? contract : kSender.address), data);
    await control('test_mine', 6);
    const pin = { id: 'net', chain_id: chain.chainId, mode: chain.mode, validator_sets: await control('test_validatorSets'), contract };
    return { pin, trust: { chains: [pin] }, raws, hashes };
}

function with_(object, changes) {
    return { ...object, ...changes };
}

function without(object, name) {
    const { [name]: _, ...rest } = object;
    return rest;
}

async function findingOf(anchor, trust, digest = kDigest) {
    return (await checkAnchor(anchor, digest, trust)).finding;
}

for (const mode of ['qbft', 'ibft2']) {
    for (const hardfork of ['london', 'shanghai', 'cancun', 'prague']) {
        test(`${mode} on ${hardfork}: a call, a note and an event hold, with their facts`, () => withChain({ mode, hardfork }, async (own) => {
            const { trust, raws, hashes } = await scene(own);
            for (const [name, options] of [['call', {}], ['note', {}], ['call', { log: 0 }]]) {
                const anchor = await captureAnchor(own.rpc, hashes[name], raws, options);
                const result = await checkAnchor(anchor, kDigest, trust);
                assert.equal(result.finding, 'ok', result.message);
                const block = await own.rpc('eth_getBlockByNumber', ethers.toQuantity(result.block_number), false);
                const later = await own.rpc('eth_getBlockByNumber', ethers.toQuantity(result.block_number + 2), false);
                assert.equal(`0x${result.block_hash}`, block.hash);
                assert.deepEqual([result.block_time, result.hardened_time], [Number(block.timestamp), Number(later.timestamp) + 1]);
                assert.deepEqual([result.seals, result.needed, result.unconfirmed], [3, 3, []]);
                assert.equal(result.submitter, kSender.address.slice(2).toLowerCase());
            }
        }));
    }
}

describe('one thing is wrong', () => {
    let chain;
    let rpc;
    let control;
    let set;
    let good;
    let event;
    before(async () => {
        chain = await startChain(kSettings);
        rpc = client(chain.rpc[0]);
        control = client(chain.control);
        set = await scene({ chain, rpc, control });
        good = await captureAnchor(rpc, set.hashes.call, set.raws);
        event = await captureAnchor(rpc, set.hashes.call, set.raws, { log: 0 });
        assert.equal(await findingOf(good, set.trust), 'ok');
        assert.equal(await findingOf(event, set.trust), 'ok');
    });
    after(() => chain.stop());

    const pinned = (changes) => ({ chains: [with_(set.pin, changes)] });
    const under = async (name, options, capture = {}) => {
        const id = await control('test_setFault', { name, ...options });
        try {
            return await captureAnchor(rpc, set.hashes.call, set.raws, capture);
        } finally {
            await control('test_clearFault', id);
        }
    };

    for (const [name, change, finding] of [
        ['another type', { type: 'evm-state' }, 'anchor-unknown-type'],
        ['a type of others', { type: 'sigsum' }, 'anchor-unsupported'],
        ['an unknown member', { colour: 'red' }, 'anchor-malformed'],
        ['no nodes', { nodes: [] }, 'anchor-malformed'],
        ['too many later headers', { later: Array(33).fill('AAAA') }, 'anchor-malformed'],
        ['an index that is no integer', { index: 0.5 }, 'anchor-malformed'],
        ['another index', { index: 2 }, 'chain-proof-mismatch'],
        ['a chain that is not pinned', { chain: 'elsewhere' }, 'chain-unknown'],
    ]) {
        test(name, async () => assert.equal(await findingOf(with_(good, change), set.trust), finding));
    }

    test('the path: a node less, a node more, two exchanged', async () => {
        const { nodes } = good;
        assert.ok(nodes.length >= 2);
        for (const bad of [nodes.slice(0, -1), [...nodes, nodes[0]], nodes.toReversed()]) {
            assert.equal(await findingOf(with_(good, { nodes: bad }), set.trust), 'chain-proof-mismatch');
        }
    });

    test('base64 that is not canonical, a header with a byte more', async () => {
        assert.equal(await findingOf(with_(good, { header: `${good.header}AAAA` }), set.trust), 'anchor-malformed');
        assert.equal(await findingOf(with_(good, { header: `${good.header} ` }), set.trust), 'anchor-malformed');
    });

    test('another digest, another chain id, another contract, none', async () => {
        assert.equal(await findingOf(good, set.trust, '00'.repeat(32)), 'chain-digest-mismatch');
        assert.equal(await findingOf(event, set.trust, '00'.repeat(32)), 'chain-digest-mismatch');
        assert.equal(await findingOf(good, pinned({ chain_id: 1338 })), 'chain-id-mismatch');
        assert.equal(await findingOf(event, pinned({ chain_id: 1338 })), 'chain-id-mismatch');
        const other = { contract: `0x${'11'.repeat(20)}` };
        assert.deepEqual([await findingOf(good, pinned(other)), await findingOf(event, pinned(other))], Array(2).fill('chain-digest-mismatch'));
        const none = { contract: undefined };
        assert.deepEqual([await findingOf(good, pinned(none)), await findingOf(event, pinned(none))], Array(2).fill('chain-contract-unknown'));
        const self = await captureAnchor(rpc, set.hashes.note, set.raws);
        assert.equal(await findingOf(self, pinned(none)), 'ok');
    });

    test('an event that the receipt does not have, a receipt of another transaction', async () => {
        assert.equal(await findingOf(with_(event, { log: 1 }), set.trust), 'chain-digest-mismatch');
        const other = await captureAnchor(rpc, set.hashes.note, set.raws, { log: 0 });
        assert.equal(await findingOf(other, set.trust), 'chain-digest-mismatch');
        assert.equal(await findingOf(with_(event, { receipt_nodes: other.receipt_nodes }), set.trust), 'chain-proof-mismatch');
    });

    test('sets: another one, one that ends before, one that begins after, another curve', async () => {
        const [{ validators }] = set.pin.validator_sets;
        const { block_number: at } = await checkAnchor(good, kDigest, set.trust);
        const sets = (...validator_sets) => findingOf(good, pinned({ validator_sets }));
        assert.equal(await sets({ from: 0, validators: [...validators.slice(0, 3), validator(9).address] }), 'chain-set-mismatch');
        assert.equal(await sets({ from: 0, to: at - 1, validators }), 'chain-set-unknown');
        assert.equal(await sets({ from: at + 1, validators }), 'chain-set-unknown');
        assert.equal(await sets({ from: at, to: at, validators }), 'chain-time-unhardened');
        assert.equal(await sets({ from: at, to: at + 2, validators }), 'ok');
        assert.equal(await findingOf(good, pinned({ curve: 'secp256r1' })), 'chain-curve-unsupported');
    });

    for (const [name, options, finding] of [
        ['too_few_seals', {}, 'chain-seals-too-few'],
        ['foreign_seal', {}, 'chain-seal-foreign'],
        ['foreign_seal', { replace: true }, 'chain-seal-foreign'],
        ['duplicate_seal', {}, 'chain-seal-duplicate'],
        ['garbled_seal', {}, 'anchor-malformed'],
        ['wrong_commit', {}, 'chain-seal-foreign'],
        ['six_items', {}, 'anchor-malformed'],
        ['unsorted_validators', {}, 'anchor-malformed'],
        ['lying_transactions_root', {}, 'chain-seal-foreign'],
        ['lying_receipts_root', {}, 'chain-seal-foreign'],
        ['other_round', {}, 'ok'],
        ['different_seals', { shift: 2 }, 'ok'],
    ]) {
        test(`${name} ${JSON.stringify(options)} in the header`, async () => {
            const anchor = await under(name, { ...options, to: Number((await rpc('eth_getTransactionReceipt', set.hashes.call)).blockNumber) });
            assert.equal(await findingOf(anchor, set.trust), finding);
        });
    }

    test('time: no later headers, one, a gap, an unsealed one, one of another round', async () => {
        assert.equal(await findingOf(without(good, 'later'), set.trust), 'chain-time-unhardened');
        assert.equal(await findingOf(with_(good, { later: [] }), set.trust), 'anchor-malformed');
        assert.equal(await findingOf(with_(good, { later: [...good.later, 'AAAA'] }), set.trust), 'anchor-malformed');
        assert.equal(await findingOf(with_(good, { later: good.later.slice(0, 1) }), set.trust), 'chain-time-unhardened');
        const { later } = await captureAnchor(rpc, set.hashes.call, set.raws, { later: 4 });
        assert.equal(await findingOf(with_(good, { later: [later[0], later[2]] }), set.trust), 'chain-time-unhardened');
        const at = Number((await rpc('eth_getTransactionReceipt', set.hashes.call)).blockNumber);
        const few = await under('too_few_seals', { from: at + 1 });
        assert.equal(await findingOf(few, set.trust), 'chain-time-unhardened');
        const round = await under('other_round', { from: at + 1, to: at + 1 });
        assert.equal(await findingOf(round, set.trust), 'chain-time-unhardened');
        const longer = await under('other_round', { from: at + 1, to: at + 1 }, { later: 3 });
        assert.equal(await findingOf(longer, set.trust), 'ok');
    });
});

test('calldata with a byte more, with another magic, to somebody else', () => withChain({}, async (own) => {
    const { trust, raws, hashes } = await scene(own, { anchors: [
        ['long', `${kNote}00`], ['magic', kNote.replace('4c31', '4c32')], ['version', kNote.replace('3101', '3102')],
        ['somebody', kNote, `0x${'22'.repeat(20)}`], ['uncalled', kCall, `0x${'22'.repeat(20)}`],
    ] });
    for (const hash of Object.values(hashes)) {
        assert.equal(await findingOf(await captureAnchor(own.rpc, hash, raws), trust), 'chain-digest-mismatch');
    }
}));

test('trust is handed over from set to set by headers that both quorums sealed', () => withChain({ seals: 'all' }, async (own) => {
    const { address: contract } = await own.control('test_deployAnchor');
    await own.control('test_changeValidators', { add: 4, at: 3 });
    await own.control('test_changeValidators', { drop: 0, at: 5 });
    await own.control('test_mine', 5);
    const { raw, hash } = await note(1337, 0, { data: kNote });
    await own.rpc('eth_sendRawTransaction', raw);
    await own.control('test_mine', 4);
    const anchor = await captureAnchor(own.rpc, hash, { [hash]: raw });
    const [{ validators }] = await own.control('test_validatorSets');
    const pin = { id: 'net', chain_id: 1337, mode: 'qbft', validator_sets: [{ from: 0, validators }], contract };
    const under = (changes, handover) => findingOf(handover ? with_(anchor, { handover }) : anchor, { chains: [with_(pin, changes)] });
    const headers = await Promise.all([3, 5].map((number) => headerAt(own.rpc, number)));
    assert.equal(await under({}), 'chain-set-mismatch');
    assert.equal(await under({}, headers), 'ok');
    assert.equal(await under({}, headers.toReversed()), 'chain-handover-mismatch');
    assert.equal(await under({}, headers.slice(0, 1)), 'chain-handover-mismatch');
    assert.equal(await under({}, ['AAAA']), 'anchor-malformed');
    // A closed range never hands over; a range that begins later hands over only what comes after its beginning.
    assert.equal(await under({ validator_sets: [{ from: 0, to: 100, validators }] }, headers), 'chain-set-mismatch');
    assert.equal(await under({ validator_sets: [{ from: 3, validators }] }, headers), 'chain-handover-mismatch');
    assert.equal(await under({ validator_sets: [{ from: 0, to: 2, validators }] }, headers), 'chain-set-unknown');
    const strangers = [10, 11, 12, 13].map((n) => validator(n).address).sort();
    assert.equal(await under({ validator_sets: [{ from: 0, validators: strangers }] }, headers), 'chain-handover-mismatch');
}));

test('what validators seal together is checked all the same', () => withChain({}, async (own) => {
    await own.control('test_setFault', { name: 'sealed_false_root', from: 2, to: 2 });
    const { trust, raws, hashes } = await scene(own);
    assert.equal(await findingOf(await captureAnchor(own.rpc, hashes.call, raws), trust), 'chain-proof-mismatch');
}));

test('validators that stand in a contract are judged by the pin alone', () => withChain({ validatorsIn: 'contract' }, async (own) => {
    const { pin, trust, raws, hashes } = await scene(own);
    const anchor = await captureAnchor(own.rpc, hashes.call, raws);
    assert.equal(await findingOf(anchor, trust), 'ok');
    const others = [{ from: 0, validators: [10, 11, 12, 13].map((n) => validator(n).address).sort() }];
    assert.equal(await findingOf(anchor, { chains: [with_(pin, { validator_sets: others })] }), 'chain-seal-foreign');
}));

test('a plain chain: a header alone, a pinned block, another block of that number', () => withChain({ mode: 'plain' }, async (own) => {
    const { pin, raws, hashes } = await scene(own);
    const anchor = await captureAnchor(own.rpc, hashes.note, raws, { later: 0 });
    const plain = with_(pin, { validator_sets: [] });
    const result = await checkAnchor(anchor, kDigest, { chains: [plain] });
    assert.deepEqual([result.finding, result.needed], ['chain-header-only', 0]);
    const known = [{ number: result.block_number, hash: `0x${result.block_hash}` }];
    assert.equal(await findingOf(anchor, { chains: [with_(plain, { blocks: known })] }), 'ok');
    const other = [{ number: result.block_number, hash: `0x${'33'.repeat(32)}` }];
    assert.equal(await findingOf(anchor, { chains: [with_(plain, { blocks: other })] }), 'chain-block-mismatch');
}));

test('a header is a floor when a quorum of the pinned set sealed it, and of nobody else', () => withChain({}, async (own) => {
    const { pin, trust, raws, hashes } = await scene(own);
    const { header } = await captureAnchor(own.rpc, hashes.call, raws);
    const floorOf = async (bytes, changes, operator) => (
        await checkFloor({ chain: 'net', header: bytes }, { chains: [with_(pin, changes)] }, operator)).finding;
    assert.equal(await floorOf(header, {}), 'ok');
    assert.equal(await floorOf(header, { operator: 'ours' }, 'ours'), 'anchor-same-operator');
    assert.equal(await floorOf(header, { mode: 'plain', validator_sets: [] }), 'chain-header-only');
    await own.control('test_setFault', { name: 'too_few_seals' });
    assert.equal(await floorOf(await headerAt(own.rpc, 2), {}), 'chain-seals-too-few');
    assert.equal((await checkFloor({ chain: 'other', header }, trust)).finding, 'chain-unknown');
}));

test('anchors are found at every level of an evidence file, each with the digest of its own checkpoint', () => {
    const note = (origin) => `${origin}\n3\nAAAA\n\n— ${origin} sig\n`;
    const inner = { checkpoint: note('hub.example/log/1'), anchors: [{ type: 'evm-tx' }, { type: 'sigsum' }] };
    const found = [...anchorsIn([{ checkpoint: note('works.example/a/1'), anchors: [], logged: [inner] }], 'proofs')];
    assert.deepEqual(found.map(({ where }) => where), ['proofs[0].logged[0].anchors[0]', 'proofs[0].logged[0].anchors[1]']);
    assert.equal(found[0].digest, ethers.sha256(ethers.toUtf8Bytes('hub.example/log/1\n3\nAAAA\n')).slice(2));
});

test('a vector: the reason codes of its anchors in their order, and of its floor', () => withChain({}, async (own) => {
    const checkpoint = 'works.example/a/1\n3\nAAAA\n\n— works.example/a/1 sig\n';
    const { pin, raws, hashes } = await scene(own, { anchors: [['note', `0x46534c3101${digestOf(checkpoint)}`]] });
    const anchor = await captureAnchor(own.rpc, hashes.note, raws);
    const judged = (operator, now_s) => judgeVector({
        evidence: JSON.stringify({ proofs: [{ checkpoint, anchors: [anchor, without(anchor, 'later'), { type: 'x' }] }],
            floor: { chain: 'net', header: anchor.header } }),
        trust: JSON.stringify({ logs: [{ origin: 'works.example/a/1', operator }], chains: [pin] }), now_s,
    });
    assert.deepEqual(await judged('works'), { anchors: ['ok', 'chain-time-unhardened', 'anchor-unknown-type'], floor: 'ok' });
    assert.deepEqual((await judged('net')).anchors[0], 'anchor-same-operator');
    assert.deepEqual((await judged('works', 1)).anchors[0], 'anchor-in-future');
}));
