// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/session.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "node/custody/pkcs11/mechanism.h"

#include <algorithm>
#include <array>
#include <p11-kit/pkcs11.h>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::size_t kSignatureBytesMax = kRsaBitsMax / 8;
constexpr std::size_t kLabelBytesMax = 100;
constexpr std::array<std::uint8_t, 3> kRsaExponent = {0x01, 0x00, 0x01};

// PKCS#11 takes pointers to non-const for what it only reads.
CK_ATTRIBUTE of_bytes(CK_ATTRIBUTE_TYPE type, ByteView bytes) {
    return {type, const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}
template <class T>
CK_ATTRIBUTE of_value(CK_ATTRIBUTE_TYPE type, const T& value) {
    return {type, const_cast<T*>(&value), sizeof(T)};
}

// RSASSA-PSS as PS256 says: SHA-256, MGF1 with SHA-256, a salt of 32 bytes (RFC 8230 §2).
CK_RSA_PKCS_PSS_PARAMS pss_parameters() {
    return {CKM_SHA256, CKG_MGF1_SHA256, 32};
}

Error several_keys(const TokenName& token, const Bytes& id, std::size_t count) {
    return {Errc::conflict, "the token " + fieldseal::quoted(token.label) + " has " +
                                std::to_string(count) + " keys with the id " + hex_encode(id) +
                                ": remove the others with the token's own tool"};
}

}  // namespace

Error another_key(const TokenName& token, const Bytes& id) {
    return {Errc::conflict, "the token " + fieldseal::quoted(token.label) +
                                " holds another key under the id " + hex_encode(id) +
                                " than this seal's: look at it with the token's own tool"};
}

Session::Session(std::shared_ptr<Module> module, TokenName name)
    : module_(std::move(module)), name_(std::move(name)) {}

Session::~Session() {
    close();
}

Error Session::failure(std::string_view call, ReturnValue value) const {
    return error_of(call, name_.label, value);
}

Result<TokenInfo> Session::look() {
    for (TokenInfo& token : FIELDSEAL_TRY(module_->list_tokens())) {
        if (!(token.name == name_)) continue;
        if (slot_ && *slot_ != token.slot) close();  // plugged into another reader
        slot_ = token.slot;
        return std::move(token);
    }
    slot_.reset();
    return Error{Errc::unavailable, "the token " + fieldseal::quoted(name_.label) + " (serial " +
                                        fieldseal::quoted(name_.serial) +
                                        ") is not there: plug it in"};
}

Result<Session::Handle> Session::open_one(Access access) {
    const CK_FLAGS flags = CKF_SERIAL_SESSION | (access == Access::write ? CKF_RW_SESSION : 0);
    CK_SESSION_HANDLE session = 0;
    const CK_RV value =
        module_->functions().C_OpenSession(*slot_, flags, nullptr, nullptr, &session);
    if (value != CKR_OK) return failure("C_OpenSession", value);
    return session;
}

Result<void> Session::open(Access access) {
    if (!slot_) FIELDSEAL_TRY(look());
    if (working_ && access == Access::write && access_ == Access::read) close_working();
    if (!keeper_) keeper_ = FIELDSEAL_TRY(open_one(Access::read));
    if (!working_) {
        working_ = FIELDSEAL_TRY(open_one(access));
        access_ = access;
    }
    return {};
}

