# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# scripts/demo --lan: the story of a program on the office's network. Sourced by scripts/demo, whose functions it uses.
# A real nginx with the site file of `fieldseal lan`, unprivileged and on loopback: its logs and temporary files, which
# the site has in /var and /run, are in the demo's directory, and nothing of /etc is touched.

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

begin_nginx() {
    local user='' place="$work/nginx"
    mkdir "$place"
    office lan site --address 127.0.0.1 --port "$https" |
        sed -e "s|/run/nginx-fieldseal|$place/temporary|" -e "s|/var/log/nginx/|$place/|" >"$place/site.conf"
    if [ "$(id -u)" = 0 ]; then user='user root;'; fi  # the demo's directory is for its owner only
    cat >"$place/nginx.conf" <<CONF
$user
worker_processes 2;
daemon off;
pid $place/nginx.pid;
error_log $work/nginx.log warn;
events { worker_connections 768; }
http {
    fastcgi_temp_path $place/fastcgi; scgi_temp_path $place/scgi; uwsgi_temp_path $place/uwsgi;
    include $place/site.conf;
}
CONF
    /usr/sbin/nginx -p "$place" -e "$work/nginx.log" -c "$place/nginx.conf" &
    nginx_pid=$!
    local deadline=$((SECONDS + kDeadlineSeconds))
    until ask /livez >/dev/null 2>&1; do
        kill -0 "$nginx_pid" 2>/dev/null || die "nginx ended at once"
        [ $SECONDS -lt $deadline ] || die "nginx does not answer"
        sleep 0.05
    done
}

# ask PATH [curl's options…]: as any program on the network, believing the office's CA only.
ask() {
    local path=$1
    shift
    curl --silent --show-error --fail-with-body --cacert "$work/office-ca.pem" "$@" "https://localhost:$https$path"
}

# as_person NAME PATH [curl's options…]: with her session, and the token that lets it change something.
as_person() {
    local who=$1 path=$2
    shift 2
    ask "$path" --cookie "$work/$who.cookies" --header "X-CSRF-Token: $(field '["csrf_token"]' <"$work/$who.json")" "$@"
}

# refused STATUS WORDS curl's options…: the request is refused with this status.
refused() {
    local status=$1 what=$2 got
    shift 2
    got=$(curl --silent --cacert "$work/office-ca.pem" --output "$work/answer" --write-out '%{http_code}' "$@" || true)
    [ "$got" = "$status" ] || die "$what: expected $status, got $got: $(cat "$work/answer")"
    if [ "$status" = 000 ]; then check "$what -> no connection"; return; fi
    check "$what -> $status: $(field '["detail"]' <"$work/answer")"
}

# Until the program that listens has been told.
await_event() {
    local what=$1 deadline=$((SECONDS + kDeadlineSeconds))
    until grep -q "^event: $what" "$work/events"; do
        [ $SECONDS -lt $deadline ] || die "no event \"$what\" came: $(cat "$work/events")"
        sleep 0.05
    done
}

make_nodes() {
    local port
    head -c 24 /dev/urandom | base64 >"$work/passphrase"
    chmod 600 "$work/passphrase"
    run office init ministry.example office-7 --passphrase-file "$work/passphrase" --recovery-file "$work/office.recovery" --quiet
    hub init archive.example hub --passphrase-file "$work/passphrase" --recovery-file "$work/hub.recovery" --quiet
    port=$(free_port)
    make_hub "$port"
    sed -i -e "/^\[edge\]/,/^listen/s|^listen = .*|listen = \"unix:$work/edge.sock\"|" \
        -e '/^\[edge\]/,/^names/s|^names = .*|names = ["localhost", "127.0.0.1"]|' \
        -e 's|^interval_s = .*|interval_s = 1|' "$work/office/fieldseal.toml"
    start hub
    start office
    office unlock --passphrase-file "$work/passphrase" >/dev/null
    hub node info --witness-vkey >"$work/hub.vkey"
    office node info --vkey >"$work/office.vkey"
    hub hub enroll "$work/office.vkey" >/dev/null
    office target add witness --name hub --url "http://127.0.0.1:$port/witness" --vkey-file "$work/hub.vkey" --quiet >/dev/null
}

make_people() {
    local code
    code=$(office --json people pair | field '["code"]')
    password=$(head -c 24 /dev/urandom | base64)
    printf '{"code":"%s","account":"ruth","password":"%s"}' "$code" "$password" >"$work/pairing"
    ask /api/v1/pairing --cookie-jar "$work/ruth.cookies" --json "@$work/pairing" >"$work/ruth.json"
    printf '{"name":"amina","role":"operator","password":"%s"}' "$password" >"$work/amina"
    as_person ruth /api/v1/people --json "@$work/amina" >/dev/null
    printf '{"account":"amina","password":"%s"}' "$password" >"$work/login"
    ask /api/v1/session --cookie-jar "$work/amina.cookies" --json "@$work/login" >"$work/amina.json"
    as_person amina /api/v1/tokens --json '{"label":"records","scopes":["statement:create","statement:read","outbox:read"]}' >"$work/token.json"
    printf 'Authorization: Bearer %s\n' "$(field '["token"]' <"$work/token.json")" >"$work/token"
    chmod 600 "$work/token"
}

