# SPDX-License-Identifier: Apache-2.0
"""Hostile HTTP: probes with the outcome each must have, and crowds that hold connections, over any connect().

    target = Target(connect, get="/log/checkpoint", post="/api/v1/verify")
    for probe in probes(target):
        outcome = run(probe, target)               # one connection, or as many as the probe needs
        assert not outcome.wrong, outcome

    with Crowd(connect, 200, SLOW_HEADS) as crowd: # 200 sockets that say a byte now and then
        crowd.trickle()
        assert ordinary(target)[0] == 200

connect() returns a connected socket, plain or TLS. A probe names the statuses a server of ours may answer
with, read directly; `proxied=True` is for a server behind a proxy, which answers some shapes itself, mends
others (a Transfer-Encoding becomes a Content-Length) and may close without a word: there any 4xx, 501 and 505
are right, what a proxy may mend is listed by the probe, and never is a 500 or a second answer. JSON that is none,
sent by somebody whom the server knows, is a 400 in either case: the parser's, not the gate's.
Python 3.11's standard library only.
"""
import contextlib
import dataclasses
import gzip
import itertools
import pathlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable

MIB = 1 << 20
PROBE_SECONDS = 30.0     # for one probe, a slow one included
SEND_CHUNK_BYTES = 64 * 1024
ANSWER_BYTES_MAX = 8 * MIB
REFUSED = frozenset(range(400, 500)) | {501, 505}


