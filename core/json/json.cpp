// SPDX-License-Identifier: Apache-2.0
// The grammar is nlohmann's lexer and parser, driven through SAX; the tree and every rule beyond
// RFC 8259 are ours. nlohmann skips a byte order mark and takes a NUL byte for the end of the text,
// so both are refused before it runs.
#include "core/json/json.h"

#include "core/check.h"
#include "core/encoding.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace fieldseal::json {
namespace {

Error malformed(std::string message) {
    return {Errc::invalid_argument, "JSON: " + std::move(message)};
}

// The first member name that appears twice, by sorting: linear search would let one flat object of
// many members cost quadratic time.
std::optional<std::string> duplicate_name(const Object& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const Member& member : members) names.emplace_back(member.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice == names.end()) return std::nullopt;
    return std::string(*twice);
}

}  // namespace

std::int64_t Value::in_range(std::int64_t number, bool fits) {
    FIELDSEAL_CHECK(fits);
    return number;
}

Value::Value(Object members) : state_(std::move(members)) {}

Value Value::object(std::initializer_list<Member> members) {
    Object list(members);
    FIELDSEAL_CHECK(!duplicate_name(list));
    return Value(std::move(list));
}

Value Value::array(std::initializer_list<Value> items) {
    return {Array(items)};
}

std::string_view Value::kind() const {
    constexpr std::string_view kNames[] = {"null", "bool", "integer", "string", "array", "object"};
    return kNames[state_.index()];
}

bool Value::as_bool() const {
    FIELDSEAL_CHECK(is_bool());
    return *std::get_if<bool>(&state_);
}

std::int64_t Value::as_integer() const {
    FIELDSEAL_CHECK(is_integer());
    return *std::get_if<std::int64_t>(&state_);
}

const std::string& Value::as_string() const {
    FIELDSEAL_CHECK(is_string());
    return *std::get_if<std::string>(&state_);
}

const Array& Value::as_array() const {
    FIELDSEAL_CHECK(is_array());
    return *std::get_if<Array>(&state_);
}

const Object& Value::as_object() const {
    FIELDSEAL_CHECK(is_object());
    return *std::get_if<Object>(&state_);
}

const Value* Value::find(std::string_view name) const {
    const auto* members = std::get_if<Object>(&state_);
    if (members == nullptr) return nullptr;
    const auto found = std::find_if(members->begin(), members->end(),
                                    [&](const Member& member) { return member.name == name; });
    return found == members->end() ? nullptr : &found->value;
}

Value& Value::set(std::string_view name, Value value) {
    FIELDSEAL_CHECK(is_object());
    auto& members = *std::get_if<Object>(&state_);
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& member) { return member.name == name; });
    if (found != members.end()) {
        found->value = std::move(value);
    } else {
        members.push_back({std::string(name), std::move(value)});
    }
    return *this;
}

Value& Value::push_back(Value value) {
    FIELDSEAL_CHECK(is_array());
    std::get_if<Array>(&state_)->push_back(std::move(value));
    return *this;
}

bool operator==(const Value& a, const Value& b) {
    return a.state_ == b.state_;
}

// Receives nlohmann's SAX events, keeps the open arrays and objects on a stack and stops at the
// first thing we refuse. The member functions' names and signatures are nlohmann's.
class TreeBuilder {
public:
    explicit TreeBuilder(const Limits& limits) : limits_(limits) {}

    Result<Value> finish() && {
        if (error_) return *std::move(error_);
        if (!open_.empty() || !root_) return malformed("ends before the value is complete");
        return *std::move(root_);
    }

    bool null() { return put({}); }
    bool boolean(bool flag) { return put(flag); }
    bool number_integer(std::int64_t number) {
        // Only texts with a minus sign arrive here, so zero was written "-0".
        if (number == 0) return refuse("\"-0\" is not an integer of ours, write 0");
        if (number < -kIntegerMax) return refuse("integer below -(2^53 - 1)");
        return put(number);
    }
    bool number_unsigned(std::uint64_t number) {
        if (std::cmp_greater(number, kIntegerMax)) return refuse("integer above 2^53 - 1");
        return put(number);
    }
    bool number_float(double /*number*/, const std::string& text) {
        return refuse("number " + fieldseal::quoted(text, 40) +
                      " is not an integer within ±(2^53 - 1), written plainly");
    }
    bool string(std::string& text) { return put(std::move(text)); }
    bool binary(std::vector<std::uint8_t>& /*bytes*/) { return refuse("binary value"); }
    bool start_object(std::size_t /*count*/) { return open(Value(Object{})); }
    bool start_array(std::size_t /*count*/) { return open(Value(Array{})); }
    bool key(std::string& name) {
        open_.back().name = std::move(name);
        return true;
    }
    bool end_object() {
        if (const auto twice = duplicate_name(open_.back().container.as_object())) {
            return refuse("member " + fieldseal::quoted(*twice) + " appears twice");
        }
        return close();
    }
    bool end_array() { return close(); }
    template <class ParseError>
    bool parse_error(std::size_t at, const std::string& token, const ParseError& /*error*/) {
        return refuse("malformed at byte " + std::to_string(at) + ", near " +
                      fieldseal::quoted(token, 40));
    }

private:
    struct Open {
        Value container;
        std::string name;  // of the member whose value comes next
    };

