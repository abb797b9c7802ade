# SPDX-License-Identifier: Apache-2.0
"""Every operation and every status of the daemon's own OpenAPI document, each provoked against a running daemon.

The recipes are in tests/support/api_recipes.py, where a new operation or status gets its line. What is documented and
has neither a recipe nor a reason there fails; so does a recipe for what is not documented, and an answer that is not.
"""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from api_recipes import EVERYWHERE, NOT_FROM_OUTSIDE, RECIPES  # noqa: E402
from api_walk import Walk  # noqa: E402

# What the code of a problem may be.
CODES = {
    400: {"request-refused"},
    401: {"unauthenticated"},
    403: {"denied", "wrong-origin"},
    404: {"not-found"},
    409: {"conflict", "idempotency-key-in-progress", "seal-state"},
    411: {"request-refused"},
    412: {"precondition-failed"},
    413: {"too-large"},
    415: {"unsupported-media-type", "request-refused"},
    421: {"wrong-host"},
    422: {"idempotency-key-reused"},
    423: {"locked"},
    429: {"rate-limited"},
    431: {"request-refused"},
    501: {"unsupported"},
    503: {"overloaded", "too-many-uploads", "too-many-listeners"},
    507: {"storage-full"},
}


class Statuses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.walk = Walk()
        cls.addClassCleanup(cls.walk.close)
        cls.operations = list(cls.walk.document.operations())
        pairs = [(operation, status) for operation in cls.operations for status in operation.answers]
        cls.pairs = sorted(pairs, key=lambda pair: -pair[1])
        cls.documented = {(str(operation), status) for operation, status in pairs}

    def test_every_documented_status_of_every_operation(self):
        started, seen = time.monotonic(), set()
        for operation, status in self.pairs:
            if is_from_outside(operation, status):
                with self.subTest(f"{operation}: {status}"):
                    self.provoke(operation, status)
                    seen.add((str(operation), status))
        excused = {(str(operation), status) for operation, status in self.pairs
                   if not is_from_outside(operation, status)}
        print(f"{len(seen)} pairs of {len(self.operations)} operations in {time.monotonic() - started:.1f} s, "
              f"{len(excused)} not from outside")
        self.assertEqual(seen, self.documented - excused)

    def provoke(self, operation, status):
        where = f"RECIPES[{str(operation)!r}][{status}] of tests/support/api_recipes.py"
        recipe = RECIPES.get(str(operation), {}).get(status) or EVERYWHERE.get(status)
        self.assertIsNotNone(recipe, f"nobody knows how to get a {status} from {operation}: write {where}, or the "
                                     f"reason why no request gets one into NOT_FROM_OUTSIDE")
        answer = recipe(self.walk, operation)
        self.assertEqual(answer.status, status, f"the recipe got another status; if this operation needs one of its "
                                                f"own, write {where}. {answer.body[:500]}")
        self.assertEqual(self.walk.document.check(operation, answer), [])
        if answer.media_type == "application/problem+json":
            self.assertIn(answer.code(), CODES[status], answer.body)
            if status in (429, 503):
                self.assertIn("Retry-After", answer.headers)
        if status in (204, 304):
            self.assertEqual(answer.body, b"")

    def test_the_tables_name_nothing_that_is_not_documented(self):
        recipes = {(name, status) for name, own in RECIPES.items() for status in own}
        excuses = {pair for pair in NOT_FROM_OUTSIDE if pair[0] != "every"}
        self.assertEqual((recipes | excuses) - self.documented, set(),
                         "not documented: take these out of tests/support/api_recipes.py, or document them")
        self.assertEqual(recipes & excuses, set(), "these have a recipe and an excuse")


def is_from_outside(operation, status):
    return NOT_FROM_OUTSIDE.keys().isdisjoint({("every", status), (str(operation), status)})


if __name__ == "__main__":
    process_test.main()
