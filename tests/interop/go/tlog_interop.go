// SPDX-License-Identifier: Apache-2.0

// The Go half of interop.go_tlog: the Go team's golang.org/x/mod/sumdb judges a log that fieldseal's
// core/ wrote, or writes one for it. ../tlog_tool.cpp is the other half and says the layout.
// Two things are ours, because the Go module mirror does not have them: paths (Go says tile/8/L/N) and
// the verifier and signer of cosignatures (C2SP type 0x04).
//
// Usage: tlog_interop check|write DIRECTORY
package main

import (
	"fmt"
	"os"
)

var sizes = []int64{1, 2, 3, 255, 256, 257, 1000, 70000}

const (
	largest    = 70000
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	timeS      = 1700000000
)

func entry(index int64) []byte { return []byte(fmt.Sprintf("entry-%d", index)) }

// The same choice as sample_indexes in tlog_tool.cpp.
func sampleIndexes(size int64) []int64 {
	var indexes []int64
	seen := map[int64]bool{}
	for _, index := range []int64{0, 1, 255, 256, size / 2, size - 1} {
		if index < size && !seen[index] {
			seen[index] = true
			indexes = append(indexes, index)
		}
	}
	return indexes
}

func main() {
	commands := map[string]func(string) error{"check": check, "write": write}
	if len(os.Args) != 3 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: tlog_interop check|write DIRECTORY")
		os.Exit(64)
	}
	if err := commands[os.Args[1]](os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "tlog_interop %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
