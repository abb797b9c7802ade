# SPDX-License-Identifier: Apache-2.0
"""Strict DER, from anchor-rfc3161.md §2, and its elements."""
from shapes import need

SEQUENCE, SET, INTEGER, OID, OCTETS, TIME = 0x30, 0x31, 0x02, 0x06, 0x04, 0x18


def element(data):
    """(tag, content, rest)"""
    need(len(data) >= 2 and data[0] & 0x1f != 0x1f)
    size, at = data[1], 2
    if size >= 0x80:
        count = size & 0x7f
        need(1 <= count <= 3 and len(data) >= 2 + count)
        size, at = int.from_bytes(data[2:2 + count], "big"), 2 + count
        need(size >= (0x80 if count == 1 else 1 << 8 * (count - 1)))
    return need(len(data) >= at + size) or (data[0], data[at:at + size], data[at + size:])


def walk(data, depth, left):
    need(depth <= 32)
    while data:
        tag, content, data = element(data)
        left[0] -= 1
        need(left[0] >= 0)
        if not tag & 0xc0:
            need(bool(tag & 0x20) == (tag & 0x1f in (0x10, 0x11)))
        if tag & 0x20:
            walk(content, depth + 1, left)
        elif tag == 0x01:
            need(content in (b"\0", b"\xff"))
        elif tag == 0x05:
            need(not content)
        elif tag == INTEGER:
            need(content and (len(content) == 1 or not (
                content[0] == 0 and content[1] < 0x80 or
                content[0] == 0xff and content[1] >= 0x80)))
        elif tag == 0x03:
            need(content and content[0] < 8)


def strict(data):
    _, _, rest = element(data)
    return need(not rest) or walk(data, 0, [16384]) or data


class Items:
    """The elements of a constructed one, taken in their order."""

    def __init__(self, content):
        self.rest = content

    def raw(self):
        before, (_, _, self.rest) = self.rest, element(self.rest)
        return before[:len(before) - len(self.rest)]

    def take(self, tag):
        found, content, self.rest = element(self.rest)
        return need(found == tag) or content

    def maybe(self, tag):
        return self.take(tag) if self.rest and self.rest[0] == tag else None

    def end(self):
        need(not self.rest)


def every(content):
    items = Items(content)
    while items.rest:
        yield items.raw()


def oid(content):
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7f
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def number(content, signed=True):
    return int.from_bytes(content, "big", signed=signed)
