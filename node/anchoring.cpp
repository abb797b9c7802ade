// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring.h"

#include "anchor/witness_target.h"
#include "core/encoding.h"
#include "node/custody/private_file.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

anchor::WitnessSettings witness_settings(const Config::Target& target) {
    anchor::WitnessSettings settings;
    settings.name = target.name;
    settings.url = target.url;
    settings.vkey = target.vkey;
    settings.log_vkey = target.log_vkey;
    settings.tls.ca_file = target.ca_file;
    if (const auto pin = hex_decode(target.tls_pin_sha256); pin.ok() && !pin->empty()) {
        settings.tls.spki_pin = "sha256//" + base64_encode(*pin);
    }
    settings.limits.connect_timeout = std::chrono::seconds(target.connect_timeout_s);
    settings.limits.total_timeout = std::chrono::seconds(target.total_timeout_s);
    return settings;
}

// One [[target]] block. The values passed the configuration's checks: no quotes, no backslashes.
std::string target_block(const Config::Target& target) {
    const auto line = [](std::string_view name, const std::string& value) {
        return value.empty() ? std::string() : std::string(name) + " = \"" + value + "\"\n";
    };
    return "\n[[target]]\nkind = \"witness\"\n" + line("name", target.name) +
           line("url", target.url) + line("vkey", target.vkey) + line("log_vkey", target.log_vkey) +
           line("ca_file", target.ca_file) + line("tls_pin_sha256", target.tls_pin_sha256);
}

// The file with the block at its end, everything else as its owner wrote it.
Result<void> append_to_config(const std::string& path, const Config::Target& target) {
    const auto before = FIELDSEAL_TRY(read_private_file(path, kConfigBytesMax));
    const std::string after = to_text(before) + target_block(target);
    const auto parsed = FIELDSEAL_TRY(parse_config(after, path));
    const bool same = !parsed.targets.empty() && parsed.targets.back().name == target.name &&
                      parsed.targets.back().url == target.url &&
                      parsed.targets.back().vkey == target.vkey;
    if (!same)
        return Error{Errc::invalid_argument, "the target's settings do not fit into " + path};
    return write_private_file(path, as_bytes(after));
}

}  // namespace

Result<Anchoring::Running> Anchoring::open(const Config::Target& target) const {
    auto adapter = FIELDSEAL_TRY(anchor::open_witness_target(witness_settings(target)));
    return Running{
        target, FIELDSEAL_TRY(AnchorWorker::start(target.name, std::move(adapter), make_parts_()))};
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

Result<void> Anchoring::add(const Config::Target& target) {
    const std::scoped_lock lock(mutex_);
    const auto same_name = [&](const Running& known) { return known.settings.name == target.name; };
    if (std::any_of(running_.begin(), running_.end(), same_name)) {
        return Error{Errc::conflict,
                     "there is a target named " + fieldseal::quoted(target.name) + " already"};
    }
    // Opened without starting first: what the adapter refuses must not reach the file.
    FIELDSEAL_TRY(anchor::open_witness_target(witness_settings(target)));
    FIELDSEAL_TRY(append_to_config(config_path_, target));
    running_.push_back(FIELDSEAL_TRY(open(target)));
    return {};
}

void Anchoring::post(const anchor::Event& event) {
    const std::scoped_lock lock(mutex_);
    for (const auto& running : running_) running.worker->post(event);
}

std::vector<TargetReport> Anchoring::reports() const {
    const std::scoped_lock lock(mutex_);
    std::vector<TargetReport> reports;
    for (const auto& running : running_)
        reports.push_back({running.settings, running.worker->state()});
    return reports;
}

std::vector<std::string> Anchoring::names() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& running : running_) names.push_back(running.settings.name);
    return names;
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
