# SPDX-License-Identifier: Apache-2.0
"""Time-stamp tokens, written from docs/formats/anchor-rfc3161.md alone ("§" is a section of it) on
Debian's python3-cryptography, which reads certificates and verifies signatures; the DER of tokens
is read by der.py, and nothing of ours runs. Adds the member "tsas" of a trust file, anchors of the
type rfc3161 and a kind of floor.
"""
import calendar
import datetime
import hashlib
import re
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from certificates import may_vouch, seconds
from chains import either
from der import INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, Items, every, number, oid, strict
from files import BASE64, DAY, EVIDENCE, NAME, TRUST, nested
from shapes import OPTIONAL, fit, in_base64, need, octets, outcome, sha256
from verdict import Voucher


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


def length_of(content):
    """In DER."""
    size = len(content)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits


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
    token.signed = bytes([SET]) + length_of(attributes) + attributes
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
    raw.key, raw.extensions = outcome("bad", certificate.public_key)[1], certificate.extensions
    return raw


def is_authority(certificate):
    constraints = certificate.extensions
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
    good = all(named) and all(may_vouch(one.key) for one in path)
    return None if good else "tsa-algorithm-refused"


def usage_is_good(certificate):
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
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
        name = crl.issuer.public_bytes()
        issuers = [(one, issuer) for one, issuer in zip(path, path[1:])
                   if name == issuer.subject and crl.is_signature_valid(issuer.key)]
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
    bare = token.algorithm == RSA_ENCRYPTION and table is RSA  # the digest is named beside
    named = digest if bare else table.get(token.algorithm)
    if not digest or named is not digest or not may_vouch(signer.key):
        return "tsa-algorithm-refused", None, None
    if outcome("bad", check, signer.key, digest, token.signature, token.signed)[0] or (
            getattr(hashlib, digest.name)(token.data).digest() != token.message_digest):
        return "tsa-signature-invalid", None, None
    if not usage_is_good(signer):
        return "tsa-usage-mismatch", None, None
    ranked = []
    for tsa in tsas:
        roots = [outcome("bad", read_certificate, root)[1] for root in tsa.roots]
        roots = [root for root in roots if root]
        path = path_to(signer, others, roots)
        why = path_reason(path, info.seconds)
        if not why and tsa.policies and info.policy not in tsa.policies:
            why = "tsa-policy-not-allowed"
        if not why:
            return judge_rest(tsa, token, path, crls)
        ranked.append(why)
    better = [why for why in ranked if why != "tsa-unknown"]
    if "tsa-policy-not-allowed" in better:
        return "tsa-policy-not-allowed", None, None
    return (better + ["tsa-unknown"])[0], None, None


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


# --- Where they stand: §1, §6, trust.md §1, verdicts.md §6 ---
STAMP = {"type": {"rfc3161"}, "token": in_base64(octets(0, 32768)), OPTIONAL: {
    "certificates": [in_base64(octets(0, 16384)), 16], "crls": [in_base64(octets(0, 131072)), 16]}}
TSA = {"roots": [in_base64(octets(0, 16384)), 256], "policies": [NAME, 256],
       "accuracy_default_s": DAY, OPTIONAL: {"operator": NAME}}


def read_stamp(value):
    return need([] not in (value.get("certificates"), value.get("crls"))) or fit(STAMP, value)


class WithTimeStamps:
    """Beside verdict.Case: anchors of type rfc3161, and tokens as floors."""
    floor_reason = None

    def anchor_reasons(self):
        """Of all in the statement's PROOFs, in their order."""
        return [reason for proof in nested(self.proofs)
                for reason in getattr(proof, "anchor_reasons", ())]

    def vouchers(self, proof):
        found, proof.anchor_reasons = super().vouchers(proof), []
        for anchor in proof.anchors:
            if anchor["type"] == "rfc3161":
                why, voucher = self.judge_stamp(anchor, sha256(proof.checkpoint.text))
                late = not why and voucher.lower > self.now and "anchor-in-future"
                proof.anchor_reasons.append(why or late or "ok")
                found += [] if why else [voucher]
        return found

    def judge_stamp(self, anchor, digest):
        why, stamp = outcome("anchor-malformed", read_stamp, anchor)
        if why:
            return why, None
        why, _, bound, operator = judge(
            self.trust.tsas, stamp.token, digest, stamp.certificates, stamp.crls)
        if not why and operator == self.log.operator:
            why = "anchor-same-operator"
        return why, None if why else Voucher(bound, max(bound - self.trust.skew_s, 0), operator)

    def read_floor(self, floor):
        if "token" in vars(floor):
            return need(self.statement.seal[3] == [3, sha256(floor.token)]) or self.bounds_of(floor.token)
        return super().read_floor(floor)

    def bounds_of(self, token):
        why, lower, _, operator = judge(self.trust.tsas, token)
        same = not why and operator == self.log.operator and "anchor-same-operator"
        self.floor_reason = why or same or "ok"
        if self.floor_reason == "ok":
            yield lower


def add():
    TRUST[OPTIONAL]["tsas"] = [TSA, 64]
    EVIDENCE[OPTIONAL]["floor"] = either("token", {"token": BASE64}, EVIDENCE[OPTIONAL]["floor"])
