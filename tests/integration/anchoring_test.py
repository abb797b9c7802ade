# SPDX-License-Identifier: Apache-2.0
"""An office and a hub as real daemons: offline, back online, killed, rolled back, held."""
import http.client
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node_process import Office, free_port, wait_until  # noqa: E402

DEADLINE_S = 30


def get(port, path):
    """(status, body); the path goes out as it is, dots and all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Pair:
    """An office and a hub of another organisation, enrolled at each other; the hub is not running."""

    def __init__(self, office):
        self.office = office.node("field", organisation="ministry.example")
        self.hub = office.node("hub", organisation="archive.example")
        self.port = free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.port}"}, "hub": {"enabled": True}})
        self.office.configure({"checkpoint": {"interval_s": 1}})
        self.hub.start()
        self.office.start()
        vkey = office.file("office.vkey", self.office.cli("node", "info", "--vkey").expect(0).out.encode())
        witness = office.file("hub.vkey", self.hub.cli("node", "info", "--witness-vkey").expect(0).out.encode())
        log = office.file("hub-log.vkey",
                          self.hub.cli("node", "info", "--json").expect(0).json()["witnessed_log_vkey"].encode())
        self.hub.cli("hub", "enroll", vkey).expect(0)
        self.hub.stop()
        self.office.cli("target", "add", "witness", "--name", "hub", "--url", f"http://127.0.0.1:{self.port}/witness",
                        "--vkey-file", witness, "--log-vkey-file", log).expect(0)
        self.office.unlock()

    def target(self):
        return self.office.status()["targets"][0]

    def wait_phase(self, phase):
        wait_until(lambda: self.target()["phase"] == phase, DEADLINE_S, f"phase {phase}, not {self.target()}")


class AnchoringTest(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.pair = Pair(self.place)
        self.office, self.hub = self.pair.office, self.pair.hub

    def seal(self, name):
        self.office.cli("seal", self.place.file(name, name.encode())).expect(0)

    def sync(self):
        self.office.cli("sync", "--timeout", str(DEADLINE_S)).expect(0)

    def test_offline_is_a_state_and_ends_by_itself(self):
        self.seal("a.txt")
        wait_until(lambda: self.pair.target().get("error"), DEADLINE_S, "a first try without the hub")
        self.assertEqual(self.pair.target()["phase"], "waiting")
        self.assertEqual(self.office.status()["state"], "ready")
        self.hub.start()
        self.sync()
        self.assertEqual(self.office.api("GET", "/api/v1/statements")[1]["statements"][0]["state"], "anchored")

    def test_evidence_carries_the_hubs_own_log_and_a_later_floor(self):
        self.hub.start()
        self.seal("a.txt")
        self.sync()
        found = self.office.api("GET", "/api/v1/statements")[1]["statements"][0]
        evidence = wait_until(lambda: self.logged(found["id"]), DEADLINE_S, "the hub's PROOF")
        self.assertNotIn("floor", evidence)
        self.seal("b.txt")
        self.sync()
        later = self.office.api("GET", "/api/v1/statements")[1]["statements"][0]
        self.assertIn("note", self.office.api("GET", f"/api/v1/statements/{later['id']}/evidence")[1]["floor"])

    def logged(self, statement):
        evidence = self.office.api("GET", f"/api/v1/statements/{statement}/evidence")[1]
        return evidence if evidence["proofs"][0]["logged"] else None

    def test_both_sides_survive_kill_9_and_go_on(self):
        self.hub.start()
        for round_number in range(3):
            self.seal(f"{round_number}.txt")
            self.hub.kill()
            self.office.kill()
            self.hub.start()
            self.office.start()
            self.office.unlock()
            self.sync()
        statements = self.office.api("GET", "/api/v1/statements")[1]["statements"]
        self.assertEqual([each["state"] for each in statements], ["anchored"] * 3)
        self.assertEqual(self.pair.target()["phase"], "anchored")

    def roll_back(self):
        """The stopped office's directory is an old copy, which says that all was anchored; the hub saw more."""
        self.hub.start()
        self.seal("a.txt")
        self.sync()
        self.office.stop()
        copy = self.place.directory / "copy"
        shutil.copytree(self.office.data_dir, copy)
        self.office.start()
        self.office.unlock()
        self.seal("b.txt")
        self.sync()
        self.office.stop()
        shutil.rmtree(self.office.data_dir)
        shutil.copytree(copy, self.office.data_dir)

    def test_a_rolled_back_directory_is_noticed_at_the_start_before_anything_is_sealed(self):
        self.roll_back()
        self.office.start()  # nothing on this machine knows better
        self.pair.wait_phase("stopped-by-proof")
        self.assertEqual(self.office.status()["state"], "stopped")
        self.assertIn("larger than our log", self.pair.target()["error"])
        self.office.stop()
        # Whoever accepts what is gone has to leave the target that saw it: it shows it again.
        self.office.cli("doctor", "--accept-rollback", "--yes").expect(0)
        self.office.start()
        self.pair.wait_phase("stopped-by-proof")

    def test_an_honest_office_starts_without_a_word_whether_the_hub_is_there_or_not(self):
        self.hub.start()
        self.seal("a.txt")
        self.sync()
        for is_there in (True, False):
            self.office.stop()
            if not is_there:
                self.hub.stop()
            self.office.start()
            self.office.unlock()
            wait_until(lambda: not self.pair.target()["in_flight"], DEADLINE_S, "the look at the start")
            target = self.pair.target()
            self.assertEqual((target["phase"], target.get("error", "")), ("anchored", ""))
            self.assertEqual(self.office.status()["state"], "ready")

    def test_a_rolled_back_directory_that_starts_offline_is_noticed_by_the_target_and_stops_sealing(self):
        self.roll_back()
        self.hub.stop()
        self.office.start()
        self.office.unlock()
        self.seal("c.txt")  # offline is normal
        self.hub.start()
        self.office.cli("sync", "--timeout", "5")
        self.pair.wait_phase("stopped-by-proof")
        self.assertEqual(self.office.status()["state"], "stopped")
        refused = self.office.cli("seal", self.place.file("d.txt"))
        self.assertEqual(refused.code, 6, refused)
        self.office.stop()
        self.office.start()  # it stays stopped
        self.assertEqual(self.office.status()["state"], "stopped")
        self.what_a_person_is_told()

    def what_a_person_is_told(self):
        synced = self.office.cli("sync").expect(6)
        self.assertIn("sealing is stopped", synced.err)
        self.assertNotIn("safe", synced.out + synced.err)
        self.assertEqual(self.office.cli("status").expect(0).out.count("doctor"), 2)  # the state, the target
        for running in (True, False):
            doctor = self.office.cli("doctor").expect(1).out
            self.assertNotRegex(doctor, "run `fieldseal[^`]* doctor`")
            self.assertIn("1. Delete nothing", doctor)
            self.assertIn(f"--data-dir {self.office.data_dir} doctor --accept-rollback", doctor)
            if running:
                self.office.stop()
        refused = self.office.cli("doctor", "--accept-rollback").expect(64)
        self.assertRegex(refused.err, r'"hub" holds a checkpoint of \d+ entries signed by this log, and \d+ entries are here')
        self.assertIn("--accept-rollback --yes", refused.err)
        self.assertIn("BAD  sealing: stopped", self.office.cli("doctor").expect(1).out)  # nothing was changed
        accepted = self.office.cli("--json", "doctor", "--accept-rollback", "--yes").expect(0).json()
        self.assertEqual((len(accepted["lost"]), len(accepted["lifted"])), (1, 2))
        self.assertIn("nothing to accept", self.office.cli("doctor", "--accept-rollback").expect(0).out)

    def test_a_log_that_is_not_enrolled_is_refused_in_plain_words(self):
        stranger = self.place.node("stranger", organisation="elsewhere.example")
        self.hub.start()
        stranger.start()
        witness = self.place.directory / "hub.vkey"
        stranger.cli("target", "add", "witness", "--name", "hub", "--url",
                     f"http://127.0.0.1:{self.pair.port}/witness", "--vkey-file", witness).expect(0)
        stranger.unlock()
        stranger.cli("seal", self.place.file("s.txt")).expect(0)
        self.assertEqual(stranger.cli("sync", "--timeout", "5").code, 4)
        wait_until(lambda: stranger.status()["targets"][0]["phase"] == "refused", DEADLINE_S, "phase refused")
        self.assertEqual(stranger.status()["state"], "ready")

    def test_public_tiles_serve_what_the_checkpoint_covers_and_no_more(self):
        self.office.stop()
        port = free_port()
        self.office.configure({"public": {"listen": f"127.0.0.1:{port}"}, "checkpoint": {"interval_s": 3600}})
        self.office.start()
        self.office.unlock()
        size = int(get(port, "/log/checkpoint")[1].split(b"\n")[1])
        self.seal("a.txt")  # not covered by a checkpoint
        self.assertEqual(get(port, f"/log/tile/0/000.p/{size}")[0], 200)
        self.assertEqual(get(port, f"/log/tile/0/000.p/{size + 1}")[0], 404)
        self.assertEqual(get(port, f"/log/tile/entries/000.p/{size}")[0], 200)
        self.assertEqual(get(port, "/log/tile/0/0")[0], 400)
        self.assertEqual(get(port, "/log/../api/v1/status")[0], 404)
        self.assertEqual(get(port, "/api/v1/status")[0], 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
