# SPDX-License-Identifier: Apache-2.0
"""Who may do what, against a running daemon: role × operation of its own OpenAPI document, completely.

A request that is let through meets an empty order or a name that nothing has, so the table changes nothing.
"""
import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import process_test  # noqa: E402
from api_office import NOBODY, ROLES, ApiNode, Caller  # noqa: E402
from node_process import Office  # noqa: E402
from openapi import Document  # noqa: E402

# What the gate says of a caller. Anything else is the operation's own answer.
DENIALS = {"unauthenticated", "denied", "wrong-csrf", "wrong-origin", "confirm-first"}
FOR_PEOPLE = {("DELETE", "/api/v1/session"), ("POST", "/api/v1/session/confirm"),
              ("PUT", "/api/v1/account/password"), ("POST", "/api/v1/account/second-factor"),
              ("PUT", "/api/v1/account/second-factor"), ("POST", "/api/v1/tokens"), ("DELETE", "/api/v1/tokens/{id}"),
              ("POST", "/api/v1/people"), ("PATCH", "/api/v1/people/{name}")}
SCOPES = sorted(set().union(*ROLES.values()) - {"self"})
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Authorisation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office()
        cls.addClassCleanup(cls.office.close)
        cls.api = ApiNode(cls.office.node())
        cls.document = Document(cls.api.ask("GET", "/api/v1/openapi.json").expect(200).body)
        cls.operations = list(cls.document.operations())
        cls.sessions = {role: cls.api.session(role) for role in ROLES}

    @classmethod
    def tearDownClass(cls):
        text = cls.api.log_text()
        assert cls.api.secrets and len(text) > 100
        for secret in cls.api.secrets:
            assert secret not in text, "the daemon's log has a password, a cookie, a token or a code"

    def ask(self, operation, by, **options):
        body = {} if operation.body is not None and not operation.is_upload else None
        answer = self.api.ask(operation.method, operation.at({}), body, by=by, **options)
        self.assertEqual(self.document.check(operation, answer), [], f"{by.name}: {operation}")
        return answer

    def expect(self, operation, by, code):
        answer = self.ask(operation, by)
        self.assertEqual(answer.code() if answer.body else None, code, f"{by.name}: {operation}: {answer.body[:300]}")

    def expect_let_through(self, operation, by):
        answer = self.ask(operation, by)
        code = answer.code() if answer.body else None
        self.assertNotIn(code, DENIALS, f"{by.name}: {operation}: {answer.body[:300]}")
        self.assertNotIn(answer.status, (404,) if "{" not in operation.path else (), f"{operation} is not there")

    def test_nobody_is_let_in_anywhere_but_where_anyone_is(self):
        strangers = [NOBODY, Caller("dead cookie", {"Cookie": "__Host-fieldseal=" + "A" * 43}, set()),
                     Caller("dead token", {"Authorization": "Bearer fst_" + "A" * 43}, set())]
        for operation in self.operations:
            for stranger in strangers:
                if operation.needs == "anyone":
                    self.expect_let_through(operation, stranger)
                else:
                    self.expect(operation, stranger, "unauthenticated")

    def test_each_role_may_what_is_granted_and_nothing_else(self):
        for role, may in ROLES.items():
            for operation in self.operations:
                # Logging out ends the session that it asks with.
                logs_out = (operation.method, operation.path) == ("DELETE", "/api/v1/session")
                caller = self.api.session(role) if logs_out else self.sessions[role]
                if operation.needs == "anyone" or operation.needs in may:
                    self.expect_let_through(operation, caller)
                else:
                    self.expect(operation, caller, "denied")

    def test_a_token_may_what_its_scope_says_and_its_role_has(self):
        for scope in SCOPES:
            role = next(role for role, may in ROLES.items() if scope in may)
            caller = self.api.token(self.sessions[role], {scope})
            for operation in self.operations:
                if (operation.method, operation.path) in FOR_PEOPLE:
                    self.expect(operation, caller, "denied")
                elif operation.needs in ("anyone", "self", scope):
                    self.expect_let_through(operation, caller)
                else:
                    self.expect(operation, caller, "denied")

    def test_nobody_gets_a_token_with_more_than_his_role(self):
        for role, may in ROLES.items():
            for scope in SCOPES:
                if scope not in may:
                    order = {"label": "more", "scopes": [scope]}
                    answer = self.api.ask("POST", "/api/v1/tokens", order, by=self.sessions[role])
                    self.assertIn(answer.status, (400, 403, 409), f"{role}: {scope}")

    def test_who_may_not_read_statements_learns_nothing_of_documents(self):
        secrets = {"name": "dismissal.pdf", "subject": "case 77-1402", "sha256": hashlib.sha256(b"dismissal").hexdigest()}
        self.api.node.unlock()
        sealed = self.api.ask("POST", "/api/v1/statements", {**secrets, "size": 9}, by=self.sessions["operator"],
                              headers={"Idempotency-Key": "dismissal"}).expect(201).json()
        callers = [self.sessions[role] for role, may in ROLES.items() if "statement:read" not in may]
        for scope in SCOPES:
            role = next(role for role, may in ROLES.items() if scope in may)
            if not scope.startswith("statement:"):
                callers.append(self.api.token(self.sessions[role], {scope}))
        asked = 0
        for caller in callers:
            for operation in self.operations:
                if operation.method == "GET" or operation.path.endswith("/refresh"):
                    answer = self.api.ask(operation.method, operation.at({"id": sealed["id"]}), by=caller)
                    asked += answer.status == 200
                    for secret in secrets.values():
                        self.assertNotIn(secret.encode(), answer.body, f"{caller.name}: {operation}")
        self.assertGreater(asked, len(callers))
        for secret in ("name", "subject"):
            listed = self.api.ask("GET", "/api/v1/statements", by=self.sessions["auditor"]).expect(200)
            self.assertIn(secrets[secret].encode(), listed.body)

    def test_a_session_changes_nothing_without_its_csrf_token_or_from_another_site(self):
        for role, may in ROLES.items():
            session = self.sessions[role]
            bare = Caller("without CSRF token", {"Cookie": session.headers["Cookie"]}, may)
            for operation in self.operations:
                if operation.method == "GET" or operation.needs not in may:
                    continue
                self.expect(operation, bare, "wrong-csrf")
                evil = Caller("another site", {**session.headers, "Origin": "https://evil.test"}, may)
                self.expect(operation, evil, "wrong-origin")

    def test_other_methods_and_other_hosts_are_refused(self):
        paths = {operation.path: operation for operation in self.operations}
        for path, operation in paths.items():
            # A path may also be what the pattern of another one takes: batch is a {id}.
            known = {each.method for each in self.operations if each.takes(operation.at({}))}
            for method in OTHER_METHODS:
                if method not in known:
                    status = self.api.ask(method, operation.at({}), by=self.sessions["admin"]).status
                    self.assertIn(status, (405, 501), f"{method} {path}")
            wrong = self.api.ask(operation.method, operation.at({}), headers={"Host": "evil.test"})
            self.assertEqual((wrong.status, wrong.code()), (421, "wrong-host"), path)

    def test_two_credentials_are_refused(self):
        session = self.sessions["operator"]
        token = self.api.token(session, {"verify"})
        answer = self.api.ask("GET", "/api/v1/session", by=session, headers=token.headers)
        self.assertEqual(answer.code(), "two-credentials")

    def test_every_answer_has_the_headers_of_a_hostile_network(self):
        for path in ("/livez", "/api/v1/session", "/nothing", "/docs/api"):
            headers = self.api.ask("GET", path).headers
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"], path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff", path)
            self.assertEqual(headers["Referrer-Policy"], "no-referrer", path)
            self.assertTrue(headers["RateLimit-Policy"], path)
            self.assertIsNone(headers["Access-Control-Allow-Origin"], path)
            self.assertEqual(len(headers.get_all("Cache-Control")), 1, path)


if __name__ == "__main__":
    process_test.main()
