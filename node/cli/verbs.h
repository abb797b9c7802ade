// SPDX-License-Identifier: Apache-2.0
// The verbs of `fieldseal`, one function per group: each adds its subcommands to the app, with help
// that ends in examples, and a callback that runs the verb and gives its exit code to the session.
// docs/cli.md documents every one; app_test.cpp walks the app and compares.
#pragma once

namespace CLI {
class App;
}

namespace fieldseal::node::cli {

class Session;

void add_node_verbs(CLI::App& app, Session& session);         // init serve node status
void add_seal_verb(CLI::App& app, Session& session);          // seal
void add_statement_verbs(CLI::App& app, Session& session);    // list show
void add_evidence_verb(CLI::App& app, Session& session);      // evidence
void add_lock_verbs(CLI::App& app, Session& session);         // unlock lock
void add_anchor_verbs(CLI::App& app, Session& session);       // sync hub
void add_seal_key_verbs(CLI::App& app, Session& session);     // seal-key
void add_target_verbs(CLI::App& app, Session& session);       // target
void add_people_verbs(CLI::App& app, Session& session);       // people
void add_token_verbs(CLI::App& app, Session& session);        // token
void add_audit_verb(CLI::App& app, Session& session);         // audit
void add_trust_verbs(CLI::App& app, Session& session);        // trust
void add_maintenance_verbs(CLI::App& app, Session& session);  // check doctor restore
void add_lan_verbs(CLI::App& app, Session& session);          // lan
void add_help_verb(CLI::App& app, Session& session);          // help

}  // namespace fieldseal::node::cli
