# SPDX-License-Identifier: Apache-2.0
"""Strict readers of JSON (evidence.md §1), CBOR (statement.md §1.2), keys and signatures (statement.md §3, §4).

Written from docs/formats alone, as are fieldseal_forms.py and fieldseal_verify.py. "§" names the rule that a line keeps.
"""
import base64
import contextlib
import functools
import hashlib
import json
import re
from typing import Any, NamedTuple

from cryptography import exceptions
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

SAFE = 2**53 - 1


class Refused(Exception):
    """A whole file or step is refused; the one argument is a reason code of verdicts.md §9."""


@contextlib.contextmanager
def refusing(reason):
    try:
        yield
    except (ValueError, RecursionError, exceptions.UnsupportedAlgorithm) as why:
        raise Refused(reason) from why


def need(condition, what="form"):
    if not condition:
        raise ValueError(what)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- grammar: a checker takes a decoded value and returns it, converted; ValueError when it does not fit ---
def record(needed, optional=()):
    known = {**needed, **dict(optional)}

    def check(value):  # evidence.md §1: exactly the members that are listed; statement.md §1: no other label
        need(type(value) is dict and needed.keys() <= value.keys() <= known.keys(), "members")
        return {name: known[name](item) for name, item in value.items()}
    return check


def array(item, most=SAFE):
    def check(value):
        need(type(value) is list and len(value) <= most, "list")
        return [item(member) for member in value]
    return check


def row(*columns):
    def check(value):
        need(type(value) is list and len(value) == len(columns), "row")
        return [column(member) for column, member in zip(columns, value)]
    return check


def one_of(*values):
    def check(value):
        need(any(type(value) is type(v) and value == v for v in values), "choice")
        return value
    return check


def whole(low=0, high=SAFE):
    def check(value):
        need(type(value) is int and low <= value <= high, "integer")
        return value
    return check


def text(pattern="(?s).*", low=0, high=SAFE):
    def check(value):
        need(type(value) is str and low <= len(value.encode()) <= high and re.fullmatch(pattern, value), "text")
        return value
    return check


def octets(low, high=None):
    def check(value):
        need(type(value) is bytes and low <= len(value) <= (low if high is None else high), "bytes")
        return value
    return check


def in_base64(check=octets(0, SAFE)):
    def decode(value):  # evidence.md §1: canonical base64
        need(type(value) is str)
        data = base64.b64decode(value, validate=True)
        need(base64.b64encode(data).decode() == value, "base64")
        return check(data)
    return decode


def maybe(check):
    return lambda value: None if value is None else check(value)


# --- JSON, evidence.md §1 ---
def read_json(data, size, values):
    def pairs(items):  # no member twice, after unescaping
        need(len(dict(items)) == len(items), "member twice")
        return dict(items)

    def integer(digits):
        need(digits != "-0" and abs(int(digits)) <= SAFE, "number")
        return int(digits)

    def no(_):
        raise ValueError("fraction, exponent, NaN or Infinity")

    need(len(data) <= size and b"\0" not in data, "size or NUL")
    value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_int=integer, parse_float=no,
                       parse_constant=no)
    need(census(value) <= values, "too many values")
    return value


def census(value, depth=1):
    """Counts every value; refuses what is deeper than 16 and halves of surrogate pairs (encode() fails)."""
    if type(value) in (list, dict):
        need(depth <= 16, "too deep")
        "".join(value if type(value) is dict else ()).encode()
        return 1 + sum(census(v, depth + 1) for v in (value.values() if type(value) is dict else value))
    str(value).encode()
    return 1


# --- CBOR, statement.md §1.2 ---
def cbor_item(data, at, depth=1):
    """The item at this place and where it ends."""
    need(at < len(data) and depth <= 4)  # 3 in a header or payload, 2 around them: the grammar is stricter
    major, short, at = data[at] >> 5, data[at] & 31, at + 1
    need(short < 28, "indefinite or reserved")
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    number = int.from_bytes(data[at:at + width], "big") if width else short
    at += width
    need(at <= len(data), "cut")
    if major == 7:
        need(short in (20, 21, 22), "float or simple value")
        return {20: False, 21: True, 22: None}[short], at
    need(not width or number >= {1: 24, 2: 2**8, 4: 2**16, 8: 2**32}[width], "not the shortest form")
    if major < 2:
        need(number < 2**63)
        return (-1 - number if major else number), at
    if major < 4:
        need(at + number <= len(data), "cut")
        raw = data[at:at + number]
        return (raw.decode("utf-8") if major == 3 else raw), at + number
    need(major < 6, "tag")
    return cbor_list(data, at, number, depth) if major == 4 else cbor_map(data, at, number, depth)


