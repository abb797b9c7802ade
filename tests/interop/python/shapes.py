# SPDX-License-Identifier: Apache-2.0
"""How a check says no, and what a decoded value must look like. All other modules stand on this."""
import base64
import hashlib
import re
from types import SimpleNamespace


class Refused(ValueError):
    """Its argument is the reason, or None: the one that outcome() was given."""


def need(condition, reason=None):
    """Returns None, so that "need(...) or value" is the value."""
    if not condition:
        raise Refused(reason)


def outcome(reason, check, *given):
    """(None, what check returns), or (why it refuses, None). Nobody can list what three libraries and a value of an
    unexpected kind may raise, so every exception is a refusal. A mistake in a check then refuses too much: the vectors
    show it, for each of them names its reason."""
    try:
        return None, check(*given)
    except Exception as why:
        return isinstance(why, Refused) and why.args[0] or reason, None


def sha256(data):
    return hashlib.sha256(data).digest()


# In the shape of an object, the keys of its optional members and of its further rules, which are functions of the
# object. Later pages add theirs there.
OPTIONAL, RULES = object(), object()


def fit(shape, value):
    """The value if it fits. A shape is {member: shape} with no other members, [item, most items], (column, ...), a
    range or set of choices, a type, or a function that checks and converts."""
    if isinstance(shape, dict):
        return fit_members(shape, shape.get(OPTIONAL, {}), value)
    if isinstance(shape, list):
        return need(type(value) is list and len(value) <= shape[1]) or [fit(shape[0], item) for item in value]
    if isinstance(shape, tuple):
        return need(type(value) is list and len(value) == len(shape)) or [*map(fit, shape, value)]
    if isinstance(shape, (range, set)):
        return need(type(value) is type(next(iter(shape))) and value in shape) or value
    return need(type(value) is shape) or value if isinstance(shape, type) else shape(value)


def fit_members(shape, optional, value):
    """Of optional members an absent list is empty, others are None. Objects of JSON get attributes, maps of CBOR keep
    their labels."""
    known = {**shape, **optional}
    need(type(value) is dict and all(type(name) in (int, str) for name in value))  # True is not 1
    need(shape.keys() - {OPTIONAL, RULES} <= value.keys() <= known.keys())
    found = {name: [] if type(optional[name]) is list else None for name in optional}
    found |= {name: fit(known[name], item) for name, item in value.items()}
    found = SimpleNamespace(**found) if all(type(name) is str for name in found) else found
    for rule in shape.get(RULES, ()):
        rule(found)
    return found


# --- Shapes of texts and bytes ---
def text(pattern, most=255):
    return lambda value: need(re.fullmatch(pattern, fit(str, value)) and len(value.encode()) <= most) or value


def octets(low, high):
    return lambda value: need(low <= len(fit(bytes, value)) <= high) or value


def maybe(shape, nothing=None):
    return lambda value: nothing if value is None else fit(shape, value)


def in_base64(shape):
    """evidence.md §1: canonical."""
    def read(value):
        data = base64.b64decode(fit(str, value))
        return need(base64.b64encode(data).decode() == value) or fit(shape, data)
    return read


COUNT_MAX = 2**53 - 1
COUNT, DIGEST, ORIGIN = range(COUNT_MAX + 1), octets(32, 32), text(r"[\x21-\x2a\x2c-\x7e]+")
