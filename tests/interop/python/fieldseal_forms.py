# SPDX-License-Identifier: Apache-2.0
"""What fieldseal's files hold: statements, snapshots, checkpoints, evidence and trust files; from docs/formats."""
import re
from typing import Any, NamedTuple

from fieldseal_encodings import (
    Refused, array, in_base64, in_cbor, maybe, need, octets, one_of, read_json, record, refusing, row, sha256,
    spki, text, verifies, whole)

ALGORITHMS = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
TERMINAL = RETIRED, COMPROMISED, DESTROYED = 3, 4, 5

# --- statements and snapshots, statement.md §1 and status.md §1 ---
DIGEST = octets(32)
ORIGIN = text(r"[\x21-\x2a\x2c-\x7e]+", 1, 255)
SIDE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"
SEAL_MAP = record(
    {2: octets(16), 4: row(whole(0, 2), maybe(whole()), whole(0, 2)), 5: whole(0, 3)},
    {1: octets(64), 3: row(whole(1, 3), DIGEST), 6: DIGEST})
STATEMENT_HEADER = record(
    {1: one_of(*ALGORITHMS), 4: DIGEST,
     15: record({1: ORIGIN, 2: text(r"[^\x00-\x1f\x7f]+", 1, 255), 6: whole()}),
     16: one_of("application/fieldseal-statement+cose"), 258: one_of(-16),
     259: text(f"{SIDE}/{SIDE}", 1, 127), -65701: SEAL_MAP},
    {34: row(one_of(-16), DIGEST)})
STATUS_HEADER = record({1: one_of(*ALGORITHMS), 4: DIGEST, 15: record({1: ORIGIN, 6: whole()}),
                        16: one_of("application/fieldseal-status+cose")})
SNAPSHOT = record({1: ORIGIN, 2: whole(), 3: maybe(DIGEST), 4: whole(),
                   5: array(row(DIGEST, whole(0, 5), whole(), maybe(whole())), 1024)}, {6: row(ORIGIN, DIGEST)})


class Signed(NamedTuple):
    header: dict
    payload: Any
    signature: bytes
    message: bytes
    entry: bytes
    alg = property(lambda self: ALGORITHMS[self.header[1]])
    origin = property(lambda self: self.header[15][1])
    rows = property(lambda self: {seal[0]: seal[1:] for seal in self.payload[5]})

    def signed_by(self, key):
        return self.alg == key.alg and verifies(key, self.signature, self.message)


def cose_sign1(data, header, payload):
    need(len(data) <= 65536 and data[:1] == b"\xd2", "tag")
    protected, _, content, signature = in_cbor(
        row(octets(0, 4096), one_of({}), octets(0, 65536), octets(0, 512)), 65536)(data[1:])
    fields = in_cbor(header, 4096)(protected)
    low, high = (256, 512) if fields[1] == -37 else (64, 64)
    need(low <= len(signature) <= high, "signature length")  # §3; of the modulus once the key is known
    message = b"\x84\x6aSignature1" + b"".join(map(cbor_bytes, (protected, b"", content)))  # §2
    return Signed(fields, payload(content), signature, message, sha256(data))  # §6


def cbor_bytes(data):
    size = len(data)
    if size < 24:
        return bytes([0x40 + size]) + data
    return (bytes([0x58, size]) if size < 256 else b"\x59" + size.to_bytes(2, "big")) + data


def read_statement(data):
    return cose_sign1(data, STATEMENT_HEADER, DIGEST)


def read_status(data):
    signed = cose_sign1(data, STATUS_HEADER, in_cbor(SNAPSHOT, 65536))
    content = signed.payload
    need(content[1] == signed.origin and (content[2] == 0) == (content[3] is None))
    need(6 not in content or content[2] == 0)
    kids = [seal[0] for seal in content[5]]
    need(kids == sorted(set(kids)), "seals not ascending")
    for _, state, since, invalid_from in content[5]:
        need(since <= content[4] and (invalid_from is None or state == COMPROMISED))
    return signed


# --- signed notes and checkpoints, checkpoint.md §1 to §4 ---
NAME_IN_NOTE = text(r"[^+\s\x00-\x1f\x7f]+")  # \s of a str: White_Space, and four controls that go anyway
LINE = re.compile("\u2014 ([^ ]+) ([^ ]+)")
CHECKPOINT = re.compile(r"([\x21-\x2a\x2c-\x7e]{1,255})\n(0|[1-9][0-9]*)\n([^\n]{44})\n")


class Line(NamedTuple):
    name: str
    key_id: bytes
    rest: bytes

    def time(self):
        """§1, §4: of a line that has the form of a cosignature; else ValueError."""
        need(len(self.rest) == 72 and 1 <= int.from_bytes(self.rest[:8], "big") < 2**63, "cosignature")
        return int.from_bytes(self.rest[:8], "big")


