// SPDX-License-Identifier: Apache-2.0
// Rows about people have one encoding per value, and what is not ours is damage, never a guess.
#include "core/check.h"
#include "people/account.h"
#include "people/lockout.h"
#include "people/pairing.h"
#include "people/token.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

template <class T>
void check_row(const Result<T>& decoded, Bytes (*encode)(const T&), ByteView input) {
    if (decoded.ok()) {
        FIELDSEAL_CHECK(std::ranges::equal(encode(*decoded), input));
    } else {
        FIELDSEAL_CHECK(decoded.error().code == Errc::corrupt);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    check_row(people::decode_account(input), &people::encode_account, input);
    check_row(people::decode_token(input), &people::encode_token, input);
    check_row(people::decode_attempts(input), &people::encode_attempts, input);
    check_row(people::decode_pairing(input), &people::encode_pairing, input);
    if (const auto letters = people::pairing_letters(as_text(input))) {
        FIELDSEAL_CHECK(people::pairing_letters(*letters) == letters);
    }
    return 0;
}
