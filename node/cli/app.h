// SPDX-License-Identifier: Apache-2.0
// The whole command line: global options, verbs, usage errors. OWNED BY: main.
#pragma once

#include "node/cli/session.h"

#include <memory>

namespace CLI {
class App;
}

namespace fieldseal::node::cli {

// The parser with every verb; parsing runs the verb's callback on the session.
// REQUIRES: the session outlives the app.
std::unique_ptr<CLI::App> make_app(Session& session);

// Parses and runs; never throws.
ExitCode run_app(int argc, const char* const* argv, Session& session);

}  // namespace fieldseal::node::cli
