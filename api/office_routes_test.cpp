// SPDX-License-Identifier: Apache-2.0
// The routes' own work: reading strictly, the life of a key, pages, tags and streams. The backends
// here only record and answer what they are told to.
#include "api/office_routes.h"

#include "api/health_routes.h"
#include "api/paging.h"
#include "core/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

using testing::HasSubstr;

class RecordingAdmin final : public AdminBackend {
public:
    Result<SealReceipt> seal(const SealOrder&) override { return Error{Errc::internal, "unused"}; }
    Result<json::Value> list(const ListQuery&) override { return json::Value::array(); }
    Result<json::Value> show(const Digest&) override {
        return Error{Errc::not_found, "no such statement"};
    }
    Result<std::string> evidence(const Digest&) override { return file; }
    Result<json::Value> status() override { return json::Value::object(); }
    Result<json::Value> node_info() override { return json::Value::object(); }
    Result<json::Value> trust_export() override { return json::Value::object(); }
    Result<json::Value> sync() override { return json::Value::object(); }
    Result<void> unlock(const std::string& seal, std::string_view passphrase) override {
        if (seal != "default") return Error{Errc::not_found, "no such seal"};
        if (passphrase != "correct horse") return Error{Errc::denied, "not the passphrase"};
        return {};
    }
    Result<void> lock(const std::string&) override { return {}; }
    Result<json::Value> add_target(const TargetOrder&) override { return json::Value::object(); }
    Result<json::Value> add_authority_target(const AuthorityTargetOrder&) override {
        return Error{Errc::unsupported, "no"};
    }
    Result<json::Value> add_chain_target(const ChainTargetOrder&) override {
        return json::Value::object();
    }
    Result<json::Value> test_target(const std::string&) override {
        return Error{Errc::not_found, "no such target"};
    }
    Result<json::Value> enroll_log(const std::string&) override {
        return Error{Errc::unsupported, "not a hub"};
    }
    Result<json::Value> enrolled_logs() override { return Error{Errc::unsupported, "not a hub"}; }

    std::string file = "{}";
};

class ScriptedStream final : public EventStream {
public:
    std::string cursor() const override { return "1-7-0"; }
    Result<std::vector<Event>> next(std::chrono::milliseconds patience) override {
        EXPECT_EQ(patience, kHeartbeat);
        if (looks_++ == 0) {
            return std::vector<Event>{
                {"sealed", json::Value::object({{"index", 7}}), "1-8-0"},
                {"checkpointed", json::Value::object({{"size", 8}}), "1-8-8"}};
        }
        return std::vector<Event>{};
    }
    bool open() const override { return looks_ < 2; }

private:
    int looks_ = 0;
};

class RecordingOffice final : public OfficeBackend {
public:
    Result<SealOutcome> seal(const SealOrder& order) override {
        last_order = order;
        ++sealed;
        if (refuse) return *refuse;
        return SealOutcome{use, {order.document, 7, replayed, json::Value::object()}};
    }
    std::vector<Result<SealOutcome>> seal_batch(const std::vector<SealOrder>& orders) override {
        std::vector<Result<SealOutcome>> outcomes;
        for (const auto& order : orders) {
            if (order.idempotency_key == "locked") {
                outcomes.emplace_back(Error{Errc::locked, "the seal is locked"});
            } else {
                outcomes.push_back(seal(order));
            }
        }
        return outcomes;
    }
    Result<Page> statements(const StatementQuery& query) override {
        last_query = query;
        Page page;
        page.items.push_back(json::Value::object({{"index", 9}}));
        page.next = next;
        return page;
    }
    Result<json::Value> refresh(const Digest&) override { return json::Value::object(); }
    Result<Page> checkpoints(std::optional<std::uint64_t> after, std::uint32_t) override {
        last_after = after;
        Page page;
        page.next = next;
        return page;
    }
    Result<json::Value> targets() override { return json::Value::object(); }
    Result<json::Value> outbox() override { return json::Value::object(); }
    Result<std::string> verify(const VerifyOrder& order) override {
        last_verify = order;
        return std::string("{}");
    }
    Readiness readiness() override { return ready; }
    json::Value well_known() override { return json::Value::object(); }
    Result<std::unique_ptr<EventStream>> listen(const std::optional<std::string>& cursor) override {
        last_cursor = cursor;
        if (cursor == "nonsense") return Error{Errc::invalid_argument, "not a cursor"};
        return std::unique_ptr<EventStream>(std::make_unique<ScriptedStream>());
    }

