// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const goOrigin = "interop.example/go/1"

// A memoryTree holds the hashes of a log as tlog stores them; it is a tlog.HashReader.
type memoryTree struct {
	size   int64
	hashes []tlog.Hash
}

func (t memoryTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		found = append(found, t.hashes[index])
	}
	return found, nil
}

func (t *memoryTree) add(record []byte) error {
	hashes, err := tlog.StoredHashes(t.size, record, t)
	if err != nil {
		return err
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return nil
}

type writer struct {
	directory string
	signers   []note.Signer
	tree      memoryTree
}

func (w *writer) file(name, body string) error {
	path := filepath.Join(w.directory, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(body), 0o644)
}

func write(directory string) error {
	seed := bytes.NewReader(bytes.Repeat([]byte{0x51}, ed25519.SeedSize))
	secret, vkey, err := note.GenerateKey(seed, goOrigin)
	if err != nil {
		return err
	}
	log, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	witness := newCosigner("interop.example/go-witness", 0x52)
	w := &writer{directory: directory, signers: []note.Signer{log, witness}}
	if err := w.file("keys", vkey+"\n"+witness.vkey()+"\n"); err != nil {
		return err
	}
	for _, size := range sizes {
		for w.tree.size < size {
			if err := w.tree.add(entry(w.tree.size)); err != nil {
				return err
			}
		}
		if err := w.publish(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) publish() error {
	size := w.tree.size
	for _, tile := range tilesOf(size) {
		if err := w.writeTile(tile); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(size, w.tree)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", goOrigin, size, encodeHash(root))
	signed, err := note.Sign(&note.Note{Text: text}, w.signers...)
	if err != nil {
		return err
	}
	if err := w.file(fmt.Sprintf("notes/%d", size), string(signed)); err != nil {
		return err
	}
	return w.writeProofs(string(signed))
}

func (w *writer) writeTile(tile tlog.Tile) error {
	data, err := tlog.ReadTileData(tile, w.tree)
	if err != nil {
		return err
	}
	if err := w.file(filepath.Join("log", tilePath(tile)), string(data)); err != nil || tile.L > 0 {
		return err
	}
	var bundle []byte
	for i := int64(0); i < int64(tile.W); i++ {
		record := entry(tile.N*tileWidth + i)
		length := make([]byte, 2)
		binary.BigEndian.PutUint16(length, uint16(len(record)))
		bundle = append(append(bundle, length...), record...)
	}
	return w.file(filepath.Join("log", bundlePath(tile)), string(bundle))
}

func (w *writer) writeProofs(signed string) error {
	size := w.tree.size
	for _, index := range sampleIndexes(size) {
		path, err := tlog.ProveRecord(size, index, w.tree)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
		for _, hash := range path {
			text += encodeHash(hash) + "\n"
		}
		if err := w.file(fmt.Sprintf("proofs/%d-%d", size, index), text+"\n"+signed); err != nil {
			return err
		}
	}
	for _, old := range sizes {
		if old >= size {
			break
		}
		proof, err := tlog.ProveTree(size, old, w.tree)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("old %d\n", old)
		for _, hash := range proof {
			text += encodeHash(hash) + "\n"
		}
		if err := w.file(fmt.Sprintf("requests/%d-%d", old, size), text+"\n"+signed); err != nil {
			return err
		}
	}
	return nil
}
