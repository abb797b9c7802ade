// SPDX-License-Identifier: Apache-2.0
// fieldseal: the daemon and the command line in one program. Everything is in app.h and the verbs.
#include "node/cli/app.h"
#include "node/custody/pkcs11/worker.h"
#include "node/custody/secret.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

int main(int argc, char** argv) {
    using namespace fieldseal::node;
    // A reader that went away (`fieldseal list | head`) is an error of write(2), not a signal.
    std::signal(SIGPIPE, SIG_IGN);
    cli::Output output(std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1);
    cli::Session session(output);
    // Before any passphrase is read and before the first thread.
    const auto hardened = harden_process();
    const auto code =
        hardened.ok() ? cli::run_app(argc, argv, session) : session.fail(hardened.error());
    std::cout.flush();
    // What was asked for did not arrive: a full disk behind `> file`.
    if (!std::cout && code == cli::ExitCode::ok) {
        return static_cast<int>(output.fail(
            {cli::ExitCode::failed,
             fieldseal::Error{fieldseal::Errc::io, "standard output could not be written"}, ""}));
    }
    // A call into a token's library that never returned: its destructors must not run below it.
    if (pkcs11::Worker::abandoned() > 0) std::_Exit(static_cast<int>(code));
    return static_cast<int>(code);
}
