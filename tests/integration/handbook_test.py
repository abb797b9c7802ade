# SPDX-License-Identifier: Apache-2.0
"""Runs every shell example of docs/cli.md, from top to bottom, as the page tells one story."""
import json
import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
import test_chain  # noqa: E402
from chain_office import pin_file  # noqa: E402
from node_process import ROOT, Office, free_port, program, run, write_private  # noqa: E402

HANDBOOK = ROOT / "docs/cli.md"
PIN_PAGE = ROOT / "docs/formats/chain-pin.md"
COMMAND_SECONDS = 120


def examples():
    """The command lines of the page's sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", HANDBOOK.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line]


class Handbook(unittest.TestCase):
    def setUp(self):
        self.place = Office()
        self.addCleanup(self.place.close)
        self.desk = self.place.directory / "desk"
        (self.desk / "bin").mkdir(parents=True)
        self.hub = self.place.node("hub", organisation="archive.example")
        self.port = free_port()
        self.hub.configure({"public": {"listen": f"127.0.0.1:{self.port}"}, "hub": {"enabled": True}})
        self.hub.start()
        # The page's node is made by its first example; this one lends it the daemon's care.
        self.node = self.place.node("office-7", organisation="example.org")
        shutil.rmtree(self.node.data_dir)
        self.lay_out_the_desk()
        self.lay_out_a_chain()
        self.lay_out_the_next_pin()

    def lay_out_the_desk(self):
        for name in ("permit.pdf", "map.png", "contract.pdf"):
            (self.desk / name).write_text(name)
        write_private(self.desk / "seal.pass", self.node.passphrase_file.read_text())
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=post", "-keyout", self.desk / "post-key.pem", "-out", self.desk / "post-root.pem"]).expect(0)
        write_private(self.desk / "amina.pass", "seven grey herons wade\n")
        self.save("hub-witness.vkey", self.hub.cli("node", "info", "--witness-vkey"))
        self.save("hub-log.vkey", self.hub.cli("node", "info", "--witnessed-log-vkey"))
        # `fieldseal` as a person has it: one node on this machine, and the hub's operator elsewhere.
        shim = self.desk / "bin/fieldseal"
        shim.write_text("#!/bin/sh\n"
                        f"case \"$1\" in --data-dir) exec {program()} \"$@\";;\n"
                        f"hub) exec {program()} --data-dir {self.hub.data_dir} \"$@\";;\n"
                        f"*) exec {program()} --data-dir {self.node.data_dir} \"$@\";; esac\n")
        shim.chmod(0o755)
        (self.desk / "bin/fieldseal-verify").symlink_to(os.environ["FIELDSEAL_VERIFY"])

    def lay_out_a_chain(self):
        """The test chain where it is installed; else the pin of its page and nobody who answers."""
        try:
            chain = test_chain.Chain(endpoints=2, block_time=1)
        except unittest.SkipTest:
            pin = re.search(r"^```json\n(.*?)^```", PIN_PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
            (self.desk / "pin.json").write_text(pin.group(1))
            self.endpoints = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
            self.chain_answers = False
            return
        self.addCleanup(chain.stop)
        chain.mine()  # `target test` wants to see a sealed block
        shutil.copy(pin_file(chain, self.place), self.desk / "pin.json")
        self.endpoints = chain.rpc
        self.chain_answers = True

    def lay_out_the_next_pin(self):
        """What the chain's operator gives out after a change of validators."""
        pin = json.loads((self.desk / "pin.json").read_bytes())
        sets = pin["chain"]["validator_sets"]
        sets.append({**sets[-1], "from": 1_000_000})
        sets[-2]["to"] = 999_999
        (self.desk / "pin-2.json").write_text(json.dumps(pin))

    def save(self, name, finished):
        (self.desk / name).write_text(finished.expect(0).out)

    def before(self, line):
        """What the story does between two examples."""
        if "show contract" in line:
            self.shell("fieldseal trust export -o office-7.json")
            self.shell("fieldseal trust merge --yes --into trust.json office-7.json")
        elif line.endswith(" check"):
            self.node.stop()
        elif "restore" in line:
            shutil.move(self.node.data_dir, self.place.directory / "backup")

    def shell(self, line):
        path = f"{self.desk / 'bin'}:{os.environ['PATH']}"
        return run(["bash", "-c", line], cwd=self.desk, env={**os.environ, "PATH": path}, seconds=COMMAND_SECONDS)

    def adapted(self, line):
        line = line.replace("/srv/office", str(self.node.data_dir))
        line = line.replace("/media/backup/office", str(self.place.directory / "backup"))
        line = line.replace("https://hub.example.org", f"http://127.0.0.1:{self.port}/witness")
        for number, url in enumerate(self.endpoints, 1):
            line = line.replace(f"https://rpc-{number}.chain.example.org", url)
        if line == "fieldseal unlock":
            line += " --passphrase-file seal.pass"
        if not shutil.which("jq"):
            line = re.sub(r" \| jq .*", "", line)
        return line

    def expected(self, line):
        if line.startswith("fieldseal-verify"):
            return (3,)  # genuine, registration pending: no target at this point of the page
        if line.startswith("fieldseal target test"):
            return (0,) if self.chain_answers else (1,)
        # "Not yet": the page adds its target after these.
        return (4,) if "--wait-anchored" in line or line.startswith("fieldseal sync") else (0,)

    def test_every_example_works(self):
        lines = examples()
        self.assertGreater(len(lines), 15)
        for line in lines:
            with self.subTest(line):
                self.before(line)
                if line.endswith(" serve"):
                    self.node.start()
                else:
                    self.shell(self.adapted(line)).expect(*self.expected(line))


if __name__ == "__main__":
    process_test.main()
