// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token_keys.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "node/custody/pkcs11/token_engine.h"

#include <sodium.h>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::size_t kCounterNameBytes = 8;  // of the hash
constexpr std::string_view kTpmLibrary = "TPM2";

// The token counts as in use, so that nobody else's going logs it out.
class Use {
public:
    explicit Use(Token& token) : token_(token) { token_.enter(); }
    ~Use() { token_.leave(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

private:
    Token& token_;
};

// One counter per token, whatever module it is reached through and whatever seal is asked for.
std::string counter_name(const TokenName& name) {
    Bytes text;
    for (const std::string* part : {&name.label, &name.serial}) {
        append(text, as_bytes(*part));
        text.push_back(0);
    }
    const Digest digest = sha256(text);
    return "/token-" + hex_encode(ByteView(digest).first(kCounterNameBytes)) + ".attempts";
}

Custody custody_of(const KeyOrigin& origin, const TokenInfo& token) {
    if (!origin.made_inside || !origin.stays_inside) return Custody::pkcs11;
    return token.library.starts_with(kTpmLibrary) ? Custody::tpm : Custody::pkcs11_sealed_inside;
}

}  // namespace

// Loading may take seconds; the mutex is held so that one module is loaded once.
Result<std::shared_ptr<Module>> TokenKeys::module(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    if (auto known = modules_[path].lock()) return known;
    auto loaded = FIELDSEAL_TRY(Module::load(path));
    modules_[path] = loaded;
    return loaded;
}

Result<std::shared_ptr<Token>> TokenKeys::token(const TokenName& name) {
    const auto library = FIELDSEAL_TRY(module(name.module));
    const std::scoped_lock lock(mutex_);
    auto& known = tokens_[name];
    if (!known) known = std::make_shared<Token>(library, name, directory_ + counter_name(name));
    return known;
}

Result<std::vector<TokenInfo>> TokenKeys::tokens(const std::string& module_path) {
    return FIELDSEAL_TRY(module(module_path))->tokens();
}

std::vector<TokenInfo> TokenKeys::tokens() {
    std::vector<TokenInfo> all;
    for (const KnownModule& known : installed_modules()) {
        auto found = tokens(known.path);
        if (!found.ok()) continue;
        for (TokenInfo& token : *found) all.push_back(std::move(token));
    }
    return all;
}

Result<TokenKeyFile> TokenKeys::create(const NewTokenKey& key, const PinEntry& entry) {
    const auto where = FIELDSEAL_TRY(token(key.token));
    const Use use(*where);
    FIELDSEAL_TRY(where->login(entry));
    // Now, and not at the first document.
    if (key.pin_file) FIELDSEAL_TRY(where->login_from(*key.pin_file));
    const TokenInfo info = FIELDSEAL_TRY(where->look());
    KeyName name{key.key_id.value_or(Bytes(kNewKeyIdBytes)), key.algorithm};
    if (!key.key_id) ::randombytes_buf(name.id.data(), name.id.size());
    const TokenKey made = FIELDSEAL_TRY(
        key.key_id ? where->describe(name) : where->generate(name, "fieldseal " + key.name));
    return TokenKeyFile{key.name,        key.purpose, made.name,
                        made.public_key, key.token,   custody_of(made.origin, info),
                        key.pin_file};
}

Result<void> TokenKeys::destroy(const TokenKeyFile& file, const PinEntry& entry) {
    const auto where = FIELDSEAL_TRY(token(file.token));
    const Use use(*where);
    return where->destroy(entry, file.pin_file, file.key, file.public_key);
}

Result<std::unique_ptr<KeyEngine>> TokenKeys::unlock(const TokenKeyFile& file,
                                                     const PinEntry& entry) {
    const auto where = FIELDSEAL_TRY(token(file.token));
    const Use use(*where);
    FIELDSEAL_TRY(where->login(entry));
    const TokenKey found = FIELDSEAL_TRY(where->describe(file.key));
    if (!(found.public_key == file.public_key)) return another_key(file.token, file.key.id);
    return make_token_engine(where, file.key, file.public_key, std::nullopt);
}

Result<std::unique_ptr<KeyEngine>> TokenKeys::open_unattended(const TokenKeyFile& file) {
    return make_token_engine(FIELDSEAL_TRY(token(file.token)), file.key, file.public_key,
                             file.pin_file);
}

}  // namespace fieldseal::node::pkcs11
