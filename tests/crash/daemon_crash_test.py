# SPDX-License-Identifier: Apache-2.0
"""Real daemons under load, killed at random and at the places of anchoring, and on a disk that fails.

What must hold after each: every acknowledged statement is there once at its index, an order sent again
under its key is one statement, the root recomputes from the entries, everything gets anchored, no alarm.
FIELDSEAL_CRASH_SEED repeats a run, FIELDSEAL_DAEMON_CYCLES is the number of random kills (20).
"""
import base64
import collections
import hashlib
import http.client
import itertools
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node_process import PASSPHRASE, Office, free_port, wait_until  # noqa: E402

DEADLINE_S = 60
CLIENTS = 4
CYCLES = int(os.environ.get("FIELDSEAL_DAEMON_CYCLES", "20"))
SEED = int(os.environ.get("FIELDSEAL_CRASH_SEED", random.SystemRandom().randrange(2**32)))
KILL_AFTER_ORDERS_MAX = 60
FATAL_EXIT_CODE = 70  # node/daemon.h
STATEMENTS = "/api/v1/statements"
TILE_WIDTH = 256


def rfc6962_root(entries):
    """RFC 6962 section 2.1, by its definition."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + rfc6962_root(entries[:split]) + rfc6962_root(entries[split:])).digest()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, (path, response.status, body)
        return body
    finally:
        connection.close()


class Pair:
    """An office that anchors at a hub, both running and unlocked."""

    def __init__(self, place):
        self.office = place.node("field", organisation="ministry.example")
        self.hub = place.node("hub", organisation="archive.example")
        self.port, self.hub_port = free_port(), free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.hub_port}"}, "hub": {"enabled": True}})
        self.office.configure({"public": {"listen": f"127.0.0.1:{self.port}"},
                               "checkpoint": {"entries_max": 8, "interval_s": 1}})
        self.start()
        info, at_hub = self.office.api("GET", "/api/v1/node")[1], self.hub.api("GET", "/api/v1/node")[1]
        vkey = place.file("office.vkey", (info["log_vkey"] + "\n").encode())
        witness = place.file("hub.vkey", (at_hub["witness_vkey"] + "\n").encode())
        log = place.file("hub-log.vkey", (at_hub["witnessed_log_vkey"] + "\n").encode())
        self.hub.cli("hub", "enroll", vkey).expect(0)
        self.office.cli("target", "add", "witness", "--name", "hub", "--url",
                        f"http://127.0.0.1:{self.hub_port}/witness", "--vkey-file", witness,
                        "--log-vkey-file", log).expect(0)

    def start(self):
        if not self.hub.running():
            self.hub.start()
        if not self.office.running():
            self.office.start()
            unlock(self.office)


def unlock(node):
    """Over the socket: the command line would be a process more."""
    code, answer = node.api("POST", "/api/v1/seals/default/unlock", {"passphrase": PASSPHRASE})
    assert code == 204, (code, answer)


def unlock_or_gone(node):
    """On a disk that fails: the audit's note of it may be the write that ends the daemon."""
    try:
        code, answer = node.api("POST", "/api/v1/seals/default/unlock", {"passphrase": PASSPHRASE})
    except (OSError, http.client.HTTPException):
        return
    assert code == 204 or (code, answer["code"]) in ((503, "io"), (507, "storage-full")), (code, answer)


