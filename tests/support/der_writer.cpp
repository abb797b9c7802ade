// SPDX-License-Identifier: Apache-2.0
#include "tests/support/der_writer.h"

#include "core/check.h"
#include "core/encoding.h"
#include "tests/support/time_text.h"

#include <algorithm>
#include <string>

namespace fieldseal::testing {
namespace {

constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kNull = 0x05;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kUtcTime = 0x17;
constexpr std::uint8_t kGeneralizedTime = 0x18;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kSet = 0x31;
constexpr std::int64_t kYear2050_s = 2524608000;

Bytes base_128(std::uint64_t value) {
    Bytes out{static_cast<std::uint8_t>(value & 0x7F)};
    while (value >>= 7) out.insert(out.begin(), static_cast<std::uint8_t>(0x80 | (value & 0x7F)));
    return out;
}

}  // namespace

Bytes der(std::uint8_t tag, ByteView content) {
    Bytes out{tag};
    if (content.size() < 0x80) {
        out.push_back(static_cast<std::uint8_t>(content.size()));
    } else {
        Bytes length;
        for (std::size_t left = content.size(); left > 0; left >>= 8) {
            length.insert(length.begin(), static_cast<std::uint8_t>(left));
        }
        out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
        append(out, length);
    }
    append(out, content);
    return out;
}

Bytes der_joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) append(out, part);
    return out;
}

Bytes der_sequence(std::initializer_list<Bytes> parts) {
    return der(kSequence, der_joined(parts));
}

Bytes der_set(std::vector<Bytes> items) {
    std::sort(items.begin(), items.end());
    Bytes content;
    for (const Bytes& item : items) append(content, item);
    return der(kSet, content);
}

Bytes der_oid(std::string_view dotted) {
    std::vector<std::uint64_t> arcs;
    while (!dotted.empty()) {
        const std::size_t end = std::min(dotted.find('.'), dotted.size());
        const auto arc = parse_decimal(dotted.substr(0, end));
        FIELDSEAL_CHECK(arc.ok());
        arcs.push_back(*arc);
        dotted.remove_prefix(std::min(end + 1, dotted.size()));
    }
    FIELDSEAL_CHECK(arcs.size() >= 2);
    Bytes content = base_128(40 * arcs[0] + arcs[1]);
    for (std::size_t i = 2; i < arcs.size(); ++i) append(content, base_128(arcs[i]));
    return der(kOid, content);
}

Bytes der_number_of(ByteView magnitude) {
    while (magnitude.size() > 1 && magnitude[0] == 0) magnitude = magnitude.subspan(1);
    Bytes content;
    if (magnitude.empty() || magnitude[0] >= 0x80) content.push_back(0);
    append(content, magnitude);
    return der(kInteger, content);
}

Bytes der_number(std::uint64_t value) {
    Bytes magnitude;
    append_u64_be(magnitude, value);
    return der_number_of(magnitude);
}

Bytes der_octets(ByteView content) {
    return der(kOctetString, content);
}
Bytes der_bits(ByteView content) {
    Bytes bits{0};
    append(bits, content);
    return der(kBitString, bits);
}
Bytes der_null() {
    return der(kNull, {});
}
Bytes der_true() {
    return der(kBoolean, Bytes{0xFF});
}

Bytes der_generalized_time(std::string_view text) {
    return der(kGeneralizedTime, as_bytes(text));
}

Bytes der_time(std::int64_t posix_s) {
    const std::string text = generalized_time(posix_s);
    if (posix_s >= kYear2050_s) return der_generalized_time(text);
    return der(kUtcTime, as_bytes(std::string_view(text).substr(2)));
}

Bytes der_algorithm(std::string_view oid) {
    return der_sequence({der_oid(oid)});
}
Bytes der_algorithm_null(std::string_view oid) {
    return der_sequence({der_oid(oid), der_null()});
}

}  // namespace fieldseal::testing
