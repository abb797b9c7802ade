#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""fieldseal_verify.py DOCUMENT EVIDENCE TRUST [NOW]: a second verifier, from docs/formats alone.

Prints verdict, reason and interval; exits as verdicts.md §8 says. NOW is in POSIX seconds, else by
this computer's clock. "§" alone is a section of verdicts.md. Needs Debian's python3-cbor2 and
python3-cryptography.
"""
import base64
import hashlib
import json
import pathlib
import re
import sys
import time
from types import SimpleNamespace

import cbor2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

class Refused(ValueError):
    """Its argument is the reason, or None: the one that outcome() was given."""

def need(condition, reason=None):
    """Returns None, so that "need(...) or value" is the value."""
    if not condition:
        raise Refused(reason)

def outcome(reason, check, *given):
    """(None, what check returns), or (why it refuses, None)"""
    try:
        return None, check(*given)
    except (ValueError, RecursionError, InvalidSignature, UnsupportedAlgorithm) as why:
        return isinstance(why, Refused) and why.args[0] or reason, None

def sha256(data):
    return hashlib.sha256(data).digest()

# --- What a decoded JSON or CBOR value must look like ---
SAFE = 2**53 - 1
OPTIONAL = None  # in the shape of an object, the key of its optional members

def fit(shape, value):
    """The value if it fits. A shape is {member: shape} with no other members, [item, most items],
    (column, ...), a range or set of choices, a type, or a function that checks and converts. Of
    optional members an absent list is empty, others are None; objects of JSON get attributes."""
    if isinstance(shape, dict):
        optional = shape.get(OPTIONAL, {})
        known = {**shape, **optional}
        need(type(value) is dict and all(type(name) in (int, str) for name in value))  # not True
        need(shape.keys() - {OPTIONAL} <= value.keys() <= known.keys())
        found = {name: [] if type(optional[name]) is list else None for name in optional}
        found.update({name: fit(known[name], item) for name, item in value.items()})
        return SimpleNamespace(**found) if all(type(name) is str for name in found) else found
    if isinstance(shape, list):
        return need(type(value) is list and len(value) <= shape[1]) or [
            fit(shape[0], item) for item in value]
    if isinstance(shape, tuple):
        return need(type(value) is list and len(value) == len(shape)) or [*map(fit, shape, value)]
    if isinstance(shape, (range, set)):
        return need(type(value) is type(next(iter(shape))) and value in shape) or value
    return need(type(value) is shape) or value if isinstance(shape, type) else shape(value)

def text(pattern, most=255):
    return lambda value: need(
        re.fullmatch(pattern, fit(str, value)) and len(value.encode()) <= most) or value
def octets(low, high):
    return lambda value: need(low <= len(fit(bytes, value)) <= high) or value
def maybe(shape):
    return lambda value: None if value is None else fit(shape, value)
def in_base64(shape):
    def read(value):  # evidence.md §1: canonical
        data = base64.b64decode(fit(str, value), validate=True)
        return need(base64.b64encode(data).decode() == value) or fit(shape, data)
    return read

def read_cbor(shape, data, most=65536):
    """statement.md §1.2: what the library writes back as the same bytes. It sorts shorter keys
    first: for our labels that is the same order. No shape is deeper or larger than the limits."""
    try:
        value = need(len(data) <= most) or cbor2.loads(data)
        need(cbor2.dumps(value, canonical=True) == data)
    except Exception as why:  # of many kinds: from its tags, of memory, of recursion
        raise Refused(None) from why
    return fit(shape, value)

def read_json(data, size, values):
    """evidence.md §1. The library refuses control characters, a byte order mark, other space."""
    def once(pairs):
        return need(len(dict(pairs)) == len(pairs)) or dict(pairs)
    def integer(digits):
        need(re.fullmatch("0|-?[1-9][0-9]{0,15}", digits) and abs(int(digits)) <= SAFE)
        return int(digits)
    def count(value, depth=0):
        inner = value.values() if type(value) is dict else value if type(value) is list else None
        need(inner is None or depth < 16)
        return 1 + sum(count(item, depth + 1) for item in inner or ())
    value = need(len(data) <= size) or json.loads(
        data.decode(), object_pairs_hook=once,
        parse_int=integer, parse_float=integer, parse_constant=integer)
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    return need(count(value) <= values) or value

# --- Keys and signatures: statement.md §3 and §4, checkpoint.md §2 ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
ORDERS = {"ES256K": 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
          "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551}
SPKI = re.compile("3056301006072a8648ce3d020106052b8104000a034200(?P<ES256K>04.{128})|"
                  "3059301306072a8648ce3d020106082a8648ce3d030107034200(?P<ES256>04.{128})|"
                  "302a300506032b6570032100(?P<EdDSA>.{64})|"
                  "3082.{4}300d06092a864886f70d0101010500(?P<PS256>.*)")

def of_prime_order(raw):
    """Ed25519: canonical, not neutral, and L times the point is (the ladder of RFC 7748)."""
    y = int.from_bytes(raw, "little") % 2**255
    u = need(1 < y < P - 1) or (1 + y) * pow(1 - y, -1, P) % P
    points = [(1, 0), (u, 1)]
    for bit in map(int, bin(L)[2:]):
        (a, b), (c, d) = points[bit], points[1 - bit]
        plus, minus, one, two = (a + b)**2, (a - b)**2, (c - d) * (a + b), (c + d) * (a - b)
        points[1 - bit] = (one + two)**2 % P, u * (one - two)**2 % P
        points[bit] = plus * minus % P, (plus - minus) * (minus + 121666 * (plus - minus)) % P
    return points[0][1] == 0

def check_signature(key, alg, signature, message):
    need(alg == key.alg)
    if alg == "EdDSA":  # OpenSSL compares R byte for byte: it is of small order only if neutral
        need(len(signature) == 64 and int.from_bytes(signature[32:], "little") < L)
        need(of_prime_order(key.raw) and signature[:32] != b"\1" + bytes(31))
        key.public.verify(signature, message)
    elif alg == "PS256":
        need(len(signature) == len(key.raw))
        key.public.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        need(1 <= r < ORDERS[alg] and 1 <= s <= ORDERS[alg] // 2)
        key.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))

def read_spki(der):
    """The library writes the DER that it has read as the same bytes only if it has no slack."""
    found = need(len(der) <= 1024) or SPKI.fullmatch(der.hex())
    public = need(found) or load_der_public_key(der)
    need(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der)
    alg, raw = found.lastgroup, bytes.fromhex(found[found.lastgroup])
    need(alg != "EdDSA" or of_prime_order(raw))
    if alg == "PS256":
        n, e = public.public_numbers().n, public.public_numbers().e
        need(2048 <= public.key_size <= 4096 and n % 2 and e % 2 and 65537 <= e < 2**32)
        raw = n.to_bytes((public.key_size + 7) // 8, "big")
    return SimpleNamespace(alg=alg, raw=raw, public=public, name=sha256(der))

def read_vkey(value):
    name, digits, rest = fit(str, value).split("+", 2)
    data = in_base64(octets(1, 65536))(rest)
    need(data[0] in (1, 4), "trust-unsupported")  # trust.md §2 rule 3
    key_id = sha256(text(NAME_IN_NOTE)(name).encode() + b"\n" + data)[:4]
    public = need(len(data) == 33 and digits == key_id.hex()) or (
        ed25519.Ed25519PublicKey.from_public_bytes(data[1:]))
    return SimpleNamespace(
        alg="EdDSA", raw=data[1:], public=public, name=(name, key_id), type=data[0])

# --- Statements and status snapshots: statement.md §1, status.md §1 ---
ALGORITHMS = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
PRE_ACTIVE, SUSPENDED, RETIRED, COMPROMISED = 0, 2, 3, 4  # RETIRED and what is above are final
LATER = range(6), range(1, 6), range(1, 6), range(3, 6), (4,), (4, 5)  # status.md §2, in any steps
COUNT, DIGEST, ORIGIN = range(SAFE + 1), octets(32, 32), text(r"[\x21-\x2a\x2c-\x7e]+")
MEDIA_TYPE = text("{0}/{0}".format(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"), 127)
SEAL_MAP = {2: octets(16, 16), 4: (range(3), maybe(COUNT), range(3)), 5: range(4),
            OPTIONAL: {1: octets(64, 64), 3: (range(1, 4), DIGEST), 6: DIGEST}}
STATEMENT = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 2: text(r"[^\x00-\x1f\x7f]+"), 6: COUNT},
             16: {"application/fieldseal-statement+cose"}, 258: {-16}, 259: MEDIA_TYPE,
             -65701: SEAL_MAP, OPTIONAL: {34: ({-16}, DIGEST)}}
STATUS = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT},
          16: {"application/fieldseal-status+cose"}}
SNAPSHOT = {1: ORIGIN, 2: COUNT, 3: maybe(DIGEST), 4: COUNT, OPTIONAL: {6: (ORIGIN, DIGEST)},
            5: [(DIGEST, range(6), COUNT, maybe(COUNT)), 1024]}

def read_signed(header, payload, data):
    need(data[:1] == b"\xd2" and len(data) <= 65536)
    protected, _, content, signature = read_cbor((bytes, {}, bytes, octets(64, 512)), data[1:])
    fields = read_cbor(header, protected, 4096)
    need(len(signature) >= 256 if fields[1] == -37 else len(signature) == 64)
    message = cbor2.dumps(["Signature1", protected, b"", content])
    return SimpleNamespace(
        kid=fields[4], origin=fields[15][1], seal=fields.get(-65701), payload=payload(content),
        entry=sha256(data), signed=(ALGORITHMS[fields[1]], signature, message))

def read_statement(data):
    return read_signed(STATEMENT, DIGEST, data)

def read_status(data):
    status = read_signed(STATUS, lambda content: read_cbor(SNAPSHOT, content), data)
    origin, status.seq, status.before, status.size, seals = map(status.payload.get, range(1, 6))
    kids = [kid for kid, *_ in seals]
    need(origin == status.origin and kids == sorted({*kids}))
    need(status.seq > 0 and not status.payload[6] if status.before else status.seq == 0)
    status.rows = {}  # by kid: state, since_index, invalid_from; -1 is "from the beginning"
    for kid, state, since, invalid_from in seals:
        need(since <= status.size and (invalid_from is None or state == COMPROMISED))
        status.rows[kid] = state, since, -1 if invalid_from is None else invalid_from
    return status

# --- Notes: checkpoint.md; inclusion: log.md §2 and §3 ---
NAME_IN_NOTE = r"[^+\s\x00-\x1f\x7f]+"
NOTE = re.compile(r"(([\x21-\x2a\x2c-\x7e]{1,255})\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n)\n"
                  f"((?:\u2014 {NAME_IN_NOTE} [^\\s]+\n){{1,64}})")

def read_note(note):
    found = NOTE.fullmatch(note)
    need(found and len(note.encode()) <= 65536 and int(found[3]) < 2**63)
    lines = [line.split(" ") for line in found[5][:-1].split("\n")]
    blobs = [in_base64(octets(5, 65536))(data) for _, _, data in lines]
    return SimpleNamespace(
        text=found[1].encode(), origin=found[2], size=int(found[3]),
        root=in_base64(DIGEST)(found[4]), blobs=blobs,
        by=[(name, blob[:4]) for (_, name, _), blob in zip(lines, blobs)])

def cosigned_at(blob):
    at = int.from_bytes(blob[4:12], "big")
    return need(len(blob) == 76 and 1 <= at < 2**63) or at
def opened(note, key):
    """checkpoint.md §5: the one line by this key verifies. A witness's time."""
    [blob] = [blob for by, blob in zip(note.by, note.blobs) if by == key.name]
    if key.type == 1:
        return check_signature(key, "EdDSA", blob[4:], note.text)
    message = b"cosignature/v1\ntime %d\n" % cosigned_at(blob) + note.text
    return check_signature(key, "EdDSA", blob[12:], message) or cosigned_at(blob)

