# SPDX-License-Identifier: Apache-2.0
"""The audit log of a real daemon: what is in it, and that a kill at any moment leaves a whole chain."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import Office, write_private  # noqa: E402

KILLS = 5


class Audit(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.node = self.place.node("field", organisation="ministry.example")
        self.node.start()

    def entries(self):
        """Oldest first; without a gap."""
        shown = self.node.cli("--json", "audit", "--limit", "500").expect(0).json()
        self.assertEqual(shown["fieldseal"], "audit/v1")
        entries = shown["entries"][::-1]
        self.assertEqual([entry["seq"] for entry in entries], list(range(len(entries))))
        return entries

    def test_says_who_did_what_and_what_it_came_to(self):
        wrong = self.place.directory / "wrong"
        write_private(wrong, "not the passphrase\n")
        self.node.unlock()
        self.node.cli("lock").expect(0)
        self.node.cli("unlock", "--passphrase-file", wrong).expect(77)
        self.node.cli("sync").expect(4)
        self.assertEqual({entry.get("remote") for entry in self.entries()[1:]}, {f"uid {os.getuid()}"})
        said = [(entry["actor"], entry["action"], entry.get("subject"), entry["outcome"]) for entry in self.entries()]
        self.assertEqual(said[0][:2], ("daemon", "daemon-start"))
        self.assertEqual(said[1:], [("local", "unlock", "default", "ok"), ("local", "lock", "default", "ok"),
                                    ("local", "unlock", "default", "denied"), ("local", "sync", None, "ok")])
        table = self.node.cli("audit", "--limit", "2").expect(0).out
        self.assertIn("sync", table)
        self.assertNotIn("daemon-start", table)

    def test_seals_are_not_in_it_and_its_heads_are_not_in_the_list(self):
        self.node.unlock()
        before = len(self.entries())
        document = self.place.file("contract.pdf", b"contract")
        self.node.cli("seal", document).expect(0)
        self.node.cli("sync").expect(4)
        self.assertEqual(len(self.entries()), before + 1)  # the sync
        listed = self.node.cli("--json", "list").expect(0).json()["statements"]
        self.assertEqual([one["kind"] for one in listed], ["statement"])
        size = self.node.cli("--json", "status").expect(0).json()["log"]["size"]
        # The first snapshot; the statement, a head of the audit log, a snapshot.
        self.assertEqual(size, 4)

    def test_a_kill_between_leaves_a_whole_chain(self):
        self.node.unlock()
        for number in range(KILLS):
            self.node.cli("seal", self.place.file(f"{number}.pdf", str(number).encode())).expect(0)
            self.node.cli("lock").expect(0)
            acknowledged = len(self.entries())
            self.node.kill()
            self.node.start()
            entries = self.entries()
            self.assertEqual(len(entries), acknowledged + 1)
            self.assertEqual(entries[-1]["action"], "daemon-start")
            self.node.unlock()
        self.node.stop()
        self.node.cli("check").expect(0)
        self.node.start()
        self.assertEqual(self.entries()[-2]["action"], "daemon-stop")


if __name__ == "__main__":
    process_test.main()
