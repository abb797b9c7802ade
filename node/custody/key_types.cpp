// SPDX-License-Identifier: Apache-2.0
#include "node/custody/key_types.h"

#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fieldseal::node {
namespace {

constexpr std::size_t kKeyNameBytesMax = 63;

constexpr std::array kAlgorithms = {KeyAlgorithm::es256k, KeyAlgorithm::es256, KeyAlgorithm::eddsa,
                                    KeyAlgorithm::hmac_sha256, KeyAlgorithm::ps256};
constexpr std::array kPurposes = {Purpose::statement,   Purpose::status,  Purpose::checkpoint,
                                  Purpose::cosignature, Purpose::receipt, Purpose::chain_tx,
                                  Purpose::pin};

template <class Values>
Result<typename Values::value_type> parse_word(std::string_view text, const Values& values,
                                               std::string_view what) {
    for (const auto value : values) {
        if (to_string(value) == text) return value;
    }
    return Error{Errc::invalid_argument, "unknown " + std::string(what) + " " + quoted(text)};
}

}  // namespace

std::string_view to_string(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
            return "ES256K";
        case KeyAlgorithm::es256:
            return "ES256";
        case KeyAlgorithm::eddsa:
            return "EdDSA";
        case KeyAlgorithm::hmac_sha256:
            return "HMAC-SHA256";
        case KeyAlgorithm::ps256:
            return "PS256";
    }
    std::abort();
}

std::string_view to_string(Purpose purpose) {
    switch (purpose) {
        case Purpose::statement:
            return "statement";
        case Purpose::status:
            return "status";
        case Purpose::checkpoint:
            return "checkpoint";
        case Purpose::cosignature:
            return "cosignature";
        case Purpose::receipt:
            return "receipt";
        case Purpose::chain_tx:
            return "chain-tx";
        case Purpose::pin:
            return "pin";
    }
    std::abort();
}

Result<KeyAlgorithm> parse_key_algorithm(std::string_view text) {
    return parse_word(text, kAlgorithms, "key algorithm");
}

Result<Purpose> parse_purpose(std::string_view text) {
    return parse_word(text, kPurposes, "key purpose");
}

bool purpose_allows(Purpose purpose, KeyAlgorithm algorithm) {
    switch (purpose) {
        case Purpose::checkpoint:
        case Purpose::cosignature:
            return algorithm == KeyAlgorithm::eddsa;
        case Purpose::chain_tx:
            return algorithm == KeyAlgorithm::es256k;
        case Purpose::pin:
            return algorithm == KeyAlgorithm::hmac_sha256;
        case Purpose::statement:
            return algorithm != KeyAlgorithm::hmac_sha256;
        case Purpose::status:
        case Purpose::receipt:
            return algorithm != KeyAlgorithm::hmac_sha256 && algorithm != KeyAlgorithm::ps256;
    }
    std::abort();
}

Result<void> check_key_name(std::string_view name) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool letters = std::all_of(name.begin(), name.end(), [&](char c) {
        return is_plain(c) || c == '-' || c == '_' || c == '.';
    });
    if (name.empty() || name.size() > kKeyNameBytesMax || !letters || !is_plain(name.front())) {
        return Error{Errc::invalid_argument,
                     "key name " + quoted(name) +
                         ": use 1 to 63 characters of a-z, 0-9, '-', '_' and '.', "
                         "beginning with a letter or digit"};
    }
    return {};
}

}  // namespace fieldseal::node
