# SPDX-License-Identifier: Apache-2.0
"""The command line against a real daemon: what people type, what they read, what scripts get."""
import json
import os
import pathlib
import pty
import re
import signal
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import PASSPHRASE, Office, run, wait_until, write_private  # noqa: E402

DEADLINE_S = 30
# Root reads everything; without these two it reads what a file's mode lets it.
WITHOUT_OVERRIDE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search",
                    "--inh-caps=-dac_override,-dac_read_search"]


class WithNode(unittest.TestCase):
    """One office for all tests of a class: each test works on documents of its own."""

    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.node = cls.office.node()
        cls.node.start()
        cls.node.unlock()

    def seal(self, *args):
        return self.node.cli("--json", "seal", *args)

    def sealed_id(self, *args):
        return self.seal(*args).expect(0).json()["sealed"][0]["id"]


class Documents(WithNode):
    def test_an_empty_file_is_a_document(self):
        result = self.seal(self.office.file("empty", b"")).expect(0).json()
        document = result["sealed"][0]["document"]
        self.assertEqual(document["size"], 0)
        self.assertTrue(document["sha256"].startswith("e3b0c44298fc1c14"))

    def test_trouble_with_one_file_does_not_keep_the_others_from_being_sealed(self):
        good = self.office.file("good.txt", b"good")
        result = self.seal(self.office.directory / "missing.txt", self.office.directory, good).expect(2)
        self.assertEqual([each["file"] for each in result.json()["sealed"]], [str(good)])
        self.assertEqual(len(result.json()["failed"]), 2)
        self.assertIn("missing.txt: there is no such file", result.err)
        self.assertIn("this is a directory", result.err)

    def test_an_unreadable_file_gets_one_sentence(self):
        secret = self.office.file("secret.txt")
        secret.chmod(0)
        result = run([*(WITHOUT_OVERRIDE if os.geteuid() == 0 else []), *self.node.argv("seal", secret)]).expect(66)
        self.assertEqual(result.err, f"fieldseal: {secret}: you have no right to read this file\n")

    def test_a_file_whose_disk_fails_gets_one_sentence(self):
        result = self.node.cli("seal", "/proc/self/mem").expect(66)
        self.assertIn("/proc/self/mem: reading failed: Input/output error", result.err)

    def test_a_pipe_is_refused_at_once(self):
        pipe = self.office.directory / "pipe"
        os.mkfifo(pipe)
        self.assertIn("not a regular file", self.node.cli("seal", pipe, seconds=DEADLINE_S).expect(66).err)

    def test_a_name_cannot_write_on_the_terminal(self):
        evil = self.office.file("a\x1b[2J\n.txt", b"evil")
        result = self.node.cli("seal", evil).expect(0)
        self.assertNotIn("\x1b", result.out + result.err + self.node.cli("list").expect(0).out)

    def test_a_name_that_is_not_utf_8_is_no_obstacle(self):
        path = os.fsencode(self.office.directory) + b"/\xff.txt"
        with open(path, "wb") as out:
            out.write(b"x")
        self.node.cli("seal", os.fsdecode(path)).expect(0)

    def test_the_same_idempotency_key_seals_once(self):
        file = self.office.file("order.xml", b"order")
        first = self.sealed_id("--idempotency-key", "order-1", file)
        self.assertEqual(self.sealed_id("--idempotency-key", "order-1", file), first)
        other = self.office.file("other.xml", b"another order")
        self.assertIn("used for another order", self.seal("--idempotency-key", "order-1", other).expect(1).err)

    def test_claims_are_what_was_asked_for(self):
        file = self.office.file("photo.JPG", b"photo")
        statement = self.seal("--subject", "permit 7", file).expect(0).json()["sealed"][0]
        self.assertEqual((statement["media_type"], statement["subject"]), ("image/jpeg", "permit 7"))
        statement = self.seal("--media-type", "text/x.own", file).expect(0).json()["sealed"][0]
        self.assertEqual(statement["media_type"], "text/x.own")

    def test_a_document_is_found_by_its_content(self):
        file = self.office.file("moved.txt", b"content that moves")
        statement_id = self.sealed_id(file)
        moved = file.rename(self.office.directory / "elsewhere.txt")
        shown = self.node.cli("--json", "show", moved).expect(0).json()["statements"]
        self.assertEqual([each["id"] for each in shown], [statement_id])
        self.assertIn(statement_id, self.node.cli("show", statement_id.upper()).expect(0).out)
        self.assertIn("has sealed no document with this content",
                      self.node.cli("show", self.office.file("new.txt", b"new")).expect(1).err)

    def test_the_beginning_of_an_id_is_enough(self):
        file = self.office.file("prefix.txt", b"named by the beginning of its id")
        statement_id = self.sealed_id(file)
        for part in (statement_id[:8], statement_id[:16].upper()):
            self.assertIn(statement_id, self.node.cli("show", part).expect(0).out)
        self.node.cli("evidence", "-o", "-", statement_id[:16]).expect(0)
        self.assertIn("at least 8 digits", self.node.cli("show", statement_id[:7]).expect(64).err)
        self.assertIn("no id among", self.node.cli("show", "0" * 15).expect(1).err)

    def test_list_pages_through_everything(self):
        for number in range(5):
            self.sealed_id(self.office.file(f"page{number}", b"%d" % number))
        seen, before = [], []
        while True:
            page = self.node.cli("--json", "list", "--limit", 3, *before).expect(0).json()
            seen += [each["index"] for each in page["statements"]]
            if "next_before" not in page:
                break
            before = ["--before", page["next_before"]]
        self.assertEqual(seen, sorted(set(seen), reverse=True))
        self.assertGreaterEqual(len(seen), 5)

    def test_list_counts_documents_and_not_the_logs_own_entries(self):
        for number in range(2):
            self.sealed_id(self.office.file(f"counted{number}", b"counted %d" % number))
            self.node.cli("sync").expect(4)  # a checkpoint, and the heads that come with it
        for limit in (1, 2):
            page = self.node.cli("--json", "list", "--limit", limit).expect(0).json()
            self.assertEqual(len(page["statements"]), limit)
            self.assertIn("next_before", page)
        everything = self.node.cli("--json", "list", "--limit", 1000).expect(0).json()
        self.assertNotIn("next_before", everything)
        oldest = everything["statements"][-1]["index"]
        first = self.node.cli("list", "--limit", 1, "--before", oldest + 1).expect(0)
        self.assertNotIn("Older ones", first.err)
        self.assertIn(f"Nothing is sealed below log index {oldest}",
                      self.node.cli("list", "--before", oldest).expect(0).err)

    def test_ctrl_c_while_reading_seals_nothing(self):
        large = self.office.directory / "large"
        with open(large, "wb") as out:
            out.truncate(10 << 30)
        before = self.node.status()["log"]["size"]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.node.argv()[0], self.node.argv("seal", large))
        shown = b""
        while b"%" not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, b"\x03")
        ended = wait_until(lambda: os.waitpid(pid, os.WNOHANG)[1], DEADLINE_S, "the command to end")
        os.close(terminal)
        self.assertEqual(os.WTERMSIG(ended), signal.SIGINT)
        self.assertEqual(self.node.status()["log"]["size"], before)


