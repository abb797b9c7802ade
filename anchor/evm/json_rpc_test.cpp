// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/json_rpc.h"

#include "tests/support/scripted_server.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

using testing::Connection;
using testing::ScriptedServer;
using testing::SeenRequest;

Result<RpcReply> call(const RpcSettings& settings, std::size_t bytes_max = kRpcReplyBytesMax) {
    auto rpc = JsonRpc::open(settings);
    if (!rpc.ok()) return rpc.error();
    return rpc->call(0, {"eth_chainId", json::Value::array(), bytes_max}, {});
}

// What a call makes of a server that answers so.
Result<RpcReply> answered(int status, std::string body, std::string headers = {}) {
    ScriptedServer server([&](Connection& connection) {
        if (connection.read_request()) connection.answer(status, headers, body);
    });
    RpcSettings settings;
    settings.urls = {server.url()};
    settings.limits.total_timeout = std::chrono::milliseconds(5000);
    return call(settings);
}

TEST(JsonRpc, AsksAsTheStandardSaysAndReadsTheResult) {
    SeenRequest seen;
    ScriptedServer server([&](Connection& connection) {
        if (auto request = connection.read_request()) seen = *request;
        connection.answer(200, "", R"({"jsonrpc":"2.0","id":1,"result":"0x539"})");
    });
    RpcSettings settings;
    settings.urls = {server.url() + "/v1/secret-key"};
    settings.auth_headers = {{"Authorization", "Bearer hush"}};
    const auto reply = call(settings);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->result, json::Value("0x539"));
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/v1/secret-key");
    EXPECT_EQ(seen.body, R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})");
    EXPECT_NE(seen.head.find("Authorization: Bearer hush\r\n"), std::string::npos);
    EXPECT_NE(seen.head.find("Content-Type: application/json\r\n"), std::string::npos);
}

TEST(JsonRpc, NamesAnEndpointWithoutItsSecrets) {
    RpcSettings settings;
    settings.urls = {"https://node.example:8545/v3/0123456789abcdef?key=1", "http://a?k=2"};
    const auto rpc = JsonRpc::open(settings);
    ASSERT_TRUE(rpc.ok());
    EXPECT_EQ(rpc->name(0), "https://node.example:8545");
    EXPECT_EQ(rpc->name(1), "http://a");
}

TEST(JsonRpc, RefusesSettingsThatCannotWork) {
    EXPECT_FALSE(JsonRpc::open({}).ok());
    RpcSettings settings;
    settings.urls = {"ftp://node"};
    EXPECT_FALSE(JsonRpc::open(settings).ok());
    settings.urls.assign(kRpcEndpointsMax + 1, "http://node");
    EXPECT_FALSE(JsonRpc::open(settings).ok());
}

TEST(JsonRpc, TellsTheKindsOfFailureApart) {
    const struct {
        int status;
        const char* body;
        Errc code;
    } cases[] = {
        {429, "slow down", Errc::exhausted},
        {408, "", Errc::exhausted},
        {500, "oops", Errc::exhausted},
        {503, R"({"jsonrpc":"2.0","id":1,"result":"0x1"})", Errc::exhausted},
        {401, "who are you", Errc::denied},
        {403, "", Errc::denied},
        {404, "<html>", Errc::denied},
        {302, "", Errc::corrupt},
        {204, "", Errc::corrupt},
        {200, "<html>captive portal</html>", Errc::corrupt},
        {200, "", Errc::corrupt},
        {200, "[]", Errc::corrupt},
        {200, "null", Errc::corrupt},
        {200, R"({"jsonrpc":"1.0","id":1,"result":"0x1"})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":2,"result":"0x1"})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":"1","result":"0x1"})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":1})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":1,"result":1.5})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":1,"result":"0x1","result":"0x2"})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":1,"error":"no"})", Errc::corrupt},
        {200, R"({"jsonrpc":"2.0","id":1,"error":{"message":"no"}})", Errc::corrupt},
    };
    for (const auto& c : cases) {
        const auto reply = answered(c.status, c.body);
        ASSERT_FALSE(reply.ok()) << c.status << " " << c.body;
        EXPECT_EQ(reply.error().code, c.code)
            << c.status << " " << c.body << ": " << reply.error().message;
    }
}

TEST(JsonRpc, HandsOverTheErrorsOfANode) {
    const std::string error =
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"nonce too low","data":{}}})";
    for (const int status : {200, 400}) {
        const auto reply = answered(status, error);
        ASSERT_TRUE(reply.ok()) << reply.error().message;
        EXPECT_EQ(reply->error, (RpcError{-32000, "nonce too low"}));
    }
    const auto null_error = answered(200, R"({"jsonrpc":"2.0","id":1,"error":null,"result":null})");
    ASSERT_TRUE(null_error.ok()) << null_error.error().message;
    EXPECT_TRUE(null_error->result.is_null());
    EXPECT_FALSE(null_error->error.has_value());
}

