#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier, written from docs/formats alone, so that the first is not judged by itself.

    fieldseal_verify.py DOCUMENT EVIDENCE --trust TRUST [--now SECONDS]
    fieldseal_verify.py --vector FILE

Prints verdict, reason and interval; exits as verdicts.md §8 says. Needs Debian's python3-cryptography.
"§" names the section of verdicts.md whose rule a line keeps.
"""
import argparse
import hashlib
import json
import pathlib
import sys
import time
from collections import defaultdict
from typing import NamedTuple, Optional

import fieldseal_forms as forms
from fieldseal_encodings import SAFE, Refused, refusing, sha256

SUSPENDED = 2
MAY_FOLLOW = {3: (4, 5), 4: (), 5: (4,)}  # status.md §2, from the terminal states
MISSES = {"document-missing", "evidence-version-unknown", "seal-unknown", "proof-missing", "log-unknown",  # §9
          "log-key-unknown", "status-unknown", "status-key-unknown", "status-seal-unlisted", "seal-suspended",
          "seal-compromised-window", "time-contradiction", "anchor-policy-unmet"}


def fails(reason):
    return reason not in MISSES | {None, "not-checked"}


class Result(NamedTuple):
    verdict: str
    reason: str
    not_before: Optional[int] = None
    not_after: Optional[int] = None

    def exit_code(self):  # §8
        if self.reason == "anchor-policy-unmet":
            return 3
        return {"valid": 0, "invalid": 1, "indeterminate": 2, "refused": 66}[self.verdict]


class Judged(NamedTuple):
    """One PROOF, §4.1: it proves (no reason), stands (a reason that misses), or fails."""
    index: int
    reason: Optional[str]
    lines: tuple = ()  # (operator, lower bound, upper bound) of each trusted witness line of another operator
    logged: tuple = ()
    stands = property(lambda self: not fails(self.reason))


class Case:
    """One statement, one evidence file, one trust file, perhaps the time now."""

    def __init__(self, trust, evidence, statement, now):
        self.trust, self.evidence, self.statement, self.now = trust, evidence, statement, now
        self.logs = {log["origin"]: log for log in trust["logs"]}
        self.log = self.logs.get(statement.origin)  # §1: pinned, or None
        self.operator = self.log["operator"] if self.log else None
        seals = {seal["kid"]: seal for seal in trust["seals"]}
        self.seal = seals.get(statement.header[4].hex())
        self.snapshots = evidence["status"] + (self.log["status"] if self.log else [])  # §5
        self.roots = self.collect_roots()
        self.proofs = self.judge(statement.entry, evidence["proofs"])

    # --- §4 inclusion ---
    def collect_roots(self):
        """§4.2: the roots that each pinned log signed, by origin and size."""
        roots = defaultdict(set)
        for part in [self.evidence, *self.snapshots]:
            for proof in forms.all_proofs(part["proofs"]):
                note = forms.note_or_none(proof["checkpoint"])
                log = self.logs.get(note.origin) if note else None
                if log and self.signed_once(note, log["vkey"]):
                    roots[note.origin, note.size].add(note.root)
        for log in self.logs.values():
            if "closed" in log:
                roots[log["origin"], log["closed"]["size"]].add(log["closed"]["root"])
        return roots

    @staticmethod
    def signed_once(note, vkey):
        lines = note.by(vkey)
        return len(lines) == 1 and forms.verifies(vkey.key, lines[0].rest, note.text)

    def judge(self, subject, proofs, kind="statement"):
        """§4.1 for a list of PROOFs of one subject."""
        notes = [forms.note_or_none(proof["checkpoint"]) for proof in proofs]
        places = defaultdict(set)
        for proof, note in zip(proofs, notes):
            if note:
                places[note.origin].add(proof["index"])
        return [self.judge_one(subject, proof, note, kind, places) for proof, note in zip(proofs, notes)]

    def judge_one(self, subject, proof, note, kind, places):
        index = proof["index"]
        if not note:
            return Judged(index, "checkpoint-malformed")  # 1
        if kind == "statement" and note.origin != self.statement.origin:
            return Judged(index, "origin-mismatch")  # 2
        if len(places[note.origin]) > 1:
            return Judged(index, "index-conflict")  # 3
        if not forms.leads_to_root(index, note.size, proof["hashes"], subject, note.root):
            return Judged(index, "inclusion-mismatch")  # 4
        reason = self.judge_log(note, kind)  # 5
        if not fails(reason) and not self.witness_lines_good(note):
            reason = "cosignature-invalid"  # 6
        if fails(reason):
            return Judged(index, reason)
        logged = self.judge(note.digest, proof["logged"], "checkpoints")
        return Judged(index, reason, tuple(self.witness_lines(note)), tuple(logged))

    def judge_log(self, note, kind):
        log = self.logs.get(note.origin)
        if not log:
            return "log-unknown"  # 5.1
        if log["kind"] != kind:
            return "log-kind-mismatch"  # 5.2
        if not note.by(log["vkey"]):  # 5.3
            named = any(line.name == note.origin for line in note.lines)
            return "log-key-unknown" if named else "checkpoint-unsigned"
        if not self.signed_once(note, log["vkey"]):
            return "checkpoint-signature-invalid"  # 5.4
        if "closed" in log and note.size > log["closed"]["size"]:
            return "log-closed"  # 5.5
        return "log-equivocation" if len(self.roots[note.origin, note.size]) > 1 else None  # 5.6

    def witness_lines_good(self, note):
        for witness in self.trust["witnesses"]:
            lines = note.by(witness["vkey"])
            if len(lines) > 1 or (lines and not forms.cosigned(lines[0], witness["vkey"], note)):
                return False
        return True

    def bounds(self, line):
        """§1: lower and upper bound of a cosignature."""
        at = min(line.time(), SAFE)
        return max(at - self.trust["skew_s"], 0), min(at + self.trust["skew_s"], SAFE)

    def witness_lines(self, note):
        for witness in self.trust["witnesses"]:
            if witness["operator"] != self.operator:  # §6, witness-same-operator
                for line in note.by(witness["vkey"]):
                    yield (witness["operator"], *self.bounds(line))

    def outcome(self, proofs):
        """§4.3 rules 2 to 5: the reason or None, and the index when it passed."""
        for proof in proofs:
            if proof.reason is None:
                return None, proof.index
        if not proofs:
            return "proof-missing", None
        return next((p.reason for p in proofs if not fails(p.reason)), proofs[0].reason), None

    def inclusion(self):
        """§4.3"""
        mine = self.statement.origin
        if any(len(roots) > 1 for (origin, _), roots in self.roots.items() if origin == mine):
            return "log-equivocation", None
        return self.outcome(self.proofs)

    # --- §6 floor, §7 policy and interval ---
    def in_future(self, lower):
        return self.now is not None and lower > self.now  # §6, cosignature-in-future

    def standing_lines(self, proofs):
        for proof in proofs:
            if proof.stands:
                yield from proof.lines
                yield from self.standing_lines(proof.logged)

    def time_bounds(self, proofs):
        """§7.1: the smallest upper bound of each time operator."""
        bounds = {}
        for operator, lower, upper in self.standing_lines(proofs):
            if not self.in_future(lower):
                bounds[operator] = min(upper, bounds.get(operator, SAFE))
        return sorted(bounds.values())

    def meets_policy(self, proofs):
        """§7.1"""
        policy = self.trust["policy"]
        witnesses = {operator for p in proofs if p.reason is None
                     for operator, lower, _ in p.lines if not self.in_future(lower)}
        return (len(witnesses) >= policy["witness_quorum"]
                and len(self.time_bounds(proofs)) >= policy["time_quorum"])

    def not_after(self):
        """§7.1, of the statement's PROOFs"""
        bounds, k = self.time_bounds(self.proofs), max(1, self.trust["policy"]["time_quorum"])
        return bounds[k - 1] if len(bounds) >= k else None

    def floor(self):
        """§3.2 rule 3 and §6: the reason (or None), and not-before."""
        floor, referred = self.evidence.get("floor"), self.statement.header[-65701].get(3)
        if not floor:
            return None, None
        try:
            note = forms.read_note(floor["note"]) if "note" in floor else None
            named = [*forms.floor_name(floor, note)]
        except ValueError:
            named = ()
        if named != referred:
            return "floor-unreferenced", None
        for witness in self.trust["witnesses"] if note else ():
            for line in note.by(witness["vkey"]):
                if witness["operator"] != self.operator and forms.cosigned(line, witness["vkey"], note):
                    return None, self.bounds(line)[0]
        return None, None

    def policy(self, not_before, not_after):
        """§7.2"""
        if not_before is not None and (not_before > (SAFE if not_after is None else not_after)
                                       or self.in_future(not_before)):
            return "time-contradiction"
        if self.meets_policy(self.proofs):
            return None
        left_out = any(self.in_future(lower) for _, lower, _ in self.standing_lines(self.proofs))
        return "time-contradiction" if left_out else "anchor-policy-unmet"

    # --- §3 document, signature, seal ---
    def document(self, sha_256, sha_512):
        """§3.1"""
        if sha_256 is None:
            return "document-missing"
        said = self.statement.header[-65701].get(1)
        same = sha_256 == self.statement.payload and (None in (sha_512, said) or sha_512 == said)
        return None if same else "document-mismatch"

    def signature(self):
        """§3.3"""
        if not self.seal:
            return "seal-unknown"
        if self.statement.alg != self.seal["alg"]:
            return "algorithm-mismatch"
        return None if self.statement.signed_by(self.seal["key"]) else "signature-invalid"

    def authorised(self):
        """§3.4"""
        origin = self.statement.origin
        if not self.seal:
            return "seal-unknown"
        if origin in self.seal["origins"] and self.seal.get("iss", origin) == origin:
            return None
        return "seal-not-authorised" if self.log else "log-unknown"

    # --- §5 status ---
    def status(self, i, not_after):
        read = [self.snapshot(item) for item in self.snapshots]  # (reason, snapshot or None, place, PROOFs)
        authentic = sorted((r for r in read if r[1]), key=lambda r: r[1].payload[2])
        kid = self.statement.header[4]
        for older, newer in zip(authentic, authentic[1:]):
            reason = broken_story(older[1], newer[1], kid)
            if reason:
                return reason
        rows = [r[1].rows.get(kid) for r in authentic]
        for row in rows:  # final states
            if row and row[0] in forms.TERMINAL and row[1] < i:
                return "seal-compromised" if row[0] == forms.COMPROMISED else "seal-retired"
        lenient = not self.meets_policy(self.proofs)
        if not any(place is not None and place > i and snapshot.payload[4] > i
                   and (lenient or self.meets_policy(proofs)) for _, snapshot, place, proofs in authentic):
            mild = [r[0] for r in read if not fails(r[0])]
            first = next(filter(None, mild or [r[0] for r in read]), None)
            return first if first == "status-key-unknown" or first and not mild else "status-unknown"
        return newest_row(rows[-1], i, not_after)

    def snapshot(self, item):
        """One of "Each": reason, the snapshot when authentic, its place when proven, its judged PROOFs."""
        try:
            signed = forms.read_status(item["statement"])
        except ValueError:
            return "status-malformed", None, None, []  # 1
        if signed.origin != self.statement.origin:
            return "status-origin-mismatch", None, None, []  # 2
        key = next((k for k in self.log["status_keys"] if k.kid == signed.header[4]), None)
        if not key:
            return "status-key-unknown", None, None, []  # 3
        if not signed.signed_by(key):
            return "status-signature-invalid", None, None, []  # 4
        proofs = self.judge(signed.entry, item["proofs"])
        reason, place = self.outcome(proofs)  # 5
        if place is not None and signed.payload[4] > place:
            return "status-inconsistent", None, None, []
        return reason, signed, place, proofs


