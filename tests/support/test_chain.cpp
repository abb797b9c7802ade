// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_chain.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::testing {
namespace {

constexpr int kStartMilliseconds = 60'000;
constexpr std::chrono::seconds kStopDeadline{10};
constexpr std::size_t kReadyLineBytesMax = 64 * 1024;

std::string directory() {
    return std::string(FIELDSEAL_SOURCE_DIR) + "/tests/support/chain";
}

std::string string_of(const json::Value& object, std::string_view member) {
    const json::Value* value = object.find(member);
    return value != nullptr && value->is_string() ? value->as_string() : "";
}

std::uint64_t number_of(const json::Value& object, std::string_view member) {
    const json::Value* value = object.find(member);
    return value != nullptr && value->is_integer() ? static_cast<std::uint64_t>(value->as_integer())
                                                   : 0;
}

Digest hash_of(std::string_view text) {
    return text.size() > 2 ? hex_decode_digest(text.substr(2)).value_or(Digest{}) : Digest{};
}

evm::Address address_of(const json::Value& value) {
    return value.is_string() ? evm::parse_address(value.as_string()).value_or(evm::Address{})
                             : evm::Address{};
}

}  // namespace

bool TestChain::is_installed() {
    return std::filesystem::exists(directory() + "/node_modules/.installed-lock.json");
}

std::unique_ptr<TestChain> TestChain::start(std::vector<std::string> options) {
    auto client = anchor::HttpClient::open();
    if (!client.ok()) return nullptr;
    std::unique_ptr<TestChain> chain(new TestChain(*std::move(client)));
    if (chain->spawn(options) && chain->read_ready_line()) return chain;
    ADD_FAILURE() << "the test chain does not start";
    return nullptr;
}

bool TestChain::spawn(const std::vector<std::string>& options) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) return false;
    stdin_ = in[1];
    stdout_ = out[0];
    std::vector<std::string> words = {std::string(FIELDSEAL_SOURCE_DIR) + "/scripts/node",
                                      directory() + "/sealing_proxy.mjs"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    const int failed = ::posix_spawn(&child_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    if (failed != 0) child_ = -1;
    return failed == 0;
}

bool TestChain::read_ready_line() {
    std::string line;
    while (!line.ends_with('\n') && line.size() < kReadyLineBytesMax) {
        pollfd ready{stdout_, POLLIN, 0};
        if (::poll(&ready, 1, kStartMilliseconds) != 1) return false;
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(stdout_, bytes.data(), bytes.size());
        if (count <= 0) return false;
        line.append(bytes.data(), static_cast<std::size_t>(count));
    }
    const auto parsed = json::parse(line);
    if (!parsed.ok() || parsed->find("rpc") == nullptr) return false;
    for (const json::Value& url : parsed->find("rpc")->as_array()) {
        urls_.push_back(url.as_string());
    }
    control_ = string_of(*parsed, "control");
    genesis_hash_ = hash_of(string_of(*parsed, "genesisHash"));
    chain_id_ = number_of(*parsed, "chainId");
    mode_ = string_of(*parsed, "mode");
    return true;
}

// The proxy ends when its standard input ends, and anvil with it.
TestChain::~TestChain() {
    if (stdin_ >= 0) ::close(stdin_);
    if (stdout_ >= 0) ::close(stdout_);
    if (child_ < 0) return;
    const auto deadline = std::chrono::steady_clock::now() + kStopDeadline;
    while (std::chrono::steady_clock::now() < deadline) {
        if (::waitpid(child_, nullptr, WNOHANG) == child_) return;
        ::poll(nullptr, 0, 5);
    }
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ADD_FAILURE() << "the test chain does not end";
}

json::Value TestChain::post(const std::string& url, std::string_view method,
                            std::string_view params_json) {
    anchor::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                   R"(","params":)" + std::string(params_json) + "}";
    request.limits.body_bytes_max = 16 * 1024 * 1024;
    const auto response = client_.send(request);
    if (!response.ok()) {
        ADD_FAILURE() << method << ": " << response.error().message;
        return {};
    }
    json::Limits limits;
    limits.bytes_max = request.limits.body_bytes_max;
    const auto reply = json::parse(response->body, limits);
    const json::Value* result = reply.ok() ? reply->find("result") : nullptr;
    if (result == nullptr) {
        ADD_FAILURE() << method << ": " << quoted(response->body, 400);
        return {};
    }
    return *result;
}

json::Value TestChain::call(std::string_view method, std::string_view params_json) {
    return post(control_, method, params_json);
}

json::Value TestChain::ask(std::string_view method, std::string_view params_json,
                           std::size_t endpoint) {
    return post(urls_[endpoint], method, params_json);
}

std::uint64_t TestChain::head() {
    return number_of(call("test_head"), "number");
}

evm::Address TestChain::deploy_anchor() {
    const json::Value deployed = call("test_deployAnchor");
    const json::Value* address = deployed.find("address");
    return address != nullptr ? address_of(*address) : evm::Address{};
}

TrustedChain TestChain::pin(const std::optional<evm::Address>& contract) {
    TrustedChain pin;
    pin.id = "test-net";
    pin.chain_id = chain_id_;
    pin.mode = evm::mode_from_name(mode_).value_or(evm::Mode::plain);
    pin.contract = contract;
    if (pin.mode == evm::Mode::plain) return pin;
    const json::Value sets = call("test_validatorSets");
    if (!sets.is_array()) return pin;
    for (const json::Value& each : sets.as_array()) {
        ValidatorSet set;
        set.from = number_of(each, "from");
        if (each.find("to") != nullptr) set.to = number_of(each, "to");
        for (const json::Value& validator : each.find("validators")->as_array()) {
            set.validators.push_back(address_of(validator));
        }
        pin.validator_sets.push_back(std::move(set));
    }
    return pin;
}

}  // namespace fieldseal::testing
