# SPDX-License-Identifier: Apache-2.0
"""The care of keys on real daemons: passphrases, recovery codes, the lockout, and that no secret stays anywhere.

The memory of a daemon is read through /proc, as a thief with the machine would: that needs root.
"""
import base64
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import ROOT, PASSPHRASE, Office, free_port, program, run, wait_until, write_private  # noqa: E402

DEADLINE_S = 60
WRONG = "wrong horse battery staple"
NEW = "another horse of another colour"
CHUNK_BYTES = 1 << 22
LIFE_S = 15  # of a certificate that is to end soon


class KeysCase(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.node = self.place.node()

    def secret_file(self, name, text):
        path = self.place.directory / name
        write_private(path, text + "\n")
        return path

    def unlock(self, passphrase):
        """(status, code or None) of an order to unlock; (None, None) when the daemon went away instead."""
        try:
            status, answer = self.node.api("POST", "/api/v1/seals/default/unlock", {"passphrase": passphrase})
        except (OSError, http.client.HTTPException):
            return None, None
        return status, answer


class Passphrases(KeysCase):
    def test_a_passphrase_is_changed_and_the_former_one_is_over(self):
        node = self.node
        node.start()
        new = self.secret_file("new", NEW)
        changed = node.cli("--json", "seal-key", "passphrase", "default", "--passphrase-file", node.passphrase_file,
                           "--new-passphrase-file", new).expect(0).json()
        self.assertEqual(changed["seal"], "default")
        self.assertEqual(self.unlock(PASSPHRASE)[0], 403)
        self.assertEqual(self.unlock(NEW)[0], 204)
        node.cli("seal-key", "test", "default").expect(0)
        node.cli("lock").expect(0)
        self.assertIn("locked", node.cli("seal-key", "test", "default").expect(5).err)
        self.assertIn("wrong passphrase", node.cli("seal-key", "passphrase", "default", "--passphrase-file",
                                                   node.passphrase_file, "--new-passphrase-file", new).expect(77).err)
        audit = node.cli("audit").expect(0).out
        for word in ("seal-passphrase", "seal-test"):
            self.assertIn(word, audit)

    def test_a_recovery_code_gives_a_passphrase_back_and_is_renewed(self):
        node = self.node
        node.start()
        new = self.secret_file("new", NEW)
        node.cli("seal-key", "passphrase", "default", "--recovery-code", "--passphrase-file", node.recovery_file,
                 "--new-passphrase-file", new).expect(0)
        self.assertEqual(self.unlock(NEW)[0], 204)
        fresh = self.place.directory / "fresh-code"
        node.cli("seal-key", "recovery-code", "default", "--passphrase-file", new, "-o", fresh).expect(0)
        self.assertEqual(fresh.stat().st_mode & 0o777, 0o600)
        self.assertRegex(fresh.read_text(), r"^FSR1(-[0-9A-Z]{4}){14}\n$")
        old = self.secret_file("old", PASSPHRASE)
        refused = node.cli("seal-key", "passphrase", "default", "--recovery-code", "--passphrase-file",
                           node.recovery_file, "--new-passphrase-file", old).expect(77)
        self.assertIn("wrong recovery code", refused.err)
        node.cli("seal-key", "passphrase", "default", "--recovery-code", "--passphrase-file", fresh,
                 "--new-passphrase-file", old).expect(0)
        self.assertEqual(self.unlock(PASSPHRASE)[0], 204)

    def test_a_recovery_code_is_never_written_over_a_file_or_into_a_pipe(self):
        node = self.node
        node.start()
        taken = self.place.file("taken", b"mine")
        node.cli("seal-key", "recovery-code", "default", "--passphrase-file", node.passphrase_file,
                 "-o", taken).expect(1)
        self.assertEqual(taken.read_bytes(), b"mine")
        self.assertIn("shown once", node.cli("seal-key", "recovery-code", "default", "--passphrase-file",
                                             node.passphrase_file).expect(64).err)
        node.cli("seal-key", "passphrase", "default", "--recovery-code", "--passphrase-file", node.recovery_file,
                 "--new-passphrase-file", self.secret_file("new", NEW)).expect(0)  # the first code still works

    def test_a_key_that_was_made_to_stay_is_not_exported(self):
        node = self.node
        node.start()
        refused = node.cli("seal-key", "export", "default", "--passphrase-file", node.passphrase_file, "--plain",
                           "-o", self.place.directory / "out.pem").expect(77)
        self.assertIn("--exportable", refused.err)
        self.assertFalse((self.place.directory / "out.pem").exists())

    def test_a_key_that_was_made_exportable_is_exported(self):
        node = self.node
        node.start()
        node.cli("seal-key", "create", "roaming", "--exportable", "--suite", "ES256", "--passphrase-file",
                 node.passphrase_file).expect(0)
        out = self.place.directory / "out.pem"
        node.cli("seal-key", "export", "roaming", "--passphrase-file", node.passphrase_file, "--plain", "-o",
                 out).expect(0)
        public = self.place.directory / "public.der"
        run(["openssl", "pkey", "-in", out, "-pubout", "-outform", "DER", "-out", public]).expect(0)
        shown = node.cli("--json", "seal-key", "show", "roaming").expect(0).json()
        self.assertEqual(base64.b64decode(shown["key"]), public.read_bytes())


class Lockout(KeysCase):
    def test_a_power_cut_between_attempt_and_answer_gives_no_free_guess(self):
        node = self.node
        for guess in range(5):
            node.start(env={"FIELDSEAL_CRASH_AT": "custody.attempt_written"})
            self.assertEqual(self.unlock(WRONG), (None, None), guess)
            self.assertEqual(node.wait(), -signal.SIGKILL)
        node.start()
        # Five counted, none answered: the sixth has to wait, however right it is.
        status, answer = self.unlock(PASSPHRASE)
        self.assertEqual((status, answer["code"]), (429, "rate-limited"))
        left = re.search(r"^5 wrong passphrases in a row: wait (\d+) s$", answer["detail"])
        self.assertTrue(left, answer)
        self.assertLessEqual(int(left.group(1)), 10)
        self.assertRegex(node.cli("unlock", "--passphrase-file", node.passphrase_file).expect(77).err, r"wait \d+ s")
        wait_until(lambda: self.unlock(PASSPHRASE)[0] == 204, DEADLINE_S, "the wait to be over")
        # A success forgets the failures.
        self.assertEqual(self.unlock(WRONG)[0], 403)
        self.assertEqual(self.unlock(PASSPHRASE)[0], 204)

    def test_a_power_cut_after_a_right_guess_costs_one_try(self):
        node = self.node
        node.start(env={"FIELDSEAL_CRASH_AT": "custody.secret_tried"})
        self.assertEqual(self.unlock(PASSPHRASE), (None, None))
        self.assertEqual(node.wait(), -signal.SIGKILL)
        node.start()
        self.assertEqual(self.unlock(PASSPHRASE)[0], 204)


class Memory:
    """What a process has in its memory, and in which mapping."""

    def __init__(self, pid):
        self.pid = pid

    def mappings(self):
        """(begin, end, flags) of each readable mapping."""
        found = []
        for line in pathlib.Path(f"/proc/{self.pid}/smaps").read_text(encoding="utf-8").splitlines():
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
            if head:
                found.append([int(head.group(1), 16), int(head.group(2), 16), head.group(3), ()])
            elif line.startswith("VmFlags:"):
                found[-1][3] = tuple(line.split()[1:])
        return [each for each in found if each[2].startswith("r")]

    def find(self, needle):
        """The flags of each mapping that holds the bytes, once for each time."""
        places = []
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            for begin, end, _, flags in self.mappings():
                tail = b""
                for at in range(begin, end, CHUNK_BYTES):
                    try:
                        memory.seek(at)
                        piece = memory.read(min(CHUNK_BYTES, end - at))
                    except (OSError, ValueError, OverflowError):
                        break  # [vvar] and its like
                    places += [flags] * (tail + piece).count(needle)
                    tail = piece[-(len(needle) - 1):]
        return places


@unittest.skipIf(os.geteuid() != 0, "reading another process's memory needs root")
class NothingSecretAnywhere(KeysCase):
    def test_the_memory_of_a_locked_daemon_holds_no_passphrase(self):
        node = self.node
        node.start()
        # The suite's own passphrase is an example in the API's description, which the program holds.
        node.cli("seal-key", "passphrase", "default", "--passphrase-file", node.passphrase_file,
                 "--new-passphrase-file", self.secret_file("new", NEW)).expect(0)
        self.assertEqual(self.unlock(WRONG)[0], 403)
        self.assertEqual(self.unlock(NEW)[0], 204)
        for number in range(20):
            node.cli("seal", self.place.file(f"doc{number}", b"%d" % number)).expect(0)
        memory = Memory(node.process.pid)
        self.assertTrue(memory.find(b"fieldseal"), "the search finds nothing at all")
        for secret in (WRONG, NEW):
            self.assertEqual(memory.find(secret.encode()), [], "while unlocked")
        node.cli("lock").expect(0)
        for secret in (WRONG, NEW):
            self.assertEqual(memory.find(secret.encode()), [], "after lock")

    def test_making_and_rotating_a_seal_leaves_no_passphrase_in_memory(self):
        node = self.node
        node.start()
        made, rotated = "a passphrase for one new seal", "and another one for the next"
        node.cli("seal-key", "create", "permits", "--owner", "Permits desk", "--hours", "00:00-24:00",
                 "--passphrase-file", self.secret_file("made", made), "--activate").expect(0)
        node.cli("seal-key", "rotate", "permits", "permits-2", "--passphrase-file", self.secret_file("rotated", rotated),
                 "--yes").expect(0)
        memory = Memory(node.process.pid)
        for secret in (made, rotated):
            self.assertEqual(memory.find(secret.encode()), [], secret)

    def test_an_imported_key_is_in_locked_memory_while_unlocked_and_nowhere_afterwards(self):
        node = self.node
        node.start()
        new, key = self.secret_file("new", NEW), self.place.directory / "key.pem"
        for kind, option in (("EC", "ec_paramgen_curve:secp256k1"), ("EC", "ec_paramgen_curve:P-256"),
                             ("ed25519", None)):
            with self.subTest(option or kind):
                run(["openssl", "genpkey", "-algorithm", kind, *(["-pkeyopt", option] if option else []),
                     "-out", str(key)]).expect(0)
                key.chmod(0o600)
                text = run(["openssl", "pkey", "-in", str(key), "-text", "-noout"]).expect(0).out
                digits = re.search(r"priv:\s*((?:[0-9a-f]{2}:?\s*)+)", text).group(1)
                secret = bytes.fromhex(re.sub(r"[:\s]", "", digits)).rjust(32, b"\0")[-32:]
                seal = hashlib.sha256(secret).hexdigest()[:8]
                node.cli("seal-key", "import", seal, key, "--plain", "--passphrase-file", new, "--activate").expect(0)
                memory = Memory(node.process.pid)
                forms = (secret, secret[::-1])  # as big numbers are kept
                for form in forms:
                    self.assertEqual(memory.find(form), [], "after the import, before it was opened")
                self.assertEqual(node.api("POST", f"/api/v1/seals/{seal}/unlock", {"passphrase": NEW})[0], 204)
                for number in range(20):
                    node.cli("seal", "--seal", seal, self.place.file(f"doc{number}", b"%d" % number)).expect(0)
                places = [flags for form in forms for flags in memory.find(form)]
                self.assertEqual(len(places), 1, places)
                self.assertLessEqual({"lo", "dd"}, set(places[0]), "locked, and left out of dumps")
                node.cli("lock", seal).expect(0)
                for form in forms:
                    self.assertEqual(memory.find(form), [], "after lock")

    def test_the_process_leaves_no_core_and_locks_what_it_keeps(self):
        # A generous limit of the shell is not inherited.
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        node = self.node
        node.start()
        limits = pathlib.Path(f"/proc/{node.process.pid}/limits").read_text(encoding="utf-8")
        self.assertRegex(limits, r"Max core file size +0 +0 ")

        def locked_kib():
            status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text(encoding="utf-8")
            return int(re.search(r"VmLck:\s+(\d+) kB", status).group(1))
        before = locked_kib()
        self.assertGreater(before, 0, "the unattended keys")
        self.assertEqual(self.unlock(PASSPHRASE)[0], 204)
        self.assertGreater(locked_kib(), before)
        node.cli("lock").expect(0)
        self.assertEqual(locked_kib(), before)

    def test_nothing_secret_in_logs_arguments_environment_and_files(self):
        node = self.node
        node.configure({"log": {"level": "trace"}})
        node.start()
        process = pathlib.Path(f"/proc/{node.process.pid}")
        new, code = self.secret_file("new", NEW), self.place.directory / "code"
        said = [node.initialised.out, node.initialised.err]
        for arguments, expected in (
                (("unlock", "--passphrase-file", self.secret_file("wrong", WRONG)), 77),
                (("unlock", "--passphrase-file", node.passphrase_file), 0),
                (("seal", self.place.file("doc", b"doc")), 0),
                (("seal-key", "passphrase", "default", "--passphrase-file", node.passphrase_file,
                  "--new-passphrase-file", new), 0),
                (("seal-key", "recovery-code", "default", "--passphrase-file", new, "-o", code), 0),
                (("seal-key", "test", "default"), 0), (("audit",), 0), (("status",), 0), (("lock",), 0)):
            for json in ((), ("--json",)):
                if json and expected == 0 and "passphrase" in arguments:
                    continue  # done once, it is done
                if json and arguments[-1] == code:
                    code.unlink()
                finished = node.cli(*json, *arguments).expect(expected)
                said += [finished.out, finished.err]
        secrets = [PASSPHRASE, WRONG, NEW, node.recovery_file.read_text().strip(), code.read_text().strip()]
        places = {"the command lines' output": "\n".join(said).encode(),
                  "the daemon's log": node.log_file.read_bytes(),
                  "the daemon's arguments": (process / "cmdline").read_bytes(),
                  "the daemon's environment": (process / "environ").read_bytes()}
        node.stop()
        for path in node.data_dir.rglob("*"):
            if path.is_file():
                places[str(path)] = path.read_bytes()
        self.assertGreater(len(places), 10)
        for secret in secrets:
            for form in (secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex().encode()):
                for place, content in places.items():
                    self.assertNotIn(form, content, place)


class Authority:
    """A certificate authority of OpenSSL's in a directory of its own."""

    CONFIG = """[ca]
default_ca = own
[own]
dir = {place}
database = $dir/index.txt
new_certs_dir = $dir
serial = $dir/serial
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
[any]
commonName = supplied
organizationName = optional
countryName = optional
"""

    def __init__(self, place, name):
        self.place = place / name
        self.place.mkdir()
        (self.place / "index.txt").write_text("")
        (self.place / "serial").write_text("1000\n")
        (self.place / "ca.cnf").write_text(self.CONFIG.format(place=self.place))
        (self.place / "seal.ext").write_text("keyUsage = critical, digitalSignature, nonRepudiation\n"
                                             "extendedKeyUsage = 1.3.6.1.5.5.7.3.36\n")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout",
                     "ca.key", "-out", "ca.pem", "-days", "3650", "-subj", f"/CN={name}",
                     "-addext", "keyUsage = critical, keyCertSign, cRLSign")

    def openssl(self, *arguments):
        return run(["openssl", *map(str, arguments)], cwd=self.place).expect(0)

    def certify(self, request, out, end=None):
        life = ["-days", 365] if end is None else ["-enddate", f"{end:%y%m%d%H%M%SZ}"]
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-in", request, "-out", out, *life, "-notext",
                     "-extfile", "seal.ext")
        return out

    def crl(self, out, issued=None):
        when = [] if issued is None else ["-crl_lastupdate", f"{issued:%y%m%d%H%M%SZ}"]
        self.openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", out, *when)
        return out

    def der(self):
        self.openssl("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der")
        return (self.place / "ca.der").read_bytes()


