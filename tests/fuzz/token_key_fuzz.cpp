// SPDX-License-Identifier: Apache-2.0
// A token's key file that is accepted is written and read back as the same file; and what a token
// says about its public key is a key of the algorithm that was asked for, or nothing. The input is
// taken as both.
#include "core/bytes.h"
#include "core/check.h"
#include "node/custody/pkcs11/token_key_file.h"

#include <cstdint>

using namespace fieldseal;
using namespace fieldseal::node;

namespace {

void read_file(std::string_view text) {
    const auto file = pkcs11::parse_token_key_file(text);
    if (!file.ok()) {
        FIELDSEAL_CHECK(file.error().code == Errc::corrupt ||
                        file.error().code == Errc::unsupported);
        return;
    }
    FIELDSEAL_CHECK(pkcs11::is_token_key_file(text));
    FIELDSEAL_CHECK(file->purpose == Purpose::statement && !file->key.id.empty());
    const std::string written = pkcs11::to_json(*file);
    const auto again = pkcs11::parse_token_key_file(written);
    FIELDSEAL_CHECK(again.ok() && pkcs11::to_json(*again) == written);
}

void read_attributes(ByteView bytes) {
    for (const KeyAlgorithm algorithm :
         {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa, KeyAlgorithm::ps256}) {
        pkcs11::PublicAttributes attributes;
        const auto curves = pkcs11::curve_parameters(algorithm);
        if (!curves.empty()) attributes.ec_parameters = curves.front();
        attributes.ec_point = attributes.modulus = to_bytes(bytes);
        attributes.exponent = {0x01, 0x00, 0x01};
        const auto key = pkcs11::public_key_of(algorithm, attributes);
        if (!key.ok()) {
            FIELDSEAL_CHECK(key.error().code == Errc::corrupt);
            continue;
        }
        FIELDSEAL_CHECK(key->algorithm() == pkcs11::signature_algorithm(algorithm));
        FIELDSEAL_CHECK(PublicKey::from_spki(key->spki()).ok());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    read_file(as_text(bytes));
    read_attributes(bytes);
    return 0;
}