def broken_story(older, newer, kid):
    """§5, "The story", for two neighbours: a reason or None."""
    if older.payload[2] == newer.payload[2]:
        return None if older.entry == newer.entry else "status-equivocation"  # 1
    if newer.payload[2] == older.payload[2] + 1 and newer.payload[3] != older.entry:
        return "status-equivocation"  # 2
    if newer.payload[4] <= older.payload[4]:
        return "status-backdated"  # 3
    was, now = older.rows.get(kid), newer.rows.get(kid)
    if not now:
        return "status-revived" if was else None  # 4
    if was:
        if taken_back(was, now):
            return "status-revived"  # 5 to 7
        if was[0] == now[0] and was[1] == now[1]:
            return None  # 8
        if was[0] == now[0] and was[0] in forms.TERMINAL:
            return "status-backdated"
    return "status-backdated" if now[1] <= older.payload[4] else None  # 9


def taken_back(was, now):
    unborn = now[0] == 0 != was[0]  # 5
    forbidden = was[0] in MAY_FOLLOW and now[0] not in (was[0], *MAY_FOLLOW[was[0]])  # 6
    narrowed = was[0] == now[0] == forms.COMPROMISED and now[2] is not None and (
        was[2] is None or was[2] < now[2])  # 7
    return unborn or forbidden or narrowed


