// SPDX-License-Identifier: Apache-2.0
// A header, its two hashes, who sealed it, and what that is worth: docs/formats/anchor-evm.md sections 4 to 6 and 10 on
// @ethereumjs/{rlp,block,util} and ethers. Never from the C++.
import { block, common, ethers, rlp } from '../../support/chain/libraries.mjs';
import { accountOf, confirm } from './account.mjs';
import { hex, keccak, kMaxInteger, list, number, refuse, string } from './strict_rlp.mjs';

const kHeaderBytesMax = 32_768;
const kFieldsMin = 15;
const kFieldsMax = 32;
const kValidatorsMax = 256;
const kSealsMax = 256;
const kRoundMax = 2n ** 31n - 1n;
const kTimeMax = 253_402_300_799n;
const kExtraData = 12;
const kMixHash = Buffer.from('ctical byzantine fault tolerance').toString('hex');
const kEmptyOmmers = keccak(Uint8Array.of(0xc0));
const kLengths = [[0, 32], [1, 32], [2, 20], [3, 32], [4, 32], [5, 32], [6, 256], [13, 32], [14, 8]];
const kHardforkOfFields = { 15: 'berlin', 16: 'london', 17: 'shanghai', 20: 'cancun', 21: 'prague' };
const kNothing = new Uint8Array(0);

function hashWith(items, extra, unconfirmed) {
    const spliced = items.with(kExtraData, extra);
    const hash = keccak(rlp.RLP.encode(spliced));
    const hardfork = kHardforkOfFields[items.length];
    if (!hardfork) {
        unconfirmed.push(`@ethereumjs/block knows no header of ${items.length} fields`);
        return hash;
    }
    const options = { common: new common.Common({ chain: common.Mainnet, hardfork }), skipConsensusFormatValidation: true };
    confirm(unconfirmed, '@ethereumjs/block', hash, () => hex(block.createBlockHeaderFromBytesArray(spliced, options).hash()));
    return hash;
}

function readVote(mode, vote) {
    const none = mode === 'qbft' ? Array.isArray(vote) && vote.length === 0 : vote instanceof Uint8Array && vote.length === 0;
    if (none) return null;
    refuse(!Array.isArray(vote) || vote.length !== 2, 'the vote is neither none nor a pair');
    string(vote[0], 'the candidate', 20);
    const kinds = mode === 'qbft' ? ['ff', ''] : ['ff', '00'];
    refuse(!kinds.includes(hex(string(vote[1], 'the kind of vote'))), 'a vote of no known kind');
    return vote;
}

function readValidators(mode, item, vote) {
    refuse(!Array.isArray(item) || item.length > kValidatorsMax, 'validators are not a list of at most 256');
    refuse(item.length === 0 && (mode === 'ibft2' || vote), 'nobody validates');
    const validators = item.map((address) => hex(string(address, 'a validator', 20)));
    refuse(validators.some((address, i) => i > 0 && address <= validators[i - 1]), 'validators do not ascend');
    return validators;
}

function readRound(mode, item) {
    const round = mode === 'qbft' ? number(item, 'the round') : BigInt(`0x${hex(string(item, 'the round', 4))}`);
    refuse(round > kRoundMax, 'the round is too large');
    return Number(round);
}

function readExtra(mode, bytes) {
    const items = list(bytes, 'extraData');
    refuse(items.length !== 5, `extraData has ${items.length} items instead of 5`);
    const [vanity, validators, vote, round, seals] = items;
    string(vanity, 'the vanity', 32);
    refuse(!Array.isArray(seals) || seals.length > kSealsMax, 'seals are not a list of at most 256');
    for (const seal of seals) refuse(string(seal, 'a seal', 65)[64] > 1, 'a seal does not end in 0 or 1');
    const hashed = mode === 'qbft'
        ? { commit: [vanity, validators, vote, round, []], known: [vanity, validators, vote, kNothing, []] }
        : { commit: [vanity, validators, vote, round], known: [vanity, validators, vote] };
    return {
        validators: readValidators(mode, validators, readVote(mode, vote)), round: readRound(mode, round), seals,
        commit: rlp.RLP.encode(hashed.commit), known: rlp.RLP.encode(hashed.known),
    };
}