def came_up(node, env):
    """Starts a daemon that may end at any moment; whether it answered before it did."""
    def answers():
        try:
            return node.api("GET", "/api/v1/status", seconds=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False
    node.start(ready=False, env=env)
    return wait_until(lambda: "up" if answers() else not node.running() and "gone", DEADLINE_S, "an answer") == "up"


class Ledger:
    """What the clients know; survives the daemons because it is in the test."""

    def __init__(self):
        self.lock = threading.Lock()
        self.numbers = itertools.count()
        self.orders = {}  # document -> idempotency key or None
        self.acknowledged = {}  # document -> (id, index)

    def order(self):
        with self.lock:
            number = next(self.numbers)
            document = f"document {number}"
            self.orders[document] = f"key-{number}" if number % 2 else None
            return document

    def send(self, node, document):
        """Sends an order; its answer's code, or None when the daemon went away before it came."""
        key = self.orders[document]
        try:
            code, answer = node.api("POST", STATEMENTS, {"sha256": hashlib.sha256(document.encode()).hexdigest()},
                                    headers={"Idempotency-Key": key} if key else {})
        except (OSError, http.client.HTTPException):
            return None
        if code in (200, 201):
            receipt = (answer["id"], answer["index"])
            with self.lock:
                before = self.acknowledged.setdefault(document, receipt)
            assert before == receipt, (document, before, receipt)
        return code

    def seal_until_gone(self, node, enough=None):
        """One client: one order after the other, until no answer comes or `enough` is set."""
        while not (enough and enough.is_set()):
            code = self.send(node, self.order())
            if code not in (200, 201):
                return

    def retry(self, node):
        """Everything under a key that had no answer, once more."""
        for document, key in self.orders.items():
            if key and document not in self.acknowledged:
                assert self.send(node, document) in (200, 201), document

    def judge(self, node):
        """The statements of the node against what we know; returns how many there are."""
        statements, before = [], None
        while before is None or before > 0:
            path = f"{STATEMENTS}?limit=1000" + (f"&before={before}" if before is not None else "")
            page = node.api("GET", path)[1]["statements"]
            if not page:
                break
            statements += page
            before = page[-1]["index"]
        by_digest = {hashlib.sha256(document.encode()).hexdigest(): document for document in self.orders}
        found = collections.Counter()
        for each in statements:
            if each["kind"] != "statement":
                continue
            document = by_digest[each["document"]["sha256"]]  # nothing that nobody ordered
            found[document] += 1
            if document in self.acknowledged:
                assert self.acknowledged[document] == (each["id"], each["index"]), each
        twice = [document for document, count in found.items() if count != 1]
        lost = set(self.acknowledged) - set(found)
        indexes = [each["index"] for each in statements]
        assert not twice and not lost, (twice, lost)
        assert len(set(indexes)) == len(indexes), "an index was used twice"
        return len(found)


class DaemonCase(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.ledger = Ledger()

    def load(self, node, **options):
        threads = [threading.Thread(target=self.ledger.seal_until_gone, args=(node,), kwargs=options)
                   for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        return threads

    def expect_anchored(self, pair):
        """All that is sealed gets anchored; the public log's root is the one of its entries."""
        pair.office.api("POST", "/api/v1/sync", {})
        wait_until(lambda: self.is_anchored(pair.office), DEADLINE_S, f"anchored: {pair.office.status()}")
        checkpoint = get(pair.port, "/log/checkpoint").decode().split("\n")
        size, root = int(checkpoint[1]), base64.b64decode(checkpoint[2])
        entries = []
        for tile in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
            width = min(TILE_WIDTH, size - tile * TILE_WIDTH)
            path = f"/log/tile/entries/{tile:03d}" + (f".p/{width}" if width < TILE_WIDTH else "")
            bundle = get(pair.port, path)
            # C2SP tlog-tiles: each entry has its length, 32, in two bytes before it.
            entries += [bundle[at + 2:at + 34] for at in range(0, len(bundle), 34)]
        self.assertEqual(len(entries), size)
        self.assertEqual(len(set(entries)), size, "an entry is in the log twice")
        self.assertEqual(rfc6962_root(entries), root)
        for statement, index in self.ledger.acknowledged.values():
            if index < size:
                self.assertEqual(entries[index].hex(), statement)

    def is_anchored(self, node):
        status = node.status()
        self.assertEqual(status["state"], "ready", status)
        target = status["targets"][0]
        return target["phase"] == "anchored" and target["anchored_size"] == status["log"]["size"]


class KilledAtRandom(DaemonCase):
    def test_kill_9_under_load_loses_nothing(self):
        chance = random.Random(SEED)
        pair = Pair(self.place)
        for cycle in range(CYCLES):
            with self.subTest(cycle=cycle, seed=SEED):
                # Counted in acknowledgements, so a slow machine is killed as often in mid-work.
                kill_after = len(self.ledger.acknowledged) + chance.randrange(1, KILL_AFTER_ORDERS_MAX)
                clients = self.load(pair.office)
                wait_until(lambda: len(self.ledger.acknowledged) >= kill_after, DEADLINE_S, "orders carried out")
                if chance.random() < 0.3:
                    pair.hub.kill()
                pair.office.kill()
                for client in clients:
                    client.join()
                pair.start()
                self.ledger.judge(pair.office)
                self.ledger.retry(pair.office)
                self.ledger.judge(pair.office)
        self.expect_anchored(pair)
        print(f"{CYCLES} kills at random, seed {SEED}: {len(self.ledger.orders)} orders, "
              f"{len(self.ledger.acknowledged)} acknowledged, {self.ledger.judge(pair.office)} statements")


class KilledWhileAnchoring(DaemonCase):
    PLACES = [("office", "anchor.before_pieces"), ("office", "anchor.pieces_stored"),
              ("office", "checkpoint.signed"), ("hub", "hub.before_cosign"), ("hub", "checkpoint.signed")]
    PASSES = 2

    def test_the_outbox_goes_on_where_it_was(self):
        pair = Pair(self.place)
        for who, place in self.PLACES:
            victim = pair.office if who == "office" else pair.hub
            for number in range(1, self.PASSES + 1):
                with self.subTest(who=who, place=place, number=number):
                    victim.stop()
                    up = came_up(victim, {"FIELDSEAL_CRASH_AT": f"{place}:{number}"})
                    if up and victim is pair.office:  # if not, it owed something and died of it
                        unlock_or_gone(victim)
                    enough = threading.Event()
                    clients = self.load(pair.office, enough=enough)
                    self.assertEqual(victim.wait(DEADLINE_S), -9)
                    enough.set()
                    for client in clients:
                        client.join()
                    pair.start()
                    self.ledger.retry(pair.office)
                    self.ledger.judge(pair.office)
            self.expect_anchored(pair)
        print(f"{len(self.PLACES) * self.PASSES} kills while anchoring, {len(self.ledger.acknowledged)} "
              "acknowledged, all anchored")


class FailingDisk(DaemonCase):
    """The k-th call on a file fails and later ones succeed: the daemon must not have gone on."""
    FAILURES = [("sync", "EIO", "/data/db"), ("write", "ENOSPC", "/data/db"), ("write", "SHORT", "/data/db"),
                ("sync", "EIO", "/data/tail.pin"), ("write", "EIO", "/data/tail.pin")]
    CALLS = [1, 2, 3, 4, 6, 9, 13, 18, 25, 40]
    ORDERS = 24  # of a run whose disk holds

    def test_the_daemon_ends_and_loses_nothing(self):
        node = self.place.node()
        node.configure({"checkpoint": {"entries_max": 8}})
        failed = 0
        for call, error, path in self.FAILURES:
            for k in self.CALLS:
                with self.subTest(call=call, error=error, path=path, k=k):
                    came_through = self.run_on_failing_disk(node, f"{call}:{k}:{error}", path)
                    failed += not came_through
                    node.start()
                    unlock(node)
                    self.ledger.retry(node)
                    self.ledger.judge(node)
                    self.assertEqual(node.stop(), 0)
                if came_through:
                    break
        self.assertGreater(failed, 2 * len(self.FAILURES))
        print(f"{failed} failed calls, {len(self.ledger.acknowledged)} acknowledged, none lost")

    def run_on_failing_disk(self, node, plan, path):
        """Seals until the daemon is gone, or ORDERS are done; returns whether nothing failed."""
        node.log_file.write_bytes(b"")
        up = came_up(node, {"LD_PRELOAD": os.environ["FIELDSEAL_FAILING_IO"], "FIELDSEAL_FAIL": plan,
                            "FIELDSEAL_FAIL_PATH": path})
        if up:
            unlock_or_gone(node)
            for _ in range(self.ORDERS):
                if self.ledger.send(node, self.ledger.order()) not in (200, 201):
                    break
            log = node.log_file.read_bytes()
            if node.running() and b"failing_io: " not in log:
                node.kill()
                return True
            if node.running() and b"giving up the ballast file" in log:
                # Full while it opened: it made room, and the disk has held since. Nothing may be lost either way.
                node.kill()
                return False
        code = node.wait(DEADLINE_S)
        log = node.log_tail()
        self.assertIn("failing_io: ", log)
        self.assertNotIn("sync again", log)
        # While opening it is an ordinary refusal to start, with its sentence.
        self.assertIn(code, (FATAL_EXIT_CODE,) if up else (FATAL_EXIT_CODE, 1, 7), log)
        return False


class InitOnAFailingDisk(unittest.TestCase):
    """No file of the keys is named before its content is on the disk."""
    FILES = ["log.key", "status.key", "pin.key", "witness.key", "witnessed-log.key", "machine.secret"]

    def test_a_key_file_that_cannot_be_synced_ends_init_with_a_sentence(self):
        for name in self.FILES:
            with self.subTest(name=name), tempfile.TemporaryDirectory() as directory:
                place = pathlib.Path(directory)
                passphrase = place / "passphrase"
                passphrase.write_text(PASSPHRASE + "\n")
                passphrase.chmod(0o600)
                environment = {**os.environ, "LD_PRELOAD": os.environ["FIELDSEAL_FAILING_IO"],
                               "FIELDSEAL_FAIL": "sync:1:EIO", "FIELDSEAL_FAIL_PATH": f"/keys/.{name}.new"}
                ended = subprocess.run([os.environ["FIELDSEAL"], "--data-dir", str(place / "data"), "init",
                                        "ministry.example", "field", "--passphrase-file", str(passphrase),
                                        "--recovery-file", str(place / "recovery")],
                                       env=environment, capture_output=True, text=True, timeout=DEADLINE_S)
                self.assertIn("failing_io: sync ", ended.stderr)
                self.assertNotIn("sync again", ended.stderr)
                self.assertNotEqual(ended.returncode, 0, ended.stderr)
                self.assertRegex(ended.stderr, r"sync .*Input/output error")
                self.assertFalse((place / "data/keys" / name).exists())


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
