# SPDX-License-Identifier: Apache-2.0
"""The verdict, from verdicts.md; "§" is a section of it.

Each step yields its reasons in their order; what is false is none, and "?" marks one that misses. Later pages extend
Case: forms(), seal(), vouchers() and read_floor() are where they add theirs.
"""
from collections import Counter, namedtuple
from types import SimpleNamespace

from files import nested, read_evidence, read_trust
from shapes import COUNT_MAX, need, outcome, sha256
from signed import (COMPROMISED, FINAL, LATER, PRE_ACTIVE, SUSPENDED, check_signature, cosigned_at, opened, read_note,
                    read_status, root_from)

NEVER = float("inf")  # an upper bound that is not known
PENDING = {"?certificate-time-unproven", "?anchor-policy-unmet"}
NO_PROOF = SimpleNamespace(reason="?proof-missing")
NO_LOG = SimpleNamespace(status=[], operator=None)
Voucher = namedtuple("Voucher", "upper lower operator")  # bounds of a time, and whose word they are


def fails(reason):
    return bool(reason) and reason[0] != "?"


def first(reasons):
    """§2: the first that fails, after which nothing is asked; or that misses; or that pends."""
    missed = []
    for reason in filter(None, reasons):
        if fails(reason):
            return reason
        missed.append(reason)
    return min(missed, key=PENDING.__contains__, default=None)


def best(proofs):
    """§4.3 rules 2 to 5: one that proves, else one that stands, else the first."""
    return min(proofs, key=lambda one: bool(one.reason) + fails(one.reason), default=NO_PROOF)


