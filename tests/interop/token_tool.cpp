// SPDX-License-Identifier: Apache-2.0
// Works with keys in tokens for tests in other languages, by the node's own code.
//
//     token_tool tokens MODULE
//         one line for each token: label, serial, remarks
//     token_tool sign KEYS MODULE LABEL ALGORITHM COUNT
//         makes a key (MODULE "-": in software), signs COUNT statements; each is verified, low-S
//         checked
//     token_tool login KEYS MODULE LABEL [--last-try]
//         one guess at the PIN; prints what came of it
//
// The PIN is the first line of standard input. `sign` prints JSON: the key, the first message and
// its signature in hex, seconds per signature. Exit code 1: an error, on standard error.
#include "core/ecdsa_scalar.h"
#include "core/encoding.h"
#include "core/json/json.h"
#include "node/custody/keystore.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

using namespace fieldseal;
using namespace fieldseal::node;

namespace {

constexpr int kExitUsage = 64;
constexpr const char* kSoftware = "-";

Result<std::string> pin_of_input() {
    std::string pin;
    if (std::getline(std::cin, pin)) return pin;
    return Error{Errc::invalid_argument, "the PIN is the first line of standard input"};
}

Result<pkcs11::TokenName> token_named(KeyStore& store, const std::string& module,
                                      const std::string& label) {
    for (const auto& token : FIELDSEAL_TRY(store.tokens().tokens(module))) {
        if (token.name.label == label) return token.name;
    }
    return Error{Errc::not_found, "there is no token " + label};
}

Result<std::unique_ptr<KeyStore>> open_store(const std::string& directory) {
    KeyStore::Options options;
    options.cost = kArgon2idFastForTesting;
    return KeyStore::create(directory, options);
}

Result<void> list(const std::string& module) {
    pkcs11::TokenKeys keys("/nonexistent");
    for (const auto& token : FIELDSEAL_TRY(keys.tokens(module))) {
        std::cout << token.name.label << '\t' << token.name.serial << '\t' << token.library << '\t'
                  << token.model;
        for (const auto& each : token.capabilities)
            std::cout << '\t' << to_string(each.algorithm) << '='
                      << (each.can == pkcs11::Can::no    ? "no"
                          : each.can == pkcs11::Can::yes ? "yes"
                                                         : "maybe");
        for (const auto& remark : pkcs11::remarks(token.flags)) std::cout << '\t' << remark;
        std::cout << '\n';
    }
    return {};
}

StatementTbs tbs_of(const KeyInfo& info, std::uint32_t number) {
    StatementClaims claims;
    for (std::size_t i = 0; i < sizeof(number); ++i)
        claims.document.at(i) = static_cast<std::uint8_t>(number >> (8 * i));
    claims.algorithm = info.public_key->algorithm();
    claims.kid = info.public_key->kid();
    claims.issuer = "example.org/office-7/1";
    claims.subject = "test";
    claims.issued_at = std::time(nullptr);
    claims.media_type = "text/plain";
    claims.custody = info.custody;
    auto tbs = StatementTbs::from(std::move(claims));
    return std::move(tbs).value();
}

Result<void> check(const Statement& statement, const PublicKey& key) {
    FIELDSEAL_TRY(verify_statement(statement, key));
    const bool k1 = key.algorithm() == Algorithm::es256k;
    if (!k1 && key.algorithm() != Algorithm::es256) return {};
    EcdsaSignature signature{};
    std::copy(statement.object.signature.begin(), statement.object.signature.end(),
              signature.begin());
    if (is_low_s(k1 ? Curve::secp256k1 : Curve::p256, signature)) return {};
    return Error{Errc::corrupt, "a signature with high S came out"};
}

struct Place {
    std::string directory;
    std::string module;
    std::string label;
};

Result<std::shared_ptr<SigningKey>> make_key(KeyStore& store, const Place& place,
                                             KeyAlgorithm algorithm, const SecretBytes& pin) {
    const std::int64_t now_s = std::time(nullptr);
    const std::string name = "seal-" + std::to_string(static_cast<int>(algorithm));
    if (place.module == kSoftware) {
        FIELDSEAL_TRY(store.create_attended({name, algorithm, Purpose::statement}, pin));
    } else {
        const auto token = FIELDSEAL_TRY(token_named(store, place.module, place.label));
        FIELDSEAL_TRY(store.create_in_token(
            {name, algorithm, Purpose::statement, token, std::nullopt, std::nullopt},
            Credential::pin(&pin, now_s, false)));
    }
    auto key = FIELDSEAL_TRY(store.load(name));
    FIELDSEAL_TRY(store.unlock(*key, Credential::passphrase(pin, now_s)));
    return key;
}

Result<void> sign(const Place& place, const std::string& algorithm, std::uint32_t count) {
    const auto store = FIELDSEAL_TRY(open_store(place.directory));
    const std::string pin_text = FIELDSEAL_TRY(pin_of_input());
    const auto pin = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(pin_text)));
    const auto kind = FIELDSEAL_TRY(parse_key_algorithm(algorithm));
    const auto key = FIELDSEAL_TRY(make_key(*store, place, kind, pin));
    const PublicKey public_key = *key->info().public_key;
    const auto started = std::chrono::steady_clock::now();
    json::Value out = json::Value::object({{"algorithm", algorithm},
                                           {"custody", std::string(to_string(key->info().custody))},
                                           {"spki", hex_encode(public_key.spki())}});
    for (std::uint32_t i = 0; i < count; ++i) {
        const StatementTbs tbs = tbs_of(key->info(), i);
        const Statement statement = FIELDSEAL_TRY(key->sign_statement(tbs));
        FIELDSEAL_TRY(check(statement, public_key));
        if (i > 0) continue;
        out.set("message", hex_encode(tbs.preimage()));
        out.set("signature", hex_encode(statement.object.signature));
    }
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - started;
    out.set("count", static_cast<std::int64_t>(count));
    out.set("microseconds", static_cast<std::int64_t>(took.count()));
    std::cout << json::dump(out) << '\n';
    return {};
}

Result<void> login(const Place& place, bool last_try) {
    const auto store = FIELDSEAL_TRY(open_store(place.directory));
    const std::string pin_text = FIELDSEAL_TRY(pin_of_input());
    const auto pin = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(pin_text)));
    for (const auto& info : FIELDSEAL_TRY(store->list())) {
        const auto key = FIELDSEAL_TRY(store->load(info.name));
        FIELDSEAL_TRY(store->unlock(*key, Credential::pin(&pin, std::time(nullptr), last_try)));
        std::cout << "unlocked " << info.name << '\n';
    }
    return {};
}

Result<void> run(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "tokens") return list(words[1]);
    if (words.size() == 6 && words[0] == "sign") {
        const auto count = FIELDSEAL_TRY(parse_decimal(words[5]));
        return sign({words[1], words[2], words[3]}, words[4], static_cast<std::uint32_t>(count));
    }
    if (words.size() >= 4 && words[0] == "login")
        return login({words[1], words[2], words[3]}, words.size() == 5);
    return Error{Errc::invalid_argument, "usage: see the head of token_tool.cpp"};
}

}  // namespace

int main(int argc, char** argv) {
    const auto done = run(std::vector<std::string>(argv + 1, argv + argc));
    if (done.ok()) return 0;
    std::cerr << done.error().message << '\n';
    return done.error().code == Errc::invalid_argument ? kExitUsage : 1;
}
