# SPDX-License-Identifier: Apache-2.0
"""Offices and hubs that anchor on a chain: real daemons, a real anvil behind sealing validators.

Each fork and consensus end to end, verified where there is no network; a kill at every place of chain
anchoring; weeks without power; an office behind a hub behind a chain. What must hold each time: every
digest is on the chain in exactly one transaction, and the evidence convinces a stranger.
"""
import glob
import hashlib
import http.client
import json
import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
import test_chain  # noqa: E402
from chain_office import (DEADLINE_S, Regulator, anchor_on, chain_detail, digests_on, pin_file,  # noqa: E402
                          target, wait_anchored, with_other_seals)
from node_process import PASSPHRASE, ROOT, Office, free_port, run, wait_until, write_private  # noqa: E402

EVIDENCE_BYTES_MAX = 6000
DEEP_TREE = 20  # hashes of a path in a log of 2^20 leaves
WEEK_S = 7 * 86400


class ChainCase(unittest.TestCase):
    def setUp(self):
        test_chain.require()
        self.place = Office()
        self.addCleanup(self.place.close)

    def chain(self, **options):
        chain = test_chain.Chain(**options)
        self.addCleanup(chain.stop)
        return chain

    def node(self, name="field", **sections):
        node = self.place.node(name, organisation="ministry.test")
        node.configure({"checkpoint": {"interval_s": 1}, **sections})
        node.start()
        node.unlock()
        return node

    def seal(self, node, name):
        document = self.place.file(name, name.encode())
        node.cli("seal", document).expect(0)
        return document

    def evidence(self, node, document):
        node.cli("evidence", document).expect(0)
        return pathlib.Path(f"{document}.seal")

    def expect_verdict(self, regulator, document, evidence, code=0, reason="ok"):
        report = regulator.verify(document, evidence).expect(code).json()
        self.assertEqual(report["reason"], reason, report)
        return report

    def expect_once_each(self, chain, account, count=None):
        """Exactly one transaction for each digest; `count` of them."""
        digests = digests_on(chain, account)
        self.assertEqual(len(digests), len(set(digests)), "a digest was anchored twice")
        if count is not None:
            self.assertEqual(len(digests), count, digests)
        return digests


def compact(content):
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"


def deepened(content):
    """This evidence as from a log of 2^20 leaves: as long paths and as large numbers."""
    content = json.loads(json.dumps(content))
    for part in [content, *content["status"]]:
        for proof in part["proofs"]:
            proof["hashes"] = ["A" * 44] * DEEP_TREE
            proof["index"] = 2**DEEP_TREE - 1
            origin, _, rest = proof["checkpoint"].split("\n", 2)
            proof["checkpoint"] = f"{origin}\n{2**DEEP_TREE}\n{rest}"
    return content


