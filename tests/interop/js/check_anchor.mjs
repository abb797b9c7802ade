// SPDX-License-Identifier: Apache-2.0
// scripts/node tests/interop/js/check_anchor.mjs ANCHOR.json DIGEST TRUST.json: a second opinion on one anchor of type
// evm-tx or evm-receipt. Every root, hash, sender and seal is recomputed with software of others
// (@ethereumjs/{rlp,mpt,tx,block,util}, ethers); the rules are those of docs/formats, and no line is from the C++.
//
// Prints one JSON object: { finding, message, chain, block_number, block_hash, block_time, seals, needed, submitter,
// hardened_time }. `finding` is "ok" or a reason code of docs/formats/verdicts.md. Exit code 0 for "ok", else 1.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { common, ethers, tx } from '../../support/chain/libraries.mjs';
import { decodeStrictly, hex, honestMinorityOf, Malformed, number, quorumOf, readHeader, sealTrouble } from './chain_header.mjs';
import { itemAt, NoPath } from './trie_path.mjs';

const kNodesMax = 65;
const kLaterMax = 32;
const kHandoverMax = 16;
const kProposerRoundingSeconds = 1; // a proposer rounds its clock to the nearest second
const kIndexMax = 64 * 1024 - 1;
const kKnownTypes = ['rfc3161', 'sigsum'];
const kSelector = ethers.id('anchor(bytes32)').slice(2, 10);
const kEvent = ethers.id('Anchored(address,bytes32)').slice(2);
const kNote = '46534c3101';
const kBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

class Finding extends Error {
    constructor(code, message = code) {
        super(message);
        this.code = code;
    }
}

function find(condition, code, message) {
    if (condition) throw new Finding(code, message);
}

function bytesOf(text) {
    find(typeof text !== 'string' || text.length === 0 || !kBase64.test(text), 'anchor-malformed', 'not base64');
    const bytes = Buffer.from(text, 'base64');
    find(bytes.toString('base64') !== text, 'anchor-malformed', 'not canonical base64');
    return new Uint8Array(bytes);
}

function listOf(values, least, most) {
    const right = Array.isArray(values) && values.length >= least && values.length <= most;
    find(!right, 'anchor-malformed', `not a list of ${least} to ${most}`);
    return values.map(bytesOf);
}

function indexOf(value) {
    find(!Number.isSafeInteger(value) || value < 0 || value > kIndexMax, 'anchor-malformed', 'not an index');
    return value;
}

// Form and limits.
function readAnchor(anchor) {
    const receipt = anchor.type === 'evm-receipt';
    const required = ['type', 'chain', 'header', 'index', 'nodes', ...(receipt ? ['receipt_nodes', 'log'] : [])];
    const optional = ['later', 'handover'];
    find(required.some((name) => !(name in anchor)), 'anchor-malformed', 'a member is missing');
    find(Object.keys(anchor).some((name) => ![...required, ...optional].includes(name)), 'anchor-malformed', 'an unknown member');
    find(typeof anchor.chain !== 'string', 'anchor-malformed', 'chain is not a name');
    return {
        chain: anchor.chain, header: bytesOf(anchor.header), index: indexOf(anchor.index),
        nodes: listOf(anchor.nodes, 1, kNodesMax),
        later: listOf(anchor.later ?? [], 0, kLaterMax),
        handover: listOf(anchor.handover ?? [], 0, kHandoverMax),
        receipt: receipt ? { nodes: listOf(anchor.receipt_nodes, 1, kNodesMax), log: indexOf(anchor.log) } : null,
    };
}

function addresses(set) {
    return set.validators.map((address) => address.slice(2));
}

function covers(set, at) {
    return set.from <= at && (set.to === undefined || at <= set.to);
}

