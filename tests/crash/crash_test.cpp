// SPDX-License-Identifier: Apache-2.0
// kill -9 at every named place between "request accepted" and "reply written", again and again on
// the same directories; crash_driver judges after each (oracle.h).
//
// FIELDSEAL_CRASH_CYCLES: kills per place (30). FIELDSEAL_CRASH_SEED: which pass of the place dies;
// a failure prints the seed to repeat it with.
#include "core/encoding.h"
#include "tests/crash/driver_process.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <set>
#include <sstream>

namespace fieldseal::testing {
namespace {

constexpr std::uint64_t kCyclesPerPlace = 30;

struct Place {
    const char* name;
    // The pass that dies is 1 to this: about as many as one run comes by in a tenth of a second.
    std::uint64_t passes_max;
};

constexpr Place kPlaces[] = {
    {"checkpoint.signed", 8},        {"hub.before_cosign", 6},  {"seal.accepted", 40},
    {"seal.before_reply", 40},       {"seal.signed", 40},       {"sequencer.after_commit", 30},
    {"sequencer.before_commit", 30}, {"store.after_write", 30}, {"store.before_write", 30},
    {"store.pin_written", 24},
};
// Places of parts that crash_driver does not run: daemon_crash.py kills real daemons there.
constexpr const char* kPlacesOfTheDaemon[] = {"anchor.before_pieces", "anchor.pieces_stored",
                                              // tests/integration/keys_test.py
                                              "custody.attempt_written", "custody.secret_tried",
                                              // tests/integration/seal_life_test.py
                                              "seal.key_made", "seal.destroyed",
                                              // tests/integration/token_seals_test.py
                                              "seal.destroyed_in_token",
                                              // tests/integration/chain_test.py
                                              "chain.signed", "chain.before_lane",
                                              "chain.lane_saved"};

std::uint64_t number_from_environment(const char* variable, std::uint64_t fallback) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return fallback;
    auto number = parse_decimal(text);
    EXPECT_TRUE(number.ok()) << variable << " is not a number: " << text;
    return std::move(number).value_or(fallback);
}

std::uint64_t seed() {
    static const std::uint64_t value =
        number_from_environment("FIELDSEAL_CRASH_SEED", std::random_device{}());
    return value;
}

class Crash : public ::testing::TestWithParam<Place> {};

TEST_P(Crash, LosesNothingAndInventsNothing) {
    const Place place = GetParam();
    const std::uint64_t cycles = number_from_environment("FIELDSEAL_CRASH_CYCLES", kCyclesPerPlace);
    SCOPED_TRACE("repeat with FIELDSEAL_CRASH_SEED=" + std::to_string(seed()));
    const std::string own = std::string(place.name) + std::to_string(seed());
    std::seed_seq mixed(own.begin(), own.end());
    std::mt19937_64 random(mixed);
    const TempDirectory directory;
    const auto started = std::chrono::steady_clock::now();
    ASSERT_EQ(run_driver("judge", directory.path(), {}), Ended::exited(0));
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
        const std::uint64_t pass = 1 + random() % place.passes_max;
        const std::string at = std::string(place.name) + ":" + std::to_string(pass);
        ASSERT_EQ(run_driver("work", directory.path(), {"FIELDSEAL_CRASH_AT=" + at}),
                  Ended::killed_by(SIGKILL))
            << "cycle " << cycle << " at " << at;
    }
    std::printf("%s: %llu kills, seed %llu: ", place.name, static_cast<unsigned long long>(cycles),
                static_cast<unsigned long long>(seed()));
    std::fflush(stdout);
    ASSERT_EQ(run_driver("judge", directory.path(), {}), Ended::exited(0));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    std::printf("%s: %.3f s per cycle\n", place.name, seconds.count() / double(cycles + 2));
}

INSTANTIATE_TEST_SUITE_P(AtEachPlace, Crash, ::testing::ValuesIn(kPlaces), [](const auto& place) {
    std::string name = place.param.name;
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
});

// A place that is named in the source and in no list here would never be killed at.
TEST(CrashPlaces, AreAllKnown) {
    std::set<std::string> known(std::begin(kPlacesOfTheDaemon), std::end(kPlacesOfTheDaemon));
    for (const Place& place : kPlaces) known.insert(place.name);
    std::set<std::string> named;
    const std::regex pattern("FIELDSEAL_CRASH_POINT\\(\"([a-z._]+)\"\\);");
    for (const char* room : {"anchor", "api", "node", "store"}) {
        const auto root = std::filesystem::path(FIELDSEAL_SOURCE_DIR) / room;
        for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
            if (file.path().extension() != ".cpp") continue;
            std::ostringstream text;
            text << std::ifstream(file.path()).rdbuf();
            const std::string source = text.str();
            for (std::sregex_iterator it(source.begin(), source.end(), pattern), end; it != end;
                 ++it)
                named.insert((*it)[1]);
        }
    }
    EXPECT_EQ(named, known);
}

}  // namespace
}  // namespace fieldseal::testing
