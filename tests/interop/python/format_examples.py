# SPDX-License-Identifier: Apache-2.0
"""The annotated hex in docs/formats is what the code produces, byte for byte.
Usage: format_examples.py STATEMENT_TOOL DOCS_FORMATS"""
import pathlib
import re
import subprocess
import sys
import unittest

TOOL = ""
DOCS = pathlib.Path()


def documented(page):
    """The bytes of the page's ```hex block; a # starts a comment."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```hex\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"{page}: {len(blocks)} hex blocks"
    lines = [line.split("#")[0] for line in blocks[0].splitlines()]
    return bytes.fromhex("".join(lines))


def produced(what):
    done = subprocess.run([TOOL, "example", what], capture_output=True, text=True, timeout=60,
                          check=True)
    return bytes.fromhex(done.stdout.strip())


class FormatExamples(unittest.TestCase):
    def test_the_statement_example(self):
        self.assertEqual(documented("statement.md").hex(), produced("statement").hex())

    def test_the_status_example(self):
        self.assertEqual(documented("status.md").hex(), produced("status").hex())

    def test_the_audit_example(self):
        self.assertEqual(documented("audit.md").hex(), produced("audit").hex())


if __name__ == "__main__":
    TOOL = sys.argv.pop(1)
    DOCS = pathlib.Path(sys.argv.pop(1))
    unittest.main()
