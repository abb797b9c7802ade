// SPDX-License-Identifier: Apache-2.0
// The bytes of outbox rows: fixed-width big-endian integers and length-prefixed texts
// (docs/formats/outbox.md §1). One encoding per value; the reader refuses everything else.
// THREADS: value types, one thread each.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::anchor {

class RowWriter {
public:
    void u8(std::uint8_t value) { out_.push_back(value); }
    void u32(std::uint32_t value) { append_u32_be(out_, value); }
    void u64(std::uint64_t value) { append_u64_be(out_, value); }
    // Two's complement, big-endian.
    void i64(std::int64_t value) { append_u64_be(out_, static_cast<std::uint64_t>(value)); }
    // u32 length, then the bytes. REQUIRES: no longer than the limit the reader will apply.
    void text(std::string_view value);
    Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

// Reads fields in order. The first failure sticks: later reads return zero values, and finish()
// tells.
class RowReader {
public:
    explicit RowReader(ByteView bytes) : rest_(bytes) {}

    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
    std::string text(std::size_t bytes_max);
    // A u8 that must be smaller than `count`.
    std::uint8_t enumerator(std::uint8_t count);

    // Errc::corrupt unless every read fitted and nothing is left over.
    Result<void> finish(std::string_view what) const;

private:
    bool has(std::size_t count);
    ByteView rest_;
    bool failed_ = false;
};

}  // namespace fieldseal::anchor