class Note(NamedTuple):
    text: bytes
    lines: list
    origin: str
    size: int
    root: bytes
    digest = property(lambda self: sha256(self.text))  # §3

    def by(self, vkey):
        return [line for line in self.lines if (line.name, line.key_id) == (vkey.name, vkey.key_id)]


class VKey(NamedTuple):
    name: str
    key_id: bytes
    type: int
    key: bytes


def read_note(note):
    """A signed note (§1) whose text is a checkpoint (§3); ValueError otherwise."""
    need(len(note.encode()) <= 65536 and not re.search(r"[\x00-\x09\x0b-\x1f]", note))
    body, blank, tail = note.rpartition("\n\n")  # the last blank line
    need(blank and tail.endswith("\n"), "lines")
    lines = [LINE.fullmatch(line) for line in tail[:-1].split("\n")]
    need(len(lines) <= 64 and all(lines), "lines")
    parsed = CHECKPOINT.fullmatch(body + "\n")
    need(parsed and int(parsed[2]) < 2**63, "checkpoint")
    return Note((body + "\n").encode(), [read_line(*line.groups()) for line in lines],
                parsed[1], int(parsed[2]), in_base64(DIGEST)(parsed[3]))


def read_line(name, blob):
    data = in_base64(octets(5, 65536))(blob)
    return Line(NAME_IN_NOTE(name), data[:4], data[4:])


def read_vkey(value):
    """§2; a type other than 1 and 4 is not supported (trust.md §2 rule 3)."""
    need(type(value) is str and value.count("+") >= 2)
    name, digits, rest = value.split("+", 2)
    data = in_base64(octets(1, 65536))(rest)
    if data[0] not in (1, 4):
        raise Refused("trust-unsupported")
    text("[^+]+", 1, 255)(NAME_IN_NOTE(name))
    key_id = sha256(name.encode() + b"\n" + data)[:4]
    need(len(data) == 33 and digits == key_id.hex(), "key ID")
    return VKey(name, key_id, data[0], data[1:])


def note_or_none(note):
    try:
        return read_note(note)
    except ValueError:
        return None


def cosigned(line, vkey, note):
    """§4: the line has the form of a cosignature and verifies over the note's text."""
    try:
        message = b"cosignature/v1\ntime %d\n" % line.time() + note.text
    except ValueError:
        return False
    return verifies(vkey.key, line.rest[8:], message)


def leads_to_root(index, size, path, entry, root):
    """log.md §3"""
    if index >= size:
        return False
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
    return sn == 0 and r == root


# --- evidence files, evidence.md §2 ---
def read_anchor(value):
    need(type(value) is dict and type(value.get("type")) is str and value["type"])
    return value  # §4: this version judges none


def proof(level):
    """§2: a PROOF; nesting of three."""
    inner = proof(level + 1) if level < 3 else one_of()
    return record({"index": whole(), "hashes": array(in_base64(DIGEST), 63), "checkpoint": text(),
                   "anchors": array(read_anchor, 32), "logged": array(inner, 16)})


BASE64 = in_base64()
STATUS_ITEM = record({"statement": BASE64, "proofs": array(proof(1), 16)})
HINT = record({}, {"name": text(), "size": whole(), "media_type": text()})
FLOORS = {"note": record({"note": text()}), "header": record({"chain": text(), "header": BASE64}),
          "token": record({"token": BASE64})}


def read_floor(value):
    need(type(value) is dict)
    return next((check for name, check in FLOORS.items() if name in value), one_of())(value)


def floor_name(floor, note):
    """evidence.md §5: kind and digest; a floor note has exactly one line, in the form of a cosignature."""
    if note:
        need(len(note.lines) == 1 and note.lines[0].time())
        return 1, sha256(note.lines[0].key_id + note.lines[0].rest)
    return (2, sha256(floor["header"])) if "header" in floor else (3, sha256(floor["token"]))


EVIDENCE = record({"fieldseal": one_of("evidence/v1"), "statement": BASE64, "certificates": array(BASE64, 8),
                   "proofs": array(proof(1), 16)},
                  {"floor": read_floor, "status": array(STATUS_ITEM, 16), "document": HINT})


def versioned(value, version, reason):
    """Another version of the same file is known by its first member, whatever the others are."""
    name = value.get("fieldseal") if type(value) is dict else None
    if type(name) is str and name.startswith(version.split("/")[0] + "/") and name != version:
        raise Refused(reason)


def all_proofs(proofs):
    for item in proofs:
        yield item
        yield from all_proofs(item["logged"])


def read_evidence(data):
    with refusing("evidence-malformed"):
        value = read_json(data, 262144, 65536)
        versioned(value, "evidence/v1", "evidence-version-unknown")
        value = EVIDENCE(value)
        value.setdefault("status", [])
        within_limits([value, *value["status"]])
    return value