class EveryFork(ChainCase):
    """Sealed while the chain is away, anchored when it comes back, verified with no network."""

    def run_fork(self, mode, hardfork, **options):
        chain = self.chain(mode=mode, hardfork=hardfork, block_time=1, **options)
        contract = chain.deploy_anchor() if options.get("endpoints") else None
        node = self.node()
        account = anchor_on(chain, node, self.place, contract=contract)
        chain.fault("down")
        document = self.seal(node, f"{mode} {hardfork}.txt")
        wait_until(lambda: target(node).get("error"), DEADLINE_S, "a first try without the chain")
        self.assertEqual(node.status()["state"], "ready")
        chain.clear()
        node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        evidence = self.evidence(node, document)
        regulator = Regulator(self.place, node, chain, contract=contract)
        report = self.expect_verdict(regulator, document, evidence)
        self.assertLessEqual(abs(report["interval"]["not_after_s"] - time.time()), DEADLINE_S)
        node.stop()
        node.cli("check").expect(0)
        self.expect_once_each(chain, account, 1)
        self.expect_small(evidence)
        self.expect_second_opinion(evidence, regulator.trust)
        return evidence

    def expect_second_opinion(self, evidence, trust):
        """Software of others on what this node captured: roots, hashes, sender, seals, short headers."""
        for proof in json.loads(evidence.read_text(encoding="utf-8"))["proofs"]:
            lines = "".join(f"{line}\n" for line in proof["checkpoint"].split("\n")[:3])
            for anchor in proof["anchors"]:
                file = self.place.file("anchor.json", json.dumps(anchor).encode())
                answer = run([ROOT / "scripts/node", ROOT / "tests/interop/js/check_anchor.mjs", file,
                              hashlib.sha256(lines.encode()).hexdigest(), trust]).expect(0).json()
                self.assertEqual((answer["finding"], answer["unconfirmed"]), ("ok", []), answer)
                self.assertTrue(answer["hardened_time"])

    def expect_small(self, evidence):
        """One transaction per block, 4 validators: with the headers that bound its time."""
        content = json.loads(evidence.read_text(encoding="utf-8"))
        self.assertEqual(evidence.read_text(encoding="utf-8"), compact(content))
        self.assertEqual([len(anchor["later"]) for proof in content["proofs"] for anchor in proof["anchors"]], [2])
        deep = len(compact(deepened(content)).encode())
        print(f"{evidence.stat().st_size} bytes; in a log of 2^20 leaves {deep}", end=" ")
        self.assertLessEqual(deep, EVIDENCE_BYTES_MAX)

    def test_qbft_london(self):
        self.run_fork("qbft", "london")

    def test_qbft_shanghai_through_a_contract_and_two_endpoints(self):
        self.run_fork("qbft", "shanghai", endpoints=2)

    def test_qbft_cancun(self):
        self.run_fork("qbft", "cancun")

    def test_qbft_prague_when_all_validators_seal(self):
        self.run_fork("qbft", "prague", seals="all", endpoints=2)

    def test_ibft2_london(self):
        self.run_fork("ibft2", "london")

    def test_ibft2_shanghai(self):
        self.run_fork("ibft2", "shanghai")

    def test_ibft2_cancun_through_a_contract_and_two_endpoints(self):
        self.run_fork("ibft2", "cancun", endpoints=2)

    def test_ibft2_prague(self):
        self.run_fork("ibft2", "prague")


class FloorOfABlock(ChainCase):
    """A block with its quorum of seals is what the next statements refer to: not signed before it."""

    def test_a_statement_after_the_first_anchor_has_the_block_as_its_floor(self):
        chain = self.chain(block_time=1)
        node = self.node()
        account = anchor_on(chain, node, self.place)
        wait_anchored(node)
        node.kill()  # the floor is on the disk
        node.start()
        node.unlock()
        document = self.seal(node, "later.txt")
        node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        evidence = self.evidence(node, document)
        self.assertEqual(set(json.loads(evidence.read_text(encoding="utf-8"))["floor"]), {"chain", "header"})
        interval = self.expect_verdict(Regulator(self.place, node, chain), document, evidence)["interval"]
        self.assertLess(interval["not_before_s"], interval["not_after_s"])
        self.assertLess(time.time() - interval["not_before_s"], 2 * DEADLINE_S)
        self.expect_once_each(chain, account, 2)
        node.stop()
        node.cli("check").expect(0)


