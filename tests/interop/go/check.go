// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tilePath turns Go's tile/8/L/N into tlog-tiles' tile/L/N.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
}

func bundlePath(tile tlog.Tile) string {
	return strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)
}

// tilesOf lists the tiles of one tree size. NewTiles also lists each narrower partial tile on the way
// there; tlog-tiles publishes only those of checkpoints.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		last := len(tiles) - 1
		if last >= 0 && tiles[last].L == tile.L && tiles[last].N == tile.N {
			tiles[last] = tile
		} else {
			tiles = append(tiles, tile)
		}
	}
	return tiles
}

// tileFiles is a tlog.TileReader over a directory. With spoil set, one bit of each tile is wrong.
type tileFiles struct {
	directory string
	spoil     bool
}

func (f tileFiles) Height() int { return tileHeight }

func (f tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.directory, "log", tilePath(tile)))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(tile), len(data))
		}
		if f.spoil {
			data[len(data)/2] ^= 1
		}
		all = append(all, data)
	}
	return all, nil
}

func (f tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

type checker struct {
	directory string
	verifiers note.Verifiers
	origin    string
	trees     map[int64]tlog.Tree
	rebuilt   memoryTree // from the entries alone

	proofs, requests, refused int
}

func check(directory string) error {
	keys, err := os.ReadFile(filepath.Join(directory, "keys"))
	if err != nil {
		return err
	}
	lines := strings.Split(string(keys), "\n")
	if len(lines) != 3 || lines[2] != "" {
		return fmt.Errorf("keys has %d lines", len(lines)-1)
	}
	log, err := note.NewVerifier(lines[0])
	if err != nil {
		return err
	}
	witness, err := parseCosigner(lines[1])
	if err != nil {
		return err
	}
	c := &checker{directory: directory, verifiers: note.VerifierList(log, witness),
		origin: log.Name(), trees: map[int64]tlog.Tree{}}
	for _, size := range sizes {
		if err := c.checkSize(size); err != nil {
			return fmt.Errorf("size %d: %v", size, err)
		}
	}
	fmt.Printf("%d notes, %d entries, %d proofs, %d requests accepted; %d mutations refused\n",
		len(sizes), c.rebuilt.size, c.proofs, c.requests, c.refused)
	return nil
}

func (c *checker) checkSize(size int64) error {
	text, err := os.ReadFile(filepath.Join(c.directory, "notes", fmt.Sprint(size)))
	if err != nil {
		return err
	}
	tree, err := c.openNote(text)
	if err != nil {
		return err
	}
	if tree.N != size {
		return fmt.Errorf("the note is of size %d", tree.N)
	}
	c.trees[size] = tree
	if err := c.refuseMutatedNotes(text); err != nil {
		return err
	}
	if err := c.checkEntries(tree); err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, tileFiles{directory: c.directory})
	for _, index := range sampleIndexes(size) {
		if err := c.checkProof(tree, index, hashes); err != nil {
			return fmt.Errorf("proof of %d: %v", index, err)
		}
	}
	for _, old := range sizes {
		if old < size {
			if err := c.checkRequest(old, tree, hashes); err != nil {
				return fmt.Errorf("request from %d: %v", old, err)
			}
		}
	}
	return nil
}

