// SPDX-License-Identifier: Apache-2.0
// What the rows' codecs share: fields of a map that have to be there, the largest time, and the
// error of a row that is not what we write. THREADS: any.
#pragma once

#include "core/cbor/reader.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace fieldseal::people {

inline constexpr std::int64_t kTimeMaxS = 253'402'300'799;  // 9999-12-31, POSIX seconds

inline Result<std::int64_t> row_integer(cbor::MapReader& in, const cbor::Key& key, std::int64_t min,
                                        std::int64_t max) {
    const cbor::Reader field = FIELDSEAL_TRY(in.required(key));
    return field.integer(min, max);
}

inline Result<std::string> row_text(cbor::MapReader& in, const cbor::Key& key,
                                    std::size_t bytes_max) {
    const cbor::Reader field = FIELDSEAL_TRY(in.required(key));
    return field.text(bytes_max);
}

template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> row_fixed(cbor::MapReader& in, const cbor::Key& key) {
    const cbor::Reader field = FIELDSEAL_TRY(in.required(key));
    return field.fixed<kSize>();
}

// A row that does not decode is damage, whatever the decoder calls it.
template <class T>
Result<T> or_corrupt(Result<T> decoded, std::string_view rows) {
    if (decoded.ok()) return decoded;
    return Error{Errc::corrupt, "a row under " + std::string(rows) + " is damaged (" +
                                    decoded.error().message +
                                    "): run `fieldseal check` and restore a backup"};
}

}  // namespace fieldseal::people
