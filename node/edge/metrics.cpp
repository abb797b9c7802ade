// SPDX-License-Identifier: Apache-2.0
#include "node/edge/metrics.h"

#include "anchor/schedule.h"
#include "core/seal_state.h"
#include "fieldseal_version.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Seconds: from an append in company to a disk that is busy.
const prometheus::Histogram::BucketBoundaries kSealSeconds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
const prometheus::Histogram::BucketBoundaries kAnswerSeconds{0.001, 0.005, 0.01, 0.05, 0.1,
                                                             0.5,   1,     5,    30};

enum SealWord : std::size_t { kSealed, kReplayed, kRefused, kFailed, kSealWords };
constexpr std::array<std::string_view, kSealWords> kSealNames{"sealed", "replayed", "refused",
                                                              "failed"};

SealWord word_for(const Result<api::SealOutcome>& outcome) {
    if (outcome.ok()) {
        if (outcome->key != api::KeyUse::settled) return kRefused;
        return outcome->receipt.replayed ? kReplayed : kSealed;
    }
    switch (outcome.error().code) {
        case Errc::corrupt:
        case Errc::io:
        case Errc::internal:
            return kFailed;
        default:
            return kRefused;
    }
}

using Labels = std::vector<ClientMetric::Label>;

// A family whose values are looked up for one scrape.
class Family {
public:
    Family(std::string name, std::string help, MetricType type = MetricType::Gauge) {
        family_.name = std::move(name);
        family_.help = std::move(help);
        family_.type = type;
    }
    Family& add(double value, Labels labels = {}) {
        ClientMetric metric;
        metric.label = std::move(labels);
        if (family_.type == MetricType::Counter) {
            metric.counter.value = value;
        } else {
            metric.gauge.value = value;
        }
        family_.metric.push_back(std::move(metric));
        return *this;
    }
    template <typename Number>
    Family& add_if(const std::optional<Number>& value) {
        return value ? add(static_cast<double>(*value)) : *this;
    }
    MetricFamily take() { return std::move(family_); }

private:
    MetricFamily family_;
};

Family number(std::string name, std::string help, std::uint64_t value) {
    Family family(std::move(name), std::move(help));
    family.add(static_cast<double>(value));
    return family;
}

void add_log(std::vector<MetricFamily>& all, const NodeFacts& facts) {
    const std::uint64_t size = std::max(facts.log_entries, facts.anchored_entries);
    all.push_back(
        number("fieldseal_log_entries", "Entries of the statements log.", facts.log_entries)
            .take());
    all.push_back(number("fieldseal_checkpoint_entries", "Entries that a checkpoint covers.",
                         facts.checkpoint_entries)
                      .take());
    all.push_back(number("fieldseal_outbox_records", "Entries that no target has anchored yet.",
                         size - facts.anchored_entries)
                      .take());
    all.push_back(Family("fieldseal_outbox_oldest_unanchored_timestamp_seconds",
                         "When the oldest entry that no target has anchored was made.")
                      .add_if(facts.oldest_unanchored_s)
                      .take());
}

void add_targets(std::vector<MetricFamily>& all, const NodeFacts& facts) {
    Family success("fieldseal_anchor_last_success_timestamp_seconds",
                   "When the target last confirmed a checkpoint.");
    Family states("fieldseal_target_state", "1 for the state that the target is in.");
    for (const auto& target : facts.targets) {
        if (target.anchored_at_s > 0) {
            success.add(static_cast<double>(target.anchored_at_s), {{"target", target.name}});
        }
        for (std::uint8_t phase = 0; phase < anchor::kPhaseCount; ++phase) {
            const std::string state(to_string(static_cast<anchor::Phase>(phase)));
            states.add(state == target.state ? 1 : 0, {{"target", target.name}, {"state", state}});
        }
    }
    all.push_back(success.take());
    all.push_back(states.take());
}

