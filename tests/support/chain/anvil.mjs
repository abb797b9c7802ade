// SPDX-License-Identifier: Apache-2.0
// A real anvil on a loopback port of its own choice, and JSON-RPC to it. It dies with this process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import readline from 'node:readline';

const kStartMilliseconds = 20_000;
const kLogLines = 20;

export class RpcError extends Error {
    constructor(code, message, data) {
        super(message);
        this.code = code;
        this.data = data;
    }
}

function program() {
    const machine = process.arch === 'arm64' ? 'arm64' : 'amd64';
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-linux-${machine}/bin/anvil`);
}

// A free-gas network as Besu's: no base fee, no minimum price.
const kZeroGas = ['--gas-price', '0', '--block-base-fee-per-gas', '0', '--disable-min-priority-fee'];

export class Anvil {
    // options: { chainId, hardfork, automine, blockTime, zeroGas }
    static async start(options) {
        const argv = [program(), '--port', '0', '--chain-id', String(options.chainId), '--hardfork', options.hardfork,
            '--accounts', '1', '--disable-console-log'];
        if (options.blockTime) argv.push('--block-time', String(options.blockTime));
        else if (!options.automine) argv.push('--no-mining');
        if (options.zeroGas) argv.push(...kZeroGas);
        // Debian's setpriv: the kernel ends anvil when this process is gone, however it went.
        const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
        return new Anvil(child, await listeningPort(child));
    }

    constructor(child, port) {
        this.child = child;
        this.url = `http://127.0.0.1:${port}`;
        this.nextId = 1;
    }

    onExit(callback) {
        this.child.on('exit', callback);
    }

    async stop() {
        if (this.child.exitCode !== null || this.child.signalCode !== null) return;
        const gone = once(this.child, 'exit');
        this.child.kill('SIGKILL');
        await gone;
    }

    async post(body) {
        const answer = await fetch(this.url, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
        });
        return answer.json();
    }

    async call(method, params = []) {
        return resultOf(await this.post({ jsonrpc: '2.0', id: this.nextId++, method, params }));
    }

    // The results of many calls of one method, in their order.
    async callEach(method, paramsOfEach) {
        if (paramsOfEach.length === 0) return [];
        const answers = await this.post(paramsOfEach.map((params, id) => ({ jsonrpc: '2.0', id, method, params })));
        return answers.sort((a, b) => a.id - b.id).map(resultOf);
    }
}

function resultOf(answer) {
    if (answer.error) throw new RpcError(answer.error.code, answer.error.message, answer.error.data);
    return answer.result;
}

async function listeningPort(child) {
    const log = [];
    const abort = AbortSignal.timeout(kStartMilliseconds);
    child.stderr.on('data', (chunk) => log.push(String(chunk)));
    const failed = new Promise((_, reject) => {
        child.on('error', (error) => reject(new Error(`cannot run anvil: ${error.message}; run scripts/setup test`)));
        child.on('exit', (code, signal) => reject(new Error(`anvil ended (${code ?? signal}): ${log.slice(-kLogLines).join('\n')}`)));
        abort.addEventListener('abort', () => reject(new Error(`anvil did not listen within ${kStartMilliseconds} ms`)));
    });
    failed.catch(() => {}); // its end after the start is onExit()'s matter
    const listening = new Promise((resolve) => {
        readline.createInterface({ input: child.stdout }).on('line', (line) => {
            const found = /^Listening on .*:(\d+)$/.exec(line);
            if (found) resolve(Number(found[1]));
            else if (log.push(line) > kLogLines) log.shift();
        });
    });
    return Promise.race([listening, failed]);
}
