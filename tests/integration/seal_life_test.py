# SPDX-License-Identifier: Apache-2.0
"""The life of seals over real daemons: states and policies on the command line and in the API, the verdict about
statements made before and after each change, anchored before and after it, and kill -9 on the way.

The office anchors at a hub of another operator; the regulator's trust file believes the hub's witness without any
tolerance (skew_s 0), so that what was anchored before a date can be told from what was anchored after it.
"""
import json
import os
import pathlib
import re
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import PASSPHRASE, ROOT, Office, free_port, program, run, wait_until, write_private  # noqa: E402

DEADLINE_S = 30
VALID, INVALID, CANNOT_TELL, PENDING = 0, 1, 2, 3


def verifier():
    return os.environ.get("FIELDSEAL_VERIFY", str(ROOT / "build/dev/verify/fieldseal-verify"))


class SealCase(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.node = self.place.node("field", organisation="ministry.example")

    def create(self, name, *more):
        return self.node.cli("seal-key", "create", name, "--passphrase-file", self.node.passphrase_file, *more).expect(0)

    def unlock(self, name):
        self.node.cli("unlock", name, "--passphrase-file", self.node.passphrase_file).expect(0)

    def life(self, name):
        return self.node.cli("--json", "seal-key", "show", name).expect(0).json()["life"]

    def seal(self, seal, text, *more):
        document = self.place.file(f"{text}.txt", text.encode())
        return document, self.node.cli("seal", "--seal", seal, document, *more)


class CommandLine(SealCase):
    def setUp(self):
        super().setUp()
        self.node.start()
        self.unlock("default")

    def test_a_seal_from_the_first_to_the_last_of_its_life(self):
        made = self.create("permits", "--suite", "ES256", "--owner", "Permits desk")
        self.assertIn("seal-key activate permits", made.err)
        self.unlock("permits")
        refused = self.seal("permits", "too early")[1].expect(77)
        self.assertIn("seal-key activate", refused.err)
        self.node.cli("seal-key", "activate", "permits").expect(0)
        self.seal("permits", "in time")[1].expect(0)
        self.node.cli("seal-key", "suspend", "permits", "--reason", "the officer is away").expect(0)
        self.unlock("permits")
        self.assertIn("seal-key resume", self.seal("permits", "meanwhile")[1].expect(77).err)
        self.node.cli("seal-key", "resume", "permits").expect(0)
        self.unlock("permits")
        self.seal("permits", "again")[1].expect(0)
        # Nothing leads back from these, so they are not done by the way.
        for verb in (["retire"], ["destroy"], ["compromise", "--from", "always"]):
            self.assertIn("--yes", self.node.cli("seal-key", verb[0], "permits", *verb[1:]).expect(1).err)
        self.node.cli("seal-key", "retire", "permits", "--yes").expect(0)
        self.node.cli("seal-key", "resume", "permits").expect(1)
        key = self.node.data_dir / "keys" / "seal-permits.key"
        self.assertTrue(key.exists())
        unfinished = key.with_name(".seal-permits.key.new")
        shutil.copy2(key, unfinished)
        self.node.cli("seal-key", "destroy", "permits", "--yes").expect(0)
        self.assertFalse(key.exists())
        self.assertFalse(unfinished.exists())
        shown = self.node.cli("--json", "seal-key", "show", "permits").expect(0).json()
        self.assertEqual([each["what"] for each in shown["history"]],
                         ["created", "activated", "suspended", "resumed", "retired", "destroyed"])
        self.assertEqual(shown["history"][2]["reason"], "the officer is away")
        self.node.stop()
        self.node.cli("check").expect(0)

    def test_a_policy_is_kept_to_and_says_what_to_do(self):
        self.create("permits", "--activate", "--media-type", "text/*", "--quota", "2")
        self.unlock("permits")
        self.assertIn("text/*", self.seal("permits", "a", "--media-type", "image/png")[1].expect(77).err)
        self.seal("permits", "b")[1].expect(0)
        self.seal("permits", "c")[1].expect(0)
        self.assertIn("try again tomorrow", self.seal("permits", "d")[1].expect(77).err)
        self.node.cli("seal-key", "policy", "permits", "--clear", "quota", "--lock-after-statements", "3").expect(0)
        self.seal("permits", "d")[1].expect(0)
        self.assertIn(" sync`", self.seal("permits", "e")[1].expect(77).err)
        # The count is in the log: a restart forgets nothing.
        self.node.kill()
        self.node.start()
        self.unlock("permits")
        self.assertIn(" sync`", self.seal("permits", "e")[1].expect(77).err)
        self.assertIn("none", self.node.cli("seal-key", "policy", "permits", "--clear", "all").expect(0).out)
        self.seal("permits", "e")[1].expect(0)
        # The other seal has no policy.
        self.unlock("default")
        self.seal("default", "f", "--media-type", "image/png")[1].expect(0)

    def test_hours_are_those_of_the_zone_of_the_node(self):
        self.node.stop()
        # A zone whose hour is not UTC's, whatever the time of the day is.
        self.node.start(env={"TZ": "OFF-05:30"})
        hour = time.gmtime(time.time() + 5.5 * 3600).tm_hour
        now, later = f"{hour:02}:00-{hour + 1:02}:00", f"{(hour + 2) % 24:02}:00-{(hour + 2) % 24 + 1:02}:00"
        self.create("permits", "--activate", "--hours", later)
        self.unlock("permits")
        self.assertIn("OFF", self.seal("permits", "a")[1].expect(77).err)
        # The hour may have changed by now.
        self.node.cli("seal-key", "policy", "permits", "--hours", "00:00-24:00").expect(0)
        self.seal("permits", "a")[1].expect(0)
        self.assertIn("OFF", self.node.cli("seal-key", "policy", "permits", "--hours", now).expect(0).out)

    def test_several_seals_and_the_one_that_is_meant(self):
        document = self.place.file("x", b"x")
        self.create("permits", "--activate")
        self.assertIn("default, permits", self.node.cli("seal", document).expect(64).err)
        self.unlock("permits")
        listed = self.node.cli("--json", "seal-key", "list").expect(0).json()["seals"]
        self.assertEqual([(each["name"], each["state"]) for each in listed],
                         [("default", "unlocked"), ("permits", "unlocked")])
        self.node.cli("lock", "permits").expect(0)
        self.assertEqual(self.node.status()["state"], "ready")
        self.node.stop()
        self.node.configure({"sealing": {"default_seal": "permits"}})
        self.node.start()
        self.unlock("permits")
        self.node.cli("seal", document).expect(0)
        self.assertEqual(self.node.cli("--json", "show", document).expect(0).json()["statements"][0]["seal"], "permits")
        # What took its place takes this one too, without another configuration.
        self.node.cli("seal-key", "rotate", "permits", "permits-2", "--passphrase-file", self.node.passphrase_file,
                      "--yes").expect(0)
        self.unlock("permits-2")
        self.node.cli("seal", document).expect(0)
        seals = {each["name"] for each in self.node.api("GET", "/api/v1/node")[1]["seals"]}
        self.assertEqual(seals, {"default", "permits", "permits-2"})

    def test_an_old_directory_has_its_seal_in_the_book_after_the_start(self):
        shown = self.node.cli("--json", "seal-key", "show", "default").expect(0).json()
        self.assertEqual((shown["life"], shown["history"][0]["what"]), ("active", "created"))


class Killed(SealCase):
    """kill -9 between the steps of making and of destroying a seal: started again, it is done or undone."""

    def order(self, method, path, body):
        try:
            return self.node.api(method, path, body)[0]
        except OSError:
            return None

    def killed_at(self, place, method, path, body):
        self.node.start(env={"FIELDSEAL_CRASH_AT": f"{place}:1"})
        self.assertIsNone(self.order(method, path, body))
        self.assertEqual(self.node.wait(), -9)
        self.node.start()

    def test_while_a_seal_is_made(self):
        key = self.node.data_dir / "keys" / "seal-permits.key"
        body = {"name": "permits", "passphrase": PASSPHRASE, "activate": True}
        self.killed_at("seal.key_made", "POST", "/api/v1/seals", body)
        self.assertFalse(key.exists())
        self.node.cli("seal-key", "show", "permits").expect(1)
        self.assertEqual(self.order("POST", "/api/v1/seals", body), 201)
        self.assertTrue(key.exists())
        self.assertEqual(self.life("permits"), "active")
        self.node.stop()
        self.node.cli("check").expect(0)

    def test_while_a_seal_is_destroyed(self):
        self.node.start()
        self.create("permits", "--activate")
        key = self.node.data_dir / "keys" / "seal-permits.key"
        self.node.stop()
        # What a power cut leaves between writing a key's file and renaming it: the start wipes it,
        # and somebody who only looks does not.
        unfinished = key.with_name(".seal-permits.key.new")
        shutil.copy2(key, unfinished)
        self.node.cli("doctor")
        self.assertTrue(unfinished.exists())
        self.node.start()
        self.assertFalse(unfinished.exists())
        self.assertIn("seal-key retire", self.node.cli("seal-key", "destroy", "permits", "--yes").expect(1).err)
        self.assertTrue(key.exists())
        self.node.cli("seal-key", "retire", "permits", "--yes").expect(0)
        self.node.stop()
        self.killed_at("seal.destroyed", "POST", "/api/v1/seals/permits/destroy", {})
        self.assertFalse(key.exists())
        self.assertEqual(self.life("permits"), "destroyed")
        self.assertEqual(self.order("POST", "/api/v1/seals/permits/destroy", {}), 200)

    def test_while_a_change_is_written(self):
        for place, done in (("sequencer.before_commit", False), ("sequencer.after_commit", True)):
            with self.subTest(place):
                self.node.start()
                name = "a" if done else "b"
                self.create(name, "--activate")
                self.node.stop()
                # The first group of a daemon is its own note in the audit log, the second this order.
                self.node.start(env={"FIELDSEAL_CRASH_AT": f"{place}:2"})
                self.assertIsNone(self.order("POST", f"/api/v1/seals/{name}/retire", {}))
                self.assertEqual(self.node.wait(), -9)
                self.node.start()
                self.assertEqual(self.life(name), "retired" if done else "active")
                self.assertEqual(self.order("POST", f"/api/v1/seals/{name}/retire", {}), 200)
                history = self.node.cli("--json", "seal-key", "show", name).expect(0).json()["history"]
                self.assertEqual([each["what"] for each in history], ["created", "retired"])
                self.node.stop()
                self.node.cli("check").expect(0)


class Verdicts(SealCase):
    def setUp(self):
        super().setUp()
        self.hub = self.place.node("hub", organisation="archive.example")
        self.port = free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.port}"}, "hub": {"enabled": True}})
        self.hub.start()
        self.node.start()
        self.witness = self.hub.cli("node", "info", "--witness-vkey").expect(0).out.strip()
        vkey = self.place.file("office.vkey", self.node.cli("node", "info", "--vkey").expect(0).out.encode())
        self.hub.cli("hub", "enroll", vkey).expect(0)
        self.node.cli("target", "add", "witness", "--name", "hub", "--url", f"http://127.0.0.1:{self.port}/witness",
                      "--vkey", self.witness).expect(0)
        self.create("permits", "--activate")
        self.unlock("permits")
        self.trust = self.trust_file("trust.json")

    def trust_file(self, name):
        """A regulator who asks the office today."""
        exported, trust = self.place.directory / f"export-{name}", self.place.directory / name
        self.node.cli("trust", "export", "--output", exported).expect(0)
        self.node.cli("trust", "merge", "--into", trust, "--yes", exported).expect(0)
        self.node.cli("trust", "add-witness", "--into", trust, "--vkey", self.witness, "--operator",
                      "archive.example").expect(0)
        tree = json.loads(trust.read_text())
        tree["skew_s"] = 0
        trust.write_text(json.dumps(tree))
        return trust

    def sealed(self, text, anchored=True):
        document = self.seal("permits", text)[0]
        if anchored:
            self.node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        return document

    def evidence(self, document):
        self.node.cli("evidence", document).expect(0)
        kept = self.place.directory / f"{document.name}.{time.monotonic_ns()}.seal"
        kept.write_bytes(pathlib.Path(f"{document}.seal").read_bytes())
        return kept

    def verdict(self, document, evidence, trust):
        report = run([verifier(), document, evidence, "--trust", trust, "--json"])
        return report.code, report.json().get("reason", "")

    def expect(self, document, evidence, trust, code, reason=None):
        found = self.verdict(document, evidence, trust)
        self.assertEqual(found[0], code, found)
        if reason:
            self.assertEqual(found[1], reason)

    def test_before_and_after_a_retirement(self):
        before = self.sealed("anchored before the retirement")
        old = self.evidence(before)
        waiting = self.sealed("anchored after the retirement", anchored=False)
        self.node.cli("seal-key", "retire", "permits", "--yes").expect(0)
        self.seal("permits", "sealed after the retirement")[1].expect(77)
        self.node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        informed = self.trust_file("informed.json")
        for trust in (self.trust, informed):
            self.expect(before, old, trust, VALID)
            self.expect(before, self.evidence(before), trust, VALID)
            # Order is by index: it stands before the retirement, whenever it was anchored.
            self.expect(waiting, self.evidence(waiting), trust, VALID)

    def test_before_and_after_a_compromise(self):
        before = self.sealed("anchored before the date")
        old = self.evidence(before)
        proven = run([verifier(), before, old, "--trust", self.trust, "--json"]).json()
        date = proven["interval"]["not_after_s"] + 1
        wait_until(lambda: time.time() > date + 1, DEADLINE_S, "the clock to pass the date")
        after = self.sealed("anchored after the date")
        young = self.evidence(after)
        waiting = self.sealed("not anchored when it was known", anchored=False)
        self.hub.stop()
        self.node.cli("seal-key", "compromise", "permits", "--from",
                      time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(date)), "--yes").expect(0)
        self.seal("permits", "sealed after it was known")[1].expect(77)
        informed = self.trust_file("informed.json")
        # Who has not heard of it cannot know.
        self.expect(after, young, self.trust, VALID)
        # Evidence of today says so by itself, and a trust file of today says so about old evidence.
        for evidence, trust in ((old, informed), (self.evidence(before), self.trust)):
            self.expect(before, evidence, trust, VALID)
        for evidence, trust in ((young, informed), (self.evidence(after), self.trust)):
            self.expect(after, evidence, trust, CANNOT_TELL, "seal-compromised-window")
        self.expect(waiting, self.evidence(waiting), informed, CANNOT_TELL, "seal-compromised-window")
        self.hub.start()
        self.node.cli("sync", "--timeout", DEADLINE_S).expect(0)
        self.expect(waiting, self.evidence(waiting), informed, CANNOT_TELL, "seal-compromised-window")
        # Dated earlier when more is known: nothing is left that was proven before it.
        self.node.cli("seal-key", "compromise", "permits", "--from", "always", "--yes").expect(0)
        self.expect(before, self.evidence(before), self.trust, CANNOT_TELL, "seal-compromised-window")

    def test_a_rotation(self):
        before = self.sealed("by the old seal")
        self.node.cli("seal-key", "rotate", "permits", "permits-2", "--passphrase-file", self.node.passphrase_file,
                      "--yes").expect(0)
        self.unlock("permits-2")
        document = self.place.file("new.txt", b"by the new seal")
        self.node.cli("seal", "--seal", "permits-2", "--wait-anchored", document).expect(0)
        informed = self.trust_file("informed.json")
        self.expect(before, self.evidence(before), informed, VALID)
        self.expect(document, self.evidence(document), informed, VALID)
        # A trust file that knows the old seal only believes nobody else.
        self.expect(document, self.evidence(document), self.trust, CANNOT_TELL, "seal-unknown")


