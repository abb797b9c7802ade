// SPDX-License-Identifier: Apache-2.0
// The file is one line: "fieldseal-attempts/v1 <failures> <POSIX seconds of the last>\n".
#include "node/custody/attempts.h"

#include "core/encoding.h"
#include "node/custody/private_file.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::string_view kMagic = "fieldseal-attempts/v1 ";
constexpr std::size_t kFileBytesMax = 128;
constexpr std::uint64_t kFailuresMax = 1'000'000'000;
constexpr std::uint64_t kTimeMaxS = 253'402'300'799;  // 9999-12-31

struct Attempts {
    std::uint64_t failures = 0;
    std::int64_t last_s = 0;
};

Result<Attempts> parse_attempts(std::string_view text, const std::string& path) {
    const Error corrupt{Errc::corrupt, "the failure counter " + quoted(path, 200) +
                                           " is damaged: remove it to start counting again"};
    if (!text.starts_with(kMagic) || !text.ends_with('\n')) return corrupt;
    const std::string_view body = text.substr(kMagic.size(), text.size() - kMagic.size() - 1);
    const std::size_t space = body.find(' ');
    if (space == std::string_view::npos) return corrupt;
    const auto failures = parse_decimal(body.substr(0, space));
    const auto last_s = parse_decimal(body.substr(space + 1));
    if (!failures.ok() || !last_s.ok() || *failures > kFailuresMax || *last_s > kTimeMaxS)
        return corrupt;
    return Attempts{*failures, static_cast<std::int64_t>(*last_s)};
}

Result<Attempts> read_attempts(const std::string& path) {
    const auto content = read_private_file(path, kFileBytesMax);
    if (content.ok()) return parse_attempts(as_text(*content), path);
    if (content.error().code == Errc::not_found) return Attempts{};
    return content.error();
}

Result<void> write_attempts(const std::string& path, const Attempts& attempts) {
    const std::string line = std::string(kMagic) + std::to_string(attempts.failures) + " " +
                             std::to_string(attempts.last_s) + "\n";
    return write_private_file(path, as_bytes(line));
}

}  // namespace

std::int64_t attempt_delay_s(std::uint64_t failures) {
    if (failures < kFreeAttempts) return 0;
    std::int64_t delay_s = kFirstDelayS;
    for (std::uint64_t i = kFreeAttempts; i < failures && delay_s < kDelayMaxS; ++i) delay_s *= 2;
    return std::min(delay_s, kDelayMaxS);
}

Result<std::uint64_t> AttemptCounter::failures() const {
    return FIELDSEAL_TRY(read_attempts(path_)).failures;
}

Result<void> AttemptCounter::begin(std::int64_t now_s) {
    now_s = std::max<std::int64_t>(0, now_s);
    Attempts attempts = FIELDSEAL_TRY(read_attempts(path_));
    const std::int64_t delay_s = attempt_delay_s(attempts.failures);
    if (delay_s > 0 && now_s < attempts.last_s) {
        // The clock was set back. Waiting for the old time could take years: the wait starts again.
        attempts.last_s = now_s;
        FIELDSEAL_TRY(write_attempts(path_, attempts));
    }
    const std::int64_t passed_s = now_s - attempts.last_s;
    if (passed_s < delay_s) {
        return Error{Errc::rate_limited, std::to_string(attempts.failures) +
                                             " wrong passphrases in a row: wait " +
                                             std::to_string(delay_s - passed_s) + " s"};
    }
    return write_attempts(path_, {std::min(attempts.failures + 1, kFailuresMax), now_s});
}

Result<void> AttemptCounter::succeeded() {
    return remove_private_file(path_);
}

}  // namespace fieldseal::node
