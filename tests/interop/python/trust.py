# SPDX-License-Identifier: Apache-2.0
"""Trust files, from trust.md §1 and §2. Later pages add to TRUST."""
from types import SimpleNamespace

from evidence import SNAPSHOTS, read_file, within_limits
from note import LOG_KEY, WITNESS_KEY, read_vkey
from shapes import COUNT, DIGEST, OPTIONAL, ORIGIN, RULES, in_base64, need, text
from statement import check_signature, read_spki
from status import read_status


def check_log(log):
    need(log.vkey.type == LOG_KEY and log.vkey.name == log.origin)
    need(log.kind == "statement" or not log.status_keys + log.status)
    log.keys = {key.kid: key for key in log.status_keys}
    need(len(log.keys) == len(log.status_keys) and all(map(within_limits, log.status)))
    for status in [read_status(item.statement) for item in log.status]:
        need(status.origin == log.origin and status.kid in log.keys)
        check_signature(log.keys[status.kid], *status.signed)


KEY, NAME, DAY = in_base64(read_spki), text("(?s).+"), range(86401)
LOG = {"origin": ORIGIN, "vkey": read_vkey, "kind": {"statement", "checkpoints"}, "operator": NAME,
       RULES: [check_log], OPTIONAL: {
           "status_keys": [KEY, 8], "status": SNAPSHOTS,
           "closed": {"size": COUNT, "root": in_base64(DIGEST)}}}
SEAL = {"kid": str, "key": KEY, "alg": str, "origins": [ORIGIN, 64],  # kid and alg are of the key
        OPTIONAL: {"iss": ORIGIN, "subject": NAME}}
WITNESS = {"name": NAME, "vkey": read_vkey, "operator": NAME, OPTIONAL: {"url": str}}
TRUST = {"fieldseal": {"trust/v1"}, "logs": [LOG, 1024], "seals": [SEAL, 4096],
         "witnesses": [WITNESS, 256], RULES: [], OPTIONAL: {
             "skew_s": DAY, "policy": {"witness_quorum": range(65), "time_quorum": range(65)}}}


def distinct(items):
    return len({*items}) == len(items)


def read_trust(data):
    trust = read_file("trust/", TRUST, "trust-unsupported", data, 4194304, 524288)
    trust.policy = trust.policy or SimpleNamespace(witness_quorum=1, time_quorum=1)
    trust.skew_s = 300 if trust.skew_s is None else trust.skew_s
    need(all(seal.key.kid.hex() == seal.kid and seal.key.alg == seal.alg for seal in trust.seals))
    need(all(one.vkey.type == WITNESS_KEY and one.vkey.name == one.name for one in trust.witnesses))
    need(distinct([log.origin for log in trust.logs]) and distinct(
        [seal.kid for seal in trust.seals]) and distinct([one.vkey.by for one in trust.witnesses]))
    roles = {(log.vkey.raw, log.kind) for log in trust.logs}
    roles |= {(key.raw, "status") for log in trust.logs for key in log.status_keys}
    roles |= {(seal.key.raw, "seal", seal.kid) for seal in trust.seals}
    roles |= {(one.vkey.raw, "witness", one.name) for one in trust.witnesses}
    need(distinct([raw for raw, *_ in roles]), "trust-key-reused")
    return trust
