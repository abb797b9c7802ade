# SPDX-License-Identifier: Apache-2.0
"""Days on which the machine is against the office: a huge file, a wrong clock, a full disk, an old backup.

Each gets a clear sentence, and nothing that was acknowledged is ever lost.
"""
import contextlib
import ctypes
import glob
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import Office, free_port, run, wait_until  # noqa: E402

DEADLINE_S = 30
MIB = 1 << 20
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
LIBC = ctypes.CDLL(None, use_errno=True)


class OfficeTest(unittest.TestCase):
    def setUp(self):
        self.office = Office(self.place())
        self.addCleanup(self.office.close)

    def place(self):
        return None

    def sealed(self, node, name, content):
        result = node.cli("--json", "seal", self.office.file(name, content)).expect(0).json()
        return result["sealed"][0]["id"]

    def check_all_there(self, node, ids):
        """Every acknowledged statement exactly once, and everything recomputes."""
        listed = [each["id"] for each in node.cli("--json", "list", "--limit", 1000).expect(0).json()["statements"]]
        for statement_id in ids:
            self.assertEqual(listed.count(statement_id), 1, statement_id)
        node.stop()
        node.cli("check").expect(0)


class HugeFile(OfficeTest):
    def test_ten_gibibytes_take_constant_memory(self):
        node = self.office.node()
        node.start()
        node.unlock()
        huge = self.office.directory / "huge.img"
        with open(huge, "wb") as out:
            out.truncate(10 * 1024 * MIB)
        result = node.cli("--json", "seal", huge, seconds=420).expect(0)
        document = result.json()["sealed"][0]["document"]
        self.assertEqual(document["size"], 10 * 1024 * MIB)
        self.assertLess(result.peak_rss_bytes, 64 * MIB)
        print(f"10 GiB in {result.seconds:.1f} s, peak memory {result.peak_rss_bytes / MIB:.1f} MiB")
        self.assertEqual(result.err, "")


