# SPDX-License-Identifier: Apache-2.0
"""Names and words that are not used here, each with what to do instead."""
import pathlib
import re

from .tree import Violation, code_only, is_data, is_test

BANNED_STEMS = {"util", "utils", "helper", "helpers", "common", "misc"}
# Files whose job is to name the banned words.
NAMES_THE_RULES = ("scripts/checks/", "CONTRIBUTING.md")
# Programs talk to a terminal; libraries return values.
PROGRAMS = re.compile(r"verify/example/|^(?:node/cli/|node/\w*main\.cpp|verify/\w*main\.cpp|tests/|verify/cli\w*\.cpp|node/cli\w*\.cpp)")

MARKERS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\\?n?\s*[A-Za-z0-9+/]{16}|AGE-SECRET-KEY-1[0-9A-Z]{20}"
    r"|PRIVATE\+KEY\+[\w./-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{20}")
COMMENTED_OUT = re.compile(
    r"^\s*//\s*(?:(?:return|auto|const|if|for|while)\b[^.]*[=(][^.]*[;{]|[\w:.>-]+\([^.]*\);)\s*$", re.MULTILINE)

# pattern, where it applies, what to do instead. Matched against C++ without comments and literals.
CPP_WORDS = [
    (re.compile(r"\busing namespace\b"), lambda path: path.endswith(".h"),
     "no `using namespace` in a header"),
    (re.compile(r"\bstd::(?:cout|cerr|clog)\b|\b(?:std::)?printf\("),
     lambda path: not PROGRAMS.match(path) and not is_test(path),
     "a library returns values or logs; only programs write to the terminal"),
    (re.compile(r"(?<![\w])assert\("), lambda path: True,
     "assert() vanishes in release builds: FIELDSEAL_CHECK for own invariants, Result for input"),
    (re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\("),
     lambda path: is_test(path) and not path.startswith(("tests/support/", "tests/bench/")),
     "a test waits for a condition with a deadline (tests/support), it does not sleep"),
    (re.compile(r"\bsystem_clock::now\b|\bstd::time\("),
     lambda path: not path.startswith(("node/", "tests/", "verify/")) and not is_test(path),
     "wall-clock time is read in node/ and passed in"),
    (re.compile(r"\.detach\(\)"), lambda path: True, "no detached threads: std::jthread, joined by its owner"),
    (re.compile(r"\b(?:strcpy|strcat|sprintf|gets|system)\("), lambda path: not is_test(path), "unbounded or unsafe call"),
]


def rules(tree):
    for path in tree.files:
        stem = pathlib.PurePosixPath(path).name.split(".")[0]
        words = set(stem.lower().removesuffix("_test").split("_"))
        if words & BANNED_STEMS and not is_data(path):
            yield Violation(path, 1, "name", f"\"{stem}\" says nothing: name the file after what it holds")
        text = tree.text(path)
        if text is None or is_data(path):
            continue
        if not path.startswith(NAMES_THE_RULES):
            yield from _found(path, text, MARKERS, "word", "open an issue instead of leaving a marker")
            yield from _found(path, text, SECRETS, "secret", "a private key does not belong in the tree")
        if path.endswith((".cpp", ".h")):
            yield from _cpp(path, text)
        elif path.endswith(".py") and is_test(path) and not path.startswith("tests/support/"):
            yield from _found(path, text, re.compile(r"\btime\.sleep\("), "word",
                              "a test waits for a condition with a deadline, it does not sleep")


def _cpp(path, text):
    code = code_only(text)
    for pattern, applies, instead in CPP_WORDS:
        if applies(path):
            yield from _found(path, code, pattern, "word", instead)
    yield from _found(path, text, COMMENTED_OUT, "word", "delete code instead of commenting it out; git remembers")
    if path.endswith(".h") and "#pragma once" not in code:
        yield Violation(path, 1, "header", "a header has #pragma once")


def _found(path, text, pattern, rule, instead):
    for match in pattern.finditer(text):
        offset = match.start() + len(match.group()) - len(match.group().lstrip())
        quote = match.group().strip().splitlines()[0][:60]
        yield Violation(path, text.count("\n", 0, offset) + 1, rule, f"`{quote}`: {instead}")
