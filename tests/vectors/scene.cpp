// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/scene.h"

#include "core/check.h"
#include "core/ecdsa_scalar.h"
#include "core/hash.h"

#include <cryptopp/eccrypto.h>
#include <cryptopp/oids.h>
#include <cryptopp/osrng.h>
#include <cryptopp/sha.h>

#include <algorithm>

namespace fieldseal::vectors {
namespace {

template <class T>
T checked(Result<T> result) {
    FIELDSEAL_CHECK(result.ok());
    return *std::move(result);
}

DocumentHasher::Digests digests_of(std::string_view text) {
    DocumentHasher hasher;
    hasher.update(as_bytes(text));
    return hasher.finish();
}

Digest filler(std::string_view name) {
    return sha256(as_bytes(name));
}

}  // namespace

DocumentHasher::Digests contract() {
    return digests_of("The contract.\n");
}
DocumentHasher::Digests forgery() {
    return digests_of("The c0ntract.\n");
}

const SealSigner& permits_seal() {
    static const SealSigner signer = SealSigner::es256k(0x01);
    return signer;
}
const SealSigner& status_signer() {
    static const SealSigner signer = SealSigner::eddsa(0x02);
    return signer;
}
const NoteSigner& hub_witness() {
    static const NoteSigner signer("audit.example/witness", note::KeyType::cosignature, 0x06);
    return signer;
}
const NoteSigner& court_witness() {
    static const NoteSigner signer("court.example/witness", note::KeyType::cosignature, 0x07);
    return signer;
}
const NoteSigner& own_witness() {
    static const NoteSigner signer("works.example/witness", note::KeyType::cosignature, 0x08);
    return signer;
}
const NoteSigner& stranger() {
    static const NoteSigner signer("stranger.example/witness", note::KeyType::cosignature, 0x09);
    return signer;
}

SealStatus row(const SealSigner& seal, SealState state, std::uint64_t since_index,
               std::optional<std::int64_t> invalid_from) {
    return {seal.key().kid(), state, since_index, invalid_from};
}

Office::Office(std::string_view origin, std::uint8_t key_seed)
    : log_(origin, key_seed, 0), rows_{row(permits_seal(), SealState::active, 0)} {}

std::uint64_t Office::add(const Digest& entry) {
    log_.append(entry);
    return log_.size() - 1;
}

Status Office::add_snapshot(std::vector<SealStatus> rows) {
    return add_snapshot_as([&](StatusSnapshot& snapshot) { snapshot.seals = std::move(rows); });
}

Status Office::add_snapshot_as(const std::function<void(StatusSnapshot&)>& edit,
                               const SealSigner& signer) {
    StatusSnapshot snapshot;
    snapshot.algorithm = signer.key().algorithm();
    snapshot.kid = signer.key().kid();
    snapshot.issued_at = kMidnight_s;
    snapshot.origin = log_.origin();
    snapshot.seq = seq_;
    snapshot.previous = previous_;
    snapshot.as_of_size = log_.size();
    snapshot.seals = rows_;
    edit(snapshot);
    const auto tbs = checked(StatusTbs::from(snapshot));
    Status status = checked(assemble(tbs, signer.sign(tbs.preimage())));
    add(status.entry);
    seq_ = snapshot.seq + 1;
    previous_ = status.entry;
    rows_ = snapshot.seals;
    return status;
}

std::string Office::note(std::uint64_t size, const std::vector<By>& witnesses) const {
    std::string note = log_.note(size);
    const std::string text = log_.checkpoint(size).text();
    for (const By& by : witnesses) {
        note += by.witness.cosign(static_cast<std::uint64_t>(by.time_s), text).line();
    }
    return note;
}

Proof Office::proof(std::uint64_t index, std::uint64_t size,
                    const std::vector<By>& witnesses) const {
    return {index, log_.inclusion(index, size), note(size, witnesses), {}, {}};
}

StatementClaims claims_of(const SealSigner& seal) {
    StatementClaims claims;
    claims.document = contract().sha256;
    claims.document_sha512 = contract().sha512;
    claims.algorithm = seal.key().algorithm();
    claims.kid = seal.key().kid();
    claims.issuer = kOfficeOrigin;
    claims.subject = "permit 2026/17";
    claims.issued_at = kSigned_s;
    claims.media_type = "application/pdf";
    claims.nonce.fill(0x5A);
    return claims;
}

Statement sign(const StatementClaims& claims, const SealSigner& seal) {
    const auto tbs = checked(StatementTbs::from(claims));
    return checked(assemble(tbs, seal.sign(tbs.preimage())));
}

Statement with_signature(const StatementClaims& claims, ByteView signature) {
    return checked(assemble(checked(StatementTbs::from(claims)), signature));
}

Bytes sign_es256(std::uint8_t seed_byte, ByteView message) {
    const Digest scalar = sha256(Bytes(kDigestBytes, seed_byte));
    CryptoPP::ECDSA_RFC6979<CryptoPP::ECP, CryptoPP::SHA256>::Signer signer;
    signer.AccessKey().Initialize(CryptoPP::ASN1::secp256r1(),
                                  CryptoPP::Integer(scalar.data(), scalar.size()));
    CryptoPP::AutoSeededRandomPool unused;
    EcdsaSignature signature{};
    signer.SignMessage(unused, message.data(), message.size(), signature.data());
    const EcdsaSignature low = to_low_s(Curve::p256, signature);
    return {low.begin(), low.end()};
}

Evidence Day::evidence(const std::vector<By>& witnesses) const {
    const std::uint64_t size = office.size();
    Evidence evidence;
    evidence.statement = statement.cose();
    if (!floor.empty()) evidence.floor = NoteFloor{floor};
    evidence.proofs = {office.proof(index, size, witnesses)};
    evidence.status = {{snapshot.cose(), {office.proof(snapshot_index, size, witnesses)}}};
    return evidence;
}

namespace {

// The morning's log: a snapshot and a stranger's statement.
Office morning() {
    Office office;
    office.add_snapshot({row(permits_seal(), SealState::active, 0)});
    office.add(filler("a stranger's statement"));
    return office;
}

}  // namespace

Day day_with(const Statement& statement) {
    Day day;
    day.office = morning();
    day.statement = statement;
    day.index = day.office.add(statement);
    day.office.add(filler("another stranger's statement"));
    day.snapshot_index = day.office.size();
    day.snapshot = day.office.add_snapshot_as([](StatusSnapshot&) {});
    return day;
}

Day day_of(const EditClaims& edit) {
    StatementClaims claims = claims_of(permits_seal());
    edit(claims);
    return day_with(sign(claims, permits_seal()));
}

Day day_ending(SealState state, std::uint64_t since_index,
               std::optional<std::int64_t> invalid_from) {
    Day day;
    day.office = morning();
    day.statement = sign(claims_of(permits_seal()), permits_seal());
    day.index = day.office.add(day.statement);
    day.office.add(filler("another stranger's statement"));
    day.snapshot_index = day.office.size();
    day.snapshot = day.office.add_snapshot({row(permits_seal(), state, since_index, invalid_from)});
    return day;
}

std::string floor_note(const NoteSigner& witness, std::int64_t time_s) {
    const std::string text = morning().log().checkpoint(1).text();
    return text + "\n" + witness.cosign(static_cast<std::uint64_t>(time_s), text).line();
}

FloorReference floor_reference(const std::string& note) {
    const auto parsed = checked(note::parse_checkpoint_note(note));
    const auto cosignature = checked(note::parse_cosignature(parsed.signatures.back()));
    return {FloorKind::cosignature, cosignature.floor_digest()};
}

Day day_with_floor(const std::string& note) {
    Day day = day_of([&](StatementClaims& claims) { claims.floor = floor_reference(note); });
    day.floor = note;
    return day;
}

Day ordinary_day() {
    return day_with_floor(floor_note());
}

Proof hub_proof(const Office& office, std::uint64_t size, const std::vector<By>& witnesses) {
    Office hub(kHubOrigin, 0x05);
    hub.add(filler("another office's checkpoint"));
    const std::uint64_t index = hub.add(office.log().checkpoint(size).digest());
    hub.add(filler("a third office's checkpoint"));
    return hub.proof(index, hub.size(), witnesses);
}

Trust ordinary_trust() {
    Trust trust;
    TrustedLog office;
    office.origin = kOfficeOrigin;
    office.key = Office().log().key();
    office.status_keys = {status_signer().key()};
    office.operated_by = "Ministry of Works";
    TrustedLog hub;
    hub.origin = kHubOrigin;
    hub.key = Office(kHubOrigin, 0x05).log().key();
    hub.kind = LogKind::checkpoints;
    hub.operated_by = "Court of Audit";
    trust.logs = {office, hub};
    trust.seals = {{permits_seal().key(), {std::string(kOfficeOrigin)}, {}, "Permits"}};
    trust.witnesses = {{hub_witness().key(), "Court of Audit", {}},
                       {court_witness().key(), "Supreme Court", {}}};
    return trust;
}

}  // namespace fieldseal::vectors
