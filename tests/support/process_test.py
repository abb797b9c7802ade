# SPDX-License-Identifier: Apache-2.0
"""How a tests/integration script runs: unittest, named cases, and an exit code ctest understands.

    if __name__ == "__main__":
        process_test.main()              # script.py [Class | Class.test …]

Exit code 77 (ctest: skipped) when everything selected skipped itself; the reasons are printed as
"SKIP <test>: <why>", the form scripts/test counts.
"""
import sys
import unittest

SKIPPED = 77


def main():
    suite = unittest.defaultTestLoader
    module = sys.modules["__main__"]
    names = sys.argv[1:]
    tests = suite.loadTestsFromNames(names, module) if names else suite.loadTestsFromModule(module)
    if tests.countTestCases() == 0:
        sys.exit(f"{sys.argv[0]}: no test named {names}")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    for test, why in result.skipped:
        print(f"SKIP {test.id().removeprefix('__main__.')}: {why}")
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if len(result.skipped) == result.testsRun else 0)
