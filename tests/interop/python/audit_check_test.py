# SPDX-License-Identifier: Apache-2.0
"""An audit log made by our code satisfies the checker written from its page, and nothing else does.
Usage: audit_check_test.py STATEMENT_TOOL"""
import subprocess
import sys
import unittest

import cbor2
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import audit_check
from shapes import Refused, sha256

TOOL = ""


def made():
    done = subprocess.run([TOOL, "example", "audit"], capture_output=True, text=True, timeout=60,
                          check=True)
    *entries, head = audit_check.split(bytes.fromhex(done.stdout.strip()))
    return entries, head


def status_key(seed=7):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Audit(unittest.TestCase):
    def setUp(self):
        self.entries, self.head = made()

    def test_a_chain_and_its_head(self):
        self.assertEqual(audit_check.check_chain(self.entries), sha256(self.entries[-1]))
        self.assertEqual(audit_check.check_head(status_key(), self.head, self.entries), 2)

    def test_entries_beyond_the_head_are_not_signed_yet(self):
        fields = cbor2.loads(self.entries[-1])
        fields[1], fields[2] = 2, sha256(self.entries[-1])
        longer = [*self.entries, cbor2.dumps(fields, canonical=True)]
        audit_check.check_chain(longer)
        self.assertEqual(audit_check.check_head(status_key(), self.head, longer), 2)

    def test_a_removed_entry(self):
        for at in range(len(self.entries)):
            kept = self.entries[:at] + self.entries[at + 1:]
            with self.assertRaises(Refused):
                audit_check.check_head(status_key(), self.head, kept)

    def test_every_flipped_bit_of_an_entry(self):
        for number, entry in enumerate(self.entries):
            for bit in range(8 * len(entry)):
                bad = bytearray(entry)
                bad[bit // 8] ^= 1 << bit % 8
                changed = [*self.entries]
                changed[number] = bytes(bad)
                with self.assertRaises(Refused):
                    audit_check.check_head(status_key(), self.head, changed)

    def test_every_flipped_bit_of_the_head(self):
        for bit in range(8 * len(self.head)):
            bad = bytearray(self.head)
            bad[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused):
                audit_check.check_head(status_key(), bytes(bad), self.entries)

    def test_another_key(self):
        with self.assertRaises(Refused):
            audit_check.check_head(status_key(8), self.head, self.entries)

    def test_what_the_command_line_shows_gives_the_same_bytes(self):
        shown = []
        for entry in self.entries:
            fields = cbor2.loads(entry)
            names = zip(range(1, 9), audit_check.MEMBERS)
            shown.append({name: fields[label] for label, name in names
                          if name and fields[label] is not None})
        self.assertEqual(audit_check.rebuilt(reversed(shown)), self.entries)


if __name__ == "__main__":
    TOOL = sys.argv.pop(1)
    unittest.main()
