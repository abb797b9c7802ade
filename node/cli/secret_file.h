// SPDX-License-Identifier: Apache-2.0
// How a verb hands a secret to a person: a new 0600 file, or the terminal, never standard output,
// which ends in logs and pipes. THREADS: one. Errors: invalid_argument (no terminal and no file),
// conflict (the file exists), io.
#pragma once

#include "core/result.h"
#include "node/custody/secret.h"

#include <string>
#include <string_view>

namespace fieldseal::node::cli {

// Before anything is made: whether hand_over() would find a place. `what` names the secret.
Result<void> check_place(const std::string& path, std::string_view what, std::string_view option);

// To a new file, with a newline at its end; or to the terminal behind `title` where path is empty.
Result<void> hand_over(const SecretBytes& secret, const std::string& path, std::string_view title);

}  // namespace fieldseal::node::cli