void add_node(std::vector<MetricFamily>& all, const NodeFacts& facts) {
    all.push_back(Family("fieldseal_build_info", "1; the version is the label.")
                      .add(1, {{"version", kVersion}})
                      .take());
    all.push_back(number("fieldseal_clock_trusted",
                         "0 when statements say that the clock is not to be trusted.",
                         facts.clock_trust != ClockTrust::untrusted ? 1 : 0)
                      .take());
    all.push_back(number("fieldseal_clock_holdover",
                         "1 while the clock is carried on from when it was last synchronised.",
                         facts.clock_trust == ClockTrust::holdover ? 1 : 0)
                      .take());
    all.push_back(number("fieldseal_clock_behind_seconds",
                         "How far the clock is behind what is proven, recorded or measured.",
                         facts.clock_behind_s)
                      .take());
    all.push_back(Family("fieldseal_disk_free_bytes", "Free on the disk of the data directory.")
                      .add_if(facts.disk_free_bytes)
                      .take());
    all.push_back(number("fieldseal_store_failed", "1 after a write to the store failed.",
                         facts.store_failed ? 1 : 0)
                      .take());
    Family seals("fieldseal_seals", "Seals of the node, by the state that is published.");
    for (std::size_t state = 0; state < facts.seals.size(); ++state) {
        seals.add(static_cast<double>(facts.seals[state]),
                  {{"state", std::string(to_string(static_cast<SealState>(state)))}});
    }
    all.push_back(seals.take());
    all.push_back(number("fieldseal_seals_locked", "Active seals that nobody has unlocked.",
                         facts.seals_locked)
                      .take());
    all.push_back(
        number("fieldseal_sessions", "Sessions of people that the node keeps.", facts.sessions)
            .take());
}

double seconds_of(const timeval& time) {
    constexpr double kMicrosecond = 1e-6;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicrosecond;
}

void add_process(std::vector<MetricFamily>& all) {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        all.push_back(Family("process_cpu_seconds_total",
                             "Time of the processors, user and system.", MetricType::Counter)
                          .add(seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime))
                          .take());
    }
    std::ifstream statm("/proc/self/statm");
    double pages = 0;
    double resident = 0;
    if (statm >> pages >> resident) {
        all.push_back(Family("process_resident_memory_bytes", "Memory in use.")
                          .add(resident * static_cast<double>(::sysconf(_SC_PAGESIZE)))
                          .take());
    }
}

}  // namespace

struct Metrics::Kept {
    prometheus::Registry registry;
    std::array<prometheus::Counter*, kSealWords> seals{};
    prometheus::Histogram* sealing = nullptr;
    prometheus::Family<prometheus::Counter>* answers = nullptr;
    prometheus::Family<prometheus::Histogram>* durations = nullptr;
};

Metrics::Metrics() : kept_(std::make_unique<Kept>()) {
    auto& registry = kept_->registry;
    auto& seals = prometheus::BuildCounter()
                      .Name("fieldseal_seals_total")
                      .Help("Orders of the office's network to seal, by what became of them.")
                      .Register(registry);
    for (std::size_t word = 0; word < kSealWords; ++word) {
        kept_->seals[word] = &seals.Add({{"outcome", std::string(kSealNames[word])}});
    }
    kept_->sealing = &prometheus::BuildHistogram()
                          .Name("fieldseal_seal_duration_seconds")
                          .Help("From an order, or a batch, to its durable outcome.")
                          .Register(registry)
                          .Add({}, kSealSeconds);
    kept_->answers = &prometheus::BuildCounter()
                          .Name("fieldseal_http_requests_total")
                          .Help("Answers of the edge listener.")
                          .Register(registry);
    kept_->durations = &prometheus::BuildHistogram()
                            .Name("fieldseal_http_request_duration_seconds")
                            .Help("From a request's head to its answer, without event streams.")
                            .Register(registry);
}

Metrics::~Metrics() = default;

void Metrics::count(const Result<api::SealOutcome>& outcome) {
    kept_->seals[word_for(outcome)]->Increment();
}

void Metrics::observe_sealing(std::chrono::steady_clock::duration duration) {
    kept_->sealing->Observe(std::chrono::duration<double>(duration).count());
}

void Metrics::observe_answer(const api::Route* route, int status,
                             std::chrono::microseconds duration) {
    const std::string pattern = route == nullptr ? "-" : route->pattern;
    kept_->answers->Add({{"route", pattern}, {"code", std::to_string(status)}}).Increment();
    // A stream lasts as long as its listener likes.
    if (route != nullptr && route->kind == api::RouteKind::events) return;
    kept_->durations->Add({{"route", pattern}}, kAnswerSeconds)
        .Observe(std::chrono::duration<double>(duration).count());
}

std::string Metrics::text(const NodeFacts& facts) const {
    std::vector<MetricFamily> all = kept_->registry.Collect();
    add_log(all, facts);
    add_targets(all, facts);
    add_node(all, facts);
    add_process(all);
    return prometheus::TextSerializer().Serialize(all);
}

api::AnswerHook counted(api::AnswerHook first, Metrics& metrics, const api::Router& router) {
    return [first = std::move(first), &metrics, &router](const api::Request& request, int status,
                                                         std::uint64_t bytes,
                                                         std::chrono::microseconds duration) {
        first(request, status, bytes, duration);
        metrics.observe_answer(router.find(request.method, request.path), status, duration);
    };
}

}  // namespace fieldseal::node
