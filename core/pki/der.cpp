// SPDX-License-Identifier: Apache-2.0
#include "core/pki/der.h"

#include <string>

namespace fieldseal::pki {
namespace {

constexpr std::uint8_t kTagBoolean = 0x01;
constexpr std::uint8_t kTagNull = 0x05;
constexpr std::uint8_t kConstructed = 0x20;
constexpr std::uint8_t kClassBits = 0xC0;
constexpr std::uint8_t kNumberBits = 0x1F;
constexpr std::uint8_t kSequenceNumber = 0x10;
constexpr std::uint8_t kSetNumber = 0x11;
constexpr std::size_t kLengthBytesMax = 3;

struct Head {
    std::uint8_t tag = 0;
    std::size_t header = 0;  // bytes of tag and length
    std::size_t length = 0;  // bytes of content
};

// nullopt for a form that DER does not have, and for a length past the end.
std::optional<Head> read_head(ByteView bytes) {
    if (bytes.size() < 2 || (bytes[0] & kNumberBits) == kNumberBits) return std::nullopt;
    Head head{bytes[0], 2, bytes[1]};
    if (bytes[1] >= 0x80) {
        const std::size_t count = bytes[1] & 0x7FU;
        if (count == 0 || count > kLengthBytesMax || bytes.size() < 2 + count) return std::nullopt;
        head.length = 0;
        for (std::size_t i = 0; i < count; ++i) head.length = head.length << 8 | bytes[2 + i];
        const std::size_t least = count == 1 ? 0x80 : std::size_t{1} << (8 * (count - 1));
        if (head.length < least) return std::nullopt;
        head.header = 2 + count;
    }
    if (bytes.size() - head.header < head.length) return std::nullopt;
    return head;
}

bool is_canonical_primitive(std::uint8_t tag, ByteView content) {
    switch (tag) {
        case kTagBoolean:
            return content.size() == 1 && (content[0] == 0x00 || content[0] == 0xFF);
        case kTagNull:
            return content.empty();
        case kTagInteger:
            if (content.empty()) return false;
            if (content.size() == 1) return true;
            return !(content[0] == 0x00 && content[1] < 0x80) &&
                   !(content[0] == 0xFF && content[1] >= 0x80);
        case kTagBitString:
            return !content.empty() && content[0] < 8;
        default:
            return true;
    }
}

// Of universal types exactly SEQUENCE and SET are constructed.
bool has_its_form(std::uint8_t tag) {
    if ((tag & kClassBits) != 0) return true;
    const std::uint8_t number = tag & kNumberBits;
    const bool is_list = number == kSequenceNumber || number == kSetNumber;
    return is_list == ((tag & kConstructed) != 0);
}

class Walk {
public:
    // All elements of `bytes`; false at the first that is no DER. Recursion is bounded by the
    // depth.
    bool all(ByteView bytes, std::size_t depth) {
        if (depth > kDerDepthMax) return false;
        while (!bytes.empty()) {
            const auto head = read_head(bytes);
            if (!head || ++count_ > kDerElementsMax || !has_its_form(head->tag)) return false;
            const ByteView content = bytes.subspan(head->header, head->length);
            const bool is_good = (head->tag & kConstructed) != 0
                                     ? all(content, depth + 1)
                                     : is_canonical_primitive(head->tag, content);
            if (!is_good) return false;
            bytes = bytes.subspan(head->header + head->length);
        }
        return true;
    }

private:
    std::size_t count_ = 0;
};

}  // namespace

Result<void> check_der(ByteView bytes, std::string_view what) {
    const auto head = read_head(bytes);
    const bool is_one = head && head->header + head->length == bytes.size();
    if (is_one && Walk().all(bytes, 0)) return {};
    return Error{Errc::invalid_argument,
                 std::string(what) +
                     " is not exactly one element in DER: cut short, followed by "
                     "other bytes, or encoded in another way"};
}

std::optional<ByteView> DerReader::take(std::uint8_t tag) {
    const auto head = read_head(rest_);
    if (!head || head->tag != tag) return std::nullopt;
    const ByteView content = rest_.subspan(head->header, head->length);
    rest_ = rest_.subspan(head->header + head->length);
    return content;
}

}  // namespace fieldseal::pki