    SealOrder last_order;
    int sealed = 0;
    StatementQuery last_query;
    VerifyOrder last_verify;
    std::optional<std::uint64_t> last_after;
    std::optional<std::string> last_cursor;
    std::optional<std::uint64_t> next;
    KeyUse use = KeyUse::settled;
    bool replayed = false;
    std::optional<Error> refuse;
    Readiness ready{true, "ready", ""};
};

class EmptyLog final : public LogBackend {
public:
    Result<std::string> checkpoint(PublicLog) override { return std::string("the note\n"); }
    Result<Bytes> tile(PublicLog, std::string_view) override { return Bytes(); }
};

// A body that arrives in pieces, and may break off.
class Pieces final : public BodySource {
public:
    Pieces(std::string text, bool breaks) : text_(std::move(text)), breaks_(breaks) {}
    std::uint64_t declared_bytes() const override { return declared.value_or(text_.size()); }
    Result<std::size_t> read(std::span<std::uint8_t> buffer) override {
        if (at_ == text_.size() && breaks_) return Error{Errc::unavailable, "the peer is gone"};
        const std::size_t bytes = std::min({buffer.size(), text_.size() - at_, std::size_t{3}});
        std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), bytes, buffer.begin());
        at_ += bytes;
        return bytes;
    }
    bool untouched() const { return at_ == 0; }

    std::optional<std::uint64_t> declared;

private:
    std::string text_;
    bool breaks_;
    std::size_t at_ = 0;
};

class CollectingSink final : public ResponseSink {
public:
    bool write(std::string_view bytes) override {
        text += bytes;
        return true;
    }
    bool open() override { return true; }
    std::string text;
};

class NoSeals final : public SealBackend {
public:
    Result<json::Value> seals() override { return json::Value::object(); }
    Result<json::Value> seal(std::string_view) override { return json::Value::object(); }
    Result<json::Value> create(const Caller&, const NewSeal&) override {
        return json::Value::object();
    }
    Result<json::Value> rotate(const Caller&, std::string_view, const NewSeal&) override {
        return json::Value::object();
    }
    Result<json::Value> act(const Caller&, std::string_view, const SealActionOrder&) override {
        return json::Value::object();
    }
    Result<json::Value> set(const Caller&, std::string_view, const SealSettings&) override {
        return json::Value::object();
    }
};

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return "";
}

class OfficeRoutes : public testing::Test {
protected:
    OfficeRoutes() {
        add_office_routes(router_, {admin_, office_, log_, seals_, kDocumentBytesMax});
        add_health_routes(router_, office_);
    }

    Response ask(const std::string& method, const std::string& path, std::string body = "") {
        Request request;
        request.method = method;
        request.path = path;
        request.body = std::move(body);
        request.headers = headers_;
        request.query = query_;
        request.caller.account = "amina";
        request.still_allowed = still_allowed_;
        return router_.dispatch(request);
    }
    Response upload(BodySource& body) {
        Request request;
        request.method = "POST";
        request.path = "/api/v1/documents";
        request.headers = headers_;
        request.query = query_;
        request.stream = &body;
        request.caller.account = "amina";
        request.still_allowed = still_allowed_;
        return router_.dispatch(request);
    }
    std::string order() const { return R"({"sha256":")" + digest_ + "\"}"; }

    static constexpr std::uint64_t kDocumentBytesMax = 1000;
    std::function<bool()> still_allowed_;
    RecordingAdmin admin_;
    RecordingOffice office_;
    NoSeals seals_;
    EmptyLog log_;
    Router router_;
    std::map<std::string, std::string> headers_;
    std::map<std::string, std::string> query_;
    const std::string digest_ = std::string(64, 'a');
};

TEST_F(OfficeRoutes, NameAPermissionEach) {
    const std::map<std::string, Permission> open = {{"/readyz", Permission::anyone},
                                                    {"/.well-known/fieldseal", Permission::anyone}};
    for (const Route& route : router_.routes()) {
        EXPECT_EQ(route.needs == Permission::anyone, open.contains(route.pattern)) << route.pattern;
    }
    EXPECT_EQ(router_.find("POST", "/api/v1/statements")->needs, Permission::statement_create);
    EXPECT_EQ(router_.find("POST", "/api/v1/documents")->kind, RouteKind::upload);
    EXPECT_EQ(router_.find("GET", "/api/v1/events")->kind, RouteKind::events);
}

TEST_F(OfficeRoutes, SealADigestForTheCaller) {
    headers_["idempotency-key"] = "k1";
    const auto response = ask("POST", "/api/v1/statements", order());
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(header_of(response, "Location"), "/api/v1/statements/" + digest_);
    EXPECT_EQ(office_.last_order.idempotency_key, "k1");
    EXPECT_EQ(office_.last_order.actor, "amina");
}

