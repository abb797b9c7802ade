# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# scripts/demo --token: the story of a seal whose key never leaves its token, and of a time-stamp on its checkpoint. Sourced by
# scripts/demo, whose functions it uses. The token is SoftHSM2's, in the demo's directory; the authority is OpenSSL's.

# In the demo's directory: a token of nobody else is touched.
make_token() {
    mkdir "$work/tokens"
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$work" >"$work/softhsm2.conf"
    export SOFTHSM2_CONF="$work/softhsm2.conf"
    printf '%06d\n' "$((RANDOM * 30 + 100000))" >"$work/pin"
    chmod 600 "$work/pin"
    # The one place where a PIN stands in a command line: softhsm2-util takes it in no other way.
    softhsm2-util --init-token --free --label office --so-pin "$(cat "$work/pin")" --pin "$(cat "$work/pin")" >/dev/null ||
        die "softhsm2-util made no token"
}

make_office() {
    head -c 24 /dev/urandom | base64 >"$work/passphrase"
    chmod 600 "$work/passphrase"
    run office init ministry.example office-7 --passphrase-file "$work/passphrase" --recovery-file "$work/office.recovery" --quiet
    start office
    run office seal-key tokens
    run office seal-key create stamp --owner "Permits desk" --pkcs11 --token-label office --pin-file "$work/pin" --activate
    run office seal-key show stamp
}

# takes WORDS COMMAND…: the command must fail and say these words.
takes_no() {
    local words=$1
    shift
    if "$@" >"$work/refusal" 2>&1; then die "this should have been refused: $*"; fi
    grep -qi -- "$words" "$work/refusal" || die "refused with other words than \"$words\": $(cat "$work/refusal")"
    check "refused: $(sed 's#'"$work"'/##g' "$work/refusal" | head -n 1)"
}

begin_authority() {
    mkdir "$work/tsa"
    scripts/demo_tsa.py "$work/tsa" >"$work/tsa.url" 2>"$work/tsa.log" &
    tsa_pid=$!
    local deadline=$((SECONDS + kDeadlineSeconds))
    until [ -s "$work/tsa.url" ]; do
        kill -0 "$tsa_pid" 2>/dev/null || die "the time-stamping authority ended at once"
        [ $SECONDS -lt $deadline ] || die "the time-stamping authority does not answer"
        sleep 0.05
    done
}

begin_hub() {
    local port
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    hub init archive.example hub --passphrase-file "$work/passphrase" --recovery-file "$work/hub.recovery" --quiet
    make_hub "$port"
    start hub
    hub node info --witness-vkey >"$work/hub.vkey"
    office node info --vkey >"$work/office.vkey"
    hub hub enroll "$work/office.vkey" >/dev/null
    office target add witness --name hub --url "http://127.0.0.1:$port/witness" --vkey-file "$work/hub.vkey" --quiet >/dev/null
}

# stamp_of EVIDENCE OUT: the time-stamp token of an evidence file, and on standard output the digest it is about.
stamp_of() {
    /usr/bin/python3 - "$@" <<'PY'
import base64, hashlib, json, pathlib, sys
def stamps(proofs):
    for proof in proofs:
        for anchor in proof["anchors"]:
            if anchor["type"] == "rfc3161":
                yield anchor["token"], proof["checkpoint"].split("\n\n")[0] + "\n"
        yield from stamps(proof["logged"])
token, checkpoint = next(stamps(json.loads(pathlib.Path(sys.argv[1]).read_text())["proofs"]))
pathlib.Path(sys.argv[2]).write_bytes(base64.b64decode(token))
print(hashlib.sha256(checkpoint.encode()).hexdigest())
PY
}

tell_token() {
    local digest
    act "1. A token, and a seal whose key is made inside it and never leaves"
    make_token
    make_office

    act "2. No network. The seal signs in its token; the daemon is killed, and nothing is lost"
    run office unlock stamp --passphrase-file "$work/pin"
    cp -- "$document" "$work/documents/"
    run office seal --seal stamp "$subject"
    { kill -9 "$office_pid" && wait "$office_pid"; } 2>/dev/null || true  # bash would report the death
    start office
    office show "$subject" >/dev/null || die "$(basename "$subject") is lost"
    check "the statement is there after kill -9"

    act "3. Without its PIN, and without its token, it signs nothing; other seals go on"
    printf 'Contract 88/2026, signed in the field.\n' >"$work/papers/contract.txt"
    takes_no locked office seal --seal stamp "$work/papers/contract.txt"
    office unlock stamp --passphrase-file "$work/pin" >/dev/null
    office unlock default --passphrase-file "$work/passphrase" >/dev/null
    mv "$work/tokens" "$work/drawer"
    takes_no token office seal --seal stamp "$work/papers/contract.txt"
    office seal --seal default --quiet "$work/papers/contract.txt" >/dev/null
    check "the seal in software went on sealing"
    mv "$work/drawer" "$work/tokens"

    act "4. A connection: a hub witnesses the log, and OpenSSL's authority stamps its checkpoint"
    begin_hub
    begin_authority
    run office target add rfc3161 --name post --url "$(cat "$work/tsa.url")" --roots "$work/tsa/tsa-root.pem" --policy 1.3.6.1.4.1.99999.1
    run office sync --timeout "$kDeadlineSeconds"
    run office status

    act "5. Evidence, and a trust file that the regulator makes"
    run office evidence "$subject"
    office trust export --output "$work/office.trust.json" --quiet
    run fieldseal trust merge --yes --into "$work/trust.json" --origin ministry.example/office-7/1 "$work/office.trust.json"
    run fieldseal trust add-witness --into "$work/trust.json" --vkey "$work/hub.vkey" --operator archive.example
    run fieldseal trust add-tsa --into "$work/trust.json" --operator post.example --policy 1.3.6.1.4.1.99999.1 "$work/tsa/tsa-root.pem"

    act "6. The regulator verifies, with everything stopped and no network interface"
    finish "$office_pid" "$hub_pid" "$tsa_pid"
    office_pid= hub_pid= tsa_pid=
    run "${offline[@]}" fieldseal-verify "$subject" --trust "$work/trust.json"
    expect 0 ok "the document" "$subject" "$subject.seal" "$work/trust.json"
    digest=$(stamp_of "$subject.seal" "$work/stamp.der")
    openssl ts -verify -digest "$digest" -in "$work/stamp.der" -token_in -CAfile "$work/tsa/tsa-root.pem" >/dev/null 2>"$work/openssl.log" ||
        die "openssl does not accept the time-stamp: $(cat "$work/openssl.log")"
    check "openssl, a stranger to us, accepts the time-stamp on the checkpoint"

    act "7. Tampering is refused"
    cp "$subject" "$work/changed"
    printf 'x' >>"$work/changed"
    expect 1 document-mismatch "a changed document" "$work/changed" "$subject.seal" "$work/trust.json"
    scripts/tamper.py signature "$subject.seal" "$work/signature.seal"
    expect 1 signature-invalid "a changed signature" "$subject" "$work/signature.seal" "$work/trust.json"
    if grep -qrF "$(cat "$work/pin")" "$work"/*.log; then die "the PIN is in a log"; fi
    check "the PIN is in no log"
}
