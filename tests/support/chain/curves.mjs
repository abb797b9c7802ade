// SPDX-License-Identifier: Apache-2.0
// @noble/curves, for tests elsewhere in the tree (see libraries.mjs).
export { ed25519 } from '@noble/curves/ed25519.js';
export { p256 } from '@noble/curves/nist.js';
export { secp256k1 } from '@noble/curves/secp256k1.js';