bool Session::logged_in() {
    if (!working_) return false;
    CK_SESSION_INFO info{};
    if (module_->functions().C_GetSessionInfo(*working_, &info) != CKR_OK) return false;
    return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

ReturnValue Session::login(const SecretBytes* pin) {
    if (!working_) return CKR_SESSION_HANDLE_INVALID;
    auto* bytes = pin == nullptr ? nullptr : const_cast<std::uint8_t*>(pin->data());
    private_keys_.clear();
    return module_->functions().C_Login(*working_, CKU_USER, bytes,
                                        pin == nullptr ? 0 : pin->size());
}

void Session::logout() {
    if (working_) module_->functions().C_Logout(*working_);
    private_keys_.clear();
}

void Session::close_working() {
    if (working_) module_->functions().C_CloseSession(*working_);
    working_.reset();
    private_keys_.clear();
}

void Session::close_sessions() {
    close_working();
    if (keeper_) module_->functions().C_CloseSession(*keeper_);
    keeper_.reset();
}

void Session::close() {
    close_sessions();
    slot_.reset();
    mechanisms_.clear();
}

Result<std::vector<Session::Handle>> Session::find(unsigned long object_class, const KeyName& key,
                                                   ReturnValue& outcome) {
    const CK_OBJECT_CLASS wanted = object_class;
    const CK_KEY_TYPE type = key_type(key.algorithm);
    std::array attributes = {of_value(CKA_CLASS, wanted), of_value(CKA_KEY_TYPE, type),
                             of_bytes(CKA_ID, key.id)};
    FunctionList& functions = module_->functions();
    outcome = functions.C_FindObjectsInit(*working_, attributes.data(), attributes.size());
    if (outcome != CKR_OK) return failure("C_FindObjectsInit", outcome);
    std::vector<Handle> found(kObjectsMax);
    CK_ULONG count = 0;
    outcome = functions.C_FindObjects(*working_, found.data(), found.size(), &count);
    functions.C_FindObjectsFinal(*working_);
    if (outcome != CKR_OK) return failure("C_FindObjects", outcome);
    found.resize(std::min<std::size_t>(count, found.size()));
    return found;
}

Result<Session::Handle> Session::private_key(const KeyName& key, ReturnValue& outcome) {
    if (const auto known = private_keys_.find(key.id); known != private_keys_.end())
        return known->second;
    const auto found = FIELDSEAL_TRY(find(CKO_PRIVATE_KEY, key, outcome));
    if (found.empty() && !logged_in()) {  // private keys are not shown to strangers
        outcome = CKR_USER_NOT_LOGGED_IN;
        return failure("C_FindObjects", outcome);
    }
    if (found.empty()) {
        return Error{Errc::not_found, "the token " + fieldseal::quoted(name_.label) +
                                          " does not hold the " +
                                          std::string(to_string(key.algorithm)) +
                                          " key with the id " + hex_encode(key.id) +
                                          ": plug in the token that the key was made in; "
                                          "`fieldseal seal-key tokens` lists what is there"};
    }
    if (found.size() > 1) return several_keys(name_, key.id, found.size());
    private_keys_.emplace(key.id, found.front());
    return found.front();
}

Result<Bytes> Session::attribute(Handle object, unsigned long type) {
    FunctionList& functions = module_->functions();
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    CK_RV value = functions.C_GetAttributeValue(*working_, object, &wanted, 1);
    if (value != CKR_OK) return failure("C_GetAttributeValue", value);
    if (wanted.ulValueLen > kAttributeBytesMax) {
        return Error{Errc::corrupt, "the token " + fieldseal::quoted(name_.label) +
                                        " has a key with an attribute of " +
                                        std::to_string(wanted.ulValueLen) + " bytes"};
    }
    Bytes bytes(wanted.ulValueLen);
    wanted.pValue = bytes.data();
    value = functions.C_GetAttributeValue(*working_, object, &wanted, 1);
    if (value != CKR_OK || wanted.ulValueLen > bytes.size())
        return failure("C_GetAttributeValue", value);
    bytes.resize(wanted.ulValueLen);
    return bytes;
}

// A flag that a token does not know is not set.
bool Session::flag(Handle object, unsigned long type) {
    const auto value = attribute(object, type);
    return value.ok() && value->size() == sizeof(CK_BBOOL) && (*value)[0] == CK_TRUE;
}

Result<PublicKey> Session::read_public_key(Handle object, KeyAlgorithm algorithm) {
    PublicAttributes attributes;
    if (algorithm == KeyAlgorithm::ps256) {
        attributes.modulus = FIELDSEAL_TRY(attribute(object, CKA_MODULUS));
        attributes.exponent = FIELDSEAL_TRY(attribute(object, CKA_PUBLIC_EXPONENT));
    } else {
        attributes.ec_parameters = FIELDSEAL_TRY(attribute(object, CKA_EC_PARAMS));
        attributes.ec_point = FIELDSEAL_TRY(attribute(object, CKA_EC_POINT));
    }
    return public_key_of(algorithm, attributes);
}

Result<TokenKey> Session::describe(const KeyName& key) {
    ReturnValue outcome = CKR_OK;
    const Handle private_half = FIELDSEAL_TRY(private_key(key, outcome));
    const auto found = FIELDSEAL_TRY(find(CKO_PUBLIC_KEY, key, outcome));
    if (found.size() != 1) {
        return Error{Errc::not_found, "the token " + fieldseal::quoted(name_.label) + " has " +
                                          std::to_string(found.size()) +
                                          " public keys with the id " + hex_encode(key.id) +
                                          ", and one has to be there: put it beside the private "
                                          "key with the token's own tool"};
    }
    const auto public_key = FIELDSEAL_TRY(read_public_key(found.front(), key.algorithm));
    if (flag(private_half, CKA_ALWAYS_AUTHENTICATE)) {
        return Error{Errc::unsupported,
                     "the key with the id " + hex_encode(key.id) +
                         " wants its PIN for every single signature: make or choose another key "
                         "(of a PIV card not the one in slot 9c)"};
    }
    KeyOrigin origin;
    origin.made_inside = flag(private_half, CKA_LOCAL);
    origin.stays_inside =
        flag(private_half, CKA_SENSITIVE) && flag(private_half, CKA_ALWAYS_SENSITIVE) &&
        flag(private_half, CKA_NEVER_EXTRACTABLE) && !flag(private_half, CKA_EXTRACTABLE);
    return TokenKey{key, public_key, origin};
}

Result<std::pair<Session::Handle, Session::Handle>> Session::generate_pair(const KeyName& key,
                                                                           const std::string& label,
                                                                           ByteView curve,
                                                                           ReturnValue& outcome) {
    const CK_BBOOL yes = CK_TRUE;
    const CK_BBOOL no = CK_FALSE;
    const CK_KEY_TYPE type = key_type(key.algorithm);
    const std::string_view shown = std::string_view(label).substr(0, kLabelBytesMax);
    std::vector<CK_ATTRIBUTE> public_half = {of_value(CKA_TOKEN, yes), of_value(CKA_VERIFY, yes),
                                             of_value(CKA_KEY_TYPE, type), of_bytes(CKA_ID, key.id),
                                             of_bytes(CKA_LABEL, as_bytes(shown))};
    std::vector<CK_ATTRIBUTE> private_half = {
        of_value(CKA_TOKEN, yes),     of_value(CKA_PRIVATE, yes),
        of_value(CKA_SENSITIVE, yes), of_value(CKA_EXTRACTABLE, no),
        of_value(CKA_SIGN, yes),      of_value(CKA_KEY_TYPE, type),
        of_bytes(CKA_ID, key.id),     of_bytes(CKA_LABEL, as_bytes(shown))};
    const CK_ULONG bits = rsa_bits(module_->functions(), *slot_);
    if (key.algorithm == KeyAlgorithm::ps256) {
        public_half.push_back(of_value(CKA_MODULUS_BITS, bits));
        public_half.push_back(of_bytes(CKA_PUBLIC_EXPONENT, kRsaExponent));
    } else {
        public_half.push_back(of_bytes(CKA_EC_PARAMS, curve));
    }
    CK_MECHANISM mechanism{generating_mechanism(key.algorithm), nullptr, 0};
    CK_OBJECT_HANDLE public_handle = 0;
    CK_OBJECT_HANDLE private_handle = 0;
    outcome = module_->functions().C_GenerateKeyPair(
        *working_, &mechanism, public_half.data(), public_half.size(), private_half.data(),
        private_half.size(), &public_handle, &private_handle);
    if (outcome != CKR_OK) return failure("C_GenerateKeyPair", outcome);
    return std::pair(public_handle, private_handle);
}

Result<TokenKey> Session::generate(const KeyName& key, const std::string& label) {
    FIELDSEAL_TRY(choose_mechanism(module_->functions(), *slot_, key.algorithm));
    std::vector<Bytes> curves = curve_parameters(key.algorithm);
    if (curves.empty()) curves.emplace_back();  // RSA has none
    ReturnValue outcome = CKR_OK;
    for (const Bytes& curve : curves) {
        const auto pair = generate_pair(key, label, curve, outcome);
        if (!pair.ok()) continue;
        auto made = describe(key);
        if (made.ok() && made->origin.made_inside && made->origin.stays_inside) return made;
        ignore_error(destroy(key), "nothing of it is used");
        if (!made.ok()) return made.error();
        return Error{Errc::unsupported,
                     "the token " + fieldseal::quoted(name_.label) +
                         " made a key and does not say that it was made inside and cannot leave: "
                         "the key was destroyed, nothing of it is used"};
    }
    const bool no_curve = trouble_of(outcome) == Trouble::unsupported;
    if (!no_curve) return failure("C_GenerateKeyPair", outcome);
    return Error{Errc::unsupported,
                 "the token " + fieldseal::quoted(name_.label) + " cannot make a key for " +
                     std::string(to_string(key.algorithm)) + " (" + name_of(outcome) +
                     "); TPMs and PIV cards have no ES256K: choose ES256"};
}

// Private keys are not shown to strangers: without a login, what is not found may well be there.
Result<void> Session::destroy(const KeyName& key, const PublicKey* expected) {
    private_keys_.clear();
    if (!logged_in()) return failure("C_DestroyObject", CKR_USER_NOT_LOGGED_IN);
    ReturnValue outcome = CKR_OK;
    auto doomed = FIELDSEAL_TRY(find(CKO_PRIVATE_KEY, key, outcome));
    if (doomed.size() > 1) return several_keys(name_, key.id, doomed.size());
    const bool has_private = !doomed.empty();
    bool others = false;
    std::size_t ours = 0;
    for (const Handle half : FIELDSEAL_TRY(find(CKO_PUBLIC_KEY, key, outcome))) {
        if (expected != nullptr &&
            !(FIELDSEAL_TRY(read_public_key(half, key.algorithm)) == *expected)) {
            others = true;
            continue;
        }
        doomed.push_back(half);
        ++ours;
    }
    // Whose the private half is, only its public half tells.
    if (has_private && expected != nullptr && (others || ours != 1))
        return another_key(name_, key.id);
    for (const Handle object : doomed) {
        outcome = module_->functions().C_DestroyObject(*working_, object);
        if (outcome != CKR_OK) return failure("C_DestroyObject", outcome);
    }
    if (FIELDSEAL_TRY(find(CKO_PRIVATE_KEY, key, outcome)).empty()) return {};
    return Error{Errc::unavailable, "the token " + fieldseal::quoted(name_.label) +
                                        " took the order to destroy the key with the id " +
                                        hex_encode(key.id) + ", and still has it"};
}

// Asked once per session: a card answers slowly.
Result<SigningMechanism> Session::mechanism(KeyAlgorithm algorithm, ReturnValue& outcome) {
    if (const auto known = mechanisms_.find(algorithm); known != mechanisms_.end())
        return known->second;
    const auto chosen = choose_mechanism(module_->functions(), *slot_, algorithm);
    if (!chosen.ok()) {
        // A token that is not there offers nothing, which is no fact about the token.
        CK_TOKEN_INFO info{};
        outcome = module_->functions().C_GetTokenInfo(*slot_, &info);
        return outcome == CKR_OK ? chosen.error() : failure("C_GetTokenInfo", outcome);
    }
    mechanisms_.emplace(algorithm, *chosen);
    return chosen;
}

Result<Bytes> Session::sign(const KeyName& key, ByteView message, ReturnValue& outcome) {
    outcome = CKR_SESSION_HANDLE_INVALID;
    if (!working_ || !slot_) return failure("C_Sign", outcome);
    const Handle handle = FIELDSEAL_TRY(private_key(key, outcome));
    const SigningMechanism chosen = FIELDSEAL_TRY(mechanism(key.algorithm, outcome));
    CK_RSA_PKCS_PSS_PARAMS pss = pss_parameters();
    CK_MECHANISM with{chosen.type, nullptr, 0};
    if (key.algorithm == KeyAlgorithm::ps256) {
        with.pParameter = &pss;
        with.ulParameterLen = sizeof(pss);
    }
    Bytes input;
    if (chosen.hashed_outside) {
        const Digest digest = sha256(message);
        input.assign(digest.begin(), digest.end());
    } else {
        input = to_bytes(message);
    }
    FunctionList& functions = module_->functions();
    outcome = functions.C_SignInit(*working_, &with, handle);
    if (outcome != CKR_OK) return failure("C_SignInit", outcome);
    Bytes signature(kSignatureBytesMax);
    CK_ULONG size = signature.size();
    outcome = functions.C_Sign(*working_, input.data(), input.size(), signature.data(), &size);
    if (outcome != CKR_OK) return failure("C_Sign", outcome);
    signature.resize(std::min<std::size_t>(size, signature.size()));
    return signature;
}

}  // namespace fieldseal::node::pkcs11