class ClockSetBack(OfficeTest):
    # The program `faketime` forks; its library alone leaves the daemon a child of the test.
    LIBRARY = sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))

    @unittest.skipUnless(LIBRARY, "Debian's faketime is not installed: scripts/setup test")
    def test_a_year_back_is_said_in_each_statement_and_loses_nothing(self):
        node = self.office.node()
        node.start()
        node.unlock()
        ids = [self.sealed(node, "before", b"before")]
        node.stop()
        node.start(env={"LD_PRELOAD": self.LIBRARY[0], "FAKETIME": "-365d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        node.unlock()
        self.assertLess(node.status()["clock"]["now_s"], time.time() - 364 * 86400)
        result = node.cli("--json", "seal", self.office.file("during", b"during")).expect(0).json()["sealed"][0]
        self.assertEqual(result["clock"]["trust"], "untrusted")
        ids.append(result["id"])
        self.assertGreater(node.status()["clock"]["behind_s"], 364 * 86400)
        doctor = node.cli("doctor").expect(1)
        self.assertIn("BAD  clock and log", doctor.out)
        self.assertIn("Set the clock", doctor.out)
        self.assertIn("behind the newest entry of the log", node.log_tail())
        node.stop()
        # The right time again.
        node.start()
        node.unlock()
        ids.append(self.sealed(node, "after", b"after"))
        self.assertEqual(node.status()["clock"]["behind_s"], 0)
        self.check_all_there(node, ids)

    @unittest.skipUnless(LIBRARY, "Debian's faketime is not installed: scripts/setup test")
    def test_where_the_configuration_says_stop_nothing_is_sealed_until_the_clock_is_right(self):
        node = self.office.node()
        node.configure({"clock": {"on_set_back": "stop"}})
        hand = self.office.file("hand", b"+0\n")
        node.start(env={"LD_PRELOAD": self.LIBRARY[0], "FAKETIME_TIMESTAMP_FILE": str(hand), "FAKETIME_NO_CACHE": "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        node.unlock()
        ids = [self.sealed(node, "before", b"before")]
        waiting = self.office.file("waiting", b"waiting")
        hand.write_bytes(b"-1h\n")
        wait_until(lambda: node.status()["state"] == "clock-set-back", DEADLINE_S, "the daemon to notice")
        self.assertEqual(node.status()["clock"]["trust"], "untrusted")
        self.assertGreater(node.status()["clock"]["behind_s"], 3500)
        self.assertEqual(node.api("GET", "/api/v1/node")[1]["clock"]["trust"], "untrusted")
        self.assertRegex(node.cli("status").expect(0).out, r"clock +set back: ")
        refused = node.cli("seal", waiting).expect(6)
        self.assertIn("s behind the newest entry of the log", refused.err)
        self.assertIn("set it, then sealing goes on by itself", refused.err)
        self.assertIn("Set the clock", node.cli("doctor").expect(1).out)
        code, answer = node.api("POST", "/api/v1/statements", {"sha256": "00" * 32})
        self.assertEqual((code, answer["code"]), (423, "clock-set-back"))
        node.cli("show", ids[0]).expect(0)  # everything else goes on
        hand.write_bytes(b"+0\n")
        wait_until(lambda: node.status()["state"] == "ready", DEADLINE_S, "the daemon to notice")
        ids.append(node.cli("--json", "seal", waiting).expect(0).json()["sealed"][0]["id"])
        self.assertRegex(node.log_tail(), r"the clock was set back by \d+ s while the node ran")
        self.assertIn("clock-set-back", node.cli("audit").expect(0).out)
        self.check_all_there(node, ids)


class FullDisk(OfficeTest):
    DISK_MIB = 192
    LOW_MIB = 64

    def place(self):
        """A small disk of this process alone: a mount in a private namespace ends with it."""
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        if LIBC.unshare(CLONE_NEWNS) != 0 or LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
            self.skipTest(f"no mount namespace here: {os.strerror(ctypes.get_errno())}")
        disk = tempfile.mkdtemp(prefix="fs-disk-")
        self.addCleanup(os.rmdir, disk)
        if LIBC.mount(b"tmpfs", disk.encode(), b"tmpfs", 0, f"size={self.DISK_MIB}m".encode()) != 0:
            self.skipTest(f"cannot mount a tmpfs: {os.strerror(ctypes.get_errno())}")
        self.addCleanup(LIBC.umount2, disk.encode(), 2)
        return disk

    def fill(self, leave_mib):
        """Takes the disk down to `leave_mib` free."""
        facts = os.statvfs(self.office.directory)
        size = facts.f_bavail * facts.f_frsize - leave_mib * MIB
        with open(self.office.directory / "filler", "ab") as out:
            while size > 0:
                size -= out.write(b"x" * min(size, MIB))

    def empty(self):
        (self.office.directory / "filler").unlink()

    def node_on_the_disk(self):
        node = self.office.node()
        node.configure({"sealing": {"low_water_mark_mib": self.LOW_MIB, "ballast_mib": 16}})
        node.start()
        node.unlock()
        return node

    def test_below_the_mark_only_new_seals_are_refused(self):
        node = self.node_on_the_disk()
        file = self.office.file("first", b"first")
        ids = [node.cli("--json", "seal", file).expect(0).json()["sealed"][0]["id"]]
        waiting = self.office.file("second", b"second")
        self.fill(self.LOW_MIB // 2)
        wait_until(lambda: node.status()["state"] == "storage-full", DEADLINE_S, "the daemon to notice")
        refused = node.cli("seal", waiting).expect(7)
        self.assertIn("MiB are free on the disk", refused.err)
        self.assertIn("nothing that was acknowledged is lost", refused.err)
        node.cli("show", file).expect(0)
        node.cli("evidence", "-o", "-", file).expect(0)
        node.cli("sync").expect(4)
        self.assertIn("BAD  disk space", node.cli("doctor").expect(1).out)
        self.empty()
        wait_until(lambda: node.status()["state"] == "ready", DEADLINE_S, "the daemon to notice")
        ids.append(node.cli("--json", "seal", waiting).expect(0).json()["sealed"][0]["id"])
        self.check_all_there(node, ids)

    def test_a_disk_without_any_room_is_named_at_the_start_and_nothing_is_lost(self):
        node = self.node_on_the_disk()
        ids = [self.sealed(node, f"doc{number}", b"%d" % number) for number in range(20)]
        waiting = self.office.file("later", b"later")
        self.fill(0)
        node.kill()
        # Whatever room the kill gave back is taken as well. The ballast lets the node start to show what it has.
        self.fill(0)
        node.start()
        node.unlock()
        self.assertIn("giving up the ballast file", node.log_tail())
        wait_until(lambda: node.status()["state"] == "storage-full", DEADLINE_S, "the daemon to notice")
        node.cli("seal", waiting).expect(7)
        node.cli("show", ids[-1]).expect(0)
        # Now there is no ballast either.
        node.kill()
        self.fill(0)
        self.assertIn("nothing is lost", node.cli("serve").expect(7).err)
        self.assertIn("BAD  log", node.cli("doctor").expect(1).out)
        node.cli("check").expect(7)
        self.empty()
        node.start()
        node.unlock()
        ids.append(node.cli("--json", "seal", waiting).expect(0).json()["sealed"][0]["id"])
        self.check_all_there(node, ids)


class OldBackup(OfficeTest):
    def test_a_restored_node_is_held_until_a_person_decides(self):
        node = self.office.node()
        node.start()
        node.unlock()
        ids = [self.sealed(node, "a", b"a")]
        running = node.cli("restore", "--from", node.data_dir).expect(1)
        self.assertIn("not empty", running.err)
        self.assertIn("process", node.cli("check").expect(1).err)
        node.stop()
        backup = self.office.directory / "backup"
        shutil.copytree(node.data_dir, backup)
        shutil.rmtree(node.data_dir)
        restored = node.cli("--json", "restore", "--from", backup).expect(0).json()
        self.assertTrue(restored["ok"])
        node.start()
        node.unlock()
        self.assertEqual(node.status()["state"], "held")
        document = self.office.file("b", b"b")
        self.assertIn("restored", node.cli("seal", document).expect(6).err)
        node.cli("show", ids[0]).expect(0)
        self.assertIn("BAD  sealing", node.cli("doctor").expect(1).out)
        self.assertIn("process", node.cli("doctor", "--accept-rollback").expect(1).err)
        node.stop()
        self.assertIn("no target has confirmed them", node.cli("doctor", "--accept-rollback").expect(64).err)
        self.assertIn("no longer held", node.cli("doctor", "--accept-rollback", "--yes").expect(0).out)
        node.start()
        node.unlock()
        ids.append(self.sealed(node, "b", b"b"))
        self.check_all_there(node, ids)


class DamagedBackup(OfficeTest):
    def test_a_damaged_backup_is_called_one_and_nothing_is_recommended_with_it(self):
        node = self.office.node()
        node.start()
        node.unlock()
        ids = [self.sealed(node, f"doc{number}", b"%d" % number) for number in range(5)]
        self.check_all_there(node, ids)  # and now everything is in tables
        table = max(node.data_dir.glob("db/*.sst"), key=lambda path: path.stat().st_size)
        content = bytearray(table.read_bytes())
        content[100] ^= 1
        table.write_bytes(content)
        checked = node.cli("check").expect(1)
        said = checked.out + checked.err
        for never in ("fieldseal check", "then: ", "were removed", "does not have"):
            self.assertNotIn(never, said)
        self.assertIn("restore the newest backup", said)
        new = self.office.directory / "new"
        program = node.argv()[0]
        restored = run([program, "--data-dir", new, "restore", "--from", node.data_dir]).expect(1)
        said = restored.out + restored.err
        self.assertRegex(said, "(?i)this backup is damaged: use another one")
        self.assertIn(f"rm -r {new}", said)
        for never in ("serve", "sync", "it is held"):
            self.assertNotIn(never, said)
        nowhere = run([program, "--data-dir", self.office.directory / "new2", "restore", "--from", "/nowhere"]).expect(66)
        self.assertIn('there is no backup in "/nowhere"', nowhere.err)
        self.assertNotIn("init", nowhere.err)


class DamagedFiles(OfficeTest):
    """What stands beside the store: noticed by `check` without any passphrase, and named."""

    def setUp(self):
        super().setUp()
        self.node = self.office.node()
        self.node.start()
        self.node.stop()
        self.assertIn("all is well", self.check(0).out)

    def check(self, code):
        return self.node.cli("check").expect(code)

    def damage(self, name, change):
        """Changes one file for the body of a `with`."""
        file = self.node.data_dir / name

        @contextlib.contextmanager
        def changed():
            before, mode = file.read_bytes(), file.stat().st_mode
            file.write_bytes(change(before))
            yield
            file.write_bytes(before)
            file.chmod(mode)
        return changed()

    def test_each_key_file_in_each_way(self):
        def flip_inside_the_ciphertext(content):
            at = content.index(b'"wrapped_key": "') + 30
            return content[:at] + (b"A" if content[at:at + 1] != b"A" else b"B") + content[at + 1:]

        ways = {"a flip": flip_inside_the_ciphertext, "half": lambda content: content[:len(content) // 2],
                "nothing": lambda _: b""}
        for name in ("seal-default", "log", "status", "witness", "witnessed-log", "pin"):
            for way, change in ways.items():
                with self.subTest(key=name, way=way), self.damage(f"keys/{name}.key", change):
                    self.assertIn(f"keys/{name}.key", self.check(1).out)
                    doctor = self.node.cli("doctor").expect(1).out
                    self.assertRegex(doctor, rf"BAD +keys: .*keys/{name}\.key")
        with self.damage("keys/machine.secret", lambda content: bytes([content[0] ^ 1]) + content[1:]):
            self.assertIn("machine.secret", self.check(1).out)
        for change in (lambda content: content[:-20], lambda _: b""):
            with self.damage("node.json", change):
                self.assertIn("node.json", self.check(1).out)
        (self.node.data_dir / "node.json").rename(self.office.directory / "node.json")
        self.assertIn("node.json is missing", self.check(1).out)
        (self.office.directory / "node.json").rename(self.node.data_dir / "node.json")
        self.check(0)

    def test_a_seal_whose_key_file_is_gone(self):
        file = self.node.data_dir / "keys/seal-default.key"
        kept = file.read_bytes()
        file.unlink()
        self.assertIn('the key of seal "default"', self.check(1).out)
        self.node.start()
        passphrase = self.node.passphrase_file
        self.assertIn("default", self.node.cli("unlock", "--passphrase-file", passphrase).expect(1).err)
        self.node.stop()
        file.write_bytes(kept)
        file.chmod(0o600)
        self.check(0)

    def test_a_configuration_or_an_enrolment_that_lost_what_the_store_has_rows_for(self):
        hub = self.office.node("hub", organisation="archive.example")
        port = free_port()
        hub.configure({"public": {"listen": f"127.0.0.1:{port}"}, "hub": {"enabled": True}})
        hub.start()
        self.node.start()
        hub.cli("hub", "enroll", self.node.cli("node", "info", "--vkey").expect(0).out.strip()).expect(0)
        witness = hub.cli("node", "info", "--witness-vkey").expect(0).out.strip()
        self.node.cli("target", "add", "witness", "--name", "archive", "--url", f"http://127.0.0.1:{port}/witness",
                      "--vkey", witness).expect(0)
        self.node.cli("sync").expect(0)
        self.node.stop()
        hub.stop()
        self.assertNotIn("note:", self.check(0).err)
        with self.damage("fieldseal.toml", lambda content: content.split(b"[[target]]")[0]):
            self.assertIn('no target "archive"', self.check(0).err)
            self.assertIn('no target "archive"', self.node.cli("doctor").out)
        self.assertNotIn("note:", hub.cli("check").expect(0).err)
        (hub.data_dir / "hub-logs.txt").write_bytes(b"")
        self.assertIn("hub-logs.txt enrols no log", hub.cli("check").expect(0).err)
        (hub.data_dir / "hub-logs.txt").write_bytes(b"not a key\n")
        self.assertIn("hub-logs.txt", hub.cli("check").expect(1).out)


class TrustFiles(OfficeTest):
    def test_a_newer_pin_of_a_chain_takes_the_place_of_the_old_one_when_a_person_says_so(self):
        node = self.office.node()
        trust = self.office.directory / "trust.json"

        def pin(name, *sets):
            chain = {"id": "registry.example", "chain_id": 1337, "mode": "qbft", "validator_sets": list(sets),
                     "operator": "registry.example"}
            return self.office.file(name, json.dumps({"fieldseal": "chain/v1", "chain": chain,
                                                      "genesis_hash": "0x" + "c5" * 32}).encode())

        def add(*args):
            return node.cli("trust", "add-chain", "--into", trust, *args)

        first, second = ["0x" + "1a" * 20], ["0x" + "2b" * 20]
        old = pin("pin.json", {"from": 0, "validators": first})
        new = pin("pin-2.json", {"from": 0, "to": 99, "validators": first}, {"from": 100, "validators": second})
        other = pin("pin-3.json", {"from": 100, "validators": second})
        self.assertIn("added to", add("--operator", "ministry.example", old).expect(0).out)
        before = trust.read_bytes()
        self.assertIn("it is there already", add(old).expect(0).out)
        self.assertIn("--replace", add(new).expect(1).err)
        self.assertEqual(trust.read_bytes(), before)
        replaced = add("--replace", new).expect(0)
        self.assertIn("replaced in", replaced.out)
        self.assertEqual(replaced.err, "")
        [chain] = json.loads(trust.read_bytes())["chains"]
        self.assertEqual(len(chain["validator_sets"]), 2)
        self.assertEqual(chain["operator"], "ministry.example")  # the regulator's word, not the pin's
        self.assertIn("from block 0 on are not those", add("--replace", other).expect(0).err)

    def test_trust_files_are_made_without_a_daemon(self):
        node = self.office.node()
        node.start()
        exported = self.office.directory / "export.json"
        node.cli("trust", "export", "--output", exported).expect(0)
        witness = node.cli("node", "info", "--witness-vkey").expect(0).out.strip()
        log = self.office.file("log.vkey", node.cli("node", "info", "--witnessed-log-vkey").expect(0).out.encode())
        node.stop()
        trust = self.office.directory / "trust.json"
        self.assertIn("--origin", node.cli("trust", "merge", "--into", trust, exported).expect(1).err)
        other = node.cli("trust", "merge", "--into", trust, "--origin", "other.example/x/1", exported).expect(1)
        self.assertIn(f"this export is of {node.origin}, you expected other.example/x/1", other.err)
        self.assertFalse(trust.exists())
        node.cli("trust", "merge", "--into", trust, "--origin", node.origin, exported).expect(0)
        node.cli("trust", "add-witness", "--into", trust, "--vkey", witness, "--operator", "archive.example").expect(0)
        node.cli("trust", "add-log", "--into", trust, "--vkey", log, "--operator", "archive.example").expect(0)
        shown = node.cli("trust", "show", trust).expect(0).out
        for line in (node.origin, "witness", "log of checkpoints", "archive.example"):
            self.assertIn(line, shown)
        before = trust.read_bytes()
        again = node.cli("trust", "add-witness", "--into", trust, "--vkey", witness, "--operator", "archive.example")
        self.assertIn("it is there already", again.expect(0).out)
        self.assertEqual(trust.read_bytes(), before)
        parties = node.cli("--json", "trust", "show", trust).expect(0).json()["parties"]
        self.assertEqual([each["role"] for each in parties], ["log", "log of checkpoints", "seal", "witness"])
        for each in parties:
            for key in [each["name"], each.get("key", ""), *each.get("status_keys", [])]:
                self.assertIn(key, shown)
        self.assertIn("its state is not said in this file", shown)
        # One key in two roles, a key of the wrong kind, something that is no trust file.
        node.cli("trust", "add-witness", "--into", trust, "--vkey", witness, "--operator", "b.example").expect(1, 64)
        node.cli("trust", "add-witness", "--into", trust, "--vkey", log, "--operator", "b.example").expect(66)
        node.cli("trust", "show", log).expect(66)
        before = trust.read_bytes()
        node.cli("trust", "merge", "--into", trust, "--yes", log).expect(66)
        self.assertEqual(trust.read_bytes(), before)


if __name__ == "__main__":
    process_test.main()
