// SPDX-License-Identifier: Apache-2.0
// scripts/node tests/interop/js/run_chain_vectors.mjs DIRECTORY: the second opinion on the chain anchors and chain floors of
// every vector there (docs/formats/verdicts.md section 11). Where a vector expects `anchors` or `floor`, its reason codes
// must be these. Exit code 1 when one differs, 77 when the directory holds no vector that expects any.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ethers } from '../../support/chain/libraries.mjs';
import { checkAnchor, checkFloor } from './check_anchor.mjs';

const kCheckpointLines = 3;
const kSkipped = 77;
const kDefaultSkew = 300;

// The digest that anchors of a PROOF are about: SHA-256 of its note's three lines.
export function digestOf(note) {
    const text = note.split('\n').slice(0, kCheckpointLines).map((line) => `${line}\n`).join('');
    return ethers.sha256(ethers.toUtf8Bytes(text)).slice(2);
}

// Every anchor in a list of PROOFs, with its place and the digest it must carry.
export function* anchorsIn(proofs, where) {
    for (const [i, proof] of proofs.entries()) {
        const digest = digestOf(proof.checkpoint);
        for (const [k, anchor] of (proof.anchors ?? []).entries()) yield { where: `${where}[${i}].anchors[${k}]`, anchor, digest };
        yield* anchorsIn(proof.logged ?? [], `${where}[${i}].logged`);
    }
}

// The reason code of one anchor of a statement, as verdicts.md section 6 has it.
async function reasonOf(result, trust, chain, { operator, now }) {
    if (result.finding !== 'ok') return result.finding;
    const pin = trust.chains.find(({ id }) => id === chain);
    if ((pin.operator ?? pin.id) === operator) return 'anchor-same-operator';
    const bound = result.hardened_time ?? result.block_time;
    const earliest = Math.max(bound - (trust.skew_s ?? kDefaultSkew), 0);
    return now !== undefined && earliest > now ? 'anchor-in-future' : 'ok';
}

export async function judgeVector(vector) {
    const [evidence, trust] = [JSON.parse(vector.evidence), JSON.parse(vector.trust)];
    const origin = evidence.proofs[0]?.checkpoint.split('\n')[0];
    const log = trust.logs.find((each) => each.origin === origin);
    const context = { operator: log?.operator, now: vector.now_s };
    const anchors = [];
    for (const { anchor, digest } of anchorsIn(evidence.proofs, 'proofs')) {
        anchors.push(await reasonOf(await checkAnchor(anchor, digest, trust), trust, anchor.chain, context));
    }
    const floor = evidence.floor?.chain === undefined ? null : (await checkFloor(evidence.floor, trust, context.operator)).finding;
    return { anchors, floor };
}

async function main(directory) {
    let compared = 0;
    let differing = 0;
    for (const name of readdirSync(directory).filter((each) => each.endsWith('.json')).sort()) {
        const vector = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
        const expected = { anchors: vector.expect.anchors, floor: vector.expect.floor };
        if (expected.anchors === undefined && expected.floor === undefined) continue;
        const judged = await judgeVector(vector);
        for (const part of ['anchors', 'floor'].filter((each) => expected[each] !== undefined)) {
            ++compared;
            const [want, got] = [expected[part], judged[part]].map((each) => JSON.stringify(each));
            if (want === got) continue;
            ++differing;
            console.log(`${name}: ${part}: expected ${want}, here ${got}`);
        }
    }
    console.log(`${compared} compared, ${differing} differ`);
    if (compared === 0) return kSkipped;
    return differing > 0 ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exit(await main(process.argv[2]));
