# SPDX-License-Identifier: Apache-2.0
"""C++ looks as clang-format-19 writes it; `scripts/check -f` makes it so."""
import concurrent.futures
import os
import subprocess

from .tree import Violation


def rules(tree):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        paths = tree.cpp()
        for path, line in zip(paths, pool.map(lambda path: _first_difference(tree, path), paths)):
            if line:
                yield Violation(path, line, "format", "run scripts/check -f")


def _first_difference(tree, path):
    run = subprocess.run(["clang-format-19", path], cwd=tree.root, check=True, capture_output=True)
    have, want = tree.text(path).splitlines(True), run.stdout.decode().splitlines(True)
    if have == want:
        return None
    same = next((number for number, pair in enumerate(zip(have, want)) if pair[0] != pair[1]),
                min(len(have), len(want)))
    return same + 1
