// SPDX-License-Identifier: Apache-2.0
#include "node/config/config.h"

#include "core/encoding.h"
#include "node/config/fields.h"
#include "node/config/suggest.h"

#include <toml++/toml.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

namespace fieldseal::node {
namespace {

// Names the place of a key in messages: "[sealing] queue_max", "data_dir".
std::string place(std::string_view section, std::string_view name) {
    return section.empty() ? std::string(name)
                           : "[" + std::string(section) + "] " + std::string(name);
}

// A refused value, for the error's text. A URL may carry a password or an access key: its line is
// enough to find it.
std::string shown(std::string_view before, std::string_view value, TextCheck check) {
    return check == check_url ? "" : std::string(before) + quoted(value);
}

// Walks the description and moves each value from the TOML tree into the Config. Keeps the first
// error.
class Reader {
public:
    Reader(const toml::table& root, std::string_view source) : table_(&root), source_(source) {}

    void text(std::string_view name, std::string& value, TextCheck check, std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* string = node->as_string();
        if (!string) return wrong_type(*node, name, "text in quotes");
        const auto accepted = check(string->get());
        if (!accepted.ok()) {
            return fail(*node, place(section_, name) + shown(" = ", string->get(), check) + ": " +
                                   accepted.error().message);
        }
        value = string->get();
    }

    void texts(std::string_view name, std::vector<std::string>& values, TextCheck check,
               std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* array = node->as_array();
        if (!array) return wrong_type(*node, name, "a list of texts in quotes");
        for (const toml::node& each : *array) {
            const auto* string = each.as_string();
            if (!string) return wrong_type(each, name, "a list of texts in quotes");
            const auto accepted = check(string->get());
            if (!accepted.ok()) {
                return fail(each, place(section_, name) + shown(" has ", string->get(), check) +
                                      ": " + accepted.error().message);
            }
            values.push_back(string->get());
        }
    }

    void integer(std::string_view name, std::uint32_t& value, IntegerRange range,
                 std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* integer = node->as_integer();
        if (!integer) return wrong_type(*node, name, "an integer");
        const std::int64_t number = integer->get();
        if (number < range.min || number > range.max) {
            return fail(*node, place(section_, name) + " = " + std::to_string(number) +
                                   " is out of range: use " + std::to_string(range.min) + " to " +
                                   std::to_string(range.max));
        }
        value = static_cast<std::uint32_t>(number);
    }

    void boolean(std::string_view name, bool& value, std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* boolean = node->as_boolean();
        if (!boolean) return wrong_type(*node, name, "true or false");
        value = boolean->get();
    }

    template <class Enum, std::size_t kCount>
    void word(std::string_view name, Enum& value, const std::array<std::string_view, kCount>& words,
              std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* string = node->as_string();
        if (!string) return wrong_type(*node, name, "a word in quotes");
        std::vector<std::string> known;
        for (std::size_t i = 0; i < kCount; ++i) {
            if (string->get() == words[i]) {
                value = static_cast<Enum>(i);
                return;
            }
            known.emplace_back(words[i]);
        }
        unknown_word(*node, name, string->get(), known);
    }

    void listen(std::string_view name, ListenAddress& value, std::string_view) {
        const toml::node* node = find(name);
        if (!node) return;
        const auto* string = node->as_string();
        if (!string) return wrong_type(*node, name, "text in quotes");
        auto address = parse_listen_address(string->get());
        if (!address.ok()) {
            return fail(*node, place(section_, name) + ": " + address.error().message);
        }
        value = std::move(*address);
    }

    template <class Section>
    void section(std::string_view name, std::string_view, Section& fields) {
        const toml::node* node = find(name);
        if (!node) return;
        const toml::table* table = node->as_table();
        if (!table)
            return wrong_type(*node, name, "a section, written [" + std::string(name) + "]");
        descend(*table, name, fields);
    }

    template <class Element>
    void list(std::string_view name, std::string_view, std::vector<Element>& elements) {
        const toml::node* node = find(name);
        if (!node) return;
        const std::string form = "a list of sections, each written [[" + std::string(name) + "]]";
        const toml::array* array = node->as_array();
        if (!array) return wrong_type(*node, name, form);
        if (array->size() > kTargetsMax) {
            return fail(*node, "there are " + std::to_string(array->size()) + " [[" +
                                   std::string(name) + "]] blocks; at most " +
                                   std::to_string(kTargetsMax) + " are allowed");
        }
        for (const toml::node& each : *array) {
            const toml::table* table = each.as_table();
            if (!table) return wrong_type(each, name, form);
            descend(*table, "[" + std::string(name) + "]", elements.emplace_back());
        }
    }

    // Refuses keys nobody described. Called once per table, after its description was walked.
    void refuse_unknown() {
        for (const auto& [key, node] : *table_) {
            if (known_.contains(std::string(key.str()))) continue;
            return fail(key.source(), unknown_key_message(key.str()));
        }
    }

    const std::optional<Error>& error() const { return error_; }

private:
    const toml::node* find(std::string_view name) {
        known_.emplace(name);
        return error_ ? nullptr : table_->get(name);
    }

