# SPDX-License-Identifier: Apache-2.0
"""The verdict, from verdicts.md; "§" is a section of it.

Each step yields its reasons in their order; what is false is none, and "?" marks one that misses.
Later pages extend Case: forms(), seal(), vouchers() and read_floor() are where they add theirs.
"""
from collections import namedtuple
from types import SimpleNamespace

from evidence import nested, read_evidence
from note import cosigned_at, opened, read_note, root_from
from shapes import COUNT_MAX, outcome, sha256
from statement import check_signature, read_statement
from status import COMPROMISED, FINAL, PRE_ACTIVE, SUSPENDED, broken_rules, read_status
from trust import read_trust

NEVER = float("inf")  # an upper bound that is not known
PENDING = {"?certificate-time-unproven", "?anchor-policy-unmet"}
EXITS = {"valid": 0, "invalid": 1, "indeterminate": 2, "refused": 66}
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
        self.inclusion = "log-equivocation" if self.origin in dict(self.forked) else (
            best(self.proofs).reason)  # §4.3
        self.met, self.not_after = self.vouched(self.proofs)

    def equivocations(self):
        """§4.2: (origin, size) of which there are two roots. Reads every note."""
        roots = {(log.origin, log.closed.size): {log.closed.root}
                 for log in self.trust.logs if log.closed}
        for proof in nested(sum((item.proofs for item in self.snapshots), self.proofs)):
            note = proof.note = outcome("bad", read_note, proof.checkpoint)[1]
            if note:
                note.log = self.logs.get(note.origin)
                note.signed = note.log and not outcome("bad", opened, note, note.log.vkey)[0]
            if note and note.signed:
                roots.setdefault((note.origin, note.size), set()).add(note.root)
        return {place for place, found in roots.items() if len(found) > 1}

    def judge(self, proofs, subject, kind="statement"):
        """§4.1: each PROOF of a list. One that fails kills what is inside it."""
        for proof in proofs:
            proof.reason = first(self.against(proof, proof.note, proofs, subject, kind))
            if fails(proof.reason):
                proof.vouchers = proof.logged = []
            else:
                proof.vouchers = [*self.vouchers(proof)]
                self.judge(proof.logged, sha256(proof.note.text), "checkpoints")

    def against(self, proof, note, proofs, subject, kind):
        yield not note and "checkpoint-malformed"  # 1
        yield kind == "statement" and note.origin != self.origin and "origin-mismatch"  # 2
        places = {one.index for one in proofs if one.note and one.note.origin == note.origin}
        yield len(places) > 1 and "index-conflict"  # 3
        path = proof.index, note.size, proof.hashes, sha256(b"\0" + subject)
        yield outcome("bad", root_from, *path)[1] != note.root and "inclusion-mismatch"  # 4
        log, signers = note.log, [by for by, _ in note.lines]
        yield not log and "?log-unknown"  # 5
        yield log and log.kind != kind and "log-kind-mismatch"
        if log and log.vkey.by in signers:
            yield not note.signed and "checkpoint-signature-invalid"
            yield log.closed and note.size > log.closed.size and "log-closed"
            yield (note.origin, note.size) in self.forked and "log-equivocation"
        elif log:
            yield "?log-key-unknown" if note.origin in dict(signers) else "checkpoint-unsigned"
        yield outcome("cosignature-invalid", self.cosigned, note)[0]  # 6

    def cosigned(self, note):
        """§6: by trusted witnesses whose operator is another than the log's. All must verify."""
        times = [(opened(note, witness.vkey), witness.operator) for witness in self.trust.witnesses
                 if witness.vkey.by in [by for by, _ in note.lines]]
        skew = self.trust.skew_s
        return [Voucher(min(at + skew, COUNT_MAX), max(min(at, COUNT_MAX) - skew, 0), operator)
                for at, operator in times if operator != self.log.operator]

    def vouchers(self, proof):
        """Who says that a standing PROOF's checkpoint existed at a time."""
        return self.cosigned(proof.note)

    def vouched(self, proofs, beside=()):
        """§7.1: whether the policy is met, and not-after."""
        policy, standing = self.trust.policy, [one for one in proofs if not fails(one.reason)]
        texts = {one.note.text for one in standing}
        proven = {one.note.text for one in standing if not one.reason}
        standing += [one for one in beside if not fails(one.reason) and one.note.text in texts]
        witnesses = {line.operator for one in standing if not one.reason and one.note.text in proven
                     for line in self.cosigned(one.note) if line.lower <= self.now}
        counting = [one for proof in nested(standing) for one in proof.vouchers
                    if one.lower <= self.now]
        bounds = {one.operator: one.upper for one in sorted(counting, reverse=True)}
        met = len(witnesses) >= policy.witness_quorum and len(bounds) >= policy.time_quorum
        ranked = sorted(bounds.values()) + [NEVER] * 64
        return met, ranked[max(1, policy.time_quorum) - 1]

    def steps(self, sha_256, sha_512):
        """§2: the mandatory ones."""
        statement = self.statement
        same = statement.payload == sha_256 and sha_512 in (None, statement.seal[1] or sha_512)
        yield "?document-missing" if sha_256 is None else not same and "document-mismatch"  # §3.1
        yield from self.forms()
        key, standing = self.seal()
        if key:  # §3.3
            yield statement.signed[0] != key.alg and "algorithm-mismatch"
            yield outcome("signature-invalid", check_signature, key, *statement.signed)[0]
        yield from standing
        yield self.inclusion
        if not self.inclusion:
            yield from self.status(best(self.proofs).index)
            yield self.not_before > min(self.now, self.not_after) and "?time-contradiction"  # §7.2
            vouchers = [one for proof in nested(self.proofs) for one in proof.vouchers]
            late = any(one.lower > self.now for one in vouchers)
            yield not self.met and late and "?time-contradiction"
            yield not self.met and "?anchor-policy-unmet"

    def forms(self):
        """§3.2 rule 3. The floor gives not-before: §6."""
        if self.evidence.floor:
            why, floor = outcome("floor-unreferenced", self.read_floor, self.evidence.floor)
            yield why
            kind, data, bounds = floor
            yield [kind, sha256(data)] != self.statement.seal[3] and "floor-unreferenced"
            self.not_before = max(bounds, default=-NEVER)

    def read_floor(self, floor):
        """Its kind, the bytes that the statement refers to, and the lower bounds that it gives."""
        note = read_note(floor.note)
        [(_, blob)] = note.lines
        cosigned_at(blob)
        return 1, blob, [one.lower for one in outcome("bad", self.cosigned, note)[1] or ()]

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
            final = "seal-compromised" if row.state == COMPROMISED else "seal-retired"
            yield row.state in FINAL and row.since < index and final
        if any(not one.unproven and one.size > index and (
                not self.met or self.vouched(one.proofs, self.proofs)[0]) for one in authentic):
            state, since, invalid_from = authentic[-1].rows.get(kid, (None, None, NEVER))
            yield state is None and "?status-seal-unlisted"
            yield state == PRE_ACTIVE and "seal-not-active"
            yield state == SUSPENDED and index > since and "?seal-suspended"
            late = self.not_after >= invalid_from
            yield state == COMPROMISED and late and "?seal-compromised-window"
        else:
            why = first([one for one in reasons if not fails(one)] or reasons)
            told = fails(why) or why == "?status-key-unknown"
            yield why if told else "?status-unknown"

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
            found = best(item.proofs)
            status.proofs, status.unproven = item.proofs, found.reason
            yield not found.reason and status.size > found.index and "status-inconsistent"
            authentic.append(status)
            yield found.reason


def verify(sha_256, sha_512, evidence, trust, now, kind=Case):
    """Verdict, reason, not-before, not-after, and the case if there is one."""
    why, trust = outcome("trust-malformed", read_trust, trust)
    if why:
        return "refused", why, None, None, None
    why, evidence = outcome("evidence-malformed", read_evidence, evidence)
    if not why:
        why, evidence.statement = outcome("statement-malformed", read_statement, evidence.statement)
    case = None if why else kind(trust, evidence, now)
    reason = first(case.steps(sha_256, sha_512) if case else [
        sha_256 is None and "?document-missing", why])
    interval = [case.not_before, case.not_after] if case and not fails(reason) else [NEVER, NEVER]
    verdict = "invalid" if fails(reason) else "indeterminate" if reason else "valid"
    return (verdict, (reason or "ok").strip("?"),
            *[None if abs(at) == NEVER else at for at in interval], case)


def exit_code(verdict, reason):
    """§8"""
    return 3 if "?" + reason in PENDING else EXITS[verdict]
