# SPDX-License-Identifier: Apache-2.0
"""Seals known by certificates, from verdicts.md §3.2 rule 4 and §3.5 ("§" is a section of it), over
Debian's python3-cryptography.

Paths are searched here: an issuer is whoever is named so and whose signature verifies. Adds seals
with the member "ca" to trust files, and what evidence's "certificates" and "crls" mean.
"""
import calendar
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from chains import either
from files import NAME, SEAL, TRUST
from shapes import OPTIONAL, ORIGIN, RULES, in_base64, need, outcome, sha256, text
from signed import read_spki
from verdict import NEVER

PATH_MAX = 8
CURVES = "secp256r1", "secp384r1"


def seconds(when):
    return calendar.timegm(when.utctimetuple())


def extension(certificate, oid):
    found = [one.value for one in certificate.extensions if one.oid == oid]
    return found[0] if found else None


def read_certificate(der):
    certificate = need(len(der) <= 16384) or x509.load_der_x509_certificate(der)
    need(certificate.public_bytes(Encoding.DER) == der)
    basic = extension(certificate, ExtensionOID.BASIC_CONSTRAINTS)
    return SimpleNamespace(der=der, x509=certificate, ca=bool(basic and basic.ca),
                           begins=seconds(certificate.not_valid_before),
                           ends=seconds(certificate.not_valid_after))


