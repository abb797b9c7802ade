// SPDX-License-Identifier: Apache-2.0
#include "api/office_routes.h"

namespace fieldseal::api {

void add_office_routes(Router& router, const OfficeParts& parts) {
    add_office_statements(router, parts);
    add_office_documents(router, parts);
    add_office_seals(router, parts);
    add_office_targets(router, parts);
    add_office_node(router, parts);
    add_office_events(router, parts);
}

}  // namespace fieldseal::api
