// SPDX-License-Identifier: Apache-2.0
#include "anchor/row_codec.h"

#include "core/check.h"

#include <limits>

namespace fieldseal::anchor {

void RowWriter::text(std::string_view value) {
    FIELDSEAL_CHECK(value.size() <= std::numeric_limits<std::uint32_t>::max());
    append_u32_be(out_, static_cast<std::uint32_t>(value.size()));
    append(out_, as_bytes(value));
}

bool RowReader::has(std::size_t count) {
    if (failed_ || rest_.size() < count) failed_ = true;
    return !failed_;
}

std::uint8_t RowReader::u8() {
    if (!has(1)) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
}

std::uint32_t RowReader::u32() {
    if (!has(4)) return 0;
    const std::uint32_t value = read_u32_be(rest_);
    rest_ = rest_.subspan(4);
    return value;
}

std::uint64_t RowReader::u64() {
    if (!has(8)) return 0;
    const std::uint64_t value = read_u64_be(rest_);
    rest_ = rest_.subspan(8);
    return value;
}

std::string RowReader::text(std::size_t bytes_max) {
    const std::uint32_t size = u32();
    if (size > bytes_max) failed_ = true;
    if (!has(size)) return {};
    std::string value = to_text(rest_.first(size));
    rest_ = rest_.subspan(size);
    return value;
}

std::uint8_t RowReader::enumerator(std::uint8_t count) {
    const std::uint8_t value = u8();
    if (value >= count) failed_ = true;
    return failed_ ? std::uint8_t{0} : value;
}

Result<void> RowReader::finish(std::string_view what) const {
    if (failed_) {
        return Error{Errc::corrupt, std::string(what) +
                                        " is cut short or has a value out of range; "
                                        "run `fieldseal check`"};
    }
    if (!rest_.empty()) {
        return Error{Errc::corrupt, std::string(what) + " has " + std::to_string(rest_.size()) +
                                        " bytes after its end; run `fieldseal check`"};
    }
    return {};
}

}  // namespace fieldseal::anchor
