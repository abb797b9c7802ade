// SPDX-License-Identifier: Apache-2.0
// The chain as its validators would have sealed it: anvil's blocks, each given a proposer, Besu's constants,
// extraData and the hash of the mode, linked by those hashes. Roots stay anvil's, so proofs under them are real.
// Follows anvil's reorganisations: blocks that left anvil's chain leave this one.
import { keccak256, toQuantity, toUtf8Bytes } from 'ethers';
import {
    blockHash, extraData, foreignFields, headerItems, kBftMixHash, kEmptyOmmers, kZeroNonce, plainHash,
} from './bft_header.mjs';

export const kVanity = `0x${'00'.repeat(32)}`;
const kGenesisTime = '0x58ee40ba'; // fixed, so that a genesis hash depends on nothing but the settings
const kBlocksPerBatch = 100;

export class SealedChain {
    // options: { mode, hardfork, plan: ValidatorPlan, faults: Faults, validatorsIn: 'header' | 'contract' }
    constructor(anvil, options) {
        this.anvil = anvil;
        Object.assign(this, options);
        this.blocks = [];
        this.byHash = new Map(); // of both kinds of hash
        this.syncing = Promise.resolve();
    }

    get sealed() {
        return this.mode !== 'plain';
    }

    head() {
        return this.blocks.at(-1);
    }

    // The block that is known by this hash here, or by anvil.
    find(hash) {
        return this.byHash.get(hash);
    }

    // Takes over what anvil has now. Calls follow one another.
    sync() {
        const next = this.syncing.then(() => this.follow());
        this.syncing = next.catch(() => {});
        return next;
    }

    async follow() {
        const newest = await this.anvil.call('eth_getBlockByNumber', ['latest', false]);
        const head = Number(newest.number);
        if (this.head()?.anvilHash === newest.hash) return;
        await this.dropStale(head);
        while (this.blocks.length <= head) {
            const count = Math.min(kBlocksPerBatch, head + 1 - this.blocks.length);
            const wanted = Array.from({ length: count }, (_, i) => [toQuantity(this.blocks.length + i), false]);
            const fetched = await this.anvil.callEach('eth_getBlockByNumber', wanted);
            for (const block of fetched) {
                // Gone or on another branch: anvil reorganised meanwhile.
                if (!block || (this.head() && block.parentHash !== this.head().anvilHash)) return this.follow();
                this.append(block);
            }
        }
    }

    async dropStale(head) {
        let last = Math.min(head, this.blocks.length - 1);
        while (last > 0) {
            const now = await this.anvil.call('eth_getBlockByNumber', [toQuantity(last), false]);
            if (now?.hash === this.blocks[last].anvilHash) break;
            --last;
        }
        for (const { hash, anvilHash } of this.blocks.splice(last + 1)) {
            this.byHash.delete(hash);
            this.byHash.delete(anvilHash);
        }
    }

    append(anvilBlock) {
        const block = this.sealed ? this.adopt(anvilBlock) : this.keep(anvilBlock);
        block.anvilHash = anvilBlock.hash;
        this.blocks.push(block);
        this.byHash.set(block.hash, block);
        this.byHash.set(block.anvilHash, block);
    }

    // A chain without seals: anvil's own header.
    keep(anvilBlock) {
        const header = this.withoutForeignFields(anvilBlock);
        return { number: Number(header.number), hash: header.hash, header };
    }

    withoutForeignFields(anvilBlock) {
        const header = { ...anvilBlock };
        for (const name of [...foreignFields(this.hardfork), 'transactions', 'uncles', 'withdrawals', 'size']) {
            delete header[name];
        }
        return header;
    }

    adopt(anvilBlock) {
        const number = Number(anvilBlock.number);
        const parent = this.blocks[number - 1];
        const validators = this.plan.setFor(number);
        // Where a contract names the validators, headers list and vote for nobody.
        const listed = this.validatorsIn === 'header';
        const vote = listed && number > 0 ? this.plan.voteIn(number) : null;
        const extra = { vanity: kVanity, validators: listed ? validators : [], vote, round: 0, seals: [] };
        const header = {
            ...this.withoutForeignFields(anvilBlock),
            ...(parent ? this.ofProposer(parent, validators, anvilBlock) : this.ofGenesis()),
            sha3Uncles: kEmptyOmmers, difficulty: '0x1', totalDifficulty: toQuantity(number + 1),
            mixHash: kBftMixHash, nonce: kZeroNonce, extraData: extraData(this.mode, extra),
        };
        this.falsify(header, number);
        const items = headerItems(header, this.hardfork);
        header.hash = parent ? blockHash(this.mode, items, extra) : plainHash(items);
        return { number, hash: header.hash, header, extra, validators };
    }

    ofGenesis() {
        return { miner: `0x${'00'.repeat(20)}`, timestamp: kGenesisTime };
    }

    // Round robin, as Besu: the next address after the previous block's proposer.
    ofProposer(parent, validators, anvilBlock) {
        const miner = validators.find((address) => address > parent.header.miner) ?? validators[0];
        // Anvil's clock goes on where a back-dated parent stood still; time never runs backwards.
        const earliest = Number(parent.header.timestamp) + 1;
        const timestamp = toQuantity(Math.max(earliest, Number(anvilBlock.timestamp)));
        return { miner, timestamp, parentHash: parent.hash };
    }

    // What validators that lie together would seal.
    falsify(header, number) {
        if (number === 0) return;
        const backDated = this.faults.take(['back_dated'], { number });
        if (backDated) {
            const earliest = Number(this.head().header.timestamp) + 1;
            header.timestamp = toQuantity(Math.max(earliest, Number(header.timestamp) - backDated.seconds));
        }
        if (this.faults.take(['sealed_false_root'], { number })) {
            header.transactionsRoot = keccak256(toUtf8Bytes(`no transactions of block ${number}`));
        }
    }
}
