# SPDX-License-Identifier: Apache-2.0
"""What the command line says about targets, from the first `target add` to a registered document.

The protocol itself is tested in anchoring_test.py; here it is the words and the exit codes.
"""
import json
import pathlib
import shlex
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import Office, free_port, wait_until  # noqa: E402

DEADLINE_S = 30


class OfficeAndHub(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.office = self.place.node("field", organisation="ministry.example")
        self.hub = self.place.node("hub", organisation="archive.example")
        self.port = free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.port}"}, "hub": {"enabled": True}})
        self.hub.start()
        self.office.start()
        self.office.unlock()
        self.witness = self.hub.cli("node", "info", "--witness-vkey").expect(0).out.strip()
        self.log = self.hub.cli("node", "info", "--witnessed-log-vkey").expect(0).out.strip()
        self.vkey = self.place.file("office.vkey", self.office.cli("node", "info", "--vkey").expect(0).out.encode())

    def add_target(self, *more):
        return self.office.cli("target", "add", "witness", "--name", "hub", "--url",
                               f"http://127.0.0.1:{self.port}/witness", "--vkey", self.witness, *more)

    def test_from_the_first_target_to_a_registered_document(self):
        document = self.place.file("contract.pdf", b"contract")
        self.office.cli("seal", document).expect(0)
        self.assertIn("no target", self.office.cli("sync").expect(4).err)
        self.assertIn("node info --vkey", self.add_target("--log-vkey", self.log).expect(0).err)
        # Not enrolled yet: the hub's operator has to act, and the sentence says so.
        waiting = self.office.cli("sync").expect(4)
        self.assertIn("hub: refuses this node", waiting.out)
        self.assertIn("node info --vkey", waiting.out)
        self.assertIn("hub enroll", self.hub.cli("hub", "list").expect(0).err)
        self.hub.cli("hub", "enroll", self.vkey).expect(0)
        vkey = self.vkey.read_text(encoding="utf-8").strip()
        origin = vkey.split("+")[0]
        self.assertRegex(self.hub.cli("hub", "list").expect(0).out, rf"(?m)^{origin} +- +never$")
        self.assertRegex(self.office.cli("sync").expect(0).out, r"^hub: anchored: the first \d+ entries")
        [log] = self.hub.cli("--json", "hub", "list").expect(0).json()["logs"]
        self.assertEqual((log["origin"], log["vkey"]), (origin, vkey))
        size = self.office.cli("--json", "status").expect(0).json()["targets"][0]["anchored_size"]
        self.assertEqual(log["size"], size)
        self.assertRegex(self.hub.cli("hub", "list").expect(0).out, rf"(?m)^{origin} +{size} +20..-..-..T")
        self.assertIn("not a hub", self.office.cli("hub", "list").expect(1).err)
        self.assertIn("anchored", self.office.cli("target", "list").expect(0).out)
        self.assertIn("anchored: registered outside this office", self.office.cli("show", document).expect(0).out)
        evidence = self.office.cli("--json", "evidence", document).expect(0).json()["written"][0]
        self.assertEqual(evidence["state"], "anchored")

    def test_waiting_for_the_anchor_and_the_evidence_in_one_call(self):
        self.hub.cli("hub", "enroll", self.vkey).expect(0)
        self.add_target().expect(0)
        document = self.place.file("permit.pdf", b"permit")
        sealed = self.office.cli("--json", "seal", "--wait-anchored", "--evidence", document).expect(0).json()["sealed"][0]
        self.assertEqual(sealed["state"], "anchored")
        evidence = json.loads(pathlib.Path(f"{document}.seal").read_bytes())
        self.assertIn("\n— archive.example/hub.witness ", evidence["proofs"][0]["checkpoint"])

    def test_offline_is_a_normal_state(self):
        self.hub.cli("hub", "enroll", self.vkey).expect(0)
        self.add_target().expect(0)
        self.office.cli("sync").expect(0)
        self.hub.stop()
        document = self.place.file("offline.pdf", b"offline")
        self.assertIn("sealed", self.office.cli("seal", document).expect(0).out)
        offline = self.office.cli("sync").expect(4)
        self.assertIn("hub: not reached yet; the node tries again by itself", offline.out)
        said = offline.out + offline.err + self.office.cli("status").expect(0).out
        self.assertNotIn("fail", said.lower())
        self.assertIn("ready to seal", said)
        self.assertIn("ok   target hub", self.office.cli("doctor").out)
        self.hub.start()
        self.office.cli("sync", "--timeout", DEADLINE_S).expect(0)

    def test_a_connection_that_comes_back_needs_no_person(self):
        self.hub.cli("hub", "enroll", self.vkey).expect(0)
        self.add_target().expect(0)
        self.hub.stop()
        self.office.cli("seal", self.place.file("a", b"a")).expect(0)
        self.office.cli("sync").expect(4)
        self.hub.start()
        wait_until(lambda: self.office.status()["targets"][0]["phase"] == "anchored", DEADLINE_S, "anchoring by itself")

    def test_keys_that_are_mixed_up_are_named(self):
        swapped = self.office.cli("target", "add", "witness", "--name", "hub", "--url", "http://127.0.0.1:1",
                                  "--vkey", self.log).expect(64)
        self.assertIn("--witness-vkey", swapped.err)
        self.assertIn("--vkey", self.hub.cli("hub", "enroll", self.witness).expect(64).err)
        self.assertIn("no such file", self.hub.cli("hub", "enroll", "nothing.vkey").expect(66).err)
        self.assertIn("not a hub", self.office.cli("hub", "enroll", self.vkey).expect(1).err)
        self.add_target().expect(0)
        self.assertIn("hub", self.add_target().expect(1).err)

    def test_a_target_survives_a_restart(self):
        self.add_target("--log-vkey", self.log).expect(0)
        self.office.stop()
        self.office.start()
        targets = self.office.cli("--json", "target", "list").expect(0).json()["targets"]
        self.assertEqual([each["name"] for each in targets], ["hub"])

    def test_commands_in_hints_can_be_pasted(self):
        hint = self.add_target().expect(0).err
        command = hint[hint.index("`") + 1:hint.rindex("`")]
        words = shlex.split(command)
        self.assertEqual(words[0], "fieldseal")
        self.assertEqual(self.office.cli(*words[3:]).expect(0).out.strip(), self.vkey.read_text().strip())


if __name__ == "__main__":
    process_test.main()
