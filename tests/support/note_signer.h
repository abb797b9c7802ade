// SPDX-License-Identifier: Apache-2.0
// Signs notes and cosignatures for tests, with a key made from an obviously fake seed (one byte, 32
// times). The product's signers live in node/custody; core/ only verifies.
// THREADS: any after construction.
#pragma once

#include "core/note/checkpoint.h"
#include "core/note/cosignature.h"
#include "core/note/signed_note.h"
#include "core/note/vkey.h"

#include <sodium.h>

#include <array>
#include <string>
#include <string_view>

namespace fieldseal::testing {

class NoteSigner {
public:
    NoteSigner(std::string_view name, note::KeyType type, std::uint8_t seed_byte) {
        std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed;
        seed.fill(seed_byte);
        key_.name = name;
        key_.type = type;
        crypto_sign_seed_keypair(key_.key.data(), secret_.data(), seed.data());
    }

    const note::VerifierKey& key() const { return key_; }

    Ed25519Signature sign_bytes(std::string_view message) const {
        Ed25519Signature signature;
        const ByteView bytes = as_bytes(message);
        crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(), secret_.data());
        return signature;
    }

    // The signature line of a type 0x01 key over `text`.
    std::string sign(std::string_view text) const {
        return note::signature_line(key_.name, key_.id(), sign_bytes(text));
    }

    // The cosignature of a type 0x04 key over a checkpoint's text.
    note::Cosignature cosign(std::uint64_t time_s, std::string_view checkpoint_text) const {
        return {key_.name, key_.id(), time_s,
                sign_bytes(note::cosignature_message(time_s, checkpoint_text))};
    }

private:
    note::VerifierKey key_;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_{};
};

}  // namespace fieldseal::testing
