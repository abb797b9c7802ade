// SPDX-License-Identifier: Apache-2.0
// What @noble/curves and Node.js say about signatures. Standard input: a JSON list of {algorithm, spki, message,
// signature}, in hex. Standard output: a list of {noble, node}: true, false, or why it was not asked.
import crypto from 'node:crypto';
import { text } from 'node:stream/consumers';
import { ed25519, p256, secp256k1 } from '../../support/chain/curves.mjs';

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
// The last bytes of a SubjectPublicKeyInfo are the point.
const point = (spki, size) => bytes(spki).slice(-size);

const kNoble = {
    ES256K: ({ spki, message, signature }) => secp256k1.verify(signature, message, point(spki, 65), { lowS: true }),
    ES256: ({ spki, message, signature }) => p256.verify(signature, message, point(spki, 65), { lowS: true }),
    EdDSA: ({ spki, message, signature }) => ed25519.verify(signature, message, point(spki, 32), { zip215: false }),
};

function byNode({ algorithm, spki, message, signature }) {
    const key = crypto.createPublicKey({ key: Buffer.from(spki, 'hex'), format: 'der', type: 'spki' });
    if (algorithm === 'EdDSA') return crypto.verify(null, message, key, signature);
    if (algorithm === 'PS256') {
        const pss = { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
        return crypto.verify('sha256', message, pss, signature);
    }
    return crypto.verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

const asked = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(asked.map(({ algorithm, spki, message, signature }) => {
    const one = { algorithm, spki, message: bytes(message), signature: bytes(signature) };
    return { noble: kNoble[algorithm]?.(one) ?? 'has no RSA', node: byNode(one) };
})));
