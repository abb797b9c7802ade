// SPDX-License-Identifier: Apache-2.0
// crash_driver judge|work DIRECTORY: one run of an office and its hub in this process, on the same
// two data directories and the same ledger as all runs before.
//
// Both: open the ordinary way, judge what is there (oracle.h), repeat what had no answer, judge
// again. `judge` then closes properly and prints what there is; `work` seals from several threads,
// makes checkpoints and has them cosigned until something kills it. FIELDSEAL_CRASH_AT says where,
// from the first line on: recovery is killed too.
// Exit codes: 0 (judge), 1 something is wrong (a sentence on stderr), 70 a write failed
// (io_error_test.cpp makes them fail); SIGALRM when nothing killed it in time.
#include "node/daemon.h"
#include "tests/crash/ledger.h"
#include "tests/crash/oracle.h"
#include "tests/crash/witnessing.h"
#include "tests/support/in_process_node.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace fieldseal::testing {
namespace {

constexpr unsigned kRunSecondsMax = 60;
constexpr std::uint64_t kSealers = 4;
// Orders acknowledged between two errands to the hub.
constexpr std::uint64_t kOrdersPerErrand = 6;

[[noreturn]] void end_badly(const Error& error) {
    std::fprintf(stderr, "crash_driver: %s\n", error.message.c_str());
    std::_Exit(EXIT_FAILURE);
}

void must(const Result<void>& result) {
    if (!result.ok()) end_badly(result.error());
}

InProcessNode::Options node_options(const std::string& data_dir, const std::string& name) {
    InProcessNode::Options options;
    options.organisation = name + ".example";
    options.name = name;
    options.data_dir = data_dir;
    // As the daemon does it, without its quarter of a second: nothing may happen after this.
    options.on_fatal = [](const Error& error) {
        std::fprintf(stderr, "crash_driver: %s\n", error.message.c_str());
        std::_Exit(node::kFatalExitCode);
    };
    return options;
}

class Run {
public:
    explicit Run(const std::string& directory)
        : ledger_(open_ledger(directory + "/ledger")),
          office_(node_options(directory + "/office", "office")),
          hub_(node_options(directory + "/hub", "hub")) {
        must(hub_.enrolment->add(office_.identity->log_key));
    }

    void recover() {
        judge();
        const auto retried = retry_orders(office_, ledger_);
        if (!retried.ok()) end_badly(retried.error());
        retried_ = *retried;
        must(repeat_last_request(office_, hub_, ledger_));
        judge();
    }

    [[noreturn]] void work() {
        std::vector<std::thread> sealers;
        for (std::uint64_t i = 0; i < kSealers; ++i) sealers.emplace_back([this, i] { seal(i); });
        std::uint64_t done = 0;
        for (;;) {
            // One wake-up per acknowledgement; an errand when enough have come together.
            acknowledged_.wait(done);
            const std::uint64_t now = acknowledged_.load();
            if (now < next_errand_) {
                done = now;
                continue;
            }
            next_errand_ = now + kOrdersPerErrand;
            office_.checkpoint();
            must(anchor_newest(office_, hub_, ledger_));
        }
    }

    void print() const {
        const auto& facts = ledger_.facts();
        std::uint64_t acknowledged = 0;
        for (const auto& [document, order] : facts.orders)
            acknowledged += order.acknowledged ? 1 : 0;
        std::printf(
            "log of %llu entries, %zu orders, %llu acknowledged, %zu cosignatures, %llu orders "
            "repeated in the last run\n",
            static_cast<unsigned long long>(
                office_.store->log(store::LogId::statements).head().size.value),
            facts.orders.size(), static_cast<unsigned long long>(acknowledged),
            facts.cosigned.size(), static_cast<unsigned long long>(retried_));
    }

private:
    static Ledger open_ledger(const std::string& path) {
        auto ledger = Ledger::open(path);
        if (!ledger.ok()) end_badly(ledger.error());
        return std::move(*ledger);
    }

    void judge() {
        must(judge_office(office_, ledger_.facts()));
        must(judge_hub(office_, hub_, ledger_.facts()));
    }

    // Even rounds: orders of this thread alone, without a key. Odd rounds: two threads race with
    // the same order under the same key.
    [[noreturn]] void seal(std::uint64_t thread) {
        const std::string run = "run" + std::to_string(ledger_.facts().runs);
        for (std::uint64_t round = 0;; ++round) {
            const bool shared = round % 2 == 1;
            const std::string document = run + (shared ? "-pair" : "-thread") +
                                         std::to_string(shared ? thread / 2 : thread) + "-" +
                                         std::to_string(round);
            const std::string key = shared ? "key-" + document : "";
            ledger_.order(document, key);
            const auto sealed = office_.seal(document, key);
            if (!sealed.ok()) end_badly(sealed.error());
            ledger_.acknowledged(document, {sealed->record.entry, sealed->record.index.value});
            ++acknowledged_;
            acknowledged_.notify_one();
        }
    }

    Ledger ledger_;
    InProcessNode office_;
    InProcessNode hub_;
    std::atomic<std::uint64_t> acknowledged_{0};
    std::uint64_t next_errand_ = kOrdersPerErrand;
    std::uint64_t retried_ = 0;
};

}  // namespace
}  // namespace fieldseal::testing

int main(int argc, char** argv) {
    const std::string_view mode = argc == 3 ? argv[1] : "";
    if (mode != "judge" && mode != "work") {
        std::fputs("usage: crash_driver judge|work DIRECTORY\n", stderr);
        return 64;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::alarm(fieldseal::testing::kRunSecondsMax);
    spdlog::set_level(spdlog::level::off);
    fieldseal::testing::Run run(argv[2]);
    run.recover();
    if (mode == "work") run.work();
    run.print();
    return 0;
}
