// SPDX-License-Identifier: Apache-2.0
// A key has one SubjectPublicKeyInfo: what is accepted is what we would write, and has its kid.
#include "core/check.h"
#include "core/hash.h"
#include "core/public_key.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto key = PublicKey::from_spki(input);
    if (!key.ok()) return 0;
    const Bytes& spki = key->spki();
    FIELDSEAL_CHECK(std::equal(spki.begin(), spki.end(), input.begin(), input.end()));
    FIELDSEAL_CHECK(key->kid() == sha256(input));
    // Nobody signed this: every algorithm says no.
    FIELDSEAL_CHECK(!key->verify(input, Bytes(64, 0x01)).ok());
    return 0;
}
