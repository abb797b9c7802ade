#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# interop.go_tlog: Go's golang.org/x/mod/sumdb verifies a log that core/ wrote, and core/ verifies one
# that Go wrote; each side also changes what it was given and must refuse it.
# Usage: go_tlog.sh TLOG_TOOL CACHE_DIRECTORY. Exit 77: skipped, Debian's Go or its packages are missing.
set -euo pipefail

readonly tool=$1
cache=$2
readonly gopath=/usr/share/gocode
source_directory=$(dirname "${BASH_SOURCE[0]}")/go
readonly source_directory

skip() {
    echo "SKIPPED: $1 (apt install golang-go golang-golang-x-mod-dev golang-golang-x-crypto-dev)"
    exit 77
}

go=$(command -v go || true)
[[ -n $go ]] || go=/usr/lib/go-1.19/bin/go
[[ -x $go ]] || skip "no Go"
[[ -d $gopath/src/golang.org/x/mod/sumdb/tlog ]] || skip "no golang.org/x/mod/sumdb"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"
cache=$(realpath "$cache")
export GO111MODULE=off GOPATH=$gopath GOCACHE=$cache GOFLAGS='' GOPROXY=off
"$go" build -o "$work/tlog_interop" "$source_directory"/*.go

echo "== core/ writes, Go judges"
"$tool" write "$work/cpp"
"$work/tlog_interop" check "$work/cpp"
echo "== Go writes, core/ judges"
"$work/tlog_interop" write "$work/go"
"$tool" check "$work/go"

echo "== each side refuses a log with one changed tile"
for log in cpp go; do
    printf 'x' | dd of="$work/$log/log/tile/0/000" bs=1 seek=100 conv=notrunc status=none
done
if "$work/tlog_interop" check "$work/cpp" 2>"$work/refusal"; then
    echo "Go accepted a changed tile" >&2
    exit 1
fi
cat "$work/refusal"
if "$tool" check "$work/go" 2>"$work/refusal"; then
    echo "core/ accepted a changed tile" >&2
    exit 1
fi
cat "$work/refusal"
