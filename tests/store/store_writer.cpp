// SPDX-License-Identifier: Apache-2.0
// store_writer create|append|judge DIRECTORY [COUNT GROUP]: a process around one store, for tests
// that kill it or fail its disk.
//
// append: opens the ordinary way and appends COUNT statements, GROUP per commit; statement `i`
// follows from its index, so a run goes on where the last one stopped. Writes "up" to stdout when
// the store is open and "ack <size>" after each commit that returned ok. judge: opens, runs
// check(), writes "size <n>". Exit codes: 0, 1 the store does not open or check found something (a
// sentence on stderr), 70 a commit or close failed.
#include "store/check.h"
#include "tests/support/test_store.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

namespace fieldseal::store {
namespace {

constexpr int kExitRefused = 1;
constexpr int kExitFailed = 70;

int say(const Error& error, int exit_code) {
    std::fprintf(stderr, "store_writer: %s: %s\n", std::string(to_string(error.code)).c_str(),
                 error.message.c_str());
    return exit_code;
}

// Straight to the descriptor: what was said before a kill was said.
void tell(const std::string& line) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(kExitFailed);
}

int append_groups(Store& store, std::uint64_t count, std::uint64_t group) {
    const auto log = LogId::statements;
    const std::uint64_t end = store.log(log).head().size.value + count;
    while (store.log(log).head().size.value < end) {
        Batch batch = store.begin();
        const std::uint64_t first = batch.head(log).size.value;
        for (std::uint64_t i = first; i < std::min(end, first + group); ++i) {
            const auto index = batch.append_statement(test_statement(i));
            if (!index.ok()) return say(index.error(), kExitFailed);
        }
        const auto put = batch.put_checkpoint(log, test_checkpoint(batch.head(log)));
        if (!put.ok()) return say(put.error(), kExitFailed);
        const auto committed = store.commit(std::move(batch));
        if (!committed.ok()) return say(committed.error(), kExitFailed);
        tell("ack " + std::to_string(store.log(log).head().size.value) + "\n");
    }
    const auto closed = store.close();
    return closed.ok() ? EXIT_SUCCESS : say(closed.error(), kExitFailed);
}

// Every statement is the one its index asks for: none lost, none twice, none moved.
Result<void> is_in_its_place(const StatementRecord& record) {
    if (record.entry == test_statement(record.index.value).entry) return {};
    return Error{Errc::corrupt, "is not the statement that was put there"};
}

int judge(const Store& store) {
    CheckHooks hooks;
    hooks.statement = is_in_its_place;
    const auto report = check(store, hooks);
    if (!report.ok()) return say(report.error(), kExitRefused);
    for (const Finding& finding : report->findings) {
        std::fprintf(stderr, "store_writer: %s: %s\n", finding.place.c_str(), finding.what.c_str());
    }
    tell("size " + std::to_string(store.log(LogId::statements).head().size.value) + "\n");
    return report->ok() ? EXIT_SUCCESS : kExitRefused;
}

int run(int argc, char** argv) {
    if (argc < 3) return kExitRefused;
    const std::string verb = argv[1];
    if (verb == "create") {
        const auto created = Store::create(argv[2], test_pin_key());
        return created.ok() ? EXIT_SUCCESS : say(created.error(), kExitFailed);
    }
    auto store = Store::open(test_options(argv[2]));
    if (!store.ok()) return say(store.error(), kExitRefused);
    if (verb == "judge") return judge(**store);
    if (argc < 5) return kExitRefused;
    tell("up\n");
    return append_groups(**store, std::strtoull(argv[3], nullptr, 10),
                         std::strtoull(argv[4], nullptr, 10));
}

}  // namespace
}  // namespace fieldseal::store

int main(int argc, char** argv) {
    return fieldseal::store::run(argc, argv);
}
