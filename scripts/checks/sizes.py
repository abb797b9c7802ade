# SPDX-License-Identifier: Apache-2.0
"""Sizes: a file or a function that grows past its limit is split by noun, not by number."""
import re

from .tree import Violation, code_only, is_test

LINES_MAX = {"source": 600, "header": 300, "test": 800, "cmake": 150, "script": 800, "readme": 150}
FUNCTION_LINES_MAX = 70
ROOM_README_LINES_MAX = 15
ROOMS = ("core", "verify", "store", "anchor", "people", "api", "node")

# What opens a brace and is not a function, as clang-format writes it: a namespace, a type, a table.
_NOT_A_FUNCTION = re.compile(r"^(?:inline )?(?:namespace|struct|class|enum|union|extern)\b|= *\{$|^[^(]*$")


def rules(tree):
    for path in tree.files:
        limit = _limit(path)
        if limit and tree.text(path) is not None:
            lines = tree.text(path).count("\n")
            if lines > limit:
                yield Violation(path, lines, "size", f"{lines} lines, at most {limit}: split by noun")
    for path in tree.cpp():
        yield from _functions(path, tree.text(path))


def _limit(path):
    if path.endswith("/README.md") and path.count("/") == 1 and path.startswith(ROOMS):
        return ROOM_README_LINES_MAX
    if path == "README.md":
        return LINES_MAX["readme"]
    if path.endswith(".cpp"):
        return LINES_MAX["test" if is_test(path) else "source"]
    if path.endswith(".h"):
        return LINES_MAX["header"]
    if path.endswith(("CMakeLists.txt", ".cmake")):
        return LINES_MAX["cmake"]
    if path.endswith((".py", ".go", ".ts", ".mjs")) or path.startswith("scripts/"):
        return LINES_MAX["script"]
    return None


def _functions(path, text):
    started, margin = None, ""  # of the open function: its first line and that line's indentation
    signature = []
    for number, line in enumerate(code_only(text).splitlines(), start=1):
        if started is not None:
            if line.startswith(margin + "}"):
                if number - started > FUNCTION_LINES_MAX:
                    yield Violation(path, started, "size",
                                    f"function of {number - started} lines, at most {FUNCTION_LINES_MAX}")
                started = None
        elif not line.strip() or line.startswith("#") or line.lstrip().startswith("template"):
            signature = []
        else:
            if not signature:
                first, margin = number, line[:len(line) - len(line.lstrip())]
            signature.append(line.strip())
            if line.endswith("{") and not _NOT_A_FUNCTION.search(" ".join(signature)):
                started = first
            if line.endswith(("{", ";", "}", ":")):
                signature = []