class Page(SealCase):
    """Every shell example of docs/seals.md, as it stands, from top to bottom."""

    def test_the_worked_example(self):
        blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/seals.md").read_text(encoding="utf-8"),
                            re.DOTALL | re.MULTILINE)
        lines = [line for block in blocks for line in block.splitlines() if line]
        self.assertGreater(len(lines), 10)
        desk = self.place.directory / "desk"
        (desk / "bin").mkdir(parents=True)
        (desk / "permit.pdf").write_text("permit")
        write_private(desk / "permits.pass", self.node.passphrase_file.read_text())
        shim = desk / "bin/fieldseal"
        shim.write_text(f"#!/bin/sh\nexec {program()} --data-dir {self.node.data_dir} \"$@\"\n")
        shim.chmod(0o755)
        self.node.start()
        self.unlock("default")
        env = {**os.environ, "PATH": f"{desk}/bin:{os.environ['PATH']}"}
        for line in lines:
            with self.subTest(line):
                last = run(["sh", "-c", line], cwd=desk, env=env).expect(0)
        self.assertIn("compromised", last.out)
        self.assertIn("laptop stolen", last.out)
        trust = json.loads((desk / "office.json").read_text())
        self.assertEqual(len(trust["seals"]), 3)
        self.assertEqual(len(trust["logs"][0]["status"]), 1)


if __name__ == "__main__":
    process_test.main()
