# SPDX-License-Identifier: Apache-2.0
"""How each status of each operation of the API is provoked: the tables of api_statuses_test.py.

A new operation needs no recipe for 400 401 403 411 413 415 421 429 431 503, nor for 404 at an unknown name and the 200
and 304 of a GET: those of EVERYWHERE do (what is there to GET is api_walk.THERE). Each other status is a line in RECIPES,
or, if no request can provoke it, a line with the reason in NOT_FROM_OUTSIDE.

A recipe is a function of (walk, operation) that returns the answer; ask() makes the short ones. See api_walk.py for
what a walk has. The statuses are provoked from high to low, so that refusals come before what an operation does.
"""
import concurrent.futures
import shutil

from api_office import NOBODY
from api_walk import NOWHERE, chain_order, sha256, totp, vkey, witness_order
from node_process import PASSPHRASE, wait_until

DEADLINE_S = 30
HEAD_BYTES = 20_000            # more than the head of a request may have
BODY_BYTES = 1 << 41           # more than any body may have
QUOTA = 600                    # requests of nobody from one address in a minute
STRANGER = {"X-Real-IP": "203.0.113.9"}
AT_ONCE = 8                    # requests that are to meet each other
TRIES = 50                     # until they do
PASS_PHRASE = "quite another pass phrase"

# (operation or "every", status): why no request from outside provokes it.
NOT_FROM_OUTSIDE = {
    ("every", 500): "a defect of the node, or a damaged file of it; api_property_test.py looks for one",
    ("PUT /api/v1/account/second-factor", 409): "only when one request enrols while another begins again",
    ("POST /api/v1/seals/{name}/destroy", 501): "only of a key in a token that cannot destroy keys",
    ("POST /api/v1/sync", 507): "only the last answers of a daemon whose disk filled up in the midst of a write",
    ("POST /api/v1/statements/{id}/refresh", 507): "as of POST /api/v1/sync",
}


# --- recipes for every operation

def ask(**options):
    """Sends one request: Walk.ask(operation, **options)."""
    return lambda walk, operation: walk.ask(operation, **options)


def not_modified(walk, operation):
    """What is there, asked for again by its tag."""
    tag = walk.ask(operation).expect(200).headers["ETag"]
    return walk.ask(operation, headers={"If-None-Match": tag})


def not_permitted(walk, operation):
    """A machine that lacks the permission; where none is needed, a page of another site."""
    if operation.needs not in ("self", "anyone"):
        return walk.ask(operation, by=walk.machine(without=operation.needs))
    return walk.ask(operation, headers={"Origin": "https://evil.test"})


def wrong_type(walk, operation):
    form = "multipart/form-data; boundary=x" if operation.is_upload else "text/plain"
    return walk.ask(operation, body=b"x", headers={"Content-Type": form, "Idempotency-Key": "wrong type"})


def asked_too_often(walk, operation):
    """Somebody from one address, until he is refused: 600 times for the first operation, once or twice later."""
    for _ in range(2 * QUOTA):
        answer = walk.ask(operation, by=NOBODY, headers=STRANGER)
        if answer.status == 429:
            break
    return answer


EVERYWHERE = {
    200: ask(),
    304: not_modified,
    400: ask(query="?twice=1&twice=2"),
    401: ask(by=NOBODY),
    403: not_permitted,
    404: ask(at=NOWHERE),
    411: ask(headers={"Transfer-Encoding": "chunked"}),
    413: ask(headers={"Content-Length": str(BODY_BYTES)}),
    415: wrong_type,
    421: ask(headers={"Host": "evil.test"}),
    429: asked_too_often,
    431: ask(headers={"X-Long": "x" * HEAD_BYTES}),
    503: ask(on="busy", by=NOBODY),
}


# --- recipes of one operation

