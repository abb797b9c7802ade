# SPDX-License-Identifier: Apache-2.0
"""Status snapshots, from status.md; their story, from verdicts.md §5. Later pages add members and
rules to SNAPSHOT.
"""
from collections import namedtuple

from shapes import COUNT, DIGEST, OPTIONAL, ORIGIN, RULES, maybe, need
from statement import ALGORITHMS, read_cbor, read_signed

PRE_ACTIVE, ACTIVE, SUSPENDED, RETIRED, COMPROMISED, DESTROYED = STATES = range(6)
FINAL = STATES[RETIRED:]
LATER = STATES, STATES[1:], STATES[1:], STATES[3:], {COMPROMISED}, STATES[4:]  # §2, in any steps
HEADER = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT},
          16: {"application/fieldseal-status+cose"}}
SNAPSHOT = {1: ORIGIN, 2: COUNT, 3: maybe(DIGEST), 4: COUNT, OPTIONAL: {6: (ORIGIN, DIGEST)},
            5: [(DIGEST, STATES, COUNT, maybe(COUNT)), 1024], RULES: []}
Row = namedtuple("Row", "state since invalid_from")  # -1 is "from the beginning"


def read_status(data):
    status = read_signed(HEADER, lambda content: read_cbor(SNAPSHOT, content), data)
    origin, status.seq, status.before, status.size, seals = map(status.payload.get, range(1, 6))
    kids = [kid for kid, *_ in seals]
    need(origin == status.origin and kids == sorted({*kids}))
    need(status.seq > 0 and not status.payload[6] if status.before else status.seq == 0)
    for _, state, since, invalid_from in seals:
        need(since <= status.size and (invalid_from is None or state == COMPROMISED))
    status.rows = {kid: Row(state, since, -1 if invalid_from is None else invalid_from)
                   for kid, state, since, invalid_from in seals}
    return status


def broken_rules(older, newer, kid):
    """verdicts.md §5, "The story": of two neighbours, by its numbers."""
    was, row = older.rows.get(kid), newer.rows.get(kid)
    if older.seq == newer.seq:
        yield older.entry != newer.entry and "status-equivocation"  # 1
        return
    yield newer.seq == older.seq + 1 and newer.before != older.entry and "status-equivocation"  # 2
    yield newer.size <= older.size and "status-backdated"  # 3
    yield was and (not row or row.state not in LATER[was.state]) and "status-revived"  # 4 to 6
    same = was and row.state == was.state
    yield same and row.invalid_from > was.invalid_from and "status-revived"  # 7
    if row and not (same and row.since == was.since):
        yield same and row.state in FINAL and "status-backdated"  # 8
        yield row.since <= older.size and "status-backdated"  # 9