class ImportsAndExports(KeysCase):
    # A kind of key, and how its file is encrypted.
    KEYS = {"k1": (("EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"), ("-scrypt",)),
            "p256": (("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("-v2", "aes-256-cbc")),
            "ed25519": (("ed25519",), ("-v2", "aes-128-cbc", "-iter", "4096"))}

    def openssl(self, *arguments, codes=(0,)):
        return run(["openssl", *map(str, arguments)], cwd=self.place.directory).expect(*codes)

    def test_what_openssl_writes_is_imported_and_what_is_exported_openssl_reads(self):
        node = self.node
        node.start()
        words, new = self.secret_file("words", "of the file"), self.secret_file("new", NEW)
        for seal, (kind, scheme) in self.KEYS.items():
            self.openssl("genpkey", "-algorithm", *kind, "-out", "bare.pem")
            public = self.openssl("pkey", "-in", "bare.pem", "-pubout").out
            wrapped, out = self.place.directory / f"{seal}.pem", self.place.directory / f"{seal}-out.pem"
            self.openssl("pkcs8", "-topk8", "-in", "bare.pem", "-out", wrapped, *scheme, "-passout", f"file:{words}")
            wrapped.chmod(0o600)
            made = node.cli("--json", "seal-key", "import", seal, wrapped, "--file-passphrase-file", words,
                            "--passphrase-file", new, "--exportable", "--activate").expect(0).json()
            self.assertEqual(made["seal"], seal)
            self.assertEqual(node.api("POST", f"/api/v1/seals/{seal}/unlock", {"passphrase": NEW})[0], 204)
            node.cli("seal-key", "test", seal).expect(0)
            node.cli("seal", "--seal", seal, self.place.file(seal, seal.encode())).expect(0)
            node.cli("seal-key", "export", seal, "--passphrase-file", new, "--file-passphrase-file", words,
                     "-o", out).expect(0)
            self.assertIn("ENCRYPTED", out.read_text())
            self.assertEqual(self.openssl("pkey", "-in", out, "-passin", f"file:{words}", "-pubout").out, public)
            out.unlink()
            node.cli("seal-key", "export", seal, "--passphrase-file", new, "--plain", "-o", out).expect(0)
            self.assertEqual(self.openssl("pkey", "-in", out, "-pubout").out, public)
        audit = node.cli("audit").expect(0).out
        self.assertIn("seal-import", audit)
        self.assertIn("seal-export", audit)

    def test_what_must_not_be_imported_is_refused_with_its_reason(self):
        node = self.node
        node.start()
        new, words = self.secret_file("new", NEW), self.secret_file("words", "of the file")
        place = self.place.directory
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "bare.pem")
        (place / "bare.pem").chmod(0o644)
        self.assertIn("0600", node.cli("seal-key", "import", "x", place / "bare.pem", "--plain", "--passphrase-file",
                                       new).expect(77).err)
        (place / "bare.pem").chmod(0o600)
        self.assertIn("--plain", node.cli("seal-key", "import", "x", place / "bare.pem", "--passphrase-file",
                                          new).expect(64).err)
        self.openssl("genpkey", "-algorithm", "RSA", "-out", "rsa.pem")
        (place / "rsa.pem").chmod(0o600)
        self.assertIn("token", node.cli("seal-key", "import", "x", place / "rsa.pem", "--plain", "--passphrase-file",
                                        new).expect(1).err)
        self.openssl("pkcs8", "-topk8", "-in", "bare.pem", "-out", "wrapped.pem", "-v2", "aes-256-cbc", "-passout",
                     f"file:{words}")
        (place / "wrapped.pem").chmod(0o600)
        wrong = self.secret_file("wrong", WRONG)
        self.assertIn("wrong passphrase of the file", node.cli(
            "seal-key", "import", "x", place / "wrapped.pem", "--file-passphrase-file", wrong, "--passphrase-file",
            new).expect(77).err)
        node.cli("seal-key", "import", "x", place / "bare.pem", "--plain", "--passphrase-file", new).expect(0)
        self.assertIn("already", node.cli("seal-key", "import", "x", place / "bare.pem", "--plain",
                                          "--passphrase-file", new).expect(1).err)
        self.assertIn("--exportable", node.cli("seal-key", "export", "x", "--passphrase-file", new, "--plain", "-o",
                                               place / "out.pem").expect(77).err)


class Certificates(KeysCase):
    """From the request to the verdict, against OpenSSL's authority and a hub that gives the time."""

    def setUp(self):
        super().setUp()
        self.hub = self.place.node("hub", organisation="archive.example")
        self.port = free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.port}"}, "hub": {"enabled": True}})
        self.hub.start()
        self.node.start()
        self.assertEqual(self.unlock(PASSPHRASE)[0], 204)
        info, at_hub = self.node.api("GET", "/api/v1/node")[1], self.hub.api("GET", "/api/v1/node")[1]
        self.hub.cli("hub", "enroll", self.place.file("node.vkey", (info["log_vkey"] + "\n").encode())).expect(0)
        witness = self.place.file("hub.vkey", (at_hub["witness_vkey"] + "\n").encode())
        self.node.cli("target", "add", "witness", "--name", "hub", "--url", f"http://127.0.0.1:{self.port}/witness",
                      "--vkey-file", witness).expect(0)
        self.trust_file = self.place.directory / "trust.json"
        exported = self.place.directory / "export.json"
        self.node.cli("trust", "export", "-o", exported).expect(0)
        self.node.cli("trust", "merge", "--into", self.trust_file, "--yes", exported).expect(0)
        self.node.cli("trust", "add-witness", "--into", self.trust_file, "--vkey", at_hub["witness_vkey"],
                      "--operator", "archive.example").expect(0)
        self.authority = Authority(self.place.directory, "ministry-ca")

    def certified(self):
        request = self.place.directory / "permits.csr"
        self.node.cli("seal-key", "csr", "default", "--common-name", "Permits", "-o", request).expect(0)
        self.assertIn("verify OK", run(["openssl", "req", "-in", str(request), "-verify", "-noout"]).expect(0).err)
        leaf = self.authority.certify(request, self.authority.place / "permits.pem")
        chain = self.place.directory / "chain.pem"
        chain.write_text(leaf.read_text() + (self.authority.place / "ca.pem").read_text())
        self.node.cli("seal-key", "certificate", "default", chain).expect(0)
        run(["openssl", "verify", "-CAfile", str(self.authority.place / "ca.pem"), str(leaf)]).expect(0)
        return leaf

    def sealed(self, name):
        document = self.place.file(name, name.encode())
        self.node.cli("seal", document).expect(0)
        self.node.cli("sync").expect(0)
        self.node.cli("evidence", document).expect(0)
        return document

    def verdict(self, document, authority=None, edit=None, pinned=False):
        trust = json.loads(self.trust_file.read_text())
        trust["skew_s"] = 0
        if not pinned:
            trust["seals"] = [{"ca": [base64.b64encode((authority or self.authority).der()).decode()],
                               "origins": [self.node.origin], "revocation": "none"}]
        if edit:
            edit(trust["seals"][0])
        path = self.place.file("case.json", json.dumps(trust).encode())
        report = run([os.environ["FIELDSEAL_VERIFY"], "--json", "--trust", str(path), str(document),
                      f"{document}.seal"]).json()
        return report["verdict"], report["reason"]

    def openssl_agrees(self, leaf, proven_s):
        """The chain at the proven time, and when it is over."""
        chain = ["openssl", "verify", "-x509_strict", "-CAfile", str(self.authority.place / "ca.pem"), "-attime"]
        run([*chain, str(proven_s), str(leaf)]).expect(0)
        run([*chain, str(proven_s + 366 * 86400), str(leaf)]).expect(2)

    def test_a_certified_seal_is_judged_by_its_certificates(self):
        leaf = self.certified()
        document = self.sealed("permit")
        evidence = json.loads((document.parent / "permit.seal").read_text())
        self.assertEqual(len(evidence["certificates"]), 2)
        self.assertEqual(self.verdict(document), ("valid", "ok"))
        self.assertEqual(self.verdict(document, pinned=True), ("valid", "ok"))
        self.openssl_agrees(leaf, int(time.time()))

        def change(**members):
            return lambda seal: seal.update(members)
        self.assertEqual(self.verdict(document, edit=change(purposes=["1.3.6.1.5.5.7.3.36"])), ("valid", "ok"))
        self.assertEqual(self.verdict(document, edit=change(purposes=["1.3.6.1.5.5.7.3.8"])),
                         ("invalid", "certificate-purpose"))
        self.assertEqual(self.verdict(document, edit=change(origins=["other.example/x/1"])),
                         ("invalid", "seal-not-authorised"))
        stranger = Authority(self.place.directory, "stranger")
        self.assertEqual(self.verdict(document, stranger), ("indeterminate", "seal-unknown"))
        # A list that is older than the proven time says too little; a later one is enough.
        self.assertEqual(self.verdict(document, edit=change(revocation="required")),
                         ("indeterminate", "certificate-status-unknown"))
        (self.place.directory / "forger").mkdir()
        forger = Authority(self.place.directory / "forger", "ministry-ca")
        self.assertIn("did not sign it", self.node.cli(
            "seal-key", "crl", forger.crl(forger.place / "ca.crl")).expect(64).err)
        self.assertIn("check the clock", self.node.cli("seal-key", "crl", self.authority.crl(
            self.authority.place / "ahead.crl",
            datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2))).expect(64).err)
        self.assertIn("the root included", self.node.cli(
            "seal-key", "crl", stranger.crl(stranger.place / "ca.crl")).expect(64).err)
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=60)
        self.node.cli("seal-key", "crl", self.authority.crl(self.authority.place / "ca.crl", later)).expect(0)
        self.node.cli("evidence", document).expect(0)
        self.assertEqual(self.verdict(document, edit=change(revocation="required")), ("valid", "ok"))
        # Another certificate in the evidence's place.
        evidence["certificates"][0], evidence["certificates"][1] = evidence["certificates"][1], evidence["certificates"][0]
        (document.parent / "permit.seal").write_text(json.dumps(evidence))
        self.assertEqual(self.verdict(document), ("invalid", "certificate-mismatch"))

    def test_a_revocation_counts_only_from_its_moment(self):
        leaf = self.certified()
        before = self.sealed("before")
        second = int(time.time())  # all bounds are whole seconds: in the same one nobody can tell
        wait_until(lambda: time.time() >= second + 2, 10, "the second of the anchor to be over")
        self.authority.openssl("ca", "-config", "ca.cnf", "-revoke", leaf)
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=120)
        self.node.cli("seal-key", "crl", self.authority.crl(self.authority.place / "ca.crl", later)).expect(0)
        self.sealed("between")  # its floor is the cosignature of the first
        after = self.sealed("after")
        self.node.cli("evidence", before).expect(0)
        # The same second may hold the anchor and the revocation: then nobody can tell.
        self.assertIn(self.verdict(before), {("valid", "ok"), ("indeterminate", "certificate-window")})
        self.assertIn(self.verdict(after)[1], {"certificate-revoked", "certificate-window"})

    def test_a_certificate_that_ended_is_named_no_longer_and_a_seal_that_is_over_requests_none(self):
        node, request = self.node, self.place.directory / "permits.csr"
        node.cli("seal-key", "csr", "default", "--common-name", "Permits", "-o", request).expect(0)
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LIFE_S)
        leaf = self.authority.certify(request, self.authority.place / "short.pem", end)
        node.cli("seal-key", "certificate", "default", leaf).expect(0)
        self.assertNotIn("it ended on", node.cli("doctor").out)
        wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) > end, LIFE_S + 10, "the certificate's end")
        document = self.place.file("late", b"late")
        node.cli("seal", "--evidence", document).expect(0)
        self.assertFalse(json.loads((document.parent / "late.seal").read_text()).get("certificates"))
        self.assertIn("it ended on", node.cli("doctor").out)
        node.cli("seal-key", "retire", "default", "--yes").expect(0)
        self.assertIn("retired for good", node.cli("seal-key", "csr", "default", "--common-name", "Permits").expect(1).err)
        self.assertNotIn("it ended on", node.cli("doctor").out)

    def test_a_chain_that_does_not_belong_is_refused_with_its_reason(self):
        leaf = self.certified()
        place = self.place.directory
        ca = (self.authority.place / "ca.pem").read_text()
        wrong_order = self.place.file("order.pem", (ca + leaf.read_text()).encode())
        self.assertIn("the seal's own certificate comes first",
                      self.node.cli("seal-key", "certificate", "default", wrong_order).expect(64).err)
        stranger = Authority(place, "stranger")
        strange = self.place.file("strange.pem", (leaf.read_text() + (stranger.place / "ca.pem").read_text()).encode())
        self.assertIn("did not issue the one before it",
                      self.node.cli("seal-key", "certificate", "default", strange).expect(64).err)
        self.authority.place.joinpath("seal.ext").write_text("keyUsage = critical, keyEncipherment\n")
        usage = self.authority.certify(place / "permits.csr", self.authority.place / "usage.pem")
        self.assertIn("digitalSignature", self.node.cli("seal-key", "certificate", "default", usage).expect(64).err)
        nothing = self.place.file("nothing.pem", b"hello")
        self.node.cli("seal-key", "certificate", "default", nothing).expect(64)
        self.node.cli("lock").expect(0)
        self.node.cli("seal-key", "csr", "default", "--common-name", "Permits").expect(5)


