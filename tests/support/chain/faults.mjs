// SPDX-License-Identifier: Apache-2.0
// The faults a test may switch on while the chain runs. One table: name, options with their defaults, meaning.
// Every fault also takes: endpoint (a number; absent: all), times (how often; absent: until cleared),
// from and to (block numbers; seal and header faults only), methods (RPC methods; transport and answer faults only).

export const kFaults = {
    // Seals, as served. They never change a block's hash.
    too_few_seals: { count: null }, // absent: one less than the quorum
    foreign_seal: { replace: false }, // a seal by somebody outside the set: added, or instead of one
    duplicate_seal: { replace: false }, // one validator twice: added, or instead of another
    garbled_seal: {}, // one seal of 65 bytes that nobody made
    wrong_commit: {}, // all seals sign another hash
    other_round: { round: 7 }, // sealed in another round: valid, other header bytes
    different_seals: { shift: null }, // other members sealed: valid; absent: by the endpoint's number
    six_items: {}, // extraData with a sixth item
    unsorted_validators: {}, // the list in descending order

    // Headers and bodies, as served: the node lies, the validators do not.
    lying_transactions_root: {},
    lying_receipts_root: {},
    lying_block_hash: {},
    lying_parent_hash: {},
    lying_transaction: {}, // one byte of the first transaction's calldata
    lying_receipts: { what: 'logs' }, // logs, status, index, block or number
    late_receipts: { transactions: false }, // no receipts yet; transactions: of those, too, it knows nothing
    wrong_genesis: {},
    wrong_chain_id: { chain_id: null },
    lagging: { blocks: 5 }, // knows the chain only up to head - blocks
    lying_head: { blocks: 1_000_000 }, // its newest block has a number that far ahead
    syncing: {},

    // The validators' own faults: they change the hashes of blocks sealed from now on.
    back_dated: { seconds: 3600 }, // a proposer's clock, down to the parent's time + 1
    sealed_false_root: {}, // validators seal a transactions root of no transactions here

    // Answers to eth_sendRawTransaction.
    send_error: { error: null, code: null, message: null }, // error: a name of besu_errors.mjs
    swallow_send: {}, // answers with the hash and forgets the transaction

    // Transport.
    http_status: { status: 503, retry_after_s: null, body: 'Service Unavailable' },
    http_429: { retry_after_s: 1 },
    unauthorized: { authorization: '' }, // 401 for every request without exactly this header
    http_500: {},
    html: {},
    not_json: {},
    wrong_id: {},
    cut_body: {}, // the request is carried out; half the reply
    lost_reply: {}, // the request is carried out; the connection ends without a reply
    one_byte_per_second: { milliseconds: 1000 },
    never_answers: {}, // the request is not carried out
    oversized: { bytes: 64 * 1024 * 1024 },
    down: {}, // every connection is reset
};

const kShared = ['endpoint', 'times', 'from', 'to', 'methods'];

export class Faults {
    constructor() {
        this.active = [];
        this.nextId = 1;
    }

    // { name, …options }: returns the fault's id.
    set({ name, ...given }) {
        const defaults = kFaults[name];
        if (!defaults) throw new Error(`there is no fault "${name}"; there are: ${Object.keys(kFaults).join(', ')}`);
        for (const option of Object.keys(given)) {
            if (!kShared.includes(option) && !(option in defaults)) throw new Error(`fault "${name}" has no option "${option}"`);
        }
        const id = this.nextId++;
        this.active.push({ ...defaults, ...given, name, id });
        return id;
    }

    // By id, by name, or all.
    clear(which) {
        const before = this.active.length;
        this.active = which === undefined ? [] : this.active.filter(({ id, name }) => id !== which && name !== which);
        return before - this.active.length;
    }

    // The first active fault of these names for this endpoint, method and block; a limited one is used up by it.
    take(names, { endpoint, method, number } = {}) {
        const found = this.active.find((fault) => names.includes(fault.name) && applies(fault, endpoint, method, number));
        if (found?.times !== undefined && --found.times <= 0) {
            this.active = this.active.filter((fault) => fault !== found);
        }
        return found ?? null;
    }
}

function applies(fault, endpoint, method, number) {
    if (fault.endpoint !== undefined && fault.endpoint !== endpoint) return false;
    if (fault.methods !== undefined && !fault.methods.includes(method)) return false;
    if (fault.from !== undefined && !(number >= fault.from)) return false;
    return !(fault.to !== undefined && !(number <= fault.to));
}
