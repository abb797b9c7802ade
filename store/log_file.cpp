// SPDX-License-Identifier: Apache-2.0
#include "store/log_file.h"

#include <algorithm>
#include <array>

namespace fieldseal::store {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 4 + 2 + 1;
constexpr std::size_t kLogNumberBytes = 4;
constexpr std::uint8_t kZeroType = 0;
constexpr std::uint8_t kRecyclableFirst = 5;
constexpr std::uint8_t kRecyclableLast = 8;
constexpr std::uint8_t kTypeMax = 9;
constexpr std::uint32_t kMaskDelta = 0xa282ead8;
constexpr std::uint32_t kCastagnoliReversed = 0x82f63b78;

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ kCastagnoliReversed : crc >> 1;
        }
        table[byte] = crc;
    }
    return table;
}();

std::uint32_t read_u32_le(ByteView in) {
    return in[0] | std::uint32_t{in[1]} << 8 | std::uint32_t{in[2]} << 16 |
           std::uint32_t{in[3]} << 24;
}

// A checksum stored beside what it covers is masked, so that a checksum over it stays useful.
std::uint32_t unmasked(std::uint32_t masked) {
    const std::uint32_t rotated = masked - kMaskDelta;
    return (rotated >> 17) | (rotated << 15);
}

bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string at(std::size_t offset) {
    return "the record at byte " + std::to_string(offset);
}

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, ByteView bytes) {
    crc = ~crc;
    for (const std::uint8_t byte : bytes) crc = kCrcTable[(crc ^ byte) & 0xff] ^ (crc >> 8);
    return ~crc;
}

LogFileReport check_log_file(ByteView file) {
    LogFileReport report;
    std::size_t offset = 0;
    while (offset < file.size()) {
        const std::size_t block_end =
            std::min((offset / kBlockBytes + 1) * kBlockBytes, file.size());
        const ByteView rest = file.subspan(offset, block_end - offset);
        if (rest.size() < kHeaderBytes) {
            // Too short for a header: zeros that fill the block, or a header cut off at the end.
            if (!all_zero(rest)) report.notice = at(offset) + " is cut off";
            offset = block_end;
            continue;
        }
        const std::uint8_t type = rest[6];
        const bool recyclable = type >= kRecyclableFirst && type <= kRecyclableLast;
        const std::size_t header = kHeaderBytes + (recyclable ? kLogNumberBytes : 0);
        const std::size_t length = std::size_t{rest[4]} | std::size_t{rest[5]} << 8;
        if (type == kZeroType && length == 0 && all_zero(file.subspan(offset))) return report;
        if (type > kTypeMax || type == kZeroType) {
            report.damage = at(offset) + " is of no known type";
            return report;
        }
        if (header + length > rest.size()) {
            // Inside the file a record never crosses its block; at the end it may be cut off.
            auto& place = block_end == file.size() ? report.notice : report.damage;
            place = at(offset) + " is longer than what is left of its block";
            return report;
        }
        // The checksum covers the type, the log number and the payload.
        const std::uint32_t crc = crc32c(0, rest.subspan(6, header + length - 6));
        if (crc != unmasked(read_u32_le(rest))) {
            report.damage = at(offset) + " does not have its checksum";
            return report;
        }
        ++report.records;
        offset += header + length;
    }
    return report;
}

}  // namespace fieldseal::store
