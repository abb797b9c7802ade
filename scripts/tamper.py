#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tamper.py KIND EVIDENCE OUTPUT: a copy of an evidence file with one thing changed, for scripts/demo.

KIND: signature, path, checkpoint, cosignature. Each changes as little as it can, so that what is refused
is that change and nothing else."""
import base64
import json
import sys


def flipped(text):
    """Base64 text with one bit of its last byte changed."""
    data = bytearray(base64.b64decode(text, validate=True))
    data[-1] ^= 1
    return base64.b64encode(data).decode()


def signature(evidence):
    evidence["statement"] = flipped(evidence["statement"])  # a COSE_Sign1 ends in its signature


def path(evidence):
    proof = evidence["proofs"][0]
    proof["hashes"][0] = flipped(proof["hashes"][0])


def checkpoint(evidence):
    lines = evidence["proofs"][0]["checkpoint"].split("\n")
    lines[2] = flipped(lines[2])  # origin, size, root
    evidence["proofs"][0]["checkpoint"] = "\n".join(lines)


def cosignature(evidence):
    """The last signature line is a witness's: the log's own line comes first."""
    lines = evidence["proofs"][0]["checkpoint"].rstrip("\n").split("\n")
    prefix, _, blob = lines[-1].rpartition(" ")
    lines[-1] = f"{prefix} {flipped(blob)}"
    evidence["proofs"][0]["checkpoint"] = "\n".join(lines) + "\n"


KINDS = {change.__name__: change for change in (signature, path, checkpoint, cosignature)}


def main():
    kind, source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        evidence = json.load(file)
    KINDS[kind](evidence)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(evidence, file, indent=2, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