class Case:
    """One statement, before one trust file."""

    def __init__(self, trust, evidence, now):
        self.trust, self.evidence, self.statement = trust, evidence, evidence.statement
        self.proofs, self.origin = evidence.proofs, evidence.statement.origin
        self.now, self.not_before = NEVER if now is None else now, -NEVER
        self.logs = {log.origin: log for log in trust.logs}
        self.log = self.logs.get(self.origin, NO_LOG)
        self.snapshots = evidence.status + self.log.status
        self.forked = self.equivocations()
        self.judge(self.proofs, self.statement.entry)
        self.inclusion = "log-equivocation" if self.origin in dict(self.forked) else best(self.proofs).reason  # §4.3
        self.met, self.not_after = self.vouched(self.proofs)

    def equivocations(self):
        """§4.2: (origin, size) of which there are two roots. Each note learns of its log."""
        proofs = nested(sum((item.proofs for item in self.snapshots), self.proofs))
        notes = [proof.checkpoint for proof in proofs if proof.checkpoint]
        for note in notes:
            note.log = self.logs.get(note.origin)
            note.signed = note.log and not outcome("bad", opened, note, note.log.vkey)[0]
        trees = {(log.origin, log.closed.size, log.closed.root) for log in self.trust.logs if log.closed}
        trees |= {(note.origin, note.size, note.root) for note in notes if note.signed}
        roots = Counter((origin, size) for origin, size, _ in trees)
        return {place for place in roots if roots[place] > 1}

    def judge(self, proofs, subject, kind="statement"):
        """§4.1: each PROOF of a list. One that fails kills what is inside it."""
        for proof in proofs:
            proof.reason = first(self.against(proof, proof.checkpoint, proofs, subject, kind))
            if fails(proof.reason):
                proof.vouchers = proof.logged = []
            else:
                proof.vouchers = self.vouchers(proof)
                self.judge(proof.logged, sha256(proof.checkpoint.text), "checkpoints")

    def against(self, proof, note, proofs, subject, kind):
        yield not note and "checkpoint-malformed"  # 1
        yield kind == "statement" and note.origin != self.origin and "origin-mismatch"  # 2
        places = {one.index for one in proofs if one.checkpoint and one.checkpoint.origin == note.origin}
        yield len(places) > 1 and "index-conflict"  # 3
        root = outcome("bad", root_from, proof.index, note.size, proof.hashes, sha256(b"\0" + subject))[1]
        yield root != note.root and "inclusion-mismatch"  # 4
        yield "?log-unknown" if not note.log else note.log.kind != kind and "log-kind-mismatch"  # 5
        if note.log and note.log.vkey.by in note.signers:
            yield not note.signed and "checkpoint-signature-invalid"
            yield note.log.closed and note.size > note.log.closed.size and "log-closed"
            yield (note.origin, note.size) in self.forked and "log-equivocation"
        elif note.log:
            yield "?log-key-unknown" if note.origin in dict(note.signers) else "checkpoint-unsigned"
        yield outcome("cosignature-invalid", self.cosigned, note)[0]  # 6

    def cosigned(self, note):
        """§6: by trusted witnesses whose operator is another than the log's. All must verify."""
        times = [(opened(note, one.vkey), one.operator) for one in self.trust.witnesses if one.vkey.by in note.signers]
        return [Voucher(min(at + self.trust.skew_s, COUNT_MAX), max(min(at, COUNT_MAX) - self.trust.skew_s, 0), who)
                for at, who in times if who != self.log.operator]

    def vouchers(self, proof):
        """Who says that a standing PROOF's checkpoint existed at a time."""
        return self.cosigned(proof.checkpoint)

    def vouched(self, proofs, beside=()):
        """§7.1: whether the policy is met, and not-after. A pair is a PROOF of the list, and it or one beside it with
        the same three lines: what the second has, the first has too."""
        pairs = [(one, same) for one in proofs if not fails(one.reason)
                 for same in [one, *beside] if not fails(same.reason) and same.checkpoint.text == one.checkpoint.text]
        proven = [same.checkpoint for one, same in pairs if not one.reason and not same.reason]
        witnesses = {line.operator for note in proven for line in self.cosigned(note) if line.lower <= self.now}
        vouchers = [one for proof in nested(same for _, same in pairs) for one in proof.vouchers]
        bounds = {one.operator: one.upper for one in sorted(vouchers, reverse=True) if one.lower <= self.now}
        policy, ranked = self.trust.policy, sorted(bounds.values()) + [NEVER] * 64
        met = len(witnesses) >= policy.witness_quorum and len(bounds) >= policy.time_quorum
        return met, ranked[max(1, policy.time_quorum) - 1]

    def steps(self, sha_256, sha_512):
        """§2: the mandatory ones."""
        same = self.statement.payload == sha_256 and sha_512 in (None, self.statement.seal[1] or sha_512)
        yield "?document-missing" if sha_256 is None else not same and "document-mismatch"  # §3.1
        yield from self.forms()
        key, standing = self.seal()
        if key:  # §3.3
            yield self.statement.signed[0] != key.alg and "algorithm-mismatch"
            yield outcome("signature-invalid", check_signature, key, *self.statement.signed)[0]
        yield from standing
        yield self.inclusion
        if not self.inclusion:
            yield from self.status(best(self.proofs).index)
            yield self.not_before > min(self.now, self.not_after) and "?time-contradiction"  # §7.2
            late = any(one.lower > self.now for proof in nested(self.proofs) for one in proof.vouchers)
            yield not self.met and ("?time-contradiction" if late else "?anchor-policy-unmet")

    def forms(self):
        """§3.2 rule 3. The floor gives not-before: §6."""
        if self.evidence.floor:
            why, bounds = outcome("floor-unreferenced", self.read_floor, self.evidence.floor)
            yield why
            self.not_before = max(bounds, default=-NEVER)

    def read_floor(self, floor):
        """The lower bounds that it gives, if the statement refers to it."""
        note = read_note(floor.note)
        [blob] = note.blobs
        need(cosigned_at(blob) and self.statement.seal[3] == [1, sha256(blob)])
        return [one.lower for one in outcome("bad", self.cosigned, note)[1] or ()]

    def seal(self):
        """§3.4: its key, and the reasons against it."""
        for seal in self.trust.seals:
            if seal.kid == self.statement.kid.hex():
                allowed = self.origin in seal.origins and seal.iss in (None, self.origin)
                why = "seal-not-authorised" if self.origin in self.logs else "?log-unknown"
                return seal.key, [not allowed and why]
        return None, ["?seal-unknown"]

    def status(self, index):
        """§5, for a statement at this index."""
        authentic, kid = [], self.statement.kid
        reasons = [first(self.against_snapshot(item, authentic)) for item in self.snapshots]
        authentic.sort(key=lambda status: status.seq)
        for older, newer in zip(authentic, authentic[1:]):
            yield from broken_rules(older, newer, kid)
        for row in [one.rows[kid] for one in authentic if kid in one.rows]:
            yield row.since < index and FINAL.get(row.state)
        proven = [one for one in authentic if not one.place.reason and one.size > index]
        if any(not self.met or self.vouched(one.proofs, self.proofs)[0] for one in proven):
            state, since, invalid_from = authentic[-1].rows.get(kid, (None, 0, NEVER))
            yield {None: "?status-seal-unlisted", PRE_ACTIVE: "seal-not-active",
                   SUSPENDED: index > since and "?seal-suspended",
                   COMPROMISED: self.not_after >= invalid_from and "?seal-compromised-window"}.get(state)
        else:
            why = first([one for one in reasons if not fails(one)] or reasons)
            yield why if fails(why) or why == "?status-key-unknown" else "?status-unknown"

    def against_snapshot(self, item, authentic):
        """§5, "Each". It joins the authentic ones."""
        why, status = outcome("status-malformed", read_status, item.statement)
        yield why
        yield status.origin != self.origin and "status-origin-mismatch"
        key = self.log.keys.get(status.kid)
        yield not key and "?status-key-unknown"
        if key:
            yield outcome("status-signature-invalid", check_signature, key, *status.signed)[0]
            self.judge(item.proofs, status.entry)
            status.proofs, status.place = item.proofs, best(item.proofs)
            yield not status.place.reason and status.size > status.place.index and "status-inconsistent"
            authentic.append(status)
            yield status.place.reason


