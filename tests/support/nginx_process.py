# SPDX-License-Identifier: Apache-2.0
"""A real nginx in front of a real node, as docs/operations/lan.md has it, but unprivileged and on loopback.

    configure_edge(node)                     # [edge]: a Unix socket, and the names below
    node.start()
    node.cli("lan", "init").expect(0)
    with Nginx(node) as nginx:               # the site file of `fieldseal lan site`, in a directory of its own
        nginx.ask("GET", "/livez")

The site is what the program wrote; only the places of its logs and temporary files are moved from /var and
/run into the directory of the test. Nothing of /etc/nginx is read. Python 3.11's standard library only.
"""
import ctypes
import http.client
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import unittest

from node_process import STOP_SECONDS, free_port, wait_until

NAMES = ["localhost", "127.0.0.1"]
WORKERS = 2
ASK_SECONDS = 30.0
START_SECONDS = 15.0
PROGRAM = "/usr/sbin/nginx"
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def require_nginx():
    if not os.access(PROGRAM, os.X_OK):
        raise unittest.SkipTest("nginx is not installed: scripts/setup test")


def configure_edge(node, **edge):
    """[edge] on a socket beside the data directory; the names of the loopback."""
    node.configure({"edge": {"listen": f"unix:{node.directory}/edge.sock", "names": NAMES, **edge}})


def _end_with_parent():
    # SIGTERM, not SIGKILL: the workers end with their master only if it tells them.
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Nginx:
    """nginx with the node's site. `options` go to `fieldseal lan site`."""

    def __init__(self, node, *options, port=None):
        self.node = node
        self.port = port or free_port()
        self.directory = pathlib.Path(node.directory) / "nginx"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir()
        self.ca_file = self.directory / "ca.pem"
        self.site_file = self.directory / "site.conf"
        self.config_file = self.directory / "nginx.conf"
        self.access_log = self.directory / "fieldseal-access.log"
        self.error_log = self.directory / "error.log"
        self.process = None
        self._write(options)

    def _write(self, options):
        site = self.node.cli("lan", "site", "--address", "127.0.0.1", "--port", self.port, *options).expect(0).out
        for there, here in (("/run/nginx-fieldseal", "temporary"), ("/var/log/nginx/", "")):
            assert there in site, f"the site file does not name {there}"
            site = site.replace(there, f"{self.directory}/{here}")
        self.site_file.write_text(site, encoding="utf-8")
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name};\n" if os.geteuid() == 0 else ""
        others = "".join(f"    {kind}_temp_path {self.directory}/{kind};\n" for kind in ("fastcgi", "scgi", "uwsgi"))
        self.config_file.write_text(
            f"{user}worker_processes {WORKERS};\ndaemon off;\npid {self.directory}/nginx.pid;\n"
            f"error_log {self.error_log} warn;\nevents {{ worker_connections 768; }}\n"
            f"http {{\n{others}    include {self.site_file};\n}}\n", encoding="utf-8")
        authority = self.node.cli("lan", "show", "--ca")
        if authority.code == 0:
            self.ca_file.write_text(authority.out, encoding="utf-8")

    # --- the process ---

    def start(self, prefix=()):
        with open(self.error_log, "ab") as log:
            self.process = subprocess.Popen(
                [*map(str, prefix), PROGRAM, "-p", str(self.directory), "-e", str(self.error_log), "-c",
                 str(self.config_file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_end_with_parent)
        wait_until(self._answers, START_SECONDS, f"nginx to listen; its log:\n{self.log()}")
        return self

    def _answers(self):
        assert self.process.poll() is None, f"nginx ended with {self.process.returncode}:\n{self.log()}"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError:
            return False
        return len(self.workers()) >= WORKERS

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                for pid in self.pids():
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        self.process = None

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.stop()

    def workers(self):
        """Their process ids. With a prefix (strace) the master is a grandchild."""
        return [pid for pid in _descendants(self.process.pid) if _title(pid).startswith("nginx: worker")]

    def pids(self):
        return [pid for pid in [self.process.pid, *_descendants(self.process.pid)] if "nginx" in _title(pid)]

    def log(self):
        return self.error_log.read_text(encoding="utf-8") if self.error_log.exists() else ""

    # --- clients ---

    def tls(self, version=ssl.TLSVersion.TLSv1_3, certificate=None):
        """A client that trusts the node's CA, and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = version
        context.load_verify_locations(self.ca_file)
        if certificate:
            context.load_cert_chain(certificate)
        return context

    def connect(self, source="127.0.0.1", *, seconds=ASK_SECONDS, context=None, port=None):
        """A TLS socket from this loopback address: nginx counts its limits by address."""
        plain = socket.create_connection(("127.0.0.1", port or self.port), seconds, source_address=(source, 0))
        # As http.client's own connect() has it: else each body waits for the acknowledgement of its head.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            return (context or self.tls()).wrap_socket(plain, server_hostname="localhost")
        except BaseException:
            plain.close()
            raise

    def ask(self, method, path, body=None, headers=None, **options):
        """(status, headers, body) of one request on a connection of its own."""
        connection = http.client.HTTPSConnection("localhost", options.get("port") or self.port, timeout=ASK_SECONDS)
        connection.sock = self.connect(**options)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def _descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _title(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
