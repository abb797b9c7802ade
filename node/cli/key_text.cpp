// SPDX-License-Identifier: Apache-2.0
#include "node/cli/key_text.h"

#include "core/encoding.h"
#include "node/cli/document_file.h"
#include "node/cli/readable.h"

namespace fieldseal::node::cli {
namespace {

std::string_view trimmed(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

Result<std::string> key_line(std::string_view text) {
    std::string found;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line[0] == '#') continue;
        if (!found.empty())
            return Error{Errc::invalid_argument, "it holds more than one line with a key"};
        found = line;
    }
    if (found.empty()) return Error{Errc::invalid_argument, "it holds no key"};
    return found;
}

Result<std::string> read_key(const std::string& given) {
    if (note::parse_vkey(given).ok()) return given;
    const auto text = read_small_file(given, kKeyFileTextBytesMax);
    if (!text.ok() && text.error().code == Errc::not_found &&
        given.find('+') != std::string::npos) {
        // Meant as a key: say what is wrong with it rather than that there is no such file.
        return note::parse_vkey(given).error();
    }
    if (!text.ok()) return text.error();
    auto line = key_line(*text);
    if (!line.ok()) return line.error().with_context(printable(given));
    return line;
}

Result<std::string> require_key(const std::string& given, note::KeyType type,
                                std::string_view option) {
    auto text = read_key(given);
    if (!text.ok()) return text.error().with_context(option);
    const auto key = note::parse_vkey(*text);
    if (!key.ok()) return key.error().with_context(option);
    if (key->type == type) return text;
    const bool wants_log = type == note::KeyType::ed25519;
    return Error{
        Errc::invalid_argument,
        std::string(option) + ": this is the key of a " + (wants_log ? "witness" : "log") +
            ", and a " + (wants_log ? "log" : "witness") + "'s is needed (" +
            (wants_log ? "fieldseal node info --vkey" : "fieldseal node info --witness-vkey") +
            " there)"};
}

}  // namespace fieldseal::node::cli
