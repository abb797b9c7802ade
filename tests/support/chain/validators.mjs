// SPDX-License-Identifier: Apache-2.0
// The test chain's validators: throw-away keys derived from a fixed text, so that anybody can make them again.
// They are TEST KEYS: worthless by design, in no network but this one.
import { SigningKey, computeAddress, keccak256, toBeHex, toUtf8Bytes } from 'ethers';

const kSeed = 'fieldseal test chain, validator ';
export const kForeignValidator = 1000; // a key that is in no set

const known = new Map();

// Validator number n: { address: lower-case hex, key: SigningKey }.
export function validator(n) {
    if (!known.has(n)) {
        const key = new SigningKey(keccak256(toUtf8Bytes(`${kSeed}${n}`)));
        known.set(n, { address: computeAddress(key.publicKey).toLowerCase(), key });
    }
    return known.get(n);
}

// The key of a validator that validator() has made.
export function keyOf(address) {
    for (const each of known.values()) {
        if (each.address === address) return each.key;
    }
    throw new Error(`no test key for ${address}`);
}

// r ‖ s ‖ recovery id (0 or 1) over a 32-byte hash: a seal as Besu writes it.
export function seal(hash, address) {
    const signature = keyOf(address).sign(hash);
    return signature.r + signature.s.slice(2) + toBeHex(signature.yParity, 1).slice(2);
}

export function quorumOf(count) {
    return Math.ceil((2 * count) / 3);
}

// Which validators belong to which block. Addresses ascend, as Besu orders them.
export class ValidatorPlan {
    constructor(numbers) {
        this.changes = [{ from: 0, validators: addressesOf(numbers), vote: null }];
    }

    setFor(number) {
        return this.changes.findLast((change) => change.from <= number).validators;
    }

    newest() {
        return this.changes.at(-1).validators;
    }

    // The votes that lead to a change stand in the headers right before it: one per proposer, more than half.
    voteIn(number) {
        for (const change of this.changes) {
            const before = this.setFor(Math.max(0, change.from - 1)).length;
            const votes = Math.floor(before / 2) + 1;
            if (change.vote && number < change.from && number >= change.from - votes) return change.vote;
        }
        return null;
    }

    // { add: n } or { drop: n } (by vote), or { replace: [n, …] } (a transition in the genesis file).
    change({ add, drop, replace }, from) {
        if (from <= this.changes.at(-1).from) throw new Error(`a change at block ${from} is already planned`);
        const before = this.newest();
        if (replace) {
            this.changes.push({ from, validators: addressesOf(replace), vote: null });
            return;
        }
        const adding = add !== undefined;
        const { address } = validator(adding ? add : drop);
        if (before.includes(address) === adding) throw new Error(`${address} is ${adding ? 'already' : 'not'} in the set`);
        const validators = adding ? [...before, address].sort() : before.filter((each) => each !== address);
        this.changes.push({ from, validators, vote: { address, add: adding } });
    }

    // As the trust file writes it.
    ranges() {
        return this.changes.map(({ from, validators }, i) => {
            const next = this.changes[i + 1];
            return next ? { from, to: next.from - 1, validators } : { from, validators };
        });
    }
}

function addressesOf(numbers) {
    return numbers.map((n) => validator(n).address).sort();
}
