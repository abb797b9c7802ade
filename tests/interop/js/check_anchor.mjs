// SPDX-License-Identifier: Apache-2.0
// scripts/node tests/interop/js/check_anchor.mjs ANCHOR.json DIGEST TRUST.json: a second opinion on one anchor of type
// evm-tx or evm-receipt. Every root, hash, sender and seal is recomputed with software of others
// (@ethereumjs/{rlp,mpt,tx,block,util}, ethers); the rules are docs/formats/anchor-evm.md, and no line is from the C++.
//
// Prints one JSON object: { finding, message, chain, block_number, block_hash, block_time, seals, needed, submitter,
// hardened_time, unconfirmed }. `finding` is "ok" or a reason code of docs/formats/verdicts.md; `unconfirmed` names what
// a library refused to look at although the format takes it. Exit code 0 for "ok", else 1.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expandHeader, hardenedTime, quorumOf, readHeader, same, sealTrouble } from './chain_header.mjs';
import { readReceipt, readTransaction } from './chain_item.mjs';
import { Malformed } from './strict_rlp.mjs';
import { itemAt } from './trie_path.mjs';

const kHeaderBytesMax = 32_768;
const kNodeBytesMax = 131_072;
const kNodesMax = 65;
const kLaterMax = 32;
const kHandoverMax = 16;
const kIndexMax = 65_535;
const kNameBytesMax = 255;
const kUnjudgedTypes = ['rfc3161', 'sigsum'];
const kSelector = 'eecdf927';
const kNoteMagic = '46534c3101';
const kEvent = 'ee1610244dfc4b116b1433dd4459fd7b1d3d2bf737a05fc3f6d8f173005d7147';
const kDigestDigits = 64;

class Finding extends Error {
    constructor(code, message = code) {
        super(message);
        this.code = code;
    }
}

function find(condition, code, message) {
    if (condition) throw new Finding(code, message);
}

// What is malformed there has this code.
async function orElse(code, body) {
    try {
        return await body();
    } catch (error) {
        if (error instanceof Malformed) throw new Finding(code, error.message);
        throw error;
    }
}

function bytesOf(text, most) {
    find(typeof text !== 'string', 'anchor-malformed', 'not base64');
    const bytes = Buffer.from(text, 'base64');
    find(bytes.toString('base64') !== text, 'anchor-malformed', 'not canonical base64');
    find(bytes.length > most, 'anchor-malformed', `${bytes.length} bytes, at most ${most}`);
    return new Uint8Array(bytes);
}

function listOf(values, most, bytesMost) {
    const right = Array.isArray(values) && values.length >= 1 && values.length <= most;
    find(!right, 'anchor-malformed', `not a list of 1 to ${most}`);
    return values.map((value) => bytesOf(value, bytesMost));
}

function indexOf(value) {
    find(!Number.isSafeInteger(value) || value < 0 || value > kIndexMax, 'anchor-malformed', 'not an index');
    return value;
}

// Section 1.
function readMembers(anchor) {
    const receipt = anchor.type === 'evm-receipt';
    const required = ['type', 'chain', 'header', 'index', 'nodes', ...(receipt ? ['receipt_nodes', 'log'] : [])];
    const names = Object.keys(anchor);
    find(required.some((name) => !names.includes(name)), 'anchor-malformed', 'a member is missing');
    find(names.some((name) => ![...required, 'later', 'handover'].includes(name)), 'anchor-malformed', 'an unknown member');
    const named = typeof anchor.chain === 'string' && Buffer.byteLength(anchor.chain) <= kNameBytesMax;
    find(!named, 'anchor-malformed', 'chain is not a name');
    const headers = (name, most) => (name in anchor ? listOf(anchor[name], most, kHeaderBytesMax) : []);
    return {
        header: bytesOf(anchor.header, kHeaderBytesMax), index: indexOf(anchor.index),
        nodes: listOf(anchor.nodes, kNodesMax, kNodeBytesMax),
        later: headers('later', kLaterMax), handover: headers('handover', kHandoverMax),
        receipt: receipt ? { nodes: listOf(anchor.receipt_nodes, kNodesMax, kNodeBytesMax), log: indexOf(anchor.log) } : null,
    };
}

