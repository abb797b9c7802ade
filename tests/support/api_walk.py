# SPDX-License-Identifier: Apache-2.0
"""What api_recipes.py works with: daemons in several states, who asks them, and what is there to be found.

    walk = Walk()
    walk.ask(walk.operation("GET /api/v1/seals")).status            # by somebody who may
    walk.ask(operation, on="hub", by=walk.machine("verify"))        # another daemon, another caller
    walk.close()

The daemons:
office    seals; one document is sealed, covered by a checkpoint, and walk.sealed is its id
hub       a hub whose seal was never unlocked
full      a node whose disk has less room than its configuration asks for
unpaired  a node without people
busy      a node whose threads all wait for a chain that never answers; it takes one upload and one listener
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import itertools
import select
import socket
import struct
import time

from api_office import HOST, NOBODY, ROLES, ApiNode
from node_process import Office, free_port
from openapi import Document

DEADLINE_S = 30
LOW_WATER_MIB = 1048576  # more than any disk of a test has
BUSY_REQUESTS = 300      # more than the threads of a node (16) and their queue (256) take
URLS_THAT_HANG = 8       # each holds a thread of the busy node for 10 s; as many as a target may have
# What there is at the paths that have parameters, by how they begin; {id} of a statement is walk.sealed.
THERE = {
    "/api/v1/people/{name}": {"name": "operator"},
    "/api/v1/seals/{name}": {"name": "default"},
    "/log/tile/{path}": {"path": "0/000.p/1"},
    "/docs/errors/{code}": {"code": "conflict"},
}
NOWHERE = {"id": "00" * 32, "name": "no-such-thing", "code": "no-such-code", "path": "0/x999/000"}
SCOPES = ("verify", "statement:read")  # of machines that may nothing else


class Walk:
    def __init__(self):
        self._things = contextlib.ExitStack()
        self._place = self._things.enter_context(Office())
        self._callers, self._numbers = {}, itertools.count()
        self.daemons = {}
        for name, start in (("office", self._start_office), ("hub", self._start_hub), ("full", self._start_full),
                            ("unpaired", self._start_unpaired), ("busy", self._start_busy)):
            self.daemons[name] = start(self._place.node(name))
        self.document = Document(self.daemons["office"].ask("GET", "/api/v1/openapi.json").expect(200).body)
        self.sealed = self.seal(self.operation("POST /api/v1/statements")).expect(201).json()["id"]
        self.ask(self.operation("POST /api/v1/sync")).expect(200)

    def close(self):
        self._things.close()

    def operation(self, name):
        return next(each for each in self.document.operations() if str(each) == name)

    def fresh(self, prefix):
        """A name that nothing had before."""
        return f"{prefix}-{next(self._numbers)}"

    # --- the daemons

    def _start_office(self, node):
        api = ApiNode(node)
        node.unlock()
        return api

    def _start_hub(self, node):
        return ApiNode(node, {"hub": {"enabled": True}, "public": {"listen": f"127.0.0.1:{free_port()}"}})

    def _start_full(self, node):
        return ApiNode(node, {"sealing": {"low_water_mark_mib": LOW_WATER_MIB}})

    def _start_unpaired(self, node):
        return ApiNode(node, paired=False)

    def _start_busy(self, node):
        api = ApiNode(node, {"edge": {"uploads_max": 1, "event_streams_max": 1}})
        admin, url = api.session("admin"), self._silent_url()
        order = {**chain_order("silent", url), "more_urls": [f"{url}/{i}" for i in range(1, URLS_THAT_HANG)]}
        api.ask("POST", "/api/v1/targets", order, by=admin).expect(201)
        self._callers["operator", "busy"] = api.session("operator")  # soon nobody logs in any more
        asking = [self.begin(api, "POST", "/api/v1/targets/silent/test", admin) for _ in range(BUSY_REQUESTS)]
        refused, _, _ = select.select([each.sock for each in asking], [], [], DEADLINE_S)
        assert refused, f"the node takes {BUSY_REQUESTS} requests at once and refuses none"
        return api

    def _silent_url(self):
        """Of somebody who takes connections and never answers."""
        silent = self._things.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096))
        return f"http://127.0.0.1:{silent.getsockname()[1]}"

    # --- who asks

    def person(self, role, on="office"):
        if (role, on) not in self._callers:
            self._callers[role, on] = self.daemons[on].session(role)
        return self._callers[role, on]

    def able(self, operation, on="office"):
        """A person who may, or nobody where anyone may."""
        if operation.needs == "anyone":
            return NOBODY
        return self.person(next(role for role, may in ROLES.items() if operation.needs in may), on)

    def machine(self, *, without):
        """A token of the operator's that lacks a permission."""
        scope = next(scope for scope in SCOPES if scope != without)
        if scope not in self._callers:
            self._callers[scope] = self.daemons["office"].token(self.person("operator"), {scope})
        return self._callers[scope]

    def newcomer(self):
        """(session, password) of an operator whom nobody else works with."""
        api, name = self.daemons["office"], self.fresh("person")
        api.add_person(self.person("admin"), name, "operator")
        return api.session(name, "operator"), api.passwords[name]

    # --- asking

    def ask(self, operation, *, on="office", by=None, body=None, at=None, query="", headers=None):
        """One request: by somebody who may and about what is there, unless said otherwise."""
        api, path = self.daemons[on], operation.at(at or self.there(operation)) + query
        return api.ask(operation.method, path, body, by=by or self.able(operation, on), headers=headers)

    def there(self, operation):
        if operation.path.startswith("/api/v1/statements/{id}"):
            return {"id": self.sealed}
        return next((values for begin, values in THERE.items() if operation.path.startswith(begin)), {})

    def seal(self, operation, text="a document", *, key=None, seal="default", on="office"):
        """Seals a text: as a document that is uploaded, or by its digest."""
        headers = {"Idempotency-Key": key or self.fresh("key")}
        if operation.is_upload:
            return self.ask(operation, on=on, body=text.encode(), query=f"?seal={seal}",
                            headers={**headers, "Content-Type": "text/plain"})
        order = {"sha256": sha256(text), "seal": seal}
        return self.ask(operation, on=on, body=order, headers=headers)

    def begin(self, api, method, path, by, body=b"", **headers):
        """A request on a connection of its own, whose answer nobody waits for."""
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=DEADLINE_S)
        self._things.callback(connection.close)
        connection.request(method, path, body, {"Host": HOST, **by.headers, **headers})
        return connection


# --- orders and what stands in them

def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def totp(secret):
    """The code of the moment (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    number, = struct.unpack_from(">I", mac, mac[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def vkey(name, key=bytes(range(32)), kind=1):
    """A verifier key (C2SP signed-note): kind 1 of a log, 4 of a witness."""
    material = bytes([kind]) + key
    key_id = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(material).decode()}"


def witness_order(name, kind=4):
    return {"name": name, "url": "http://127.0.0.1:9", "vkey": vkey("witness.test", kind=kind)}


def chain_order(name, url="http://127.0.0.1:9", version="chain/v1"):
    validators = [f"0x{number:040x}" for number in range(1, 5)]
    chain = {"id": "registry.test", "chain_id": 1337, "mode": "qbft", "operator": "registry.test",
             "validator_sets": [{"from": 0, "validators": validators}]}
    pin = {"fieldseal": version, "chain": chain, "genesis_hash": "0x" + "c5" * 32}
    return {"kind": "evm", "name": name, "url": url, "pin": pin}