TEST_F(OfficeRoutes, RefuseToSealWithoutAKey) {
    const auto missing = ask("POST", "/api/v1/statements", order());
    EXPECT_EQ(missing.status, 400);
    EXPECT_THAT(missing.body, HasSubstr("idempotency-key-missing"));
    headers_["idempotency-key"] = "with space";
    EXPECT_EQ(ask("POST", "/api/v1/statements", order()).status, 400);
    EXPECT_EQ(office_.sealed, 0);
}

TEST_F(OfficeRoutes, TellWhatBecameOfAKey) {
    headers_["idempotency-key"] = "k1";
    office_.replayed = true;
    const auto again = ask("POST", "/api/v1/statements", order());
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(header_of(again, "Idempotency-Replayed"), "true");
    office_.use = KeyUse::reused;
    const auto reused = ask("POST", "/api/v1/statements", order());
    EXPECT_EQ(reused.status, 422);
    EXPECT_THAT(reused.body, HasSubstr("idempotency-key-reused"));
    office_.use = KeyUse::in_progress;
    EXPECT_EQ(ask("POST", "/api/v1/statements", order()).status, 409);
}

TEST_F(OfficeRoutes, MapWhyNothingIsSealed) {
    headers_["idempotency-key"] = "k1";
    const std::vector<std::pair<Errc, int>> table = {{Errc::locked, 423},
                                                     {Errc::held, 423},
                                                     {Errc::storage_full, 507},
                                                     {Errc::exhausted, 503},
                                                     {Errc::not_found, 404}};
    for (const auto& [code, status] : table) {
        office_.refuse = Error{code, "no"};
        EXPECT_EQ(ask("POST", "/api/v1/statements", order()).status, status);
    }
}

TEST_F(OfficeRoutes, SealABatchAndTellOfEach) {
    const auto response =
        ask("POST", "/api/v1/statements/batch",
            R"({"orders":[{"sha256":")" + digest_ + R"(","idempotency_key":"a"},{"sha256":")" +
                digest_ + R"(","idempotency_key":"locked"}]})");
    EXPECT_EQ(response.status, 200) << response.body;
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body.ok());
    const auto& items = body->find("items")->as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].find("status")->as_integer(), 201);
    EXPECT_NE(items[0].find("statement"), nullptr);
    EXPECT_EQ(items[1].find("status")->as_integer(), 423);
    EXPECT_NE(items[1].find("problem")->find("detail"), nullptr);
}

TEST_F(OfficeRoutes, RefuseABatchThatIsNotExact) {
    const std::string one = R"({"sha256":")" + digest_ + R"(","idempotency_key":"a"})";
    std::string many = one;
    for (std::size_t i = 0; i < kBatchOrdersMax; ++i) {
        many +=
            R"(,{"sha256":")" + digest_ + R"(","idempotency_key":"k)" + std::to_string(i) + "\"}";
    }
    for (const std::string& orders :
         {std::string(), one + "," + one, R"({"sha256":")" + digest_ + "\"}", many}) {
        EXPECT_EQ(ask("POST", "/api/v1/statements/batch", R"({"orders":[)" + orders + "]}").status,
                  400);
    }
    EXPECT_EQ(office_.sealed, 0);
}

TEST_F(OfficeRoutes, HashADocumentAsItStreamsBy) {
    headers_ = {{"idempotency-key", "k1"},
                {"content-type", "application/pdf"},
                {"content-digest",
                 "sha-256=:" + base64_encode(sha256(as_bytes(std::string("permit")))) + ":"}};
    query_ = {{"name", "permit.pdf"}, {"subject", "file 7"}, {"seal", "default"}};
    Pieces body("permit", false);
    const auto response = upload(body);
    EXPECT_EQ(response.status, 201) << response.body;
    const SealOrder& order = office_.last_order;
    EXPECT_EQ(order.document, sha256(as_bytes(std::string("permit"))));
    EXPECT_EQ(order.document_sha512, sha512(as_bytes(std::string("permit"))));
    EXPECT_EQ(order.document_bytes, 6U);
    EXPECT_EQ(order.media_type, "application/pdf");
    EXPECT_EQ(order.document_name, "permit.pdf");
    EXPECT_EQ(order.subject, "file 7");
    EXPECT_EQ(order.actor, "amina");
}

TEST_F(OfficeRoutes, SealNothingOfABrokenOrForeignBody) {
    headers_["idempotency-key"] = "k1";
    Pieces broken("perm", true);
    EXPECT_EQ(upload(broken).status, 503);
    headers_["content-digest"] = "sha-256=:" + base64_encode(sha256({})) + ":";
    Pieces other("permit", false);
    const auto mismatch = upload(other);
    EXPECT_EQ(mismatch.status, 400);
    EXPECT_THAT(mismatch.body, HasSubstr("digest-mismatch"));
    EXPECT_EQ(office_.sealed, 0);
}

