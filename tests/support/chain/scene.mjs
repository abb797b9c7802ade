// SPDX-License-Identifier: Apache-2.0
// What tests on the test chain share: a chain of their own, a client without retries, transactions of a sender.
import { Transaction, Wallet, id } from 'ethers';
import { startChain } from './sealing_proxy.mjs';

export const kSettings = {
    mode: 'qbft', hardfork: 'shanghai', validators: 4, endpoints: 1, chainId: 1337, automine: false, blockTime: 0,
    zeroGas: true, seals: 'quorum', validatorsIn: 'header', besuErrors: true,
};

// Runs body({ chain, rpc, control }) on a chain of its own and ends it.
export async function withChain(settings, body) {
    const chain = await startChain({ ...kSettings, ...settings });
    try {
        return await body({ chain, rpc: client(chain.rpc[0]), control: client(chain.control) });
    } finally {
        await chain.stop();
    }
}

export function client(url) {
    let next = 1;
    return async (method, ...params) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: next++, method, params });
        const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
        const { result, error } = await answer.json();
        if (error) throw Object.assign(new Error(error.message), { code: error.code });
        return result;
    };
}

// A throw-away account for tests.
export const kSender = new Wallet(id('fieldseal test chain, sender'));

// A signed transaction of 37 bytes of calldata to its own sender; type 0 or 2, fees 0 unless given.
export async function note(chainId, nonce, { type = 2, fee = 0n, to = kSender.address, data } = {}) {
    const fees = type === 2 ? { maxFeePerGas: fee, maxPriorityFeePerGas: 0n } : { gasPrice: fee };
    const signed = await kSender.signTransaction({
        type, chainId, nonce, to, value: 0n, gasLimit: 100_000n, data: data ?? `0x46534c3101${id(String(nonce)).slice(2)}`, ...fees,
    });
    return { raw: signed, hash: Transaction.from(signed).hash };
}
