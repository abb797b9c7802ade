# SPDX-License-Identifier: Apache-2.0
"""Statements made here verify under python3-cryptography and the reverse, and both refuse the same
flipped bits and wrong headers. Usage: verify_statement.py STATEMENT_TOOL"""
import subprocess
import sys
import unittest

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import signed
from shapes import Refused, need, outcome, sha256

TOOL = ""
SEAL_LABEL = -65701


def sign(key, alg, message):
    if alg == "EdDSA":
        return key.sign(message)
    if alg == "PS256":
        return key.sign(message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + min(s, signed.ORDERS[alg] - s).to_bytes(32, "big")


def make(key, alg, document, changes=None):
    """(SPKI, statement) with the header's entries replaced, or removed where None."""
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    header = {
        1: alg,
        4: sha256(spki),
        15: {1: "example.org/python/1", 2: "référence", 6: 1795444200},
        16: "application/fieldseal-statement+cose",
        258: -16,
        259: "text/plain",
        SEAL_LABEL: {2: bytes(16), 4: [0, None, 0], 5: 0},
    }
    header.update(changes or {})
    header = {label: value for label, value in header.items() if value is not None}
    protected = cbor2.dumps(header, canonical=True)
    payload = sha256(document)
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    signature = sign(key, signed.ALGORITHMS.get(alg, "EdDSA"), message)
    return spki, b"\xd2" + cbor2.dumps([protected, {}, payload, signature])


def tool(*arguments, lines=None):
    text = None if lines is None else "".join(line + "\n" for line in lines)
    done = subprocess.run([TOOL, *arguments], input=text, capture_output=True, text=True,
                          timeout=120, check=True)
    return done.stdout.splitlines()


def our_verdicts(spki, statements):
    """True where our verifier says valid."""
    lines = tool("judge", lines=[f"{spki.hex()} {data.hex()}" for data in statements])
    assert len(lines) == len(statements)
    return [line.startswith("valid ") for line in lines]


def identifier_of(spki, data):
    """What python-cryptography and cbor2 make of a statement: its id, or Refused."""
    why, key = outcome("key", signed.read_spki, spki)
    why, made = (why, None) if why else outcome("form", signed.read_statement, data)
    why = why or outcome("signature", signed.check_signature, key, *made.signed)[0]
    need(not why and made.kid == key.kid, why)
    return made.entry.hex()


def their_verdict(spki, data):
    try:
        identifier_of(spki, data)
        return True
    except Refused:
        return False


def flipped(data, step):
    for bit in range(0, 8 * len(data), step):
        bad = bytearray(data)
        bad[bit // 8] ^= 1 << (bit % 8)
        yield bytes(bad)


def python_keys():
    return {
        -47: ec.generate_private_key(ec.SECP256K1()),
        -7: ec.generate_private_key(ec.SECP256R1()),
        -8: ed25519.Ed25519PrivateKey.generate(),
        -37: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    }


class StatementInterop(unittest.TestCase):
    def test_python_verifies_our_statements(self):
        for name in signed.ALGORITHMS.values():
            for extra in ([], ["full"]):
                with self.subTest(algorithm=name, extra=extra):
                    spki, data = (bytes.fromhex(line) for line in tool("make", name, *extra))
                    identifier = identifier_of(spki, data)
                    line = tool("judge", lines=[f"{spki.hex()} {data.hex()}"])[0]
                    self.assertEqual(line, "valid " + identifier)

    def test_we_verify_statements_of_python(self):
        for alg, key in python_keys().items():
            with self.subTest(alg=alg):
                made = [make(key, alg, b"document %d" % i) for i in range(20)]
                spki = made[0][0]
                self.assertTrue(all(our_verdicts(spki, [data for _, data in made])))

    def test_both_refuse_flipped_bits_in_every_byte(self):
        for name in ("ES256K", "ES256", "EdDSA"):
            with self.subTest(algorithm=name):
                spki, data = (bytes.fromhex(line) for line in tool("make", name, "full"))
                bad = list(flipped(data, 3))
                self.assertFalse(any(our_verdicts(spki, bad)))
                self.assertFalse(any(their_verdict(spki, one) for one in bad))

    def test_both_refuse_the_same_wrong_headers(self):
        key = python_keys()[-8]
        changes = [
            {1: -7}, {1: -19}, {1: None}, {2: [16]}, {3: "text/plain"}, {4: bytes(8)}, {4: None},
            {15: {1: "a b", 2: "s", 6: 1}}, {15: {1: "a", 2: "", 6: 1}},
            {15: {1: "a", 2: "s", 6: 2**53}}, {15: {1: "a", 2: "s"}},
            {15: {1: "a", 2: "s", 6: 1, 7: b"id"}}, {15: {1: "a", 2: "s", 6: 1.5}},
            {16: "application/fieldseal-status+cose"}, {16: None}, {33: b"certificate"},
            {34: [-16, bytes(20)]}, {34: [-43, bytes(32)]}, {258: -43}, {258: None},
            {259: "pdf"}, {259: None}, {394: []}, {SEAL_LABEL: None},
            {SEAL_LABEL: {2: bytes(15), 4: [0, None, 0], 5: 0}},
            {SEAL_LABEL: {2: bytes(16), 3: [0, bytes(32)], 4: [0, None, 0], 5: 0}},
            {SEAL_LABEL: {2: bytes(16), 4: [3, None, 0], 5: 0}},
            {SEAL_LABEL: {2: bytes(16), 4: [0, None, 0], 5: 4}},
            {SEAL_LABEL: {2: bytes(16), 4: [0, None, 0], 5: True}},
            {SEAL_LABEL: {2: bytes(16), 4: [0, None, 0], 5: 0, 7: 0}},
        ]
        made = [make(key, -8, b"document", change) for change in changes]
        ours = our_verdicts(made[0][0], [data for _, data in made])
        theirs = [their_verdict(spki, data) for spki, data in made]
        for change, our, their in zip(changes, ours, theirs):
            with self.subTest(change=change):
                self.assertFalse(our)
                self.assertFalse(their)

    def test_both_refuse_a_signature_without_its_leading_zero(self):
        key, data = rsa.generate_private_key(public_exponent=65537, key_size=3072), b""
        while not data:  # one signature of 256 begins with a zero
            spki, made = make(key, -37, b"document")
            tag, (protected, unprotected, payload, signature) = made[:1], cbor2.loads(made[1:])
            if signature[0] == 0:
                data = tag + cbor2.dumps([protected, unprotected, payload, signature[1:]])
        self.assertEqual(our_verdicts(spki, [made, data]), [True, False])
        self.assertEqual([their_verdict(spki, made), their_verdict(spki, data)], [True, False])

    def test_both_accept_the_edges(self):
        key = python_keys()[-8]
        changes = [
            {}, {34: [-16, bytes(32)]}, {15: {1: "a" * 255, 2: "é" * 127, 6: 0}},
            {15: {1: "~", 2: "s", 6: 2**53 - 1}}, {259: "a/" + "b" * 125},
            {SEAL_LABEL: {1: bytes(64), 2: bytes(16), 3: [3, bytes(32)],
                                    4: [2, 2**53 - 1, 2], 5: 3, 6: bytes(32)}},
        ]
        made = [make(key, -8, b"document", change) for change in changes]
        self.assertTrue(all(our_verdicts(made[0][0], [data for _, data in made])))
        self.assertTrue(all(their_verdict(spki, data) for spki, data in made))


if __name__ == "__main__":
    TOOL = sys.argv.pop(1)
    unittest.main()
