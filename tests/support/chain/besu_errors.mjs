// SPDX-License-Identifier: Apache-2.0
// What Besu says when it refuses a transaction, and which refusal of anvil's each stands for.
import { RpcError } from './anvil.mjs';

export const kBesuErrors = {
    known: [-32000, 'Known transaction'],
    nonce_too_low: [-32001, 'Nonce too low'],
    nonce_too_high: [-32006, 'Nonce too high'],
    nonce_too_distant: [-32000, 'Transaction nonce is too distant from current sender nonce'],
    replacement_underpriced: [-32000, 'Replacement transaction underpriced'],
    below_minimum_price: [-32009, 'Gas price below configured minimum gas price'],
    below_base_fee: [-32009, 'Gas price below current base fee'],
    no_money: [-32004, 'Upfront cost exceeds account balance'],
    intrinsic_gas: [-32003, 'Intrinsic gas exceeds gas limit'],
    gas_limit: [-32005, 'Transaction gas limit exceeds block gas limit'],
    wrong_chain_id: [-32000, 'Wrong chainId'],
    chain_id_required: [-32000, 'ChainId is required'],
    not_permitted: [-32007, 'Sender account not authorized to send transactions'],
    syncing: [-32008, 'Initial sync is still in progress'],
    pool_disabled: [-32002, 'Transaction pool not enabled. Node might be syncing.'],
    malformed: [-32602, 'Invalid block param (block not found)'],
    method_not_found: [-32601, 'Method not found'],
    method_not_enabled: [-32604, 'Method not enabled'],
    unknown_block: [-39001, 'Unknown block'],
    invalid_params: [-32602, 'Invalid params'],
};

const kOfAnvil = [
    [/already imported/i, 'known'],
    [/nonce too low/i, 'nonce_too_low'],
    [/replacement transaction underpriced/i, 'replacement_underpriced'],
    [/less than block base fee/i, 'below_base_fee'],
    [/insufficient funds/i, 'no_money'],
    [/intrinsic gas too low/i, 'intrinsic_gas'],
    [/intrinsic gas too high/i, 'gas_limit'],
    [/invalid chain id/i, 'wrong_chain_id'],
    [/failed to decode|empty transaction data/i, 'malformed'],
];

export function besuError(name) {
    const [code, message] = kBesuErrors[name] ?? [];
    if (code === undefined) throw new Error(`there is no error "${name}"; there are: ${Object.keys(kBesuErrors).join(', ')}`);
    return new RpcError(code, message);
}

// What Besu would have said; an unknown refusal stays as it is.
export function asBesu(error) {
    const [, name] = kOfAnvil.find(([pattern]) => pattern.test(error.message)) ?? [];
    return name ? besuError(name) : error;
}