class KeysPage(KeysCase):
    """The examples of docs/operations/keys.md, from top to bottom."""

    def test_every_example_works(self):
        desk = self.place.directory / "desk"
        desk.mkdir()
        write_private(desk / "seal.pass", PASSPHRASE + "\n")
        write_private(desk / "new.pass", NEW + "\n")
        write_private(desk / "key.pass", "of the file\n")
        shutil.copy(self.node.recovery_file, desk / "recovery.txt")
        authority = Authority(desk, "ca")
        for path in authority.place.iterdir():
            shutil.move(path, desk / path.name)
        (desk / "ca.cnf").write_text(Authority.CONFIG.format(place=desk))
        shim = desk / "fieldseal"
        shim.write_text(f'#!/bin/sh\nexec {program()} --data-dir {self.node.data_dir} "$@"\n')
        shim.chmod(0o755)
        self.node.start()
        page = (ROOT / "docs/operations/keys.md").read_text(encoding="utf-8")
        lines = [line for block in re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
                 for line in block.splitlines()]
        self.assertGreater(len(lines), 15)
        for line in lines:
            with self.subTest(line):
                run(["bash", "-c", line], cwd=desk, env={**os.environ, "PATH": f"{desk}:{os.environ['PATH']}"},
                    seconds=DEADLINE_S).expect(0)


if __name__ == "__main__":
    process_test.main()
