// SPDX-License-Identifier: Apache-2.0
// The written side of the configuration: commented TOML for `init`, and the list of keys for the
// docs.
#include "node/config/config.h"
#include "node/config/fields.h"

#include <optional>
#include <vector>

namespace fieldseal::node {
namespace {

// A TOML basic string: control bytes, quotes and backslashes escaped.
std::string toml_string(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

template <std::size_t kCount>
std::string joined(const std::array<std::string_view, kCount>& words, std::string_view separator) {
    std::string out;
    for (const std::string_view word : words) {
        if (!out.empty()) out += separator;
        out += word;
    }
    return out;
}

// Walks the description and gives each key as (name, type, value as TOML, help) to one function.
template <class Sink>
class Walker {
public:
    explicit Walker(Sink& sink) : sink_(sink) {}

    void text(std::string_view name, std::string& value, TextCheck, std::string_view help) {
        sink_.key(name, "text", toml_string(value), help);
    }
    void texts(std::string_view name, std::vector<std::string>& values, TextCheck,
               std::string_view help) {
        std::string list;
        for (const std::string& value : values)
            list += (list.empty() ? "" : ", ") + toml_string(value);
        sink_.key(name, "list of texts", "[" + list + "]", help);
    }
    void integer(std::string_view name, std::uint32_t& value, IntegerRange range,
                 std::string_view help) {
        sink_.key(name, "integer " + std::to_string(range.min) + ".." + std::to_string(range.max),
                  std::to_string(value), help);
    }
    void boolean(std::string_view name, bool& value, std::string_view help) {
        sink_.key(name, "true or false", value ? "true" : "false", help);
    }
    template <class Enum, std::size_t kCount>
    void word(std::string_view name, Enum& value, const std::array<std::string_view, kCount>& words,
              std::string_view help) {
        sink_.key(name, "one of " + joined(words, ", "),
                  toml_string(words[static_cast<std::size_t>(value)]), help);
    }
    void listen(std::string_view name, ListenAddress& value, std::string_view help) {
        sink_.key(name, "address", toml_string(to_string(value)), help);
    }
    template <class Section>
    void section(std::string_view name, std::string_view help, Section& fields) {
        sink_.section(std::string(name), help);
        describe(*this, fields);
    }
    template <class Element>
    void list(std::string_view name, std::string_view help, std::vector<Element>& elements) {
        const std::string heading = "[" + std::string(name) + "]";
        if (elements.empty()) {
            Element example;
            sink_.example_section(heading, help);
            describe(*this, example);
        }
        for (Element& element : elements) {
            sink_.section(heading, help);
            describe(*this, element);
        }
    }

private:
    Sink& sink_;
};

class TomlSink {
public:
    void section(const std::string& heading, std::string_view help) {
        out_ += "\n# " + std::string(help) + "\n[" + heading + "]\n";
    }
    // A block nobody has filled in yet: shown, commented out.
    void example_section(const std::string& heading, std::string_view help) {
        prefix_ = "#";
        out_ += "\n# " + std::string(help) + "\n#[" + heading + "]\n";
    }
    void key(std::string_view name, const std::string&, const std::string& value,
             std::string_view help) {
        out_ += "# " + std::string(help) + "\n";
        out_ += prefix_ + std::string(name) + " = " + value + "\n";
    }
    std::string take() { return std::move(out_); }

private:
    std::string prefix_;
    std::string out_ =
        "# fieldseal node configuration. docs/configuration.md explains every key.\n"
        "# Check a changed file with `fieldseal doctor` before the daemon is restarted.\n\n";
};

// Keys with their values as TOML, in the order of the description.
class ValueSink {
public:
    void key(std::string_view name, const std::string&, const std::string& value,
             std::string_view) {
        lines.push_back(std::string(name) + " = " + value + "\n");
    }
    std::vector<std::string> lines;
};

std::vector<std::string> lines_of(Config::Target target) {
    ValueSink sink;
    Walker walker(sink);
    describe(walker, target);
    return sink.lines;
}

class KeyListSink {
public:
    void section(const std::string& heading, std::string_view) { section_ = heading; }
    void example_section(const std::string& heading, std::string_view) { section_ = heading; }
    void key(std::string_view name, const std::string& type, const std::string& value,
             std::string_view help) {
        keys_.push_back({section_, std::string(name), type, value, std::string(help)});
    }
    std::vector<ConfigKey> take() { return std::move(keys_); }

private:
    std::string section_;
    std::vector<ConfigKey> keys_;
};

}  // namespace

std::string to_toml(const Config& config) {
    Config copy = config;  // The description names mutable fields; walking it here changes none.
    TomlSink sink;
    Walker walker(sink);
    describe(walker, copy);
    return sink.take();
}

std::string to_toml(const Config::Target& target) {
    const auto usual = lines_of({});
    const auto lines = lines_of(target);
    std::string block = "\n[[target]]\n";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i] != usual[i] || lines[i].starts_with("kind ")) block += lines[i];
    }
    return block;
}

std::vector<ConfigKey> config_keys() {
    Config defaults;
    KeyListSink sink;
    Walker walker(sink);
    describe(walker, defaults);
    return sink.take();
}

}  // namespace fieldseal::node
