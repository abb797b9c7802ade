#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier, written from docs/formats alone, so that the first is not judged by itself.

    fieldseal_verify.py DOCUMENT EVIDENCE --trust TRUST [--now SECONDS]
    fieldseal_verify.py --vector FILE

Prints verdict, reason and interval; exits as verdicts.md §8 says. "§" alone is a section of verdicts.md.
Needs Debian's python3-cbor2 and python3-cryptography.
"""
import argparse
import base64
import contextlib
import functools
import hashlib
import json
import pathlib
import re
import sys
import time
from collections import defaultdict
from typing import Any, NamedTuple, Optional

import cbor2
from cryptography import exceptions
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils

# --- shapes: what a decoded JSON or CBOR value must look like ---
SAFE = 2**53 - 1
COUNT = range(SAFE + 1)
OPTIONAL = None  # the key of the optional members in the shape of an object

class Refused(Exception):
    """A whole file is refused; the argument is the reason."""

def need(condition):
    if not condition:
        raise ValueError

def attempt(read, data):
    """What read returns, None when the data has not its form."""
    with contextlib.suppress(ValueError):
        return read(data)

def fit(shape, value):
    """The value if it fits, else ValueError. A shape is a type, a function that checks and converts, a range
    of integers, a set of choices, [item, most items], (column, ...), {member: shape} or the value itself."""
    if isinstance(shape, type):
        need(type(value) is shape)
    elif callable(shape):
        return shape(value)
    elif isinstance(shape, range):
        need(type(value) is int and value in shape)
    elif isinstance(shape, set):
        need(type(value) in (int, str) and value in shape)
    elif isinstance(shape, list):
        need(type(value) is list and len(value) <= shape[1])
        return [fit(shape[0], item) for item in value]
    elif isinstance(shape, tuple):
        need(type(value) is list and len(value) == len(shape))
        return [fit(column, item) for column, item in zip(shape, value)]
    elif isinstance(shape, dict):  # exactly the members that are listed; True and 1.0 are not the label 1
        known = {**shape, **shape.get(OPTIONAL, {})}
        need(type(value) is dict and all(type(name) in (int, str) for name in value))
        need(shape.keys() - {OPTIONAL} <= value.keys() <= known.keys())
        return {name: fit(known[name], item) for name, item in value.items()}
    else:
        need(type(value) is type(shape) and value == shape)
    return value

def maybe(shape):  # or null
    return lambda value: None if value is None else fit(shape, value)

def text(pattern, most=255):
    return lambda value: need(re.fullmatch(pattern, fit(str, value)) and len(value.encode()) <= most) or value

def octets(low, high):
    return lambda value: need(low <= len(fit(bytes, value)) <= high) or value

def in_base64(shape=bytes):
    def check(value):  # evidence.md §1: canonical
        data = base64.b64decode(fit(str, value), validate=True)
        need(base64.b64encode(data).decode() == value)
        return fit(shape, data)
    return check

def read_cbor(shape, data, most=65536):
    """statement.md §1.2: what the library writes back as the same bytes. It sorts shorter keys first: for the
    labels there are that is the same order."""
    need(len(data) <= most)
    try:
        value = cbor2.loads(data)
        same = cbor2.dumps(value, canonical=True) == data
    except Exception as why:  # of many kinds: from its tags, of memory, of recursion
        raise ValueError from why
    need(same)
    return fit(shape, value)

def read_json(data, size, values):
    """evidence.md §1; the library itself refuses control characters, a byte order mark, other white space"""
    def once(pairs):
        need(len(dict(pairs)) == len(pairs))
        return dict(pairs)
    def integer(digits):
        need(digits != "-0" and abs(int(digits)) <= SAFE)
        return int(digits)
    def count(value, depth):
        inner = value.values() if type(value) is dict else value if type(value) is list else None
        need(inner is None or depth <= 16)
        return 1 + sum(count(item, depth + 1) for item in inner or ())
    need(len(data) <= size)
    value = json.loads(data.decode(), object_pairs_hook=once, parse_int=integer,
                       parse_float=lambda _: need(False), parse_constant=lambda _: need(False))
    need(count(value, 1) <= values)
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    return value

def sha256(data):
    return hashlib.sha256(data).digest()

# --- keys and signatures, statement.md §3, §4 and checkpoint.md §2 ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ORDERS = {"ES256K": 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
          "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551}
SPKI_FORMS = {"ES256K": "3056301006072a8648ce3d020106052b8104000a03420004.{128}",
              "ES256": "3059301306072a8648ce3d020106082a8648ce3d03010703420004.{128}",
              "EdDSA": "302a300506032b6570032100.{64}", "PS256": "3082.{4}300d06092a864886f70d0101010500.*"}

class Key(NamedTuple):
    alg: str
    raw: bytes  # what trust.md §2 rule 5 compares
    public: Any
    name: Any  # kid; of a vkey (name, key ID)

    def verifies(self, signature, message):
        with contextlib.suppress(ValueError, exceptions.InvalidSignature):
            if self.alg == "EdDSA":
                # R is compared byte for byte (OpenSSL, no cofactor): of small order only if neutral
                need(len(signature) == 64 and int.from_bytes(signature[32:], "little") < L)
                need(of_prime_order(self.raw) and signature[:32] != b"\1" + bytes(31))
                self.public.verify(signature, message)
            elif self.alg == "PS256":
                need(len(signature) == len(self.raw))
                pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
                self.public.verify(signature, message, pss, hashes.SHA256())
            else:
                r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
                need(1 <= r < ORDERS[self.alg] and 1 <= s <= ORDERS[self.alg] // 2)
                self.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
            return True
        return False

@functools.lru_cache(None)
def of_prime_order(raw):
    """Ed25519: canonical, in the prime-order subgroup, not neutral; the sign of x does not matter."""
    y = int.from_bytes(raw, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or x == 0:
        return False
    total = (0, 1)
    for bit in bin(L)[2:]:
        total = add(total, total)
        total = add(total, (x, y)) if bit == "1" else total
    return total == (0, 1)

def add(one, two):
    (a, b), (c, d) = one, two
    t = D * a * b * c * d
    return (a * d + b * c) * pow(1 + t, -1, P) % P, (b * d + a * c) * pow(1 - t, -1, P) % P

@functools.lru_cache(None)
def read_spki(der):
    """The library reads the DER and writes the same bytes again only when there is no slack in it."""
    alg = next((alg for alg, form in SPKI_FORMS.items() if re.fullmatch(form, der.hex())), None)
    need(alg and len(der) <= 1024)
    public = serialization.load_der_public_key(der)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    need(public.public_bytes(serialization.Encoding.DER, spki) == der)
    raw = der[-65:] if alg in ORDERS else der[-32:]
    need(alg != "EdDSA" or of_prime_order(raw))
    if alg == "PS256":
        n, e = public.public_numbers().n, public.public_numbers().e
        need(2048 <= public.key_size <= 4096 and n % 2 and e % 2 and 65537 <= e < 2**32)
        raw = n.to_bytes(512, "big").lstrip(b"\0")
    return Key(alg, raw, public, sha256(der))

def vkey(kind):
    def read(value):
        need(fit(str, value).count("+") >= 2)
        name, digits, rest = value.split("+", 2)
        data = in_base64(octets(1, 65536))(rest)
        if data[0] not in (1, 4):
            raise Refused("trust-unsupported")  # trust.md §2 rule 3
        key_id = sha256(text(NAME_IN_NOTE)(name).encode() + b"\n" + data)[:4]
        need(len(data) == 33 and data[0] == kind and digits == key_id.hex())
        return Key("EdDSA", data[1:], ed25519.Ed25519PublicKey.from_public_bytes(data[1:]), (name, key_id))
    return read

# --- statements and snapshots, statement.md §1 and status.md §1 ---
ALGORITHMS = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
SUSPENDED, RETIRED, COMPROMISED, DESTROYED = 2, 3, 4, 5
MAY_FOLLOW = {RETIRED: (3, 4, 5), COMPROMISED: (4,), DESTROYED: (5, 4)}  # status.md §2, terminal ones
DIGEST = octets(32, 32)
ORIGIN = text(r"[\x21-\x2a\x2c-\x7e]+")
SIDE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"
SEAL_MAP = {2: octets(16, 16), 4: (range(3), maybe(COUNT), range(3)), 5: range(4),
            OPTIONAL: {1: octets(64, 64), 3: (range(1, 4), DIGEST), 6: DIGEST}}
STATEMENT = {1: set(ALGORITHMS), 4: DIGEST, 15: {1: ORIGIN, 2: text(r"[^\x00-\x1f\x7f]+"), 6: COUNT},
             16: "application/fieldseal-statement+cose", 258: -16, 259: text(f"{SIDE}/{SIDE}", 127),
             -65701: SEAL_MAP, OPTIONAL: {34: (-16, DIGEST)}}
STATUS = {1: set(ALGORITHMS), 4: DIGEST, 15: {1: ORIGIN, 6: COUNT}, 16: "application/fieldseal-status+cose"}
SNAPSHOT = {1: ORIGIN, 2: COUNT, 3: maybe(DIGEST), 4: COUNT,
            5: [(DIGEST, range(6), COUNT, maybe(COUNT)), 1024], OPTIONAL: {6: (ORIGIN, DIGEST)}}

class Signed(NamedTuple):
    header: dict
    payload: Any
    signature: bytes
    message: bytes
    entry: bytes
    alg = property(lambda self: ALGORITHMS[self.header[1]])
    kid = property(lambda self: self.header[4])
    origin = property(lambda self: self.header[15][1])
    seal = property(lambda self: self.header[-65701])
    seq, before, size = (property(lambda self, label=label: self.payload[label]) for label in (2, 3, 4))

    def row(self, kid):
        return next((seal[1:] for seal in self.payload[5] if seal[0] == kid), None)

    def signed_by(self, key):
        return self.alg == key.alg and key.verifies(self.signature, self.message)

def read_signed(header, payload, data):
    need(data[:1] == b"\xd2" and len(data) <= 65536)
    protected, _, content, signature = read_cbor((bytes, {}, bytes, octets(64, 512)), data[1:])
    fields = read_cbor(header, protected, 4096)
    need(len(signature) >= 256 if fields[1] == -37 else len(signature) == 64)
    message = cbor2.dumps(["Signature1", protected, b"", content])
    return Signed(fields, payload(content), signature, message, sha256(data))

def read_status(data):
    signed = read_signed(STATUS, functools.partial(read_cbor, SNAPSHOT), data)
    kids = [seal[0] for seal in signed.payload[5]]
    need(signed.payload[1] == signed.origin and kids == sorted(set(kids)))
    need((signed.seq == 0) == (signed.before is None) and (signed.seq == 0 or 6 not in signed.payload))
    need(all(since <= signed.size and (invalid_from is None or state == COMPROMISED)
             for _, state, since, invalid_from in signed.payload[5]))
    return signed

# --- notes, checkpoint.md; the path, log.md §3 ---
NAME_IN_NOTE = r"[^+\s\x00-\x1f\x7f]+"
LINE = re.compile(f"\u2014 ({NAME_IN_NOTE}) ([^ ]+)")
CHECKPOINT = re.compile(r"([\x21-\x2a\x2c-\x7e]{1,255})\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n")

class Note(NamedTuple):
    text: bytes
    lines: list  # of ((name, key ID), what follows)
    origin: str
    size: int
    root: bytes

    def by(self, key):
        return [rest for name, rest in self.lines if name == key.name]

    def signed_by(self, key):
        lines = self.by(key)
        return len(lines) == 1 and key.verifies(lines[0], self.text)

    def cosigned(self, rest, key):  # §4
        at = cosignature_time(rest)
        return at > 0 and key.verifies(rest[8:], b"cosignature/v1\ntime %d\n" % at + self.text)

def cosignature_time(rest):
    """0 when this has not the form of a cosignature."""
    at = int.from_bytes(rest[:8], "big")
    return at if len(rest) == 72 and at < 2**63 else 0

def read_note(note):
    need(len(note.encode()) <= 65536 and not re.search(r"[\x00-\x09\x0b-\x1f]", note))
    body, _, tail = note.rpartition("\n\n")
    lines = [LINE.fullmatch(line) for line in tail[:-1].split("\n")]
    checkpoint = CHECKPOINT.fullmatch(body + "\n")
    need(tail.endswith("\n") and len(lines) <= 64 and all(lines))
    need(checkpoint and int(checkpoint[2]) < 2**63)
    blobs = [(line[1], in_base64(octets(5, 65536))(line[2])) for line in lines]
    return Note((body + "\n").encode(), [((name, blob[:4]), blob[4:]) for name, blob in blobs],
                checkpoint[1], int(checkpoint[2]), in_base64(DIGEST)(checkpoint[3]))

def leads_to_root(index, size, path, entry, root):
    fn, sn, r = index, size - 1, sha256(b"\0" + entry)
    for p in path:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            r = sha256(b"\1" + p + r)
            while fn % 2 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1" + r + p)
        fn, sn = fn >> 1, sn >> 1
    return index < size and sn == 0 and r == root

# --- evidence files, evidence.md §2; trust files, trust.md §1 and §2 ---
BASE64 = in_base64()
FLOORS = [{"note": str}, {"chain": str, "header": BASE64}, {"token": BASE64}]
TYPE_ONLY = {"type": text("(?s).+", SAFE)}  # §4: members of an anchor beside it are not read
PROOF = {"index": COUNT, "hashes": [in_base64(DIGEST), 63], "checkpoint": str,
         "anchors": [lambda value: fit(TYPE_ONLY, {"type": fit(dict, value).get("type")}), 32]}
PROOFS = [{**PROOF, "logged": [{**PROOF, "logged": [{**PROOF, "logged": [None, 0]}, 16]}, 16]}, 16]
ITEM = {"statement": BASE64, "proofs": PROOFS}
HINT = {OPTIONAL: {"name": str, "size": COUNT, "media_type": str}}
EVIDENCE = {"fieldseal": "evidence/v1", "statement": BASE64, "certificates": [BASE64, 8], "proofs": PROOFS,
            OPTIONAL: {"floor": lambda value: fit(next(
                (shape for shape in FLOORS if shape.keys() == fit(dict, value).keys()), None), value),
                "status": [ITEM, 16], "document": HINT}}
NAME, SPKI, ADDRESS, DAY = text("(?s).+"), in_base64(read_spki), text("0x[0-9a-f]{40}"), range(86401)
TSA = {"roots": [in_base64(octets(0, 16384)), 256], "policies": [NAME, 256], "accuracy_default_s": DAY,
       OPTIONAL: {"operator": NAME}}
VALIDATORS = {"from": COUNT, "validators": [ADDRESS, 256], OPTIONAL: {"to": COUNT}}

def all_proofs(parts):
    for proof in [proof for part in parts for proof in part["proofs"]]:
        yield proof
        yield from all_proofs([{"proofs": proof["logged"]}])

def within_limits(parts):
    found = [*all_proofs(parts)]
    need(len(found) <= 16 and sum(len(proof["anchors"]) for proof in found) <= 32)

def distinct(items):
    need(len({*items}) == len(items))

def read_log(value):
    log = {"status_keys": [], "status": [], **fit(
        {"origin": ORIGIN, "vkey": vkey(1), "kind": {"statement", "checkpoints"}, "operator": NAME,
         OPTIONAL: {"status_keys": [SPKI, 8], "closed": {"size": COUNT, "root": in_base64(DIGEST)},
                    "status": [ITEM, 16]}}, value)}
    need(log["vkey"].name[0] == log["origin"])
    need(log["kind"] == "statement" or not log["status_keys"] + log["status"])
    distinct([key.name for key in log["status_keys"]])
    for item in log["status"]:
        within_limits([item])
        signed = read_status(item["statement"])
        need(signed.origin == log["origin"])
        need(any(key.name == signed.kid and signed.signed_by(key) for key in log["status_keys"]))
    return log

def read_seal(value):
    if "ca" in fit(dict, value):
        raise Refused("trust-unsupported")
    seal = fit({"kid": text("[0-9a-f]{64}"), "key": SPKI, "alg": {*ALGORITHMS.values()},
                "origins": [ORIGIN, 64], OPTIONAL: {"iss": ORIGIN, "subject": NAME}}, value)
    need(seal["key"].name.hex() == seal["kid"] and seal["key"].alg == seal["alg"])
    return seal

def read_witness(value):
    witness = fit({"name": NAME, "vkey": vkey(4), "operator": NAME, OPTIONAL: {"url": str}}, value)
    need(witness["vkey"].name[0] == witness["name"])
    return witness

def read_chain(value):
    chain = fit({"id": NAME, "chain_id": COUNT, "mode": NAME, "validator_sets": [VALIDATORS, 256],
                 OPTIONAL: {"contract": ADDRESS, "operator": NAME}}, value)
    for one, two in zip(chain["validator_sets"], chain["validator_sets"][1:] + [None]):
        distinct(one["validators"])
        need("to" in one or two is None)
        need(one["from"] <= one.get("to", SAFE) and (two is None or one["to"] < two["from"]))
    return chain

TRUST = {"fieldseal": "trust/v1", "logs": [read_log, 1024], "seals": [read_seal, 4096],
         "witnesses": [read_witness, 256], OPTIONAL: {
             "tsas": [TSA, 64], "chains": [read_chain, 64], "skew_s": DAY,
             "policy": {"witness_quorum": range(65), "time_quorum": range(65)}}}

@contextlib.contextmanager
def refusing(reason):
    try:
        yield
    except (ValueError, RecursionError, exceptions.UnsupportedAlgorithm) as why:
        raise Refused(reason) from why

def read_file(data, shape, size, values, reason):
    """A file whose first member says another version is known by that, whatever the others are."""
    value = read_json(data, size, values)
    name = value.get("fieldseal") if type(value) is dict else None
    version = shape["fieldseal"]
    if type(name) is str and name.startswith(version[:-2]) and name != version:
        raise Refused(reason)
    return fit(shape, value)

def read_evidence(data):
    with refusing("evidence-malformed"):
        evidence = {"status": [], **read_file(data, EVIDENCE, 262144, 65536, "evidence-version-unknown")}
        within_limits([evidence, *evidence["status"]])
    return evidence

def read_trust(data):
    with refusing("trust-malformed"):
        trust = {"policy": {"witness_quorum": 1, "time_quorum": 1}, "skew_s": 300, "chains": [],
                 **read_file(data, TRUST, 4194304, 524288, "trust-unsupported")}
        for kind, member in ("logs", "origin"), ("seals", "kid"), ("chains", "id"):
            distinct([item[member] for item in trust[kind]])
        distinct([witness["vkey"][:2] + (witness["vkey"].name,) for witness in trust["witnesses"]])
    with refusing("trust-key-reused"):  # §2 rule 5: twice in one role only for logs and status keys
        logs = {(log["vkey"].raw, log["kind"]) for log in trust["logs"]}
        logs |= {(key.raw, "status key") for log in trust["logs"] for key in log["status_keys"]}
        distinct([raw for raw, _ in logs] + [seal["key"].raw for seal in trust["seals"]]
                 + [witness["vkey"].raw for witness in trust["witnesses"]])
    return trust

# --- the verdict, verdicts.md ---
MISSES = {"document-missing", "evidence-version-unknown", "seal-unknown", "proof-missing", "log-unknown",
          "log-key-unknown", "status-unknown", "status-key-unknown", "status-seal-unlisted", "seal-suspended",
          "seal-compromised-window", "time-contradiction", "anchor-policy-unmet"}  # §9
EXITS = {"valid": 0, "invalid": 1, "indeterminate": 2, "refused": 66}  # §8

def fails(reason):
    return reason not in MISSES | {None, "not-checked"}

def first(*checks):
    """The reason of the first of (condition, reason) that holds; None when none does."""
    return next((reason for holds, reason in checks if holds()), None)

class Result(NamedTuple):
    verdict: str
    reason: str
    not_before: Optional[int] = None
    not_after: Optional[int] = None

    def exit_code(self):
        return 3 if self.reason == "anchor-policy-unmet" else EXITS[self.verdict]

class Judged(NamedTuple):
    """A PROOF, §4.1; it stands when the reason does not fail, and proves when there is none."""
    reason: Optional[str]
    index: Optional[int] = None
    lines: tuple = ()  # (operator, lower bound, upper bound) of each trusted witness line that counts
    future: bool = False  # a line was left out as cosignature-in-future
    logged: tuple = ()

class Case:
    def __init__(self, trust, evidence, statement, now):
        self.trust, self.evidence, self.statement = trust, evidence, statement
        self.now = SAFE if now is None else now
        self.logs = {log["origin"]: log for log in trust["logs"]}
        self.log = self.logs.get(statement.origin)
        self.operator = self.log and self.log["operator"]
        self.seal = {seal["kid"]: seal for seal in trust["seals"]}.get(statement.kid.hex())
        self.snapshots = evidence["status"] + (self.log["status"] if self.log else [])
        self.roots = defaultdict(set)  # §4.2, by origin and size
        for proof in all_proofs([evidence, *self.snapshots]):
            note = attempt(read_note, proof["checkpoint"])
            if note and note.origin in self.logs and note.signed_by(self.logs[note.origin]["vkey"]):
                self.roots[note.origin, note.size].add(note.root)
        for log in trust["logs"]:
            if "closed" in log:
                self.roots[log["origin"], log["closed"]["size"]].add(log["closed"]["root"])
        self.proofs = self.judge(statement.entry, evidence["proofs"])

    def judge(self, subject, proofs, kind="statement"):
        """§4.1 for a list of PROOFs of one subject."""
        notes = [attempt(read_note, proof["checkpoint"]) for proof in proofs]
        places = {(note.origin, proof["index"]) for note, proof in zip(notes, proofs) if note}
        origins = [origin for origin, _ in places]
        judged = []
        for note, proof in zip(notes, proofs):
            reason = self.why_not(subject, proof, note, kind, note and origins.count(note.origin))
            judged.append(Judged(reason) if fails(reason) else self.standing(reason, note, proof))
        return judged

    def why_not(self, subject, proof, note, kind, places):
        reason = first(
            (lambda: not note, "checkpoint-malformed"),  # 1
            (lambda: kind == "statement" and note.origin != self.statement.origin, "origin-mismatch"),  # 2
            (lambda: places > 1, "index-conflict"),  # 3
            (lambda: not leads_to_root(proof["index"], note.size, proof["hashes"], subject, note.root),
             "inclusion-mismatch")) or self.why_not_log(note, kind)  # 4, 5
        for key in () if fails(reason) else [witness["vkey"] for witness in self.trust["witnesses"]]:
            if len(note.by(key)) > 1 or not all(note.cosigned(line, key) for line in note.by(key)):
                return "cosignature-invalid"  # 6
        return reason

    def why_not_log(self, note, kind):
        log = self.logs.get(note.origin)
        return first(
            (lambda: not log, "log-unknown"),
            (lambda: log["kind"] != kind, "log-kind-mismatch"),
            (lambda: not note.by(log["vkey"]) and any(name == note.origin for (name, _), _ in note.lines),
             "log-key-unknown"),
            (lambda: not note.by(log["vkey"]), "checkpoint-unsigned"),
            (lambda: not note.signed_by(log["vkey"]), "checkpoint-signature-invalid"),
            (lambda: note.size > log.get("closed", {"size": note.size})["size"], "log-closed"),
            (lambda: len(self.roots[note.origin, note.size]) > 1, "log-equivocation"))

    def bounds(self, line):
        at, skew = min(cosignature_time(line), SAFE), self.trust["skew_s"]
        return max(at - skew, 0), min(at + skew, SAFE)

    def standing(self, reason, note, proof):
        lines = [(witness["operator"], *self.bounds(line)) for witness in self.trust["witnesses"]
                 for line in note.by(witness["vkey"]) if witness["operator"] != self.operator]  # §6
        counting = tuple(line for line in lines if line[1] <= self.now)
        logged = self.judge(sha256(note.text), proof["logged"], "checkpoints")
        return Judged(reason, proof["index"], counting, len(counting) < len(lines), tuple(logged))

    @staticmethod
    def outcome(proofs):
        """§4.3 rules 2 to 5: the reason or None, and the index."""
        proven = [proof for proof in proofs if proof.reason is None]
        standing = [proof for proof in proofs if not fails(proof.reason)]
        best = [*proven, *standing, *proofs, Judged("proof-missing")][0]
        return best.reason, best.index if proven else None

    def inclusion(self):
        mine = self.statement.origin
        twice = any(len(roots) > 1 for (origin, _), roots in self.roots.items() if origin == mine)
        return ("log-equivocation", None) if twice else self.outcome(self.proofs)

    def time_bounds(self, proofs):
        """§7.1: the smallest upper bound of each time operator."""
        bounds = {}
        for proof in with_logged(proofs):
            for operator, _, upper in proof.lines:
                bounds[operator] = min(upper, bounds.get(operator, SAFE))
        return sorted(bounds.values())

    def meets_policy(self, proofs):
        policy = self.trust["policy"]
        witnesses = {line[0] for proof in proofs if proof.reason is None for line in proof.lines}
        return (len(witnesses) >= policy["witness_quorum"]
                and len(self.time_bounds(proofs)) >= policy["time_quorum"])

    def not_after(self):
        bounds, k = self.time_bounds(self.proofs), max(1, self.trust["policy"]["time_quorum"])
        return bounds[k - 1] if len(bounds) >= k else None

    def floor(self):
        """§3.2 rule 3 and §6: the reason or None, and not-before."""
        floor, named = self.evidence.get("floor"), None
        if floor is None:
            return None, None
        note = attempt(read_note, floor.get("note", ""))
        if note and len(note.lines) == 1 and cosignature_time(note.lines[0][1]):
            named = [1, sha256(note.lines[0][0][1] + note.lines[0][1])]
        elif "note" not in floor:
            named = [2, sha256(floor["header"])] if "header" in floor else [3, sha256(floor["token"])]
        if named is None or named != self.statement.seal.get(3):
            return "floor-unreferenced", None
        for witness in self.trust["witnesses"] if note else ():
            for line in note.by(witness["vkey"]):
                if witness["operator"] != self.operator and note.cosigned(line, witness["vkey"]):
                    return None, self.bounds(line)[0]
        return None, None

    def policy(self, not_before, not_after):
        """§7.2"""
        latest = min(self.now, SAFE if not_after is None else not_after)
        if not_before is not None and not_before > latest:
            return "time-contradiction"
        if self.meets_policy(self.proofs):
            return None
        future = any(proof.future for proof in with_logged(self.proofs))
        return "time-contradiction" if future else "anchor-policy-unmet"

    def document(self, sha_256, sha_512):
        same = sha_256 == self.statement.payload and sha_512 in (None, self.statement.seal.get(1, sha_512))
        return "document-missing" if sha_256 is None else None if same else "document-mismatch"

    def signature(self):
        return first((lambda: not self.seal, "seal-unknown"),
                     (lambda: self.statement.alg != self.seal["alg"], "algorithm-mismatch"),
                     (lambda: not self.statement.signed_by(self.seal["key"]), "signature-invalid"))

    def authorised(self):
        origin = self.statement.origin
        if self.seal and origin in self.seal["origins"] and self.seal.get("iss", origin) == origin:
            return None
        return "seal-unknown" if not self.seal else "seal-not-authorised" if self.log else "log-unknown"

    # --- §5 ---
    def status(self, i, not_after):
        read = [self.snapshot(item) for item in self.snapshots]
        authentic = sorted((one for one in read if one[1]), key=lambda one: one[1].seq)
        stories = [broken_story(older[1], newer[1], self.statement.kid)
                   for older, newer in zip(authentic, authentic[1:])]
        rows = [one[1].row(self.statement.kid) for one in authentic]
        final = ["seal-compromised" if row[0] == COMPROMISED else "seal-retired"
                 for row in rows if row and row[0] in MAY_FOLLOW and row[1] < i]
        for reason in filter(None, stories + final):
            return reason
        lenient = not self.meets_policy(self.proofs)
        if any(place is not None and place > i and signed.size > i and (lenient or self.meets_policy(proofs))
               for _, signed, place, proofs in authentic):
            return newest_row(rows[-1], i, not_after)
        reasons = [one[0] for one in read]
        if reasons and all(map(fails, reasons)):
            return reasons[0]
        missed = next((reason for reason in reasons if reason in MISSES), None)
        return missed if missed == "status-key-unknown" else "status-unknown"

    def snapshot(self, item):
        """One of "Each": reason, the snapshot when authentic, its place when proven, its judged PROOFs."""
        signed = attempt(read_status, item["statement"])
        key = signed and next((key for key in self.log["status_keys"] if key.name == signed.kid), None)
        reason = first((lambda: not signed, "status-malformed"),
                       (lambda: signed.origin != self.statement.origin, "status-origin-mismatch"),
                       (lambda: not key, "status-key-unknown"),
                       (lambda: not signed.signed_by(key), "status-signature-invalid"))
        proofs = [] if reason else self.judge(signed.entry, item["proofs"])
        unproven, place = self.outcome(proofs)
        if not reason and place is not None and signed.size > place:
            reason = "status-inconsistent"
        return (reason, None, None, []) if reason else (unproven, signed, place, proofs)

def with_logged(proofs):
    for proof in proofs:
        yield proof
        yield from with_logged(proof.logged)

def broken_story(older, newer, kid):
    """§5, "The story", for two neighbours: a reason or None."""
    if older.seq == newer.seq:
        return None if older.entry == newer.entry else "status-equivocation"  # 1
    if newer.seq == older.seq + 1 and newer.before != older.entry:
        return "status-equivocation"  # 2
    if newer.size <= older.size:
        return "status-backdated"  # 3
    was, now = older.row(kid), newer.row(kid)
    if not now:
        return "status-revived" if was else None  # 4
    if was:
        state, since, invalid_from = now
        narrowed = was[0] == state == COMPROMISED and invalid_from is not None and (
            was[2] is None or was[2] < invalid_from)
        if state == 0 != was[0] or state not in MAY_FOLLOW.get(was[0], range(6)) or narrowed:
            return "status-revived"  # 5 to 7
        if was[0] == state and (since == was[1] or state in MAY_FOLLOW):
            return None if since == was[1] else "status-backdated"  # 8
    return "status-backdated" if now[1] <= older.size else None  # 9

def newest_row(row, i, not_after):
    if not row:
        return "status-seal-unlisted"
    state, since, invalid_from = row
    if state == COMPROMISED and (None in (invalid_from, not_after) or not_after >= invalid_from):
        return "seal-compromised-window"
    if state == SUSPENDED and i > since:
        return "seal-suspended"
    return "seal-not-active" if state == 0 else None

def conclude(steps, not_before=None, not_after=None):
    """§2, the verdict; steps are the reasons of the mandatory steps in their order."""
    for reason in filter(fails, steps):
        return Result("invalid", reason)
    missed = [reason for reason in steps if reason in MISSES]
    for reason in sorted(missed, key="anchor-policy-unmet".__eq__):  # it counts last; the sort is stable
        return Result("indeterminate", reason, not_before, not_after)
    return Result("valid", "ok", not_before, not_after)

def verify(sha_256, sha_512, evidence_text, trust_text, now):
    try:
        trust = read_trust(trust_text)
    except Refused as why:
        return Result("refused", str(why))
    try:
        evidence = read_evidence(evidence_text)
        with refusing("statement-malformed"):
            statement = read_signed(STATEMENT, functools.partial(fit, DIGEST), evidence["statement"])
    except Refused as why:
        return conclude(["document-missing" if sha_256 is None else "not-checked", str(why)])
    case = Case(trust, evidence, statement, now)
    form, not_before = case.floor()
    not_after = case.not_after()
    inclusion, index = case.inclusion()
    steps = [case.document(sha_256, sha_512), form, case.signature(), case.authorised(), inclusion]
    if inclusion is None:
        steps += [case.status(index, not_after), case.policy(not_before, not_after)]
    return conclude(steps, not_before, not_after)

def verify_vector(vector):
    """§11"""
    digests = [bytes.fromhex(vector[name]) if name in vector else None
               for name in ("document_sha256", "document_sha512")]
    return verify(*digests, vector["evidence"].encode(), vector["trust"].encode(), vector.get("now_s"))

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vector", type=pathlib.Path)
    parser.add_argument("--trust", type=pathlib.Path)
    parser.add_argument("--now", type=int, default=int(time.time()), help="POSIX seconds")
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="DOCUMENT EVIDENCE")
    parser.error = lambda message: parser.exit(64, f"{parser.format_usage()}{message}\n")
    given = parser.parse_args()
    if bool(given.vector) == bool(given.trust) or len(given.files) != (0 if given.vector else 2):
        parser.error("give --vector FILE, or DOCUMENT EVIDENCE --trust TRUST")
    try:
        if given.vector:
            result = verify_vector(json.loads(given.vector.read_bytes()))
        else:
            document, evidence, trust = (path.read_bytes() for path in [*given.files, given.trust])
            result = verify(sha256(document), hashlib.sha512(document).digest(), evidence, trust, given.now)
    except OSError:
        result = Result("refused", "unreadable")
    print(result.verdict, result.reason, f"[{result.not_before}, {result.not_after}]")
    return result.exit_code()

if __name__ == "__main__":
    sys.exit(main())
