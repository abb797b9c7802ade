// SPDX-License-Identifier: Apache-2.0
// What a test may do to the chain while it runs: JSON-RPC on a port of its own. test_* methods are below; every
// other method (anvil_*, evm_*, eth_*, …) goes to anvil with block hashes exchanged.
import { readFileSync } from 'node:fs';
import { getCreateAddress, keccak256, toQuantity } from 'ethers';
import { RpcError } from './anvil.mjs';

const kContractFile = new URL('../../../deploy/contracts/anchor.json', import.meta.url);
const kReceiptTries = 500;
const kBalance = 10n ** 24n; // wei: more than any test spends

export class Control {
    // options: { anvil, chain, face: BesuFace, faults, plan, endpoints: [RpcEndpoint], automine, info() }
    constructor(options) {
        Object.assign(this, options);
    }

    async call(method, params) {
        const own = kMethods[method];
        if (!own && method.startsWith('test_')) {
            throw new RpcError(-32601, `no ${method}; there are: ${Object.keys(kMethods).join(', ')}`);
        }
        try {
            return own ? await own.call(this, ...params) : await this.face.passOn(method, params);
        } catch (error) {
            throw error instanceof RpcError ? error : new RpcError(-32000, error.message);
        }
    }

    async newest() {
        await this.chain.sync();
        const { number, hash, header } = this.chain.head();
        return { number, hash, timestamp: Number(header.timestamp) };
    }

    async mined(hash) {
        // Anvil's receipt may lag its answer by some milliseconds.
        for (let tries = 0; tries < kReceiptTries; ++tries) {
            const receipt = await this.anvil.call('eth_getTransactionReceipt', [hash]);
            if (receipt) return receipt;
            await new Promise((resolve) => setImmediate(resolve));
        }
        throw new Error(`transaction ${hash} is not mined: test_mine first, or start with automine`);
    }
}

// Called with the Control as `this`.
const kMethods = {
    // { name, …options }, see faults.mjs → id
    async test_setFault(fault) {
        const id = this.faults.set(fault);
        if (fault.name === 'down') {
            this.endpoints.filter((_, i) => fault.endpoint === undefined || fault.endpoint === i).forEach((each) => each.hangUp());
        }
        return id;
    },
    // id, name, or nothing for all → how many
    async test_clearFault(which) {
        return this.faults.clear(which ?? undefined);
    },
    async test_faults() {
        return this.faults.active;
    },
    // n blocks with what the pool holds in the first → the newest { number, hash, timestamp }
    async test_mine(count = 1) {
        await this.anvil.call('anvil_mine', [toQuantity(count)]);
        return this.newest();
    },
    async test_head() {
        return this.newest();
    },
    async test_setAutomine(on) {
        await this.anvil.call('evm_setAutomine', [on]);
        this.automine = on;
        return on;
    },
    // { add: n }, { drop: n } or { replace: [n, …] }; from block `at` on. Without `at`: after a majority's votes.
    async test_changeValidators({ at, ...change }) {
        const head = await this.newest();
        const votes = change.replace ? 0 : Math.floor(this.plan.newest().length / 2) + 1;
        const from = at ?? head.number + votes + 1;
        if (from <= head.number) throw new Error(`block ${from} is sealed already: the newest is ${head.number}`);
        this.plan.change(change, from);
        return { from, validator_sets: this.plan.ranges() };
    },
    async test_validatorSets() {
        return this.plan.ranges();
    },
    // → true when the pool held it
    async test_dropTransaction(hash) {
        return (await this.anvil.call('anvil_dropTransaction', [hash])) !== null;
    },
    // Replaces the newest `depth` blocks; transactions: [[raw, block offset], …] go into the new ones.
    async test_reorg(depth, transactions = []) {
        await this.anvil.call('anvil_reorg', [depth, transactions]);
        return this.newest();
    },
    async test_fund(address, wei = toQuantity(kBalance)) {
        await this.anvil.call('anvil_setBalance', [address, wei]);
        return this.anvil.call('eth_getBalance', [address, 'latest']);
    },
    // Deploys deploy/contracts/anchor.json from anvil's own account → { address, code_hash, block }
    async test_deployAnchor() {
        const { bytecode } = JSON.parse(readFileSync(kContractFile));
        const [from] = await this.anvil.call('eth_accounts');
        const nonce = await this.anvil.call('eth_getTransactionCount', [from, 'pending']);
        const fees = { gasPrice: await this.anvil.call('eth_gasPrice') };
        const hash = await this.anvil.call('eth_sendTransaction', [{ from, data: bytecode, gas: '0x7a120', ...fees }]);
        if (!this.automine) await this.anvil.call('anvil_mine', ['0x1']);
        const receipt = await this.mined(hash);
        const address = getCreateAddress({ from, nonce: Number(nonce) }).toLowerCase();
        if (receipt.status !== '0x1') throw new Error(`the deployment in ${hash} failed`);
        await this.chain.sync();
        return {
            address, block: Number(receipt.blockNumber),
            code_hash: keccak256(await this.anvil.call('eth_getCode', [address, 'latest'])),
        };
    },
    async test_info() {
        return this.info();
    },
};
