// SPDX-License-Identifier: Apache-2.0
// A block header as RLP, the extraData of QBFT and of IBFT 2.0, and the two hashes of each: the one the chain
// knows a block by and the one its validators sign. Written from Besu's rules, on ethers; never from our C++.
import { encodeRlp, keccak256, toBeArray, hexlify } from 'ethers';

export const kBftMixHash = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';
export const kEmptyOmmers = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
export const kZeroNonce = '0x0000000000000000';

const kExtraData = 12; // its place among the fields
// JSON name and whether it is an integer, in RLP order.
const kLegacyFields = [
    ['parentHash', false], ['sha3Uncles', false], ['miner', false], ['stateRoot', false], ['transactionsRoot', false],
    ['receiptsRoot', false], ['logsBloom', false], ['difficulty', true], ['number', true], ['gasLimit', true],
    ['gasUsed', true], ['timestamp', true], ['extraData', false], ['mixHash', false], ['nonce', false],
];
const kForkFields = [
    ['london', [['baseFeePerGas', true]]],
    ['shanghai', [['withdrawalsRoot', false]]],
    ['cancun', [['blobGasUsed', true], ['excessBlobGas', true], ['parentBeaconBlockRoot', false]]],
    ['prague', [['requestsHash', false]]],
    ['osaka', []],
];
export const kHardforks = kForkFields.map(([fork]) => fork);

function forksUpTo(hardfork) {
    return kForkFields.slice(0, kHardforks.indexOf(hardfork) + 1).flatMap(([, fields]) => fields);
}

// The names of fields that a block's JSON may show and its header, on this fork, does not have.
export function foreignFields(hardfork) {
    const present = forksUpTo(hardfork).map(([name]) => name);
    return kForkFields.flatMap(([, fields]) => fields.map(([name]) => name)).filter((name) => !present.includes(name));
}

export function scalar(value) {
    return hexlify(toBeArray(BigInt(value)));
}

// The header's fields as RLP items (hex strings), from a block's JSON.
export function headerItems(block, hardfork) {
    return [...kLegacyFields, ...forksUpTo(hardfork)].map(([name, integer]) => {
        if (block[name] === undefined) throw new Error(`block ${block.number} has no ${name}: not ${hardfork}?`);
        return integer ? scalar(block[name]) : block[name];
    });
}

function fixed4(value) {
    return `0x${value.toString(16).padStart(8, '0')}`;
}

const kModes = {
    qbft: {
        parts(extra) {
            const vote = extra.vote ? [extra.vote.address, extra.vote.add ? '0xff' : '0x'] : [];
            return [extra.vanity, extra.validators, vote, scalar(extra.round), extra.seals];
        },
        signed: (parts) => [...parts.slice(0, 4), []],
        known: (parts) => [...parts.slice(0, 3), '0x', []],
    },
    ibft2: {
        parts(extra) {
            const vote = extra.vote ? [extra.vote.address, extra.vote.add ? '0xff' : '0x00'] : '0x';
            return [extra.vanity, extra.validators, vote, fixed4(extra.round), extra.seals];
        },
        signed: (parts) => parts.slice(0, 4),
        known: (parts) => parts.slice(0, 3),
    },
};

// extra: { vanity, validators, vote: null | { address, add }, round, seals }. `more`: items after the fifth.
export function extraData(mode, extra, more = []) {
    return encodeRlp([...kModes[mode].parts(extra), ...more]);
}

function hashWith(items, extra) {
    return keccak256(encodeRlp(items.with(kExtraData, extra)));
}

// What each seal signs.
export function commitHash(mode, items, extra) {
    return hashWith(items, encodeRlp(kModes[mode].signed(kModes[mode].parts(extra))));
}

// What the chain knows the block by.
export function blockHash(mode, items, extra) {
    return hashWith(items, encodeRlp(kModes[mode].known(kModes[mode].parts(extra))));
}

// The genesis block's extraData is hashed as it is, and so is every header outside a BFT chain.
export function plainHash(items) {
    return keccak256(encodeRlp(items));
}
