// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/return_value.h"

#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <p11-kit/pkcs11.h>

namespace fieldseal::node::pkcs11 {
namespace {

struct Known {
    ReturnValue value;
    std::string_view name;
    Trouble trouble;
};

// Everything that is not here is Trouble::refused and shown by its number.
constexpr std::array kKnown = {
    Known{CKR_OK, "CKR_OK", Trouble::none},
    Known{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", Trouble::lost_session},
    Known{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", Trouble::lost_session},
    Known{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", Trouble::lost_session},
    Known{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", Trouble::lost_session},
    Known{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", Trouble::lost_session},
    Known{CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", Trouble::lost_session},
    Known{CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", Trouble::lost_session},
    Known{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", Trouble::lost_session},
    Known{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", Trouble::lost_session},
    Known{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", Trouble::lost_session},
    Known{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", Trouble::absent},
    Known{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", Trouble::absent},
    Known{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", Trouble::absent},
    Known{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", Trouble::absent},
    Known{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", Trouble::wrong_pin},
    Known{CKR_PIN_INVALID, "CKR_PIN_INVALID", Trouble::wrong_pin},
    Known{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", Trouble::wrong_pin},
    Known{CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Trouble::pin_locked},
    Known{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", Trouble::refused},
    Known{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", Trouble::refused},
    Known{CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", Trouble::refused},
    Known{CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", Trouble::refused},
    Known{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", Trouble::refused},
    Known{CKR_HOST_MEMORY, "CKR_HOST_MEMORY", Trouble::refused},
    Known{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", Trouble::refused},
    Known{CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", Trouble::refused},
    Known{CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY", Trouble::refused},
    Known{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Trouble::unsupported},
    Known{CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", Trouble::unsupported},
    Known{CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED", Trouble::unsupported},
    Known{CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", Trouble::unsupported},
    Known{CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", Trouble::unsupported},
    Known{CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", Trouble::unsupported},
    Known{CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", Trouble::unsupported},
    Known{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", Trouble::unsupported},
};

const Known* find(ReturnValue value) {
    const auto* at = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& known) { return known.value == value; });
    return at == kKnown.end() ? nullptr : at;
}

Errc code_of(Trouble trouble) {
    switch (trouble) {
        case Trouble::lost_session:
        case Trouble::absent:
            return Errc::unavailable;
        case Trouble::wrong_pin:
        case Trouble::pin_locked:
            return Errc::denied;
        case Trouble::unsupported:
            return Errc::unsupported;
        case Trouble::none:
        case Trouble::refused:
            break;
    }
    return Errc::io;
}

}  // namespace

Trouble trouble_of(ReturnValue value) {
    const Known* known = find(value);
    return known == nullptr ? Trouble::refused : known->trouble;
}

std::string name_of(ReturnValue value) {
    std::array<char, 32> number{};
    const int size = std::snprintf(number.data(), number.size(), "0x%lx", value);
    const std::string hex(number.data(), static_cast<std::size_t>(size));
    const Known* known = find(value);
    return known == nullptr ? hex : std::string(known->name) + " (" + hex + ")";
}

Error error_of(std::string_view call, std::string_view token, ReturnValue value) {
    return Error{code_of(trouble_of(value)),
                 std::string(call) + " on the token " + quoted(token) + ": " + name_of(value)};
}

}  // namespace fieldseal::node::pkcs11
