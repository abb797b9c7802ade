// SPDX-License-Identifier: Apache-2.0
// Rows of the store: whatever decodes encodes back to the same bytes, so no row has two readings.
// Input: one byte choosing the kind of row, then, for rows whose key says something, one byte with
// the length of the key and the key, then the row.
#include "core/check.h"
#include "store/schema.h"

#include <cstdint>

using namespace fieldseal;
using namespace fieldseal::store;

namespace {

void same(const Bytes& again, ByteView row) {
    FIELDSEAL_CHECK(as_text(again) == as_text(row));
}

void statement(ByteView row) {
    const auto record = schema::decode_statement({7}, row);
    if (!record.ok()) return;
    const NewStatement again{record->kind,     record->received_at_s, record->entry,
                             record->document, record->cose,          record->local};
    same(schema::encode(again), row);
}

void outbox(ByteView key, ByteView row) {
    const auto record = schema::decode_outbox(key, row);
    if (!record.ok()) return;
    FIELDSEAL_CHECK(schema::outbox_key(record->log, record->target) == as_text(key));
    same(schema::encode(*record), row);
}

void proof(ByteView key, ByteView row) {
    const auto record = schema::decode_proof(key, row);
    if (!record.ok()) return;
    FIELDSEAL_CHECK(schema::proof_key(record->log, record->target, record->size) == as_text(key));
    same(schema::encode(*record), row);
}

void space_row(ByteView key, ByteView row) {
    const auto record = schema::decode_space_row(key, row);
    if (!record.ok()) return;
    FIELDSEAL_CHECK(schema::space_row_key(record->space, record->key) == as_text(key));
    same(schema::encode(*record), row);
}

template <class Decoded>
void whole(const Decoded& record, ByteView row) {
    if (record.ok()) same(schema::encode(*record), row);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const ByteView rest(data + 1, size - 1);
    const std::size_t key_size = std::min<std::size_t>(rest[0], rest.size() - 1);
    const ByteView key = rest.subspan(1, key_size);
    const ByteView keyed = rest.subspan(1 + key_size);
    switch (data[0] % 9) {
        case 0:
            statement(rest);
            break;
        case 1:
            outbox(key, keyed);
            break;
        case 2:
            proof(key, keyed);
            break;
        case 3:
            whole(schema::decode_head(rest), rest);
            break;
        case 4:
            whole(schema::decode_checkpoint({9}, rest), rest);
            break;
        case 5:
            whole(schema::decode_witness(rest), rest);
            break;
        case 6:
            whole(schema::decode_idempotency(rest), rest);
            break;
        case 8:
            space_row(key, keyed);
            break;
        default:
            if (const auto version = schema::decode_version(rest)) {
                same(schema::encode_version(*version), rest);
            }
    }
    return 0;
}