function pinOf(trust, id) {
    const pin = (trust.chains ?? []).find((chain) => chain.id === id);
    find(!pin, 'chain-unknown', `no chain "${id}" is pinned`);
    find((pin.curve ?? 'secp256k1') !== 'secp256k1', 'chain-curve-unsupported');
    return pin;
}

const read = (raw, pin, facts) => orElse('anchor-malformed', () => readHeader(raw, pin.mode, facts.unconfirmed));

// Section 6: { validators, to }.
async function setOf(header, handover, pin, facts) {
    const set = pin.validator_sets.find(({ from, to }) => from <= header.number && (to === undefined || header.number <= to));
    find(!set, 'chain-set-unknown', `no set is pinned for block ${header.number}`);
    let trusted = set.validators.map((address) => address.slice(2));
    if (header.validators.length === 0 || same(header.validators, trusted)) return { validators: trusted, to: set.to };
    find(set.to !== undefined || handover.length === 0, 'chain-set-mismatch', `block ${header.number} lists other validators`);
    let below = set.from;
    for (const raw of handover) {
        const next = await read(raw, pin, facts);
        const inOrder = next.number > below && next.number <= header.number;
        find(!inOrder, 'chain-handover-mismatch', `block ${next.number} is out of order`);
        const sealed = next.validators.length > 0 && !sealTrouble(next, next.validators);
        const speaking = next.signers.filter((signer) => trusted.includes(signer)).length;
        find(!sealed || speaking < quorumOf(trusted.length), 'chain-handover-mismatch', `block ${next.number} hands nothing over`);
        trusted = next.validators;
        below = next.number;
    }
    find(!same(header.validators, trusted), 'chain-handover-mismatch', 'the handover leads to other validators');
    return { validators: trusted, to: undefined };
}

// Steps 2 to 6 of section 2: { header, pin, set }.
async function judgeBlock(id, raw, handover, trust, facts) {
    const pin = pinOf(trust, id);
    facts.chain = id;
    const header = await read(raw, pin, facts);
    Object.assign(facts, { block_number: header.number, block_hash: header.hash, block_time: header.timestamp });
    if (pin.mode === 'plain') {
        const others = (pin.blocks ?? []).some(({ number, hash }) => number === header.number && hash.slice(2) !== header.hash);
        find(others, 'chain-block-mismatch', `another block ${header.number} is pinned`);
        return { header, pin, set: null };
    }
    const set = await setOf(header, handover, pin, facts);
    facts.needed = quorumOf(set.validators.length);
    facts.seals = new Set(header.signers.filter((signer) => set.validators.includes(signer))).size;
    const trouble = sealTrouble(header, set.validators);
    find(trouble, trouble, `block ${header.number}`);
    return { header, pin, set };
}

// Section 8.
function checkCalldata({ data, to, sender }, digest, pin) {
    const call = data.length === kSelector.length + kDigestDigits && data.startsWith(kSelector);
    const note = data.length === kNoteMagic.length + kDigestDigits && data.startsWith(kNoteMagic);
    find(!call && !note, 'chain-digest-mismatch', 'calldata of no form of ours');
    find(data.slice(-kDigestDigits) !== digest, 'chain-digest-mismatch', 'another digest');
    find(to === null, 'chain-digest-mismatch', 'a transaction that creates a contract');
    find(note && to !== sender, 'chain-digest-mismatch', 'a note to somebody else');
    if (note) return;
    find(pin.contract === undefined, 'chain-contract-unknown', 'a call, and the pin names no contract');
    find(to !== pin.contract.slice(2), 'chain-digest-mismatch', 'a call of another contract');
}