class KilledWhileAnchoring(ChainCase):
    """SIGKILL at each place between a checkpoint and its stored anchor, also while a request is out."""
    # The lane is saved when a transaction is signed, sent, mined and final.
    PLACES = [("chain.signed", 1)] + [(place, number) for place in ("chain.before_lane", "chain.lane_saved")
                                      for number in (1, 2, 3, 4)]
    PLACES += [("anchor.before_pieces", 1), ("anchor.pieces_stored", 1)]

    def kill_at(self, node, place, number):
        node.stop()
        node.start(ready=False, env={"FIELDSEAL_CRASH_AT": f"{place}:{number}"})

        def seal_until_gone():
            if node.running():
                try:
                    node.api("POST", "/api/v1/seals/default/unlock", {"passphrase": PASSPHRASE}, seconds=5)
                    node.api("POST", "/api/v1/statements", {"sha256": os.urandom(32).hex()}, seconds=5)
                except (OSError, http.client.HTTPException):
                    pass
            return not node.running()
        wait_until(seal_until_gone, DEADLINE_S, f"the daemon to die at {place}:{number}")
        self.assertEqual(node.wait(), -9)

    def test_every_digest_is_anchored_exactly_once(self):
        chain = self.chain(block_time=1)
        node = self.node()
        account = anchor_on(chain, node, self.place)
        for place, number in self.PLACES:
            with self.subTest(place=place, number=number):
                self.kill_at(node, place, number)
                node.start()
                node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        self.expect_once_each(chain, account)
        node.unlock()
        document = self.seal(node, "after.txt")
        node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        self.expect_verdict(Regulator(self.place, node, chain), document, self.evidence(node, document))
        node.stop()
        node.cli("check").expect(0)
        print(f"{len(self.PLACES)} kills, {len(digests_on(chain, account))} digests, each in one transaction")

    def test_an_answer_that_never_came_costs_no_second_transaction(self):
        chain = self.chain(block_time=1)
        node = self.node()
        account = anchor_on(chain, node, self.place)
        for fault in ("lost_reply", "cut_body", "http_500", "html", "swallow_send"):
            with self.subTest(fault=fault):
                options = {} if fault == "swallow_send" else {"methods": ["eth_sendRawTransaction"]}
                chain.fault(fault, times=1, **options)
                self.seal(node, fault)
                node.kill()
                node.start()
                node.unlock()
                node.cli("sync", "--timeout", DEADLINE_S).expect(0)
                chain.clear()
        self.expect_once_each(chain, account)


class NonceHole(ChainCase):
    """The chain loses a transaction of ours below one that waits: an empty one takes its nonce."""

    def test_what_waits_above_the_hole_is_anchored(self):
        chain = self.chain(mode="plain")
        node = self.node()
        account = anchor_on(chain, node, self.place, "--confirmations", "2")

        def anchored():
            chain.mine(1)
            state = target(node)
            return state["phase"] == "anchored" and state["anchored_size"] == state["wanted_size"]
        wait_until(anchored, DEADLINE_S, "the first checkpoint's anchor")
        [number] = [n for n in range(1, chain.head()["number"] + 1)
                    if chain.ask("eth_getBlockByNumber", hex(n), False)["transactions"]]
        [lost] = chain.ask("eth_getBlockByNumber", hex(number), False)["transactions"]
        self.seal(node, "waits.txt")
        wait_until(lambda: chain.call("txpool_status")["pending"] != "0x0", DEADLINE_S, "the second transaction")
        chain.reorg(chain.head()["number"] - number + 1)
        chain.drop(lost)
        self.assertEqual(chain.ask("eth_getTransactionCount", account, "latest"), "0x0")
        wait_until(anchored, DEADLINE_S, "the second checkpoint's anchor")
        self.assertEqual(chain.ask("eth_getTransactionCount", account, "latest"), "0x2")
        self.assertEqual(len([digest for digest in digests_on(chain, account) if digest]), 1)


