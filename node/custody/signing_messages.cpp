// SPDX-License-Identifier: Apache-2.0
// The typed half of SigningKey: from one kind of message to its signed form. Here is the whole list
// of what a key of this node can ever be made to sign.
#include "core/encoding.h"
#include "core/hash.h"
#include "core/note/signed_note.h"
#include "node/custody/signing_key.h"

#include <sodium.h>

#include <algorithm>

namespace fieldseal::node {
namespace {

// Begins like nothing that a seal signs: a Sig_structure begins with 84, a note with an origin,
// which has no blanks, a certification request with 30.
constexpr std::string_view kTestDomain = "fieldseal key test v1, signs nothing\n";
constexpr std::size_t kTestChallengeBytes = 32;
constexpr std::string_view kPinKeyDomain = "fieldseal tail pin MAC key v1";

// A message that names a key must name this one: it would not verify, and may be meant for another.
Result<void> check_names_key(const KeyInfo& info, const Digest& kid, Algorithm algorithm) {
    if (!info.public_key || info.public_key->kid() != kid ||
        info.public_key->algorithm() != algorithm) {
        return Error{Errc::invalid_argument, "the message names another key (kid " +
                                                 hex_encode(kid) + ") than " + quoted(info.name)};
    }
    return {};
}

Result<Ed25519Signature> to_ed25519(ByteView signature) {
    Ed25519Signature out{};
    if (signature.size() != out.size()) {
        return Error{Errc::internal, "a note key made a signature of another size than 64"};
    }
    std::copy(signature.begin(), signature.end(), out.begin());
    return out;
}

}  // namespace

Result<Statement> SigningKey::sign_statement(const StatementTbs& tbs) const {
    const StatementClaims& claims = tbs.claims();
    FIELDSEAL_TRY(check_purpose(Purpose::statement));
    FIELDSEAL_TRY(check_names_key(info_, claims.kid, claims.algorithm));
    if (claims.custody != info_.custody) {
        return Error{
            Errc::invalid_argument,
            "the statement claims another custody than the one of key " + quoted(info_.name)};
    }
    return assemble(tbs, FIELDSEAL_TRY(sign_message(Purpose::statement, tbs.preimage())));
}

Result<Bytes> SigningKey::sign_rotation(const RotationTbs& tbs) const {
    FIELDSEAL_TRY(check_purpose(Purpose::statement));
    const PublicKey& key = tbs.rotation().key;
    FIELDSEAL_TRY(check_names_key(info_, key.kid(), key.algorithm()));
    return assemble(tbs, FIELDSEAL_TRY(sign_message(Purpose::statement, tbs.preimage())));
}

Result<Bytes> SigningKey::sign_certificate_request(const pki::RequestTbs& tbs) const {
    FIELDSEAL_TRY(check_purpose(Purpose::statement));
    FIELDSEAL_TRY(check_names_key(info_, tbs.key().kid(), tbs.key().algorithm()));
    return pki::assemble(tbs, FIELDSEAL_TRY(sign_message(Purpose::statement, tbs.preimage())));
}

Result<Status> SigningKey::sign_status(const StatusTbs& tbs) const {
    FIELDSEAL_TRY(check_purpose(Purpose::status));
    FIELDSEAL_TRY(check_names_key(info_, tbs.snapshot().kid, tbs.snapshot().algorithm));
    return assemble(tbs, FIELDSEAL_TRY(sign_message(Purpose::status, tbs.preimage())));
}

Result<SignedAuditHead> SigningKey::sign_audit_head(const AuditHeadTbs& tbs) const {
    FIELDSEAL_TRY(check_purpose(Purpose::status));
    FIELDSEAL_TRY(check_names_key(info_, tbs.head().kid, tbs.head().algorithm));
    return assemble(tbs, FIELDSEAL_TRY(sign_message(Purpose::status, tbs.preimage())));
}

Result<std::string> SigningKey::sign_checkpoint(const note::Checkpoint& checkpoint) const {
    FIELDSEAL_TRY(note::check_origin(checkpoint.origin));
    const std::string text = checkpoint.text();
    const Bytes signature = FIELDSEAL_TRY(sign_message(Purpose::checkpoint, as_bytes(text)));
    const auto key = FIELDSEAL_TRY(verifier_key(checkpoint.origin));
    const std::array lines = {note::signature_line(key.name, key.id(), signature)};
    return note::format_note(text, lines);
}

Result<note::Cosignature> SigningKey::cosign(std::string_view witness_name, std::uint64_t time_s,
                                             const note::Checkpoint& checkpoint) const {
    FIELDSEAL_TRY(note::check_key_name(witness_name));
    FIELDSEAL_TRY(note::check_origin(checkpoint.origin));
    if (time_s == 0 || time_s > note::kCosignatureTimeMax) {
        return Error{Errc::invalid_argument,
                     "a cosignature's time is 1 to 2^63 - 1, not " + std::to_string(time_s)};
    }
    const std::string message = note::cosignature_message(time_s, checkpoint.text());
    const Bytes signature = FIELDSEAL_TRY(sign_message(Purpose::cosignature, as_bytes(message)));
    const auto key = FIELDSEAL_TRY(verifier_key(witness_name));
    return note::Cosignature{key.name, key.id(), time_s, FIELDSEAL_TRY(to_ed25519(signature))};
}

Result<evm::Address> SigningKey::chain_address() const {
    FIELDSEAL_TRY(check_purpose(Purpose::chain_tx));
    if (!info_.public_key || info_.public_key->algorithm() != Algorithm::es256k) {
        return Error{Errc::internal, "chain account " + quoted(info_.name) + " is no ES256K key"};
    }
    return evm::address_of_point(info_.public_key->raw());
}

Result<evm::TransactionSignature> SigningKey::sign_chain_tx(const evm::TransactionTbs& tbs) const {
    const evm::Address own = FIELDSEAL_TRY(chain_address());
    FIELDSEAL_TRY(evm::check_ours(tbs, own));
    const Digest digest = keccak256(FIELDSEAL_TRY(tbs.preimage()));
    const auto signature = FIELDSEAL_TRY(sign_digest(digest));
    // Always, whatever verify_after_sign says: the nonce is not hedged (engine_es256k.cpp).
    const auto signer = evm::recover_address(digest, signature);
    if (!signer.ok() || *signer != own) {
        return Error{Errc::internal, "key " + quoted(info_.name) +
                                         " made a signature that does not give its own account "
                                         "back; it was thrown away. Check this machine's memory"};
    }
    return signature;
}

Result<void> SigningKey::test_sign() const {
    FIELDSEAL_TRY(check_purpose(Purpose::statement));
    Bytes challenge = to_bytes(as_bytes(kTestDomain));
    challenge.resize(challenge.size() + kTestChallengeBytes);
    randombytes_buf(challenge.data() + kTestDomain.size(), kTestChallengeBytes);
    const Bytes signature = FIELDSEAL_TRY(sign_message(Purpose::statement, challenge));
    const auto verified = info_.public_key->verify(challenge, signature);
    if (verified.ok()) return {};
    return Error{Errc::internal, "key " + quoted(info_.name) +
                                     " made a signature that does not verify: do not use it, and "
                                     "check this machine's memory"};
}

Result<std::array<std::uint8_t, 32>> SigningKey::pin_key() const {
    return to_digest(FIELDSEAL_TRY(sign_message(Purpose::pin, as_bytes(kPinKeyDomain))));
}

Result<note::VerifierKey> SigningKey::verifier_key(std::string_view name) const {
    const bool signs_notes =
        info_.purpose == Purpose::checkpoint || info_.purpose == Purpose::cosignature;
    if (!signs_notes || !info_.public_key) {
        return Error{Errc::conflict, "key " + quoted(info_.name) + " is for " +
                                         std::string(to_string(info_.purpose)) +
                                         ", and only log and witness keys sign notes"};
    }
    FIELDSEAL_TRY(note::check_key_name(name));
    note::VerifierKey key;
    key.name = std::string(name);
    key.type =
        info_.purpose == Purpose::checkpoint ? note::KeyType::ed25519 : note::KeyType::cosignature;
    const Bytes& raw = info_.public_key->raw();
    std::copy(raw.begin(), raw.end(), key.key.begin());
    return key;
}

}  // namespace fieldseal::node
