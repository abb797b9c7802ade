# SPDX-License-Identifier: Apache-2.0
"""A verifier (and maker) of statements written from docs/formats/statement.md alone, on Debian's
python3-cbor2 and python3-cryptography: nothing of ours runs here."""
import hashlib
import re

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

STATEMENT_TYPE = "application/fieldseal-statement+cose"
SEAL_LABEL = -65701
INTEGER_MAX = 2**53 - 1
NAMES = {-47: "ES256K", -7: "ES256", -8: "EdDSA", -37: "PS256"}
ORDERS = {
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
}
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")


class Refused(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Refused(reason)


def strict_cbor(data):
    """Decodes, and demands that the bytes are the deterministic encoding of what they say."""
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value, canonical=True)
    except Exception as error:  # cbor2 raises whatever its hooks raise
        raise Refused(f"CBOR: {error}") from error
    need(again == data, "not deterministic CBOR")
    return value


def is_int(value, low, high):
    return type(value) is int and low <= value <= high


def is_bytes(value, size):
    return type(value) is bytes and len(value) == size


def check_seal_map(seal):
    need(type(seal) is dict and set(seal) <= {1, 2, 3, 4, 5, 6}, "seal map labels")
    need({2, 4, 5} <= set(seal), "seal map incomplete")
    need(1 not in seal or is_bytes(seal[1], 64), "SHA-512")
    need(is_bytes(seal[2], 16), "nonce")
    if 3 in seal:
        need(type(seal[3]) is list and len(seal[3]) == 2, "floor")
        need(is_int(seal[3][0], 1, 3) and is_bytes(seal[3][1], 32), "floor")
    need(type(seal[4]) is list and len(seal[4]) == 3, "clock")
    source, age, trust = seal[4]
    need(is_int(source, 0, 2) and is_int(trust, 0, 2), "clock")
    need(age is None or is_int(age, 0, INTEGER_MAX), "clock age")
    need(is_int(seal[5], 0, 3), "custody")
    need(6 not in seal or is_bytes(seal[6], 32), "approvals")


def check_claims(claims):
    need(type(claims) is dict and set(claims) == {1, 2, 6}, "CWT claims")
    issuer, subject = claims[1], claims[2]
    need(type(issuer) is str and re.fullmatch(r"[!-*,-~]{1,255}", issuer), "issuer")
    need(type(subject) is str and 1 <= len(subject.encode()) <= 255, "subject")
    need(not re.search(r"[\x00-\x1f\x7f]", subject), "subject")
    need(is_int(claims[6], 0, INTEGER_MAX), "issued-at")


def parse(data):
    """Returns (header, protected bytes, payload, signature) of a well-formed statement."""
    need(len(data) <= 65536 and data[:1] == b"\xd2", "tag 18")
    fields = strict_cbor(data[1:])
    need(type(fields) is list and len(fields) == 4, "array of four")
    protected, unprotected, payload, signature = fields
    need(type(protected) is bytes and unprotected == {} and type(unprotected) is dict, "headers")
    need(is_bytes(payload, 32) and type(signature) is bytes, "payload or signature")
    header = strict_cbor(protected)
    need(type(header) is dict, "header map")
    need(header.get(16) == STATEMENT_TYPE, "typ")
    required = {1, 4, 15, 16, 258, 259, SEAL_LABEL}
    need(required <= set(header) <= required | {34}, "labels")
    need(type(header[1]) is int and header[1] in NAMES, "alg")
    need(is_bytes(header[4], 32), "kid")
    check_claims(header[15])
    if 34 in header:
        x5t = header[34]
        need(type(x5t) is list and len(x5t) == 2 and x5t[0] == -16 and is_bytes(x5t[1], 32), "x5t")
    need(header[258] == -16 and type(header[258]) is int, "payload hash algorithm")
    media_type = header[259]
    need(type(media_type) is str and len(media_type) <= 127, "media type")
    need(MEDIA_TYPE.fullmatch(media_type), "media type")
    check_seal_map(header[SEAL_LABEL])
    return header, protected, payload, signature


def sig_structure(protected, payload):
    return cbor2.dumps(["Signature1", protected, b"", payload])


def check_ecdsa(key, message, signature):
    need(len(signature) == 64, "signature length")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    need(s <= ORDERS[key.curve.name] // 2, "high-S")
    key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def check_signature(key, alg, message, signature):
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            need(alg == {"secp256k1": -47, "secp256r1": -7}.get(key.curve.name), "alg and curve")
            check_ecdsa(key, message, signature)
        elif isinstance(key, ed25519.Ed25519PublicKey):
            need(alg == -8 and len(signature) == 64, "alg and key")
            key.verify(signature, message)
        elif isinstance(key, rsa.RSAPublicKey):
            need(alg == -37, "alg and key")
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            key.verify(signature, message, pss, hashes.SHA256())
        else:
            raise Refused("key type")
    except InvalidSignature as error:
        raise Refused("signature") from error


def verify(spki, data):
    """The statement's id, or Refused."""
    header, protected, payload, signature = parse(data)
    need(header[4] == hashlib.sha256(spki).digest(), "kid")
    key = serialization.load_der_public_key(spki)
    check_signature(key, header[1], sig_structure(protected, payload), signature)
    return hashlib.sha256(data).hexdigest()


def low_s(key, message):
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    order = ORDERS[key.curve.name]
    return r.to_bytes(32, "big") + min(s, order - s).to_bytes(32, "big")


def sign(key, message):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return low_s(key, message)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def make(key, alg, document, changes=None):
    """(SPKI, statement) with the header's entries replaced, or removed where None."""
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {
        1: alg,
        4: hashlib.sha256(spki).digest(),
        15: {1: "example.org/python/1", 2: "référence", 6: 1795444200},
        16: STATEMENT_TYPE,
        258: -16,
        259: "text/plain",
        SEAL_LABEL: {2: bytes(16), 4: [0, None, 0], 5: 0},
    }
    header.update(changes or {})
    header = {label: value for label, value in header.items() if value is not None}
    protected = cbor2.dumps(header, canonical=True)
    payload = hashlib.sha256(document).digest()
    signature = sign(key, sig_structure(protected, payload))
    return spki, b"\xd2" + cbor2.dumps([protected, {}, payload, signature])
