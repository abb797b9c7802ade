# SPDX-License-Identifier: Apache-2.0
"""Real tokens for tests: SoftHSM2, and a TPM 2.0 in software (swtpm) behind its resource manager and tpm2-pkcs11.

    with SoftHsm() as token:                 # or Tpm()
        run([...], env=token.env)            # token.module, token.label, token.pin, token.env

Everything lives in a temporary directory and ends with the `with`. Nothing here needs hardware, root or a
system bus: the TPM talks to tpm2-abrmd on a bus of its own. Python 3.11's standard library only.
"""
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from node_process import _die_with_parent, wait_until

PIN = "987654"
SO_PIN = "12345678"
SOFT_HSM = "/usr/lib/softhsm/libsofthsm2.so"
TPM = "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1"
START_SECONDS = 30.0
TRIES = 5


def missing(*paths):
    """A sentence about what is not installed, or None."""
    gone = [path for path in paths if not (os.path.exists(path) or shutil.which(path))]
    return f"{', '.join(gone)}: not installed; run scripts/setup test" if gone else None


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _bindable(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _two_ports():
    """A free port whose neighbour is free, too: tpm2-tss takes the next one for swtpm's control. Below the kernel's own
    range: there, a connection that polls for a listener may be given the very port it asks for, and keep it."""
    for _ in range(1000):
        port = random.randrange(20000, 32000, 2)
        if _bindable(port) and _bindable(port + 1):
            return port
    raise AssertionError("no two free ports beside one another")


class _Token:
    label = "office"
    pin = PIN

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fs-token-"))
        self.env = dict(os.environ)
        self._processes = []

    def _run(self, *argv):
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"$ {' '.join(argv)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _start(self, *argv):
        with open(self.directory / "processes.log", "ab") as log:
            process = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       preexec_fn=_die_with_parent)
        self._processes.append(process)
        return process

    def close(self):
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SoftHsm(_Token):
    needs = (SOFT_HSM, "softhsm2-util")
    module = SOFT_HSM

    def __init__(self, labels=("office",)):
        super().__init__()
        (self.directory / "tokens").mkdir()
        config = self.directory / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.directory}/tokens\nobjectstore.backend = file\n"
                          "log.level = ERROR\n", encoding="utf-8")
        self.env["SOFTHSM2_CONF"] = str(config)
        for label in labels:
            self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN)


class Tpm(_Token):
    needs = (TPM, "swtpm", "tpm2-abrmd", "tpm2_ptool", "dbus-daemon")
    module = TPM

    def __init__(self):
        super().__init__()
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise

    def _start_all(self):
        state = self.directory / "tpm"
        state.mkdir()
        for _ in range(TRIES):
            port = _two_ports()
            if self._start_swtpm(state, port):
                break
        bus = self.directory / "bus"
        self._start("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={bus}")
        wait_until(bus.exists, START_SECONDS, "the bus")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={bus}"
        self.env["TPM2_PKCS11_STORE"] = str(self.directory / "store")
        self.env["TPM2_PKCS11_TCTI"] = self.env["TPM2TOOLS_TCTI"] = "tabrmd:bus_type=session"
        (self.directory / "store").mkdir(mode=0o700)
        self._start("tpm2-abrmd", "--session", "--allow-root", f"--tcti=swtpm:host=127.0.0.1,port={port}")
        wait_until(self._answers, START_SECONDS, f"the TPM; see {self.directory}/processes.log:\n{self._log()}")
        path = str(self.directory / "store")
        self._run("tpm2_ptool", "init", "--path", path)
        self._run("tpm2_ptool", "addtoken", "--pid=1", "--path", path, f"--label={self.label}", f"--userpin={PIN}",
                  f"--sopin={SO_PIN}")

    def _start_swtpm(self, state, port):
        """False when somebody else took one of the ports meanwhile."""
        swtpm = self._start("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server",
                            f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={port + 1}", "--flags",
                            "not-need-init,startup-clear")
        wait_until(lambda: swtpm.poll() is not None or _listens(port + 1), START_SECONDS, "swtpm")
        return swtpm.poll() is None

    def _log(self):
        return (self.directory / "processes.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def _answers(self):
        started = time.monotonic()
        done = subprocess.run(["tpm2_getcap", "properties-variable"], env=self.env, capture_output=True, check=False,
                              timeout=20)
        return done.returncode == 0 and time.monotonic() - started < 20

    def shorten_lockout(self, seconds):
        """Of the dictionary-attack lockout: how long until the TPM forgets one wrong PIN."""
        self._run("tpm2_dictionarylockout", "--setup-parameters", "--max-tries=3", f"--recovery-time={seconds}",
                  f"--lockout-recovery-time={seconds}")

    def clear_lockout(self):
        self._run("tpm2_dictionarylockout", "--clear-lockout")
