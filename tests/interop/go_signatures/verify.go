// SPDX-License-Identifier: Apache-2.0

// What Go's standard library says about signatures. Standard input: a JSON list of {algorithm, spki, message,
// signature}, in hex. Standard output: a list of true, false, or why it cannot be asked.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"log"
	"math/big"
	"os"
)

const pssSaltBytes = 32
const scalarBytes = 32

type signature struct {
	Algorithm, SPKI, Message, Signature string
}

func fromHex(text string) []byte {
	decoded, err := hex.DecodeString(text)
	if err != nil {
		log.Fatal(err)
	}
	return decoded
}

func judge(one signature) any {
	key, err := x509.ParsePKIXPublicKey(fromHex(one.SPKI))
	if err != nil {
		return err.Error()
	}
	message, signed := fromHex(one.Message), fromHex(one.Signature)
	digest := sha256.Sum256(message)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		r := new(big.Int).SetBytes(signed[:scalarBytes])
		s := new(big.Int).SetBytes(signed[scalarBytes:])
		return ecdsa.Verify(key, digest[:], r, s)
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signed)
	case *rsa.PublicKey:
		options := &rsa.PSSOptions{SaltLength: pssSaltBytes, Hash: crypto.SHA256}
		return rsa.VerifyPSS(key, crypto.SHA256, digest[:], signed, options) == nil
	}
	return "an unknown kind of key"
}

func main() {
	var asked []signature
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	answers := make([]any, 0, len(asked))
	for _, one := range asked {
		answers = append(answers, judge(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}