    template <class Section>
    void descend(const toml::table& table, std::string_view name, Section& fields) {
        if (error_) return;
        Reader reader(table, source_);
        reader.section_ = name;
        describe(reader, fields);
        reader.refuse_unknown();
        error_ = std::move(reader.error_);
    }

    void fail(const toml::source_region& region, std::string_view message) {
        if (error_) return;
        error_ = Error{Errc::invalid_argument, source_ + ":" + std::to_string(region.begin.line) +
                                                   ": " + std::string(message)};
    }
    void fail(const toml::node& node, std::string_view message) { fail(node.source(), message); }

    void wrong_type(const toml::node& node, std::string_view name, std::string_view wanted) {
        std::string given;
        switch (node.type()) {
            case toml::node_type::table:
                given = "a section";
                break;
            case toml::node_type::array:
                given = "a list";
                break;
            case toml::node_type::string:
                given = "text";
                break;
            case toml::node_type::integer:
                given = "an integer";
                break;
            case toml::node_type::floating_point:
                given = "a number with a point";
                break;
            case toml::node_type::boolean:
                given = "true or false";
                break;
            default:
                given = "a date or time";
                break;
        }
        fail(node, place(section_, name) + " must be " + std::string(wanted) + ", and is " + given);
    }

    void unknown_word(const toml::node& node, std::string_view name, std::string_view given,
                      const std::vector<std::string>& known) {
        std::string message = place(section_, name) + " = " + quoted(given) + ": use one of";
        for (const std::string& word : known) message += " \"" + word + "\"";
        if (const auto nearest = nearest_word(given, known)) {
            message += "; did you mean \"" + *nearest + "\"?";
        }
        fail(node, message);
    }

    std::string unknown_key_message(std::string_view name) const {
        std::string message = "unknown key " + quoted(name);
        if (!section_.empty()) message += " in [" + section_ + "]";
        if (const auto nearest = nearest_word(name, {known_.begin(), known_.end()})) {
            return message + "; did you mean \"" + *nearest + "\"?";
        }
        for (const ConfigKey& key : config_keys()) {
            if (key.name == name) {
                return message + "; it belongs in " +
                       (key.section.empty() ? "the top of the file" : "[" + key.section + "]");
            }
        }
        return message + "; docs/configuration.md lists all keys";
    }

