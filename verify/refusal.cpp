// SPDX-License-Identifier: Apache-2.0
#include "verify/refusal.h"

#include "core/json/json.h"
#include "verify/report.h"

namespace fieldseal::verify {

Refusal refuse_trust(const Error& error) {
    switch (error.code) {
        case Errc::conflict:
            return {Reason::trust_key_reused, error.message};
        case Errc::unsupported:
            return {Reason::trust_unsupported, error.message};
        default:
            return {Reason::trust_malformed, error.message};
    }
}

std::string to_json(const Refusal& refusal) {
    return json::dump(json::Value::object({{"report", kReportVersion},
                                           {"verdict", nullptr},
                                           {"reason", to_string(refusal.reason)},
                                           {"message", refusal.message},
                                           {"exit_code", kExitUnreadable}}),
                      json::Style::pretty);
}

}  // namespace fieldseal::verify