    bool refuse(std::string message) {
        error_ = malformed(std::move(message));
        return false;
    }
    bool count() {
        if (++values_ <= limits_.values_max) return true;
        return refuse("more than " + std::to_string(limits_.values_max) + " values");
    }
    bool open(Value container) {
        if (!count()) return false;
        if (open_.size() == limits_.depth_max) {
            return refuse("nested deeper than " + std::to_string(limits_.depth_max));
        }
        open_.push_back({std::move(container), {}});
        return true;
    }
    bool close() {
        Value done = std::move(open_.back().container);
        open_.pop_back();
        attach(std::move(done));
        return true;
    }
    bool put(Value value) {
        if (!count()) return false;
        attach(std::move(value));
        return true;
    }
    void attach(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* members = std::get_if<Object>(&open_.back().container.state_)) {
            members->push_back({std::move(open_.back().name), std::move(value)});
        } else {
            open_.back().container.push_back(std::move(value));
        }
    }

    Limits limits_;
    std::vector<Open> open_;
    std::optional<Value> root_;
    std::optional<Error> error_;
    std::size_t values_ = 0;
};

Result<Value> parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes_max) {
        return malformed("longer than " + std::to_string(limits.bytes_max) + " bytes");
    }
    if (text.starts_with("\xEF\xBB\xBF")) return malformed("starts with a byte order mark");
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        return malformed("NUL byte at byte " + std::to_string(nul));
    }
    try {
        TreeBuilder builder(limits);
        ignore_error(Result<bool>(nlohmann::json::sax_parse(text.begin(), text.end(), &builder)),
                     "the builder keeps the reason");
        return std::move(builder).finish();
    } catch (const std::exception& error) {
        return malformed(error.what());
    }
}

namespace {

void write_escaped(std::string& out, unsigned char byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (byte >= 0x20) {
        out += static_cast<char>(byte);
        return;
    }
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0F];
}

// `text` with U+FFFD for every byte that is not part of a well-formed character.
std::string repaired(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t length = 1;
        while (length <= 4 && !is_utf8(text.substr(at, length))) ++length;
        if (length <= 4 && at + length <= text.size()) {
            out += text.substr(at, length);
            at += length;
        } else {
            out += "\xEF\xBF\xBD";
            at += 1;
        }
    }
    return out;
}

void write_string(std::string& out, std::string_view text) {
    std::string well_formed;
    if (!is_utf8(text)) {
        well_formed = repaired(text);
        text = well_formed;
    }
    out += '"';
    for (const char byte : text) write_escaped(out, static_cast<unsigned char>(byte));
    out += '"';
}

class Writer {
public:
    explicit Writer(Style style) : pretty_(style == Style::pretty) {}

    void write(const Value& value) {
        if (value.is_array()) return write_array(value.as_array());
        if (value.is_object()) return write_object(value.as_object());
        if (value.is_string()) return write_string(out_, value.as_string());
        if (value.is_integer()) {
            out_ += std::to_string(value.as_integer());
        } else if (value.is_bool()) {
            out_ += value.as_bool() ? "true" : "false";
        } else {
            out_ += "null";
        }
    }

    std::string take() && {
        if (pretty_) out_ += '\n';
        return std::move(out_);
    }

private:
    void write_array(const Array& items) {
        open('[');
        for (const Value& item : items) {
            separate();
            write(item);
        }
        close(']', items.empty());
    }

    void write_object(const Object& members) {
        open('{');
        for (const Member& member : members) {
            separate();
            write_string(out_, member.name);
            out_ += pretty_ ? ": " : ":";
            write(member.value);
        }
        close('}', members.empty());
    }

    void open(char bracket) {
        out_ += bracket;
        ++depth_;
        first_ = true;
    }
    void separate() {
        if (!first_) out_ += ',';
        first_ = false;
        line();
    }
    void close(char bracket, bool empty) {
        --depth_;
        if (!empty) line();
        out_ += bracket;
        first_ = false;
    }
    void line() {
        if (!pretty_) return;
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    std::string out_;
    std::size_t depth_ = 0;
    bool pretty_;
    bool first_ = true;
};

}  // namespace

std::string dump(const Value& value, Style style) {
    Writer writer(style);
    writer.write(value);
    return std::move(writer).take();
}

}  // namespace fieldseal::json
