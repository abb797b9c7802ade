// SPDX-License-Identifier: Apache-2.0
// One block's header as one endpoint serves it: with the seals that node collected, and with its lies.
import { keccak256, toUtf8Bytes } from 'ethers';
import { commitHash, extraData, headerItems, plainHash } from './bft_header.mjs';
import { kForeignValidator, quorumOf, seal, validator } from './validators.mjs';

const kSealFaults = ['too_few_seals', 'foreign_seal', 'duplicate_seal', 'garbled_seal', 'wrong_commit'];
const kHeaderLies = {
    lying_transactions_root: 'transactionsRoot',
    lying_receipts_root: 'receiptsRoot',
    lying_parent_hash: 'parentHash',
    lying_block_hash: 'hash',
};
const kGarbledSeal = `0x${'ff'.repeat(64)}00`; // r and s beyond the curve's order

export class HeaderServer {
    // options: { mode, hardfork, faults, seals: 'quorum' | 'all' }
    constructor(options) {
        Object.assign(this, options);
        this.sealCache = new Map();
    }

    // The block's JSON without its transactions.
    serve(block, endpoint) {
        const asked = { endpoint, number: block.number };
        const header = { ...block.header };
        if (block.number === 0) {
            if (this.faults.take(['wrong_genesis'], asked)) this.otherGenesis(header);
            return header;
        }
        if (block.extra) header.extraData = this.extraData(block, asked);
        for (const [name, field] of Object.entries(kHeaderLies)) {
            if (this.faults.take([name], asked)) header[field] = keccak256(toUtf8Bytes(`${name} ${block.hash}`));
        }
        return header;
    }

    otherGenesis(header) {
        header.timestamp = '0x1';
        header.hash = plainHash(headerItems(header, this.hardfork));
    }

    extraData(block, asked) {
        const extra = { ...block.extra };
        const round = this.faults.take(['other_round'], asked);
        if (round) extra.round = round.round;
        if (this.faults.take(['unsorted_validators'], asked)) extra.validators = extra.validators.toReversed();
        let signed = commitHash(this.mode, headerItems(block.header, this.hardfork), extra);
        const fault = this.faults.take(kSealFaults, asked);
        if (fault?.name === 'wrong_commit') signed = keccak256(signed);
        const signers = this.signers(block, asked);
        extra.seals = this.spoiled(signers.map((address) => this.seal(signed, address)), signed, fault,
            block.validators.length);
        return extraData(this.mode, extra, this.faults.take(['six_items'], asked) ? ['0x06'] : []);
    }

    // The members whose seals this node has: another starting point in each block.
    signers({ number, validators }, asked) {
        const other = this.faults.take(['different_seals'], asked);
        const start = number + (other ? other.shift ?? asked.endpoint : 0);
        const count = this.seals === 'all' ? validators.length : quorumOf(validators.length);
        return Array.from({ length: count }, (_, i) => validators[(start + i) % validators.length]);
    }

    spoiled(seals, signed, fault, members) {
        switch (fault?.name) {
            case 'too_few_seals': return seals.slice(0, fault.count ?? quorumOf(members) - 1);
            case 'foreign_seal': return [...seals.slice(fault.replace ? 1 : 0), this.seal(signed, validator(kForeignValidator).address)];
            case 'duplicate_seal': return [...seals.slice(0, fault.replace ? -1 : seals.length), seals[0]];
            case 'garbled_seal': return [...seals.slice(1), kGarbledSeal];
            default: return seals;
        }
    }

    seal(hash, address) {
        const key = `${hash} ${address}`;
        if (!this.sealCache.has(key)) this.sealCache.set(key, seal(hash, address));
        return this.sealCache.get(key);
    }
}
