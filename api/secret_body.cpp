// SPDX-License-Identifier: Apache-2.0
#include "api/secret_body.h"

#include "api/secret_text.h"
#include "core/encoding.h"

#include <algorithm>
#include <cstdint>

namespace fieldseal::api {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::uint32_t kHighSurrogates = 0xD800;
constexpr std::uint32_t kLowSurrogates = 0xDC00;
constexpr std::uint32_t kSurrogatesEnd = 0xE000;

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "the body: " + std::string(why)};
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

char short_escape(char letter) {
    switch (letter) {
        case '"':
        case '\\':
        case '/':
            return letter;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return '\0';
    }
}

void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            out += "\\u00";
            out += kHexDigits[byte >> 4];
            out += kHexDigits[byte & 15];
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

}  // namespace

// RFC 8259, of it what SecretBody takes.
class SecretBody::Reader {
public:
    Reader(std::string_view text, std::string& out) : text_(text), out_(out) {}

    Result<void> read_members(std::vector<Member>& members) {
        FIELDSEAL_TRY(expect('{'));
        if (take('}')) return end();
        do {
            if (members.size() == kSecretMembersMax) return refused("it has too many members");
            members.push_back(FIELDSEAL_TRY(read_member()));
            const auto same = [&](const Member& each) { return each.name == members.back().name; };
            if (std::count_if(members.begin(), members.end(), same) > 1)
                return refused("a member comes twice");
        } while (take(','));
        FIELDSEAL_TRY(expect('}'));
        return end();
    }

    // REQUIRES: `members` and `rest` empty.
    Result<void> lift_member(std::string_view name, std::vector<Member>& members,
                             std::string& rest) {
        FIELDSEAL_TRY(expect('{'));
        rest = "{";
        if (!take('}')) {
            do {
                FIELDSEAL_TRY(lift_or_keep(name, members, rest));
            } while (take(','));
            FIELDSEAL_TRY(expect('}'));
        }
        rest += '}';
        return end();
    }

private:
    Result<void> lift_or_keep(std::string_view name, std::vector<Member>& members,
                              std::string& rest) {
        skip_blanks();
        const std::size_t begins = at_;
        const std::size_t decoded = out_.size();
        FIELDSEAL_TRY(read_text());
        const bool wanted = std::string_view(out_).substr(decoded) == name;
        FIELDSEAL_TRY(expect(':'));
        if (!wanted) {
            FIELDSEAL_TRY(skip_value());
            if (rest.size() > 1) rest += ',';
            rest += text_.substr(begins, at_ - begins);
            return {};
        }
        if (!members.empty()) return refused("a member comes twice");
        Member member{.name = std::string(name), .at = out_.size()};
        FIELDSEAL_TRY(read_text());
        member.size = out_.size() - member.at;
        members.push_back(std::move(member));
        return {};
    }

    // To the end of a member's value, whatever it is: whoever parses the rest looks at it.
    Result<void> skip_value() {
        std::size_t depth = 0;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (depth == 0 && (c == ',' || c == '}')) return {};
            if (c == '{' || c == '[') ++depth;
            if ((c == '}' || c == ']') && depth > 0) --depth;
            if (c == '"') FIELDSEAL_TRY(skip_text());
        }
        return refused("it does not end");
    }
    // From its first quotation mark to its last.
    Result<void> skip_text() {
        while (++at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') ++at_;
        }
        return at_ < text_.size() ? Result<void>() : refused("a text does not end");
    }

    void skip_blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
            ++at_;
    }
    bool take(char c) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    Result<void> expect(char c) {
        if (take(c)) return {};
        return refused("it is not a JSON object of texts and flags");
    }
    Result<void> end() {
        skip_blanks();
        return at_ == text_.size() ? Result<void>() : refused("something follows the object");
    }

    Result<Member> read_member() {
        const std::size_t start = out_.size();
        FIELDSEAL_TRY(read_text());
        Member member;
        member.name = out_.substr(start);
        if (member.name.size() > kNameBytesMax) return refused("a member's name is too long");
        FIELDSEAL_TRY(expect(':'));
        if (take_word("true")) {
            member.kind = Kind::boolean;
            member.on = true;
        } else if (take_word("false")) {
            member.kind = Kind::boolean;
        } else {
            member.at = out_.size();
            FIELDSEAL_TRY(read_text());
            member.size = out_.size() - member.at;
        }
        return member;
    }

    Result<void> read_text() {
        FIELDSEAL_TRY(expect('"'));
        const std::size_t start = out_.size();
        for (;;) {
            if (at_ >= text_.size()) return refused("a text does not end");
            const char c = text_[at_++];
            if (c == '"') break;
            if (static_cast<unsigned char>(c) < 0x20)
                return refused("a text has a control character");
            if (c == '\\') {
                FIELDSEAL_TRY(read_escape());
            } else {
                out_ += c;
            }
        }
        if (!is_utf8(std::string_view(out_).substr(start))) return refused("a text is not UTF-8");
        return {};
    }

    Result<void> read_escape() {
        if (at_ >= text_.size()) return refused("a text does not end");
        const char letter = text_[at_++];
        if (letter != 'u') {
            const char meant = short_escape(letter);
            if (meant == '\0') return refused("a text has an unknown escape");
            out_ += meant;
            return {};
        }
        std::uint32_t code = FIELDSEAL_TRY(read_unit());
        if (code >= kLowSurrogates && code < kSurrogatesEnd) return refused("half a character");
        if (code >= kHighSurrogates && code < kLowSurrogates) {
            if (!text_.substr(at_).starts_with("\\u")) return refused("half a character");
            at_ += 2;
            const std::uint32_t low = FIELDSEAL_TRY(read_unit());
            if (low < kLowSurrogates || low >= kSurrogatesEnd) return refused("half a character");
            code = 0x10000 + ((code - kHighSurrogates) << 10 | (low - kLowSurrogates));
        }
        append_utf8(out_, code);
        return {};
    }

    Result<std::uint32_t> read_unit() {
        std::uint32_t unit = 0;
        for (int i = 0; i < 4; ++i) {
            const int value = at_ < text_.size() ? hex_value(text_[at_]) : -1;
            if (value < 0) return refused("a \\u escape has four hexadecimal digits");
            unit = unit << 4 | static_cast<std::uint32_t>(value);
            ++at_;
        }
        return unit;
    }

    std::string_view text_;
    std::string& out_;
    std::size_t at_ = 0;
};