def root_from(index, size, path, r):
    """The last of the path is the root of that half of the tree in which the entry is not."""
    if size == 1:
        return need(index == 0 and not path) or r
    k = need(index < size and path) or 2**((size - 1).bit_length() - 1)
    if index < k:
        return sha256(b"\1" + root_from(index, k, path[:-1], r) + path[-1])
    return sha256(b"\1" + path[-1] + root_from(index - k, size - k, path[:-1], r))

# --- Evidence files: evidence.md §2; trust files: trust.md §1 and §2 ---
def read_checkpoint(value):
    """None is a bad one, which kills only itself."""
    return outcome("bad", read_note, fit(str, value))[1]

def read_anchor(value):
    """evidence.md §4: members but the type are not read."""
    return text("(?s).+", SAFE)(fit(dict, value).get("type"))

def read_floor(value):
    """evidence.md §5: the kind, 0 for a bad note; the bytes; the note"""
    need(fit(dict, value).keys() in ({"note"}, {"chain", "header"}, {"token"}))
    floor = fit(FLOOR, value)
    if "note" not in value:
        return (2, floor.header, None) if "header" in value else (3, floor.token, None)
    [blob] = floor.note.blobs if floor.note and len(floor.note.blobs) == 1 else [b""]
    return 0 if outcome("bad", cosigned_at, blob)[0] else 1, blob, floor.note

