// SPDX-License-Identifier: Apache-2.0
#include "core/encoding.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace fieldseal {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit_value(std::string_view alphabet, char digit) {
    const auto position = alphabet.find(digit);
    return position == std::string_view::npos ? -1 : static_cast<int>(position);
}

// value of each base64 byte, or -1; a table, because evidence and notes are mostly base64.
constexpr auto kBase64Values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < kBase64Digits.size(); ++i) {
        table[static_cast<unsigned char>(kBase64Digits[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}();

int base64_value(char digit) {
    return kBase64Values[static_cast<unsigned char>(digit)];
}

Error bad_base64() {
    return {Errc::invalid_argument, "not canonical base64 (RFC 4648 §4)"};
}

// Decodes the last group, which may be padded. Pad bits must be zero.
Result<void> decode_last_group(std::string_view group, Bytes& out) {
    const std::size_t digits = group.find('=') == std::string_view::npos ? 4 : group.find('=');
    if (digits < 2 || group.substr(digits).find_first_not_of('=') != std::string_view::npos) {
        return bad_base64();
    }
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = base64_value(group[i]);
        if (value < 0) return bad_base64();
        bits |= static_cast<std::uint32_t>(value) << (18 - 6 * i);
    }
    const std::size_t bytes = digits - 1;
    if ((bits & (0xFFFFFFU >> (8 * bytes))) != 0) return bad_base64();
    for (std::size_t i = 0; i < bytes; ++i) {
        out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    }
    return {};
}

// Length of the UTF-8 sequence at `text[at]`, or 0 when it is malformed.
std::size_t utf8_sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF)
        length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else
        return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (at + length > text.size()) return 0;
    if (byte(at + 1) < low || byte(at + 1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(at + i) < 0x80 || byte(at + i) > 0xBF) return 0;
    }
    return length;
}

}  // namespace

std::string hex_encode(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kHexDigits[byte >> 4]);
        text.push_back(kHexDigits[byte & 15]);
    }
    return text;
}

Result<Bytes> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return Error{Errc::invalid_argument, "hex text of odd length"};
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(kHexDigits, text[i]);
        const int low = digit_value(kHexDigits, text[i + 1]);
        if (high < 0 || low < 0) {
            return Error{Errc::invalid_argument, "not lower-case hexadecimal: " + quoted(text)};
        }
        bytes.push_back(static_cast<std::uint8_t>((high << 4) | low));
    }
    return bytes;
}

Result<Digest> hex_decode_digest(std::string_view text) {
    return to_digest(FIELDSEAL_TRY(hex_decode(text)));
}

std::string base64_encode(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < count; ++j) {
            bits |= static_cast<std::uint32_t>(bytes[i + j]) << (16 - 8 * j);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text.push_back(j <= count ? kBase64Digits[(bits >> (18 - 6 * j)) & 63] : '=');
        }
    }
    return text;
}

Result<Bytes> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return bad_base64();
    Bytes bytes;
    if (text.empty()) return bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i + 4 < text.size(); i += 4) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const int value = base64_value(text[i + j]);
            if (value < 0) return bad_base64();
            bits = (bits << 6) | static_cast<std::uint32_t>(value);
        }
        bytes.push_back(static_cast<std::uint8_t>(bits >> 16));
        bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
        bytes.push_back(static_cast<std::uint8_t>(bits));
    }
    FIELDSEAL_TRY(decode_last_group(text.substr(text.size() - 4), bytes));
    return bytes;
}

Result<Digest> base64_decode_digest(std::string_view text) {
    return to_digest(FIELDSEAL_TRY(base64_decode(text)));
}

Result<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t value = 0;
    const bool canonical =
        !text.empty() && text[0] >= '0' && text[0] <= '9' && (text.size() == 1 || text[0] != '0');
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!canonical || status != std::errc{} || end != text.data() + text.size()) {
        return Error{Errc::invalid_argument, "not a canonical decimal number: " + quoted(text)};
    }
    return value;
}

Result<Digest> to_digest(ByteView bytes) {
    if (bytes.size() != kDigestBytes) {
        return Error{Errc::invalid_argument,
                     "a digest has 32 bytes, this has " + std::to_string(bytes.size())};
    }
    Digest digest;
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::string quoted(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        if (at >= limit) {
            out += "…";
            break;
        }
        const std::size_t length = utf8_sequence_length(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out.push_back(kHexDigits[byte >> 4]);
            out.push_back(kHexDigits[byte & 15]);
            ++at;
        } else {
            out.append(text.substr(at, length));
            at += length;
        }
    }
    return out + "\"";
}

std::string rfc3339(std::int64_t posix_s) {
    using namespace std::chrono;
    const sys_seconds time{seconds{posix_s}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

}  // namespace fieldseal