// Section 9; → the submitter.
async function checkReceipt(raw, log, digest, pin) {
    const receipt = await orElse('chain-digest-mismatch', () => readReceipt(raw));
    find(!receipt.succeeded, 'chain-digest-mismatch', 'the transaction failed');
    const event = receipt.events[log];
    find(!event, 'chain-digest-mismatch', `no event ${log}`);
    const { topics, data, address } = event;
    const ours = topics.length === 3 && topics[0] === kEvent && topics[1].startsWith('0'.repeat(24)) && data === '';
    find(!ours || topics[2] !== digest, 'chain-digest-mismatch', 'another event, or another digest');
    find(pin.contract === undefined, 'chain-contract-unknown', 'an event, and the pin names no contract');
    find(address !== pin.contract.slice(2), 'chain-digest-mismatch', 'an event of another contract');
    return topics[1].slice(24);
}

// Section 2.
async function judge(anchor, digest, trust, facts) {
    find(kUnjudgedTypes.includes(anchor.type), 'anchor-unsupported');
    find(!['evm-tx', 'evm-receipt'].includes(anchor.type), 'anchor-unknown-type');
    const members = readMembers(anchor);
    const { header, pin, set } = await judgeBlock(anchor.chain, members.header, members.handover, trust, facts);
    const raw = await orElse('chain-proof-mismatch', () => itemAt(header.transactionsRoot, members.index, members.nodes));
    const transaction = await orElse('chain-digest-mismatch', () => readTransaction(raw, facts.unconfirmed));
    find(transaction.chainId !== pin.chain_id, 'chain-id-mismatch', `signed for chain ${transaction.chainId}`);
    facts.submitter = transaction.sender;
    if (members.receipt) {
        const { nodes, log } = members.receipt;
        const receipt = await orElse('chain-proof-mismatch', () => itemAt(header.receiptsRoot, members.index, nodes));
        facts.submitter = await checkReceipt(receipt, log, digest, pin);
    } else {
        checkCalldata(transaction, digest, pin);
    }
    if (!set) {
        const pinned = (pin.blocks ?? []).some(({ number }) => number === header.number);
        find(!pinned, 'chain-header-only', 'nobody vouches for the block');
        return;
    }
    const later = [];
    let before = { raw: members.header, hash: header.hash };
    for (const entry of members.later) {
        const whole = await orElse('anchor-malformed', () => expandHeader(entry, before));
        later.push(await read(whole, pin, facts));
        before = { raw: whole, hash: later.at(-1).hash };
    }
    facts.hardened_time = hardenedTime(header, later, set);
    find(facts.hardened_time === null, 'chain-time-unhardened');
}

async function finding(body) {
    const facts = {
        chain: null, block_number: null, block_hash: null, block_time: null, seals: 0, needed: 0, submitter: null,
        hardened_time: null, unconfirmed: [],
    };
    try {
        await body(facts);
        return { finding: 'ok', message: 'nothing speaks against it', ...facts };
    } catch (error) {
        if (error instanceof Finding) return { finding: error.code, message: error.message, ...facts };
        throw error;
    }
}

// anchor, trust: parsed JSON; digest: 64 hexadecimal digits.
export function checkAnchor(anchor, digest, trust) {
    return finding((facts) => judge(anchor, digest, trust, facts));
}

// Section 11: a floor of kind 2. logOperator: who runs the statement's log.
export function checkFloor(floor, trust, logOperator) {
    return finding(async (facts) => {
        const { pin, set } = await judgeBlock(floor.chain, bytesOf(floor.header, kHeaderBytesMax), [], trust, facts);
        find(!set, 'chain-header-only', 'a header that could be computed ahead');
        find((pin.operator ?? pin.id) === logOperator, 'anchor-same-operator');
    });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [anchorFile, digest, trustFile] = process.argv.slice(2);
    if (!trustFile) {
        console.error('usage: scripts/node tests/interop/js/check_anchor.mjs ANCHOR.json DIGEST TRUST.json');
        process.exit(64);
    }
    const result = await checkAnchor(JSON.parse(readFileSync(anchorFile)), digest, JSON.parse(readFileSync(trustFile)));
    console.log(JSON.stringify(result, null, 2));
    process.exit(result.finding === 'ok' ? 0 : 1);
}
