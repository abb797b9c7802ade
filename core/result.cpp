// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

namespace fieldseal {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::corrupt:
            return "corrupt";
        case Errc::unavailable:
            return "unavailable";
        case Errc::exhausted:
            return "exhausted";
        case Errc::denied:
            return "denied";
        case Errc::unauthenticated:
            return "unauthenticated";
        case Errc::rate_limited:
            return "rate_limited";
        case Errc::locked:
            return "locked";
        case Errc::held:
            return "held";
        case Errc::storage_full:
            return "storage_full";
        case Errc::io:
            return "io";
        case Errc::unsupported:
            return "unsupported";
        case Errc::internal:
            return "internal";
    }
    std::abort();
}

Error Error::with_context(std::string_view context) const {
    return Error{code, std::string(context) + ": " + message, problem};
}

}  // namespace fieldseal
