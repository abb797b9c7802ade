// SPDX-License-Identifier: Apache-2.0
// A transaction and a receipt as a block's tries hold them: docs/formats/anchor-evm.md sections 8 and 9, confirmed by
// @ethereumjs/tx and ethers. Throws Malformed.
import { common, ethers, rlp, tx } from '../../support/chain/libraries.mjs';
import { accountOf, confirm, kOrder } from './account.mjs';
import { hex, keccak, kMaxInteger, list, number, refuse, string } from './strict_rlp.mjs';

const kItemBytesMax = 131_072;

// Fields after the type byte; what each is, is in kForms.
const kTransactions = {
    0: ['nonce', 'price', 'gas', 'to', 'value', 'data', 'v', 'r', 's'],
    1: ['chainId', 'nonce', 'price', 'gas', 'to', 'value', 'data', 'accessList', 'parity', 'r', 's'],
    2: ['chainId', 'nonce', 'tip', 'price', 'gas', 'to', 'value', 'data', 'accessList', 'parity', 'r', 's'],
};

function readTo(item) {
    refuse(![0, 20].includes(string(item, 'to').length), 'to is not an address');
    return item.length === 0 ? null : hex(item);
}

function readAccessList(item) {
    refuse(!Array.isArray(item), 'the access list is not a list');
    for (const entry of item) {
        refuse(!Array.isArray(entry) || entry.length !== 2 || !Array.isArray(entry[1]), 'an access that is not a pair');
        string(entry[0], 'an address', 20);
        for (const slot of entry[1]) string(slot, 'a slot', 32);
    }
    return item;
}

const narrow = (item) => number(item, 'a number');
const wide = (item) => number(item, 'a number', 32);
const kForms = {
    nonce: narrow, gas: narrow, v: narrow, chainId: narrow, parity: narrow, price: wide, tip: wide, value: wide, r: wide, s: wide,
    to: readTo, accessList: readAccessList, data: (item) => hex(string(item, 'data')),
};

function signingHash(type, items, chainId) {
    if (type === 0) {
        const replay = [ethers.getBytes(ethers.toBeArray(chainId)), new Uint8Array(0), new Uint8Array(0)];
        return keccak(rlp.RLP.encode([...items.slice(0, 6), ...replay]));
    }
    return keccak(Uint8Array.of(type, ...rlp.RLP.encode(items.slice(0, -3))));
}

// { chainId, to, data, sender }
export function readTransaction(raw, unconfirmed) {
    refuse(raw.length > kItemBytesMax, 'a transaction that is too large');
    const type = raw[0] >= 0xc0 ? 0 : raw[0];
    const names = kTransactions[type];
    refuse(!names || (raw[0] === 0), `a transaction of type ${type}`);
    const items = list(type === 0 ? raw : raw.slice(1), 'the transaction');
    refuse(items.length !== names.length, `a transaction of ${items.length} fields`);
    const read = Object.fromEntries(names.map((name, i) => [name, kForms[name](items[i])]));
    if (type === 0) {
        refuse(read.v < 35n, 'a transaction that is good on every chain');
        Object.assign(read, { chainId: (read.v - 35n) / 2n, parity: (read.v - 35n) % 2n });
    }
    refuse(read.chainId < 1n || read.chainId > kMaxInteger, 'the chain id is out of range');
    refuse(read.parity > 1n || read.r === 0n || read.s === 0n || read.s > kOrder / 2n, 'a signature out of range');
    const bytes32 = (value) => ethers.getBytes(ethers.toBeHex(value, 32));
    const sender = accountOf(signingHash(type, items, read.chainId), bytes32(read.r), bytes32(read.s), Number(read.parity));

    const facts = `${keccak(raw)} from ${sender}`;
    confirm(unconfirmed, 'ethers', facts, () => {
        const theirs = ethers.Transaction.from(ethers.hexlify(raw));
        return `${theirs.hash.slice(2)} from ${theirs.from.slice(2).toLowerCase()}`;
    });
    confirm(unconfirmed, '@ethereumjs/tx', facts, () => {
        const chain = common.createCustomCommon({ chainId: Number(read.chainId) }, common.Mainnet, { hardfork: 'prague' });
        const theirs = tx.createTxFromRLP(raw, { common: chain });
        return `${hex(theirs.hash())} from ${hex(theirs.getSenderAddress().bytes)}`;
    });
    return { chainId: Number(read.chainId), to: read.to, data: read.data, sender };
}

function readEvent(item) {
    refuse(!Array.isArray(item) || item.length !== 3, 'an event that is not one');
    refuse(!Array.isArray(item[1]) || item[1].length > 4, 'topics are not a list of at most four');
    return {
        address: hex(string(item[0], 'an address', 20)), topics: item[1].map((topic) => hex(string(topic, 'a topic', 32))),
        data: hex(string(item[2], 'data')),
    };
}

// { succeeded, events }
export function readReceipt(raw) {
    refuse(raw.length > kItemBytesMax, 'a receipt that is too large');
    const typed = raw[0] >= 1 && raw[0] <= 4;
    const items = list(typed ? raw.slice(1) : raw, 'the receipt');
    refuse(items.length !== 4, `a receipt of ${items.length} fields`);
    const status = number(items[0], 'the status');
    refuse(status > 1n, 'the status is neither 0 nor 1');
    number(items[1], 'gas');
    string(items[2], 'the bloom filter', 256);
    refuse(!Array.isArray(items[3]), 'events are not a list');
    return { succeeded: status === 1n, events: items[3].map(readEvent) };
}