    const toml::table* table_;
    std::string source_;
    std::string section_;
    std::set<std::string> known_;
    std::optional<Error> error_;
};

Error broken_rule(std::string_view source, std::string message) {
    return Error{Errc::invalid_argument, std::string(source) + ": " + std::move(message)};
}

std::string who_is(const Config::Target& target) {
    return "[[target]] " + (target.name.empty() ? "without a name" : "\"" + target.name + "\"");
}

Result<void> check_witness_rules(const Config::Target& target, std::string_view source) {
    if (target.name.empty() || target.url.empty() || target.vkey.empty()) {
        return broken_rule(source, who_is(target) + " needs name, url and vkey");
    }
    if (!target.auth_file.empty() || target.log != TargetLog::statements) {
        return broken_rule(source, who_is(target) +
                                       ": auth_file and log are for kind = \"evm\" and "
                                       "\"rfc3161\"");
    }
    return {};
}

// Keys of one kind on a target of another are mistakes that would be noticed late.
Result<void> check_kind_of_keys(const Config::Target& target, std::string_view source) {
    const bool has_keys = !target.vkey.empty() || !target.log_vkey.empty();
    if (target.kind != TargetKind::witness && has_keys) {
        return broken_rule(source,
                           who_is(target) + ": vkey and log_vkey are for kind = \"witness\"");
    }
    const bool has_chain = !target.more_urls.empty() || !target.chain_file.empty();
    if (target.kind != TargetKind::evm && has_chain) {
        return broken_rule(source,
                           who_is(target) + ": more_urls and chain_file are for kind = \"evm\"");
    }
    const bool has_authority =
        !target.roots_file.empty() || !target.policies.empty() || target.accuracy_default_s != 0;
    if (target.kind != TargetKind::rfc3161 && has_authority) {
        return broken_rule(source, who_is(target) +
                                       ": roots_file, policies and accuracy_default_s are for kind "
                                       "= \"rfc3161\"");
    }
    return {};
}

Result<void> check_log_rule(const Config::Target& target, bool is_hub, std::string_view source) {
    if (target.log == TargetLog::statements || is_hub) return {};
    return broken_rule(source, who_is(target) +
                                   ": log = \"checkpoints\" needs [hub] enabled = true; an "
                                   "office anchors its \"statements\"");
}

Result<void> check_rfc3161_rules(const Config::Target& target, std::string_view source) {
    if (target.name.empty() || target.url.empty() || target.roots_file.empty()) {
        return broken_rule(source, who_is(target) + " needs name, url and roots_file");
    }
    if (target.policies.size() > kTargetPoliciesMax) {
        return broken_rule(source, who_is(target) + ": at most " +
                                       std::to_string(kTargetPoliciesMax) + " policies");
    }
    return {};
}

Result<void> check_evm_rules(const Config::Target& target, std::string_view source) {
    if (target.name.empty() || target.url.empty() || target.chain_file.empty()) {
        return broken_rule(source, who_is(target) + " needs name, url and chain_file");
    }
    if (target.name.size() > kChainTargetNameBytesMax) {
        return broken_rule(source, who_is(target) + ": a chain's name has at most " +
                                       std::to_string(kChainTargetNameBytesMax) + " characters");
    }
    if (target.more_urls.size() >= kTargetUrlsMax) {
        return broken_rule(source, who_is(target) + ": at most " + std::to_string(kTargetUrlsMax) +
                                       " endpoints are asked, url and more_urls together");
    }
    return {};
}

Result<void> check_rules_of_kind(const Config::Target& target, std::string_view source) {
    switch (target.kind) {
        case TargetKind::witness:
            return check_witness_rules(target, source);
        case TargetKind::evm:
            return check_evm_rules(target, source);
        case TargetKind::rfc3161:
            break;
    }
    return check_rfc3161_rules(target, source);
}

// What one description cannot say about another: a target must be complete and unlike its
// neighbours.
Result<void> check_target_rules(const Config::Target& target, bool is_hub,
                                std::string_view source) {
    FIELDSEAL_TRY(check_rules_of_kind(target, source));
    FIELDSEAL_TRY(check_kind_of_keys(target, source));
    FIELDSEAL_TRY(check_log_rule(target, is_hub, source));
    if (target.connect_timeout_s > target.total_timeout_s) {
        return broken_rule(source,
                           who_is(target) + ": connect_timeout_s is longer than total_timeout_s");
    }
    if (target.tls_pin_sha256.empty()) return {};
    std::vector<std::string> urls = target.more_urls;
    urls.push_back(target.url);
    for (const std::string& url : urls) {
        if (url.starts_with("https://")) continue;
        return broken_rule(source, who_is(target) + ": tls_pin_sha256 needs an https:// url");
    }
    return {};
}

Result<void> check_rules(const Config& config, std::string_view source) {
    std::set<std::string> names;
    for (const Config::Target& target : config.targets) {
        const auto complete = check_target_rules(target, config.hub.enabled, source);
        if (!complete.ok()) return complete.error();
        if (!names.insert(target.name).second) {
            return broken_rule(source, "two [[target]] blocks are named \"" + target.name + "\"");
        }
    }
    if (config.hub.enabled && config.public_edge.listen.kind == ListenAddress::Kind::off) {
        return broken_rule(source,
                           "[hub] enabled = true needs [public] listen, or no node reaches it");
    }
    if (config.edge.names.size() > kEdgeNamesMax) {
        return broken_rule(source, "[edge] names has at most " + std::to_string(kEdgeNamesMax));
    }
    if (config.edge.listen.kind != ListenAddress::Kind::off && config.edge.names.empty()) {
        return broken_rule(source,
                           "[edge] listen needs [edge] names: the host name or address people type "
                           "to reach this node");
    }
    return check_optional_socket(config.admin_socket_path()).ok()
               ? Result<void>{}
               : broken_rule(source,
                             "data_dir is too long for a socket inside it: set [admin] socket");
}

}  // namespace

std::string Config::admin_socket_path() const {
    return admin.socket.empty() ? data_dir + "/admin.sock" : admin.socket;
}

std::string Config::hub_logs_path() const {
    return hub.logs_file.empty() ? data_dir + "/hub-logs.txt" : hub.logs_file;
}

Result<void> check_target(const Config::Target& target, bool is_hub) {
    return check_target_rules(target, is_hub, "fieldseal.toml");
}

Result<Config> parse_config(std::string_view text, std::string_view source) {
    if (text.size() > kConfigBytesMax) {
        return broken_rule(source, "the file is larger than 256 KiB; this is no fieldseal.toml");
    }
    try {
        const toml::table root = toml::parse(text, source);
        Config config;
        Reader reader(root, source);
        describe(reader, config);
        reader.refuse_unknown();
        if (reader.error()) return *reader.error();
        const auto rules = check_rules(config, source);
        if (!rules.ok()) return rules.error();
        return config;
    } catch (const toml::parse_error& error) {
        return broken_rule(std::string(source) + ":" + std::to_string(error.source().begin.line),
                           "not TOML, " + quoted(error.description(), 200));
    } catch (const std::exception& error) {
        return broken_rule(source, "cannot be read, " + quoted(error.what(), 200));
    }
}

Result<Config> load_config(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                               std::fclose);
    if (!file) {
        const int reason = errno;
        return Error{reason == ENOENT ? Errc::not_found : Errc::io,
                     "read configuration " + quoted(path, 200) + ": " + std::strerror(reason) +
                         (reason == ENOENT ? "; create one with `fieldseal init`" : "")};
    }
    std::string text(kConfigBytesMax + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) {
        return Error{Errc::io,
                     "read configuration " + quoted(path, 200) + ": " + std::strerror(errno)};
    }
    return parse_config(text, path);
}

}  // namespace fieldseal::node
