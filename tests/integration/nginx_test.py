# SPDX-License-Identifier: Apache-2.0
"""A real nginx with our site in front of a real daemon: what it lets through and what it refuses."""
import json
import pathlib
import re
import shutil
import socket
import ssl
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from nginx_office import Fronted, Inhabited  # noqa: E402
from nginx_process import Nginx, configure_edge, require_nginx  # noqa: E402
from node_process import Office, free_port, program, run, wait_until  # noqa: E402

MIB = 1 << 20
UPLOAD_BYTES = 64 * MIB
LOGINS_AT_ONCE = 10


class Front(Fronted):
    def test_passes_on_what_is_public(self):
        status, headers, body = self.nginx.ask("GET", "/livez")
        self.assertEqual(status, 200, body)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("Strict-Transport-Security", headers)
        self.assertNotRegex(headers["Server"] or "", r"\d")

    def test_passes_on_the_nodes_own_refusals(self):
        status, headers, body = self.nginx.ask("GET", "/api/v1/status")
        self.assertEqual(status, 401, body)
        self.assertEqual(headers["Content-Type"], "application/problem+json")

    def test_speaks_tls_1_3_only(self):
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.nginx.connect(context=self.nginx.tls(ssl.TLSVersion.TLSv1_2))
        with socket.create_connection(("127.0.0.1", self.nginx.port), 10) as plain:
            plain.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(plain.recv(100).startswith(b"HTTP/1.1 400 "))

    def test_is_believed_only_with_the_nodes_ca_and_by_its_names(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.nginx.connect(context=ssl.create_default_context())
        plain = socket.create_connection(("127.0.0.1", self.nginx.port), 10)
        self.addCleanup(plain.close)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.nginx.tls().wrap_socket(plain, server_hostname="other.example")

    def test_refuses_in_the_form_of_the_nodes_problems(self):
        large = b"x" * (MIB + 1)
        for status, code, request in [
                (421, "wrong-host", ("GET", "/livez", None, {"Host": "evil.example"})),
                (411, "request-refused", ("POST", "/api/v1/verify", iter([b"{}"]), {})),
                (413, "too-large", ("POST", "/api/v1/verify", large, {})),
                (415, "request-refused", ("POST", "/api/v1/verify", b"{}", {"Content-Encoding": "gzip"})),
                (431, "request-refused", ("GET", "/livez", None, {"X-Long": "a" * 9000})),
                (405, "method-not-allowed", ("TRACE", "/livez", None, {})),
        ]:
            with self.subTest(status):
                got, headers, body = self.nginx.ask(*request)
                self.assertEqual(got, status, body)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                problem = json.loads(body)
                self.assertEqual((problem["status"], problem["code"]), (status, code))
                self.assertRegex(problem["request_id"], r"^[0-9a-f]{32}$")

    def test_what_is_no_request_is_refused_in_that_form_too(self):
        get, host = b"GET /livez HTTP/1.1\r\n", b"Host: localhost\r\n"
        for name, status, request in [
                ("no HTTP at all", 400, b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
                ("no Host", 400, get + b"\r\n"),
                ("two Hosts", 400, get + host + host + b"\r\n"),
                ("a Host that is none", 400, get + b"Host: a b\r\n\r\n"),
                ("no Host and an encoding", 400, get + b"Content-Encoding: gzip\r\n\r\n"),
                ("a length that is none", 400, get + host + b"Content-Length: x\r\n\r\n"),
                ("a long line", 414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + host + b"\r\n"),
                ("an encoding of the transfer", 501, get + host + b"Transfer-Encoding: gzip\r\n\r\n"),
                ("another HTTP", 505, b"GET /livez HTTP/9.9\r\n" + host + b"\r\n"),
        ]:
            with self.subTest(name):
                got, headers, body = self.raw(request)
                self.assertEqual(got, status, body)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                problem = json.loads(body)
                self.assertEqual((problem["status"], problem["code"]), (status, "request-refused"))
                self.assertEqual(headers["X-Request-Id"], problem["request_id"])
                self.assertEqual(headers.get_all("X-Content-Type-Options"), ["nosniff"])

    def test_its_own_refusals_are_no_way_round_a_refusal(self):
        for path in ("/fieldseal-refused-400", "/./fieldseal-refused-414", "/fieldseal-refused-999"):
            status, headers, body = self.nginx.ask("GET", path, None, {"Host": "evil.example"})
            self.assertIn(status, (404, 421), body)
            self.assertNotIn("RateLimit", headers)  # the node says that, in all its answers

    def test_passwords_are_taken_slowly(self):
        for number, (method, path) in enumerate([("POST", "/api/v1/session"), ("POST", "/api/v1/session/confirm"),
                                                 ("POST", "/api/v1/pairing"), ("PUT", "/api/v1/account/password")]):
            with self.subTest(path):
                source = f"127.0.3.{number + 1}"
                answers = [self.nginx.ask(method, path, b"{}", {"Content-Type": "application/json"}, source=source)
                           for _ in range(3 * LOGINS_AT_ONCE)]
                statuses = [status for status, _, _ in answers]
                self.assertNotIn(429, statuses[:LOGINS_AT_ONCE])
                self.assertIn(429, statuses)
                _, headers, body = answers[statuses.index(429)]
                self.assertEqual((json.loads(body)["code"], headers["Retry-After"]), ("rate-limited", "2"))
                self.assertEqual(self.status("GET", "/livez", source=source), 200)

    def test_an_upload_has_a_length(self):
        self.assertEqual(self.status("POST", "/api/v1/documents", iter([b"x"])), 411)

    def test_says_when_the_node_is_away(self):
        self.node.stop()
        try:
            status, headers, body = self.nginx.ask("GET", "/livez")
            self.assertEqual(status, 503)
            self.assertEqual(headers["Retry-After"], "2")
            self.assertEqual(json.loads(body)["code"], "unavailable")
        finally:
            self.node.start()

    def test_keeps_query_strings_out_of_its_logs(self):
        self.status("GET", "/livez?name=confidential-contract")
        self.status("GET", "/%00?name=confidential-contract")
        wait_until(lambda: '"path":"/livez"' in self.nginx.access_log.read_text(), 10, "a line of the access log")
        for log in self.nginx.directory.glob("*.log"):
            self.assertNotIn("confidential", log.read_text(), log)
        for line in self.nginx.access_log.read_text().splitlines():
            json.loads(line)


class Forwarded(unittest.TestCase):
    """What reaches the node, seen by a socket in its place."""

    def setUp(self):
        require_nginx()
        self.office = Office()
        self.addCleanup(self.office.close)
        self.node = self.office.node()
        configure_edge(self.node)
        self.node.cli("lan", "init").expect(0)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.node.directory}/edge.sock")
        self.listener.listen(16)
        self.listener.settimeout(30)
        self.addCleanup(self.listener.close)
        self.nginx = Nginx(self.node)
        self.nginx.start()
        self.addCleanup(self.nginx.stop)

    def forwarded(self, request, body=b""):
        """The head that arrives for these bytes of a client."""
        with self.nginx.connect() as client:
            client.sendall(request + body)
            node, _ = self.listener.accept()
            with node:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += node.recv(65536)
                node.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            client.recv(1000)
        lines = head.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        return lines[0], [tuple(line.split(": ", 1)) for line in lines[1:]]

    def test_sets_what_the_node_believes_and_drops_what_a_client_made_up(self):
        line, headers = self.forwarded(
            b"GET /api/v1/statements?limit=5 HTTP/1.1\r\nHost: LocalHost\r\nX-Real-IP: 10.9.9.9\r\n"
            b"X-Forwarded-For: 10.9.9.9\r\nForwarded: for=10.9.9.9\r\nREMOTE_ADDR: 10.9.9.9\r\nLOCAL_ADDR: 10.9.9.9\r\n"
            b"X-Request-Id: short\r\nAuthorization: Bearer fst_x\r\nConnection: keep-alive, X-Real-IP\r\n"
            b"Accept-Encoding: gzip\r\nRange: bytes=0-1\r\n\r\n")
        self.assertEqual(line, "GET /api/v1/statements?limit=5 HTTP/1.1")
        names = [name.lower() for name, _ in headers]
        self.assertEqual(len(names), len(set(names)), headers)
        values = {name.lower(): value for name, value in headers}
        self.assertEqual(values["host"], f"localhost:{self.nginx.port}")
        self.assertEqual(values["x-real-ip"], "127.0.0.1")
        self.assertEqual(values["connection"], "close")
        self.assertEqual(values["authorization"], "Bearer fst_x")
        self.assertRegex(values["x-request-id"], r"^[0-9a-f]{32}$")
        self.assertFalse({"x-forwarded-for", "forwarded", "remote_addr", "local_addr", "accept-encoding", "range"}
                         & set(names))

    def test_keeps_a_request_id_that_can_stand_in_a_log(self):
        _, headers = self.forwarded(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: office-7.0001\r\n\r\n")
        self.assertIn(("X-Request-Id", "office-7.0001"), headers)

    def test_events_are_passed_on_at_once(self):
        with self.nginx.connect() as client:
            client.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            node, _ = self.listener.accept()
            with node:
                node.recv(65536)
                node.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
                client.settimeout(10)
                seen = b""
                for number in range(3):  # each arrives before the next is said
                    event = f"id: {number}\n\n".encode()
                    node.sendall(event)
                    while event not in seen:
                        more = client.recv(4096)
                        self.assertTrue(more, seen)
                        seen += more

    def test_an_upload_streams_and_leaves_no_file(self):
        with self.nginx.connect() as client:
            client.sendall(f"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\n"
                           f"Content-Length: {UPLOAD_BYTES}\r\n\r\nthe first bytes".encode())
            node, _ = self.listener.accept()
            with node:
                seen = b""
                while b"the first bytes" not in seen:  # though 64 MiB less these are still to come
                    more = node.recv(65536)
                    self.assertTrue(more, seen)
                    seen += more
                self.assertIn(f"Content-Length: {UPLOAD_BYTES}".encode(), seen)
                self.assertNotIn(b"chunked", seen)
        self.assertEqual([path for path in self.nginx.directory.glob("temporary*/**/*") if path.is_file()], [])


class NoPlaintextOnDisk(unittest.TestCase):
    """Every file that nginx opens, while documents and orders go through it."""

    def test_nginx_opens_no_file_for_a_body(self):
        require_nginx()
        if not shutil.which("strace"):
            raise unittest.SkipTest("strace is not installed: scripts/setup test")
        with Office() as office:
            node = office.node()
            configure_edge(node)
            node.start()
            node.cli("lan", "init").expect(0)
            nginx = Nginx(node)
            trace = nginx.directory / "trace"
            calls = "trace=open,openat,openat2,creat,rename,renameat,renameat2,link,linkat"
            nginx.start(prefix=("strace", "-f", "-qq", "-e", calls, "-o", trace))
            try:
                self.send_bodies(nginx)
            finally:
                nginx.stop()
            self.judge(trace.read_text(), nginx)

    def send_bodies(self, nginx):
        for path, size in [("/api/v1/statements", MIB), ("/api/v1/verify", MIB - 1), ("/api/v1/statements", 70_000),
                           ("/api/v1/documents", 8 * MIB), ("/api/v1/documents", 100)]:
            try:
                status = nginx.ask("POST", path, b"p" * size, {"Content-Type": "application/octet-stream"})[0]
            except ConnectionError:  # refused before all was sent
                continue
            self.assertIn(status // 100, (2, 4), path)
        with nginx.connect() as client:  # in pieces, slower than nginx reads
            client.sendall(b"POST /api/v1/statements HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(100):
                client.sendall(b"p" * 10_000)
            self.assertIn(b"HTTP/1.1 4", client.recv(100))

    def judge(self, trace, nginx):
        written = set()
        for line in trace.splitlines():
            if re.search(r"O_WRONLY|O_RDWR|creat\(|rename|link", line) and " = -1 " not in line:
                written.update(re.findall(r'"([^"]+)"', line))
        self.assertIn(str(nginx.access_log), written)  # the trace does see what is opened
        allowed = {str(nginx.directory / name) for name in
                   ("error.log", "fieldseal-access.log", "fieldseal-error.log", "nginx.pid")} | {"/dev/null"}
        self.assertEqual(written - allowed, set())


class RemoteCommandLine(Inhabited):
    """`fieldseal --node https://…` as a clerk's computer would run it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = pathlib.Path(cls.office.directory)
        cls.document = directory / "permit.pdf"
        cls.document.write_bytes(b"a permit")
        cls.token_file = directory / "token"
        cls.token_file.touch(mode=0o600)
        cls.token_file.write_text(cls.machine().split()[1] + "\n", encoding="ascii")

    def remote(self, *words, ca_file=None):
        authority = ["--ca-file", ca_file] if ca_file else []
        return run([program(), "--node", f"https://localhost:{self.nginx.port}", "--token-file", self.token_file,
                    *authority, *words])

    def test_seals_and_shows(self):
        sealed = self.remote("--json", "seal", self.document, ca_file=self.nginx.ca_file).expect(0)
        [statement] = json.loads(sealed.out)["sealed"]
        self.remote("show", statement["id"], ca_file=self.nginx.ca_file).expect(0)

    def test_believes_only_the_nodes_authority(self):
        _, stranger = make_machine(pathlib.Path(self.office.directory))
        for ca_file in (stranger, None):  # None: the system's own
            refused = self.remote("seal", self.document, ca_file=ca_file)
            self.assertNotEqual(refused.code, 0)
            self.assertIn("certificate", refused.err)
            self.assertIn("--ca-file", refused.err)


class Machines(Fronted):
    """The port where machines show a certificate of the organisation."""

    @classmethod
    def options_for_site(cls):
        cls.machine_port = free_port()
        cls.certificate, ca_file = make_machine(cls.office.directory)
        cls.stranger, _ = make_machine(cls.office.directory / "field")
        return ("--machine-port", cls.machine_port, "--machine-ca", ca_file)

    def through(self, certificate):
        return self.nginx.ask("GET", "/livez", context=self.nginx.tls(certificate=certificate), port=self.machine_port)

    def test_lets_a_machine_in(self):
        self.assertEqual(self.through(self.certificate)[0], 200)

    def test_refuses_who_has_no_certificate_or_a_strangers(self):
        for certificate in (None, self.stranger):
            status, headers, body = self.through(certificate)
            self.assertEqual(status, 403, body)
            self.assertEqual(headers["Content-Type"], "application/problem+json")

    def test_asks_nobody_for_one_on_the_ordinary_port(self):
        self.assertEqual(self.status("GET", "/livez"), 200)

    def test_is_no_key_of_its_own(self):
        answer = self.nginx.ask("GET", "/api/v1/status", context=self.nginx.tls(certificate=self.certificate),
                                port=self.machine_port)
        self.assertEqual(answer[0], 401)


def make_machine(directory):
    """(a file with key and certificate, the file of the CA that made it), by openssl."""
    place = pathlib.Path(directory)
    ca, key, request, leaf = (place / name for name in ("m-ca.pem", "m-ca-key.pem", "m.csr", "m.pem"))
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(["openssl", "req", "-x509", *new_key, "-keyout", key, "-out", ca, "-subj", "/CN=machines", "-days", "2"]).expect(0)
    run(["openssl", "req", *new_key, "-keyout", leaf, "-out", request, "-subj", "/CN=scanner-1"]).expect(0)
    signed = run(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-days", "2"]).expect(0)
    leaf.write_text(leaf.read_text() + signed.out)
    return leaf, ca


class Organisations(Fronted):
    """With a certificate that browsers believe anyway, the site demands to be asked by TLS for a year."""

    @classmethod
    def prepare_node(cls):
        configure_edge(cls.node)
        key, cls.certificate = cls.office.directory / "o-key.pem", cls.office.directory / "o.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", cls.certificate, "-subj", "/CN=office", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]).expect(0)
        cls.node.cli("lan", "init", "--certificate", cls.certificate, "--key", key).expect(0)

    @classmethod
    def prepare_nginx(cls):
        cls.nginx.ca_file = cls.certificate

    def test_every_answer_says_so(self):
        get = b"GET /livez HTTP/1.1\r\nHost: "
        self.expect(503, get + b"localhost\r\n\r\n")  # no node is started
        self.expect(421, get + b"evil.example\r\n\r\n")
        self.expect(400, get + b"a b\r\n\r\n")
        for _ in range(LOGINS_AT_ONCE + 1):
            self.status("POST", "/api/v1/session", b"{}")
        self.expect(429, b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        self.node.start()
        self.expect(200, get + b"localhost\r\n\r\n")

    def expect(self, status, request):
        got, headers, body = self.raw(request)
        self.assertEqual(got, status, body)
        self.assertEqual(headers.get_all("Strict-Transport-Security"), ["max-age=31536000"], status)
        self.assertEqual(set(headers.get_all("X-Content-Type-Options")), {"nosniff"}, status)


if __name__ == "__main__":
    process_test.main()
