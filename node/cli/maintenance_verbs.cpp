// SPDX-License-Identifier: Apache-2.0
#include "node/cli/verbs.h"
namespace fieldseal::node::cli {
void add_maintenance_verbs(CLI::App&, Session&) {}
}  // namespace fieldseal::node::cli
