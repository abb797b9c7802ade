// SPDX-License-Identifier: Apache-2.0
#include "node/cli/exit_code.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fieldseal::node::cli {
namespace {

constexpr std::array kMeanings = {
    ExitCodeMeaning{ExitCode::ok, "done"},
    ExitCodeMeaning{ExitCode::failed, "failed; the sentence on standard error says why"},
    ExitCodeMeaning{ExitCode::partial, "some of several failed, the others are done"},
    ExitCodeMeaning{
        ExitCode::no_daemon,
        "no daemon answers: none runs on this data directory, or --node is not reached"},
    ExitCodeMeaning{ExitCode::not_yet, "not yet: sealed and safe, the anchor has not answered"},
    ExitCodeMeaning{ExitCode::locked, "the seal is locked: fieldseal unlock"},
    ExitCodeMeaning{ExitCode::held, "sealing is held or stopped until a person decides"},
    ExitCodeMeaning{ExitCode::storage_full, "the data disk is full; nothing is lost"},
    ExitCodeMeaning{ExitCode::usage, "the command line or an argument is wrong"},
    ExitCodeMeaning{ExitCode::unreadable, "an input file is missing or cannot be read"},
    ExitCodeMeaning{ExitCode::permission,
                    "not permitted: file rights, a wrong passphrase, or a token without the right"},
};

}  // namespace

std::span<const ExitCodeMeaning> exit_code_meanings() {
    return kMeanings;
}

ExitCode exit_code_of(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return ExitCode::usage;
        case Errc::unavailable:
            return ExitCode::no_daemon;
        case Errc::denied:
        case Errc::unauthenticated:
        case Errc::rate_limited:
            return ExitCode::permission;
        case Errc::locked:
            return ExitCode::locked;
        case Errc::held:
            return ExitCode::held;
        case Errc::storage_full:
            return ExitCode::storage_full;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::corrupt:
        case Errc::exhausted:
        case Errc::io:
        case Errc::unsupported:
        case Errc::internal:
            return ExitCode::failed;
    }
    std::abort();
}

ExitCode combine(std::span<const ExitCode> codes) {
    if (codes.empty()) return ExitCode::ok;
    const auto is_ok = [](ExitCode code) { return code == ExitCode::ok; };
    const auto ok_count = std::count_if(codes.begin(), codes.end(), is_ok);
    if (ok_count == std::ssize(codes)) return ExitCode::ok;
    if (ok_count > 0) return ExitCode::partial;
    const bool alike = std::equal(codes.begin() + 1, codes.end(), codes.begin());
    return alike ? codes.front() : ExitCode::failed;
}

bool stops_the_rest(ExitCode code) {
    return code == ExitCode::no_daemon || code == ExitCode::locked || code == ExitCode::held ||
           code == ExitCode::storage_full;
}

}  // namespace fieldseal::node::cli
