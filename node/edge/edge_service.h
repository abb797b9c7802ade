// SPDX-License-Identifier: Apache-2.0
// What the office network asks of its node beside the admin socket's questions: orders with
// idempotency keys, pages, the outbox in plain words, verdicts, readiness, events.
// OWNED BY: the daemon. THREADS: any.
#pragma once

#include "api/office_backend.h"
#include "node/admin_service.h"
#include "node/edge/key_claims.h"
#include "node/edge/metrics.h"
#include "node/edge/news.h"

namespace fieldseal::node {

class EdgeService final : public api::OfficeBackend {
public:
    struct Parts {
        const NodeIdentity& identity;
        const store::Store& store;
        const Clock& clock;
        const SealBook& book;
        const StatusBook& status;
        const SealKeys& keys;
        SealService& sealing;
        Anchoring& anchoring;
        AdminService& admin;
        const News& news;
        Metrics& metrics;
    };
    explicit EdgeService(Parts parts) : parts_(parts) {}

    Result<api::SealOutcome> seal(const api::SealOrder& order) override;
    std::vector<Result<api::SealOutcome>> seal_batch(
        const std::vector<api::SealOrder>& orders) override;
    Result<api::Page> statements(const api::StatementQuery& query) override;
    Result<json::Value> refresh(const Digest& entry) override;
    Result<api::Page> checkpoints(std::optional<std::uint64_t> after, std::uint32_t limit) override;
    Result<json::Value> targets() override;
    Result<json::Value> outbox() override;
    Result<std::string> verify(const api::VerifyOrder& order) override;
    api::Readiness readiness() override;
    json::Value well_known() override;
    Result<std::unique_ptr<api::EventStream>> listen(
        const std::optional<std::string>& cursor) override;

    // For a scrape; what only others know (disk, sessions) is left as it is by default.
    Result<NodeFacts> facts() const;

private:
    // Entries [from, below) of the log.
    struct Range {
        std::uint64_t from = 0;
        std::uint64_t below = 0;
    };
    Result<api::SealOutcome> outcome(Result<SealService::Sealed> sealed,
                                     const Coverage& coverage) const;
    Result<api::Page> about_document(const api::StatementQuery& query, Range range,
                                     const Coverage& coverage) const;
    Result<api::SealOutcome> seal_one(const api::SealOrder& order);
    std::vector<Result<api::SealOutcome>> seal_all(const std::vector<api::SealOrder>& orders);
    // When it was received; nothing when nothing waits.
    Result<std::optional<std::int64_t>> oldest_waiting_s(std::uint64_t anchored) const;
    Result<json::Value> age_of_oldest(std::uint64_t anchored) const;
    json::Value target_in_words(const TargetReport& report) const;

    Parts parts_;
    KeyClaims claims_;
};

}  // namespace fieldseal::node
