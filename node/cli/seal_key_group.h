// SPDX-License-Identifier: Apache-2.0
// The group `fieldseal seal-key`: who adds a verb to it writes one function of this form and names
// it in add_seal_key_verbs() (seal_key_verbs.cpp). What several of them need is here too.
#pragma once

#include "core/json/json.h"
#include "node/cli/session.h"
#include "node/custody/passphrase.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace fieldseal::node::cli {

void add_seal_make_verbs(CLI::App& seal_key, Session& session);      // create rotate
void add_seal_key_care_verbs(CLI::App& seal_key, Session& session);  // passphrase … test
void add_seal_certificate_verbs(CLI::App& seal_key,
                                Session& session);               // import csr certificate crl
void add_seal_life_verbs(CLI::App& seal_key, Session& session);  // activate … destroy policy

void add_seal_token_verbs(CLI::App& seal_key, Session& session);  // tokens

// The options --pkcs11 … of verbs that make a key in a token.
struct TokenArguments {
    std::optional<std::string> module;  // given without a value: "" = whatever is installed
    std::string serial;
    std::string label;
    std::string key_id;
    std::string pin_file;
    bool unattended = false;
    bool last_try = false;
};
void add_token_options(CLI::App& verb, TokenArguments& token);
struct TokenChoice {
    json::Value order;  // the member "token" of the order
    Passphrase pin;     // empty: the reader asks
};
// Finds the token, asking at a terminal where there are several, and gets its PIN.
Result<TokenChoice> choose_token(const TokenArguments& arguments, DaemonClient& daemon,
                                 Session& session);

// Options that say where a new passphrase comes from; on a terminal it is asked for twice.
struct PassphraseSource {
    std::optional<std::string> file;
    std::optional<int> descriptor;
};
void add_passphrase_options(CLI::App& verb, PassphraseSource& source);
Result<Passphrase> obtain_new_passphrase(const PassphraseSource& source, const std::string& seal,
                                         Session& session);

// What a policy may be given on a command line; absent = left as it is.
struct PolicyArguments {
    std::vector<std::string> media_types;
    std::optional<std::uint32_t> quota_per_day;
    std::optional<std::string> hours;
    std::optional<std::uint32_t> lock_after_statements;
    std::optional<std::uint32_t> lock_after_hours;
    std::optional<std::uint32_t> idle_lock_s;
};
void add_policy_options(CLI::App& verb, PolicyArguments& policy);
json::Value policy_order(const PolicyArguments& policy);

// "/api/v1/seals/permits/suspend"
std::string seal_path(const std::string& seal, std::string_view action = {});

// Says what was done; with --json the seal as it is now.
ExitCode report_seal(const Result<json::Value>& view, std::string_view done, Session& session);
// The policy of such a view in words: "only application/pdf; 200 a day", or "none".
std::string policy_words(const json::Value& view);

// POSIX seconds of "2026-11-30" (its first second) or "2026-11-30T14:30:00Z", in UTC.
Result<std::int64_t> parse_utc(std::string_view text);

// For what nothing leads back from: true with --yes, or when a person at the terminal types the
// seal's name.
bool agreed(bool yes, const std::string& seal, std::string_view what, Session& session);
Error not_agreed(std::string_view verb);

}  // namespace fieldseal::node::cli
