// SPDX-License-Identifier: Apache-2.0
// A private key that is read without encryption is written and read back as the same key; encrypted
// ones never ask for more work than the limits.
#include "core/bytes.h"
#include "core/check.h"
#include "node/custody/engine.h"
#include "node/custody/pkcs8.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView text(data, size);
    if (node::is_encrypted_pkcs8(text)) {
        static const auto kPassphrase = node::SecretBytes::copy_of(as_bytes("passphrase"));
        const auto opened = node::read_pkcs8(text, &*kPassphrase);
        return opened.ok() ? 0 : 0;
    }
    const auto key = node::read_pkcs8(text, nullptr);
    if (!key.ok()) return 0;
    auto copy = node::SecretBytes::copy_of(key->secret.view());
    const auto engine = node::make_engine(key->algorithm, std::move(*copy));
    if (!engine.ok()) return 0;  // a number out of range
    const auto pem =
        node::write_pkcs8(key->algorithm, key->secret, *(*engine)->public_key(), nullptr);
    FIELDSEAL_CHECK(pem.ok());
    const auto again = node::read_pkcs8(pem->view(), nullptr);
    FIELDSEAL_CHECK(again.ok() && again->algorithm == key->algorithm);
    FIELDSEAL_CHECK(node::equal_secrets(again->secret, key->secret));
    return 0;
}