@dataclasses.dataclass(frozen=True)
class Target:
    """What is probed. `headers` go with each well-formed request: b"Authorization: Bearer …\\r\\n"."""
    connect: Callable[[], socket.socket]
    host: str = "localhost"
    get: str = "/"
    post: str = "/"
    headers: bytes = b""

    @property
    def known(self):
        """Whether the server knows who asks: then a body gets as far as its parser."""
        return b"Authorization:" in self.headers

    def head(self, method, path, *more):
        lines = b"".join(line + b"\r\n" for line in more)
        return (f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n".encode() + self.headers + lines + b"\r\n")


@dataclasses.dataclass(frozen=True)
class Probe:
    name: str
    parts: Callable[[], Iterable[bytes]]
    statuses: frozenset
    may_close: bool = False          # a closed connection without an answer is right, too
    exact: bool = False              # these statuses behind a proxy, too: it is no proxy's business
    mended: frozenset = frozenset()  # what is right, besides a refusal, when a proxy made it well-formed
    answers_max: int = 1             # more than these and something was smuggled
    half_close: bool = False         # say the end of the stream before reading
    reset: bool = False              # end with RST instead of reading
    stubborn: bool = False           # go on sending after the answer, until the peer closes
    seconds: float = PROBE_SECONDS


@dataclasses.dataclass
class Outcome:
    probe: str
    statuses: list
    closed: bool
    seconds: float
    sent_bytes: int
    wrong: str = ""

    def __str__(self):
        said = ", ".join(map(str, self.statuses)) or "nothing"
        return (f"{self.probe}: {self.wrong or 'as it should be'} (answered {said}"
                f"{', closed' if self.closed else ''}, {self.sent_bytes} bytes sent, {self.seconds:.2f} s)")


# --- one probe ---

def run(probe, target, *, proxied=False):
    """Sends a probe, reads until the peer closes or has nothing more to say, and judges."""
    started = time.monotonic()
    deadline = started + probe.seconds
    connection = target.connect()
    try:
        sent, answer = _send(connection, probe, deadline)
        if probe.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            closed = True
        else:
            closed = _read(connection, answer, deadline)
    finally:
        connection.close()
    outcome = Outcome(probe.name, statuses_of(bytes(answer)), closed, time.monotonic() - started, sent)
    outcome.wrong = _judge(probe, outcome, proxied)
    return outcome


def _judge(probe, outcome, proxied):
    if outcome.seconds > probe.seconds:
        return f"took more than {probe.seconds} s"
    if len(outcome.statuses) > probe.answers_max + (proxied and bool(probe.mended)):
        return f"more than {probe.answers_max} answers"
    if not outcome.statuses:
        fine = probe.reset or (outcome.closed and (probe.may_close or proxied))
        return "" if fine else "no answer"
    allowed = (REFUSED | probe.statuses | probe.mended) if proxied and not probe.exact else probe.statuses
    strange = [status for status in outcome.statuses if status not in allowed]
    return f"status {strange[0]}, expected {' or '.join(map(str, sorted(probe.statuses)))}" if strange else ""


def _send(connection, probe, deadline):
    """Sends until done or refused; an answer that comes early ends a long probe. (bytes sent, bytes read)"""
    sent, answer = 0, bytearray()
    try:
        for part in probe.parts():
            connection.settimeout(max(0.01, deadline - time.monotonic()))
            connection.sendall(part)
            sent += len(part)
            if _readable(connection):
                more = connection.recv(SEND_CHUNK_BYTES)
                answer += more
                if not more or (statuses_of(bytes(answer)) and not probe.stubborn):
                    break
            if time.monotonic() > deadline:
                break
        if probe.half_close:
            connection.shutdown(socket.SHUT_WR)
    except OSError:  # reset, broken pipe, timeout: what was answered before still counts
        pass
    return sent, answer


def _read(connection, answer, deadline):
    """Reads to the peer's end; True when it closed."""
    try:
        while len(answer) < ANSWER_BYTES_MAX:
            connection.settimeout(max(0.01, deadline - time.monotonic()))
            part = connection.recv(SEND_CHUNK_BYTES)
            if not part:
                return True
            answer += part
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def _readable(connection):
    pending = getattr(connection, "pending", None)
    return bool(pending and pending()) or bool(select.select([connection], [], [], 0)[0])


def statuses_of(answer):
    """The statuses of the final answers in what a peer said: it may hold several answers, and 100s."""
    statuses = []
    while answer.startswith(b"HTTP/1."):
        head, end, rest = answer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        try:
            status = int(lines[0].split()[1])
        except (IndexError, ValueError):
            break
        if status >= 200:
            statuses.append(status)
        headers = {name.strip().lower(): value.strip()
                   for name, _, value in (line.partition(b":") for line in lines[1:])}
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            rest = _after_chunks(rest)
        elif status >= 200:
            rest = rest[int(headers.get(b"content-length", b"0")):]
        if not end:
            break
        answer = rest
    return statuses


def _after_chunks(rest):
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        try:
            count = int(size, 16)
        except ValueError:
            return b""
        rest = rest[count + 2:]
        if count == 0:
            return rest
    return b""


# --- ordinary requests ---

def ordinary(target, path=None, *, seconds=PROBE_SECONDS):
    """(status or None, seconds) of one well-formed GET on a connection of its own."""
    started = time.monotonic()
    deadline = started + seconds
    answer = bytearray()
    try:
        with contextlib.closing(target.connect()) as connection:
            connection.settimeout(seconds)
            connection.sendall(target.head("GET", path or target.get, b"Connection: close"))
            _read(connection, answer, deadline)
    except OSError:
        pass
    statuses = statuses_of(bytes(answer))
    return (statuses[0] if statuses else None), time.monotonic() - started


def percentile(seconds, share):
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# --- memory ---

class Memory:
    """What a process holds: VmRSS now, VmHWM since the start of this object. For processes of this user."""

    def __init__(self, pid):
        self.pid = pid
        # 5 sets the high-water mark back to what is held now (proc(5)).
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
        self.before_bytes = self.now_bytes()

    def now_bytes(self):
        return self._field("VmRSS")

    def growth_bytes(self):
        """The most that was held, less what was held at the start."""
        return self._field("VmHWM") - self.before_bytes

    def _field(self, name):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"process {self.pid} has no {name}: it ended")


# --- crowds: many connections, each as slow as it can be ---

def SLOW_HEADS(target):
    """A request head, a byte at a time, that never ends."""
    return itertools.chain([f"GET {target.get} HTTP/1.1\r\nHost: {target.host}\r\nX-Slow: ".encode()],
                           itertools.repeat(b"a"))


def HALF_LINES(target):
    """The probe that stopped cpp-httplib: eight of these, and a ninth client waits."""
    return itertools.chain([b"GET / HT"], itertools.repeat(b""))


def SLOW_BODIES(target):
    """A complete head, then the body a byte at a time."""
    head = target.head("POST", target.post, b"Content-Type: application/json", b"Content-Length: 60000")
    return itertools.chain([head], itertools.repeat(b"["))


def SLOW_UPLOADS(target):
    """As SLOW_BODIES, and the body is a large one."""
    head = target.head("POST", target.post, b"Content-Type: application/octet-stream",
                       b"Content-Length: 1000000000")
    return itertools.chain([head], itertools.repeat(b"x"))


def SLOW_READERS(target):
    """Asks again and again, and reads nothing."""
    return itertools.repeat(target.head("GET", target.get) * 20)


