// SPDX-License-Identifier: Apache-2.0
// The test chain: a real anvil behind a proxy that seals its blocks as a Besu network of QBFT or IBFT 2.0
// validators would, on as many loopback ports as that network is to have nodes.
//
//   scripts/node tests/support/chain/sealing_proxy.mjs [--mode qbft|ibft2|plain] [--hardfork london|shanghai|cancun|prague]
//       [--validators 4] [--endpoints 1] [--chain-id 1337] [--automine | --block-time SECONDS] [--gas free|market]
//       [--seals quorum|all] [--validators-in header|contract] [--errors besu|anvil]
//
// Writes one line of JSON when it is ready: { rpc: [url], control: url, chainId, genesisHash, validators, mode,
// hardfork }. Ends, and anvil with it, when its standard input ends. What a test may do meanwhile: control.mjs
// and faults.mjs. The validators' keys are test keys (validators.mjs).
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Anvil } from './anvil.mjs';
import { kHardforks } from './bft_header.mjs';
import { BesuFace } from './besu_face.mjs';
import { Control } from './control.mjs';
import { Faults } from './faults.mjs';
import { RpcEndpoint } from './rpc_endpoint.mjs';
import { SealedChain } from './sealed_chain.mjs';
import { HeaderServer } from './served_header.mjs';
import { ValidatorPlan } from './validators.mjs';

const kExitUsage = 64;
const kOptions = {
    mode: { type: 'string', default: 'qbft' },
    hardfork: { type: 'string', default: 'shanghai' },
    validators: { type: 'string', default: '4' },
    endpoints: { type: 'string', default: '1' },
    'chain-id': { type: 'string', default: '1337' },
    automine: { type: 'boolean', default: false },
    'block-time': { type: 'string', default: '0' },
    gas: { type: 'string', default: 'free' },
    seals: { type: 'string', default: 'quorum' },
    'validators-in': { type: 'string', default: 'header' },
    errors: { type: 'string', default: 'besu' },
};

function oneOf(name, value, choices) {
    if (!choices.includes(value)) throw new RangeError(`--${name} ${value}: one of ${choices.join(', ')}`);
    return value;
}

function count(name, value, least) {
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < least) throw new RangeError(`--${name} ${value}: a number from ${least} on`);
    return number;
}

function readSettings() {
    const { values } = parseArgs({ options: kOptions });
    return {
        mode: oneOf('mode', values.mode, ['qbft', 'ibft2', 'plain']),
        hardfork: oneOf('hardfork', values.hardfork, kHardforks),
        validators: count('validators', values.validators, 1),
        endpoints: count('endpoints', values.endpoints, 1),
        chainId: count('chain-id', values['chain-id'], 1),
        automine: values.automine,
        blockTime: count('block-time', values['block-time'], 0),
        zeroGas: oneOf('gas', values.gas, ['free', 'market']) === 'free',
        seals: oneOf('seals', values.seals, ['quorum', 'all']),
        validatorsIn: oneOf('validators-in', values['validators-in'], ['header', 'contract']),
        besuErrors: oneOf('errors', values.errors, ['besu', 'anvil']) === 'besu',
    };
}

export async function startChain(settings) {
    const anvil = await Anvil.start(settings);
    const { mode, hardfork, seals, besuErrors, automine, validatorsIn } = settings;
    const faults = new Faults();
    const plan = new ValidatorPlan(Array.from({ length: settings.validators }, (_, i) => i));
    const chain = new SealedChain(anvil, { mode, hardfork, plan, faults, validatorsIn });
    const headers = new HeaderServer({ mode, hardfork, faults, seals });
    const face = new BesuFace({ anvil, chain, headers, faults, besuErrors });
    await chain.sync();

    const endpoints = [];
    for (let number = 0; number < settings.endpoints; ++number) {
        endpoints.push(await RpcEndpoint.open({
            call: (method, params) => face.call(method, params, number), faults, number,
        }));
    }
    const info = () => ({
        rpc: endpoints.map(({ url }) => url), control: port.url, chainId: settings.chainId,
        genesisHash: chain.blocks[0].hash, validators: plan.newest(), mode, hardfork, anvil: anvil.child.pid,
    });
    const control = new Control({ anvil, chain, face, faults, plan, endpoints, automine, info });
    const port = await RpcEndpoint.open({ call: (method, params) => control.call(method, params) });
    const stop = async () => {
        [...endpoints, port].forEach((each) => each.close());
        await anvil.stop();
    };
    return { ...info(), anvilProcess: anvil, stop };
}

async function main() {
    let settings;
    try {
        settings = readSettings();
    } catch (error) {
        process.stderr.write(`sealing_proxy: ${error.message}\n`);
        process.exit(kExitUsage);
    }
    const { stop, anvilProcess, ...ready } = await startChain(settings);
    let stopping = false;
    const end = async () => {
        stopping = true;
        await stop();
        process.exit(0);
    };
    anvilProcess.onExit((code, signal) => {
        if (stopping) return;
        process.stderr.write(`sealing_proxy: anvil ended (${code ?? signal})\n`);
        process.exit(1);
    });
    process.stdin.resume().on('end', end).on('close', end);
    process.on('SIGTERM', end);
    process.stdout.write(`${JSON.stringify(ready)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    main().catch((error) => {
        process.stderr.write(`sealing_proxy: ${error.message}\n`);
        process.exit(1);
    });
}
