// SPDX-License-Identifier: Apache-2.0
// JSON-RPC as Besu answers it: the namespaces it has on by default, its errors, its tags, and every block,
// transaction and receipt under the hash of the sealed chain. Methods not named here go to anvil and back with
// their hashes exchanged.
import { keccak256, toQuantity, toUtf8Bytes, Transaction } from 'ethers';
import { asBesu, besuError } from './besu_errors.mjs';
import { RpcError } from './anvil.mjs';

const kOpenNamespaces = ['eth_', 'net_', 'web3_'];
const kClosedNamespaces = ['debug_', 'admin_', 'txpool_', 'qbft_', 'ibft_', 'clique_', 'perm_', 'miner_', 'trace_',
    'plugins_', 'eea_', 'priv_'];
// Anvil has them, Besu does not.
const kNotOfBesu = /^eth_(accounts|sendTransaction|sign\w*|getRawTransaction\w*|sendRawTransactionSync|sendUnsignedTransaction|fillTransaction)$/;
const kFutureNoncesMax = 200;
const kHashLength = 66;

export class BesuFace {
    // options: { anvil, chain: SealedChain, headers: HeaderServer, faults, besuErrors: boolean }
    constructor(options) {
        Object.assign(this, options);
    }

    async call(method, params, endpoint) {
        const own = kOwnMethods[method];
        if (own) return own.call(this, params, endpoint, method);
        if (kClosedNamespaces.some((prefix) => method.startsWith(prefix))) throw besuError('method_not_enabled');
        if (!kOpenNamespaces.some((prefix) => method.startsWith(prefix)) || kNotOfBesu.test(method)) {
            throw besuError('method_not_found');
        }
        return this.passOn(method, params);
    }

    async passOn(method, params) {
        await this.chain.sync();
        const result = await this.anvil.call(method, this.toAnvil(params));
        await this.chain.sync(); // the result may speak of a block mined just now
        return this.fromAnvil(result);
    }

    // Exchanges block hashes in a value from or for anvil; block times go with them.
    toAnvil(value) {
        return exchanged(value, (hash) => this.chain.find(hash)?.anvilHash);
    }

    fromAnvil(value) {
        const mapped = exchanged(value, (hash) => this.chain.find(hash)?.hash);
        return this.chain.sealed ? this.withOwnTimes(mapped) : mapped;
    }

    withOwnTimes(value) {
        if (Array.isArray(value)) return value.map((each) => this.withOwnTimes(each));
        if (!value || typeof value !== 'object') return value;
        const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.withOwnTimes(each)]));
        const block = copy.blockTimestamp && this.chain.find(copy.blockHash);
        if (block) copy.blockTimestamp = block.header.timestamp;
        return copy;
    }

    // How far this endpoint knows the chain.
    async horizon(endpoint) {
        await this.chain.sync();
        const lagging = this.faults.take(['lagging'], { endpoint });
        return Math.max(0, this.chain.head().number - (lagging?.blocks ?? 0));
    }

    async blockOf(tag, endpoint) {
        const horizon = await this.horizon(endpoint);
        if (tag === 'finalized' || tag === 'safe') {
            if (this.chain.sealed) throw besuError('unknown_block');
            const block = await this.anvil.call('eth_getBlockByNumber', [tag, false]);
            return this.chain.blocks[Math.min(horizon, Number(block.number))];
        }
        const number = { latest: horizon, pending: horizon, earliest: 0 }[tag] ?? quantity(tag);
        return number <= horizon ? this.chain.blocks[number] : null;
    }

    async blockJson(block, full, endpoint) {
        if (!block) return null;
        const body = await this.anvil.call('eth_getBlockByHash', [block.anvilHash, Boolean(full)]);
        if (!body) return null; // it left anvil's chain meanwhile
        const { transactions, uncles, size, withdrawals } = this.fromAnvil(body);
        if (full && transactions.length > 0
            && this.faults.take(['lying_transaction'], { endpoint, number: block.number })) {
            transactions[0].input = `${transactions[0].input.slice(0, -2)}ee`;
        }
        return { ...this.headers.serve(block, endpoint), size, uncles, transactions, ...(withdrawals && { withdrawals }) };
    }

    // A receipt or transaction from anvil, unless this endpoint does not know its block yet.
    async within(endpoint, value) {
        const horizon = await this.horizon(endpoint);
        if (value?.blockNumber && Number(value.blockNumber) > horizon) return null;
        return this.fromAnvil(value);
    }

    receipt(receipt, endpoint) {
        if (!receipt) return receipt;
        const lie = this.faults.take(['lying_receipts'], { endpoint, number: Number(receipt.blockNumber) });
        return lie ? kReceiptLies[lie.what](receipt) : receipt;
    }

    async send([raw], endpoint) {
        const refusal = this.faults.take(['send_error'], { endpoint });
        if (refusal) throw refusal.error ? besuError(refusal.error) : new RpcError(refusal.code, refusal.message);
        if (this.faults.take(['swallow_send'], { endpoint })) return keccak256(raw);
        try {
            if (this.besuErrors) await this.refuseDistantNonce(raw);
            return await this.anvil.call('eth_sendRawTransaction', [raw]);
        } catch (error) {
            throw this.besuErrors ? asBesu(error) : error;
        }
    }

    async refuseDistantNonce(raw) {
        let sent;
        try {
            sent = Transaction.from(raw);
        } catch {
            throw besuError('malformed');
        }
        if (!sent.from) throw besuError('malformed');
        const count = await this.anvil.call('eth_getTransactionCount', [sent.from, 'latest']);
        if (sent.nonce > Number(count) + kFutureNoncesMax) throw besuError('nonce_too_distant');
    }
}

