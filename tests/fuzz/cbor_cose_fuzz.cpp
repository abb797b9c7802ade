// SPDX-License-Identifier: Apache-2.0
// One value, one encoding: whatever decodes, encodes back to the same bytes, and a statement's or
// snapshot's header is exactly what its claims build, and so with an entry and a head of the audit
// log.
#include "core/audit.h"
#include "core/cbor/cbor.h"
#include "core/check.h"
#include "core/cose/sign1.h"
#include "core/hash.h"
#include "core/rotation.h"
#include "core/statement.h"
#include "core/status.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

bool same(ByteView a, ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void check_statement(ByteView input) {
    const auto statement = parse_statement(input);
    if (!statement.ok()) return;
    FIELDSEAL_CHECK(same(statement->cose(), input));
    FIELDSEAL_CHECK(statement->entry == sha256(input));
    const auto tbs = StatementTbs::from(statement->claims);
    FIELDSEAL_CHECK(tbs.ok());
    FIELDSEAL_CHECK(tbs->protected_header() == statement->object.protected_header);
    const auto again = assemble(*tbs, statement->object.signature);
    FIELDSEAL_CHECK(again.ok() && again->entry == statement->entry);
    FIELDSEAL_CHECK(!parse_status(input).ok());
}

void check_status(ByteView input) {
    const auto status = parse_status(input);
    if (!status.ok()) return;
    FIELDSEAL_CHECK(same(status->cose(), input));
    const auto tbs = StatusTbs::from(status->snapshot);
    FIELDSEAL_CHECK(tbs.ok());
    FIELDSEAL_CHECK(tbs->protected_header() == status->object.protected_header);
    FIELDSEAL_CHECK(tbs->payload() == status->object.payload);
    // Nothing follows itself.
    FIELDSEAL_CHECK(!validate_transition(status->snapshot, status->entry, status->snapshot).ok());
}

void check_rotation(ByteView input) {
    const auto rotation = parse_rotation(input);
    if (!rotation.ok()) return;
    const auto object = cose::parse(input);
    const auto tbs = RotationTbs::from(*rotation);
    FIELDSEAL_CHECK(object.ok() && tbs.ok());
    const auto again = assemble(*tbs, object->signature);
    FIELDSEAL_CHECK(again.ok() && same(*again, input));
    FIELDSEAL_CHECK(!parse_statement(input).ok() && !parse_status(input).ok());
}

void check_audit(ByteView input) {
    if (const auto entry = parse_audit_entry(input); entry.ok()) {
        const auto again = encode(*entry);
        FIELDSEAL_CHECK(again.ok() && same(*again, input));
    }
    const auto head = parse_audit_head(input);
    if (!head.ok()) return;
    FIELDSEAL_CHECK(same(head->cose(), input));
    const auto tbs = AuditHeadTbs::from(head->head);
    FIELDSEAL_CHECK(tbs.ok());
    FIELDSEAL_CHECK(tbs->protected_header() == head->object.protected_header);
    FIELDSEAL_CHECK(tbs->payload() == head->object.payload);
    FIELDSEAL_CHECK(!parse_status(input).ok() && !parse_statement(input).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto value = cbor::decode(input)) FIELDSEAL_CHECK(same(cbor::encode(*value), input));
    if (const auto object = cose::parse(input)) {
        FIELDSEAL_CHECK(same(cose::encode(*object), input));
        FIELDSEAL_CHECK(cose::entry(*object) == sha256(input));
    }
    check_statement(input);
    check_status(input);
    check_rotation(input);
    check_audit(input);
    return 0;
}