def at_once(requests):
    """The answers to requests that are sent at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as crowd:
        return [each.result() for each in [crowd.submit(request) for request in requests]]


def until_conflict(make_requests):
    """Makes requests that meet each other, until one of them is told so."""
    for _ in range(TRIES):
        answers = at_once(make_requests())
        for answer in answers:
            if answer.status == 409:
                return answer
    raise AssertionError(f"no 409 in {TRIES} times {len(answers)} requests at once: {[each.status for each in answers]}")


def twice(walk, operation, **options):
    """The same request twice."""
    walk.ask(operation, **options).expect(201)
    return walk.ask(operation, **options)


# session, account

def log_in(walk, operation):
    return walk.ask(operation, body={"account": "operator", "password": walk.daemons["office"].passwords["operator"]})


def log_out(walk, operation):
    return walk.ask(operation, by=walk.newcomer()[0])


def confirm(walk, operation):
    session, password = walk.newcomer()
    return walk.ask(operation, by=session, body={"password": password})


def pair(walk, operation):
    return walk.ask(operation, on="unpaired", body=walk.daemons["unpaired"].pairing_order())


def pairing_order(code="0000-" * 7 + "0000"):
    return {"code": code, "account": "boss", "password": PASS_PHRASE}


def change_password(walk, operation):
    session, password = walk.newcomer()
    return walk.ask(operation, by=session, body={"old_password": password, "new_password": PASS_PHRASE})


def change_password_at_once(walk, operation):
    def requests():
        session, password = walk.newcomer()
        order = {"old_password": password, "new_password": PASS_PHRASE}
        return [lambda: walk.ask(operation, by=session, body=order)] * 2
    return until_conflict(requests)


def begin_factor(walk, session):
    return walk.ask(walk.operation("POST /api/v1/account/second-factor"), by=session)


def enrol(walk, session):
    code = totp(begin_factor(walk, session).expect(201).json()["secret"])
    return walk.ask(walk.operation("PUT /api/v1/account/second-factor"), by=session, body={"code": code})


def begin_a_second_one(walk, _):
    session, _ = walk.newcomer()
    enrol(walk, session).expect(204)
    return begin_factor(walk, session)


# people, tokens

def new_person(name):
    return {"name": name, "role": "operator", "password": PASS_PHRASE}


def add_person(walk, operation):
    return walk.ask(operation, body=new_person(walk.fresh("person")))


def revoke_token(walk, operation):
    made = walk.ask(walk.operation("POST /api/v1/tokens"), body={"label": "x", "scopes": ["verify"]}).expect(201)
    return walk.ask(operation, at={"id": made.json()["id"]})


# seals

def new_seal(walk, **more):
    return {"name": walk.fresh("seal"), "passphrase": PASS_PHRASE, **more}


def seal_that_was(walk, *actions):
    """The name of a new seal to which these things were done."""
    order = new_seal(walk)
    walk.ask(walk.operation("POST /api/v1/seals"), body=order).expect(201)
    for action in actions:
        walk.ask(walk.operation(f"POST /api/v1/seals/{{name}}/{action}"), at={"name": order["name"]}, body={}).expect(200)
    return order["name"]


def seal_after(*actions, body=None):
    return lambda walk, operation: walk.ask(operation, at={"name": seal_that_was(walk, *actions)}, body=body or {})


def rotate_after(*actions, **more):
    return lambda walk, operation: walk.ask(operation, at={"name": seal_that_was(walk, *actions)},
                                            body=new_seal(walk, **more))


def replaced_key(walk, operation):
    """The file of the key is another node's."""
    ours, other = (walk.daemons[name].node.data_dir / "keys/seal-default.key" for name in ("hub", "full"))
    kept = ours.read_bytes()
    shutil.copyfile(other, ours)
    try:
        return walk.ask(operation, on="hub", body={"passphrase": PASSPHRASE})
    finally:
        ours.write_bytes(kept)


# statements, documents, verify

def seal_again(walk, operation):
    key = walk.fresh("key")
    walk.seal(operation, key=key).expect(201)
    return walk.seal(operation, key=key)


def other_order_same_key(walk, operation):
    key = walk.fresh("key")
    walk.seal(operation, "one", key=key).expect(201)
    return walk.seal(operation, "other", key=key)