class WeeksWithoutPower(ChainCase):
    """A clock that is weeks later when the node comes back; libfaketime keeps the daemon a child of the test."""
    LIBRARY = sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))

    def later(self, weeks):
        return {"LD_PRELOAD": self.LIBRARY[0], "FAKETIME": f"+{weeks * 7}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def begin(self, chain):
        """A node whose transaction is sent and not mined; killed there."""
        node = self.node()
        account = anchor_on(chain, node, self.place)
        document = self.seal(node, "before.txt")
        wait_until(lambda: target(node)["phase"] == "confirming", DEADLINE_S, "a transaction on its way")
        wait_until(lambda: chain.call("txpool_status")["pending"] != "0x0", DEADLINE_S, "it to be in the pool")
        node.kill()
        return node, account, document

    def finish(self, chain, node, account, document):
        """Weeks later: everything is anchored once, and the evidence convinces."""
        node.start(env=self.later(3))
        self.assertGreater(node.status()["clock"]["now_s"], time.time() + 2 * WEEK_S)
        wait_until(lambda: (chain.mine() or True) and target(node)["phase"] == "anchored", DEADLINE_S,
                   f"anchored: {target(node)}")
        self.expect_once_each(chain, account)
        self.expect_verdict(Regulator(self.place, node, chain), document, self.evidence(node, document))

    @unittest.skipUnless(LIBRARY, "Debian's faketime is not installed: scripts/setup test")
    def test_what_was_mined_meanwhile_is_found(self):
        chain = self.chain()
        node, account, document = self.begin(chain)
        chain.mine(3)
        self.finish(chain, node, account, document)

    @unittest.skipUnless(LIBRARY, "Debian's faketime is not installed: scripts/setup test")
    def test_what_the_chain_forgot_is_sent_again_byte_for_byte(self):
        chain = self.chain()
        node, account, document = self.begin(chain)
        pending = next(iter(chain.call("txpool_content")["pending"].values()))
        transaction = next(iter(pending.values()))["hash"]
        self.assertTrue(chain.drop(transaction))
        self.finish(chain, node, account, document)
        sent = [each["hash"] for number in range(1, chain.head()["number"] + 1)
                for each in chain.ask("eth_getBlockByNumber", hex(number), True)["transactions"]]
        self.assertIn(transaction, sent)


class HubBetween(ChainCase):
    """Office → hub → chain: the office has no account, the hub anchors for all."""

    def setUp(self):
        super().setUp()
        self.net = self.chain(block_time=1)
        self.port = free_port()
        self.hub = self.node("hub", hub={"enabled": True}, public={"listen": f"127.0.0.1:{self.port}"})
        self.account = anchor_on(self.net, self.hub, self.place, "--log", "checkpoints")
        self.office = self.node("office")
        info = self.office.cli("--json", "node", "info").expect(0).json()
        at_hub = self.hub.cli("--json", "node", "info").expect(0).json()
        self.hub.cli("hub", "enroll", info["log_vkey"]).expect(0)
        self.office.cli("target", "add", "witness", "--name", "hub", "--url", f"http://127.0.0.1:{self.port}/witness",
                        "--vkey", at_hub["witness_vkey"], "--log-vkey", at_hub["witnessed_log_vkey"]).expect(0)
        self.witness_vkey, self.log_vkey = at_hub["witness_vkey"], at_hub["witnessed_log_vkey"]

    def chained(self, document):
        """Evidence in which the hub's log has reached the chain; asks again, as an office does."""
        evidence = None

        def reached():
            nonlocal evidence
            self.office.cli("sync", "--timeout", DEADLINE_S).expect(0)
            evidence = self.evidence(self.office, document)
            proofs = json.loads(evidence.read_text(encoding="utf-8"))["proofs"]
            return any(logged["anchors"] for proof in proofs for logged in proof["logged"])
        wait_until(reached, DEADLINE_S, "the hub's PROOF to come with the chain's anchor")
        return evidence

    def test_the_office_brings_home_the_hubs_anchor(self):
        document = self.seal(self.office, "permit.txt")
        self.office.cli("sync", "--timeout", DEADLINE_S).expect(0)
        wait_anchored(self.hub)
        evidence = self.chained(document)
        regulator = Regulator(self.place, self.office, self.net)
        report = self.expect_verdict(regulator, document, evidence)
        self.assertIn("evm-tx", {source["basis"] for source in report["interval"]["sources"]}, report)
        # With the hub as a witness too: its word for append-only, the chain's for time.
        for verb, vkey in (("add-witness", self.witness_vkey), ("add-log", self.log_vkey)):
            self.office.cli("trust", verb, "--into", regulator.trust, "--vkey", vkey, "--operator",
                            "archive.test").expect(0)
        regulator.change(policy={"witness_quorum": 1, "time_quorum": 2})
        self.expect_verdict(regulator, document, evidence)
        self.expect_once_each(self.net, self.account)
        for node in (self.office, self.hub):
            node.stop()
            node.cli("check").expect(0)

    def test_a_hub_that_is_killed_loses_no_digest_and_anchors_none_twice(self):
        for number in range(3):
            document = self.seal(self.office, f"{number}.txt")
            self.office.cli("sync", "--timeout", DEADLINE_S).expect(0)
            self.hub.kill()
            self.hub.start()
        wait_anchored(self.hub)
        self.expect_once_each(self.net, self.account)
        self.expect_verdict(Regulator(self.place, self.office, self.net), document, self.chained(document))


    def later_of(self, evidence):
        proofs = json.loads(evidence.read_text(encoding="utf-8"))["proofs"]
        return [anchor.get("later", []) for proof in proofs for logged in proof["logged"] for anchor in logged["anchors"]]

    def test_the_office_asks_again_until_later_blocks_bound_the_time(self):
        self.net.call("evm_setIntervalMining", 0)
        document = self.seal(self.office, "permit.txt")
        self.office.cli("sync", "--timeout", DEADLINE_S).expect(0)

        def anchored():
            if self.net.call("txpool_status")["pending"] != "0x0":
                self.net.mine()  # a block with the hub's transaction, and none after it
            state = target(self.hub)
            return state["phase"] == "anchored" and state["anchored_size"] == state["wanted_size"]
        wait_until(anchored, DEADLINE_S, "the hub to anchor without later blocks")
        evidence = self.chained(document)
        self.assertEqual(self.later_of(evidence), [[]], "an anchor without the headers that bound its time")
        regulator = Regulator(self.place, self.office, self.net)
        report = self.expect_verdict(regulator, document, evidence, 3, "anchor-policy-unmet")
        self.assertEqual(chain_detail(report)["reason"], "chain-time-unhardened", report)
        self.net.mine(4)
        self.hub.cli("sync", "--timeout", DEADLINE_S)

        def hardened():
            self.office.cli("sync", "--timeout", DEADLINE_S)
            return all(self.later_of(self.evidence(self.office, document)))
        wait_until(hardened, DEADLINE_S, "evidence with the later headers")
        self.expect_verdict(regulator, document, evidence)


class Refusals(ChainCase):
    """A network that does not seal as it must, endpoints that are not what the pin says."""
    SEALS = {"too_few_seals": "chain-seals-too-few", "foreign_seal": "chain-seal-foreign",
             "duplicate_seal": "chain-seal-duplicate"}

    def test_a_block_without_its_quorum_is_no_anchor_and_the_next_one_is(self):
        chain = self.chain(block_time=1)
        node = self.node()
        account = anchor_on(chain, node, self.place)
        for fault in self.SEALS:
            with self.subTest(fault=fault):
                chain.fault(fault)
                self.seal(node, fault)
                self.assertEqual(node.cli("sync", "--timeout", 5).code, 4)
                wait_until(lambda: target(node)["phase"] == "misbehaving", DEADLINE_S, f"a complaint: {target(node)}")
                self.assertEqual(node.status()["state"], "ready")
                chain.clear()
                node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        self.expect_once_each(chain, account)

    def test_the_verifier_names_what_is_wrong_with_the_seals(self):
        chain = self.chain(block_time=1)
        node = self.node()
        anchor_on(chain, node, self.place)
        document = self.seal(node, "permit.txt")
        node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        evidence = self.evidence(node, document)
        regulator = Regulator(self.place, node, chain)
        block = chain_detail(self.expect_verdict(regulator, document, evidence))["chain"]["block"]
        for fault, reason in self.SEALS.items():
            changed = with_other_seals(chain, evidence, block, fault)
            report = self.expect_verdict(regulator, document, changed, 3, "anchor-policy-unmet")
            self.assertEqual(chain_detail(report)["reason"], reason, report)
        # As good as the first ones: another quorum of the same validators.
        other = with_other_seals(chain, evidence, block, "different_seals", shift=1)
        self.expect_verdict(regulator, document, other)
        # Pinned validators decide: with one of them exchanged nothing of this chain counts.
        trust = json.loads(regulator.trust.read_text(encoding="utf-8"))
        trust["chains"][0]["validator_sets"][0]["validators"][0] = "0x" + "11" * 20
        regulator.change(chains=trust["chains"])
        report = self.expect_verdict(regulator, document, evidence, 3, "anchor-policy-unmet")
        self.assertEqual(chain_detail(report)["reason"], "chain-set-mismatch", report)

    def test_target_test_asks_each_endpoint_and_sends_nothing(self):
        chain = self.chain(endpoints=2, automine=True)
        node = self.node()
        account = anchor_on(chain, node, self.place, "--fees", "zero")
        wait_until(lambda: chain.mine() and target(node)["phase"] == "anchored", DEADLINE_S, "the first checkpoint")
        before = len(digests_on(chain, account))
        shown = node.cli("target", "test", "chain").expect(0)
        self.assertIn(chain.rpc[1], shown.out)
        answers = node.cli("--json", "target", "test", "chain").expect(0).json()["answers"]
        self.assertEqual({each["url"] for each in answers}, set(chain.rpc))
        for fault, options, code in (("down", {"endpoint": 1}, 2), ("wrong_chain_id", {"chain_id": 7}, 1),
                                     ("wrong_genesis", {}, 1), ("html", {}, 1), ("down", {}, 1)):
            with self.subTest(fault=fault, options=options):
                switched = chain.fault(fault, **options)
                self.assertIn("BAD", node.cli("target", "test", "chain").expect(code).out)
                chain.clear(switched)
        node.cli("target", "test", "nobody").expect(1)
        self.assertEqual(len(digests_on(chain, account)), before)

    def test_an_endpoint_that_demands_authorisation(self):
        chain = self.chain(block_time=1)
        chain.fault("unauthorized", authorization="Bearer right-and-secret")
        secret = self.place.directory / "chain.auth"
        write_private(secret, "Authorization: Bearer wrong-and-secret\n")
        node = self.node()
        account = anchor_on(chain, node, self.place, "--auth-file", secret)
        self.seal(node, "permit.txt")
        wait_until(lambda: "401" in target(node).get("error", ""), DEADLINE_S, f"a refusal: {target(node)}")
        self.assertEqual(target(node)["anchored_size"], 0)
        node.stop()
        write_private(secret, "Authorization: Bearer right-and-secret\n")
        node.start()
        node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        chain.clear()  # this test asks without the header
        self.assertTrue(self.expect_once_each(chain, account))
        # The endpoint echoes what it was sent.
        for text in (node.log_tail(), str(node.status()), node.config_file.read_text(encoding="utf-8")):
            self.assertNotIn("and-secret", text)

    def test_what_cannot_be_is_refused_before_anything_is_kept(self):
        chain = self.chain()
        node = self.node()
        pin = pin_file(chain, self.place)
        add = ["target", "add", "evm", "--name", "chain", "--url", chain.rpc[0], "--chain-file"]
        node.cli(*add, self.place.file("no.json", b"{}")).expect(64)
        node.cli(*add, self.place.directory / "missing.json").expect(66)
        node.cli(*add, pin, "--fees", "some").expect(64)
        node.cli(*add, pin, "--log", "checkpoints").expect(64)  # this node is no hub
        node.cli(*add, pin, "--auth-file", self.place.directory / "missing.auth").expect(1)
        node.cli(*add, pin, "--gas-limit", "1").expect(64)
        self.assertEqual(node.status()["targets"], [])
        kept = [str(path) for path in node.data_dir.rglob("*") if "chain" in path.name]
        self.assertEqual(kept, [], "a pin or a key of a refused target")
        secret = self.place.directory / "chain.auth"
        write_private(secret, "Authorization: Bearer not-to-be-seen\n")
        account = node.cli("--json", *add, pin, "--auth-file", secret).expect(0).json()["account"]
        node.cli(*add, pin).expect(1)  # the name is taken
        node.stop()
        node.start()  # everything is on the disk
        self.assertEqual(target(node)["account"], account)
        self.assertNotIn("not-to-be-seen", node.config_file.read_text(encoding="utf-8") + node.log_tail())


if __name__ == "__main__":
    process_test.main()
