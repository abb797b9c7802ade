# SPDX-License-Identifier: Apache-2.0
"""fieldseal lan from outside: no daemon, other people's verdict on the certificates, nothing overwritten."""
import pathlib
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from node_process import Office, run  # noqa: E402

EDGE = {"edge": {"listen": "unix:/run/fieldseal/edge.sock", "names": ["seal.office.example", "192.0.2.7"]}}


class Lan(unittest.TestCase):
    def setUp(self):
        self.office = Office()
        self.addCleanup(self.office.close)
        self.node = self.office.node()  # never started
        self.node.configure(EDGE)
        self.lan = self.node.data_dir / "lan"
        self.ca_file = self.office.directory / "ca.pem"

    def init(self, *options):
        return self.node.cli("lan", "init", *options)

    def verify(self, *options):
        """openssl's verdict: its exit code."""
        self.ca_file.write_text(self.node.cli("lan", "show", "--ca").expect(0).out)
        return run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", *options, "-CAfile", self.ca_file,
                    self.lan / "server.pem"]).code

    def test_openssl_believes_it_by_its_names_only(self):
        self.init().expect(0)
        self.assertEqual(self.verify("-verify_hostname", "seal.office.example"), 0)
        self.assertEqual(self.verify("-verify_ip", "192.0.2.7"), 0)
        self.assertEqual(self.verify("-verify_hostname", "other.example"), 2)
        self.assertEqual(self.verify("-verify_ip", "192.0.2.8"), 2)

    def test_the_ca_is_believed_for_no_other_name(self):
        self.init().expect(0)
        key, request, leaf = (self.office.directory / name for name in ("k.pem", "r.csr", "leaf.pem"))
        run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
             request, "-subj", "/CN=bank", "-addext", "subjectAltName=DNS:bank.example"]).expect(0)
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.lan / "ca.pem", "-CAkey", self.lan / "ca-key.pem",
             "-copy_extensions", "copyall", "-out", leaf]).expect(0)
        said = run(["openssl", "verify", "-CAfile", self.lan / "ca.pem", leaf]).expect(2)
        self.assertIn("permitted subtree violation", said.err)

    def test_renewing_keeps_the_ca(self):
        before = self.init("--days", "10").expect(0) and self.node.cli("lan", "show", "--json").json()
        renewed = self.node.cli("lan", "renew", "--json").expect(0).json()
        self.assertEqual(renewed["authority"], before["authority"])
        self.assertNotEqual(renewed["certificate"]["sha256"], before["certificate"]["sha256"])
        self.assertGreater(renewed["certificate"]["not_after"], before["certificate"]["not_after"])
        self.assertEqual(self.verify("-verify_hostname", "seal.office.example"), 0)

    def test_keys_are_for_their_owner(self):
        self.init().expect(0)
        for path in self.lan.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        self.assertEqual(stat.S_IMODE(self.lan.stat().st_mode), 0o700)

    def test_nothing_is_overwritten(self):
        site = self.office.file("site.conf", b"somebody's\n")
        self.assertIn("exists already", self.init("--site", site).expect(1).err)
        self.assertFalse(self.lan.exists())  # nothing was begun
        self.init("--site", self.office.directory / "new.conf").expect(0)
        self.assertIn("lan renew", self.init().expect(1).err)
        self.assertEqual(site.read_bytes(), b"somebody's\n")

    def test_tells_what_is_missing(self):
        self.assertIn("lan init", self.node.cli("lan", "renew").expect(1).err)
        self.assertIn("without https://", self.init("--name", "https://seal").expect(64).err)
        self.assertEqual(self.init("--certificate", "x.pem").code, 64)
        self.init().expect(0)
        self.node.configure({"edge": {"listen": ""}})
        self.assertIn("set listen in [edge]", self.node.cli("lan", "site").expect(64).err)

    def test_an_organisations_certificate_is_linked_and_brings_hsts(self):
        key, certificate = self.office.directory / "o-key.pem", self.office.directory / "o.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", certificate, "-subj", "/CN=office", "-addext",
             "subjectAltName=DNS:*.office.example,IP:192.0.2.7"]).expect(0)
        self.init("--certificate", certificate, "--key", self.ca_of_another(), "--name", "192.0.2.7").expect(1)
        self.init("--certificate", certificate, "--key", key).expect(0)
        self.assertEqual((self.lan / "server.pem").readlink(), certificate)
        self.assertIn("Strict-Transport-Security", self.node.cli("lan", "site").expect(0).out)
        self.node.cli("lan", "show", "--ca").expect(1)

    def ca_of_another(self):
        other = self.office.node("other")
        other.configure(EDGE)
        other.cli("lan", "init").expect(0)
        return other.data_dir / "lan/server-key.pem"


if __name__ == "__main__":
    process_test.main()
