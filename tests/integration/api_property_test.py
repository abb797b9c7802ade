# SPDX-License-Identifier: Apache-2.0
"""Orders that Hypothesis makes of the OpenAPI document, sent to a running daemon: no 500, no status that is not
documented, and every answer fits its schema.

FIELDSEAL_PROPERTY_SECONDS (default 60) bounds the whole run; FIELDSEAL_PROPERTY_SEED repeats one. A failure prints the
smallest request that shows it.
"""
import json
import os
import pathlib
import sys
import time
import unittest
import urllib.parse

import hypothesis
import hypothesis.configuration
from hypothesis import strategies as st

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from api_office import NOBODY, ROLES, ApiNode  # noqa: E402
from node_process import PASSPHRASE, Office  # noqa: E402
from openapi import Document  # noqa: E402
from schema_strategies import TEXT, Schemas  # noqa: E402

SECONDS = float(os.environ.get("FIELDSEAL_PROPERTY_SECONDS", "60"))
SEED = int(os.environ.get("FIELDSEAL_PROPERTY_SEED", "0")) or time.time_ns() % 2**32
EXAMPLES_PER_ROUND = 15
CALLERS_PER_ROLE = 4  # so that the rate of one is not used up
# What would lock out or throw out the callers of this run; the others are asked as anybody.
ENDS_ITS_CALLER = {("DELETE", "/api/v1/session")}
FIELD_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40)


