// SPDX-License-Identifier: Apache-2.0
#include "node/cli/session.h"

#include "node/cli/readable.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace fieldseal::node::cli {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& path) {
    std::error_code error;
    const fs::path result = fs::absolute(path, error);
    return error ? path : result.lexically_normal().string();
}

bool can_read(const std::string& path) {
    return ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos)
        return std::string(text);
    std::string out = "'";
    for (const char c : printable(text))
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Error not_with_node() {
    return {Errc::invalid_argument,
            "this verb works on the node's own machine: run it there, without --node"};
}

std::string Session::config_path() const {
    if (!options.config_file.empty()) return absolute(options.config_file);
    if (!options.data_dir.empty())
        return absolute(options.data_dir) + "/" + std::string(kConfigFileName);
    std::error_code ignored;
    if (fs::exists(kSystemConfigPath, ignored)) return std::string(kSystemConfigPath);
    return Config().data_dir + "/" + std::string(kConfigFileName);
}

std::string Session::data_dir() const {
    return options.data_dir.empty() ? Config().data_dir : absolute(options.data_dir);
}

Result<Config> Session::load(const std::string& path) const {
    Config config = FIELDSEAL_TRY(load_config(path));
    if (!options.data_dir.empty()) config.data_dir = absolute(options.data_dir);
    return config;
}

Result<Config> Session::require_config() const {
    if (!options.node.url.empty()) return not_with_node();
    auto config = load(config_path());
    if (!config.ok() && config.error().code == Errc::not_found) {
        return Error{Errc::not_found, "there is no node here yet: " + printable(config_path()) +
                                          " does not exist. Make one with `" +
                                          command("init ORGANISATION NAME") + "`"};
    }
    return config;
}

Result<Config> Session::find_config() const {
    const std::string path = config_path();
    if (!options.config_file.empty() || can_read(path)) return load(path);
    Config config;
    config.data_dir = data_dir();
    return config;
}

Result<DaemonClient> Session::connect() const {
    if (!options.node.url.empty()) return DaemonClient::open_remote(options.node);
    if (!options.node.token_file.empty() || !options.node.ca_file.empty()) {
        return Error{Errc::invalid_argument,
                     "--token-file and --ca-file belong to --node: name the node too"};
    }
    const Config config = FIELDSEAL_TRY(find_config());
    return DaemonClient::open(config.admin_socket_path(), command("serve"));
}

std::string Session::command(std::string_view verb) const {
    std::string line = "fieldseal";
    if (!options.config_file.empty()) line += " --config " + shell_word(options.config_file);
    if (!options.data_dir.empty()) line += " --data-dir " + shell_word(options.data_dir);
    if (!options.node.url.empty()) line += " --node " + shell_word(options.node.url);
    if (!options.node.token_file.empty())
        line += " --token-file " + shell_word(options.node.token_file);
    if (!options.node.ca_file.empty()) line += " --ca-file " + shell_word(options.node.ca_file);
    return line + " " + std::string(verb);
}

Result<Passphrase> Session::secret(const PassphraseRequest& request) {
    auto given = obtain_passphrase(request);
    if (given.ok() && !given->warning.empty()) output_->warn(given->warning);
    secret_file_missing_ = !given.ok() && request.file && given.error().code == Errc::not_found;
    return given;
}

std::string Session::with_options(std::string_view sentence) const {
    constexpr std::string_view kCommand = "`fieldseal ";
    std::string text(sentence);
    if (!options.node.url.empty()) return text;
    const std::string here = "`" + command("");
    for (auto at = text.find(kCommand); at != std::string::npos;) {
        const std::string_view quoted =
            std::string_view(text).substr(at, text.find('`', at + 1) - at);
        const bool has_place = quoted.find("--data-dir") != std::string_view::npos;
        if (!has_place) text.replace(at, kCommand.size(), here);
        at = text.find(kCommand, at + (has_place ? kCommand.size() : here.size()));
    }
    return text;
}

// The daemon's sentence names the seal that is meant.
std::string Session::unlock_step(std::string_view sentence) const {
    constexpr std::string_view kUnlock = "fieldseal unlock ";
    constexpr std::string_view kAnySeal = "SEAL";
    if (sentence.find("fieldseal seal-key ") != std::string_view::npos) return "";
    const auto at = sentence.find(kUnlock);
    std::string_view name;
    if (at != std::string_view::npos) name = sentence.substr(at + kUnlock.size());
    name = name.substr(0, name.find('`'));
    const bool is_named = !name.empty() && name != kAnySeal && name.find(' ') == name.npos;
    return "Unlock it first: " + command("unlock" + (is_named ? " " + std::string(name) : ""));
}

std::string Session::next_step(const Error& error) const {
    switch (error.code) {
        case Errc::locked:
            return unlock_step(error.message);
        case Errc::held:
            return "See why and what to do: " + command("doctor");
        case Errc::storage_full:
            return "Free space on the disk of the data directory; nothing that was acknowledged is "
                   "lost.";
        case Errc::exhausted:
            return "The node is busy. Try again in a moment; --idempotency-key makes repeating "
                   "safe.";
        case Errc::corrupt:
            return "Do not change anything by hand. Look closer with: " + command("check");
        case Errc::internal:
            return "This is a defect of fieldseal: please report it with the daemon's log.";
        case Errc::invalid_argument:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unavailable:
        case Errc::denied:
        case Errc::unauthenticated:
        case Errc::rate_limited:
        case Errc::io:
        case Errc::unsupported:
            return "";
    }
    return "";
}

Failure Session::failure(const Error& error) const {
    Error shown = error;
    shown.message = with_options(error.message);
    const bool is_input = secret_file_missing_ && error.code == Errc::not_found;
    return {is_input ? ExitCode::unreadable : exit_code_of(error.code), std::move(shown),
            next_step(error)};
}

ExitCode Session::fail_input(const Error& error) {
    Failure why = failure(error);
    if (error.code == Errc::not_found || error.code == Errc::denied)
        why.exit = ExitCode::unreadable;
    return output_->fail(why);
}

}  // namespace fieldseal::node::cli
