# SPDX-License-Identifier: Apache-2.0
"""The audit log, checked from docs/formats/audit.md alone: a chain of entries and a signed head.
Usage: audit_check.py SPKI_HEX FILE    FILE: the entries one after another, then the head
       audit_check.py --json ENTRIES   ENTRIES: `fieldseal --json audit`, all of them; prints the
                                       count and the digest that a head must have"""
import io
import json
import pathlib
import sys

import cbor2

from shapes import COUNT, DIGEST, ORIGIN, maybe, need, outcome, sha256, text
from signed import ALGORITHMS, check_signature, read_cbor, read_signed, read_spki

LINE = r"[^\x00-\x1f\x7f]+"
WORD = text(r"[a-z-]+", 32)
ENTRY = {1: COUNT, 2: maybe(DIGEST), 3: COUNT, 4: text(LINE, 64), 5: WORD,
         6: maybe(text(LINE, 255)), 7: WORD, 8: maybe(text(LINE, 64))}
HEADER = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT},
          16: {"application/fieldseal-audit+cose"}}
HEAD = {1: ORIGIN, 2: COUNT, 3: DIGEST, 4: COUNT}
MEMBERS = "seq", None, "at", "actor", "action", "subject", "outcome", "remote"


def check_chain(entries):
    """§2: the digest of the newest entry, or Refused with the number of the first bad one."""
    before = None
    for number, data in enumerate(entries):
        why, entry = outcome(f"entry {number}", read_cbor, ENTRY, data, 1024)
        need(not why and entry[1] == number and entry[2] == before, f"entry {number}")
        before = sha256(data)
    return before


def check_head(spki, data, entries):
    """§3: a head over a prefix of these entries, signed by the status key."""
    why, head = outcome("form", read_signed, HEADER, lambda content: read_cbor(HEAD, content), data)
    need(not why, why)
    origin, count, newest, _ = (head.payload[label] for label in range(1, 5))
    key = read_spki(spki)
    need(origin == head.origin and head.kid == key.kid)
    why, _ = outcome("signature", check_signature, key, *head.signed)
    need(not why, why)
    need(1 <= count <= len(entries) and check_chain(entries[:count]) == newest)
    return count


def split(data):
    """CBOR items that stand one after another."""
    stream, items, at = io.BytesIO(data), [], 0
    while at < len(data):
        cbor2.CBORDecoder(stream).decode()
        items.append(data[at:stream.tell()])
        at = stream.tell()
    return items


def rebuilt(shown):
    """The bytes of the entries that `fieldseal --json audit` shows: there is one encoding."""
    entries = []
    for one in sorted(shown, key=lambda each: each["seq"]):
        fields = {label: one.get(name) for label, name in enumerate(MEMBERS, 1)}
        fields[2] = sha256(entries[-1]) if entries else None
        entries.append(cbor2.dumps(fields, canonical=True))
    return entries


if __name__ == "__main__":
    if sys.argv[1] == "--json":
        shown = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))["entries"]
        print(len(shown), check_chain(rebuilt(shown)).hex())
    else:
        *log, signed = split(pathlib.Path(sys.argv[2]).read_bytes())
        check_chain(log)
        print(check_head(bytes.fromhex(sys.argv[1]), signed, log), "of", len(log), "entries signed")
