// SPDX-License-Identifier: Apache-2.0
// What a Cryptoki call said (CK_RV, PKCS#11 v2.40 §5.1), as an Error a person can act on, and
// sorted by what the caller has to do next. THREADS: any.
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace fieldseal::node::pkcs11 {

// CK_RV. The vendor's header stays out of ours.
using ReturnValue = unsigned long;

enum class Trouble : std::uint8_t {
    none,          // CKR_OK
    lost_session,  // the session, its login or its handles are gone; the token may be there
    absent,        // the token is not there any more
    wrong_pin,
    pin_locked,   // the token refuses every PIN from now on
    unsupported,  // this token cannot do that
    refused,      // anything else
};
Trouble trouble_of(ReturnValue value);

// "CKR_PIN_INCORRECT (0xa0)".
std::string name_of(ReturnValue value);

// "C_Sign on the token "office": CKR_DEVICE_ERROR (0x30)". REQUIRES: value is not CKR_OK.
Error error_of(std::string_view call, std::string_view token, ReturnValue value);

}  // namespace fieldseal::node::pkcs11
