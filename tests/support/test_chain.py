# SPDX-License-Identifier: Apache-2.0
"""The test chain for tests in Python: anvil behind the sealing proxy (tests/support/chain), started and steered.

    with test_chain.Chain(mode="qbft", endpoints=2, hardfork="cancun") as chain:
        urls = chain.rpc                           # one URL per node of the network
        pin = chain.pin("registry-net", contract=chain.deploy_anchor())
        chain.mine()                               # or automine=True
        fault = chain.fault("http_429", endpoint=0, times=3)
        chain.clear(fault)

Faults: tests/support/chain/faults.mjs; every control method: control.mjs. The proxy ends with this process
(its standard input ends), and anvil with the proxy. Python 3.11's standard library only.
"""
import itertools
import json
import os
import pathlib
import select
import subprocess
import unittest
import urllib.request

from node_process import DeadlineExceeded

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CALL_SECONDS = 30.0
ROOT = pathlib.Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / "tests/support/chain"


class RpcError(AssertionError):
    def __init__(self, method, error):
        super().__init__(f"{method}: {error['code']} {error['message']}")
        self.code = error["code"]


def require():
    """Skips the test, with the reason, where the npm packages are not installed."""
    if not (DIRECTORY / "node_modules/.installed-lock.json").exists():
        raise unittest.SkipTest("the test chain is not installed: run scripts/setup test")


class Chain:
    """One network. Options are the proxy's: mode, hardfork, validators, endpoints, chain_id, automine, gas, …"""

    def __init__(self, **options):
        require()
        argv = [str(ROOT / "scripts/node"), str(DIRECTORY / "sealing_proxy.mjs")]
        for name, value in options.items():
            if value is True:
                argv.append(f"--{name.replace('_', '-')}")
            elif value is not False:
                argv += [f"--{name.replace('_', '-')}", str(value)]
        self._ids = itertools.count(1)
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ready = self._first_line()
        self.rpc = ready["rpc"]
        self.control = ready["control"]
        self.chain_id = ready["chainId"]
        self.genesis_hash = ready["genesisHash"]
        self.mode = ready["mode"]
        self.hardfork = ready["hardfork"]
        self.anvil_pid = ready["anvil"]

    def _first_line(self):
        # One line, written at once: when the pipe is readable the line is there, or the proxy has ended.
        readable, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if readable else b""
        if line:
            return json.loads(line)
        self.process.kill()
        raise DeadlineExceeded(f"the test chain did not start within {START_SECONDS} s (exit code {self.process.wait()})")

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise DeadlineExceeded(f"the test chain did not end within {STOP_SECONDS} s") from None
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- JSON-RPC ---

    def call(self, method, *params):
        """The control port: test_*, and everything anvil can do (anvil_*, evm_*, eth_sendTransaction, …)."""
        return self._post(self.control, method, params)

    def ask(self, method, *params, endpoint=0):
        """One of the network's nodes, as fieldseal would ask it."""
        return self._post(self.rpc[endpoint], method, params)

    def _post(self, url, method, params):
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        post = urllib.request.Request(url, json.dumps(request).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(post, timeout=CALL_SECONDS) as answer:
            body = json.load(answer)
        if "error" in body:
            raise RpcError(method, body["error"])
        return body["result"]

    # --- what a test does to the chain ---

    def fault(self, name, **options):
        """Switches a fault on and returns its id."""
        return self.call("test_setFault", {"name": name, **options})

    def clear(self, which=None):
        """Switches a fault off by its id or name; without either, all."""
        return self.call("test_clearFault", which)

    def mine(self, blocks=1):
        """Mines what the pool holds, then empty blocks; returns the newest {number, hash, timestamp}."""
        return self.call("test_mine", blocks)

    def head(self):
        return self.call("test_head")

    def fund(self, address):
        """Only a network with `gas="market"` needs it."""
        return self.call("test_fund", address)

    def deploy_anchor(self):
        """Deploys deploy/contracts/anchor.json and returns its address."""
        return self.call("test_deployAnchor")["address"]

    def drop(self, transaction_hash):
        return self.call("test_dropTransaction", transaction_hash)

    def reorg(self, depth, transactions=()):
        """Replaces the newest blocks; transactions: (raw hex, block offset) pairs that go into the new ones."""
        return self.call("test_reorg", depth, [list(each) for each in transactions])

    def pin(self, name, contract=None):
        """The chain's entry of a trust file; one more {"contract": …} when there is one."""
        sets = [] if self.mode == "plain" else self.call("test_validatorSets")
        pin = {"id": name, "chain_id": self.chain_id, "mode": self.mode, "validator_sets": sets}
        return pin | ({"contract": contract} if contract else {})

    def write_pin(self, path, name, contract=None):
        """The pin file that `fieldseal target add evm --chain-file` and `trust add-chain` read; returns its path."""
        pin = {"fieldseal": "chain/v1", "chain": self.pin(name, contract), "genesis_hash": self.genesis_hash,
               "block_period_s": 1}
        path = pathlib.Path(path)
        path.write_text(json.dumps(pin, indent=2) + "\n", encoding="utf-8")
        return path


if __name__ == "__main__":
    # By hand: a chain to look at, until Enter or Ctrl-C.
    with Chain(automine=True) as shown:
        print(json.dumps({"rpc": shown.rpc, "control": shown.control, "pin": shown.pin("test")}, indent=2))
        os.read(0, 1)
