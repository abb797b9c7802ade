# SPDX-License-Identifier: Apache-2.0
"""An office whose node serves the API: its edge listener, people of every role, their sessions and tokens.

    with Office() as office:
        api = ApiNode(office.node())                 # configures [edge], starts, pairs, adds one person per role
        api.ask("GET", "/api/v1/node", by=api.session("auditor")).status

Requests go straight to the loopback listener, as nginx would send them. Standard library only.
"""
import dataclasses
import http.client
import json
import secrets

from node_process import free_port, wait_until

HOST = "office.test"
ROLES = {
    "operator": {"self", "statement:create", "statement:read", "outbox:read", "verify", "node:read", "anchor:sync"},
    "approver": {"self", "statement:create", "statement:read", "outbox:read", "verify", "node:read", "anchor:sync",
                 "seal:unlock"},
    "auditor": {"self", "statement:read", "outbox:read", "node:read", "verify", "audit:read"},
    "admin": {"self", "people:manage", "target:manage", "seal:manage", "outbox:read", "node:read", "audit:read",
              "anchor:sync"},
}
ASK_SECONDS = 30


@dataclasses.dataclass
class Caller:
    """Headers that say who asks, and what he may do."""
    name: str
    headers: dict
    may: set

    @property
    def is_person(self):
        return "Cookie" in self.headers


NOBODY = Caller("nobody", {}, set())


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0]

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json()["code"] if self.media_type == "application/problem+json" else None

    def expect(self, status):
        assert self.status == status, f"status {self.status}, expected {status}: {self.body[:500]}"
        return self


class ApiNode:
    def __init__(self, node, config=None, *, paired=True):
        self.node = node
        self.port = free_port()
        self.secrets = []  # everything that must never be in the log
        self.passwords = {}
        config = dict(config or {})
        edge = {"listen": f"127.0.0.1:{self.port}", "names": [HOST, "localhost"], **config.pop("edge", {})}
        node.configure({"edge": edge, **config})
        node.start()
        wait_until(self._answers, 30, "the edge listener to answer")
        if paired:
            self._pair()

    def _answers(self):
        try:
            return self.ask("GET", "/livez").status == 200
        except OSError:
            return False

    def pairing_order(self):
        """What lets the first person in: an admin."""
        status, view = self.node.api("POST", "/api/v1/pairing-code")
        assert status in (200, 201), (status, view)
        self.passwords["admin"] = self._new_password()
        self.secrets.append(view["code"])
        return {"code": view["code"], "account": "admin", "password": self.passwords["admin"]}

    def _pair(self):
        order = self.pairing_order()
        admin = self._session_of(self.ask("POST", "/api/v1/pairing", order).expect(201), "admin")
        for role in ROLES:
            if role != "admin":
                self.add_person(admin, role, role)

    def _new_password(self):
        self.secrets.append(f"pass phrase {secrets.token_urlsafe(12)}")
        return self.secrets[-1]

    def add_person(self, admin, name, role):
        self.passwords[name] = self._new_password()
        order = {"name": name, "role": role, "password": self.passwords[name]}
        self.ask("POST", "/api/v1/people", order, by=admin).expect(201)

    def session(self, name, role=None):
        """Logs in."""
        order = {"account": name, "password": self.passwords[name]}
        return self._session_of(self.ask("POST", "/api/v1/session", order).expect(201), role or name)

    def _session_of(self, answer, role):
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        csrf = answer.json()["csrf_token"]
        self.secrets += [cookie.split("=", 1)[1], csrf]
        return Caller(f"session of {role}", {"Cookie": cookie, "X-CSRF-Token": csrf}, set(ROLES[role]))

    def token(self, person, scopes):
        """A token of that person's."""
        order = {"label": "test", "scopes": sorted(scopes)}
        text = self.ask("POST", "/api/v1/tokens", order, by=person).expect(201).json()["token"]
        self.secrets.append(text)
        return Caller(f"token for {', '.join(sorted(scopes))}", {"Authorization": f"Bearer {text}"},
                      {"self", *scopes})

    def ask(self, method, path, body=None, *, by=NOBODY, headers=None):
        """One request. `body`: bytes as they are, anything else as JSON. Of a stream of events only the head is read."""
        sent = {"Host": HOST, **by.headers, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if method in ("POST", "PUT", "PATCH") and body is None:
            body = b""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ASK_SECONDS)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            endless = (response.getheader("Content-Type") or "").startswith("text/event-stream")
            return Answer(response.status, response.headers, b"" if endless else response.read())
        finally:
            connection.close()

    def log_text(self):
        return self.node.log_file.read_text(encoding="utf-8", errors="replace")
