# SPDX-License-Identifier: Apache-2.0
"""Hostile HTTP against a daemon's own listeners, with nothing in front: each probe gets its answer, memory stays
bounded, and an ordinary request works meanwhile and after. Through nginx: tests/integration/nginx_hostile_test.py."""
import http.client
import itertools
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import hostile_http  # noqa: E402
import process_test  # noqa: E402
from api_office import HOST, ApiNode  # noqa: E402
from hostile_http import (HALF_LINES, IDLE, KEPT_ALIVE, MIB, SLOW_BODIES, SLOW_HEADS, SLOW_READERS,  # noqa: E402
                          SLOW_UPLOADS, Crowd, Memory, Target, ordinary, percentile, probes, run)
from node_process import Office, free_port, wait_until  # noqa: E402

GROWTH_BYTES_MAX = 128 * MIB
BACK_SECONDS = 10.0
CROWD = 200
UPLOADS_MAX = 16  # at once, by [edge] uploads_max
FLOOD = 2000
LARGEST_BYTES = 1024 * MIB
CONNECT_SECONDS = 10.0
MEANWHILE_REQUESTS = 50
ORDINARY_SECONDS_MAX = 1.0  # p99 of ordinary requests beside a crowd; a shared machine is slow at times


class Listener:
    """The probes and crowds, for one listener of one daemon. Subclasses say which."""

    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.node = cls.office.node()
        cls.start()
        cls.node.unlock()
        cls.node.cli("seal", cls.office.file("document.txt")).expect(0)
        cls.target = cls.make_target()
        cls.polite = cls.make_polite_target()
        wait_until(lambda: ordinary(cls.polite)[0] == 200, 30, "an ordinary request to be answered")

    @classmethod
    def make_polite_target(cls):
        """Whom ordinary requests are from, where a crowd uses up its own quota."""
        return cls.target

    @classmethod
    def start(cls):
        cls.port = free_port()
        cls.node.configure({"checkpoint": {"interval_s": 1}, **cls.listeners()})
        cls.node.start()

    @classmethod
    def listeners(cls):
        return {}

    @classmethod
    def tcp(cls):
        return socket.create_connection(("127.0.0.1", cls.port), CONNECT_SECONDS)

    def setUp(self):
        self.memory = Memory(self.node.process.pid)

    def tearDown(self):
        self.assertTrue(self.node.running(), f"the daemon ended:\n{self.node.log_tail()}")
        started = time.monotonic()
        wait_until(lambda: ordinary(self.polite, seconds=1)[0] == 200, BACK_SECONDS, "the service to be back")
        back = time.monotonic() - started
        growth = self.memory.growth_bytes()
        print(f"  memory grew {growth / MIB:.1f} MiB, service back after {back:.2f} s")
        self.assertLess(growth, GROWTH_BYTES_MAX)

    def test_every_probe_gets_the_answer_it_must_have(self):
        wrong = []
        for probe in probes(self.target, size=LARGEST_BYTES):
            outcome = run(probe, self.target)
            if outcome.wrong:
                wrong.append(str(outcome))
        self.assertEqual(wrong, [])

    def crowd(self, count, manner):
        """Ordinary requests beside a crowd that trickles all the time."""
        with Crowd(self.target, count, manner) as crowd:
            stop = threading.Event()
            trickling = crowd.trickle_until(stop, 0.2)
            try:
                answers = [ordinary(self.polite) for _ in range(MEANWHILE_REQUESTS)]
            finally:
                stop.set()
                trickling.join()
        seconds = [taken for _, taken in answers]
        print(f"  {len(crowd.members)} of {manner.__name__}: ordinary requests p50 "
              f"{percentile(seconds, 0.5) * 1000:.1f} ms, p99 {percentile(seconds, 0.99) * 1000:.1f} ms")
        self.assertEqual({status for status, _ in answers}, {200})
        self.assertLess(percentile(seconds, 0.99), ORDINARY_SECONDS_MAX)

    def test_slow_heads_keep_nobody_waiting(self):
        self.crowd(CROWD, SLOW_HEADS)

    def test_half_request_lines_keep_nobody_waiting(self):
        self.crowd(CROWD, HALF_LINES)

    def test_slow_bodies_keep_nobody_waiting(self):
        self.crowd(CROWD, SLOW_BODIES)

    def test_uploads_that_are_none_keep_nobody_waiting(self):
        self.crowd(CROWD, SLOW_UPLOADS)

    def test_peers_that_read_nothing_keep_nobody_waiting(self):
        self.crowd(CROWD, SLOW_READERS)

    def test_connections_that_were_kept_keep_nobody_waiting(self):
        self.crowd(CROWD, KEPT_ALIVE)

    def test_two_thousand_connections_keep_nobody_waiting(self):
        self.crowd(FLOOD, IDLE)

    def test_a_slow_head_is_ended(self):
        with Crowd(self.target, 20, SLOW_HEADS) as crowd:
            def all_ended():
                crowd.trickle()
                return crowd.ended() == len(crowd.members)
            wait_until(all_ended, 15, "slow heads to be ended")


