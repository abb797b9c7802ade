// SPDX-License-Identifier: Apache-2.0
// sealing_bench [--rounds N] [--seconds S] [--dir DIR] [--assert | --assert-peers] [--runs N]
//               [--only SLOT]:
// what a durable seal costs beside what it cannot do without, all in one run. --only runs one slot,
// for a profiler.
//
//   sync      one thread, bare RocksDB, one synced write of a record as large as a statement's
//   both      one thread, `sign` and `sync` one after the other: the peer of seal-1
//   sign      every core, bare libsecp256k1: one ECDSA signature and its verification
//   key       the same cores, SigningKey::sign_statement: hashing, locking and encoding as well
//   group-64  64 threads, each signs; one synced write for all who wait: the peer of seal-64
//   seal-N    N threads with the priority of the API's, through SealService and Sequencer: signed,
//             verified, logged, synced
//
// The slots of one round follow each other after a short rest, so that a slow moment of the machine
// hits neighbours alike; a ratio is taken within a round, and the median round counts. --assert
// fails when the medians miss docs/performance.md's floors, which depend on how the machine's disk,
// scheduler and cores are to each other. --assert-peers asks for half of what the peers get, who
// wait for the same things in the same shape: for any machine. --runs measures anew, up to N times,
// when a floor is missed: a neighbour can only make a ratio smaller.
#include "api/thread_priority.h"
#include "core/statement.h"
#include "tests/bench/baseline.h"
#include "tests/support/in_process_node.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <sys/resource.h>
#include <thread>

namespace fieldseal::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRest{150};
constexpr double kFloorOfOne = 0.5;    // seal-1 against sync
constexpr double kFloorOfMany = 0.6;   // seal-64 against sign
constexpr double kFloorOfPeers = 0.5;  // seal-1 against both, seal-64 against group-64

constexpr std::size_t kMany = 64;

struct Arguments {
    std::size_t rounds = 7;
    double seconds = 1.0;
    std::string directory;
    std::string only;
    enum class Assert { nothing, floors, peers } check = Assert::nothing;
    std::size_t runs = 1;
};

// Work that threads repeat until the slot is over; the argument is the thread's number.
using Step = std::function<void(std::size_t thread)>;

struct Slot {
    std::string name;
    std::size_t threads = 1;
    Step step;
    std::function<void()> begin = [] {};  // in each thread, before its first step
    std::vector<double> rates = {};       // per second
    std::vector<double> cpu_us = {};      // of processor time, per step

    void clear() {
        rates.clear();
        cpu_us.clear();
    }
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return double(time.tv_sec) + double(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run(Slot& slot, double seconds) {
    std::this_thread::sleep_for(kRest);
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> steps{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < slot.threads; ++i) {
        threads.emplace_back([&, i] {
            slot.begin();
            go.wait(false);
            std::uint64_t mine = 0;
            for (; !over.load(std::memory_order_relaxed); ++mine) slot.step(i);
            steps += mine;
        });
    }
    const double cpu_before = cpu_seconds();
    const auto begin = Clock::now();
    go = true;
    go.notify_all();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    for (auto& thread : threads) thread.join();
    const double took = std::chrono::duration<double>(Clock::now() - begin).count();
    slot.rates.push_back(double(steps) / took);
    slot.cpu_us.push_back((cpu_seconds() - cpu_before) / double(steps) * 1e6);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void print(const Slot& slot) {
    const auto [least, most] = std::minmax_element(slot.rates.begin(), slot.rates.end());
    std::printf("%-8s %10.0f %10.0f %10.0f %12.1f\n", slot.name.c_str(), *least, median(slot.rates),
                *most, median(slot.cpu_us));
}

// Within each round, then the median of the rounds.
double ratio(const Slot& slot, const Slot& against, const char* what) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < slot.rates.size(); ++i)
        ratios.push_back(slot.rates[i] / against.rates[i]);
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    const double value = median(ratios);
    std::printf("%-24s %6.2f  (%.2f to %.2f)\n", what, value, *least, *most);
    return value;
}

// In place of a document's digest, which its sender made: as evenly spread, for the indexes
// (splitmix64).
void spread(std::uint64_t number, std::span<std::uint8_t> digest) {
    for (std::size_t at = 0; at < digest.size(); at += sizeof number) {
        std::uint64_t word = number * 0x9e3779b97f4a7c15 + at * 0xd1b54a32d192ed03;
        word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
        word = (word ^ word >> 27) * 0x94d049bb133111eb;
        word ^= word >> 31;
        std::memcpy(digest.data() + at, &word, sizeof word);
    }
}

api::SealOrder order_of(std::uint64_t number) {
    api::SealOrder order;
    spread(number, order.document);
    spread(number, order.document_sha512.emplace());
    order.media_type = "application/pdf";
    order.subject = "contract 2026-117";
    order.document_name = "contract.pdf";
    order.document_bytes = 1'048'576;
    return order;
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "sealing_bench: %s\n", why.c_str());
    std::exit(EXIT_FAILURE);
}