def read_seal(value):
    return need("ca" not in fit(dict, value), "trust-unsupported") or fit(SEAL, value)

BASE64, NAME, DAY = in_base64(bytes), text("(?s).+"), range(86401)
KEY, ADDRESS = in_base64(read_spki), text("0x[0-9a-f]{40}")
PROOFS = [None, 0]
for _ in range(3):  # one inside another
    PROOFS = [{"index": COUNT, "hashes": [in_base64(DIGEST), 63], "checkpoint": read_checkpoint,
               "anchors": [read_anchor, 32], "logged": PROOFS}, 16]
ITEM = {"statement": in_base64(lambda data: outcome("status-malformed", read_status, data)),
        "proofs": PROOFS}
FLOOR = {OPTIONAL: {"note": read_checkpoint, "chain": str, "header": BASE64, "token": BASE64}}
EVIDENCE = {"fieldseal": {"evidence/v1"}, "statement": BASE64, "certificates": [BASE64, 8],
            "proofs": PROOFS, OPTIONAL: {"floor": read_floor, "status": [ITEM, 16], "document": {
                OPTIONAL: {"name": str, "size": COUNT, "media_type": str}}}}
LOG = {"origin": ORIGIN, "vkey": read_vkey, "kind": {"statement", "checkpoints"}, "operator": NAME,
       OPTIONAL: {"status_keys": [KEY, 8], "status": [ITEM, 16],
                  "closed": {"size": COUNT, "root": in_base64(DIGEST)}}}
