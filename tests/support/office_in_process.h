// SPDX-License-Identifier: Apache-2.0
// An in-process node with the services of the office's network on top, without targets.
// OWNED BY: the test. THREADS: as the services say; open() and close() one thread.
#pragma once

#include "node/admin_service.h"
#include "node/edge/edge_service.h"
#include "tests/support/in_process_node.h"

namespace fieldseal::testing {

class OfficeInProcess {
public:
    OfficeInProcess() { open(); }
    ~OfficeInProcess() { close(); }

    void open() {
        anchoring = std::make_unique<node::Anchoring>(
            node::Anchoring::Parts{"", node.config.data_dir, false, *node.keys.keystore, {}});
        space = std::make_unique<store::SpaceGuard>(node.config.data_dir,
                                                    store::SpaceGuard::Limits{0, 0});
        admin = std::make_unique<node::AdminService>(node::AdminService::Parts{
            *node.identity, *node.store, *space, *node.sequencer, *node.checkpointer, node.clock,
            node.gate, *node.seals, *node.status, *node.seal_keys, *node.sealing, *anchoring,
            nullptr});
        office = std::make_unique<node::EdgeService>(node::EdgeService::Parts{
            *node.identity, *node.store, node.clock, *node.seals, *node.status, *node.seal_keys,
            *node.sealing, *anchoring, *admin, node.news, metrics});
    }
    void close() {
        office.reset();
        admin.reset();
        anchoring.reset();
    }
    void restart() {
        close();
        node.close();
        node.open();
        open();
    }

    InProcessNode node;
    node::Metrics metrics;
    std::unique_ptr<node::Anchoring> anchoring;
    std::unique_ptr<store::SpaceGuard> space;
    std::unique_ptr<node::AdminService> admin;
    std::unique_ptr<node::EdgeService> office;
};

inline api::SealOrder order_for(std::string_view content, std::string key) {
    api::SealOrder order;
    order.document = sha256(as_bytes(content));
    order.idempotency_key = std::move(key);
    order.actor = "amina";
    return order;
}

}  // namespace fieldseal::testing
