// SPDX-License-Identifier: Apache-2.0
// The node's unattended signers, one class per purpose, on top of custody: each takes the structured
// message and nothing else. Open from boot on.
// OWNED BY: the daemon. THREADS: any.
#pragma once
