// SPDX-License-Identifier: Apache-2.0
// The test chain for tests in C++: anvil behind the sealing proxy (tests/support/chain), started as
// a child process and steered over its control port. The Python twin is test_chain.py.
// THREADS: one thread per object. ERRORS: whatever goes wrong fails the test that called.
#pragma once

#include "anchor/http_client.h"
#include "core/bytes.h"
#include "core/json/json.h"
#include "core/trust.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fieldseal::testing {

class TestChain {
public:
    // False where scripts/setup test has not installed the npm packages: skip the test.
    static bool is_installed();
    // `options` of tests/support/chain/sealing_proxy.mjs: {"--mode", "ibft2"}. nullptr (and a test
    // failure) when it does not start.
    static std::unique_ptr<TestChain> start(std::vector<std::string> options);
    ~TestChain();
    TestChain(const TestChain&) = delete;
    TestChain& operator=(const TestChain&) = delete;

    const std::vector<std::string>& urls() const { return urls_; }
    const Digest& genesis_hash() const { return genesis_hash_; }
    // The entry of a trust file, as the chain is now.
    TrustedChain pin(const std::optional<evm::Address>& contract = {});

    // A method of the control port, parameters as JSON: call("test_mine", "[3]"). A JSON-RPC error
    // fails the test and gives null.
    json::Value call(std::string_view method, std::string_view params_json = "[]");
    // The same question to one of the network's nodes.
    json::Value ask(std::string_view method, std::string_view params_json,
                    std::size_t endpoint = 0);

    void mine(int blocks = 1) { call("test_mine", "[" + std::to_string(blocks) + "]"); }
    std::uint64_t head();
    // {"name": "html", "times": 2} without the braces.
    void fault(std::string_view members_json) {
        call("test_setFault", "[{" + std::string(members_json) + "}]");
    }
    void clear() { call("test_clearFault"); }
    evm::Address deploy_anchor();

private:
    explicit TestChain(anchor::HttpClient client) : client_(std::move(client)) {}
    bool spawn(const std::vector<std::string>& options);
    bool read_ready_line();
    json::Value post(const std::string& url, std::string_view method, std::string_view params_json);

    anchor::HttpClient client_;
    pid_t child_ = -1;
    int stdin_ = -1;
    int stdout_ = -1;
    std::vector<std::string> urls_;
    std::string control_;
    Digest genesis_hash_{};
    std::uint64_t chain_id_ = 0;
    std::string mode_;
};

}  // namespace fieldseal::testing
