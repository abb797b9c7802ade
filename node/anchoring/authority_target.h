// SPDX-License-Identifier: Apache-2.0
// A [[target]] of kind rfc3161, made ready: the authority's roots and our authorisation read from
// their files, its tokens offered as floors. OWNED BY: Anchoring. THREADS: any.
// Errors: not_found, denied, invalid_argument, io; each names the file and what belongs there.
#pragma once

#include "anchor/rfc3161_target.h"
#include "core/evidence.h"
#include "node/config/config.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

// Reads the roots and the authorisation: files of this user that nobody else may touch. REQUIRES: a
// target of kind rfc3161 that passed the configuration's rules.
Result<anchor::Rfc3161Settings> authority_settings(const Config::Target& target);
// The same with roots (PEM) that are not in their file yet.
Result<anchor::Rfc3161Settings> authority_settings(const Config::Target& target,
                                                   std::string_view roots_pem);

// Where `target add` puts the roots it was given.
std::string authority_roots_path(const std::string& data_dir, const std::string& target);

// A nonce of kStampNonceBytes from the system's generator.
Bytes draw_stamp_nonce();

// Tokens in `pieces`, each with the earliest time it can have been made (genTime less its accuracy,
// or else the target's): floors for statements to come. All that an authority proves to our clock
// is that it is later than that. REQUIRES: verified pieces.
struct StampedToken {
    TokenFloor token;
    std::int64_t not_before_s = 0;
};
std::vector<StampedToken> tokens_in(const anchor::AnchorPieces& pieces,
                                    std::int64_t accuracy_default_s);

}  // namespace fieldseal::node
