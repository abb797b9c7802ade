// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

const cosignatureType = 0x04

// A cosigner is a note.Verifier, and with a private key a note.Signer, of C2SP tlog-cosignature.
type cosigner struct {
	name    string
	key     ed25519.PublicKey
	private ed25519.PrivateKey
}

func newCosigner(name string, seed byte) cosigner {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return cosigner{name, private.Public().(ed25519.PublicKey), private}
}

func parseCosigner(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, fmt.Errorf("vkey %q has %d parts", vkey, len(parts))
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 1+ed25519.PublicKeySize || material[0] != cosignatureType {
		return cosigner{}, fmt.Errorf("vkey %q is not of a cosigner", vkey)
	}
	c := cosigner{name: parts[0], key: material[1:]}
	if id := fmt.Sprintf("%08x", c.KeyHash()); id != parts[1] {
		return cosigner{}, fmt.Errorf("vkey %q: key ID is %s", vkey, id)
	}
	return c, nil
}

func (c cosigner) material() []byte { return append([]byte{cosignatureType}, c.key...) }

func (c cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(),
		base64.StdEncoding.EncodeToString(c.material()))
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	hash := sha256.Sum256(append([]byte(c.name+"\n"), c.material()...))
	return binary.BigEndian.Uint32(hash[:])
}

func cosignatureMessage(time uint64, text []byte) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	return time == timeS && ed25519.Verify(c.key, cosignatureMessage(time, text), signature[8:])
}

func (c cosigner) Sign(text []byte) ([]byte, error) {
	blob := make([]byte, 8)
	binary.BigEndian.PutUint64(blob, timeS)
	return append(blob, ed25519.Sign(c.private, cosignatureMessage(timeS, text))...), nil
}