Result<SecretBody> SecretBody::parse(std::string_view json) {
    SecretBody body;
    // An escape is never shorter than what it means, so this is enough.
    body.decoded_.reserve(json.size() + 1);
    FIELDSEAL_TRY(Reader(json, body.decoded_).read_members(body.members_));
    return body;
}

Result<SecretBody> SecretBody::lift(std::string_view json, std::string_view name,
                                    std::string& rest) {
    SecretBody body;
    body.decoded_.reserve(json.size() + 1);
    FIELDSEAL_TRY(Reader(json, body.decoded_).lift_member(name, body.members_, rest));
    return body;
}

SecretBody::~SecretBody() {
    wipe(decoded_);
}

SecretBody::SecretBody(SecretBody&& other) noexcept
    : decoded_(std::move(other.decoded_)), members_(std::move(other.members_)) {
    wipe(other.decoded_);  // a short text was copied, not moved
}

SecretBody::Member* SecretBody::find(std::string_view name) {
    const auto at = std::find_if(members_.begin(), members_.end(),
                                 [&](const Member& each) { return each.name == name; });
    if (at == members_.end()) return nullptr;
    at->asked = true;
    return &*at;
}

Result<std::optional<std::string_view>> SecretBody::optional_text(std::string_view name,
                                                                  std::size_t bytes_max) {
    const Member* member = find(name);
    if (member == nullptr) return std::optional<std::string_view>();
    if (member->kind != Kind::text)
        return refused("the member \"" + std::string(name) + "\" is not a text");
    if (member->size > bytes_max) {
        return refused("the member \"" + std::string(name) + "\" has more than " +
                       std::to_string(bytes_max) + " bytes");
    }
    return std::optional(std::string_view(decoded_).substr(member->at, member->size));
}

Result<std::string_view> SecretBody::required_text(std::string_view name, std::size_t bytes_max) {
    const auto text = FIELDSEAL_TRY(optional_text(name, bytes_max));
    if (!text) return refused("the member \"" + std::string(name) + "\" is missing");
    return *text;
}

Result<bool> SecretBody::flag(std::string_view name) {
    const Member* member = find(name);
    if (member == nullptr) return false;
    if (member->kind != Kind::boolean)
        return refused("the member \"" + std::string(name) + "\" is not true or false");
    return member->on;
}

Result<void> SecretBody::finish() const {
    for (const Member& member : members_) {
        if (!member.asked) return refused("there is no member " + quoted(member.name) + " here");
    }
    return {};
}

Response secret_response(std::string_view kind, const SecretMembers& members) {
    std::size_t size = 64 + kind.size();
    for (const auto& [name, text] : members) size += name.size() + 6 * text.size() + 16;
    Response response;
    response.content_type = "application/json";
    response.secret = true;
    response.body.reserve(size);  // growing would leave copies behind
    response.body += "{\"fieldseal\":\"";
    response.body += kind;
    response.body += "/v1\"";
    for (const auto& [name, text] : members) {
        response.body += ",\"";
        response.body += name;
        response.body += "\":";
        append_escaped(response.body, text);
    }
    response.body += "}\n";
    return response;
}

}  // namespace fieldseal::api
