// SPDX-License-Identifier: Apache-2.0
// A sealed header, its two hashes and who sealed it; the second opinion on core/evm/header. Written from
// docs/formats and Besu's rules on @ethereumjs/{rlp,block,util} and ethers, never from the C++.
import { block, common, ethers, rlp, util } from '../../support/chain/libraries.mjs';

const kFieldsMin = 15;
const kFieldsMax = 32;
const kHeaderBytesMax = 32 * 1024;
const kValidatorsMax = 256;
const kExtraData = 12;
const kMixHash = '63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';
const kEmptyOmmers = '1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
const kLengths = { 0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8 };
const kHardforkOfFields = { 16: 'london', 17: 'shanghai', 20: 'cancun', 21: 'prague' };

export class Malformed extends Error {}

export function hex(bytes) {
    return ethers.hexlify(bytes).slice(2);
}

function refuse(condition, message) {
    if (condition) throw new Malformed(message);
}

// RLP whose encoding is the only one of its value.
export function decodeStrictly(bytes, what) {
    let items;
    try {
        items = rlp.RLP.decode(bytes);
    } catch (error) {
        throw new Malformed(`${what}: ${error.message}`);
    }
    refuse(hex(rlp.RLP.encode(items)) !== hex(bytes), `${what}: not the one encoding of its value`);
    return items;
}

export function number(bytes, what) {
    refuse(!(bytes instanceof Uint8Array) || bytes.length > 8 || bytes[0] === 0, `${what} is not an integer`);
    const value = bytes.length === 0 ? 0n : BigInt(ethers.hexlify(bytes));
    refuse(value > BigInt(Number.MAX_SAFE_INTEGER), `${what} is too large`);
    return Number(value);
}

// keccak256 of the header with other extraData, by hand and, where it knows the fork, by @ethereumjs/block.
function hashWith(items, extra) {
    const byHand = hex(ethers.getBytes(ethers.keccak256(rlp.RLP.encode(items.with(kExtraData, extra)))));
    const hardfork = kHardforkOfFields[items.length];
    if (hardfork) {
        const options = { common: new common.Common({ chain: common.Mainnet, hardfork }), skipConsensusFormatValidation: true };
        const theirs = hex(block.createBlockHeaderFromBytesArray(items.with(kExtraData, extra), options).hash());
        if (theirs !== byHand) throw new Error(`@ethereumjs/block has the hash ${theirs}, by hand it is ${byHand}`);
    }
    return byHand;
}

// The address whose key made the seal, by ethers and by @ethereumjs/util.
function signerOf(hash, seal) {
    refuse(!(seal instanceof Uint8Array) || seal.length !== 65 || seal[64] > 1, 'a seal is not 65 bytes ending in 0 or 1');
    const [r, s] = [seal.slice(0, 32), seal.slice(32, 64)];
    let key;
    try {
        key = util.ecrecover(ethers.getBytes(`0x${hash}`), BigInt(seal[64] + 27), r, s);
    } catch {
        throw new Malformed('a seal from which no key can be recovered');
    }
    const theirs = hex(util.publicToAddress(key));
    // ethers takes low s only; a seal may have either.
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = BigInt(ethers.hexlify(s)) > order / 2n;
    const low = high ? ethers.toBeHex(order - BigInt(ethers.hexlify(s)), 32) : ethers.hexlify(s);
    const signature = ethers.Signature.from({ r: ethers.hexlify(r), s: low, yParity: seal[64] ^ Number(high) });
    const ours = ethers.recoverAddress(`0x${hash}`, signature).slice(2).toLowerCase();
    if (ours !== theirs) throw new Error(`ethers recovers ${ours}, @ethereumjs/util ${theirs}`);
    return ours;
}

function checkVote(mode, vote) {
    const form = Array.isArray(vote) ? vote.map((each) => hex(each).length / 2) : null;
    if (mode === 'qbft') {
        refuse(!form || (form.length !== 0 && form.length !== 2), 'the vote is neither empty nor a pair');
    } else {
        refuse(form ? form.length !== 2 : vote.length !== 0, 'the vote is neither empty nor a pair');
    }
    if (form?.length === 2) {
        const kinds = mode === 'qbft' ? ['ff', ''] : ['ff', '00'];
        refuse(form[0] !== 20 || !kinds.includes(hex(vote[1])), 'the vote is not an address and a kind');
    }
}

