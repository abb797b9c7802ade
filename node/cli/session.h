// SPDX-License-Identifier: Apache-2.0
// One invocation: the global options, where the configuration and the daemon are, and what to tell
// a person who meets an error. OWNED BY: main. THREADS: one.
//
// The configuration is --config, else fieldseal.toml in --data-dir, else kSystemConfigPath, else
// fieldseal.toml in the default data directory. --data-dir always wins over the file's data_dir.
#pragma once

#include "core/result.h"
#include "node/cli/daemon_client.h"
#include "node/cli/output.h"
#include "node/config/config.h"
#include "node/custody/passphrase.h"

#include <string>
#include <string_view>

namespace fieldseal::node::cli {

inline constexpr std::string_view kSystemConfigPath = "/etc/fieldseal/fieldseal.toml";
inline constexpr std::string_view kConfigFileName = "fieldseal.toml";

struct GlobalOptions {
    std::string data_dir;     // empty = not given
    std::string config_file;  // empty = not given
    RemoteNode node;          // url empty = a node on this machine
};

// As a person can paste it into a shell.
std::string shell_word(std::string_view text);

// For verbs that work on the node's own machine.
Error not_with_node();

class Session {
public:
    explicit Session(Output& output) : output_(&output) {}

    GlobalOptions options;

    Output& output() { return *output_; }

    // Where the configuration is looked for, whether it exists or not. Absolute.
    std::string config_path() const;
    std::string data_dir() const;  // without reading the configuration

    // For verbs that own the data directory: the file must exist. Errors: not_found, as
    // load_config.
    Result<Config> require_config() const;
    // For verbs that only need the socket, of a node on this machine: defaults when there is no
    // file or no right to read it.
    Result<Config> find_config() const;

    // ERRORS: unavailable when no daemon runs, denied, and the configuration's.
    Result<DaemonClient> connect() const;

    // obtain_passphrase(), its warning shown. A file that is not there ends the verb with 66.
    Result<Passphrase> secret(const PassphraseRequest& request);

    // "fieldseal --data-dir /srv/x unlock": the command with this invocation's global options.
    std::string command(std::string_view verb) const;
    // A sentence of the daemon or of a room below, with this invocation's options in each
    // `fieldseal …` that it names; those of another machine's node stay as they are.
    std::string with_options(std::string_view sentence) const;
    // What a person does after this error.
    std::string next_step(const Error& error) const;
    Failure failure(const Error& error) const;
    ExitCode fail(const Error& error) { return output_->fail(failure(error)); }
    // The same for a file the person named: missing or unreadable is 66, not 1 or 77.
    ExitCode fail_input(const Error& error);

    void finish(ExitCode code) { exit_code_ = code; }
    ExitCode exit_code() const { return exit_code_; }

private:
    Result<Config> load(const std::string& path) const;
    std::string unlock_step(std::string_view sentence) const;

    Output* output_;
    bool secret_file_missing_ = false;
    ExitCode exit_code_ = ExitCode::ok;
};

}  // namespace fieldseal::node::cli
