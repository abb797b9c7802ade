#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run_vectors.py DIRECTORY: the second verifier says what each file of the directory, one of
tests/vectors, says.

run_vectors.py --core DIRECTORY: so does its core, without what later pages add to it; of
tests/vectors/evidence, exactly the files of NOT_CORE need that. And the core has not grown.

Exit 0 when all agree, 1 when one does not, 77 (skipped) when Debian's python3-cbor2,
python3-cryptography or python3-nacl is missing.
"""
import ast
import importlib
import json
import pathlib
import sys
import tokenize

CORE = "shapes", "signed", "files", "verdict"
CORE_LINES_MAX = 400
NOT_CORE = {"floor-of-a-block-header", "floor-of-a-time-stamp-token", "floor-of-another-kind",
            "seal-rotated-after"}
NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
            tokenize.ENCODING, tokenize.ENDMARKER}


def disagreement(verifier, vector):
    """What differs, in words; empty when nothing does. docs/formats/verdicts.md §11."""
    expect = vector["expect"]
    digests = [bytes.fromhex(vector[name]) if name in vector else None
               for name in ("document_sha256", "document_sha512")]
    verdict, reason, not_before, not_after, case = verifier.verify(
        *digests, vector["evidence"].encode(), vector["trust"].encode(), vector.get("now_s"))
    said = {"verdict": verdict, "reason": reason, "not_before_s": not_before,
            "not_after_s": not_after, "exit": verifier.exit_code(verdict, reason)}
    said.update(stamps(expect, case))
    return [f"{name}: expected {expect.get(name)}, got {value}"
            for name, value in said.items() if expect.get(name) != value]


def stamps(expect, case):
    """What was said of each anchor and of the floor, where a vector is about time-stamps."""
    anchors, floor = getattr(case, "anchor_reasons", list)(), getattr(case, "floor_reason", None)
    if "anchors" in expect and anchors:
        yield "anchors", anchors
    if "floor" in expect and floor:
        yield "floor", floor


def code_lines(path):
    """Its lines with anything but white space, comments and docstrings."""
    docstrings, code = set(), set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and ast.get_docstring(node):
            docstrings |= {*range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type not in NOT_CODE:
                code |= {*range(token.start[0], token.end[0] + 1)}
    return len(code - docstrings)


def core_has_grown():
    lines = sum(code_lines(pathlib.Path(__file__).with_name(f"{name}.py")) for name in CORE)
    print(f"the core has {lines} lines of code, at most {CORE_LINES_MAX}")
    return lines > CORE_LINES_MAX


def main():
    core = sys.argv[1] == "--core"
    try:
        verifier = importlib.import_module("verdict" if core else "fieldseal_verify")
    except ImportError as missing:
        print(f"SKIP: {missing}; install Debian's python3-cbor2, python3-cryptography and python3-nacl, "
              "run with /usr/bin/python3")
        return 77
    files = sorted(pathlib.Path(sys.argv[-1]).glob("*.json"))
    bad = 0
    for file in files:
        vector = json.loads(file.read_bytes())
        found = disagreement(verifier, vector)
        if core and file.stem in NOT_CORE:
            found = [] if found else ["the core agrees: take it out of NOT_CORE"]
        if found or vector["name"] != file.stem:
            bad += 1
            print(f"{file.name}: {'; '.join(found) or 'its name is another'} ({vector['why']})")
    print(f"{len(files) - bad} of {len(files)} vectors agree")
    return 0 if files and not bad and not (core and core_has_grown()) else 1


if __name__ == "__main__":
    sys.exit(main())