def key_of(certificate):
    public = certificate.x509.public_key()
    return read_spki(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def may_vouch(key):
    if isinstance(key, rsa.RSAPublicKey):
        return 2048 <= key.key_size <= 8192
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES


def is_signed(thing, content, issuer):
    """By the issuer's key, with an algorithm that may vouch (thing: a certificate or a list)."""
    key, digest = issuer.x509.public_key(), thing.signature_hash_algorithm
    if thing.issuer != issuer.x509.subject or not may_vouch(key) or digest is None:
        return False
    if digest.name not in ("sha256", "sha384", "sha512"):
        return False
    how = [padding.PKCS1v15(), digest] if isinstance(key, rsa.RSAPublicKey) else [ec.ECDSA(digest)]
    return outcome("bad", key.verify, thing.signature, content, *how)[0] is None


def paths(path, others, roots):
    if any(path[-1].der == root.der for root in roots):
        yield path
    if len(path) == PATH_MAX:
        return
    last = path[-1].x509
    for issuer in roots + others:
        fresh = all(issuer.der != one.der for one in path)
        if fresh and issuer.ca and is_signed(last, last.tbs_certificate_bytes, issuer):
            yield from paths(path + [issuer], others, roots)


def valid_at(path, at):
    return all(one.begins <= at < one.ends for one in path)


def unfit(leaf, authority):
    """§3.5 rule 2."""
    usage = extension(leaf.x509, ExtensionOID.KEY_USAGE)
    purposes = extension(leaf.x509, ExtensionOID.EXTENDED_KEY_USAGE) or []
    policies = extension(leaf.x509, ExtensionOID.CERTIFICATE_POLICIES) or []
    asked = [(authority.purposes, {one.dotted_string for one in purposes}),
             (authority.policies, {one.policy_identifier.dotted_string for one in policies})]
    return leaf.ca or (usage and not (usage.digital_signature or usage.content_commitment)) or any(
        wanted and not {*wanted} & has for wanted, has in asked)


def lists_of(ders, path):
    """(place in the path, list) for each list that the issuer of the certificate there signed."""
    for der in ders:
        crl = outcome("bad", x509.load_der_x509_crl, der)[1]
        for place, issuer in enumerate(path[1:]):
            if crl is not None and is_signed(crl, crl.tbs_certlist_bytes, issuer):
                yield place, crl


def revocation(ders, path, authority, before, after):
    """§3.5 rules 5 and 6."""
    known, revoked = [None] * (len(path) - 1), []
    for place, crl in lists_of(ders, path):
        known[place] = max(known[place] or 0, seconds(crl.last_update))
        entry = crl.get_revoked_certificate_by_serial_number(path[place].x509.serial_number)
        if entry is not None:
            revoked.append(seconds(entry.revocation_date))
    if revoked and min(revoked) <= after:
        unsure = before is None or min(revoked) >= before
        return "?certificate-window" if unsure else "certificate-revoked"
    fresh = known and all(at is not None and at >= after for at in known)
    if authority.revocation != "none" and not fresh:
        return "?certificate-status-unknown"
    return None


def opinion(chain, crls, authority, before, after):
    """§3.5 rules 1 to 7. None is a time that is not known."""
    leaf = chain[0]
    found = [*paths([leaf], chain[1:], authority.ca)]
    if not found:
        return "?seal-unknown"
    if unfit(leaf, authority):
        return "certificate-purpose"
    if after is None:
        return "?certificate-time-unproven"
    good = [path for path in found if valid_at(path, after)]
    if good:
        return revocation(crls, good[0], authority, before, after)
    was_valid = before is None or any(valid_at(path, before) for path in found)
    if leaf.begins > after or not was_valid:
        return "certificate-out-of-time"
    return "?certificate-window"


def standing(chain, crls, authorities, origin, before, after):
    """§3.5: the best of all entries."""
    reasons = []
    for authority in authorities:
        reason = opinion(chain, crls, authority, before, after)
        allowed = origin in authority.origins and authority.iss in (None, origin)
        reasons.append(reason if allowed or reason == "?seal-unknown" else "seal-not-authorised")
    order = [lambda one: one is None, lambda one: one == "?certificate-time-unproven",
             lambda one: one and one[0] == "?" and one != "?seal-unknown",
             lambda one: one and one[0] != "?", lambda one: True]
    return next((reason for test in order for reason in reasons if test(reason)), "?seal-unknown")


def belonging(evidence, statement):
    """§3.2 rule 4: the reason, the certificates, the key."""
    if not evidence.certificates and not evidence.crls:
        return None, [], None
    if not evidence.certificates or statement.x5t is None:
        return "certificate-unreferenced", [], None
    if sha256(evidence.certificates[0]) != statement.x5t[1]:
        return "certificate-mismatch", [], None
    why, chain = outcome(
        "certificate-malformed", lambda: [*map(read_certificate, evidence.certificates)])
    why, key = (why, None) if why else outcome("certificate-malformed", key_of, chain[0])
    if not why and key.kid != statement.kid:
        why = "certificate-mismatch"
    return why, [] if why else chain, None if why else key


# --- Where they stand: trust.md §1, verdicts.md §3 ---
OID = text("[0-9.]+")
AUTHORITY = {"ca": [in_base64(read_certificate), 8], "origins": [ORIGIN, 64], OPTIONAL: {
    "iss": ORIGIN, "subject": NAME, "purposes": [OID, 16], "policies": [OID, 16],
    "revocation": {"required", "none"}}}


def part(trust):
    """Authorities are listed among the seals."""
    trust.authorities = [seal for seal in trust.seals if hasattr(seal, "ca")]
    trust.seals = [seal for seal in trust.seals if not hasattr(seal, "ca")]
    need(all(authority.ca for authority in trust.authorities))


class WithCertificates:
    """Beside verdict.Case: a seal that is not pinned may be known by its certificate."""
    chain, own_key = [], None

    def forms(self):
        yield from super().forms()
        why, self.chain, self.own_key = belonging(self.evidence, self.statement)
        yield why

    def seal(self):
        key, reasons = super().seal()
        if key or not self.own_key or not self.trust.authorities:
            return key, reasons
        return self.own_key, self.reasons_of_authorities()

    def reasons_of_authorities(self):
        timed = not self.inclusion and self.not_after != NEVER
        yield standing(self.chain, self.evidence.crls, self.trust.authorities, self.origin,
                       None if self.not_before == -NEVER else self.not_before,
                       self.not_after if timed else None)


def add():
    TRUST["seals"][0] = either("ca", AUTHORITY, SEAL)
    TRUST[RULES].append(part)