class PublicListener(Listener, unittest.TestCase):
    @classmethod
    def listeners(cls):
        return {"public": {"listen": f"127.0.0.1:{cls.port}"}}

    @classmethod
    def make_target(cls):
        return Target(cls.tcp, get="/log/checkpoint", post="/log/nothing-is-here")


class AdminSocket(Listener, unittest.TestCase):
    """The routes that read JSON and seal."""

    @classmethod
    def make_target(cls):
        return Target(cls.unix, get="/api/v1/node", post="/api/v1/statements")

    @classmethod
    def unix(cls):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(str(cls.node.socket))
        return connection

    def test_nothing_was_sealed_by_any_of_it(self):
        for probe in probes(self.target, size=MIB):
            run(probe, self.target)
        self.assertEqual(len(self.node.cli("--json", "list").expect(0).json()["statements"]), 1)

    def test_a_refusal_says_what_to_do(self):
        connection = http.client.HTTPConnection("localhost", timeout=CONNECT_SECONDS)
        connection.sock = self.unix()
        connection.putrequest("POST", "/api/v1/statements")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        self.assertEqual(response.status, 411)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        self.assertIn("send the body with a Content-Length", text)
        self.assertIn(response.headers["X-Request-Id"], text)


class EdgeListener(Listener, unittest.TestCase):
    """Everything below is asked with a token that may seal: the gate alone refuses nothing of it."""

    @classmethod
    def start(cls):
        cls.api = ApiNode(cls.node, {"checkpoint": {"interval_s": 1}})
        cls.port = cls.api.port

    @classmethod
    def make_target(cls):
        return cls.target_of(cls.machine())

    @classmethod
    def make_polite_target(cls):
        cls.polite_machine = cls.machine()
        return cls.target_of(cls.polite_machine)

    @classmethod
    def machine(cls):
        return cls.api.token(cls.api.session("operator"), {"node:read", "statement:create", "statement:read"})

    @classmethod
    def target_of(cls, machine):
        headers = f"Authorization: {machine.headers['Authorization']}\r\n".encode()
        return Target(cls.tcp, host=HOST, get="/api/v1/node", post="/api/v1/statements", headers=headers)

    def sealed(self):
        return len(self.api.ask("GET", "/api/v1/statements", by=self.polite_machine).expect(200).json()["items"])

    def ask_upload(self, body):
        return self.api.ask("POST", "/api/v1/documents?name=a", body, by=self.polite_machine,
                            headers={"Idempotency-Key": f"hostile-{time.monotonic_ns()}"})

    @staticmethod
    def upload_head(target, size):
        return target.head("POST", "/api/v1/documents?name=slow", b"Content-Length: %d" % size,
                                b"Idempotency-Key: hostile-%d" % time.monotonic_ns())

    def test_no_malformed_order_seals(self):
        digest = b'"sha256":"' + b"00" * 32 + b'"'
        before = self.sealed()
        for body in [b"{" + digest + b',"subject":' + b"[" * 30000 + b"]" * 30000 + b"}",
                     b'{"subject":' * 5000 + b"1" + b"}" * 5000,
                     b"{" + digest + b"," + digest + b"}",
                     b"{" + digest + b',"sha\u003256":"' + b"11" * 32 + b'"}',
                     b"{" + digest + b',"nobody_knows_this":1}',
                     b"{" + digest + b',"size":1e400}',
                     b"{" + digest + b"}{" + digest + b"}"]:
            answer = self.api.ask("POST", "/api/v1/statements", body, by=self.polite_machine,
                                  headers={"Idempotency-Key": "hostile-order", "Content-Type": "application/json"})
            self.assertEqual(answer.status, 400, f"{body[:100]}: {answer.body[:300]}")
        self.assertEqual(self.sealed(), before)

    def test_a_gibibyte_that_is_declared_and_cut_seals_nothing(self):
        before = self.sealed()
        with self.tcp() as connection:
            connection.sendall(self.upload_head(self.target, LARGEST_BYTES - 1))
            for _ in range(64):
                connection.sendall(b"a" * MIB)
        self.ask_upload(b"after the cut").expect(201)
        self.assertEqual(self.sealed(), before + 1)

    def test_slow_uploads_fill_their_own_places_and_lose_them(self):
        # With a token of its own: the crowds before it may have used up the rate of theirs.
        target = self.target_of(self.machine())
        places = 0

        def manner(target):
            nonlocal places
            places += 1
            return itertools.chain([self.upload_head(target, MIB + places)], itertools.repeat(b"a"))
        with Crowd(target, CROWD, manner) as crowd:
            # Who asks before the crowd is through takes one of the places himself.
            wait_until(lambda: crowd.ended() >= CROWD - UPLOADS_MAX, 30, "all places to be taken")
            self.ask_upload(b"one too many").expect(503)
            self.assertEqual(ordinary(self.polite)[0], 200)

            def all_ended():
                crowd.trickle()
                return crowd.ended() == len(crowd.members)
            wait_until(all_ended, 60, "uploads slower than a machine to be ended")
        self.ask_upload(b"after the crowd").expect(201)


if __name__ == "__main__":
    process_test.main()
