# SPDX-License-Identifier: Apache-2.0
"""Keys in tokens, for real: SoftHSM2, and a TPM 2.0 in software behind tpm2-abrmd and tpm2-pkcs11.

Every signature counted here was verified with the token's public key and had low S (token_tool says so
or fails). The table of docs/algorithms.md is checked by tests/interop/python/algorithms.py.
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
import tokens  # noqa: E402

TOOL = os.environ.get("TOKEN_TOOL", "build/dev/tests/interop/token_tool")
SOFT_SIGNATURES = 10_000
TPM_SIGNATURES = 500


class TokenTest(unittest.TestCase):
    kind = None

    def setUp(self):
        why = tokens.missing(*self.kind.needs)
        if why:
            self.skipTest(why)
        self.token = self.kind()
        self.addCleanup(self.token.close)

    def tool(self, *args, pin=tokens.PIN):
        return subprocess.run([TOOL, *map(str, args)], env=self.token.env, input=f"{pin}\n", capture_output=True,
                              text=True, check=False, timeout=300)

    def keys(self, name="keys"):
        return self.token.directory / name

    def sign(self, algorithm, count):
        done = self.tool("sign", self.keys(algorithm), self.token.module, self.token.label, algorithm, count)
        self.assertEqual(done.returncode, 0, done.stderr)
        signed = json.loads(done.stdout)
        self.assertEqual(signed["count"], count)
        print(f"{count} {algorithm} signatures in {signed['microseconds'] / 1e6:.1f} s, "
              f"{signed['microseconds'] / count / 1000:.2f} ms each")
        return signed


class SoftHsm(TokenTest):
    kind = tokens.SoftHsm

    def test_ten_thousand_signatures_are_low_s_and_verify(self):
        for algorithm in ("ES256", "ES256K"):
            signed = self.sign(algorithm, SOFT_SIGNATURES // 2)
            self.assertEqual(signed["custody"], "pkcs11-sealed-inside")


class Tpm(TokenTest):
    kind = tokens.Tpm

    def test_five_hundred_signatures_are_low_s_and_verify(self):
        self.assertEqual(self.sign("ES256", TPM_SIGNATURES)["custody"], "tpm")

    def test_what_a_tpm_cannot_do_is_said(self):
        for algorithm in ("ES256K", "EdDSA"):
            done = self.tool("sign", self.keys(), self.token.module, self.token.label, algorithm, 1)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, "cannot (make a key for|sign with) " + algorithm)

    def test_wrong_pins_lock_it_and_the_node_says_what_to_do(self):
        self.sign("ES256", 1)
        self.token.shorten_lockout(1000)
        place = (self.keys("ES256"), self.token.module, self.token.label)
        for _ in range(2):
            self.assertIn("wrong PIN", self.tool("login", *place, pin="111111").stderr)
        # A TPM does not say how many tries are left: the third is not spent unasked.
        unasked = self.tool("login", *place)
        self.assertEqual(unasked.returncode, 1)
        self.assertIn("--last-try", unasked.stderr)
        locked = self.tool("login", *place, "--last-try", pin="111111").stderr
        for _ in range(2):
            if "is locked" in locked:
                break
            locked = self.tool("login", *place, "--last-try").stderr
        self.assertIn("is locked", locked)
        self.assertIn("tpm2_dictionarylockout", locked)
        # The right PIN does not help now, and the owner's command does.
        self.assertNotEqual(self.tool("login", *place, "--last-try").returncode, 0)
        self.token.clear_lockout()
        os.remove(next(self.keys("ES256").glob("*.attempts")))  # instead of waiting for our own delay
        self.assertEqual(self.tool("login", *place, "--last-try").returncode, 0)


if __name__ == "__main__":
    process_test.main()