def IDLE(_target):
    """Connects and says nothing."""
    return itertools.repeat(b"")


def KEPT_ALIVE(target):
    """One request, answered, and then nothing."""
    return itertools.chain([target.head("GET", target.get)], itertools.repeat(b""))


class Crowd:
    """`count` connections that behave as `manner(target)` says: its first part at once, one more per trickle()."""

    def __init__(self, target, count, manner):
        self.target = target
        self.count = count
        self.manner = manner
        self.members = []
        self._over = set()
        self.refused = 0

    def __enter__(self):
        for _ in range(self.count):
            try:
                connection = self.target.connect()
            except OSError:
                self.refused += 1
                continue
            connection.setblocking(False)
            self.members.append((connection, iter(self.manner(self.target))))
        self.trickle()
        return self

    def __exit__(self, *_):
        for connection, _ in self.members:
            connection.close()

    def trickle(self):
        """One part more from each; returns how many connections still take it."""
        return sum(_try_send(connection, next(parts)) for connection, parts in self.members)

    def trickle_until(self, stop, every_s):
        """trickle() in a thread of its own until the Event `stop` is set."""
        def work():
            while not stop.wait(every_s):
                self.trickle()
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def ended(self):
        """How many the peer has closed or answered."""
        self._over.update(connection for connection, _ in self.members
                          if connection not in self._over and _has_ended(connection))
        return len(self._over)


def _has_ended(connection):
    # Read, not asked whether it is readable: TLS has messages of its own.
    try:
        connection.recv(1)
    except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
        return False
    except OSError:
        pass
    return True


def _try_send(connection, part):
    try:
        if part:
            connection.send(part)
        return True
    except (BlockingIOError, InterruptedError):
        return True
    except OSError:
        return False


# --- the probes ---

def probes(target, *, size=MIB * 256):
    """The whole set; `size` bounds the largest of them (1 GiB in a full run)."""
    return [*_heads(target), *_targets(target), *bodies(target, size), *_floods(target, size),
            *_smuggling(target), *_manners(target)]


def _once(data):
    return lambda: [data]


def _refused(name, data, *statuses, **more):
    return Probe(name, _once(data), frozenset(statuses), **more)