// What the log and the record rows get from one order.
std::size_t record_bytes(testing::InProcessNode& node) {
    const auto sealed = node.sealing->seal(order_of(0));
    if (!sealed.ok()) give_up(sealed.error().message);
    return sealed->record.cose.size() + sealed->record.local.size();
}

StatementTbs statement_of(const testing::InProcessNode& node) {
    StatementClaims claims;
    claims.algorithm = node.identity->seals[0].key.algorithm();
    claims.kid = node.identity->seals[0].key.kid();
    claims.issuer = node.identity->origin;
    claims.subject = "contract 2026-117";
    claims.media_type = "application/pdf";
    claims.document_sha512.emplace();
    auto tbs = StatementTbs::from(std::move(claims));
    if (!tbs.ok()) give_up(tbs.error().message);
    return *std::move(tbs);
}

class Bench {
public:
    explicit Bench(const Arguments& arguments)
        : arguments_(arguments),
          node_(node_options(arguments)),
          tbs_(statement_of(node_)),
          sync_writes_(arguments.directory + "/bare", record_bytes(node_)),
          group_writes_(arguments.directory + "/groups", sync_writes_.record_bytes()),
          many_signers_(kMany) {
        const std::size_t cores = std::thread::hardware_concurrency();
        for (std::size_t i = 0; i < cores; ++i) signers_.emplace_back();
        // What is compared stands side by side.
        add("sync", 1, [this](std::size_t) { sync_writes_.write(); });
        add_seal(1);
        add("both", 1, [this](std::size_t) {
            signers_[0].sign_and_verify();
            sync_writes_.write();
        });
        add("sign", cores, [this](std::size_t thread) { signers_[thread].sign_and_verify(); });
        add_seal(kMany);
        add("group-64", kMany, [this](std::size_t thread) {
            many_signers_[thread].sign_and_verify();
            group_writes_.write();
        });
        add("key", cores, [this](std::size_t) {
            if (!node_.seal_keys->sign("", tbs_).ok()) give_up("the key refused");
        });
        add_seal(16);
    }

    void run_rounds() {
        for (Slot& slot : slots_) slot.clear();
        for (std::size_t round = 0; round < arguments_.rounds; ++round)
            for (Slot& slot : slots_)
                if (arguments_.only.empty() || arguments_.only == slot.name)
                    run(slot, arguments_.seconds);
    }