class EvidenceFiles(WithNode):
    def test_evidence_stands_beside_the_document_and_is_refreshed(self):
        file = self.office.file("contract.pdf", b"contract")
        self.sealed_id(file)
        self.node.cli("evidence", file).expect(0)
        evidence = pathlib.Path(f"{file}.seal")
        self.assertEqual(json.loads(evidence.read_bytes())["fieldseal"], "evidence/v1")
        self.node.cli("evidence", file).expect(0)
        self.assertEqual(list(self.office.directory.glob("contract.pdf*")), [file, evidence])

    def test_nothing_else_is_overwritten(self):
        file = self.office.file("will.txt", b"a will")
        precious = self.office.file("will.txt.seal", b"a wax seal, photographed")
        self.sealed_id(file)
        self.assertIn("is not an evidence file", self.node.cli("evidence", file).expect(1).err)
        self.assertEqual(precious.read_bytes(), b"a wax seal, photographed")

    def test_a_document_sealed_twice_has_two_evidence_files(self):
        file = self.office.file("twice.txt", b"twice")
        ids = [self.sealed_id(file), self.sealed_id(file)]
        written = self.node.cli("--json", "evidence", "--all", file).expect(0).json()["written"]
        self.assertEqual(sorted(each["id"] for each in written), sorted(ids))
        self.assertEqual(len({each["file"] for each in written}), 2)

    def test_evidence_of_the_older_statement_is_brought_up_to_date_and_the_newer_one_named(self):
        file = self.office.file("again.txt", b"again")
        first = self.sealed_id(file)
        self.node.cli("evidence", file).expect(0)
        second = self.sealed_id(file)
        self.node.cli("sync").expect(4)
        refreshed = self.node.cli("evidence", file).expect(0)
        self.assertIn(f"holds the older statement {first}", refreshed.err)
        self.assertIn(f"evidence {second}", refreshed.err)
        written = self.node.cli("--json", "evidence", file).expect(0).json()["written"]
        self.assertEqual([each["id"] for each in written], [first])

    def test_evidence_goes_to_standard_output(self):
        file = self.office.file("stdout.txt", b"stdout")
        statement_id = self.sealed_id(file)
        self.assertEqual(self.node.cli("evidence", "-o", "-", statement_id).expect(0).json()["fieldseal"], "evidence/v1")

    def test_seal_can_write_it_at_once(self):
        file = self.office.file("at-once.txt", b"at once")
        self.assertEqual(self.seal("--evidence", file).expect(0).json()["sealed"][0]["evidence_file"], f"{file}.seal")
        # Sealed again: the older evidence stays, the newer one has a name of its own.
        older = pathlib.Path(f"{file}.seal").read_bytes()
        [sealed] = self.seal("--evidence", file).expect(0).json()["sealed"]
        self.assertEqual(sealed["evidence_file"], f"{file}.{sealed['id'][:16]}.seal")
        said = self.node.cli("seal", "--evidence", file).expect(0)
        self.assertIn(f"{file}.seal holds the evidence of the older statement", said.err)
        self.assertEqual(pathlib.Path(f"{file}.seal").read_bytes(), older)
        # Something else has that name: it stays, and the next step works.
        other = self.office.file("other.pdf")
        self.office.file("other.pdf.seal", b"mine")
        [failed] = self.seal("--evidence", other).expect(2).json()["failed"]
        self.assertIn("is not an evidence file", failed["error"]["detail"])
        refused = self.node.cli("seal", "--evidence", other).expect(2)
        step = re.search(r"evidence ([0-9a-f]{64}) -o FILE", refused.err)
        self.node.cli("evidence", step[1], "-o", self.office.directory / "elsewhere.seal").expect(0)

    def test_without_a_target_waiting_ends_with_not_yet(self):
        file = self.office.file("waiting.txt", b"waiting")
        self.seal("--wait-anchored=1", file).expect(4)
        self.assertNotIn("goes on anchoring", self.node.cli("seal", "--wait-anchored=1", file).expect(4).err)
        self.node.cli("sync").expect(4)


