# SPDX-License-Identifier: Apache-2.0
"""Documents through a real nginx: who gets a place for them, and what a huge one costs."""
import collections
import contextlib
import itertools
import json
import os
import pathlib
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import hostile_http  # noqa: E402
import process_test  # noqa: E402
from api_office import HOST, ApiNode  # noqa: E402
from nginx_office import Inhabited  # noqa: E402
from nginx_process import Nginx, require_nginx  # noqa: E402
from node_process import Office, wait_until  # noqa: E402

MIB = 1 << 20
GROWTH_BYTES_MAX = 64 * MIB
# FIELDSEAL_HUGE_MIB: how large the document is that goes through nginx. The daemon's own test takes 10 GiB.
HUGE_BYTES = int(os.environ.get("FIELDSEAL_HUGE_MIB", "1024")) * MIB
HUGE_SECONDS = 600
OTHER_CLIENT = "127.0.0.2"
UPLOADS_MAX = 16  # [edge] uploads_max
UPLOADS_PER_ADDRESS = 8
TRICKLE_SECONDS = 0.2


class Strangers:
    """Uploads that nobody let in: each reads its 401 and holds on to the connection, and comes again."""

    def __init__(self, nginx, addresses):
        self._nginx, self._context, self._stop = nginx, nginx.tls(), threading.Event()
        self.refused = collections.Counter()
        self._threads = [threading.Thread(target=self._work, args=(address,), daemon=True)
                         for address in addresses for _ in range(UPLOADS_PER_ADDRESS)]

    def _work(self, address):
        while not self._stop.is_set():
            with contextlib.suppress(OSError), self._nginx.connect(source=address, context=self._context) as client:
                client.sendall(b"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx")
                self.refused[client.recv(300)[9:12].decode()] += 1
                while not self._stop.wait(TRICKLE_SECONDS):
                    client.sendall(b"x")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


class Uploads(Inhabited):
    numbers = itertools.count()

    def setUp(self):
        self.tokens = {name: self.machine(name) for name in self.people}

    def upload(self, source, person="operator"):
        return self.nginx.ask("POST", "/api/v1/documents?name=a", b"a document", self.headers(person), source=source)

    def headers(self, person):
        return {"Authorization": self.tokens[person], "Content-Type": "application/pdf",
                "Idempotency-Key": f"upload-{next(self.numbers)}"}

    def begin_upload(self, source, person):
        client = self.nginx.connect(source=source)
        self.addCleanup(client.close)
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers(person).items())
        client.sendall(f"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\n{lines}"
                       f"Content-Length: {MIB}\r\n\r\nx".encode())
        return client

    def test_strangers_of_many_addresses_leave_room_for_who_may(self):
        addresses = [f"127.0.4.{number}" for number in range(1, 5)]
        with Strangers(self.nginx, addresses) as strangers:
            wait_until(lambda: strangers.refused["401"] >= len(addresses) * UPLOADS_PER_ADDRESS, 30,
                       "twice as many strangers as the node takes uploads")
            statuses = collections.Counter()
            for _ in range(40):
                statuses[self.upload(OTHER_CLIENT)[0]] += 1
        print(f"uploads beside {len(addresses) * UPLOADS_PER_ADDRESS} strangers who hold on: {dict(statuses)}; the "
              f"strangers: {dict(strangers.refused)}", file=sys.stderr)
        self.assertEqual(statuses, {201: 40})

    def test_one_upload_more_than_the_node_takes_is_its_own_answer(self):
        for number, person in enumerate(self.people):
            for _ in range(UPLOADS_MAX // 2):  # nobody gets more
                self.begin_upload(f"127.0.5.{number + 1}", person)
            wait_until(lambda: self.upload(OTHER_CLIENT, person)[0] == 503, 30, f"{person}'s half to be taken")
            if number == 0:
                self.assertEqual(self.upload(OTHER_CLIENT, "approver")[0], 201)
        status, headers, body = self.upload(OTHER_CLIENT)
        self.assertEqual((status, json.loads(body)["code"]), (503, "too-many-uploads"))
        self.assertTrue(headers["Retry-After"])
        self.doCleanups()  # the sockets of the uploads
        wait_until(lambda: self.upload(OTHER_CLIENT)[0] == 201, 30, "a place to be free again")


class HugeUpload(unittest.TestCase):
    def test_a_huge_document_takes_constant_memory(self):
        require_nginx()
        with Office() as office:
            node = office.node()
            api = ApiNode(node)
            node.cli("lan", "init").expect(0)
            machine = api.token(api.session("operator"), {"statement:create"})
            node.unlock()
            with Nginx(node) as nginx:
                memories = [hostile_http.Memory(pid) for pid in [node.process.pid, *nginx.workers()]]
                started = time.monotonic()
                answer = self.upload(nginx, machine)
                seconds = time.monotonic() - started
                growth = sum(memory.growth_bytes() for memory in memories)
                print(f"{HUGE_BYTES / MIB:.0f} MiB through nginx: {seconds:.1f} s, {growth / MIB:.1f} MiB more memory",
                      file=sys.stderr)
                self.assertTrue(answer.startswith(b"HTTP/1.1 201"), answer)
                self.assertLess(growth, GROWTH_BYTES_MAX)

    def upload(self, nginx, machine):
        zeros = bytes(4 * MIB)
        with nginx.connect(seconds=HUGE_SECONDS) as client:
            client.sendall(f"POST /api/v1/documents HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/pdf\r\n"
                           f"Authorization: {machine.headers['Authorization']}\r\nIdempotency-Key: huge\r\n"
                           f"Content-Length: {HUGE_BYTES}\r\n\r\n".encode())
            for _ in range(HUGE_BYTES // len(zeros)):
                client.sendall(zeros)
            return client.recv(65536)


if __name__ == "__main__":
    process_test.main()
