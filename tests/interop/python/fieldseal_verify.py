#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""fieldseal_verify.py DOCUMENT EVIDENCE TRUST [NOW]: a second verifier, from docs/formats alone.

"§" alone is a section of verdicts.md; statement.py does all of statement.md. NOW: POSIX seconds.
"""
import base64
import hashlib
import json
import pathlib
import re
import sys
import time
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import time_stamp
from certificates import belonging, read_certificate, standing
from statement import (
    ALGORITHMS, COUNT, DIGEST, OPTIONAL, ORIGIN, SAFE, check_signature, fit, maybe, need, octets,
    outcome, read_cbor, read_signed, read_spki, read_statement, sha256, text)

# --- JSON: evidence.md §1 ---
def in_base64(shape):
    def read(value):  # canonical
        data = base64.b64decode(fit(str, value), validate=True)
        return need(base64.b64encode(data).decode() == value) or fit(shape, data)
    return read

def read_json(data, size, values):  # the library refuses control characters, BOM, odd spaces
    def once(pairs):
        return need(len(dict(pairs)) == len(pairs)) or dict(pairs)
    def whole(digits):
        need(re.fullmatch("0|-?[1-9][0-9]{0,15}", digits))
        return fit(range(-SAFE, SAFE + 1), int(digits))
    def count(value, depth=0):
        inner = value.values() if type(value) is dict else value if type(value) is list else None
        need(inner is None or depth < 16)
        return 1 + sum(count(item, depth + 1) for item in inner or ())
    value = need(len(data) <= size) or json.loads(
        data.decode(), object_pairs_hook=once,
        parse_int=whole, parse_float=whole, parse_constant=whole)
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    return need(count(value) <= values) or value

# --- Status snapshots: status.md §1 and §2 ---
PRE_ACTIVE, SUSPENDED, RETIRED, COMPROMISED = 0, 2, 3, 4  # RETIRED and what is above are final
LATER = range(6), range(1, 6), range(1, 6), range(3, 6), (4,), (4, 5)  # in any steps
STATUS = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT},
          16: {"application/fieldseal-status+cose"}}
ROTATION = {**STATUS, 16: {"application/fieldseal-rotation+cose"}}
ROTATIONS = lambda value: need(value) or fit([octets(1, 4096), 8], value)
SNAPSHOT = {1: ORIGIN, 2: COUNT, 3: maybe(DIGEST), 4: COUNT,
            OPTIONAL: {6: (ORIGIN, DIGEST), 7: ROTATIONS},
            5: [(DIGEST, range(6), COUNT, maybe(COUNT)), 1024]}

def read_rotation(data):  # status.md §3.1
    shape = {1: ORIGIN, 2: DIGEST, 3: octets(1, 1024)}
    rotation = read_signed(ROTATION, lambda content: read_cbor(shape, content, 4096), data)
    origin, rotation.old, spki = map(rotation.payload.get, (1, 2, 3))
    key = read_spki(spki)
    need(origin == rotation.origin and key.name == rotation.kid != rotation.old)
    check_signature(key, *rotation.signed)
    return rotation

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
    rotations = [read_rotation(one) for one in status.payload[7] or ()]
    need([one.kid for one in rotations] == sorted({one.kid for one in rotations}))
    for one in rotations:
        need(one.origin == origin and {one.old, one.kid} <= status.rows.keys())
        need(status.rows[one.old][0] >= RETIRED and status.rows[one.kid][1] == status.size)
    return status

# --- Verifier keys and notes: checkpoint.md; inclusion: log.md §2 and §3 ---
NAME_IN_NOTE = r"[^+\s\x00-\x1f\x7f]+"
NOTE = re.compile(r"(([\x21-\x2a\x2c-\x7e]{1,255})\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n)\n"
                  f"((?:\u2014 {NAME_IN_NOTE} [^\\s]+\n){{1,64}})")

def read_vkey(value):
    name, digits, rest = fit(str, value).split("+", 2)
    data = in_base64(octets(1, 65536))(rest)
    need(data[0] in (1, 4), "trust-unsupported")  # trust.md §2 rule 3
    key_id = sha256(text(NAME_IN_NOTE)(name).encode() + b"\n" + data)[:4]
    need(len(data) == 33 and digits == key_id.hex())
    return SimpleNamespace(alg="EdDSA", public=Ed25519PublicKey.from_public_bytes(data[1:]),
                           raw=data[1:], name=(name, key_id), type=data[0])

def read_note(note):
    found = NOTE.fullmatch(note)
    need(found and len(note.encode()) <= 65536 and int(found[3]) < 2**63)
    lines = [line.split(" ") for line in found[5][:-1].split("\n")]
    lines = [(name, in_base64(octets(5, 65536))(data)) for _, name, data in lines]
    return SimpleNamespace(
        text=found[1].encode(), origin=found[2], size=int(found[3]), lines=lines,
        root=in_base64(DIGEST)(found[4]), by=[(name, blob[:4]) for name, blob in lines])

def cosigned_at(blob):
    at = int.from_bytes(blob[4:12], "big")
    return need(len(blob) == 76 and 1 <= at < 2**63) or at

def opened(note, key):  # checkpoint.md §5: the one line by this key verifies; a witness's time
    [blob] = [blob for name, blob in note.lines if (name, blob[:4]) == key.name]
    if key.type == 1:
        return check_signature(key, "EdDSA", blob[4:], note.text)
    at = cosigned_at(blob)
    check_signature(key, "EdDSA", blob[12:], b"cosignature/v1\ntime %d\n" % at + note.text)
    return at

def root_from(index, size, path, r):  # the last of the path is the half without the entry
    if size == 1:
        return need(index == 0 and not path) or r
    k = need(index < size and path) or 2**((size - 1).bit_length() - 1)
    if index < k:
        return sha256(b"\1" + root_from(index, k, path[:-1], r) + path[-1])
    return sha256(b"\1" + path[-1] + root_from(index - k, size - k, path[:-1], r))

# --- Evidence files: evidence.md §2; trust files: trust.md §1 and §2 ---
def read_checkpoint(value):  # None is a bad one, which kills only itself
    return outcome("bad", read_note, fit(str, value))[1]

def read_anchor(value):  # evidence.md §4: members but the type are not read yet
    return text("(?s).+", SAFE)(fit(dict, value).get("type")) and value

def read_stamp(value):  # anchor-rfc3161.md §1
    need([] not in (value.get("certificates"), value.get("crls")))
    return fit(STAMP, value)

def read_floor(value):  # evidence.md §5: the kind, 0 for a bad note; the bytes; the note
    need(fit(dict, value).keys() in ({"note"}, {"chain", "header"}, {"token"}))
    floor = fit(FLOOR, value)
    if "note" not in value:
        return (2, floor.header, None) if "header" in value else (3, floor.token, None)
    [(_, blob)] = floor.note.lines if floor.note and len(floor.note.lines) == 1 else [("", b"")]
    return 0 if outcome("bad", cosigned_at, blob)[0] else 1, blob, floor.note

def read_seal(value):
    return fit(AUTHORITY if "ca" in fit(dict, value) else SEAL, value)

BASE64, KEY, NAME, DAY = in_base64(bytes), in_base64(read_spki), text("(?s).+"), range(86401)
PROOFS = [None, 0]
for _ in range(3):  # one inside another
    PROOFS = [{"index": COUNT, "hashes": [in_base64(DIGEST), 63], "checkpoint": read_checkpoint,
               "anchors": [read_anchor, 32], "logged": PROOFS}, 16]
ITEM = {"statement": in_base64(lambda data: outcome("status-malformed", read_status, data)),
        "proofs": PROOFS}
STAMP = {"type": {"rfc3161"}, "token": in_base64(octets(0, 32768)), OPTIONAL: {
    "certificates": [in_base64(octets(0, 16384)), 16], "crls": [in_base64(octets(0, 131072)), 16]}}
FLOOR = {OPTIONAL: {"note": read_checkpoint, "chain": str, "header": BASE64, "token": BASE64}}
EVIDENCE = {"fieldseal": {"evidence/v1"}, "statement": BASE64, "certificates": [BASE64, 8],
            "proofs": PROOFS, OPTIONAL: {
                "crls": [BASE64, 8], "floor": read_floor, "status": [ITEM, 16],
                "document": {OPTIONAL: {"name": str, "size": COUNT, "media_type": str}}}}
LOG = {"origin": ORIGIN, "vkey": read_vkey, "kind": {"statement", "checkpoints"}, "operator": NAME,
       OPTIONAL: {"status_keys": [KEY, 8], "status": [ITEM, 16],
                  "closed": {"size": COUNT, "root": in_base64(DIGEST)}}}
SEAL = {"kid": text("[0-9a-f]{64}"), "key": KEY, "alg": {*ALGORITHMS.values()},
        "origins": [ORIGIN, 64], OPTIONAL: {"iss": ORIGIN, "subject": NAME}}
OID = text("[0-9.]+")
AUTHORITY = {"ca": [in_base64(read_certificate), 8], "origins": [ORIGIN, 64], OPTIONAL: {
    "iss": ORIGIN, "subject": NAME, "purposes": [OID, 16], "policies": [OID, 16],
    "revocation": {"required", "none"}}}
WITNESS = {"name": NAME, "vkey": read_vkey, "operator": NAME, OPTIONAL: {"url": str}}
TSA = {"roots": [in_base64(octets(0, 16384)), 256], "policies": [NAME, 256],
       "accuracy_default_s": DAY, OPTIONAL: {"operator": NAME}}
def known(*names):  # trust.md §2 rule 3: another name is of a later version
    return lambda value: need(fit(str, value) in names, "trust-unsupported") or value

ADDRESS, HASH = text("0x[0-9a-f]{40}"), text("0x[0-9a-f]{64}")
VALIDATORS = {"from": COUNT, "validators": [ADDRESS, 256], OPTIONAL: {"to": COUNT}}
CHAIN = {"id": NAME, "chain_id": range(1, SAFE + 1), "mode": known("qbft", "ibft2", "plain"),
         "validator_sets": [VALIDATORS, 256], OPTIONAL: {
             "contract": ADDRESS, "operator": NAME, "curve": known("secp256k1", "secp256r1"),
             "blocks": [{"number": COUNT, "hash": HASH}, 4096]}}
TRUST = {"fieldseal": {"trust/v1"}, "logs": [LOG, 1024], "seals": [read_seal, 4096],
         "witnesses": [WITNESS, 256], OPTIONAL: {"tsas": [TSA, 64], "chains": [CHAIN, 64],
         "skew_s": DAY, "policy": {"witness_quorum": range(65), "time_quorum": range(65)}}}

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
    trust.authorities = [seal for seal in trust.seals if hasattr(seal, "ca")]
    trust.seals = [seal for seal in trust.seals if not hasattr(seal, "ca")]
    need(all(authority.ca for authority in trust.authorities))
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
    for chain in trust.chains:
        edges = [edge for one in map(vars, chain.validator_sets) for edge in (
            2 * one["from"], 2 * (SAFE if one["to"] is None else one["to"]) + 1)]
        numbers = [one.number for one in chain.blocks]
        need(edges == sorted(edges) and numbers == sorted({*numbers}) and all(
            one.validators and distinct(one.validators) for one in chain.validator_sets))
        need(not edges if chain.mode == "plain" else edges and not numbers)
    names = [("log", one.origin) for one in trust.logs] + [("seal", one.kid) for one in trust.seals]
    names += [(one.vkey.raw, one.name) for one in trust.witnesses]
    need(distinct(names + [("chain", one.id) for one in trust.chains]))
    alone = [one.key.raw for one in trust.seals] + [one.vkey.raw for one in trust.witnesses]
    need(distinct([raw for raw, _ in roles] + alone), "trust-key-reused")
    return trust

# --- The verdict: verdicts.md. Reasons are yielded in their order; "?" marks one that misses ---
NEVER = float("inf")  # an upper bound that is not known
EXITS = {"valid": 0, "invalid": 1, "indeterminate": 2, "anchor-policy-unmet": 3,
         "certificate-time-unproven": 3, "refused": 66}

def fails(reason):
    return bool(reason) and reason[0] != "?"

def first(reasons):  # that fails, after which nothing is asked; else that misses, or None
    missed = None
    for reason in filter(None, reasons):
        if fails(reason):
            return reason
        missed = missed or reason
    return missed

def place(proofs):  # §4.3 rules 2 to 5: the reason, and the index when there is none
    ranked = sorted(proofs, key=lambda proof: bool(proof.reason) + fails(proof.reason))
    reason = ranked[0].reason if ranked else "?proof-missing"
    return reason, None if reason else ranked[0].index

class Case:
    def __init__(self, trust, evidence, now):
        self.trust, self.statement, self.proofs = trust, evidence.statement, evidence.proofs
        self.origin, self.floor, self.crls = self.statement.origin, evidence.floor, evidence.crls
        self.belongs, self.chain, self.own_key = belonging(evidence, self.statement)
        self.now, self.not_before = NEVER if now is None else now, -NEVER
        self.anchors, self.floor_reason = [], None
        self.logs = {log.origin: log for log in trust.logs}
        self.log = self.logs.get(self.origin) or SimpleNamespace(status=[], operator=None)
        self.snapshots = evidence.status + self.log.status
        proofs = nested(sum((item.proofs for item in self.snapshots), self.proofs))
        notes = [proof.checkpoint for proof in proofs if proof.checkpoint]
        for note in notes:
            note.log = self.logs.get(note.origin)
            note.signed = note.log and not outcome("bad", opened, note, note.log.vkey)[0]
        heads = {(note.origin, note.size, note.root) for note in notes if note.signed} | {
            (log.origin, log.closed.size, log.closed.root) for log in trust.logs if log.closed}
        sizes = [head[:2] for head in heads]
        self.forked = {size for size in sizes if sizes.count(size) > 1}  # §4.2
        self.judge(self.proofs, self.statement.entry)
        self.stamped = [*self.anchors]  # of time-stamps in `proofs`: the reasons, in their order
        self.met, self.not_after = self.vouched(self.proofs)

    def judge(self, proofs, subject, kind="statement"):
        for proof in proofs:
            proof.reason = first(self.of_proof(proof, proof.checkpoint, proofs, subject, kind))
            if fails(proof.reason):
                proof.lines = proof.stamps = proof.logged = []
            else:
                proof.lines = [*self.lines(proof.checkpoint)]
                proof.stamps = [*self.stamps(proof)]
                self.judge(proof.logged, sha256(proof.checkpoint.text), "checkpoints")

    def of_proof(self, proof, note, proofs, subject, kind):  # §4.1
        yield not note and "checkpoint-malformed"  # 1
        yield kind == "statement" and note.origin != self.origin and "origin-mismatch"  # 2
        places = {other.index for other in proofs
                  if other.checkpoint and other.checkpoint.origin == note.origin}
        yield len(places) > 1 and "index-conflict"  # 3
        path = proof.index, note.size, proof.hashes, sha256(b"\0" + subject)
        yield outcome("bad", root_from, *path)[1] != note.root and "inclusion-mismatch"  # 4
        yield not note.log and "?log-unknown"  # 5
        yield note.log and note.log.kind != kind and "log-kind-mismatch"
        if note.log and note.log.vkey.name in note.by:
            yield not note.signed and "checkpoint-signature-invalid"
            yield note.log.closed and note.size > note.log.closed.size and "log-closed"
            yield (note.origin, note.size) in self.forked and "log-equivocation"
        elif note.log:
            yield "?log-key-unknown" if note.origin in dict(note.by) else "checkpoint-unsigned"
        yield outcome("cosignature-invalid", list, self.lines(note))[0]  # 6

    def lines(self, note):  # §6: bounds and operator of trusted witnesses' lines; all must verify
        for witness in self.trust.witnesses:
            if witness.vkey.name in note.by:
                at, skew = min(opened(note, witness.vkey), SAFE), self.trust.skew_s
                if witness.operator != self.log.operator:
                    yield min(at + skew, SAFE), max(at - skew, 0), witness.operator

    def stamps(self, proof):  # as lines(), of time-stamping authorities
        for anchor in proof.anchors:
            if anchor["type"] == "rfc3161":
                why, stamp = outcome("anchor-malformed", read_stamp, anchor)
                if not why:
                    why, _, bound, operator = time_stamp.judge(
                        self.trust.tsas, stamp.token, sha256(proof.checkpoint.text),
                        stamp.certificates, stamp.crls)
                same = not why and operator == self.log.operator and "anchor-same-operator"
                late = not why and bound - self.trust.skew_s > self.now and "anchor-in-future"
                self.anchors.append(why or same or late or "ok")
                if not why and operator != self.log.operator:
                    yield bound, max(bound - self.trust.skew_s, 0), operator

    def vouched(self, proofs, beside=()):  # §7.1: whether the policy is met, and not-after
        policy, twins = self.trust.policy, [(one, one) for one in proofs]
        twins += [(one, other) for one in proofs for other in beside if not fails(one.reason)
                  and not fails(other.reason) and one.checkpoint.text == other.checkpoint.text]
        witnesses = {operator for one, other in twins if not (one.reason or other.reason)
                     for _, lower, operator in other.lines if lower <= self.now}
        found = nested([other for _, other in twins])
        lines = [line for proof in found for line in proof.lines + proof.stamps
                 if line[1] <= self.now]
        bounds = {operator: upper for upper, _, operator in sorted(lines, reverse=True)}
        met = len(witnesses) >= policy.witness_quorum and len(bounds) >= policy.time_quorum
        ranked = sorted(bounds.values()) + [NEVER] * 64
        return met, ranked[max(1, policy.time_quorum) - 1]

    def steps(self, sha_256, sha_512):  # the mandatory ones of §2
        statement, origin = self.statement, self.origin
        same = statement.payload == sha_256 and sha_512 in (None, statement.seal[1] or sha_512)
        yield "?document-missing" if sha_256 is None else not same and "document-mismatch"  # §3.1
        if self.floor:  # §3.2 rule 3, §6
            kind, data, note = self.floor
            yield [kind, sha256(data)] != statement.seal[3] and "floor-unreferenced"
            for _, lower, _ in note and outcome("bad", list, self.lines(note))[1] or ():
                self.not_before = lower
            if kind == 3:
                why, lower, _, operator = time_stamp.judge(self.trust.tsas, data)
                same = not why and operator == self.log.operator and "anchor-same-operator"
                self.floor_reason = why or same or "ok"
                self.not_before = lower if self.floor_reason == "ok" else self.not_before
        yield self.belongs  # §3.2 rule 4
        seal = {seal.kid: seal for seal in self.trust.seals}.get(statement.kid.hex())
        key = seal.key if seal else self.own_key if self.trust.authorities else None
        if key:  # §3.3, §3.4
            yield statement.signed[0] != key.alg and "algorithm-mismatch"
            yield outcome("signature-invalid", check_signature, key, *statement.signed)[0]
        if seal and (origin not in seal.origins or seal.iss not in (None, origin)):
            yield "seal-not-authorised" if origin in self.logs else "?log-unknown"
        yield not key and "?seal-unknown"
        forked = any(name == origin for name, _ in self.forked)
        reason, i = place(self.proofs)
        pends = None
        if key and not seal:  # §3.5
            known = not forked and not reason and self.not_after != NEVER
            said = standing(self.chain, self.crls, self.trust.authorities, origin,
                            None if self.not_before == -NEVER else self.not_before,
                            self.not_after if known else None)
            pends = said if said == "?certificate-time-unproven" else None
            yield not pends and said
        yield forked and "log-equivocation"  # §4.3
        yield reason
        if not reason:
            yield from self.status(i)
            yield self.not_before > min(self.now, self.not_after) and "?time-contradiction"  # §7.2
            late = any(line[1] > self.now for proof in nested(self.proofs)
                       for line in proof.lines + proof.stamps)
            yield not self.met and late and "?time-contradiction"
            yield pends  # behind what misses, before the policy
            yield not self.met and "?anchor-policy-unmet"

    def status(self, i):  # §5
        authentic, kid = [], self.statement.kid
        reasons = [first(self.of_snapshot(item, authentic)) for item in self.snapshots]
        authentic.sort(key=lambda status: status.seq)
        for older, newer in zip(authentic, authentic[1:]):
            yield from broken_story(older, newer, older.rows.get(kid), newer.rows.get(kid))
        for state, since, _ in [one.rows[kid] for one in authentic if kid in one.rows]:
            final = "seal-compromised" if state == COMPROMISED else "seal-retired"
            yield state >= RETIRED and since < i and final
        if any(one.place is not None and one.size > i and (
                not self.met or self.vouched(one.proofs, self.proofs)[0]) for one in authentic):
            state, since, invalid_from = authentic[-1].rows.get(kid, (None, None, -1))
            yield state is None and "?status-seal-unlisted"
            yield state == PRE_ACTIVE and "seal-not-active"
            yield state == SUSPENDED and i > since and "?seal-suspended"
            late = self.not_after >= invalid_from
            yield state == COMPROMISED and late and "?seal-compromised-window"
        elif reasons and all(map(fails, reasons)):
            yield reasons[0]
        else:
            missed = [reason for reason in reasons if reason and not fails(reason)]
            yield missed[0] if missed[:1] == ["?status-key-unknown"] else "?status-unknown"

    def of_snapshot(self, item, authentic):  # §5, "Each"; it joins the authentic ones
        why, status = item.statement
        yield why
        yield status.origin != self.origin and "status-origin-mismatch"
        key = self.log.keys.get(status.kid)
        yield not key and "?status-key-unknown"
        if key:
            yield outcome("status-signature-invalid", check_signature, key, *status.signed)[0]
            self.judge(item.proofs, status.entry)
            reason, status.place = place(item.proofs)
            yield not reason and status.size > status.place and "status-inconsistent"
            status.proofs = item.proofs
            authentic.append(status)
            yield reason

def broken_story(older, newer, was, row):  # §5, "The story", of two neighbours
    if older.seq == newer.seq:
        yield older.entry != newer.entry and "status-equivocation"  # 1
        return
    yield newer.seq == older.seq + 1 and newer.before != older.entry and "status-equivocation"  # 2
    yield newer.size <= older.size and "status-backdated"  # 3
    yield was and (not row or row[0] not in LATER[was[0]]) and "status-revived"  # 4 to 6
    yield was and row[0] == was[0] and row[2] > was[2] and "status-revived"  # 7
    if row and (not was or row[:2] != was[:2]):
        yield was and row[0] == was[0] >= RETIRED and "status-backdated"  # 8
        yield row[1] <= older.size and "status-backdated"  # 9

def verify(sha_256, sha_512, evidence, trust, now, seen=None):  # verdict, reason, not-before, not-after
    why, trust = outcome("trust-malformed", read_trust, trust)
    if why:
        return "refused", why, None, None
    why, evidence = outcome("evidence-malformed", read_evidence, evidence)
    case = None if why else Case(trust, evidence, now)
    reason = first(case.steps(sha_256, sha_512) if case else [
        "?document-missing" if sha_256 is None else None, why])
    if case and seen is not None:  # of time-stamps: the reasons
        seen.update(anchors=case.stamped, floor=case.floor_reason)
    if fails(reason):
        return "invalid", reason, None, None
    interval = [case.not_before, case.not_after] if case else [NEVER, NEVER]
    return ("indeterminate" if reason else "valid", (reason or "?ok")[1:],
            *[None if abs(at) == NEVER else at for at in interval])

def exit_code(verdict, reason):  # §8
    return EXITS.get(reason, EXITS[verdict])

def main(*arguments):
    document, *files = (pathlib.Path(name).read_bytes() for name in arguments[:3])
    now = int([*arguments, time.time()][3])
    result = verify(sha256(document), hashlib.sha512(document).digest(), *files, now)
    print(*result)
    return exit_code(*result[:2])

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (4, 5) else __doc__)