// The set that must have sealed the header: pinned for its number, or handed over to.
function setOf(header, handover, pin, mode) {
    const pinned = pin.validator_sets.find((set) => covers(set, header.number));
    if (pinned) return addresses(pinned);
    find(handover.length === 0, 'chain-set-unknown', `no pinned set covers block ${header.number}`);
    const headers = handover.map((raw) => readHeader(raw, mode));
    const ascending = headers.every((next, i) => next.number > (headers[i - 1]?.number ?? 0) && next.number <= header.number);
    find(!ascending, 'chain-handover-mismatch', 'handover headers do not ascend to the block');
    const start = pin.validator_sets.find((set) => covers(set, headers[0].number - 1));
    find(!start, 'chain-set-unknown', `no pinned set covers block ${headers[0].number - 1}, where the handover begins`);
    let trusted = addresses(start);
    for (const next of headers) {
        const own = sealTrouble(next, next.validators);
        const ofTrusted = next.signers.filter((signer) => trusted.includes(signer)).length;
        find(own || ofTrusted < quorumOf(trusted.length), 'chain-handover-mismatch', `block ${next.number} hands nothing over`);
        trusted = next.validators;
    }
    return trusted;
}

// The transaction read and its sender recovered, by ethers and by @ethereumjs/tx.
function readTransaction(raw) {
    let ours;
    try {
        ours = ethers.Transaction.from(ethers.hexlify(raw));
    } catch (error) {
        throw new Finding('chain-digest-mismatch', `not a transaction: ${error.shortMessage ?? error.message}`);
    }
    find(ours.type > 2, 'chain-digest-mismatch', `a transaction of type ${ours.type}`);
    find(ours.chainId === 0n, 'chain-id-mismatch', 'a transaction without a chain id');
    const chain = common.createCustomCommon({ chainId: Number(ours.chainId) }, common.Mainnet, { hardfork: 'prague' });
    const theirs = tx.createTxFromRLP(raw, { common: chain });
    const sender = ours.from?.slice(2).toLowerCase();
    if (hex(theirs.getSenderAddress().bytes) !== sender) throw new Error('ethers and @ethereumjs/tx recover different senders');
    if (hex(theirs.hash()) !== ours.hash.slice(2)) throw new Error('ethers and @ethereumjs/tx have different hashes');
    return { chainId: Number(ours.chainId), to: ours.to?.slice(2).toLowerCase() ?? null, data: ours.data.slice(2), sender };
}

function contractOf(pin) {
    find(pin.contract === undefined, 'chain-contract-unknown', 'the pin names no contract');
    return pin.contract.slice(2);
}

function checkCall({ data, to, sender }, digest, pin) {
    if (data.length === 72 && data.startsWith(kSelector)) {
        find(to !== contractOf(pin), 'chain-digest-mismatch', 'a call of another contract');
        find(data.slice(8) !== digest, 'chain-digest-mismatch', 'a call about another digest');
        return;
    }
    find(data.length !== 74 || !data.startsWith(kNote), 'chain-digest-mismatch', 'the calldata is of no form of ours');
    find(to !== sender, 'chain-digest-mismatch', 'a note to somebody else');
    find(data.slice(10) !== digest, 'chain-digest-mismatch', 'a note about another digest');
}

// → the submitter that the event names.
function checkEvent(raw, log, digest, pin) {
    const typed = raw[0] < 0xc0;
    const items = decodeStrictly(typed ? raw.slice(1) : raw, 'receipt');
    find(typed && (raw[0] < 1 || raw[0] > 4), 'chain-digest-mismatch', 'a receipt of an unknown type');
    find(items.length !== 4 || !Array.isArray(items[3]), 'chain-digest-mismatch', 'not a receipt');
    find(hex(items[0]) !== '01', 'chain-digest-mismatch', 'the transaction failed');
    number(items[1], 'the gas used');
    find(log >= items[3].length, 'chain-digest-mismatch', `the receipt has ${items[3].length} events`);
    const [address, topics] = items[3][log];
    find(hex(address) !== contractOf(pin), 'chain-digest-mismatch', 'an event of another contract');
    find(topics.length !== 3 || hex(topics[0]) !== kEvent, 'chain-digest-mismatch', 'another event');
    find(hex(topics[2]) !== digest, 'chain-digest-mismatch', 'an event about another digest');
    return hex(topics[1].slice(12));
}