def _repeat(first, part, total):
    """`first`, then `part` until `total` bytes are out."""
    block = part * max(1, SEND_CHUNK_BYTES // len(part))
    return lambda: itertools.chain([first], itertools.repeat(block, total // len(block)))


def _heads(t):
    get, ok = f"GET {t.get} HTTP/1.1\r\n".encode(), frozenset({200})
    host = f"Host: {t.host}\r\n".encode() + t.headers
    end = b"Connection: close\r\n\r\n"
    yield _refused("a client's REMOTE_ADDR", get + host + b"REMOTE_ADDR: 10.9.9.9\r\n" + end, 400, mended=ok)
    yield _refused("a client's LOCAL_ADDR", get + host + b"LOCAL_ADDR: 10.9.9.9\r\n" + end, 400, mended=ok)
    yield _refused("an encoded line break in a header",
                   get + host + b"X-In: a%0d%0aSet-Cookie: x=1\r\n" + end, 400)
    yield _refused("a bare CR in a header", get + host + b"X-In: a\rSet-Cookie: x=1\r\n" + end, 400)
    yield _refused("a NUL in a header", get + host + b"X-In: a\0b\r\n" + end, 400)
    yield _refused("a folded header", get + host + b"X-In: a\r\n b\r\n" + end, 400)
    yield _refused("a space before the colon", get + host + b"X-In : a\r\n" + end, 400)
    yield _refused("a header without a name", get + host + b": a\r\n" + end, 400)
    yield _refused("a header without a colon", get + host + b"nonsense\r\n" + end, 400, mended=ok)  # an empty value
    yield _refused("no Host", get + end, 400)
    yield _refused("two Hosts", get + host + b"Host: evil.example\r\n" + end, 400)
    yield _refused("six hundred ranges",
                   get + host + b"Range: bytes=" + b",".join([b"0-"] * 600) + b"\r\n" + end, 416, mended=ok)
    yield _refused("an Expect nobody knows",
                   t.head("POST", t.post, b"Content-Length: 1", b"Expect: 200-maybe"), 417)
    yield _refused("a method nobody knows", b"TRACE / HTTP/1.1\r\n" + host + end, 501)
    yield _refused("a method in lower case", b"get / HTTP/1.1\r\n" + host + end, 400)
    yield _refused("HTTP/9.9", f"GET {t.get} HTTP/9.9\r\n".encode() + host + end, 505)
    yield _refused("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 501, 505)
    yield _refused("HTTP/0.9", f"GET {t.get}\r\n\r\n".encode(), 400, mended=ok)
    yield _refused("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 508 + b"\r\n\r\n",
                   400, may_close=True)
    yield _refused("a shell's greeting", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400)
    yield _refused("only line ends", b"\r\n" * 4000, 400)


def _targets(t):
    host = f" HTTP/1.1\r\nHost: {t.host}\r\n".encode() + t.headers + b"Connection: close\r\n\r\n"
    missing = frozenset({200, 301, 302, 404})
    for name, place, mended in [
            ("a full URL as target", b"http://" + t.host.encode() + b"/", missing),
            ("no slash as target", b"x", frozenset()),
            ("an asterisk as target", b"*", frozenset()),
            ("an encoded NUL in the target", b"/%00", frozenset()),
            ("an encoded line break in the target", b"/a%0d%0aSet-Cookie:x", missing),
            ("half an escape in the target", b"/%4", frozenset()),
            ("a wrong escape in the target", b"/%zz", frozenset()),
            ("a fragment in the target", b"/#a", missing),
            ("a space in the target", b"/a b", frozenset()),
            ("a byte above ASCII in the target", b"/\xff\xfe", missing),
    ]:
        yield _refused(name, b"GET " + place + host, 400, mended=mended)
    for name, place in [
            ("up and out of the root", b"/../../../../etc/passwd"),
            ("up and out, encoded", b"/%2e%2e/%2e%2e/etc/passwd"),
            ("up and out, twice encoded", b"/%252e%252e/etc/passwd"),
            ("backslashes", b"/..\\..\\etc\\passwd"),
            ("a thousand slashes", b"/" * 1000),
            ("a thousand segments", b"/a" * 1000),
    ]:
        yield _refused(name, b"GET " + place + host, 400, 401, 403, 404)
    yield _refused("a line of 8 kB", b"GET /" + b"a" * 8192 + host, 414)
    yield _refused("a query of a thousand names",
                   b"GET " + t.get.encode() + b"?" + b"&".join(b"n%d=1" % i for i in range(700)) + host,
                   414)
    yield _refused("a query name twice", b"GET " + t.get.encode() + b"?a=1&a=2" + host, 400, 401)


def bodies(t, size):
    """The probes of the set that are about bodies."""
    is_json = b"Content-Type: application/json"
    # Who must not post here, or nothing is here: right, too. The shape is never a 2xx or 5xx.
    refused = frozenset({400, 401, 403, 404, 405, 413, 415, 422})

    def body(name, data, *headers):
        head = t.head("POST", t.post, *headers, b"Content-Length: %d" % len(data), b"Connection: close")
        return Probe(name, _once(head + data), refused)

    def no_json(name, data):
        probe = body(name, data, is_json)
        return dataclasses.replace(probe, statuses=frozenset({400}), exact=True) if t.known else probe

    yield no_json("JSON of a thousand arrays", b"[" * 1000 + b"]" * 1000)
    yield no_json("JSON of thirty thousand arrays", b"[" * 30000)
    yield no_json("JSON of ten thousand objects", b'{"a":' * 10000)
    yield no_json("a JSON member twice", b'{"sha256":"00","sha256":"11"}')
    yield no_json("JSON with a huge number", b'{"size":' + b"9" * 5000 + b"}")
    yield no_json("JSON that is no UTF-8", b'{"name":"\xff\xfe"}')
    yield no_json("JSON with half a surrogate", b'{"name":"\\ud800"}')
    yield no_json("JSON with a NUL", b'{"name":"a\\u0000b"}')
    yield no_json("JSON and something after it", b"{} {}")
    yield no_json("no JSON at all", b"\0" * 1000)
    yield body("a multipart form", b"--x\r\nContent-Disposition: form-data; name=a; filename*=" + b"'" * 7000 +
               b"\r\n\r\n\r\n--x--\r\n", b"Content-Type: multipart/form-data; boundary=x")
    yield body("a form", b"a=1&" * 1000, b"Content-Type: application/x-www-form-urlencoded")
    bomb = gzip.compress(b"\0" * (64 * MIB))
    yield body("a gzip bomb", bomb, is_json, b"Content-Encoding: gzip")
    yield body("a gzip bomb named twice", bomb, is_json, b"Content-Encoding: gzip, gzip")
    yield body("a brotli bomb", b"\xcf\xff\xff\x7f\xf8\x27\x00\xe2\xb1\x40\x20", is_json, b"Content-Encoding: br")
    yield Probe("a body of many megabytes",
                _repeat(t.head("POST", t.post, is_json, b"Content-Length: %d" % size), b"[", size),
                refused, may_close=True, stubborn=True)
    yield Probe("a chunked body of many megabytes",
                _repeat(t.head("POST", t.post, is_json, b"Transfer-Encoding: chunked"),
                        b"1000\r\n" + b"[" * 4096 + b"\r\n", size), refused | {411}, may_close=True, stubborn=True)
    yield _refused("100-continue for a body that is too large",
                   t.head("POST", t.post, is_json, b"Content-Length: 999999999999999", b"Expect: 100-continue"),
                   401, 403, 404, 405, 413)


def _floods(t, size):
    get = f"GET {t.get} HTTP/1.1\r\nHost: {t.host}\r\n".encode()
    yield Probe("an endless line", _repeat(b"", b"A", size), frozenset({400, 414, 431}), may_close=True, stubborn=True)
    yield Probe("an endless target", _repeat(b"GET /", b"a", size), frozenset({414}), may_close=True, stubborn=True)
    yield Probe("an endless header", _repeat(get + b"X-Long: ", b"a", size), frozenset({431}), may_close=True, stubborn=True)
    yield Probe("an endless header name", _repeat(get, b"a", size), frozenset({431}), may_close=True, stubborn=True)
    yield Probe("a hundred thousand headers",
                lambda: itertools.chain([get], (b"".join(b"X-%d: 1\r\n" % (i + k) for k in range(1000))
                                                for i in range(0, 100_000, 1000)), [b"\r\n"]),
                frozenset({431}), may_close=True, stubborn=True)
    yield Probe("the same header without end", _repeat(get, b"X-A: 1\r\n", min(size, 100 * MIB)),
                frozenset({400, 431}), may_close=True, stubborn=True)


def _smuggling(t):
    """Shapes two parsers read differently. Each carries a second request, which must never be answered."""
    hidden = f"GET {t.get} HTTP/1.1\r\nHost: {t.host}\r\nX-Smuggled: 1\r\n\r\n".encode()
    post = f"POST {t.post} HTTP/1.1\r\nHost: {t.host}\r\n".encode() + t.headers
    chunks = b"0\r\n\r\n" + hidden
    length = b"Content-Length: %d\r\n" % len(chunks)

    def shape(name, headers, body=chunks, *statuses):
        # A proxy reads the shape its own way, and may forward something well-formed: then what the server
        # says to a well-formed request that makes no sense (400, 401, 404, 405) is in REFUSED anyway.
        return Probe("smuggling: " + name, _once(post + headers + b"\r\n" + body),
                     frozenset(statuses or {400, 411, 501}), may_close=True, half_close=True, seconds=15)

    chunked = b"Transfer-Encoding: chunked\r\n"
    yield shape("length, then chunked", length + chunked, chunks, 400)
    yield shape("chunked, then length", chunked + length, chunks, 400)
    yield shape("length 4, then chunked", b"Content-Length: 4\r\n" + chunked, chunks, 400)
    yield shape("chunked alone", chunked, chunks, 411)
    yield shape("chunked in capitals", b"TRANSFER-ENCODING: CHUNKED\r\n", chunks, 411)
    for name, value in [("xchunked", b"xchunked"), ("identity", b"identity"), ("chunked, identity", b"chunked, identity"),
                        ("identity, chunked", b"identity, chunked"), ("gzip, chunked", b"gzip, chunked"),
                        ("chunked chunked", b"chunked chunked"), ("quoted chunked", b'"chunked"'),
                        ("chunked with a parameter", b"chunked;a=b"), ("an empty coding", b"")]:
        yield shape(name + " beside a length", b"Transfer-Encoding: " + value + b"\r\n" + length, chunks, 400)
    yield shape("chunked twice", chunked + chunked, chunks, 400)
    yield shape("a tab before chunked", b"Transfer-Encoding:\tchunked\r\n" + length, chunks, 400)
    yield shape("a vertical tab before chunked", b"Transfer-Encoding:\x0bchunked\r\n" + length, chunks, 400)
    yield shape("a space in the name", b"Transfer-Encoding : chunked\r\n" + length, chunks, 400)
    yield shape("a NUL in the name", b"Transfer-Encoding\0: chunked\r\n" + length, chunks, 400)
    yield shape("a folded coding", b"Transfer-Encoding:\r\n chunked\r\n" + length, chunks, 400)
    yield shape("a bare LF before chunked", b"X: a\nTransfer-Encoding: chunked\r\n" + length, chunks, 400)
    yield shape("a bare CR before chunked", b"X: a\rTransfer-Encoding: chunked\r\n" + length, chunks, 400)
    yield dataclasses.replace(  # nginx drops such a header: then the second request is an honest one
        shape("an underscore in the name", b"Transfer_Encoding: chunked\r\nContent-Length: 0\r\n", hidden, 400),
        mended=frozenset({200}))
    for name, value in [("plus", b"+%d"), ("minus", b"-%d"), ("hexadecimal", b"0x%x"), ("two", b"%d, 0"),
                        ("two equal", b"%d, %d"), ("a space", b"1 %d"), ("zeros before", b"000%d"),
                        ("a fraction", b"%d.0"), ("letters after", b"%dabc")]:
        text = value.replace(b"%d", b"%(n)d").replace(b"%x", b"%(n)x") % {b"n": len(hidden)}
        yield shape("a length with " + name, b"Content-Length: " + text + b"\r\n", hidden, 400, 413)
    yield shape("an empty length", b"Content-Length:\r\n", hidden, 400)
    yield shape("a length of 2^64", b"Content-Length: 18446744073709551616\r\n", hidden, 400, 413)
    yield shape("a length of 2^64 - 1", b"Content-Length: 18446744073709551615\r\n", hidden, 400, 413)
    yield shape("two lengths", b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(hidden), hidden, 400)
    yield shape("the same length twice", b"Content-Length: 5\r\nContent-Length: 5\r\n", b"12345" + hidden, 400)
    yield shape("no length", b"", hidden, 411)
    yield shape("a chunk of size -2", chunked, b"-2\r\n" + hidden, 411)
    yield shape("a chunk whose size overflows", chunked, b"10000000000000005\r\n12345\r\n" + chunks, 411)
    yield shape("chunk extensions", chunked, b"0;" + b"a" * 5000 + b"\r\n\r\n" + hidden, 411)
    yield shape("a bare LF after the chunk size", chunked, b"0\n\n" + hidden, 411)
    yield shape("line breaks in a trailer", chunked, b"0\r\nX: a\rGET / HTTP/1.1\r\n\r\n" + hidden, 411)
    get = f"GET {t.get} HTTP/1.1\r\nHost: {t.host}\r\n".encode() + t.headers
    yield Probe("smuggling: a body on a GET", _once(get + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden),
                frozenset({400}), may_close=True, mended=frozenset({200}), half_close=True, seconds=15)
    yield Probe("smuggling: chunked on a GET", _once(get + chunked + b"\r\n" + chunks), frozenset({400, 411}),
                may_close=True, mended=frozenset({200}), half_close=True, seconds=15, answers_max=2)
    yield Probe("smuggling: chunked in HTTP/1.0",
                _once(post.replace(b"HTTP/1.1", b"HTTP/1.0") + chunked + length + b"\r\n" + chunks),
                frozenset({400}), may_close=True, half_close=True, seconds=15)
    yield Probe("smuggling: an upgrade to h2c",
                _once(get + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAA"
                      b"\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                frozenset({200, 400, 401, 404, 501, 505}), may_close=True, half_close=True, seconds=15, answers_max=2)


def _manners(t):
    """How a connection may end or begin: nothing of it may hurt the next one."""
    get = t.head("GET", t.get)
    fine = frozenset({200, 301, 302, 401, 403, 404, 429, 503})
    yield Probe("closed in the middle of the head", _once(get[:20]), frozenset({400, 408}), may_close=True,
                half_close=True)
    yield Probe("closed in the middle of the body",
                _once(t.head("POST", t.post, b"Content-Length: 1000") + b"abc"),
                frozenset({400, 401, 403, 404, 405, 408, 415}), may_close=True, half_close=True)
    yield Probe("reset in the middle of the head", _once(get[:20]), fine, reset=True)
    yield Probe("reset after the request", _once(get), fine, reset=True)
    yield Probe("half-closed after the request", _once(get), fine, half_close=True)
    yield Probe("a hundred requests at once", _once(get * 99 + t.head("GET", t.get, b"Connection: close")), fine,
                answers_max=100)
