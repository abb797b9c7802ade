# SPDX-License-Identifier: Apache-2.0
"""Runs every shell example of docs/integrator.md, as it stands and nothing else, in one shell, through a real nginx."""
import os
import pathlib
import re
import shutil
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from nginx_process import NAMES, Nginx, configure_edge, require_nginx  # noqa: E402
from node_process import ROOT, Office, program, run  # noqa: E402

PAGE = ROOT / "docs/integrator.md"
HOST = "seal.office.example"
ORIGIN = "ministry.example/office-7/1"
EVENT_SECONDS = "3"
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
        self.node = self.place.node("office-7", "ministry.example")
        self.assertEqual(self.node.origin, ORIGIN)
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
        # The page's host is this machine's nginx, its node is the test's; nothing else is changed.
        self.shim("fieldseal", f'case $1 in --node) exec {program()} "${{@/{HOST}/localhost:{self.nginx.port}}}";; esac\n'
                               f'exec {program()} --data-dir {self.node.data_dir} "$@"')
        self.shim("curl", f'exec {shutil.which("curl")} --connect-to {HOST}:443:127.0.0.1:{self.nginx.port} "$@"')
        (self.desk / "bin/fieldseal-verify").symlink_to(os.environ["FIELDSEAL_VERIFY"])
        shutil.copy(ROOT / "docs/examples/permit.pdf", self.desk)

    def shim(self, name, line):
        path = self.desk / "bin" / name
        path.write_text(f"#!/bin/bash\n{line}\n")
        path.chmod(0o755)

    def shell(self, script):
        path = f"{self.desk / 'bin'}:{os.environ['PATH']}"
        # The usual umask: what the page wants to be private it has to make so itself.
        return run(["bash", "-o", "pipefail", "-c", f"umask 022\n{script}"], cwd=self.desk, env={**os.environ, "PATH": path})

    def test_every_line_works_as_it_stands(self):
        lines = examples()
        self.assertLessEqual(sum(line.startswith("curl ") for line in lines), CURL_LINES_MAX)
        script = ""
        for number, line in enumerate(lines):
            wanted = NOT_ANCHORED if line.startswith("fieldseal-verify") else 0
            script += f"{line}\ncode=$?; [ $code = {wanted} ] || {{ echo line {number}: exit code $code >&2; exit 1; }}\n"
        said = self.shell(script).expect(0)
        self.assertIn("permit.pdf", said.out)  # by `list`
        self.assertIn("genuine, and not yet anchored", said.out)  # by fieldseal-verify
        self.judge_files()
        # The last bullet: the token of the page may listen.
        heard = self.shell(f"curl -sS --no-buffer --max-time {EVENT_SECONDS} --cacert office-ca.pem -H @token.header "
                           f"-w '%{{http_code}}' https://{HOST}/api/v1/events")
        self.assertTrue(heard.out.endswith("200"), heard)

    def judge_files(self):
        """Nobody else may read what the page made, and no log has its secrets."""
        secrets = {(self.desk / name).read_text().strip() for name in
                   ("token", "ruth.password", "amina.password", "pairing-code")}
        open_to_others = [path.name for path in self.desk.iterdir()
                          if path.name not in ("bin", "permit.pdf") and stat.S_IMODE(path.stat().st_mode) & 0o077]
        self.assertEqual(open_to_others, [])
        for log in [self.node.log_file, *self.nginx.directory.glob("*.log")]:
            text = log.read_text(encoding="utf-8")
            self.assertFalse([secret for secret in secrets if secret in text], log)


if __name__ == "__main__":
    process_test.main()