class OneNode(unittest.TestCase):
    def setUp(self):
        self.office = Office()
        self.addCleanup(self.office.close)
        self.node = self.office.node()

    def test_init_keeps_secrets_to_its_owner_and_never_overwrites(self):
        self.assertEqual(stat.S_IMODE(self.node.data_dir.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(self.node.recovery_file.stat().st_mode), 0o600)
        recovery = self.node.recovery_file.read_text()
        self.assertTrue(recovery.startswith("FSR1-"))
        self.assertNotIn(recovery.strip(), self.node.initialised.out + self.node.initialised.err)
        again = self.node.cli("init", "test.example", "field", "--passphrase-file", self.node.passphrase_file,
                              "--recovery-file", self.office.directory / "other").expect(1)
        self.assertIn("is not empty", again.err)
        other = [*self.node.argv()[:1], "--data-dir", self.office.directory / "x", "init", "test.example", "x",
                 "--passphrase-file", self.node.passphrase_file]
        self.assertIn("--recovery-file", run(other).expect(64).err)

    def test_a_passphrase_file_others_can_read_is_refused(self):
        self.node.start()
        self.node.passphrase_file.chmod(0o644)
        self.node.cli("unlock", "--passphrase-file", self.node.passphrase_file).expect(77)

    def test_a_wrong_passphrase_changes_nothing(self):
        self.node.start()
        wrong = self.office.directory / "wrong"
        write_private(wrong, "not the passphrase\n")
        result = self.node.cli("unlock", "--passphrase-file", wrong).expect(77)
        self.assertIn("passphrase", result.err)
        self.assertIn("--recovery-code", result.err)
        write_private(wrong, "short\n")
        result = self.node.cli("unlock", "--passphrase-file", wrong).expect(77)
        self.assertIn("wrong passphrase", result.err)
        self.assertNotIn("random words", result.err)
        file = self.office.file("a")
        self.assertIn("fieldseal --data-dir", self.node.cli("seal", file).expect(5).err)
        self.node.unlock()
        self.node.cli("seal", file).expect(0)
        self.node.cli("lock").expect(0)
        self.node.cli("seal", file).expect(5)

    def test_a_secret_that_comes_from_nowhere_is_said_with_the_options_name(self):
        self.node.start()
        nope = self.office.directory / "nope"
        self.assertIn("nope", self.node.cli("unlock", "--passphrase-file", nope).expect(66).err)
        detached = ["setsid", "--wait", *self.node.argv()]  # no terminal to ask at
        for args, option in ((["unlock"], "--passphrase-file"), (["seal-key", "create", "s1"], "--passphrase-file"),
                             (["people", "add", "amina", "--role", "admin"], "--password-file")):
            self.assertIn(option, run([*detached, *args]).expect(64).err)

    def test_who_pairs_without_an_admin_is_told_how_to_add_one(self):
        self.node.start()
        self.node.cli("people", "pair").expect(0)
        self.node.cli("people", "add", "amina", "--role", "operator", "--password-file",
                      self.node.passphrase_file).expect(0)
        self.assertIn("people add NAME --role admin", self.node.cli("people", "pair").expect(1).err)
        self.node.cli("people", "add", "zahra", "--role", "admin", "--password-file",
                      self.node.passphrase_file).expect(0)
        self.assertNotIn("--role admin", self.node.cli("people", "pair").expect(1).err)

    def test_a_verb_that_is_none_is_said_with_the_nearest(self):
        for args, nearest in ((["statsu"], '"status"'), (["people", "ad"], '"people add"')):
            result = self.node.cli(*args).expect(64)
            self.assertIn("there is no verb ", result.err)
            self.assertIn(f"did you mean {nearest}?", result.err)
        self.assertIn('there is no verb "frobnicate"', self.node.cli("frobnicate").expect(64).err)
        self.assertNotIn("no verb", self.node.cli("status", "--frobnicate").expect(64).err)

    def test_every_next_step_can_be_pasted(self):
        self.node.start()
        here = f"fieldseal --data-dir {self.node.data_dir} "
        self.assertIn(f"locked: {here}unlock", self.node.cli("status").expect(0).out)
        self.assertIn(f"-> {here}unlock", self.node.cli("doctor").out)
        create = ["seal-key", "create", "--activate", "--passphrase-file", self.node.passphrase_file]
        self.node.cli(*create, "s2").expect(0)
        self.assertIn("unlock SEAL", self.node.cli("status").expect(0).out)
        several = self.node.cli("unlock", "--passphrase-file", self.node.passphrase_file).expect(64)
        self.assertIn("default, s2", several.err)
        self.node.cli("unlock", "default", "--passphrase-file", self.node.passphrase_file).expect(0)
        document = self.office.file("a")
        self.assertIn("--seal, or set sealing.default_seal", self.node.cli("seal", document).expect(64).err)
        locked = self.node.cli("seal", "--seal", "s2", document).expect(5)
        self.assertEqual(locked.err.count(f"{here}unlock s2"), 2, locked.err)
        for seal in ("default", "s2"):
            self.node.cli("seal-key", "retire", seal, "--yes").expect(0)
        self.assertIn(f"no seal is active: {here}seal-key", self.node.cli("status").expect(0).out)
        self.assertIn("no seal of this node is active", self.node.cli("unlock").expect(1).err)
        for name in (["create", "s2"], ["rotate", "s2", "s2", "--yes"]):
            again = self.node.cli("seal-key", *name, "--passphrase-file", self.node.passphrase_file).expect(1)
            self.assertIn("names are never used again", again.err)
            self.assertNotIn("no seal of that name", again.err)

    def test_a_passphrase_is_asked_for_without_echo(self):
        self.node.start()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.node.argv()[0], self.node.argv("unlock"))
        shown = b""
        while b"Passphrase" not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, PASSPHRASE.encode() + b"\n")
        try:
            while more := os.read(terminal, 4096):
                shown += more
        except OSError:  # the other side is closed: EIO on Linux
            pass
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, shown)
        self.assertNotIn(PASSPHRASE.encode(), shown)
        self.assertEqual(self.node.status()["seals"], [{"name": "default", "state": "unlocked", "life": "active"}])

    def test_without_a_daemon_it_says_how_to_start_one(self):
        for args in (["status"], ["seal", "/nonexistent"], ["list"], ["sync"], ["evidence", "x"], ["unlock"]):
            result = self.node.cli(*args).expect(3)
            self.assertIn(f"no fieldseal daemon is running on {self.node.socket}: start it with", result.err)
        self.node.start()
        self.node.kill()
        self.assertIn("no fieldseal daemon is running", self.node.cli("--json", "status").expect(3).json()["error"]["detail"])

    def test_a_second_daemon_is_refused_and_the_first_goes_on(self):
        self.node.start()
        second = self.node.cli("serve").expect(1)
        self.assertIn(f"process {self.node.process.pid}", second.err)
        self.node.unlock()
        self.node.cli("seal", self.office.file("a")).expect(0)

    def test_serve_without_a_node_says_how_to_make_one(self):
        result = run([*self.node.argv()[:1], "--data-dir", self.office.directory / "none", "serve"]).expect(1)
        self.assertIn("init ORGANISATION NAME", result.err)

    def test_a_configuration_with_a_typing_mistake_is_refused_with_the_nearest_key(self):
        with open(self.node.config_file, "a", encoding="utf-8") as out:
            out.write("\n[sealng]\nqueue_max = 7\n")
        self.assertIn("sealing", self.node.cli("serve").expect(64).err)

    def test_json_is_one_document_for_every_verb(self):
        self.node.start()
        self.node.unlock()
        file = self.office.file("a")
        for args in (["status"], ["node", "info"], ["seal", file], ["list"], ["show", file], ["evidence", file],
                     ["sync"], ["target", "list"], ["trust", "export"], ["lock"], ["doctor"], ["check"],
                     ["help", "exit-codes"]):
            result = self.node.cli("--json", *args)
            self.assertRegex(result.json()["fieldseal"], r"^[a-z-]+/v1$", args)

    def test_a_full_disk_behind_standard_output_is_not_success(self):
        self.node.start()
        with open("/dev/full", "wb") as full:
            code = subprocess.run(self.node.argv("status"), stdout=full, stderr=subprocess.DEVNULL, check=False).returncode
        self.assertEqual(code, 1)


if __name__ == "__main__":
    process_test.main()