def same_key_at_once(walk, operation):
    def requests():
        key = walk.fresh("key")
        return [lambda: walk.seal(operation, key=key)] * AT_ONCE
    return until_conflict(requests)


SEALING = {
    200: seal_again,
    201: lambda walk, operation: walk.seal(operation),
    404: lambda walk, operation: walk.seal(operation, seal="no-such-seal"),
    409: same_key_at_once,
    422: other_order_same_key,
    423: lambda walk, operation: walk.seal(operation, on="hub"),
    507: lambda walk, operation: walk.seal(operation, on="full"),
}


def while_another_uploads(walk, operation):
    """The busy node takes one upload; this one has promised two bytes and sent one."""
    api, by = walk.daemons["busy"], walk.able(operation, "busy")
    sent = {"Content-Length": "2", "Idempotency-Key": walk.fresh("key")}
    walk.begin(api, "POST", operation.path, by, b"x", **sent)
    return until_status(503, lambda: walk.seal(operation, on="busy"))


def while_another_listens(walk, operation):
    api, by = walk.daemons["busy"], walk.able(operation, "busy")
    walk.begin(api, "GET", operation.path, by)
    return until_status(503, lambda: walk.ask(operation, on="busy"))


def until_status(status, request):
    """Asks until the first answer with that status."""
    return wait_until(lambda: (answer := request()).status == status and answer, DEADLINE_S, f"a {status}")


def batch(walk, operation):
    return walk.ask(operation, body={"orders": [{"sha256": sha256("x"), "seal": "default", "idempotency_key": walk.fresh("key")}]})


def verify(walk, operation, **trust):
    evidence = walk.ask(walk.operation("GET /api/v1/statements/{id}/evidence")).expect(200).json()
    return walk.ask(operation, body={"document": {"sha256": sha256("a document")}, "evidence": evidence, **trust})


def verify_with_one_key_in_two_roles(walk, operation):
    trust = walk.ask(walk.operation("GET /api/v1/trust")).expect(200).json()
    log = vkey("witness.test", kind=4)
    trust["witnesses"] = [{"name": "witness.test", "vkey": log, "operator": "one.test"}]
    trust["logs"].append({"origin": "log.test", "vkey": vkey("log.test"), "kind": "checkpoints", "operator": "two.test"})
    return verify(walk, operation, trust=trust)


# targets

def add_target_without_configuration(walk, operation):
    """The file that the target would be added to is gone."""
    file = walk.daemons["hub"].node.config_file
    away = file.rename(file.with_suffix(".away"))
    try:
        return walk.ask(operation, on="hub", body=witness_order("nowhere"))
    finally:
        away.rename(file)


def test_target(walk, operation, make_order):
    name = walk.fresh("target")
    walk.ask(walk.operation("POST /api/v1/targets"), body=make_order(name)).expect(201)
    return walk.ask(operation, at={"name": name})


def enrol_another_key(walk, operation):
    walk.ask(operation, on="hub", body={"vkey": vkey("field.test")}).expect(201)
    return walk.ask(operation, on="hub", body={"vkey": vkey("field.test", bytes(32))})


def not_ready(walk, operation):
    """Its body is the answer, and no problem."""
    answer = walk.ask(operation, on="full")
    assert answer.json()["state"] == "storage-full", answer.body
    return answer


