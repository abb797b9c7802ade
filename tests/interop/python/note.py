# SPDX-License-Identifier: Apache-2.0
"""Signed notes, verifier keys and cosignatures, from checkpoint.md ("§" is a section of it);
inclusion, from log.md §2 and §3.
"""
import re
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shapes import DIGEST, fit, in_base64, need, octets, sha256, text
from statement import check_signature

LOG_KEY, WITNESS_KEY = 1, 4  # types of keys and of what they sign
NAME = r"[^+\s\x00-\x1f\x7f]+"
NOTE = re.compile(r"(([\x21-\x2a\x2c-\x7e]{1,255})\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n)\n"
                  f"((?:\u2014 {NAME} [^\\s]+\n){{1,64}})")


def read_vkey(value):
    """§2"""
    name, digits, rest = fit(str, value).split("+", 2)
    key = in_base64(octets(1, 65536))(rest)
    need(key[0] in (LOG_KEY, WITNESS_KEY), "trust-unsupported")  # trust.md §2 rule 3
    key_id = sha256(text(NAME)(name).encode() + b"\n" + key)[:4]
    need(len(key) == 33 and digits == key_id.hex())
    return SimpleNamespace(alg="EdDSA", public=Ed25519PublicKey.from_public_bytes(key[1:]),
                           raw=key[1:], type=key[0], name=name, by=(name, key_id))


def read_note(note):
    """§1 and §3. Each line is a pair: by whom (a name and a key ID), and the blob."""
    found = NOTE.fullmatch(note)
    need(found and len(note.encode()) <= 65536 and int(found[3]) < 2**63)
    lines = [line.split(" ") for line in found[5][:-1].split("\n")]
    blobs = [(name, in_base64(octets(5, 65536))(data)) for _, name, data in lines]
    return SimpleNamespace(
        text=found[1].encode(), origin=found[2], size=int(found[3]),
        root=in_base64(DIGEST)(found[4]), lines=[((name, blob[:4]), blob) for name, blob in blobs])


def cosigned_at(blob):
    """§4: the time in a cosignature's blob."""
    at = int.from_bytes(blob[4:12], "big")
    return need(len(blob) == 76 and 1 <= at < 2**63) or at


def opened(note, key):
    """§5: the one line by this key verifies. The time of a witness's."""
    [blob] = [blob for by, blob in note.lines if by == key.by]
    if key.type == LOG_KEY:
        return check_signature(key, "EdDSA", blob[4:], note.text)
    at = cosigned_at(blob)
    check_signature(key, "EdDSA", blob[12:], b"cosignature/v1\ntime %d\n" % at + note.text)
    return at


def root_from(index, size, path, leaf):
    """The last hash of the path is the root of the half without the entry."""
    if size == 1:
        return need(index == 0 and not path) or leaf
    left = need(index < size and path) or 2**((size - 1).bit_length() - 1)
    if index < left:
        return sha256(b"\1" + root_from(index, left, path[:-1], leaf) + path[-1])
    return sha256(b"\1" + path[-1] + root_from(index - left, size - left, path[:-1], leaf))