SEAL = {"kid": text("[0-9a-f]{64}"), "key": KEY, "alg": {*ALGORITHMS.values()},
        "origins": [ORIGIN, 64], OPTIONAL: {"iss": ORIGIN, "subject": NAME}}
WITNESS = {"name": NAME, "vkey": read_vkey, "operator": NAME, OPTIONAL: {"url": str}}
TSA = {"roots": [in_base64(octets(0, 16384)), 256], "policies": [NAME, 256],
       "accuracy_default_s": DAY, OPTIONAL: {"operator": NAME}}
VALIDATORS = {"from": COUNT, "validators": [ADDRESS, 256], OPTIONAL: {"to": COUNT}}
CHAIN = {"id": NAME, "chain_id": COUNT, "mode": NAME, "validator_sets": [VALIDATORS, 256],
         OPTIONAL: {"contract": ADDRESS, "operator": NAME}}
TRUST = {"fieldseal": {"trust/v1"}, "logs": [LOG, 1024], "seals": [read_seal, 4096],
         "witnesses": [WITNESS, 256], OPTIONAL: {
             "tsas": [TSA, 64], "chains": [CHAIN, 64], "skew_s": DAY,
             "policy": {"witness_quorum": range(65), "time_quorum": range(65)}}}

def read_file(kind, shape, newer, data, size, values):
    value = read_json(data, size, values)
    name = value.get("fieldseal") if type(value) is dict else None
    need(type(name) is not str or not name.startswith(kind) or name == kind + "v1", newer)
    return fit(shape, value)

def nested(proofs):
    for proof in proofs:
        yield proof
        yield from nested(proof.logged)

def within_limits(*parts):
    found = [proof for part in parts for proof in nested(part.proofs)]
    return len(found) <= 16 and sum(len(proof.anchors) for proof in found) <= 32

def distinct(items):
    return len({*items}) == len(items)

