// SPDX-License-Identifier: Apache-2.0
// The life of seals: makes them, changes their states and policies (docs/seals.md).
//
// One change is one group of the sequencer: the status snapshot that publishes it, the checkpoint
// behind it, the seal's row, its history and the audit entry are durable together or not at all.
// What lies outside the store comes before (a key file, under a row that says so) or after
// (destroying one), and recover() finishes or undoes it at the next start. Doing a thing twice
// does it once. OWNED BY: the daemon. THREADS: any. Errors: those of api/seal_backend.h.
#pragma once

#include "api/seal_backend.h"
#include "node/checkpointer.h"
#include "node/people/audit_book.h"
#include "node/seals/seal_keys.h"
#include "node/seals/seal_use.h"
#include "node/seals/seal_views.h"
#include "node/sequencer.h"

#include <mutex>
#include <string>
#include <string_view>

namespace fieldseal::node {

class SealManager final : public api::SealBackend {
public:
    struct Parts {
        SealBook& book;
        SealKeys& keys;
        KeyStore& keystore;
        StatusBook& status;
        AuditBook& audit;
        Checkpointer& checkpointer;
        Sequencer& sequencer;
        SealUse& use;
        const Clock& clock;
        std::string origin;
    };
    explicit SealManager(Parts parts) : parts_(std::move(parts)) {}

    // What a crash left half done, and what policies have counted. Once, before anybody asks.
    Result<void> recover();

    Result<json::Value> seals() override;
    Result<json::Value> seal(std::string_view name) override;
    Result<json::Value> pkcs11_tokens(const std::string& module) override;
    Result<void> unlock_last_try(const std::string& name, std::string_view pin) override;
    Result<json::Value> create(const api::Caller& by, const api::NewSeal& order) override;
    Result<json::Value> rotate(const api::Caller& by, std::string_view old,
                               const api::NewSeal& order) override;
    Result<json::Value> act(const api::Caller& by, std::string_view name,
                            const api::SealActionOrder& order) override;
    Result<json::Value> set(const api::Caller& by, std::string_view name,
                            const api::SealSettings& settings) override;

    // Held by whoever makes a key for a seal: one at a time, or one undoes what another makes.
    std::unique_lock<std::mutex> making() { return std::unique_lock(making_); }
    // A seal whose key exists already, made or imported by whoever calls: published as it comes to
    // be. The key is the caller's to remove when this fails.
    Result<void> add(const api::Caller& by, const SealRecord& record, SealState state);

private:
    // What one change does to seals in the sequencer's turn.
    struct Step {
        std::string action;  // of the audit log
        std::string name;    // of the seal
        SealChange change;
        std::vector<StatusBook::Change> states = {};
        Bytes rotation = {};
        std::string remote = {};
    };
    Step step_of(const api::Caller& by, std::string_view action, std::string_view name,
                 std::string_view what) const;
    // False when all of it is so already.
    Result<bool> publish(store::Batch& batch, Step& step);
    // The outcome as it is; what failed is noted in the audit log.
    Result<json::Value> noted(const Step& step, Result<void> outcome);
    Result<void> act_on(Step& step, const api::SealActionOrder& order);
    // `base`: the policy that the order's settings are applied to.
    Result<SealRecord> make_key(const api::NewSeal& order, const SealPolicy& base);
    Result<KeyInfo> make_key_here_or_in_token(const api::NewSeal& order,
                                              const std::string& key_name, KeyAlgorithm algorithm);
    Credential pin_credential(const SecretBytes& pin, bool last_try) const;
    Result<Bytes> sign_rotation(const api::NewSeal& order, const SealRecord& fresh,
                                const SealRecord& old);
    Result<void> replace(const api::Caller& by, const SealRecord& old, const SealRecord& fresh,
                         const Bytes& rotation);
    Result<void> unmake_key(const api::NewSeal& order, const SealRecord& record);
    Result<void> destroy_in_token(const SealRecord& seal, const api::SealActionOrder& order);
    SealFacts facts(const SealRecord& seal) const;

    Parts parts_;
    std::mutex making_;
};

}  // namespace fieldseal::node