RECIPES = {
    "POST /api/v1/session": {
        201: log_in,
        401: ask(body={"account": "nobody", "password": PASS_PHRASE}),
    },
    "DELETE /api/v1/session": {204: log_out},
    "POST /api/v1/session/confirm": {204: confirm},
    "POST /api/v1/pairing": {
        201: pair,
        401: ask(on="unpaired", body=pairing_order()),
        409: ask(body=pairing_order()),
    },
    "PUT /api/v1/account/password": {
        204: change_password,
        409: change_password_at_once,
    },
    "POST /api/v1/account/second-factor": {
        201: lambda walk, _: begin_factor(walk, walk.newcomer()[0]),
        409: begin_a_second_one,
    },
    "PUT /api/v1/account/second-factor": {
        204: lambda walk, _: enrol(walk, walk.newcomer()[0]),
        404: ask(body={"code": "000000"}),
    },
    "POST /api/v1/people": {
        201: add_person,
        409: ask(body=new_person("operator")),
    },
    "PATCH /api/v1/people/{name}": {
        200: ask(body={"enabled": True}),
        404: ask(at=NOWHERE, body={"enabled": True}),
        409: ask(at={"name": "admin"}, body={"enabled": False}),
        412: ask(body={"enabled": True}, headers={"If-Match": '"of yesterday"'}),
    },
    "POST /api/v1/tokens": {201: ask(body={"label": "records", "scopes": ["verify"]})},
    "DELETE /api/v1/tokens/{id}": {204: revoke_token},
    "POST /api/v1/seals": {
        201: lambda walk, operation: walk.ask(operation, body=new_seal(walk)),
        409: lambda walk, operation: walk.ask(operation, body=new_seal(walk, name="default")),
        501: lambda walk, operation: walk.ask(operation, body=new_seal(walk, suite="PS256")),
    },
    "PATCH /api/v1/seals/{name}": {
        200: ask(body={"owner": "Permits desk"}),
        404: ask(at=NOWHERE, body={"owner": "Permits desk"}),
    },
    "POST /api/v1/seals/{name}/rotate": {
        201: rotate_after("activate"),
        404: lambda walk, operation: walk.ask(operation, at=NOWHERE, body=new_seal(walk)),
        409: rotate_after("activate", name="default"),
        501: rotate_after("activate", suite="PS256"),
    },
    "POST /api/v1/seals/{name}/activate": {200: seal_after(), 409: seal_after("activate", "retire")},
    "POST /api/v1/seals/{name}/suspend": {200: seal_after("activate"), 409: seal_after("activate", "retire")},
    "POST /api/v1/seals/{name}/resume": {
        200: seal_after("activate", "suspend"),
        409: seal_after("activate", "retire"),
    },
    "POST /api/v1/seals/{name}/retire": {200: seal_after("activate"), 409: seal_after("activate", "compromise")},
    "POST /api/v1/seals/{name}/compromise": {200: seal_after("activate")},
    "POST /api/v1/seals/{name}/destroy": {
        200: seal_after("activate", "retire"),
        409: seal_after("activate", "compromise"),
    },
    "POST /api/v1/seals/{name}/unlock": {
        204: ask(body={"passphrase": PASSPHRASE}),
        404: ask(at=NOWHERE, body={"passphrase": PASSPHRASE}),
        409: replaced_key,
    },
    "POST /api/v1/seals/{name}/lock": {204: ask(on="hub")},
    "POST /api/v1/statements": SEALING,
    "POST /api/v1/documents": {**SEALING, 503: while_another_uploads},
    "POST /api/v1/statements/batch": {200: batch},
    "POST /api/v1/documents/lookup": {200: ask(body={"sha256": sha256("a document")})},
    "POST /api/v1/verify": {
        200: verify,
        409: verify_with_one_key_in_two_roles,
        501: lambda walk, operation: verify(walk, operation, trust={"fieldseal": "trust/v99"}),
    },
    "GET /api/v1/events": {503: while_another_listens},
    "POST /api/v1/targets": {
        201: lambda walk, operation: walk.ask(operation, body=witness_order(walk.fresh("target"))),
        404: add_target_without_configuration,
        409: lambda walk, operation: twice(walk, operation, body=witness_order("twice")),
        501: ask(body=chain_order("newer", version="chain/v99")),
    },
    "POST /api/v1/targets/{name}/test": {
        200: lambda walk, operation: test_target(walk, operation, chain_order),
        501: lambda walk, operation: test_target(walk, operation, witness_order),
    },
    "POST /api/v1/hub/logs": {
        201: ask(on="hub", body={"vkey": vkey("log.test")}),
        409: enrol_another_key,
        501: ask(body={"vkey": vkey("log.test")}),
    },
    "GET /readyz": {503: not_ready},
}
