// SPDX-License-Identifier: Apache-2.0
// The table of functions a Cryptoki library hands out (PKCS#11 v2.40 §3.6), by the standard's own
// name, so that our headers need not include the vendor's.
#pragma once

struct _CK_FUNCTION_LIST;

namespace fieldseal::node::pkcs11 {

using FunctionList = ::_CK_FUNCTION_LIST;

}  // namespace fieldseal::node::pkcs11