    // Whether what is asserted holds.
    bool report() const {
        if (!arguments_.only.empty()) {
            print(slot(arguments_.only));
            return true;
        }
        std::printf(
            "%zu rounds of %.1f s, %u cores, %zu bytes a record, checkpoints every 256 entries\n",
            arguments_.rounds, arguments_.seconds, std::thread::hardware_concurrency(),
            sync_writes_.record_bytes());
        std::printf("%-8s %10s %10s %10s %12s\n", "", "min/s", "median/s", "max/s", "cpu us each");
        for (const Slot& slot : slots_) print(slot);
        const double one = ratio(slot("seal-1"), slot("sync"), "seal-1 / sync");
        ratio(slot("both"), slot("sync"), "both / sync");
        const double of_one = ratio(slot("seal-1"), slot("both"), "seal-1 / both");
        ratio(slot("seal-16"), slot("sign"), "seal-16 / sign");
        const double many = ratio(slot("seal-64"), slot("sign"), "seal-64 / sign");
        ratio(slot("group-64"), slot("sign"), "group-64 / sign");
        const double of_many = ratio(slot("seal-64"), slot("group-64"), "seal-64 / group-64");
        ratio(slot("seal-64"), slot("key"), "seal-64 / key");
        std::printf(
            "floors: seal-1 / sync >= %.2f, seal-64 / sign >= %.2f; of the peers: >= %.2f\n",
            kFloorOfOne, kFloorOfMany, kFloorOfPeers);
        switch (arguments_.check) {
            case Arguments::Assert::nothing:
                return true;
            case Arguments::Assert::floors:
                return one >= kFloorOfOne && many >= kFloorOfMany;
            case Arguments::Assert::peers:
                return of_one >= kFloorOfPeers && of_many >= kFloorOfPeers;
        }
        return false;
    }

private:
    static testing::InProcessNode::Options node_options(const Arguments& arguments) {
        testing::InProcessNode::Options options;
        options.data_dir = arguments.directory + "/node";
        options.checkpoint = {};  // the product's own
        options.on_fatal = [](const Error& error) { give_up(error.message); };
        return options;
    }
    void add_seal(std::size_t submitters) {
        add("seal-" + std::to_string(submitters), submitters, [this](std::size_t) {
            const auto sealed = node_.sealing->seal(order_of(++numbers_));
            if (!sealed.ok()) give_up(sealed.error().message);
        });
        slots_.back().begin = api::give_way;
    }
    void add(std::string name, std::size_t threads, Step step) {
        slots_.push_back({std::move(name), threads, std::move(step)});
    }
    const Slot& slot(std::string_view name) const {
        return *std::find_if(slots_.begin(), slots_.end(),
                             [&](const Slot& each) { return each.name == name; });
    }

    const Arguments arguments_;
    testing::InProcessNode node_;
    const StatementTbs tbs_;
    SyncWrites sync_writes_;
    GroupWrites group_writes_;
    std::vector<BareSigner> signers_;
    std::vector<BareSigner> many_signers_;
    std::atomic<std::uint64_t> numbers_{0};
    std::vector<Slot> slots_;
};

[[noreturn]] void show_usage() {
    std::fputs(
        "usage: sealing_bench [--rounds N] [--seconds S] [--dir DIR] [--assert | --assert-peers] "
        "[--runs N] [--only SLOT]\n",
        stderr);
    std::exit(64);
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--assert" || name == "--assert-peers") {
            using Assert = Arguments::Assert;
            arguments.check = name == "--assert" ? Assert::floors : Assert::peers;
            continue;
        }
        if (i + 1 == argc) show_usage();
        const std::string_view value = argv[++i];
        const char* const end = value.data() + value.size();
        std::from_chars_result read{end, {}};
        if (name == "--rounds") {
            read = std::from_chars(value.data(), end, arguments.rounds);
        } else if (name == "--seconds") {
            read = std::from_chars(value.data(), end, arguments.seconds);
        } else if (name == "--dir") {
            arguments.directory = value;
        } else if (name == "--runs") {
            read = std::from_chars(value.data(), end, arguments.runs);
        } else if (name == "--only") {
            arguments.only = value;
        } else {
            show_usage();
        }
        if (read.ptr != end || read.ec != std::errc()) show_usage();
    }
    if (arguments.rounds == 0 || arguments.seconds <= 0 || arguments.runs == 0) show_usage();
    return arguments;
}

int run_all(Arguments arguments) {
    const testing::TempDirectory own;
    if (arguments.directory.empty()) arguments.directory = own.path();
    spdlog::set_level(spdlog::level::off);
    Bench bench(arguments);
    for (std::size_t run = 1; run <= arguments.runs; ++run) {
        bench.run_rounds();
        if (bench.report()) return 0;
        std::printf("run %zu of %zu: a floor is missed\n", run, arguments.runs);
    }
    std::puts("FAILED");
    return 1;
}

}  // namespace
}  // namespace fieldseal::bench

int main(int argc, char** argv) {
    return fieldseal::bench::run_all(fieldseal::bench::parse(argc, argv));
}
