// SPDX-License-Identifier: Apache-2.0
// The routes' own work: reading orders strictly and mapping results. The backend here only records.
#include "api/admin_routes.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

class RecordingBackend final : public AdminBackend {
public:
    Result<SealReceipt> seal(const SealOrder& order) override {
        last_order = order;
        if (refuse) return *refuse;
        return SealReceipt{order.document, 7, replayed, json::Value::object({{"index", 7}})};
    }
    Result<json::Value> list(const ListQuery& query) override {
        last_query = query;
        return json::Value::array();
    }
    Result<json::Value> show(const Digest&) override {
        return Error{Errc::not_found, "no such statement"};
    }
    Result<std::string> evidence(const Digest&) override { return std::string("{}"); }
    Result<json::Value> status() override { return json::Value::object(); }
    Result<json::Value> node_info() override { return json::Value::object(); }
    Result<json::Value> trust_export() override { return json::Value::object(); }
    Result<json::Value> sync() override { return json::Value::object(); }
    Result<void> unlock(const std::string&, std::string_view passphrase) override {
        if (passphrase != "correct horse") return Error{Errc::denied, "wrong passphrase"};
        return {};
    }
    Result<void> lock(const std::string&) override { return {}; }
    Result<json::Value> add_target(const TargetOrder&) override { return json::Value::object(); }
    Result<json::Value> add_authority_target(const AuthorityTargetOrder& order) override {
        last_authority = order;
        return json::Value::object({{"name", order.name}});
    }
    Result<json::Value> add_chain_target(const ChainTargetOrder& order) override {
        last_chain = order;
        return json::Value::object({{"account", "0x00"}});
    }
    Result<json::Value> test_target(const std::string& name) override {
        if (name != "chain") return Error{Errc::not_found, "there is no target of that name"};
        return json::Value::object({{"ok", true}});
    }
    Result<json::Value> enroll_log(const std::string&) override { return json::Value::object(); }
    Result<json::Value> enrolled_logs() override { return json::Value::object(); }

    SealOrder last_order;
    ListQuery last_query;
    std::optional<ChainTargetOrder> last_chain;
    std::optional<AuthorityTargetOrder> last_authority;
    bool replayed = false;
    std::optional<Error> refuse;
};

class AdminRoutes : public testing::Test {
protected:
    AdminRoutes() { add_admin_routes(router_, backend_); }

    Response ask(const std::string& method, const std::string& path, const std::string& body = "") {
        Request request;
        request.method = method;
        request.path = path;
        request.body = body;
        request.headers = headers_;
        request.query = query_;
        return router_.dispatch(request);
    }

    RecordingBackend backend_;
    Router router_;
    std::map<std::string, std::string> headers_;
    std::map<std::string, std::string> query_;
    const std::string digest_ = std::string(64, 'a');
};

TEST_F(AdminRoutes, SealsByDigest) {
    headers_["idempotency-key"] = "k1";
    const auto response = ask(
        "POST", "/api/v1/statements",
        R"({"sha256":")" + digest_ + R"(","media_type":"application/pdf","subject":"permit 7"})");
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(backend_.last_order.subject, "permit 7");
    EXPECT_EQ(backend_.last_order.idempotency_key, "k1");
    ASSERT_FALSE(response.headers.empty());
    EXPECT_EQ(response.headers[0].second, "/api/v1/statements/" + digest_);
}

TEST_F(AdminRoutes, AnswersAReplayedOrderWith200) {
    backend_.replayed = true;
    EXPECT_EQ(ask("POST", "/api/v1/statements", R"({"sha256":")" + digest_ + "\"}").status, 200);
}

TEST_F(AdminRoutes, RefusesOrdersThatAreNotExact) {
    for (const std::string& body :
         {std::string("{}"), std::string("nonsense"), std::string(R"({"sha256":"ab"})"),
          R"({"sha256":")" + digest_ + R"(","extra":1})",
          R"({"sha256":")" + digest_ + R"(","sha512":"ab"})",
          R"({"sha256":")" + digest_ + R"(","sha256":")" + digest_ + "\"}"}) {
        EXPECT_EQ(ask("POST", "/api/v1/statements", body).status, 400) << body;
    }
    headers_["idempotency-key"] = "with space";
    EXPECT_EQ(ask("POST", "/api/v1/statements", R"({"sha256":")" + digest_ + "\"}").status, 400);
}

TEST_F(AdminRoutes, MapsALockedSealTo423AndAFullDiskTo507) {
    const std::string body = R"({"sha256":")" + digest_ + "\"}";
    backend_.refuse = Error{Errc::locked, "the seal is locked"};
    EXPECT_EQ(ask("POST", "/api/v1/statements", body).status, 423);
    backend_.refuse = Error{Errc::storage_full, "the disk is nearly full"};
    EXPECT_EQ(ask("POST", "/api/v1/statements", body).status, 507);
    backend_.refuse = Error{Errc::exhausted, "the queue is full"};
    const auto busy = ask("POST", "/api/v1/statements", body);
    EXPECT_EQ(busy.status, 503);
    ASSERT_EQ(busy.headers.size(), 1U);
    EXPECT_EQ(busy.headers[0].first, "Retry-After");
}

