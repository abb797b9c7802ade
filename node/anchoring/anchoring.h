// SPDX-License-Identifier: Apache-2.0
// All configured targets together: starts a worker for each, tells them of checkpoints, answers
// what they are doing. Adding a target writes it into fieldseal.toml first; a chain's pin, the key
// of its account and an authority's roots are on the disk before that. OWNED BY: the daemon.
// THREADS: any. Errors: invalid_argument, conflict (the name is taken), not_found, io.
#pragma once

#include "anchor/evm/evm_target.h"
#include "core/evm/address.h"
#include "node/anchoring/anchor_worker.h"
#include "node/anchoring/chain_signer.h"
#include "node/config/config.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

struct TargetReport {
    Config::Target settings;
    anchor::TargetState state;
    std::optional<evm::Address> account;  // kind evm
    std::string chain;                    // kind evm: the pin's id
    std::string sealed_twice_file;        // kind evm: two sealed headers of one number; else empty
};

class Anchoring {
public:
    struct Parts {
        std::string config_path;  // where add() writes
        std::string data_dir;     // pins of chains go below it
        bool is_hub = false;
        KeyStore& keystore;
        // Gives each worker its share of the node.
        std::function<AnchorWorker::Parts(store::LogId)> make_worker_parts;
    };

    explicit Anchoring(Parts parts) : parts_(std::move(parts)) {}
    ~Anchoring() { stop(); }

    Result<void> start(const std::vector<Config::Target>& targets);
    Result<void> add(const Config::Target& target);
    // Kind evm: keeps `pin` (the text of a chain pin) in the data directory and points chain_file
    // at it. Returns the account that somebody has to permit or fund.
    Result<evm::Address> add_chain(Config::Target target, const std::string& pin);
    // Kind rfc3161: keeps `roots` (PEM) in the data directory and points roots_file at it.
    Result<void> add_authority(Config::Target target, const std::string& roots);
    void post(const anchor::Event& event);
    void checkpoint_made(store::LogId log, std::uint64_t size);
    std::vector<TargetReport> reports() const;
    // The targets of one log, in the order of the configuration.
    std::vector<std::string> names(store::LogId log) const;
    // Asks each endpoint of a chain target what it has to be asked before anybody trusts it with
    // anchoring. Takes as long as the network does. Errors: not_found, unsupported (another kind).
    Result<std::vector<anchor::EvmProbe>> probe(const std::string& name) const;
    void stop();

private:
    struct Running {
        Config::Target settings;
        std::unique_ptr<ChainAccount> account;  // kind evm; the worker's adapter signs with it
        std::string chain;
        std::unique_ptr<AnchorWorker> worker;
    };
    Result<Running> open(const Config::Target& target) const;
    Result<std::unique_ptr<anchor::Target>> open_chain(const Config::Target& target,
                                                       AnchorWorker::Parts& parts,
                                                       Running& running) const;
    // Before anything is made of a target to add.
    Result<void> check_new(const Config::Target& target) const;
    Result<void> check_name(const std::string& name) const;

    const Parts parts_;
    mutable std::mutex mutex_;
    std::vector<Running> running_;  // guarded by mutex_
};

store::LogId log_of(const Config::Target& target);

}  // namespace fieldseal::node
