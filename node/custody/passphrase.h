// SPDX-License-Identifier: Apache-2.0
// Where a passphrase comes from. What the caller names explicitly (a file, a descriptor) wins;
// else, in order: the terminal without echo, systemd's credential directory, a 0600 file with a
// warning. Never argv or the environment: both are visible to others. A passphrase is 8 to 1024
// bytes without NUL; one line ending at its end is not part of it. THREADS: one prompt at a time.
// Errors: not_found (no such file), denied (file mode, cancelled), invalid_argument (no source at
// all, bounds, the two entries differ), io.
#pragma once

#include "core/result.h"
#include "node/custody/secret.h"

#include <optional>
#include <string>

namespace fieldseal::node {

inline constexpr std::size_t kPassphraseBytesMin = 8;
inline constexpr std::size_t kPassphraseBytesMax = 1024;

struct PassphraseRequest {
    std::string prompt = "Passphrase";
    bool confirm = false;  // ask twice at the terminal, when a key is created
    // Of a token a PIN is asked for, which may be shorter.
    std::size_t bytes_min = kPassphraseBytesMin;

    std::string file_option = "--passphrase-file";  // how the verb calls it, for its errors
    std::optional<std::string> file{};              // 0600 and ours
    std::optional<int> descriptor{};  // --passphrase-fd: read to its end, closed by the caller

    std::string terminal = "/dev/tty";    // "" for a daemon: never prompts
    std::string credentials_directory{};  // credentials_directory_from_environment()
    std::string credential_name{};        // a file in there, as LoadCredentialEncrypted names it
    std::string stored_file{};            // the last resort: a passphrase left on the disk
};

struct Passphrase {
    SecretBytes bytes;
    std::string warning;  // for the operator; empty if there is nothing to say
};

Result<Passphrase> obtain_passphrase(const PassphraseRequest& request);

// systemd passes a path here, not a secret. Empty if there is none.
std::string credentials_directory_from_environment();

Result<void> check_passphrase(const SecretBytes& passphrase,
                              std::size_t bytes_min = kPassphraseBytesMin);

// One line from a terminal with echo off; the terminal is as it was afterwards. Ctrl-C cancels.
Result<SecretBytes> read_hidden_line(int terminal, const std::string& prompt);

}  // namespace fieldseal::node
