# SPDX-License-Identifier: Apache-2.0
"""What is signed: statements (statement.md), status snapshots (status.md) and checkpoints (checkpoint.md), each written
from its page alone, on Debian's python3-cbor2, python3-cryptography and python3-nacl; nothing of ours runs. Later pages
add members and rules to SNAPSHOT.
"""
import re
from collections import namedtuple
from types import SimpleNamespace

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils
from nacl.bindings import crypto_core_ed25519_is_valid_point as is_of_prime_order

from shapes import COUNT, DIGEST, OPTIONAL, ORIGIN, RULES, fit, in_base64, maybe, need, octets, sha256, text


def read_cbor(shape, data, most=65536):
    """statement.md §1.2: what the library writes back as the same bytes. It sorts shorter keys first: for our labels
    that is the same order. No shape is deeper or larger than the limits."""
    value = need(len(data) <= most) or cbor2.loads(data)
    return need(cbor2.dumps(value, canonical=True) == data) or fit(shape, value)


# --- Keys: statement.md §3 and §4 ---
SPKI = re.compile("3056301006072a8648ce3d020106052b8104000a034200(?P<ES256K>04.{128})|"
                  "3059301306072a8648ce3d020106082a8648ce3d030107034200(?P<ES256>04.{128})|"
                  "302a300506032b6570032100(?P<EdDSA>.{64})|"
                  "3082.{4}300d06092a864886f70d0101010500(?P<PS256>.*)")


