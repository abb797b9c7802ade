// SPDX-License-Identifier: Apache-2.0
// `fieldseal doctor`: looks at a node from outside and says what is wrong and how to mend it. Each
// examination stands alone; none changes anything. With a running daemon the store is left to it.
// THREADS: one. Errors: none, trouble is a diagnosis.
#pragma once

#include "core/bytes.h"
#include "node/clock.h"
#include "node/config/config.h"
#include "node/custody/signing_key.h"
#include "node/identity.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

enum class Health : std::uint8_t {
    good,
    notice,  // works, and a person should know
    bad,     // does not work, or will not for long
};

struct Diagnosis {
    std::string subject;  // "data directory"
    Health health = Health::good;
    std::string finding;
    std::string fix;  // for notice and bad: what to do
};

// What a person does after proof of another history; the steps of docs/states.md.
std::string steps_when_stopped();

std::vector<Diagnosis> examine_data_directory(const Config& config);
std::vector<Diagnosis> examine_space(const Config& config);
std::vector<Diagnosis> examine_keys(const Config& config);
// The tokens that seals' keys are in (doctor_tokens.cpp).
std::vector<Diagnosis> examine_tokens(const Config& config);
// Chains whose validators were seen to seal one block number twice.
std::vector<Diagnosis> examine_chains(const Config& config);
std::vector<Diagnosis> examine_socket(const Config& config);
std::vector<Diagnosis> examine_clock();
// Whether memory may be swapped to a disk in the clear. The paths are for tests.
std::vector<Diagnosis> examine_swap(const std::string& swaps_file = "/proc/swaps",
                                    const std::string& sys_block = "/sys/block");
// A seal's certificate that has ended (doctor_certificates.cpp); nothing when it has not.
std::optional<Diagnosis> examine_certificate(const std::string& seal, ByteView der,
                                             std::int64_t now_s);
// Those of all seals that may still seal, in an open store.
std::vector<Diagnosis> examine_certificates(const store::Store& store, const NodeIdentity& identity,
                                            const SigningKey& status_key, const Clock& clock);
// Opens the store under the lock: only when no daemon runs. Also compares the clock with the log.
std::vector<Diagnosis> examine_store(const Config& config);

}  // namespace fieldseal::node
