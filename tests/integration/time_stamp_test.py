#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real daemon with a time-stamping authority (tests/support/tsa): honest, lying, away, and back."""
import base64
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.support.node_process import Office, ROOT, free_port, run, wait_until, write_private

POLICY = "1.3.6.1.4.1.99999.1"
DEADLINE_S = 60
FAR_S = 3471292800  # 2080-01-01, after the authority's certificates ended
SERVER = os.environ.get("TSA_SERVER", str(ROOT / "build/dev/tests/support/tsa_server"))

# The fault, the phase that `status` shows, and words of the reason.
LIES = [
    ("no-time", "waiting", "timeNotAvailable"),
    ("server-error", "waiting", "500"),
    ("wrong-nonce", "misbehaving", "another nonce"),
    ("wrong-imprint", "misbehaving", "not the checkpoint's digest"),
    ("no-usage", "misbehaving", "no extended key usage"),
    ("usage-not-critical", "misbehaving", "as critical"),
    ("usage-with-others", "misbehaving", "beside time-stamping"),
    ("expired", "misbehaving", "is valid from"),
    ("edwards-key", "misbehaving", "ED25519"),
    ("other-policy", "misbehaving", "1.3.6.1.4.1.99999.2"),
    ("no-accuracy", "misbehaving", "how sure its time is"),
    ("strangers-root", "misbehaving", "knows no time-stamping authority"),
    ("in-future", "misbehaving", "this machine's clock says"),
    ("in-unsure-future", "misbehaving", "this machine's clock says"),
    ("garbage", "misbehaving", "DER"),
    ("cut", "misbehaving", "DER"),
    ("html", "misbehaving", "captive portal"),
    ("rejection", "refused", "unacceptedPolicy"),
    ("unauthorised", "refused", "401"),
]


