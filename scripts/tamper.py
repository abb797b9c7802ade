#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tamper.py KIND EVIDENCE OUTPUT [EXTRA]: a copy of an evidence file with one thing changed, for scripts/demo.

KIND: signature, path, checkpoint, cosignature, seals. Each changes as little as it can, so that what is refused
is that change and nothing else. `seals` takes the extraData (0x…) that a node of the chain shows for the block
of the first chain anchor: the same block, with other seals."""
import base64
import json
import sys


def flipped(text):
    """Base64 text with one bit of its last byte changed."""
    data = bytearray(base64.b64decode(text, validate=True))
    data[-1] ^= 1
    return base64.b64encode(data).decode()


def rlp(payload, offset):
    """The prefix of a string (offset 0x80) or a list (0xc0) around these bytes, and the bytes."""
    if len(payload) < 56:
        return bytes([offset + len(payload)]) + payload
    length = len(payload).to_bytes((len(payload).bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(length)]) + length + payload


def rlp_end(data, at):
    """Where the item that begins at `at` has its payload, and where it ends."""
    first = data[at]
    if first < 0x80:
        return at, at + 1
    base = 0x80 if first < 0xc0 else 0xc0
    if first <= base + 55:
        return at + 1, at + 1 + first - base
    digits = first - base - 55
    begin = at + 1 + digits
    return begin, begin + int.from_bytes(data[at + 1:begin], "big")


EXTRA_DATA_ITEM = 12  # of a block header


def with_extra_data(header, extra):
    begin, end = rlp_end(header, 0)
    items = []
    while begin < end:
        _, after = rlp_end(header, begin)
        items.append(header[begin:after])
        begin = after
    items[EXTRA_DATA_ITEM] = rlp(extra, 0x80)
    return rlp(b"".join(items), 0xc0)


def chain_anchors(proofs):
    for proof in proofs:
        yield from (anchor for anchor in proof["anchors"] if anchor["type"] == "evm-tx")
        yield from chain_anchors(proof["logged"])


def seals(evidence, extra):
    anchor = next(chain_anchors(evidence["proofs"]))
    header = base64.b64decode(anchor["header"], validate=True)
    other = with_extra_data(header, bytes.fromhex(extra.removeprefix("0x")))
    anchor["header"] = base64.b64encode(other).decode()


def signature(evidence):
    evidence["statement"] = flipped(evidence["statement"])  # a COSE_Sign1 ends in its signature


def path(evidence):
    proof = evidence["proofs"][0]
    proof["hashes"][0] = flipped(proof["hashes"][0])


def with_flipped_line(note, which):
    lines = note.rstrip("\n").split("\n")
    prefix, _, blob = lines[which].rpartition(" ")
    lines[which] = f"{prefix} {flipped(blob)}"
    return "\n".join(lines) + "\n"


FIRST_SIGNATURE, LAST_SIGNATURE = 4, -1  # behind origin, size, root and an empty line


def checkpoint(evidence):
    """The log's own signature is the first line: without it nobody says that this is the log's root."""
    proof = evidence["proofs"][0]
    proof["checkpoint"] = with_flipped_line(proof["checkpoint"], FIRST_SIGNATURE)


def cosignature(evidence):
    """The last signature line is a witness's."""
    proof = evidence["proofs"][0]
    proof["checkpoint"] = with_flipped_line(proof["checkpoint"], LAST_SIGNATURE)


KINDS = {change.__name__: change for change in (signature, path, checkpoint, cosignature, seals)}


def main():
    kind, source, target, *extra = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        evidence = json.load(file)
    KINDS[kind](evidence, *extra)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(evidence, file, indent=2, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
