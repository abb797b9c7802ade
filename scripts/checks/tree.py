# SPDX-License-Identifier: Apache-2.0
"""The files under check, and how a broken rule is reported."""
import dataclasses
import pathlib
import re
import subprocess


@dataclasses.dataclass(frozen=True)
class Violation:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class Tree:
    """A root and the files that belong to the project: tracked ones and new ones git does not ignore."""

    def __init__(self, root, files=None):
        self.root = pathlib.Path(root)
        self.files = sorted(files if files is not None else self._git_files())
        self._texts = {}

    def _git_files(self):
        listing = subprocess.run(
            ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        return [name for name in listing.split("\0") if name and (self.root / name).is_file()]

    def text(self, path):
        """The file's text, or None for a file that is not UTF-8 (a corpus input, a picture)."""
        if path not in self._texts:
            try:
                self._texts[path] = (self.root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def matching(self, *suffixes):
        return [path for path in self.files if path.endswith(suffixes) and self.text(path) is not None]

    def cpp(self):
        return self.matching(".cpp", ".h")


def is_test(path):
    return path.startswith("tests/") or path.endswith("_test.cpp")


def is_data(path):
    """Bytes for tests, not text of ours: rules about wording do not apply."""
    return path.startswith(("tests/vectors/", "tests/fuzz/corpus/")) and not path.endswith(
        (".cpp", ".h", ".py", ".go", ".txt", ".md"))


_CPP_TOKEN = re.compile(
    r'''R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'''
    r'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/''', re.DOTALL)


def code_only(text):
    """C++ text with comments and literals blanked out, line numbers kept."""
    def blank(match):
        found = match.group()
        if found.startswith("'") and match.start() > 0 and text[match.start() - 1].isalnum():
            return found  # a digit separator: 1'000'000
        return re.sub(r"[^\n]", " ", found)
    return _CPP_TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