TEST_F(OfficeRoutes, RefuseAnUploadBeforeReadingIt) {
    Pieces body("permit", false);
    EXPECT_EQ(upload(body).status, 400);  // no key
    headers_["idempotency-key"] = "k1";
    query_ = {{"colour", "red"}};
    EXPECT_EQ(upload(body).status, 400);
    query_.clear();
    headers_["content-type"] = "multipart/form-data; boundary=x";
    EXPECT_EQ(upload(body).status, 415);
    headers_.erase("content-type");
    headers_["content-digest"] = "md5=:AAAA:";
    EXPECT_EQ(upload(body).status, 400);
    headers_.erase("content-digest");
    body.declared = kDocumentBytesMax + 1;
    EXPECT_EQ(upload(body).status, 413);
    EXPECT_TRUE(body.untouched());
    EXPECT_EQ(office_.sealed, 0);
}

TEST_F(OfficeRoutes, PageThroughStatements) {
    query_ = {{"limit", "5"},
              {"cursor", write_cursor("statements", 70)},
              {"since", "3"},
              {"until", "90"},
              {"state", "checkpointed"},
              {"document", digest_}};
    office_.next = 42;
    const auto response = ask("GET", "/api/v1/statements");
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(office_.last_query.before_index, 70U);
    EXPECT_EQ(office_.last_query.state, LifeState::checkpointed);
    const std::string next = write_cursor("statements", 42);
    EXPECT_THAT(response.body, HasSubstr(next));
    EXPECT_THAT(header_of(response, "Link"), HasSubstr(next));
    EXPECT_THAT(header_of(response, "Link"), HasSubstr("state=checkpointed"));
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"limit", "501"},
                                            {"cursor", write_cursor("checkpoints", 70)},
                                            {"state", "lost"},
                                            {"colour", "red"}}) {
        query_ = {{name, value}};
        EXPECT_EQ(ask("GET", "/api/v1/statements").status, 400) << name;
    }
}

TEST_F(OfficeRoutes, TellWhetherADocumentWasSealedHere) {
    const auto response = ask("POST", "/api/v1/documents/lookup", order());
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr(R"("sealed": true)"));
    EXPECT_EQ(ask("POST", "/api/v1/documents/lookup", "{}").status, 400);
}

TEST_F(OfficeRoutes, TagEvidenceByItsContent) {
    const std::string path = "/api/v1/statements/" + digest_ + "/evidence";
    const auto first = ask("GET", path);
    EXPECT_EQ(first.status, 200);
    const std::string tag = header_of(first, "ETag");
    ASSERT_FALSE(tag.empty());
    for (const std::string& known : {tag, "\"other\", " + tag, "W/" + tag, std::string("*")}) {
        headers_["if-none-match"] = known;
        const auto same = ask("GET", path);
        EXPECT_EQ(same.status, 304) << known;
        EXPECT_TRUE(same.body.empty());
    }
    admin_.file = R"({"more": 1})";
    headers_["if-none-match"] = tag;
    EXPECT_EQ(ask("GET", path).status, 200);
    EXPECT_EQ(ask("GET", "/api/v1/statements/xyz/evidence").status, 400);
    EXPECT_EQ(ask("GET", "/api/v1/statements/" + digest_).status, 404);
    EXPECT_EQ(ask("POST", "/api/v1/statements/" + digest_ + "/refresh").status, 200);
}

TEST_F(OfficeRoutes, UnlockWithThePassphraseInTheBodyOnly) {
    const std::string path = "/api/v1/seals/default/unlock";
    EXPECT_EQ(ask("POST", path, R"({"passphrase":"correct horse"})").status, 204);
    const auto wrong = ask("POST", path, R"({"passphrase":"battery"})");
    EXPECT_EQ(wrong.status, 403);
    EXPECT_THAT(wrong.body, HasSubstr("wrong-passphrase"));
    EXPECT_EQ(ask("POST", path, "{}").status, 400);
    EXPECT_EQ(ask("POST", "/api/v1/seals/other/unlock", R"({"passphrase":"x"})").status, 404);
    EXPECT_EQ(ask("POST", "/api/v1/seals/default/lock").status, 204);
}

