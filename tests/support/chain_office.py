# SPDX-License-Identifier: Apache-2.0
"""An office (or a hub) that anchors on a test chain, and a regulator who pins the chain's validators.

    with test_chain.Chain(block_time=1) as chain, Office() as place:
        node = place.node("field")
        node.start()
        account = anchor_on(chain, node, place)      # `target add evm`; the account's address
        regulator = Regulator(place, node, chain)     # a trust file: this node, this chain, no witnesses
        regulator.verify(document, evidence).expect(0)

Python 3.11's standard library only.
"""
import json
import os
import shutil
import unittest

from node_process import ROOT, run, wait_until

CHAIN_NAME = "registry.test"
DEADLINE_S = 60


def verifier():
    return os.environ.get("FIELDSEAL_VERIFY", str(ROOT / "build/dev/verify/fieldseal-verify"))


def without_network():
    """A prefix that takes every network interface away. Skips the test where this system does not let us."""
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and run([*prefix, "true"]).code == 0:
            return prefix
    raise unittest.SkipTest("no network namespace can be made here: unshare -n and unshare -rn fail")


def pin_file(chain, place, contract=None, name="pin.json"):
    """The pin of a test chain, as its operator would hand it out."""
    pin = {"fieldseal": "chain/v1", "chain": chain.pin(CHAIN_NAME, contract), "genesis_hash": chain.genesis_hash,
           "block_period_s": 1}
    return place.file(name, json.dumps(pin, indent=2).encode())


def anchor_on(chain, node, place, *options, contract=None, name="chain", urls=None):
    """Adds the chain as a target of a running node and returns the account it made."""
    pin = pin_file(chain, place, contract, name=f"{name}.pin.json")
    url_options = [word for url in urls or chain.rpc for word in ("--url", url)]
    added = node.cli("--json", "target", "add", "evm", "--name", name, *url_options, "--chain-file", pin,
                     *options).expect(0)
    return added.json()["account"]


def target(node, name="chain"):
    return next(each for each in node.status()["targets"] if each["name"] == name)


def wait_anchored(node, name="chain", seconds=DEADLINE_S):
    """Until the target holds the newest checkpoint of its log."""
    def anchored():
        state = target(node, name)
        return state["phase"] == "anchored" and state["anchored_size"] == state["wanted_size"] > 0
    wait_until(anchored, seconds, f"{name} to anchor: {target(node, name)}")


def blocks(chain):
    """Every block so far, with whole transactions."""
    newest = chain.head()["number"]
    return [chain.ask("eth_getBlockByNumber", hex(number), True) for number in range(1, newest + 1)]


def digests_on(chain, account):
    """The digests that the account put on the chain, one per transaction, in their order."""
    found = []
    for block in blocks(chain):
        for transaction in block["transactions"]:
            if transaction["from"].lower() != account:
                continue
            data = transaction["input"].removeprefix("0x")
            found.append(data[-64:])
    return found


def chain_detail(report):
    """What the verifier says of the first chain anchor: {reason, message, chain?}."""
    details = [detail for step in report["steps"] for detail in step["details"]]
    return next(each for each in details if "chain" in each or each["reason"].startswith("chain-"))


def with_other_seals(chain, evidence, block, fault, **options):
    """A copy of an evidence file whose header of `block` has the seals a faulty network would show."""
    switched = chain.fault(fault, **options)
    extra = chain.ask("eth_getBlockByNumber", hex(block), False)["extraData"]
    chain.clear(switched)
    changed = evidence.with_suffix(f".{fault}")
    run([ROOT / "scripts/tamper.py", "seals", evidence, changed, extra]).expect(0)
    return changed


class Regulator:
    """Somebody else's trust file: one log, one chain, and how much is asked for."""

    def __init__(self, place, node, chain, *, contract=None, witness_quorum=0, name="trust"):
        self.trust = place.directory / f"{name}.json"
        export = place.directory / f"{name}.export.json"
        node.cli("trust", "export", "--output", export).expect(0)
        node.cli("trust", "merge", "--into", self.trust, "--origin", node.origin, export).expect(0)
        node.cli("trust", "add-chain", "--into", self.trust, "--operator", "registry.test",
                 pin_file(chain, place, contract, name=f"{name}.pin.json")).expect(0)
        self.change(policy={"witness_quorum": witness_quorum, "time_quorum": 1})
        self.prefix = without_network()

    def change(self, **members):
        trust = json.loads(self.trust.read_text(encoding="utf-8"))
        trust.update(members)
        self.trust.write_text(json.dumps(trust), encoding="utf-8")

    def verify(self, document, evidence):
        """With no network interface at all, where this system lets us."""
        return run([*self.prefix, verifier(), document, evidence, "--trust", self.trust, "--json"])
