#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who can check a seal's signatures: algorithm × custody × software of others, each cell by running it.

    algorithms.py TOKEN_TOOL NODE GO_CACHE docs/algorithms.md [--write]

For each algorithm and custody the node's own code makes a key and a signature; each verifier has to accept it and
to refuse it with one bit of the signature, and with one bit of the message, changed. The table in the document
between its two marks has to be the one this run makes; --write puts it there. Exit 77: something is missing.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))
import tokens  # noqa: E402

ALGORITHMS = ("ES256K", "ES256", "EdDSA", "PS256")
CUSTODIES = ("software", "SoftHSM2", "TPM 2.0")
VERIFIERS = ("fieldseal", "OpenSSL", "python-cryptography", "Go", "Node.js", "@noble/curves")
BEGIN, END = "<!-- made by tests/interop/python/algorithms.py -->", "<!-- end -->"
SKIPPED = 77
PASSPHRASE = "correct horse battery staple"  # of the keys in software
HALF_ORDER = {"ES256": 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8,
              "ES256K": 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0}


def run(argv, **options):
    return subprocess.run([*map(str, argv)], capture_output=True, check=False, timeout=120, **options)


# --- making ---

def make(tool, custody, algorithm, places):
    """The tool's JSON, or the sentence why this custody cannot."""
    token = places.get(custody)
    with tempfile.TemporaryDirectory() as keys:
        where = [token.module, token.label] if token else ["-", "-"]
        done = run([tool, "sign", f"{keys}/k", *where, algorithm, 1], input=f"{tokens.PIN if token else PASSPHRASE}\n",
                   text=True, env=token.env if token else None)
    if done.returncode == 0:
        return json.loads(done.stdout)
    assert "cannot" in done.stderr or "in a token only" in done.stderr, done.stderr
    return done.stderr.strip().splitlines()[-1]


def changed(text):
    middle = len(text) // 2 // 2 * 2
    return text[:middle] + f"{int(text[middle:middle + 2], 16) ^ 1:02x}" + text[middle + 2:]


def with_negatives(one):
    return [one, {**one, "signature": changed(one["signature"])}, {**one, "message": changed(one["message"])}]


# --- asking ---

def der(signature):
    """ECDSA-Sig-Value of r and s."""
    parts = b""
    for half in (signature[:32], signature[32:]):
        number = half.lstrip(b"\0") or b"\0"
        number = b"\0" + number if number[0] >= 0x80 else number
        parts += bytes([2, len(number)]) + number
    return bytes([0x30, len(parts)]) + parts


def ask_openssl(one):
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        signature = bytes.fromhex(one["signature"])
        (place / "key.der").write_bytes(bytes.fromhex(one["spki"]))
        (place / "message").write_bytes(bytes.fromhex(one["message"]))
        (place / "signature").write_bytes(der(signature) if one["algorithm"] in HALF_ORDER else signature)
        run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", place / "key.der", "-out", place / "key.pem"])
        if one["algorithm"] == "EdDSA":
            done = run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", place / "key.pem", "-rawin", "-in",
                        place / "message", "-sigfile", place / "signature"])
        else:
            pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
            done = run(["openssl", "dgst", "-sha256", "-verify", place / "key.pem", "-signature", place / "signature",
                        *(pss if one["algorithm"] == "PS256" else []), place / "message"])
        return done.returncode == 0


def ask_python(one):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    key = serialization.load_der_public_key(bytes.fromhex(one["spki"]))
    message, signature = bytes.fromhex(one["message"]), bytes.fromhex(one["signature"])
    try:
        if one["algorithm"] == "EdDSA":
            key.verify(signature, message)
        elif one["algorithm"] == "PS256":
            key.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        else:
            key.verify(der(signature), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def ask_javascript(node, ones):
    done = run([node, HERE.parent / "js/verify_signatures.mjs"], input=json.dumps(ones), text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def build_go(cache):
    go = "/usr/lib/go-1.19/bin/go"
    program = pathlib.Path(cache) / "verify_signatures"
    env = {**os.environ, "GO111MODULE": "off", "GOCACHE": str(pathlib.Path(cache).resolve()), "GOPROXY": "off", "GOFLAGS": ""}
    done = run([go, "build", "-o", program, HERE.parent / "go_signatures/verify.go"], env=env)
    assert done.returncode == 0, done.stderr.decode()
    return program


def ask_go(program, ones):
    done = run([program], input=json.dumps(ones), text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- the table ---

def verdict(answers):
    """One cell from the answers to the signature and to its two changed forms."""
    if isinstance(answers[0], str):
        return f"no: {answers[0]}"
    assert answers == [True, False, False], answers
    return "yes"


def row(algorithm, custody, made, ask):
    if isinstance(made, str):
        return [algorithm, custody, "no", *["–"] * len(VERIFIERS)], made
    if algorithm in HALF_ORDER:
        assert int(made["signature"][64:], 16) <= HALF_ORDER[algorithm], "high S"
    ones = with_negatives({key: made[key] for key in ("algorithm", "spki", "message", "signature")})
    javascript, by_go = ask_javascript(ask["node"], ones), ask_go(ask["go"], ones)
    cells = [
        "yes",  # token_tool verified before it printed, or would have failed
        verdict([ask_openssl(one) for one in ones]),
        verdict([ask_python(one) for one in ones]),
        verdict(by_go),
        verdict([each["node"] for each in javascript]),
        verdict([each["noble"] for each in javascript]),
    ]
    return [algorithm, custody, made["custody"], *cells], None


def table(tool, ask):
    lines = ["| algorithm | key kept in | custody in the statement | " + " | ".join(VERIFIERS) + " |",
             "| --- | --- | --- |" + " --- |" * len(VERIFIERS)]
    with tokens.SoftHsm(labels=ALGORITHMS) as soft, tokens.Tpm() as tpm:
        for algorithm in ALGORITHMS:
            soft.label = algorithm  # one kind of key per token
            for custody in CUSTODIES:
                made = make(tool, custody, algorithm, {"SoftHSM2": soft, "TPM 2.0": tpm})
                cells, why = row(algorithm, custody, made, ask)
                lines.append("| " + " | ".join(cells) + " |")
                if why:
                    print(f"{algorithm} in {custody}: {why}")
    return "\n".join(lines)


def main():
    tool, node, cache, document = sys.argv[1:5]
    why = tokens.missing(*tokens.SoftHsm.needs, *tokens.Tpm.needs, "openssl", "/usr/lib/go-1.19/bin/go",
                         HERE.parents[1] / "support/chain/node_modules/@noble/curves/nist.js")
    if why:
        print(f"SKIPPED: {why}")
        return SKIPPED
    pathlib.Path(cache).mkdir(parents=True, exist_ok=True)
    made = table(tool, {"node": node, "go": build_go(cache)})
    print(made)
    path = pathlib.Path(document)
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    there, _, after = rest.partition(END)
    if "--write" in sys.argv:
        path.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
        return 0
    if there.strip() == made:
        return 0
    print(f"{document} has another table: look at the difference, then run {sys.argv[0]} … --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
