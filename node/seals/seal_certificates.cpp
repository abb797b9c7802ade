// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_certificates.h"

#include "core/encoding.h"
#include "core/pki/certificate_request.h"
#include "core/pki/seal_rules.h"

#include <openssl/x509.h>

namespace fieldseal::node {
namespace {

Result<std::vector<pki::Certificate>> read_chain(std::string_view pem, const PublicKey& key) {
    auto chain = FIELDSEAL_TRY(pki::parse_pem_certificates(pem));
    if (chain.size() > kCertificatesMax) {
        return Error{Errc::invalid_argument, "the chain has " + std::to_string(chain.size()) +
                                                 " certificates: at most " +
                                                 std::to_string(kCertificatesMax) + " are kept"};
    }
    for (const pki::Certificate& certificate : chain) {
        if (certificate.der().size() > kCertificateBytesMax) {
            return Error{Errc::invalid_argument,
                         "the certificate of " + fieldseal::quoted(certificate.subject(), 200) +
                             " is larger than 6 KiB: it would not fit into evidence"};
        }
    }
    FIELDSEAL_TRY(pki::check_seal_chain(chain, key));
    return chain;
}

// A statement made now names it at once.
Result<void> check_life(const pki::Certificate& leaf, std::int64_t now_s) {
    const std::string whose = "the certificate of " + fieldseal::quoted(leaf.subject(), 200);
    if (leaf.not_after_s() <= now_s)
        return Error{Errc::invalid_argument, whose + " ended on " + rfc3339(leaf.not_after_s())};
    if (leaf.not_before_s() <= now_s) return {};
    return Error{Errc::invalid_argument, whose + " begins on " + rfc3339(leaf.not_before_s()) +
                                             ", and this machine's clock says " + rfc3339(now_s) +
                                             ": import it then, or set the clock"};
}

json::Value chain_view(const std::string& seal, const std::vector<pki::Certificate>& chain) {
    const pki::Certificate& leaf = chain.front();
    return json::Value::object({{"fieldseal", "seal-certificate/v1"},
                                {"seal", seal},
                                {"x5t", hex_encode(leaf.sha256())},
                                {"subject", leaf.subject()},
                                {"not_before_s", leaf.not_before_s()},
                                {"not_after_s", leaf.not_after_s()},
                                {"certificates", chain.size()}});
}

}  // namespace

Result<json::Value> SealCertificates::certificate_request(const std::string& seal,
                                                          const api::CertificateName& name) {
    const auto record = FIELDSEAL_TRY(parts_.keys.find(seal));
    const auto status = parts_.status.find(record->key.kid());
    if (status && is_terminal(status->state)) {
        return Error{Errc::conflict,
                     "this seal is " + std::string(to_string(status->state)) +
                         " for good: a certificate for its key would vouch for nothing new; "
                         "request one for the seal that replaces it",
                     kSealStateProblem};
    }
    const auto key = FIELDSEAL_TRY(parts_.keys.key(record->name));
    const std::string organisation =
        name.organisation.empty() ? parts_.identity.organisation : name.organisation;
    const auto tbs = FIELDSEAL_TRY(
        pki::RequestTbs::from(record->key, {name.common_name, organisation, name.country}));
    const Bytes der = FIELDSEAL_TRY(key->sign_certificate_request(tbs));
    return json::Value::object({{"fieldseal", "certificate-request/v1"},
                                {"seal", record->name},
                                {"kid", hex_encode(record->key.kid())},
                                {"pem", pki::request_to_pem(der)}});
}

// The file first: evidence must find the chain that a statement names.
Result<json::Value> SealCertificates::set_certificates(const std::string& seal,
                                                       std::string_view pem) {
    const auto record = FIELDSEAL_TRY(parts_.keys.find(seal));
    const auto chain = FIELDSEAL_TRY(read_chain(pem, record->key));
    const pki::Certificate& leaf = chain.front();
    FIELDSEAL_TRY(check_life(leaf, parts_.clock.now_s()));
    FIELDSEAL_TRY(parts_.files.put_chain(chain));
    std::vector<Bytes> ders;
    for (const pki::Certificate& certificate : chain) ders.push_back(certificate.der());
    FIELDSEAL_TRY(parts_.book.update(
        {record->name}, [&](std::vector<SealRecord>& seals, store::Batch&) -> Result<void> {
            seals.front().certificates = ders;
            seals.front().leaf = read_leaf(ders.front());
            return {};
        }));
    return chain_view(record->name, chain);
}

Result<json::Value> SealCertificates::keep_crl(ByteView der) {
    const auto crl = FIELDSEAL_TRY(pki::Crl::parse(der));
    FIELDSEAL_TRY(parts_.files.put_crl(crl, parts_.clock.now_s()));
    return json::Value::object({{"fieldseal", "crl/v1"}, {"this_update_s", crl.this_update_s()}});
}

Result<json::Value> SealCertificates::import_key(const api::Caller& by,
                                                 const api::ImportedKey& order) {
    FIELDSEAL_TRY(check_seal_name(order.name));
    const auto making = parts_.manager.making();
    if (parts_.book.find(order.name) != nullptr) {
        return Error{Errc::conflict,
                     "there is a seal named " + fieldseal::quoted(order.name) + " already"};
    }
    const SecretBytes passphrase = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(order.passphrase)));
    SecretBytes file_passphrase;
    if (order.file_passphrase)
        file_passphrase = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(*order.file_passphrase)));
    NewKey key{seal_key_name(order.name), KeyAlgorithm::es256k, Purpose::statement};
    key.exportable = order.exportable;
    FIELDSEAL_TRY(parts_.book.begin_making(order.name, key.name));
    const auto made = parts_.keystore.import_attended(
        key, as_bytes(order.pkcs8), order.file_passphrase ? &file_passphrase : nullptr, passphrase);
    if (!made.ok()) {
        FIELDSEAL_TRY(parts_.book.end_making(order.name));
        return made.error();
    }
    SealRecord record{.name = order.name, .key = *made->public_key};
    record.key_name = key.name;
    record.created_at_s = parts_.clock.now_s();
    const auto added =
        parts_.manager.add(by, record, order.activate ? SealState::active : SealState::pre_active);
    if (!added.ok()) {
        FIELDSEAL_TRY(parts_.keystore.destroy(key.name));
        FIELDSEAL_TRY(parts_.book.end_making(order.name));
        return added.error();
    }
    return json::Value::object({{"fieldseal", "seal-import/v1"},
                                {"seal", order.name},
                                {"kid", hex_encode(record.key.kid())},
                                {"algorithm", to_string(record.key.algorithm())}});
}

}  // namespace fieldseal::node
