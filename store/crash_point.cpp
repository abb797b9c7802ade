// SPDX-License-Identifier: Apache-2.0
#include "store/crash_point.h"

#include "core/encoding.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace fieldseal::store {
namespace {

struct Armed {
    std::string name;
    std::uint64_t pass = 1;
};

Armed read_environment() {
    const char* variable = std::getenv("FIELDSEAL_CRASH_AT");
    if (variable == nullptr) return {};
    const std::string_view text = variable;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return {std::string(text), 1};
    const auto pass = parse_decimal(text.substr(colon + 1));
    return {std::string(text.substr(0, colon)), pass.ok() ? *pass : 1};
}

}  // namespace

void pass_crash_point(std::string_view name) {
    static const Armed armed = read_environment();
    static std::atomic<std::uint64_t> passes{0};
    if (armed.name.empty() || armed.name != name) return;
    if (++passes == armed.pass) std::raise(SIGKILL);
}

}  // namespace fieldseal::store