def read_evidence(data):
    evidence = read_file("evidence/", EVIDENCE, "?evidence-version-unknown", data, 262144, 65536)
    need(within_limits(evidence, *evidence.status))
    why, statement = outcome("statement-malformed", read_statement, evidence.statement)
    evidence.statement = need(not why, why) or statement
    return evidence

def read_trust(data):
    trust = read_file("trust/", TRUST, "trust-unsupported", data, 4194304, 524288)
    trust.policy = trust.policy or SimpleNamespace(witness_quorum=1, time_quorum=1)
    trust.skew_s = 300 if trust.skew_s is None else trust.skew_s
    roles = set()  # of keys that may come again in their role
    for log in trust.logs:
        need(log.vkey.type == 1 and log.vkey.name[0] == log.origin)
        need(log.kind == "statement" or not log.status_keys + log.status)
        log.keys = {key.name: key for key in log.status_keys}
        need(len(log.keys) == len(log.status_keys) and all(map(within_limits, log.status)))
        for why, status in [item.statement for item in log.status]:
            need(not why and status.origin == log.origin and status.kid in log.keys)
            check_signature(log.keys[status.kid], *status.signed)
        roles |= {(log.vkey.raw, log.kind)} | {(key.raw, "status") for key in log.status_keys}
    need(all(seal.key.name.hex() == seal.kid and seal.key.alg == seal.alg for seal in trust.seals))
    need(all(one.vkey.type == 4 and one.vkey.name[0] == one.name for one in trust.witnesses))
    for sets in [[vars(one) for one in chain.validator_sets] for chain in trust.chains]:
        edges = [edge for one in sets for edge in (
            2 * one["from"], 2 * (SAFE if one["to"] is None else one["to"]) + 1)]
        need(edges == sorted(edges) and all(distinct(one["validators"]) for one in sets))
    need(distinct([log.origin for log in trust.logs]) and distinct([one.kid for one in trust.seals])
         and distinct([chain.id for chain in trust.chains])
         and distinct([(one.vkey.raw, one.name) for one in trust.witnesses]))
    alone = [one.key.raw for one in trust.seals] + [one.vkey.raw for one in trust.witnesses]
    need(distinct([raw for raw, _ in roles] + alone), "trust-key-reused")
    return trust

# --- The verdict: verdicts.md. Generators yield the reasons that apply, in their order; one that
# misses starts with "?", all others fail ---
NEVER = float("inf")  # an upper bound that is not known
EXITS = {"valid": 0, "invalid": 1, "indeterminate": 2, "anchor-policy-unmet": 3, "refused": 66}

def fails(reason):
    return bool(reason) and reason[0] != "?"

def first(reasons):
    """The first that fails, after which nothing is asked; else the first that misses, or None."""
    missed = None
    for reason in filter(None, reasons):
        if fails(reason):
            return reason
        missed = missed or reason
    return missed

def place(proofs):
    """§4.3 rules 2 to 5: the reason, and the index when there is none"""
    ranked = sorted(proofs, key=lambda proof: bool(proof.reason) + fails(proof.reason))
    reason = ranked[0].reason if ranked else "?proof-missing"
    return reason, None if reason else ranked[0].index

