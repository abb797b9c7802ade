// SPDX-License-Identifier: Apache-2.0
#include "node/cli/secret_file.h"

#include "node/cli/readable.h"
#include "node/custody/private_file.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace fieldseal::node::cli {

Result<void> check_place(const std::string& path, std::string_view what, std::string_view option) {
    std::error_code ignored;
    if (path.empty() && ::isatty(STDERR_FILENO) != 1) {
        return Error{Errc::invalid_argument,
                     "the " + std::string(what) +
                         " is shown once and kept nowhere: run this at a terminal, or name a file "
                         "for it with " +
                         std::string(option)};
    }
    if (!path.empty() && std::filesystem::exists(path, ignored)) {
        return Error{Errc::conflict, printable(path) + " exists already: name another file"};
    }
    return {};
}

Result<void> hand_over(const SecretBytes& secret, const std::string& path, std::string_view title) {
    if (!path.empty()) {
        const bool ends = secret.size() > 0 && secret.data()[secret.size() - 1] == '\n';
        auto line = FIELDSEAL_TRY(SecretBytes::allocate(secret.size() + (ends ? 0 : 1)));
        std::copy_n(secret.data(), secret.size(), line.data());
        line.data()[line.size() - 1] = '\n';
        auto pending = FIELDSEAL_TRY(PendingFile::write(path, line.view()));
        return pending.commit_new();
    }
    const std::string_view text = as_text(secret.view());
    for (const std::string_view piece : {title, text, std::string_view("\n\n")}) {
        if (::write(STDERR_FILENO, piece.data(), piece.size()) !=
            static_cast<ssize_t>(piece.size())) {
            return Error{Errc::io, "the secret could not be written to the terminal"};
        }
    }
    return {};
}

}  // namespace fieldseal::node::cli