def within_limits(parts):
    """§2: PROOFs and anchors, all of them."""
    found = [p for part in parts for p in all_proofs(part["proofs"])]
    need(len(found) <= 16 and sum(len(p["anchors"]) for p in found) <= 32, "too many")


# --- trust files, trust.md §1 and §2 ---
NAME = text(low=1, high=255)
SPKI = in_base64(spki)
ADDRESS = text("0x[0-9a-f]{40}")
SECONDS_OF_A_DAY = whole(0, 86400)
LOG = record({"origin": ORIGIN, "vkey": read_vkey, "kind": one_of("statement", "checkpoints"), "operator": NAME},
             {"status_keys": array(SPKI, 8), "closed": record({"size": whole(), "root": in_base64(DIGEST)}),
              "status": array(STATUS_ITEM, 16)})
SEAL = record({"kid": text("[0-9a-f]{64}"), "key": SPKI, "alg": one_of(*ALGORITHMS.values()),
               "origins": array(ORIGIN, 64)}, {"iss": ORIGIN, "subject": NAME})
WITNESS = record({"name": NAME, "vkey": read_vkey, "operator": NAME}, {"url": text()})
TSA = record({"roots": array(in_base64(octets(0, 16384)), 256), "policies": array(NAME, 256),
              "accuracy_default_s": SECONDS_OF_A_DAY}, {"operator": NAME})
SET = record({"from": whole(), "validators": array(ADDRESS, 256)}, {"to": whole()})
CHAIN = record({"id": NAME, "chain_id": whole(), "mode": NAME, "validator_sets": array(SET, 256)},
               {"contract": ADDRESS, "operator": NAME})


def read_log(value):
    log = LOG(value)
    log.setdefault("status_keys", [])
    log.setdefault("status", [])
    need(log["vkey"].type == 1 and log["vkey"].name == log["origin"], "vkey")
    need(log["kind"] == "statement" or not log["status_keys"] + log["status"], "log of checkpoints")
    distinct([key.kid for key in log["status_keys"]])
    for item in log["status"]:  # §2 rule 4
        within_limits([item])  # evidence.md §2: each by itself
        signed = read_status(item["statement"])
        keys = [key for key in log["status_keys"] if key.kid == signed.header[4]]
        need(signed.origin == log["origin"] and keys and signed.signed_by(keys[0]), "status")
    return log


def read_seal(value):
    if type(value) is dict and "ca" in value:
        raise Refused("trust-unsupported")  # §2 rule 3
    seal = SEAL(value)
    need(seal["key"].kid.hex() == seal["kid"] and seal["key"].alg == seal["alg"], "key")
    return seal


def read_witness(value):
    witness = WITNESS(value)
    need(witness["vkey"].type == 4 and witness["vkey"].name == witness["name"], "vkey")
    return witness


def read_chain(value):
    chain = CHAIN(value)
    sets = chain["validator_sets"]
    need(all("to" in item for item in sets[:-1]))
    need(all(item["from"] <= item.get("to", item["from"]) for item in sets))
    need(all(one["to"] < two["from"] for one, two in zip(sets, sets[1:])), "ranges")
    for item in sets:
        distinct(item["validators"])
    return chain


TRUST = record({"fieldseal": one_of("trust/v1"), "logs": array(read_log, 1024), "seals": array(read_seal, 4096),
                "witnesses": array(read_witness, 256)},
               {"tsas": array(TSA, 64), "chains": array(read_chain, 64), "skew_s": SECONDS_OF_A_DAY,
                "policy": record({"witness_quorum": whole(0, 64), "time_quorum": whole(0, 64)})})


def distinct(items):
    need(len(set(items)) == len(items), "twice")


def read_trust(data):
    with refusing("trust-malformed"):
        value = read_json(data, 4194304, 524288)
        versioned(value, "trust/v1", "trust-unsupported")
        trust = {"policy": {"witness_quorum": 1, "time_quorum": 1}, "skew_s": 300, "chains": [], **TRUST(value)}
        distinct([log["origin"] for log in trust["logs"]])  # §2 rule 4
        distinct([seal["kid"] for seal in trust["seals"]])
        distinct([witness["vkey"] for witness in trust["witnesses"]])
        distinct([chain["id"] for chain in trust["chains"]])
    one_role_each(trust)
    return trust


def one_role_each(trust):
    """§2 rule 5: no key in two roles; twice in one only for logs and status keys."""
    logs = {(log["vkey"].key, log["kind"]) for log in trust["logs"]}
    status = {(key.raw, "status key") for log in trust["logs"] for key in log["status_keys"]}
    others = [seal["key"].raw for seal in trust["seals"]] + [w["vkey"].key for w in trust["witnesses"]]
    keys = [key for key, _ in [*logs, *status]] + others
    if len(set(keys)) < len(keys):
        raise Refused("trust-key-reused")