TEST(JsonRpc, KeepsTheLimitOfEachCall) {
    ScriptedServer server([](Connection& connection) {
        if (!connection.read_request()) return;
        connection.answer(
            200, "", R"({"jsonrpc":"2.0","id":1,"result":")" + std::string(5000, 'a') + R"("})");
    });
    RpcSettings settings;
    settings.urls = {server.url()};
    EXPECT_TRUE(call(settings, 8192).ok());
    const auto reply = call(settings, 4096);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, Errc::corrupt);
}

TEST(JsonRpc, CallsSilenceUnavailableAndTellsNoSecret) {
    RpcSettings settings;
    {
        const ScriptedServer gone([](Connection&) {});
        settings.urls = {gone.url() + "/v3/secret-key"};
    }
    const auto reply = call(settings);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, Errc::unavailable);
    EXPECT_EQ(reply.error().message.find("secret"), std::string::npos) << reply.error().message;
}

// Debugging proxies and error pages like to show the request they got.
TEST(JsonRpc, MasksItsSecretsInWhatAServerEchoes) {
    const std::string token = "hush-0123456789";
    const std::string path = "/v3/fedcba9876543210?key=abcdefghijklmnop";
    const std::string start = R"({"jsonrpc":"2.0","id":1,)";
    const struct {
        int status;
        std::string body;
    } cases[] = {
        {500, "POST " + path + " Authorization: Bearer " + token},
        {401, "no such token: " + token},
        {403, std::string(110, 'x') + token},
        {404, "no project fedcba9876543210, no key abcdefghijklmnop"},
        {404, start + R"("error":{"code":"no","message":")" + token + R"("}})"},
        {206, "Bearer " + token},
        {200, "Bearer " + token + " at " + path},
        {200, R"({"jsonrpc":"2.0","id":1)" + token + "}"},
        {200, R"(["Bearer )" + token + R"(","\/v3\/fedcba9876543210?key=abcdefghijklmnop"])"},
        {200, R"({"a":1,"jsonrpc":"1.0","token":")" + token + R"("})"},
        {200, start + R"("error":{"code":-32000,"message":"\u0048ey )" + token + path + R"("}})"},
        {200, start + R"("result":["Bearer )" + token + R"(",{"a":"\u002fv3/fedcba9876543210"}]})"},
    };
    for (const auto& c : cases) {
        ScriptedServer server([&](Connection& connection) {
            if (connection.read_request()) connection.answer(c.status, "", c.body);
        });
        RpcSettings settings;
        settings.urls = {server.url() + path};
        settings.auth_headers = {{"Authorization", "Bearer " + token}};
        const auto reply = call(settings);
        std::string text = reply.ok() ? json::dump(reply->result) : reply.error().message;
        if (reply.ok() && reply->error) text += reply->error->message;
        EXPECT_TRUE(text.find("***") != std::string::npos ||
                    text.find("repeats") != std::string::npos)
            << text;
        for (const char* secret : {"hush", "fedcba", "abcdefghij"}) {
            EXPECT_EQ(text.find(secret), std::string::npos) << text;
        }
    }
}

TEST(JsonRpc, LeavesTheDataOfAChainAloneThatLooksLikeASecret) {
    const SecretMask mask({"http://node/"}, {{"X-Key", "ab"}});
    const auto reply = parse_rpc_reply(R"({"jsonrpc":"2.0","id":1,"result":"0xabab"})", 1, mask);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->result, json::Value("0xabab"));
    EXPECT_EQ(mask.hide("ab / abba"), "*** / ***ba");
    EXPECT_EQ(SecretMask().hide("ab"), "ab");
}

TEST(JsonRpc, RemembersHowLongABusyNodeAsksToWait) {
    ScriptedServer server([](Connection& connection) {
        if (connection.read_request()) connection.answer(429, "Retry-After: 7\r\n", "");
    });
    RpcSettings settings;
    settings.urls = {server.url()};
    auto rpc = JsonRpc::open(settings);
    ASSERT_TRUE(rpc.ok());
    EXPECT_FALSE(rpc->call(0, {"eth_chainId", json::Value::array()}, {}).ok());
    EXPECT_EQ(rpc->retry_after_ms(), 7000);
}

// What a node asked for an hour ago has nothing to do with what another one says now.
TEST(JsonRpc, ForgetsWhatAnEarlierAnswerAskedFor) {
    ScriptedServer busy([](Connection& connection) {
        if (connection.read_request()) connection.answer(503, "Retry-After: 3600\r\n", "");
    });
    ScriptedServer plain([](Connection& connection) {
        if (connection.read_request()) connection.answer(503, "", "");
    });
    RpcSettings settings;
    settings.urls = {busy.url(), plain.url()};
    auto rpc = JsonRpc::open(settings);
    ASSERT_TRUE(rpc.ok());
    EXPECT_FALSE(rpc->call(0, {"eth_chainId", json::Value::array()}, {}).ok());
    EXPECT_EQ(rpc->retry_after_ms(), 3'600'000);
    EXPECT_FALSE(rpc->call(1, {"eth_chainId", json::Value::array()}, {}).ok());
    EXPECT_EQ(rpc->retry_after_ms(), 0);
}

}  // namespace
}  // namespace fieldseal::anchor
