// SPDX-License-Identifier: Apache-2.0
// All configured targets together: starts a worker for each, tells them of checkpoints, answers
// what they are doing. Adding a target writes it into fieldseal.toml first. OWNED BY: the daemon.
// THREADS: any. Errors: invalid_argument, conflict (the name is taken), io.
#pragma once

#include "node/anchor_worker.h"
#include "node/config/config.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fieldseal::node {

struct TargetReport {
    Config::Target settings;
    anchor::TargetState state;
};

class Anchoring {
public:
    using MakeParts = std::function<AnchorWorker::Parts()>;

    // `config_path`: where add() writes. `make_parts` gives each worker its share of the node.
    Anchoring(std::string config_path, MakeParts make_parts)
        : config_path_(std::move(config_path)), make_parts_(std::move(make_parts)) {}
    ~Anchoring() { stop(); }

    Result<void> start(const std::vector<Config::Target>& targets);
    Result<void> add(const Config::Target& target);
    void post(const anchor::Event& event);
    std::vector<TargetReport> reports() const;
    // In the order of the configuration.
    std::vector<std::string> names() const;
    void stop();

private:
    struct Running {
        Config::Target settings;
        std::unique_ptr<AnchorWorker> worker;
    };
    Result<Running> open(const Config::Target& target) const;

    const std::string config_path_;
    const MakeParts make_parts_;
    mutable std::mutex mutex_;
    std::vector<Running> running_;  // guarded by mutex_
};

}  // namespace fieldseal::node