def cbor_list(data, at, count, depth):
    items = []
    for _ in range(count):
        item, at = cbor_item(data, at, depth + 1)
        items.append(item)
    return items, at


def cbor_map(data, at, count, depth):
    found, before = {}, b""
    for _ in range(count):
        key, end = cbor_item(data, at, depth + 1)
        need(type(key) in (int, str) and before < data[at:end], "keys not ascending")
        before = data[at:end]
        found[key], at = cbor_item(data, end, depth + 1)
    return found, at


def in_cbor(check, most):
    def decode(data):
        need(type(data) is bytes and len(data) <= most)
        value, end = cbor_item(data, 0)
        need(end == len(data), "bytes after the value")
        return check(value)
    return decode


# --- keys and signatures, statement.md §3 and §4 ---
class Key(NamedTuple):
    alg: str
    raw: bytes  # what trust.md §2 rule 5 compares
    public: Any
    kid: bytes


SPKI_FORMS = [("ES256K", 88, "3056301006072a8648ce3d020106052b8104000a03420004"),
              ("ES256", 91, "3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
              ("EdDSA", 44, "302a300506032b6570032100"), ("PS256", None, "30")]
ORDERS = {"ES256K": 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
          "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551}
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493


@functools.lru_cache(None)
def spki(der):
    """§4; the library reads the DER, writing it again gives the same bytes only when there is no slack in it."""
    need(len(der) <= 1024)
    alg = next((name for name, size, head in SPKI_FORMS
                if size in (None, len(der)) and der.startswith(bytes.fromhex(head))), None)
    public = serialization.load_der_public_key(der)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    need(alg and public.public_bytes(serialization.Encoding.DER, form) == der, "SPKI")
    raw = der[-65:] if alg in ORDERS else der[-32:]
    if alg == "EdDSA":
        need(of_prime_order(raw))
    if alg == "PS256":  # §3: RSA
        need(isinstance(public, rsa.RSAPublicKey) and 2048 <= public.key_size <= 4096)
        numbers = public.public_numbers()
        need(numbers.n % 2 and numbers.e % 2 and 65537 <= numbers.e < 2**32)
        raw = numbers.n.to_bytes(512, "big").lstrip(b"\0")
    return Key(alg, raw, public, sha256(der))


@functools.lru_cache(None)
def of_prime_order(raw):
    """§3: a canonical point of the prime-order subgroup, not the neutral element (RFC 8032 §5.1.3, §5.1.4)."""
    y, sign = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    d = -121665 * pow(121666, P - 2, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign) or (x, y) == (0, 1):
        return False
    point, product = (x if x % 2 == sign else P - x, y, 1), (0, 1, 1)
    for bit in bin(L)[2:]:
        product = add_points(product, product, d)
        product = add_points(product, point, d) if bit == "1" else product
    return product[0] == 0 and product[1] == product[2]


def add_points(one, two, d):
    (x1, y1, z1), (x2, y2, z2) = one, two  # projective, complete: -x^2 + y^2 = 1 + d x^2 y^2
    a, c, e = z1 * z2 % P, x1 * x2 % P, y1 * y2 % P
    b, f = a * a % P, d * c * e % P
    x = a * (b - f) * ((x1 + y1) * (x2 + y2) - c - e)
    return x % P, a * (b + f) * (e + c) % P, (b - f) * (b + f) % P


def verifies(key, signature, message):
    """§3, all four algorithms; key is a Key, or the 32 bytes of an Ed25519 one from a vkey."""
    raw, alg = (key, "EdDSA") if type(key) is bytes else (key.raw, key.alg)
    with contextlib.suppress(ValueError, exceptions.InvalidSignature):
        if alg == "EdDSA":
            need(len(signature) == 64 and of_prime_order(raw))
            need(int.from_bytes(signature[32:], "little") < L)
            # R = [S]B - [k]A byte for byte (OpenSSL, no cofactor): in the subgroup, so small order is the neutral one
            need(signature[:32] != b"\1" + bytes(31))
            ed25519.Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
        elif alg == "PS256":
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            key.public.verify(signature, message, pss, hashes.SHA256())
        else:
            r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
            need(1 <= r < ORDERS[alg] and 1 <= s <= ORDERS[alg] // 2)  # no high-S
            key.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        return True
    return False
