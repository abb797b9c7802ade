// SPDX-License-Identifier: Apache-2.0
// The account behind a signature over secp256k1, by @ethereumjs/util and by ethers. Throws Malformed when no key can be
// recovered.
import { ethers, util } from '../../support/chain/libraries.mjs';
import { hex, Malformed } from './strict_rlp.mjs';

export const kOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

// hash: 64 hexadecimal digits; r, s: 32 bytes each; parity: 0 or 1. s may be high.
export function accountOf(hash, r, s, parity) {
    let key;
    try {
        key = util.ecrecover(ethers.getBytes(`0x${hash}`), BigInt(parity + 27), r, s);
    } catch {
        throw new Malformed('a signature from which no key can be recovered');
    }
    const theirs = hex(util.publicToAddress(key));
    // ethers takes a low s only; the other s of the same signature has the other parity.
    const value = BigInt(ethers.hexlify(s));
    const high = value > kOrder / 2n;
    const signature = ethers.Signature.from({
        r: ethers.hexlify(r), s: ethers.toBeHex(high ? kOrder - value : value, 32), yParity: parity ^ Number(high),
    });
    const ours = ethers.recoverAddress(`0x${hash}`, signature).slice(2).toLowerCase();
    if (ours !== theirs) throw new Error(`ethers recovers ${ours}, @ethereumjs/util ${theirs}`);
    return ours;
}

// Another library must say the same. When it refuses what docs/formats takes, that is noted in `unconfirmed`.
export function confirm(unconfirmed, who, ours, compute) {
    let theirs;
    try {
        theirs = compute();
    } catch (error) {
        unconfirmed.push(`${who}: ${error.shortMessage ?? error.message}`);
        return;
    }
    if (theirs !== ours) throw new Error(`${who} has ${theirs}, here it is ${ours}`);
}
