// SPDX-License-Identifier: Apache-2.0
// A path in a block's trie from its root to the item at an index: walked here node by node, so that nothing is left
// over, and looked up again by @ethereumjs/mpt. Throws NoPath.
import { ethers, mpt, rlp } from '../../support/chain/libraries.mjs';
import { decodeStrictly, hex } from './chain_header.mjs';

export class NoPath extends Error {}

function nibbles(bytes) {
    return [...hex(bytes)].map((digit) => parseInt(digit, 16));
}

function refuse(condition, message) {
    if (condition) throw new NoPath(message);
}

// Hex-prefix encoding: { leaf, path }.
function shortPath(bytes) {
    refuse(Array.isArray(bytes) || bytes.length === 0, 'a path of no bytes');
    const all = nibbles(bytes);
    refuse(all[0] > 3, 'a path with an unknown flag');
    const odd = all[0] & 1;
    refuse(!odd && all[1] !== 0, 'a path with a filler that is not 0');
    return { leaf: all[0] >= 2, path: all.slice(odd ? 1 : 2) };
}

function walk(root, key, nodes) {
    let left = nibbles(key);
    let used = 0;
    let reference = root;
    const next = () => {
        if (Array.isArray(reference)) return reference; // embedded in its parent
        refuse(reference.length !== 32, 'a reference that is not 32 bytes');
        refuse(used === nodes.length, 'the path ends before the item');
        const node = nodes[used++];
        refuse(hex(ethers.getBytes(ethers.keccak256(node))) !== hex(reference), `node ${used} is not the one its parent names`);
        return decodeStrictly(node, 'node');
    };
    for (;;) {
        const node = next();
        refuse(!Array.isArray(node) || (node.length !== 2 && node.length !== 17), 'a node of neither 2 nor 17 items');
        if (node.length === 17) {
            if (left.length === 0) return { value: node[16], used };
            reference = node[left[0]];
            left = left.slice(1);
            refuse(reference.length === 0, 'nothing at this index');
            continue;
        }
        const { leaf, path } = shortPath(node[0]);
        refuse(path.some((nibble, i) => nibble !== left[i]), 'nothing at this index');
        left = left.slice(path.length);
        if (leaf) {
            refuse(left.length !== 0, 'nothing at this index');
            return { value: node[1], used };
        }
        refuse(path.length === 0, 'an extension of nothing');
        reference = node[1];
    }
}

export async function itemAt(root, index, nodes) {
    const key = rlp.RLP.encode(index);
    const { value, used } = walk(root, key, nodes);
    refuse(Array.isArray(value) || value.length === 0, 'the item is empty');
    refuse(used !== nodes.length, `${nodes.length - used} nodes lead nowhere`);
    const theirs = await mpt.verifyMerkleProof(key, nodes, { root });
    if (!theirs || hex(theirs) !== hex(value)) throw new Error('@ethereumjs/mpt finds another item');
    return value;
}