// The extraData of QBFT or IBFT 2.0 → { validators, round, seals, signed, known }.
function readExtra(mode, bytes) {
    const items = decodeStrictly(bytes, 'extraData');
    refuse(!Array.isArray(items) || items.length !== 5, `extraData has ${items.length} items instead of 5`);
    const [vanity, list, vote, roundBytes, seals] = items;
    refuse(vanity.length !== 32 || Array.isArray(vanity), 'the vanity is not 32 bytes');
    refuse(!Array.isArray(list) || !Array.isArray(seals), 'validators or seals are not a list');
    // QBFT whose validators stand in a contract lists nobody, and votes for nobody.
    const nobody = mode === 'qbft' && list.length === 0 && Array.isArray(vote) && vote.length === 0;
    refuse((list.length === 0 && !nobody) || list.length > kValidatorsMax, `${list.length} validators`);
    const validators = list.map((address) => {
        refuse(Array.isArray(address) || address.length !== 20, 'a validator is not 20 bytes');
        return hex(address);
    });
    refuse(validators.some((address, i) => i > 0 && address <= validators[i - 1]), 'validators do not ascend');
    checkVote(mode, vote);
    const ibft2 = mode === 'ibft2';
    refuse(Array.isArray(roundBytes) || (ibft2 && roundBytes.length !== 4), 'the round is not in its form');
    const round = ibft2 ? Number(`0x${hex(roundBytes)}`) : number(roundBytes, 'the round');
    const signed = ibft2 ? [vanity, list, vote, roundBytes] : [vanity, list, vote, roundBytes, []];
    const known = ibft2 ? [vanity, list, vote] : [vanity, list, vote, new Uint8Array(0), []];
    return { validators, round, seals, signed: rlp.RLP.encode(signed), known: rlp.RLP.encode(known) };
}

// One header by the mode's rules. Throws Malformed.
export function readHeader(raw, mode) {
    refuse(raw.length > kHeaderBytesMax, `a header of ${raw.length} bytes`);
    const items = decodeStrictly(raw, 'header');
    refuse(!Array.isArray(items) || items.length < kFieldsMin || items.length > kFieldsMax, 'not a header: number of fields');
    refuse(items.slice(0, kFieldsMin).some(Array.isArray), 'not a header: a list among the fields');
    for (const [field, length] of Object.entries(kLengths)) {
        refuse(items[field].length !== length, `not a header: field ${field} has ${items[field].length} bytes`);
    }
    const header = {
        parentHash: hex(items[0]), coinbase: hex(items[2]), transactionsRoot: items[4], receiptsRoot: items[5],
        number: number(items[8], 'the block number'), timestamp: number(items[11], 'the time'),
    };
    if (mode === 'plain') return { ...header, hash: hashWith(items, items[kExtraData]), validators: [], signers: [] };

    refuse(hex(items[13]) !== kMixHash, 'mixHash is not that of a BFT block');
    refuse(hex(items[7]) !== '01', 'difficulty is not 1');
    if (mode === 'ibft2') {
        refuse(hex(items[1]) !== kEmptyOmmers, 'IBFT 2.0: ommers are not empty');
        refuse(hex(items[14]) !== '00'.repeat(8), 'IBFT 2.0: nonce is not 0');
    }
    const extra = readExtra(mode, items[kExtraData]);
    const commit = hashWith(items, extra.signed);
    return {
        ...header, hash: hashWith(items, extra.known), validators: extra.validators, round: extra.round,
        signers: extra.seals.map((seal) => signerOf(commit, seal)),
    };
}

export function quorumOf(count) {
    return Math.ceil((2 * count) / 3);
}

export function honestMinorityOf(count) {
    return Math.floor((count - 1) / 3) + 1;
}

// → null when a quorum of `set` and nobody else sealed the header, else the finding.
export function sealTrouble(header, set) {
    if (set.length === 0) return 'chain-set-mismatch';
    const listed = header.validators.length > 0;
    if (listed && header.validators.join() !== [...set].sort().join()) return 'chain-set-mismatch';
    if (header.signers.some((signer) => !set.includes(signer))) return 'chain-seal-foreign';
    if (new Set(header.signers).size !== header.signers.length) return 'chain-seal-duplicate';
    return header.signers.length < quorumOf(set.length) ? 'chain-seals-too-few' : null;
}
