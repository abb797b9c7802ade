// SPDX-License-Identifier: Apache-2.0
// The libraries of others, for tests elsewhere in the tree: Node looks for packages beside the importing file only.
export * as block from '@ethereumjs/block';
export * as common from '@ethereumjs/common';
export * as mpt from '@ethereumjs/mpt';
export * as rlp from '@ethereumjs/rlp';
export * as tx from '@ethereumjs/tx';
export * as util from '@ethereumjs/util';
export * as ethers from 'ethers';