function quantity(text) {
    if (typeof text !== 'string' || !/^0x[0-9a-fA-F]{1,16}$/.test(text)) {
        throw new RpcError(-32602, 'Invalid block param (block not found)');
    }
    return Number(text);
}

function hash(text) {
    if (typeof text !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(text)) {
        throw new RpcError(-32602, 'Invalid block hash params');
    }
    return text.toLowerCase();
}

function exchanged(value, replacement) {
    if (typeof value === 'string') return (value.length === kHashLength && replacement(value.toLowerCase())) || value;
    if (Array.isArray(value)) return value.map((each) => exchanged(each, replacement));
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exchanged(each, replacement)]));
}

const kReceiptLies = {
    logs: (receipt) => ({
        ...receipt, logs: receipt.logs.map((log) => ({ ...log, topics: log.topics.map(() => keccak256(toUtf8Bytes('a lie'))) })),
    }),
    status: (receipt) => ({ ...receipt, status: receipt.status === '0x1' ? '0x0' : '0x1' }),
    index: (receipt) => ({ ...receipt, transactionIndex: toQuantity(Number(receipt.transactionIndex) + 1) }),
    block: (receipt) => ({ ...receipt, blockHash: keccak256(receipt.blockHash) }),
    number: (receipt) => ({ ...receipt, blockNumber: toQuantity(Number(receipt.blockNumber) + 1) }),
};

// Called with the face as `this`: (params, endpoint, method).
const kOwnMethods = {
    async eth_chainId(_, endpoint) {
        const real = await this.anvil.call('eth_chainId');
        const lie = this.faults.take(['wrong_chain_id'], { endpoint });
        return lie ? toQuantity(lie.chain_id ?? Number(real) + 1) : real;
    },
    async net_version(params, endpoint) {
        return String(Number(await this.call('eth_chainId', params, endpoint)));
    },
    async web3_clientVersion() {
        return `fieldseal-test-chain/${this.chain.mode}/anvil`;
    },
    async eth_accounts() {
        return [];
    },
    async eth_syncing(_, endpoint) {
        if (!this.faults.take(['syncing'], { endpoint })) return false;
        const now = toQuantity(await this.horizon(endpoint));
        return { startingBlock: '0x0', currentBlock: now, highestBlock: toQuantity(Number(now) + 1000) };
    },
    async eth_blockNumber(_, endpoint) {
        return toQuantity(await this.horizon(endpoint));
    },
    async eth_getBlockByNumber([tag, full], endpoint) {
        const block = await this.blockJson(await this.blockOf(tag, endpoint), full, endpoint);
        const lie = tag === 'latest' ? this.faults.take(['lying_head'], { endpoint }) : null;
        return lie ? { ...block, number: toQuantity(Number(block.number) + lie.blocks) } : block;
    },
    async eth_getBlockByHash([wanted, full], endpoint) {
        const horizon = await this.horizon(endpoint);
        const block = this.chain.find(hash(wanted));
        // Anvil's own hash is nobody's business here.
        const known = block && block.hash === hash(wanted) && block.number <= horizon;
        return known ? this.blockJson(block, full, endpoint) : null;
    },
    async eth_getBlockReceipts([which], endpoint) {
        const byHash = typeof which === 'string' && which.length === kHashLength;
        await this.horizon(endpoint);
        const block = byHash ? this.chain.find(hash(which)) : await this.blockOf(which, endpoint);
        if (!block) return null;
        const receipts = await this.anvil.call('eth_getBlockReceipts', [block.anvilHash]);
        return receipts && this.fromAnvil(receipts).map((receipt) => this.receipt(receipt, endpoint));
    },
    async eth_getTransactionReceipt([wanted], endpoint) {
        if (this.faults.take(['late_receipts'], { endpoint })) return null;
        const receipt = await this.anvil.call('eth_getTransactionReceipt', [hash(wanted)]);
        return this.receipt(await this.within(endpoint, receipt), endpoint);
    },
    async eth_getTransactionByHash([wanted], endpoint) {
        if (this.faults.take(['late_receipts'], { endpoint })?.transactions) return null;
        return this.within(endpoint, await this.anvil.call('eth_getTransactionByHash', [hash(wanted)]));
    },
    async eth_getTransactionCount([address, tag], endpoint) {
        // "pending" is this node's pool; everything else ends at its horizon.
        const at = tag === 'latest' ? toQuantity(await this.horizon(endpoint)) : tag;
        return this.passOn('eth_getTransactionCount', [address, at]);
    },
    async eth_sendRawTransaction(params, endpoint) {
        return this.send(params, endpoint);
    },
};
