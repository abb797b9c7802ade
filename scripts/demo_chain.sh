# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# scripts/demo --chain: the story of two offices, a hub and a chain. Sourced by scripts/demo, whose functions it uses.
# The chain is tests/support/chain: Foundry's anvil, and in front of it a proxy that seals its blocks as four
# QBFT validators of a Besu network would. It ends when its standard input, descriptor 9, does.

begin_chain() {
    mkfifo "$work/chain.in"
    scripts/node tests/support/chain/sealing_proxy.mjs --mode qbft --hardfork shanghai --validators 4 --endpoints 2 \
        --block-time 1 <"$work/chain.in" >"$work/chain.json" 2>"$work/chain.log" &
    chain_pid=$!
    exec 9>"$work/chain.in"
    local deadline=$((SECONDS + kDeadlineSeconds))
    until [ -s "$work/chain.json" ]; do
        kill -0 "$chain_pid" 2>/dev/null || die "the test chain ended at once"
        [ $SECONDS -lt $deadline ] || die "the test chain does not start"
        sleep 0.05
    done
}

end_chain() {
    exec 9>&-
    wait "$chain_pid" 2>/dev/null || true
    chain_pid=
}

desk() { scripts/demo_chain.py "$@"; }

make_node() {
    local name=$1 organisation=$2
    fieldseal --data-dir "$work/$name" init "$organisation" "$name" --quiet --passphrase-file "$work/passphrase" \
        --recovery-file "$work/$name.recovery"
    sed -i 's|^interval_s = .*|interval_s = 1|' "$work/$name/fieldseal.toml"
}

# expect_anchor REASON WORDS EVIDENCE TRUST: the evidence is only "registration pending", for this reason.
expect_anchor() {
    local reason=$1 what=$2 evidence=$3 trust=$4 said
    expect 3 anchor-policy-unmet "$what" "$subject" "$evidence" "$trust"
    said=$(desk anchor "$work/report.json" reason)
    [ "$said" = "$reason" ] || die "$what: expected the anchor to be refused as $reason, not $said"
    check "its chain anchor is refused: $said"
}

# resealed FAULT BLOCK: the evidence with the seals that a network with this fault would show for the block.
resealed() {
    local fault=$1 block=$2
    desk fault "$work/chain.json" "$fault"
    scripts/tamper.py seals "$subject.seal" "$work/$fault.seal" "$(desk extra "$work/chain.json" "$block")"
    desk fault "$work/chain.json"
}

expect_once_each() {
    local who=$1 account=$2 sent digests
    read -r sent digests < <(desk count "$work/chain.json" "$account")
    [ "$sent" -gt 0 ] && [ "$sent" = "$digests" ] || die "$who sent $sent transactions for $digests digests"
    check "$who: every digest is on the chain in exactly one transaction ($digests)"
}

# Until the branch office's evidence holds the hub's way to the chain.
fetch_hubs_anchor() {
    local deadline=$((SECONDS + kDeadlineSeconds))
    until branch evidence "$1" --quiet && grep -q '"evm-tx"' "$1.seal"; do
        [ $SECONDS -lt $deadline ] || die "the hub's PROOF did not come with its chain anchor"
        branch sync --timeout "$kDeadlineSeconds" --quiet >/dev/null
        sleep 0.5
    done
}