show_refusals() {
    local url="https://localhost:$https"
    refused 401 "no token" "$url/api/v1/statements"
    refused 401 "a token nobody made" --header "Authorization: Bearer fst_$(head -c 32 /dev/zero | base64 | tr -d '=')" "$url/api/v1/statements"
    refused 403 "the program's token, for what only admins may" --header "@$work/token" "$url/api/v1/people"
    refused 421 "another Host (DNS rebinding)" --header "@$work/token" --header "Host: evil.example" "$url/api/v1/statements"
    refused 411 "a chunked upload" --header "@$work/token" --header "Transfer-Encoding: chunked" --data-binary "@$subject" "$url/api/v1/documents"
    refused 415 "a compressed upload" --header "@$work/token" --header "Content-Encoding: gzip" --data-binary "@$subject" "$url/api/v1/documents"
    refused 400 "plain HTTP" "http://localhost:$https/livez"
    refused 000 "TLS 1.2" --tls-max 1.2 "$url/livez"
    refused 000 "a certificate of another CA" --cacert /etc/ssl/certs/ca-certificates.crt "$url/livez"
}

tell_lan() {
    local statement
    https=$(free_port)
    act "1. An office's node, the names its network knows it by, and a CA for these names alone"
    make_nodes
    run office lan init --quiet
    office lan show --ca >"$work/office-ca.pem"
    check "openssl, a stranger to us, believes it: $(openssl verify -x509_strict -verify_hostname localhost -CAfile "$work/office-ca.pem" "$work/office/lan/server.pem" | sed 's|.*: ||')"

    act "2. nginx in front: TLS 1.3, limits, deadlines. The node itself listens on a Unix socket only"
    begin_nginx
    check "ready, says the node: $(ask /readyz | field '["state"]')"

    act "3. The first person, by a pairing code of the node's console; an operator; a token for her program"
    make_people
    check "the token's scopes: $(field '["scopes"]' <"$work/token.json")"

    act "4. The program listens for events, and seals a document over the network"
    ask /api/v1/events --no-buffer --header "@$work/token" >"$work/events" 2>/dev/null &
    events_pid=$!
    cp -- "$document" "$work/documents/"
    ask "/api/v1/documents?name=permit" --header "@$work/token" --header 'Idempotency-Key: permit-2026-118' \
        --header 'Content-Type: application/pdf' --data-binary "@$subject" >"$work/statement.json"
    statement=$(field '["id"]' <"$work/statement.json")
    check "sealed, durable when it was answered: statement ${statement:0:16}…"
    ask "/api/v1/documents?name=permit" --header "@$work/token" --header 'Idempotency-Key: permit-2026-118' \
        --header 'Content-Type: application/pdf' --data-binary "@$subject" >"$work/again.json"
    [ "$(field '["id"]' <"$work/again.json")" = "$statement" ] || die "a retry made another statement"
    check "sent again with the same Idempotency-Key: the same statement"
    office sync --timeout "$kDeadlineSeconds" --quiet >/dev/null
    await_event anchored
    check "the program was told by server-sent events: $(grep '^event: ' "$work/events" | sort -u | sed 's/event: //' | paste -sd ' ')"

    act "5. It fetches the evidence; the regulator verifies with everything stopped and no network interface"
    ask "/api/v1/statements/$statement/evidence" --header "@$work/token" >"$subject.seal"
    office trust export --output "$work/office.trust.json" --quiet
    fieldseal trust merge --quiet --into "$work/trust.json" --origin ministry.example/office-7/1 "$work/office.trust.json"
    fieldseal trust add-witness --quiet --into "$work/trust.json" --vkey "$work/hub.vkey" --operator archive.example

    act "6. What is refused"
    show_refusals
    finish "$events_pid" "$nginx_pid" "$office_pid" "$hub_pid"
    events_pid= nginx_pid= office_pid= hub_pid=
    run "${offline[@]}" fieldseal-verify "$subject" --trust "$work/trust.json"
    expect 0 ok "the document" "$subject" "$subject.seal" "$work/trust.json"
    if grep -qr "$(head -c 20 "$work/token" | tail -c 4)$(tail -c 20 "$work/token")" "$work"/*.log "$work"/nginx/*.log; then
        die "the token is in a log"
    fi
    [ -z "$(find "$work/nginx" -path '*temporary*' -type f)" ] || die "nginx kept a body in a file"
    check "the token is in no log, and nginx kept no file of the document"
}
