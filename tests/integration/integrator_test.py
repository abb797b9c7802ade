# SPDX-License-Identifier: Apache-2.0
"""Runs every shell example of docs/integrator.md, as it stands, through a real nginx."""
import json
import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from nginx_process import NAMES, Nginx, configure_edge, require_nginx  # noqa: E402
from node_process import ROOT, Office, program, run, write_private  # noqa: E402

PAGE = ROOT / "docs/integrator.md"
HOST = "seal.office.example"
PASSWORD = "long enough to be remembered"
CURL_LINES_MAX = 10
NOT_ANCHORED = 3  # fieldseal-verify: genuine, registration pending


def examples():
    """The command lines of the page's sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines() if line]


class Integrator(unittest.TestCase):
    def setUp(self):
        require_nginx()
        for tool in ("curl", "jq"):
            if not shutil.which(tool):
                self.skipTest(f"{tool} is not installed: scripts/setup test")
        self.place = Office()
        self.addCleanup(self.place.close)
        self.node = self.place.node()
        configure_edge(self.node, names=[HOST, *NAMES])
        self.node.start()
        self.node.unlock()
        self.node.cli("lan", "init").expect(0)
        self.nginx = Nginx(self.node)
        self.nginx.start()
        self.addCleanup(self.nginx.stop)
        self.lay_out_the_desk()

    def lay_out_the_desk(self):
        self.desk = self.place.directory / "desk"
        (self.desk / "bin").mkdir(parents=True)
        self.shim("fieldseal", f'exec {program()} --data-dir {self.node.data_dir} "$@"')
        # The page's host is this machine's nginx; nothing else about curl is changed.
        self.shim("curl", f'exec {shutil.which("curl")} --connect-to {HOST}:443:127.0.0.1:{self.nginx.port} "$@"')
        (self.desk / "bin/fieldseal-verify").symlink_to(os.environ["FIELDSEAL_VERIFY"])
        shutil.copy(ROOT / "docs/examples/permit.pdf", self.desk)
        write_private(self.desk / "amina.json", json.dumps({"name": "amina", "role": "operator", "password": PASSWORD}))
        write_private(self.desk / "login.json", json.dumps({"account": "amina", "password": PASSWORD}))

    def shim(self, name, line):
        path = self.desk / "bin" / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def shell(self, line):
        path = f"{self.desk / 'bin'}:{os.environ['PATH']}"
        return run(["bash", "-o", "pipefail", "-c", line], cwd=self.desk, env={**os.environ, "PATH": path})

    def before(self, line):
        """What the story does between two examples."""
        if "/pairing" in line:
            code = (self.desk / "pairing-code").read_text().strip()
            write_private(self.desk / "ruth.json",
                          json.dumps({"code": code, "account": "ruth", "password": PASSWORD}))
        elif line.startswith("fieldseal-verify"):
            self.shell("fieldseal trust export -o node.json").expect(0)
            self.shell("fieldseal trust merge --yes --into trust.json node.json").expect(0)

    def test_every_line_works_as_it_stands(self):
        lines = examples()
        self.assertLessEqual(sum(line.startswith("curl ") for line in lines), CURL_LINES_MAX)
        for line in lines:
            with self.subTest(line):
                self.before(line)
                self.shell(line).expect(NOT_ANCHORED if line.startswith("fieldseal-verify") else 0)
        token = (self.desk / "token").read_text().split()[-1]
        logs = [self.node.log_file, *self.nginx.directory.glob("*.log")]
        for secret in (token, PASSWORD):
            self.assertEqual([str(log) for log in logs if secret in log.read_text(encoding="utf-8")], [])


if __name__ == "__main__":
    process_test.main()
