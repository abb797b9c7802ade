# SPDX-License-Identifier: Apache-2.0
"""Runs every rule over a tree: /usr/bin/python3 -m checks ROOT. Prints what it finds, one line each."""
import sys

from . import formatting, papers, sizes, walls, words
from .tree import Tree

RULES = (formatting, walls, sizes, words, papers)


def violations(tree):
    return [violation for module in RULES for violation in module.rules(tree)]


if __name__ == "__main__":
    for found in violations(Tree(sys.argv[1])):
        print(found)