def broken_rules(older, newer, kid):
    """§5, "The story": of two neighbours, by its numbers."""
    was, row = older.rows.get(kid), newer.rows.get(kid)
    if older.seq == newer.seq:
        yield older.entry != newer.entry and "status-equivocation"  # 1
        return
    yield newer.seq == older.seq + 1 and newer.before != older.entry and "status-equivocation"  # 2
    yield newer.size <= older.size and "status-backdated"  # 3
    yield was and (not row or row.state not in LATER[was.state]) and "status-revived"  # 4 to 6
    same = was and row.state == was.state
    yield same and row.invalid_from > was.invalid_from and "status-revived"  # 7
    if row and not (same and row.since == was.since):
        yield same and row.state in FINAL and "status-backdated"  # 8
        yield row.since <= older.size and "status-backdated"  # 9


def verify(sha_256, sha_512, evidence, trust, now, kind=Case):
    """Verdict, reason, not-before, not-after, and the case if there is one."""
    why, trust = outcome("trust-malformed", read_trust, trust)
    if why:
        return "refused", why, None, None, None
    why, evidence = outcome("evidence-malformed", read_evidence, evidence)
    case = None if why else kind(trust, evidence, now)
    reason = first(case.steps(sha_256, sha_512) if case else [sha_256 is None and "?document-missing", why])
    verdict = "invalid" if fails(reason) else "indeterminate" if reason else "valid"
    interval = [case.not_before, case.not_after] if case and not fails(reason) else [NEVER, NEVER]
    return verdict, (reason or "ok").strip("?"), *[None if abs(at) == NEVER else at for at in interval], case


def exit_code(verdict, reason):
    """§8"""
    return 3 if "?" + reason in PENDING else {"valid": 0, "invalid": 1, "indeterminate": 2, "refused": 66}[verdict]
