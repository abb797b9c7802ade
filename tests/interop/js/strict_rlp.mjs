// SPDX-License-Identifier: Apache-2.0
// RLP by docs/formats/anchor-evm.md section 3: @ethereumjs/rlp, and refused what is not the one encoding of its value.
// Because it is, encoding items again gives the received slices. Throws Malformed.
import { ethers, rlp } from '../../support/chain/libraries.mjs';

const kDepthMax = 16;
const kItemsMax = 65_536;

export class Malformed extends Error {}

export function refuse(condition, message) {
    if (condition) throw new Malformed(message);
}

export function hex(bytes) {
    return ethers.hexlify(bytes).slice(2);
}

export function keccak(bytes) {
    return ethers.keccak256(bytes).slice(2);
}

function measure(item, depth, count) {
    refuse(++count.items > kItemsMax, 'too many items');
    if (!Array.isArray(item)) return;
    refuse(depth > kDepthMax, 'nested too deep');
    for (const each of item) measure(each, depth + 1, count);
}

export function decode(bytes, what) {
    let items;
    try {
        items = rlp.RLP.decode(bytes);
    } catch (error) {
        throw new Malformed(`${what}: ${error.message}`);
    }
    measure(items, 1, { items: 0 });
    refuse(hex(rlp.RLP.encode(items)) !== hex(bytes), `${what}: not the one encoding of its value`);
    return items;
}

export function list(bytes, what) {
    const items = decode(bytes, what);
    refuse(!Array.isArray(items), `${what} is not a list`);
    return items;
}

export function string(item, what, length) {
    refuse(!(item instanceof Uint8Array), `${what} is not a string`);
    refuse(length !== undefined && item.length !== length, `${what} has ${item.length} bytes instead of ${length}`);
    return item;
}

// A number of at most `bytes` bytes (8, or 32 for a wide one), as BigInt.
export function number(item, what, bytes = 8) {
    string(item, what);
    refuse(item.length > bytes || item[0] === 0, `${what} is not a number`);
    return item.length === 0 ? 0n : BigInt(ethers.hexlify(item));
}

export const kMaxInteger = BigInt(Number.MAX_SAFE_INTEGER);
