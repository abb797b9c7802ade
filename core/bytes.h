// SPDX-License-Identifier: Apache-2.0
// The byte vocabulary: owned bytes, a view of bytes, a 32-byte digest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline constexpr std::size_t kDigestBytes = 32;
// A SHA-256 value: document digest, entry, leaf, node, root, kid, checkpoint digest.
using Digest = std::array<std::uint8_t, kDigestBytes>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}
inline std::string to_text(ByteView view) {
    return std::string(as_text(view));
}
inline void append(Bytes& out, ByteView more) {
    out.insert(out.end(), more.begin(), more.end());
}

// Big-endian integers, as every format of ours writes them.
inline void append_u16_be(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}
inline void append_u32_be(Bytes& out, std::uint32_t value) {
    append_u16_be(out, static_cast<std::uint16_t>(value >> 16));
    append_u16_be(out, static_cast<std::uint16_t>(value));
}
inline void append_u64_be(Bytes& out, std::uint64_t value) {
    append_u32_be(out, static_cast<std::uint32_t>(value >> 32));
    append_u32_be(out, static_cast<std::uint32_t>(value));
}
// REQUIRES: at least 2, 4 or 8 bytes.
inline std::uint16_t read_u16_be(ByteView in) {
    return static_cast<std::uint16_t>((in[0] << 8) | in[1]);
}
inline std::uint32_t read_u32_be(ByteView in) {
    return (std::uint32_t{read_u16_be(in)} << 16) | read_u16_be(in.subspan(2));
}
inline std::uint64_t read_u64_be(ByteView in) {
    return (std::uint64_t{read_u32_be(in)} << 32) | read_u32_be(in.subspan(4));
}

}  // namespace fieldseal
