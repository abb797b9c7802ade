// SPDX-License-Identifier: Apache-2.0
// Whom a trust file believes, for people and for machines. THREADS: any.
#pragma once

#include "core/json/json.h"
#include "core/trust.h"

#include <string>
#include <vector>

namespace fieldseal::node::cli {

// Logs, seals, witnesses, chains and authorities, in this order: {"role", "name", …}. A seal's
// state is what the newest snapshot in the file says that its log's status key signed.
json::Value parties_of(const Trust& trust);

// The same for a table. Keys on lines of their own: they are compared letter by letter.
void add_party_rows(const json::Value& party, std::vector<std::vector<std::string>>& rows);

}  // namespace fieldseal::node::cli
