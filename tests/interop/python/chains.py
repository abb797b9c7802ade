# SPDX-License-Identifier: Apache-2.0
"""Chains in the trust file (trust.md §1) and in floors (evidence.md §5). They are read here and
not judged: the JavaScript beside this does that. Adds the member "chains" and a kind of floor.
"""
from files import BASE64, EVIDENCE, NAME, TRUST, distinct
from shapes import COUNT, COUNT_MAX, OPTIONAL, RULES, fit, need, sha256, text

ADDRESS, HASH = text("0x[0-9a-f]{40}"), text("0x[0-9a-f]{64}")


def known(*names):
    """trust.md §2 rule 3: another name is of a later version."""
    return lambda value: need(fit(str, value) in names, "trust-unsupported") or value


VALIDATORS = {"from": COUNT, "validators": [ADDRESS, 256], OPTIONAL: {"to": COUNT}}
CHAIN = {"id": NAME, "chain_id": range(1, COUNT_MAX + 1), "mode": known("qbft", "ibft2", "plain"),
         "validator_sets": [VALIDATORS, 256], OPTIONAL: {
             "contract": ADDRESS, "operator": NAME, "curve": known("secp256k1", "secp256r1"),
             "blocks": [{"number": COUNT, "hash": HASH}, 4096]}}


def check_chain(chain):
    sets = [vars(one) for one in chain.validator_sets]
    edges = [edge for one in sets for edge in (
        2 * one["from"], 2 * (COUNT_MAX if one["to"] is None else one["to"]) + 1)]
    numbers = [block.number for block in chain.blocks]
    need(edges == sorted(edges) and numbers == sorted({*numbers}))
    need(all(one["validators"] and distinct(one["validators"]) for one in sets))
    need(not edges if chain.mode == "plain" else edges and not numbers)


def check_chains(trust):
    need(distinct([chain.id for chain in trust.chains]))


def either(member, shape, otherwise):
    """For pages that add to others: an object with this member has that shape."""
    return lambda value: fit(shape if member in fit(dict, value) else otherwise, value)


class WithChains:
    """Beside verdict.Case: a block header counts for its digest alone."""

    def read_floor(self, floor):
        if "header" in vars(floor):
            return need(self.statement.seal[3] == [2, sha256(floor.header)]) or []
        return super().read_floor(floor)


def add():
    CHAIN[RULES] = [check_chain]
    TRUST[OPTIONAL]["chains"] = [CHAIN, 64]
    TRUST[RULES].append(check_chains)
    EVIDENCE[OPTIONAL]["floor"] = either(
        "header", {"chain": str, "header": BASE64}, EVIDENCE[OPTIONAL]["floor"])
