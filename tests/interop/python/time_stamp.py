# SPDX-License-Identifier: Apache-2.0
"""Time-stamp tokens, written from docs/formats/anchor-rfc3161.md alone ("§" is a section of it) on
Debian's python3-cryptography, which reads certificates and verifies signatures; the DER of tokens is
read here, and nothing of ours runs.
"""
import calendar
import datetime
import hashlib
import re
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from statement import need, outcome

# --- Strict DER: §2 ---
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
                content[0] == 0 and content[1] < 0x80 or content[0] == 0xff and content[1] >= 0x80)))
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

# --- Algorithms: §5 ---
DIGESTS = {"2.16.840.1.101.3.4.2.1": hashes.SHA256, "2.16.840.1.101.3.4.2.2": hashes.SHA384,
           "2.16.840.1.101.3.4.2.3": hashes.SHA512}
RSA = {"1.2.840.113549.1.1.11": hashes.SHA256, "1.2.840.113549.1.1.12": hashes.SHA384,
       "1.2.840.113549.1.1.13": hashes.SHA512}
ECDSA = {"1.2.840.10045.4.3.2": hashes.SHA256, "1.2.840.10045.4.3.3": hashes.SHA384,
         "1.2.840.10045.4.3.4": hashes.SHA512}
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING, SIGNING_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
RETIRED = {"unspecified", "affiliationChanged", "superseded", "cessationOfOperation"}

def may_vouch(key):
    if isinstance(key, rsa.RSAPublicKey):
        return 2048 <= key.key_size <= 8192
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1")

def check(key, digest, signature, message):
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), digest())
    else:
        key.verify(signature, message, ec.ECDSA(digest()))

# --- The token: §4 ---
def read_time(text):
    found = re.fullmatch(rb"(\d{14})(?:\.(\d{0,8}[1-9]))?Z", text)
    at = need(found) or datetime.datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S")
    seconds = calendar.timegm(at.timetuple())
    return need(seconds >= 0) or (seconds, int((found[2] or b"").ljust(9, b"0") or 0))

def read_accuracy(content):
    if content is None:
        return None
    items = Items(content)
    parts = [number(items.maybe(tag) or b"\0") for tag in (INTEGER, 0x80, 0x81)]
    items.end()
    need(min(parts) >= 0 and max(parts[1:]) <= 999)
    return parts[0] * 10**9 + parts[1] * 10**6 + parts[2] * 10**3

def read_info(data):
    info = Items(Items(strict(data)).take(SEQUENCE))
    need(number(info.take(INTEGER)) == 1)
    found = SimpleNamespace(policy=oid(info.take(OID)), imprint=None)
    need(len(found.policy) <= 128)
    imprint = Items(info.take(SEQUENCE))
    algorithm, digest = Items(imprint.take(SEQUENCE)), imprint.take(OCTETS)
    if DIGESTS.get(oid(algorithm.take(OID))) is hashes.SHA256:
        need(algorithm.rest in (b"", b"\5\0") and len(digest) == 32)
        found.imprint = digest
    info.take(INTEGER)
    found.seconds, found.nano = read_time(info.take(TIME))
    found.accuracy = read_accuracy(info.maybe(SEQUENCE))
    info.maybe(0x01)
    nonce = info.maybe(INTEGER)
    need(nonce is None or number(nonce) >= 0 and len(nonce) <= 65)
    info.maybe(0xa0)
    for extension in every(info.maybe(0xa1) or b""):
        parts = Items(Items(extension).take(SEQUENCE))
        parts.take(OID)
        need(parts.maybe(0x01) in (None, b"\0"))
    return info.end() or found

def read_attributes(content):
    """{oid: [values]}; one that stands there twice has None."""
    found = {}
    for attribute in every(content):
        parts = Items(Items(attribute).take(SEQUENCE))
        name = oid(parts.take(OID))
        values = [*every(parts.take(SET))]
        found[name] = None if name in found or len(values) != 1 else values[0]
    return found