// openNote wants both signatures, the log's and the witness's, and three lines.
func (c *checker) openNote(text []byte) (tlog.Tree, error) {
	opened, err := note.Open(text, c.verifiers)
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
		return tlog.Tree{}, fmt.Errorf("%d signatures verified, %d unknown", len(opened.Sigs),
			len(opened.UnverifiedSigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != c.origin || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", c.origin, opened.Text)
	}
	tree := tlog.Tree{}
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil {
		return tlog.Tree{}, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func (c *checker) refuse(accepted bool, what string) error {
	c.refused++
	if accepted {
		return fmt.Errorf("a mutation was accepted: %s", what)
	}
	return nil
}

// refuseMutatedNotes flips the bit that makes another letter case: Go's base64 ignores the pad bits that
// flipping the lowest one would change (core/ does not, and tlog_tool.cpp flips that one).
func (c *checker) refuseMutatedNotes(text []byte) error {
	for i := range text {
		mutated := append([]byte(nil), text...)
		mutated[i] ^= 0x20
		_, err := c.openNote(mutated)
		if err := c.refuse(err == nil, fmt.Sprintf("note, byte %d", i)); err != nil {
			return err
		}
	}
	return nil
}

// checkEntries rebuilds the tree from the entry bundles and compares every root and tile with it.
func (c *checker) checkEntries(tree tlog.Tree) error {
	for c.rebuilt.size < tree.N {
		tile := tlog.Tile{H: tileHeight, L: 0, N: c.rebuilt.size / tileWidth, W: tileWidth}
		if remaining := tree.N - tile.N*tileWidth; remaining < tileWidth {
			tile.W = int(remaining)
		}
		entries, err := c.readBundle(tile)
		if err != nil {
			return err
		}
		for i := c.rebuilt.size % tileWidth; i < int64(tile.W); i++ {
			if !bytes.Equal(entries[i], entry(c.rebuilt.size)) {
				return fmt.Errorf("entry %d is %q", c.rebuilt.size, entries[i])
			}
			if err := c.rebuilt.add(entries[i]); err != nil {
				return err
			}
		}
	}
	root, err := tlog.TreeHash(tree.N, c.rebuilt)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("root %v, rebuilt from the entries %v", tree.Hash, root)
	}
	for _, tile := range tilesOf(tree.N) {
		want, err := tlog.ReadTileData(tile, c.rebuilt)
		if err != nil {
			return err
		}
		got, err := tileFiles{directory: c.directory}.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return err
		}
		if !bytes.Equal(got[0], want) {
			return fmt.Errorf("%s differs", tilePath(tile))
		}
	}
	return nil
}

func (c *checker) readBundle(tile tlog.Tile) ([][]byte, error) {
	data, err := os.ReadFile(filepath.Join(c.directory, "log", bundlePath(tile)))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) >= 2 {
		length := 2 + int(binary.BigEndian.Uint16(data))
		if len(data) < length {
			break
		}
		entries = append(entries, data[2:length])
		data = data[length:]
	}
	if len(data) != 0 || len(entries) != tile.W {
		return nil, fmt.Errorf("%s: %d entries and %d bytes", bundlePath(tile), len(entries), len(data))
	}
	return entries, nil
}

// splitProof cuts "<first line>\n<hashes>\n\n<note>" after its header lines.
func splitProof(text, header string) ([]tlog.Hash, []byte, error) {
	if !strings.HasPrefix(text, header) {
		return nil, nil, fmt.Errorf("does not start with %q", header)
	}
	parts := strings.SplitN(text[len(header)-1:], "\n\n", 2)
	if len(parts) != 2 {
		return nil, nil, fmt.Errorf("no note")
	}
	var hashes []tlog.Hash
	for _, line := range strings.Split(parts[0], "\n")[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, []byte(parts[1]), nil
}

func sameHashes(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (c *checker) checkProof(tree tlog.Tree, index int64, hashes tlog.HashReader) error {
	name := filepath.Join(c.directory, "proofs", fmt.Sprintf("%d-%d", tree.N, index))
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	header := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	path, checkpoint, err := splitProof(string(text), header)
	if err != nil {
		return err
	}
	if stated, err := c.openNote(checkpoint); err != nil || stated != tree {
		return fmt.Errorf("checkpoint %v, %v", stated, err)
	}
	leaf := tlog.RecordHash(entry(index))
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf); err != nil {
		return err
	}
	own, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil || !sameHashes(own, path) {
		return fmt.Errorf("Go proves it by %v (%v), the file by %v", own, err, path)
	}
	spoiled := tlog.TileHashReader(tree, tileFiles{directory: c.directory, spoil: true})
	if _, err := tlog.ProveRecord(tree.N, index, spoiled); tree.N > 1 {
		if err := c.refuse(err == nil, "tile"); err != nil {
			return err
		}
	}
	for i := range path {
		path[i][index%tlog.HashSize] ^= 1
		err := tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf)
		if err := c.refuse(err == nil, "inclusion proof"); err != nil {
			return err
		}
		path[i][index%tlog.HashSize] ^= 1
	}
	c.proofs++
	return nil
}

func (c *checker) checkRequest(old int64, tree tlog.Tree, hashes tlog.HashReader) error {
	name := filepath.Join(c.directory, "requests", fmt.Sprintf("%d-%d", old, tree.N))
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	proof, checkpoint, err := splitProof(string(text), fmt.Sprintf("old %d\n", old))
	if err != nil {
		return err
	}
	if stated, err := c.openNote(checkpoint); err != nil || stated != tree {
		return fmt.Errorf("checkpoint %v, %v", stated, err)
	}
	older := c.trees[old]
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, older.Hash); err != nil {
		return err
	}
	own, err := tlog.ProveTree(tree.N, old, hashes)
	if err != nil || !sameHashes(own, proof) {
		return fmt.Errorf("Go proves it by %v (%v), the file by %v", own, err, proof)
	}
	for i := range proof {
		proof[i][old%tlog.HashSize] ^= 1
		err := tlog.CheckTree(proof, tree.N, tree.Hash, old, older.Hash)
		if err := c.refuse(err == nil, "consistency proof"); err != nil {
			return err
		}
		proof[i][old%tlog.HashSize] ^= 1
	}
	c.requests++
	return nil
}

func encodeHash(hash tlog.Hash) string { return base64.StdEncoding.EncodeToString(hash[:]) }
