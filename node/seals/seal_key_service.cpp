// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_key_service.h"

#include "core/encoding.h"

namespace fieldseal::node {
namespace {

Result<SecretBytes> secret_of(std::string_view text, std::string_view what) {
    if (text.empty()) {
        return Error{Errc::invalid_argument, "the " + std::string(what) + " is empty"};
    }
    return SecretBytes::copy_of(as_bytes(text));
}

// Calls `use` with the credential, while its secret lives.
template <class Use>
auto with_credential(const api::KeyOpener& opener, std::int64_t now_s, Use use)
    -> decltype(use(Credential::machine())) {
    const bool is_code = opener.kind == api::KeyOpener::Kind::recovery_code;
    const SecretBytes secret =
        FIELDSEAL_TRY(secret_of(opener.text, is_code ? "recovery code" : "passphrase"));
    return use(is_code ? Credential::recovery(secret) : Credential::passphrase(secret, now_s));
}

}  // namespace

Result<std::string> SealKeyService::key_name(const std::string& seal) const {
    const SealRecordPtr record = FIELDSEAL_TRY(keys_.find(seal));
    if (record->custody == Custody::software) return record->key_name;
    return Error{Errc::unsupported, "the key of the seal " + fieldseal::quoted(record->name) +
                                        " is in a token: its PIN is changed with the token's own "
                                        "tools, and the key never leaves it"};
}

Result<void> SealKeyService::set_passphrase(const std::string& seal, const api::KeyOpener& opener,
                                            std::string_view passphrase) {
    const std::string name = FIELDSEAL_TRY(key_name(seal));
    const SecretBytes fresh = FIELDSEAL_TRY(secret_of(passphrase, "new passphrase"));
    return with_credential(opener, clock_.now_s(), [&](const Credential& credential) {
        return keystore_.set_passphrase(name, credential, fresh);
    });
}

Result<void> SealKeyService::renew_recovery(const std::string& seal, const api::KeyOpener& opener,
                                            const api::SecretTaker& take) {
    const std::string name = FIELDSEAL_TRY(key_name(seal));
    const SecretBytes code =
        FIELDSEAL_TRY(with_credential(opener, clock_.now_s(), [&](const Credential& credential) {
            return keystore_.renew_recovery(name, credential);
        }));
    take(as_text(code.view()));
    return {};
}

Result<void> SealKeyService::export_key(const std::string& seal, const api::KeyOpener& opener,
                                        std::optional<std::string_view> file_passphrase,
                                        const api::SecretTaker& take) {
    const std::string name = FIELDSEAL_TRY(key_name(seal));
    SecretBytes wrap;
    if (file_passphrase) wrap = FIELDSEAL_TRY(secret_of(*file_passphrase, "file's passphrase"));
    const SecretBytes pem =
        FIELDSEAL_TRY(with_credential(opener, clock_.now_s(), [&](const Credential& credential) {
            return keystore_.export_key(name, credential, file_passphrase ? &wrap : nullptr);
        }));
    take(as_text(pem.view()));
    return {};
}

Result<void> SealKeyService::test_key(const std::string& seal) {
    return keys_.test(seal);
}

}  // namespace fieldseal::node