def read_spki(der):
    """The library writes the DER that it has read as the same bytes only if it has no slack."""
    found = need(len(der) <= 1024) or SPKI.fullmatch(der.hex())
    public = need(found) or serialization.load_der_public_key(der)
    alg, raw = found.lastgroup, bytes.fromhex(found[found.lastgroup])
    need(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) == der)
    need(alg != "EdDSA" or is_of_prime_order(raw))
    if alg == "PS256":
        n, e = public.public_numbers().n, public.public_numbers().e
        need(2048 <= public.key_size <= 4096 and n % 2 and e % 2 and 65537 <= e < 2**32)
        raw = n.to_bytes((public.key_size + 7) // 8, "big")
    return SimpleNamespace(alg=alg, raw=raw, public=public, kid=sha256(der))


# --- Signatures: statement.md §3. The library refuses r, s and S out of range, and R ‖ S of another length ---
ORDERS = {"ES256K": 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
          "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551}


def check_signature(key, alg, signature, message):
    need(alg == key.alg)
    if alg == "EdDSA":  # OpenSSL compares R byte for byte: it is of small order only if neutral
        need(is_of_prime_order(key.raw) and signature[:32] != b"\1" + bytes(31))
        ed25519.Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
    elif alg == "PS256":
        need(len(signature) == len(key.raw))  # the library takes one without its leading zeros
        key.public.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        need(s <= ORDERS[alg] // 2)
        key.public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


# --- Signed objects and statements: statement.md §1, §2, §6 ---
ALGORITHMS = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
MEDIA_TYPE = text("{0}/{0}".format(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*"), 127)
SEAL_MAP = {2: octets(16, 16), 4: (range(3), maybe(COUNT), range(3)), 5: range(4),
            OPTIONAL: {1: octets(64, 64), 3: (range(1, 4), DIGEST), 6: DIGEST}}
STATEMENT = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 2: text(r"[^\x00-\x1f\x7f]+"), 6: COUNT},
             16: {"application/fieldseal-statement+cose"}, 258: {-16}, 259: MEDIA_TYPE,
             -65701: SEAL_MAP, OPTIONAL: {34: ({-16}, DIGEST)}}


def read_signed(header, payload, data):
    """A COSE_Sign1 with that shape of its protected header, and with what reads its payload."""
    need(data[:1] == b"\xd2" and len(data) <= 65536)
    protected, _, content, signature = read_cbor((bytes, {}, bytes, octets(64, 512)), data[1:])
    fields = read_cbor(header, protected, 4096)
    need(len(signature) >= 256 if fields[1] == -37 else len(signature) == 64)
    signed = ALGORITHMS[fields[1]], signature, cbor2.dumps(["Signature1", protected, b"", content])
    return SimpleNamespace(kid=fields[4], origin=fields[15][1], x5t=fields.get(34), seal=fields.get(-65701),
                           payload=payload(content), entry=sha256(data), signed=signed)


def read_statement(data):
    return read_signed(STATEMENT, DIGEST, data)


# --- Status snapshots: status.md §1 and §2 ---
PRE_ACTIVE, ACTIVE, SUSPENDED, RETIRED, COMPROMISED, DESTROYED = STATES = range(6)
FINAL = {RETIRED: "seal-retired", COMPROMISED: "seal-compromised", DESTROYED: "seal-retired"}  # and why not after it
LATER = STATES, STATES[1:], STATES[1:], STATES[3:], {COMPROMISED}, STATES[4:]  # what each may become, in any steps
HEADER = {1: {*ALGORITHMS}, 4: DIGEST, 15: {1: ORIGIN, 6: COUNT}, 16: {"application/fieldseal-status+cose"}}
SNAPSHOT = {1: ORIGIN, 2: COUNT, 3: maybe(DIGEST), 4: COUNT, 5: [(DIGEST, STATES, COUNT, maybe(COUNT, -1)), 1024],
            OPTIONAL: {6: (ORIGIN, DIGEST)}, RULES: []}
Row = namedtuple("Row", "state since invalid_from")  # -1 is "from the beginning"


def read_status(data):
    status = read_signed(HEADER, lambda content: read_cbor(SNAPSHOT, content), data)
    origin, status.seq, status.before, status.size, seals = map(status.payload.get, range(1, 6))
    status.rows = {kid: Row(*row) for kid, *row in seals}
    need(origin == status.origin and [kid for kid, *_ in seals] == sorted(status.rows))
    need(status.seq > 0 and not status.payload[6] if status.before else status.seq == 0)
    for row in status.rows.values():
        need(row.since <= status.size and (row.invalid_from == -1 or row.state == COMPROMISED))
    return status


# --- Verifier keys, signed notes and cosignatures: checkpoint.md ---
LOG_KEY, WITNESS_KEY = 1, 4  # types of keys and of what they sign
NAME = r"[^+\s\x00-\x1f\x7f]+"
LINE = f"\u2014 ({NAME}) ([^\\s]+)\n"
NOTE = re.compile(rf"(([\x21-\x2a\x2c-\x7e]{{1,255}})\n(0|[1-9][0-9]{{0,18}})\n([^\n]{{44}})\n)\n((?:{LINE}){{1,64}})")


def read_vkey(value):
    """§2"""
    name, digits, rest = fit(str, value).split("+", 2)
    key = in_base64(octets(1, 65536))(rest)
    need(key[0] in (LOG_KEY, WITNESS_KEY), "trust-unsupported")  # trust.md §2 rule 3
    key_id = sha256(text(NAME)(name).encode() + b"\n" + key)[:4]
    need(len(key) == 33 and digits == key_id.hex())
    return SimpleNamespace(alg="EdDSA", raw=key[1:], type=key[0], name=name, by=(name, key_id))


def read_note(note):
    """§1 and §3. Each line has a signer (a name and a key ID) and a blob."""
    three_lines, origin, size, root, lines, *_ = NOTE.fullmatch(note).groups()
    need(len(note.encode()) <= 65536 and int(size) < 2**63)
    lines = [(name, in_base64(octets(5, 65536))(data)) for name, data in re.findall(LINE, lines)]
    return SimpleNamespace(text=three_lines.encode(), origin=origin, size=int(size), root=in_base64(DIGEST)(root),
                           signers=[(name, blob[:4]) for name, blob in lines], blobs=[blob for _, blob in lines])


def cosigned_at(blob):
    """§4: the time in a cosignature's blob."""
    at = int.from_bytes(blob[4:12], "big")
    return need(len(blob) == 76 and 1 <= at < 2**63) or at


def opened(note, key):
    """§5: the one line by this key verifies. The time of a witness's."""
    [blob] = [blob for signer, blob in zip(note.signers, note.blobs) if signer == key.by]
    if key.type == LOG_KEY:
        return check_signature(key, "EdDSA", blob[4:], note.text)
    at = cosigned_at(blob)
    return check_signature(key, "EdDSA", blob[12:], b"cosignature/v1\ntime %d\n" % at + note.text) or at


# --- Inclusion: log.md §2 and §3 ---
def root_from(index, size, path, leaf):
    """The last hash of the path is the root of the half without the entry."""
    if size == 1:
        return need(index == 0 and not path) or leaf
    left = need(index < size and path) or 2**((size - 1).bit_length() - 1)
    if index < left:
        return sha256(b"\1" + root_from(index, left, path[:-1], leaf) + path[-1])
    return sha256(b"\1" + path[-1] + root_from(index - left, size - left, path[:-1], leaf))
