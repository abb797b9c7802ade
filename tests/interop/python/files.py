# SPDX-License-Identifier: Apache-2.0
"""The two files in JSON: evidence (evidence.md) and trust (trust.md), each written from its page alone. Later pages add
to EVIDENCE and TRUST.
"""
import json
import re

from shapes import COUNT, COUNT_MAX, DIGEST, OPTIONAL, ORIGIN, RULES, fit, in_base64, need, outcome, text
from signed import (LOG_KEY, WITNESS_KEY, check_signature, read_note, read_spki, read_statement, read_status,
                    read_vkey)


# --- JSON: evidence.md §1 ---
def once(pairs):
    return need(len(dict(pairs)) == len(pairs)) or dict(pairs)


def whole(digits):
    return need(re.fullmatch("0|-?[1-9][0-9]{0,15}", digits) and abs(int(digits)) <= COUNT_MAX) or int(digits)


def count(value, depth=0):
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    need(inner is None or depth < 16)
    return 1 + sum(count(item, depth + 1) for item in inner or ())


def read_file(kind, shape, newer, data, size, values):
    """The library refuses control characters, a byte order mark and other white space."""
    need(len(data) <= size)
    value = json.loads(data.decode(), object_pairs_hook=once, parse_int=whole, parse_float=whole, parse_constant=whole)
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    need(count(value) <= values)
    version = value["fieldseal"]  # one that is no text has no startswith: malformed
    need(not version.startswith(kind) or version == kind + "v1", newer)
    return fit(shape, value)


# --- Evidence: evidence.md §2 to §5 ---
def read_checkpoint(value):
    """What is no checkpoint kills its PROOF and not the file: None. verdicts.md §4.1"""
    return outcome("malformed", read_note, fit(str, value))[1]


def read_anchor(value):
    """§4: members but the type are not read yet."""
    return text("(?s).+", COUNT_MAX)(fit(dict, value).get("type")) and value


BASE64 = in_base64(bytes)
PROOFS = [None, 0]
for _ in range(3):  # one inside another
    PROOFS = [{"index": COUNT, "hashes": [in_base64(DIGEST), 63], "checkpoint": read_checkpoint,
               "anchors": [read_anchor, 32], "logged": PROOFS}, 16]
SNAPSHOTS = [{"statement": BASE64, "proofs": PROOFS}, 16]
EVIDENCE = {"fieldseal": {"evidence/v1"}, "statement": BASE64, "certificates": [BASE64, 8], "proofs": PROOFS,
            OPTIONAL: {"crls": [BASE64, 8], "floor": {"note": str}, "status": SNAPSHOTS,
                       "document": {OPTIONAL: {"name": str, "size": COUNT, "media_type": str}}}}


def nested(proofs):
    """With all those inside them."""
    return [one for proof in proofs for one in [proof, *nested(proof.logged)]]


def within_limits(*parts):
    found = [proof for part in parts for proof in nested(part.proofs)]
    return len(found) <= 16 and sum(len(proof.anchors) for proof in found) <= 32


def read_evidence(data):
    """The statement comes after the file: verdicts.md §3.2."""
    evidence = read_file("evidence/", EVIDENCE, "?evidence-version-unknown", data, 262144, 65536)
    need(within_limits(evidence, *evidence.status))
    why, evidence.statement = outcome("statement-malformed", read_statement, evidence.statement)
    return need(not why, why) or evidence


# --- Trust: trust.md §1 and §2 ---
def check_log(log):
    need(log.vkey.type == LOG_KEY and log.vkey.name == log.origin)
    need(log.kind == "statement" or not log.status_keys + log.status)
    log.keys = {key.kid: key for key in log.status_keys}
    need(len(log.keys) == len(log.status_keys) and all(map(within_limits, log.status)))
    for status in [read_status(item.statement) for item in log.status]:
        need(status.origin == log.origin and status.kid in log.keys)
        check_signature(log.keys[status.kid], *status.signed)


KEY, NAME, DAY = in_base64(read_spki), text("(?s).+"), range(86401)
LOG = {"origin": ORIGIN, "vkey": read_vkey, "kind": {"statement", "checkpoints"}, "operator": NAME, RULES: [check_log],
       OPTIONAL: {"status_keys": [KEY, 8], "status": SNAPSHOTS, "closed": {"size": COUNT, "root": in_base64(DIGEST)}}}
SEAL = {"kid": str, "key": KEY, "alg": str, "origins": [ORIGIN, 64], OPTIONAL: {"iss": ORIGIN, "subject": NAME}}
WITNESS = {"name": NAME, "vkey": read_vkey, "operator": NAME, OPTIONAL: {"url": str}}
POLICY = {"witness_quorum": range(65), "time_quorum": range(65)}
TRUST = {"fieldseal": {"trust/v1"}, "logs": [LOG, 1024], "seals": [SEAL, 4096], "witnesses": [WITNESS, 256],
         RULES: [], OPTIONAL: {"policy": POLICY, "skew_s": DAY}}


def distinct(items):
    return len({*items}) == len(items)


def read_trust(data):
    """The rules of §2: 1 to 3 first, then 4, then 5. Keys may come again in the roles of logs and of status keys."""
    trust = read_file("trust/", TRUST, "trust-unsupported", data, 4194304, 524288)
    trust.policy = trust.policy or fit(POLICY, {"witness_quorum": 1, "time_quorum": 1})
    trust.skew_s = 300 if trust.skew_s is None else trust.skew_s
    need(all(seal.key.kid.hex() == seal.kid and seal.key.alg == seal.alg for seal in trust.seals))
    need(all(one.vkey.type == WITNESS_KEY and one.vkey.name == one.name for one in trust.witnesses))
    need(distinct([log.origin for log in trust.logs]) and distinct([seal.kid for seal in trust.seals]))
    need(distinct([one.vkey.by for one in trust.witnesses]))
    roles = {(log.vkey.raw, log.kind) for log in trust.logs}
    roles |= {(key.raw, "status") for log in trust.logs for key in log.status_keys}
    keys = [raw for raw, _ in roles] + [one.key.raw for one in trust.seals] + [one.vkey.raw for one in trust.witnesses]
    need(distinct(keys), "trust-key-reused")
    return trust
