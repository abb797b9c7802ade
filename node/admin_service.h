// SPDX-License-Identifier: Apache-2.0
// What the office asks of its node, over the admin socket: orders go to the services, questions are
// answered from the store and the targets' states.
// OWNED BY: the daemon. THREADS: any.
#pragma once

#include "api/backend.h"
#include "core/evidence.h"
#include "node/anchoring/anchoring.h"
#include "node/anchoring/evidence_builder.h"
#include "node/checkpointer.h"
#include "node/clock.h"
#include "node/enrolment.h"
#include "node/seal_gate.h"
#include "node/seal_service.h"
#include "node/seals/certificate_files.h"
#include "node/seals/seal_keys.h"
#include "node/statement_list.h"
#include "node/views.h"
#include "store/space.h"

namespace fieldseal::node {

class AdminService final : public api::AdminBackend {
public:
    struct Parts {
        const NodeIdentity& identity;
        const store::Store& store;
        const store::SpaceGuard& space;
        Sequencer& sequencer;
        Checkpointer& checkpointer;
        const Clock& clock;
        SealGate& gate;
        const SealBook& book;
        const StatusBook& status;
        SealKeys& keys;
        SealService& sealing;
        Anchoring& anchoring;
        Enrolment* enrolment;                            // null: no hub role
        const CertificateFiles* certificates = nullptr;  // null: no seal has any
    };
    explicit AdminService(Parts parts) : parts_(parts), evidence_(parts.store) {}

    Result<api::SealReceipt> seal(const api::SealOrder& order) override;
    Result<json::Value> list(const api::ListQuery& query) override;
    Result<json::Value> show(const Digest& entry) override;
    Result<std::string> evidence(const Digest& entry) override;
    Result<json::Value> status() override;
    Result<json::Value> node_info() override;
    Result<json::Value> trust_export() override;
    Result<json::Value> sync() override;
    Result<void> unlock(const std::string& seal, std::string_view passphrase) override;
    Result<void> lock(const std::string& seal) override;
    Result<json::Value> add_target(const api::TargetOrder& order) override;
    Result<json::Value> add_chain_target(const api::ChainTargetOrder& order) override;
    Result<json::Value> add_authority_target(const api::AuthorityTargetOrder& order) override;
    Result<json::Value> test_target(const std::string& name) override;
    Result<json::Value> enroll_log(const std::string& vkey) override;
    Result<json::Value> enrolled_logs() override;

    // What the other services show and do too.
    Result<Coverage> coverage() const;
    Result<void> checkpoint_now();
    // The word and the sentence: ready, locked, held, stopped, storage-full,
    // clock-set-back.
    std::pair<std::string, std::string> sealing_state() const;

private:
    Result<void> add_certificates(Evidence& evidence) const;
    Result<StatementPage> find(const api::ListQuery& query) const;
    Result<std::optional<StatusItem>> last_change() const;

    Parts parts_;
    EvidenceBuilder evidence_;
};

}  // namespace fieldseal::node
