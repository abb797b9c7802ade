# SPDX-License-Identifier: Apache-2.0
"""Real fieldseal daemons and command lines for tests: start, stop, kill, ask, wait, each with a deadline.

    with Office() as office:                       # a temporary directory; everything in it ends with it
        node = office.node("field")                # `fieldseal init`, not started
        node.configure({"checkpoint": {"interval_s": 1}})
        node.start()                               # returns when the admin socket answers
        node.unlock()
        node.cli("seal", path).expect(0)
        node.kill()                                # SIGKILL; start() again to see what is left

The program under test is the environment variable FIELDSEAL (CMake sets it), or build/dev's. Nothing here
sleeps blindly: wait_until() polls a condition and fails with a sentence when its deadline passes. A daemon
dies with the test that started it (PR_SET_PDEATHSIG), so a crashed test leaves nothing running.
Python 3.11's standard library only.
"""
import ctypes
import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import tomllib

PASSPHRASE = "correct horse battery staple"  # of every test key
START_SECONDS = 30.0
STOP_SECONDS = 30.0
COMMAND_SECONDS = 60.0
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 4000
PR_SET_PDEATHSIG = 1
ROOT = pathlib.Path(__file__).resolve().parents[2]
_LIBC = ctypes.CDLL(None)


def program():
    """The fieldseal executable under test."""
    return os.environ.get("FIELDSEAL", str(ROOT / "build/dev/node/cli/fieldseal"))


class DeadlineExceeded(AssertionError):
    pass


def wait_until(condition, seconds, what):
    """Polls until condition() is true and returns its value; `what` completes "waited 5 s for …"."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise DeadlineExceeded(f"waited {seconds} s for {what}")
        time.sleep(POLL_SECONDS)


def free_port():
    """A loopback TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Finished:
    """A command that ended: its exit code (negative: the signal), what it wrote, and its peak memory."""
    argv: list
    code: int
    out: str
    err: str
    seconds: float
    peak_rss_bytes: int

    def expect(self, *codes):
        if self.code not in codes:
            raise AssertionError(f"exit code {self.code}, expected {' or '.join(map(str, codes))}\n{self}")
        return self

    def json(self):
        """The one JSON document on standard output."""
        return json.loads(self.out)

    def __str__(self):
        return f"$ {' '.join(self.argv)}\n--- out\n{self.out}--- err\n{self.err}--- exit code {self.code}"