class Authority:
    """The test TSA as a child process; it can go away and come back on its port."""

    def __init__(self, directory):
        self.port = free_port()
        self.roots = directory / "tsa-roots.pem"
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen([SERVER, self.roots, str(self.port)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline().strip() == self.url
        return self

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def order(self, word):
        """A fault, "none", "down" or "up"."""
        assert self.say(word) == "ok", word

    def stop(self):
        if self.process is not None:
            self.process.communicate("quit\n", timeout=DEADLINE_S)
            self.process = None


class TimeStamps(unittest.TestCase):
    def setUp(self):
        self.office = self.enterContext(Office())
        self.authority = Authority(self.office.directory)
        self.addCleanup(self.authority.stop)
        self.node = self.office.node()
        self.node.configure({"checkpoint": {"interval_s": 1}})

    def start(self, *options, fault="none"):
        """An authority already in `fault` cannot have stamped the node's first checkpoint."""
        self.authority.start()
        self.authority.order(fault)
        self.node.start()
        self.node.unlock()
        self.node.cli("target", "add", "rfc3161", "--name", "post", "--url", self.authority.url,
                      "--roots", self.authority.roots, "--policy", POLICY, *options).expect(0)

    def target(self):
        [target] = self.node.status()["targets"]
        return target

    def seal(self, name, content=b"a permit\n"):
        document = self.office.file(name, content)
        self.node.cli("seal", document).expect(0)
        return document

    def anchored(self):
        """Every entry is in a checkpoint, and the newest one is stamped."""
        def reached():
            status = self.node.status()
            return status["targets"][0]["anchored_size"] == status["log"]["size"]
        wait_until(reached, DEADLINE_S, f"the newest checkpoint to be stamped: {self.target()}")

    def in_trouble(self, phase, words):
        def shown():
            target = self.target()
            return target["phase"] == phase and words in target.get("error", "")
        try:
            wait_until(shown, DEADLINE_S, words)
        except AssertionError as late:
            raise AssertionError(f"{words}: {self.target()}") from late

    def evidence(self, document):
        path = document.with_name(document.name + ".seal")
        self.node.cli("evidence", document, "--output", path).expect(0)
        return path, json.loads(path.read_text(encoding="utf-8"))

    def trust(self):
        """A regulator who asks for one source of time and no witness."""
        trust = self.office.directory / "trust.json"
        export = self.office.directory / "export.json"
        self.node.cli("trust", "export", "--output", export).expect(0)
        self.node.cli("trust", "merge", "--into", trust, "--origin", self.node.origin, export).expect(0)
        self.node.cli("trust", "add-tsa", "--into", trust, "--operator", "post.test",
                      "--policy", POLICY, self.authority.roots).expect(0)
        value = json.loads(trust.read_text(encoding="utf-8"))
        value["policy"] = {"witness_quorum": 0, "time_quorum": 1}
        trust.write_text(json.dumps(value), encoding="utf-8")
        return trust

    def verify(self, document, evidence, trust, *options):
        program = pathlib.Path(os.environ.get(
            "FIELDSEAL_VERIFY", ROOT / "build/dev/verify/fieldseal-verify"))
        return run([program, document, evidence, "--trust", trust, "--json", *options])

    def test_token_is_in_the_evidence_and_verifies_now_and_much_later(self):
        self.start()
        document = self.seal("permit.txt")
        self.anchored()
        self.assertEqual(self.target()["kind"], "rfc3161")
        path, evidence = self.evidence(document)
        [anchor] = evidence["proofs"][0]["anchors"]
        self.assertEqual(anchor["type"], "rfc3161")
        trust = self.trust()
        report = self.verify(document, path, trust).expect(0).json()
        [source] = [each for each in report["interval"]["sources"] if each["bound"] == "not_after"]
        self.assertEqual((source["basis"], source["operator"]), ("rfc3161", "post.test"))
        # The authority is gone and all its certificates are over: nothing changes.
        self.authority.stop()
        self.verify(document, path, trust, "--now", str(FAR_S)).expect(0)
        # Before the token was made it cannot count yet.
        early = self.verify(document, path, trust, "--now", str(source["time_s"] - 86400)).expect(2)
        self.assertEqual(early.json()["reason"], "time-contradiction")
        self.openssl_agrees(evidence["proofs"][0]["checkpoint"], base64.b64decode(anchor["token"]))

    def openssl_agrees(self, checkpoint, token):
        """Somebody else's program reads our stored token over the three lines of the checkpoint."""
        text = self.office.file("checkpoint.txt", "".join(
            line + "\n" for line in checkpoint.split("\n")[:3]).encode())
        stored = self.office.file("token.der", token)
        verified = run(["/usr/bin/openssl", "ts", "-verify", "-data", text, "-token_in", "-in", stored,
                        "-CAfile", self.authority.roots])
        self.assertIn("Verification: OK", verified.out + verified.err)
        changed = self.office.file("other.txt", text.read_bytes() + b"\n")
        run(["/usr/bin/openssl", "ts", "-verify", "-data", changed, "-token_in", "-in", stored,
             "-CAfile", self.authority.roots]).expect(1)

    def test_next_statement_has_the_token_as_its_floor(self):
        self.start()
        self.seal("first.txt", b"first\n")
        self.anchored()
        document = self.seal("second.txt", b"second\n")
        self.anchored()
        path, evidence = self.evidence(document)
        self.assertIn("token", evidence["floor"])
        report = self.verify(document, path, self.trust()).expect(0).json()
        interval = report["interval"]
        self.assertLessEqual(interval["not_before_s"], interval["not_after_s"])
        self.assertEqual({each["basis"] for each in interval["sources"]},
                         {"rfc3161", "floor time-stamp token"})

    def test_each_lie_is_shown_with_its_reason_and_none_is_stored(self):
        self.start(fault=LIES[0][0])
        for number, (fault, phase, words) in enumerate(LIES):
            with self.subTest(fault):
                self.authority.order(fault)
                self.seal(f"{fault}.txt", b"%d\n" % number)
                self.node.cli("sync", "--timeout", "1")
                self.in_trouble(phase, words)
                self.assertEqual(self.target()["anchored_size"], 0)
                # While the authority is asked again, the target's line says that instead.
                wait_until(lambda said=words.split("'")[0]: said in self.node.cli("status").out, DEADLINE_S,
                           f"status to say {words}")
        self.authority.order("none")
        self.node.cli("sync")
        self.anchored()

    def test_sealing_goes_on_without_the_authority_and_the_newest_token_covers_all(self):
        self.start(fault="down")
        first = self.seal("first.txt", b"first\n")
        self.in_trouble("waiting", "127.0.0.1")
        for number in range(5):
            self.seal(f"{number}.txt", b"%d\n" % number)
        self.assertEqual(self.node.status()["state"], "ready")
        # A restart in between changes nothing: the row says what is owed.
        self.node.stop()
        self.node.start()
        self.authority.order("up")
        self.node.cli("sync")
        self.anchored()
        self.assertLessEqual(int(self.authority.say("count")), 3)
        path, _ = self.evidence(first)
        self.verify(first, path, self.trust()).expect(0)

    def test_authority_with_a_new_root_is_refused_until_it_is_pinned(self):
        self.start()
        self.authority.stop()
        self.authority.start()  # with certificates of its own
        self.seal("first.txt")
        self.in_trouble("misbehaving", "certificate signature failure")
        roots = self.node.data_dir / "authorities/post.pem"
        write_private(roots, self.authority.roots.read_text(encoding="utf-8"))
        self.node.stop()
        self.node.start()
        self.node.cli("sync")
        self.anchored()

    def test_configuration_names_what_is_missing(self):
        self.authority.start()
        self.node.start()
        refused = self.node.cli("target", "add", "rfc3161", "--name", "post", "--url", self.authority.url,
                                "--roots", self.office.file("empty.pem", b"nothing\n"))
        self.assertNotEqual(refused.code, 0)
        self.assertIn("CERTIFICATE", refused.err)
        refused = self.node.cli("target", "add", "rfc3161", "--name", "post", "--url", self.authority.url,
                                "--roots", self.authority.roots, "--policy", "the usual one")
        self.assertNotEqual(refused.code, 0)
        self.assertFalse((self.node.data_dir / "authorities").exists())
        self.assertEqual(self.node.status()["targets"], [])


if __name__ == "__main__":
    unittest.main()