TEST_F(AdminRoutes, ReadsListQueriesStrictly) {
    query_ = {{"limit", "5"}, {"before", "70"}};
    EXPECT_EQ(ask("GET", "/api/v1/statements").status, 200);
    EXPECT_EQ(backend_.last_query.limit, 5U);
    EXPECT_EQ(backend_.last_query.before_index, 70U);
    query_ = {{"limit", "1001"}};
    EXPECT_EQ(ask("GET", "/api/v1/statements").status, 400);
    query_ = {{"colour", "red"}};
    EXPECT_EQ(ask("GET", "/api/v1/statements").status, 400);
}

TEST_F(AdminRoutes, UnlocksWithThePassphraseInTheBodyOnly) {
    EXPECT_EQ(
        ask("POST", "/api/v1/seals/default/unlock", R"({"passphrase":"correct horse"})").status,
        204);
    EXPECT_EQ(ask("POST", "/api/v1/seals/default/unlock", R"({"passphrase":"wrong"})").status, 403);
    EXPECT_EQ(ask("POST", "/api/v1/seals/default/lock").status, 204);
}

TEST_F(AdminRoutes, KnowsWhatDoesNotExist) {
    EXPECT_EQ(ask("GET", "/api/v1/statements/" + digest_).status, 404);
    EXPECT_EQ(ask("GET", "/api/v1/statements/xyz").status, 400);
    EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
}

TEST_F(AdminRoutes, TakesAChainTargetWithItsPinAsAnObject) {
    const auto added = ask("POST", "/api/v1/targets",
                           R"({"kind":"evm","name":"chain","url":"https://a.example",)"
                           R"("more_urls":["https://b.example"],"pin":{"fieldseal":"chain/v1"},)"
                           R"("log":"checkpoints","fees":"market","max_fee_gwei":40})");
    EXPECT_EQ(added.status, 201);
    ASSERT_TRUE(backend_.last_chain.has_value());
    EXPECT_EQ(backend_.last_chain->more_urls, std::vector<std::string>{"https://b.example"});
    EXPECT_EQ(backend_.last_chain->pin, R"({"fieldseal":"chain/v1"})");
    EXPECT_EQ(backend_.last_chain->log, "checkpoints");
    EXPECT_EQ(backend_.last_chain->max_fee_gwei, 40U);
    EXPECT_FALSE(backend_.last_chain->gas_limit.has_value());
}

TEST_F(AdminRoutes, RefusesATargetOfAnUnknownKindOrWithAnUnknownMember) {
    for (const std::string body :
         {R"({"kind":"carrier pigeon","name":"x","url":"https://a.example"})",
          R"({"kind":"rfc3161","name":"x","url":"https://a.example"})",
          R"({"kind":"rfc3161","name":"x","url":"https://a.example","roots":"","pin":{}})",
          R"({"kind":"evm","name":"x","url":"https://a.example"})",
          R"({"kind":"evm","name":"x","url":"https://a.example","pin":{},"vkey":"v"})",
          R"({"kind":"evm","name":"x","url":"https://a.example","pin":{},"gas_limit":-1})"}) {
        EXPECT_EQ(ask("POST", "/api/v1/targets", body).status, 400) << body;
    }
    EXPECT_FALSE(backend_.last_chain.has_value());
}

TEST_F(AdminRoutes, TakesATimeStampingAuthorityWithItsRoots) {
    const auto added = ask("POST", "/api/v1/targets",
                           R"({"kind":"rfc3161","name":"post","url":"https://a.example/tsa",)"
                           R"("roots":"-----BEGIN","policies":["1.2.3"],"accuracy_default_s":2})");
    EXPECT_EQ(added.status, 201);
    ASSERT_TRUE(backend_.last_authority.has_value());
    EXPECT_EQ(backend_.last_authority->roots, "-----BEGIN");
    EXPECT_EQ(backend_.last_authority->policies, std::vector<std::string>{"1.2.3"});
    EXPECT_EQ(backend_.last_authority->accuracy_default_s, 2U);
    EXPECT_EQ(backend_.last_authority->log, "statements");
}

TEST_F(AdminRoutes, TestsATargetByItsName) {
    EXPECT_EQ(ask("POST", "/api/v1/targets/chain/test").status, 200);
    EXPECT_EQ(ask("POST", "/api/v1/targets/other/test").status, 404);
}

}  // namespace
}  // namespace fieldseal::api