def newest_row(row, i, not_after):
    """§5, the newest authentic snapshot's row decides."""
    if not row:
        return "status-seal-unlisted"
    state, since, invalid_from = row
    if state == 0:
        return "seal-not-active"
    if state == SUSPENDED:
        return "seal-suspended" if i > since else None
    if state == forms.COMPROMISED:
        before = None not in (invalid_from, not_after) and not_after < invalid_from
        return None if before else "seal-compromised-window"
    return None


def conclude(steps, not_before=None, not_after=None):
    """§2, the verdict; steps are the reasons of the mandatory steps in their order."""
    for reason in filter(fails, steps):
        return Result("invalid", reason)
    missed = [reason for reason in steps if reason in MISSES]
    if missed:
        missed.sort(key=lambda reason: reason == "anchor-policy-unmet")  # it counts last; the sort is stable
        return Result("indeterminate", missed[0], not_before, not_after)
    return Result("valid", "ok", not_before, not_after)


def verify(sha_256, sha_512, evidence_text, trust_text, now):
    """The eight steps of §2."""
    try:
        trust = forms.read_trust(trust_text)
    except Refused as why:
        return Result("refused", str(why))
    try:
        evidence = forms.read_evidence(evidence_text)
        with refusing("statement-malformed"):
            statement = forms.read_statement(evidence["statement"])
    except Refused as why:  # §3.1, §3.2
        return conclude(["document-missing" if sha_256 is None else "not-checked", str(why)])
    case = Case(trust, evidence, statement, now)
    form, not_before = case.floor()
    not_after = case.not_after()
    inclusion, index = case.inclusion()
    steps = [case.document(sha_256, sha_512), form, case.signature(), case.authorised(), inclusion]
    if inclusion is None:  # §5, §7.2
        steps += [case.status(index, not_after), case.policy(not_before, not_after)]
    return conclude(steps, not_before, not_after)


