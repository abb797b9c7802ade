# SPDX-License-Identifier: Apache-2.0
"""Licence lines, documents' links, the changelog, and the tools scripts may call."""
import posixpath
import re

from .tree import Violation, is_data

SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_LINES = 3  # after a #! line and an encoding line at the latest
NEEDS_SPDX = (".cpp", ".h", ".cmake", ".py", ".go", ".ts", ".mjs", ".sol", ".toml", ".yml", ".yaml", ".sh", ".txt")

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
# pyenv's python3 or another Go may come first on PATH; the packages we install belong to Debian's.
FOREIGN_TOOL = re.compile(r"(?<![\w/.-])(?:python3|python|go (?:build|run|test|vet))(?![\w.-])")


def rules(tree):
    yield from _licence_lines(tree)
    yield from _links(tree)
    yield from _changelog(tree)
    yield from _tools(tree)


def _is_script(tree, path):
    return (tree.text(path) or "").startswith("#!")


def _licence_lines(tree):
    for path in tree.files:
        if is_data(path) or not (path.endswith(NEEDS_SPDX) or _is_script(tree, path)):
            continue
        text = tree.text(path)
        if text is not None and SPDX not in "\n".join(text.splitlines()[:SPDX_LINES]):
            yield Violation(path, 1, "licence", f"the first lines say: {SPDX}")


def _slug(heading):
    """The anchor GitHub and others make of a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain))


def _anchors(text):
    return {_slug(match.group(1)) for match in re.finditer(r"^#{1,6}\s+(.*)$", text, re.MULTILINE)}


def _links(tree):
    files = set(tree.files)
    folders = {posixpath.dirname(path) for path in files}
    folders |= {parent for folder in folders for parent in _parents(folder)}
    for path in tree.matching(".md"):
        text = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), tree.text(path))
        for match in LINK.finditer(text):
            target, _, anchor = (match.group(1) or match.group(2)).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            line = text.count("\n", 0, match.start()) + 1
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if place not in files and place not in folders and place != ".":
                yield Violation(path, line, "link", f"{target} is not in the tree")
            elif anchor and place.endswith(".md") and anchor not in _anchors(tree.text(place)):
                yield Violation(path, line, "link", f"{place} has no heading #{anchor}")


def _parents(folder):
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _changelog(tree):
    project = tree.text("CMakeLists.txt") if "CMakeLists.txt" in tree.files else None
    version = re.search(r"project\(\w+ VERSION ([0-9.]+)", project or "")
    if version and f"{version.group(1)}" not in (
            tree.text("CHANGELOG.md") if "CHANGELOG.md" in tree.files else ""):
        yield Violation("CHANGELOG.md", 1, "changelog",
                        f"says nothing about version {version.group(1)} of CMakeLists.txt")


def _tools(tree):
    for path in tree.files:
        text = tree.text(path)
        if text is None or not _is_script(tree, path):
            continue
        if re.match(r"#!\s*/usr/bin/env python", text):
            yield Violation(path, 1, "tool", "#!/usr/bin/python3: pyenv's python3 lacks Debian's modules")
        if not re.match(r"#!.*\b(?:ba)?sh\b", text):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found = None if line.lstrip().startswith("#") else FOREIGN_TOOL.search(line)
            if found:
                yield Violation(path, number, "tool",
                                f"`{found.group()}`: call /usr/bin/python3 or /usr/lib/go-1.19/bin/go by its path")
