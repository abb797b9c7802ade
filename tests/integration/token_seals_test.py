# SPDX-License-Identifier: Apache-2.0
"""A real daemon with seals whose keys are in SoftHSM2, and the bad days of tests/support/pkcs11_faults.cpp.

The judge stands outside: it knows what was acknowledged, and asks the node afterwards, and the verifier.
"""
import concurrent.futures
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import re
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
import tokens  # noqa: E402
from node_process import Office, run, wait_until, write_private  # noqa: E402

STATEMENTS = "/api/v1/statements"
FAULTS = os.environ.get("FAULTS_MODULE", "build/dev/tests/support/libfieldseal_pkcs11_faults.so")
DEADLINE_S = 60
CLIENTS = 8


class TokenSeals(unittest.TestCase):
    def setUp(self):
        why = tokens.missing(*tokens.SoftHsm.needs)
        if why:
            self.skipTest(why)
        self.token = tokens.SoftHsm(labels=("office", "second"))
        self.addCleanup(self.token.close)
        self.place = Office()
        self.addCleanup(self.place.close)
        self.control = self.place.directory / "control"
        self.fault("none")
        self.env = {"SOFTHSM2_CONF": self.token.env["SOFTHSM2_CONF"], "FIELDSEAL_PKCS11_FAULTS": str(self.control)}
        self.pin_file = self.place.directory / "pin"
        write_private(self.pin_file, tokens.PIN + "\n")
        self.wrong_pin_file = self.place.directory / "wrong-pin"
        write_private(self.wrong_pin_file, "111111\n")
        self.node = self.place.node()
        self.node.start(env=self.env)
        self.numbers = itertools.count()

    def fault(self, line):
        new = self.control.with_suffix(".new")
        new.write_text(line + "\n", encoding="utf-8")
        new.replace(self.control)

    def calls(self, call):
        path = pathlib.Path(f"{self.control}.calls")
        return path.read_text(encoding="utf-8").split().count(call) if path.exists() else 0

    def make(self, name, *more, label="office"):
        return self.node.cli("seal-key", "create", name, "--activate", "--pkcs11", FAULTS, "--token-label", label,
                             "--pin-file", self.pin_file, *more)

    def unlock(self, name, pin_file=None, *more):
        return self.node.cli("unlock", name, "--passphrase-file", pin_file or self.pin_file, *more)

    def order(self, seal):
        """One order; (code, answer, digest), or None when the daemon went away."""
        digest = hashlib.sha256(f"document {next(self.numbers)}".encode()).hexdigest()
        try:
            return (*self.node.api("POST", STATEMENTS, {"sha256": digest, "seal": seal}), digest)
        except (OSError, http.client.HTTPException):
            return None

    def logged(self):
        """digest -> id of every statement in the node's log."""
        found, before = {}, None
        while before is None or before > 0:
            page = self.node.api("GET", f"{STATEMENTS}?limit=1000" + (f"&before={before}" if before is not None else ""))
            statements = page[1]["statements"]
            if not statements:
                break
            found.update({each["document"]["sha256"]: each["id"] for each in statements if each["kind"] == "statement"})
            before = statements[-1]["index"]
        return found

    def test_from_the_token_to_a_verified_statement(self):
        listed = self.node.cli("--json", "seal-key", "tokens", "--pkcs11", FAULTS).expect(0).json()["tokens"]
        office = next(each for each in listed if each["label"] == "office")
        self.assertTrue(office["usable"])
        self.assertIn("ES256", office["suites"])
        # Two tokens and no terminal: it says how to name one.
        several = self.node.cli("seal-key", "create", "stamp", "--pkcs11", FAULTS, "--pin-file", self.pin_file)
        self.assertIn("--token-serial", several.expect(64).err)
        self.make("stamp").expect(0)
        shown = self.node.cli("--json", "seal-key", "show", "stamp").expect(0).json()
        self.assertEqual((shown["custody"], shown["algorithm"]), ("pkcs11-sealed-inside", "ES256"))
        self.assertIn(f"serial={office['serial']}", shown["token"])
        document = self.place.file("permit.txt", b"a permit")
        self.assertIn("locked", self.node.cli("seal", "--seal", "stamp", document).err)
        self.assertIn("wrong PIN", self.unlock("stamp", self.wrong_pin_file).expect(77).err)
        self.unlock("stamp").expect(0)
        self.node.cli("seal", "--seal", "stamp", "--evidence", document).expect(0)
        evidence = json.loads(pathlib.Path(f"{document}.seal").read_bytes())
        self.assertIn("statement", evidence)
        self.assertIn("token of seal-stamp", self.node.cli("doctor", env={**os.environ, **self.env}).out)
        self.node.stop()
        self.node.start(env=self.env)
        self.assertIn("locked", self.node.cli("seal", "--seal", "stamp", self.place.file("b", b"b")).err)

    def life(self, name):
        return self.node.cli("--json", "seal-key", "show", name).expect(0).json()["life"]

    def test_a_seal_moves_into_a_token_signs_its_request_and_ends_there(self):
        self.node.cli("seal-key", "create", "permits", "--activate", "--passphrase-file",
                      self.node.passphrase_file).expect(0)
        self.node.cli("seal-key", "rotate", "permits", "card", "--pkcs11", FAULTS, "--token-label", "office",
                      "--pin-file", self.pin_file, "--yes").expect(0)
        shown = self.node.cli("--json", "seal-key", "show", "card").expect(0).json()
        self.assertEqual((shown["custody"], shown["replaces"]), ("pkcs11-sealed-inside", "permits"))
        self.unlock("card").expect(0)
        self.assertEqual(self.order("card")[0], 201)
        request = self.place.directory / "card.csr"
        self.node.cli("seal-key", "csr", "card", "--common-name", "Permits", "-o", request).expect(0)
        self.assertIn("verify OK", run(["openssl", "req", "-in", request, "-verify", "-noout"]).expect(0).err)

        def destroy(pin_file):
            return self.node.cli("seal-key", "destroy", "card", "--pin-file", pin_file, "--yes")
        self.assertIn("seal-key retire", destroy(self.pin_file).expect(1).err)
        self.node.cli("seal-key", "retire", "card", "--yes").expect(0)
        self.assertIn("wrong PIN", destroy(self.wrong_pin_file).expect(77).err)
        self.assertEqual(self.life("card"), "retired")
        self.fault("removed")
        self.assertIn("plug it in", destroy(self.pin_file).expect(3).err)
        self.fault("none")
        self.assertEqual(self.life("card"), "retired")
        key_id = re.search(r"[;:]id=([^;?]+)", shown["token"])[1].replace("%", "")
        destroy(self.pin_file).expect(0)
        self.assertEqual(self.life("card"), "destroyed")
        self.assertIn("destroyed", self.node.cli("seal", "--seal", "card", self.place.file("a", b"a")).err)
        # Nothing has that id any more.
        gone = self.make("again", "--key-id", key_id)
        self.assertIn(key_id.lower(), gone.expect(1).err)
        destroy(self.pin_file).expect(0)

    def test_a_kill_between_the_token_and_the_log_is_finished_by_the_same_order(self):
        self.make("stamp").expect(0)
        self.node.cli("seal-key", "suspend", "stamp").expect(0)
        self.node.stop()
        self.node.start(env={**self.env, "FIELDSEAL_CRASH_AT": "seal.destroyed_in_token:1"})
        ask = ("POST", "/api/v1/seals/stamp/destroy", {"passphrase": tokens.PIN})
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.node.api(*ask)
        self.assertEqual(self.node.wait(), -9)
        self.node.start(env=self.env)
        self.assertEqual(self.life("stamp"), "suspended")  # and cannot sign: nothing false was published
        self.unlock("stamp").expect(1)
        self.assertEqual(self.node.api(*ask)[0], 200)
        self.assertEqual(self.life("stamp"), "destroyed")

    def test_a_failed_rotation_leaves_no_key_in_the_token(self):
        self.make("stamp").expect(0)
        self.node.cli("seal-key", "rotate", "stamp", "next", "--pkcs11", FAULTS, "--token-label", "office", "--suite",
                      "ES256", "--pin-file", self.wrong_pin_file, "--yes").expect(77)
        self.fault("wrong-signature")  # the new seal's word about the old one
        self.node.cli("seal-key", "rotate", "stamp", "next", "--pkcs11", FAULTS, "--token-label", "office", "--suite",
                      "ES256", "--pin-file", self.pin_file, "--yes").expect(1)
        self.fault("none")
        self.assertEqual(self.private_keys(), 1)
        self.assertEqual(self.life("stamp"), "active")

    def private_keys(self):
        """As another program sees the token."""
        listed = run(["pkcs11-tool", "--module", tokens.SOFT_HSM, "--token-label", "office", "--login", "--pin",
                      tokens.PIN, "--list-objects", "--type", "privkey"], env=self.token.env).expect(0)
        return listed.out.count("Private Key Object")

    def test_somebody_elses_key_under_the_same_id_is_not_destroyed(self):
        self.make("stamp").expect(0)
        shown = self.node.cli("--json", "seal-key", "show", "stamp").expect(0).json()
        key_id = re.search(r"[;:]id=([^;?]+)", shown["token"])[1].replace("%", "")
        key, der = self.place.directory / "other.pem", self.place.directory / "other.der"
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key]).expect(0)
        run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out", der]).expect(0)
        run(["pkcs11-tool", "--module", tokens.SOFT_HSM, "--token-label", "office", "--login", "--pin", tokens.PIN,
             "--write-object", der, "--type", "privkey", "--id", key_id], env=self.token.env).expect(0)
        self.node.cli("seal-key", "retire", "stamp", "--yes").expect(0)
        refused = self.node.cli("seal-key", "destroy", "stamp", "--pin-file", self.pin_file, "--yes")
        self.assertIn("2 keys with the id", refused.expect(1).err)
        self.assertEqual((self.private_keys(), self.life("stamp")), (2, "retired"))

    def test_a_secret_that_is_empty_is_refused_and_the_node_goes_on(self):
        self.make("stamp").expect(0)
        self.node.cli("seal-key", "suspend", "stamp").expect(0)  # an active one is not destroyed anyway
        office = json.loads(self.node.cli("--json", "seal-key", "tokens", "--pkcs11", FAULTS).expect(0).out)["tokens"]
        place = {each: office[0][each] for each in ("module", "label", "serial")}
        for path, body in (("/api/v1/seals", {"name": "a", "passphrase": ""}),
                           ("/api/v1/seals", {"name": "a", "passphrase": "", "token": place}),
                           ("/api/v1/seals/stamp/rotate", {"name": "a", "passphrase": ""}),
                           ("/api/v1/seals/stamp/destroy", {}),
                           ("/api/v1/seals/stamp/destroy", {"passphrase": ""}),
                           ("/api/v1/seals/stamp/unlock", {"passphrase": ""}),
                           ("/api/v1/seals/stamp/unlock-last-try", {"passphrase": ""}),
                           ("/api/v1/seals/default/unlock", {"passphrase": ""})):
            with self.subTest(path, body=body):
                self.assertEqual(self.node.api("POST", path, body)[0], 400)
        self.assertTrue(self.node.running())
        self.assertEqual({each["name"] for each in self.node.api("GET", "/api/v1/seals")[1]["items"]},
                         {"default", "stamp"})

    def test_an_unattended_seal_stays_open_whatever_people_do(self):
        self.make("auto", "--unattended").expect(0)
        self.make("desk").expect(0)
        for name in ("auto", "desk"):
            self.node.cli("seal-key", "policy", name, "--idle-lock", "1").expect(0)
        self.unlock("desk").expect(0)
        wait_until(lambda: self.node.api("GET", "/api/v1/seals/desk")[1]["state"] == "locked", DEADLINE_S,
                   "the desk's seal to lock itself")
        self.assertEqual(self.order("auto")[0], 201)
        self.node.cli("seal-key", "suspend", "auto").expect(0)
        self.assertEqual(self.order("auto")[1]["code"], "seal-not-active")
        self.node.cli("seal-key", "resume", "auto").expect(0)
        self.assertEqual(self.order("auto")[0], 201)
        # Two wrong PINs of a person: the third is not tried unasked, and the file's login changes neither.
        for _ in range(2):
            self.assertIn("wrong PIN", self.unlock("desk", self.wrong_pin_file).expect(77).err)
            self.assertEqual(self.order("auto")[0], 201)
        self.assertIn("--last-try", self.unlock("desk").expect(77).err)
        self.assertEqual(self.order("auto")[0], 201)
        # The PIN that somebody gives goes before a file that is gone.
        self.pin_file.rename(self.pin_file.with_suffix(".away"))
        away = self.pin_file.with_suffix(".away")
        self.unlock("desk", away, "--last-try").expect(0)
        self.node.cli("seal-key", "retire", "auto", "--yes").expect(0)
        self.node.cli("seal-key", "destroy", "auto", "--pin-file", away, "--yes").expect(0)
        self.assertEqual((self.private_keys(), self.life("auto")), (1, "destroyed"))

    def test_a_seal_that_has_ended_is_not_unlocked(self):
        self.make("stamp").expect(0)
        self.node.cli("seal-key", "retire", "stamp", "--yes").expect(0)
        self.assertIn("nothing to unlock it for", self.unlock("stamp").expect(1).err)

    def test_an_unattended_seal_survives_a_restart(self):
        self.make("stamp", "--unattended").expect(0)
        self.node.stop()
        self.node.start(env=self.env)
        self.assertEqual(self.order("stamp")[0], 201)

    def test_pulling_the_token_loses_nothing_that_was_acknowledged(self):
        self.make("stamp").expect(0)
        self.unlock("stamp").expect(0)
        acknowledged, refused, lock = {}, [], threading.Lock()
        pulled = threading.Event()

        def client():
            while True:
                answer = self.order("stamp")
                with lock:
                    if answer[0] == 201:
                        acknowledged[answer[2]] = answer[1]["id"]
                    else:
                        refused.append(answer)
                        return
                    if len(acknowledged) >= 200 and not pulled.is_set():
                        pulled.set()
                        self.fault("removed")

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as crew:
            for done in [crew.submit(client) for _ in range(CLIENTS)]:
                done.result(timeout=DEADLINE_S)
        self.assertGreaterEqual(len(acknowledged), 200)
        for code, answer, _ in refused:
            self.assertEqual((code, answer["code"]), (423, "locked"), answer)
            self.assertIn("unlock", answer["detail"])
        # The judge: what was acknowledged is there under its id, and what was refused is not there.
        self.node.kill()
        self.fault("none")
        self.node.start(env=self.env)
        logged = self.logged()
        self.assertEqual({digest: logged.get(digest) for digest in acknowledged}, acknowledged)
        self.assertEqual([digest for _, _, digest in refused if digest in logged], [])
        self.node.cli("check").expect(0, 1)
        self.unlock("stamp").expect(0)
        self.assertEqual(self.order("stamp")[0], 201)

    def test_a_token_that_hangs_holds_up_nobody_else_and_no_end(self):
        self.make("stamp").expect(0)
        self.make("other", label="second").expect(0)
        self.node.cli("unlock", "default", "--passphrase-file", self.node.passphrase_file).expect(0)
        self.unlock("stamp").expect(0)
        self.fault("hang")
        with concurrent.futures.ThreadPoolExecutor(4 * CLIENTS) as crew:
            stuck = [crew.submit(self.order, "stamp") for _ in range(2 * CLIENTS)]
            wait_until(lambda: self.calls("sign") > 0, DEADLINE_S, "the token to hang")
            seconds = []
            for _ in range(50):
                began = time.monotonic()
                self.assertEqual(self.order("default")[0], 201)
                seconds.append(time.monotonic() - began)
            self.assertLess(sorted(seconds)[25], 0.5, "the software seal waits for the token")
            codes = {each.result(timeout=DEADLINE_S)[0] for each in stuck}
            self.assertEqual(codes, {503})
        self.assertEqual(self.order("stamp")[0], 503)  # at once
        began = time.monotonic()
        self.assertEqual(self.node.stop(), 0)
        self.assertLess(time.monotonic() - began, 10)
        self.fault("none")

    def test_wrong_signatures_never_come_out(self):
        self.make("stamp").expect(0)
        self.make("other").expect(0)  # another key in the same token
        for line in ("wrong-signature", "other-key", "short-signature"):
            self.unlock("stamp").expect(0)
            self.fault(line)
            code, answer, digest = self.order("stamp")
            self.assertEqual(code, 500, answer)
            self.assertEqual(self.order("stamp")[0], 423)
            self.fault("none")
            self.assertNotIn(digest, self.logged())
        self.unlock("stamp").expect(0)
        self.fault("high-s")
        for _ in range(20):
            self.assertEqual(self.order("stamp")[0], 201)

    def test_the_last_try_is_asked_for(self):
        self.make("stamp").expect(0)
        self.fault("final-try")
        before = self.calls("login")
        for pin_file in (self.wrong_pin_file, self.pin_file):
            self.assertIn("--last-try", self.unlock("stamp", pin_file).expect(77).err)
        self.assertIn("one more wrong PIN locks it", self.node.cli("seal-key", "tokens", "--pkcs11", FAULTS).out)
        self.assertEqual(self.calls("login"), before)
        self.unlock("stamp", self.pin_file, "--last-try").expect(0)
        self.fault("pin-locked")
        self.node.cli("lock", "stamp").expect(0)
        self.assertIn("PUK", self.unlock("stamp").expect(77).err)
        self.assertEqual(self.calls("login"), before + 1)

    def test_a_power_cut_between_attempt_and_answer_gives_no_free_guess(self):
        self.make("stamp").expect(0)
        self.fault("die-in-login")
        before = self.calls("login")
        for _ in range(7):
            self.unlock("stamp", self.wrong_pin_file)
            if not self.node.running():
                self.node.wait()
                self.node.start(env=self.env)
        guesses = self.calls("login") - before
        self.assertGreater(guesses, 0)
        # Each was counted before the token saw it, also those that no answer came to.
        [counter] = (self.node.data_dir / "keys").glob("token-*.attempts")
        self.assertEqual(counter.read_text(encoding="ascii").split()[1], str(guesses))
        self.fault("none")


if __name__ == "__main__":
    process_test.main()
