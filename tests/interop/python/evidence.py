# SPDX-License-Identifier: Apache-2.0
"""What JSON we take, and evidence files, from evidence.md. Later pages add to EVIDENCE."""
import json
import re

from shapes import COUNT, COUNT_MAX, DIGEST, OPTIONAL, fit, in_base64, need, text


# --- JSON: §1 ---
def read_json(data, size, values):
    """The library refuses control characters, a byte order mark and other white space."""
    need(len(data) <= size)
    value = json.loads(data.decode(), object_pairs_hook=members, parse_int=whole, parse_float=whole,
                       parse_constant=whole)
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    return need(count(value) <= values) or value


def members(pairs):
    return need(len(dict(pairs)) == len(pairs)) or dict(pairs)


def whole(digits):
    need(re.fullmatch("0|-?[1-9][0-9]{0,15}", digits))
    return fit(range(-COUNT_MAX, COUNT_MAX + 1), int(digits))


def count(value, depth=0):
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    need(inner is None or depth < 16)
    return 1 + sum(count(item, depth + 1) for item in inner or ())


# --- The grammar: §2 to §5 ---
def read_anchor(value):
    """§4: members but the type are not read yet."""
    return text("(?s).+", COUNT_MAX)(fit(dict, value).get("type")) and value


BASE64 = in_base64(bytes)
PROOFS = [None, 0]
for _ in range(3):  # one inside another
    PROOFS = [{"index": COUNT, "hashes": [in_base64(DIGEST), 63], "checkpoint": str,
               "anchors": [read_anchor, 32], "logged": PROOFS}, 16]
SNAPSHOTS = [{"statement": BASE64, "proofs": PROOFS}, 16]
EVIDENCE = {"fieldseal": {"evidence/v1"}, "statement": BASE64, "certificates": [BASE64, 8],
            "proofs": PROOFS, OPTIONAL: {
                "crls": [BASE64, 8], "floor": {"note": str}, "status": SNAPSHOTS,
                "document": {OPTIONAL: {"name": str, "size": COUNT, "media_type": str}}}}


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


def read_evidence(data):
    evidence = read_file("evidence/", EVIDENCE, "?evidence-version-unknown", data, 262144, 65536)
    return need(within_limits(evidence, *evidence.status)) or evidence
