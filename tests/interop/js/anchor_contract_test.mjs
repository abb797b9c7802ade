// SPDX-License-Identifier: Apache-2.0
// deploy/contracts/anchor.json on a real EVM, called through ethers by its ABI.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ethers } from '../../support/chain/libraries.mjs';
import { kSender, note, withChain } from '../../support/chain/scene.mjs';

const kArtifact = JSON.parse(readFileSync(new URL('../../../deploy/contracts/anchor.json', import.meta.url)));
const kReadme = readFileSync(new URL('../../../deploy/contracts/README.md', import.meta.url), 'utf8');
const kInterface = new ethers.Interface(kArtifact.abi);
const kRoot = ethers.sha256('0x01');

async function sendAll(scene, to, calls) {
    const sent = [];
    for (const [nonce, data] of calls.entries()) sent.push(await note(scene.chain.chainId, nonce, { to, data }));
    for (const { raw } of sent) await scene.rpc('eth_sendRawTransaction', raw);
    await scene.control('test_mine');
    return Promise.all(sent.map(({ hash }) => scene.rpc('eth_getTransactionReceipt', hash)));
}

for (const hardfork of ['london', 'shanghai', 'cancun', 'prague']) {
    test(`on ${hardfork}: one root twice is two events and no revert`, () => withChain({ hardfork }, async (scene) => {
        const { address, code_hash: codeHash } = await scene.control('test_deployAnchor');
        assert.equal(codeHash, kArtifact.code_hash);
        assert.equal(await scene.rpc('eth_getCode', address, 'latest'), kArtifact.runtime_bytecode);

        const call = kInterface.encodeFunctionData('anchor', [kRoot]);
        assert.equal(call, kArtifact.selector + kRoot.slice(2));
        const receipts = await sendAll(scene, address, [call, call]);
        for (const { status, logs } of receipts) {
            assert.equal(status, '0x1');
            assert.equal(logs.length, 1);
            const { name, args } = kInterface.parseLog(logs[0]);
            assert.deepEqual([name, args.submitter, args.root], ['Anchored', kSender.address, kRoot]);
            assert.equal(logs[0].data, '0x');
        }
        // What the README states was measured here.
        assert.match(kReadme, new RegExp(`\\| ${hardfork} \\|.*\\b${Number(receipts[0].gasUsed)}\\b`));
    }));
}

test('anything but the one call fails and leaves no event', () => withChain({}, async (scene) => {
    const { address } = await scene.control('test_deployAnchor');
    const call = kInterface.encodeFunctionData('anchor', [kRoot]);
    const receipts = await sendAll(scene, address, ['0x', '0xdeadbeef', call.slice(0, -2)]);
    assert.deepEqual(receipts.map(({ status, logs }) => [status, logs.length]), [['0x0', 0], ['0x0', 0], ['0x0', 0]]);
}));

test('a note to oneself needs no contract', () => withChain({}, async (scene) => {
    const [receipt] = await sendAll(scene, kSender.address, [`0x46534c3101${kRoot.slice(2)}`]);
    assert.equal(receipt.status, '0x1');
    assert.match(kReadme, new RegExp(`\\| shanghai \\|.*\\b${Number(receipt.gasUsed)}\\b`));
}));

test('the genesis file of deploy/compose has the contract in it', () => {
    const file = new URL('../../../deploy/compose/besu-qbft/network-config.json', import.meta.url);
    const { genesis } = JSON.parse(readFileSync(file));
    const [[address, account]] = Object.entries(genesis.alloc);
    assert.deepEqual([address, account.code], [`${'0'.repeat(35)}f5ea1`, kArtifact.runtime_bytecode]);
});
