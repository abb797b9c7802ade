// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/anchoring.h"

#include "anchor/rfc3161_target.h"
#include "anchor/witness_target.h"
#include "core/encoding.h"
#include "node/anchoring/authority_target.h"
#include "node/anchoring/chain_target.h"
#include "node/anchoring/target_link.h"
#include "node/config/checks.h"
#include "node/custody/private_file.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace fieldseal::node {
namespace {

constexpr std::string_view kPinsDirectory = "/chains";
constexpr std::string_view kRootsDirectory = "/authorities";
// One request of `target test`: a person waits for the answer.
constexpr std::chrono::milliseconds kProbeTimeout{10'000};

// A block with its quorum of seals is a floor for what is sealed later.
void offer_sealed_blocks(AnchorHooks& hooks, const TrustedChain& chain) {
    hooks.anchored = [anchored = hooks.anchored, offer = hooks.sealed_block, chain](
                         const std::string& target, const anchor::AnchorPieces& pieces) {
        anchored(target, pieces);
        for (const SealedBlock& block : sealed_blocks(pieces, chain))
            offer(block.block, block.time_s);
    };
}

// A token is a floor for what is sealed later.
void offer_tokens(AnchorHooks& hooks, std::int64_t accuracy_default_s) {
    hooks.anchored = [anchored = hooks.anchored, offer = hooks.token, accuracy_default_s](
                         const std::string& target, const anchor::AnchorPieces& pieces) {
        anchored(target, pieces);
        for (const StampedToken& stamped : tokens_in(pieces, accuracy_default_s))
            offer(stamped.token, stamped.not_before_s);
    };
}

anchor::WitnessSettings witness_settings(const Config::Target& target) {
    anchor::WitnessSettings settings;
    settings.name = target.name;
    settings.url = target.url;
    settings.vkey = target.vkey;
    settings.log_vkey = target.log_vkey;
    settings.tls = tls_settings(target);
    settings.limits = http_limits(target);
    return settings;
}

// The file with the block at its end, everything else as its owner wrote it.
Result<void> append_to_config(const std::string& path, const Config::Target& target) {
    const auto before = FIELDSEAL_TRY(read_private_file(path, kConfigBytesMax));
    const std::string after = to_text(before) + to_toml(target);
    const auto parsed = FIELDSEAL_TRY(parse_config(after, path));
    if (parsed.targets.empty() || parsed.targets.back() != target)
        return Error{Errc::invalid_argument, "the target's settings do not fit into " + path};
    return write_private_file(path, as_bytes(after));
}

}  // namespace

store::LogId log_of(const Config::Target& target) {
    return target.log == TargetLog::statements ? store::LogId::statements
                                               : store::LogId::checkpoints;
}

Result<Anchoring::Running> Anchoring::open(const Config::Target& target) const {
    auto parts = parts_.make_worker_parts(log_of(target));
    Running running{target, nullptr, {}, nullptr};
    std::unique_ptr<anchor::Target> adapter;
    switch (target.kind) {
        case TargetKind::witness:
            adapter = FIELDSEAL_TRY(anchor::open_witness_target(witness_settings(target)));
            break;
        case TargetKind::evm:
            adapter = FIELDSEAL_TRY(open_chain(target, parts, running));
            break;
        case TargetKind::rfc3161: {
            auto settings = FIELDSEAL_TRY(authority_settings(target));
            offer_tokens(parts.hooks, target.accuracy_default_s);
            adapter =
                FIELDSEAL_TRY(anchor::open_rfc3161_target(std::move(settings), draw_stamp_nonce));
            break;
        }
    }
    running.worker =
        FIELDSEAL_TRY(AnchorWorker::start(target.name, std::move(adapter), std::move(parts)));
    return running;
}

Result<std::unique_ptr<anchor::Target>> Anchoring::open_chain(const Config::Target& target,
                                                              AnchorWorker::Parts& parts,
                                                              Running& running) const {
    auto settings = FIELDSEAL_TRY(chain_settings(target));
    running.chain = settings.chain.id;
    running.account = FIELDSEAL_TRY(ChainAccount::open(parts_.keystore, target.name));
    if (running.account->is_new()) {
        spdlog::info("target {}: made the account {}; it must be permitted on the chain",
                     target.name, evm::to_string(running.account->address()));
    }
    offer_sealed_blocks(parts.hooks, settings.chain);
    return anchor::open_evm_target(
        std::move(settings), *running.account,
        lane_store(parts.store, parts.sequencer,
                   {parts.log_id, target.name, running.chain, parts_.data_dir}));
}

Result<void> Anchoring::start(const std::vector<Config::Target>& targets) {
    for (const auto& target : targets) {
        // Locked before the worker reads the newest checkpoint: one that is made meanwhile waits in
        // post() and finds the worker in the list.
        const std::scoped_lock lock(mutex_);
        auto running = open(target);
        if (!running.ok())
            return running.error().with_context("target " + fieldseal::quoted(target.name));
        running_.push_back(std::move(*running));
    }
    return {};
}

Result<void> Anchoring::check_name(const std::string& name) const {
    const auto same_name = [&](const Running& known) { return known.settings.name == name; };
    if (std::none_of(running_.begin(), running_.end(), same_name)) return {};
    return Error{Errc::conflict, "there is a target named " + fieldseal::quoted(name) + " already"};
}

Result<void> Anchoring::add(const Config::Target& target) {
    const std::scoped_lock lock(mutex_);
    FIELDSEAL_TRY(check_name(target.name));
    // Opened without starting first: what the adapter refuses must not reach the file.
    FIELDSEAL_TRY(anchor::open_witness_target(witness_settings(target)));
    FIELDSEAL_TRY(append_to_config(parts_.config_path, target));
    running_.push_back(FIELDSEAL_TRY(open(target)));
    return {};
}

Result<evm::Address> Anchoring::add_chain(Config::Target target, const std::string& pin) {
    const std::scoped_lock lock(mutex_);
    const ChainPin parsed = FIELDSEAL_TRY(parse_chain_pin(pin));
    target.kind = TargetKind::evm;
    target.chain_file = chain_pin_path(parts_.data_dir, target.name);
    FIELDSEAL_TRY(check_new(target));
    // Judged before anything is made: what is refused leaves no pin and no key behind.
    const auto settings = FIELDSEAL_TRY(chain_settings(target, parsed));
    FIELDSEAL_TRY(anchor::check_evm_settings(settings));
    // A crash between these lines leaves a pin and a key that nothing names; adding the target
    // again takes them.
    FIELDSEAL_TRY(make_private_directory(parts_.data_dir + std::string(kPinsDirectory)));
    FIELDSEAL_TRY(write_private_file(target.chain_file, as_bytes(to_json(parsed))));
    FIELDSEAL_TRY(ChainAccount::open(parts_.keystore, target.name));
    FIELDSEAL_TRY(append_to_config(parts_.config_path, target));
    running_.push_back(FIELDSEAL_TRY(open(target)));
    return running_.back().account->address();
}

Result<void> Anchoring::add_authority(Config::Target target, const std::string& roots) {
    const std::scoped_lock lock(mutex_);
    target.kind = TargetKind::rfc3161;
    target.roots_file = authority_roots_path(parts_.data_dir, target.name);
    FIELDSEAL_TRY(check_new(target));
    // Judged before anything is made: what is refused leaves no file behind.
    auto settings = FIELDSEAL_TRY(authority_settings(target, roots));
    FIELDSEAL_TRY(anchor::open_rfc3161_target(std::move(settings), draw_stamp_nonce));
    // A crash between these lines leaves roots that nothing names; adding the target again takes
    // their place.
    FIELDSEAL_TRY(make_private_directory(parts_.data_dir + std::string(kRootsDirectory)));
    FIELDSEAL_TRY(write_private_file(target.roots_file, as_bytes(roots)));
    FIELDSEAL_TRY(append_to_config(parts_.config_path, target));
    running_.push_back(FIELDSEAL_TRY(open(target)));
    return {};
}

Result<void> Anchoring::check_new(const Config::Target& target) const {
    FIELDSEAL_TRY(check_target_name(target.name));
    FIELDSEAL_TRY(check_name(target.name));
    return check_target(target, parts_.is_hub);
}

void Anchoring::checkpoint_made(store::LogId log, std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    for (const auto& running : running_) {
        if (log_of(running.settings) == log) running.worker->post(anchor::CheckpointMade{size});
    }
}

void Anchoring::post(const anchor::Event& event) {
    const std::scoped_lock lock(mutex_);
    for (const auto& running : running_) running.worker->post(event);
}

std::vector<TargetReport> Anchoring::reports() const {
    const std::scoped_lock lock(mutex_);
    std::vector<TargetReport> reports;
    for (const auto& running : running_) {
        std::optional<evm::Address> account;
        if (running.account) account = running.account->address();
        TargetReport report{running.settings, running.worker->state(), account, running.chain, ""};
        if (account && has_sealed_twice(parts_.data_dir, running.settings.name)) {
            report.sealed_twice_file = sealed_twice_path(parts_.data_dir, running.settings.name);
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

std::vector<std::string> Anchoring::names(store::LogId log) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& running : running_) {
        if (log_of(running.settings) == log) names.push_back(running.settings.name);
    }
    return names;
}

// Without the mutex while the network is asked: checkpoints must reach the workers.
Result<std::vector<anchor::EvmProbe>> Anchoring::probe(const std::string& name) const {
    Config::Target target;
    evm::Address account{};
    {
        const std::scoped_lock lock(mutex_);
        const auto named =
            std::find_if(running_.begin(), running_.end(),
                         [&](const Running& running) { return running.settings.name == name; });
        if (named == running_.end()) {
            return Error{Errc::not_found, "there is no target named " + fieldseal::quoted(name)};
        }
        if (!named->account) {
            return Error{Errc::unsupported, "the target " + fieldseal::quoted(name) +
                                                " is no chain: `fieldseal sync` asks it"};
        }
        target = named->settings;
        account = named->account->address();
    }
    auto settings = FIELDSEAL_TRY(chain_settings(target));
    settings.limits.connect_timeout = std::min(settings.limits.connect_timeout, kProbeTimeout);
    settings.limits.total_timeout = std::min(settings.limits.total_timeout, kProbeTimeout);
    return anchor::probe_evm_endpoints(settings, account);
}

// Joins without the mutex: a worker may wait for the sequencer, and the sequencer may be about to
// post a checkpoint here.
void Anchoring::stop() {
    std::vector<AnchorWorker*> workers;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& running : running_) workers.push_back(running.worker.get());
    }
    for (AnchorWorker* worker : workers) worker->stop();
}

}  // namespace fieldseal::node
