# SPDX-License-Identifier: Apache-2.0
"""Deterministic CBOR, keys, signatures and statements, written from docs/formats/statement.md alone
("§" is a section of it) on Debian's python3-cbor2, python3-cryptography and python3-nacl; nothing of
ours runs.
"""
import re
from types import SimpleNamespace

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from nacl.bindings import crypto_core_ed25519_is_valid_point as is_of_prime_order

from shapes import (
    COUNT, DIGEST, OPTIONAL, ORIGIN, Refused, fit, maybe, need, octets, sha256, text)


def read_cbor(shape, data, most=65536):
    """§1.2: what the library writes back as the same bytes. It sorts shorter keys first: for our
    labels that is the same order. No shape is deeper or larger than the limits."""
    try:
        value = need(len(data) <= most) or cbor2.loads(data)
        need(cbor2.dumps(value, canonical=True) == data)
    except Exception as why:  # of many kinds: from its tags, of memory, of recursion
        raise Refused(None) from why
    return fit(shape, value)


# --- Keys: §3 and §4 ---
SPKI = re.compile("3056301006072a8648ce3d020106052b8104000a034200(?P<ES256K>04.{128})|"
                  "3059301306072a8648ce3d020106082a8648ce3d030107034200(?P<ES256>04.{128})|"
                  "302a300506032b6570032100(?P<EdDSA>.{64})|"
                  "3082.{4}300d06092a864886f70d0101010500(?P<PS256>.*)")


def read_spki(der):
    """The library writes the DER that it has read as the same bytes only if it has no slack."""
    found = need(len(der) <= 1024) or SPKI.fullmatch(der.hex())
    public = need(found) or load_der_public_key(der)
    need(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der)
    alg, raw = found.lastgroup, bytes.fromhex(found[found.lastgroup])
    need(alg != "EdDSA" or is_of_prime_order(raw))
    if alg == "PS256":
        n, e = public.public_numbers().n, public.public_numbers().e
        need(2048 <= public.key_size <= 4096 and n % 2 and e % 2 and 65537 <= e < 2**32)
        raw = n.to_bytes((public.key_size + 7) // 8, "big")
    return SimpleNamespace(alg=alg, raw=raw, public=public, kid=sha256(der))


# --- Signatures: §3. The library refuses r, s and S out of range, and R ‖ S of another length ---
ORDERS = {"ES256K": 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
          "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551}


def check_signature(key, alg, signature, message):
    need(alg == key.alg)
    if alg == "EdDSA":  # OpenSSL compares R byte for byte: it is of small order only if neutral
        need(is_of_prime_order(key.raw) and signature[:32] != b"\1" + bytes(31))
        key.public.verify(signature, message)
    elif alg == "PS256":
        need(len(signature) == len(key.raw))  # the library takes one without its leading zeros
        key.public.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        need(s <= ORDERS[alg] // 2)
        key.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


# --- Signed objects and statements: §1, §2, §6 ---
ALGORITHMS = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
MEDIA_TYPE = text("{0}/{0}".format(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"), 127)
SEAL_MAP = {2: octets(16, 16), 4: (range(3), maybe(COUNT), range(3)), 5: range(4),
            OPTIONAL: {1: octets(64, 64), 3: (range(1, 4), DIGEST), 6: DIGEST}}
STATEMENT = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 2: text(r"[^\x00-\x1f\x7f]+"), 6: COUNT},
             16: {"application/fieldseal-statement+cose"}, 258: {-16}, 259: MEDIA_TYPE,
             -65701: SEAL_MAP, OPTIONAL: {34: ({-16}, DIGEST)}}


def read_signed(header, payload, data):
    """A COSE_Sign1 with that shape of its protected header, and with what reads its payload."""
    need(data[:1] == b"\xd2" and len(data) <= 65536)
    protected, _, content, signature = read_cbor((bytes, {}, bytes, octets(64, 512)), data[1:])
    fields = read_cbor(header, protected, 4096)
    need(len(signature) >= 256 if fields[1] == -37 else len(signature) == 64)
    message = cbor2.dumps(["Signature1", protected, b"", content])
    return SimpleNamespace(
        kid=fields[4], origin=fields[15][1], seal=fields.get(-65701), payload=payload(content),
        x5t=(fields.get(34) or (None, None))[1], entry=sha256(data),
        signed=(ALGORITHMS[fields[1]], signature, message))


def read_statement(data):
    return read_signed(STATEMENT, DIGEST, data)