TEST_F(OfficeRoutes, JudgeEvidenceGivenAsTextOrAsTheObjectItIs) {
    const std::string head = R"({"document":{"sha256":")" + digest_ + R"("},"evidence":)";
    EXPECT_EQ(ask("POST", "/api/v1/verify", head + R"("{ \"a\": 1 }"})").status, 200);
    EXPECT_EQ(office_.last_verify.evidence, R"({ "a": 1 })");
    EXPECT_TRUE(office_.last_verify.trust.empty());
    EXPECT_EQ(ask("POST", "/api/v1/verify", head + R"({"a":1},"trust":{"b":2}})").status, 200);
    EXPECT_EQ(office_.last_verify.evidence, R"({"a":1})");
    EXPECT_EQ(office_.last_verify.trust, R"({"b":2})");
    EXPECT_EQ(ask("POST", "/api/v1/verify", head + "7}").status, 400);
    EXPECT_EQ(ask("POST", "/api/v1/verify", R"({"evidence":"x"})").status, 400);
}

TEST_F(OfficeRoutes, ShowCheckpointsAndTheRest) {
    query_ = {{"cursor", write_cursor("checkpoints", 8)}, {"limit", "2"}};
    office_.next = 16;
    const auto page = ask("GET", "/api/v1/checkpoints");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(office_.last_after, 8U);
    EXPECT_THAT(header_of(page, "Link"), HasSubstr(write_cursor("checkpoints", 16)));
    query_.clear();
    EXPECT_EQ(ask("GET", "/api/v1/checkpoints/latest").body, "the note\n");
    for (const char* path : {"seals", "targets", "outbox", "status", "node", "trust"}) {
        EXPECT_EQ(ask("GET", std::string("/api/v1/") + path).status, 200) << path;
    }
    EXPECT_EQ(ask("POST", "/api/v1/sync").status, 200);
    EXPECT_EQ(ask("POST", "/api/v1/targets/x/test").status, 404);
    EXPECT_EQ(ask("POST", "/api/v1/hub/logs", R"({"vkey":"v"})").status, 501);
}

TEST_F(OfficeRoutes, TakeNoPathOfAFileThatTheNodeWouldSendSomewhere) {
    const std::string order = R"({"kind":"evm","name":"x","url":"https://a.example","pin":{})";
    for (const char* member : {"auth_file", "ca_file"}) {
        const auto refused = ask("POST", "/api/v1/targets",
                                 order + ",\"" + member + "\":\"/etc/fieldseal/secret\"}");
        EXPECT_EQ(refused.status, 400) << member;
        EXPECT_THAT(refused.body, HasSubstr("a file of the node's machine"));
    }
    EXPECT_NE(ask("POST", "/api/v1/targets", order + "}").status, 400);
}

TEST_F(OfficeRoutes, StreamEventsWithTheirCursors) {
    headers_["last-event-id"] = "1-7-0";
    const auto response = ask("GET", "/api/v1/events");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/event-stream");
    EXPECT_EQ(office_.last_cursor, "1-7-0");
    CollectingSink sink;
    response.write(sink);
    EXPECT_EQ(sink.text,
              "retry: 3000\nid: 1-7-0\n\n"
              "id: 1-8-0\nevent: sealed\ndata: {\"index\":7}\n\n"
              "id: 1-8-8\nevent: checkpointed\ndata: {\"size\":8}\n\n"
              ": still here\n\n");
    headers_["last-event-id"] = "nonsense";
    EXPECT_EQ(ask("GET", "/api/v1/events").status, 400);
}

TEST_F(OfficeRoutes, TellNobodyWhoMayNotListenAnyMore) {
    still_allowed_ = [] { return false; };
    CollectingSink sink;
    ask("GET", "/api/v1/events").write(sink);
    EXPECT_EQ(sink.text, "retry: 3000\nid: 1-7-0\n\n");
}

TEST_F(OfficeRoutes, SealNothingForWhoLostHisPermissionMeanwhile) {
    headers_["idempotency-key"] = "k1";
    still_allowed_ = [] { return false; };
    Pieces body("permit", false);
    EXPECT_EQ(upload(body).status, 403);
    EXPECT_EQ(office_.sealed, 0);
}

TEST_F(OfficeRoutes, CallANodeReadyThatIsOnlyLocked) {
    office_.ready = {true, "locked", "an approver has to unlock one"};
    EXPECT_EQ(ask("GET", "/readyz").status, 200);
    office_.ready = {false, "storage-full", "the disk is nearly full"};
    const auto full = ask("GET", "/readyz");
    EXPECT_EQ(full.status, 503);
    EXPECT_THAT(full.body, HasSubstr("the disk is nearly full"));
    EXPECT_EQ(ask("GET", "/.well-known/fieldseal").status, 200);
}

}  // namespace
}  // namespace fieldseal::api