// The time by which the block existed whatever one proposer's clock said; null without enough later headers.
// A later header counts for its coinbase when it is of round 0 and that coinbase follows its parent's in the set
// (docs/adr/0007-proposers-by-coinbase.md).
function hardenedTime(header, later, set, mode) {
    const ordered = [...set].sort();
    const proposers = new Set();
    let bound = 0;
    let parent = header;
    for (const raw of later) {
        const next = readHeader(raw, mode);
        const follows = next.parentHash === parent.hash && next.number === parent.number + 1;
        if (!follows || sealTrouble(next, set)) return null;
        const place = ordered.indexOf(parent.coinbase);
        if (next.round === 0 && place >= 0 && next.coinbase === ordered[(place + 1) % ordered.length]) {
            proposers.add(next.coinbase);
            bound = Math.max(bound, next.timestamp);
        }
        if (proposers.size >= honestMinorityOf(set.length)) return bound + kProposerRoundingSeconds;
        parent = next;
    }
    return null;
}

async function judge(anchor, digest, trust, facts) {
    find(kKnownTypes.includes(anchor.type), 'anchor-unsupported');
    find(!['evm-tx', 'evm-receipt'].includes(anchor.type), 'anchor-unknown-type');
    const parts = readAnchor(anchor);
    facts.chain = parts.chain;
    const pin = (trust.chains ?? []).find(({ id }) => id === parts.chain);
    find(!pin, 'chain-unknown', `the trust file does not know the chain ${parts.chain}`);
    find((pin.curve ?? 'secp256k1') !== 'secp256k1', 'chain-curve-unsupported');
    const header = readHeader(parts.header, pin.mode);
    Object.assign(facts, { block_number: header.number, block_hash: header.hash, block_time: header.timestamp });

    const leaf = await itemAt(header.transactionsRoot, parts.index, parts.nodes);
    const transaction = readTransaction(leaf);
    facts.submitter = transaction.sender;
    find(transaction.chainId !== pin.chain_id, 'chain-id-mismatch', `signed for chain ${transaction.chainId}`);
    if (parts.receipt) {
        const receipt = await itemAt(header.receiptsRoot, parts.index, parts.receipt.nodes);
        facts.submitter = checkEvent(receipt, parts.receipt.log, digest, pin);
    } else {
        checkCall(transaction, digest, pin);
    }
    if (pin.mode === 'plain') return judgePlain(header, pin);

    const set = setOf(header, parts.handover, pin, pin.mode);
    facts.needed = quorumOf(set.length);
    facts.seals = new Set(header.signers.filter((signer) => set.includes(signer))).size;
    const trouble = sealTrouble(header, set);
    find(trouble, trouble, `block ${header.number}`);
    facts.hardened_time = hardenedTime(header, parts.later, set, pin.mode);
    find(facts.hardened_time === null, 'chain-time-unhardened');
}

function judgePlain(header, pin) {
    const known = (pin.blocks ?? []).find((each) => each.number === header.number);
    find(!known, 'chain-header-only', 'nobody vouches for the header');
    find(known.hash.replace(/^0x/, '') !== header.hash, 'chain-block-mismatch', 'the pin knows another block of this number');
}

// anchor, trust: parsed JSON; digest: 64 hexadecimal digits.
export async function checkAnchor(anchor, digest, trust) {
    const facts = {
        chain: null, block_number: null, block_hash: null, block_time: null, seals: 0, needed: 0, submitter: null, hardened_time: null,
    };
    try {
        await judge(anchor, digest, trust, facts);
        return { finding: 'ok', message: 'the digest is on the chain', ...facts };
    } catch (error) {
        if (error instanceof Finding) return { finding: error.code, message: error.message, ...facts };
        if (error instanceof NoPath) return { finding: 'chain-proof-mismatch', message: error.message, ...facts };
        if (error instanceof Malformed) return { finding: 'anchor-malformed', message: error.message, ...facts };
        throw error;
    }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [anchorFile, digest, trustFile] = process.argv.slice(2);
    if (!trustFile) {
        console.error('usage: scripts/node tests/interop/js/check_anchor.mjs ANCHOR.json DIGEST TRUST.json');
        process.exit(64);
    }
    const result = await checkAnchor(JSON.parse(readFileSync(anchorFile)), digest, JSON.parse(readFileSync(trustFile)));
    console.log(JSON.stringify(result, null, 2));
    process.exit(result.finding === 'ok' ? 0 : 1);
}
