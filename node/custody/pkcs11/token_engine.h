// SPDX-License-Identifier: Apache-2.0
// A private key in a token as a KeyEngine: what the token answers is normalised (low S) and
// verified with the pinned public key before anybody sees it. A token that answers with a signature
// which is not this key's is not asked again: the key is set aside until a person unlocks it again.
// OWNED BY: the SigningKey while it is unlocked. THREADS: any.
// Errors: those of Token::sign, and corrupt (set aside).
#pragma once

#include "node/custody/engine.h"
#include "node/custody/pkcs11/token.h"

#include <memory>
#include <optional>
#include <string>

namespace fieldseal::node::pkcs11 {

std::unique_ptr<KeyEngine> make_token_engine(std::shared_ptr<Token> token, KeyName key,
                                             PublicKey public_key,
                                             std::optional<std::string> pin_file);

// The form a statement takes: r ‖ s with low S, or the signature as it is.
// Errors: corrupt (of a size that no signature of the algorithm has).
Result<Bytes> normalised(Algorithm algorithm, Bytes signature);

}  // namespace fieldseal::node::pkcs11
