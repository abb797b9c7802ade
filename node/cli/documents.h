// SPDX-License-Identifier: Apache-2.0
// Finding statements the way people name them: a statement id, or a file on this machine by the
// digest of what is in it now. THREADS: one, with the session.
#pragma once

#include "core/result.h"
#include "node/cli/document_file.h"
#include "node/cli/session.h"
#include "node/cli/views.h"

#include <string>
#include <vector>

namespace fieldseal::node::cli {

// 64 hexadecimal digits of either case.
bool is_statement_id(std::string_view text);

// Reads a document, with a progress line when it is large and somebody is looking.
Result<DocumentFacts> read_document_shown(const std::string& path, Output& output);

// Names the file in every failure to read it: exit code 66.
Failure unreadable(const Error& error);

struct FoundStatement {
    StatementView view;
    json::Value value;  // as the daemon gave it
};

// The statements an argument means, newest first: one for an id (64 digits, or a beginning of at
// least 8 that only one of the newest 20,000 has), all about the document for a file.
// A file that cannot be read fails with `unreadable`, one nobody sealed with not_found.
struct Found {
    std::vector<FoundStatement> statements;
    std::string document_path;  // empty for an id
};
struct FoundOrFailure {
    Found found;
    std::optional<Failure> failure;
};
FoundOrFailure find_statements(const std::string& argument, DaemonClient& daemon, Session& session);

}  // namespace fieldseal::node::cli
