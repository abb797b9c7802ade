// SPDX-License-Identifier: Apache-2.0
// scripts/node deploy/contracts/compile.mjs [--write]: compiles Anchor.sol with the compiler and settings that
// anchor.json names and compares every byte; --write makes anchor.json anew. The compiler is npm's solc
// (scripts/setup test installs it beside the test chain). Exit code 1 and the differing members when they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const fromTestChain = createRequire(new URL('../../tests/support/chain/package.json', import.meta.url));
const solc = fromTestChain('solc');
const { keccak256 } = fromTestChain('ethers');

const kSource = new URL('Anchor.sol', import.meta.url);
const kArtifact = new URL('anchor.json', import.meta.url);
// No metadata hash and no CBOR trailer: the code depends on the source's meaning, not on its path or comments.
// London: runs where PUSH0 does not, and newer forks run it unchanged.
const kSettings = {
    evmVersion: 'london',
    optimizer: { enabled: true, runs: 200 },
    metadata: { appendCBOR: false, bytecodeHash: 'none' },
};

function compiled() {
    const input = {
        language: 'Solidity',
        sources: { 'Anchor.sol': { content: readFileSync(kSource, 'utf8') } },
        settings: { ...kSettings, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.methodIdentifiers'] } } },
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input)));
    if (output.errors) throw new Error(output.errors.map((each) => each.formattedMessage).join('\n'));
    const { abi, evm } = output.contracts['Anchor.sol'].Anchor;
    const runtime = `0x${evm.deployedBytecode.object}`;
    return {
        contract: 'Anchor',
        source: 'Anchor.sol',
        compiler: `solc ${solc.version().split('.Emscripten')[0]}`,
        settings: kSettings,
        abi,
        selector: `0x${evm.methodIdentifiers['anchor(bytes32)']}`,
        bytecode: `0x${evm.bytecode.object}`,
        runtime_bytecode: runtime,
        code_hash: keccak256(runtime),
    };
}

const now = compiled();
if (process.argv[2] === '--write') {
    writeFileSync(kArtifact, `${JSON.stringify(now, null, 2)}\n`);
} else {
    const kept = JSON.parse(readFileSync(kArtifact, 'utf8'));
    const names = [...new Set([...Object.keys(kept), ...Object.keys(now)])];
    const differing = names.filter((name) => JSON.stringify(kept[name]) !== JSON.stringify(now[name]));
    for (const name of differing) {
        console.error(`anchor.json: "${name}" is ${JSON.stringify(kept[name])}, compiled now: ${JSON.stringify(now[name])}`);
    }
    if (differing.length > 0) process.exit(1);
    console.log(`anchor.json is what ${now.compiler} makes of Anchor.sol: ${(now.runtime_bytecode.length - 2) / 2} bytes, code hash ${now.code_hash}`);
}