def _die_with_parent():
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(argv, *, seconds=COMMAND_SECONDS, stdin=b"", env=None, cwd=None):
    """Runs a command to its end and measures it; kills it and fails when `seconds` have passed."""
    argv = [str(arg) for arg in argv]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        started = time.monotonic()
        process = subprocess.Popen(argv, stdin=given, stdout=out, stderr=err, env=env, cwd=cwd,
                                   preexec_fn=_die_with_parent)
        late = threading.Event()
        timer = threading.Timer(seconds, lambda: (late.set(), process.send_signal(signal.SIGKILL)))
        timer.start()
        # wait4 rather than Popen.wait: it has the peak memory of exactly this child.
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
        finished = Finished(argv, process.returncode, *texts, time.monotonic() - started,
                            usage.ru_maxrss * 1024)
        if late.is_set():
            raise DeadlineExceeded(f"still running after {seconds} s\n{finished}")
        return finished


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, seconds):
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Node:
    """One node: its directory, its fieldseal.toml, its daemon process. Made by Office.node()."""

    def __init__(self, directory, organisation, name):
        self.name = name
        self.origin = f"{organisation}/{name}/1"
        self.directory = directory
        self.data_dir = directory / "data"
        self.config_file = self.data_dir / "fieldseal.toml"
        self.socket = self.data_dir / "admin.sock"
        self.passphrase_file = directory / "passphrase"
        self.recovery_file = directory / "recovery"
        self.log_file = directory / "daemon.log"
        self.process = None
        write_private(self.passphrase_file, PASSPHRASE + "\n")
        self.initialised = self.cli("init", organisation, name, "--passphrase-file", self.passphrase_file,
                                    "--recovery-file", self.recovery_file)

    # --- the command line ---

    def argv(self, *args):
        return [program(), "--data-dir", str(self.data_dir), *map(str, args)]

    def cli(self, *args, **options):
        """Runs `fieldseal --data-dir … ARGS`; options as for run()."""
        return run(self.argv(*args), **options)

    def unlock(self):
        return self.cli("unlock", "--passphrase-file", self.passphrase_file).expect(0)

    # --- the configuration ---

    def configure(self, changes=None, targets=None):
        """Changes fieldseal.toml: {section: {key: value}}, "" for the top; `targets` replaces all [[target]]."""
        config = tomllib.loads(self.config_file.read_text(encoding="utf-8"))
        for section, values in (changes or {}).items():
            (config.setdefault(section, {}) if section else config).update(values)
        if targets is not None:
            config["target"] = targets
        self.config_file.write_text(_toml(config), encoding="utf-8")

    # --- the daemon ---

    def start(self, *, seconds=START_SECONDS, prefix=(), env=None, ready=True):
        """Starts the daemon, behind a `prefix` command that execs it if given; waits until its socket answers."""
        assert self.process is None or self.process.poll() is not None, f"{self.name} is running"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([*map(str, prefix), *self.argv("serve")], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={**os.environ, **(env or {})},
                                            preexec_fn=_die_with_parent)
        if ready:
            wait_until(self._answers, seconds, f"{self.name} to answer; its log ends:\n{self.log_tail()}")
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            answers = self.api("GET", "/api/v1/status", seconds=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False
        # A prefix that forks would leave the daemon behind when the test ends.
        assert not answers or self._listener() == self.process.pid, f"process {self._listener()} answers"
        return answers

    def _listener(self):
        """The process that listens on the admin socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.socket))
            return struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]

    def stop(self, seconds=STOP_SECONDS):
        """SIGTERM and a clean end; returns the exit code."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self, seconds=STOP_SECONDS):
        """SIGKILL: what a power cut does to a process."""
        return self._end(signal.SIGKILL, seconds)

    def _end(self, how, seconds):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(seconds)

    def wait(self, seconds=STOP_SECONDS):
        """Waits for the daemon to end by itself; returns the exit code."""
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise DeadlineExceeded(f"{self.name} did not end within {seconds} s:\n{self.log_tail()}") from None
        self.process = None
        return code

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log_tail(self):
        text = self.log_file.read_bytes() if self.log_file.exists() else b""
        return text[-LOG_TAIL_BYTES:].decode("utf-8", "replace")

    # --- the admin socket ---

    def api(self, method, path, body=None, *, headers=None, seconds=COMMAND_SECONDS):
        """(status, parsed JSON or None) of one request to the admin socket."""
        connection = _UnixConnection(str(self.socket), seconds)
        try:
            headers = dict(headers or {})
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def status(self):
        code, view = self.api("GET", "/api/v1/status")
        assert code == 200, (code, view)
        return view


class Office:
    """A temporary directory and the nodes in it, all ended and removed at the end of the `with`."""

    def __init__(self, parent=None):
        # Short on purpose: a Unix socket's path has at most 107 bytes.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fs-", dir=parent))
        self.nodes = []

    def node(self, name="field", organisation="test.example", directory=None):
        """`fieldseal init` in a directory of its own; not started."""
        place = pathlib.Path(directory or self.directory / name)
        place.mkdir(exist_ok=True)
        node = Node(place, organisation, name)
        node.initialised.expect(0)
        self.nodes.append(node)
        return node

    def file(self, name, content=b"a document\n"):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def close(self):
        for node in self.nodes:
            if node.running():
                node.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def write_private(path, text):
    """A file only its owner may read, as passphrase files must be."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)


def _toml(config):
    """The TOML text of the three shapes fieldseal.toml has: keys, [section], [[list]]."""
    lines = []
    for name, value in config.items():
        if not isinstance(value, (dict, list)):
            lines.append(f"{name} = {_toml_value(value)}")
    for name, value in config.items():
        for block in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
            lines.append(f"\n[[{name}]]" if isinstance(value, list) else f"\n[{name}]")
            lines += [f"{key} = {_toml_value(each)}" for key, each in block.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value)