tell_chain() {
    local urls=() account hub_account port block
    act "1. A chain of four validators, an office, a branch office, and a hub of another organisation"
    begin_chain
    desk pin "$work/chain.json" registry.example >"$work/pin.json"
    mapfile -t urls < <(field '["rpc"][0]' <"$work/chain.json"; field '["rpc"][1]' <"$work/chain.json")
    say "a real anvil, and before it a proxy that seals its blocks as 4 QBFT validators would (2 endpoints, no fees)"
    head -c 24 /dev/urandom | base64 >"$work/passphrase"
    chmod 600 "$work/passphrase"
    make_node office ministry.example
    make_node branch ministry.example
    make_node hub archive.example
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    make_hub "$port"

    act "2. No connection: the chain is out of reach. The office knows whom it will anchor to, and seals"
    desk fault "$work/chain.json" down
    start office
    run office unlock --passphrase-file "$work/passphrase"
    run office target add evm --name registry --url "${urls[0]}" --url "${urls[1]}" --chain-file "$work/pin.json"
    account=$(office --json target list | field '["targets"][0]["account"]')
    cp -- "$document" "$work/documents/"
    run office seal "$subject"
    { kill -9 "$office_pid" && wait "$office_pid"; } 2>/dev/null || true  # bash would report the death
    say "(the office's daemon was killed with SIGKILL right after that seal was acknowledged)"
    start office
    office show "$subject" >/dev/null || die "the statement is lost"
    check "the statement is there after kill -9, and nobody had to type a passphrase for the chain's account"
    run office status

    act "3. The chain is in reach: the office anchors by itself. Its operator permits the account beforehand"
    desk fault "$work/chain.json"
    run office target test registry
    run office sync --timeout "$kDeadlineSeconds"
    check "the office's checkpoint is in a block that a quorum of the validators sealed"

    act "4. A branch office knows the hub only; the hub anchors what it witnessed"
    start hub
    start branch
    hub node info --witness-vkey >"$work/hub.vkey"
    hub node info --witnessed-log-vkey >"$work/hub-log.vkey"
    branch node info --vkey >"$work/branch.vkey"
    run hub hub enroll "$work/branch.vkey"
    run hub target add evm --name registry --log checkpoints --url "${urls[0]}" --chain-file "$work/pin.json"
    hub_account=$(hub --json target list | field '["targets"][0]["account"]')
    branch unlock --passphrase-file "$work/passphrase" >/dev/null
    run branch target add witness --name hub --url "http://127.0.0.1:$port/witness" --vkey "$work/hub.vkey" --log-vkey "$work/hub-log.vkey"
    printf 'Minutes of 23 November 2026: the bridge at kilometre 31 is closed.\n' >"$work/papers/minutes.txt"
    run branch seal "$work/papers/minutes.txt"
    run branch sync --timeout "$kDeadlineSeconds"
    fetch_hubs_anchor "$work/papers/minutes.txt"
    check "the branch brought home the hub's proof: branch -> hub -> chain"

    act "5. A trust file that the regulator makes: two offices, and the validators of the chain by name"
    run office evidence "$subject"
    office trust export --output "$work/office.trust.json" --quiet
    branch trust export --output "$work/branch.trust.json" --quiet
    run fieldseal trust merge --quiet --into "$work/trust.json" --origin ministry.example/office/1 "$work/office.trust.json"
    run fieldseal trust merge --quiet --into "$work/trust.json" --origin ministry.example/branch/1 "$work/branch.trust.json"
    run fieldseal trust add-chain --into "$work/trust.json" "$work/pin.json"
    desk policy "$work/trust.json" 0 1
    say "(a chain proves time, not that a log only grew: this trust file asks for no witness)"

    act "6. The regulator verifies, with everything stopped and no network interface"
    expect_once_each "the office" "$account"
    expect_once_each "the hub" "$hub_account"
    finish "$office_pid" "$branch_pid" "$hub_pid"
    office_pid= branch_pid= hub_pid=
    if [ ${#offline[@]} -eq 0 ]; then say "SKIP network namespace: this system does not let us make one; verified without it"; fi
    run "${offline[@]}" fieldseal-verify "$subject" --trust "$work/trust.json"
    expect 0 ok "the branch's minutes (branch -> hub -> chain)" "$work/papers/minutes.txt" "$work/papers/minutes.txt.seal" "$work/trust.json"
    expect 0 ok "the office's document (office -> chain)" "$subject" "$subject.seal" "$work/trust.json"
    block=$(desk anchor "$work/report.json" block)
    check "block $block has $(desk anchor "$work/report.json" seals) of 4 seals, $(desk anchor "$work/report.json" seals_needed) are needed; the bound of its time is hardened by later blocks"
    fieldseal trust add-witness --into "$work/trust.json" --vkey "$work/hub.vkey" --operator archive.example --quiet
    fieldseal trust add-log --into "$work/trust.json" --vkey "$work/hub-log.vkey" --operator archive.example --quiet
    desk policy "$work/trust.json" 1 2
    expect 0 ok "asked for a witness and two sources of time: the branch's minutes" "$work/papers/minutes.txt" "$work/papers/minutes.txt.seal" "$work/trust.json"
    desk policy "$work/trust.json" 0 1

    act "7. Other seals under the same block are refused, each with its own reason"
    resealed too_few_seals "$block"
    expect_anchor chain-seals-too-few "one validator short of the quorum" "$work/too_few_seals.seal" "$work/trust.json"
    resealed foreign_seal "$block"
    expect_anchor chain-seal-foreign "a seal by somebody who is no validator" "$work/foreign_seal.seal" "$work/trust.json"
    resealed duplicate_seal "$block"
    expect_anchor chain-seal-duplicate "one validator twice" "$work/duplicate_seal.seal" "$work/trust.json"
    sed 's|"validators": \[|&"0x1111111111111111111111111111111111111111",|' "$work/trust.json" >"$work/other.trust.json"
    expect_anchor chain-set-mismatch "validators the regulator pinned otherwise" "$subject.seal" "$work/other.trust.json"
    cp "$subject" "$work/changed"
    printf 'x' >>"$work/changed"
    expect 1 document-mismatch "a changed document" "$work/changed" "$subject.seal" "$work/trust.json"
    end_chain
}