class Case:
    def __init__(self, trust, evidence, now):
        self.trust, self.evidence, self.statement = trust, evidence, evidence.statement
        self.now, self.not_before = NEVER if now is None else now, -NEVER
        self.logs = {log.origin: log for log in trust.logs}
        self.log = self.logs.get(self.statement.origin) or SimpleNamespace(status=[], operator=None)
        self.snapshots = evidence.status + self.log.status
        proofs = nested(sum((item.proofs for item in self.snapshots), evidence.proofs))
        notes = [proof.checkpoint for proof in proofs if proof.checkpoint]
        for note in notes:
            note.log = self.logs.get(note.origin)
            note.signed = note.log and not outcome("bad", opened, note, note.log.vkey)[0]
        heads = {(note.origin, note.size, note.root) for note in notes if note.signed} | {
            (log.origin, log.closed.size, log.closed.root) for log in trust.logs if log.closed}
        sizes = [head[:2] for head in heads]
        self.forked = {size for size in sizes if sizes.count(size) > 1}  # §4.2
        self.judge(evidence.proofs, self.statement.entry)
        self.met, self.not_after = self.vouched(evidence.proofs)

    def judge(self, proofs, subject, kind="statement"):
        for proof in proofs:
            proof.reason = first(self.of_proof(proof, proof.checkpoint, proofs, subject, kind))
            if fails(proof.reason):
                proof.lines = proof.logged = []
            else:
                proof.lines = [*self.lines(proof.checkpoint)]
                self.judge(proof.logged, sha256(proof.checkpoint.text), "checkpoints")

    def of_proof(self, proof, note, proofs, subject, kind):
        """§4.1"""
        yield not note and "checkpoint-malformed"  # 1
        elsewhere = note.origin != self.statement.origin
        yield elsewhere and kind == "statement" and "origin-mismatch"  # 2
        places = {other.index for other in proofs
                  if other.checkpoint and other.checkpoint.origin == note.origin}
        yield len(places) > 1 and "index-conflict"  # 3
        path = proof.index, note.size, proof.hashes, sha256(b"\0" + subject)
        yield outcome("bad", root_from, *path)[1] != note.root and "inclusion-mismatch"  # 4
        log = note.log
        yield not log and "?log-unknown"  # 5
        yield log and log.kind != kind and "log-kind-mismatch"
        if log and log.vkey.name in note.by:
            yield not note.signed and "checkpoint-signature-invalid"
            yield log.closed and note.size > log.closed.size and "log-closed"
            yield (note.origin, note.size) in self.forked and "log-equivocation"
        elif log:
            named = note.origin in [name for name, _ in note.by]
            yield "?log-key-unknown" if named else "checkpoint-unsigned"
        yield outcome("cosignature-invalid", list, self.lines(note))[0]  # 6

    def lines(self, note):
        """§6: upper bound, lower bound, operator of trusted witnesses' lines; all must verify"""
        for witness in self.trust.witnesses:
            if witness.vkey.name in note.by:
                at, skew = min(opened(note, witness.vkey), SAFE), self.trust.skew_s
                if witness.operator != self.log.operator:
                    yield min(at + skew, SAFE), max(at - skew, 0), witness.operator

    def vouched(self, proofs):
        """§7.1: whether the policy is met, and not-after"""
        policy, k = self.trust.policy, max(1, self.trust.policy.time_quorum)
        proving = [line for proof in proofs if not proof.reason for line in proof.lines]
        witnesses = {operator for _, lower, operator in proving if lower <= self.now}
        lines = [line for proof in nested(proofs) for line in proof.lines if line[1] <= self.now]
        bounds = {operator: upper for upper, _, operator in sorted(lines, reverse=True)}
        met = len(witnesses) >= policy.witness_quorum and len(bounds) >= policy.time_quorum
        return met, sorted(bounds.values())[k - 1] if len(bounds) >= k else NEVER

    def steps(self, sha_256, sha_512):
        """The mandatory ones of §2"""
        statement, origin = self.statement, self.statement.origin
        same = statement.payload == sha_256 and sha_512 in (None, statement.seal[1] or sha_512)
        yield "?document-missing" if sha_256 is None else not same and "document-mismatch"  # §3.1
        if self.evidence.floor:  # §3.2 rule 3, §6
            kind, data, note = self.evidence.floor
            yield [kind, sha256(data)] != statement.seal[3] and "floor-unreferenced"
            for _, lower, _ in note and outcome("bad", list, self.lines(note))[1] or ():
                self.not_before = lower
        seal = {seal.kid: seal for seal in self.trust.seals}.get(statement.kid.hex())
        if seal:  # §3.3, §3.4
            yield statement.signed[0] != seal.alg and "algorithm-mismatch"
            yield outcome("signature-invalid", check_signature, seal.key, *statement.signed)[0]
            if origin not in seal.origins or seal.iss not in (None, origin):
                yield "seal-not-authorised" if origin in self.logs else "?log-unknown"
        yield not seal and "?seal-unknown"
        yield any(name == origin for name, _ in self.forked) and "log-equivocation"  # §4.3
        reason, i = place(self.evidence.proofs)
        yield reason
        if not reason:
            yield from self.status(i)
            yield self.not_before > min(self.now, self.not_after) and "?time-contradiction"  # §7.2
            lines = [line for proof in nested(self.evidence.proofs) for line in proof.lines]
            future = any(lower > self.now for _, lower, _ in lines)
            yield not self.met and ("?time-contradiction" if future else "?anchor-policy-unmet")

    def status(self, i):
        """§5"""
        authentic, kid = [], self.statement.kid
        reasons = [first(self.of_snapshot(item, authentic)) for item in self.snapshots]
        authentic.sort(key=lambda status: status.seq)
        for older, newer in zip(authentic, authentic[1:]):
            yield from broken_story(older, newer, older.rows.get(kid), newer.rows.get(kid))
        for state, since, _ in [one.rows[kid] for one in authentic if kid in one.rows]:
            final = "seal-compromised" if state == COMPROMISED else "seal-retired"
            yield state >= RETIRED and since < i and final
        if any(one.place is not None and one.size > i and (
                not self.met or self.vouched(one.proofs)[0]) for one in authentic):
            state, since, invalid_from = authentic[-1].rows.get(kid, (None, None, -1))
            yield state is None and "?status-seal-unlisted"
            yield state == PRE_ACTIVE and "seal-not-active"
            yield state == SUSPENDED and i > since and "?seal-suspended"
            yield state == COMPROMISED and self.not_after >= invalid_from and (
                "?seal-compromised-window")
        elif reasons and all(map(fails, reasons)):
            yield reasons[0]
        else:
            missed = [reason for reason in reasons if reason and not fails(reason)]
            unknown = missed[:1] == ["?status-key-unknown"]
            yield "?status-key-unknown" if unknown else "?status-unknown"

    def of_snapshot(self, item, authentic):
        """§5, "Each"; it joins the authentic ones."""
        why, status = item.statement
        yield why
        yield status.origin != self.statement.origin and "status-origin-mismatch"
        key = self.log.keys.get(status.kid)
        if not key:
            yield "?status-key-unknown"
            return
        yield outcome("status-signature-invalid", check_signature, key, *status.signed)[0]
        self.judge(item.proofs, status.entry)
        reason, status.place = place(item.proofs)
        yield not reason and status.size > status.place and "status-inconsistent"
        status.proofs = item.proofs
        authentic.append(status)
        yield reason

