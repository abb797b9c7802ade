// SPDX-License-Identifier: Apache-2.0
// A time-stamping authority around OpenSSL's own (TS_RESP_create_response), with everything that
// one can get wrong. It makes its root and its certificates itself when it starts; what OpenSSL
// refuses to make is made by tests/support/stamp_maker.h. THREADS: one.
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

enum class StampFault : std::uint8_t {
    none,
    wrong_nonce,
    wrong_imprint,
    no_usage,  // the certificate is for nothing in particular
    usage_not_critical,
    usage_with_others,
    expired,      // its certificate was over when it stamped
    edwards_key,  // Ed25519
    other_policy,
    no_accuracy,
    strangers_root,
    rejection,         // PKIStatus 2, unacceptedPolicy
    no_time,           // PKIStatus 2, timeNotAvailable
    in_future,         // dated a day ahead
    in_unsure_future,  // nearly a day ahead, and as unsure as that
    garbage,
    cut,           // half of a good reply
    html,          // a captive portal
    unauthorised,  // HTTP 401
    server_error,  // HTTP 500
    slow,          // never ends
};
std::optional<StampFault> stamp_fault(std::string_view word);
std::vector<std::string> stamp_fault_words();

class StampAuthority {
public:
    StampAuthority();
    ~StampAuthority();

    // The policy it stamps under, and the PEM of the root to pin.
    static constexpr std::string_view kPolicy = "1.3.6.1.4.1.99999.1";
    std::string root_pem() const;

    // A TimeStampResp to a TimeStampReq, as of `now_s`. REQUIRES: not a fault of HTTP.
    Bytes answer(ByteView query, StampFault fault, std::int64_t now_s) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::testing