def verify_vector(vector):
    """§11"""
    digests = [bytes.fromhex(vector[name]) if name in vector else None
               for name in ("document_sha256", "document_sha512")]
    return verify(*digests, vector["evidence"].encode(), vector["trust"].encode(), vector.get("now_s"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vector", type=pathlib.Path)
    parser.add_argument("--trust", type=pathlib.Path)
    parser.add_argument("--now", type=int, default=int(time.time()), help="POSIX seconds")
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="DOCUMENT EVIDENCE")
    try:
        given = parser.parse_args()
        if bool(given.vector) == bool(given.trust) or len(given.files) != (0 if given.vector else 2):
            parser.error("give --vector FILE, or DOCUMENT EVIDENCE --trust TRUST")
    except SystemExit as end:
        return 64 if end.code else 0
    try:
        if given.vector:
            result = verify_vector(json.loads(given.vector.read_bytes()))
        else:
            document, evidence, trust = (path.read_bytes() for path in [*given.files, given.trust])
            result = verify(sha256(document), hashlib.sha512(document).digest(), evidence, trust, given.now)
    except OSError:
        result = Result("refused", "unreadable")
    print(result.verdict, result.reason, f"[{result.not_before}, {result.not_after}]")
    return result.exit_code()


if __name__ == "__main__":
    sys.exit(main())
