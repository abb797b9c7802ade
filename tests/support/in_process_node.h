// SPDX-License-Identifier: Apache-2.0
// A real node without sockets and targets: its keys, store, sequencer and services in this process,
// in a directory of its own. For tests and benchmarks of node/; the daemon itself is tested as a
// process. OWNED BY: the test. THREADS: as the services say; open() and close() one thread.
#pragma once

#include "core/trust.h"
#include "node/anchoring/evidence_builder.h"
#include "node/boot.h"
#include "node/checkpointer.h"
#include "node/edge/news.h"
#include "node/enrolment.h"
#include "node/hub.h"
#include "node/init.h"
#include "node/seal_service.h"
#include "node/seals/seal_manager.h"
#include "tests/support/temp_directory.h"

namespace fieldseal::testing {

class InProcessNode {
public:
    struct Options {
        std::string organisation = "ministry.example";
        std::string name = "office-7";
        node::Checkpointer::Options checkpoint{1U << 30, std::chrono::hours(1)};
        std::size_t queue_max = 1024;
        node::KeyAlgorithm algorithm = node::KeyAlgorithm::es256k;
        // A data directory that is kept: opened if there is a node in it, else made. Empty = one of
        // the node's own.
        std::string data_dir;
        std::function<void(const Error&)> on_fatal = [](const Error&) {};
        std::vector<std::string> chain_targets;  // of the witnessed log
    };
    // init, open, unlock. Ends the process with a message when one of them fails: there is no test
    // without it.
    explicit InProcessNode(Options options);
    InProcessNode() : InProcessNode(Options()) {}
    ~InProcessNode() { close(); }

    void open();
    void close();

    Result<node::SealService::Sealed> seal(std::string_view content, std::string key = "");
    void checkpoint();
    std::string newest_checkpoint() const;
    Trust trust() const;

    const TempDirectory directory;  // empty with Options::data_dir
    const Options options;
    node::Config config;
    std::uint64_t anchored = 0;  // as far as policies of seals are concerned
    std::optional<node::NodeIdentity> identity;
    node::SystemClock clock;
    node::SealGate gate;
    node::News news;
    node::NodeKeys keys;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<node::StatusBook> status;
    std::unique_ptr<node::AuditBook> audit;
    std::unique_ptr<node::SealBook> seals;
    std::unique_ptr<node::SealKeys> seal_keys;
    std::unique_ptr<node::Checkpointer> checkpointer;
    std::unique_ptr<node::Sequencer> sequencer;
    std::unique_ptr<node::FloorBook> floors;
    std::unique_ptr<node::SealUse> seal_use;
    std::unique_ptr<node::SealService> sealing;
    std::unique_ptr<node::SealManager> manager;
    std::unique_ptr<node::Enrolment> enrolment;
    std::unique_ptr<node::Hub> hub;

private:
    void init();
};

}  // namespace fieldseal::testing