// One header by the mode's rules. Throws Malformed.
export function readHeader(raw, mode, unconfirmed) {
    refuse(raw.length > kHeaderBytesMax, `a header of ${raw.length} bytes`);
    const items = list(raw, 'the header');
    refuse(items.length < kFieldsMin || items.length > kFieldsMax, `a header of ${items.length} fields`);
    for (const [field, length] of kLengths) string(items[field], `field ${field}`, length);
    string(items[kExtraData], 'extraData');
    for (const field of items.slice(15)) string(field, 'a field of a later fork');
    const difficulty = number(items[7], 'difficulty', 32);
    const [height, , , time] = [8, 9, 10, 11].map((field) => number(items[field], `field ${field}`));
    refuse(height < 1n || height > kMaxInteger, 'the number is out of range');
    refuse(time > kTimeMax, 'the time is out of range');
    const header = {
        parentHash: hex(items[0]), coinbase: hex(items[2]), transactionsRoot: items[4], receiptsRoot: items[5],
        number: Number(height), timestamp: Number(time),
    };
    if (mode === 'plain') {
        return { ...header, hash: hashWith(items, items[kExtraData], unconfirmed), validators: [], signers: [], round: 0 };
    }
    refuse(difficulty !== 1n, 'difficulty is not 1');
    refuse(hex(items[13]) !== kMixHash, 'mixHash is not that of a BFT block');
    refuse(mode === 'ibft2' && hex(items[1]) !== kEmptyOmmers, 'ommers are not empty');
    refuse(mode === 'ibft2' && hex(items[14]) !== '00'.repeat(8), 'nonce is not 0');
    const extra = readExtra(mode, items[kExtraData]);
    const commit = hashWith(items, extra.commit, unconfirmed);
    const signers = extra.seals.map((seal) => accountOf(commit, seal.slice(0, 32), seal.slice(32, 64), seal[64]));
    return { ...header, hash: hashWith(items, extra.known, unconfirmed), validators: extra.validators, round: extra.round, signers };
}

const kPlaces = 32;
const kEmptyRoot = ethers.getBytes(ethers.keccak256(Uint8Array.of(0x80)));

// Section 4.1: the whole header of an entry of `later`; `raw` and `hash` are those of the block before.
export function expandHeader(entry, { raw, hash }) {
    if (entry[0] !== 0) return entry;
    const items = list(raw, 'the header before');
    Object.assign(items, { 0: ethers.getBytes(`0x${hash}`), 4: kEmptyRoot, 5: kEmptyRoot, 6: new Uint8Array(256), 10: kNothing });
    items[8] = rlp.RLP.decode(rlp.RLP.encode(number(items[8], 'the number') + 1n));
    const extra = list(items[kExtraData], 'extraData').with(4, []);
    let last = -1;
    for (const change of list(entry.slice(1), 'a short header')) {
        refuse(!Array.isArray(change) || change.length !== 2, 'a change is not a pair');
        const place = Number(number(change[0], 'a place'));
        refuse(place <= last, 'places do not ascend');
        refuse([0, 8, kExtraData].includes(place), 'a place that does not change');
        const [into, at] = place < kPlaces ? [items, place] : [extra, place - kPlaces];
        refuse(at >= into.length, 'no such place');
        refuse(hex(rlp.RLP.encode(into[at])) === hex(rlp.RLP.encode(change[1])), 'not changed');
        into[at] = change[1];
        last = place;
    }
    return rlp.RLP.encode(items.with(kExtraData, rlp.RLP.encode(extra)));
}

export function quorumOf(count) {
    return Math.ceil((2 * count) / 3);
}

function honestMinorityOf(count) {
    return Math.floor((count - 1) / 3) + 1;
}

export function same(listed, set) {
    return listed.join() === [...set].sort().join();
}

// Section 5: null when the set sealed the header.
export function sealTrouble(header, set) {
    if (header.validators.length > 0 && !same(header.validators, set)) return 'chain-set-mismatch';
    if (header.signers.some((signer) => !set.includes(signer))) return 'chain-seal-foreign';
    if (new Set(header.signers).size !== header.signers.length) return 'chain-seal-duplicate';
    return header.signers.length < quorumOf(set.length) ? 'chain-seals-too-few' : null;
}

// Section 10, of later headers that have their form: the bound, or null.
export function hardenedTime(header, later, { validators: set, to }) {
    const ordered = [...set].sort();
    const proposers = new Set();
    let bound = 0;
    let parent = header;
    for (const next of later) {
        const follows = next.number === parent.number + 1 && next.parentHash === parent.hash;
        if (!follows || (to !== undefined && next.number > to) || sealTrouble(next, set)) return null;
        const place = ordered.indexOf(parent.coinbase);
        if (next.round === 0 && place >= 0 && next.coinbase === ordered[(place + 1) % ordered.length]) {
            proposers.add(next.coinbase);
            bound = Math.max(bound, next.timestamp);
        }
        if (proposers.size >= honestMinorityOf(set.length)) return bound + 1;
        parent = next;
    }
    return null;
}
