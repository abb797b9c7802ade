# SPDX-License-Identifier: Apache-2.0
"""Rotations in status snapshots, from status.md §3.1. Adds the member 7 of a snapshot."""
from shapes import COUNT, DIGEST, OPTIONAL, ORIGIN, RULES, fit, need, octets
from signed import ALGORITHMS, FINAL, SNAPSHOT, check_signature, read_cbor, read_signed, read_spki

MEMBER = 7
HEADER = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT},
          16: {"application/fieldseal-rotation+cose"}}
SUCCESSION = {1: ORIGIN, 2: DIGEST, 3: octets(1, 1024)}


def read_rotation(data):
    fit(octets(1, 4096), data)
    rotation = read_signed(HEADER, lambda content: read_cbor(SUCCESSION, content, 4096), data)
    origin, rotation.old, spki = map(rotation.payload.get, (1, 2, 3))
    key = read_spki(spki)
    need(origin == rotation.origin and key.kid == rotation.kid != rotation.old)
    check_signature(key, *rotation.signed)
    return rotation


def read_rotations(value):
    rotations = need(value) or fit([read_rotation, 8], value)
    kids = [one.kid for one in rotations]
    return need(kids == sorted({*kids})) or rotations


def check_rotations(snapshot):
    origin, size = snapshot[1], snapshot[4]
    rows = {kid: (state, since) for kid, state, since, _ in snapshot[5]}
    for one in snapshot[MEMBER] or ():
        need(one.origin == origin and {one.old, one.kid} <= rows.keys())
        need(rows[one.old][0] in FINAL and rows[one.kid][1] == size)


def add():
    SNAPSHOT[OPTIONAL][MEMBER] = read_rotations
    SNAPSHOT[RULES].append(check_rotations)