class Properties(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        hypothesis.configuration.set_hypothesis_home_dir(str(cls.office.directory / "hypothesis"))
        cls.addClassCleanup(cls.office.close)
        cls.api = ApiNode(cls.office.node(), {"sealing": {"default_seal": "default"}})
        cls.api.node.unlock()
        cls.document = Document(cls.api.ask("GET", "/api/v1/openapi.json").expect(200).body)
        cls.schemas = Schemas(cls.document)
        cls.callers = cls._callers()
        cls.known = cls._known_values()

    @classmethod
    def _callers(cls):
        callers = []
        for role, may in ROLES.items():
            session = cls.api.session(role)
            callers.append(session)
            for _ in range(CALLERS_PER_ROLE):
                callers.append(cls.api.token(session, may - {"self"}))
        return callers

    @classmethod
    def _known_values(cls):
        """Path values that lead somewhere: a statement, a seal, and an account and a seal nobody here works with."""
        session = cls.api.session("operator")
        order = {"sha256": "ab" * 32, "subject": "permit 7"}
        made = cls.api.ask("POST", "/api/v1/statements", order, by=session,
                           headers={"Idempotency-Key": "property"}).expect(201).json()
        cls.api.add_person(cls.api.session("admin"), "victim", "operator")
        victim = {"name": "victim", "passphrase": PASSPHRASE, "activate": True}
        cls.api.ask("POST", "/api/v1/seals", victim, by=cls.api.session("admin")).expect(201)
        return {"id": [made["id"]], "name": ["default", "victim"], "code": ["conflict"], "path": ["0/000.p/1"]}

    def requests(self, operation):
        """(caller, path, body, headers) for an operation: mostly what it takes, often nearly that."""
        able = [caller for caller in self.callers
                if operation.needs in ("anyone", *caller.may)]
        if (operation.method, operation.path) in ENDS_ITS_CALLER:
            able = [caller for caller in able if not caller.is_person]
        return st.tuples(_seldom(st.just(NOBODY), st.sampled_from(able)), self.paths(operation), self.bodies(operation), self.headers(operation))

    def values(self, parameter, operation=None):
        schema = parameter.get("schema", {})
        fitting = self.schemas.fitting(schema).map(lambda value: value if isinstance(value, str) else json.dumps(value))
        known = self.known.get(parameter["name"]) if parameter["in"] == "path" else None
        if known and operation is not None and operation.needs == "seal:manage":
            known = ["victim"]  # the other one goes on sealing
        return st.one_of(*([st.sampled_from(known)] if known else []), fitting, TEXT.filter(bool))

    def paths(self, operation):
        in_path = [p for p in operation.parameters if p["in"] == "path"]
        in_query = [p for p in operation.parameters if p["in"] == "query"]
        path_values = st.fixed_dictionaries({p["name"]: self.values(p, operation) for p in in_path})
        query_values = st.fixed_dictionaries({}, optional={p["name"]: self.values(p) for p in in_query})
        return st.tuples(path_values, query_values).map(lambda parts: self.target(operation, *parts))

    @staticmethod
    def target(operation, path_values, query_values):
        quoted = {name: urllib.parse.quote(value, safe="/" if name == "path" else "")
                  for name, value in path_values.items()}
        query = urllib.parse.urlencode(query_values, quote_via=urllib.parse.quote)
        return operation.at(quoted) + ("?" + query if query else "")

    def bodies(self, operation):
        schema = operation.body_schema()
        if operation.is_upload:
            return st.binary(max_size=200)
        if schema is None:
            return st.none()
        as_json = st.one_of(self.schemas.fitting(schema), self.schemas.near(schema)).map(
            lambda value: json.dumps(value).encode())
        return st.one_of(as_json, as_json, as_json, st.binary(max_size=40))

    def headers(self, operation):
        """What the operation declares, as it should be most of the time; what it does not expect, now and then."""
        sent = {p["name"]: _seldom(FIELD_TEXT, self.values(p).filter(_is_field))
                for p in operation.parameters if p["in"] == "header" and p.get("required")}
        maybe = {p["name"]: self.values(p).filter(_is_field)
                 for p in operation.parameters if p["in"] == "header" and not p.get("required")}
        if operation.body is not None:
            sent["Content-Type"] = _seldom(st.sampled_from(["text/plain", "x"]), st.just("application/json"))
        odd = st.dictionaries(st.sampled_from(["Content-Digest", "If-Match", "If-None-Match", "Idempotency-Key"]),
                              FIELD_TEXT, max_size=2)
        return st.tuples(st.fixed_dictionaries(sent, optional=maybe), _seldom(odd, st.just({}))).map(
            lambda parts: {**parts[0], **parts[1]})

    def ask(self, operation, request):
        caller, path, body, headers = request
        answer = self.api.ask(operation.method, path, body, by=caller, headers=headers)
        wrong = self.document.check(operation, answer)
        if answer.status == 500:
            wrong.append(f"status 500: {answer.body[:300]!r}")
        assert not wrong, f"{caller.name}: {operation.method} {path} {body!r} {headers}: {wrong}"
        self.statuses[str(operation)].add(answer.status)

    def round(self, operation, seed):
        @hypothesis.seed(seed)
        @hypothesis.settings(max_examples=EXAMPLES_PER_ROUND, deadline=None, database=None, print_blob=False,
                             suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(self.requests(operation))
        def hold(request):
            self.ask(operation, request)

        if operation.needs == "statement:create":
            self.api.node.cli("unlock", "default", "--passphrase-file", self.api.node.passphrase_file).expect(0)  # another locks
        hold()

    def test_no_order_gets_a_500_or_an_answer_that_is_not_documented(self):
        operations = list(self.document.operations())
        self.statuses = {str(operation): set() for operation in operations}
        ends, seed = time.monotonic() + SECONDS, SEED
        rounds = 0
        while rounds == 0 or time.monotonic() < ends:
            for operation in operations:
                if rounds > 0 and time.monotonic() > ends:
                    break
                with self.subTest(str(operation), seed=seed):
                    self.round(operation, seed)
            seed += 1
            rounds += 1
        print(f"seed {SEED}, {rounds} rounds over {len(operations)} operations")
        for name, statuses in self.statuses.items():
            print(f"  {name}: {' '.join(map(str, sorted(statuses)))}")
        self.assertTrue(self.api.node.running())
        # A run in which nothing ever succeeds would show nothing.
        good = [name for name, statuses in self.statuses.items() if any(status < 300 for status in statuses)]
        self.assertGreater(len(good), len(operations) // 2, "most operations never answered 2xx")


def _seldom(odd, usual):
    """One draw in eight is odd."""
    return st.integers(0, 7).flatmap(lambda die: odd if die == 7 else usual)


def _is_field(text):
    """Whether a text can be sent as a header's value."""
    return text.isascii() and text.isprintable() and text == text.strip()


if __name__ == "__main__":
    process_test.main()