def broken_story(older, newer, was, row):
    """§5, "The story", of two neighbours"""
    if older.seq == newer.seq:
        yield older.entry != newer.entry and "status-equivocation"  # 1
        return
    yield newer.seq == older.seq + 1 and newer.before != older.entry and "status-equivocation"  # 2
    yield newer.size <= older.size and "status-backdated"  # 3
    if was:
        yield (not row or row[0] not in LATER[was[0]]) and "status-revived"  # 4 to 6
        yield row[0] == was[0] and row[2] > was[2] and "status-revived"  # 7
    if row and (not was or row[:2] != was[:2]):
        stayed = was and row[0] == was[0] and row[0] >= RETIRED
        yield (stayed or row[1] <= older.size) and "status-backdated"  # 8, 9

def verify(sha_256, sha_512, evidence, trust, now):
    """Verdict, reason, not-before and not-after"""
    why, trust = outcome("trust-malformed", read_trust, trust)
    if why:
        return "refused", why, None, None
    why, evidence = outcome("evidence-malformed", read_evidence, evidence)
    if why:
        reason = first(["?document-missing" if sha_256 is None else None, why])
        interval = NEVER, NEVER
    else:
        case = Case(trust, evidence, now)
        reason = first(case.steps(sha_256, sha_512))
        interval = case.not_before, case.not_after
    if fails(reason):
        return "invalid", reason, None, None
    verdict = "indeterminate" if reason else "valid"
    return verdict, (reason or "?ok")[1:], *(None if abs(at) == NEVER else at for at in interval)

def exit_code(verdict, reason):  # §8
    return EXITS.get(reason, EXITS[verdict])

def main(document, evidence, trust, now=None):
    try:
        document, *files = (pathlib.Path(name).read_bytes() for name in (document, evidence, trust))
    except OSError:
        print("refused unreadable")
        return EXITS["refused"]
    digests = sha256(document), hashlib.sha512(document).digest()
    result = verify(*digests, *files, int(now or time.time()))
    print(*result)
    return exit_code(*result[:2])

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (4, 5) else print(__doc__) or 64)
