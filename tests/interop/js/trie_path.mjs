// SPDX-License-Identifier: Apache-2.0
// A path in a block's trie from its root to the item at an index: docs/formats/anchor-evm.md section 7, walked here node
// by node so that nothing is left over, and looked up again by @ethereumjs/mpt. Throws Malformed.
import { mpt, rlp } from '../../support/chain/libraries.mjs';
import { hex, keccak, list, refuse, string } from './strict_rlp.mjs';

const kHashBytes = 32;

function nibbles(bytes) {
    return [...hex(bytes)].map((digit) => parseInt(digit, 16));
}

// { leaf, path } of a node of two items.
function shortPath(item) {
    refuse(string(item, 'a path').length === 0, 'a path of no bytes');
    const [flags, first, ...rest] = nibbles(item);
    refuse(flags > 3, 'a path with an unknown flag');
    const odd = (flags & 1) === 1;
    refuse(!odd && first !== 0, 'a path with a filler that is not 0');
    return { leaf: flags >= 2, path: odd ? [first, ...rest] : rest };
}

class Walk {
    constructor(root, nodes) {
        this.nodes = nodes;
        this.used = 0;
        refuse(nodes.length === 0 || keccak(nodes[0]) !== hex(root), 'the first node is not the root');
        this.node = list(nodes[this.used++], 'a node');
    }

    follow(child) {
        if (Array.isArray(child)) {
            refuse(rlp.RLP.encode(child).length >= kHashBytes, 'a node inside another is too long');
            this.node = child;
            return;
        }
        refuse(child.length === 0, 'nothing at this index');
        refuse(child.length !== kHashBytes, 'a child of neither a hash nor a node');
        refuse(this.used === this.nodes.length, 'the path ends before the item');
        const next = this.nodes[this.used++];
        refuse(next.length < kHashBytes || keccak(next) !== hex(child), 'a node that its parent does not name');
        this.node = list(next, 'a node');
    }

    valueAt(key) {
        let left = nibbles(key);
        for (;;) {
            if (this.node.length === 17) {
                refuse(string(this.node[16], 'a value').length !== 0, 'a value in a branch');
                refuse(left.length === 0, 'nothing at this index');
                this.follow(this.node[left[0]]);
                left = left.slice(1);
                continue;
            }
            refuse(this.node.length !== 2, 'a node of neither 2 nor 17 items');
            const { leaf, path } = shortPath(this.node[0]);
            refuse(path.some((nibble, i) => nibble !== left[i]), 'nothing at this index');
            left = left.slice(path.length);
            if (leaf) {
                refuse(left.length !== 0, 'nothing at this index');
                return string(this.node[1], 'the value');
            }
            refuse(path.length === 0, 'an extension of nothing');
            this.follow(this.node[1]);
        }
    }
}

export async function itemAt(root, index, nodes) {
    const key = rlp.RLP.encode(index);
    const walk = new Walk(root, nodes);
    const value = walk.valueAt(key);
    refuse(value.length === 0, 'the value is empty');
    refuse(walk.used !== nodes.length, 'nodes are left over');
    const theirs = await mpt.verifyMerkleProof(key, nodes, { root });
    if (!theirs || hex(theirs) !== hex(value)) throw new Error('@ethereumjs/mpt finds another item');
    return value;
}
