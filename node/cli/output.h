// SPDX-License-Identifier: Apache-2.0
// What one invocation says. Data goes to standard output, everything else to standard error. With
// --json, standard output carries exactly one JSON document: {"fieldseal":"<verb>/v1", …}.
// OWNED BY: main. THREADS: one.
#pragma once

#include "core/json/json.h"
#include "core/result.h"
#include "node/cli/exit_code.h"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node::cli {

// Why a verb ends: the error, what a person does next, and the exit code.
struct Failure {
    ExitCode exit = ExitCode::failed;
    Error error;
    std::string next;  // a sentence or a command; empty when there is nothing to add
};

// {"code", "detail", "next"?}
json::Value to_value(const Failure& failure);

// {"fieldseal": "<kind>/v1"}
json::Value new_document(std::string_view kind);

class Output {
public:
    Output(std::ostream& out, std::ostream& err, bool err_is_terminal)
        : out_(&out), err_(&err), err_is_terminal_(err_is_terminal) {}

    bool json_wanted = false;
    bool quiet = false;

    // What was asked for; nothing with --json.
    void data(std::string_view line);
    void table(const std::vector<std::vector<std::string>>& rows);
    // A confirmation: nothing with --json or --quiet.
    void say(std::string_view line);
    // A hint on standard error: nothing with --json or --quiet.
    void hint(std::string_view line);
    // A warning on standard error, always.
    void warn(std::string_view line);
    // The one JSON document; nothing without --json.
    void document(const json::Value& value);
    // Bytes as they are, for verbs whose output is a file format (`trust export`, `evidence -o -`).
    void raw(std::string_view text);
    // One item of several failed: its sentences on standard error.
    void complain(const Failure& failure);
    // The whole verb failed: the sentences, and with --json the document {"error": …}.
    ExitCode fail(const Failure& failure);

    // Where a progress line may be drawn; null when nobody looks.
    std::size_t terminal_columns() const;
    std::ostream* progress_terminal() { return err_is_terminal_ && !quiet ? err_ : nullptr; }

private:
    std::ostream* out_;
    std::ostream* err_;
    bool err_is_terminal_;
};

}  // namespace fieldseal::node::cli
