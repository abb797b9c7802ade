// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/check_beside.h"

#include "core/encoding.h"
#include "node/anchoring/authority_target.h"
#include "node/anchoring/chain_target.h"
#include "node/clock.h"
#include "node/enrolment.h"
#include "node/seals/seal_book.h"
#include "node/seals/seal_keys.h"
#include "node/seals/status_book.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

// What the daemon itself finds when it starts.
void check_seal_keys(const NodeIdentity& identity, const NodeKeys& keys, const store::Store& store,
                     store::CheckReport& report) {
    const SystemClock clock;
    const auto book = SealBook::load(store, identity);
    const auto status = StatusBook::load(store, identity, *keys.status, clock);
    if (!book.ok() || !status.ok()) return;  // their rows are findings already
    const auto seals = SealKeys::load(**book, *keys.keystore, **status, "");
    if (!seals.ok()) return report.add("keys", seals.error().message);
    for (const std::string& damage : (*seals)->damages()) report.add("keys", damage);
}

Result<void> read_files_of(const Config::Target& target) {
    switch (target.kind) {
        case TargetKind::witness:
            return {};
        case TargetKind::evm: {
            const auto settings = chain_settings(target);
            return settings.ok() ? Result<void>() : settings.error();
        }
        case TargetKind::rfc3161: {
            const auto settings = authority_settings(target);
            return settings.ok() ? Result<void>() : settings.error();
        }
    }
    return {};
}

Result<void> check_targets(const Config& config, const store::Store& store,
                           store::CheckReport& report) {
    for (const Config::Target& target : config.targets) {
        const auto read = read_files_of(target);
        if (!read.ok())
            report.add("target " + fieldseal::quoted(target.name), read.error().message);
    }
    for (const store::OutboxRow& row : FIELDSEAL_TRY(store.outbox().rows())) {
        if (row.kind == kLaneKind) continue;
        const bool known =
            std::any_of(config.targets.begin(), config.targets.end(),
                        [&](const Config::Target& target) { return target.name == row.target; });
        if (known) continue;
        report.notices.push_back(
            "the configuration has no target " + fieldseal::quoted(row.target) +
            ", to which this node anchored: if you did not take it out, fieldseal.toml was "
            "damaged or lost");
    }
    return {};
}

void check_enrolment(const Config& config, const store::Store& store, store::CheckReport& report) {
    const std::uint64_t witnessed = store.log(store::LogId::checkpoints).head().size.value;
    if (!config.hub.enabled) {
        if (witnessed == 0) return;
        report.notices.push_back(
            "this node witnessed " + std::to_string(witnessed) +
            " checkpoints and is no hub now ([hub] enabled): if you did not change that, "
            "fieldseal.toml was damaged or lost");
        return;
    }
    const auto enrolment = Enrolment::load(config.hub_logs_path());
    if (!enrolment.ok()) return report.add("enrolment", enrolment.error().message);
    if (witnessed == 0 || (*enrolment)->size() > 0) return;
    report.notices.push_back(config.hub_logs_path() + " enrols no log, and this hub witnessed " +
                             std::to_string(witnessed) +
                             " checkpoints: if you did not empty it, it was damaged or lost");
}

}  // namespace

Result<void> check_beside(const Config& config, const NodeIdentity& identity, const NodeKeys& keys,
                          const store::Store& store, store::CheckReport& report) {
    check_seal_keys(identity, keys, store, report);
    FIELDSEAL_TRY(check_targets(config, store, report));
    check_enrolment(config, store, report);
    return {};
}

}  // namespace fieldseal::node