def read_token(data):
    need(len(data) <= 32768)
    outer = Items(Items(strict(data)).take(SEQUENCE))
    need(oid(outer.take(OID)) == SIGNED_DATA)
    signed = Items(Items(outer.take(0xa0)).take(SEQUENCE))
    signed.take(INTEGER)
    signed.take(SET)
    content = Items(signed.take(SEQUENCE))
    need(oid(content.take(OID)) == TST_INFO)
    data = Items(content.take(0xa0)).take(OCTETS)
    certificates = [*every(signed.maybe(0xa0) or b"")]
    signed.maybe(0xa1)
    [signer] = [*every(signed.take(SET))]
    signed.end()
    need(len(certificates) <= 16)
    token = SimpleNamespace(info=read_info(data), data=data,
                            certificates=[read_certificate(each) for each in certificates])
    parts = Items(Items(signer).take(SEQUENCE))
    parts.take(INTEGER)
    name = Items(parts.take(SEQUENCE))  # issuer and serial number
    token.issuer, token.serial = name.raw(), number(name.take(INTEGER))
    token.digest = oid(Items(parts.take(SEQUENCE)).take(OID))
    attributes = parts.maybe(0xa0) or b""
    token.attributes = read_attributes(attributes)
    token.algorithm = oid(Items(parts.take(SEQUENCE)).take(OID))
    token.signature = parts.take(OCTETS)
    size = len(attributes)
    length = bytes([size]) if size < 0x80 else (
        lambda octets: bytes([0x80 | len(octets)]) + octets)(size.to_bytes((size.bit_length() + 7) // 8, "big"))
    token.signed = bytes([SET]) + length + attributes
    kind, digest = (token.attributes.get(name) for name in (CONTENT_TYPE, MESSAGE_DIGEST))
    need(kind and digest and oid(Items(kind).take(OID)) == TST_INFO)
    token.message_digest = Items(digest).take(OCTETS)
    return token

# --- Certificates: §5 ---
def read_certificate(der):
    need(len(der) <= 16384)
    certificate = x509.load_der_x509_certificate(strict(der))
    subject, issuer = (name.public_bytes() for name in (certificate.subject, certificate.issuer))
    raw = SimpleNamespace(der=der, x509=certificate, subject=subject, issuer=issuer)
    raw.key = outcome("bad", certificate.public_key)[1]
    return raw

def is_authority(certificate):
    constraints = certificate.x509.extensions
    try:
        basic = constraints.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    try:
        return basic and constraints.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return basic

def signed_by(certificate, issuer):
    algorithm = certificate.x509.signature_hash_algorithm
    return not outcome("bad", check, issuer.key, type(algorithm), certificate.x509.signature,
                       certificate.x509.tbs_certificate_bytes)[0]

def path_to(leaf, others, roots):
    """By names alone, the shortest way to a root."""
    ways = [[leaf]]
    for _ in range(8):
        for way in ways:
            if any(way[-1].der == root.der for root in roots):
                return way
        ways = [way + [issuer] for way in ways for issuer in roots + others
                if issuer.subject == way[-1].issuer and issuer.der not in [one.der for one in way]]
    return None

def seconds(at):
    return calendar.timegm(at.timetuple())

def path_reason(path, at):
    if path is None:
        return "tsa-unknown"
    above = [*zip(path, path[1:])]
    if not all(is_authority(one) for one in path[1:]) or not all(
            one.key and issuer.key and signed_by(one, issuer) for one, issuer in above):
        return "tsa-chain-invalid"
    if not all(seconds(one.x509.not_valid_before) <= at < seconds(one.x509.not_valid_after)
               for one in path):
        return "tsa-certificate-expired"
    named = [one.x509.signature_algorithm_oid.dotted_string in {**RSA, **ECDSA} for one, _ in above]
    return None if all(named) and all(may_vouch(one.key) for one in path) else "tsa-algorithm-refused"

def usage_is_good(certificate):
    try:
        usage = certificate.x509.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return usage.critical and [one.dotted_string for one in usage.value] == [TIME_STAMPING]

def names_path(token, path):
    """§3 rule 9."""
    found = [name for name in (SIGNING, SIGNING_V2) if name in token.attributes]
    for name in found:
        need(token.attributes[name])
        certificates = Items(Items(token.attributes[name]).take(SEQUENCE)).take(SEQUENCE)
        for place, one in enumerate(every(certificates)):
            parts, digest = Items(Items(one).take(SEQUENCE)), hashlib.sha1
            if name == SIGNING_V2:
                algorithm = parts.maybe(SEQUENCE)
                chosen = DIGESTS[oid(Items(algorithm).take(OID))] if algorithm else hashes.SHA256
                digest = getattr(hashlib, chosen.name)
            wanted = parts.take(OCTETS)
            have = [digest(certificate.der).digest() for certificate in path]
            need(wanted == have[0] if place == 0 else wanted in have)
    return need(found)

def revoked(crls, path, at):
    for crl in crls:
        issuers = [(one, issuer) for one, issuer in zip(path, path[1:])
                   if crl.issuer.public_bytes() == issuer.subject and crl.is_signature_valid(issuer.key)]
        need(issuers)
        for one, _ in issuers:
            entry = crl.get_revoked_certificate_by_serial_number(one.x509.serial_number)
            if entry is None:
                continue
            reasons = {extension.value.reason.value for extension in entry.extensions
                       if isinstance(extension.value, x509.CRLReason)}
            if not reasons & RETIRED or at >= seconds(entry.revocation_date):
                return True
    return False

# --- The checks in their order: §3 ---
def judge(tsas, data, imprint=None, certificates=(), crls=()):
    """(reason or None, not before, not after, operator)"""
    why, found = outcome("anchor-malformed", lambda: (
        read_token(data), [*map(read_certificate, certificates)],
        [x509.load_der_x509_crl(strict(crl)) for crl in crls]))
    if why:
        return why, None, None, None
    why, bounds, operator = check_token(tsas, *found, imprint)
    return why, *(bounds or (None, None)), operator

def check_token(tsas, token, beside, crls, imprint):
    info, others = token.info, token.certificates + beside
    if imprint is not None and info.imprint != imprint:
        return "tsa-imprint-mismatch", None, None
    signer = next((one for one in others if one.issuer == token.issuer
                   and one.x509.serial_number == token.serial), None)
    if not signer:
        return "tsa-certificate-missing", None, None
    digest = DIGESTS.get(token.digest)
    table = RSA if isinstance(signer.key, rsa.RSAPublicKey) else ECDSA
    named = digest if token.algorithm == RSA_ENCRYPTION and table is RSA else table.get(token.algorithm)
    if not digest or named is not digest or not may_vouch(signer.key):
        return "tsa-algorithm-refused", None, None
    if outcome("bad", check, signer.key, digest, token.signature, token.signed)[0] or (
            getattr(hashlib, digest.name)(token.data).digest() != token.message_digest):
        return "tsa-signature-invalid", None, None
    if not usage_is_good(signer):
        return "tsa-usage-mismatch", None, None
    ranked = []
    for tsa in tsas:
        roots = [root for root in (outcome("bad", read_certificate, one)[1] for one in tsa.roots) if root]
        path = path_to(signer, others, roots)
        why = path_reason(path, info.seconds)
        if not why and tsa.policies and info.policy not in tsa.policies:
            why = "tsa-policy-not-allowed"
        if not why:
            return judge_rest(tsa, token, path, crls)
        ranked.append(why)
    better = [why for why in ranked if why != "tsa-unknown"]
    nearest = "tsa-policy-not-allowed" if "tsa-policy-not-allowed" in better else (better + ["tsa-unknown"])[0]
    return nearest, None, None

def judge_rest(tsa, token, path, crls):
    if outcome("bad", names_path, token, path)[0]:
        return "tsa-signer-mismatch", None, None
    why, is_revoked = outcome("anchor-malformed", revoked, crls, path, token.info.seconds)
    if why or is_revoked:
        return why or "tsa-certificate-revoked", None, None
    sure = token.info.accuracy
    if sure is None:
        sure = tsa.accuracy_default_s * 10**9 or None
    if sure is None or sure > 86400 * 10**9:
        return "tsa-accuracy-unknown", None, None
    at = token.info.seconds * 10**9 + token.info.nano
    operator = tsa.operator or "tsa " + hashlib.sha256(path[-1].der).hexdigest()[:16]
    return None, (max((at - sure) // 10**9, 0), -(-(at + sure) // 10**9)), operator
