#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run_vectors.py DIRECTORY: the second verifier says what each file of tests/vectors/evidence or tsa says.

Exit 0 when all agree, 1 when one does not, 77 (skipped) when Debian's python3-cbor2 or
python3-cryptography is missing.
"""
import json
import pathlib
import sys

try:
    import fieldseal_verify
except ImportError as missing:
    print(f"SKIP: {missing}; install Debian's python3-cbor2 and python3-cryptography, "
          "run with /usr/bin/python3")
    sys.exit(77)


def disagreement(vector):
    """What differs, in words; empty when nothing does. docs/formats/verdicts.md §11."""
    expect = vector["expect"]
    digests = [bytes.fromhex(vector[name]) if name in vector else None
               for name in ("document_sha256", "document_sha512")]
    seen = {}
    verdict, reason, not_before, not_after = fieldseal_verify.verify(
        *digests, vector["evidence"].encode(), vector["trust"].encode(), vector.get("now_s"), seen)
    said = {"verdict": verdict, "reason": reason, "not_before_s": not_before,
            "not_after_s": not_after, "exit": fieldseal_verify.exit_code(verdict, reason)}
    return [f"{name}: expected {expect.get(name)}, got {value}"
            for name, value in [*said.items(), *stamps(expect, seen)] if expect.get(name) != value]


def stamps(expect, seen):
    """What was said of each anchor and of the floor, where a vector is about time-stamps."""
    if "anchors" in expect and seen.get("anchors"):
        yield "anchors", seen["anchors"]
    if "floor" in expect and seen.get("floor"):
        yield "floor", seen["floor"]


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
    bad = 0
    for file in files:
        vector = json.loads(file.read_bytes())
        found = disagreement(vector)
        if found or vector["name"] != file.stem:
            bad += 1
            print(f"{file.name}: {'; '.join(found) or 'its name is another'} ({vector['why']})")
    print(f"{len(files) - bad} of {len(files)} vectors agree")
    return 0 if files and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
