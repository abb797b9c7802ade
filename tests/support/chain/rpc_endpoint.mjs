// SPDX-License-Identifier: Apache-2.0
// One loopback port that speaks JSON-RPC over HTTP, and every way in which such a port can fail its client.
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from './anvil.mjs';

const kRequestBytesMax = 5 * 1024 * 1024;
const kBeforeFaults = ['http_status', 'http_429', 'http_500', 'html', 'not_json', 'never_answers', 'oversized'];
const kAfterFaults = ['wrong_id', 'cut_body', 'lost_reply', 'one_byte_per_second'];

export class RpcEndpoint {
    // call(method, params) → result, throws RpcError; `faults` and `number` select the transport faults.
    static async open({ call, faults = null, number = 0 }) {
        const endpoint = new RpcEndpoint(call, faults, number);
        await new Promise((resolve) => endpoint.server.listen(0, '127.0.0.1', resolve));
        endpoint.url = `http://127.0.0.1:${endpoint.server.address().port}`;
        return endpoint;
    }

    constructor(call, faults, number) {
        this.call = call;
        this.faults = faults;
        this.number = number;
        this.server = http.createServer((request, response) => {
            this.serve(request, response).catch((error) => {
                process.stderr.write(`endpoint ${this.number}: ${error.stack}\n`);
                response.destroy();
            });
        });
        this.server.on('connection', (socket) => {
            if (this.fault(['down'])) socket.resetAndDestroy();
        });
    }

    fault(names, method) {
        return this.faults?.take(names, { endpoint: this.number, method }) ?? null;
    }

    // Also ends connections that are kept alive.
    hangUp() {
        this.server.closeAllConnections();
    }

    close() {
        this.server.close();
        this.hangUp();
    }

    async serve(request, response) {
        const body = await received(request);
        const parsed = body === null ? undefined : parse(body);
        if (parsed === undefined) return reply(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } });
        const method = (Array.isArray(parsed) ? parsed[0] : parsed)?.method;
        if (this.fault(['down'], method)) return request.socket.resetAndDestroy();
        const guard = this.fault(['unauthorized'], method);
        if (guard && request.headers.authorization !== guard.authorization) {
            return send(response, 401, 'text/plain', `no access with ${request.headers.authorization}`);
        }
        const before = this.fault(kBeforeFaults, method);
        if (before) return kBefore[before.name](response, before);
        const answer = Array.isArray(parsed)
            ? await Promise.all(parsed.map((each) => this.answer(each))) : await this.answer(parsed);
        const after = this.fault(kAfterFaults, method);
        return after ? kAfter[after.name](response, answer, after) : reply(response, 200, answer);
    }

    async answer(request) {
        const id = request?.id ?? null;
        if (request?.jsonrpc !== '2.0' || typeof request.method !== 'string') {
            return { jsonrpc: '2.0', id, error: { code: -32600, message: 'Invalid Request' } };
        }
        try {
            return { jsonrpc: '2.0', id, result: await this.call(request.method, request.params ?? []) };
        } catch (error) {
            const known = error instanceof RpcError;
            if (!known) process.stderr.write(`${request.method}: ${error.stack}\n`);
            return { jsonrpc: '2.0', id, error: { code: known ? error.code : -32603, message: error.message } };
        }
    }
}

async function received(request) {
    const chunks = [];
    let bytes = 0;
    for await (const chunk of request) {
        bytes += chunk.length;
        if (bytes > kRequestBytesMax) return null;
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function send(response, status, type, body, headers = {}) {
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers });
    response.end(body);
}

function reply(response, status, value) {
    send(response, status, 'application/json', JSON.stringify(value));
}

function retryAfter(seconds) {
    return seconds === null ? {} : { 'Retry-After': String(seconds) };
}

// Instead of carrying the request out.
const kBefore = {
    http_status: (response, { status, body, retry_after_s }) => send(response, status, 'text/plain', body, retryAfter(retry_after_s)),
    http_429: (response, { retry_after_s }) => send(response, 429, 'text/plain', 'Too Many Requests', retryAfter(retry_after_s)),
    http_500: (response) => send(response, 500, 'text/plain', 'Internal Server Error'),
    html: (response) => send(response, 200, 'text/html', '<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>\n'),
    not_json: (response) => send(response, 200, 'application/json', '{"jsonrpc":"2.0","id":1,"result":'),
    never_answers: () => {},
    oversized: (response, { bytes }) => send(response, 200, 'application/json', Buffer.alloc(bytes, ' ')),
};

// After the request was carried out.
const kAfter = {
    wrong_id: (response, answer) => reply(response, 200, { ...answer, id: 'another' }),
    cut_body(response, answer) {
        const body = JSON.stringify(answer);
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
        response.write(body.slice(0, body.length / 2), () => response.destroy());
    },
    lost_reply: (response) => response.socket.resetAndDestroy(),
    async one_byte_per_second(response, answer, { milliseconds }) {
        const body = Buffer.from(JSON.stringify(answer));
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
        for (const byte of body) {
            if (response.destroyed) return;
            response.write(Buffer.of(byte));
            await delay(milliseconds);
        }
        response.end();
    },
};
