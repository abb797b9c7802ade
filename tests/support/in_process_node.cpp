// SPDX-License-Identifier: Apache-2.0
#include "tests/support/in_process_node.h"

#include "node/daemon.h"

#include <cstdio>
#include <cstdlib>

namespace fieldseal::testing {
namespace {

constexpr std::string_view kPassphrase = "correct horse battery staple";

template <class T>
T must(Result<T> result) {
    if (!result.ok()) {
        std::fprintf(stderr, "test node: %s\n", result.error().message.c_str());
        std::_Exit(node::kFatalExitCode);
    }
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace

InProcessNode::InProcessNode(Options options_in) : options(std::move(options_in)) {
    config.data_dir = options.data_dir.empty() ? directory / "data" : options.data_dir;
    config.node.organisation = options.organisation;
    config.node.name = options.name;
    config.custody.argon2id_memory_mib = 16;
    config.custody.argon2id_passes = 1;
    if (!node::load_identity(config.data_dir).ok()) init();
    open();
}

void InProcessNode::init() {
    const auto passphrase = must(node::SecretBytes::copy_of(as_bytes(kPassphrase)));
    node::InitOptions first;
    first.config = config;
    first.seal_algorithm = options.algorithm;
    first.seal_passphrase = &passphrase;
    must(node::init_node(first));
}

void InProcessNode::open() {
    identity = must(node::load_identity(config.data_dir));
    keys = must(node::open_keys(config, *identity));
    store = must(node::open_store(config, keys));
    status = must(node::StatusBook::load(*store, *identity, *keys.status, clock));
    audit = must(node::AuditBook::load({*store, *identity, *keys.status, clock}));
    seals = must(node::SealBook::load(*store, *identity));
    seal_keys = must(node::SealKeys::load(*seals, *keys.keystore, *status));
    checkpointer = must(node::Checkpointer::load(
        {*store, *identity, *keys.log, *keys.witnessed_log, *status, clock,
         [](store::LogId, std::uint64_t) {}, [this] { news.tell(); }, audit.get()},
        options.checkpoint));
    node::SequencerOptions sequencing;
    sequencing.queue_max = options.queue_max;
    sequencer =
        std::make_unique<node::Sequencer>(*store, *checkpointer, sequencing, options.on_fatal);
    audit->attach(*sequencer);
    floors = must(node::FloorBook::load(*store, *sequencer));
    seals->attach(*sequencer);
    must(seals->migrate(clock.now_s()));
    seal_use = std::make_unique<node::SealUse>(
        node::SealUse::Parts{*store, clock, [this] { return Result<std::uint64_t>(anchored); }});
    sealing = std::make_unique<node::SealService>(
        node::SealService::Parts{*store, *sequencer, clock, gate, *floors, *seal_keys, *status,
                                 *seal_use, identity->origin});
    manager = std::make_unique<node::SealManager>(
        node::SealManager::Parts{*seals, *seal_keys, *keys.keystore, *status, *audit, *checkpointer,
                                 *sequencer, *seal_use, clock, identity->origin});
    must(manager->recover());
    enrolment = must(node::Enrolment::load(config.hub_logs_path()));
    hub = std::make_unique<node::Hub>(node::Hub::Parts{*store, *sequencer, clock, gate, *enrolment,
                                                       *keys.witness, identity->witness_key.name,
                                                       [this] { return options.chain_targets; }});
    must(seal_keys->unlock(node::kFirstSealName, kPassphrase, clock.now_s()));
}

void InProcessNode::close() {
    if (!store) return;
    sequencer->stop();
    hub.reset();
    enrolment.reset();
    manager.reset();
    sealing.reset();
    seal_use.reset();
    floors.reset();
    sequencer.reset();
    checkpointer.reset();
    seal_keys.reset();
    seals.reset();
    audit.reset();
    status.reset();
    must(store->close());
    store.reset();
    keys = {};
}

Result<node::SealService::Sealed> InProcessNode::seal(std::string_view content, std::string key) {
    api::SealOrder order;
    order.document = sha256(as_bytes(content));
    order.document_sha512 = sha512(as_bytes(content));
    order.media_type = "text/plain";
    order.idempotency_key = std::move(key);
    return sealing->seal(order);
}

void InProcessNode::checkpoint() {
    checkpointer->request();
    must(sequencer->run([](store::Batch&) { return Result<void>(); }));
}

std::string InProcessNode::newest_checkpoint() const {
    return must(store->checkpoints(store::LogId::statements).latest())->note;
}

Trust InProcessNode::trust() const {
    Trust trust;
    TrustedLog log;
    log.origin = identity->origin;
    log.key = identity->log_key;
    log.status_keys.push_back(identity->status_key);
    log.operated_by = identity->organisation;
    trust.logs.push_back(std::move(log));
    for (const auto& seal : seals->all()) {
        trust.seals.push_back(
            TrustedSeal{seal->key, {identity->origin}, std::nullopt, std::nullopt});
    }
    return trust;
}

}  // namespace fieldseal::testing
